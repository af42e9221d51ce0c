# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # What-ifs
#
# Questions about the case `stargate`: what if the partner keeps more of the revenue, custom chips are late or twice as
# good, the budget is 20 % smaller, backup may cost less or more, a provider drops out?
#
# Each question is a what-if of the shipped file `models/whatifs/stargate.toml`: a few named changes, with their
# source. A sweep solves them in parallel; each result is an audited plan with its proven gap, or a proof that there
# is none. All of them take minutes on two cores; `ONLY` selects some. The guide is `docs/what-ifs.md`.
# Its pictures need matplotlib (`pip install "gigaplan[plot]"`).

# %%
import matplotlib.pyplot as plt
import pandas as pd

from planner import Case, sweep

# %% tags=["parameters"]
CASE = "stargate"
GAP = 0.01  # of each plan
WORKERS = 2  # processes of this machine
ONLY = ()  # names of what-ifs; empty: all of the file
OUT = None  # a folder in which every run is stored as it ends, for `resume`

# %% [markdown]
# ## Solve

# %%
case = Case.read(CASE)
found = sweep(case, "stargate", only=ONLY, workers=WORKERS, gap=GAP, out=OUT, resume=OUT is not None)
print(f"{len(found.names)} runs in {found.seconds / 60:.1f} minutes on {WORKERS} workers")

# %% [markdown]
# One row per what-if. `infeasible` is a result: it is proven that no plan meets all rules. Redundancy rules require
# that a share of demand can be carried, whether it is served or not; if money or chips are not sufficient, they cannot
# be met. The what-ifs called `unprotected` omit them, and show the share of demand that remains unserved.

# %%
summary = found.summary()
print(
    summary[["status", "gap", "cost", "cost_less_base", "unserved_share", "spend_backup"]]
    .round(4)
    .to_string(na_rep="-")
)

# %% [markdown]
# ## Results
#
# The difference of two plans is known only up to their gaps: it lies between the changed bound less the cost of the
# base, and the changed cost less the bound of the base. If that range contains zero, the difference is not significant.

# %%
measures = found.table().pivot(index="name", columns="measure", values="value").reindex(found.names)
base = measures.loc["base"]
measures["least"] = measures["cost_bound"] - base["cost"]
measures["most"] = measures["cost"] - base["cost_bound"]

QUESTIONS = {
    "Revenue share: what if it stays at 20 %, or is 8 % from the start?": ["revenue-share-20", "revenue-share-8"],
    "Custom chips: what if they are a year late, are never available, or are twice as good?": [
        "custom-chips-late",
        "custom-chips-never",
        "custom-chips-twice-as-good",
    ],
    "Budget: what if it is 20 % smaller, or the $450B are spent by 2030, or the for-profit conversion fails?": [
        "budget-minus-20",
        "budget-to-2030",
        "for-profit-fails",
    ],
    "Backup: what if it may cost nothing, $50B, $100B, $150B?": [
        "backup-envelope.0",
        "backup-envelope.50",
        "backup-envelope.100",
        "backup-envelope.150",
    ],
    "Partners: what if one drops out, or its sites slip by a year?": [
        "coreweave-drops-out",
        "oracle-drops-out",
        "oracle-slips-a-year",
    ],
    "Supply: what if there are 30 % fewer chips, the Texas grid connects no further load, or power costs 50 % more?": [
        "chip-supply-minus-30",
        "ercot-freeze",
        "power-price-plus-50",
    ],
    "Integration: what if new providers and chips take twice as long?": ["integration-twice-as-slow"],
    "Demand: what if it is at the low or the high end?": ["demand-low", "demand-high"],
    "Redundancy: what if there are no redundancy rules?": ["no-redundancy"],
}


def answer(name: str) -> str:
    """Describe the result of a what-if in one line."""
    row = measures.loc[name]
    if pd.isna(row["cost"]):
        reason = f"no plan ({found.status[name]})"
        if found.status[name] in {"failed", "crashed"}:
            return f"{reason}: {found.rows[name][0]['reason']}"
        freed = f"unprotected.{name}+no-redundancy"
        if freed in measures.index and pd.notna(measures.loc[freed, "cost"]):
            reason += f"; without redundancy {measures.loc[freed, 'unserved_share']:.1%} of demand stays unserved"
        return reason
    change = f"cost ${row['cost']:.1f}B, {row['cost'] - base['cost']:+.1f}"
    change += f" (between {row['least']:+.1f} and {row['most']:+.1f})"
    if row["unserved_share"] > 5e-7:
        change += f", {row['unserved_share']:.1%} of demand unserved"
    return f"{change}; backup ${row['spend_backup']:.0f}B"


print(f"The case itself: cost ${base['cost']:.1f}B, at least ${base['cost_bound']:.1f}B\n")
for question, names in QUESTIONS.items():
    asked = [name for name in names if name in measures.index]
    if asked:
        print(question)
        print(*(f"  {name}: {answer(name)}" for name in asked), sep="\n")

