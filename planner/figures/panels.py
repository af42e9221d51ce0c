"""How a map is divided: sites that lie far from each other have panels of their own, so that none is a heap of dots."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from planner.figures.land import Box
from planner.figures.placing import PlacedName, Point, placed_names
from planner.figures.spec import Bubble, cut

APART_DEG = 32.0
"""Longitudes without any site that divide two panels."""
MOST_PANELS = 4
MAIN_SHARE = 0.68
"""Share of the width that the panel of most capacity has where there are others."""
LEAST_SPAN_DEG = 11.0
MOST_NAMES, SHORT_NAME = 18, 22
Circle = tuple[float, float, float, Bubble]
"""Where a site lies in a figure: x, y, radius, and what is shown of it."""


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


def names_on(panel: Panel, circles: Sequence[Circle], unit: float, ring: float) -> list[PlacedName]:
    """Place the names of the largest sites where no other name, bubble or ring is in the way.

    Parameters
    ----------
    panel : Panel
    circles : sequence of (x, y, radius, Bubble)
        Where the sites lie in the figure, the largest first.
    unit : float
        1/96 inch in the units of the figure.
    ring : float
        How far rings reach beyond their bubbles.
    """
    forms = [_forms(bubble.name) for _, _, _, bubble in circles]
    shared = Counter(words for own in forms for words in own)  # a short form that fits two sites names neither
    points = [
        Point(x, y, r + (ring if bubble.backup_share > 0.0 else 0.0), [w for w in own if w == own[0] or shared[w] == 1])
        for (x, y, r, bubble), own in zip(circles, forms, strict=True)
    ]
    inside = (panel.x, panel.y, panel.x + panel.width, panel.y + panel.height)
    return placed_names(points, inside, MOST_NAMES, unit)


def _forms(name: str) -> list[str]:
    """Return a name as it may stand on a map: whole, without what explains it, cut.

    Examples
    --------
    >>> _forms("Saline Township, Michigan (Related Digital, first phase)")
    ['Saline Township, Michigan', 'Saline Township', 'Saline Township, Mich…']
    """
    head = name.split(" (")[0]
    forms = [head, head.split(", ")[0], cut(head, SHORT_NAME)]
    return [one for one in dict.fromkeys(forms) if one]
