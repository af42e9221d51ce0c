"""One fault of every kind that a check between the tables and the model finds, and where it is told."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from planner.case.case import CaseData
from tests.cases import FAMILIES, full_tables, make_case

Tables = dict[str, list[dict[str, Any]]]
Spoil = Callable[[Tables, dict[str, Any]], object]


def spoilt(spoil: Spoil, **options: Any) -> CaseData:
    """Return the full case after a change to its tables and families, unchecked."""
    tables, families = full_tables(), deepcopy(FAMILIES)
    spoil(tables, families)
    return make_case(tables, families=families, full=True, checked=False, **options)


def rules(families: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the redundancy rules."""
    found: list[dict[str, Any]] = families["redundancy"]["rules"]
    return found


def without_table(name: str) -> Spoil:
    """Return a change that takes a table out."""
    return lambda tables, _families: tables.update({name: None})  # type: ignore[dict-item]


def put(table: str, row: int, **cells: Any) -> Spoil:
    """Return a change of some cells."""
    return lambda tables, _families: tables[table][row].update(cells)


def drop(table: str, keep: Callable[[dict[str, Any]], bool]) -> Spoil:
    """Return a change that takes rows out."""

    def spoil(tables: Tables, families: dict[str, Any]) -> None:
        tables[table] = [row for row in tables[table] if keep(row)]

    return spoil


def only_east(tables: Tables) -> None:
    """Let east alone serve Europe."""
    tables["markets"][1]["residency"] = ("FR",)


