"""An empty figure of matplotlib with its colours, and how one becomes the content of a file."""

import io
import warnings
from collections.abc import Sequence
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as MatplotlibFigure
from matplotlib.patches import Patch

from planner.figures.colours import NAMED, Tone

DOTS_PER_INCH = 150
LINES: dict[str, Any] = {"solid": "-", "dashed": "--", "dotted": ":"}
HATCHES = ("", "///", "...", "---")
WIDTH_IN, HEIGHT_IN, ROW_IN = 9.6, 5.2, 0.21


class DrawnFigure(MatplotlibFigure):
    """A figure of matplotlib that notebooks show without pyplot."""

    def _repr_png_(self) -> bytes:
        return content_of(self, "png")


def content_of(figure: MatplotlibFigure, kind: str, about: dict[str, str] | None = None) -> bytes:
    """Return a figure as the content of a file: ``png``, ``svg`` or ``pdf``."""
    stream = io.BytesIO()
    FigureCanvasAgg(figure)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a sign that the font lacks is drawn as a box
        figure.savefig(stream, format=kind, dpi=DOTS_PER_INCH, metadata=about, facecolor=figure.get_facecolor())
    return stream.getvalue()


class Sheet:
    """An empty figure with its colours."""

    def __init__(self, title: str, height_in: float, *, dark: bool, width_in: float = WIDTH_IN) -> None:
        self.dark = dark
        self.figure = DrawnFigure(figsize=(width_in, height_in), layout="constrained", facecolor=self.named("ground"))
        self.axes: Any = self.figure.subplots()
        self.axes.set_facecolor(self.named("ground"))
        self.figure.suptitle(plain(title), x=0.01, ha="left", fontsize=12, fontweight="bold", color=self.named("ink"))
        for side in self.axes.spines.values():
            side.set_visible(False)
        self.axes.tick_params(colors=self.named("muted"), labelsize=8.5, length=0)

    def named(self, name: str) -> str:
        """Return a colour with a meaning."""
        return NAMED[name][self.dark]

    def tone(self, tone: Tone) -> str:
        """Return a tone as a colour."""
        return tone.hex(dark=self.dark)

    def patch(self, name: str, tone: Tone) -> Patch:
        """Return an entry of the legend."""
        return Patch(
            facecolor=self.tone(tone), hatch=HATCHES[tone.texture], edgecolor=self.named("ground"), label=plain(name)
        )

    def legend(self, handles: Sequence[Any], columns: int = 0) -> None:
        """Put a legend below, in so many columns; 0: in three or four, by how many entries there are."""
        if handles:
            found = self.figure.legend(
                handles=handles, loc="outside lower left", frameon=False, fontsize=8,
                ncols=columns or (3 if len(handles) > 6 else 4),
            )  # fmt: skip
            for text in found.get_texts():
                text.set_color(self.named("ink"))


def plain(words: str) -> str:
    r"""Return a text in which nothing is a formula, and which no legend leaves out.

    Examples
    --------
    >>> print(plain("_$a$"))
     _\$a\$
    """
    text = words.replace("$", r"\$")
    return f" {text}" if text.startswith("_") else text


def is_dark(colour: str) -> bool:
    """Whether text on a colour is to be white."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue < 128
