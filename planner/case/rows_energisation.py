"""Rows of the table energisation: when power is there."""

from datetime import date

from planner.case.fields import Key, NonNegative
from planner.case.row import Row

Day = date
"""A date, where a column has that name too."""


class EnergisationRow(Row):
    """A dated step of the facility power energised at a site (cumulative)."""

    KEY = ("site", "date")
    site: Key
    """Key of the site."""
    date: date
    """Date from which the step applies."""
    facility_mw: NonNegative
    """Total facility MW that are energised at the site from this date on."""
    date_low: Day | None = None
    """Earliest date to plan for; with ``date_high`` or not at all, not after ``date``. Used in its place with
    ``energisation_dates = "low"``."""
    date_high: Day | None = None
    """Latest date to plan for, not before ``date``. Used in its place with ``energisation_dates = "high"``."""

    def takes_effect(self, dates: str | None) -> Day:
        """Date of the step by the ``energisation_dates`` of the horizon."""
        chosen = {"low": self.date_low, "high": self.date_high}.get(dates or "base")
        return self.date if chosen is None else chosen
