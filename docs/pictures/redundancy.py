"""What a plan has to spare after each loss: ``python docs/pictures/redundancy.py PLAN`` draws ``redundancy.png``."""

import sys
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.colors import LinearSegmentedColormap

from planner import Plan

MOST_ROWS = 9
FULL_PERCENT = 8.0


def main(plan: str) -> None:
    """Draw margins of the reported years, in percent of what is critical, tightest losses first; 0: it binds."""
    data = Plan.read(plan)
    table = pd.DataFrame([row for row in data.rows("contingencies") if data.periods.is_reported(row["period"])])
    table["period"] = table.period.astype(str)
    table["percent"] = 100.0 * table.margin_compute / table.critical_compute
    table["loss"] = table.rule.str.removeprefix("any one ") + ": " + table.contingency
    percent = table.pivot(index="loss", columns="period", values="percent")
    binds = table.pivot(index="loss", columns="period", values="binding") == "yes"
    order = percent.min(axis=1).sort_values(kind="stable").index
    order = sorted(order, key=lambda loss: (-int(binds.loc[loss].sum()), float(percent.loc[loss].min())))[:MOST_ROWS]
    percent, binds = percent.loc[order], binds.loc[order]
    figure, axes = plt.subplots(figsize=(8.6, 0.33 * len(order) + 1.7), dpi=110)
    colours = LinearSegmentedColormap.from_list("spare", ["#b2382f", "#f3c98b", "#f7f3e8", "#9cc5b5"])
    picture = axes.imshow(percent.to_numpy(), cmap=colours, vmin=0.0, vmax=FULL_PERCENT, aspect="auto")
    for (row, column), value in np.ndenumerate(percent.to_numpy()):
        if np.isfinite(value):
            text = "0" if binds.iat[row, column] else f"{value:.0f}" if value >= 1 else f"{max(value, 0.1):.1f}"
            strong = {"color": "white", "weight": "bold"} if value < 1.2 else {"color": "#333333"}
            axes.text(column, row, text, ha="center", va="center", fontsize=8, **strong)
    axes.set_xticks(range(percent.shape[1]), percent.columns)
    axes.set_yticks(range(len(order)), order, fontsize=8.5)
    axes.set_title(
        "What the tightest demand has to spare after each loss, % of what is critical (0: binds)",
        fontsize=10.5,
        loc="left",
    )
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)
    bar = figure.colorbar(picture, ax=axes, pad=0.02, fraction=0.03)
    bar.ax.tick_params(labelsize=8)
    bar.outline.set_visible(False)
    figure.tight_layout()
    figure.savefig(Path(__file__).with_suffix(".png"))


if __name__ == "__main__":
    main(*sys.argv[1:])
