"""The records of the tables of programmes; part of `planner.case.rows`."""

from datetime import date

from planner.case.fields import Amount, Key, Name, NonNegative, ProgrammeKind
from planner.case.row import Row


class ProgrammeRow(Row):
    """A named set of sites with IT MW or facility MW to be in service by dates (``programme_steps``)."""

    KEY = ("programme",)
    programme: Key
    """Key of the programme."""
    name: Name
    """Display name."""
    sites: tuple[Key, ...]
    """Keys of its sites, separated by ``;``. All that is in force there counts: every offer, tenure and role, signed
    contracts included."""
    kind: ProgrammeKind
    """``committed``: every obligation is met; ``optional``: the plan may decline the programme as a whole, at
    ``declining_cost_busd``; ``priced``: IT MW or facility MW may be missing,
    at the prices per missing one and year."""
    declining_cost_busd: Amount | None = None
    """Required with ``optional``: paid once if the programme is declined, in the first period with an obligation; not
    used otherwise."""
    price_musd_per_missing_it_mw_year: Amount | None = None
    """Required with ``priced`` where a step has ``at_least_it_mw`` above 0: paid per IT MW missing and year; not used
    otherwise."""
    price_musd_per_missing_facility_mw_year: Amount | None = None
    """Required with ``priced`` where a step has ``at_least_facility_mw`` above 0: paid per facility MW missing and
    year; not used otherwise."""


class ProgrammeStepRow(Row):
    """A dated step of a programme. It holds in the periods that begin on its date or later, until another replaces it.

    A date within a period therefore asks nothing of that period. An empty cell leaves that path as it is.
    """

    KEY = ("programme", "date")
    programme: Key
    """Key of the programme."""
    date: date
    """From the first period that begins on this date or later ..."""
    at_least_it_mw: NonNegative | None = None
    """... at least this many IT MW in all are in force at the sites of the programme (0: no obligation any more);"""
    at_least_facility_mw: NonNegative | None = None
    """... at least this many facility MW (IT MW in force times ``pue_peak`` of the site);"""
    at_most_it_mw: NonNegative | None = None
    """... at most this many IT MW, or what signed contracts have in force if that is more;"""
    at_most_facility_mw: NonNegative | None = None
    """... at most this many facility MW, or what signed contracts need if that is more."""
