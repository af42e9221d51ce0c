"""Names beside the points of a figure, where there is room for them."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

CHARACTER, LINE = 7.2, 13.0
"""Width of a character of a name and height of its line, in units of 1/96 inch."""
Rectangle = tuple[float, float, float, float]
"""Left, top, right, bottom."""


@dataclass(frozen=True, slots=True)
class Point:
    """What is to be named: where it lies, how far it reaches, and the forms of its name, the best first."""

    x: float
    y: float
    reach: float
    forms: Sequence[str]


@dataclass(frozen=True, slots=True)
class PlacedName:
    """A name in a figure: where its base line begins, ends or has its middle (``anchor``: start, end, middle)."""

    x: float
    base: float
    anchor: str
    words: str


def placed_names(points: Sequence[Point], inside: Rectangle, most: int, unit: float = 1.0) -> list[PlacedName]:
    """Place the names of the first points at which no other name or point is in the way; none stands twice.

    Parameters
    ----------
    points : sequence of Point
        The most important first.
    inside : (left, top, right, bottom)
        What names may not leave.
    most : int
        Names at most.
    unit : float
        1/96 inch in the units of the figure.

    Examples
    --------
    >>> near = [Point(50.0, 50.0, 5.0, ["one"]), Point(60.0, 50.0, 5.0, ["two"])]
    >>> [(name.words, name.anchor) for name in placed_names(near, (0.0, 0.0, 100.0, 100.0), 9)]
    [('one', 'end'), ('two', 'start')]
    """
    taken: list[Rectangle] = []
    found: list[PlacedName] = []
    for point in points:
        said = {one.words for one in found}
        forms = [words for words in point.forms if words and words not in said]
        options = (option for words in forms for option in _places(point, words, unit))
        free = (
            (name, box)
            for name, box in options
            if _within(box, inside)
            and not any(_meet(box, other) for other in taken)
            and not any(_covers(other, box) for other in points)
        )
        best = next(free, None) if len(found) < most else None
        if best is not None:
            found.append(best[0])
            taken.append(best[1])
    return found


def _places(point: Point, words: str, unit: float) -> Iterator[tuple[PlacedName, Rectangle]]:
    """Yield where a name may stand, the best first: beside its point, above, below, at its corners."""
    x, y, reach = point.x, point.y, point.reach
    wide, line, gap = len(words) * CHARACTER * unit, LINE * unit, 3.0 * unit
    corner = math.sqrt(0.5) * reach + gap
    middle, above, below = y + 0.3 * line, y - reach - gap, y + reach + gap + 0.65 * line
    high, low = y - corner, y + corner + 0.5 * line
    for anchor, at, base in (
        ("start", x + reach + gap, middle), ("end", x - reach - gap, middle),
        ("middle", x, above), ("middle", x, below),
        ("start", x + corner, high), ("start", x + corner, low), ("end", x - corner, high), ("end", x - corner, low),
    ):  # fmt: skip
        left = at - wide * {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor]
        yield PlacedName(at, base, anchor, words), (left, base - 0.75 * line, left + wide, base + 0.25 * line)


def _within(box: Rectangle, other: Rectangle) -> bool:
    return box[0] >= other[0] and box[1] >= other[1] and box[2] <= other[2] and box[3] <= other[3]


def _covers(point: Point, box: Rectangle) -> bool:
    """Whether a point reaches into a rectangle."""
    across = max(box[0] - point.x, 0.0, point.x - box[2])
    down = max(box[1] - point.y, 0.0, point.y - box[3])
    return across**2 + down**2 < point.reach**2


def _meet(one: Rectangle, other: Rectangle) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
