"""Data that shape a program by how long things last and when they are there: lives, refreshes, terms, on-site power."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from planner.case.calendar import end_date
from planner.case.case import CaseData
from planner.case.check.place import at_row
from planner.case.rows import ChipRow, ContractRow, OfferRow, PowerOptionRow
from planner.changes.shift import add_months
from planner.errors import Problem
from planner.explain.conflict_dates import SHORTER
from planner.explain.conflict_lever import MONTHS, MOST_LEVERS, Changes, Lever, months_between, months_up_to
from planner.explain.conflict_named import NamedLimit, listed_members, years_text

DAYS_PER_YEAR = 365.25
MOST_MONTHS = 1_200.0
"""As many months as no horizon has."""
TURNS = (SHORTER, "in service earlier by")
"""What may go too far: payments of a short lead time come all at once."""
Moved = Callable[[list[str], float], Changes]
"""From the keys of rows, and months, to changes."""


@dataclass(frozen=True, slots=True)
class Beside:
    """A kind of data that shapes the program.

    Attributes
    ----------
    kind : str
    changes : list of dict
        What takes it out of the case.
    name : callable
        How it is reported.
    levers : tuple of Lever
        What changes it; they loosen no limit of the program.
    free : tuple of dict
        What takes it out without costing anything, where the changes do: beyond it nothing is missing for their cost.
    parts : tuple of Beside
        Of what it is made; named by itself is one of them without which, the others kept, the limits could be kept.
    """

    kind: str
    changes: Changes
    name: Callable[[], NamedLimit]
    levers: tuple[Lever, ...] = ()
    free: tuple[dict[str, Any], ...] = ()
    parts: "tuple[Beside, ...]" = ()


def named(kind: str, name: str, states: str, places: Iterator[Problem]) -> NamedLimit:
    """Return what shapes the program as it is reported: in all periods, with its places."""
    return NamedLimit(kind, name, states, "", tuple(places))


def cell(table: str, key: str, column: str, value: object) -> dict[str, Any]:
    """Return the change of one figure."""
    return {"op": "set", "table": table, "key": key, "column": column, "value": value}


def plain(years: float) -> float:
    """Return a number of years without rounding noise."""
    return float(f"{years:.9g}")


def once(name: str, changes: Changes) -> Lever:
    """Return a lever with one step, which loosens no limit of the program."""
    return Lever(frozenset(), name, "", lambda _: changes, steps=(1.0,))


def each_and_all(each: Mapping[str, Changes], every: str) -> tuple[Lever, ...]:
    """Return levers with one step: of the first members, each by itself, and of all together where there are several.

    Parameters
    ----------
    each : mapping of str to list of dict
        Changes by the name of the lever that makes them.
    every : str
        Name of the lever that makes all of them.
    """
    levers = [once(name, each[name]) for name in list(each)[:MOST_LEVERS]]
    if len(each) > 1:
        levers.append(once(every, [change for changes in each.values() for change in changes]))
    return tuple(levers)


def of_refreshes(case: CaseData) -> Iterator[Beside]:
    """Yield when chips within contracts can be replaced at the earliest."""
    rows = {row.offer: row for row in case.rows(OfferRow) if row.refresh_after_years}
    if rows:
        name = partial(
            named, "refresh", f"when chips can be replaced: {listed_members(list(rows), 'offers')}",
            ", ".join(f"{years_text(row.refresh_after_years or 0.0)} after the start" for row in rows.values())
            if len(rows) == 1 else "",
            (at_row(case, "offers", row, "refresh_after_years", "") for row in rows.values()),
        )  # fmt: skip
        changes = [cell("offers", offer, "refresh_after_years", 0.0) for offer in rows]
        earlier = _years_moved("offers", "refresh_after_years", rows, -1)
        there = {offer: 12.0 * (row.refresh_after_years or 0.0) for offer, row in rows.items()}
        levers = _in_months("refresh", "offer", rows, "earlier by", earlier, there)
        yield Beside("refresh", changes, name, tuple(levers))


def of_lives(case: CaseData) -> Iterator[Beside]:
    """Yield the lives of chips that may end within the horizon."""
    years = _horizon_years(case)
    signed = {row.chip for row in case.rows(ContractRow)}
    rows = {row.chip: row for row in case.rows(ChipRow) if row.life_years < years or row.chip in signed}
    if rows:
        yield _of_lives(case, "life", ("chips", "chip", "life_years"), "life of chips", "life", rows)


def of_terms(case: CaseData) -> Iterator[Beside]:
    """Yield the lives of own buildings that may end within the horizon; of leases, renewals say more."""
    years = _horizon_years(case)
    rows = {row.offer: row for row in case.rows(OfferRow) if row.tenure == "build" and row.term_years < years}
    if rows:
        where = "offers", "offer", "term_years"
        yield _of_lives(case, "term", where, "life of buildings", "life of buildings", rows)


def _of_lives(
    case: CaseData,
    kind: str,
    where: tuple[str, str, str],
    title: str,
    word: str,
    rows: Mapping[str, ChipRow | OfferRow],
) -> Beside:
    """Return how many years things last; where: their table, what one of them is called, and the column."""
    table, one, column = where
    (only, *more) = rows.values()
    name = partial(
        named, kind, f"{title}: {listed_members(list(rows), table)}",
        "" if more else years_text(getattr(only, column)),
        (at_row(case, table, row, column, "") for row in rows.values()),
    )  # fmt: skip
    longer = _years_moved(table, column, rows, 1)
    levers = tuple(_in_months(word, one, rows, "longer by", longer))
    return Beside(kind, longer(list(rows), 12.0 * _horizon_years(case)), name, levers)


def of_maturities(case: CaseData) -> Iterator[Beside]:
    """Yield when chips give their mature compute, where that is after the start of the horizon."""
    start = case.model.horizon.start
    rows = {
        row.chip: row for row in case.rows(ChipRow)
        if row.maturity_years and (start - row.first_date).days < DAYS_PER_YEAR * row.maturity_years
    }  # fmt: skip

    def sooner(keys: list[str], months: float) -> Changes:
        changes: Changes = []
        for key in keys:
            left = (rows[key].maturity_years or 0.0) - months / 12.0
            changes += [cell("chips", key, "maturity_years", plain(left))] if left > 0.0 else _mature(key)
        return changes

    if rows:
        name = partial(
            named, "maturity", f"when chips are mature: {listed_members(list(rows), 'chips')}",
            ", ".join(f"{years_text(row.maturity_years or 0.0)} after the first volume date" for row in rows.values())
            if len(rows) == 1 else "",
            (at_row(case, "chips", row, "maturity_years", "") for row in rows.values()),
        )  # fmt: skip
        changes = [change for chip in rows for change in _mature(chip)]
        there = {chip: 12.0 * (row.maturity_years or 0.0) for chip, row in rows.items()}
        levers = _in_months("maturity", "chip", rows, "earlier by", sooner, there)
        yield Beside("maturity", changes, name, tuple(levers))


def _mature(chip: str) -> Changes:
    """Return the changes by which a chip is mature from its first volume date on."""
    return [cell("chips", chip, column, "") for column in ("maturity_years", "first_volume_maturity_share")]


def of_options(case: CaseData) -> Iterator[Beside]:
    """Yield when on-site power can be there: its earliest dates, its lead times, its lives.

    Dates and lead times first together: an option can be in service after both, so both may have to change.
    """
    start, years = case.model.horizon.start, _horizon_years(case)
    rows = {row.power_option: row for row in case.rows(PowerOptionRow)}
    late = {key: row for key, row in rows.items() if row.earliest_date > start}
    slow = {key: row for key, row in rows.items() if row.lead_months > 0.0}
    brief = {key: row for key, row in rows.items() if row.life_years < years}
    before = {key: months_between(start, row.earliest_date) for key, row in late.items()}
    leads = {key: row.lead_months for key, row in slow.items()}

    def earlier(keys: list[str], months: float) -> Changes:
        days = {key: max(start, add_months(rows[key].earliest_date, -int(months))) for key in keys if key in late}
        return [cell("power_options", key, "earliest_date", day) for key, day in days.items()]

    def sooner(keys: list[str], months: float) -> Changes:
        left = {key: max(0.0, rows[key].lead_months - months) for key in keys if key in slow}
        return [cell("power_options", key, "lead_months", value) for key, value in left.items()]

    longer = _years_moved("power_options", "life_years", rows, 1)
    found: list[Beside] = []
    if late:
        found.append(_of_option(case, "earliest_date", "earliest date", late, "earlier by", earlier, before))
    if slow:
        found.append(_of_option(case, "lead_months", "lead time", slow, SHORTER, sooner, leads))
    yield from [_in_service(start, before, leads, found)] if len(found) == 2 else found
    if brief:
        yield _of_option(case, "life_years", "life", brief, "longer by", longer)


def _in_service(start: date, before: Mapping[str, float], leads: Mapping[str, float], parts: list[Beside]) -> Beside:
    """Return the dates and lead times of on-site power together: an option is in service after both.

    Parameters
    ----------
    start : date
        Of the horizon.
    before, leads : mapping of str to float
        Months to the earliest date and of the lead time, of the options that have such.
    parts : list of Beside
        Dates, and lead times.
    """
    both = {key: max(before.get(key, 0.0), leads.get(key, 0.0)) for key in {**before, **leads}}

    def sooner(keys: list[str], months: float) -> Changes:
        changes: Changes = []
        for key in keys:
            left = max(0.0, both[key] - months)
            if before.get(key, 0.0) > left:
                changes.append(cell("power_options", key, "earliest_date", add_months(start, int(left))))
            if leads.get(key, 0.0) > left:
                changes.append(cell("power_options", key, "lead_months", left))
        return changes

    def name() -> NamedLimit:
        dates, times = (one.name() for one in parts)
        states = ", ".join(text for text in (dates.states and f"from {dates.states}", times.states) if text)
        text = f"{dates.name.partition(' of ')[0]} and {times.name}"
        return NamedLimit("onsite_service", text, states, "", (*dates.places, *times.places))

    changes = [change for one in parts for change in one.changes]
    levers = _in_months("on-site power", "option", both, "in service earlier by", sooner, both)
    return Beside("onsite_service", changes, name, tuple(levers), parts=tuple(parts))


def _of_option(
    case: CaseData,
    column: str,
    word: str,
    rows: Mapping[str, PowerOptionRow],
    by: str,
    change: Moved,
    there: Mapping[str, float] | None = None,
) -> Beside:
    """Return a column of on-site power that says when it is there."""
    texts = {"earliest_date": "{}", "lead_months": "{:g} months", "life_years": "{:g} years"}
    (only, *more) = rows.values()
    name = partial(
        named, f"onsite_{column}", f"{word} of on-site power: {listed_members(list(rows), 'options')}",
        "" if more else texts[column].format(getattr(only, column)),
        (at_row(case, "power_options", row, column, "") for row in rows.values()),
    )  # fmt: skip
    levers = tuple(_in_months(f"{word} of on-site power", "option", rows, by, change, there))
    return Beside(f"onsite_{column}", change(list(rows), MOST_MONTHS), name, levers)


def _horizon_years(case: CaseData) -> float:
    return (end_date(case.model.horizon) - case.model.horizon.start).days / DAYS_PER_YEAR


def _years_moved(table: str, column: str, rows: Mapping[str, Any], sign: int) -> Moved:
    """Return what moves a number of years of some rows by months."""

    def moved(keys: list[str], months: float) -> Changes:
        years = {key: max(0.0, getattr(rows[key], column) + sign * months / 12.0) for key in keys}
        return [cell(table, key, column, plain(value)) for key, value in years.items()]

    return moved


def _in_months(
    what: str,
    kind: str,
    rows: Mapping[str, Any],
    by: str,
    change: Moved,
    there: Mapping[str, float] | None = None,
) -> Iterator[Lever]:
    """Yield the levers that move each row by months, and all of them where there are more.

    ``there`` has by how many months each can be moved at most; None: by any number.
    """
    each = {f"{what} of {kind} {key}": [key] for key in list(rows)[:MOST_LEVERS]}
    every = {f"{what} of all {len(rows)} {kind}s": list(rows)} if len(rows) > 1 else {}
    for name, keys in {**each, **every}.items():
        steps = months_up_to(*([MONTHS[-1]] if there is None else [there[key] for key in keys]))
        yield Lever(frozenset(), name, "months", partial(change, keys), steps=steps, by=by, turns=by in TURNS)
