"""Stage ``kernel``: restrictions that grow until one has a plan."""

from itertools import pairwise

import numpy as np

from planner.solve import settings
from planner.solve.highs import SolverResult
from planner.solve.stages import kernel
from planner.solve.state import State
from planner.solve.sub_mip import SubMip
from tests.solve.stages.searches import NOTHING, recorded, relaxed


def test_kernels_grow_until_one_has_a_plan(monkeypatch):
    """Law: each kernel leaves at least as much free as the one before; after a better plan there is no further one."""
    state = relaxed(0)
    made = recorded(monkeypatch, kernel)
    kernel.KERNEL.work(state, kernel.KERNEL.limits)
    assert len(made) == len(settings.KERNELS)
    rooms = [sub.arrays.upper - sub.arrays.lower for sub in made]
    assert all((wide >= narrow).all() for narrow, wide in pairwise(rooms))

    def better(state: State, _sub: SubMip) -> SolverResult:
        state.objective -= 1.0
        return NOTHING

    state.objective = 50.0
    made = recorded(monkeypatch, kernel, better)
    kernel.KERNEL.work(state, kernel.KERNEL.limits)
    assert len(made) == 1


def test_a_kernel_is_a_restriction(monkeypatch):
    """Law: limits are never wider than those of the program, and the relaxation's optimum is within reach of them."""
    for seed in range(5):
        state = relaxed(seed)
        arrays = state.mip.arrays
        made = recorded(monkeypatch, kernel)
        kernel.KERNEL.work(state, kernel.KERNEL.limits)
        for sub in made:
            assert (sub.arrays.lower >= arrays.lower).all()
            assert (sub.arrays.upper <= arrays.upper).all()
            x = state.relaxation.x
            assert (sub.arrays.lower <= np.ceil(x - 1e-9) + 1e-9).all()
            assert (sub.arrays.upper >= np.floor(x + 1e-9) - 1e-9).all()


def test_a_kernel_is_useful_without_a_plan_or_without_bounds_by_site():
    """Law: where sites are bounded one by one it is a second choice, for want of a plan."""
    state = relaxed(0)
    assert kernel.KERNEL.useful(state)
    state.penalties = object()  # type: ignore[assignment]
    assert kernel.KERNEL.useful(state)
    state.incumbent = np.zeros(1)
    assert not kernel.KERNEL.useful(state)
    state.penalties = None
    assert kernel.KERNEL.useful(state)
