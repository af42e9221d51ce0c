"""What binds in a plan: the limits that are used up, by kind, place and period."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from planner.report.grid import Row, number, period_ranges

if TYPE_CHECKING:
    from planner.plan.plan import PlanData

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


def find_bindings(plan: "PlanData") -> list[Binding]:
    """Return the limits that bind: cash, envelopes, financing, power, carbon, chip supply, programmes, redundancy.

    An obligation or a rule that the plan misses does not bind: it is listed as missed.
    """
    periods = plan.periods

    def rows(table: str) -> list[dict[str, Any]]:
        return periods.labelled(plan.rows(table))

    missed = missed_limits(rows("shortfalls"))
    return [
        *_cash(rows("budget")),
        *_envelopes(plan.rows("envelopes")),
        *_used_up(rows("financing"), "financing", "financing", "used_busd", "most_busd"),
        *_used_up(rows("power"), "site power", "site", "facility_mw", "energised_facility_mw"),
        *_used_up(rows("power_regions"), "region power", "power_region", "facility_mw", "limit_facility_mw"),
        *_used_up(rows("emissions"), "carbon cap", "", "emissions_mt", "cap_mt"),
        *_used_up(rows("chips"), "chip supply", "chip", "added_it_mw", "supply_it_mw"),
        *_grouped("programme", _programmes(rows("programme_path"), missed)),
        *_grouped("redundancy", _tight(rows("contingencies"), missed)),
        *_grouped("missed", missed),
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


def missed_limits(shortfalls: Iterable[Row]) -> list[tuple[str, str]]:
    """Return the rules and the programmes of which something is missed, each with the period."""
    found = [(str(row["rule"] or f"{row['programme']}, at least"), row) for row in shortfalls]
    return [(name, str(row["period"])) for name, row in found if row["rule"] or row["programme"]]


def _programmes(rows: Iterable[Row], missed: Collection[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the paths of programmes that hold down or up what is in force, and the period."""
    found = []
    for row in rows:
        for measure in ("it", "facility"):
            mw, name = number(row[f"{measure}_mw"]) or 0.0, str(row["programme"])
            least, most = number(row[f"at_least_{measure}_mw"]), number(row[f"at_most_{measure}_mw"])
            bound = row["kind"] != "priced" and row["undertaken"] == "yes"
            place = (f"{name}, at least", str(row["period"]))
            if bound and least and mw <= (1.0 + BINDING_SHARE) * least and place not in missed:
                found.append(place)
            if most is not None and mw > 0.0 and mw >= (1.0 - BINDING_SHARE) * most:
                found.append((f"{name}, at most", str(row["period"])))
    return found


def _tight(contingencies: Iterable[Row], missed: Collection[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return rule and period of the contingencies that leave no margin, where nothing of the rule is missed."""
    places = [(str(row["rule"]), str(row["period"])) for row in contingencies if row["binding"] == "yes"]
    return [place for place in places if place not in missed]


def _cash(rows: Iterable[Row]) -> list[Binding]:
    """Return the periods whose money is spent."""
    spent = []
    for row in rows:
        slack, limit = number(row["slack_busd"]), number(row["limit_busd"])
        if slack is not None and limit is not None and slack <= BINDING_SHARE * max(1.0, abs(limit)):
            spent.append(("", str(row["period"])))
    return _grouped("cash", spent)


def _envelopes(rows: Iterable[Row]) -> list[Binding]:
    """Return the roles whose envelope is used up, over the whole horizon."""
    full = []
    for row in rows:
        left, most = number(row["left_busd"]), number(row["envelope_busd"])
        if left is not None and most and left <= BINDING_SHARE * most:
            full.append(Binding("envelope", str(row["role"]), ()))
    return full


def _used_up(rows: Iterable[Row], kind: str, place: str, used: str, limit: str) -> list[Binding]:
    """Return the places whose limit is used up; no limit and no use do not bind."""
    pairs = []
    for row in rows:
        use, most = number(row[used]) or 0.0, number(row[limit])
        if most is not None and use > 0.0 and use >= (1.0 - BINDING_SHARE) * most:
            pairs.append((str(row[place]) if place else "", str(row["period"])))
    return _grouped(kind, pairs)


def _grouped(kind: str, pairs: Iterable[tuple[str, str]]) -> list[Binding]:
    """Collect the periods of each place, each once."""
    periods: dict[str, dict[str, None]] = {}
    for place, period in pairs:
        periods.setdefault(place, {})[period] = None
    return [Binding(kind, place, tuple(found)) for place, found in periods.items()]