FAULTS: list[tuple[str, Spoil, str, str | None, str]] = [
    ("dangling region", put("sites", 0, power_region="wst"), "sites", "power_region", "did you mean 'west'"),
    ("dangling energisation", put("energisation", 0, site="nort"), "energisation", "site", "did you mean 'north'"),
    ("dangling option", put("power_options", 0, site="x"), "power_options", "site", "no row of table sites"),
    ("dangling supply", put("chip_supply", 0, chip="custm"), "chip_supply", "chip", "did you mean 'custom'"),
    ("dangling site", put("offers", 0, site="x"), "offers", "site", "no row of table sites"),
    ("dangling provider", put("offers", 0, provider="x"), "offers", "provider", "no row of table providers"),
    ("dangling chip of offer", put("offers", 0, chips=("merchant", "custm")), "offers", "chips", "'custm'"),
    ("dangling offer", put("contracts", 0, offer="x"), "contracts", "offer", "no row of table offers"),
    ("dangling chip of contract", put("contracts", 0, chip="x"), "contracts", "chip", "no row of table chips"),
    ("dangling market", put("demand", 0, market="x"), "demand", "market", "no row of table markets"),
    ("dangling latency site", put("latency", 0, site="x"), "latency", "site", "no row of table sites"),
    ("dangling latency market", put("latency", 0, market="x"), "latency", "market", "no row of table markets"),
    ("dangling serving site", put("serving", 0, site="x"), "serving", "site", "no row of table sites"),
    ("dangling serving market", put("serving", 0, market="x"), "serving", "market", "no row of table markets"),
    ("repeated key", lambda t, _f: t["sites"].append(t["sites"][0]), "sites", "site", "appears 2 times"),
    ("empty table", lambda t, _f: t["chips"].clear(), "chips", None, "no row"),
    ("absent table", lambda t, _f: t["providers"].clear(), "providers", None, "no row"),
    (
        "rule site",
        lambda _t, f: rules(f)[0].update(domain="sites", sites=("nrth",)),
        "model",
        "families.redundancy.rules[0].sites",
        "did you mean 'north'",
    ),
    (
        "rule market",
        lambda _t, f: rules(f)[1]["overrides"][0].update(market="eu"),
        "model",
        "families.redundancy.rules[1].overrides[0].market",
        "no row of table markets",
    ),
    ("no energisation", drop("energisation", lambda row: row["site"] != "south"), "sites", "site", "energisation"),
    ("shrinking energisation", put("energisation", 1, facility_mw=100.0), "energisation", "facility_mw", "cumulative"),
    ("half a place", put("sites", 0, longitude_deg=None), "sites", "longitude_deg", "together"),
    ("half a market", put("markets", 0, latitude_deg=None), "markets", "latitude_deg", "together"),
    ("opening without family", lambda _t, f: f.pop("site_opening"), "sites", "opening_cost_busd", "site_opening"),
    ("build without capex", put("offers", 0, capex_busd_per_gw_it=None), "offers", "capex_busd_per_gw_it", "build"),
    ("build with rent", put("offers", 0, rent_musd_per_mw_year=1.0), "offers", "rent_musd_per_mw_year", "empty"),
    ("build with growth", put("offers", 0, rent_growth_per_year=0.0), "offers", "rent_growth_per_year", "empty"),
    ("build with take or pay", put("offers", 0, take_or_pay_share=1.0), "offers", "take_or_pay_share", "empty"),
    (
        "build with renewal",
        put("offers", 0, renewal_rent_musd_per_mw_year=1.0),
        "offers",
        "renewal_rent_musd_per_mw_year",
        "empty",
    ),
    ("build with exit", put("offers", 0, exit_after_years=1.0), "offers", "exit_after_years", "empty"),
    ("shell without rent", put("offers", 1, rent_musd_per_mw_year=None), "offers", "rent_musd_per_mw_year", "shell"),
    ("cloud without growth", put("offers", 2, rent_growth_per_year=None), "offers", "rent_growth_per_year", "cloud"),
    ("cloud without take or pay", put("offers", 2, take_or_pay_share=None), "offers", "take_or_pay_share", "cloud"),
    ("cloud with capex", put("offers", 2, capex_busd_per_gw_it=1.0), "offers", "capex_busd_per_gw_it", "cloud"),
    ("capex without milestones", put("offers", 0, capex_milestones=None), "offers", "capex_milestones", "given"),
    ("milestones without capex", put("offers", 1, capex_busd_per_gw_it=None), "offers", "capex_milestones", "empty"),
    ("milestones of 0.9", put("offers", 0, capex_milestones=(0.4, 0.5)), "offers", "capex_milestones", "add up to 1"),
    ("exit without price", put("offers", 2, exit_cost_share=None), "offers", "exit_cost_share", "given"),
    ("exit price alone", put("offers", 2, exit_after_years=None), "offers", "exit_after_years", "given"),
    ("min above max", put("offers", 1, min_blocks=9), "offers", "min_blocks", "at most max_blocks"),
    ("last before first", put("offers", 0, last_start="2025-12-31"), "offers", "last_start", "before first_start"),
    ("no role", put("offers", 0, roles=()), "offers", "roles", "at least one"),
    ("chip twice", put("offers", 0, chips=("custom", "custom")), "offers", "chips", "more than once"),
    ("ends as it starts", put("contracts", 0, end_date="2025-07-01"), "contracts", "end_date", "after start_date"),
    (
        "lease without rent",
        put("contracts", 0, rent_musd_per_mw_year=None),
        "contracts",
        "rent_musd_per_mw_year",
        "given",
    ),
    (
        "building with rent",
        put("contracts", 1, rent_musd_per_mw_year=1.0),
        "contracts",
        "rent_musd_per_mw_year",
        "empty",
    ),
    ("contract at a closed site", put("sites", 0, available=False), "contracts", "offer", "not available"),
    (
        "demand lacks years",
        drop("demand", lambda row: row["year"] != 2028 or row["workload"] == "training"),
        "demand",
        "year",
        "america, inference: no row for 2028",
    ),
    ("supply lacks years", drop("chip_supply", lambda row: row["year"] > 2027), "chip_supply", "year", "2026, 2027"),
    ("budget lacks years", drop("budget", lambda row: row["year"] != 2029), "budget", "year", "2029"),
    (
        "two limits of sites",
        lambda _t, f: f["site_opening"].update(open_exactly=2),
        "model",
        "families.site_opening.open_at_most",
        "exclude",
    ),
    (
        "too many sites",
        lambda _t, f: f.update(site_opening={"open_exactly": 4}),
        "model",
        "families.site_opening.open_exactly",
        "available sites with an offer (3)",
    ),
    ("no budget table", without_table("budget"), "model", "tables.budget", "needs a table"),
    (
        "no reinvested share",
        lambda _t, f: f["budget"].pop("reinvested_share"),
        "model",
        "families.budget.reinvested_share",
        "given",
    ),
    ("budget cell", put("budget", 2, reference_share=None), "budget", "reference_share", "basis cash_limit"),
    (
        "burn cell",
        lambda t, f: (f["budget"].update(basis="burn"), t["budget"][0].update(cash_burn_busd=None)),
        "budget",
        "cash_burn_busd",
        "basis burn",
    ),
    ("options without power", lambda _t, f: f.pop("power"), "power_options", None, "[families.power]"),
    (
        "generation without fuel",
        put("power_options", 0, fuel_usd_per_mwh=None),
        "power_options",
        "fuel_usd_per_mwh",
        "generation",
    ),
    (
        "storage with carbon",
        put("power_options", 1, carbon_kg_per_mwh=1.0),
        "power_options",
        "carbon_kg_per_mwh",
        "storage",
    ),
    (
        "amount of nothing",
        put("chips", 0, training_compute_per_it_mw=1e-300),
        "chips",
        "training_compute_per_it_mw",
        "vanish",
    ),
    (
        "maturity without its first share",
        put("chips", 0, maturity_years=2.0, first_volume_maturity_share=None),
        "chips",
        "first_volume_maturity_share",
        "must be given with maturity_years",
    ),
    (
        "first share without its years",
        put("chips", 0, maturity_years=None, first_volume_maturity_share=0.5),
        "chips",
        "maturity_years",
        "years after first_date",
    ),
    (
        "rate beyond others",
        put("chips", 0, inference_compute_per_it_mw=1e9),
        "chips",
        "inference_compute_per_it_mw",
        "factor of 1e+06",
    ),
    (
        "rate below others",
        put("chips", 1, training_compute_per_it_mw=1e-9),
        "chips",
        "training_compute_per_it_mw",
        "factor of 1e+06",
    ),
    ("demand beyond others", put("demand", 0, compute=1e12), "demand", "compute", "factor of 1e+06"),
    ("demand of a few watts", put("demand", 0, compute=1e-3), "demand", "compute", "must need at least 0.1 IT MW"),
    ("price beyond others", put("offers", 1, rent_musd_per_mw_year=1e9), "offers", "rent_musd_per_mw_year", "typical"),
    ("budget out of reach", put("budget", 0, revenue_busd=1e20), "budget", "revenue_busd", "no limit"),
    ("block of a watt", put("offers", 0, block_it_mw=1e-6), "offers", "block_it_mw", "between 0.001"),
    (
        "chip of no power",
        put("chips", 0, power_w_per_accelerator=1e-300),
        "chips",
        "power_w_per_accelerator",
        "between 0.001",
    ),
    ("growth alone", put("providers", 0, first_year_it_mw=None), "providers", "first_year_it_mw", "growth_per_year"),
    ("idle carbon", lambda _t, f: f.update(carbon={}), "model", "families.carbon", "price_usd_per_tonne or cap"),
    (
        "carbon without power",
        lambda t, f: (f.pop("power"), t["power_options"].clear()),
        "model",
        "families.carbon",
        "needs the family [families.power]",
    ),
    ("vendor by case", put("chips", 1, vendor="Vendor_A"), "chips", "vendor", "did you mean 'vendor_a'"),
    (
        "key by case",
        lambda t, _f: t["sites"].append({**t["sites"][0], "site": "North"}),
        "sites",
        "site",
        "differs from 'north'",
    ),
    (
        "rules by case",
        lambda _t, f: rules(f)[1].update(name="Any  one site"),
        "model",
        "families.redundancy.rules[1].name",
        "2 rules",
    ),
    (
        "two rules of a name",
        lambda _t, f: rules(f)[1].update(name="any one site"),
        "model",
        "families.redundancy.rules[1].name",
        "2 rules",
    ),
    (
        "rule without name",
        lambda _t, f: rules(f)[1].update(name=" "),
        "model",
        "families.redundancy.rules[1].name",
        "not be empty",
    ),
    (
        "rule without sites",
        lambda _t, f: rules(f)[0].update(domain="sites"),
        "model",
        "families.redundancy.rules[0].sites",
        "must list",
    ),
    (
        "sites in a rule of another kind",
        lambda _t, f: rules(f)[0].update(sites=("north",)),
        "model",
        "families.redundancy.rules[0].sites",
        "requires domain",
    ),
    (
        "site twice in a rule",
        lambda _t, f: rules(f)[0].update(domain="sites", sites=("north", "north")),
        "model",
        "families.redundancy.rules[0].sites",
        "more than once",
    ),
    (
        "years of a rule",
        lambda _t, f: rules(f)[1].update(last_year=2026),
        "model",
        "families.redundancy.rules[1].last_year",
        "before first_year",
    ),
    (
        "missing critical share",
        lambda _t, f: rules(f)[1].update(critical_share={"inference": 0.5}),
        "model",
        "families.redundancy.rules[1].critical_share.training",
        "needs a share",
    ),
    (
        "override twice",
        lambda _t, f: rules(f)[1].update(overrides=rules(f)[1]["overrides"] * 2),
        "model",
        "families.redundancy.rules[1].overrides",
        "2 times",
    ),
    (
        "no place of a market",
        put("markets", 1, latitude_deg=None, longitude_deg=None),
        "markets",
        "latitude_deg",
        "latency limit",
    ),
    (
        "no place of a site",
        put("sites", 2, latitude_deg=None, longitude_deg=None),
        "sites",
        "latitude_deg",
        "latency limit",
    ),
    ("no site in the country", put("markets", 1, residency=("JP",)), "demand", "compute", "no site can serve"),
    ("no site near", put("markets", 1, latency_limit_ms=1.0), "demand", "compute", "no site can serve"),
    (
        "nobody available",
        lambda t, _f: [site.update(available=False) for site in t["sites"]],
        "demand",
        "compute",
        "no site can serve",
    ),
    (
        "no site listed",
        drop("serving", lambda row: row["market"] != "america"),
        "demand",
        "compute",
        "no site can serve",
    ),
    (
        "nobody in this role",
        lambda t, _f: (only_east(t), t["offers"][2].update(roles=("backup",)), t["contracts"].pop(0)),
        "demand",
        "compute",
        "no offer of role primary",
    ),
    (
        "no chip at all",
        lambda t, _f: [row.update(training_compute_per_it_mw=None) for row in t["chips"]],
        "demand",
        "compute",
        "no chip has a training_compute_per_it_mw",
    ),
    (
        "no chip there",
        lambda t, _f: (
            only_east(t),
            t["chips"][1].update(inference_compute_per_it_mw=None),
            t["contracts"].pop(0),
            t["offers"][2].update(chips=("custom",)),
        ),
        "demand",
        "compute",
        "hosts a chip",
    ),
]


