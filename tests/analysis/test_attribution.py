"""Attribution: parts add up to the whole, no order favours a change, and what cannot be split is said."""

import pytest

from planner import Case
from planner.analysis.attribution import attribute
from planner.errors import CaseError, InfeasibleError, PlannerError

EXACT_BUSD = 1e-6
CHANGES = [
    ("dear north", ["offers[north_cloud].rent_musd_per_mw_year=14"]),
    ("less research", ["demand[research,training,2027].compute=60"]),
    ("half critical", ["model.families.redundancy.rules[0].critical_share=0.5"]),
]


@pytest.fixture(scope="module")
def case():
    """The case that is worked out on paper."""
    return Case.read("three_sites")


@pytest.mark.parametrize("order", ["given", "shapley"])
@pytest.mark.slow
def test_parts_add_up_to_costs_solved_afresh(case, order):
    """The parts add up to the difference of two costs solved apart, to 1e-6 $B."""
    found = attribute(case, CHANGES, order)
    everything = [text for _, texts in CHANGES for text in texts]
    costs = [
        Case.read("three_sites", changes=texts).solve(gap=0.0, own_process=False).summary["cost_busd"]
        for texts in ([], everything)
    ]
    assert abs(costs[1] - costs[0]) > 0.1
    assert sum(row["cost_difference_busd"] for row in found.rows) == pytest.approx(costs[1] - costs[0], abs=EXACT_BUSD)
    assert found.solves == (4 if order == "given" else 8)


@pytest.mark.slow
def test_unserved_demand_adds_up():
    """The parts of unserved demand add up too, where changes leave some unserved."""
    free = Case.read("three_sites", changes=["model.families.redundancy="])
    changes = [("poor", ["budget[2027].cash_limit_busd=0.8"]), ("growth", ["demand[users,inference,2027].compute=144"])]
    found = attribute(free, changes, "shapley")
    assert found.unserved_difference_compute_years > 1.0
    parts = sum(row["unserved_difference_compute_years"] for row in found.rows)
    assert parts == pytest.approx(found.unserved_difference_compute_years, abs=1e-6)


@pytest.mark.slow
def test_shapley_does_not_depend_on_the_order_given(case):
    """Named in another order, Shapley gives every change the same part; the order given does not."""
    there = {r["change"]: r["cost_difference_busd"] for r in attribute(case, CHANGES, "shapley").rows}
    back = {r["change"]: r["cost_difference_busd"] for r in attribute(case, CHANGES[::-1], "shapley").rows}
    assert there == pytest.approx(back, abs=EXACT_BUSD)
    first = {r["change"]: r["cost_difference_busd"] for r in attribute(case, CHANGES).rows}
    last = {r["change"]: r["cost_difference_busd"] for r in attribute(case, CHANGES[::-1]).rows}
    assert any(abs(first[name] - last[name]) > 0.01 for name in first)


@pytest.mark.slow
def test_equal_changes_get_equal_parts_and_idle_ones_nothing(case):
    """Shapley: two changes that do the same share its effect; one that does nothing gets nothing."""
    same = ["demand[research,training,2027].compute=60"]
    found = attribute(
        case, [("a", same), ("b", same), ("idle", ["demand[research,training,2026].compute=40"])], "shapley"
    )
    parts = {row["change"]: row["cost_difference_busd"] for row in found.rows}
    assert parts["a"] == pytest.approx(parts["b"], abs=EXACT_BUSD)
    assert parts["idle"] == pytest.approx(0.0, abs=EXACT_BUSD)
    assert found.solves == 2


@pytest.mark.slow
def test_a_function_is_a_change(case):
    """A function from case to case does what the same change written as text does."""
    by_text = attribute(case, CHANGES[:1])

    def dear(data):
        return Case.read("three_sites", changes=CHANGES[0][1])

    assert attribute(case, [("dear", dear)]).cost_difference_busd == pytest.approx(by_text.cost_difference_busd)


def test_a_gap_is_told(case):
    """Parts of plans within a gap come with how far they may be off."""
    found = attribute(case, CHANGES[:1], gap=0.3)
    (row,) = found.rows
    slack = sum(plan.summary["cost_busd"] - plan.summary["bound_busd"] for plan in (found.base, found.changed))
    assert row["cost_uncertainty_busd"] == pytest.approx(slack)


FORCED = "model.forced=[{offer='east_cloud',by=2026,blocks=1}]"
"""A decision that no plan without an open site can make."""


def test_refusals(case):
    """No changes, repeated names, too many for Shapley, an unknown order, a wrong change, no plan: all are named."""
    with pytest.raises(PlannerError, match="at least one"):
        attribute(case, [])
    with pytest.raises(PlannerError, match="repeated: a"):
        attribute(case, [("a", []), ("a", [])])
    with pytest.raises(PlannerError, match="at most 6"):
        attribute(case, [(str(n), []) for n in range(7)], "shapley")
    with pytest.raises(PlannerError, match="given or shapley"):
        attribute(case, CHANGES, "random")  # type: ignore[arg-type]
    with pytest.raises(CaseError, match="north_clou"):
        attribute(case, [("typo", ["offers[north_clou].max_blocks=3"])])
    with pytest.raises(InfeasibleError, match="nothing left"):
        attribute(case, [("nothing left", ["model.families.site_opening={open_exactly=0}", FORCED])])


@pytest.mark.slow
def test_parts_of_shortfalls_add_up_and_a_difference_of_costs_is_no_saving():
    """Law: what is protected less is part of a difference, beside its cost; the parts add up to it."""
    changes = [
        ("no north", ["sites[north].max_it_mw=0"]),
        ("dear east", ["offers[east_cloud].rent_musd_per_mw_year=14"]),
    ]
    found = attribute(Case.read("three_sites"), changes, "shapley")
    column = "protection_difference_compute_years"
    whole = found.changed.summary["shortfalls"][-1]
    assert whole["tier"] == "protection"
    assert sum(row[column] for row in found.rows) == pytest.approx(whole["amount"])
    assert found.missed == f"protection: {whole['amount']:,.6g} instead of 0 compute-years"
