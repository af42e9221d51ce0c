"""The hand-written models and what is read from their logs."""

from math import inf

import pytest

from bench.allocation import Allocation
from bench.methods import Limits, solve_facility_pyomo, solve_matrix, solve_multiyear_pyomo
from bench.reference.log import progress, seconds_to
from planner.synthetic import generate

LOG = """
        Nodes      |    B&B Tree     |            Objective Bounds              |  Dynamic Constraints |       Work      
Src  Proc. InQueue |  Leaves   Expl. | BestBound       BestSol              Gap |   Cuts   InLp Confl. | LpIters     Time

         0       0         0   0.00%   82.29191255     inf                  inf        0      0      0      5386     0.6s
 R       0       0         0   0.00%   82.34767034     89061.984515      99.91%      638     64      0      6005     1.0s
 L       0       0         0   0.00%   82.50515851     82.96218741        0.55%     2932    319      6      9751    15.4s
         3       0         1 100.00%   82.55440151     82.96218741        0.49%      834     80     26     63762    23.8s
"""  # noqa: E501, W291


def test_log_gives_the_time_of_each_gap() -> None:
    """The lines of HiGHS's table give time and gap; a gap not reached has no time."""
    events = progress(LOG.splitlines())
    assert events == [
        (0.6, inf),
        (1.0, pytest.approx(0.9991)),
        (15.4, pytest.approx(0.0055)),
        (23.8, pytest.approx(0.0049)),
    ]
    assert seconds_to(events, 0.01) == 15.4
    assert seconds_to(events, 0.005) == 23.8
    assert seconds_to(events, 0.001) is None


def test_textbook_model() -> None:
    """The textbook model gives the cost worked out by hand: one site serves both regions."""
    a = Allocation("hand", [9.0, 9.0], [5.0, 7.0], [4.0, 5.0], [[1.0, 2.0], [1.0, 1.0]], False)
    answer = solve_facility_pyomo(a, Limits(0.0, 30.0))
    assert answer.cost == pytest.approx(8.0)
    assert answer.bound == pytest.approx(8.0)


@pytest.mark.slow
def test_hand_written_model_agrees_with_the_program() -> None:
    """The hand-written multi-year model, recovery written out, and the planner's bounds enclose the same optimum."""
    case = generate(10, 3, seed=0)
    written = solve_multiyear_pyomo(case, Limits(0.002, 120.0))
    matrix = solve_matrix(case, Limits(0.002, 120.0))
    assert written.cost is not None
    assert written.bound is not None
    assert matrix.bound is not None
    # The matrix has a part of the redundancy cuts only: its bound holds for the case.
    assert matrix.bound <= written.cost * (1 + 1e-6)
