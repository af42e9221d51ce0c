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
# # A first plan
#
# Solve the case `stargate` and look at the plan: what is built where and by whom, its spending against the budget,
# and the margin in each contingency that the plan must survive.
#
# This file is a notebook in text form. Open it with [jupytext](https://jupytext.readthedocs.io) (`jupytext --to
# notebook examples/01_first_plan.py`), or run it as a plain script from the root of the project: `python
# examples/01_first_plan.py`. Its pictures need matplotlib (`pip install "gigaplan[plot]"`).

# %%
import matplotlib.pyplot as plt
import pandas as pd

from planner import Case

# %% tags=["parameters"]
CASE = "stargate"
GAP = 0.01  # relative gap between cost and bound at which to stop: 1 %

# %% [markdown]
# ## Solve
#
# `Case.read` checks every table and reports all errors at once; `warnings` lists what is unusual but allowed.

# %%
case = Case.read(CASE)
print(case.model.title)
for warning in case.warnings():
    print("-", warning)

# %% [markdown]
# The plan comes with its cost (present value), a lower bound on the cost of every plan, and the gap between them. It
# has passed an audit: independent code recomputes every limit and every payment from the case; a plan that fails its
# audit is never returned.

# %%
plan = case.solve(gap=GAP)
s = plan.summary
print(f"{s['status']}: cost ${s['cost_busd']:.2f}B, at least ${s['bound_busd']:.2f}B, gap {s['gap']:.2%}")
print(f"unserved demand {s['unserved_share']:.2%}; audit: {s['audit']['checks']} checks passed")
print(f"{s['seconds']['total']:.0f} s, of them {s['seconds']['solve']:.0f} s in the solve")

# %% [markdown]
# ## Capacity by provider
#
# Every table of a plan is a tidy DataFrame: one row, one fact (`planner.plan.columns` describes the columns).
# Capacity is in IT MW, for signed and decided contracts together. Backup capacity is hatched.

# %%
capacity = plan.capacity
gigawatts = (
    capacity.pivot_table(index="period", columns=["role", "provider"], values="it_mw", aggfunc="sum").fillna(0.0) / 1000
)
largest_first = capacity.groupby("provider")["it_mw"].sum().sort_values(ascending=False).index
colours = dict(zip(largest_first, plt.get_cmap("tab20").colors * 2, strict=False))

figure, axes = plt.subplots(figsize=(9, 4.5), layout="constrained")
below = pd.Series(0.0, index=gigawatts.index)
for role in ("primary", "backup"):
    for provider in largest_first:
        if (role, provider) not in gigawatts:
            continue
        height = gigawatts[role, provider]
        label = provider if role == "primary" else f"{provider} (backup)"
        axes.bar(
            height.index, height, bottom=below, color=colours[provider], label=label,
            hatch="///" if role == "backup" else None, edgecolor="white", linewidth=0.3,
        )  # fmt: skip
        below = below + height
axes.set_ylabel("installed capacity (IT GW)")
axes.set_title("Capacity by provider")
axes.legend(fontsize=7, ncols=1, loc="center left", bbox_to_anchor=(1.0, 0.5))
capacity_figure = figure

# %% [markdown]
# The largest contracts that the plan decides, besides those that are signed.

# %%
decided = plan.contracts.query("origin == 'decided'").sort_values("it_mw", ascending=False)
print(f"{len(decided)} contracts decided; the largest:")
print(decided[["contract", "site", "provider", "tenure", "role", "it_mw"]].head(8).to_string(index=False))

# %% [markdown]
# ## What do we owe Oracle in 2029?
#
# The table `spend` holds all money of the plan, by calendar year. `payee` is who is paid; `provider` is where the
# capacity is: chips and energy of a campus are paid to others. The same on the command line is
# `planner show PLAN spend --where payee=oracle --where year=2029 --by item`.

