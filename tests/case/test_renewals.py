"""Leases that may end within the horizon without renewal terms are named by the check."""

from typing import Any

import pytest

from planner.case.renewals import leases_that_end
from tests.program.tiny import lease, own, tiny


@pytest.mark.parametrize(
    ("terms", "named"),
    [
        ({"term_years": 2.0}, True),
        ({"term_years": 3.0}, False),
        ({"term_years": 2.0, "renewal_rent_musd_per_mw_year": 9.0}, False),
        ({"term_years": 2.0, "first_start": "2027-01-01"}, False),
        ({"term_years": 2.0, "lead_months": 12.0}, False),
        ({"term_years": 1.0, "first_start": "2027-01-01"}, True),
        ({"term_years": 2.0, "max_blocks": 0}, False),
        ({"term_years": 2.0, "tenure": "shell"}, True),
    ],
)
def test_a_lease_that_ends_before_the_horizon_is_named_unless_it_says_how_it_goes_on(
    terms: dict[str, Any], named: bool
) -> None:
    """Law: three years; the first contract that may start ends before they do, and there is no renewal rent."""
    case = tiny(periods=3, offers=[lease("x", **terms), own()])
    assert list(leases_that_end(case)) == ["x"] * named
