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
# # Backup, redundancy and head-room
#
# What it costs to survive a loss, how that cost grows with what must survive, and how head-room for a spike of demand
# differs from backup. On the starter case: four campuses, five years.
#
# It needs the extra `report`: `pip install 'gigaplan[report]'`. The guide is `docs/redundancy.md`; head-room is in
# `docs/capacity.md`.

# %%
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib.pyplot as plt
import pandas as pd

from planner import Case, compare, cost_curve, cost_of_rules

# %% tags=["parameters"]
GAP = 0.01  # relative gap between cost and bound at which to stop: 1 %
SHARES = (0.0, 0.5, 1.0)  # critical shares of training that are tried

# %%
work = TemporaryDirectory()
folder = Path(work.name) / "starter"
subprocess.run([sys.executable, "-m", "planner", "new", str(folder)], check=True, capture_output=True)
case = Case.read(folder)
work.cleanup()
for rule in case.model.families.redundancy.rules:
    print(f"{rule.name}: after the loss of {rule.k} {rule.domain}, {rule.critical_share} of demand can be carried")

# %% [markdown]
# ## What the rule costs
#
# Two plans: with the rule and without it. The cost of the rule is their difference; because each plan is proven to
# within a gap, so is the difference: it lies in the stated range.

# %%
rules = cost_of_rules(case, gap=GAP)
table = rules.table()
table[["dropped", "cost_busd", "bound_busd", "saved_busd", "saved_low_busd", "saved_high_busd"]].round(2)

# %% [markdown]
# ## What must be there
#
# The dotted line is the IT GW that the rule needs: all capacity that the loss of a site takes away, and what then
# carries the critical demand. Backup is the part above what demand uses.

# %%
plan = rules.plan
capacity_figure = plan.plot.capacity("role")
capacity_figure

# %% [markdown]
# What is left after each loss, in each year. 0 % means that the loss binds: what is left is just enough, and the rule
# decided the capacity of that year.

# %%
contingencies_figure = plan.plot.contingencies()
contingencies_figure

# %% [markdown]
# The losses that bind most often, and what would then carry what: the table `recovery` states, for each loss, which
# site serves which market.

# %%
binding = plan.contingencies.query("binding == 'yes'")
print(binding.groupby("contingency").size().rename("years in which it binds").to_string())
worst = binding.sort_values(["lost_it_mw", "period"], ascending=[False, True]).iloc[0]
print(f"\nThe largest of them: {worst['contingency']} in {worst['period']}, {worst['lost_it_mw']:.0f} IT MW lost.")
recovery = plan.recovery.query(f"contingency == '{worst['contingency']}' and period == {worst['period']}")
recovery.pivot_table(
    index=["market", "workload"], columns="site", values="compute", aggfunc="sum", fill_value=0.0
).round(1)

# %% [markdown]
# ## How much of training must survive?
#
# All inference is critical here, and 60 % of training. Training that may pause lends its chips to inference after a
# loss: the less of it is critical, the less idle backup is needed.

# %%
curve = cost_curve(case, SHARES, workload="training", gap=GAP).table()
curve[["share", "cost_busd", "bound_busd", "backup_spent_busd"]].round(2)

# %%
curve_figure, axes = plt.subplots(figsize=(7, 3.6), layout="constrained")
axes.plot(100 * curve["share"], curve["cost_busd"], "o-", label="cost of the plan")
axes.plot(100 * curve["share"], curve["bound_busd"], ":", color="grey", label="proven: no plan costs less")
axes.set_xlabel("training that must survive the loss of any one site, %")
axes.set_ylabel("cost, $B present value")
axes.legend()
plt.close(curve_figure)
curve_figure

# %% [markdown]
# ## Head-room
#
# A rule with the domain `none` loses nothing; its shares above 1 ask for more than the demand. Here users may
# suddenly need 30 % more inference, from 2028 on; training goes on. Backup that stands idle can serve as head-room,
# so both rules together cost less than the sum of their parts.

# %%
HEAD_ROOM = {
    "name": "spike of use",
    "domain": "none",
    "k": 1,
    "critical_share": {"training": 1.0, "inference": 1.3},
    "first_year": 2028,
}
rule = case.model.families.redundancy.rules[0].model_dump(mode="json", exclude_none=True)


def with_rules(*rules):
    """The case with these rules in the place of its own."""
    change = {"op": "set", "place": "model.families.redundancy.rules", "value": list(rules)}
    return case.what_if([change])


variants = {
    "no rule": [],
    "any one site": [rule],
    "head-room": [HEAD_ROOM],
    "both": [rule, HEAD_ROOM],
}
plans = {}
for name, some in variants.items():
    changed = with_rules(*some) if some else case.what_if(["model.families.redundancy="])
    plans[name] = changed.solve(gap=GAP)
rows = {
    name: {
        "cost, $B": found.cost_busd,
        "at least": found.bound_busd,
        "backup spent, $B": found.summary["spend_backup_busd"],
        "backup in 2030, IT MW": found.capacity.query("role == 'backup' and period == 2030")["it_mw"].sum(),
    }
    for name, found in plans.items()
}
pd.DataFrame(rows).T.round(2)

# %% [markdown]
# Where the two plans differ, by the parts of the cost:

# %%
waterfall_figure = compare(plans["any one site"], plans["both"]).plot.waterfall()
waterfall_figure
