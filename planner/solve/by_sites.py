"""The LP relaxation of a large program, site by site: those that the prices of the shared rows call for, jointly.

Most sites of a large case are not used. With prices (duals) of the rows that tie sites together, each site is a small
linear program of its own; one whose least cost is not negative stays out. First prices are those of a sample of the
sites with its share of what the shared rows limit. The joint program of the sites that come in gives better prices,
and the duals of both kinds of program together are duals of the full one: they prove its bound by arithmetic (sifting
with blocks; the bound is the Lagrangian one of Geoffrion 1974).
"""

import threading
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
from scipy import sparse

from planner.redundancy.symbols import CUT
from planner.solve import settings
from planner.solve.arrays import INFINITY, Arrays, Floats, Ints, NewRow
from planner.solve.certificate import Box
from planner.solve.engine_runs import make_engine, rows_given, run_engine, without_held_back
from planner.solve.highs import Engine, SolverResult
from planner.solve.linear import Judge
from planner.solve.mip import MixedIntegerProgram
from planner.solve.points import separate, take_back
from planner.solve.records import Stopped
from planner.solve.site_basis import Statuses
from planner.solve.site_split import Mask, Split, by_site
from planner.solve.state import State
from planner.symbols import rows_of
from planner.system.parallel import in_parallel

PRIMAL: dict[str, Any] = {"solver": "simplex", "simplex_strategy": 4}
"""Options after columns were added: the optimum before is still feasible. The dual method from the bases of the added
sites by themselves takes fewer iterations and longer (measured at 1,000 sites: 29 s instead of 17)."""
DUAL: dict[str, Any] = {"solver": "simplex", "simplex_strategy": 1}
"""Options from a basis whose duals are feasible: that of smaller programs, or after rows were added."""


def is_solved_by_sites(mip: MixedIntegerProgram) -> bool:
    """Return whether the relaxation of a program is solved by sites: a large one that is no site allocation."""
    large = mip.arrays.column_count >= settings.BY_SITES_COLUMNS
    return large and mip.site is not None and not len(mip.links.served)


@dataclass(slots=True)
class _Joint:
    """The program of the chosen sites inside the solver, and where its columns and rows are in the full one."""

    engine: Engine
    columns: Ints
    rows: Ints
    chosen: Mask


def relax_by_sites(state: State) -> SolverResult | None:
    """Solve the relaxation by sites, with cuts added until its optimum violates none.

    Returns
    -------
    SolverResult or None
        Its bound is proven from the duals, and is below its cost by at most a small share of the gap asked for;
        duals are those of the rows of the program in their order. ``state.sites`` are the sites that it chose from.
        None if no optimum was found in this way: nothing is proven then.
    """
    split = _split(state)
    first = _first_choice(state, split)
    if first is None:
        return None
    chosen, value, known = first
    joint = _joint(state, split, chosen)
    method = DUAL
    joint.engine.set_statuses(*_basis(split, chosen, known))
    while True:
        result = run_engine(state, joint.engine, **method)
        if result.x is None or result.row_dual is None:
            if joint.chosen.all():
                return None
            joint = _joint(state, split, _more(joint.chosen, value))
            method = {"solver": _from_scratch(joint)}
            continue
        if _add_violated(state, joint, result.x):
            split, method = _split(state, split.box), DUAL
            continue
        found, value = _priced(state, split, joint, result)
        state.raise_bound(found.bound)
        allowed = settings.BY_SITES_LOSS * state.options.gap * abs(found.objective)
        missing = ~joint.chosen & (value < 0.0)
        if found.objective - found.bound <= allowed or not missing.any():
            return _accepted(state, joint, found)
        _add_sites(state, split, joint, _cheapest(missing, value, int(joint.chosen.sum())))
        method = PRIMAL


def _split(state: State, known: Box | None = None) -> Split:
    assert state.mip.site is not None  # the caller has seen to it
    return Split.of(without_held_back(state, state.mip.arrays.relaxed()), state.mip.site).bounded(known)


def _from_scratch(joint: _Joint) -> str:
    return "ipm" if len(joint.columns) >= settings.INTERIOR_COLUMNS else "simplex"


