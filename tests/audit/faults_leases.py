"""Faults of leases planted in the plan of the two yards or in the case under it, as those of `tests.audit.faults`."""

from typing import Any


def _row(tables: dict[str, Any], table: str, number: int, **cells: Any) -> None:
    tables[table][number].update(cells)


def _terms(after_years: float | None, price: float | None = 1.0, **more: Any) -> dict[str, Any]:
    """The lease of the yards may be refreshed to another chip."""
    offer = {"chips": ("m", "c"), "refresh_after_years": after_years, "refresh_price_busd_per_gw_it": price}
    return {"offers": {1: {**offer, **more}}}


def _refresh(**cells: Any) -> Any:
    """A refresh of the lease in the second year, with what it installs and, unless a fault, all that follows."""
    row = {"contract": "ob/backup/2026", "offer": "ob", "role": "backup", "period": "2027", "replaced_chip": "m",
           "chip": "c", "blocks": 1, "it_mw": 50.0, **cells}  # fmt: skip
    return lambda p: p["refreshes"].append(row)


ALLOWED = ("chips", "refresh of a lease is allowed")

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
    "refreshed too early": (_terms(1.5), _refresh(), ALLOWED, "refreshed in 2027: after 1 years, not before 1.5"),
    "refreshed without the right": (_terms(None, None), _refresh(), ALLOWED, "2027: offer ob states no refresh"),
    "refreshed at its start": (_terms(0.0), _refresh(period="2026"), ALLOWED, "not between the start and the end"),
    "refreshed to the chip that it has": (_terms(1.0), _refresh(chip="m"), ALLOWED, "m is the chip that the contract"),
    "refreshed to a chip of no offer": (
        _terms(1.0, chips=("m",)),
        _refresh(),
        ALLOWED,
        "2027: c is not among the offer's chips (m)",
    ),
    "refreshed to a chip that is not there yet": (
        {**_terms(1.0), "chips": {1: {"first_date": "2027-09-01"}}},
        _refresh(),
        ALLOWED,
        "2027: before the first date of c",
    ),
    "refreshed beyond its blocks": (
        _terms(1.0),
        _refresh(blocks=2, it_mw=100.0),
        ("chips", "each block refreshed once"),
        "contract ob/backup/2026: 100 IT MW, at most 50 IT MW",
    ),
    "a refresh that is not paid": (
        _terms(1.0),
        _refresh(),
        ("money", "spending on refresh"),
        "backup refresh of 2027: the plan says 0 busd, the audit 0.05",
    ),
    "a refresh that installs nothing": (
        _terms(1.0),
        _refresh(),
        ("chips", "chips of a lease are installed at its start"),
        "c at ob backup in 2027: the plan says 0 IT MW, the audit 50",
    ),
    "a refresh of a building": (
        None,
        _refresh(contract="oa/primary/2026", offer="oa", role="primary"),
        ("tables", "refreshes can be read"),
        "oa/primary/2026 states no chip that could be replaced",
    ),
    "a refresh of another chip": (
        _terms(1.0),
        _refresh(replaced_chip="c"),
        ("tables", "refreshes can be read"),
        "column replaced_chip: 'c' is not known",
    ),
    "half a block refreshed": (
        _terms(1.0),
        _refresh(blocks=0.5, it_mw=25.0),
        ("tables", "refreshes can be read"),
        "not a whole number of blocks",
    ),
    "a refresh of a signed lease": (
        _terms(1.0),
        _refresh(contract="s1", role="primary"),
        ("tables", "refreshes can be read"),
        "column contract: 's1' is not known",
    ),
}
