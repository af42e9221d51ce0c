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
# # A plan under uncertainty
#
# Contracts are signed before it is known what comes. Which of them are right whatever comes, which are a bet, what does
# a careful plan pay for being careful, and what is backup worth when the future is not known?
#
# It needs the extra `report`: `pip install 'gigaplan[report]'`. The guide is `docs/uncertainty.md`.

# %%
from datetime import date
from itertools import product

import pandas as pd

from planner import Case, ScenarioSet, risk, scenario

# %% tags=["parameters"]
GAP = 0.001  # relative gap between the value over all futures and its bound at which to stop: 0.1 %
LEVEL, WEIGHT = 0.8, 0.9  # the careful plan: weight of the mean cost of the worst fifth of the futures
PRICES = {"unserved": 0.1, "protection": 0.05}  # $B for a unit of compute not served, or not protected, for a year
LONG = 2.0  # years for which a campus that is lost stays lost

# %% [markdown]
# ## Nine futures
#
# Three campuses in two years, in blocks of 10 IT MW, by invented numbers. Contracts that start in 2026 must be signed
# now and run for two years; those that start in 2027 can wait a year. Two things are not known: the demand of 2027, and
# whether the north campus, the cheapest, is ready in time. A future is a name, a probability and a list of changes.

# %%
case = Case.read("three_sites", ["offers.block_it_mw=10"])
DEMAND = {"small": (0.25, 0.7), "planned": (0.5, 1.0), "large": (0.25, 1.3)}
NORTH = {"on_time": (0.7, None), "a_year_late": (0.2, "2027-01-01"), "never": (0.1, "2030-01-01")}


def future(demand, north):
    """One future: a share of the demand of 2027, and the first start at the north campus."""
    (chance, share), (other, start) = DEMAND[demand], NORTH[north]
    grown = {"op": "scale", "table": "demand", "column": "compute", "where": {"year": 2027}, "factor": share}
    late = {"op": "set", "place": "offers[north_cloud].first_start", "value": start}
    changes = ([grown] if share != 1.0 else []) + ([late] if start else [])
    return scenario(f"{demand}-{north}", chance * other, changes)


futures = ScenarioSet(tuple(future(*names) for names in product(DEMAND, NORTH)), "by hand", None)
pd.DataFrame(
    [(one.name, one.probability, len(one.changes)) for one in futures], columns=["future", "chance", "changes"]
)

# %% [markdown]
# ## What the plan of the case bets on
#
# The plan for the one future that the case states is the cheapest in that future. `risk` finds what to sign now so that
# all nine together cost least, and states what signing as the plan of the case does would cost instead.

# %%
neutral = risk(case, futures, gap=GAP, workers=1, prices=PRICES, cvar=LEVEL, weight=0.0)
print(f"The plan of the case costs ${neutral.plan.cost_busd:.2f}B if all comes as planned.")
print(f"Signing what it signs costs ${neutral.summary()['fixed_busd']:.2f}B on average over the futures.")
print(f"Signing for all of them costs ${neutral.value_busd:.2f}B, which is proven to {neutral.gap:.1%}.")
print(f"Value of the stochastic solution: {neutral.vss}")
print(f"Value of perfect information:     {neutral.evpi}")

# %%
signed_by_case = (
    neutral.plan.contracts.query("origin == 'decided' and start_period == 2026").groupby("offer")["blocks"].sum()
)
signed_for_all = neutral.table("orders").groupby("what")["amount"].sum()
pd.DataFrame({"plan of the case": signed_by_case, "all futures": signed_for_all}).fillna(0).astype(int)

# %% [markdown]
# The plan of the case bets on the north campus: more of it, and less elsewhere. In most futures that is right, and
# there the dashed line lies to the left. If the campus is late or never comes, what was signed elsewhere does not carry
# the demand.

# %%
costs_figure = neutral.plot.costs()
costs_figure

# %% [markdown]
# ## What the careful plan pays
#
# The careful plan minimises mostly the mean cost of the worst fifth of the futures (CVaR). It costs more on average,
# and less where it hurts.

