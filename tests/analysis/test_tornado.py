"""Tornado: both ends of every range, grouped as asked, sorted by what they do."""

import pytest

from planner import Case
from planner.analysis.tornado import groups_of, tornado
from planner.errors import PlannerError


@pytest.fixture(scope="module")
def case():
    """The case that is worked out on paper: its demand has ranges."""
    return Case.read("three_sites")


@pytest.mark.slow
def test_each_end_is_the_case_at_that_end(case):
    """The cost at an end is that of the case with these very figures; swings are sorted, the largest first."""
    names = ["demand[workload=train*].compute", "demand[users,inference,2027].compute"]
    found = tornado(case, names, gap=0.0)
    texts = ["demand[research,training,2026].compute=32", "demand[research,training,2027].compute=64"]
    by_hand = Case.read("three_sites", changes=texts).solve(gap=0.0, own_process=False).summary["cost_busd"]
    (low,) = [row for row in found.rows if (row["input"], row["end"]) == (names[0], "low")]
    assert low["cost_busd"] == pytest.approx(by_hand, abs=1e-9)
    assert low["cells"] == 2
    assert low["cost_difference_busd"] == pytest.approx(by_hand - found.base.summary["cost_busd"])
    swings = [row["swing_busd"] for row in found.rows]
    assert swings == sorted(swings, reverse=True)
    assert swings[-1] > 0.0


@pytest.mark.slow
def test_less_demand_never_costs_more(case):
    """All demand low costs no more and all demand high serves no larger share than the base."""
    rows = {row["end"]: row for row in tornado(case, ["demand.compute"], gap=0.0).rows}
    assert rows["low"]["cost_difference_busd"] < 0.0
    assert rows["low"]["final_it_mw_difference"] < 0.0
    assert rows["high"]["unserved_share_difference"] >= 0.0


@pytest.mark.slow
def test_what_changes_shortfalls_comes_first_and_has_no_swing(case):
    """Law: a cheaper plan that protects less is no saving: it is ranked by what it misses, and not by its cost."""
    found = tornado(case, ["demand[workload=train*].compute", "demand.compute"], gap=0.0)
    rows = {(row["input"], row["end"]): row for row in found.rows}
    high = rows["demand.compute", "high"]
    assert (high["shortfall_tier"], high["shortfall_difference"]) == ("protection", pytest.approx(12.0))
    assert "no saving" in high["reason"]
    assert "protection: 12 compute-years" in high["missed"]
    assert [row["input"] for row in found.rows[:2]] == ["demand.compute"] * 2
    low = rows["demand.compute", "low"]
    assert (low["shortfall_tier"], low["shortfall_difference"], low["reason"]) == ("", None, "")
    assert low["swing_busd"] == pytest.approx(-low["cost_difference_busd"])


def test_all_columns_with_ranges_are_the_default(case):
    """Without groups every column that has a range is one group of all its figures."""
    (group,) = groups_of(case)
    assert (group.name, len(group.cells)) == ("demand.compute", 4)


@pytest.mark.parametrize(
    ("group", "message"),
    [
        ("demand", "must be written"),
        ("demnd.compute", "demand"),
        ("demand.comput", "compute"),
        ("demand[nobody,training,2026].compute", "no row"),
        ("demand[colour=red].compute", "no column 'colour'"),
        ("offers.rent_musd_per_mw_year", "no figure of it has a range"),
    ],
)
def test_wrong_groups_are_refused(case, group, message):
    """A group that is none is refused with the nearest match, or with what has ranges."""
    with pytest.raises(PlannerError, match=message):
        groups_of(case, [group])


def test_only_figures_of_a_grade_move_and_the_weakest_grade_shows(case):
    """Law: with a grade only figures of it move, each by its own grade; a group shows its weakest."""
    (all_of_it,) = groups_of(case)
    assert all_of_it.grade == "D"
    assert [group.cells for group in groups_of(case, grade="D")] == [all_of_it.cells]
    one = "demand[research,training,2026]"
    better = Case.read("three_sites", changes=[f"{one}.grade=B"])
    assert len(groups_of(better, grade="D")[0].cells) == len(all_of_it.cells) - 1
    (group,) = groups_of(better, ["demand.compute"], grade="B")
    assert (len(group.cells), group.grade) == (1, "B")
    assert groups_of(better, ["demand.compute"])[0].grade == "D"
    with pytest.raises(PlannerError, match="of grade A"):
        groups_of(better, ["demand.compute"], grade="A")
    with pytest.raises(PlannerError, match="of grade A has a range"):
        groups_of(better, grade="A")


def test_with_a_spread_figures_without_a_range_move(case):
    """Law: with a spread every number of the tables moves, what has a range within it; keys and places do not."""
    groups = {group.name: group for group in groups_of(case, spread=0.2)}
    assert groups["demand.compute"] == groups_of(case)[0]
    rents = {place: (low, high) for place, low, high in groups["offers.rent_musd_per_mw_year"].cells}
    assert rents["offers[north_cloud].rent_musd_per_mw_year"] == pytest.approx((8.0, 12.0))
    assert not any(name.endswith((".year", "_deg")) for name in groups)


@pytest.mark.parametrize(
    ("grade", "spread", "message"), [("E", None, "is no grade"), (None, 1.0, "below 1"), (None, 0.0, "above 0")]
)
def test_wrong_grades_and_spreads_are_refused(case, grade, spread, message):
    """Law: what is no grade and no share is refused."""
    with pytest.raises(PlannerError, match=message):
        groups_of(case, grade=grade, spread=spread)


def test_a_case_without_ranges_says_so(make_case):
    """Where no figure has a range, the message says how to give one."""
    with pytest.raises(PlannerError, match="X_low and X_high"):
        tornado(make_case())


@pytest.mark.slow
def test_no_group_is_of_what_no_plan_depends_on():
    """Law: ranges and figures of risks and slips, which only the draw of scenarios reads, are no inputs of a plan."""
    risks = Case.read("stargate_risks")
    assert "risks" in risks.ranges
    for spread in (None, 0.1):
        names = {group.name for group in groups_of(risks, spread=spread)}
        assert names - {"budget.other_spending_busd"} == {
            group.name for group in groups_of(Case.read("stargate"), spread=spread)
        } - {"budget.other_spending_busd"}