def _first_choice(state: State, split: Split) -> tuple[Mask, Floats, Statuses] | None:
    """Return the sites that the prices of a sample call for; None without prices.

    With them the least cost of every site, and the basis of the sample and of every site by itself.
    """
    random = np.random.default_rng(state.options.seed)
    for share, draw in product(settings.BY_SITES_SAMPLES, range(settings.BY_SITES_DRAWS)):
        protected = draw < settings.BY_SITES_DRAWS - 1
        sampled = np.zeros(split.count, dtype=bool)
        sampled[random.permutation(split.count)[: max(1, round(share * split.count))]] = True
        program = split.sample(sampled, share)
        result = run_engine(
            state, make_engine(state, program if protected else _unprotected(program)), solver="simplex"
        )
        if result.x is None or result.row_dual is None:
            continue
        columns, rows = split.places(sampled)
        shared = result.row_dual[split.row[rows] < 0]
        known = Statuses.unknown(split.arrays.column_count, split.arrays.row_count)
        value, _ = _alone(state, split, shared, np.ones(split.count, dtype=bool), known)
        known.take(result.basis, columns, rows)
        used = np.bincount(split.column[columns] + 1, np.abs(result.x), split.count + 1)[1:] > 0.0
        return (value < 0.0) | used | split.lasting, value, known
    return None


def _unprotected(arrays: Arrays) -> Arrays:
    """Return a program without its redundancy cuts: a sample may have no sites that cover the loss of one of them."""
    lower = arrays.row_lower.copy()
    lower[[place for place, _ in rows_of(CUT, arrays.rows)]] = -INFINITY
    return replace(arrays, row_lower=lower)


def _cheapest(missing: Mask, value: Floats, chosen: int) -> Mask:
    """Return the sites of least cost: prices of too few sites are too high, and call for more than come in."""
    added = np.zeros(len(missing), dtype=bool)
    order = np.argsort(np.where(missing, value, np.inf), kind="stable")
    added[order[: max(1, round(settings.BY_SITES_MORE * chosen))]] = True
    return added & missing


def _more(chosen: Mask, value: Floats) -> Mask:
    """Return twice as many sites, those with the least cost first."""
    more, others = chosen.copy(), np.flatnonzero(~chosen)
    cheapest = others[np.argsort(value[others], kind="stable")]
    more[cheapest[: max(1, int(chosen.sum()))]] = True
    return more


def _basis(split: Split, chosen: Mask, known: Statuses) -> tuple[Ints, Ints]:
    columns, rows = split.places(chosen)
    return known.balanced(columns, rows, split.row[rows] < 0)


def _joint(state: State, split: Split, chosen: Mask) -> _Joint:
    columns, rows = split.places(chosen)
    kept = rows_given(state)
    # The bounds are those of the program: implied ones would give duals that its rows do not have.
    program = state.mip.arrays.relaxed().part(columns, kept[rows])
    return _Joint(make_engine(state, program), columns, kept[rows], chosen)


def _add_violated(state: State, joint: _Joint, values: Floats) -> bool:
    """Add the rows that the optimum violates to the program and to the solver; return whether there are any."""
    x = _point(state, joint, values)
    before, width, held = state.mip.arrays.row_count, state.mip.arrays.column_count, state.held_back
    more = take_back(state, x)
    taken = held.rows if held is not None and state.held_back is None else np.empty(0, dtype=np.int64)
    new = separate(state, x)
    columns, rows = (0, more) if new is None else (new[0], more + new[1])
    if not rows:
        return False
    joint.columns = np.concatenate([joint.columns, np.arange(width, width + columns)])
    place = np.full(state.mip.arrays.column_count, -1, dtype=np.int64)
    place[joint.columns] = np.arange(len(joint.columns))
    joint.engine.add_rows(columns, [_within(row, place) for row in rows])
    joint.rows = np.concatenate([joint.rows, taken, np.arange(before, state.mip.arrays.row_count)])
    return True


def _add_sites(state: State, split: Split, joint: _Joint, added: Mask) -> None:
    """Add sites to the joint program inside the solver, whose basis is kept: without activity they change nothing."""
    program, there = state.mip.arrays.relaxed(), np.append(added, False)  # the last one is that of site -1
    kept = rows_given(state)
    columns, rows = np.flatnonzero(there[split.column]), kept[there[split.row]]
    entries = sparse.csc_array(program.matrix[joint.rows][:, columns])
    joint.engine.add_columns(program.cost[columns], program.lower[columns], program.upper[columns], entries)
    joint.columns = np.concatenate([joint.columns, columns])
    place = np.full(program.column_count, -1, dtype=np.int64)
    place[joint.columns] = np.arange(len(joint.columns))
    joint.engine.add_rows(0, [_own_row(program, int(i), place) for i in rows])
    joint.rows = np.concatenate([joint.rows, rows])
    joint.chosen = joint.chosen | added


