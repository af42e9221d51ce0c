"""A case to start from: four campuses, four providers, three chips, a budget, one redundancy rule that binds."""

import re
import tempfile
from pathlib import Path

from planner.case.read import read_case
from planner.case.workbook_write import write_workbook
from planner.system.folders.new import write_new

MODEL = """\
# A starter case, and a tutorial: read it from top to bottom together with the tables, then adapt it.
#
#     planner check .     report every error at once, with file, row and column
#     planner solve .     find the cheapest plan, audit it and show it
#
# Every figure in this folder is an invented example (grade D): replace it by your own and state its source in the
# columns `source` and `grade`. The column `notes` of the tables explains their rows; the program never reads it.

format = 1
name = "starter"
title = "Four campuses, three chips, two markets, five years"
description = "A starting point: every figure is an invented example."
compute_unit = "thousand H100-equivalents"      # the one unit of demand and of the compute columns in chips.csv

# Units: money in billions of US dollars (busd), power as IT MW (at the rack) or facility MW (at the meter):
# facility MW = IT MW x PUE.

[horizon]
start = 2026-01-01      # the first day of a month
periods = 5
period_months = 12      # 12: years, 3: quarters, or a list with the length of each period
energisation = "throughout"     # power that arrives within a period serves from the next one on

# Files in this folder. An empty cell means "not given", never zero.
[tables]
# Where: campuses, their energisation steps, and the power regions that serve them.
sites = "sites.csv"
energisation = "energisation.csv"
power_regions = "power_regions.csv"
# With what: accelerators, and the yearly supply of each (no row: no limit).
chips = "chips.csv"
chip_supply = "chip_supply.csv"
# From whom: offers (contracted in blocks), and contracts that are signed already (their cost is incurred in any plan).
providers = "providers.csv"
offers = "offers.csv"
contracts = "contracts.csv"
# What for: markets with their latency and residency, and the compute they demand in each year.
markets = "markets.csv"
demand = "demand.csv"
# With which budget.
budget = "budget.csv"
# What is promised: facility MW (or IT MW) at a set of campuses by dates, whoever supplies them.
programmes = "programmes.csv"
programme_steps = "programme_steps.csv"

[objective]
unserved = "lexicographic"      # minimise unserved demand first, then cost
discount_rate_per_year = 0.08
salvage = "straight_line"       # the remaining life of buildings and chips is credited

[latency]               # round-trip time = 2 x great-circle km x route_factor / fibre_km_per_ms + overhead_ms
route_factor = 1.4
fibre_km_per_ms = 204
overhead_ms = 2

# Constraint families. A family whose section is removed is not part of the program.

[families.site_opening]         # opening costs and yearly fixed costs of the campuses (sites.csv)

[families.power]                # firm power of the regions, and energy cost of own chips
utilisation = 0.8               # average load of installed IT MW: determines energy, not power

[families.budget]
basis = "cash_limit"            # the budget of a year is its cash limit; the other basis is "burn"
reinvested_share = 1.0          # share of a change in the partner payment that changes the budget
carry_over = true               # unused budget of a year is available in the next
backup_income_counts = false    # income from idle backup (below) is not added to the budget

[families.backup_income]        # idle backup capacity is sold, and withdrawn when it is needed
price_musd_per_mw_year = 4.0
largest_share = 0.5             # of the installed backup

# The redundancy rule: after the loss of any one campus, in any year, all inference and 60 % of training can be carried.
# It binds: the plan shows "tightest loss" with no margin, and without the rule the plan costs about a quarter less.
[[families.redundancy.rules]]
name = "any one site"
domain = "site"                 # or provider, power_region, country, chip_vendor, or a list of sites lost together
k = 1                           # number lost at once
critical_share = { training = 0.6, inference = 1.0 }

# What to try next, without editing a file:
#
#     planner protect .                                                        cost of the rule, binding contingencies
#     planner solve . --set model.families.redundancy=                         the plan without it
#     planner programme .                                                      what the promise for inland costs
#     planner solve . --set "sites[prairie].available=no"                      Prairie is not available
#     planner solve . --set "offers[fjord_cloud].rent_musd_per_mw_year=13"     Fjord costs more
#     planner solve . --set "demand[america,training,2030].compute=700"        less training in 2030
"""

