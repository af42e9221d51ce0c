"""Why something cannot be forced: what would have to be missing, or the limits that contradict one another."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from planner.explain.linear_cuts import LinearAnswer
from planner.explain.why_account import WORDS
from planner.explain.why_never import why_never
from planner.explain.why_program import FORCED, Force, OnSolve, PlanProgram, run_here
from planner.inputs import Inputs
from planner.options import SolveOptions
from planner.program.columns import MISSING, UNSERVED
from planner.program.families.programme import AT_LEAST, AT_MOST
from planner.program.shortfalls import SHORT, UNPAID, UNPAID_PROGRAMME
from planner.solve.arrays import Floats
from planner.solve.mip import MixedIntegerProgram
from planner.solve.records import TierResult
from planner.solve.relief import Tier
from planner.solve.serve import tiers_of
from planner.symbols import Column, Row
from planner.system import interrupts

LEAST_SHARE = 1e-6
"""Shortfalls below this share of all that is asked for are rounding."""
NOTHING = 1e-6
"""Sum of shares below which nothing is missing; a bound must be well above it to prove that something is."""
MOST_NAMED = 6
WHOLE_COLUMNS, WHOLE_S = 1500, 10.0
"""Columns up to which what is missing is minimised in whole blocks, and most seconds of that."""
PROVEN = 1e-6
"""Share of an amount by which it may be above its bound and is still proven: the solver's rounding."""
WHOLE_BLOCKS = "whole blocks: if they could be divided, it could be had"
"""Where nothing else is known to stand in the way."""
EARLY = f"{WHOLE_BLOCKS}; what must hold until {{}}, by itself, allows no plan in whole blocks"
"""The same where the first periods prove it (`planner.explain.why_early`)."""
FURTHER = "perhaps more, which was not found in the time given"
"""What is said of the tiers that were not minimised to the end."""
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
    divisible : bool
        Whether it would be missing if blocks could be divided: in whole blocks more may be, or something else.
    """

    what: str
    periods: tuple[str, ...]
    amount: float | None = None
    unit: str = ""
    divisible: bool = False

    def __str__(self) -> str:
        when = f" in {', '.join(self.periods)}" if self.periods else ""
        if self.amount is None:
            return f"{self.what}{when}"
        figure = f"{self.amount:,.0f}" if self.amount >= 100.0 else f"{self.amount:,.3g}"
        return f"{self.what}{when}: short by {f'${figure}B' if self.unit == '$B' else f'{figure} {self.unit}'}"


def in_the_way(
    program: PlanProgram, force: Force, proof: LinearAnswer, options: SolveOptions, on_solve: OnSolve
) -> tuple[InTheWay, ...]:
    """What stands in the way of what no plan allows.

    The shortfalls are those of the case with it forced, least in the order of the tiers (docs/formulation.md, section
    19), as a solve of that case states them: in whole blocks in small programs, else if blocks could be divided. Where
    the case admits none, the limits are those of the proof. Where the relaxation can have it, whole blocks are what
    stands in its way.

    Parameters
    ----------
    program : PlanProgram
    force : Force
    proof : LinearAnswer
        Of the relaxation in which it is forced.
    options : SolveOptions
        With the time of the search.
    on_solve : callable
        Callback invoked with the progress of each solve.
    """
    if force.never(program.mip.arrays):
        return (InTheWay(why_never(force.target, program.inputs), ()),)
    if proof.status != "infeasible":  # its duals prove nothing of whole blocks
        return (InTheWay(WHOLE_BLOCKS, ()),)
    return _shortfalls(program, force, options, on_solve) or _contradiction(program.inputs, proof)


def _shortfalls(program: PlanProgram, force: Force, options: SolveOptions, on_solve: OnSolve) -> tuple[InTheWay, ...]:
    """What is missing, tier by tier; nothing is said of what is not proven to be the least.

    Minimised in the relaxation first, which takes seconds in large programs too, then in whole blocks.
    """
    tiers, end = tiers_of(program.whole), time.monotonic() + options.seconds
    found: tuple[InTheWay, ...] = ()
    small = program.whole.arrays.column_count <= WHOLE_COLUMNS
    for divisible in (True, False) if small else (True,):
        left = end - time.monotonic()
        if not tiers or interrupts.asked() is not None or left <= 0.0:
            break
        seconds = left if divisible else min(left, WHOLE_S)
        mip = _of_tiers(program.whole, force, divisible=divisible)
        answer = run_here(program.inputs, mip, replace(options, gap=0.0).within(seconds), on_solve, None)
        known = proven_tiers(answer.tiers)
        if answer.x is None or not (divisible or known == len(tiers)):
            break
        named = named_shortfalls(program.inputs, tiers[:known], answer.mip.arrays.columns, answer.x)
        found = tuple(replace(one, divisible=divisible) for one in named)
        if found and known < len(tiers):
            return (*found, InTheWay(f"{FURTHER}: {', '.join(tier.name for tier in tiers[known:])}", ()))
    return found


def _of_tiers(whole: MixedIntegerProgram, force: Force, *, divisible: bool) -> MixedIntegerProgram:
    """The case with something forced, of which only what is missing counts; where ``divisible``, in parts of blocks."""
    arrays = force.hard(whole.arrays)
    arrays = replace(arrays.with_cost(np.zeros(arrays.column_count)), offset=0.0)
    relief = None if whole.relief is None else replace(whole.relief, impossible=True)
    return replace(whole.with_arrays(arrays.relaxed() if divisible else arrays), relief=relief)


def proven_tiers(tiers: Sequence[TierResult]) -> int:
    """How many of the first tiers are proven to be the least: none after one that is not.

    Parameters
    ----------
    tiers : sequence of TierResult
        In order.
    """
    open_ = (n for n, one in enumerate(tiers) if one.amount - one.bound > one.tolerance + PROVEN * max(1.0, one.amount))
    return next(open_, len(tiers))


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
