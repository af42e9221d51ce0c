"""Stage ``allocation``: a program that is a site allocation is solved by branch and bound over its sites."""

import numpy as np
import numpy.typing as npt

from planner.solve import settings
from planner.solve.allocation import Allocation, recognised
from planner.solve.arrays import INFINITY, Arrays
from planner.solve.certificate import box_of, safe_bound
from planner.solve.engine_runs import make_engine, prove_linear, run_engine
from planner.solve.points import offer, padded
from planner.solve.records import Stopped
from planner.solve.site_bounds import SiteBounds
from planner.solve.site_tree import SiteTree
from planner.solve.stage import Stage
from planner.solve.state import State
from planner.solve.sub_mip import Limits


def _allocate(state: State, limits: Limits) -> None:
    """Search plans and prove a bound by Lagrangian relaxation; nothing is done if the program has another form."""
    allocation = recognised(state.mip)
    if allocation is None:
        return

    def price(opened: npt.NDArray[np.bool_]) -> tuple[float, float]:
        return _priced(state, allocation, opened)

    def check() -> None:
        if state.report() or state.out_of_time:
            raise Stopped

    tree = SiteTree(SiteBounds(allocation, check), price, state.options.gap)
    tree.begin(_opened_at_start(state, allocation))
    _take_bound(state, tree)
    few = tree.open_at_root <= settings.ALLOCATION_OPEN
    for _ in range((limits.nodes or 0) if few else 0):
        _take_bound(state, tree)
        if tree.finished or state.gap_reached:
            break
        check()
        tree.step()
    _take_bound(state, tree)


def _take_bound(state: State, tree: SiteTree) -> None:
    """Take the bound of the tree; that there is no plan is for the relaxation to prove."""
    if np.isfinite(tree.bound) or state.incumbent is not None:
        state.raise_bound(tree.bound)


def _priced(state: State, allocation: Allocation, opened: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Solve for what open sites serve, and offer the plan; return its cost and a proven bound on it."""
    if allocation.capacity[opened].sum() < allocation.demand.sum() * (1.0 - settings.PLAN_TOLERANCE):
        return INFINITY, INFINITY
    part, kept, most = allocation.part(opened)
    full = part.with_bounds(most, part.upper)
    engine = make_engine(state, full)
    result = prove_linear(state, full, (engine, run_engine(state, engine)))
    if result.status != "optimal" or result.x is None or result.row_dual is None:
        return INFINITY, _bound_without_plan(state, part) - allocation.rounding
    taken = offer(state, padded(state, allocation.point(result.x, kept)))
    proven = safe_bound(part, result.row_dual, box_of(part)) - allocation.rounding
    return result.objective if taken else INFINITY, proven


def _bound_without_plan(state: State, part: Arrays) -> float:
    """Return what is proven of sites for which no plan was found: infinity if there is none."""
    result = prove_linear(state, part)
    return INFINITY if result.status == "infeasible" else result.bound


def _opened_at_start(state: State, allocation: Allocation) -> npt.NDArray[np.bool_] | None:
    """Return the sites that a given start opens: what it serves is then served at least as cheaply."""
    if state.start is None or len(state.start) <= int(allocation.opened.max()):
        return None
    return np.asarray(state.start[allocation.opened] > 0.5)


def _large(state: State) -> bool:
    return state.mip.arrays.column_count > settings.ALLOCATION_COLUMNS


ALLOCATION = Stage(
    "allocation",
    _allocate,
    needs=frozenset({"links"}),
    gives=frozenset({"bound", "incumbent"}),
    limits=Limits(nodes=settings.ALLOCATION_NODES),
    useful=_large,
)
