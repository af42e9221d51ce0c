"""Which programmes stand in the way of something that cannot be forced because blocks are whole.

A programme that asks for so much and allows no more leaves room for few sums of whole blocks. Of each period the
program of its rows alone is solved, with the limits that are about the same contracts only: where it has no solution,
the full program has none, which is proven so in a fraction of a second.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from planner.explain.why_program import Force, PlanProgram
from planner.explain.why_shortfall import UNIT, InTheWay
from planner.program.columns import IN_FORCE_BLOCKS
from planner.program.families.contract import IN_FORCE_BALANCE
from planner.program.families.programme import AT_LEAST, AT_MOST
from planner.solve.arrays import INFINITY, Arrays, Ints
from planner.solve.highs import Engine
from planner.symbols import parts, rows_of

SECONDS = 1.0
"""Wall time for each of these programs, which have some dozen columns."""
MW = 1000.0


def programmes_in_the_way(program: PlanProgram, force: Force) -> tuple[InTheWay, ...]:
    """Name the programmes whose figures no sum of whole blocks meets with something forced, and the nearest sums.

    Parameters
    ----------
    program : PlanProgram
    force : Force
    """
    arrays = force.hard(program.mip.arrays)
    periods: dict[str, list[str]] = {}
    for words, t in _unmet(program, arrays):
        periods.setdefault(words, []).append(program.inputs.calendar.labels[t])
    return tuple(InTheWay(words, tuple(labels)) for words, labels in periods.items())


def _unmet(program: PlanProgram, arrays: Arrays) -> Iterator[tuple[str, int]]:
    """Yield what each programme asks for that no sum of whole blocks is, with the nearest sums, and the period."""
    least, most = ({key: i for i, key in rows_of(kind, arrays.rows)} for kind in (AT_LEAST, AT_MOST))
    for key in (key for key in least if key in most):
        name, measure, t = key
        asked = program.inputs.programmes[name].at_least_gw[measure][t]
        assert asked is not None  # it has a row
        signed = asked - float(arrays.row_lower[least[key]])
        small = _of_rows(arrays, [least[key], most[key]])
        if not _infeasible(small):
            continue
        below, above = (_extreme(small, largest=largest) for largest in (True, False))
        nearest = [None if gw is None else (gw + signed) * MW for gw in (below, above)]
        allowed = float(arrays.row_upper[most[key]]) + signed
        yield _words(name, UNIT[measure], asked * MW, allowed * MW, nearest), t


def _of_rows(arrays: Arrays, rows: list[int]) -> Arrays:
    """The program of two rows, the first asking and the second allowing, and of what limits the same contracts alone.

    Its objective is what they count. Rows of programmes in other periods are left out.
    """
    matrix = arrays.matrix
    wanted = {int(j) for i in rows for j in _columns_of(arrays, i)}
    chains = {parts(arrays.columns[j].key)[:2] for j in wanted if arrays.columns[j].variable == IN_FORCE_BLOCKS}
    sums = [i for i, (offer, role, _) in rows_of(IN_FORCE_BALANCE, arrays.rows) if (offer, role) in chains]
    columns = np.array(sorted(wanted.union(int(j) for i in sums for j in _columns_of(arrays, i))))
    outside = np.ones(arrays.column_count, dtype=bool)
    outside[columns] = False
    entries = np.add.reduceat(np.append(outside[matrix.indices], False), matrix.indptr[:-1].clip(max=matrix.nnz))
    alone = (entries == 0) & (np.diff(matrix.indptr) > 0)
    others = [int(i) for i in np.flatnonzero(alone) if arrays.rows[i].constraint not in (AT_LEAST, AT_MOST)]
    small = arrays.part(columns, np.array([*rows, *others]))
    return small.with_cost(small.matrix[[0], :].toarray()[0])


def _columns_of(arrays: Arrays, row: int) -> Ints:
    matrix = arrays.matrix
    return np.asarray(matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]], dtype=np.int64)


def _infeasible(small: Arrays) -> bool:
    """Whether the program has no solution: the solver says so with its presolve and without."""
    return all(
        Engine(small).run(time_limit_s=SECONDS, presolve=presolve).status == "infeasible" for presolve in ("on", "off")
    )


def _extreme(small: Arrays, *, largest: bool) -> float | None:
    """The largest sum that is allowed, whatever is asked for, or the smallest that is enough, whatever is allowed."""
    lower, upper = small.row_lower.copy(), small.row_upper.copy()
    if largest:
        lower[0] = -INFINITY
    else:
        upper[1] = INFINITY
    sign = -1.0 if largest else 1.0
    found = Engine(replace(small, row_lower=lower, row_upper=upper, cost=sign * small.cost)).run(time_limit_s=SECONDS)
    return sign * found.objective if found.status == "optimal" else None


def _words(name: str, unit: str, asked: float, allowed: float, nearest: list[float | None]) -> str:
    below, above = nearest
    figures = f"{asked:g} to {allowed:g} {unit}"
    sums = [] if below is None else [f"{below:g} or less"]
    sums += [] if above is None else [f"{above:g} or more"]
    made = f", and whole blocks make {', or '.join(sums)}" if sums else ", which no sum of whole blocks is"
    return f"programme {name}: it asks for {figures}{made}"
