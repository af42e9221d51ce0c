"""How the tables of a plan write a period: as a year where every period is one calendar year, else as its first day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from planner.case.model import Horizon
from planner.inputs.calendar import Calendar, make_calendar

PeriodCell = int | str
"""A calendar year, or the date (YYYY-MM-DD) on which a period begins."""
HORIZON_END = "end"
"""What plans of version 0.1 write for the end of the horizon."""


@dataclass(frozen=True)
class Periods:
    """The periods of a case as plan tables write them; index ``count`` is the end of the horizon.

    Attributes
    ----------
    calendar : Calendar
        First day, length and label of each period.

    Examples
    --------
    >>> from datetime import date
    >>> years = Periods.of(Horizon(start=date(2028, 1, 1), periods=2, period_months=12))
    >>> years.cells, years.cell_of("2029"), years.index(2030), years.label(2029)
    ((2028, 2029, 2030), 2029, 2, '2029')
    >>> quarters = Periods.of(Horizon(start=date(2028, 4, 1), periods=2, period_months=3))
    >>> quarters.cells, quarters.cell_of("2028Q3"), quarters.label("2028-07-01")
    (('2028-04-01', '2028-07-01', '2028-10-01'), '2028-07-01', '2028Q3')
    """

    calendar: Calendar

    @classmethod
    def of(cls, horizon: Horizon) -> "Periods":
        """The periods of a horizon."""
        return cls(make_calendar(horizon))

    @property
    def count(self) -> int:
        """Number of periods."""
        return self.calendar.count

    @cached_property
    def yearly(self) -> bool:
        """Whether every reported period is one calendar year, and those of a tail begin and end with calendar years."""
        days = self.calendar.start_dates
        return all(day.month == 1 for day in days) and all(
            after.year == day.year + 1 for day, after in pairwise(days[: self.reported + 1])
        )

    @property
    def reported(self) -> int:
        """Number of reported periods; those after them are the tail."""
        return self.calendar.reported

    def is_reported(self, cell: object) -> bool:
        """Whether a cell or a label is not that of a period of the tail, or of its end."""
        found = self.find(cell)
        return found is None or found < self.reported or self.reported == self.count

    @cached_property
    def cells(self) -> tuple[PeriodCell, ...]:
        """What stands for each period, and for the end of the horizon last."""
        return tuple(day.year if self.yearly else day.isoformat() for day in self.calendar.start_dates)

    @cached_property
    def years(self) -> tuple[int, ...]:
        """The calendar year in which each period begins, and in which the horizon ends last."""
        return tuple(day.year for day in self.calendar.start_dates)

    @cached_property
    def _index(self) -> Mapping[str, int]:
        """Index by cell as text, by label, and by the word of earlier versions for the end of the horizon."""
        labels = {label: t for t, label in enumerate(self.calendar.labels)}
        return {HORIZON_END: self.count, **labels, **{str(cell): t for t, cell in enumerate(self.cells)}}

    def find(self, cell: object) -> int | None:
        """Index of a cell, or of a label; None where it is neither."""
        if type(cell) is str:  # nearly all cells
            return self._index.get(cell)
        text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
        return self._index.get(text)

    def index(self, cell: object) -> int:
        """Index of a cell, or of a label.

        Raises
        ------
        KeyError
            If it is neither.
        """
        found = self.find(cell)
        if found is None:
            raise KeyError(cell)
        return found

    def cell_of(self, cell: object) -> PeriodCell:
        """The cell of a period that is given as a cell or as a label."""
        return self.cells[self.index(cell)]

    def label(self, cell: object) -> str:
        """The label of a period, as shown; of the end of the horizon, its date or year."""
        t = self.index(cell)
        return self.calendar.labels[t] if t < self.count else str(self.cells[t])

    def labelled(self, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Rows of a table as shown: with the labels of their periods."""
        return [{**row, "period": self.label(row["period"])} for row in rows]

    def length_years(self, cell: object) -> float:
        """Length of a period in years."""
        return self.calendar.length_years(self.index(cell))
