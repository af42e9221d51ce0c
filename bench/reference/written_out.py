"""Redundancy written out: for every contingency and period, its re-routing as variables.

The definition of the rule and nothing else: what survives carries the critical demand. It shares no algebra with the
cuts of `planner.redundancy`: failure domains, survivors and routing are laid out anew from the rows of the case. Exact,
and far too large for more than a few sites.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from pyomo.common.errors import InfeasibleConstraintException

from planner.case.case import CaseData
from planner.case.model import RedundancyRule
from planner.inputs import Inputs, make_inputs
from planner.program import build_program
from planner.program.columns import STOCK, UNSERVED
from planner.program.declare import add_column, add_empty, add_further_row
from planner.program.terms import Domain, PyomoModel, Sum
from planner.runs.compile import compile_program
from planner.solve.arrays import INFINITY, Arrays, Floats, NewRow
from planner.solve.highs import Engine, SolverResult
from planner.solve.serve import LEAST_UNSERVED
from planner.symbols import NUMBER, ColumnIndex, Constraint, Row, Variable

ROUTE = Variable[int]("route_gw", (NUMBER,), "IT GW", "chips of a survivor that carry a demand after a loss")
ROUTED = Constraint[int]("route", (NUMBER,))
Unit = tuple[str, str, str]
FEASIBLE = ("optimal", "gap")


@dataclass(frozen=True)
class Result:
    """How the written-out program ended; cost in $B, infinite without a plan."""

    status: str
    cost_busd: float
    bound_busd: float
    columns: int
    rows: int
    seconds: float


def without_rules(case: CaseData) -> CaseData:
    """The same case without its redundancy rules."""
    families = case.model.families.model_copy(update={"redundancy": None})
    return case.replace(model=case.model.model_copy(update={"families": families}))


def written_out(case: CaseData) -> PyomoModel:
    """The program of a case with every contingency's re-routing as variables."""
    inputs = make_inputs(without_rules(case))
    m = build_program(inputs)
    installed = _installed(m, inputs)
    add_empty(m, ROUTE, Domain.NON_NEGATIVE)
    add_empty(m, ROUTED)
    family = case.model.families.redundancy
    for rule in family.rules if family else ():
        for t in inputs.periods:
            critical = {d: compute for d in inputs.demand_compute if (compute := _critical(inputs, rule, d, t)) > 0.0}
            if not critical:
                continue
            for lost in contingencies(inputs, rule):
                survivors = {key[:3]: gw for key, gw in installed.items() if key[3] == t and key[:3] not in lost}
                _route(m, inputs, survivors, critical, t)
    return m


def contingencies(inputs: Inputs, rule: RedundancyRule) -> Iterator[set[Unit]]:
    """The units that each contingency of a rule takes down."""
    units = {
        (offer.site, offer.provider, k)
        for o, offer in inputs.offers.items()
        for k in (*offer.chips, *inputs.signed_chips.get(o, ()))
    }
    if rule.domain == "sites":
        yield {u for u in units if u[0] in (rule.sites or ())}
        return
    if rule.domain == "none":
        yield set()
        return
    of_unit = {u: _domain(inputs, rule.domain, u) for u in units}
    every = {row.vendor for row in inputs.chips.values()} if rule.domain == "chip_vendor" else set(of_unit.values())
    for lost in combinations(sorted(every), min(rule.k, len(every))):
        yield {u for u, domain in of_unit.items() if domain in lost}


def _domain(inputs: Inputs, kind: str, unit: Unit) -> str:
    site, provider, chip = unit
    row = inputs.sites[site]
    named = {"site": site, "provider": provider, "power_region": row.power_region, "country": row.country}
    return inputs.chips[chip].vendor if kind == "chip_vendor" else named[kind]


def _critical(inputs: Inputs, rule: RedundancyRule, demand: tuple[str, str], t: int) -> float:
    year = inputs.case.model.horizon.start.year + int(inputs.calendar.start_years[t] + 1e-9)
    if year < (rule.first_year or year) or year > (rule.last_year or year):
        return 0.0
    shares = rule.critical_share
    share = shares.get(demand[1], 0.0) if isinstance(shares, dict) else shares
    for override in rule.overrides:
        if (override.market, override.workload) == demand:
            share = override.share
    return share * inputs.demand_compute[demand][t]


