"""Stage ``chosen sites``: in a large program, a plan of the sites that its relaxation, solved by sites, chose from."""

from dataclasses import replace

import numpy as np

from planner.solve import settings
from planner.solve.arrays import Floats, Ints
from planner.solve.budget import budget_rows
from planner.solve.highs import SolverResult
from planner.solve.mip import Links, MixedIntegerProgram
from planner.solve.points import offer, padded
from planner.solve.records import SolveProgress
from planner.solve.site_split import Split
from planner.solve.stage import Stage, run_stages
from planner.solve.stages.guided_start import AROUND_GUIDE, PERIOD_BY_PERIOD, WIDELY_AROUND_GUIDE
from planner.solve.stages.kernel import KERNEL
from planner.solve.stages.neighbourhood import BY_PERIOD_AND_OFFER, BY_WINDOWS, WHERE_GUIDE_DISAGREES
from planner.solve.stages.strategy import STRATEGY
from planner.solve.state import State
from planner.solve.sub_mip import Limits

BY_GUIDE: tuple[Stage, ...] = (
    STRATEGY,
    AROUND_GUIDE,
    PERIOD_BY_PERIOD,
    WIDELY_AROUND_GUIDE,
    WHERE_GUIDE_DISAGREES,
    BY_WINDOWS,
)
"""Those that look for plans where a guide leads, one after the other."""
FIRST = replace(KERNEL, limits=replace(KERNEL.limits, share_of_time=settings.CHOSEN_SITES_SHARE))
"""The first one there: it ends by its node limit unless time is short."""
SEARCH: tuple[Stage, ...] = (
    FIRST,
    *BY_GUIDE,
    BY_PERIOD_AND_OFFER,
)
"""Those that look for plans, in their usual order."""


def _search_chosen(state: State, _limits: Limits) -> None:
    """Run the stages that look for plans on the program of the chosen sites; bounds of theirs are not used."""
    assert state.sites is not None  # needed
    assert state.mip.site is not None
    split = Split.of(state.mip.arrays, state.mip.site)
    columns, rows = split.places(state.sites)
    part = _part(state.mip, columns, rows)

    def whole(x: Floats) -> Floats:
        point = np.zeros(state.mip.arrays.column_count)
        point[columns] = x[: len(columns)]
        return padded(state, point)

    def callback(progress: SolveProgress) -> bool:
        if progress.x is not None:
            offer(state, whole(progress.x))
        return state.report()

    inner = State(part, state.options, callback, begun=state.begun)
    inner.held_back = None if state.held_back is None else budget_rows(part.arrays)
    inner.bound, inner.bound_refuted = state.bound, True  # a bound of a part is none of the whole
    inner.relaxation = _of_part(state, columns, rows)
    inner.rounds = state.rounds
    try:
        run_stages(inner, SEARCH)
    finally:
        state.solver_seconds += inner.solver_seconds
        state.cuts += inner.cuts
        state.rounds = inner.rounds
        for note in inner.notes:
            state.note(note)
    cuts = inner.mip.cuts_since(part)
    if cuts:
        state.mip = state.mip.with_cuts(cuts)[0]
        state.incumbent = None if state.incumbent is None else padded(state, state.incumbent)


def _part(mip: MixedIntegerProgram, columns: Ints, rows: Ints) -> MixedIntegerProgram:
    """Return the program of some columns and rows."""
    place = np.full(mip.arrays.column_count + 1, -1, dtype=np.int64)  # the last one is that of column -1
    place[columns] = np.arange(len(columns))
    links = mip.links
    there = (place[links.served] >= 0) & (place[links.opened] >= 0)
    soft = mip.soft
    return replace(
        mip,
        arrays=mip.arrays.part(columns, rows),
        installed=place[mip.installed],
        coverable={group: int(place[column]) for group, column in mip.coverable.items()},
        unserved=place[mip.unserved],
        period=mip.period[columns],
        group=mip.group[columns],
        links=Links(place[links.served[there]], place[links.opened[there]], links.demand[there], links.balance[there]),
        relief=None,
        soft=None if soft is None else replace(soft, unserved=place[soft.unserved], short=place[soft.short]),
        site=None,
    )


def _of_part(state: State, columns: Ints, rows: Ints) -> SolverResult:
    """Return the relaxation in the columns and rows of the part: its optimum uses no others."""
    found = state.relaxation
    assert found is not None
    assert found.x is not None
    assert found.row_dual is not None
    assert found.column_dual is not None
    return replace(
        found, x=padded(state, found.x)[columns], row_dual=found.row_dual[rows], column_dual=found.column_dual[columns]
    )


CHOSEN_SITES = Stage(
    "chosen sites",
    _search_chosen,
    needs=frozenset({"relaxation", "sites"}),
    gives=frozenset({"incumbent"}),
)
