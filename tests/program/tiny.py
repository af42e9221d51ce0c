"""Cases small enough to be worked out by hand: one kind of chip, one market, round figures, no discounting."""

from collections.abc import Mapping, Sequence
from typing import Any

from planner import Case
from planner.api import Plan
from planner.case.case import CaseData
from tests.cases import make_case

FIRST_YEAR = 2026
RENT_BUSD_PER_BLOCK_YEAR = 0.1
"""A block of `lease` is 10 MW at $10M per MW and year, all of it due whether used or not."""


def site(name: str = "a", **more: Any) -> dict[str, Any]:
    """A site with room and power for everything."""
    return {
        "site": name,
        "name": name,
        "available": True,
        "country": "US",
        "power_region": "grid",
        "pue_peak": 1.25,
        "pue_average": 1.2,
        "max_it_mw": 10_000.0,
        "earliest_date": "2026-01-01",
        **more,
    }


def chip(name: str = "chip", **more: Any) -> dict[str, Any]:
    """A merchant chip that gives one unit of compute per IT MW, at $30B per GW."""
    return {
        "chip": name,
        "name": name,
        "vendor": f"{name}_vendor",
        "power_w_per_accelerator": 1000.0,
        "price_busd_per_gw_it": 30.0,
        "price_growth_per_year": 0.0,
        "life_years": 5.0,
        "first_date": "2020-01-01",
        "training_compute_per_it_mw": 1.0,
        "inference_compute_per_it_mw": 1.0,
        **more,
    }


def lease(name: str = "lease", place: str = "a", **more: Any) -> dict[str, Any]:
    """A cloud offer: blocks of 10 MW at $10M per MW and year, take or pay, chips and energy included."""
    return {
        "offer": name,
        "name": name,
        "site": place,
        "provider": f"{name}_provider",
        "tenure": "cloud",
        "roles": ("primary",),
        "chips": ("chip",),
        "block_it_mw": 10.0,
        "max_blocks": 100,
        "first_start": "2026-01-01",
        "lead_months": 0.0,
        "term_years": 10.0,
        "rent_musd_per_mw_year": 10.0,
        "rent_growth_per_year": 0.0,
        "take_or_pay_share": 1.0,
        **more,
    }


def own(name: str = "own", place: str = "a", **more: Any) -> dict[str, Any]:
    """An offer to build: blocks of 10 MW at $12B per GW, chips bought, nothing else to pay."""
    rented = {"rent_musd_per_mw_year": None, "rent_growth_per_year": None, "take_or_pay_share": None}
    built = {"tenure": "build", "term_years": 20.0, "capex_busd_per_gw_it": 12.0, "capex_milestones": (1.0,)}
    return lease(name, place, **{**rented, **built, **more})


def years(periods: int, period_months: int = 12) -> range:
    """The calendar years of a horizon."""
    return range(FIRST_YEAR, FIRST_YEAR - (-periods * period_months // 12))


def region(**more: Any) -> dict[str, Any]:
    """A power region with power for everything, at $50 and 400 kg per MWh."""
    return {
        "power_region": "grid",
        "name": "Grid",
        "country": "US",
        "tariff_usd_per_mwh": 50.0,
        "tariff_growth_per_year": 0.0,
        "carbon_kg_per_mwh": 400.0,
        "firm_facility_mw": 100_000.0,
        "added_facility_mw_per_year": 0.0,
        **more,
    }


def market(name: str = "m", **more: Any) -> dict[str, Any]:
    """A market that any site may serve."""
    return {"market": name, "name": name, "single_source": False, **more}


def cash(periods: int, limit_busd: float, **more: Any) -> list[dict[str, Any]]:
    """Budget rows that allow the same cash every year."""
    row = {"cash_limit_busd": limit_busd, "revenue_busd": 0.0, "partner_share": 0.0, "reference_share": 0.0}
    return [{"year": year, **row, **more} for year in years(periods)]


CASH: dict[str, Any] = {
    "basis": "cash_limit",
    "reinvested_share": 0.0,
    "carry_over": False,
    "backup_income_counts": False,
}
"""Options of the budget family: every year for itself."""


def tiny(
    demand: float | Sequence[float] = 100.0,
    *,
    periods: int = 1,
    period_months: int = 12,
    sites: Sequence[Mapping[str, Any]] = (site(),),
    offers: Sequence[Mapping[str, Any]] = (lease(),),
    families: Mapping[str, Any] | None = None,
    objective: Mapping[str, Any] | None = None,
    demand_rows: Sequence[Mapping[str, Any]] | None = None,
    **tables: Sequence[Mapping[str, Any]],
) -> CaseData:
    """Return a case of one market with inference demand, one number for all years or one per calendar year."""
    of_year = list(years(periods, period_months))
    compute = [demand] * len(of_year) if isinstance(demand, float) else list(demand)
    rows: dict[str, Any] = {
        "sites": list(sites),
        "energisation": [
            {"site": row["site"], "date": "2020-01-01", "facility_mw": 100_000.0} for row in sites
        ],
        "providers": [{"provider": p, "name": p} for p in dict.fromkeys(row["provider"] for row in offers)],
        "power_regions": [region()],
        "chips": [chip()],
        "offers": list(offers),
        "markets": [market()],
        "demand": demand_rows
        or [
            {"market": "m", "workload": "inference", "year": year, "compute": amount}
            for year, amount in zip(of_year, compute, strict=True)
        ],
        **tables,
    }  # fmt: skip
    return make_case(
        rows,
        families=families or {},
        objective={"discount_rate_per_year": 0.0, "salvage": "none", **(objective or {})},
        horizon={"periods": periods, "period_months": period_months},
    )


def solve(case: CaseData, **more: Any) -> Plan:
    """The best plan of a case, in this process."""
    return Case.of(case).solve(gap=0.0, own_process=False, **more)


def cost(case: CaseData) -> float:
    """The least cost of a case, in $B."""
    return float(solve(case).summary["cost_busd"])


def column(plan: Plan, table: str, name: str, **only: Any) -> list[float]:
    """The figures of a column, of the rows whose cells are as given."""
    return [float(row[name]) for row in plan.rows(table) if all(row[key] == value for key, value in only.items())]


def by_period(plan: Plan, table: str, name: str, **only: Any) -> list[float]:
    """The sum of a column per period, in order, of the rows whose cells are as given."""
    periods = dict.fromkeys(row["period"] for row in plan.rows("demand"))
    return [sum(column(plan, table, name, period=period, **only)) for period in periods]
