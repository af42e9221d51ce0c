"""Proof that something cannot be forced: the first half of the horizon, by itself, has no plan in whole blocks.

What is decided until a period, and the rows of the periods until then, are a program of their own. Every plan of the
full program is one of it, whatever follows, so where it has none there is none. Its tree has far fewer decisions: it
is searched to the end in seconds where that of the full program is not in minutes.
"""

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from planner.explain.why_program import LEAST_S, Stopped, going_on
from planner.options import SolveOptions
from planner.solve.arrays import Arrays, Floats, Ints
from planner.solve.highs import Engine
from planner.symbols import PERIOD, Column, Row, parts
from planner.system import interrupts

SHARE = 0.5
"""Of the periods, those that the proof looks at: fewer rarely have no plan, and more take as long as the whole."""
FIRST_SHARE = 0.6
"""Share of the time for the first run of the solver: where there may be a plan, the rest is for the search for one."""
END = "end"
"""Part of a key that says until when a contract is."""
BEGIN = ("start", PERIOD)
"""Parts of the key of a column that say from which period on it counts."""


def last_early(periods: int) -> int:
    """The last period, by its position, of the first half of the horizon.

    Parameters
    ----------
    periods : int
        Number of periods of the program.
    """
    return int(SHARE * periods)


def begins(column: Column) -> int:
    """The position of the period from which on a column counts; -1 where it is of none.

    Parameters
    ----------
    column : Column
    """
    for name, part in zip(column.variable.index, parts(column.key), strict=False):
        if name in BEGIN:
            return int(str(part))
    return -1


def early_part(arrays: Arrays, last: int) -> Arrays:
    """Return the program of the columns until a period, without an objective: a relaxation in this sense.

    A row in which later columns are too is relaxed by as much as these can add within their bounds, and left out if
    that is all. Columns that differ in nothing but when a contract ends later on are one.

    Parameters
    ----------
    arrays : Arrays
    last : int
        Position of the last period.
    """
    early = np.array([begins(column) <= last for column in arrays.columns], dtype=bool)
    least, most = _activity(arrays, ~early)
    row_lower, row_upper = arrays.row_lower - most, arrays.row_upper - least
    there = np.asarray(abs(arrays.matrix[:, early]).sum(axis=1)).ravel() > 0.0
    rows = np.flatnonzero(there & (np.isfinite(row_lower) | np.isfinite(row_upper)))
    relaxed = replace(arrays, row_lower=row_lower, row_upper=row_upper, cost=np.zeros(arrays.column_count), offset=0.0)
    return _merged(_summed(relaxed.part(np.flatnonzero(early), rows), last))


def none_early(
    arrays: Arrays, options: SolveOptions, stopped: Stopped = going_on, on_claim: Callable[[], object] = going_on
) -> bool:
    """Whether it is proven that the program of an early part has no point.

    The solver says so twice, with its presolve and another seed without.

    Parameters
    ----------
    arrays : Arrays
        As of `early_part`.
    options : SolveOptions
        With the time for it; only of the embedded solver.
    stopped : callable
        Asked at each look of the solver.
    on_claim : callable
        Invoked each time that the solver says so.
    """
    end = time.monotonic() + options.seconds
    runs = ("on", options.seed, FIRST_SHARE), ("off", (options.seed + 1) % (2**31 - 1), 1.0)
    for presolve, seed, share in runs:
        left = share * (end - time.monotonic())
        if not options.embedded or left <= LEAST_S or stopped():
            return False
        interrupts.hold()
        engine = Engine(arrays, threads=options.threads, seed=seed)
        found = engine.run(
            time_limit_s=left,
            callback=lambda event: event.x is not None or interrupts.asked() is not None or stopped(),
            presolve=presolve,
            mip_heuristic_effort=0.0,
        )
        if found.status != "infeasible":
            return False
        on_claim()
    return True


def _activity(arrays: Arrays, chosen: npt.NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """The least and the most that some columns add to each row within their bounds."""
    entries = sparse.coo_array(arrays.matrix[:, chosen])
    entries.eliminate_zeros()
    lower, upper = arrays.lower[chosen][entries.col], arrays.upper[chosen][entries.col]
    at_lower, at_upper = entries.data * lower, entries.data * upper
    count = arrays.row_count
    least, most = np.minimum(at_lower, at_upper), np.maximum(at_lower, at_upper)
    return _added(entries.row, least, count), _added(entries.row, most, count)


def _added(place: Ints, amounts: Floats, count: int) -> Floats:
    """The sums of the amounts of each place."""
    return np.bincount(place, amounts, minlength=count).astype(np.float64)


def _summed(arrays: Arrays, last: int) -> Arrays:
    """The same program with rows as one, their sum, that differ only in when a contract ends after the last period."""
    number: dict[object, int] = {}
    group = np.array([number.setdefault(_but_for_end(row, last), len(number)) for row in arrays.rows], dtype=np.int64)
    sums = sparse.csr_array((np.ones(len(group)), (group, np.arange(len(group)))), (len(number), len(group)))
    of_group = {place: row for row, place in reversed(list(zip(arrays.rows, group, strict=True)))}
    return replace(
        arrays,
        matrix=sparse.csr_array(sums @ arrays.matrix),
        row_lower=_added(group, arrays.row_lower, len(number)),
        row_upper=_added(group, arrays.row_upper, len(number)),
        rows=tuple(of_group[place] for place in range(len(number))),
    )


def _but_for_end(row: Row, last: int) -> object:
    """What a row is called, without the end of its contract where that is after a period."""
    index, key = row.constraint.index, parts(row.key)
    named = tuple(zip(index, key, strict=False)) if len(index) == len(key) else ()
    late = [part for name, part in named if name == END and int(str(part)) > last]
    return (row.constraint.name, tuple(part for name, part in named if name != END)) if late else row


def _merged(arrays: Arrays) -> Arrays:
    """The same program with columns that have the same entries as one: their sum, between the sums of bounds."""
    by_column = sparse.csc_array(arrays.matrix)
    first: dict[tuple[object, ...], int] = {}
    lower, upper = arrays.lower.copy(), arrays.upper.copy()
    kept: list[int] = []
    for j, column in enumerate(arrays.columns):
        entries = slice(by_column.indptr[j], by_column.indptr[j + 1])
        rows, values = by_column.indices[entries].tobytes(), by_column.data[entries].tobytes()
        marks = bool(arrays.integer[j]), bool(arrays.implied[j]), bool(arrays.declared[j])
        key: tuple[object, ...] = (column.variable, rows, values, *marks) if rows else (j,)
        if key in first:
            lower[first[key]] += lower[j]
            upper[first[key]] += upper[j]
        else:
            first[key] = j
            kept.append(j)
    columns: Ints = np.array(kept, dtype=np.int64)
    return arrays.with_bounds(lower, upper).part(columns, np.arange(arrays.row_count))