# %%
owed = plan.spend.query("payee == 'oracle' and year == 2029").groupby("item")["amount_busd"].sum()
print(f"Owed to Oracle in 2029: ${owed.sum():.2f}B nominal", owed.round(2).to_dict())
paid = plan.spend.query("part == 'spend' and year == 2029")
paid = paid.pivot_table(index="payee", columns="provider", values="amount_busd", aggfunc="sum", fill_value=0.0)
print("Paid in 2029, by payee (rows) and by provider of the capacity (columns), $B nominal:")
print(paid.round(2).to_string())

# %% [markdown]
# ## Spending against the limit
#
# All in nominal $B. Income from idle backup is deducted from spending. `limit_busd` is the budget of the period. If the
# case has carry-over, unspent money is carried into the next year: the dashed line includes what was carried in.

# %%
spend = (
    plan.spend.query("part == 'spend'")
    .pivot_table(index="period", columns="item", values="amount_busd", aggfunc="sum")
    .fillna(0.0)
)
budget = plan.budget.set_index("period").apply(pd.to_numeric)

figure, axes = plt.subplots(figsize=(9, 4.5), layout="constrained")
below = pd.Series(0.0, index=spend.index)
for number, item in enumerate(spend.sum().sort_values(ascending=False).index):
    axes.bar(spend.index, spend[item], bottom=below, label=item, color=plt.get_cmap("tab20")(number))
    below = below + spend[item]
axes.plot(budget.index, budget["limit_busd"], "k_-", drawstyle="steps-mid", linewidth=1.2, label="limit of the year")
axes.plot(
    budget.index,
    budget["limit_busd"] + budget["carried_in_busd"],
    "k--",
    linewidth=0.8,
    label="with what was carried in",
)
axes.set_ylabel("spending ($B, nominal)")
axes.set_title("Spending by item, and the budget")
axes.legend(fontsize=7, loc="center left", bbox_to_anchor=(1.0, 0.5))
spend_figure = figure

# %%
tightest = budget["slack_busd"].idxmin()
print(f"The tightest year is {tightest}: ${budget.loc[tightest, 'slack_busd']:.2f}B of the budget are left.")
print(f"Backup: ${s['spend_backup_busd']:.1f}B spent, ${s['backup_income_busd']:.1f}B earned while idle.")

# %% [markdown]
# ## Redundancy margins
#
# Each redundancy rule defines contingencies. The table `contingencies` certifies every one of them: the critical
# demand, and the margin of the tightest group of demands. The line is the worst contingency of each year; the table
# `recovery` states which site carries which demand.

# %%
losses = plan.contingencies.assign(margin=lambda t: 100 * t["margin_compute"] / t["critical_compute"])

figure, axes = plt.subplots(figsize=(9, 4), layout="constrained")
for number, (rule, rows) in enumerate(losses.groupby("rule", sort=False)):
    worst = rows.groupby("period")["margin"].min()
    spread = rows.groupby("period")["margin"].median()
    colour = plt.get_cmap("tab10")(number)
    axes.plot(worst.index, worst, "o-", color=colour, label=f"{rule}: worst contingency")
    axes.plot(spread.index, spread, ":", color=colour, label=f"{rule}: median contingency")
axes.axhline(0.0, color="black", linewidth=0.8)
axes.set_ylabel("margin (% of critical demand)")
axes.set_title("Redundancy margins")
axes.legend(fontsize=8)
margin_figure = figure

# %%
binding = losses.query("binding == 'yes'")
print(f"{len(losses)} contingencies certified, {len(binding)} of them binding. Most often:")
print(binding["contingency"].value_counts().head(8).to_string())

# %% [markdown]
# ## Store the plan
#
# `plan.write("plans/first")` writes a folder with the summary, the tables as CSV, and the case itself, so that anyone
# can look at it (`planner show plans/first`) and recompute it (`planner audit plans/first`). The next notebook is
# `02_what_ifs.py`.
