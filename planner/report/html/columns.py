"""Stacked columns and lying bars as SVG."""

from collections.abc import Sequence
from dataclasses import replace

from markupsafe import Markup

from planner.figures.spec import Bar, Bars, Columns, Level, short_number, ticks
from planner.report.html.svg import drawing, el, fitting, path, rect, text, width_of

LEFT, RIGHT, TOP, BOTTOM = 46.0, 8.0, 12.0, 24.0
GAP_SHARE = 0.22
ROW = 24.0


def columns_svg(spec: Columns, width: float, height: float) -> Markup:
    """Draw stacked columns with their levels; one tip for each period."""
    count = max(1, len(spec.periods))
    sums = [sum(layer.values[place] for layer in spec.layers) for place in range(len(spec.periods))]
    level_values = [value for level in spec.levels for value in level.values if value is not None]
    marks = ticks(min([0.0, *level_values, *sums]), max([*sums, *level_values, 1e-9]), 6)
    low, high = marks[0], marks[-1]
    inner, tall = (width - LEFT - RIGHT) / count, height - TOP - BOTTOM

    def down(value: float) -> float:
        return TOP + (high - value) / (high - low) * tall

    parts: list[Markup] = []
    for mark in marks:
        parts.append(el("line", x1=LEFT, x2=width - RIGHT, y1=down(mark), y2=down(mark), class_="grid"))
        parts.append(text(LEFT - 6, down(mark) + 4, short_number(mark), "tick", "end"))
    each = 1 + int(max(map(len, spec.periods), default=4) * 7.2 / inner + 0.15)
    for place, period in enumerate(spec.periods):
        x, wide = LEFT + (place + GAP_SHARE / 2) * inner, inner * (1 - GAP_SHARE)
        base = 0.0
        for layer in spec.layers:
            value = layer.values[place]
            if value > 0.0:
                parts.append(rect(x, down(base + value), wide, down(base) - down(base + value), layer.tone))
                base += value
        if place % each == 0:
            parts.append(text(x + wide / 2, height - 7, period, "tick", "middle"))
    parts.append(el("line", x1=LEFT, x2=width - RIGHT, y1=down(0.0), y2=down(0.0), class_="axis"))
    parts += [_level(level, LEFT, inner, down) for level in spec.levels]
    for place in range(len(spec.periods)):
        tip = _column_tip(spec, place, sums[place])
        parts.append(rect(LEFT + place * inner, TOP, inner, tall, class_="hit", data_tip=tip))
    return drawing(spec.title, width, height, parts)


def _level(level: Level, left: float, inner: float, down: object) -> Markup:
    """Draw a level as steps; where there is none, it is broken."""
    runs: list[list[tuple[float, float]]] = []
    open_run = False
    for place, value in enumerate(level.values):
        if value is None:
            open_run = False
            continue
        if not open_run:
            runs.append([])
        open_run = True
        y = down(value)  # type: ignore[operator]
        runs[-1] += [(left + place * inner, y), (left + (place + 1) * inner, y)]
    d = "".join(path(run) for run in runs)
    return el("path", d=d, class_="halo") + el("path", d=d, class_=f"level {level.style}") if d else Markup()


def _column_tip(spec: Columns, place: int, total: float) -> str:
    lines = [f"{spec.periods[place]}: {short_number(total)} {spec.unit}"]
    lines += [
        f"{layer.name}: {short_number(layer.values[place])}"
        for layer in reversed(spec.layers)
        if layer.values[place] > 0.0
    ]
    lines += [
        f"{level.name}: {short_number(value)}" for level in spec.levels if (value := level.values[place]) is not None
    ]
    return "\n".join(lines)


def bars_svg(spec: Bars, width: float) -> Markup:
    """Draw bars one below the other, their names beside them (where it is narrow above them)."""
    narrow = width < 500
    longest = max((width_of(bar.name) for bar in spec.bars), default=0.0)
    left = 4.0 if narrow else min(0.4 * width, 1.06 * longest + 18.0)
    right = max((width_of(bar.label) for bar in spec.bars), default=0.0) + 12.0
    row = ROW * (1.6 if narrow else 1.0)
    ends = [
        value for bar in spec.bars for value in (bar.begin, bar.end, bar.mark or spec.base, *(bar.reach or ()))
    ] or [0.0]
    low, high = min(spec.base, *ends), max(spec.base, *ends)
    room = right if low >= spec.base else right * 2
    scale = (width - left - room) / max(high - low, 1e-12)
    start = left + (right if low < spec.base else 0.0)
    height = row * len(spec.lines) + 10.0

    def across(value: float) -> float:
        return float(start + (value - low) * scale)

    parts = [
        _bar(bar, place, row, across, left, narrow=narrow)
        for place, line in enumerate(spec.lines)
        for bar in _labelled(line)
    ]
    parts.append(el("line", x1=across(spec.base), x2=across(spec.base), y1=0, y2=height, class_="axis"))
    return drawing(spec.title, width, height, parts)


def _labelled(line: Sequence[Bar]) -> Sequence[Bar]:
    """Return the bars of a line, the longest first; of those on one side only the longest keeps its label."""
    order = sorted(line, key=lambda bar: -abs(bar.end - bar.begin))
    sides: set[bool] = set()
    found: list[Bar] = []
    for bar in order:
        back = bar.end < bar.begin
        found.append(replace(bar, label="" if back in sides else bar.label, name="" if found else bar.name))
        sides.add(back)
    return found


def _bar(bar: Bar, place: int, row: float, across: object, left: float, *, narrow: bool) -> Markup:
    y = place * row + (19.0 if narrow else 4.0)
    x0, x1 = sorted((across(bar.begin), across(bar.end)))  # type: ignore[operator]
    shape = rect(x0, y, max(1.5, x1 - x0), ROW - 9.0, bar.tone, opacity=0.35 if bar.faint else None)
    name = (
        text(0.0, y - 5, bar.name, "name")
        if narrow
        else text(left - 8, y + 12, fitting(bar.name, left - 8), "name", "end")
    )
    back = bar.end < bar.begin
    near, far = (across(value) for value in bar.extent)  # type: ignore[operator]
    at, side = (near - 5, "end") if back else (far + 5, "start")
    label = text(at, y + 12, bar.label, "muted" if bar.faint else "value", side)
    tip = bar.tip or f"{bar.name}: {bar.label}"
    mark = Markup()
    if bar.reach is not None:
        low, high = (across(value) for value in bar.reach)  # type: ignore[operator]
        middle = y + (ROW - 9.0) / 2
        mark += el("line", x1=low, x2=high, y1=middle, y2=middle, class_="bound")
    if bar.mark is not None:
        x = across(bar.mark)  # type: ignore[operator]
        mark += rect(x - 1.2, y - 2.5, 2.4, ROW - 4.0, class_="mark")
    return shape + mark + name + label + rect(x0, y - 3, max(8.0, x1 - x0), ROW - 3.0, class_="hit", data_tip=tip)


def lines_of(names: Sequence[tuple[str, str]]) -> Markup:
    """Return the legend of levels: name and style."""
    items = [
        el(
            "li",
            el(
                "svg",
                el("path", d="M0,5L22,5", class_=f"level {style}"),
                viewBox="0 0 22 10",
                class_="key",
                aria_hidden="true",
            ),
            name,
        )
        for name, style in names
    ]
    return Markup().join(items)
