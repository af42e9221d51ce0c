"""Sites: energisation, coordinates, costs of opening."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from planner.case.case import CaseData
from planner.case.check.place import at_row
from planner.case.rows import EnergisationRow, MarketRow, OfferRow, SiteRow
from planner.errors import Problem


def energisation_given(case: CaseData) -> Iterator[Problem]:
    """Every available site with an offer says what is energised there."""
    energised = {row.site for row in case.rows(EnergisationRow)}
    offered = {row.site for row in case.rows(OfferRow)}
    for site in case.rows(SiteRow):
        if site.available and site.site in offered and site.site not in energised:
            message = "the site has offers but no row in table energisation (write one with 0 if nothing is energised)"
            yield at_row(case, "sites", site, "site", message)


def energisation_grows(case: CaseData) -> Iterator[Problem]:
    """Energised facility MW are cumulative: no step is below the one before."""
    for rows in _steps(case):
        for before, after in pairwise(rows):
            if after.facility_mw < before.facility_mw:
                message = f"is cumulative and cannot be below the {before.facility_mw:g} of {before.date}"
                yield at_row(case, "energisation", after, "facility_mw", message)


def energisation_dates(case: CaseData) -> Iterator[Problem]:
    """The range of a date holds the date, and steps of a site keep their order at both its ends."""
    for rows in _steps(case):
        for row in rows:
            yield from _date_range(case, row)
        for before, after in pairwise(rows):
            for end in ("low", "high"):
                if after.takes_effect(end) < before.takes_effect(end):
                    own = getattr(after, f"date_{end}")
                    column = "date" if own is None else f"date_{end}"
                    message = (
                        f"must not be before the {before.takes_effect(end)} of the step of {before.date}: steps of a "
                        f'site keep their order with energisation_dates = "{end}"'
                    )
                    yield at_row(case, "energisation", after, column, message, str(after.takes_effect(end)))


def _steps(case: CaseData) -> list[list[EnergisationRow]]:
    steps: dict[str, list[EnergisationRow]] = defaultdict(list)
    for row in sorted(case.rows(EnergisationRow), key=lambda row: row.date):
        steps[row.site].append(row)
    return list(steps.values())


def _date_range(case: CaseData, row: EnergisationRow) -> Iterator[Problem]:
    low, high = row.date_low, row.date_high
    if (low is None) != (high is None):
        column, other = ("date_low", "date_high") if low is None else ("date_high", "date_low")
        yield at_row(case, "energisation", row, column, f"must be given with {other}")
    if low is not None and low > row.date:
        yield at_row(case, "energisation", row, "date_low", f"must not be after the date ({row.date})", str(low))
    if high is not None and high < row.date:
        yield at_row(case, "energisation", row, "date_high", f"must not be before the date ({row.date})", str(high))


def whole_coordinates(case: CaseData, table: str) -> Iterator[Problem]:
    """Check that a place has both coordinates or none."""
    for row in case.tables[table]:
        assert isinstance(row, (SiteRow, MarketRow))
        if (row.latitude_deg is None) != (row.longitude_deg is None):
            column = "latitude_deg" if row.latitude_deg is None else "longitude_deg"
            yield at_row(case, table, row, column, "latitude and longitude must be given together")


def opening_costs(case: CaseData) -> Iterator[Problem]:
    """Without the family site opening no site carries an opening or a fixed cost."""
    if case.model.families.site_opening is not None:
        return
    for site in case.rows(SiteRow):
        for column in ("opening_cost_busd", "fixed_opex_busd_per_year"):
            if getattr(site, column):
                message = "must be empty or 0 unless the model has the family [families.site_opening]"
                yield at_row(case, "sites", site, column, message)
