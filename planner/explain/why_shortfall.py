"""Why something cannot be forced: what would have to be missing, or the limits that contradict one another."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from planner.explain.linear_cuts import LinearAnswer, solve_with_cuts
from planner.explain.why_account import WORDS
from planner.explain.why_never import why_never
from planner.explain.why_program import FORCED, Force, PlanProgram
from planner.inputs import Inputs
from planner.program.columns import MISSING, UNSERVED
from planner.program.families.programme import AT_LEAST, AT_MOST
from planner.program.shortfalls import SHORT, UNPAID, UNPAID_PROGRAMME
from planner.solve.arrays import Arrays, Floats
from planner.solve.mip import MixedIntegerProgram
from planner.solve.relief import Tier
from planner.solve.scaling import point_in_units
from planner.solve.serve import tiers_of
from planner.symbols import Column, Row

LEAST_SHARE = 1e-6
"""Shortfalls below this share of all that is asked for are rounding."""
NOTHING = 1e-6
"""Sum of shares below which nothing is missing; a bound must be well above it to prove that something is."""
MOST_NAMED = 6
WHOLE_BLOCKS = "whole blocks: if they could be divided, it could be had"
"""Where nothing else is known to stand in the way."""
PROMISES = {AT_LEAST.name: "at least what it asks for", AT_MOST.name: "at most what it allows"}
UNIT = {"it": "IT MW", "facility": "facility MW"}
"""What a programme counts, by measure."""
INNER = frozenset({"demand_compute", "demand_use", "redundancy_installed", "redundancy_coverable", "integration_stock"})
"""Rows that say how a program is put together: no limits of a case."""


@dataclass(frozen=True, slots=True)
class InTheWay:
    """What stands in the way of something that cannot be forced.

    Attributes
    ----------
    what : str
        What is short, or the limit.
    periods : tuple of str
    amount : float or None
        How much is missing in all these periods together: $B, compute-years, IT GW-years or facility GW-years; None for
        a limit that is part of a contradiction.
    unit : str
    """

    what: str
    periods: tuple[str, ...]
    amount: float | None = None
    unit: str = ""

    def __str__(self) -> str:
        when = f" in {', '.join(self.periods)}" if self.periods else ""
        return (
            f"{self.what}{when}"
            if self.amount is None
            else f"{self.what}{when}: short by {self.amount:,.3g} {self.unit}"
        )


def in_the_way(program: PlanProgram, force: Force, proof: LinearAnswer, seconds: float) -> tuple[InTheWay, ...]:
    """What stands in the way of what no plan allows.

    The shortfalls are those of the relaxation whose sum, each as a share of all that is asked for, is least: whole
    blocks may lack more. Where the case admits none, the limits are those of the proof. Where the relaxation can have
    it, whole blocks are what stands in its way.

    Parameters
    ----------
    program : PlanProgram
    force : Force
    proof : LinearAnswer
        Of the relaxation in which it is forced.
    seconds : float
        Wall time.
    """
    if force.never(program.mip.arrays):
        return (InTheWay(why_never(force.target, program.inputs), ()),)
    if proof.status != "infeasible":  # its duals prove nothing of whole blocks
        return (InTheWay(WHOLE_BLOCKS, ()),)
    found = tuple(_shortfalls(program, force, seconds))
    return found[:MOST_NAMED] if found else _contradiction(program.inputs, proof)


def _shortfalls(program: PlanProgram, force: Force, seconds: float) -> Iterator[InTheWay]:
    tiers = tiers_of(program.whole)
    if not tiers:
        return
    mip = program.whole.relieved()
    cost = np.zeros(mip.arrays.column_count)
    for tier in tiers:
        cost[tier.columns] = tier.weight / max(tier.whole, 1e-12)
    arrays = force.hard(mip.arrays).with_cost(cost)
    answer = solve_with_cuts(mip.with_arrays(arrays), _relaxed, seconds)
    if answer.x is None:
        return
    x = point_in_units(arrays, answer.x[: arrays.column_count], program.whole.units)
    yield from named_shortfalls(program.inputs, tiers, mip.arrays.columns, x)


def named_shortfalls(inputs: Inputs, tiers: list[Tier], columns: Sequence[Column], x: Floats) -> Iterator[InTheWay]:
    """Yield what a point of a program with its relief misses, by what it is and in its periods together.

    Parameters
    ----------
    inputs : Inputs
    tiers : list of Tier
    columns : sequence of Column
        Of the program.
    x : array
        In the units of the case.
    """
    sums: dict[tuple[str, str], dict[str, float]] = {}
    for tier in tiers:
        for place, weight in zip(tier.columns, tier.weight, strict=True):
            amount = float(weight * x[place])
            if amount > LEAST_SHARE * tier.whole:
                what, unit, label = _named(inputs, columns[place])
                of_place = sums.setdefault((what, unit), {})
                of_place[label] = of_place.get(label, 0.0) + amount
    for (what, unit), by_period in sums.items():
        yield InTheWay(what, tuple(by_period), sum(by_period.values()), unit)


def _relaxed(mip: MixedIntegerProgram) -> Arrays:
    return mip.arrays.relaxed()


def _named(inputs: Inputs, column: Column) -> tuple[str, str, str]:
    """What is missing, its unit and its period."""
    key: Any = column.key
    compute = f"compute-years ({inputs.case.model.compute_unit})"
    label = inputs.calendar.labels[key[-1]]
    if column.variable in (UNPAID, UNPAID_PROGRAMME):
        return "cash", "$B", label
    if column.variable == MISSING:
        unit = "IT GW-years" if key[1] == "it" else "facility GW-years"
        return f"programme {key[0]}", unit, label
    if column.variable == SHORT:
        return f'rule "{inputs.redundancy_rules[key[0]].name}"', compute, label
    assert column.variable == UNSERVED  # the tiers have no other columns
    return f"demand {key[0]}, {key[1]}", compute, label


def _contradiction(inputs: Inputs, proof: LinearAnswer) -> tuple[InTheWay, ...]:
    """The limits of the proof that the relaxation is infeasible, those that count most first."""
    if proof.row_dual is None:
        return ()
    arrays = proof.mip.arrays
    weight: dict[str, dict[str, float]] = {}
    for place in np.flatnonzero(_counts(proof.row_dual)):
        row = arrays.rows[place]
        if row.constraint == FORCED or row.constraint.name not in WORDS or row.constraint.name in INNER:
            continue
        name = _limit(row)
        label = "" if row.period is None else inputs.calendar.labels[row.period]
        by_period = weight.setdefault(name, {})
        by_period[label] = by_period.get(label, 0.0) + abs(float(proof.row_dual[place])) * float(
            arrays.row_scale()[place]
        )
    order = sorted(weight.items(), key=lambda item: -sum(item[1].values()))
    return tuple(InTheWay(name, tuple(filter(None, by))) for name, by in order[:MOST_NAMED])


def _limit(row: Row) -> str:
    """A limit and whose it is."""
    if row.constraint.name in PROMISES:
        programme, measure, *_ = row.place
        return f"programme {programme}: {PROMISES[row.constraint.name]} ({UNIT[str(measure)]})"
    parts = [str(one) for one in row.place if one != ()]  # nothing is lost in a rule of head-room
    return f"{WORDS[row.constraint.name]}{' of ' + ', '.join(parts) if parts else ''}"


def _counts(dual: Floats) -> Floats:
    size = float(np.abs(dual).max(initial=0.0))
    return np.where(np.abs(dual) > 1e-7 * size, dual, 0.0)
