"""Stage ``neighbourhood``: large neighbourhood search: most integer variables are fixed at the incumbent."""

import numpy as np
import numpy.typing as npt

from planner.solve import settings
from planner.solve.arrays import Floats
from planner.solve.points import padded
from planner.solve.stage import Gain, Stage, is_loose
from planner.solve.stages.guided_start import periods_decided
from planner.solve.stages.second_proof import begin_beside
from planner.solve.state import Fact, State
from planner.solve.sub_mip import Limits, SubMip, solve_sub_mip


def _points(state: State) -> tuple[Floats, Floats]:
    """Return incumbent and guide."""
    assert state.guide is not None  # needed
    assert state.guide.x is not None
    return _incumbent(state), padded(state, state.guide.x)


def _incumbent(state: State) -> Floats:
    assert state.incumbent is not None  # needed
    return padded(state, state.incumbent)


def _where_guide_disagrees(state: State, limits: Limits) -> None:
    """Free the variables in which incumbent and guide differ, while that closes enough of the gap."""
    while not state.gap_reached:
        before = state.objective
        incumbent, guide = _points(state)
        _free(state, np.abs(incumbent - guide) >= 0.5, limits)
        if not _worthwhile(state, before):
            return


def _by_period_and_offer(state: State, limits: Limits) -> None:
    """Free some periods at a time, then a part of the offers, while that closes enough of the gap."""
    periods = periods_decided(state)
    while not state.gap_reached:
        before = state.objective
        for first in range(0, len(periods), settings.WINDOW):
            if state.gap_reached:
                return
            if len(periods) > 1:
                near = np.isin(state.mip.period, periods[first : first + 2 * settings.WINDOW])
                _free(state, near & np.isin(state.mip.group, _busy_groups(state)), limits)
        _search_groups(state, limits)
        if not _worthwhile(state, before):
            return


def _by_windows(state: State, limits: Limits) -> None:
    """Free all of a few neighbouring periods at a time, the last ones first, and what belongs to no period."""
    if state.careful:  # its second proof has no MIP start, so that better plans leave it as it is
        begin_beside(state)
    periods = periods_decided(state)
    for end in range(len(periods), settings.WINDOW, -settings.WINDOW):
        if not state.gap_reached:
            window = periods[max(0, end - 2 * settings.WINDOW) : end]
            _free(state, np.isin(state.mip.period, window) | (state.mip.period < 0), limits)


def _is_tight_or_small(state: State) -> bool:
    """Return whether the gap is tight, or the program is small and a search around a guide has not closed its gap."""
    small = state.careful and not state.mip.elastic
    return state.tight or (small and state.guide is not None)


def _worthwhile(state: State, before: float) -> bool:
    """Return whether a round has closed enough of the gap for another one."""
    return before - state.objective > settings.WORTHWHILE * (before - state.best_bound)


def _search_groups(state: State, limits: Limits) -> None:
    """Free a random part of the offers in use, and all variables of no period; then larger parts."""
    for share in settings.GROUP_SHARES:
        busy = _busy_groups(state)
        if state.gap_reached or len(busy) < 2:
            return
        chosen = state.random.choice(busy, size=max(1, round(len(busy) * share)), replace=False)
        _free(state, np.isin(state.mip.group, chosen) | (state.mip.period < 0), limits)


def _busy_groups(state: State) -> npt.NDArray[np.int64]:
    """Return the offers and roles that guide or incumbent use."""
    incumbent, guide = _points(state)
    group = state.mip.group
    return np.unique(group[(group >= 0) & ((guide > 1e-6) | (incumbent > 0.5))])


def _free(state: State, free: npt.NDArray[np.bool_], limits: Limits) -> None:
    """Solve with all integer variables but some fixed at the incumbent."""
    arrays = state.mip.arrays
    incumbent = _incumbent(state)
    fixed = arrays.integer & ~free[: arrays.column_count]
    value = np.round(incumbent)
    sub = SubMip(
        arrays=arrays.with_bounds(np.where(fixed, value, arrays.lower), np.where(fixed, value, arrays.upper)),
        relative_gap=state.options.gap / 4,
        limits=limits,
        mip_start=True,
        spelled_out=state.tight,
    )
    solve_sub_mip(state, sub)


_NAME = "neighbourhood"
_NEEDS: frozenset[Fact] = frozenset({"guide", "incumbent"})
_GIVES: frozenset[Gain] = frozenset({"incumbent"})
_LIMITS = Limits(share_of_time=0.1, nodes=settings.SEARCH_NODES)
WHERE_GUIDE_DISAGREES = Stage(_NAME, _where_guide_disagrees, _NEEDS, _GIVES, _LIMITS)
BY_WINDOWS = Stage(_NAME, _by_windows, frozenset({"incumbent"}), _GIVES, _LIMITS, _is_tight_or_small)
BY_PERIOD_AND_OFFER = Stage(_NAME, _by_period_and_offer, _NEEDS, _GIVES, _LIMITS, is_loose)
