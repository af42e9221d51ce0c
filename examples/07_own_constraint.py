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
# # A constraint of your own
#
# The planner knows power, money, chips, redundancy, carbon. It does not know water. This notebook adds it: campuses
# that cool by evaporation may draw only so much water a year; what they need beyond that must be recycled, which
# costs money. That takes a variable, two rows, a cost, and a column in the plan, and about forty lines of
# [Pyomo](https://pyomo.readthedocs.io). Nothing of the package is changed.
#
# The guide with every field of a family is `docs/families.md`. Nothing beyond gigaplan itself is needed: `pip install
# gigaplan`.

# %%
import pyomo.environ as pyo

from planner import Case, Family, OptionError, PlanColumn
from planner.program.sums import installed_gw

# %% tags=["parameters"]
CASE = "three_sites"
SITE = "north"  # the campus that is short of water
CAP_GL_PER_YEAR = 0.5  # gigalitres (a billion litres) that it may draw
GAP = 0.0

# %% [markdown]
# ## The data
#
# What a case says for a family of your own stands in its model file, under `[families.own.NAME]`:
#
# ```toml
# [families.own.water]
# litres_per_kwh = 1.8               # water that evaporates, per kWh of IT energy
# average_load = 0.8                 # average load of what is installed
# recycled_share = 0.6               # most of it that can be recycled
# recycling_busd_per_gl = 0.004      # $4 a cubic metre
# cap_gl_per_year = { north = 0.5 }  # sites that are not named may draw what they like
# ```
#
# It is part of the case like every other section: of its hash, of its plans' folders, of what-ifs and `--set`. Here
# it is added to a shipped case.

# %%
case = Case.read(
    CASE,
    changes=[
        "model.families.own.water.litres_per_kwh=1.8",
        "model.families.own.water.average_load=0.8",
        "model.families.own.water.recycled_share=0.6",
        "model.families.own.water.recycling_busd_per_gl=0.004",
        f"model.families.own.water.cap_gl_per_year.{SITE}={CAP_GL_PER_YEAR}",
    ],
)
case.model.families.own["water"]

# %% [markdown]
# A case runs no code, so no command can solve this case: the family comes from Python, and without it the case is
# refused rather than solved as if the section were not there.

# %%
try:
    case.solve(gap=GAP)
except OptionError as error:
    print(error)

# %% [markdown]
# ## The rows
#
# `build` gets three things: `m`, the Pyomo model with everything that was built before; `inputs`, the numbers of the
# case (`inputs.periods` counts 0, 1, 2, ...; `inputs.offers` has the rows of the table); and `ledger`, where costs
# are written down. `installed_gw` is the IT GW of chips installed at an offer, as a sum of the planner's own
# variables. Names: variables begin with `v_`, expressions with `e_`, constraints with `c_` and the name of the
# family.

# %%
HOURS_PER_YEAR = 8766.0
GL_PER_GWH = 1e-3  # of a litre per kWh


def gl_per_gw_year(water):
    """Gigalitres that an IT GW installed evaporates in a year."""
    return water["litres_per_kwh"] * GL_PER_GWH * HOURS_PER_YEAR * water["average_load"]


def build(m, inputs, ledger):
    """Add the water of every site, what is recycled of it, the cap, and the money."""
    water = inputs.case.model.families.own["water"]
    cap = water["cap_gl_per_year"]

    def needed(m, site, t):
        offers = [key for key, offer in inputs.offers.items() if offer.site == site]
        pairs = [(offer, role) for offer in offers for role in inputs.roles(offer)]
        return gl_per_gw_year(water) * sum(installed_gw(m, inputs, *pair, t).expression() for pair in pairs)

    sites = [site.site for site in inputs.case.tables["sites"]]
    m.e_water_needed_gl = pyo.Expression(sites, inputs.periods, rule=needed)
    m.v_water_recycled_gl = pyo.Var(sites, inputs.periods, domain=pyo.NonNegativeReals)

    @m.Constraint(sites, inputs.periods)
    def c_water_recycled(m, site, t):
        return m.v_water_recycled_gl[site, t] <= water["recycled_share"] * m.e_water_needed_gl[site, t]

    @m.Constraint(list(cap), inputs.periods)
    def c_water_cap(m, site, t):
        return m.e_water_needed_gl[site, t] - m.v_water_recycled_gl[site, t] <= cap[site]

    for site in sites:
        for t in inputs.periods:
            busd = water["recycling_busd_per_gl"] * inputs.length_years(t)
            ledger.pay("x_water_recycling", "primary", t, busd, m.v_water_recycled_gl[site, t])


