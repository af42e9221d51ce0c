"""A small program is proven twice: with and without the marks of columns that are integer by implication."""

from pathlib import Path

import pytest

from planner import Case, Status


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_a_false_proof_of_the_solver_is_not_believed(seed: int) -> None:
    """Law: the optimum is found and proven where HiGHS 1.15.1 calls plans optimal that cost up to twice as much."""
    case = Case.read(Path(__file__).parents[1] / "data" / "solver_defect")
    plan = case.solve(gap=0.0, seed=seed, own_process=False)
    assert plan.status is Status.OPTIMAL
    assert plan.cost_busd == pytest.approx(6.02527997, abs=1e-6)
