"""What figures show are the figures of the plan's tables, and every one of them can be drawn."""

import pytest

from planner.errors import OptionError
from planner.figures import FIGURES
from planner.figures.capacity import capacity, demand, programmes
from planner.figures.colours import OTHER
from planner.figures.land import LAYERS, Box, credit, ground
from planner.figures.money import cash, payees, spend
from planner.figures.names import number
from planner.figures.panels import panels
from planner.figures.plots import SPECS, PlanPlots
from planner.figures.redundancy import contingencies
from planner.figures.sites import site_map, timeline
from planner.figures.spec import Bubble, ticks
from tests.figures.plans import hostile_plan, kept_plan

FORMATS = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}


@pytest.mark.parametrize("by", ["provider", "chip", "role"])
def test_columns_are_the_sums_of_the_table(by):
    """Law: the columns of capacity add up to the installed IT MW of each period, whatever they are divided by."""
    plan = kept_plan()
    spec = capacity(plan, by)
    for place, label in enumerate(spec.periods):
        it_mw = sum(
            number(row["it_mw"]) for row in plan.periods.labelled(plan.rows("capacity")) if row["period"] == label
        )
        assert sum(layer.values[place] for layer in spec.layers) == pytest.approx(it_mw / 1000.0)


def test_no_more_is_asked_for_than_is_there():
    """Law: what demand uses, and what the redundancy rules need, does not exceed what is installed."""
    plan = kept_plan("three_sites")
    spec = capacity(plan)
    levels = {level.name: level.values for level in spec.levels}
    for place in range(len(spec.periods)):
        there = sum(layer.values[place] for layer in spec.layers)
        for name in ("in use for demand", "needed by the redundancy rules"):
            value = levels[name][place]
            assert value is None or value <= there + 1e-9


def test_money_is_the_money_of_the_tables():
    """Law: spending by role, by payee and in all are the same money."""
    plan = kept_plan()
    paid = sum(number(row["amount_busd"]) for row in plan.rows("spend") if row["part"] == "spend")
    for spec in (cash(plan), spend(plan)):
        names = [layer for layer in spec.layers if layer.name != "financing paid"]
        assert sum(sum(layer.values) for layer in names) == pytest.approx(paid)
    assert sum(bar.end for bar in payees(plan).bars) == pytest.approx(paid, rel=1e-3)
    served = demand(plan)
    assert served.levels[0].name == "demanded"


def test_programmes_with_common_sites_are_not_counted_twice():
    """Law: what programmes ask for together is no more than the largest of those that share a site, and the others."""
    from planner.figures.capacity import _apart

    sites = {"a": {"x", "y"}, "b": {"y"}, "c": {"z"}}
    assert _apart([(4.0, "a"), (1.0, "b"), (2.0, "c")], sites) == 6.0
    assert programmes(kept_plan()) == [] or programmes(kept_plan())[0].unit


def test_the_head_room_is_the_margin_over_the_critical_demand():
    """Law: every cell of the heat map is a contingency of the table; alike losses share a line."""
    plan = kept_plan("three_sites")
    spec = contingencies(plan)
    values = {round(cell.value, 9) for row in spec.cells for cell in row if cell is not None}
    assert values == {
        round(number(row["margin_compute"]) / number(row["critical_compute"]), 9)
        for row in plan.rows("contingencies")
        if number(row["critical_compute"])
    } | ({float("inf")} if any(not number(row["critical_compute"]) for row in plan.rows("contingencies")) else set())


def test_the_map_and_the_timeline_have_every_site_with_capacity():
    """Law: a site with capacity is a bubble, and one with a contract a lane; bars do not lie on each other."""
    plan = kept_plan()
    used = {str(row["site"]) for row in plan.rows("capacity") if number(row["it_mw"])}
    spec = site_map(plan)
    assert len(spec.bubbles) == len(used)
    assert all(0.0 <= bubble.backup_share <= 1.0 and bubble.it_gw > 0.0 for bubble in spec.bubbles)
    lanes = timeline(plan).lanes
    assert sum(len(lane.spans) for lane in lanes) == len(plan.rows("contracts"))
    for lane in lanes:
        for before, after in zip(lane.spans, lane.spans[1:], strict=False):
            assert before.end <= after.begin + 1e-6


def test_far_sites_have_panels_of_their_own():
    """Law: every site lies in the panel that has it, wherever the sites are."""
    places = [(-100.0, 32.0), (-80.0, 41.0), (5.0, 52.0), (54.0, 24.0), (140.0, 36.0), (179.9, -17.0), (-0.5, 60.0)]
    bubbles = [Bubble(f"b{n}", x, y, 1.0 + n, 0.0, OTHER, "") for n, (x, y) in enumerate(places)]
    for some in (bubbles, bubbles[:1], bubbles[:2], []):
        for narrow in (False, True):
            found = panels(some, 1000.0, 500.0, narrow=narrow)
            assert sum(len(panel.bubbles) for panel in found) == len(some)
            for panel in found:
                for bubble in panel.bubbles:
                    x, y = panel.place(bubble.longitude_deg, bubble.latitude_deg)
                    assert panel.x <= x <= panel.x + panel.width
                    assert panel.y <= y <= panel.y + panel.height


def test_the_ground_is_inside_the_package():
    """Law: coastlines and borders are there without a network, and say whom they are from."""
    box = Box(-125.0, -66.0, 24.0, 50.0)
    for layer in LAYERS:
        lines = ground(layer, box)
        assert lines, layer
        assert all(box.west - 40 <= x <= box.east + 40 for line in lines for x, _ in line)
    assert "Natural Earth" in credit()


def test_ticks_hold_what_they_are_for():
    """Law: ticks are even, few, and reach over both ends, also where both ends are one."""
    for low, high in (
        (0.0, 4.9),
        (0.0, 1e-9),
        (217.1, 217.1),
        (-3.0, 12.0),
        (0.0, 123456.0),
        (-2e17, 3e18),
        (0.0, 1e308),
    ):
        marks = ticks(low, high)
        assert marks[0] <= low
        assert marks[-1] >= high
        assert 2 <= len(marks) <= 8


def test_a_figure_is_matplotlibs_own():
    """Law: `plan.plot` returns figures of the plotting library, one for each name of the command line."""
    matplotlib = pytest.importorskip("matplotlib.figure")
    assert tuple(SPECS) == FIGURES
    plots = PlanPlots(kept_plan("three_sites"))
    figure = plots.capacity("chip", dark=True)
    assert isinstance(figure, matplotlib.Figure)
    assert figure._repr_png_().startswith(FORMATS["png"])
    with pytest.raises(OptionError, match="provider, chip or role"):
        plots.capacity("colour")


@pytest.mark.slow
@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_is_drawn_in_every_format_and_hostile_names_are_texts(name):
    """Law: no name of a case is a formula, an error or markup; light and dark, each format."""
    draw = pytest.importorskip("planner.figures.draw")
    sheet = pytest.importorskip("planner.figures.sheet")
    spec = SPECS[name](hostile_plan())
    for kind, start in FORMATS.items():
        content = sheet.content_of(draw.draw(spec, dark=kind == "svg"), kind)
        assert content.startswith(start)
        assert b"<script" not in content
    assert sheet.plain("$a$ _b") == r"\$a\$ _b"