# %% [markdown]
# Amounts are per year, so a period that lasts two years pays twice. An item of spending of your own begins with `x_`;
# it counts in the objective, in the budget and in the table `spend` like any other.
#
# ## Columns in the plan
#
# The table `power` has a row for each period and site: the water belongs there. `solution.model` is the Pyomo model
# with the values of the plan in its variables. Columns of your own begin with `x_` too, and end with their unit.


# %%
def needed_gl(solution, row):
    """Water that the site needs in the period, GL a year."""
    return pyo.value(solution.model.e_water_needed_gl[row["site"], solution.period(row)])


def recycled_gl(solution, row):
    """The part of it that is recycled."""
    return pyo.value(solution.model.v_water_recycled_gl[row["site"], solution.period(row)])


# %% [markdown]
# ## What can be wrong
#
# `check` looks at the case before anything is built; what it finds is reported as a fault of the case. `audit` looks
# at a plan as a stranger would, from the case and the tables alone: the planner's own audit knows nothing of water,
# and says so in every plan whose families bring no audit of their own.


# %%
def check(case):
    """Say what the family cannot work with."""
    water = (case.model.families.own or {}).get("water", {})
    keys = ("litres_per_kwh", "average_load", "recycled_share", "recycling_busd_per_gl", "cap_gl_per_year")
    yield from (f"{key} must be given" for key in keys if key not in water)
    sites = {site.site for site in case.tables["sites"]}
    unknown = set(water.get("cap_gl_per_year", {})) - sites
    yield from (f"cap_gl_per_year: there is no site {key!r}" for key in sorted(unknown))


def audit(case, tables):
    """Recompute the water from what is installed, and hold it against the cap."""
    water = case.model.families.own["water"]
    installed_mw = {}
    for row in tables["capacity"]:
        place = row["period"], row["site"]
        installed_mw[place] = installed_mw.get(place, 0.0) + row["it_mw"]
    for row in tables["power"]:
        needed = gl_per_gw_year(water) * installed_mw.get((row["period"], row["site"]), 0.0) / 1000
        where = f"water at {row['site']} in {row['period']}"
        if abs(row["x_water_needed_gl"] - needed) > 1e-6:
            yield f"{where}: the plan says {row['x_water_needed_gl']:.6g} GL are needed, it is {needed:.6g}"
        cap = water["cap_gl_per_year"].get(row["site"], float("inf"))
        if needed - row["x_water_recycled_gl"] > cap + 1e-6:
            yield f"{where}: {needed - row['x_water_recycled_gl']:.6g} GL are drawn, at most {cap:.6g} may be"
        if not -1e-6 <= row["x_water_recycled_gl"] <= water["recycled_share"] * needed + 1e-6:
            yield f"{where}: {row['x_water_recycled_gl']:.6g} GL cannot be recycled of {needed:.6g}"


# %% [markdown]
# ## All together

# %%
WATER = Family(
    name="water",
    build=build,
    requires=("chip_mix",),  # built before: the chips that are installed
    columns=(
        PlanColumn("power", "x_water_needed_gl", needed_gl, "water that evaporates, GL a year"),
        PlanColumn("power", "x_water_recycled_gl", recycled_gl, "the part of it that is recycled, GL a year"),
    ),
    check=check,
    audit=audit,
)

case = case.with_families(WATER)
plan = case.solve(gap=GAP)
free = Case.read(CASE).solve(gap=GAP)
print(f"cost ${plan.cost_busd:.4f}B, without the cap ${free.cost_busd:.4f}B")
water = plan.power[["period", "site", "it_mw", "x_water_needed_gl", "x_water_recycled_gl"]]
print(water.round(3).to_string(index=False))
print(plan.spend.query("item == 'x_water_recycling'").to_string(index=False))

# %% [markdown]
# The family stays with the case: what-ifs of it and every study (`front`, `tornado`, `replan`, ...) keep it. How much
# less water is worth, by what-ifs on the model file's section:

# %%
for cap in (0.6, 0.5, 0.45, 0.4):
    dry = case.what_if([f"model.families.own.water.cap_gl_per_year.{SITE}={cap}"]).solve(gap=GAP)
    moved = dry.power.query(f"site == '{SITE}'")["it_mw"].max()
    print(f"{cap:.2f} GL a year: ${dry.cost_busd:.4f}B, at most {moved:.0f} IT MW at {SITE}")

# %% [markdown]
# The plan is like any other: it can be written (`plan.write("plans/water")`), read again with its columns, compared.
# `planner audit plans/water` recomputes everything but the water, and says that; `audit_folder("plans/water",
# families=[WATER])` recomputes the water as well.
