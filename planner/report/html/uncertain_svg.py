"""Fans, distributions and grids as SVG."""

from collections.abc import Callable, Sequence

from markupsafe import Markup

from planner.figures.spec import Fan, Grid, GridCell, Spread, short_number, ticks
from planner.report.html.svg import drawing, el, fitting, path, rect, text, width_of
from planner.text import percent, short_percent

LEFT, RIGHT, TOP, BOTTOM = 50.0, 14.0, 12.0, 24.0
MARK_ROW, AXIS_ROW = 15.0, 40.0
ROW, HEAD, NAMES = 21.0, 22.0, 300.0
NARROW = 560.0
LONGEST_IN_NARROW = 6
"""Columns of a grid that a narrow figure has."""
Down = Callable[[float], float]


def fan_svg(spec: Fan, width: float, height: float) -> Markup:
    """Draw a band with its middle, and what was planned; one tip for each period."""
    values = [*spec.low, *spec.high, *(spec.planned or ()), 0.0]
    marks = ticks(min(values), max(*values, 1e-9), 6)
    inner, tall = (width - LEFT - RIGHT) / max(1, len(spec.periods)), height - TOP - BOTTOM

    def down(value: float) -> float:
        return TOP + (marks[-1] - value) / (marks[-1] - marks[0]) * tall

    def across(place: int) -> float:
        return LEFT + (place + 0.5) * inner

    parts = _grid_lines(marks, width, down)
    each = 1 + int(max(map(len, spec.periods), default=4) * 7.2 / inner + 0.15)
    for place, period in enumerate(spec.periods):
        if place % each == 0:
            parts.append(text(across(place), height - 7, period, "tick", "middle"))
    places = range(len(spec.periods))
    ends = [(across(place), down(spec.high[place])) for place in places]
    ends += [(across(place), down(spec.low[place])) for place in reversed(places)]
    if len(spec.periods) == 1:  # a band of one period has no width
        x, above, below = across(0), down(spec.high[0]), down(spec.low[0])
        ends = [(x - 9, above), (x + 9, above), (x + 9, below), (x - 9, below)]
    parts.append(el("path", d=path(ends, closed=True), class_="band f-primary"))
    middle = [(across(place), down(spec.middle[place])) for place in places]
    parts.append(el("path", d=path(middle), class_="line k-primary"))
    parts += [el("circle", cx=x, cy=y, r=4, class_="dot f-primary") for x, y in middle]
    if spec.planned is not None:  # above the middle, which else hides it where both are the same
        line = path([(across(place), down(spec.planned[place])) for place in places])
        parts.append(el("path", d=line, class_="level dashed"))
    for place in places:
        tip = _fan_tip(spec, place)
        parts.append(rect(LEFT + place * inner, TOP, inner, tall, class_="hit", data_tip=tip))
    return drawing(spec.title, width, height, parts)


def _fan_tip(spec: Fan, place: int) -> str:
    lines = [f"{spec.periods[place]}, {spec.unit}"]
    for name, values in (("P90", spec.high), ("P50", spec.middle), ("P10", spec.low), ("planned", spec.planned)):
        lines += [] if values is None else [f"{name}: {short_number(values[place], 4)}"]
    return "\n".join(lines)


def _grid_lines(marks: Sequence[float], width: float, down: Down) -> list[Markup]:
    parts = []
    for mark in marks:
        parts.append(el("line", x1=LEFT, x2=width - RIGHT, y1=down(mark), y2=down(mark), class_="grid"))
        parts.append(text(LEFT - 6, down(mark) + 4, short_number(mark), "tick", "end"))
    return parts


def spread_svg(spec: Spread, width: float, height: float) -> Markup:
    """Draw cumulative distributions, the tail shaded, the marks named above."""
    ends = [value for curve in spec.curves for value, _ in curve.values] + [mark.value for mark in spec.marks]
    xs = ticks(min(ends), max(ends), 6 if width < NARROW else 9)
    top = TOP + MARK_ROW * len(spec.marks)
    wide, tall = width - LEFT - RIGHT, height - top - AXIS_ROW

    def across(value: float) -> float:
        return LEFT + (value - xs[0]) / max(xs[-1] - xs[0], 1e-12) * wide

    def down(share: float) -> float:
        return top + (1.0 - share) * tall

    parts = []
    if spec.tail is not None:
        parts.append(rect(LEFT, down(1.0), wide, down(spec.tail) - down(1.0), class_="tail"))
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts.append(el("line", x1=LEFT, x2=width - RIGHT, y1=down(share), y2=down(share), class_="grid"))
        parts.append(text(LEFT - 6, down(share) + 4, f"{share:.0%}", "tick", "end"))
    parts += [text(across(x), height - AXIS_ROW + 16, short_number(x, 4), "tick", "middle") for x in xs]
    parts.append(text(LEFT + wide / 2, height - 6, f"{spec.unit}; up: probability not exceeded", "tick", "middle"))
    for place, mark in enumerate(sorted(spec.marks, key=lambda one: one.value)):
        x, y = across(mark.value), TOP + MARK_ROW * place
        parts.append(el("line", x1=x, x2=x, y1=y, y2=down(0.0), class_="axis"))
        side = "start" if x < LEFT + wide / 2 else "end"
        words = f"{mark.name} {short_number(mark.value, 4)}"
        parts.append(text(x + (5 if side == "start" else -5), y + 10, words, "value small", side))
    for curve in reversed(spec.curves):
        line, before = [(LEFT, down(0.0))], 0.0
        for value, share in curve.values:
            line += [(across(value), down(before)), (across(value), down(share))]
            before = share
        line.append((width - RIGHT, down(before)))
        parts.append(el("path", d=path(line), class_=f"line {curve.style} k-{curve.tone.name}"))
    for curve in spec.curves:
        for value, share in curve.values if len(curve.values) <= 60 else ():
            tip = f"{curve.name}\n{percent(share)} cost at most ${value:,.3f}B"
            parts.append(el("circle", cx=across(value), cy=down(share), r=7, class_="hit", data_tip=tip))
    return drawing(spec.title, width, height, parts)