MODEL_FAULTS: list[tuple[dict[str, Any], str, str]] = [
    ({"horizon": {"start": "2026-01-02"}}, "horizon.start", "first day of a month"),
    ({"horizon": {"period_months": (12, 12)}}, "horizon.period_months", "2 lengths"),
    ({"horizon": {"start": "2199-01-01"}}, "horizon", "1900 to 2200"),
    ({"horizon": {"start": "0001-01-01"}}, "horizon", "1900 to 2200"),
    ({"horizon": {"start": "9999-12-01"}}, "horizon", "1900 to 2200"),
    ({"model": {"forced": [{"by": 2027}]}}, "forced[0]", "either site or offer"),
    (
        {"model": {"forced": [{"site": "north", "offer": "cloud_east", "by": 2027}]}},
        "forced[0]",
        "either site or offer",
    ),
    ({"model": {"forced": [{"site": "nort", "by": 2027}]}}, "forced[0].site", "did you mean 'north'"),
    ({"model": {"forced": [{"site": "north", "by": 2031}]}}, "forced[0].by", "2026 to 2029"),
    ({"model": {"forced": [{"site": "north", "by": 2027, "blocks": 2}]}}, "forced[0].blocks", "not site"),
    ({"model": {"forced": [{"offer": "cloud_est", "by": 2027, "blocks": 1}]}}, "forced[0].offer", "'cloud_east'"),
    ({"model": {"forced": [{"offer": "cloud_east", "by": 2027}]}}, "forced[0].blocks", "must be given with offer"),
    ({"model": {"forced": [{"offer": "cloud_east", "by": 2027, "blocks": 9}]}}, "forced[0].blocks", "at most 8"),
    (
        {
            "families": {
                "redundancy": {
                    "rules": [{"name": "r", "domain": "site", "critical_share": {"training": 1.5, "inference": 1}}]
                }
            }
        },
        "families.redundancy.rules[0].critical_share.training",
        "at most 1",
    ),
    (
        {"families": {"backup_income": {"largest_share": 1.0}}},
        "families.backup_income.price_musd_per_mw_year",
        "or price_busd_per_compute_year",
    ),
    (
        {"families": {"backup_income": {"largest_share": 1.0, "price_musd_per_mw_year": 1.0, "market_compute": 2.0}}},
        "families.backup_income.market_compute",
        "requires price_busd_per_compute_year",
    ),
    (
        {"families": {"backup_income": {"largest_share": 1.0, "price_busd_per_compute_year": 1.0}}},
        "families.backup_income.workload",
        "whose compute is sold",
    ),
    (
        {
            "families": {
                "backup_income": {
                    "largest_share": 1.0,
                    "price_busd_per_compute_year": 1.0,
                    "workload": "training",
                    "price_musd_per_mw_year": 1.0,
                }
            }
        },
        "families.backup_income.price_busd_per_compute_year",
        "by IT MW or by compute",
    ),
    ({"objective": {"unserved": "priced"}}, "objective.unserved_price_busd_per_compute_year", "priced"),
]
