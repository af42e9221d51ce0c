"""A plan pays for no use that it has not, however early its search ended."""

from dataclasses import replace

import numpy as np
import pytest

from planner import Case
from planner.changes.apply import apply_changes
from planner.inputs.make import make_inputs
from planner.options import SolveOptions
from planner.program.columns import USAGE
from planner.runs.session import find_point
from planner.runs.tidy import without_idle_use
from planner.solve.linear import solve_by_itself
from planner.solve.records import Answer
from planner.solve.settings import PLAN_TOLERANCE
from planner.symbols import MONEY
from planner.synthetic import generate
from tests.program.tiny import CASH, cash, lease, solve, tiny

SIGNED = [
    {
        "contract": "signed", "offer": "lease", "role": "primary", "it_mw": 20.0, "start_date": "2025-01-01",
        "end_date": "2036-01-01", "rent_musd_per_mw_year": 9.0,
    }
]  # fmt: skip


def shell() -> Answer:
    """The optimum of a shell of 100 MW, 20 of them signed, half of whose rent depends on use."""
    offers = (lease(tenure="shell", take_or_pay_share=0.5),)
    money = {"budget": {**CASH, "carry_over": True}}
    case = tiny(100.0, periods=2, offers=offers, contracts=SIGNED, families=money, budget=cash(2, 9.0))
    assert solve(case).cost_busd > 0.0  # audited
    return find_point(make_inputs(case), SolveOptions(0.0, own_process=False)).answer


def idle(answer: Answer) -> Answer:
    """The same with more use than there is, and as much money spent as that allows."""
    arrays = answer.mip.arrays
    money = np.array([column.variable == USAGE or column.variable.unit == MONEY for column in arrays.columns])
    use = np.array([column.variable == USAGE for column in arrays.columns])
    assert use.any()
    x = answer.x
    assert x is not None
    lower, upper = np.where(money, arrays.lower, x), np.where(money, arrays.upper, x)
    upper = np.where(use, x + 0.01, upper)
    most = replace(arrays.with_bounds(lower, upper).with_cost(np.where(use, -1.0, 0.0)), offset=0.0).relaxed()
    point = solve_by_itself(most, 10.0).x
    assert point is not None
    assert arrays.worst_violation(point) <= PLAN_TOLERANCE
    return replace(answer, x=point, objective=float(arrays.cost @ point) + arrays.offset)


def test_use_that_is_none_is_not_paid_for() -> None:
    """Law: what was paid for 10 MW too much is paid no longer; what is installed and served is as it was."""
    best = shell()
    more = idle(best)
    assert more.objective > best.objective + 1e-3
    found = without_idle_use(more)
    arrays = best.mip.arrays
    assert found.objective == pytest.approx(best.objective)
    assert found.objective == pytest.approx(float(arrays.cost @ found.x) + arrays.offset)
    assert arrays.worst_violation(found.x) <= PLAN_TOLERANCE  # type: ignore[arg-type]
    kept = [j for j, one in enumerate(arrays.columns) if one.variable != USAGE and one.variable.unit != MONEY]
    assert found.x[kept] == pytest.approx(more.x[kept])  # type: ignore[index]


def test_a_plan_that_has_none_is_left_as_it_is() -> None:
    """Law: an answer without such use, or without such a shell, is the same object."""
    best = shell()
    assert without_idle_use(best) is best
    plain = find_point(make_inputs(tiny(100.0)), SolveOptions(0.0, own_process=False)).answer
    assert without_idle_use(plain) is plain


@pytest.mark.parametrize("gap", [0.1, 0.5, 0.9])
def test_a_plan_of_a_wide_gap_passes_its_audit(gap: float) -> None:
    """Law: ten sites short of power and asked for twice as much; the first plan that will do is audited like any."""
    scaled = [
        {"op": "scale", "table": "demand", "column": "compute", "factor": 2.0},
        {"op": "scale", "table": "power_regions", "column": "firm_facility_mw", "factor": 0.3},
    ]
    case = apply_changes(generate(10, 3, 12, 1), scaled)
    assert Case.of(case).solve(gap=gap, own_process=False).summary["audit"]["passed"]
