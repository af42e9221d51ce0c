"""Two yards, two years: a case and its plan with every number worked out by hand.

Yard ``a`` is built (provider ``p``), yard ``b`` is leased (provider ``q``), one signed contract of 50 MW runs there
to the middle of 2027, and another of 50 MW of backup, without chips, to the end of 2030. The discount
rate of 21 % makes the discount factors 1/1.1 (2026), 1/1.331 (2027) and 1/1.4641 (the end).
"""

import copy
from collections.abc import Callable
from typing import Any

from planner.case.case import CaseData
from planner.case.model import Model
from planner.case.rows import TABLES
from tests.audit import yards_financing, yards_money

Rows = list[dict[str, Any]]

MODEL: dict[str, Any] = {
    "format": 1,
    "name": "yards",
    "title": "Two yards, two years",
    "description": "Worked out by hand for the tests of the audit.",
    "compute_unit": "units",
    "horizon": {"start": "2026-01-01", "periods": 2, "period_months": 12},
    "tables": {name: f"{name}.csv" for name in TABLES},
    "objective": {"unserved": "lexicographic", "discount_rate_per_year": 0.21, "salvage": "straight_line"},
    "families": {
        "site_opening": {"open_at_most": 2},
        "power": {"utilisation": 0.8},
        "budget": {
            "basis": "cash_limit",
            "reinvested_share": 0.5,
            "partner_payment_cap_busd": 3.0,
            "carry_over": True,
            "backup_income_counts": True,
            "primary_envelope_busd": 7.5,
            "backup_envelope_busd": 0.3,
        },
        "financing": {"conditions": {"goes_well": True, "fails": False}},
        "redundancy": {"rules": [yards_money.RULE]},
        "diversity": {"rules": [{"domain": "provider", "largest_share": 0.62}]},
        "integration": {"custom_chip": {"first_year_it_mw": 25.0, "growth_per_year": 0.0}},
        "carbon": {"price_usd_per_tonne": 20.0, "cap_mt_per_year": 0.37},
        "backup_income": {"price_musd_per_mw_year": 1.0, "largest_share": 0.5, "market_it_mw": 40.0},
        "contiguity": yards_money.CONTIGUITY,
    },
}


def site(key: str, **more: Any) -> dict[str, Any]:
    """Return a site row."""
    row = {
        "site": key,
        "name": key,
        "available": True,
        "country": "US",
        "power_region": "west",
        "pue_peak": 1.25,
        "pue_average": 1.2,
        "max_it_mw": 200.0,
        "earliest_date": "2026-01-01",
    }
    return {**row, **more}


def region(key: str, **more: Any) -> dict[str, Any]:
    """Return a power region row."""
    row = {
        "power_region": key,
        "name": key,
        "country": "US",
        "tariff_usd_per_mwh": 50.0,
        "tariff_growth_per_year": 0.0,
        "carbon_kg_per_mwh": 300.0,
        "firm_facility_mw": 100.0,
        "added_facility_mw_per_year": 100.0,
    }
    return {**row, **more}


def chip(key: str, **more: Any) -> dict[str, Any]:
    """Return a chip row."""
    row = {
        "chip": key,
        "name": key,
        "vendor": f"vendor_{key}",
        "power_w_per_accelerator": 2000.0,
        "price_busd_per_gw_it": 30.0,
        "price_growth_per_year": 0.0,
        "life_years": 4.0,
        "first_date": "2025-01-01",
        "training_compute_per_it_mw": 1.0,
        "inference_compute_per_it_mw": 1.0,
    }
    return {**row, **more}


def offer(key: str, where: str, provider: str, **more: Any) -> dict[str, Any]:
    """Return an offer row: ``build`` unless said otherwise."""
    row = {
        "offer": key,
        "name": key,
        "site": where,
        "provider": provider,
        "tenure": "build",
        "roles": ("primary", "backup"),
        "chips": ("m",),
        "block_it_mw": 100.0,
        "max_blocks": 2,
        "first_start": "2026-01-01",
        "lead_months": 0.0,
        "term_years": 10.0,
    }
    return {**row, **more}


LEASE = {
    "tenure": "cloud",
    "term_years": 5.0,
    "rent_musd_per_mw_year": 2.0,
    "rent_growth_per_year": 0.0,
    "take_or_pay_share": 0.5,
}
BUILD = {"capex_busd_per_gw_it": 10.0, "capex_milestones": (1.0,)}

