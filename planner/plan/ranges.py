"""What other plans that cost little more have, kept with a plan as its table ``ranges``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from planner.plan.plan import PlanData
    from planner.plan.tidy import Cell

TABLE = "ranges"
SAME_IT_MW = 0.5
"""IT MW below which two figures are the same."""
FIGURES = {
    "it_mw": "plan_it_mw",
    "low_it_mw": "low_it_mw",
    "high_it_mw": "high_it_mw",
    "least_it_mw": "least_it_mw",
    "most_it_mw": "most_it_mw",
}
"""Column of the table -> name in what was found."""


def is_degenerate(low_it_mw: float, high_it_mw: float) -> bool:
    """Whether plans differ in a figure, beyond what rounding can hide.

    Examples
    --------
    >>> is_degenerate(400.0, 1600.0), is_degenerate(400.0, 400.3)
    (True, False)
    """
    return high_it_mw - low_it_mw > SAME_IT_MW


def with_ranges(plan: "PlanData", within: float, spans: Sequence[Mapping[str, Any]]) -> "PlanData":
    """The plan with what was found as its table; what an earlier run found is replaced.

    Parameters
    ----------
    plan : PlanData
    within : float
        The slack, as a share of the cost of the plan.
    spans : sequence of mappings
        Fields of `planner.Span`.
    """
    rows = [_row(plan, within, span) for span in spans]
    return replace(plan, tables={**plan.tables, TABLE: rows})


def _row(plan: "PlanData", within: float, span: Mapping[str, Any]) -> "dict[str, Cell]":
    figures: dict[str, Cell] = {
        column: "" if span[name] is None else float(span[name]) for column, name in FIGURES.items()
    }
    low, high = float(span["low_it_mw"]), float(span["high_it_mw"])
    return {
        "dimension": span["dimension"],
        "name": span["name"],
        "period": plan.periods.cell_of(span["period"]) if span["period"] else "",
        **figures,
        "degenerate": "yes" if is_degenerate(low, high) else "no",
        "verdict": span["verdict"],
        "within_share": within,
    }


@dataclass(frozen=True, slots=True)
class KeptRange:
    """A figure of a plan with what other plans have of it, IT MW.

    Attributes
    ----------
    dimension, name : str
    period : str
        Label; empty: the average over the reported years.
    it_mw, low_it_mw, high_it_mw : float
    least_it_mw, most_it_mw : float or None
    verdict : str
    """

    dimension: str
    name: str
    period: str
    it_mw: float
    low_it_mw: float
    high_it_mw: float
    least_it_mw: float | None
    most_it_mw: float | None
    verdict: str

    @property
    def degenerate(self) -> bool:
        """Whether plans were found that differ in it."""
        return is_degenerate(self.low_it_mw, self.high_it_mw)

    @property
    def same_in_all(self) -> bool:
        """Whether no plan within the slack differs in it: proven."""
        known = self.least_it_mw is not None and self.most_it_mw is not None
        return known and not is_degenerate(self.least_it_mw or 0.0, self.most_it_mw or 0.0)


@dataclass(frozen=True, slots=True)
class KeptRanges:
    """All of them, and the slack: such plans cost at most ``limit_busd``."""

    within: float
    limit_busd: float
    ranges: tuple[KeptRange, ...]

    def of(self, dimension: str) -> dict[tuple[str, str], KeptRange]:
        """Those of a dimension, by name and label of the period."""
        return {(one.name, one.period): one for one in self.ranges if one.dimension == dimension}


def kept_ranges(plan: "PlanData") -> KeptRanges | None:
    """What is kept with a plan; None where it was not asked for."""
    rows = plan.rows(TABLE) if TABLE in plan.tables else ()
    if not rows:
        return None
    within, label = float(rows[0]["within_share"]), plan.periods.label

    def optional(cell: "Cell") -> float | None:
        return None if cell == "" else float(cell)

    found = tuple(
        KeptRange(
            str(row["dimension"]),
            str(row["name"]),
            "" if row["period"] == "" else label(row["period"]),
            float(row["it_mw"]),
            float(row["low_it_mw"]),
            float(row["high_it_mw"]),
            optional(row["least_it_mw"]),
            optional(row["most_it_mw"]),
            str(row["verdict"]),
        )
        for row in rows
    )
    return KeptRanges(within, plan.cost_busd + within * abs(plan.cost_busd), found)
