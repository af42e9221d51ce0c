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
# # Many machines
#
# A sweep solves a case under many changes. On one machine it runs in worker processes; on many, the same call gives
# its runs to a [Dask](https://distributed.dask.org) scheduler. This notebook starts a scheduler with two workers on
# this machine; on a real cluster only the address differs.
#
# It needs the extras `cluster` and `report`: `pip install 'gigaplan[cluster,report]'`. The guide is
# `docs/what-ifs.md`.

# %%
import logging
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib.pyplot as plt
from distributed import LocalCluster

from planner import Case, Sweep, sweep

# %% tags=["parameters"]
CASE = "three_sites"
GAP = 0.0

# %% [markdown]
# ## What is asked
#
# A what-if is a name and a list of changes. Here: the rent of one site, the demand, and both.

# %%
RENTS = (8.0, 10.0, 12.0, 14.0)  # $M per IT MW and year; 10 in the case
DEMANDS = (0.8, 0.9, 1.0)  # times the demand of the case
whatifs = {
    f"rent-{rent:.0f}-demand-{round(100 * share)}": [
        f"offers[north_cloud].rent_musd_per_mw_year={rent}",
        {"op": "scale", "table": "demand", "column": "compute", "factor": share},
    ]
    for rent in RENTS
    for share in DEMANDS
}
case = Case.read(CASE)
print(len(whatifs), "what-ifs")

# %% [markdown]
# ## A scheduler and its workers
#
# Workers have one thread each: two solves in one process could block each other. On a cluster: `dask scheduler` on
# one machine, and `dask worker tcp://SCHEDULER:8786 --nthreads 1 --nworkers 16` on each of the others, with gigaplan
# installed. They need no shared file system: results are written where the sweep is called.

# %%
work = TemporaryDirectory()
store = Path(work.name) / "sweep"
with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=logging.ERROR) as cluster:
    found = sweep(case, whatifs, scheduler=cluster.scheduler_address, gap=GAP, out=store)
print(f"{len(found.names)} runs, {sum(ended for _, ended in found.results())} of them with a plan")

# %% [markdown]
# If a worker fails, its runs are repeated by another; if the call is interrupted, `resume=True` goes on where it
# ended: nothing is solved twice.

# %%
again = sweep(case, whatifs, workers=1, gap=GAP, out=store, resume=True)
print(f"{again.reused} of {len(again.names)} runs taken over from the store")

# %% [markdown]
# ## What came out
#
# The store can be read again anywhere. The base is the case without changes.

# %%
kept = Sweep.read(store)
summary = kept.summary()
cells = summary.drop(index="base")["cost"]
cells.index = cells.index.str.extract(r"rent-(\d+)-demand-(\d+)").astype(int).apply(tuple, axis=1)
grid = {share: [cells[int(rent), round(100 * share)] for rent in RENTS] for share in DEMANDS}
summary[["status", "cost", "cost_less_base", "unserved_share"]].round(3)

# %%
grid_figure, axes = plt.subplots(figsize=(7, 3.6), layout="constrained")
for share, costs in grid.items():
    axes.plot(RENTS, costs, "o-", label=f"{share:.0%} of the demand")
axes.set_xlabel("rent at north, $M per IT MW and year")
axes.set_ylabel("cost, $B present value")
axes.legend()
plt.close(grid_figure)
grid_figure

# %%
costs_figure = kept.plot.costs()
work.cleanup()
costs_figure