# %%
careful = risk(case, futures, gap=GAP, workers=1, prices=PRICES, cvar=LEVEL, weight=WEIGHT)
rows = {name: found.summary() for name, found in (("risk-neutral", neutral), ("careful", careful))}
columns = {
    "expected_busd": "expected",
    "cvar_busd": "worst fifth",
    "worst_busd": "worst",
    "p10_busd": "P10",
    "p90_busd": "P90",
}
table = pd.DataFrame(rows).T[list(columns)].rename(columns=columns).astype(float).round(2)
table

# %%
premium = table.loc["careful", "expected"] - table.loc["risk-neutral", "expected"]
spared = table.loc["risk-neutral", "worst fifth"] - table.loc["careful", "worst fifth"]
print(f"It pays ${premium:.2f}B on average, and spares ${spared:.2f}B in the worst fifth of the futures.")
careful.table("orders")[["what", "role", "period", "sign_by", "amount", "late_share", "lapsed_share"]].round(3)

# %% [markdown]
# ## What must be signed this year in every future
#
# The first column is what is signed now. The others say what each future would order more or less by the same date if
# it were known, and what can wait until when. What every future orders by itself is no regret.

# %%
commit_figure = neutral.plot.commit()
commit_figure

# %%
decisions = neutral.table("decisions")
decisions["in every future"] = decisions[["now", "alone_least"]].min(axis=1)
decisions[["what", "role", "period", "now", "in every future", "alone_most", "decision"]].round(2)

# %% [markdown]
# What follows is decided when more is known. The band is where eight futures in ten stay.

# %%
fan_figure = neutral.plot.fan("capacity")
fan_figure

# %% [markdown]
# ## What it is worth to know by the next date
#
# So far what is signed in 2027 is signed with the future known. If by then it has only shown itself whether the north
# campus came, and not how large the demand is, the futures fall into groups that nothing distinguishes. What each group
# signs then is decided once for all of its futures. A column is read downwards.

# %%
rolled = risk(case, futures, gap=GAP, workers=1, prices=PRICES, then=[date(2027, 1, 1)], learn=["offers"])
policy_figure = rolled.plot.policy()
policy_figure

# %%
print(f"Decided by what has shown itself, the futures cost ${rolled.policy.value_busd:.2f}B on average.")
print(f"Knowing no more than that: {rolled.policy.waiting}")
groups = rolled.table("groups")[["group", "distinguished_by", "probability", "value_busd", "bound_busd"]]
groups.round(3)

# %% [markdown]
# ## What the backup is worth when the future is not known
#
# The case has one redundancy rule: after the loss of any one campus, four fifths of the demand can still be carried.
# Without the rule the same questions are asked again; the difference is what the rule costs.

# %%
free = case.what_if([{"op": "relax", "place": "model.families.redundancy.rules[any one site]"}])
without = risk(free, futures, gap=GAP, workers=1, prices=PRICES, cvar=LEVEL, weight=0.0)
known = neutral.plan.cost_busd - without.plan.cost_busd
backup = neutral.table("futures").set_index("future")[["probability", "cost_busd", "missing"]]
backup["without_busd"] = without.table("futures").set_index("future")["cost_busd"]
backup["backup_busd"] = backup["cost_busd"] - backup["without_busd"]
over_all = neutral.value_busd - without.value_busd
print(f"The rule costs ${known:.2f}B if all comes as planned,")
print(f"and ${over_all:.2f}B on average over the futures, what it then lacks at its price included.")
backup.drop(columns="missing").round(2)

# %% [markdown]
# Where the north campus never comes, the two others must carry what three should: protection is missing there, at the
# price that the study puts on it. Against that stands what a loss costs without backup: all that the largest campus
# serves, for as long as the loss lasts, less the fifth that the rule allows to be lost. What is not served is priced as
# in the study.

# %%
served = without.plan.served.query("period == 2027").groupby("site")["compute"].sum()
price = without.prices["unserved"]
avoided = served.max() - 0.2 * served.sum()
print(f"Without backup the loss of {served.idxmax()} in 2027 takes {served.max() / served.sum():.0%} of the demand.")
print(
    f"Backup then saves {avoided:.0f} units of compute a year at ${1000 * price:.0f}M: ${avoided * price:.2f}B a year."
)
for name, cost in (("as planned", known), ("over all futures", over_all)):
    chance = cost / (LONG * avoided * price)
    print(f"It pays, {name}, if such a loss of {LONG:.0f} years is more probable than {chance:.0%}.")
