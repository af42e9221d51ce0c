"""Faults of leases planted in the tables of a case, as those of `tests.case.faults_tables`."""

from tests.case.spoil import Spoil, put, without_table

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
    ("ramp of an offer unknown", put("offers", 0, ramp="phase"), "offers", "ramp", "phased"),
    ("ramp of a contract unknown", put("contracts", 1, ramp="none"), "contracts", "ramp", "no ramp of table ramps"),
    ("ramps without their table", without_table("ramps"), "contracts", "ramp", "no ramp of table ramps"),
    ("ramp that starts late", put("ramps", 0, months=3), "ramps", "months", "must be 0 in the first step"),
    ("ramp that falls", put("ramps", 0, share=1.0), "ramps", "share", "must be above the 1 of month 0"),
    ("ramp that ends early", put("ramps", 1, share=0.9), "ramps", "share", "must be 1 in the last step"),
]
