"""Points of a run: the columns they lack, the rows they violate, and whether they are plans."""

import numpy as np

from planner.redundancy.separate import violated_cuts
from planner.solve import settings
from planner.solve.arrays import Floats, NewRow
from planner.solve.records import Stopped
from planner.solve.state import State


def padded(state: State, x: Floats) -> Floats:
    """A point of the program with as many columns as it has now: the new ones follow from their rows."""
    mip = state.mip
    whole = np.zeros(mip.arrays.column_count)
    whole[: len(x)] = x
    if mip.network is not None:
        for (weights, t), column in mip.coverable.items():
            installed = mip.installed_gw(whole)[t]
            whole[column] = float(mip.network.coefficients(np.array(weights)) @ installed)
    return whole if state.held_back is None else state.held_back.completed(mip.arrays, whole)


def rounded(state: State, x: Floats) -> Floats:
    """A padded point whose integer variables are exactly that."""
    whole, integer = padded(state, x), state.mip.arrays.integer
    whole[integer] = np.round(whole[integer])
    return whole


def offer(state: State, x: Floats | None) -> bool:
    """Take a point as the incumbent if it is better and satisfies every row and every contingency.

    Returns
    -------
    bool
        Whether the point is the incumbent now, or is no better; False for one that is no plan, and for none.
    """
    if x is None:
        return False
    whole = rounded(state, x)
    mip = state.mip
    objective = mip.arrays.objective(whole)
    if objective >= state.objective - 1e-12 * abs(state.objective):
        return True
    if mip.arrays.worst_violation(whole) > settings.PLAN_TOLERANCE:
        return False
    if mip.network is not None and violated_cuts(mip.network, mip.installed_gw(whole)):
        return False
    state.incumbent, state.objective = whole, objective
    state.report(whole)
    return True


def separate(state: State, x: Floats) -> tuple[int, list[NewRow]] | None:
    """Add the redundancy cuts that a point violates: the number of new columns and the rows; None without any.

    Raises
    ------
    Stopped
        After too many rounds: what is found so far counts, as when a limit comes.
    """
    if state.mip.network is None:
        return None
    found = violated_cuts(state.mip.network, state.mip.installed_gw(x))
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
    """The rows held back, where a point violates one: from then on every run of the solver has them."""
    if state.held_back is None:
        return []
    arrays = state.mip.arrays
    if arrays.worst_violation(padded(state, x), state.held_back.rows) <= settings.PLAN_TOLERANCE:
        return []
    rows = state.held_back.new_rows(arrays)
    state.held_back = None
    return rows


def add_violated_rows(state: State, x: Floats) -> bool:
    """Add the rows held back and the redundancy cuts that a point violates; False when there are none."""
    taken = bool(take_back(state, x))
    return separate(state, x) is not None or taken


def add_violated_links(state: State, x: Floats) -> list[NewRow]:
    """Add the links between service and opening that a point of the relaxation violates."""
    rows = state.mip.links.violated(x, settings.LINKS_PER_ROUND)
    if rows:
        state.mip = state.mip.with_rows(rows)
    return rows
