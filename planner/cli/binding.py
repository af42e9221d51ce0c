"""What binds in a plan: the limits that are used up, by kind, place and period."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from planner.cli.grid import Row, period_ranges

if TYPE_CHECKING:
    from planner.plan.plan import Plan

BINDING_SHARE = 1e-3
"""A limit binds when what is left of it is within this share of it."""
MOST_PLACES = 5
"""Places named per kind of limit; the others are counted."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A limit that is used up: its kind, the place, and the periods."""

    kind: str
    place: str
    periods: tuple[str, ...]


def find_bindings(plan: "Plan") -> list[Binding]:
    """Return the limits of a plan that bind: cash, power of sites and regions, chip supply, redundancy."""
    return [
        *_cash(plan.rows("budget")),
        *_used_up(plan.rows("power"), "site power", "site", "facility_mw", "energised_facility_mw"),
        *_used_up(plan.rows("power_regions"), "region power", "power_region", "facility_mw", "limit_facility_mw"),
        *_used_up(plan.rows("chips"), "chip supply", "chip", "added_it_mw", "supply_it_mw"),
        *_grouped("redundancy", ((row["rule"], row["period"]) for row in plan.rows("contingencies") if _binds(row))),
    ]


def binding_lines(bindings: Sequence[Binding], periods: Sequence[str]) -> list[tuple[str, str]]:
    """Return one line per kind: the places that bind longest, each with its periods."""
    lines = []
    for kind in dict.fromkeys(binding.kind for binding in bindings):
        places = sorted((b for b in bindings if b.kind == kind), key=lambda b: (-len(b.periods), b.place))
        texts = [f"{b.place} {period_ranges(b.periods, periods)}".strip() for b in places[:MOST_PLACES]]
        if len(places) > MOST_PLACES:
            texts.append(f"and {len(places) - MOST_PLACES} more")
        lines.append((kind, "; ".join(texts)))
    return lines


def _binds(contingency: Row) -> bool:
    """Say whether a row of the contingencies table is marked as binding."""
    return contingency["binding"] in ("yes", True)


def _cash(rows: Iterable[Row]) -> list[Binding]:
    """Return the periods whose money is spent."""
    spent = (
        ("", row["period"])
        for row in rows
        if row["slack_busd"] is not None and row["slack_busd"] <= BINDING_SHARE * max(1.0, abs(row["limit_busd"]))
    )
    return _grouped("cash", spent)


def _used_up(rows: Iterable[Row], kind: str, place: str, used: str, limit: str) -> list[Binding]:
    """Return the places whose limit is used up; no limit and no use do not bind."""
    pairs = (
        (row[place], row["period"])
        for row in rows
        if row[limit] is not None and row[used] > 0.0 and row[used] >= (1.0 - BINDING_SHARE) * row[limit]
    )
    return _grouped(kind, pairs)


def _grouped(kind: str, pairs: Iterable[tuple[str, str]]) -> list[Binding]:
    """Collect the periods of each place, each once."""
    periods: dict[str, dict[str, None]] = {}
    for place, period in pairs:
        periods.setdefault(place, {})[period] = None
    return [Binding(kind, place, tuple(found)) for place, found in periods.items()]
