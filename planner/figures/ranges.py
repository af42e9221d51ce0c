"""Figures of fronts and tornados, from the rows of their tables."""

from collections.abc import Mapping, Sequence
from typing import Any

from planner.figures.colours import OTHER, PRIMARY, Tone
from planner.figures.spec import Bar, Bars, Dot, Dots, short_number, shown
from planner.figures.studies import FOUND, SAME_SHARE

Rows = Sequence[Mapping[str, Any]]
MOST_INPUTS = 20
MOST_NAMED = 8
MOST_REGRETS = 30
LEAST_BUSD = 0.005
"""Differences below are shown with more digits."""
LOW, HIGH = Tone("primary"), Tone("backup")
"""Tones of the low and the high end of an input."""


def front_dots(rows: Rows, title: str) -> Dots:
    """Least cost against what a front is against: dominated points hollow, the line reaches down to the bound."""
    found = []
    known = [row for row in rows if row["cost_busd"] is not None]
    unserved = any(row["unserved_share"] > SAME_SHARE for row in known)
    for row in rows:
        if row["cost_busd"] is not None:
            hollow = row["dominated"] != "no"
            tip = f"{shown(row['label'])}: ${row['cost_busd']:,.3f}B"
            if row["bound_busd"] is not None:
                tip += f", proven at least ${row['bound_busd']:,.3f}B"
            tip += f"\n{row['unserved_share']:.2%} unserved" if row["unserved_share"] else ""
            bound = None if row["bound_busd"] is None else float(row["bound_busd"])
            tone = OTHER if hollow else PRIMARY
            name = shown(row["label"]) + (f", {row['unserved_share']:.1%} unserved" if unserved else "")
            found.append(Dot(name, float(row["value"]), float(row["cost_busd"]), bound, tone, hollow, tip))
    lost = [shown(row["label"]) for row in rows if row["cost_busd"] is None]
    note = (
        "Each point is the least cost found; the line below it reaches to the proven bound. Hollow: another point asks "
        "for as much, and the plan found for it costs no more."
    )
    if lost:
        note += f" Without a plan: {', '.join(lost[:MOST_NAMED])}{' ...' if len(lost) > MOST_NAMED else ''}."
    return Dots(
        f"Least cost against {shown(title, 80)}", note, shown(title, 80), "cost, $B present value", tuple(found)
    )


def tornado_bars(rows: Rows, most: int = MOST_INPUTS) -> Bars:
    """What the low and the high end of each input change of the cost, in the order of the table.

    Pale is what the gaps of the two solves leave open. An end without a plan, or at which more or less is missed than
    in the base, has no bar: the difference of the costs is no saving and no cost there.
    """
    bars: list[Bar] = []
    names = list(dict.fromkeys(str(row["input"]) for row in rows))
    for name in names[:most]:
        ends = [row for row in rows if row["input"] == name]
        bars += [_end(row, beside=place > 0) for place, row in enumerate(ends)]
    note = "Blue: the input at its low; orange: at its high. Pale: no larger than what the gaps leave open."
    if len(names) > most:
        note += f" The first {most} of {len(names)} inputs."
    return Bars("Cost less that of the base, $B present value", note, "$B", tuple(bars))


def _end(row: Mapping[str, Any], *, beside: bool) -> Bar:
    """Return the bar of an end; the second one stands on the line of the first."""
    name, tone = shown(row["input"]), LOW if row["end"] == "low" else HIGH
    less, doubt = row["cost_difference_busd"], row["cost_uncertainty_busd"]
    if less is None or row["shortfall_tier"]:
        words = "no plan" if less is None else f"{'more' if row['shortfall_difference'] > 0 else 'less'} missed"
        tip = f"{name}, {row['end']}: {words}"
        return Bar(name, 0.0, 0.0, tone, f"{row['end']}: {words}", tip, None, beside)
    bounded = None if doubt is None or doubt == float("inf") else float(doubt)
    tip = f"{name}, {row['end']}: {less:+,.3f} $B" + ("" if bounded is None else f" ± {bounded:,.3f}")
    label = f"{row['end']} {less:+,.2f}" if abs(less) >= LEAST_BUSD else f"{row['end']} {short_number(less)}"
    if abs(row["unserved_share_difference"] or 0.0) > SAME_SHARE:  # at a price: the cost has it
        label += f", {row['unserved_share_difference']:+.1%} unserved"
    return Bar(name, 0.0, float(less), tone, label, tip, abs(float(less)) if bounded is None else bounded, beside)


def worst_bars(rows: Rows, runs: int) -> Bars:
    """The largest regret of each plan; ``rows`` are those of `Regret.worst`, ``runs`` how many cases there are."""
    bars = []
    for row in rows[:MOST_REGRETS]:
        lost, worst = row["impossible"], row["worst_busd"]
        label = "in no other case" if worst is None else f"{worst:,.2f}"
        label += f", no figure in {lost} of {runs} cases" if lost else ""
        tip = f"{shown(row['plan'], 80)}\nat most {label}" + (
            f"\nin the case {shown(row['case'], 80)}" if worst else ""
        )
        busd, ends = float(worst or 0.0), (row["low_busd"], row["high_busd"])
        reach = None if None in ends or ends[0] == ends[1] else (float(ends[0]), float(ends[1]))
        doubt = None if row["sign"] in FOUND else busd
        tone = OTHER if lost else PRIMARY
        bars.append(Bar(shown(row["plan"]), 0.0, busd, tone, label, tip, doubt, reach=reach))
    note = (
        "The largest over all cases; the line reaches from the least to the most that is proven of it. Pale: that it "
        "is more than nothing is not proven; grey: no figure in some case."
    )
    if len(rows) > MOST_REGRETS:
        note += f" The first {MOST_REGRETS} of {len(rows)} plans."
    return Bars("Largest regret, $B present value", note, "$B", tuple(bars))
