"""Figures of sweeps and comparisons, from their rows: differences of cost, waterfalls, one measure against another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from planner.figures.colours import BAD, GOOD, OTHER, PRIMARY
from planner.figures.names import number
from planner.figures.spec import Bar, Bars, Columns, Dot, Dots, Layer, short_number, shown

Rows = Sequence[Mapping[str, Any]]
SAME_SHARE = 5e-7
"""Shares of unserved demand that differ by less are the same."""
LEAST_BUSD = 5e-4
MOST_BARS = 30
FOUND = ("more", "less")
"""Signs of a difference that is proven to be one (`planner.runs.difference`)."""


@dataclass(frozen=True, slots=True)
class Measure:
    """What runs of a sweep are compared by, against their cost."""

    key: str
    name: str
    scale: float
    more_is_better: bool


MEASURES = (
    Measure("unserved_share", "unserved demand, %", 100.0, more_is_better=False),
    Measure("capacity_end_backup", "backup at the end, IT GW", 1e-3, more_is_better=True),
    Measure("spend_backup", "spending on backup capacity, $B", 1.0, more_is_better=False),
    Measure("capacity_end_primary", "primary capacity at the end, IT GW", 1e-3, more_is_better=True),
)
"""What costs are drawn against."""


def comparable(row: Mapping[str, Any], base: Mapping[str, Any]) -> bool:
    """Whether the cost of a run may be compared with that of the base: both miss the same.

    Where that is not known, both must leave as much unserved and have no reason (a plan has one only if it misses
    something).
    """
    if row.get("comparable") is not None:
        return bool(row["comparable"])
    one, other = row["unserved_share"], base.get("unserved_share")
    same = one is not None and other is not None and abs(one - other) <= SAME_SHARE
    return same and not row.get("reason") and not base.get("reason")


def within_gap(row: Mapping[str, Any]) -> bool:
    """Whether a difference to the base is no larger than what the gaps leave open, or is proven to be none."""
    if row.get("sign"):
        return row["sign"] not in FOUND
    less, doubt = row["cost_less_base"], row["cost_uncertainty"]
    return less is not None and (doubt is None or abs(less) <= doubt)


def largest(rows: Rows, most: int) -> list[str]:
    """Return the runs whose cost differs most from the base, of those that compare and that no gap explains."""
    real = [
        row
        for row in rows[1:]
        if row["cost_less_base"] is not None and not within_gap(row) and comparable(row, rows[0])
    ]
    return [str(row["name"]) for row in sorted(real, key=lambda row: -abs(row["cost_less_base"]))[:most]]


def differences(rows: Rows, most: int = MOST_BARS) -> Bars:
    """What each run costs more or less than the base, the largest difference first; a tornado of the sweep.

    What the gaps leave open comes after that, and is not ranked.
    """
    base = rows[0] if rows else {}
    others = [row for row in rows[1:] if row["cost_less_base"] is not None]
    order = sorted(others, key=lambda row: _rank(row, base))
    bars = [_difference(row, base) for row in order[:most]]
    note = "Pale: no larger than what the gaps of both runs leave open. Without a bar: the costs do not compare."
    if len(order) > most:
        note += f" The {most} largest of {len(order)}."
    return Bars("Cost less that of the base, $B present value", note, "$B", tuple(bars))


def _rank(row: Mapping[str, Any], base: Mapping[str, Any]) -> tuple[bool, bool, float, str]:
    """The place of a run among the differences: findings by their size, what is open by name, what does not compare."""
    inside = within_gap(row)
    size = 0.0 if inside and comparable(row, base) else -abs(row["cost_less_base"])
    return (not comparable(row, base), inside and comparable(row, base), size, str(row["name"]))


def _difference(row: Mapping[str, Any], base: Mapping[str, Any]) -> Bar:
    if not comparable(row, base):
        words = "not everything met" if row.get("reason") else f"{number(row['unserved_share']):.1%} unserved"
        return _not_compared(row["name"], words)
    less, doubt = float(row["cost_less_base"]), row["cost_uncertainty"]
    label = f"{less:+,.2f}" + ("" if doubt is None else f" ± {doubt:,.2f}")
    doubt = abs(less) if doubt is None else float(doubt)
    return Bar(shown(row["name"]), 0.0, less, GOOD if less < 0 else BAD, label, "", doubt)


def _not_compared(name: object, words: str) -> Bar:
    """The line of a run that does not miss what the base misses: a difference of costs would read as a saving."""
    return Bar(shown(name), 0.0, 0.0, OTHER, words, "", 0.0)


def waterfall_bars(rows: Rows, name: str) -> Bars:
    """From the cost of the reference to that of a plan, part by part; ``rows`` are those of `Comparison.waterfall`."""
    at, bars = 0.0, []
    for row in rows:
        change = float(row["difference_busd"])
        if row["plan"] == name and abs(change) >= LEAST_BUSD:
            words = ", ".join(str(row[key]) for key in ("item", "role") if row[key]).replace("_", " ")
            bars.append(Bar(shown(words), at, at + change, GOOD if change < 0 else BAD, f"{change:+,.2f}"))
            at += change
    bars.append(Bar("in all", 0.0, at, PRIMARY, f"{at:+,.2f}"))
    return Bars(f"{shown(name)}: where the difference comes from, $B present value", "", "$B", tuple(bars))


def dots(rows: Rows, measure: Measure) -> Dots:
    """Cost against a measure: hollow where another run is as good and proven cheaper; the line reaches to the bound."""
    points = [row for row in rows if row["cost"] is not None and row[measure.key] is not None and not row.get("reason")]
    sign = -1.0 if measure.more_is_better else 1.0
    found = []
    for row in [*points[1:], *points[:1]]:  # the base last, so that nothing hides it
        x, cost = float(row[measure.key]), float(row["cost"])
        low = None if row["gap"] is None else cost - abs(cost) * float(row["gap"])
        beaten = low is not None and any(
            sign * float(other[measure.key]) <= sign * x and float(other["cost"]) < low - LEAST_BUSD for other in points
        )
        base = row is rows[0]
        tip = f"{shown(row['name'], 80)}\n{measure.name}: {short_number(x * measure.scale)}\ncost: ${cost:,.3f}B"
        tone = BAD if base else PRIMARY
        found.append(Dot(shown(row["name"]), x * measure.scale, cost, low, tone, beaten, tip))
    better = "more" if measure.more_is_better else "less"
    note = (
        f"Hollow: proven that another run has as much or {better} of it for less. Red: the base. The line reaches to "
        "the proven bound."
    )
    return Dots(f"Cost against {measure.name}", note, measure.name, "cost, $B present value", tuple(found))


def varied(rows: Rows, measure: Measure) -> bool:
    """Whether a measure differs between runs with a plan, so that it can be drawn against."""
    values = {
        round(float(row[measure.key]), 6) for row in rows if row[measure.key] is not None and not row.get("reason")
    }
    return len(values) > 1


def capacity_change(rows: Rows, name: str, by: str = "provider") -> Columns:
    """IT GW that a plan has more and less than the reference, by period; ``rows`` are those of `Comparison`.

    Parameters
    ----------
    rows : sequence of dict
        The table ``capacity``.
    name : str
        The plan.
    by : str
        ``provider``, ``chip`` or ``role``: what is more of one of them and less of another is shown as both.
    """
    title = f"{shown(name)}: IT GW by {by} that differ from the reference"
    return _change(rows, name, title, by, ("difference_it_mw", 1e-3, "IT GW"))


def spend_change(rows: Rows, name: str) -> Columns:
    """What a plan spends more and less than the reference, by period, $B nominal; ``rows`` of the table ``spend``."""
    title = f"{shown(name)}: spending by item that differs from the reference, $B nominal"
    return _change(rows, name, title, "item", ("difference_busd", 1.0, "$B"))


def _change(rows: Rows, name: str, title: str, by: str, value: tuple[str, float, str]) -> Columns:
    column, scale, unit = value
    own = [row for row in rows if row["plan"] == name]
    periods = tuple(sorted({str(row["period"]) for row in own}))
    sums: dict[tuple[str, str], float] = {}
    for row in own:
        key = (str(row["period"]), str(row[by]))
        sums[key] = sums.get(key, 0.0) + float(row[column])
    layers = []
    for sign, words, tone in ((1.0, "more than the reference", PRIMARY), (-1.0, "less than the reference", OTHER)):
        values = tuple(
            scale * sum(max(0.0, sign * change) for (period, _), change in sums.items() if period == label)
            for label in periods
        )
        layers.append(Layer(words, tone, values))
    return Columns(title, "", unit, periods, tuple(layers))


def cost_changes(rows: Rows, reference: str) -> Bars:
    """What each plan costs more or less than the reference; ``rows`` are those of the table ``differences``.

    Pale is what the gaps of both plans leave open; plans that do not miss the same have no bar.
    """
    bars = [_cost_change(row) for row in rows]
    note = (
        f"Against {shown(reference)}. Pale: no larger than what the gaps of both plans leave open. Without "
        "a bar: the plans miss different amounts."
    )
    return Bars("Cost less that of the reference, $B present value", note, "$B", tuple(bars))


def _cost_change(row: Mapping[str, Any]) -> Bar:
    if row["tier"]:
        return _not_compared(row["plan"], "misses other amounts")
    less, low, high = float(row["difference_busd"]), row["low_busd"], row["high_busd"]
    doubt = None if low is None or high is None else max(0.0, less - low, high - less)
    label = f"{less:+,.2f}" + ("" if doubt is None else f" ± {doubt:,.2f}")
    doubt = abs(less) if doubt is None or row["sign"] not in FOUND else doubt
    return Bar(shown(row["plan"]), 0.0, less, GOOD if less < 0 else BAD, label, "", doubt)
