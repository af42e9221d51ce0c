"""Figures by matplotlib, from what is to be drawn. Needs the extra ``report``; imported only when one is asked for."""

import math
import textwrap
from collections.abc import Callable
from itertools import groupby
from typing import Any

from matplotlib.lines import Line2D
from matplotlib.patches import Arc, Circle, Patch, PathPatch, Polygon
from matplotlib.path import Path as LinePath
from matplotlib.patheffects import withStroke

from planner.figures.colours import HEAT, HEAT_STEPS, NAMED
from planner.figures.draw_uncertain import fan, grid, spread
from planner.figures.land import LAYERS, ground
from planner.figures.panels import Panel, names_on, panels
from planner.figures.sheet import HATCHES, HEIGHT_IN, LINES, ROW_IN, DrawnFigure, Sheet, is_dark, plain
from planner.figures.spec import Bar, Bars, Columns, Dots, Fan, Figure, Grid, Heat, SiteMap, Spread, Timeline, ticks

UNIT_IN, RING_IN = 1 / 110, 0.05
NOTE_CHARACTERS = 150


def draw(spec: Figure, *, dark: bool = False) -> DrawnFigure:
    """Draw a figure."""
    kinds: dict[type, Callable[..., DrawnFigure]] = {
        Columns: _columns, Timeline: _timeline, Heat: _heat, SiteMap: _map, Bars: _bars, Dots: _dots,
        Fan: fan, Spread: spread, Grid: grid,
    }  # fmt: skip
    return kinds[type(spec)](spec, dark)


def _columns(spec: Columns, dark: bool) -> DrawnFigure:
    sheet = Sheet(spec.title, HEIGHT_IN, dark=dark)
    places = range(len(spec.periods))
    base = [0.0] * len(spec.periods)
    for layer in spec.layers:
        sheet.axes.bar(
            places, layer.values, 0.78, bottom=base, color=sheet.tone(layer.tone), hatch=HATCHES[layer.tone.texture],
            edgecolor=sheet.named("ground"), linewidth=0.6, zorder=2,
        )  # fmt: skip
        base = [low + value for low, value in zip(base, layer.values, strict=True)]
    handles: list[Any] = [sheet.patch(layer.name, layer.tone) for layer in spec.layers]
    for level in spec.levels:
        xs = [place + side for place in places for side in (-0.5, 0.5)]
        ys = [math.nan if value is None else value for value in level.values for _ in (0, 1)]
        sheet.axes.plot(xs, ys, color=sheet.named("ground"), linewidth=3.4, alpha=0.7, zorder=3)
        sheet.axes.plot(xs, ys, color=sheet.named("ink"), linestyle=LINES[level.style], linewidth=1.5, zorder=4)
        handles.append(
            Line2D(
                [], [], color=sheet.named("ink"), linestyle=LINES[level.style], linewidth=1.5, label=plain(level.name)
            )
        )
    step = 1 + len(spec.periods) // 16
    sheet.axes.set_xticks(places[::step], [plain(period) for period in spec.periods[::step]])
    sheet.axes.set_xlim(-0.6, len(spec.periods) - 0.4)
    sheet.axes.set_ylabel(plain(spec.unit), color=sheet.named("muted"), fontsize=9)
    sheet.axes.grid(axis="y", color=sheet.named("grid"), linewidth=0.8, zorder=0)
    sheet.legend(handles)
    return sheet.figure