def _installed(m: PyomoModel, inputs: Inputs) -> dict[tuple[str, str, str, int], Sum]:
    installed: dict[tuple[str, str, str, int], Sum] = {}
    for o, role, k, t in inputs.stocks:
        place = (inputs.offers[o].site, inputs.offers[o].provider, k, t)
        installed.setdefault(place, Sum()).add(1.0, STOCK.of(m)[o, role, k, t])
    for (o, _, k), gw in inputs.signed_chip_gw.items():
        for t in inputs.periods:
            place = (inputs.offers[o].site, inputs.offers[o].provider, k, t)
            installed.setdefault(place, Sum()).constant += gw[t]
    return installed


def _route(
    m: PyomoModel, inputs: Inputs, survivors: dict[Unit, Sum], critical: dict[tuple[str, str], float], t: int
) -> None:
    carried = {d: Sum() for d in critical}
    for (site, _provider, chip), gw in survivors.items():
        used = Sum()
        for market, workload in critical:
            rate = inputs.compute_per_gw(chip, workload, t)
            if rate and (site, market) in inputs.reach:
                flow = ROUTE.of(m)[add_column(m, ROUTE)]
                used.add(1.0, flow)
                carried[market, workload].add(rate, flow)
        if not used.is_constant:
            add_further_row(m, ROUTED, len(ROUTED.of(m)) + 1, used.add_sum(-1.0, gw).at_most(0.0))
    for d, need in critical.items():
        if carried[d].is_constant:
            raise InfeasibleConstraintException(f"nothing that survives can carry {d}")
        add_further_row(m, ROUTED, len(ROUTED.of(m)) + 1, carried[d].at_least(need))


def solve_written_out(case: CaseData, *, gap: float = 0.0, time_limit_s: float = INFINITY) -> Result:
    """Solve the written-out program with the bare solver.

    Where unserved demand is minimised first, a plan that serves everything is looked for at once.
    """
    try:
        arrays = compile_program(written_out(case))
    except InfeasibleConstraintException:  # a constraint that nothing can meet, here or in Pyomo
        return Result("infeasible", INFINITY, INFINITY, 0, 0, 0.0)
    if case.model.objective.unserved != "lexicographic":
        return _result(arrays, _run(arrays, gap, time_limit_s), 0.0)
    whole = _run(_serving_all(arrays), gap, time_limit_s)
    if whole.status != "infeasible":
        return _result(arrays, whole, 0.0)
    left = time_limit_s - whole.seconds
    weight = _unserved_weight(arrays, make_inputs(case))
    least = _run(arrays.with_cost(weight), 0.0, left)
    if least.status not in FEASIBLE:
        return _result(arrays, least, whole.seconds, proven=least.status == "infeasible")
    limited = _unserved_at_most(arrays, weight, least.objective)
    spent = whole.seconds + least.seconds
    return _result(arrays, _run(limited, gap, time_limit_s - spent), spent)


def _result(arrays: Arrays, outcome: SolverResult, before_s: float, *, proven: bool = True) -> Result:
    cost, bound = (outcome.objective, outcome.bound) if proven else (INFINITY, -INFINITY)
    return Result(outcome.status, cost, bound, arrays.column_count, arrays.row_count, before_s + outcome.seconds)


def _run(arrays: Arrays, gap: float, time_limit_s: float) -> SolverResult:
    # With presolve HiGHS 1.15.1 calls plans optimal that are not, depending on start and seed (random case 35); without
    # the aggregator (a rule of its presolve, by its bit) no such answer was seen.
    own: dict[str, Any] = {"presolve_rule_off": 4096}
    outcome = Engine(arrays).run(gap=gap, time_limit_s=time_limit_s, **own)
    if outcome.status == "infeasible":  # a second opinion
        outcome = Engine(arrays).run(gap=gap, time_limit_s=time_limit_s, presolve="off", **own)
    return outcome


def _serving_all(arrays: Arrays) -> Arrays:
    unserved = np.array([variable == UNSERVED for variable, _ in arrays.columns])
    return arrays.with_bounds(arrays.lower, np.where(unserved, 0.0, arrays.upper))


def _unserved_weight(arrays: Arrays, inputs: Inputs) -> Floats:
    weight = np.zeros(arrays.column_count)
    for (_, _, t), column in ColumnIndex(arrays.columns)[UNSERVED].items():
        weight[column] = inputs.length_years(t)
    return weight


def _unserved_at_most(arrays: Arrays, weight: Floats, least: float) -> Arrays:
    index = np.flatnonzero(weight).astype(np.int32)
    row = NewRow(Row(LEAST_UNSERVED), index, weight[index], -INFINITY, least * (1.0 + 1e-6) + 1e-9)
    return arrays.extended([], [row])