TABLE_ROWS: dict[str, Rows] = {
    "sites": [
        site("a", opening_cost_busd=0.3, fixed_opex_busd_per_year=0.1),
        site("b", country="FR", power_region="east", max_it_mw=150.0, fixed_opex_busd_per_year=0.05),
    ],
    "energisation": [
        {"site": "a", "date": "2026-01-01", "facility_mw": 125.0},
        {"site": "a", "date": "2027-01-01", "facility_mw": 230.0},
        {"site": "b", "date": "2026-01-01", "facility_mw": 200.0},
    ],
    "providers": [
        {"provider": "p", "name": "p", "first_year_it_mw": 100.0, "growth_per_year": 0.5},
        {"provider": "q", "name": "q"},
    ],
    "power_regions": [
        region("west"),
        region("east", firm_facility_mw=200.0, added_facility_mw_per_year=0.0, carbon_kg_per_mwh=50.0),
    ],
    "power_options": [
        {
            "power_option": "gas",
            "site": "a",
            "kind": "generation",
            "max_facility_mw": 50.0,
            "in_energisation": False,
            "earliest_date": "2026-01-01",
            "lead_months": 12.0,
            "life_years": 10.0,
            "capex_busd_per_gw": 1.0,
            "fuel_usd_per_mwh": 30.0,
            "carbon_kg_per_mwh": 400.0,
        }
    ],
    "chips": [
        chip("m"),
        chip(
            "c",
            price_busd_per_gw_it=20.0,
            development_cost_busd=0.5,
            first_date="2027-01-01",
            training_compute_per_it_mw=2.0,
            inference_compute_per_it_mw=2.0,
        ),
    ],
    "chip_supply": [{"chip": "c", "year": 2026, "it_mw": 0.0}, {"chip": "c", "year": 2027, "it_mw": 25.0}],
    "offers": [
        offer("oa", "a", "p", roles=("primary",), chips=("m", "c"), opex_musd_per_mw_year=0.1, **BUILD),
        offer("ob", "b", "q", signing_cost_busd=0.2, block_it_mw=50.0, max_blocks=1, **LEASE),
    ],
    "contracts": yards_money.SIGNED,
    "markets": [{"market": "g", "name": "g", "single_source": False}],
    "demand": [
        {"market": "g", "workload": "inference", "year": 2026, "compute": 100.0},
        {"market": "g", "workload": "inference", "year": 2027, "compute": 150.0},
    ],
    "serving": [
        {"site": "a", "market": "g", "cost_busd_per_compute_year": 0.001},
        {"site": "b", "market": "g", "cost_busd_per_compute_year": 0.0},
    ],
    **yards_money.PROGRAMMES,
    **yards_financing.ROWS,
}


def case(
    model: Callable[[dict[str, Any]], object] | None = None, tables: Callable[[dict[str, Rows]], object] | None = None
) -> CaseData:
    """Return the case, its model and its rows changed in place first by the functions given."""
    options, rows = copy.deepcopy(MODEL), copy.deepcopy(TABLE_ROWS)
    if model is not None:
        model(options)
    if tables is not None:
        tables(rows)
    records = {name: tuple(TABLES[name].model_validate(row) for row in rows[name]) for name in rows}
    return CaseData(Model.model_validate(options), records, frozenset(rows), "yards")


SPEND_2026 = 4.90293472 + 0.15
SPEND_2027 = 2.38884432 + 0.15
SALVAGE = 0.8 + 0.9 + 1.5 + 0.375 + 0.018
"""Buildings of 2026 and 2027, chips m and c, on-site power: what is left of each life at the end."""
OF_CAPACITY = (SPEND_2026 - 0.025) / 1.1 + (SPEND_2027 - 0.025) / 1.331 - SALVAGE / 1.4641
COST = OF_CAPACITY + yards_financing.COST


def summary() -> dict[str, Any]:
    """Return the summary of the plan."""
    return {
        "cost_busd": COST,
        "unserved_share": 0.0,
        "spend_primary_busd": 4.90293472 + 2.38884432,
        "spend_backup_busd": 0.3,
        "backup_income_busd": 0.05,
        "capacity_by_provider": {"p": 125.0, "q": 75.0},
    }


def _contract(key: str, which: str, **more: Any) -> dict[str, Any]:
    own = {"oa": ("a", "p", "build"), "ob": ("b", "q", "cloud")}[which]
    row = dict(zip(("site", "provider", "tenure"), own, strict=True))
    row |= {"chip": "m" if which == "ob" else "", "it_mw": 50.0 if which == "ob" else 100.0}
    return {"contract": key, "origin": "decided", "offer": which, **row, "blocks": 1, **more}


