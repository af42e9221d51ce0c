"""Timelines, heat maps and points as SVG."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import groupby, pairwise

from markupsafe import Markup

from planner.figures.colours import HEAT_STEPS
from planner.figures.placing import Point, placed_names
from planner.figures.spec import Cell, Dots, Heat, Lane, Span, Timeline, cut, short_number, ticks
from planner.report.html.svg import drawing, el, fitting, path, rect, text, width_of

ROW, HEAD = 19.0, 22.0
NAMES_WIDE = 300.0
"""The most room for names beside a figure."""
MARK = 3.5
"""Half the width of the mark of a signing."""
MOST_DOT_NAMES = 16
INSET = 9.0
"""Room for a point at the edge of its figure."""


def timeline_svg(spec: Timeline, width: float) -> Markup:
    """Draw the lanes of every site; names stand beside them, where it is narrow above them."""
    narrow = width < 560
    longest = max((width_of(lane.site) for lane in spec.lanes), default=0.0)
    left = 4.0 if narrow else min(NAMES_WIDE, longest + 14.0)
    scale = (width - left - 6.0) / (spec.end - spec.begin)
    groups = [(site, list(lanes)) for site, lanes in groupby(spec.lanes, key=lambda lane: lane.site)]
    rows = len(spec.lanes) + (len(groups) if narrow else 0)
    height = HEAD + rows * ROW + 4.0 * len(groups) + 2.0

    def across(year: float) -> float:
        return left + (min(max(year, spec.begin), spec.end) - spec.begin) * scale

    years = [year for year in range(int(spec.begin), int(spec.end) + 1) if spec.begin <= year <= spec.end]
    each = 1 + int(34.0 / scale)
    parts = [el("line", x1=across(year), x2=across(year), y1=HEAD - 4, y2=height, class_="grid") for year in years]
    parts += [text(across(year) + 2, 13, str(year), "tick") for year in years[::each] if year + 0.6 < spec.end]
    y = HEAD
    for site, lanes in groups:
        parts.append(el("line", x1=0, x2=width, y1=y, y2=y, class_="grid"))
        y += 2.0
        if narrow:
            parts.append(text(2, y + 13, fitting(site, width), "name"))
            y += ROW
        else:
            parts.append(text(2, y + 13, fitting(site, left - 8), "name"))
        for lane in lanes:
            parts += _lane(lane, spec, y, across)
            y += ROW
        y += 2.0
    return drawing(spec.title, width, height, parts)


def _lane(lane: Lane, spec: Timeline, y: float, across: object) -> list[Markup]:
    parts = []
    for span in lane.spans:
        if span.option is not None and span.end < spec.end:
            x0, x1 = across(span.end), across(span.option)  # type: ignore[operator]
            parts.append(el("line", x1=x0, x2=x1, y1=y + 8, y2=y + 8, class_=f"option k-{span.tone.name}"))
    signed = [span for span in lane.spans if span.signing is not None and span.signing >= spec.begin]
    for span in signed:
        x0, x1 = across(span.signing), across(span.begin)  # type: ignore[operator]
        parts.append(el("line", x1=x0, x2=x1, y1=y + 7, y2=y + 7, class_="lead-time"))
    marks = [across(span.signing) for span in signed]  # type: ignore[operator]
    for span in lane.spans:
        parts += _span(span, spec, y, across, marks)
    for x in marks:
        shape = path([(x - MARK, y + 3), (x + MARK, y + 3), (x, y + 11)], closed=True)
        parts.append(el("path", d=shape, class_="signing"))
    return parts


def _span(span: Span, spec: Timeline, y: float, across: object, marks: Sequence[float]) -> list[Markup]:
    x0, x1 = across(span.begin), across(span.end)  # type: ignore[operator]
    place = {"x": x0 + 1, "y": y + 1.5, "width": max(0.0, x1 - x0 - 2), "height": ROW - 5, "rx": 2}
    if span.backup:
        parts = [el("rect", class_=f"spare f-{span.tone.name} k-{span.tone.name}", **place)]
    else:
        parts = [el("rect", class_=f"f-{span.tone.name}", **place)]
        parts += [el("rect", class_=f"t{span.tone.texture}", **place)] if span.tone.texture else []
    if span.renewed is not None and spec.begin < span.renewed < spec.end:
        x = across(span.renewed)  # type: ignore[operator]
        parts.append(rect(x - 1, y + 1, 2.0, ROW - 4, class_="renewed"))
    found = _room(span.name, x0, x1, marks)
    if found is not None:
        parts.append(text(found[0], y + 12, found[1], "on" if span.backup else _on(span)))
    parts.append(rect(x0, y, max(6.0, x1 - x0), ROW - 1, class_="hit", data_tip=span.tip.replace("; ", "\n")))
    return parts


def _room(name: str, x0: float, x1: float, marks: Sequence[float]) -> tuple[float, str] | None:
    """Return where on a bar its name has room beside the marks, whole or at least its first word; None: nowhere.

    Examples
    --------
    >>> _room("210 GB200", 0.0, 90.0, []), _room("210 GB200", 0.0, 90.0, [40.0]), _room("210 GB200", 0.0, 20.0, [])
    ((4.0, '210 GB200'), (4.0, '210'), None)
    """
    inside = sorted(mark for mark in marks if x0 < mark < x1)
    ends = [x0, *(mark + MARK for mark in inside)], [*(mark - MARK for mark in inside), x1]
    for words in dict.fromkeys((name, name.split(" ")[0])):
        for begin, end in zip(*ends, strict=True):
            if width_of(words, 10) + 8 <= end - begin:
                return begin + 4.0, words
    return None


def _on(span: Span) -> str:
    """Return the class of a text on a bar: where the bar has a texture, its colour lies around the text."""
    return f"on o-{span.tone.name}" + (f" k-{span.tone.name}" if span.tone.texture else "")


def step_of(cell: Cell | None) -> str:
    """Return the class of a cell: ``h0`` (nothing left) to ``h4``, ``short``, or ``none``."""
    if cell is None:
        return "none"
    return "short" if cell.short else f"h{bisect_right(HEAT_STEPS, cell.value)}"


def heat_key() -> Markup:
    """Return the legend of heat maps."""
    ends = [f"{step:.0%}" for step in HEAT_STEPS]
    names = [f"below {ends[0]}", *(f"{low} to {high}" for low, high in pairwise(ends)), f"{ends[-1]} and more"]
    classes = [*(f"h{place}" for place in range(len(names))), "short"]
    items = [
        el(
            "li",
            el("svg", rect(0, 0, 14, 14, class_=f"cell {kind}"), class_="key", viewBox="0 0 14 14", aria_hidden="true"),
            name,
        )
        for kind, name in zip(classes, [*names, "not carried"], strict=True)
    ]
    return el("ul", *items, class_="legend")


def heat_svg(spec: Heat, width: float) -> Markup:
    """Draw the heat map; groups have a line of their own."""
    narrow = width < 560
    left = 0.0 if narrow else 292.0
    each = (width - left - 4.0) / max(1, len(spec.periods))
    groups = len({group for group, _ in spec.rows})
    height = HEAD + ROW * (len(spec.rows) * (2 if narrow else 1) + groups) + 4
    skip = 1 + int(max(map(len, spec.periods), default=4) * 6.6 / each)
    parts = [
        text(left + (place + 0.5) * each, 14, period, "tick", "middle")
        for place, period in enumerate(spec.periods)
        if place % skip == 0
    ]
    y, group = HEAD, None
    for (rule, name), cells in zip(spec.rows, spec.cells, strict=True):
        if rule != group:
            group = rule
            parts.append(text(2, y + 13, fitting(rule, width), "name strong"))
            y += ROW
        parts.append(text(10, y + 13, fitting(name, (width if narrow else left) - 14, 11), "small"))
        y += ROW if narrow else 0.0
        for place, cell in enumerate(cells):
            x = left + place * each
            parts.append(rect(x, y, each - 1.5, ROW - 1.5, class_=f"cell {step_of(cell)}"))
            if cell is not None:
                words = "short" if cell.short else f"{cell.value:.1%}" if cell.value < 0.0995 else f"{cell.value:.0%}"
                words = words if cell.value < 9.995 else ">999%"
                if width_of(words, 9.5) < each - 1.5:
                    parts.append(text(x + each / 2, y + 12.5, words, f"in {step_of(cell)}", "middle"))
                tip = f"{rule}: {name}\n{cell.tip}"
                parts.append(rect(x, y, each - 1.5, ROW - 1.5, class_="hit", data_tip=tip))
        y += ROW
    return drawing(spec.title, width, height, parts)


def dots_svg(spec: Dots, width: float, height: float) -> Markup:
    """Draw points with the bounds below them."""
    left, right, top, bottom = 58.0, 14.0, 10.0, 40.0
    xs = ticks(min(dot.x for dot in spec.dots), max(dot.x for dot in spec.dots), 6 if width < 500 else 9)
    lows = [dot.low for dot in spec.dots if dot.low is not None]
    ys = ticks(min([*lows, *(dot.y for dot in spec.dots)]), max(dot.y for dot in spec.dots), 7)
    wide, tall = width - left - right, height - top - bottom

    def across(value: float) -> float:
        return left + INSET + (value - xs[0]) / max(xs[-1] - xs[0], 1e-12) * (wide - 2 * INSET)

    def down(value: float) -> float:
        return top + (ys[-1] - value) / max(ys[-1] - ys[0], 1e-12) * (tall - INSET)

    parts = [el("line", x1=left, x2=width - right, y1=down(mark), y2=down(mark), class_="grid") for mark in ys]
    parts += [text(left - 6, down(mark) + 4, short_number(mark, 4), "tick", "end") for mark in ys]
    parts += [text(across(mark), height - bottom + 16, short_number(mark, 4), "tick", "middle") for mark in xs]
    parts.append(text(left + wide / 2, height - 6, spec.x_name, "tick", "middle"))
    for dot in spec.dots:
        x, y = across(dot.x), down(dot.y)
        if dot.low is not None:
            parts.append(el("line", x1=x, x2=x, y1=y, y2=down(dot.low), class_="bound"))
        ground = "hollow k-" if dot.hollow else "f-"
        parts.append(el("circle", cx=x, cy=y, r=5, class_=f"dot {ground}{dot.tone.name}"))
        parts.append(el("circle", cx=x, cy=y, r=9, class_="hit", data_tip=dot.tip or dot.name))
    order = sorted(enumerate(spec.dots), key=lambda dot: (dot[1].hollow, -dot[0]))  # what none beats; the base
    points = [Point(across(dot.x), down(dot.y), 7.0, [dot.name, cut(dot.name, 18)]) for _, dot in order]
    names = placed_names(points, (left, 0.0, width, height - bottom), MOST_DOT_NAMES)
    parts += [text(one.x, one.base, one.words, "value small", one.anchor) for one in names]
    return drawing(spec.title, width, height, parts)