def _timeline(spec: Timeline, dark: bool) -> DrawnFigure:
    sheet = Sheet(spec.title, 1.3 + ROW_IN * max(6, len(spec.lanes)), dark=dark)
    names, y = [], 0
    for site, lanes in groupby(spec.lanes, key=lambda lane: lane.site):
        names.append((y, site))
        sheet.axes.axhline(y - 0.5, color=sheet.named("grid"), linewidth=0.8, zorder=0)
        for lane in lanes:
            for span in lane.spans:
                _span(sheet, span, spec, y)
            y += 1
    sheet.axes.set_yticks([place for place, _ in names], [plain(name) for _, name in names])
    for label in sheet.axes.get_yticklabels():
        label.set_color(sheet.named("ink"))
    sheet.axes.set_ylim(max(y, 1) - 0.4, -0.6)
    sheet.axes.set_xlim(spec.begin, spec.end)
    years = range(math.ceil(spec.begin), math.floor(spec.end) + 1)
    sheet.axes.set_xticks(years[:: 1 + len(years) // 16])
    sheet.axes.xaxis.tick_top()
    sheet.axes.grid(axis="x", color=sheet.named("grid"), linewidth=0.8, zorder=0)
    handles: list[Any] = [sheet.patch(name, tone) for name, tone in spec.legend]
    ink = sheet.named("ink")
    handles.append(Patch(facecolor="none", edgecolor=ink, label="outlined: backup"))
    handles.append(Line2D([], [], color=ink, marker="v", linestyle=":", markersize=4, label="last date of signing"))
    sheet.legend(handles)
    return sheet.figure


def _span(sheet: Sheet, span: Any, spec: Timeline, y: int) -> None:
    colour, end = sheet.tone(span.tone), min(span.end, spec.end)
    style = {"facecolor": colour, "edgecolor": sheet.named("ground"), "linewidth": 0.8, "zorder": 2}
    if span.backup:
        style = {"facecolor": f"{colour}33", "edgecolor": colour, "linewidth": 1.2, "zorder": 2}
    if span.option is not None and span.end < spec.end:
        sheet.axes.plot([span.end, min(span.option, spec.end)], [y, y], color=colour, linestyle=":", linewidth=1.4)
    if span.renewed is not None:
        sheet.axes.plot([span.renewed] * 2, [y - 0.37, y + 0.37], color=sheet.named("ground"), linewidth=1.6, zorder=4)
    sheet.axes.barh(y, end - span.begin, 0.74, left=span.begin, hatch=HATCHES[span.tone.texture] or None, **style)
    if span.signing is not None and span.signing >= spec.begin:
        sheet.axes.plot([span.signing, span.begin], [y, y], color=sheet.named("muted"), linestyle=":", linewidth=0.8)
        sheet.axes.plot(  # its edge keeps it apart from a bar as dark as itself
            [span.signing], [y], "v", color=sheet.named("ink"), markeredgecolor=sheet.named("ground"),
            markeredgewidth=0.8, markersize=5.5, zorder=6,
        )  # fmt: skip
    if (end - span.begin) / (spec.end - spec.begin) > 0.012 * len(span.name):
        on = sheet.named("ink") if span.backup else "#ffffff" if is_dark(colour) else "#000000"
        sheet.axes.text(span.begin + 0.06, y, plain(span.name), fontsize=6.5, va="center", color=on, zorder=5)


def _heat(spec: Heat, dark: bool) -> DrawnFigure:
    groups = list(dict.fromkeys(group for group, _ in spec.rows))
    sheet = Sheet(spec.title, 1.4 + ROW_IN * (len(spec.rows) + len(groups)), dark=dark)
    y, group, names = 0, None, []
    for (rule, name), cells in zip(spec.rows, spec.cells, strict=True):
        if rule != group:
            group = rule
            names.append((y, rule))
            y += 1
        names.append((y, f"   {name}"))
        for place, cell in enumerate(cells):
            if cell is not None:
                colour = (
                    NAMED["bad"][dark] if cell.short else HEAT[sum(cell.value >= step for step in HEAT_STEPS)][dark]
                )
                sheet.axes.barh(y, 0.96, 0.9, left=place + 0.02, color=colour)
                words = "short" if cell.short else f"{min(cell.value, 9.99):.1%}"
                on = "#ffffff" if is_dark(colour) else "#000000"
                sheet.axes.text(place + 0.5, y, words, fontsize=6.5, ha="center", va="center", color=on)
        y += 1
    sheet.axes.set_yticks([place for place, _ in names], [plain(name) for _, name in names])
    for label in sheet.axes.get_yticklabels():
        label.set_color(sheet.named("ink"))
        label.set_fontsize(7.5)
    step = 1 + len(spec.periods) // 16
    sheet.axes.set_xticks(
        [place + 0.5 for place in range(len(spec.periods))][::step], [plain(one) for one in spec.periods[::step]]
    )
    sheet.axes.xaxis.tick_top()
    sheet.axes.set_xlim(0, max(1, len(spec.periods)))
    sheet.axes.set_ylim(max(y, 1) - 0.4, -0.6)
    return sheet.figure


def _map(spec: SiteMap, dark: bool) -> DrawnFigure:
    width, height = 9.6, 4.6
    sheet = Sheet(spec.title, height + 1.2, dark=dark, width_in=width + 0.2)
    sheet.axes.set_axis_off()
    sheet.axes.set_xlim(0, width)
    sheet.axes.set_ylim(height, 0)
    sheet.axes.set_aspect("equal")
    largest = max((bubble.it_gw for bubble in spec.bubbles), default=1.0)
    for panel in panels(spec.bubbles, width, height):
        _panel(sheet, panel, largest)
    note = "\n".join(textwrap.wrap(plain(spec.note), NOTE_CHARACTERS))
    sheet.axes.text(0, height + 0.08, note, fontsize=7.5, color=sheet.named("muted"), va="top")
    sheet.legend([sheet.patch(name, tone) for name, tone in spec.legend])
    return sheet.figure


def _panel(sheet: Sheet, panel: Panel, largest: float) -> None:
    corners = [
        (panel.x, panel.y),
        (panel.x + panel.width, panel.y),
        (panel.x + panel.width, panel.y + panel.height),
        (panel.x, panel.y + panel.height),
    ]
    frame = Polygon(corners, closed=True, facecolor=sheet.named("water"), edgecolor=sheet.named("grid"), linewidth=0.8)
    sheet.axes.add_patch(frame)
    fills = {"land": sheet.named("land"), "lakes": sheet.named("water")}
    for layer in LAYERS:
        lines = [[panel.place(*point) for point in line] for line in ground(layer, panel.box)]
        path = LinePath.make_compound_path(*(LinePath(line) for line in lines)) if lines else LinePath([(0.0, 0.0)])
        fill = fills.get(layer, "none")
        thick = 0.7 if layer == "borders" else 0.35
        patch = PathPatch(path, facecolor=fill, edgecolor=sheet.named("border"), linewidth=thick)
        sheet.axes.add_patch(patch)
        patch.set_clip_path(frame)
    circles = [
        (*panel.place(one.longitude_deg, one.latitude_deg), max(0.035, 0.3 * math.sqrt(one.it_gw / largest)), one)
        for one in panel.bubbles
    ]
    for x, y, radius, bubble in circles:
        colour = sheet.tone(bubble.tone)
        sheet.axes.add_patch(
            Circle((x, y), radius, facecolor=colour, edgecolor=sheet.named("ground"), linewidth=0.8, alpha=0.9)
        )
        if bubble.backup_share > 0.0:
            around = 2 * (radius + 0.045)
            end = -90 + 360 * min(1.0, bubble.backup_share)
            sheet.axes.add_patch(
                Arc((x, y), around, around, theta1=-90, theta2=end, color=sheet.named("ink"), linewidth=1.8)
            )
    halo = [withStroke(linewidth=2, foreground=sheet.named("land"))]
    sides = {"start": "left", "middle": "center", "end": "right"}
    for one in names_on(panel, circles, UNIT_IN, RING_IN):
        side = sides[one.anchor]
        sheet.axes.text(
            one.x, one.base, plain(one.words), fontsize=7, ha=side, color=sheet.named("ink"), path_effects=halo
        )


def _bars(spec: Bars, dark: bool) -> DrawnFigure:
    sheet = Sheet(spec.title, 1.2 + 0.3 * max(3, len(spec.lines)), dark=dark)
    for place, line in enumerate(spec.lines):
        sides: set[bool] = set()
        for bar in sorted(line, key=lambda one: -abs(one.end - one.begin)):
            left = bar.end < bar.begin
            _bar(sheet, bar, place, "" if left in sides else bar.label)
            sides.add(left)
    sheet.axes.axvline(spec.base, color=sheet.named("muted"), linewidth=0.8)
    sheet.axes.set_yticks(range(len(spec.lines)), [plain(line[0].name) for line in spec.lines])
    for label in sheet.axes.get_yticklabels():
        label.set_color(sheet.named("ink"))
    sheet.axes.invert_yaxis()
    sheet.axes.margins(x=0.12)
    sheet.axes.set_xlabel(plain(spec.unit), color=sheet.named("muted"), fontsize=9)
    sheet.axes.grid(axis="x", color=sheet.named("grid"), linewidth=0.8)
    sheet.axes.set_axisbelow(True)
    return sheet.figure


def _bar(sheet: Sheet, bar: Bar, place: int, label: str) -> None:
    alpha = 0.35 if bar.faint else 1.0
    sheet.axes.barh(place, bar.end - bar.begin, 0.68, left=bar.begin, color=sheet.tone(bar.tone), alpha=alpha)
    if bar.reach is not None:
        sheet.axes.plot(bar.reach, [place, place], color=sheet.named("muted"), linewidth=1.2, zorder=1)
    if bar.mark is not None:
        sheet.axes.plot([bar.mark] * 2, [place - 0.42, place + 0.42], color=sheet.named("ink"), linewidth=1.6)
    left = bar.end < bar.begin
    at = (bar.extent[0 if left else 1], place)
    sheet.axes.annotate(
        plain(label), at, xytext=(-4 if left else 4, 0), textcoords="offset points", fontsize=8, va="center",
        ha="right" if left else "left", color=sheet.named("muted" if bar.faint else "ink"),
    )  # fmt: skip


def _dots(spec: Dots, dark: bool) -> DrawnFigure:
    sheet = Sheet(spec.title, HEIGHT_IN, dark=dark)
    for dot in spec.dots:
        colour = sheet.tone(dot.tone)
        if dot.low is not None:
            sheet.axes.plot([dot.x, dot.x], [dot.low, dot.y], color=sheet.named("muted"), linewidth=1, zorder=1)
        face = sheet.named("ground") if dot.hollow else colour
        sheet.axes.plot([dot.x], [dot.y], "o", markerfacecolor=face, markeredgecolor=colour, zorder=2)
    if spec.dots:
        low = [dot.low for dot in spec.dots if dot.low is not None]
        sheet.axes.set_yticks(ticks(min([*low, *(dot.y for dot in spec.dots)]), max(dot.y for dot in spec.dots), 7))
    sheet.axes.set_xlabel(plain(spec.x_name), color=sheet.named("muted"), fontsize=9)
    sheet.axes.set_ylabel(plain(spec.y_name), color=sheet.named("muted"), fontsize=9)
    sheet.axes.grid(color=sheet.named("grid"), linewidth=0.8)
    return sheet.figure
