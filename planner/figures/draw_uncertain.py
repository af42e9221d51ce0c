"""Fans, distributions and grids by matplotlib."""

import textwrap
from typing import Any

from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from planner.figures.colours import GRID
from planner.figures.sheet import HEIGHT_IN, LINES, ROW_IN, DrawnFigure, Sheet, is_dark, plain
from planner.figures.spec import Fan, Grid, Spread, short_number
from planner.text import short_percent

MARK_ROWS = 0.055
"""Height of the line of a mark's name, as a share of the figure."""
NOTE_CHARACTERS = 130
"""Signs of a line of a note below a figure."""
MOST_LEVEL = 6
"""Columns of a grid whose names have room beside each other."""
SENTENCE, KEY_IN = 40, 0.17
"""Signs from which an entry of the legend of a grid takes a line of its own, as all then do; height of that line."""


def fan(spec: Fan, dark: bool) -> DrawnFigure:
    """Draw a band with its middle, and what was planned."""
    sheet = Sheet(spec.title, HEIGHT_IN, dark=dark)
    places = list(range(len(spec.periods)))
    main, ink = sheet.named("primary"), sheet.named("ink")
    sheet.axes.fill_between(places, spec.low, spec.high, color=main, alpha=0.22, linewidth=0, zorder=2)
    sheet.axes.plot(places, spec.middle, "o-", color=main, linewidth=2.2, markersize=4.5, zorder=4)
    handles: list[Any] = [
        Patch(facecolor=f"{main}38", label="P10 to P90"),
        Line2D([], [], color=main, marker="o", markersize=4.5, linewidth=2.2, label="P50"),
    ]
    if spec.planned is not None:
        # above the middle, which else hides it where both are the same
        sheet.axes.plot(places, spec.planned, "--", color=ink, linewidth=1.4, zorder=5)
        handles.append(Line2D([], [], color=ink, linestyle="--", linewidth=1.4, label="planned for one future"))
    if len(places) == 1:  # a band of one period has no width
        sheet.axes.vlines(places, spec.low, spec.high, color=main, alpha=0.4, linewidth=14, zorder=2)
    step = 1 + len(places) // 16
    sheet.axes.set_xticks(places[::step], [plain(period) for period in spec.periods[::step]])
    sheet.axes.set_xlim(-0.4, max(0.4, len(places) - 0.6))
    values = (*spec.low, *spec.high, *(spec.planned or ()), 0.0)
    sheet.axes.set_ylim(min(values), 1.08 * max(max(values), 1e-9))
    sheet.axes.set_ylabel(plain(spec.unit), color=sheet.named("muted"), fontsize=9)
    sheet.axes.set_xlabel(_wrapped(spec.note), color=sheet.named("muted"), fontsize=7.5, loc="left")
    sheet.axes.grid(axis="y", color=sheet.named("grid"), linewidth=0.8, zorder=0)
    sheet.legend(handles)
    return sheet.figure


def _wrapped(note: str) -> str:
    """Return a note in lines that a picture has room for: it says of which futures the figure is."""
    return "\n".join(textwrap.wrap(plain(note), NOTE_CHARACTERS))


