"""The ground of maps: coastlines, lakes and borders, which the package carries."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise

Line = Sequence[tuple[float, float]]
"""Points as longitude and latitude, degrees."""
LAYERS = ("land", "lakes", "states", "borders")


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the world: degrees of longitude and latitude."""

    west: float
    east: float
    south: float
    north: float

    def meets(self, line: Line) -> bool:
        """Whether the box of a line and this one have something in common."""
        xs, ys = [x for x, _ in line], [y for _, y in line]
        return min(xs) <= self.east and max(xs) >= self.west and min(ys) <= self.north and max(ys) >= self.south


@cache
def _content() -> dict[str, list[Line]]:
    found = json.loads((files("planner.figures") / "land.json").read_text(encoding="ascii"))
    units = found["units_per_degree"]
    return {layer: [_decoded(numbers, units) for numbers in found[layer]] for layer in LAYERS}


@cache
def credit() -> str:
    """Return whom the ground of the maps is from."""
    return str(json.loads((files("planner.figures") / "land.json").read_text(encoding="ascii"))["credit"])


def _decoded(numbers: Sequence[int], units: int) -> Line:
    points, x, y = [], 0, 0
    for place in range(0, len(numbers), 2):
        x, y = x + numbers[place], y + numbers[place + 1]
        points.append((x / units, y / units))
    return points


def ground(layer: str, box: Box) -> list[Line]:
    """Return the lines of a layer that a part of the world can show; what lies outside is cut off near its edge."""
    kept = (line for line in _content()[layer] if box.meets(line))
    if layer in ("land", "lakes"):
        return [cut for cut in (_clipped(line, box) for line in kept) if len(cut) > 2]
    return [part for line in kept for part in _parts(line, box)]


def _parts(line: Line, box: Box) -> list[Line]:
    """Return the runs of a line that meet a box."""
    runs: list[list[tuple[float, float]]] = []
    open_run = False
    for begin, end in pairwise(line):
        if box.meets((begin, end)):
            if not open_run:
                runs.append([begin])
            runs[-1].append(end)
        open_run = box.meets((begin, end))
    return list(runs)


def _clipped(ring: Line, box: Box) -> Line:
    """Return the part of a polygon within a box that is a little larger (Sutherland and Hodgman)."""
    margin = 2.0
    sides = (
        (0, 1.0, box.west - margin),
        (0, -1.0, -(box.east + margin)),
        (1, 1.0, box.south - margin),
        (1, -1.0, -(box.north + margin)),
    )
    points = list(ring)
    for axis, sign, limit in sides:
        found: list[tuple[float, float]] = []
        for begin, end in pairwise([*points, *points[:1]]):
            a, b = sign * begin[axis] - limit, sign * end[axis] - limit
            if a >= 0:
                found.append(begin)
            if (a >= 0) != (b >= 0):
                share = a / (a - b)
                found.append((begin[0] + share * (end[0] - begin[0]), begin[1] + share * (end[1] - begin[1])))
        points = found
    return points
