"""Stage ``kernel``: restrictions to the variables that the relaxation uses and those with the least reduced costs."""

from planner.solve import settings
from planner.solve.ahead import begin_ahead
from planner.solve.arrays import kernel
from planner.solve.points import padded
from planner.solve.stage import Stage
from planner.solve.stages.strategy import STRATEGY
from planner.solve.state import State
from planner.solve.sub_mip import Limits, SubMip, solve_sub_mip


def _kernels(state: State, limits: Limits) -> None:
    """Solve a small restriction, and larger ones while none gives a better plan.

    After one without a better plan, ``strategy`` is begun beside the larger ones.
    """
    assert state.relaxation is not None  # needed
    point, reduced_cost = state.relaxation.x, state.relaxation.column_dual
    assert point is not None  # a relaxation with a point has both
    assert reduced_cost is not None
    before = state.objective
    for more, width in settings.KERNELS:
        if state.objective < before:
            return
        small = kernel(state.mip.arrays, padded(state, point), reduced_cost, more=more, width=width)
        sub = SubMip(arrays=small, relative_gap=state.search_gap / 2, limits=limits, mip_start=True)
        solve_sub_mip(state, sub)
        if (more, width) == settings.KERNELS[0] and state.objective >= before:
            begin_ahead(state, STRATEGY, STRATEGY.run, STRATEGY.name)


def _has_no_plan_by_sites(state: State) -> bool:
    return state.penalties is None or state.incumbent is None


KERNEL = Stage(
    "kernel",
    _kernels,
    needs=frozenset({"relaxation"}),
    gives=frozenset({"incumbent"}),
    limits=Limits(share_of_time=0.1, nodes=settings.KERNEL_NODES),
    useful=_has_no_plan_by_sites,
)
