# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Site allocation on a public instance
#
# Which cities should have a site, and which site serves which city? A classical instance of the literature: 49 cities
# of the United States (the capitals of the 48 contiguous states, and Washington), each with a demand (the population
# of its state in 1990, in 100,000) and a fixed cost of a site (the median value of a home, in dollars). Serving a
# unit of demand costs a dollar per mile. The data are from M. S. Daskin, *Network and Discrete Location* (1995), and
# were used by L. V. Snyder and M. S. Daskin, *Reliability Models for Facility Location* (2005), who report an optimal
# cost of 856,810 for the case without capacities.
#
# A case needs nothing special for it: a market is a city, a site may open in each, and the table `serving` has the
# cost of each pair. It needs the extra `report` for its pictures: `pip install 'gigaplan[report]'`. The guide is
# `docs/site-allocation.md`.

# %%
from math import acos, cos, radians, sin
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib.pyplot as plt
import pandas as pd

from planner import Case

# %% tags=["parameters"]
DATA = "us_cities.csv"
PUBLISHED = 856_810
GAP = 0.0

# %%
cities = pd.read_csv(DATA)
print(f"{len(cities)} cities, demand {cities['demand'].sum():.0f}")
cities.head(5)

# %% [markdown]
# ## The tables of the case
#
# One period of a year. Each site is one block of capacity that is large enough for everything, at no rent: what is
# left are the cost of opening it and the cost of serving. Money is in $B in every case; here one unit of it stands
# for 1,000 dollars of the instance.

# %%
EARTH_RADIUS_MILES, DOLLARS = 3956.0, 1000.0
ALL = float(cities["demand"].sum()) + 1.0


def miles(one, other):
    """Great-circle distance of two cities."""
    if one.city == other.city:
        return 0.0
    p, q = radians(one.latitude_deg), radians(other.latitude_deg)
    apart = radians(one.longitude_deg - other.longitude_deg)
    return EARTH_RADIUS_MILES * acos(min(1.0, sin(p) * sin(q) + cos(p) * cos(q) * cos(apart)))


FIRST = "2028-01-01"
offers = pd.DataFrame({"offer": cities["city"] + ".hall", "name": cities["name"], "site": cities["city"]}).assign(
    provider="lessor", tenure="cloud", roles="primary", chips="chip", block_it_mw=ALL, max_blocks=1,
    first_start=FIRST, lead_months=0, term_years=1, rent_musd_per_mw_year=0, rent_growth_per_year=0,
    take_or_pay_share=1,
)  # fmt: skip
sites = cities[["city", "name", "latitude_deg", "longitude_deg"]].rename(columns={"city": "site"})
sites = sites.assign(
    available="yes", country="US", power_region="grid", pue_peak=1, pue_average=1, max_it_mw=ALL, earliest_date=FIRST,
    opening_cost_busd=cities["fixed_cost"] / DOLLARS,
)  # fmt: skip
serving = pd.DataFrame(
    {"site": site.city, "market": city.city, "cost_busd_per_compute_year": miles(site, city) / DOLLARS}
    for site in cities.itertuples()
    for city in cities.itertuples()
)
markets = cities[["city", "name", "latitude_deg", "longitude_deg"]].rename(columns={"city": "market"})
tables = {
    "sites": sites,
    "offers": offers,
    "serving": serving,
    "markets": markets.assign(single_source="no", residency="", latency_limit_ms=""),
    "demand": pd.DataFrame({
        "market": cities["city"], "workload": "inference", "year": 2028, "compute": cities["demand"],
    }),
    "energisation": pd.DataFrame({"site": cities["city"], "date": FIRST, "facility_mw": ALL}),
    "providers": pd.DataFrame([{"provider": "lessor", "name": "Any lessor"}]),
    "power_regions": pd.DataFrame([{
        "power_region": "grid", "name": "One grid", "country": "US", "tariff_usd_per_mwh": 0,
        "tariff_growth_per_year": 0, "carbon_kg_per_mwh": 0, "firm_facility_mw": 1e6, "added_facility_mw_per_year": 0,
    }]),
    "chips": pd.DataFrame([{
        "chip": "chip", "name": "Unit", "vendor": "vendor", "power_w_per_accelerator": 1000, "price_growth_per_year": 0,
        "life_years": 5, "first_date": "2026-01-01", "inference_compute_per_it_mw": 1,
    }]),
}  # fmt: skip
MODEL = """
format = 1
name = "us_cities"
title = "49 cities of the United States"
description = "Daskin (1995); a unit of money is 1,000 dollars of the instance."
compute_unit = "100,000 people"

[horizon]
start = 2028-01-01
periods = 1
period_months = 12

[tables]
%s

[objective]
unserved = "lexicographic"
discount_rate_per_year = 0.0
salvage = "none"

[families.site_opening]
"""