def _capacity(period: str, which: str, role: str, kind: str, mw: float, rate: float) -> dict[str, Any]:
    own = {"oa": ("a", "p", "west", "US", "build"), "ob": ("b", "q", "east", "FR", "cloud")}[which]
    row = dict(zip(("site", "provider", "power_region", "country", "tenure"), own, strict=True))
    return {
        "period": period,
        **row,
        "offer": which,
        "role": role,
        "chip": kind,
        "vendor": f"vendor_{kind}",
        "it_mw": mw,
        "training_compute": mw * rate,
        "inference_compute": mw * rate,
    }


def _rows(columns: str, *lines: tuple[Any, ...]) -> Rows:
    return [dict(zip(columns.split(), line, strict=True)) for line in lines]


def _decisions() -> dict[str, Rows]:
    served = ("period", "site", "chip", "it_mw", "compute")
    sourced = [("2026", "a", "m", 100.0, 100.0), ("2027", "a", "m", 100.0, 100.0), ("2027", "a", "c", 12.5, 25.0),
               ("2027", "b", "m", 25.0, 25.0)]  # fmt: skip
    return {
        "contracts": [
            _contract("s1", "ob", origin="signed", role="primary", blocks="", start_date="2025-07-01",
                      end_date="2027-07-01", start_period="", end_period=""),
            _contract("oa/primary/2026", "oa", role="primary", start_date="2026-01-01", end_date="2036-01-01",
                      start_period="2026", end_period="end"),
            _contract("oa/primary/2027", "oa", role="primary", start_date="2027-01-01", end_date="2037-01-01",
                      start_period="2027", end_period="end"),
            _contract("ob/backup/2026", "ob", role="backup", start_date="2026-01-01", end_date="2031-01-01",
                      start_period="2026", end_period="end"),
            _contract("s2", "ob", origin="signed", role="backup", chip="", blocks="", start_date="2026-01-01",
                      end_date="2031-01-01", start_period="", end_period=""),
        ],
        "refreshes": [],
        "installs": _rows(
            "offer role chip period contract added_it_mw stock_it_mw",
            ("oa", "primary", "m", "2026", "", 100.0, 100.0),
            ("oa", "primary", "m", "2027", "", 0.0, 100.0),
            ("oa", "primary", "c", "2027", "", 25.0, 25.0),
            ("ob", "backup", "m", "2026", "", 50.0, 50.0),
            ("ob", "backup", "m", "2027", "", 0.0, 50.0),
        ),
        "openings": _rows("site period origin opening_cost_busd", ("a", "2026", "decided", 0.3),
                          ("b", "2026", "signed", 0.0)),
        "developments": _rows("chip period cost_busd", ("c", "2027", 0.5)),
        "power_built": _rows("power_option site period facility_mw", ("gas", "a", "2027", 20.0)),
        "power_options": _rows("period power_option site in_service_facility_mw output_facility_mw",
                               ("2027", "gas", "a", 20.0, 20.0)),
        "served": [{**dict(zip(served, line, strict=True)), "market": "g", "workload": "inference"}
                   for line in sourced],
        "backup": _rows("period installed_it_mw sold_it_mw income_busd", ("2026", 50.0, 25.0, 0.025),
                        ("2027", 50.0, 25.0, 0.025)),
    }  # fmt: skip


