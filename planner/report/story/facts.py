"""What the sentences of a story are made from: a plan's tables, by period, with the names of its case."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from planner.case.calendar import MONTHS_PER_YEAR, end_date
from planner.case.row import Row as CaseRow
from planner.case.rows import ChipRow, MarketRow, OfferRow, PowerRegionRow, ProviderRow, SiteRow
from planner.case.rows_programmes import ProgrammeRow
from planner.figures.spec import shown
from planner.plan.plan import PlanData
from planner.report.grid import period_ranges
from planner.report.reported import has_tail, reported
from planner.text import one_line

if TYPE_CHECKING:
    from planner.inputs.periods import Periods

Row = Mapping[str, Any]
NAMED: Mapping[str, type[CaseRow]] = {
    "site": SiteRow,
    "provider": ProviderRow,
    "chip": ChipRow,
    "offer": OfferRow,
    "market": MarketRow,
    "power_region": PowerRegionRow,
    "programme": ProgrammeRow,
}
CASE, PLAN = "CASE", "PLAN"
"""What stands in commands where it is not known where the plan is."""
LONGEST_NAME = 60
"""Characters of a name; a longer one is cut."""
DAYS_PER_MONTH = 365.25 / MONTHS_PER_YEAR


def number(cell: object) -> float:
    """Return a cell as a number; an empty one adds nothing."""
    return float(cell) if isinstance(cell, (int, float)) else 0.0


@dataclass(frozen=True)
class Facts:
    """A plan, and where it is.

    Attributes
    ----------
    plan : PlanData
    folder : str
        Where it is, for commands; empty where that is not known.
    """

    plan: PlanData
    folder: str = ""

    @cached_property
    def periods(self) -> "Periods":
        """The periods of the plan."""
        return self.plan.periods

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Labels of the reported periods."""
        return tuple(self.periods.calendar.labels[: self.periods.reported])

    @cached_property
    def tail(self) -> str:
        """The periods of the tail; empty without one."""
        if not has_tail(self.plan):
            return ""
        first, last = self.periods.calendar.labels[self.periods.reported], self.periods.calendar.labels[-1]
        return first if first == last else f"{first} to {last}"

    @cached_property
    def span(self) -> str:
        """The reported periods: first to last."""
        return self.labels[0] if len(self.labels) == 1 else f"{self.labels[0]} to {self.labels[-1]}"

    @cached_property
    def during(self) -> str:
        """The reported periods, as a sentence says during which: ``from 2026 to 2028``, ``in 2026``."""
        return f"in {self.span}" if len(self.labels) == 1 else f"from {self.span}"

    @cached_property
    def start(self) -> date:
        """First day of the plan."""
        return self.plan.case.model.horizon.start

    @cached_property
    def end(self) -> date:
        """The day after the last reported period."""
        days = self.periods.calendar.start_dates
        at = self.periods.reported
        return days[at] if at < len(days) else end_date(self.plan.case.model.horizon)

    @cached_property
    def _reported(self) -> PlanData:
        return reported(self.plan)

    def rows(self, table: str) -> Sequence[Row]:
        """The rows of a table in the reported periods, as the plan writes them."""
        return self._reported.rows(table)

    def index(self, cell: object) -> int:
        """The place of a period."""
        return self.periods.index(cell)

    def label(self, cell: object) -> str:
        """The label of a period."""
        return self.periods.label(cell)

    def ranges(self, labels: Sequence[str]) -> str:
        """Periods as a sentence names them: ``2026, 2028–2030``, or ``all periods``."""
        return period_ranges(labels, self.labels)

    def sums(self, table: str, value: str, key: str = "") -> dict[str, list[float]]:
        """Add up a column by reported period, for each value of a key column."""
        found: dict[str, list[float]] = {}
        for row in self.rows(table):
            at = self.index(row["period"])
            own = found.setdefault(str(row[key]) if key else "", [0.0] * len(self.labels))
            own[at] += number(row[value])
        return found

    def total(self, table: str, value: str) -> list[float]:
        """Add up a column by reported period."""
        return self.sums(table, value).get("", [0.0] * len(self.labels))

    def name(self, kind: str, key: object) -> str:
        """Return the name of something; its key where it has none. It is one line of bounded length."""
        row = self.plan.case.by_key(NAMED[kind]).get(key) if kind in NAMED else None
        return shown(getattr(row, "name", None) or key, LONGEST_NAME)

    def offer(self, key: object) -> OfferRow | None:
        """The row of an offer."""
        return self.plan.case.by_key(OfferRow).get(str(key))

    @cached_property
    def case_place(self) -> str:
        """The case of the plan, as a command takes it."""
        return shlex.quote(one_line(f"{self.folder}/inputs")) if self.folder else CASE

    @cached_property
    def plan_place(self) -> str:
        """The plan, as a command takes it."""
        return shlex.quote(one_line(self.folder)) if self.folder else PLAN


def shares_of(amounts: Mapping[str, float]) -> list[tuple[str, float]]:
    """Names and amounts, the largest first; equal ones by name."""
    return sorted(((key, value) for key, value in amounts.items() if value > 0.0), key=lambda one: (-one[1], one[0]))
