"""Forcing in and out, and prices, on random small cases: each equals a solve of the same by hand."""

import pytest

from planner.api import Case, Plan
from planner.case.case import CaseData
from planner.changes.apply import apply_changes
from planner.errors import InfeasibleError
from planner.explain.prices_table import prices
from planner.explain.why import why
from planner.inputs import Inputs
from planner.program.columns import BLOCKS
from planner.program.family import Family
from planner.program.ledger import Ledger
from planner.program.terms import PyomoModel
from planner.runs.session import solve_case
from planner.runs.variants import SAME_UNSERVED
from tests.explain.test_prices_table import EXACT, by_hand
from tests.length import some
from tests.redundancy.random_cases import random_case

NUMBERS = range(8)


def banned(offers: set[str]) -> Family:
    """Nothing of some offers is decided."""

    def build(m: PyomoModel, _inputs: Inputs, _ledger: Ledger) -> None:
        for key, variable in BLOCKS.of(m).items():
            if key[0] in offers:
                variable.setub(0)

    return Family("banned", build, requires=("contract",))


def forced_by_hand(case: CaseData, site: str, *, into: bool) -> Plan | None:
    """The best plan with a block at a site, or without the site's offers; None if there is none."""
    inputs = Case.of(case).inputs
    try:
        if into:
            last = inputs.calendar.start_dates[inputs.calendar.count - 1].year
            case = apply_changes(case, [{"op": "force", "site": site, "by": last}])
            return Plan.of(solve_case(case, EXACT).plan)
        return Plan.of(solve_case(case, EXACT, families=(banned(set(inputs.offers_at(site))),)).plan)
    except InfeasibleError:
        return None


def misses(plan: Plan) -> dict[str, float]:
    """What a plan misses, in the order in which it counts."""
    found = {str(one["tier"]): round(float(one["amount"]), 6) for one in plan.summary["shortfalls"]}
    return {**found, "unserved": round(float(plan.summary["unserved_share"]), 6)}


@pytest.mark.slow
@pytest.mark.parametrize("number", some(NUMBERS, 3, seed=12))
def test_a_forced_site_costs_what_it_costs_by_hand(number: int) -> None:
    """The same difference, or no plan that misses no more; the interval holds it. Three of eight cases."""
    case = random_case(number)
    plan = Case.of(case).solve(gap=0.0, own_process=False)
    for found in why(plan, list(Case.of(case).inputs.sites)[:3], gap=0.0, time_limit_s=60.0):
        hand = forced_by_hand(case, found.name, into=found.forced == "in")
        if hand is None or misses(hand) != misses(plan):
            priced = case.model.objective.unserved == "priced"
            assert found.finding == "infeasible" or (priced and found.difference_busd is not None)
        if hand is not None and found.difference_busd is not None:
            if abs(hand.summary["unserved_share"] - plan.summary["unserved_share"]) > SAME_UNSERVED:
                assert case.model.objective.unserved == "priced"
            difference = hand.cost_busd - plan.cost_busd
            assert found.difference_busd == pytest.approx(difference, abs=2e-6 * max(1.0, abs(plan.cost_busd)))
            assert found.least_busd <= difference + 2e-6 * max(1.0, abs(plan.cost_busd))
            assert found.most_busd is not None
            assert difference <= found.most_busd + 2e-6 * max(1.0, abs(plan.cost_busd))


@pytest.mark.slow
@pytest.mark.parametrize("number", some([1, 2, 4, 5], 2))
def test_prices_of_demand_are_differences(number: int) -> None:
    """A small change of what a market demands, the blocks kept: the price times the change, to both sides.

    Two of four cases.
    """
    objective = ["model.objective.unserved=priced", "model.objective.unserved_price_busd_per_compute_year=0.5"]
    case = apply_changes(random_case(number), objective)
    plan = Case.of(case).solve(gap=0.0, own_process=False)
    if plan.summary["unserved_share"] > 0.0:
        pytest.skip("demand that is not served takes up every change")
    found = prices(plan)
    for (market, workload), _ in list(Case.of(case).inputs.demand_compute.items())[:3]:
        one = found.of("market_demand", f"{market}, {workload}")
        for factor, busd in ((1.0002, one.more_busd), (0.9998, one.less_busd)):
            where = {"market": market, "workload": workload}
            scaled = {"op": "scale", "table": "demand", "where": where, "column": "compute", "factor": factor}
            change = by_hand(plan, [scaled])
            if change is not None and busd is not None:
                assert change == pytest.approx(0.02 * busd, abs=1e-6 * max(1.0, abs(plan.cost_busd)))
