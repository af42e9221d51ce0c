"""The parts that sections are made of: figures with legends and tables, cards, tables."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from planner.figures.colours import Tone
from planner.figures.spec import Columns, short_number
from planner.report.html.columns import columns_svg, lines_of
from planner.report.html.svg import el, rect
from planner.text import in_order, visible

WIDE, NARROW = 1080.0, 362.0
"""Widths of figures: on a screen, and on a phone."""
LONGEST_CELL = 1_200
_PER_CENT = re.compile(r"(\d) %")
SHORT_CELL, LONG_CELL = 14, 90
"""Characters up to which a cell stays on one line, and from which it asks for more room."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report, with its place in the contents.

    Reports are lists of sections: whoever has more to say of a plan adds one.
    """

    id: str
    title: str
    body: Markup
    quiet: bool = False
    """Whether its title is in the contents only."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A cell with a number: what is shown, and what it is sorted by."""

    value: float | None
    text: str


def clean(words: object) -> str:
    """Return a text from anywhere as it may stand in the page: nothing hidden, not endless; markup is escaped later."""
    shown = in_order(visible(str(words)))
    return shown if len(shown) <= LONGEST_CELL else f"{shown[: LONGEST_CELL - 1]}…"


def para(words: object, kind: str | None = None) -> Markup:
    """Return a paragraph."""
    return el("p", words if isinstance(words, Markup) else clean(words), class_=kind)


def sentence(words: object) -> Markup:
    """Return a sentence in which what stands in backquotes is to be typed; an odd one is a quote like any other.

    Examples
    --------
    >>> str(sentence("ask `planner show` of <it>"))
    'ask <code>planner show</code> of &lt;it&gt;'
    """
    pieces = _PER_CENT.sub("\\1\u00a0%", clean(words)).split("`")
    if len(pieces) % 2 == 0:
        return Markup.escape("`".join(pieces))
    return Markup().join(code(piece) if index % 2 else Markup.escape(piece) for index, piece in enumerate(pieces))


def code(words: str) -> Markup:
    """Return what is to be typed."""
    return el("code", words)


def heading(words: object) -> Markup:
    """Return a heading below that of a section."""
    return el("h3", clean(words))


def legend(entries: Iterable[tuple[str, Tone]], lines: Sequence[tuple[str, str]] = ()) -> Markup:
    """Return the legend of a figure: tones, and styles of lines."""
    items = [
        el("li", el("svg", rect(0, 0, 14, 14, tone), class_="key", viewBox="0 0 14 14", aria_hidden="true"), name)
        for name, tone in entries
    ]
    return el("ul", *items, lines_of(lines), class_="legend")


def figure(
    wide: Markup, narrow: Markup, note: str = "", key: Markup | None = None, data: Markup | None = None
) -> Markup:
    """Return a figure in both widths, with its legend, what it says, and its figures as a table."""
    caption = el("figcaption", note) if note else Markup()
    drawn = el("div", wide, class_="wide") + el("div", narrow, class_="narrow")
    return el("figure", key or Markup(), drawn, caption, data or Markup())


def columns_figure(spec: Columns, height: float = 340.0, *, half: bool = False, small: bool = False) -> Markup:
    """Return stacked columns as a figure."""
    wide = 340.0 if small else WIDE / 2 - 14 if half else WIDE
    key = legend(
        [(layer.name, layer.tone) for layer in spec.layers], [(level.name, level.style) for level in spec.levels]
    )
    head = [spec.unit, *spec.periods]
    rows: list[list[object]] = [[layer.name, *map(_amount, layer.values)] for layer in spec.layers]
    rows += [[level.name, *map(_amount, level.values)] for level in spec.levels]
    name = Markup("Figures") + el("span", f" of {spec.title}", class_="quiet")  # a screen reader names each
    data = details(name, table(head, rows))
    drawn = columns_svg(spec, wide, height)
    return figure(drawn, columns_svg(spec, NARROW, min(height, 250.0)), spec.note, key, data)


def _amount(value: float | None) -> Amount:
    return Amount(value, "" if value is None else short_number(value) if abs(value) >= 5e-7 else "0")


def details(summary: str | Markup, body: Markup) -> Markup:
    """Return what is shown on demand."""
    return el("details", el("summary", summary), body)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Markup:
    """Return a table; cells are texts, `Amount` or markup of ours."""
    body = [el("tr", *map(_cell, row)) for row in rows]
    numbers = _number_columns(rows)
    heads = [
        el("th", clean(name), scope="col", class_="n" if place in numbers else None) for place, name in enumerate(head)
    ]
    made = el("table", el("thead", el("tr", *heads)), el("tbody", *body))
    return el("div", made, class_="scroll", tabindex="0", role="group", aria_label=clean(" ".join(head))[:80])


def sortable(label: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> Markup:
    """Return a table whose headings sort it."""
    numbers = _number_columns(rows)
    heads = [
        el("th", el("button", clean(name), type="button"), scope="col", class_="n" if place in numbers else None)
        for place, name in enumerate(head)
    ]
    body = el("tbody", *(el("tr", *map(_cell, row)) for row in rows))
    made = el("table", el("thead", el("tr", *heads)), body, class_="sortable")
    return el("div", made, class_="scroll", tabindex="0", role="group", aria_label=label)


def _number_columns(rows: Iterable[Sequence[object]]) -> set[int]:
    first = next(iter(rows), ())
    return {place for place, cell in enumerate(first) if isinstance(cell, Amount)}


def _cell(cell: object) -> Markup:
    if isinstance(cell, Amount):
        return el("td", cell.text, class_="n", data_value="" if cell.value is None else f"{cell.value:.9g}")
    if isinstance(cell, Markup):
        return el("td", cell)
    words = clean(cell)
    return el("td", words, class_="long" if len(words) > LONG_CELL else "s" if len(words) <= SHORT_CELL else None)


def cards(entries: Iterable[tuple[str, Markup | str, Sequence[object]]]) -> Markup:
    """Return headline figures: name, figure, and lines below it."""
    made = [
        el(
            "div",
            el("dt", name),
            el("dd", el("div", big, class_="big"), *(el("div", line, class_="small") for line in lines)),
            class_="card",
        )
        for name, big, lines in entries
    ]
    return el("dl", *made, class_="cards")


def meter(share: float, tone: Tone) -> Markup:
    """Return a bar that is as full as a share says."""
    wide = max(0.0, min(1.0, share))
    fill = el("i", class_=f"b-{tone.name}", style=f"width:{wide:.1%}")
    return el("div", fill, class_="meter", role="img", aria_label=f"{share:.0%} used")
