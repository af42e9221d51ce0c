"""Stage ``allocation``: a program that is a site allocation is solved by branch and bound over its sites."""

import numpy as np
import numpy.typing as npt

from planner.solve import settings
from planner.solve.allocation import Allocation, recognised
from planner.solve.arrays import INFINITY, Arrays, Floats
from planner.solve.engine_runs import make_engine, prove_linear, run_engine
from planner.solve.highs import SolverEvent, SolverResult
from planner.solve.points import offer, padded
from planner.solve.reach_search import nearest_plan, search_nodes, search_reach, take_bound
from planner.solve.records import Stopped
from planner.solve.site_bounds import Ascent, SiteBounds
from planner.solve.site_dominance import replaced_by
from planner.solve.site_parts import Part, part_of
from planner.solve.site_reach import Reach
from planner.solve.site_tree import NODE_LENGTH, ROOT_STEPS, SiteTree
from planner.solve.stage import Stage
from planner.solve.state import State
from planner.solve.sub_mip import Limits

Mask = npt.NDArray[np.bool_]


def _allocate(state: State, limits: Limits) -> None:
    """Search plans and prove a bound by Lagrangian relaxation; nothing is done if the program has another form."""
    allocation = recognised(state.mip)
    if allocation is None:
        return

    start = _opened_at_start(state, allocation)
    if allocation.unlimited:
        allocation, start = _without_replaced(allocation, start)
    bounds, tree, reach = _search(state, allocation)
    root = tree.begin(start)
    take_bound(state, tree)
    if reach is not None and not (tree.finished or state.gap_reached):
        search_reach(state, bounds, reach, root, limits.nodes or 0)
        tree.learn(state.objective)
    few = int(root.opened.sum()) <= settings.ALLOCATION_OPEN
    if not (few or tree.finished or state.gap_reached):
        _search_likely(state, bounds, root)
        tree.learn(state.objective)
        if _is_searched(state):
            tree = _search_possible(state, bounds, root) or tree
    search_nodes(state, tree, (limits.nodes or 0) if few or _is_searched(state) else 0)


def _without_replaced(allocation: Allocation, start: Mask | None) -> tuple[Allocation, Mask | None]:
    """Return an allocation and a choice of its sites without those that others replace at no more cost."""
    better = replaced_by(allocation)
    needed = better == np.arange(len(better))
    if start is not None:
        start = np.isin(np.flatnonzero(needed), better[start])
    return allocation.without(~needed), start


def _search(state: State, allocation: Allocation) -> tuple[SiteBounds, SiteTree, Reach | None]:
    """Return the relaxation of an allocation, the search of its sites before its first step, and its links.

    The links are for searches of allocations whose capacities do not bind; None for others.
    """

    def check() -> None:
        if state.report() or state.out_of_time:
            raise Stopped

    bounds = SiteBounds(allocation, check)
    reach = Reach.of(allocation) if allocation.unlimited else None
    return bounds, SiteTree(bounds, lambda opened: _priced(state, bounds, reach, opened), state.options.gap), reach


def _search_possible(state: State, bounds: SiteBounds, root: Ascent) -> SiteTree | None:
    """Return a search of the sites that a better plan can open; None if the bounds exclude few, or all.

    What it proves holds for every plan that costs less than the incumbent.
    """
    if state.incumbent is None:
        return None
    none = np.zeros(len(root.value), dtype=bool)
    again = bounds.ascend(root.price, none, none, state.objective, ROOT_STEPS, NODE_LENGTH)
    _, never = bounds.decided(again, none, none, state.objective)
    if never.all():
        state.raise_bound(state.objective)
    if never.all() or never.mean() < settings.WORTH_DECIDING:
        return None
    _, tree, _ = _search(state, bounds.allocation.without(never))
    tree.begin_at(again.price, state.objective)
    return tree


def _is_searched(state: State) -> bool:
    """Return whether the sites are searched although many are open: the gap is small, or the program is large."""
    large = state.mip.arrays.column_count > settings.ALLOCATION_ONLY_COLUMNS
    near = state.objective - state.best_bound <= settings.ALLOCATION_NEAR_GAP * abs(state.objective)
    return large or (state.incumbent is not None and near)


