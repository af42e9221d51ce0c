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
# # A first plan
#
# From a case to a plan, and what can be read in it: what is built where and by whom, its spending against the budget,
# and the head-room that each loss leaves.
#
# It needs the extra `report`: `pip install 'gigaplan[report]'`.

# %%
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from planner import Case

# %% tags=["parameters"]
GAP = 0.005  # relative gap between cost and bound at which to stop: half a per cent

# %% [markdown]
# ## A case
#
# The starter case is a small, commented case of your own: four campuses, three chips, two markets, five years. In a
# terminal it is `planner new my-case`: a folder with a model file and a table for each subject, to be edited with any
# editor. (In a spreadsheet: the next notebook.)

# %%
work = TemporaryDirectory()
folder = Path(work.name) / "my-case"
subprocess.run([sys.executable, "-m", "planner", "new", str(folder)], check=True, capture_output=True)
print(*sorted(file.name for file in folder.iterdir()), sep="\n")

# %% [markdown]
# `Case.read` checks every table and reports all errors at once; `warnings` lists what is unusual but allowed. The
# name of a shipped case can be given instead of a folder: `Case.read("stargate")`.

# %%
case = Case.read(folder)
print(case.model.title)
for warning in case.warnings():
    print("-", warning)

# %% [markdown]
# ## Solve
#
# The plan comes with its cost (present value), a lower bound on the cost of every plan, and the gap between them. It
# has passed an audit: independent code recomputes every limit and every payment from the case; a plan that fails its
# audit is never returned.

# %%
plan = case.solve(gap=GAP)
s = plan.summary
print(f"{s['status']}: cost ${s['cost_busd']:.2f}B, at least ${s['bound_busd']:.2f}B, gap {s['gap']:.2%}")
print(f"unserved demand {s['unserved_share']:.2%}; audit: {s['audit']['checks']} checks passed")

# %% [markdown]
# ## Where
#
# Every figure of a plan is a figure of matplotlib, to change or to save (`.savefig("map.png")`).

# %%
map_figure = plan.plot.map()
map_figure

# %% [markdown]
# ## Capacity
#
# Installed IT GW by provider. The lines say what it is for: what demand uses, what programmes ask for, and what must
# be there so that any one site may be lost.

# %%
capacity_figure = plan.plot.capacity()
capacity_figure

# %% [markdown]
# Every table of a plan is a tidy DataFrame: one row, one fact. The largest contracts that the plan decides, besides
# those that are signed:

# %%
decided = plan.contracts.query("origin == 'decided'").sort_values(["it_mw", "contract"], ascending=[False, True])
print(f"{len(decided)} contracts decided; the largest:")
decided[["contract", "site", "provider", "tenure", "role", "it_mw"]].head(6)

# %%
timeline_figure = plan.plot.timeline()
timeline_figure

# %% [markdown]
# ## Money
#
# Spending by role against what may be spent, $B nominal. Unspent money is carried into the next year.

# %%
cash_figure = plan.plot.cash()
cash_figure

# %%
budget = plan.budget.set_index("period")
tightest = budget["slack_busd"].astype(float).idxmin()
print(f"The tightest year is {tightest}: ${float(budget.loc[tightest, 'slack_busd']):.2f}B of the budget are left.")
print(f"Backup: ${s['spend_backup_busd']:.1f}B spent, ${s['backup_income_busd']:.1f}B earned while idle.")

# %% [markdown]
# The table `spend` holds all money of the plan, by calendar year. `payee` is who is paid; `provider` is where the
# capacity is: chips and energy of a campus are paid to others. What is owed to whom in 2029 is, on the command line,
# `planner show PLAN spend --where year=2029 --by payee`.

# %%
paid = plan.spend.query("part == 'spend' and year == 2029")
paid.pivot_table(index="payee", columns="provider", values="amount_busd", aggfunc="sum", fill_value=0.0).round(2)

# %% [markdown]
# ## After a loss
#
# The case asks that the critical part of demand can be carried without any one site. The table `contingencies`
# certifies every loss; 0 % means that what is left is just enough.

# %%
contingencies_figure = plan.plot.contingencies()
contingencies_figure

# %% [markdown]
# ## Keep it
#
# A plan is kept as a folder with its summary, its tables as CSV, and the case itself, so that anyone can look at it
# (`planner show PLAN`), show it to others as one page (`planner report PLAN`) and recompute it (`planner audit
# PLAN`).

# %%
plan.write(Path(work.name) / "first")
print(*sorted(file.name for file in (Path(work.name) / "first").iterdir()), sep="\n")
work.cleanup()