# %% [markdown]
# A folder with these files is a case. Dates, keys, units and ranges are all checked when it is read.

# %%
with TemporaryDirectory() as work:
    for name, table in tables.items():
        source = table.assign(source="Daskin 1995", grade="A")
        source.to_csv(Path(work) / f"{name}.csv", index=False)
    listed = "\n".join(f'{name} = "{name}.csv"' for name in tables)
    (Path(work) / "model.toml").write_text(MODEL % listed, encoding="utf-8")
    case = Case.read(work)
print(case.model.title, {name: len(rows) for name, rows in case.tables.items() if rows})

# %% [markdown]
# ## The published optimum
#
# With a gap of zero the plan is proven optimal.

# %%
plan = case.solve(gap=GAP)
cost = plan.cost_busd * DOLLARS
print(f"{plan.summary['status']}: {cost:,.0f}; published {PUBLISHED:,}")
opened = plan.served.groupby("site")["compute"].sum().sort_values(ascending=False)
opened.round(1).rename("serves").to_frame()


# %%
def drawn(plan, title):
    """Draw the cities, and a line from each to the site that serves it."""
    figure, axes = plt.subplots(figsize=(8, 4.6), layout="constrained")
    place = cities.set_index("city")
    for row in plan.served.itertuples():
        ends = place.loc[[row.site, row.market]]
        axes.plot(ends["longitude_deg"], ends["latitude_deg"], color="#888888", linewidth=0.8, zorder=1)
    axes.scatter(cities["longitude_deg"], cities["latitude_deg"], s=cities["demand"], color="#0b7285", alpha=0.6)
    for site in sorted(set(plan.served["site"])):
        row = place.loc[site]
        axes.scatter(row["longitude_deg"], row["latitude_deg"], marker="s", s=50, color="#c92a2a", zorder=3)
        axes.annotate(
            row["name"], (row["longitude_deg"], row["latitude_deg"]), xytext=(5, 5), textcoords="offset points"
        )
    axes.set_aspect(1.3)
    axes.set_axis_off()
    axes.set_title(title)
    plt.close(figure)
    return figure


optimum_figure = drawn(plan, f"{opened.size} sites, {cost:,.0f} dollars; area of a circle: demand")
optimum_figure

# %% [markdown]
# ## How many sites?
#
# `open_exactly` is the p of the p-median problem. Each point is a plan that is proven optimal.

# %%
costs = {}
for count in range(2, 11):
    few = case.what_if([f"model.families.site_opening.open_exactly={count}"])
    costs[count] = few.solve(gap=GAP).cost_busd * DOLLARS
count_figure, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
axes.plot(list(costs), list(costs.values()), "o-")
axes.axhline(PUBLISHED, color="grey", linewidth=0.8, linestyle=":", label="published optimum")
axes.set_xlabel("number of sites")
axes.set_ylabel("cost, dollars")
axes.legend()
plt.close(count_figure)
count_figure

# %% [markdown]
# ## What real sites add
#
# Sites are limited, and users do not wait: everything else that a case can state can be added. Here each site has
# capacity for at most a quarter of all demand.

# %%
limited = case.what_if(
    [
        {"op": "set", "table": "sites", "column": "max_it_mw", "value": ALL / 4},
        {"op": "set", "table": "offers", "column": "block_it_mw", "value": ALL / 4},
    ]
).solve(gap=GAP)
total = limited.cost_busd * DOLLARS
print(f"{limited.summary['status']}: {total:,.0f}, {total - cost:,.0f} more than without limits")
limited_figure = drawn(limited, "Each site at most a quarter of demand")
limited_figure
