"""Which figures of a plan the cost does not decide: what other plans have that cost little more, kept with the plan."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from planner.plan.ranges import KeptRanges, kept_ranges

if TYPE_CHECKING:
    from planner.plan.plan import PlanData

LEAST, MOST = "  least found", "  most found"
NOT_ASKED = "of this plan alone; others: `planner alternatives PLAN --keep`"
OF_CAPACITY = frozenset({"capacity", "contracts", "installs", "in_force", "power", "chips", "realised"})
"""Tables whose figures such ranges are of."""
GridRow = tuple[str, Mapping[str, float]]


def rows_beside(ranges: KeptRanges | None, dimension: str, name: str | None, periods: Sequence[str]) -> list[GridRow]:
    """Rows of a grid below one of a plan: the least and the most found, where plans differ in a period.

    Parameters
    ----------
    ranges : KeptRanges or None
    dimension : str
    name : str or None
        None of ``year``, whose names are the periods.
    periods : sequence of str
        Labels.
    """
    if ranges is None:
        return []
    own = ranges.of(dimension)
    found = {period: own.get((period if name is None else name, period)) for period in periods}
    known = {period: one for period, one in found.items() if one is not None}
    if not any(one.degenerate for one in known.values()):
        return []
    low = {period: one.low_it_mw for period, one in known.items()}
    return [(LEAST, low), (MOST, {period: one.high_it_mw for period, one in known.items()})]


def slack_text(ranges: KeptRanges) -> str:
    """The slack in words.

    Examples
    --------
    >>> slack_text(KeptRanges(0.005, 294.382, ()))
    'within 0.5 % of its cost (at most $294.382B)'
    """
    return f"within {100.0 * ranges.within:.3g} % of its cost (at most ${ranges.limit_busd:,.3f}B)"


def figures_lines(plan: "PlanData") -> list[str]:
    """How many figures by provider and period the cost does not decide; or that it was not asked."""
    ranges = kept_ranges(plan)
    if ranges is None:
        return [NOT_ASKED]
    own = [one for one in ranges.ranges if one.dimension == "provider" and one.period]
    degenerate, same = sum(one.degenerate for one in own), sum(one.same_in_all for one in own)
    slack = f"{100.0 * ranges.within:.3g} % (${ranges.limit_busd:,.3f}B)"
    lines = [f"{degenerate:,} of {len(own):,} by provider and period degenerate within {slack}"]
    return [*lines, f"{same:,} of {len(own):,} proven the same in every such plan"] if same else lines


def table_note(plan: "PlanData", table: str) -> str:
    """What stands below a table of capacity: how many of its sums are degenerate; nothing where it was not asked."""
    ranges = kept_ranges(plan) if table in OF_CAPACITY else None
    if ranges is None:
        return ""
    number = sum(one.degenerate for one in ranges.ranges)
    where = "`planner show PLAN ranges --where degenerate=yes`"
    return f"{number:,} sums of IT MW are degenerate {slack_text(ranges)}: {where}"
