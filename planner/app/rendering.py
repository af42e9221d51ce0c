"""From records to pages: templates in which every text is escaped, and signs that hide or turn text are written out."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from planner.report.html.parts import clean
from planner.report.html.tones import style_of_tones

_STYLE = re.compile(r' style="(?:max-width:\d+px|width:(\d+)(?:\.\d+)?%)"')
"""The only style attributes that figures and cards of a report have; in a text the quotes would be escaped."""


def strict(body: Markup) -> Markup:
    """Return markup of a report as a page without inline styles may have it: widths of bars become classes.

    Examples
    --------
    >>> strict(Markup('<i style="width:37.5%"></i><svg style="max-width:362px"></svg>'))
    Markup('<i class="w37"></i><svg></svg>')
    """
    return Markup(re.sub(r' class="([^"]*)"( class="w\d+")', _one_class, _STYLE.sub(_classed, body)))


def _classed(found: re.Match[str]) -> str:
    return "" if found[1] is None else f' class="w{min(100, int(found[1]))}"'


def _one_class(found: re.Match[str]) -> str:
    return f' class="{found[1]} {found[2].split(chr(34))[1]}"'


def exact(value: object) -> Markup:
    """Return a text exactly as it is, escaped: for what a field holds and sends back."""
    return escape(str(value))


def _shown(value: object) -> object:
    """What a page shows of a value: text is made inert; markup is ours, and escaped where it was made."""
    return value if isinstance(value, (Markup, int)) else clean(value)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("planner.app"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.filters["exact"] = exact
    return environment


def render(template: str, values: Mapping[str, Any]) -> Markup:
    """Return a template with values."""
    return Markup(_environment().get_template(template).render(values))


def _text_of(package: str, name: str) -> str:
    return (files(package) / "assets" / name).read_text(encoding="utf-8")


@cache
def assets() -> Mapping[str, tuple[str, str]]:
    """Return the only files that pages load: by name their kind and content; all from this package."""
    widths = "".join(f".w{share}{{width:{share}%}}" for share in range(101))
    style = (
        style_of_tones() + _text_of("planner.report.html", "style.css") + _text_of("planner.app", "app.css") + widths
    )
    return {
        "app.css": ("text/css", style),
        "app.js": ("text/javascript", _text_of("planner.app", "app.js")),
        "page.js": ("text/javascript", _text_of("planner.report.html", "page.js")),
    }
