"""Figures drawn by matplotlib: its own figures, contents of files, pictures within HTML; nothing else is needed."""

from base64 import b64encode
from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any

from planner.errors import PlannerError
from planner.figures.spec import Figure
from planner.system.extras import extra_module
from planner.system.folders.picture import MARK

if TYPE_CHECKING:
    import matplotlib.figure

FORMATS = ("png", "svg", "pdf")
"""What a picture can be written as."""


def drawn(spec: Figure, *, dark: bool = False) -> "matplotlib.figure.Figure":
    """Draw a figure by matplotlib.

    Raises
    ------
    PlannerError
        If the extra ``report`` is not installed.
    """
    extra_module("matplotlib", "report", "a figure")
    draw: Any = extra_module("planner.figures.draw", "report", "a figure")
    figure: matplotlib.figure.Figure = draw.draw(spec, dark=dark)
    return figure


def picture_of(spec: Figure, kind: str, *, dark: bool = False) -> bytes:
    """Return a figure as the content of a picture: ``png``, ``svg`` or ``pdf``; it says who drew it.

    Raises
    ------
    PlannerError
        If matplotlib is not installed.
    """
    figure = drawn(spec, dark=dark)
    sheet: Any = extra_module("planner.figures.sheet", "report", "a figure")
    content: bytes = sheet.content_of(figure, kind, {"Software" if kind == "png" else "Creator": MARK})
    return content


def picture_html(make: Callable[[], Figure], alt: str) -> str:
    """Return a figure as a picture within HTML, for notebooks; nothing without matplotlib, or what the figure shows.

    Parameters
    ----------
    make : callable
        Returns what is drawn; a table that is not there, or nothing to draw, is no error.
    alt : str
        What the picture shows, for those who do not see it.
    """
    try:
        content = picture_of(make(), "png")
    except (PlannerError, KeyError):
        return ""
    return f'<img alt="{escape(alt)}" style="max-width:100%" src="data:image/png;base64,{b64encode(content).decode()}">'
