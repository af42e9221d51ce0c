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
# # When a case cannot be met
#
# Two things can go wrong. Usually there are plans, but each leaves something unserved, unprotected or unpaid;
# sometimes there is no plan at all. In both cases the planner names limits that are in conflict, and changes each of
# which is enough, both proven. On the case `three_sites`, which is small enough to check by hand.
#
# It needs the extra `report` for its picture: `pip install 'gigaplan[report]'`. The guide is `docs/explain.md`; in a
# terminal it is `planner explain CASE`.

# %%
import matplotlib.pyplot as plt
import pandas as pd

from planner import Case, InfeasibleError, diagnose

# %% tags=["parameters"]
CASH_OF_2027_BUSD = 0.1

# %%
case = Case.read("three_sites")
plan = case.solve(gap=0.0)
print(f"as it is: cost ${plan.cost_busd:.2f}B, unserved {plan.summary['unserved_share']:.1%}")

# %% [markdown]
# ## Too little money
#
# Hardly any cash in 2027. There is a plan, which misses as little as possible, in a fixed order; its table
# `shortfalls` names it.

# %%
poor = case.what_if([f"budget[2027].cash_limit_busd={CASH_OF_2027_BUSD}"])
short = poor.solve(gap=0.0)
print(f"cost ${short.cost_busd:.2f}B, unserved {short.summary['unserved_share']:.1%}")
short.shortfalls[["tier", "period", "rule", "market", "workload", "amount", "unit"]]

# %% [markdown]
# Why? `diagnose` looks for limits that cannot all be kept, while without any one of them the others could, and for
# ways out.

# %%
found = diagnose(poor)
print(found.verdict)
for limit in found.limits:
    print("-", limit.name, f"({limit.states})" if limit.states else "")

# %% [markdown]
# Each way out is enough by itself, and its amount is the least that is: the changed case was solved in whole blocks.

# %%
pd.set_option("display.max_colwidth", None)
pd.DataFrame(
    {"way out": way.title, "changes": "; ".join(map(str, way.edits)), "proven": way.proven} for way in found.ways
)

# %% [markdown]
# A way out is a list of changes like any other: apply it, and the case is met.

# %%
repaired = {}
for way in found.ways:
    met = poor.what_if(way.changes)
    assert diagnose(met).verdict == "met"
    repaired[way.title] = met.solve(gap=0.0).cost_busd
ways_figure, axes = plt.subplots(figsize=(7, 0.8 + 0.45 * len(repaired)), layout="constrained")
axes.barh(list(repaired), list(repaired.values()), color="#0b7285")
axes.axvline(plan.cost_busd, color="black", linewidth=0.8, linestyle=":", label="the case as it is")
axes.set_xlabel("cost of the plan that meets everything, $B")
axes.invert_yaxis()
ways_figure.legend(loc="outside upper right", fontsize=8)
plt.close(ways_figure)
ways_figure

# %% [markdown]
# They are not to be chosen by this cost alone: what it takes to bring one about, only the company knows.
#
# ## No plan at all
#
# A decision that is forced, and a site that has no room for it: no plan keeps both, whatever is left unserved.

# %%
impossible = case.what_if(
    [
        "sites[north].max_it_mw=100",
        "model.forced=[{offer='north_cloud',by=2026,blocks=8}]",
    ]
)
try:
    impossible.solve(gap=0.0)
except InfeasibleError as error:
    reason = error.diagnosis
print(*reason.lines(), sep="\n")
