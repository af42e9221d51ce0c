"""The page around the sections: one file of HTML, whose style, script and figures are all in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from planner.report.html.parts import Section, clean, sentence
from planner.report.html.tones import style_of_tones
from planner.system.folders.picture import MARK
from planner.version import __version__


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says besides its sections."""

    kind: str
    title: str
    lead: str
    facts: Sequence[str]
    footer: Sequence[str]


@cache
def _asset(name: str) -> str:
    return (files("planner.report.html") / "assets" / name).read_text(encoding="utf-8")


def render(page: Page, sections: Sequence[Section]) -> str:
    """Return the page as text; everything that comes from a case is escaped."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.from_string(_asset("page.html")).render(
        mark=MARK,
        kind=page.kind,
        title=clean(page.title),
        lead=clean(page.lead),
        facts=[clean(fact) for fact in page.facts],
        sections=sections,
        footer=[*map(sentence, page.footer), f"gigaplan {__version__}"],
        tones=Markup(style_of_tones()),
        style=Markup(_asset("style.css")),
        script=Markup(_asset("page.js")),
    )