_CASE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_SOURCE = "example,D"
_ENDS = "source,grade"


def _table(header: str, *rows: str, notes: tuple[str, ...] = ()) -> str:
    """Return a table with its source and grade in every row, and a note in each where there are notes."""
    ends = [f"{_SOURCE},{note}" for note in notes] if notes else [_SOURCE] * len(rows)
    last = f"{_ENDS},notes" if notes else _ENDS
    return "\n".join([f"{header},{last}", *(f"{row},{end}" for row, end in zip(rows, ends, strict=True))]) + "\n"


YEARS = range(2026, 2031)

TABLES = {
    "sites": _table(
        "site,name,available,country,power_region,latitude_deg,longitude_deg,pue_peak,pue_average,max_it_mw,"
        "earliest_date,opening_cost_busd,fixed_opex_busd_per_year",
        "prairie,Prairie campus,yes,US,plains,41.0,-96.0,1.25,1.2,1000,2026-01-01,0.4,0.02",
        "desert,Desert campus,yes,US,southwest,33.0,-112.0,1.35,1.3,500,2026-01-01,,",
        "harbour,Harbour campus,yes,US,east,39.0,-77.0,1.3,1.25,800,2026-01-01,,",
        "fjord,Fjord campus,yes,NO,nordic,60.0,6.0,1.15,1.1,600,2026-01-01,,",
        notes=(
            "land and a grid connection of your own: opening it costs once and then every year",
            "a landlord's shells",
            "a cloud region",
            "a cloud region; cheap and clean power",
        ),
    ),
    "energisation": _table(
        "site,date,facility_mw",
        "prairie,2026-07-01,300",
        "prairie,2027-07-01,800",
        "prairie,2029-01-01,1250",
        "desert,2026-01-01,680",
        "harbour,2026-01-01,1040",
        "fjord,2026-01-01,520",
        "fjord,2028-01-01,690",
    ),
    "providers": _table(
        "provider,name",
        "own,Own build",
        "lessor,Shell lessor",
        "atlantic,Atlantic Cloud",
        "nordic_cloud,Nordic Cloud",
    ),
    "power_regions": _table(
        "power_region,name,country,tariff_usd_per_mwh,tariff_growth_per_year,carbon_kg_per_mwh,firm_facility_mw,"
        "added_facility_mw_per_year",
        "plains,Plains grid,US,45,0.02,400,600,300",
        "southwest,Southwest grid,US,60,0.02,350,800,0",
        "east,Eastern grid,US,65,0.02,370,1200,0",
        "nordic,Nordic grid,NO,40,0.02,20,600,100",
    ),
    "chips": _table(
        "chip,name,vendor,development_cost_busd,power_w_per_accelerator,price_busd_per_gw_it,price_growth_per_year,"
        "life_years,first_date,training_compute_per_it_mw,inference_compute_per_it_mw",
        "merchant,Merchant accelerator,vendor_a,,1900,28,-0.05,5,2025-01-01,1.2,1.2",
        "merchant_next,Its next generation,vendor_a,,2600,36,-0.05,5,2028-01-01,2.2,2.2",
        "custom,Own inference chip,vendor_b,0.3,1100,20,-0.05,5,2027-01-01,,1.7",
        notes=(
            "compute: thousand H100-equivalents per IT MW",
            "twice the work per IT MW: worth waiting for?",
            "cannot train (the cell is empty); its development costs 0.3 once",
        ),
    ),
    "chip_supply": _table(
        "chip,year,it_mw",
        *(f"merchant_next,{year},{400 * max(0, year - 2027)}" for year in YEARS),
        *(f"custom,{year},{120 * (year - 2026)}" for year in YEARS),
    ),
    "offers": _table(
        "offer,name,site,provider,tenure,roles,chips,block_it_mw,max_blocks,first_start,lead_months,term_years,"
        "renewal_rent_musd_per_mw_year,exit_after_years,exit_cost_share,rent_musd_per_mw_year,rent_growth_per_year,"
        "take_or_pay_share,capex_busd_per_gw_it,capex_milestones,opex_musd_per_mw_year",
        "prairie_build,Own halls at Prairie,prairie,own,build,primary,merchant;merchant_next;custom,50,20,"
        "2027-01-01,12,20,,,,,,,12,0.3;0.4;0.3,0.4",
        "desert_shell,Powered shell at Desert,desert,lessor,shell,primary,merchant;merchant_next;custom,25,20,"
        "2027-01-01,6,10,,,,2.4,0.02,1,,,0.4",
        "harbour_cloud,Cloud at Harbour,harbour,atlantic,cloud,primary;backup,merchant;merchant_next,20,40,2026-01-01,"
        "0,3,12,,,12,0,0.9,,,",
        "fjord_cloud,Cloud at Fjord,fjord,nordic_cloud,cloud,primary;backup,merchant;merchant_next,20,30,2026-01-01,"
        "0,3,10.5,1,0.5,11,0,0.9,,,",
        notes=(
            "build: you pay halls (in three milestones over the lead time) and chips",
            "shell: you rent halls and pay the chips",
            "cloud: the rent has the chips in it; may be renewed after its term",
            "may be left after a year for half of the rent still owed",
        ),
    ),
    "contracts": _table(
        "contract,offer,role,it_mw,start_date,end_date,rent_musd_per_mw_year,chip",
        "harbour_signed,harbour_cloud,primary,280,2025-01-01,2028-01-01,12.5,merchant",
        "fjord_signed,fjord_cloud,primary,160,2025-07-01,2028-07-01,10.5,merchant",
        notes=("runs out at the end of 2027", "runs out in the middle of 2028"),
    ),
    "markets": _table(
        "market,name,latitude_deg,longitude_deg,latency_limit_ms,residency,single_source",
        "america,America,39.0,-95.0,120,,no",
        "europe,Europe,50.0,8.0,110,NO;US,no",
        notes=(
            "no residency: any country may serve it",
            "may be served from Norway and the US; 110 ms leave out the desert",
        ),
    ),
    "demand": _table(
        "market,workload,year,compute",
        *(f"america,training,{year},{220 + 180 * (year - 2026)}" for year in YEARS),
        *(f"america,inference,{year},{180 + 180 * (year - 2026)}" for year in YEARS),
        *(f"europe,inference,{year},{100 + 100 * (year - 2026)}" for year in YEARS),
    ),
    "budget": _table(
        "year,cash_limit_busd,revenue_busd,partner_share,reference_share",
        *(
            f"{year},{cash},{12 + 12 * (year - 2026)},{0.2 - 0.01 * (year - 2026):.2f},0.2"
            for year, cash in zip(YEARS, (10, 16, 14, 13, 13), strict=True)
        ),
    ),
    "programmes": _table(
        "programme,name,sites,kind,declining_cost_busd",
        "inland,The inland campuses,prairie;desert,committed,2",
        notes=("committed; if optional: it may be declined as a whole for that cost",),
    ),
    "programme_steps": _table(
        "programme,date,at_least_facility_mw,at_most_facility_mw",
        "inland,2027-01-01,250,",
        "inland,2029-01-01,600,1800",
        notes=("a step holds in the periods that begin on its date or later", "... until the next"),
    ),
}
"""Every table of the starter case, as CSV."""


def write_starter(folder: str | Path) -> None:
    """Write the starter case into a folder that is new or empty; the case is called like the folder.

    A folder whose name cannot be the name of a case gets a case called ``starter``.

    Raises
    ------
    PlannerError
        If the folder holds anything, or cannot be written.
    """
    name = Path(folder).absolute().name
    model = MODEL.replace('name = "starter"', f'name = "{name}"') if _CASE_NAME.fullmatch(name) else MODEL
    tables = {f"{table}.csv": text.encode() for table, text in TABLES.items()}
    write_new(folder, {**tables, "model.toml": model.encode()})


def write_starter_workbook(file: str | Path) -> None:
    """Write the starter case as a workbook; the case is called like the file.

    Raises
    ------
    PlannerError
        If there is a file of this name, it cannot be written, or the extra ``excel`` is not installed.
    """
    stem = Path(file).stem
    with tempfile.TemporaryDirectory(prefix="gigaplan-") as folder:
        place = Path(folder) / (stem if _CASE_NAME.fullmatch(stem) else "starter")
        write_starter(place)
        write_workbook(read_case(place), file)
