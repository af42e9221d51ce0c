"""Stacked columns and lying bars as SVG."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

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
    """Draw bars one below the other, their names and labels beside them (where it is narrow, above them)."""
    narrow = width < 500
    lines = [_labelled(line, narrow=narrow) for line in spec.lines]
    frame = _Frame.of(spec, lines, width, narrow=narrow)
    height = frame.row * len(lines) + 10.0
    x = frame.across(spec.base)
    tops = [place * frame.row + 16.0 for place in range(len(lines))] if narrow else [0.0]
    tall = frame.row - 13.0 if narrow else height
    parts = [el("line", x1=x, x2=x, y1=top, y2=top + tall, class_="axis") for top in tops]
    parts += [_bar(bar, place, frame) for place, line in enumerate(lines) for bar in line]
    return drawing(spec.title, width, height, parts)


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where bars lie: room for names at the left, for labels at both sides; in a narrow figure neither."""

    width: float
    names: float
    start: float
    low: float
    scale: float
    row: float
    narrow: bool

    @classmethod
    def of(cls, spec: Bars, lines: Sequence[Sequence[Bar]], width: float, *, narrow: bool) -> "_Frame":
        ends = [value for bar in spec.bars for value in (bar.begin, bar.end, *bar.extent)] or [0.0]
        low, high = min(spec.base, *ends), max(spec.base, *ends)
        if narrow:
            return cls(width, 0.0, 2.0, low, (width - 4.0) / max(high - low, 1e-12), ROW * 1.6, narrow=True)
        bars = [bar for line in lines for bar in line]
        names = min(0.34 * width, 1.06 * max((width_of(bar.name) for bar in bars), default=0.0) + 18.0)
        before, after = (
            min(
                0.22 * width,
                max((width_of(bar.label) for bar in bars if bar.label and _is_back(bar) is back), default=0.0),
            )
            + 12.0
            for back in (True, False)
        )
        start = names + (before if low < spec.base or any(map(_is_back, bars)) else 0.0)
        return cls(width, names, start, low, (width - start - after) / max(high - low, 1e-12), ROW, narrow=False)

    def across(self, value: float) -> float:
        """Return where a value lies."""
        return self.start + (value - self.low) * self.scale


def _is_back(bar: Bar) -> bool:
    return bar.end < bar.begin


def _labelled(line: Sequence[Bar], *, narrow: bool) -> Sequence[Bar]:
    """Return the bars of a line, the longest first; of those on one side only the longest keeps its label.

    Where it is narrow, the first has the labels of all.
    """
    order = sorted(line, key=lambda bar: -abs(bar.end - bar.begin))
    sides: set[bool] = set()
    found: list[Bar] = []
    for bar in order:
        back = _is_back(bar)
        found.append(replace(bar, label="" if back in sides else bar.label, name="" if found else bar.name))
        sides.add(back)
    if narrow:
        together = " · ".join(bar.label for bar in sorted(found, key=lambda one: not _is_back(one)) if bar.label)
        found = [replace(bar, label="" if place else together) for place, bar in enumerate(found)]
    return found


def _bar(bar: Bar, place: int, frame: _Frame) -> Markup:
    y = place * frame.row + (19.0 if frame.narrow else 4.0)
    x0, x1 = sorted(map(frame.across, (bar.begin, bar.end)))
    thick = max(1.5, x1 - x0) if bar.label or bar.end != bar.begin else 0.0
    shape = rect(x0, y, thick, ROW - 9.0, bar.tone, opacity=0.35 if bar.faint else None)
    tip = bar.tip or f"{bar.name}: {bar.label}"
    mark = Markup()
    if bar.reach is not None:
        low, high = map(frame.across, bar.reach)
        middle = y + (ROW - 9.0) / 2
        mark += el("line", x1=low, x2=high, y1=middle, y2=middle, class_="bound")
    if bar.mark is not None:
        mark += rect(frame.across(bar.mark) - 1.2, y - 2.5, 2.4, ROW - 4.0, class_="mark")
    words = _words_above(bar, y, frame) if frame.narrow else _words_beside(bar, y, frame)
    return shape + mark + words + rect(x0, y - 3, max(8.0, x1 - x0), ROW - 3.0, class_="hit", data_tip=tip)


def _words_beside(bar: Bar, y: float, frame: _Frame) -> Markup:
    near, far = map(frame.across, bar.extent)
    at, side = (near - 5, "end") if _is_back(bar) else (far + 5, "start")
    label = fitting(bar.label, at - frame.names if side == "end" else frame.width - at)
    name = text(frame.names - 8, y + 12, fitting(bar.name, frame.names - 8), "name", "end") if bar.name else Markup()
    return name + (text(at, y + 12, label, _kind(bar), side) if label else Markup())


def _words_above(bar: Bar, y: float, frame: _Frame) -> Markup:
    label = fitting(bar.label, 0.75 * frame.width)
    name = fitting(bar.name, frame.width - width_of(label) - 12.0)
    left = text(0.0, y - 5, name, "name") if name else Markup()
    return left + (text(frame.width - 1.0, y - 5, label, _kind(bar), "end") if label else Markup())


def _kind(bar: Bar) -> str:
    return "value muted" if bar.faint else "value"


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