# %% [markdown]
# ## Changes of the cost
#
# The bar is the difference of the plans found, the whisker its uncertainty due to the gaps. Not drawn: what-ifs without
# a plan, those that leave demand unserved, and those without redundancy except `no-redundancy` itself. Their costs are
# not comparable with the cost of a plan that serves and protects all demand.

# %%
comparable = measures[measures["cost"].notna() & (measures["unserved_share"] <= 5e-7)].drop(index="base")
comparable = comparable[~comparable.index.str.startswith("unprotected.")]
comparable = comparable.assign(change=comparable["cost"] - base["cost"]).sort_values("change")

figure, axes = plt.subplots(figsize=(9, 0.6 + 0.3 * max(4, len(comparable))), layout="constrained")
whiskers = [comparable["change"] - comparable["least"], comparable["most"] - comparable["change"]]
axes.barh(
    comparable.index, comparable["change"], xerr=whiskers, capsize=2, ecolor="#555555", error_kw={"linewidth": 0.8},
    color=["#c92a2a" if change > 0 else "#0b7285" for change in comparable["change"]],
)  # fmt: skip
axes.axvline(0.0, color="black", linewidth=0.8)
axes.set_xlabel("change of cost (present value, $B)")
axes.set_title(f"Change of the cost of `{CASE}` (${base['cost']:.0f}B)")
cost_figure = figure

# %% [markdown]
# ## Unserved demand
#
# If the rules cannot be met: the same question without redundancy.

# %%
short = measures.loc[measures["unserved_share"] > 5e-7, "unserved_share"].sort_values() * 100
if len(short):
    figure, axes = plt.subplots(figsize=(9, 0.8 + 0.3 * max(3, len(short))), layout="constrained")
    axes.barh(short.index, short, color="#e67700")
    axes.set_xlabel("demand unserved (% of compute, all years)")
    unserved_figure = figure
else:
    print("Every plan found serves all demand.")

# %% [markdown]
# ## Capacity by provider
#
# Capacity at the end of the horizon, compared with the plan of the base. A red cell: the provider has less than in
# the base.

# %%
last = measures.filter(like="capacity_end.").fillna(0.0).rename(columns=lambda name: name.removeprefix("capacity_end."))
moved = (last - last.loc["base"]).loc[comparable.index] / 1000
widest = max(0.001, moved.abs().to_numpy().max(initial=0.0))

figure, axes = plt.subplots(figsize=(9, 1.2 + 0.28 * max(4, len(moved))), layout="constrained")
image = axes.imshow(moved.to_numpy(), cmap="RdBu", vmin=-widest, vmax=widest, aspect="auto")
axes.set_xticks(range(len(moved.columns)), moved.columns, rotation=60, ha="right", fontsize=8)
axes.set_yticks(range(len(moved)), moved.index, fontsize=8)
figure.colorbar(image, label="change of IT GW at the end")
providers_figure = figure

# %% [markdown]
# ## Details
#
# Every run is a plan like any other: `found.plan("custom-chips-never").capacity`. To compare two of them, with what was
# added, dropped, moved and delayed: `planner.compare(found.plan("base"), found.plan("revenue-share-20"))`, see
# `docs/compare.md`.

# %% [markdown]
# ## Results of one run
#
# On 2026-11-23 (case hash 798071d5, every plan within 0.5 %, 30 runs in 8.2 minutes on two cores), in $B of present
# value; ranges result from the gaps:
#
# | what-if | result |
# |---|---|
# | the case itself | $223.1B, proven at least $222.1B |
# | revenue share 20 % / 8 % | no plan meets the rules; unprotected, 24.9 % of demand is unserved / -0.2 |
# | custom chips a year late / never | +0.8 / +0.8: not significant at this gap |
# | custom chips twice as good | $180.2B: 41.8 to 43.7 less |
# | budget 20 % smaller | no plan: signed rents of 2026 ($15.8B) exceed the remaining budget ($13.6B) |
# | the for-profit conversion fails | no plan meets the rules; unprotected, all demand is served for $190.4B |
# | 30 % fewer chips / power 50 % more expensive | +1.0 (+0.1 to +2.1) / +1.7 (+0.6 to +2.8) |
# | backup may cost nothing / 50 / 100 / 150 | no plan / +1.0 (-0.1 to +2.1) / the case itself / the same |
# | CoreWeave or Oracle drops out | no plan meets the rules; unprotected, without Oracle 0.3 % is unserved |
# | Oracle's sites slip by a year | -0.9 (-2.0 to +0.1): no significant increase |
# | the Texas grid connects no further load | +5.7 (+4.5 to +6.7) |
# | integration takes twice as long | +1.5 (+0.5 to +2.6) |
# | demand at the low end / the high end | $142.4B / no plan; unprotected, 17.1 % of the high demand is unserved |
# | no redundancy rules | 34.5 to 36.1 less: the cost of redundancy |
