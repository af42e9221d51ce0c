"""What a year allows, with and without the columns of the partner; the audit has the same limits by its own account."""

from collections.abc import Mapping

import pytest

from planner.audit.allowances import limits
from planner.audit.facts import Facts
from planner.case.case import CaseData
from planner.changes.apply import apply_changes
from planner.inputs import make_inputs
from tests.cases import FAMILIES, YEARS, make_case

CASH, REVENUE, SHARE, REFERENCE, REINVESTED, OTHER = 20.0, 40.0, 0.15, 0.2, 0.5, 22.0


def budget(basis: str = "cash_limit", **columns: float) -> CaseData:
    """Return the tiny case with a budget of the same figures every year."""
    family = {**FAMILIES["budget"], "basis": basis, "reinvested_share": REINVESTED, "partner_payment_cap_busd": None}
    rows: list[Mapping[str, float]] = [{"year": year, **columns} for year in YEARS]
    return make_case({"budget": rows}, families={"budget": family})


@pytest.mark.parametrize(
    ("case", "limit"),
    [
        (budget(cash_limit_busd=CASH), CASH),
        (budget(cash_limit_busd=CASH, revenue_busd=REVENUE), CASH),
        (budget(cash_limit_busd=CASH, revenue_busd=REVENUE, partner_share=SHARE), CASH),
        (budget(cash_limit_busd=CASH, partner_share=SHARE, reference_share=REFERENCE), CASH),
        (
            budget(cash_limit_busd=CASH, revenue_busd=REVENUE, partner_share=SHARE, reference_share=REFERENCE),
            CASH + REINVESTED * REVENUE * (REFERENCE - SHARE),
        ),
        (
            budget(cash_limit_busd=CASH, revenue_busd=REVENUE, reference_share=REFERENCE),
            CASH + REINVESTED * REVENUE * REFERENCE,
        ),
        (budget("burn", cash_burn_busd=CASH), CASH),
        (budget("burn", cash_burn_busd=CASH, revenue_busd=REVENUE), CASH + REVENUE),
        (budget("burn", cash_burn_busd=CASH, revenue_busd=REVENUE, partner_share=SHARE), CASH + REVENUE * (1 - SHARE)),
        (
            budget("burn", cash_burn_busd=CASH, revenue_busd=REVENUE, partner_share=SHARE, other_spending_busd=OTHER),
            CASH + REVENUE * (1 - SHARE) - OTHER,
        ),
        (budget("burn", cash_burn_busd=0.0, revenue_busd=REVENUE, other_spending_busd=3 * OTHER), REVENUE - 3 * OTHER),
    ],
)  # fmt: skip
def test_limits_without_columns_of_the_partner(case: CaseData, limit: float) -> None:
    """Law: without a share nothing is owed, without revenue there is none, without a reference it is the share."""
    expected = pytest.approx([limit] * len(YEARS))
    assert list(make_inputs(case).budget_limit_busd or ()) == expected
    assert limits(Facts.of(case)) == expected


def test_a_dollar_of_revenue_is_a_dollar_less_the_share_of_the_partner() -> None:
    """Law: with basis burn a what-if that scales revenue changes the cash by that, less the partner's share of it."""
    columns = {"cash_burn_busd": CASH, "revenue_busd": REVENUE, "partner_share": SHARE, "other_spending_busd": OTHER}
    case = budget("burn", **columns)
    scaled = apply_changes(case, [{"op": "scale", "table": "budget", "column": "revenue_busd", "factor": 0.8}])
    before, after = (make_inputs(one).budget_limit_busd or () for one in (case, scaled))
    change = [a - b for a, b in zip(after, before, strict=True)]
    assert change == pytest.approx([-0.2 * REVENUE * (1 - SHARE)] * len(YEARS))
