"""How a map is divided: sites that lie far from each other have panels of their own, so that none is a heap of dots."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from planner.figures.land import Box
from planner.figures.spec import Bubble

APART_DEG = 32.0
"""Longitudes without any site that divide two panels."""
MOST_PANELS = 4
MAIN_SHARE = 0.68
"""Share of the width that the panel of most capacity has where there are others."""
LEAST_SPAN_DEG = 11.0
MOST_NAMES, LONGEST_NAME = 14, 22
CHARACTER, LINE = 6.9, 13.0
"""Width of a character of a name and height of its line, in units of 1/96 inch."""
Rectangle = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of a map.

    Attributes
    ----------
    x, y, width, height : float
        Its place, in the units of the figure; y grows downwards.
    box : Box
        What it shows of the world.
    bubbles : sequence of Bubble
        The largest first, so that none hides another.
    """

    x: float
    y: float
    width: float
    height: float
    box: Box
    bubbles: Sequence[Bubble]

    def place(self, longitude_deg: float, latitude_deg: float) -> tuple[float, float]:
        """Return where a place of the world lies in the figure."""
        box = self.box
        across = (longitude_deg - box.west) / (box.east - box.west)
        down = (box.north - latitude_deg) / (box.north - box.south)
        return self.x + across * self.width, self.y + down * self.height


def panels(bubbles: Sequence[Bubble], width: float, height: float, *, narrow: bool = False) -> list[Panel]:
    """Divide a map of a size; the panel of most capacity is the largest, the others beside it (narrow: below)."""
    groups = sorted(_groups(bubbles), key=lambda group: -sum(bubble.it_gw for bubble in group))
    if not groups:
        return [Panel(0.0, 0.0, width, height, Box(-180, 180, -56, 75), ())]
    if len(groups) == 1:
        return [_panel(groups[0], 0.0, 0.0, width, height)]
    gap = 6.0 if width > 100 else 0.012 * width
    others = groups[1:]
    if narrow:
        top, each = 0.64 * height, (width - gap * (len(others) - 1)) / len(others)
        below = [
            _panel(group, place * (each + gap), top + gap, each, height - top - gap)
            for place, group in enumerate(others)
        ]
        return [_panel(groups[0], 0.0, 0.0, width, top), *below]
    main, each = MAIN_SHARE * width, (height - gap * (len(others) - 1)) / len(others)
    beside = [
        _panel(group, main + gap, place * (each + gap), width - main - gap, each) for place, group in enumerate(others)
    ]
    return [_panel(groups[0], 0.0, 0.0, main, height), *beside]


def _groups(bubbles: Sequence[Bubble]) -> list[list[Bubble]]:
    """Divide sites where many longitudes lie between them; the panels are few."""
    groups: list[list[Bubble]] = []
    for bubble in sorted(bubbles, key=lambda one: one.longitude_deg):
        if groups and bubble.longitude_deg - groups[-1][-1].longitude_deg < APART_DEG:
            groups[-1].append(bubble)
        else:
            groups.append([bubble])
    while len(groups) > MOST_PANELS:
        gaps = [after[0].longitude_deg - before[-1].longitude_deg for before, after in zip(groups, groups[1:])]  # noqa: B905, RUF007
        near = gaps.index(min(gaps))
        groups[near : near + 2] = [groups[near] + groups[near + 1]]
    return groups


def _panel(bubbles: Sequence[Bubble], x: float, y: float, width: float, height: float) -> Panel:
    """Choose what a panel shows: its sites with room around them, in the shape of the panel."""
    west, east = min(b.longitude_deg for b in bubbles), max(b.longitude_deg for b in bubbles)
    south, north = min(b.latitude_deg for b in bubbles), max(b.latitude_deg for b in bubbles)
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    shrink = math.cos(math.radians(min(70.0, abs(middle_y))))
    tall = max((north - south) * 1.3, LEAST_SPAN_DEG * 0.6)
    wide = max((east - west) * 1.22, LEAST_SPAN_DEG)
    tall = max(tall, wide * shrink * height / width)
    wide = tall * width / height / shrink
    return Panel(
        x, y, width, height,
        Box(middle_x - wide / 2, middle_x + wide / 2, middle_y - tall / 2, middle_y + tall / 2),
        tuple(sorted(bubbles, key=lambda one: (-one.it_gw, one.name))),
    )  # fmt: skip


def names_on(
    panel: Panel, circles: Sequence[tuple[float, float, float, Bubble]], unit: float, ring: float
) -> list[tuple[float, float, str]]:
    """Place the names of the largest sites where no other name or bubble is in the way.

    Parameters
    ----------
    panel : Panel
    circles : sequence of (x, y, radius, Bubble)
        Where the sites lie in the figure, the largest first.
    unit : float
        1/96 inch in the units of the figure.
    ring : float
        How far rings reach beyond their bubbles.

    Returns
    -------
    list of (left, base line, name)
    """
    taken: list[Rectangle] = [(x - r, y - r, x + r, y + r) for x, y, r, _ in circles]
    found: list[tuple[float, float, str]] = []
    for x, y, r, bubble in circles:
        words = bubble.name.split(" (")[0].removeprefix("Stargate ")
        words = words if len(words) <= LONGEST_NAME else f"{words[: LONGEST_NAME - 1]}…"
        wide, line = len(words) * CHARACTER * unit, LINE * unit
        reach = r + 3.0 * unit + (ring if bubble.backup_share > 0.0 else 0.0)
        for left, base in (
            (x + reach, y + 0.3 * line), (x - reach - wide, y + 0.3 * line),
            (x - wide / 2, y - reach - 0.1 * line), (x - wide / 2, y + reach + 0.7 * line),
        ):  # fmt: skip
            box = (left, base - 0.75 * line, left + wide, base + 0.25 * line)
            if len(found) < MOST_NAMES and _inside(box, panel) and not any(_meet(box, other) for other in taken):
                taken.append(box)
                found.append((left, base, words))
                break
    return found


def _inside(box: Rectangle, panel: Panel) -> bool:
    return (
        box[0] >= panel.x and box[1] >= panel.y and box[2] <= panel.x + panel.width and box[3] <= panel.y + panel.height
    )


def _meet(one: Rectangle, other: Rectangle) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
