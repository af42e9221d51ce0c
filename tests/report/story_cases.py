"""A plan with a burn, a tail, a renewal, and signed contracts at many sites of which one is continued by another."""

from functools import cache
from typing import Any

from planner.case.horizon import Tail
from planner.plan.plan import PlanData
from tests.program.tiny import lease, site, solve, tiny

SITES = tuple(f"s{number}" for number in range(8))


def _signed(name: str, place: str, it_mw: float, start: str, end: str) -> dict[str, Any]:
    return {
        "contract": name, "offer": place, "role": "primary", "it_mw": it_mw, "start_date": start, "end_date": end,
        "rent_musd_per_mw_year": 10.0, "chip": "chip",
    }  # fmt: skip


@cache
def burning_plan() -> PlanData:
    """2026 and 2027, and a tail of two years.

    Signed: 20 IT MW at ``s0`` in 2026 and as much by another contract from 2027 on; 10 IT MW at each other site, at
    ``s7`` in 2026 only. Demand of 100 in 2026, 90 in 2027 and 100 in the tail: 10 IT MW of a term of a year are
    decided, and renewed; 10 more begin in the tail, for ten years. Each costs $0.1B a year. Of revenue of $2B a year
    a tenth is paid to the partner and $1B is spent otherwise: $0.8B is left, beyond which $0.5B may be burnt.
    """
    signed = [
        _signed("first", "s0", 20.0, "2025-01-01", "2027-01-01"),
        _signed("next", "s0", 20.0, "2027-01-01", "2035-01-01"),
        *(_signed(f"at_{at}", at, 10.0, "2025-01-01", "2035-01-01") for at in SITES[1:-1]),
        _signed("gone", "s7", 10.0, "2025-01-01", "2027-01-01"),
    ]
    offers = [lease(at, at, max_blocks=0) for at in SITES]
    offers.append(lease("short", "s0", term_years=1.0, last_start="2026-01-01", renewal_rent_musd_per_mw_year=10.0))
    offers.append(lease("long", "s0", first_start="2028-01-01"))
    budget = {"cash_burn_busd": 0.5, "other_spending_busd": 1.0, "revenue_busd": 2.0, "partner_share": 0.1}
    case = tiny(
        [100.0, 90.0, 100.0, 100.0],
        periods=4,
        sites=[site(at) for at in SITES],
        offers=offers,
        contracts=signed,
        families={"budget": {"basis": "burn", "carry_over": True, "backup_income_counts": False}},
        budget=[{"year": 2026 + n, **budget} for n in range(4)],
    )
    horizon = case.model.horizon.model_copy(update={"periods": 2, "tail": Tail(periods=1, period_months=24)})
    return solve(case.replace(model=case.model.model_copy(update={"horizon": horizon})))