def _derived() -> dict[str, Rows]:
    return {
        "capacity": [
            _capacity("2026", "oa", "primary", "m", 100.0, 1.0),
            _capacity("2026", "ob", "primary", "m", 50.0, 1.0),
            _capacity("2026", "ob", "backup", "m", 50.0, 1.0),
            _capacity("2027", "oa", "primary", "m", 100.0, 1.0),
            _capacity("2027", "oa", "primary", "c", 25.0, 2.0),
            _capacity("2027", "ob", "primary", "m", 25.0, 1.0),
            _capacity("2027", "ob", "backup", "m", 50.0, 1.0),
        ],
        "realised": _rows(
            "period chip vendor it_mw realised_share training_nameplate_compute training_realised_compute"
            " inference_nameplate_compute inference_realised_compute",
            ("2026", "m", "vendor_m", 200.0, 1.0, 200.0, 200.0, 200.0, 200.0),
            ("2027", "m", "vendor_m", 175.0, 1.0, 175.0, 175.0, 175.0, 175.0),
            ("2027", "c", "vendor_c", 25.0, 1.0, 50.0, 50.0, 50.0, 50.0),
        ),
        "in_force": _rows(
            "period offer site provider role signed_it_mw decided_it_mw installed_it_mw",
            ("2026", "oa", "a", "p", "primary", 0.0, 100.0, 100.0),
            ("2026", "ob", "b", "q", "primary", 50.0, 0.0, 50.0),
            ("2026", "ob", "b", "q", "backup", 50.0, 50.0, 50.0),
            ("2027", "oa", "a", "p", "primary", 0.0, 200.0, 125.0),
            ("2027", "ob", "b", "q", "primary", 25.0, 0.0, 25.0),
            ("2027", "ob", "b", "q", "backup", 50.0, 50.0, 50.0),
        ),
        "power": _rows(
            "period site power_region it_mw facility_mw energised_facility_mw onsite_facility_mw own_load_facility_mw"
            " onsite_output_facility_mw",
            ("2026", "a", "west", 100.0, 125.0, 125.0, 0.0, 96.0, 0.0),
            ("2026", "b", "east", 150.0, 187.5, 200.0, 0.0, 0.0, 0.0),
            ("2027", "a", "west", 200.0, 250.0, 250.0, 20.0, 120.0, 20.0),
            ("2027", "b", "east", 125.0, 156.25, 200.0, 0.0, 0.0, 0.0),
        ),
        "power_regions": _rows(
            "period power_region facility_mw limit_facility_mw",
            ("2026", "west", 125.0, 150.0),
            ("2026", "east", 187.5, 200.0),
            ("2027", "west", 230.0, 250.0),
            ("2027", "east", 156.25, 200.0),
        ),
        "unserved": _rows(
            "period market workload demand_compute served_compute unserved_compute",
            ("2026", "g", "inference", 100.0, 100.0, 0.0),
            ("2027", "g", "inference", 150.0, 150.0, 0.0),
        ),
        "chips": _rows(
            "period chip added_it_mw supply_it_mw stock_it_mw accelerators",
            ("2026", "m", 150.0, "", 200.0, 100_000),
            ("2026", "c", 0.0, 0.0, 0.0, 0),
            ("2027", "m", 0.0, "", 175.0, 87_500),
            ("2027", "c", 25.0, 25.0, 25.0, 12_500),
        ),
        "demand": _rows("period market workload compute", ("2026", "g", "inference", 100.0),
                        ("2027", "g", "inference", 150.0)),
        "reach": _rows("site market", ("a", "g"), ("b", "g")),
    }  # fmt: skip


def _stated() -> dict[str, Rows]:
    rule = "any one site"
    return {
        "calendar": yards_money.calendar(),
        "emissions": yards_money.emissions(),
        **yards_financing.tables(yards_money.spend()),
        "obligations": yards_money.obligations(),
        "unit_costs": yards_money.unit_costs(OF_CAPACITY),
        **yards_money.tables_of_rules(),
        "objective": _rows(
            "item present_value_busd",
            ("spend", SPEND_2026 / 1.1 + SPEND_2027 / 1.331),
            ("backup_income", -0.025 / 1.1 - 0.025 / 1.331),
            ("salvage", -SALVAGE / 1.4641),
            ("unserved", 0.0),
            ("financing", yards_financing.COST),
        ),
        "budget": _rows(
            "period spend_busd backup_income_busd limit_busd carried_in_busd slack_busd",
            # 6 + 0.5 x (3 - 2); the second payment is cut from 2 to 1 by the cap: 3 + 0.5 x (3 - 1)
            ("2026", SPEND_2026, 0.025, 6.5, 0.0, 2.47206528),
            ("2027", SPEND_2027, 0.025, 4.0, 2.47206528, 3.83822096),
        ),
        "contingencies": _rows(
            "rule period contingency lost_it_mw surviving_it_mw critical_compute carried_compute margin_compute"
            " binding",
            (rule, "2026", "a", 100.0, 100.0, 50.0, 50.0, 50.0, "no"),
            (rule, "2026", "b", 100.0, 100.0, 50.0, 50.0, 50.0, "no"),
            (rule, "2027", "a", 125.0, 75.0, 75.0, 75.0, 0.0, "yes"),
            (rule, "2027", "b", 75.0, 125.0, 75.0, 75.0, 75.0, "no"),
        ),
        "recovery": _rows(
            "rule period contingency site chip market workload it_mw compute",
            (rule, "2026", "a", "b", "m", "g", "inference", 50.0, 50.0),
            (rule, "2026", "b", "a", "m", "g", "inference", 50.0, 50.0),
            (rule, "2027", "a", "b", "m", "g", "inference", 75.0, 75.0),
            (rule, "2027", "b", "a", "m", "g", "inference", 75.0, 75.0),
        ),
    }


def plan() -> dict[str, Rows]:
    """Return the tables of the plan, free to be changed."""
    return copy.deepcopy({**_decisions(), **_derived(), **_stated(), "shortfalls": [], "ranges": []})
