"""The records of the tables of pairs of a site and a market; part of `planner.case.rows`."""

from planner.case.fields import Key, Positive, SignedAmount
from planner.case.row import Row


class LatencyRow(Row):
    """A round-trip time, which replaces the one computed from distance."""

    KEY = ("site", "market")
    site: Key
    """Key of the site."""
    market: Key
    """Key of the market."""
    rtt_ms: Positive
    """Round-trip time."""


class ServingRow(Row):
    """Cost of serving a market from a site. With this table in a case, only listed pairs may serve."""

    KEY = ("site", "market")
    site: Key
    """Key of the site."""
    market: Key
    """Key of the market."""
    cost_busd_per_compute_year: SignedAmount
    """Cost per unit of compute served over a year."""
