"""What one more unit of protected compute costs: duals of the cuts, integer variables fixed at the plan's values."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from planner.errors import PlannerError
from planner.redundancy.network import Network
from planner.redundancy.separate import violated_cuts
from planner.redundancy.symbols import CUT
from planner.runs.session import Point
from planner.solve.arrays import Arrays, Floats
from planner.solve.linear import solve_by_itself
from planner.solve.mip import MixedIntegerProgram
from planner.solve.scaling import point_in_units, scaled
from planner.symbols import rows_of
from planner.units import Units

MOST_ROUNDS = 50
LEAST_PRICE = 1e-9
"""Prices below this are none, in the units in which the case is solved."""


@dataclass(frozen=True, slots=True)
class ProtectionPrice:
    """The price of a contingency that binds.

    Attributes
    ----------
    rule : str
    period : str
    contingency : str
        The domains lost.
    price_busd_per_compute : float
        $B of present value for one more unit of critical compute through the period, spread over the demands as what is
        critical is.
    price_busd_per_gw : float
        The same for the compute that an average installed IT GW of the period gives.
    critical_compute : float
    """

    rule: str
    period: str
    contingency: str
    price_busd_per_compute: float
    price_busd_per_gw: float
    critical_compute: float


def protection_prices(point: Point) -> list[ProtectionPrice]:
    """Prices of the contingencies that bind, in the order of rules, periods and price.

    The integer variables of the plan are fixed; the remaining linear program has duals that are exact for small changes
    of critical demand. A price of zero is not listed: more protection is free there until another block is needed.

    Parameters
    ----------
    point : Point
        That the plan was read from, and its program with every cut.
    """
    answer = point.answer
    if answer.x is None or answer.mip.network is None:
        return []
    units = answer.mip.units
    down = Units(-units.compute, -units.money)
    start = point_in_units(answer.mip.arrays, answer.x, down)
    mip, row_dual, x = _linear_program(scaled(answer.mip), start)
    money = 10.0**units.money
    network, left = answer.mip.network, mip.network_at(x)
    assert left is not None  # asked before
    need = {place: cut.need_compute(left) for place, cut in mip.cuts()}
    weighted: dict[tuple[int, tuple[int, ...], int], float] = {}
    for place, (number, lost, t, _) in rows_of(CUT, mip.arrays.rows):
        if row_dual[place] > 0.0:
            key = (number, lost, t)
            weighted[key] = weighted.get(key, 0.0) + money * float(row_dual[place]) * need[place]
    per_gw = _compute_per_gw(network, mip.installed_gw(x))
    found = []
    for (number, lost, t), busd in weighted.items():
        critical = float(left.rules[number].critical[t].sum()) * 10.0**units.compute
        price = busd / critical if critical > 0.0 else 0.0
        if price > LEAST_PRICE * 10.0 ** (units.money - units.compute):
            period = point.inputs.calendar.labels[t]
            rule = network.rules[number]
            per_it_gw = price * float(per_gw[t])
            one = ProtectionPrice(rule.name, period, rule.contingency(lost), price, per_it_gw, critical)
            found.append((number, t, -price, one))
    return [price for *_, price in sorted(found, key=lambda one: one[:3])]


def _compute_per_gw(network: Network, installed_gw: Floats) -> Floats:
    """Compute of an average installed IT GW on its best workload, per period."""
    found = []
    for t, gw in enumerate(installed_gw):
        best = network.in_period(t).rate.max(axis=1, initial=0.0)
        total = float(gw.sum())
        found.append(float(gw @ best) / total if total > 1e-12 else float(best.max(initial=0.0)))
    return np.array(found)


def fixed_program(arrays: Arrays, x: Floats) -> Arrays:
    """The program with its integer variables fixed at the values of a point."""
    lower, upper = arrays.lower.copy(), arrays.upper.copy()
    whole = np.flatnonzero(arrays.integer)
    lower[whole] = upper[whole] = np.round(x[whole])
    return replace(arrays.with_bounds(lower, upper), integer=np.zeros_like(arrays.integer))


def _linear_program(mip: MixedIntegerProgram, x: Floats) -> tuple[MixedIntegerProgram, Floats, Floats]:
    """Solve the LP with integer variables fixed, adding the cuts it violates; its duals and its point."""
    width = len(x)
    for _ in range(MOST_ROUNDS):
        padded = np.concatenate([x, np.zeros(mip.arrays.column_count - width)])
        outcome = solve_by_itself(fixed_program(mip.arrays, padded))
        point, dual = outcome.x, outcome.row_dual
        if point is None or dual is None:
            raise PlannerError(
                "the plan's integer variables cannot be completed to price its protection; please report it"
            )
        network = mip.network_at(point)
        assert network is not None  # asked before
        cuts = violated_cuts(network, mip.installed_gw(point))
        if not cuts:
            return mip, dual, point
        mip, _, _ = mip.with_cuts(cuts)
    raise PlannerError(f"prices of protection: still violated cuts after {MOST_ROUNDS} rounds; please report it")


def price_of_rule(prices: Iterable[ProtectionPrice], rule: str, period: str) -> float:
    """$B of present value for one more unit of critical compute under all contingencies of a rule in a period."""
    return sum(one.price_busd_per_compute for one in prices if (one.rule, one.period) == (rule, period))
