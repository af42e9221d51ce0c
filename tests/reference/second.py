"""A second formulation of the planner's program, written from docs/formulation.md alone.

It shares nothing with the planner but the rows of the case: no inputs, no family, no cut, no audit. Every contingency
of a redundancy rule has a routing of its own, which is the rule itself and far too large for more than a few sites.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from planner.case.case import CaseData
from tests.reference import capacity, contiguity, financing, programmes, service
from tests.reference.linear import Lin
from tests.reference.world import World

TIERS = ("cash", "unserved", "programme", "protection", "head-room")
SLACKS = (1e-9, 1e-8, 1e-7, 1e-6)
"""By how much, relative to what was found for a tier, the steps after it may miss more: the least at which the solver
does not call a program infeasible of which a point is known."""


@dataclass(frozen=True)
class Found:
    """The least cost, what is left unserved, and which devices of the case the plan makes use of."""

    cost_busd: float
    unserved_share: float
    missing: dict[str, float]
    """By tier of section 19, in its measure (IT GW and facility GW times years for programmes)."""
    used: frozenset[str]


def write(case: CaseData) -> World:
    """Write down the program of a case, section by section."""
    w = World(case)
    capacity.write_signed(w)
    capacity.write_options(w)
    capacity.write_contracts(w)
    capacity.write_sites(w)
    capacity.write_chips(w)
    programmes.write_programmes(w)
    families = case.model.families
    if families.power is not None:
        capacity.write_power(w)
    service.write_demand(w)
    if families.contiguity is not None:
        contiguity.write_contiguity(w)
    if families.redundancy is not None:
        service.write_redundancy(w)
    if families.diversity is not None:
        service.write_diversity(w)
    if families.integration is not None:
        service.write_integration(w)
    if families.carbon is not None:
        service.write_carbon(w)
    if families.backup_income is not None:
        service.write_backup_income(w)
    financing.write_financing(w)
    if families.budget is not None:
        service.write_budget(w)
    return w


def solve_second(case: CaseData, *, twice: bool = True) -> Found | None:
    """Solve the second formulation to proven optimality (twice, by different ways); None where no plan exists."""
    w = write(case)
    weighed = Lin()
    for (_, _, t), left in w.unserved.items():
        weighed += left * w.when.length(t)
    if case.model.objective.unserved == "lexicographic":
        w.missing["unserved"] = weighed
    cost = _cost(w)
    found: list[tuple[Lin, float]] = []
    for amount in (w.missing[tier] for tier in TIERS if tier in w.missing):
        least = _minimum(w, amount, found, twice=twice)
        if least is None:
            return None
        found.append((amount, max(0.0, amount.value(least))))
    x = _minimum(w, cost, found, twice=twice)
    if x is None:
        return None
    demanded = sum(
        compute * w.when.length(t) for series in service.demand_of(w).values() for t, compute in enumerate(series)
    )
    missing = {tier: amount.value(x) for tier, amount in w.missing.items()}
    return Found(cost.value(x), weighed.value(x) / demanded if demanded else 0.0, missing, _used(w, x))


def _minimum(w: World, cost: Lin, found: Sequence[tuple[Lin, float]], *, twice: bool) -> np.ndarray | None:
    """The point of least cost that misses no more than was found for the tiers before."""
    rows = len(w.mip.rows)
    for slack in SLACKS if found else SLACKS[:1]:
        for amount, least in found:
            w.mip.at_most(amount, least + slack * max(1.0, least))
        x = w.mip.minimum(cost, twice=twice)
        del w.mip.rows[rows:]
        if x is not None:
            return x
    assert not found, "the solver of the second formulation denies a point that it has found"
    return None


def _cost(w: World) -> Lin:
    objective = w.case.model.objective
    rate = 1.0 + objective.discount_rate_per_year
    cost = Lin()
    for t in w.periods:
        factor = rate ** -w.when.mid(t)
        cost += (w.spend["primary", t] + w.spend["backup", t] - w.income[t] + w.unprotected[t]) * factor
    cost += w.salvage * -(rate**-w.when.end)
    cost += w.financing_cost
    if objective.unserved == "priced":
        for (_, _, t), left in w.unserved.items():
            price = objective.unserved_price_busd_per_compute_year * w.when.length(t)
            cost += left * (price * rate ** -w.when.mid(t))
    return cost


def _used(w: World, x: np.ndarray) -> frozenset[str]:
    return frozenset(name for name, marks in w.notes.items() if any(mark.value(x) > 1e-7 for mark in marks))
