"""Stage ``few branches``: the full program, to any plan first and then to the gap."""

import numpy as np
import pytest

from planner.solve.arrays import INFINITY
from planner.solve.stages import few_branches
from planner.solve.stages.few_branches import FEW_BRANCHES
from tests.solve.stages.searches import recorded, relaxed
from tests.solve.tiny import offers


@pytest.mark.parametrize("seed", range(3))
def test_its_plan_is_the_best(seed: int) -> None:
    """Law: with no gap left its plan costs the known optimum, and it claims no bound but that of the relaxation."""
    state = relaxed(seed)
    bound = state.bound
    FEW_BRANCHES.work(state, FEW_BRANCHES.limits)
    assert state.objective == pytest.approx(offers(seed).optimum, rel=1e-6)
    assert state.bound == bound


def test_any_plan_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law: nothing of the program is left out, and the first run ends with any plan, the second at the gap."""
    state = relaxed(0, 0.125)
    made = recorded(monkeypatch, few_branches)
    FEW_BRANCHES.work(state, FEW_BRANCHES.limits)
    assert [sub.relative_gap for sub in made] == [INFINITY, 0.125]
    for sub in made:
        assert not sub.proves
        assert np.array_equal(sub.arrays.lower, state.mip.arrays.lower)
        assert np.array_equal(sub.arrays.upper, state.mip.arrays.upper)