def _own_row(program: Arrays, i: int, place: Ints) -> NewRow:
    """Return a row of one site in the columns of the joint program, which has all of them."""
    entries = slice(program.matrix.indptr[i], program.matrix.indptr[i + 1])
    index, value = place[program.matrix.indices[entries]].astype(np.int32), program.matrix.data[entries]
    return NewRow(program.rows[i], index, value, float(program.row_lower[i]), float(program.row_upper[i]))


def _within(row: NewRow, place: Ints) -> NewRow:
    """Return a row in the columns of the joint program."""
    there = place[row.index] >= 0
    return replace(row, index=place[row.index[there]].astype(np.int32), value=row.value[there])


def _point(state: State, joint: _Joint, values: Floats) -> Floats:
    x = np.zeros(state.mip.arrays.column_count)
    x[joint.columns] = values
    return x


def _priced(state: State, split: Split, joint: _Joint, result: SolverResult) -> tuple[SolverResult, Floats]:
    """Return the optimum as one of the full program, with the bound its duals prove, and each site's least cost."""
    assert result.x is not None  # the caller has both
    assert result.row_dual is not None
    arrays = state.mip.arrays.relaxed()
    dual = np.zeros(arrays.row_count)
    dual[joint.rows] = result.row_dual
    kept = rows_given(state)
    value, own = _alone(state, split, dual[kept[split.row < 0]], ~joint.chosen)
    rows = by_site(split.row, split.count)
    for s, row_dual in own.items():
        dual[kept[rows[s]]] = row_dual
    x = _point(state, joint, result.x)
    objective = arrays.objective(x)
    # Bounds that fewer rows imply hold here too: only what is missing among them is sought.
    bound = min(Judge(arrays, split.box).bound(dual), objective)
    reduced = arrays.cost - arrays.matrix.T @ dual
    return SolverResult("optimal", x, objective, bound, result.seconds, dual, reduced), value


def _alone(
    state: State, split: Split, shared: Floats, asked: Mask, known: Statuses | None = None
) -> tuple[Floats, dict[int, Floats]]:
    """Return the least cost of sites by themselves at prices of the shared rows, and the duals of their own rows.

    A cost within rounding of zero counts as zero; one that is not known as minus infinity. ``known`` takes the basis
    of each. With two threads two sites are solved at once; nothing depends on which of them is first.
    """
    columns, rows = by_site(split.column, split.count), by_site(split.row, split.count)
    cost = split.arrays.cost - sparse.csc_array(split.arrays.matrix[np.flatnonzero(split.row < 0)]).T @ shared
    value, duals = np.zeros(split.count), {}
    programs, one_by_one = split.alone(cost, asked), threading.Lock()

    def following() -> tuple[int, Arrays] | None:
        with one_by_one:
            if state.report() or state.seconds_left <= 0.0:
                raise Stopped
            return next(programs, None)

    def solve() -> None:
        while (given := following()) is not None:
            s, own = given
            result = Engine(own, seed=state.options.seed).run(solver="simplex", presolve="off")
            with one_by_one:
                state.solver_seconds += result.seconds
                value[s], dual = _least(own, result)
                if dual is not None:
                    duals[s] = dual
                    if known is not None:
                        known.take(result.basis, columns[s], rows[s])

    threads = min(state.options.threads, settings.SIDE_BY_SIDE)
    in_parallel([solve] * threads, threads)
    return value, duals


def _least(own: Arrays, result: SolverResult) -> tuple[float, Floats | None]:
    """Return the least cost of a site by itself, and the duals that prove it."""
    if result.row_dual is None:
        return -np.inf, None
    noise = settings.SAME_COST * float(np.abs(own.cost).max(initial=0.0))
    return (result.objective if result.objective < -noise else 0.0), result.row_dual


def _accepted(state: State, joint: _Joint, found: SolverResult) -> SolverResult | None:
    """Return the optimum if its point satisfies all rows that the solver was given, and keep its sites in the state."""
    assert found.x is not None  # priced
    program = without_held_back(state, state.mip.arrays.relaxed())
    if not Judge(program).feasible(found.x) or not np.isfinite(found.bound):
        state.note("relaxation: its optimum by sites was not verified, so it was solved as a whole")
        return None
    state.sites = joint.chosen
    return found
