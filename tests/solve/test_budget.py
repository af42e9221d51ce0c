"""The budget's rows, held back until a plan breaks one: the same answers, limits kept, bounds true."""

import numpy as np
import pytest

from planner import Case
from planner.program import build_program
from planner.program.columns import SPEND
from planner.program.families.budget import ENVELOPE, YEARLY
from planner.runs.compile import make_mip
from planner.solve import settings
from planner.solve.budget import BudgetRows, budget_rows
from planner.symbols import ColumnIndex

NO_RULES = "model.families.redundancy="
"""Without rules less money leaves demand unserved; with them there would be no plan."""


def solved(texts: tuple[str, ...]) -> tuple[float, float, float]:
    """Cost, bound and unserved share of the case that is worked out on paper, with changes."""
    plan = Case.read("three_sites", changes=texts).solve(gap=0.0, own_process=False)
    return tuple(plan.summary[name] for name in ("cost_busd", "bound_busd", "unserved_share"))


@pytest.mark.parametrize(
    ("texts", "binds"),
    [
        ((), False),
        (("budget[2027].cash_limit_busd=0.8", NO_RULES), True),
        (("model.families.budget.primary_envelope_busd=3", NO_RULES), True),
        (("model.families.budget.carry_over=false", "budget[2027].cash_limit_busd=0.8", NO_RULES), True),
    ],
)
@pytest.mark.slow
def test_holding_back_changes_no_answer(texts, binds, monkeypatch):
    """Cost and bound at gap 0 are those of the program that has the rows from the start, also where they bind."""
    whole = solved(texts)
    back = []
    rows = BudgetRows.new_rows
    monkeypatch.setattr(settings, "LARGE_COLUMNS", 0)
    monkeypatch.setattr(BudgetRows, "new_rows", lambda self, arrays: back.append(self) or rows(self, arrays))
    held_back = solved(texts)
    assert held_back == pytest.approx(whole, rel=1e-7)
    assert bool(back) >= binds


@pytest.fixture(scope="module")
def mip():
    """A compiled program with a budget that carries money over."""
    inputs = Case.read("three_sites").inputs
    return make_mip(build_program(inputs), inputs)


def test_completed_cash_follows_from_spending(mip):
    """A point without its cash gets what each period leaves, by the rows themselves; too much spent leaves none."""
    rows = budget_rows(mip.arrays)
    arrays = mip.arrays
    spend = list(ColumnIndex(arrays.columns)[SPEND].values())
    x = np.zeros(arrays.column_count)
    x[spend] = 0.01
    whole = rows.completed(arrays, x)
    yearly = rows.rows[: len(rows.cash_left)]
    activity = (arrays.matrix @ whole)[yearly]
    assert activity == pytest.approx(arrays.row_upper[yearly])
    assert arrays.worst_violation(whole, rows.rows) <= 1e-9
    x[spend] = 1e3
    whole = rows.completed(arrays, x)
    assert (whole[rows.cash_left] == 0.0).all()
    assert arrays.worst_violation(whole, rows.rows) > 1.0


def test_a_program_without_these_rows_has_all_others(mip):
    """Nothing but the budget is taken out, and what is handed to the solver later is what was taken out."""
    rows = budget_rows(mip.arrays)
    without = rows.without(mip.arrays)
    kept = {row.constraint for row in without.rows}
    assert not kept & {YEARLY, ENVELOPE}
    assert kept == {row.constraint for row in mip.arrays.rows} - {YEARLY, ENVELOPE}
    assert without.row_count + len(rows.new_rows(mip.arrays)) == mip.arrays.row_count


def test_a_case_without_a_budget_has_no_such_rows():
    """Nothing to hold back."""
    inputs = Case.read("three_sites", changes=["model.families.budget="]).inputs
    assert budget_rows(make_mip(build_program(inputs), inputs).arrays) is None
