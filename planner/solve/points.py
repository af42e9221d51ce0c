"""Points of a run: columns they lack, rows they violate, and whether they are plans."""

import numpy as np

from planner.redundancy.network import Cut
from planner.redundancy.separate import ALLOWED, FINE, Allowed
from planner.solve import settings
from planner.solve.arrays import Floats, NewRow
from planner.solve.certificate import costs_at_least_nothing
from planner.solve.records import Stopped
from planner.solve.state import State


def padded(state: State, x: Floats) -> Floats:
    """Return a point with an entry for every column of the program: those of new columns follow from their rows."""
    mip = state.mip
    point = np.zeros(mip.arrays.column_count)
    point[: len(x)] = x
    if mip.network is not None:
        for (weights, t), column in mip.coverable.items():
            installed = mip.installed_gw(point)[t]
            point[column] = float(mip.network.in_period(t).coefficients(np.array(weights)) @ installed)
    return point if state.held_back is None else state.held_back.completed(mip.arrays, point)


def rounded(state: State, x: Floats) -> Floats:
    """Return a padded point with its integer variables rounded, those that are integer by implication included.

    Amounts of a plan are read from both: a sum of integer columns that is off by the solver's tolerance would be money.
    """
    point, arrays = padded(state, x), state.mip.arrays
    integer = arrays.integer | arrays.implied if (arrays.integer == arrays.declared).all() else arrays.integer
    point[integer] = np.round(point[integer])
    return point


def offer(state: State, x: Floats | None) -> bool:
    """Take a point as the incumbent if it is better and satisfies every row and every contingency.

    Returns
    -------
    bool
        True if the point is the incumbent now, or is no better than it; False if it is not a plan, or is None.
    """
    if x is None:
        return False
    point = rounded(state, x)
    mip = state.mip
    objective = asked = mip.arrays.objective(point)
    if objective >= state.objective - 1e-12 * abs(state.objective):
        return True
    if mip.arrays.worst_violation(point) > settings.PLAN_TOLERANCE:
        return False
    broken = mip.violated_cuts(point, allowed(state))
    if broken:
        covered = _covered(state, point, broken)
        if covered is None:
            return False
        point, objective = covered, mip.arrays.objective(covered)
        if objective >= state.objective or mip.arrays.worst_violation(point) > settings.PLAN_TOLERANCE:
            return False
    state.incumbent, state.objective = point, objective
    if abs(objective) <= settings.rounding(0.0) and costs_at_least_nothing(mip.arrays):
        state.other_bound = max(state.other_bound, 0.0)  # no claim of a solver
    state.report(point)
    return objective - asked <= state.options.gap / 2 * abs(objective)


def _covered(state: State, x: Floats, cuts: list[Cut]) -> Floats | None:
    """Return a point with as much more short as its capacity needs; None if nothing may be short."""
    mip, point = state.mip, x
    if mip.soft is None or mip.network is None or not (mip.soft.short >= 0).any():
        return None
    for _ in range(settings.MOST_ROUNDS):
        point = mip.soft.covering(mip.network, mip.installed_gw(x), point, cuts)
        cuts = mip.violated_cuts(point, allowed(state))
        if not cuts:
            return point
    return None


def allowed(state: State) -> Allowed:
    """Return what may be missing of a redundancy cut: less in small programs whose shortfalls are proven exactly."""
    return FINE if state.careful and state.mip.may_be_short else ALLOWED


def separate(state: State, x: Floats) -> tuple[int, list[NewRow]] | None:
    """Add the redundancy cuts that a point violates; return the number of new columns and the rows, None without any.

    Raises
    ------
    Stopped
        After too many rounds: what is found so far counts, as at a limit.
    """
    found = state.mip.violated_cuts(x)
    if not found and allowed(state) is FINE:  # what a cut of the program misses is the solver's tolerance
        known = {cut for _, cut in state.mip.cuts()}
        found = [cut for cut in state.mip.violated_cuts(x, FINE) if cut not in known]
    if not found:
        return None
    if state.rounds >= settings.MOST_ROUNDS:
        state.note(f"stopped after {state.rounds} rounds of redundancy cuts")
        raise Stopped
    state.mip, columns, rows = state.mip.with_cuts(found)
    state.cuts += len(found)
    state.rounds += 1
    return columns, rows


def take_back(state: State, x: Floats) -> list[NewRow]:
    """Return the rows held back if a point violates one: from then on the solver is given them."""
    if state.held_back is None:
        return []
    arrays = state.mip.arrays
    if arrays.worst_violation(padded(state, x), state.held_back.rows) <= settings.PLAN_TOLERANCE:
        return []
    rows = state.held_back.new_rows(arrays)
    state.held_back = None
    return rows


def add_violated_rows(state: State, x: Floats) -> bool:
    """Add the rows held back and the redundancy cuts that a point violates; return whether there are any."""
    taken = bool(take_back(state, x))
    return separate(state, x) is not None or taken


def add_violated_links(state: State, x: Floats) -> list[NewRow]:
    """Add the links between service and opening that a point violates, and return them."""
    rows = state.mip.links.violated(x, settings.LINKS_PER_ROUND)
    if rows:
        state.mip = state.mip.with_rows(rows)
    return rows
