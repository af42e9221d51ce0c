"""Recheck the redundancy of a plan from its written tables alone: no code of the planner, no case.

    python recheck_redundancy.py PLAN DOMAIN K TRAINING_SHARE INFERENCE_SHARE FIRST_YEAR

DOMAIN is a column of ``capacity.csv`` (site, provider, power_region, country, vendor), K how many are lost at once.
After every loss, a linear program asks how much of the critical demand the rest can carry, each IT MW used once, only
where its site may serve. The exit code is 1 if any loss leaves more than a millionth uncarried.
"""

import sys
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import linprog


def carried_share(left: pd.DataFrame, need: pd.DataFrame, reach: set[tuple[str, str]]) -> float:
    """How much of all the critical demand, each demand alike, the installed rows ``left`` carry; at most 1."""
    left, need = left.reset_index(drop=True), need.reset_index(drop=True)
    arcs = [
        (u, d, row[f"{want.workload}_compute"] / row.it_mw)
        for u, row in left.iterrows()
        for d, want in need.iterrows()
        if (row.site, want.market) in reach and row[f"{want.workload}_compute"] > 0
    ]
    limits = np.zeros((len(left) + len(need), len(arcs) + 1))
    for column, (u, d, rate) in enumerate(arcs):
        limits[u, column], limits[len(left) + d, column] = 1.0, -rate
    limits[len(left) :, -1] = need.compute
    room = np.concatenate([left.it_mw.to_numpy(dtype=float), np.zeros(len(need))])
    return -linprog(-np.eye(len(arcs) + 1)[-1], limits, room, bounds=[(0, None)] * len(arcs) + [(0, 1)]).fun


def main(plan: str, domain: str, k: str, training: str, inference: str, first_year: str) -> int:
    """Recheck every loss in every period; report the worst."""
    table = {name: pd.read_csv(Path(plan) / "tables" / f"{name}.csv") for name in ("capacity", "demand", "reach")}
    reach, share = (
        set(table["reach"].itertuples(index=False, name=None)),
        {"training": float(training), "inference": float(inference)},
    )
    worst, count = (1.0, "none"), 0
    for period, demand in table["demand"].groupby("period"):
        if int(str(period)[:4]) < int(first_year):
            continue
        need = demand.assign(compute=demand.compute * demand.workload.map(share)).query("compute > 0")
        there = table["capacity"].query("period == @period and it_mw > 0")
        for lost in combinations(sorted(there[domain].unique()), int(k)):
            found = carried_share(there[~there[domain].isin(lost)], need, reach)
            worst, count = min(worst, (found, f"{' + '.join(lost)} in {period}")), count + 1
    text = f"{count} losses rechecked; the worst, {worst[1]}, leaves {worst[0]:.6%} of the critical demand carried"
    sys.stdout.write(text + "\n")
    return 0 if worst[0] >= 1.0 - 1e-6 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
