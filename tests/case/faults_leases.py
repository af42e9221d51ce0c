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
]
