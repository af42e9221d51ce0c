"""The search of a site allocation whose capacities never bind: in rungs of what plans below a growing cost can use."""

import numpy as np
import numpy.typing as npt

from planner.solve import settings
from planner.solve.arrays import INFINITY, Arrays
from planner.solve.cost_step import CostStep
from planner.solve.engine_runs import make_engine, run_engine
from planner.solve.highs import SolverResult
from planner.solve.points import offer, padded
from planner.solve.reach_tree import ReachTree
from planner.solve.records import Stopped
from planner.solve.site_bounds import Ascent, SiteBounds
from planner.solve.site_parts import part_of
from planner.solve.site_reach import Reach
from planner.solve.site_swaps import swapped
from planner.solve.site_tree import NODE_LENGTH, ROOT_STEPS, SiteTree
from planner.solve.state import State

Mask = npt.NDArray[np.bool_]


def search_reach(state: State, bounds: SiteBounds, reach: Reach, root: Ascent, nodes: int) -> None:
    """Search the plans that cost less than the best, if so few links can be used by them that the program is small.

    Prices are improved first, by subgradient steps and then as those of the linear program of what plans below a target
    can use: with few links at first, whose target may be too low, then with more. The bound of the search is at most
    its target: what it leaves out, plans above the target may use.

    Parameters
    ----------
    state : State
    bounds : SiteBounds
        For better prices.
    reach : Reach
        Of all plans.
    root : Ascent
        With good prices, per unit of demand, and sites to begin with.
    nodes : int
        Limit of the nodes of the search.
    """
    a = reach.allocation
    links, none = float(settings.REACH_LINKS * len(a.demand)), np.zeros(len(a.opened), dtype=bool)
    nearest_plan(state, reach, swapped(reach, root.opened))
    unit_price, target, step = root.price, -INFINITY, CostStep.of(reach)
    for rung in range(settings.REACH_RUNGS):
        unit_price = bounds.ascend(unit_price, none, none, state.objective, ROOT_STEPS, NODE_LENGTH).price
        price = unit_price * a.demand
        target = min(reach.target(price, round(links)), state.objective)
        near = reach.narrowed(price, target)
        price = _tree(state, reach, near, step, target).explore(price, dive=rung == 0)
        if target >= state.objective:
            break
        links *= settings.REACH_WIDER
    goal = min(target, state.objective)
    search = _tree(state, reach, near.narrowed(price, goal), step, goal)
    search.begin(price)
    search_nodes(state, search, nodes)


def _tree(state: State, reach: Reach, part: Reach, step: CostStep, target: float) -> ReachTree:
    """Return the search of a part of all plans for one that costs less than a target."""
    return ReachTree(
        part,
        lambda program: _relaxed(state, program),
        lambda opened: nearest_plan(state, reach, opened),
        lambda opened: swapped(reach, opened),
        step,
        target,
        state.objective,
        state.options.gap,
    )


def take_bound(state: State, tree: ReachTree | SiteTree) -> None:
    """Take the bound of a search of sites; that there is no plan is for the relaxation to prove."""
    if np.isfinite(tree.bound) or state.incumbent is not None:
        state.raise_bound(tree.bound)


def search_nodes(state: State, tree: ReachTree | SiteTree, most: int) -> None:
    """Take up to so many nodes of a search of sites, and its bound after each of them.

    Raises
    ------
    Stopped
        If a limit or a caller ends the solve.
    """
    take_bound(state, tree)
    for _ in range(most):
        if tree.finished or state.gap_reached:
            break
        if state.report() or state.out_of_time:
            raise Stopped
        tree.step()
        take_bound(state, tree)


def nearest_plan(state: State, reach: Reach, opened: Mask) -> tuple[float, float]:
    """Offer the plan that serves each demand from the nearest of some open sites.

    Returns
    -------
    tuple of float
        Its cost, infinite if it costs less than the incumbent and is no plan, and a proven bound on that of every plan
        that opens these sites.
    """
    chosen = reach.chosen(opened)
    cost, proven = chosen.nearest_cost, chosen.bound(chosen.prices())
    if cost >= state.objective:
        return cost, proven
    a = reach.allocation
    links = np.zeros(a.unit_cost.shape, dtype=bool)
    links[chosen.site, chosen.demand] = True
    part = part_of(a, opened, links)
    # Each demand has one link: the program only finds the capacities.
    result = run_engine(state, make_engine(state, part.linear(part.most)))
    taken = result.x is not None and offer(state, padded(state, part.point(result.x)))
    return (state.objective if taken else INFINITY), proven


def _relaxed(state: State, program: Arrays) -> SolverResult:
    """Solve a linear program of a search: without crossover, as duals inside the optimal face exclude more."""
    inside = run_engine(state, make_engine(state, program), solver="ipm", run_crossover="off")
    return run_engine(state, make_engine(state, program)) if inside.status == "failed" else inside
