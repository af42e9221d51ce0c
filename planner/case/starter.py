"""A small case to start from: three sites, two chips, two markets, a budget and one redundancy rule."""

from pathlib import Path

from planner.errors import PlannerError

MODEL = """\
# A small case to start from. Check it with `planner check .`, solve it with `planner solve .`
# Every figure in this folder is an example (grade D, made up): replace it by your own and say where yours comes from.

format = 1
name = "starter"
title = "Three sites, two chips, two markets"
description = "A starting point: every figure is an example and stands for nothing real."
compute_unit = "thousand H100-equivalents"

# Money is in billions of US dollars (busd), power in MW. IT MW is power at the rack; facility MW = IT MW x PUE.

[horizon]
start = 2026-01-01      # the first day of a month
periods = 5
period_months = 12      # 12: years, 3: quarters, or a list with the length of each period

[tables]                # CSV files in this folder; an empty cell means "not given", never zero
sites = "sites.csv"
energisation = "energisation.csv"
providers = "providers.csv"
power_regions = "power_regions.csv"
chips = "chips.csv"
chip_supply = "chip_supply.csv"
offers = "offers.csv"
contracts = "contracts.csv"
markets = "markets.csv"
demand = "demand.csv"
budget = "budget.csv"

[objective]
unserved = "lexicographic"      # serve all that can be served, then as cheaply as possible
discount_rate_per_year = 0.08
salvage = "straight_line"       # what is left of buildings and chips at the end is credited

[latency]               # round-trip time = 2 x great-circle km x route_factor / fibre_km_per_ms + overhead_ms
route_factor = 1.5
fibre_km_per_ms = 204
overhead_ms = 2

# A family of limits whose section you take out is not in the program.

[families.site_opening]

[families.power]
utilisation = 0.8       # average load of installed IT MW: drives energy, not sizing

[families.budget]
basis = "cash_limit"
reinvested_share = 1.0          # a lower partner share leaves this much of the difference to the budget
carry_over = true
backup_income_counts = false

[[families.redundancy.rules]]   # lose any one site, and half of all inference is still served
name = "any one site"
domain = "site"
k = 1
critical_share = { training = 0.0, inference = 0.5 }
"""

_SOURCE = "example,D"
_ENDS = "source,grade"


def _table(header: str, *rows: str) -> str:
    """Return a table with its source and grade in every row."""
    return "\n".join([f"{header},{_ENDS}", *(f"{row},{_SOURCE}" for row in rows)]) + "\n"


YEARS = range(2026, 2031)