def _priced(state: State, bounds: SiteBounds, reach: Reach | None, opened: Mask) -> tuple[float, float]:
    """Solve for what open sites serve, and offer the plan; return its cost and a proven bound on it.

    Links that the duals of the linear program ask for are added until there are none.
    """
    a = bounds.allocation
    if reach is not None:
        cost, proven = nearest_plan(state, reach, opened)
        if np.isfinite(cost):
            return cost, proven
    if a.capacity[opened].sum() < a.demand.sum() * (1.0 - settings.PLAN_TOLERANCE):
        return INFINITY, INFINITY
    links = _nearest(a.unit_cost, opened)
    while True:
        part, whole = part_of(a, opened, links), bool(links[opened].all())
        program = part.linear(part.most)
        engine = make_engine(state, program)
        result = run_engine(state, engine)
        if whole:
            result = prove_linear(state, program, (engine, result))
        if result.status == "optimal" and result.x is not None and result.row_dual is not None:
            reduced = part.reduced_costs(result.row_dual)
            least = settings.NO_PRICE * float(np.abs(result.row_dual).max(initial=0.0))
            more = ~links & (reduced < -least) & opened.reshape(-1, 1)
            if not more.any():
                proven = bounds.of_opened(part.prices(result.row_dual), opened)
                if a.whole.any:
                    return _assigned(state, a, opened, reduced, proven), proven
                taken = offer(state, padded(state, part.point(result.x)))
                return result.objective if taken else INFINITY, proven
            links |= more
        elif whole:
            return INFINITY, _bound_without_plan(state, part.linear(part.all_open)) - a.rounding
        else:
            links[opened] = True


def _assigned(state: State, a: Allocation, opened: Mask, reduced: Floats, proven: float) -> float:
    """Solve for which demands the open sites serve where service is all or nothing; return the cost of the best plan.

    The links are those of least reduced cost where service may be split. A choice of sites in which no plan can be
    better by more than the gap is left.

    Parameters
    ----------
    state : State
    a : Allocation
    opened : array (sites,) of bool
    reduced : array (sites, demands)
        Reduced costs of all links where service may be split.
    proven : float
        Lower bound on the cost of every plan that opens these sites.
    """
    if state.incumbent is not None and proven >= state.objective - state.options.gap * abs(state.objective):
        return INFINITY
    part = part_of(a, opened, _nearest(reduced, opened, settings.ALLOCATION_ASSIGNED))
    found = _solve_part(state, part, part.assigning(), settings.ALLOCATION_ASSIGNED_GAP)
    return found.objective if found.x is not None else INFINITY


def _nearest(cost: Floats, sites: Mask, count: int = settings.ALLOCATION_NEAREST) -> npt.NDArray[np.bool_]:
    """Return the links of some sites that serve each demand most cheaply, so many of each."""
    chosen = np.flatnonzero(sites)
    links = np.zeros_like(cost, dtype=np.bool_)
    if len(chosen) <= count:
        links[sites] = True
        return links
    near = np.argpartition(cost[chosen], count, axis=0)[:count]
    links[chosen[near], np.arange(cost.shape[1])] = True
    return links


def _search_likely(state: State, bounds: SiteBounds, root: Ascent) -> None:
    """Solve a restriction to the sites that are cheapest to open at the prices of the root, and their cheapest links.

    What a link costs is counted with the capacity that it uses. The incumbent is a point of the restriction.
    """
    a = bounds.allocation
    if state.incumbent is None:
        return
    sites = state.incumbent[a.opened] > 0.5
    links = (a.served >= 0) & (state.incumbent[np.maximum(a.served, 0)] > 0.0)
    count = round((1.0 + settings.SITES_MORE) * max(int(sites.sum()), int(root.opened.sum())))
    sites[np.argsort(root.value, kind="stable")[:count]] = True
    links |= _nearest(a.unit_cost + bounds.worth_of_capacity(root.price).reshape(-1, 1), sites)
    part = part_of(a, sites, links)
    _solve_part(state, part, part.with_links(), state.options.gap / 2, start=part.start(state.incumbent))


def _solve_part(
    state: State, part: Part, arrays: Arrays, relative_gap: float, start: Floats | None = None
) -> SolverResult:
    """Solve a program of some sites for plans, and offer each."""
    engine = make_engine(state, arrays)
    if start is not None:
        engine.set_start(start)

    def callback(event: SolverEvent) -> bool:
        if event.x is not None:
            offer(state, padded(state, part.assigned_point(event.x)))
        return state.report() or state.seconds_left <= 0.0 or state.gap_reached

    result = run_engine(
        state,
        engine,
        relative_gap=relative_gap,
        share_of_time=settings.ALLOCATION_SHARE,
        callback=callback,
        mip_max_nodes=settings.ALLOCATION_LIKELY_NODES,
        **settings.NO_TRIAL_BRANCHES,
    )
    if result.x is not None:
        offer(state, padded(state, part.assigned_point(result.x)))
    return result


def _bound_without_plan(state: State, part: Arrays) -> float:
    """Return what is proven of sites for which no plan was found: infinity if there is none."""
    result = prove_linear(state, part)
    return INFINITY if result.status == "infeasible" else result.bound


def _opened_at_start(state: State, allocation: Allocation) -> Mask | None:
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
