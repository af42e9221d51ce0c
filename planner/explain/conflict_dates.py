"""The dates before and after which nothing can begin: which of them a conflict needs, and how they could move."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from planner.case.calendar import end_date
from planner.case.case import CaseData
from planner.case.check.place import at_row
from planner.case.row import Row
from planner.case.rows import ChipRow, EnergisationRow, OfferRow, PowerOptionRow, SiteRow
from planner.changes.shift import add_months
from planner.errors import Problem
from planner.explain.conflict_lever import (
    CHIP,
    MONTHS,
    MOST_LEVERS,
    OFFER,
    Changes,
    Lever,
    months_between,
    months_up_to,
)
from planner.explain.conflict_limits import DATES
from planner.explain.conflict_question import Question

MOST_SITES = 4
"""Sites that are tried one by one for what could come earlier."""
SHORTER = "shorter by"
NAMES = {
    "earliest_date": "earliest dates of sites",
    "first_start": "first starts of offers",
    "last_start": "last starts of offers",
    "lead_months": "lead times of offers",
    "first_date": "first volume dates of chips",
}
"""What each column that says when something can begin is called."""
OF_OFFERS = {
    "first_start": ("first start", "earlier by", -1),
    "last_start": ("last start", "later by", 1),
    "lead_months": ("lead time", SHORTER, -1),
}
"""Those of offers: what one is called, which way it is moved."""


def rows_of(case: CaseData, column: str) -> list[tuple[str, Row]]:
    """Return the rows, with their table, in which a column keeps something from beginning on any day."""
    start, end = case.model.horizon.start, end_date(case.model.horizon)
    if column == "earliest_date":
        return [("sites", row) for row in case.rows(SiteRow) if row.available and row.earliest_date > start]
    if column == "first_date":
        return [("chips", row) for row in case.rows(ChipRow) if row.first_date > start]
    if column == "first_start":
        return [("offers", row) for row in case.rows(OfferRow) if row.first_start > start]
    if column == "last_start":
        return [("offers", row) for row in case.rows(OfferRow) if row.last_start is not None and row.last_start < end]
    return [("offers", row) for row in case.rows(OfferRow) if row.lead_months > 0.0]


def dates_named(question: Question, members: list[str]) -> tuple[str, Iterator[Problem]]:
    """Return what keeps things from beginning, in words, and where it stands."""
    columns = [name for name in NAMES if name in members] or list(NAMES)
    found = [(column, table, row) for column in columns for table, row in rows_of(question.case, column)]
    words = [NAMES[column] for column in columns if any(one[0] == column for one in found)]
    text = f"when things can begin: {', '.join(words)}" if words else "dates before which nothing can begin"
    return text, (at_row(question.case, table, row, column, "") for column, table, row in found)


def of_dates(question: Question, members: list[str]) -> Iterator[Lever]:
    """Yield what could begin earlier, or later than its last start: sites, offers, chips."""
    columns = [name for name in NAMES if name in members] or list(NAMES)
    if {"earliest_date", "first_start"} & set(columns):
        sites = sorted((row for row in question.case.rows(SiteRow) if row.available), key=lambda row: -row.max_it_mw)
        for site in sites[:MOST_SITES]:
            yield earlier(question, site.site)
    if "lead_months" in members and {"earliest_date", "first_start"} & set(members):
        yield from _starts(question)
    for column in columns:
        if column in OF_OFFERS:
            yield from _of_offers(question, column)
    chips = [row for _, row in rows_of(question.case, "first_date") if isinstance(row, ChipRow)]
    for chip in chips[:MOST_SITES] if "first_date" in columns else ():
        change = partial(_shifted, "chips", "first_date", -1, key=chip.chip)
        there = months_up_to(months_between(question.case.model.horizon.start, chip.first_date))
        lever = _in_months(question, f"first volume date of chip {chip.chip}", "earlier by", change, there)
        yield replace(lever, begins=(CHIP, frozenset({chip.chip})))


def _of_offers(question: Question, column: str) -> Iterator[Lever]:
    """Yield the levers of when offers can start: of all together, and of the largest where trials are quick."""
    name, by, sign = OF_OFFERS[column]
    rows = [row for _, row in rows_of(question.case, column) if isinstance(row, OfferRow)]
    large = sorted(rows, key=lambda row: -row.block_it_mw * row.max_blocks)
    each = [(f"{name} of offer {row.offer}", [row]) for row in large[: MOST_LEVERS if question.small else 0]]
    every = [(f"{name}s of all offers", rows)] if len(rows) > 1 or not each else []
    for words, some in [*each, *every] if rows else ():
        there, keys = months_up_to(MONTHS[-1]), [row.offer for row in some]
        change = partial(_shifted, "offers", column, sign, key=keys)
        if column == "lead_months":
            there, change = months_up_to(*(row.lead_months for row in some)), partial(_sooner, some)
        if column == "first_start":
            there = months_up_to(*(months_between(question.case.model.horizon.start, row.first_start) for row in some))
        yield replace(_in_months(question, words, by, change, there), begins=(OFFER, frozenset(keys)))


def _starts(question: Question) -> Iterator[Lever]:
    """Yield the levers by which offers start earlier though both a date and their lead time stand in the way."""
    start, sites = question.case.model.horizon.start, question.case.by_key(SiteRow)
    before = {
        row.offer: (
            months_between(start, sites[row.site].earliest_date), months_between(start, row.first_start),
            row.lead_months,
        )
        for row in question.case.rows(OfferRow) if sites[row.site].available
    }  # fmt: skip
    rows = [row for row in question.case.rows(OfferRow) if max(before.get(row.offer, (0.0,))) > 0.0]

    def sooner(some: list[OfferRow], months: float) -> Changes:
        changes: Changes = []
        for row in some:
            left = max(0.0, max(before[row.offer]) - months)
            day = add_months(start, int(left))
            cells: list[tuple[str, str, str, Any]] = [
                ("sites", row.site, "earliest_date", day), ("offers", row.offer, "first_start", day),
                ("offers", row.offer, "lead_months", left),
            ]  # fmt: skip
            changes += [
                {"op": "set", "table": table, "key": key, "column": column, "value": value}
                for (table, key, column, value), there in zip(cells, before[row.offer], strict=True)
                if there > left
            ]
        return changes

    large = sorted(rows, key=lambda row: -row.block_it_mw * row.max_blocks)
    each = [(f"start of offer {row.offer}", [row]) for row in large[: MOST_LEVERS if question.small else 0]]
    every = [("starts of all offers", rows)] if len(rows) > 1 or not each else []
    for words, some in [*each, *every] if rows else ():
        steps = months_up_to(*(max(before[row.offer]) for row in some))
        lever = _in_months(question, words, "earlier by", partial(sooner, some), steps)
        yield replace(lever, turns=question.small, begins=(OFFER, frozenset(row.offer for row in some)))


def _in_months(
    question: Question, name: str, by: str, change: Any, steps: tuple[float, ...] = months_up_to(MONTHS[-1])
) -> Lever:
    turns = by == SHORTER  # payments of a short lead time come all at once
    return Lever(frozenset({DATES}) & question.limits, name, "months", change, steps=steps, by=by, turns=turns)


def _shifted(table: str, column: str, sign: int, months: float, key: str | list[str]) -> Changes:
    return [{"op": "shift", "table": table, "key": key, "column": column, "months": sign * int(months), "if_any": True}]


def _sooner(rows: list[OfferRow], months: float) -> Changes:
    return [
        {"op": "set", "table": "offers", "key": row.offer, "column": "lead_months",
         "value": max(0.0, row.lead_months - months)}
        for row in rows
    ]  # fmt: skip


def _before(case: CaseData, site: str) -> Iterator[float]:
    """Yield by how many months what belongs to a site comes after the start of the horizon."""
    start = case.model.horizon.start
    yield from (months_between(start, row.earliest_date) for row in case.rows(SiteRow) if row.site == site)
    yield from (months_between(start, row.date) for row in case.rows(EnergisationRow) if row.site == site)
    yield from (months_between(start, row.earliest_date) for row in case.rows(PowerOptionRow) if row.site == site)
    yield from (months_between(start, row.first_start) for row in case.rows(OfferRow) if row.site == site)


def _powered_earlier(case: CaseData, site: str, months: int) -> Changes:
    """Return the changes by which the steps of energisation of a site come earlier.

    A step that is in force at the start of the horizon does not move. The last of those that come to its day, or before
    it, gives it its power, and they are taken out: two steps cannot have the same day, nor power go down again.
    """
    steps = sorted((row for row in case.rows(EnergisationRow) if row.site == site), key=lambda row: row.date)
    if not steps:
        return []
    shift: dict[str, Any] = {"op": "shift", "table": "energisation", "months": -months, "if_any": True}
    start = case.model.horizon.start
    standing = [row for row in steps if row.date <= start]
    later = steps[len(standing) :]
    merged = [row for row in later if standing and add_months(row.date, -months) <= standing[-1].date]
    if not merged:
        return [{**shift, "where": {"site": site}}]
    keys = [f"{site},{row.date}" for row in (standing[-1], *later)]
    gone, left = keys[1 : 1 + len(merged)], keys[1 + len(merged) :]
    raised = {"column": "facility_mw", "value": merged[-1].facility_mw}
    return [
        {"op": "set", "table": "energisation", "key": keys[0], **raised},
        {"op": "drop", "table": "energisation", "key": gone},
        *([{**shift, "key": left}] if left else []),
    ]


def earlier(question: Question, site: str) -> Lever:
    """Return the lever by which a site comes earlier: its date, its energisation, its power options, its offers."""
    energised = frozenset(one for one in question.limits if one.kind == "energised")
    case = question.case
    options = ["power_options"] if any(row.site == site for row in case.rows(PowerOptionRow)) else []

    def make(months: float) -> Changes:  # not the site with all that belongs to it: what is signed stays as it is
        by = {"months": -int(months), "if_any": True}
        return [
            {"op": "shift", "table": "sites", "key": site, "column": "earliest_date", **by},
            *_powered_earlier(case, site, int(months)),
            *({"op": "shift", "table": table, "where": {"site": site}, **by} for table in options),
            {"op": "shift", "table": "offers", "where": {"site": site}, "column": "first_start", **by},
        ]

    return Lever(
        frozenset({DATES, *energised}) & question.limits,
        f"site {site}, its power and its offers",
        "months",
        make,
        steps=months_up_to(max(_before(case, site)) or MONTHS[-1]),
        by="earlier by",
        begins=None if options else (OFFER, frozenset(row.offer for row in case.rows(OfferRow) if row.site == site)),
    )
