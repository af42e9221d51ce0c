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
# One row per what-if. Where money or chips are not sufficient for everything, a plan misses as little as possible, in
# order: payments of signed contracts, demand, programmes, protection, head-room; its table `shortfalls` names what.

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
    "Budget: what if it is 20 % smaller, or the $450B are there by 2030, or the for-profit conversion fails?": [
        "budget-minus-20",
        "budget-to-2030",
        "for-profit-fails",
    ],
    "Stargate's 4.5 GW of facility power: what if they are an option, a year late, or not kept after 2032?": [
        "programme-free",
        "programme-a-year-late",
        "programme-to-2032",
    ],
    "Backup: what if it may cost nothing, $50B, $150B?": [
        "backup-envelope.0",
        "backup-envelope.50",
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
# a plan, and those that leave demand unserved: their costs are not comparable with that of a plan that serves all.

# %%
comparable = measures[measures["cost"].notna() & (measures["unserved_share"] <= 5e-7)].drop(index="base")
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
# What cannot be served, in per cent of all demand.

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
# `docs/readings.md` has the answers to all what-ifs shipped for `stargate`, as measured on 2026-11-26 at a gap of 1 %.
