"""Names in figures: on no point, on no other name, inside; and bars that stay on their side of the base."""

import random
import re

import pytest

from planner.figures.colours import GOOD
from planner.figures.panels import names_on, panels
from planner.figures.placing import CHARACTER, LINE, Point, placed_names
from planner.figures.spec import Bar, Bars, Bubble

INSIDE = (0.0, 0.0, 400.0, 300.0)
SHIFT = {"start": 0.0, "middle": 0.5, "end": 1.0}


def box(name):
    """The room that a name takes."""
    wide = len(name.words) * CHARACTER
    left = name.x - SHIFT[name.anchor] * wide
    return left, name.base - 0.75 * LINE, left + wide, name.base + 0.25 * LINE


def test_names_are_in_no_other_way():
    """Law: no name leaves the figure, meets another one or covers a point; the most important have one first."""
    draw = random.Random(7)
    points = [
        Point(draw.uniform(9, 390), draw.uniform(9, 290), draw.uniform(3, 30), [f"point {number} of 40", f"p{number}"])
        for number in range(40)
    ]  # fmt: skip
    names = placed_names(points, INSIDE, 25)
    assert 10 < len(names) <= 25
    boxes = [box(name) for name in names]
    for place, (left, top, right, bottom) in enumerate(boxes):
        assert (left, top) >= (0.0, 0.0)
        assert right <= INSIDE[2]
        assert bottom <= INSIDE[3]
        for other in boxes[:place]:
            assert right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top
        for point in points:
            near_x, near_y = min(max(point.x, left), right), min(max(point.y, top), bottom)
            assert (near_x - point.x) ** 2 + (near_y - point.y) ** 2 >= point.reach**2 - 1e-9


def test_a_site_keeps_its_name_on_the_map():
    """Law: what explains a name goes first; a short form that two sites share names neither of them."""
    names = ["Kiruna, north (a pool of halls)", "Kiruna, south (another pool)", "Lone " + "hall " * 9 + "(x)"]
    bubbles = [Bubble(name, 10.0 + 6 * n, 60.0 - 4 * n, 1.0, 1.0, GOOD, "") for n, name in enumerate(names)]
    [panel] = panels(bubbles, 260.0, 300.0)
    circles = [(*panel.place(one.longitude_deg, one.latitude_deg), 12.0, one) for one in panel.bubbles]
    assert {one.words for one in names_on(panel, circles, 1.0, 5.0)} >= {"Kiruna, north", "Kiruna, south"}
    [tight] = panels(bubbles, 150.0, 300.0)
    circles = [(*tight.place(one.longitude_deg, one.latitude_deg), 12.0, one) for one in tight.bubbles]
    assert "Kiruna" not in {one.words for one in names_on(tight, circles, 1.0, 5.0)}


@pytest.mark.parametrize("width", [362.0, 526.0, 1080.0])
def test_bars_stay_on_their_side(width):
    """Law: however long names and labels are, a bar begins at the base, is drawn to its side, and stays inside."""
    columns = pytest.importorskip("planner.report.html.columns", reason="needs the extra report")
    label = "+10.70, and words that take all the room there is"
    ends = (6.0, -5.0, 3.0, 0.0)
    bars = tuple(Bar(f"a run with a long name {end}", 0.0, end, GOOD, label) for end in ends)
    found = str(columns.bars_svg(Bars("", "", "", bars), width))
    base = float(re.search(r'<line x1="([\d.]+)"', found)[1])
    drawn = re.findall(r'<rect x="(-?[\d.]+)" y="[\d.]+" width="([\d.]+)"[^>]*class="f-', found)
    sides = [(float(x), float(x) + float(wide)) for x, wide in drawn]
    assert len(sides) == 4
    for end, (left, right) in zip(ends, sides, strict=True):
        assert -0.2 <= left <= right <= width + 0.2
        assert (left if end >= 0.0 else right) == pytest.approx(base, abs=0.2)
    assert sides[0][1] - sides[0][0] > 1.5 * (sides[2][1] - sides[2][0]) > 20.0