def grid_svg(spec: Grid, width: float) -> Markup:
    """Draw rows of cells in groups; names stand beside them, where it is narrow above them."""
    narrow = width < NARROW
    heads = spec.heads[:LONGEST_IN_NARROW] if narrow else spec.heads
    left = 0.0 if narrow else NAMES
    each = (width - left - 4.0) / max(1, len(heads))
    groups = len(dict.fromkeys(group for group, _ in spec.rows))
    said = spec.left_out(len(heads))
    height = HEAD + ROW * (len(spec.rows) * (2 if narrow else 1) + groups + bool(said)) + 4.0
    size, kind = (9.5, "tick small") if narrow else (11.5, "tick")
    parts = [
        text(left + (place + 0.5) * each, 14, fitting(head, each - 4, size), kind, "middle")
        for place, head in enumerate(heads)
    ]
    y, group = HEAD, None
    for (its, name), cells in zip(spec.rows, spec.cells, strict=True):
        if its != group:
            group = its
            parts.append(text(2, y + 14, fitting(its, width), "name strong"))
            y += ROW
        parts.append(text(10, y + 14, fitting(name, (width if narrow else left) - 14, 11), "small"))
        y += ROW if narrow else 0.0
        for place, cell in enumerate(cells[: len(heads)]):
            parts += _cell(cell, left + place * each, y, each)
        y += ROW
    if said:
        parts.append(text(2, y + 14, fitting(f"Drawn: {said}", width, 11), "small"))
    return drawing(spec.title, width, height, parts)


def _cell(cell: GridCell, x: float, y: float, each: float) -> list[Markup]:
    parts = [rect(x, y, each - 1.5, ROW - 1.5, class_=f"cell g-{cell.kind}")]
    words = cell.words if width_of(cell.words, 10) < each - 3 else cell.words.split(" ")[0]
    if words and width_of(words, 10) < each - 1.5:
        parts.append(text(x + each / 2, y + 14, words, f"in g-{cell.kind}", "middle"))
    return [*parts, rect(x, y, each - 1.5, ROW - 1.5, class_="hit", data_tip=cell.tip)]


def grid_key(spec: Grid) -> Markup:
    """Return the legend of a grid."""
    items = [
        el("li", el("svg", rect(0, 0, 14, 14, class_=f"cell g-{kind}"), class_="key", viewBox="0 0 14 14",
                    aria_hidden="true"), words)
        for words, kind in spec.legend
    ]  # fmt: skip
    return el("ul", *items, class_="legend")


def curves_key(spec: Spread) -> Markup:
    """Return the legend of distributions: each with its colour and its style."""
    items = [
        el("li", el("svg", el("path", d="M0,5L22,5", class_=f"line {curve.style} k-{curve.tone.name}"),
                    viewBox="0 0 22 10", class_="key", aria_hidden="true"), curve.name)
        for curve in spec.curves
    ]  # fmt: skip
    if spec.tail is not None:
        tail = el("svg", rect(0, 0, 14, 14, class_="tail"), class_="key", viewBox="0 0 14 14", aria_hidden="true")
        items.append(el("li", tail, f"the worst {short_percent(1.0 - spec.tail)}"))
    return el("ul", *items, class_="legend")


def fan_key(spec: Fan) -> Markup:
    """Return the legend of a fan."""
    band = el("svg", rect(0, 0, 14, 14, class_="band f-primary"), class_="key", viewBox="0 0 14 14", aria_hidden="true")
    items = [el("li", band, "P10 to P90")]
    lines = [("line k-primary", "P50")] + ([("level dashed", "planned for one future")] if spec.planned else [])
    for kind, words in lines:
        line = el("path", d="M0,5L22,5", class_=kind)
        items.append(el("li", el("svg", line, viewBox="0 0 22 10", class_="key", aria_hidden="true"), words))
    return el("ul", *items, class_="legend")
