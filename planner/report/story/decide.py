"""What must be decided when: last dates to sign, to order and to begin, and options that expire unused."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from planner.case.calendar import FIRST_YEAR, MONTHS_PER_YEAR, month_number, month_start
from planner.case.rows import OfferRow, PowerOptionRow
from planner.report.story.facts import DAYS_PER_MONTH, Facts, number
from planner.report.story.words import Sentence, StorySection, facility_power, it_power, joined, verb
from planner.text import count

MOST_DECISIONS = 8
MOST_OPTIONS = 5


@dataclass(frozen=True, slots=True)
class Decision:
    """Something that must be decided by a date.

    Attributes
    ----------
    by : date
        Last day: the start less the lead time.
    what : str
    it_mw : float
        IT MW of a contract; 0 of anything else.
    contracts : int
        How many contracts it stands for.
    """

    by: date
    what: str
    it_mw: float
    contracts: int


def decide(facts: Facts) -> StorySection:
    """What must be decided in the first year of the plan, and what can wait."""
    return StorySection("decide", "What must be decided, and what can wait", tuple(_sentences(facts)))


def last_day(start: date, lead_months: float) -> date:
    """Return the day that lies some months before another; a part of a month as days of a mean month.

    Examples
    --------
    >>> last_day(date(2028, 1, 1), 18.0), last_day(date(2028, 3, 1), 0.5)
    (datetime.date(2026, 7, 1), datetime.date(2028, 2, 15))
    """
    whole = int(lead_months)
    month = max(month_number(start) - whole, FIRST_YEAR * MONTHS_PER_YEAR)
    begin = month_start(month)
    return begin - timedelta(days=round((lead_months - whole) * DAYS_PER_MONTH)) + timedelta(days=start.day - 1)


def decisions(facts: Facts) -> list[Decision]:
    """Everything that the plan decides, by the last date; contracts alike in offer, role and start as one."""
    found = [*_contracts(facts), *_orders(facts)]
    return sorted(found, key=lambda one: (one.by, -one.it_mw, one.what))


def _contracts(facts: Facts) -> Iterator[Decision]:
    groups: dict[tuple[str, str, str], list[float]] = {}
    for row in facts.rows("contracts"):
        if row["origin"] == "decided":
            key = str(row["offer"]), str(row["role"]), str(row["start_date"])
            groups.setdefault(key, []).append(number(row["it_mw"]))
    for (name, role, start), it_mw in groups.items():
        offer = facts.offer(name)
        lead = offer.lead_months if offer else 0.0
        begins = date.fromisoformat(start)
        what = f"{it_power(sum(it_mw))} {role} of {facts.name('offer', name)}, in force from {start}"
        yield Decision(last_day(begins, lead), what, sum(it_mw), len(it_mw))


def _orders(facts: Facts) -> Iterator[Decision]:
    """On-site power, by its lead time; the development of chips, in the period in which it starts."""
    for row in facts.rows("power_built"):
        option = facts.plan.case.by_key(PowerOptionRow).get(str(row["power_option"]))
        begins = facts.periods.calendar.start_dates[facts.index(row["period"])]
        power = facility_power(number(row["facility_mw"]))
        what = f"{power} on site at {facts.name('site', row['site'])}, in service from {begins.isoformat()}"
        yield Decision(last_day(begins, option.lead_months if option else 0.0), what, 0.0, 0)
    for row in facts.rows("developments"):
        begins = facts.periods.calendar.start_dates[facts.index(row["period"])]
        yield Decision(begins, f"the development of {facts.name('chip', row['chip'])}", 0.0, 0)


def _sentences(facts: Facts) -> Iterator[Sentence]:
    found = decisions(facts)
    if not found:
        yield Sentence("The plan decides nothing: there is nothing to sign.", short=True)
    else:
        yield from _first_year(facts, found)
    yield from _expiring(facts)


def _first_year(facts: Facts, found: Sequence[Decision]) -> Iterator[Sentence]:
    year = facts.start.year
    now, later = [one for one in found if one.by.year <= year], [one for one in found if one.by.year > year]
    if now:
        first = now[0].by
        day = ", the first day of the plan" if first == facts.start else ""
        due = verb(sum(max(1, one.contracts) for one in now), "is", "are")
        text = f"In {year}, the first year of the plan, {_amount(now)} {due} due"
        alone = len(now) == 1
        yield Sentence(f"{text}, {'' if alone else 'the first '}by {first.isoformat()}{day}.", short=True)
        for one in now[:MOST_DECISIONS]:
            yield Sentence(f"By {one.by.isoformat()}: {one.what}.")
        more = now[MOST_DECISIONS:]
        if more:
            yield Sentence(f"In {year} {verb(len(more), 'follows', 'follow')} {_amount(more)} more.")
    else:
        yield Sentence(f"Nothing must be decided in {year}, the first year of the plan.", short=True)
    if later:
        after = f"{later[0].by.isoformat()}: {later[0].what}"
        yield Sentence(f"{_amount(later)} can wait until after {year}; the next date is {after}.", short=True)
    elif now:
        what = f"Nothing that begins by the end of {facts.labels[-1]}" if facts.tail else "Nothing"
        yield Sentence(f"{what} is left to decide after {year}.")


def _amount(found: Sequence[Decision]) -> str:
    """Contracts with their IT MW, and other decisions."""
    contracts, others = sum(one.contracts for one in found), sum(one.contracts == 0 for one in found)
    signed = f"{count(contracts, 'contract')} ({it_power(sum(one.it_mw for one in found))})"
    if not others:
        return signed
    return f"{signed} and {count(others, 'other decision')}" if contracts else count(others, "decision")


def _expiring(facts: Facts) -> Iterator[Sentence]:
    """Offers that can be signed until a date within the horizon and that the plan does not use."""
    used = {str(row["offer"]) for row in facts.rows("contracts") if row["origin"] == "decided"}
    found = []
    for row in facts.plan.case.rows(OfferRow):
        day = None if row.last_start is None else last_day(row.last_start, row.lead_months)
        if day is None or row.offer in used or not row.max_blocks or not _open(facts, row):
            continue
        if facts.start <= day < facts.end:
            found.append((day, facts.name("offer", row.offer)))
    found.sort()
    if found:
        parts = [f"{name} (by {day.isoformat()})" for day, name in found]
        what = count(len(found), "option")
        yield Sentence(
            f"{what} of the case {verb(len(found), 'expires', 'expire')} unused: {joined(parts, MOST_OPTIONS)}."
        )


def _open(facts: Facts, row: OfferRow) -> bool:
    """Whether the site of an offer is in the case."""
    site = facts.plan.case.index("sites").get(str(row.site))
    return bool(getattr(site, "available", False))
