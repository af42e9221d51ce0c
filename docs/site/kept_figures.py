"""Figures of the pages, drawn anew from the plans and findings that are kept in docs/kept.

A page shows ``pictures/PLAN-FIGURE.png``, a file that a code host shows as it is. The site draws the figure itself, for
light and for dark grounds. ``python docs/site/kept_figures.py`` writes the files anew (`make pictures`).
"""

import re
from pathlib import Path
from typing import Any

from planner import Findings, Plan

DOCS = Path(__file__).resolve().parents[1]
KEPT = DOCS / "kept"
DRAWN = DOCS.parent / "build" / "figures"
"""Where the site's figures are drawn: below the root of its sources, as it asks."""
FIGURES = {
    "starter": ("map", "capacity", "timeline", "cash", "contingencies"),
    "nine_futures": ("commit", "costs", "fan", "policy"),
}
"""The figures of each kept plan, and of what was found over many futures, that pages show."""
_PICTURE = re.compile(r"!\[(?P<alt>[^\]]*)\]\((?:\.\./|docs/)*pictures/(?P<plan>[a-z_]+)-(?P<figure>[a-z]+)\.png\)")


def figure_of(plan: str, name: str, *, dark: bool = False) -> Any:
    """Draw a figure of a kept plan, or of what was found over many futures."""
    is_plan = (KEPT / plan / "tables" / "contracts.csv").exists()
    return getattr((Plan if is_plan else Findings).read(KEPT / plan).plot, name)(dark=dark)


def is_kept(plan: str, name: str) -> bool:
    """Whether the site draws this figure."""
    return name in FIGURES.get(plan, ())


def draw(plan: str, name: str) -> list[str]:
    """Draw a figure for both grounds unless it is there, and return the names of the files."""
    DRAWN.mkdir(parents=True, exist_ok=True)
    made_from = (KEPT / plan / "manifest.json").stat().st_mtime
    names = [f"{plan}-{name}.svg", f"{plan}-{name}-dark.svg"]
    for file in (DRAWN / found for found in names):
        if not file.exists() or file.stat().st_mtime < made_from:
            figure_of(plan, name, dark=file.stem.endswith("-dark")).savefig(file, metadata={"Date": None})
    return names


def with_drawn_figures(text: str) -> str:
    """Return the text of a page in which pictures of kept plans are the figures that were drawn."""

    def drawn(picture: re.Match[str]) -> str:
        if not is_kept(picture["plan"], picture["figure"]):
            return picture[0]
        light, dark = (f"/{DRAWN.relative_to(DOCS.parent).as_posix()}/{file}" for file in draw(*picture.group(2, 3)))
        return f"![{picture['alt']}]({light}){{.only-light}} ![{picture['alt']}]({dark}){{.only-dark}}"

    return _PICTURE.sub(drawn, text)


def replace_pictures(_app: Any, _name: str, source: list[str]) -> None:
    """Put the figures that were drawn in the place of the pictures of a page."""
    source[0] = with_drawn_figures(source[0])


def setup(app: Any) -> dict[str, bool]:
    """Say to Sphinx what is here."""
    app.connect("source-read", replace_pictures)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


if __name__ == "__main__":
    for plan, names in FIGURES.items():
        for name in names:
            figure_of(plan, name).savefig(DOCS / "pictures" / f"{plan}-{name}.png", dpi=80)
