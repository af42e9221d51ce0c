"""Small cases built in code, for tests of every part."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from planner.case.case import CaseData
from planner.case.check import check_case
from planner.case.model import Model
from planner.case.rows import REQUIRED_TABLES, TABLES
from planner.errors import CaseError

Rows = Sequence[Mapping[str, Any]]

MODEL: dict[str, Any] = {
    "format": 1,
    "name": "tiny",
    "title": "Three sites, two chips, two markets",
    "description": "Built in code for tests; every figure is assumed.",
    "compute_unit": "thousand H100-equivalents",
    "horizon": {"start": "2026-01-01", "periods": 4, "period_months": 12},
    "objective": {"unserved": "lexicographic", "discount_rate_per_year": 0.08, "salvage": "straight_line"},
    "families": {},
}

FAMILIES: dict[str, Any] = {
    "site_opening": {"open_at_most": 3},
    "power": {"utilisation": 0.8},
    "budget": {
        "basis": "cash_limit",
        "reinvested_share": 0.5,
        "partner_payment_cap_busd": 100.0,
        "carry_over": True,
        "backup_income_counts": True,
        "primary_envelope_busd": 200.0,
        "backup_envelope_busd": 100.0,
    },
    "financing": {"conditions": {"for_profit": True}},
    "redundancy": {
        "rules": [
            {"name": "any one site", "domain": "site", "k": 1, "critical_share": 0.5},
            {
                "name": "any one provider",
                "domain": "provider",
                "k": 1,
                "critical_share": {"training": 0.2, "inference": 0.5},
                "overrides": [{"market": "europe", "workload": "inference", "share": 0.4, "pause_days": 0.0}],
                "outage_days": 45.0,
                "pause_days": {"training": 9.0, "inference": 1.0},
                "first_year": 2027,
            },
        ]
    },
    "diversity": {"rules": [{"domain": "provider", "largest_share": 0.9, "first_year": 2027}]},
    "integration": {"custom_chip": {"first_year_it_mw": 500.0, "growth_per_year": 1.0}},
    "carbon": {"price_usd_per_tonne": 20.0, "cap_mt_per_year": 50.0},
    "backup_income": {"price_musd_per_mw_year": 1.0, "largest_share": 0.5, "market_it_mw": 500.0},
    "contiguity": {
        "rules": [
            {
                "name": "training is contiguous",
                "market": "america",
                "workload": "training",
                "at_least_compute": 30.0,
                "most_campuses": 2,
                "at_least_years": 2.0,
                "first_year": 2027,
                "last_year": 2029,
            },
            {"name": "large halls", "market": "america", "workload": "inference", "at_least_it_mw": 10.0},
        ]
    },
}
"""Every family, with every option."""

YEARS = (2026, 2027, 2028, 2029)


def _site(site: str, country: str, region: str, latitude: float, longitude: float, **more: Any) -> dict[str, Any]:
    return {
        "site": site,
        "name": site.title(),
        "available": True,
        "country": country,
        "power_region": region,
        "latitude_deg": latitude,
        "longitude_deg": longitude,
        "pue_peak": 1.25,
        "pue_average": 1.2,
        "max_it_mw": 400.0,
        "earliest_date": "2026-01-01",
        **more,
    }


def _region(region: str, country: str) -> dict[str, Any]:
    return {
        "power_region": region,
        "name": region.title(),
        "country": country,
        "tariff_usd_per_mwh": 50.0,
        "tariff_growth_per_year": 0.02,
        "carbon_kg_per_mwh": 300.0,
        "firm_facility_mw": 800.0,
        "added_facility_mw_per_year": 100.0,
    }


def _chip(chip: str, vendor: str, **more: Any) -> dict[str, Any]:
    return {
        "chip": chip,
        "name": chip.title(),
        "vendor": vendor,
        "power_w_per_accelerator": 1500.0,
        "price_busd_per_gw_it": 30.0,
        "price_growth_per_year": -0.05,
        "life_years": 5.0,
        "first_date": "2025-01-01",
        "training_compute_per_it_mw": 1.0,
        "inference_compute_per_it_mw": 1.0,
        **more,
    }


def _offer(offer: str, site: str, provider: str, tenure: str, **more: Any) -> dict[str, Any]:
    return {
        "offer": offer,
        "name": offer.title(),
        "site": site,
        "provider": provider,
        "tenure": tenure,
        "roles": ("primary", "backup"),
        "chips": ("merchant", "custom"),
        "block_it_mw": 50.0,
        "max_blocks": 8,
        "first_start": "2026-01-01",
        "lead_months": 0.0,
        "term_years": 10.0,
        **more,
    }


def base_tables() -> dict[str, list[dict[str, Any]]]:
    """Return the rows of the required tables of the tiny case, free to be changed."""
    lease = {"rent_growth_per_year": 0.0, "take_or_pay_share": 0.8}
    return {
        "sites": [
            _site("north", "US", "west", 45.0, -100.0),
            _site("south", "US", "west", 32.0, -99.0),
            _site("east", "FR", "europe", 48.0, 2.0),
        ],
        "energisation": [
            {"site": "north", "date": "2026-01-01", "facility_mw": 250.0},
            {"site": "north", "date": "2027-07-01", "facility_mw": 500.0},
            {"site": "south", "date": "2026-01-01", "facility_mw": 500.0},
            {"site": "east", "date": "2026-01-01", "facility_mw": 500.0},
        ],
        "providers": [
            {"provider": "own", "name": "Own build"},
            {"provider": "shells", "name": "Shells"},
            {"provider": "clouds", "name": "Clouds"},
        ],
        "power_regions": [_region("west", "US"), _region("europe", "FR")],
        "chips": [
            _chip("merchant", "vendor_a"),
            _chip("custom", "vendor_b", price_busd_per_gw_it=22.0, first_date="2027-01-01"),
        ],
        "offers": [
            _offer(
                "build_north", "north", "own", "build", term_years=20.0, capex_busd_per_gw_it=12.0,
                capex_milestones=(0.4, 0.6), opex_musd_per_mw_year=0.3,
            ),
            _offer(
                "shell_south", "south", "shells", "shell", rent_musd_per_mw_year=2.0, opex_musd_per_mw_year=0.2, **lease
            ),
            _offer("cloud_east", "east", "clouds", "cloud", rent_musd_per_mw_year=11.0, term_years=2.0, **lease),
        ],
        "markets": [
            {
                "market": "america", "name": "America", "latitude_deg": 40.0, "longitude_deg": -90.0,
                "single_source": False,
            },
            {
                "market": "europe", "name": "Europe", "latitude_deg": 50.0, "longitude_deg": 5.0,
                "single_source": False, "residency": ("FR",),
            },
        ],
        "demand": [
            {"market": market, "workload": workload, "year": year, "compute": compute + 10.0 * (year - 2026)}
            for market, workload, compute in (
                ("america", "training", 60.0),
                ("america", "inference", 80.0),
                ("europe", "inference", 40.0),
            )
            for year in YEARS
        ],
    }  # fmt: skip


PROGRAMMES: dict[str, Rows] = {
    "programmes": [
        {
            "programme": "inland",
            "name": "Inland",
            "sites": ("north", "south"),
            "kind": "priced",
            "declining_cost_busd": 0.5,
            "price_musd_per_missing_it_mw_year": 2.0,
            "price_musd_per_missing_facility_mw_year": 1.5,
        },
    ],
    "programme_steps": [
        {
            "programme": "inland",
            "date": "2026-07-01",
            "at_least_it_mw": 40.0,
            "at_most_it_mw": 900.0,
            "at_least_facility_mw": 50.0,
            "at_most_facility_mw": 1200.0,
        },
    ],
}
"""A programme of which every figure is given."""


FINANCING: dict[str, list[dict[str, Any]]] = {
    "financing": [
        {"financing": "round", "name": "Round", "kind": "equity", "up_to_busd": 1.0, "condition": "for_profit",
         "dilution_share": 0.1},
        {"financing": "vendor", "name": "Vendor", "kind": "vendor", "chip_vendor": "vendor_a", "busd_per_it_gw": 1.0,
         "first_date": "2027-01-01"},
        {"financing": "bank", "name": "Bank", "kind": "debt", "up_to_busd": 2.0, "interest_rate_per_year": 0.1,
         "repayment": "straight_line", "repayment_years": 3.0, "fee_share": 0.01, "last_date": "2028-12-31"},
        {"financing": "host", "name": "Host", "kind": "vendor", "provider": "clouds", "busd_per_facility_gw": 2.0},
    ]
}  # fmt: skip
"""A source of financing of every kind."""


RAMPS: dict[str, Rows] = {
    "ramps": [{"ramp": "phased", "months": 0, "share": 0.5}, {"ramp": "phased", "months": 6, "share": 1.0}]
}
"""A ramp of two steps."""
RISKS: dict[str, Rows] = {
    "risks": [
        {
            "risk": "slips", "name": "Campuses come late", "kind": "site_late", "sites": ("north", "south"),
            "drawn": "each", "probability_per_year": 0.9, "distribution": "fitted", "sample": "halls",
            "group": "building", "group_factor_share": 0.1, "provider_factor_share": 0.3, "region_factor_share": 0.2,
        },
        {
            "risk": "cancelled", "name": "A campus is not built", "kind": "capacity_lost", "providers": ("clouds",),
            "power_regions": ("west",), "drawn": "together", "probability_per_year": 0.1, "exposed_years": 2.0,
            "distribution": "fixed", "impact_share": 1.0,
        },
        {
            "risk": "chip_late", "name": "The chip slips", "kind": "chip_late", "chips": ("custom",), "drawn": "each",
            "probability_per_year": 0.5, "distribution": "fixed", "impact_months": 6.0,
        },
        {
            "risk": "cut", "name": "The vendor cuts", "kind": "supply_cut", "drawn": "together",
            "probability_per_year": 0.2, "distribution": "fixed", "impact_share": 0.3, "first_year": 2027,
            "last_year": 2028,
        },
        {
            "risk": "bring_up", "name": "Software is late", "kind": "integration_shortfall", "chips": ("custom",),
            "drawn": "together", "probability_per_year": 1.0, "distribution": "fixed", "impact_share": 0.3,
            "maturity_years": 1.0,
        },
        {
            "risk": "round", "name": "The round fails", "kind": "financing_fails", "financing": ("round",),
            "drawn": "each", "probability_per_year": 0.3, "distribution": "fixed", "impact_share": 1.0,
        },
    ],
    "schedule_slips": [
        {
            "slip": f"hall_{number}", "sample": "halls", "name": f"Hall {number}", "forecast_date": "2025-06-01",
            "later_date": day,
        }
        for number, day in enumerate(("2025-07-01", "2025-10-01", "2026-06-01"))
    ],
}  # fmt: skip
"""A risk of nearly every kind, and a sample of slips."""


def full_tables() -> dict[str, list[dict[str, Any]]]:
    """Return the rows of every table, with every column used somewhere."""
    tables = base_tables()
    for site in tables["sites"]:
        site |= {"opening_cost_busd": 0.1, "fixed_opex_busd_per_year": 0.01}
    tables["providers"][0] |= {"first_year_it_mw": 300.0, "growth_per_year": 1.0}
    tables["chips"][1] |= {
        "development_cost_busd": 0.5, "utilisation_of_peak_share": 0.95, "failure_loss_share": 0.02,
        "first_volume_maturity_share": 0.8, "maturity_years": 2.0,
    }  # fmt: skip
    tables["offers"][0] |= {"lead_months": 6.0, "last_start": "2029-01-01"}
    tables["offers"][1] |= {
        "min_blocks": 1,
        "min_blocks_per_start": 1,
        "signing_cost_busd": 0.01,
        "capex_busd_per_gw_it": 1.0,
        "capex_milestones": (1.0,),
    }
    tables["offers"][2] |= {"renewal_rent_musd_per_mw_year": 12.0, "exit_after_years": 1.0, "exit_cost_share": 0.5}
    tables["offers"][2] |= {"refresh_after_years": 1.0, "refresh_price_busd_per_gw_it": 30.0}
    # East by distance and north by the latency table may serve Europe, south may not.
    tables["markets"][1] |= {"latency_limit_ms": 120.0, "residency": ("FR", "US")}
    tables["power_options"] = [
        {
            "power_option": "turbines", "site": "north", "kind": "generation", "max_facility_mw": 200.0,
            "in_energisation": False, "earliest_date": "2026-01-01", "lead_months": 6.0, "life_years": 15.0,
            "capex_busd_per_gw": 1.5, "fuel_usd_per_mwh": 40.0, "carbon_kg_per_mwh": 420.0,
        },
        {
            "power_option": "battery", "site": "south", "kind": "storage", "max_facility_mw": 100.0,
            "in_energisation": True, "earliest_date": "2026-01-01", "lead_months": 0.0, "life_years": 10.0,
            "capex_busd_per_gw": 0.8,
        },
    ]  # fmt: skip
    tables["chip_supply"] = [{"chip": "custom", "year": year, "it_mw": 200.0} for year in YEARS]
    tables["contracts"] = [
        {
            "contract": "signed_cloud", "offer": "cloud_east", "role": "primary", "it_mw": 100.0, "chip": "merchant",
            "start_date": "2025-07-01", "end_date": "2028-07-01", "rent_musd_per_mw_year": 10.0,
        },
        {
            "contract": "signed_build", "offer": "build_north", "role": "primary", "it_mw": 50.0,
            "start_date": "2025-01-01", "end_date": "2045-01-01", "ramp": "phased",
        },
    ]  # fmt: skip
    tables["latency"] = [{"site": "north", "market": "europe", "rtt_ms": 110.0}]
    tables["serving"] = [
        {"site": site, "market": market, "cost_busd_per_compute_year": 0.001}
        for site in ("north", "south", "east")
        for market in ("america", "europe")
    ]
    tables["budget"] = [
        {
            "year": year, "cash_limit_busd": 20.0, "cash_burn_busd": 10.0, "revenue_busd": 40.0 + 20.0 * (year - 2026),
            "partner_share": 0.2, "reference_share": 0.2, "other_spending_busd": 5.0,
        }
        for year in YEARS
    ]  # fmt: skip
    tables |= deepcopy({**PROGRAMMES, **FINANCING, **RAMPS, **RISKS})
    return tables


def make_case(
    tables: Mapping[str, Rows | None] | None = None,
    *,
    families: Mapping[str, Any] | None = None,
    objective: Mapping[str, Any] | None = None,
    horizon: Mapping[str, Any] | None = None,
    model: Mapping[str, Any] | None = None,
    full: bool = False,
    checked: bool = True,
) -> CaseData:
    """Return the tiny case, some of it replaced.

    Parameters
    ----------
    tables
        Rows (as dicts) that replace those of the base case, table by table; None takes a table out.
    families, objective, horizon, model
        Keys that replace those of the base model, section by section; ``families={}`` is a program without families.
    full
        Start from every table and every family instead of the required tables alone.
    checked
        Whether a case with faults is refused.
    """
    given = {**(full_tables() if full else base_tables()), **(tables or {})}
    rows = {name: table for name, table in given.items() if table is not None}
    data = {**MODEL, **(model or {})}
    data["families"] = dict(families if families is not None else FAMILIES if full else {})
    data["objective"] = {**MODEL["objective"], **(objective or {})}
    data["horizon"] = {**MODEL["horizon"], **(horizon or {})}
    if full and "latency" not in data:
        data["latency"] = {"route_factor": 1.5, "fibre_km_per_ms": 204.0, "overhead_ms": 1.0}
    data["tables"] = {name: f"{name}.csv" for name in {*rows, *REQUIRED_TABLES}}
    case = CaseData(
        model=Model.model_validate(data),
        tables={name: tuple(TABLES[name].model_validate(row) for row in table) for name, table in rows.items()},
        present=frozenset(rows),
        origin="tiny",
    )
    problems = check_case(case) if checked else []
    if problems:
        raise CaseError("tiny", problems)
    return case
