"""Faults of leases planted in the tables of a case, as those of `tests.case.faults_tables`."""

from tests.case.spoil import Spoil, put

LEASE_FAULTS: list[tuple[str, Spoil, str, str | None, str]] = [
    (
        "signing above max",
        put("offers", 2, min_blocks_per_start=999),
        "offers",
        "min_blocks_per_start",
        "ever be signed",
    ),
    (
        "refresh without a price",
        put("offers", 2, refresh_price_busd_per_gw_it=None),
        "offers",
        "refresh_price_busd_per_gw_it",
        "must be given with refresh_after_years",
    ),
    (
        "refresh without a time",
        put("offers", 2, refresh_after_years=None),
        "offers",
        "refresh_after_years",
        "must be given with refresh_price_busd_per_gw_it",
    ),
    (
        "refresh of a shell",
        put("offers", 1, refresh_after_years=1.0),
        "offers",
        "refresh_after_years",
        "must be empty for tenure shell",
    ),
    (
        "refresh of a building",
        put("offers", 0, refresh_price_busd_per_gw_it=1.0),
        "offers",
        "refresh_price_busd_per_gw_it",
        "must be empty for tenure build",
    ),
]
