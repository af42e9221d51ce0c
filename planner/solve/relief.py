"""Shortfalls, in order: columns by which a program may miss what it asks for, and the tiers that keep them least.

A program is first solved as it stands, with nothing missing. Only if that is impossible is it given its *relief*: more
columns, in rows that it has (what cannot be paid, what a programme lacks), in rows of its own (no more unpaid than a
decision costs) and in redundancy cuts (what is not served and what is not protected). Docs: docs/formulation.md,
section 19.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from planner.redundancy.network import Cut, Network
from planner.solve.arrays import Arrays, Floats, Ints, NewRow
from planner.symbols import Column, Constraint
from planner.units import times, times_ten_to

CASH, UNSERVED = "cash", "unserved"
"""The tiers of what cannot be paid, and of demand that is not served, which follows it."""
LEAST_SHARE = 1e-9
"""Share of a critical demand below which what is left of it is rounding."""


@dataclass(frozen=True, slots=True)
class Tier:
    """A kind of shortfall that is kept least, after those before it and before those after it.

    Attributes
    ----------
    name : str
    columns : array of int
    weight : array
        What one unit of each column counts: years, or 1 for money.
    whole : float
        All that is asked for, in the same measure.
    row : Constraint
        The row that keeps what was found.
    rules : tuple of int
        Redundancy rules whose shortfalls it counts: they are not in force in the tiers before it.
    tolerance_share : float
        Largest tolerance, as a share of the whole: none is proven more exactly than the gap asked for needs.
    """

    name: str
    columns: Ints
    weight: Floats
    whole: float
    row: Constraint[None]
    rules: tuple[int, ...] = ()
    tolerance_share: float = 0.0

    def amount(self, x: Floats) -> float:
        """Return what a point misses."""
        return float(self.weight @ x[self.columns])


@dataclass(frozen=True, slots=True)
class Soft:
    """What lowers the critical demand of redundancy rules: demand that is not served, and shortfalls.

    Attributes
    ----------
    share : array (rules, periods, demands)
        Critical share of the demand; 0 where the rule does not hold.
    unserved : array (periods, demands) of int
        Columns of unserved demand; -1 where what is not served is critical all the same.
    short : array (rules, periods, demands) of int
        Columns of what is not protected; -1 where nothing may be short.
    """

    share: Floats
    unserved: Ints
    short: Ints

    def lowered(self, rule: int, x: Floats) -> Floats:
        """Return by how much a point lowers the critical demand of a rule: (periods, demands)."""
        short = self.short[rule]
        return np.asarray(self.share[rule] * _at(x, self.unserved) + _at(x, short))

    def at(self, network: Network, x: Floats) -> Network:
        """Return a network with the critical demand that is left at a point."""
        rules = []
        for r, rule in enumerate(network.rules):
            critical = rule.critical - self.lowered(r, x)
            critical[critical <= LEAST_SHARE * rule.critical] = 0.0
            rules.append(replace(rule, critical=critical))
        return replace(network, rules=tuple(rules))

    def entries(self, cut: Cut) -> tuple[Ints, Floats]:
        """Return the columns that lower the need of a cut, and their coefficients in its row."""
        _, columns, values = self.entries_of([cut])
        return columns, values

    def entries_of(self, cuts: Sequence[Cut]) -> tuple[Ints, Ints, Floats]:
        """Return the columns that lower the needs of some cuts, with the number of the cut and the coefficient."""
        weight = np.array([cut.weights for cut in cuts])
        rule, t = np.array([cut.rule for cut in cuts]), np.array([cut.period for cut in cuts])
        by_unserved = weight * self.share[rule, t]
        left = np.nonzero((by_unserved > 0.0) & (self.unserved[t] >= 0))
        short = np.nonzero((weight > 0.0) & (self.short[rule, t] >= 0))
        columns = np.concatenate([self.unserved[t][left], self.short[rule, t][short]])
        number = np.concatenate([left[0], short[0]])
        return number, columns.astype(np.int64), np.concatenate([by_unserved[left], weight[short]])

    def covering(self, network: Network, installed_gw: Floats, x: Floats, cuts: Sequence[Cut]) -> Floats:
        """Return a point with more short, so that it violates some cuts no longer as far as that helps.

        Parameters
        ----------
        network : Network
            With all critical demand.
        installed_gw : array (periods, units)
        x : array
        cuts : sequence of Cut
        """
        point = x.copy()
        for cut in cuts:
            weight, t = np.array(cut.weights), cut.period
            per_gw = network.in_period(t).coefficients(weight)
            there = float(per_gw @ np.where(network.lost_units(cut.rule, cut.lost), 0.0, installed_gw[t]))
            short = self.short[cut.rule, t]
            critical = np.maximum(0.0, network.rules[cut.rule].critical - self.lowered(cut.rule, point))[t]
            lacking = float(weight @ critical) - there
            for d in np.flatnonzero((weight > 0.0) & (short >= 0)):
                more = min(float(critical[d]), max(0.0, lacking) / float(weight[d]))
                point[short[d]] += more
                lacking -= more * float(weight[d])
        return point

    def all_short(self, network: Network, rules: Sequence[int], x: Floats) -> Floats:
        """Return a point with nothing protected by some rules."""
        point = x.copy()
        for r in rules:
            there = self.short[r] >= 0
            point[self.short[r][there]] = 0.0
            left = np.maximum(0.0, network.rules[r].critical - self.lowered(r, point))
            point[self.short[r][there]] = left[there]
        return point


def _at(x: Floats, columns: Ints) -> Floats:
    """Return the values of columns, never below zero; 0 where there is none."""
    return np.asarray(np.where(columns >= 0, np.maximum(0.0, x[np.maximum(columns, 0)]), 0.0))


@dataclass(frozen=True, slots=True)
class Relief:
    """What a program is given if nothing missing is impossible.

    Attributes
    ----------
    columns : tuple of Column
        In the places after those of the program.
    first : int
        The place of the first of them.
    lower, upper : array
    row, column : array of int
        Places of their coefficients in rows of the program; columns count from the first of the program.
    value : array
    soft : Soft or None
        What lowers critical demand then.
    tiers : tuple of Tier
        In order.
    impossible : bool
        Whether it is known that something must be missing.
    rows : tuple of NewRow
        Rows of money of its own; of the columns of the program they have only some without a unit.
    """

    columns: tuple[Column, ...]
    first: int
    lower: Floats
    upper: Floats
    row: Ints
    column: Ints
    value: Floats
    soft: Soft | None
    tiers: tuple[Tier, ...]
    impossible: bool = False
    rows: tuple[NewRow, ...] = ()

    def in_units(self, exponents: npt.NDArray[np.int64], compute: int, money: int) -> "Relief":
        """Return the same in other units, with the power of ten of each column's unit."""
        power = {CASH: money, "programme": 0}
        tiers = tuple(
            replace(tier, whole=times_ten_to(tier.whole, power.get(tier.name, compute))) for tier in self.tiers
        )
        rows = []
        for row in self.rows:
            own = np.array([exponents[j - self.first] if j >= self.first else 0 for j in row.index], dtype=np.int64)
            rows.append(replace(row, value=times(row.value, money - own)))
        lower, upper = times(self.lower, exponents), times(self.upper, exponents)
        return replace(self, lower=lower, upper=upper, tiers=tiers, rows=tuple(rows))

    def added_to(self, arrays: Arrays) -> Arrays:
        """Return a program with these columns in its rows."""
        wide = arrays.extended(self.columns, self.rows)
        first = arrays.column_count
        lower, upper = wide.lower.copy(), wide.upper.copy()
        lower[first:], upper[first:] = self.lower, self.upper
        return wide.with_bounds(lower, upper).with_entries(self.row, self.column, self.value)
