"""Forcing in and out, prices and alternatives on the random cases of the second formulation: each as by hand."""

from typing import Any

import pytest
from pyomo.common.errors import InfeasibleConstraintException

from planner.api import Case, Plan
from planner.audit import audit
from planner.case.case import CaseData
from planner.case.rows import BudgetRow, ChipSupplyRow, EnergisationRow, PowerRegionRow, SiteRow
from planner.changes.apply import apply_changes
from planner.errors import InfeasibleError, NoPlanError
from planner.explain.alternatives import alternatives
from planner.explain.prices_table import Price, prices
from planner.explain.why import why
from planner.inputs import Inputs
from planner.program.columns import (
    ASSIGNED,
    AT_HIGHEST,
    BLOCKS,
    DECLINED,
    DEVELOPMENT_ON,
    HOSTED,
    LEASE_BLOCKS,
    OFFER_USED,
    REFRESH_BLOCKS,
    SIGNING_ON,
    SITE_OPEN,
)
from planner.program.declare import add_row
from planner.program.family import Family
from planner.program.ledger import Ledger
from planner.program.terms import PyomoModel, Sum
from planner.runs.session import solve_case
from planner.runs.start import start_values
from planner.symbols import Constraint, Variable
from tests.explain.test_alternatives import keeps_to
from tests.explain.test_prices_table import EXACT
from tests.explain.test_why_random import banned, misses
from tests.length import some
from tests.redundancy.random_cases import random_case
from tests.reference.rich_cases import rich_case

SEEDS = range(30)
AT_LEAST_ONE = Constraint[None]("forced_by_hand", (), "value of a block less", "forced_by_hand")
WHOLE: tuple[Variable[Any], ...] = (
    ASSIGNED, AT_HIGHEST, BLOCKS, DECLINED, DEVELOPMENT_ON, HOSTED, LEASE_BLOCKS, OFFER_USED, REFRESH_BLOCKS,
    SIGNING_ON, SITE_OPEN,
)  # fmt: skip
"""Every integer variable of the program."""
RICH = (6, 10, 33, 36, 37, 71, 89, 100, 182, 194, 219, 229)
"""Seeds of rich cases whose plans miss nothing: where something is missed, it takes up every change."""
PLAIN = (0, 1, 2, 4, 5, 8, 10, 11, 14, 17, 18, 20, 22, 23, 25, 28, 29, 32)
"""The same of the cases of redundancy, with unserved demand at a high price."""
DEAR: list[Any] = ["model.objective.unserved=priced", "model.objective.unserved_price_busd_per_compute_year=0.5"]
STEP = 0.02
"""By how much of its unit a figure is moved; prices are slopes."""


def wanted(offers: set[str]) -> Family:
    """At least one block of some offers is decided."""

    def build(m: PyomoModel, _inputs: Inputs, _ledger: Ledger) -> None:
        total = Sum()
        for key, variable in BLOCKS.of(m).items():
            if key[0] in offers:
                total.add(1.0, variable)
        add_row(m, AT_LEAST_ONE, total.at_least(1.0))

    return Family("forced_by_hand", build, requires=("contract",))


def best(case: CaseData, family: Family) -> Plan | None:
    """The best plan with a family besides; None if there is none."""
    try:
        return Plan.of(solve_case(case, EXACT, families=(family,)).plan)
    except (InfeasibleError, NoPlanError, InfeasibleConstraintException):  # the last: nothing of it can be decided
        return None


def offers_of(case: CaseData, kind: str, name: str) -> set[str]:
    """The offers of a site or a provider."""
    return {offer for offer, row in Case.of(case).inputs.offers.items() if getattr(row, kind) == name}


def solved(case: CaseData) -> Plan:
    """The plan of a case, to no gap."""
    try:
        return Case.of(case).solve(gap=0.0, own_process=False)
    except InfeasibleError:
        pytest.skip("the case has no plan")


@pytest.mark.slow
@pytest.mark.parametrize("number", some(SEEDS, 4))
def test_what_is_forced_costs_what_a_solve_by_hand_says(number: int) -> None:
    """Law: sites and a provider forced in or out cost the difference of two solves, and the interval holds it.

    Where the answer is that no plan can have it so, none by hand has it so and misses no more.
    """
    case = rich_case(number)
    plan = solved(case)
    inputs = Case.of(case).inputs
    names = [("site", name) for name in list(inputs.sites)[:2]]
    names += [("provider", name) for name in sorted({row.provider for row in inputs.offers.values()})[:1]]
    scale = 2e-6 * max(1.0, abs(plan.cost_busd))
    for kind, name in names:
        found = why(plan, f"{kind}:{name}", gap=0.0, time_limit_s=60.0)[0]
        offers = offers_of(case, kind, name)
        hand = best(case, wanted(offers) if found.forced == "in" else banned(offers))
        if hand is None or misses(hand) != misses(plan):
            assert found.finding == "infeasible" or case.model.objective.unserved == "priced", (kind, name, found)
        if hand is not None and found.difference_busd is not None and misses(hand) == misses(plan):
            difference = hand.cost_busd - plan.cost_busd
            assert found.difference_busd == pytest.approx(difference, abs=scale)
            assert found.least_busd <= difference + scale
            assert found.most_busd is None or difference <= found.most_busd + scale


