"""Elements of SVG and HTML as text in which nothing but our own markup is markup."""

import math
from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

from planner.figures.colours import Tone
from planner.figures.spec import cut

VOID = ("input",)
"""Elements that have no end."""
CHARACTER = 6.8
"""Width of a character of 12 px, about."""


def el(name: str, *children: object, **attributes: object) -> Markup:
    """Return an element; attributes and children are escaped unless they are markup of ours.

    A trailing underline of a name is dropped, others are hyphens; None and False leave an attribute out.

    Examples
    --------
    >>> el("text", "a < b", x=1.26, class_="name", data_tip='"x"')
    Markup('<text x="1.3" class="name" data-tip="&#34;x&#34;">a &lt; b</text>')
    """
    texts = [
        f' {key.rstrip("_").replace("_", "-")}="{escape(_value(value))}"'
        for key, value in attributes.items()
        if value is not None and value is not False
    ]
    if name in VOID:
        return Markup(f"<{name}{''.join(texts)}>")
    return Markup(f"<{name}{''.join(texts)}>{''.join(map(escape, children))}</{name}>")


def _value(value: object) -> object:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else value


def drawing(title: str, width: float, height: float, children: Iterable[object], kind: str = "") -> Markup:
    """Return a figure of a size; it grows and shrinks with the page, never above its own width."""
    return el(
        "svg", *children, viewBox=f"0 0 {width:.0f} {height:.0f}", role="img", aria_label=title,
        class_=f"figure {kind}".strip(), style=f"max-width:{width:.0f}px",
    )  # fmt: skip


def text(x: float, y: float, words: str, kind: str = "", anchor: str = "start", **more: object) -> Markup:
    """Return a text; ``anchor`` is ``start``, ``middle`` or ``end``."""
    anchor = "" if anchor == "start" else anchor
    return el("text", words, x=x, y=y, class_=f"{kind} {anchor}".strip() or None, **more)


def rect(x: float, y: float, width: float, height: float, tone: Tone | None = None, **more: object) -> Markup:
    """Return a rectangle in a tone; its texture lies over it."""
    place = {"x": x, "y": y, "width": max(0.0, width), "height": max(0.0, height)}
    if tone is None:
        return el("rect", **place, **more)
    plain = el("rect", **place, class_=f"f-{tone.name}", **more)
    return plain + el("rect", **place, class_=f"t{tone.texture}") if tone.texture else plain


def path(points: Sequence[tuple[float, float]], *, closed: bool = False, digits: int = 1) -> str:
    """Return the commands of a path through points; those that fall together are left out."""
    found: list[str] = []
    for x, y in points:
        word = f"{x:.{digits}f},{y:.{digits}f}"
        if not found or found[-1] != word:
            found.append(word)
    return f"M{'L'.join(found)}{'Z' if closed else ''}"


def arc(x: float, y: float, radius: float, share: float, kind: str) -> Markup:
    """Return a part of a circle's line, from the top clockwise."""
    around = 2 * math.pi * radius
    return el(
        "circle", cx=x, cy=y, r=radius, class_=kind, stroke_dasharray=f"{share * around:.1f} {around:.1f}",
        transform=f"rotate(-90 {x:.1f} {y:.1f})",
    )  # fmt: skip


def width_of(words: str, size: float = 12.0) -> float:
    """Return about how wide a text is."""
    return len(words) * CHARACTER * size / 12.0


def fitting(words: str, width: float, size: float = 12.0) -> str:
    """Return a text cut to a width."""
    return cut(words, max(1, int(width / (CHARACTER * size / 12.0))))