def spread(spec: Spread, dark: bool) -> DrawnFigure:
    """Draw cumulative distributions, the tail of the first shaded, its marks named above."""
    sheet = Sheet(spec.title, HEIGHT_IN, dark=dark)
    ends = [value for curve in spec.curves for value, _ in curve.values] + [mark.value for mark in spec.marks]
    low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
    room = 0.06 * (high - low) or 0.02 * abs(high) or 1.0
    handles: list[Any] = []
    for curve in reversed(spec.curves):
        xs, ys = [low - room], [0.0]
        for value, share in curve.values:
            xs += [value, value]
            ys += [ys[-1], share]
        colour = sheet.tone(curve.tone)
        line: dict[str, Any] = {"color": colour, "linestyle": LINES[curve.style], "linewidth": 2.0}
        sheet.axes.plot([*xs, high + room], [*ys, ys[-1]], zorder=3, **line)
        handles.insert(0, Line2D([], [], label=plain(curve.name), **line))
    if spec.tail is not None:
        sheet.axes.axhspan(spec.tail, 1.0, color=sheet.named("bad"), alpha=0.12, linewidth=0, zorder=1)
        handles.append(Patch(facecolor=f"{sheet.named('bad')}20", label=f"the worst {short_percent(1.0 - spec.tail)}"))
    top = 1.02 + MARK_ROWS * len(spec.marks)
    for place, mark in enumerate(sorted(spec.marks, key=lambda one: one.value)):
        at = top - MARK_ROWS * (place + 0.5)
        sheet.axes.plot([mark.value] * 2, [0.0, at], color=sheet.named("muted"), linewidth=0.9, zorder=2)
        right = mark.value <= (low + high) / 2
        words = f" {mark.name} {short_number(mark.value, 4)} "
        sheet.axes.text(
            mark.value, at, plain(words), fontsize=8, va="center", ha="left" if right else "right",
            color=sheet.named("ink"), zorder=5,
        )  # fmt: skip
    sheet.axes.set_xlim(low - room, high + room)
    sheet.axes.set_ylim(0.0, top)
    sheet.axes.set_yticks([0.0, 0.25, 0.5, 0.75, 1.0], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    sheet.axes.set_ylabel("probability that it is not exceeded", color=sheet.named("muted"), fontsize=9)
    label = f"{plain(spec.unit)}\n{_wrapped(spec.note)}"
    sheet.axes.set_xlabel(label, color=sheet.named("muted"), fontsize=8)
    sheet.axes.grid(axis="y", color=sheet.named("grid"), linewidth=0.8, zorder=0)
    sheet.legend(handles)
    return sheet.figure


def grid(spec: Grid, dark: bool) -> DrawnFigure:
    """Draw rows of cells in groups."""
    groups = len(dict.fromkeys(group for group, _ in spec.rows))
    listed = any(len(words) > SENTENCE for words, _ in spec.legend)
    below = KEY_IN * len(spec.legend) if listed else 0.0
    sheet = Sheet(spec.title, 1.6 + ROW_IN * (len(spec.rows) + groups) + below, dark=dark)
    y, group, names = 0, None, []
    for (its, name), cells in zip(spec.rows, spec.cells, strict=True):
        if its != group:
            group = its
            names.append((y, its))
            y += 1
        names.append((y, f"   {name}"))
        for place, cell in enumerate(cells):
            colour = GRID[cell.kind][dark]
            sheet.axes.barh(y, 0.96, 0.9, left=place + 0.02, color=colour)
            on = "#ffffff" if is_dark(colour) else "#000000"
            sheet.axes.text(
                place + 0.5, y, plain(cell.words), fontsize=6.5, ha="center", va="center", color=on, clip_on=True
            )
        y += 1
    sheet.axes.set_yticks([place for place, _ in names], [plain(name) for _, name in names])
    for label in sheet.axes.get_yticklabels():
        label.set_color(sheet.named("ink"))
        label.set_fontsize(7.5)
    sheet.axes.set_xticks([place + 0.5 for place in range(len(spec.heads))], [plain(head) for head in spec.heads])
    sheet.axes.tick_params(axis="x", labelsize=7)
    sheet.axes.xaxis.tick_top()
    if len(spec.heads) > MOST_LEVEL:
        for label in sheet.axes.get_xticklabels():
            label.set(rotation=24, ha="left", rotation_mode="anchor")
    sheet.axes.set_xlim(0, max(1, len(spec.heads)))
    sheet.axes.set_ylim(max(y, 1) - 0.4, -0.6)
    said = spec.left_out(len(spec.heads))
    if said:
        sheet.axes.set_xlabel(plain(said), color=sheet.named("ink"), fontsize=8)
    entries = [Patch(facecolor=GRID[kind][dark], label=plain(words)) for words, kind in spec.legend]
    sheet.legend(entries, 1 if listed else 0)
    return sheet.figure
