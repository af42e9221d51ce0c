"""A constraint family outside the package: IT MW at a site need water, what is beyond a cap is recycled for money."""

import pyomo.environ as pyo

from planner import Family, PlanColumn
from planner.program.sums import installed_gw


def settings(case):
    """What the model file says."""
    return case.model.families.own["water"]


def build(m, inputs, ledger):
    """A variable, a row for each site and period, and the cost of what is recycled."""
    water = settings(inputs.case)

    def needed(m, site, t):
        offers = [key for key, offer in inputs.offers.items() if offer.site == site]
        pairs = [(offer, role) for offer in offers for role in inputs.roles(offer)]
        return water["gl_per_gw_year"] * sum(installed_gw(m, inputs, *pair, t).expression() for pair in pairs)

    sites = list(water["cap_gl_per_year"])
    m.e_water_needed_gl = pyo.Expression(sites, inputs.periods, rule=needed)
    m.v_water_recycled_gl = pyo.Var(sites, inputs.periods, domain=pyo.NonNegativeReals)

    @m.Constraint(sites, inputs.periods)
    def c_water(m, site, t):
        return m.e_water_needed_gl[site, t] - m.v_water_recycled_gl[site, t] <= water["cap_gl_per_year"][site]

    for site in sites:
        for t in inputs.periods:
            busd = water["recycling_busd_per_gl"] * inputs.length_years(t)
            ledger.pay("x_water", "primary", t, busd, m.v_water_recycled_gl[site, t])


def recycled(solution, row):
    """Water recycled at the site of a row of the table `power`."""
    place = row["site"], solution.period(row)
    known = place in solution.model.v_water_recycled_gl
    return pyo.value(solution.model.v_water_recycled_gl[place]) if known else 0.0


def check(case):
    """The sites with a cap exist."""
    sites = {site.site for site in case.tables["sites"]}
    yield from (f"there is no site {key!r}" for key in settings(case)["cap_gl_per_year"] if key not in sites)


def audit(case, tables):
    """Nobody draws more than the cap."""
    water = settings(case)
    for row in tables["power"]:
        cap = water["cap_gl_per_year"].get(row["site"])
        drawn = water["gl_per_gw_year"] * row["it_mw"] / 1000 - row["x_water_recycled_gl"]
        if cap is not None and drawn > cap + 1e-6:
            yield f"{row['site']} draws {drawn:.6g} GL in {row['period']}, at most {cap:.6g}"


WATER = Family(
    "water",
    build,
    requires=("chip_mix",),
    columns=(PlanColumn("power", "x_water_recycled_gl", recycled, "water recycled, GL a year"),),
    check=check,
    audit=audit,
)