def whole_plan(plan: Plan) -> Family:
    """Every integer variable as in a plan."""
    values = start_values(plan)

    def build(m: PyomoModel, _inputs: Inputs, _ledger: Ledger) -> None:
        for variable in WHOLE:
            for key, column in variable.of(m).items() if m.component(variable.component) is not None else ():
                known = values[variable].get(key, 0.0)
                column.setlb(known)
                column.setub(known)

    return Family("whole_plan", build, requires=("contract",))


def changes_of(case: CaseData, one: Price, by: float) -> list[object] | None:
    """The figures of one price moved by so much of its unit; None where the price is of no figure of its own."""
    if one.kind == "site_it":
        row = case.by_key(SiteRow)[one.place]
        return [f"sites[{one.place}].max_it_mw={row.max_it_mw + by:.12g}"]
    if one.kind == "region_power":
        region = case.by_key(PowerRegionRow)[one.place]
        return [f"power_regions[{one.place}].firm_facility_mw={region.firm_facility_mw + by:.12g}"]
    if one.kind == "site_power":
        steps = [row for row in case.rows(EnergisationRow) if row.site == one.place]
        return [
            f"energisation[{one.place},{row.date}].facility_mw={row.facility_mw + by:.12g}" for row in steps
        ] or None
    if one.kind == "market_demand":
        market, workload = one.place.split(", ")
        where = {"market": market, "workload": workload}
        factor = 1.0 + by / 100.0
        return [{"op": "scale", "table": "demand", "where": where, "column": "compute", "factor": factor}]
    if one.kind == "envelope":
        old = getattr(case.model.families.budget, f"{one.place}_envelope_busd")
        return [f"model.families.budget.{one.place}_envelope_busd={old + by:.12g}"]
    return _of_year(case, one, by)


def _of_year(case: CaseData, one: Price, by: float) -> list[object] | None:
    """The figure of a calendar year, where a period is one."""
    horizon = case.model.horizon
    if horizon.period_months != 12 or horizon.tail is not None or not one.period.isdigit():
        return None
    year = int(one.period)
    if one.kind == "cash":
        row = case.by_key(BudgetRow)[year]
        column = "cash_limit_busd" if row.cash_limit_busd is not None else "cash_burn_busd"
        return [f"budget[{year}].{column}={getattr(row, column) + by:.12g}"]
    if one.kind == "chip_supply":
        supply = case.by_key(ChipSupplyRow)[one.place, year]
        return [f"chip_supply[{one.place},{year}].it_mw={supply.it_mw + by:.12g}"]
    if one.kind == "demand":
        factor = 1.0 + by / 100.0
        return [{"op": "scale", "table": "demand", "where": {"year": year}, "column": "compute", "factor": factor}]
    return None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rich", "number"), some([*((True, one) for one in RICH), *((False, one) for one in PLAIN)], 3)
)
def test_prices_are_finite_differences_to_both_sides(rich: bool, number: int) -> None:
    """Law: a price times a small step is the difference of two solves with every integer decision kept, up and down."""
    case = rich_case(number) if rich else apply_changes(random_case(number), DEAR)
    plan = solved(case)
    assert plan.summary["unserved_share"] <= 0.0
    assert not plan.rows("shortfalls")
    family, compared = whole_plan(plan), 0
    for one in prices(plan).prices:
        for busd, step, until in ((one.more_busd, STEP, one.more_until), (one.less_busd, -STEP, one.less_until)):
            changes = changes_of(case, one, step) if busd is not None and (until is None or until > STEP) else None
            if busd is None or changes is None or compared >= MOST_COMPARED:
                continue
            hand = best(apply_changes(case, changes), family)
            assert hand is not None, (one, step)
            assert hand.cost_busd - plan.cost_busd == pytest.approx(
                busd * STEP, abs=1e-7 * max(1.0, abs(plan.cost_busd))
            ), (one, step)
            compared += 1
    assert compared


MOST_COMPARED = 24


@pytest.mark.slow
@pytest.mark.parametrize("number", some(SEEDS, 2))
def test_alternatives_keep_to_the_slack_and_have_what_all_must_have(number: int) -> None:
    """Law: alternatives pass the audit within the slack and have every must-have, without which plans cost more."""
    case = rich_case(number)
    plan = solved(case)
    found = alternatives(plan, 0.03, gap=0.0, time_limit_s=60.0, count=20)
    for other in found.plans:
        keeps_to(found, other.plan)
    kept = found.kept_in(plan)
    assert audit(kept.case, kept.tables, kept.summary).passed
    for one in (one for one in found.spans if one.dimension in {"site", "provider"} and one.verdict and not one.period):
        offers = offers_of(case, one.dimension, one.name)
        hand = best(case, banned(offers) if one.verdict == "must" else wanted(offers))
        if hand is not None and misses(hand) == misses(plan):
            assert hand.cost_busd > found.limit_busd - 1e-6 * max(1.0, abs(plan.cost_busd)), one
