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
# # The questions of the brief
#
# A company with $450B to spend by 2035 asks: what if its custom chips are twice as good, or never come, a provider
# drops out, power costs 50 % more, or nothing needs to be survived? This is the case `stargate`, whose sources and
# assumptions are in `docs/cases.md`.
#
# Each question is a what-if of the shipped file `models/whatifs/stargate.toml`: a few named changes, with their source.
# A sweep solves them in parallel; each result is an audited plan with its proven gap, or a proof that there is none. A
# few are asked here. `ONLY = ()` asks all of the file, with those about money, which leave something unmet and take
# minutes each; the answers to all are in `docs/readings.md`.
#
# It needs the extra `report` for its pictures: `pip install 'gigaplan[report]'`.

# %%
import matplotlib.pyplot as plt
import pandas as pd

from planner import Case, compare, sweep

# %% tags=["parameters"]
CASE = "stargate"
GAP = 0.01  # of each plan
WORKERS = 2  # processes of this machine
ONLY = (
    "custom-chips-twice-as-good",
    "custom-chips-never",
    "coreweave-drops-out",
    "power-price-plus-50",
    "no-redundancy",
)  # names of what-ifs; empty: all of the file

# %% [markdown]
# ## Solve

# %%
case = Case.read(CASE)
found = sweep(case, "stargate", only=ONLY, workers=WORKERS, gap=GAP)
print(case.model.title)
print(f"{len(found.names)} runs")

# %% [markdown]
# ## The plan of the base

# %%
map_figure = found.plan("base").plot.map()
map_figure

# %%
capacity_figure = found.plan("base").plot.capacity()
capacity_figure

# %% [markdown]
# ## Answers
#
# One row per what-if, $B of present value. Where money or chips are not sufficient for everything, a plan misses as
# little as possible, in order: payments of signed contracts, demand, programmes, protection, head-room; its table
# `shortfalls` names what.

# %%
summary = found.summary()
summary[["status", "gap", "cost", "cost_less_base", "unserved_share", "spend_backup"]].round(3)

# %% [markdown]
# The difference of two plans is known only up to their gaps: it lies between the changed bound less the cost of the
# base, and the changed cost less the bound of the base. If that range contains zero, the difference is not
# significant.

# %%
measures = found.table().pivot(index="name", columns="measure", values="value").reindex(found.names)
base = measures.loc["base"]
measures["least"] = measures["cost_bound"] - base["cost"]
measures["most"] = measures["cost"] - base["cost_bound"]

QUESTIONS = {
    "custom-chips-twice-as-good": "What if the custom chips are twice as good?",
    "custom-chips-never": "What if the custom chips never come?",
    "coreweave-drops-out": "What if CoreWeave drops out?",
    "power-price-plus-50": "What if power costs 50 % more?",
    "no-redundancy": "What if nothing needs to be survived?",
}


def answer(name):
    """Describe the result of a what-if in one line."""
    row = measures.loc[name]
    if pd.isna(row["cost"]):
        return f"no plan ({found.status[name]})"
    change = f"cost ${row['cost']:.1f}B, {row['cost'] - base['cost']:+.1f}"
    change += f" (between {row['least']:+.1f} and {row['most']:+.1f})"
    if row["unserved_share"] > 5e-7:
        change += f", {row['unserved_share']:.1%} of demand unserved"
    missed = found.plan(name).shortfalls["tier"].drop_duplicates()
    change += "".join(f"; {tier} falls short" for tier in missed if tier != "unserved")
    return f"{change}; backup ${row['spend_backup']:.0f}B"


print(f"The case itself: cost ${base['cost']:.1f}B, at least ${base['cost_bound']:.1f}B\n")
for name in found.names:
    if name != "base":
        print(QUESTIONS.get(name, name), answer(name), sep="\n  ")

# %% [markdown]
# ## Changes of the cost
#
# What each run costs more or less than the base; pale where the gaps leave the difference open. Two plans that do not
# do the same (less demand served, something missed) are not to be compared by cost.

# %%
costs_figure = found.plot.costs()
costs_figure

# %% [markdown]
# ## Capacity by provider
#
# Capacity at the end of the horizon, compared with the plan of the base. A red cell: the provider has less than in
# the base.

# %%
last = measures.filter(like="capacity_end.").fillna(0.0).rename(columns=lambda name: name.removeprefix("capacity_end."))
moved = (last - last.loc["base"]).drop(index="base").loc[measures["cost"].drop("base").notna()] / 1000
moved = moved.loc[:, moved.abs().max() > 1e-6]
widest = max(0.001, moved.abs().to_numpy().max(initial=0.0))
providers_figure, axes = plt.subplots(figsize=(8, 1.6 + 0.3 * len(moved)), layout="constrained")
image = axes.imshow(moved.to_numpy(), cmap="RdBu", vmin=-widest, vmax=widest, aspect="auto")
axes.set_xticks(range(len(moved.columns)), moved.columns, rotation=60, ha="right", fontsize=8)
axes.set_yticks(range(len(moved)), moved.index, fontsize=8)
providers_figure.colorbar(image, label="change of IT GW")
plt.close(providers_figure)
providers_figure

# %% [markdown]
# ## Details
#
# Every run is a plan like any other. What changes from one to another, in which part of the cost (the guide is
# `docs/compare.md`):

# %%
changed = measures["cost"].drop("base").dropna().index[0]
waterfall_figure = compare(found.plan("base"), found.plan(changed)).plot.waterfall()
waterfall_figure
