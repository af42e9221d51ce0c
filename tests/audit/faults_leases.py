"""Faults of leases planted in the plan of the two yards or in the case under it, as those of `tests.audit.faults`."""

from typing import Any


def _row(tables: dict[str, Any], table: str, number: int, **cells: Any) -> None:
    tables[table][number].update(cells)


FAULTS: dict[str, tuple[Any, Any, tuple[str, str], str]] = {
    "a chip swapped inside a lease": (
        {"offers": {1: {"chips": ("m", "c")}}},
        lambda p: _row(p, "installs", 4, chip="c", added_it_mw=50.0),
        ("chips", "chips of a lease stay for its term"),
        "m at ob backup in 2027: the plan says 0 IT MW, the audit 50",
    ),
    "a delivery without a contract": (
        None,
        lambda p: p["installs"].append({**p["installs"][3], "role": "primary", "stock_it_mw": 0.0}),
        ("chips", "chips of a lease are installed at its start"),
        "m at ob primary in 2026: the plan says 50 IT MW, the audit 0",
    ),
    "a lease with a chip of no offer": (
        None,
        lambda p: _row(p, "contracts", 3, chip="c"),
        ("chips", "chip of a lease is admitted"),
        "contract ob/backup/2026: c is not among the offer's chips (m)",
    ),
    "a lease that is older than its chip": (
        {"chips": {0: {"first_date": "2026-09-01"}}},
        None,
        ("chips", "chip of a lease is admitted"),
        "starts in 2026, before the first date of m",
    ),
    "a chip of no offer in a signed lease": (
        None,
        lambda p: p["installs"].append({**p["installs"][3], "chip": "c", "contract": "s2"}),
        ("chips", "chip in a signed lease is admitted"),
        "50 IT MW of c installed in signed contract s2 in 2026: not among the offer's chips",
    ),
    "a signed lease over its size": (
        None,
        lambda p: p["installs"].append({**p["installs"][3], "contract": "s2", "added_it_mw": 51.0}),
        ("chips", "room in a signed lease"),
        "signed contract s2 in 2026: 51 IT MW, at most 50 IT MW",
    ),
    "chips of a signed lease that vanish": (
        None,
        lambda p: p["installs"].append({**p["installs"][3], "contract": "s2"}),
        ("chips", "chips in a signed lease stay"),
        "m in signed contract s2 in 2027: the plan says 0 IT MW, the audit 50",
    ),
    "chips in a signed lease that brings its own": (
        None,
        lambda p: p["installs"].append({**p["installs"][3], "role": "primary", "contract": "s1"}),
        ("tables", "installs can be read"),
        "s1 is no `cloud` contract that leaves its chip to the plan",
    ),
    "a lease without a chip": (
        None,
        lambda p: _row(p, "contracts", 3, chip=""),
        ("tables", "contracts can be read"),
        "column chip is empty",
    ),
    "a building with a chip": (
        None,
        lambda p: _row(p, "contracts", 1, chip="m"),
        ("tables", "contracts can be read"),
        "column chip: must be empty for tenure build",
    ),
    "a signed lease with another chip": (
        None,
        lambda p: _row(p, "contracts", 4, chip="m"),
        ("contract", "signed contracts unchanged"),
        "signed contract s2: the plan says chip 'm' for ''",
    ),
}