TABLES = {
    "sites": _table(
        "site,name,available,country,power_region,latitude_deg,longitude_deg,pue_peak,pue_average,max_it_mw,"
        "earliest_date,opening_cost_busd,fixed_opex_busd_per_year",
        "prairie,Prairie campus,yes,US,plains,41.0,-96.0,1.25,1.2,600,2026-01-01,0.2,0.01",
        "desert,Desert campus,yes,US,southwest,33.0,-112.0,1.35,1.3,400,2026-01-01,,",
        "fjord,Fjord campus,yes,NO,nordic,60.0,6.0,1.15,1.1,400,2026-01-01,,",
    ),
    "energisation": _table(
        "site,date,facility_mw",
        "prairie,2026-07-01,200",
        "prairie,2027-07-01,500",
        "prairie,2029-01-01,750",
        "desert,2026-01-01,400",
        "fjord,2026-01-01,250",
        "fjord,2028-01-01,460",
    ),
    "providers": _table("provider,name", "own,Own build", "lessor,Shell lessor", "cloud,Cloud partner"),
    "power_regions": _table(
        "power_region,name,country,tariff_usd_per_mwh,tariff_growth_per_year,carbon_kg_per_mwh,firm_facility_mw,"
        "added_facility_mw_per_year",
        "plains,Plains grid,US,45,0.02,400,300,150",
        "southwest,Southwest grid,US,60,0.02,350,500,50",
        "nordic,Nordic grid,NO,40,0.02,20,300,100",
    ),
    "chips": _table(
        "chip,name,vendor,programme_cost_busd,power_w_per_accelerator,price_busd_per_gw_it,price_growth_per_year,"
        "life_years,first_date,training_compute_per_it_mw,inference_compute_per_it_mw",
        "merchant,Merchant accelerator,vendor_a,,1900,30,-0.05,5,2025-01-01,1.5,1.5",
        "custom,Own inference chip,vendor_b,0.3,1100,22,-0.05,5,2027-01-01,,1.8",
    ),
    "chip_supply": _table("chip,year,it_mw", *(f"custom,{year},{150 * max(0, year - 2026)}" for year in YEARS)),
    "offers": _table(
        "offer,name,site,provider,tenure,roles,chips,block_it_mw,max_blocks,first_start,lead_months,term_years,"
        "renewal_rent_musd_per_mw_year,exit_after_years,exit_cost_share,rent_musd_per_mw_year,rent_growth_per_year,"
        "take_or_pay_share,capex_busd_per_gw_it,capex_milestones,opex_musd_per_mw_year",
        "prairie_build,Own halls at Prairie,prairie,own,build,primary;backup,merchant;custom,50,12,2026-07-01,12,20,"
        ",,,,,,12,0.3;0.4;0.3,0.3",
        "desert_shell,Powered shell at Desert,desert,lessor,shell,primary;backup,merchant;custom,50,6,2026-01-01,0,10,"
        ",,,2.2,0.02,1,,,0.2",
        "fjord_cloud,Cloud at Fjord,fjord,cloud,cloud,primary;backup,merchant,50,8,2026-01-01,0,3,"
        "11.5,1,0.5,11,0,0.9,,,",
    ),
    "contracts": _table(
        "contract,offer,role,it_mw,start_date,end_date,rent_musd_per_mw_year,chip",
        "fjord_signed,fjord_cloud,primary,100,2025-07-01,2028-07-01,10.5,merchant",
    ),
    "markets": _table(
        "market,name,latitude_deg,longitude_deg,latency_limit_ms,residency,single_source",
        "america,America,39.0,-95.0,120,,no",
        "europe,Europe,50.0,8.0,120,NO;US,no",
    ),
    "demand": _table(
        "market,workload,year,compute",
        *(f"america,training,{year},{100 + 40 * (year - 2026)}" for year in YEARS),
        *(f"america,inference,{year},{100 + 50 * (year - 2026)}" for year in YEARS),
        *(f"europe,inference,{year},{80 + 20 * (year - 2026)}" for year in YEARS),
    ),
    "budget": _table(
        "year,cash_limit_busd,revenue_busd,partner_share,reference_share",
        *(
            f"{year},{12 + 2 * (year - 2026)},{10 + 8 * (year - 2026)},{0.2 - 0.02 * (year - 2026):.2f},0.2"
            for year in YEARS
        ),
    ),
}
"""Every table of the starter case, as CSV."""


def write_starter(folder: str | Path) -> None:
    """Write the starter case into a folder that is new or empty.

    Raises
    ------
    PlannerError
        If the folder holds anything, or cannot be written.
    """
    target = Path(folder)
    try:
        if target.exists() and not target.is_dir():
            raise PlannerError(f"{target}: there is a file of this name")
        if target.is_dir() and any(target.iterdir()):
            raise PlannerError(f"{target}: the folder is not empty; name a new one")
        target.mkdir(parents=True, exist_ok=True)
        (target / "model.toml").write_text(MODEL, encoding="utf-8", newline="")
        for table, text in TABLES.items():
            (target / f"{table}.csv").write_text(text, encoding="utf-8", newline="")
    except (OSError, ValueError) as error:
        raise PlannerError(f"{target}: cannot write the starter case: {error}") from error
