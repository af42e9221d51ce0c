"""Where a run starts from: the tables of a plan give back the integer variables that made them."""

from pathlib import Path

import numpy as np
import pytest

from planner.api import Case, Plan
from planner.case.case import CaseData
from planner.options import SolveOptions
from planner.plan.extract import extract_tables
from planner.plan.plan import PlanData
from planner.program import build_program
from planner.program.columns import AT_HIGHEST
from planner.runs.compile import make_mip
from planner.runs.start import start_values
from planner.solve.mip import MixedIntegerProgram
from planner.solve.serve import solve_mip
from planner.symbols import Column, Values
from tests.cases import make_case
from tests.length import thinned
from tests.program.golden_cases import CASES

ALL = {"full": lambda: make_case(full=True), **CASES}


def solved(case: CaseData) -> tuple[MixedIntegerProgram, dict[Column, float], PlanData]:
    """The program of a case, the integer columns of its best plan, and the plan's tables as a plan."""
    inputs = Case.of(case).inputs
    m = build_program(inputs)
    mip = make_mip(m, inputs)
    answer = solve_mip(mip, SolveOptions(gap=0.0), lambda _progress: False)
    assert answer.x is not None
    values = Values.at(mip.arrays.columns, answer.x)
    whole = {mip.arrays.columns[j]: float(np.round(answer.x[j])) for j in np.flatnonzero(mip.arrays.integer)}
    return mip, whole, PlanData(case, {}, extract_tables(m, inputs, values))


@pytest.mark.parametrize(
    "family", [*thinned((name for name in ALL if name != "full"), 3), pytest.param("full", marks=pytest.mark.slow)]
)
def test_a_plan_gives_its_integer_columns_back(family: str) -> None:
    """For every family: blocks, uses, openings, developments and assignments are those of the point, none besides."""
    mip, whole, plan = solved(ALL[family]())
    start = start_values(plan)
    # Whether a level of which nothing is drawn counts as a new highest one is open: point and tables may differ.
    open_columns = {column for column in whole if column.variable == AT_HIGHEST}
    found = dict(zip(whole, start.point(whole), strict=True))
    assert {c: v for c, v in found.items() if c not in open_columns} == {
        c: v for c, v in whole.items() if c not in open_columns
    }
    assert any(whole.values())
    assert mip.arrays.integer.sum() == len(whole)


@pytest.mark.slow
def test_a_plan_that_was_written_and_read_starts_like_the_one_in_memory(tmp_path: Path) -> None:
    """The start is the same from a folder, whose cells are read as text and numbers."""
    plan = Case.of(make_case(full=True)).solve(gap=0.0, own_process=False)
    again = Plan.read(plan.write(tmp_path / "plan"))
    assert start_values(again) == start_values(plan)


@pytest.mark.slow
def test_a_start_from_its_own_plan_is_as_good_as_the_plan() -> None:
    """Given its own plan and no time to improve, a case ends with a plan that costs no more."""
    case = Case.of(make_case(full=True))
    plan = case.solve(gap=0.0, own_process=False)
    again = case.solve(gap=0.5, start=start_values(plan), own_process=False)
    assert again.cost_busd <= plan.cost_busd * (1.0 + 1e-9)
