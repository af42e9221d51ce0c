"""Loans that outlast the horizon: what is due after it, and whether cash like that of the last period pays it."""

from typing import Any

import pytest

from planner.report.debts import debts_text, due_after_horizon
from tests.program.test_closed_financing import FINANCED, LOAN, case
from tests.program.tiny import CASH, solve

LATE: dict[str, Any] = {**LOAN, "first_date": "2029-01-01"}


@pytest.mark.parametrize(
    ("cells", "due"),
    [
        ({"repayment_years": 2.0}, [0.1, 1.1]),
        ({"repayment_years": 2.0, "repayment": "straight_line"}, [0.6, 0.55]),
        ({"repayment_years": 1.5, "repayment": "straight_line"}, [0.1 + 2 / 3, (1 / 3) * 1.1]),
    ],
)
def test_what_is_due_after_the_horizon(cells: dict[str, Any], due: list[float]) -> None:
    """On paper: $1B drawn in the last year at 10 %: interest on what is owed, and the repayments."""
    plan = solve(case({**LATE, **cells}, limits=(1.0, 1.0, 1.0, 0.0)))
    assert due_after_horizon(plan) == pytest.approx(due)


def test_a_loan_that_the_last_year_could_not_repay_is_stated() -> None:
    """Law: with no cash in the last year, not even the first interest can be paid; with $2B a year all can."""
    poor = solve(case(LATE, limits=(1.0, 1.0, 1.0, 0.0)))
    assert "$0.100B is due in its year 1" in debts_text(poor)
    assert "would have $0.000B" in debts_text(poor)
    assert not debts_text(solve(case(LOAN)))  # repaid within the horizon
    long = {**LOAN, "repayment_years": 5.0, "last_date": "2026-12-31"}
    assert not debts_text(solve(case(long)))  # what the years leave repays it
    spent = {"budget": {**CASH, "carry_over": False}, "financing": {}}
    assert "due in its year 2" in debts_text(solve(case(long, limits=(0.0, 1.1, 1.1, 1.1), families=spent)))
    assert FINANCED["budget"]["carry_over"]
