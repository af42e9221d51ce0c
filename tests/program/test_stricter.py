"""A stricter limit never serves more and never costs less: for every constraint family of the model."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest

from planner.case.case import CaseData
from planner.case.model import Families
from planner.errors import InfeasibleError
from tests.length import thinned
from tests.program.tiny import CASH, cash, chip, lease, own, region, site, solve, tiny

BOTH_ROLES = ("primary", "backup")
TWO = [site("a"), site("b")]
ROUNDING = 1e-7


@dataclass(frozen=True)
class Limit:
    """A limit of a family: a case for each of its values, the loosest first."""

    family: str
    option: str
    values: Sequence[Any]
    case: Callable[[Any], CaseData]


def _power(firm_facility_mw: float) -> CaseData:
    offers = [lease("x"), own()]
    return tiny(
        offers=offers,
        power_regions=[region(firm_facility_mw=firm_facility_mw)],
        families={"power": {"utilisation": 0.8}},
    )


def _carbon(cap: float | None, price: float | None = None) -> CaseData:
    carbon = {"cap_mt_per_year": cap, "price_usd_per_tonne": price}
    return tiny(offers=[own(), lease("x")], families={"power": {"utilisation": 0.8}, "carbon": carbon})


def _opening(count: int) -> CaseData:
    sites = [site(name, max_it_mw=50.0, opening_cost_busd=0.1) for name in ("a", "b")]
    offers = [lease("x", "a"), lease("y", "b")]
    return tiny(sites=sites, offers=offers, families={"site_opening": {"open_at_most": count}})


def _diversity(share: float) -> CaseData:
    offers = [lease("x"), lease("y", rent_musd_per_mw_year=14.0)]
    return tiny(offers=offers, families={"diversity": {"rules": [{"domain": "provider", "largest_share": share}]}})


def _redundancy(share: float) -> CaseData:
    rules = [{"name": "any site", "domain": "site", "critical_share": share}]
    offers = [lease(name, place, roles=BOTH_ROLES) for name, place in (("x", "a"), ("y", "b"))]
    return tiny(sites=TWO, offers=offers, families={"redundancy": {"rules": rules}})


def _integration(first_year_it_mw: float) -> CaseData:
    chips = [chip(development_cost_busd=0.01)]
    growth = {"first_year_it_mw": first_year_it_mw, "growth_per_year": 0.5}
    return tiny(periods=2, offers=[own()], chips=chips, families={"integration": {"custom_chip": growth}})


def _budget(limit_busd: float) -> CaseData:
    return tiny(periods=2, families={"budget": CASH}, budget=cash(2, limit_busd))


def _envelope(envelope_busd: float) -> CaseData:
    return tiny(periods=2, families={"budget": {**CASH, "primary_envelope_busd": envelope_busd}}, budget=cash(2, 9.0))


def _financed(**cells: Any) -> CaseData:
    loan = {"financing": "bank", "name": "Bank", "kind": "debt", "up_to_busd": 1.0, "interest_rate_per_year": 0.1,
            "repayment": "bullet", "repayment_years": 1.0}  # fmt: skip
    families = {"budget": {**CASH, "carry_over": True}, "financing": {}}
    rows = [row | {"cash_limit_busd": busd} for row, busd in zip(cash(2, 0.0), (0.3, 3.0), strict=True)]
    return tiny(periods=2, families=families, budget=rows, financing=[{**loan, **cells}])


def _revenue(share: float) -> CaseData:
    families = {"budget": {**CASH, "basis": "burn", "reinvested_share": None}}
    more = {"cash_burn_busd": 0.2, "revenue_busd": 2.0 * share, "partner_share": 0.2, "other_spending_busd": 0.8}
    return tiny(families=families, budget=[{"year": 2026, **more}])


def _backup_income(market_it_mw: float) -> CaseData:
    rules = [{"name": "any site", "domain": "site", "critical_share": 1.0}]
    income = {"price_musd_per_mw_year": 1.0, "largest_share": 1.0, "market_it_mw": market_it_mw}
    offers = [lease(name, place, roles=BOTH_ROLES) for name, place in (("x", "a"), ("y", "b"))]
    return tiny(sites=TWO, offers=offers, families={"redundancy": {"rules": rules}, "backup_income": income})


def _contiguity(at_least_compute: float, most_campuses: int = 2) -> CaseData:
    rule = {"name": "r", "market": "m", "workload": "inference", "at_least_compute": at_least_compute,
            "most_campuses": most_campuses}  # fmt: skip
    offers = [lease("x", "a", max_blocks=6), lease("y", "b", max_blocks=6, rent_musd_per_mw_year=14.0)]
    return tiny(sites=TWO, offers=offers, families={"contiguity": {"rules": [rule]}})


def _smallest_signing(blocks: int) -> CaseData:
    offers = [lease("x", min_blocks_per_start=blocks, max_blocks=12), lease("y", rent_musd_per_mw_year=14.0)]
    return tiny([30.0, 50.0, 60.0], periods=3, offers=offers)


LIMITS = (
    Limit("contract", "min_blocks_per_start", (1, 2, 3, 5, 12), _smallest_signing),
    Limit("power", "firm_facility_mw", (1000.0, 90.0, 40.0, 0.0), _power),
    Limit("carbon", "cap_mt_per_year", (9.0, 0.2, 0.1, 0.0), _carbon),
    Limit("carbon", "price_usd_per_tonne", (0.0, 20.0, 80.0, 300.0), lambda price: _carbon(None, price)),
    Limit("site_opening", "open_at_most", (2, 1, 0), _opening),
    Limit("diversity", "largest_share", (1.0, 0.7, 0.5, 0.3), _diversity),
    Limit("contiguity", "at_least_compute", (10.0, 45.0, 50.0, 55.0), _contiguity),
    Limit("contiguity", "most_campuses", (2, 1), lambda most: _contiguity(10.0, most)),
    Limit("redundancy", "critical_share", (0.0, 0.3, 0.8, 1.0), _redundancy),
    Limit("integration", "first_year_it_mw", (100.0, 40.0, 10.0, 0.0), _integration),
    Limit("budget", "cash_limit_busd", (9.0, 0.7, 0.2, 0.0), _budget),
    Limit("budget", "primary_envelope_busd", (9.0, 1.5, 0.4, 0.0), _envelope),
    Limit("budget", "revenue_busd", (2.0, 0.9, 0.7, 0.5), _revenue),
    Limit("financing", "up_to_busd", (9.0, 0.7, 0.5, 0.0), lambda busd: _financed(up_to_busd=busd)),
    Limit("financing", "interest_rate_per_year", (0.0, 0.05, 0.3, 1.0), lambda r: _financed(interest_rate_per_year=r)),
    Limit("backup_income", "market_it_mw", (1000.0, 30.0, 10.0, 0.0), _backup_income),
)
"""At least one limit of every family; a new family adds its own."""


def answer(case: CaseData) -> tuple[float, float]:
    """Return the unserved share and the cost of the best plan; infinite where there is none."""
    try:
        summary = solve(case).summary
    except InfeasibleError:
        return float("inf"), float("inf")
    return round(float(summary["unserved_share"]), 7), float(summary["cost_busd"])


@pytest.mark.parametrize("limit", thinned(LIMITS, 8), ids=lambda limit: f"{limit.family}, {limit.option}")
def test_a_stricter_limit_is_never_better(limit: Limit) -> None:
    """Law: with a stricter limit as much is left unserved at no less cost, or more is; and the strictest one counts."""
    found = [answer(limit.case(value)) for value in limit.values]
    for (unserved, cost), (stricter_unserved, stricter_cost) in pairwise(found):
        assert stricter_unserved >= unserved
        if stricter_unserved == unserved:
            assert stricter_cost >= cost - ROUNDING * max(1.0, abs(cost))
    assert found[-1] > found[0]


def test_every_family_of_the_model_has_a_limit() -> None:
    """Law: no constraint family goes without a stricter limit tried."""
    lacking = sorted(set(Families.model_fields) - {"own"} - {limit.family for limit in LIMITS})
    assert lacking == [], f"LIMITS of {__name__} lacks {lacking}"
