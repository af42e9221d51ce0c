"""What more and less demand changes in the program of a plan whose integer decisions stay."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from planner.explain.prices_parametric import Direction
from planner.explain.prices_rows import Rows
from planner.explain.why_program import PlanProgram
from planner.inputs import Inputs
from planner.inputs.contiguity import best_compute_per_gw, clusters
from planner.inputs.contracts import MW_PER_GW
from planner.program.columns import ASSIGNED, HOSTED
from planner.program.families import contiguity, demand
from planner.solve.arrays import Floats
from planner.symbols import COMPUTE, Constraint
from planner.units import times_ten_to

Asked = Mapping[tuple[str, Any, int], float]
"""Compute by market, workload and period."""
STEP = 1e-1
MOST = 1e3
"""A small change of demand, and the largest that is looked at, %."""
SAME_SHARE = 1e-9
"""Relative difference below which what a rule asks of a cluster is all of what is demanded."""


def changed_demand(rows: Rows, program: PlanProgram, asked: Asked, side: int) -> Direction:
    """What more demand asks of balances, sites that serve a market alone, clusters and redundancy rules.

    Parameters
    ----------
    rows : Rows
    program : PlanProgram
    asked : mapping of (market, workload, period) to float
        What one more of it is, in compute.
    side : int
        1: for more demand; -1: for less, where the least of clusters may follow it that does not follow more.
    """
    found: dict[int, float] = {}
    for (m, w, t), compute in asked.items():
        place = rows.of(demand.BALANCE, (m, w, t))
        if place is not None:
            found[place] = compute
        for (i, market, period), column in rows.column[ASSIGNED].items():
            place = rows.of(demand.SERVED_WHOLE, (i, m, w, t))
            if (market, period) == (m, t) and place is not None:
                found[place] = compute * round(float(rows.start[column]))
    found |= dict(_hosted(rows, program.inputs, asked))
    least, most = _least_of_clusters(rows, program, asked, side)
    found |= least
    step = min(STEP, most)
    network = program.mip.network
    if network is None:
        return Direction(found, None, COMPUTE, step=step, most=most)
    critical = nothing_critical(program)
    for number, rule in enumerate(network.rules):
        for d, (m, w) in enumerate(network.demands):
            for t in program.inputs.periods:
                whole = program.inputs.demand_compute[m, w][t]
                if (m, w, t) in asked and whole > 0.0:
                    critical[number, t, d] = asked[m, w, t] * float(rule.critical[t, d]) / whole
    return Direction(found, critical if critical.any() else None, COMPUTE, step=step, most=most)


def _hosted(rows: Rows, inputs: Inputs, asked: Asked) -> Iterator[tuple[int, float]]:
    """What the clusters that the plan hosts may serve: no more than is demanded, which is more now."""
    family = inputs.case.model.families.contiguity
    of_rule = {rule.name: (rule.market, rule.workload) for rule in (family.rules if family else ())}
    for (name, s, t), column in rows.column[HOSTED].items():
        place = rows.of(contiguity.HOSTED_ONLY, (name, s, t))
        compute = asked.get((*of_rule[name], t))
        if place is not None and compute is not None:
            yield place, compute * round(float(rows.start[column]))


def nothing_critical(program: PlanProgram) -> Floats:
    """No critical compute, by rule, period and demand."""
    network = program.mip.network
    assert network is not None  # the caller has looked
    return np.zeros((len(network.rules), len(program.inputs.periods), len(network.demands)))


def _least_of_clusters(rows: Rows, program: PlanProgram, asked: Asked, side: int) -> tuple[dict[int, float], float]:
    """What the least of the clusters that the plan hosts rises by, and how far demand may go until that changes.

    It is never more than what is demanded (docs/formulation.md, section 17): so it follows less demand where it is all
    of it, and more demand only up to what the rule asks for.
    """
    found: dict[int, float] = {}
    most, inputs = MOST, program.inputs
    for rule in clusters(inputs):
        constraint = contiguity.LEAST if rule.row.at_least_compute is not None else contiguity.LEAST_GW
        for t in rule.periods:
            compute, demanded = asked.get((*rule.demand, t), 0.0), inputs.demand_compute[rule.demand][t]
            best = 1.0 if rule.least_compute else best_compute_per_gw(inputs, rule.row.workload, t)
            places = _hosting(rows, constraint, rule.row.name, t)
            if not compute or not best or not places:
                continue
            limit = rule.row.at_least_compute or (rule.row.at_least_it_mw or 0.0) / MW_PER_GW * best
            left = (limit - demanded) / demanded  # how far demand is below what the rule asks for
            if left > SAME_SHARE or (side < 0 and left >= -SAME_SHARE):
                amount = compute if rule.least_compute else times_ten_to(compute / best, program.mip.units.compute)
                found |= dict.fromkeys(places, amount)
            if side * left > SAME_SHARE:
                most = min(most, abs(left) * demanded / compute)
    return found, most


def _hosting(rows: Rows, constraint: Constraint[Any], name: str, t: int) -> list[int]:
    """The rows of the least of a rule's clusters that the plan hosts in a period."""
    hosted = [key for key, column in rows.column[HOSTED].items() if round(float(rows.start[column]))]
    places = (rows.of(constraint, key) for key in hosted if (key[0], key[2]) == (name, t))
    return [place for place in places if place is not None]
