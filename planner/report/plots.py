"""Pictures of fronts and tornados. Needs the extra ``plot`` (matplotlib); only the command line imports it."""

import io
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from planner.analysis.front import Front
from planner.analysis.tornado import Tornado
from planner.errors import PlannerError
from planner.system.folders.picture import MARK, write_picture

INK, ACCENT, PALE = "#1f2933", "#0b7285", "#c92a2a"
MOST_BARS = 15
"""Inputs a picture of a tornado shows, the largest first."""


def plot_front(found: Front, file: str | Path) -> Path:
    """Draw a front: cost over what it is against, the bound below it, dominated points hollow.

    Raises
    ------
    PlannerError
        If there is no point to draw, or the file cannot be written.
    """
    rows = [row for row in found.rows if row["cost_busd"] is not None]
    if not rows:
        raise PlannerError("no point of the front has a plan; there is nothing to draw")
    figure = Figure(figsize=(7.2, 4.5), layout="constrained")
    axes: Any = figure.subplots()
    points = found.points
    axes.step(
        [row["value"] for row in points], [row["cost_busd"] for row in points],
        where="pre" if found.against == "critical_share" else "post", color=ACCENT, linewidth=1.2, alpha=0.6,
    )  # fmt: skip
    axes.plot(
        [r["value"] for r in points], [r["cost_busd"] for r in points], "o", color=ACCENT, label="plan, not dominated"
    )
    beaten = [row for row in rows if row["dominated"] == "yes"]
    if beaten:
        axes.plot(
            [r["value"] for r in beaten], [r["cost_busd"] for r in beaten], "o", color=ACCENT, fillstyle="none",
            label="plan, dominated",
        )  # fmt: skip
    bounds = [(row["value"], row["bound_busd"]) for row in rows if row["bound_busd"] is not None]
    axes.plot([x for x, _ in bounds], [y for _, y in bounds], "_", color=INK, markersize=12, label="proven bound")
    nowhere = [row["value"] for row in found.rows if row["cost_busd"] is None]
    for number, value in enumerate(nowhere):
        axes.axvline(value, color=PALE, linestyle=":", linewidth=1, label="no plan" if not number else None)
    if found.against == "gw_date":
        axes.set_xticks([row["value"] for row in found.rows], [row["label"] for row in found.rows])
        axes.set_xlabel("installed capacity reached, and kept, from (period)")
    else:
        axes.set_xlabel(found.title)
    axes.set_ylabel("cost (present value, $B)")
    if any(row["unserved_share"] > 5e-7 for row in rows):
        for row in rows:
            axes.annotate(
                f"{row['unserved_share']:.1%} unserved", (row["value"], row["cost_busd"]), fontsize=7,
                xytext=(4, 5), textcoords="offset points",
            )  # fmt: skip
    axes.grid(alpha=0.25)
    axes.legend(frameon=False, fontsize=8)
    return _save(figure, file)


def plot_tornado(found: Tornado, file: str | Path) -> Path:
    """Draw a tornado: one bar per input from its low to its high, around the cost of the base.

    Raises
    ------
    PlannerError
        If no input has a plan at either end, or the file cannot be written.
    """
    inputs = list(dict.fromkeys(row["input"] for row in found.rows if row["cost_busd"] is not None))[:MOST_BARS]
    if not inputs:
        raise PlannerError("no input of the tornado has a plan; there is nothing to draw")
    figure = Figure(figsize=(7.2, 1.4 + 0.38 * len(inputs)), layout="constrained")
    axes: Any = figure.subplots()
    base = float(found.base.summary["cost_busd"])
    for end, colour in (("low", ACCENT), ("high", PALE)):
        by_input = {row["input"]: row for row in found.rows if row["end"] == end}
        widths = [
            0.0 if (row := by_input[name])["shortfall_tier"] else row["cost_difference_busd"] or 0.0 for name in inputs
        ]
        axes.barh(range(len(inputs)), widths, left=base, color=colour, alpha=0.8, label=f"input at its {end}")
        for position, name in enumerate(inputs):
            row = by_input[name]
            note = "no plan" if row["cost_busd"] is None else ""
            if row["unserved_share"] is not None and abs(row["unserved_share_difference"]) > 5e-7:
                note = f"{row['unserved_share_difference']:+.1%} unserved"
            elif row["shortfall_tier"]:
                note = f"{'more' if row['shortfall_difference'] > 0.0 else 'less'} missed: {row['shortfall_tier']}"
            if note:
                axes.annotate(f"{end}: {note}", (base, position), fontsize=7, ha="right" if end == "low" else "left")
    axes.axvline(base, color=INK, linewidth=1)
    axes.set_yticks(range(len(inputs)), inputs, fontsize=8)
    axes.invert_yaxis()
    axes.set_xlabel(f"cost (present value, $B; base {base:,.3f})")
    axes.set_ylabel("input")
    axes.grid(axis="x", alpha=0.25)
    figure.legend(frameon=False, fontsize=8, loc="outside upper right", ncols=2)
    return _save(figure, file)


def _save(figure: Figure, file: str | Path) -> Path:
    """Write a picture in the format its name says; it is there whole or not at all, and says who drew it."""
    target = Path(file)
    key = "Software" if target.suffix.lower() == ".png" else "Creator"
    content = io.BytesIO()
    FigureCanvasAgg(figure)
    try:
        figure.savefig(content, dpi=150, format=target.suffix.lower().removeprefix("."), metadata={key: MARK})
    except ValueError as error:
        raise PlannerError(f"{target}: cannot be drawn ({error})") from None
    write_picture(target, content.getvalue())
    return target
