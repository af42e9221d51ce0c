"""What ends within a plan, and why: by its own date, with its term, early, or after a renewal."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from planner.case.calendar import SAME_YEARS
from planner.report.story.facts import Facts, Row, number
from planner.report.story.words import Sentence, it_power, joined, verb
from planner.text import count

MOST_CONTRACTS = 4
REASONS = {
    "signed": ("signed contract", "ends by its own date", "end by their own dates"),
    "followed": (
        "signed contract",
        "ends on the day on which another signed contract of as much begins at the same site",
        "end on the days on which other signed contracts of as much begin at the same sites",
    ),
    "term": ("decided contract", "ends with its term", "end with their terms"),
    "early": ("decided contract", "is left before the end of its term", "are left before the end of their terms"),
    "renewed": ("decided contract", "is renewed and ends later", "are renewed and end later"),
}
"""By reason: what, and what becomes of one and of several."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A contract that ends within the reported periods."""

    reason: str
    row: Row


def end_sentences(facts: Facts) -> Iterator[Sentence]:
    """Sentences on what ends, by reason, what is renewed to the end, and on chips that are replaced."""
    found = ended(facts)
    for reason, (what, one, many) in REASONS.items():
        rows = [end.row for end in found if end.reason == reason]
        if rows:
            in_all = sum(number(row["it_mw"]) for row in rows)
            does = verb(len(rows), one, many)
            listed = joined(_named(facts, rows), MOST_CONTRACTS)
            yield Sentence(f"{count(len(rows), what)} ({it_power(in_all)} in all) {does}: {listed}.")
    kept = [row for row in facts.rows("contracts") if _on_renewal(facts, row)]
    if kept:
        together = it_power(sum(number(row["it_mw"]) for row in kept))
        rents = verb(len(kept), "at the rent after its term", "at the rents after their terms")
        runs = f"{verb(len(kept), 'is', 'are')} on a renewal in {facts.labels[-1]}, {rents}"
        yield Sentence(f"{count(len(kept), 'decided contract')} ({together}) {runs}.")
    yield from _refreshes(facts)


def ended(facts: Facts) -> list[Ended]:
    """The contracts that end within the reported periods, with the reason; the first to end first."""
    rows = sorted(
        (row for row in facts.rows("contracts") if _ends(facts, row)),
        key=lambda row: (str(row["end_date"]), -number(row["it_mw"]), str(row["contract"])),
    )
    followed = _followed(facts)
    return [Ended("followed" if row["contract"] in followed else _reason(facts, row), row) for row in rows]


def _followed(facts: Facts) -> set[object]:
    """Signed contracts that end the day another of the same site, provider, role and IT MW begins; one for one."""
    signed = [row for row in facts.rows("contracts") if row["origin"] == "signed"]
    begin = Counter(_place(row, "start_date") for row in signed)
    found = set[object]()
    for row in signed:
        key = _place(row, "end_date")
        if begin[key] > 0:
            begin[key] -= 1
            found.add(row["contract"])
    return found


def _place(row: Row, day: str) -> tuple[str, ...]:
    return (*(str(row[column]) for column in ("site", "provider", "role", "it_mw")), str(row[day]))


def _ends(facts: Facts, row: Row) -> bool:
    return facts.start < date.fromisoformat(str(row["end_date"])) < facts.end


def _reason(facts: Facts, row: Row) -> str:
    if row["origin"] == "signed":
        return "signed"
    term, end = _term_end(facts, row), facts.index(row["end_period"])
    return "term" if term is None or end == term else "early" if end < term else "renewed"


def _on_renewal(facts: Facts, row: Row) -> bool:
    """Whether a decided contract is in force in the last reported period, after its term."""
    if row["origin"] == "signed":
        return False
    term, last = _term_end(facts, row), len(facts.labels) - 1
    return term is not None and term <= last < facts.index(row["end_period"])


def _term_end(facts: Facts, row: Row) -> int | None:
    """The first boundary of periods at which the term of a decided contract is over."""
    offer = facts.offer(row["offer"])
    if offer is None:
        return None
    starts = facts.periods.calendar.start_years
    over = starts[facts.index(row["start_period"])] + offer.term_years - SAME_YEARS
    return next((at for at, years in enumerate(starts) if years >= over), facts.periods.count)


def _named(facts: Facts, rows: Sequence[Row]) -> list[str]:
    """Contracts by site, alike ones that end together as one."""
    alike: dict[tuple[str, str, str], float] = {}
    for row in rows:
        key = facts.name("site", row["site"]), facts.name("provider", row["provider"]), str(row["end_date"])
        alike[key] = alike.get(key, 0.0) + number(row["it_mw"])
    return [f"{it_power(it_mw)} of {who} at {site} on {day}" for (site, who, day), it_mw in alike.items()]


def _refreshes(facts: Facts) -> Iterator[Sentence]:
    rows = facts.rows("refreshes")
    if rows:
        it_mw = sum(number(row["it_mw"]) for row in rows)
        labels = {facts.label(row["period"]) for row in rows}
        when = facts.ranges([label for label in facts.labels if label in labels])
        number_of = len({str(row["contract"]) for row in rows})
        yield Sentence(f"Chips are replaced in {count(number_of, 'contract')} ({it_power(it_mw)}), in {when}.")
