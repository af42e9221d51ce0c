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
    steps: dict[str, list[EnergisationRow]] = defaultdict(list)
    for row in case.rows(EnergisationRow):
        steps[row.site].append(row)
    for rows in steps.values():
        rows.sort(key=lambda row: row.date)
        for before, after in pairwise(rows):
            if after.facility_mw < before.facility_mw:
                message = f"is cumulative and cannot be below the {before.facility_mw:g} of {before.date}"
                yield at_row(case, "energisation", after, "facility_mw", message)


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
