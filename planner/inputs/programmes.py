"""Programmes: what is asked of their sites, period by period (formulation, section 16)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from planner.case.case import CaseData
from planner.case.rows import SiteRow
from planner.case.rows_programmes import ProgrammeRow, ProgrammeStepRow
from planner.inputs.calendar import Calendar
from planner.inputs.contracts import MW_PER_GW

Measure = Literal["it", "facility"]
MEASURES: tuple[Measure, Measure] = ("it", "facility")
Path = tuple[float | None, ...]
"""IT GW or facility GW per period; None: no limit."""


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme on the calendar.

    Attributes
    ----------
    row : ProgrammeRow
    gw_per_it_gw : mapping of measure to mapping of site to float
        What an IT GW in force at a site of the programme counts in each measure; sites of the case alone.
    at_least_gw, at_most_gw : mapping of measure to tuple of float or None
        What is asked for and allowed, per period.
    """

    row: ProgrammeRow
    gw_per_it_gw: Mapping[Measure, Mapping[str, float]]
    at_least_gw: Mapping[Measure, Path]
    at_most_gw: Mapping[Measure, Path]

    @property
    def first_due(self) -> int | None:
        """First period in which something is asked for; None where nothing ever is."""
        due = (t for path in self.at_least_gw.values() for t, gw in enumerate(path) if gw)
        return min(due, default=None)

    @property
    def may_be_declined(self) -> bool:
        """Whether undertaking it is a decision."""
        return self.row.kind == "optional" and self.first_due is not None

    def price_busd_per_gw_year(self, measure: Measure) -> float:
        """Price of an IT GW or facility GW missing for a year (a $M per IT MW is a $B per IT GW)."""
        if measure == "it":
            return self.row.price_musd_per_missing_it_mw_year or 0.0
        return self.row.price_musd_per_missing_facility_mw_year or 0.0


def make_programmes(case: CaseData, sites: Collection[str], calendar: Calendar) -> dict[str, Programme]:
    """Lay the programmes of a case out on its calendar.

    Parameters
    ----------
    case : CaseData
    sites : collection of str
        Those that take part.
    calendar : Calendar
    """
    steps = sorted(case.rows(ProgrammeStepRow), key=lambda step: step.date)
    rows = case.by_key(SiteRow)
    return {
        row.programme: Programme(
            row,
            {
                "it": {s: 1.0 for s in row.sites if s in sites},
                "facility": {s: rows[s].pue_peak for s in row.sites if s in sites},
            },
            {measure: _path(steps, row.programme, f"at_least_{measure}_mw", calendar) for measure in MEASURES},
            {measure: _path(steps, row.programme, f"at_most_{measure}_mw", calendar) for measure in MEASURES},
        )
        for row in case.rows(ProgrammeRow)
    }


def _path(steps: list[ProgrammeStepRow], programme: str, column: str, calendar: Calendar) -> Path:
    """The value of a column of the steps (in the order of their dates) in every period."""
    given = [
        (step.date, value)
        for step in steps
        if step.programme == programme and (value := getattr(step, column)) is not None
    ]
    found: list[float | None] = []
    for t in range(calendar.count):
        held = [mw for day, mw in given if calendar.begun(day, t)]
        found.append(held[-1] / MW_PER_GW if held else None)
    return tuple(found)
