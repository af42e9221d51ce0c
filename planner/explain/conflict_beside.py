"""What a conflict rests on besides the limits of its program: data that shape it.

The end of a lease, a ramp, the life of a chip, a site that is not available, the pairs of a serving table are no rows
of the program: they shape it. Each kind of them is taken out of the case; where the limits in conflict could then be
kept, it is part of the conflict, and is named with its place and with what would change it.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from planner.case.calendar import end_date
from planner.case.case import CaseData
from planner.case.check.place import at_model, at_row
from planner.case.rows import ContractRow, EnergisationRow, OfferRow, SiteRow
from planner.case.rows_financing import FinancingRow
from planner.case.rows_serving import ServingRow
from planner.changes.apply import apply_changes
from planner.changes.shift import add_months
from planner.errors import CaseError, PlannerError, Problem
from planner.explain.conflict_beside_dates import (
    Beside,
    cell,
    each_and_all,
    named,
    of_lives,
    of_maturities,
    of_options,
    of_refreshes,
    of_terms,
    once,
)
from planner.explain.conflict_dates import NAMES, rows_of
from planner.explain.conflict_found import Found
from planner.explain.conflict_lever import MONTHS, MOST_LEVERS, Changes, Lever
from planner.explain.conflict_limits import DATES, Limit, Part
from planner.explain.conflict_look import FEASIBLE, INFEASIBLE, UNKNOWN
from planner.explain.conflict_make import make_world
from planner.explain.conflict_named import listed_members, years_text
from planner.explain.conflict_question import Question
from planner.explain.conflict_ways import MAKERS
from planner.explain.conflict_words import named_limit
from planner.system.cores import usable_cores
from planner.system.parallel import in_parallel

MUCH_MW = 1e5
"""Room and power that are no limit any more."""
MOST_PAIRS = 300
"""Pairs of site and market up to which it is tried whether more of them would do."""
ASKING = frozenset({"demand", "programme", "redundancy", "dates", "cluster", "blocks", "site", "energised"})
"""In a large program, where each look takes long: kinds to which a conflict is confined if this is asked of it."""


def needed_dates(question: Question, found: Found) -> Found:
    """Return a conflict with the columns of dates that it needs, where it needs any."""
    if DATES not in found.limits or not question.small:
        return found
    released: Changes = []
    kept: list[str] = []
    for column in NAMES:
        change = _undated(question.case, column)
        if _status(question, found, [*released, *change]) == INFEASIBLE:
            released += change
        elif change:
            kept.append(column)
    return replace(found, parts={**found.parts, DATES: _beside_one_another(question, found, kept)})


def _beside_one_another(question: Question, found: Found, kept: list[str]) -> tuple[str, ...]:
    """Return columns of dates with those that are in the way as well: nothing begins before the last of them."""
    every = {column: _undated(question.case, column) for column in NAMES}
    needed = [column for column in NAMES if every[column]]
    if _status(question, found, [one for column in kept for one in every[column]]) != INFEASIBLE:
        return tuple(kept)
    for column in [column for column in needed if column not in kept]:
        fewer = [other for other in needed if other != column]
        if _status(question, found, [one for other in fewer for one in every[other]]) == FEASIBLE:
            needed = fewer
    return tuple(needed)


def _undated(case: CaseData, column: str) -> Changes:
    """Return the change by which a column of dates keeps nothing from beginning; none where it does not."""
    rows = rows_of(case, column)
    value: Any = {"last_start": "", "lead_months": 0}.get(column, case.model.horizon.start)
    if column == "first_date":  # a chip that was there before the start is the more mature for it
        return [cell(table, str(row.key[0]), column, value) for table, row in rows]
    return [{"op": "set", "table": rows[0][0], "column": column, "value": value}] if rows else []


def besides(question: Question, found: Found) -> tuple[Found, list[Beside]]:
    """Return what a conflict rests on besides its limits: without any one of it, the limits could be kept.

    Only the members of the limits that are needed are kept meanwhile, and only the columns of dates: so all that is
    named is a conflict by itself. What was not decided in time is named too, and the conflict is not proven minimal.
    """
    kinds = {limit.kind for limit in found.limits}
    if not question.small and not kinds <= ASKING:
        return found, []
    named: list[Beside] = []
    dates = found.parts.get(DATES, ()) if DATES in found.limits else ()
    released = [change for one in NAMES if dates and one not in dates for change in _undated(question.case, one)]
    every = list(_candidates(question, kinds))
    if not question.small and every:  # in most conflicts none of it is in the way: asked at once
        together = [*released, *(change for one in every for change in one.changes)]
        if _status(question, found, together) == INFEASIBLE:
            return found, []
    candidates = (one for several in every for one in _apart(question, found, released, several))
    for one in candidates:
        status, whole = _statuses(question, found, [*released, *one.changes])
        if INFEASIBLE in (status, whole):
            released += one.changes
            found = replace(found, divisible=found.divisible and status == INFEASIBLE)
        elif status in (FEASIBLE, UNKNOWN):
            named.append(one)
            divisible = found.minimal_divisible and status == FEASIBLE
            found = replace(found, minimal=found.minimal and whole == FEASIBLE, minimal_divisible=divisible)
    return found, named if question.small else _of_use(question, found, released, named)


def _of_use(question: Question, found: Found, released: Changes, every: Sequence[Beside]) -> list[Beside]:
    """Return data that shape the program with its levers, those marked of which all at no cost would not be enough.

    Of a contract that runs longer each number of months is a program of its own: all of them are asked about at once,
    by the limits in conflict alone.
    """

    def looked(lever: Lever) -> Lever:
        free = bool(lever.free) and _status(question, found, [*released, *lever.free]) == INFEASIBLE
        return replace(lever, never_alone=free)

    levers = [lever for one in every for lever in one.levers]
    tried = iter(in_parallel([partial(looked, lever) for lever in levers], usable_cores()))
    return [replace(one, levers=tuple(next(tried) for _ in one.levers)) for one in every]


def _apart(question: Question, found: Found, released: Changes, every: Beside) -> tuple[Beside, ...]:
    """Return what is tried as one: parts by themselves, but together where each alone is in the way."""
    if not every.parts or any(
        _status(question, found, [*released, *part.changes]) != INFEASIBLE for part in every.parts
    ):
        return every.parts or (every,)
    return (every,)


def _status(question: Question, found: Found, changes: Changes) -> str:
    """Return whether the limits in conflict could be kept in a changed case; empty where the change makes none."""
    return _statuses(question, found, changes, whole=False)[0]


def _statuses(question: Question, found: Found, changes: Changes, *, whole: bool = True) -> tuple[str, str]:
    """Return the same, and whether they could in whole blocks: a search of so many nodes, none in a large program."""
    if not question.can_make():
        return UNKNOWN, UNKNOWN
    kept = frozenset(found.limits)
    shaping = question.changes_without(frozenset(question.remade) - kept)
    try:
        changed = apply_changes(question.case, [*changes, *shaping])
        world = make_world(changed, whole=question.whole, units=question.world.units)
    except (CaseError, PlannerError):
        return "", ""

    def in_force(part: Part) -> bool:
        needed = found.parts.get(part.limit, ())
        return part.limit in kept and (not needed or part.member in needed)

    status = world.look(in_force, integer=not found.divisible, until=question.until).status
    if not found.divisible or status != FEASIBLE:
        return status, status
    if not whole or question.large:
        return status, UNKNOWN
    return status, world.look(in_force, integer=True, until=question.until, limited=True).status


def _candidates(question: Question, kinds: set[str]) -> Iterator[Beside]:
    """Yield what shapes the program, what is least likely to be changed first."""
    case = question.case
    yield from _of_ramps(case)
    if "cash" in kinds:
        yield from _of_money(case)
    if kinds & {"demand", "redundancy"}:
        yield from _of_serving(question)
    if kinds & {"demand", "redundancy", "programme", "forced", "cluster"}:
        yield from _of_sites(case)
    yield from _of_ends(case)
    yield from of_refreshes(case)
    yield from of_terms(case)
    yield from of_lives(case)
    yield from of_options(case)
    if kinds & {"demand", "redundancy", "cluster"}:
        yield from of_maturities(case)
    if "cluster" in kinds and not question.world.hosts:  # else these are limits of the program
        yield from _of_room(question)


def _of_ramps(case: CaseData) -> Iterator[Beside]:
    rows = [("offers", row.offer, row) for row in case.rows(OfferRow) if row.ramp is not None]
    signed = [("contracts", row.contract, row) for row in case.rows(ContractRow) if row.ramp is not None]
    every: list[tuple[str, str, OfferRow | ContractRow]] = [*rows, *signed]
    if every:
        changes = [cell(table, key, "ramp", "") for table, key, _ in every]
        of_ramp: dict[str, Changes] = {}
        for table, key, row in every:
            of_ramp.setdefault(str(row.ramp), []).append(cell(table, key, "ramp", ""))
        levers = each_and_all({f"without ramp {ramp}": those for ramp, those in of_ramp.items()}, "without ramps")
        name = partial(
            named, "ramp", f"what comes into force step by step: ramp {', '.join(of_ramp)}", "",
            (at_row(case, table, row, "ramp", "") for table, _, row in every),
        )  # fmt: skip
        yield Beside("ramp", changes, name, levers)


def _of_money(case: CaseData) -> Iterator[Beside]:
    family = case.model.families.financing
    if family is None:
        return
    rows = [row for row in case.rows(FinancingRow) if row.first_date or row.last_date]
    if rows:
        dates = [(row, name) for row in rows for name in ("first_date", "last_date") if getattr(row, name)]
        changes = [cell("financing", row.financing, name, "") for row, name in dates]
        each = {
            f"money of {one.financing} in every period": [
                cell("financing", row.financing, name, "") for row, name in dates if row is one
            ]
            for one in rows
        }
        who = listed_members([row.financing for row in rows], "sources")
        name = partial(
            named, "window", f"when money of {who} can be drawn",
            ", ".join(f"{column.removesuffix('_date')} {getattr(row, column)}" for row, column in dates[:4]),
            (at_row(case, "financing", row, column, "") for row, column in dates),
        )  # fmt: skip
        yield Beside("window", changes, name, each_and_all(each, f"money of {who} in every period"))
    for condition, true in family.conditions.items():
        if not true:
            change = {"op": "set", "model": f"families.financing.conditions.{condition}", "value": True}
            place = at_model(case, f"families.financing.conditions.{condition}", "", value=False)
            name = partial(named, "condition", f"condition {condition} of financing is not met", "", iter([place]))
            yield Beside("condition", [change], name, (once(f"condition {condition} is met", [change]),))


def _of_serving(question: Question) -> Iterator[Beside]:
    """Yield the pairs of site and market that a serving table does not list."""
    case, listed = question.case, question.case.by_key(ServingRow)
    dearest: dict[str, float] = {}
    for pair in listed.values():
        dearest[pair.market] = max(pair.cost_busd_per_compute_year, dearest.get(pair.market, -math.inf))
    sites = [row for row in case.rows(SiteRow) if row.site in question.world.inputs.sites]
    sites.sort(key=lambda row: -row.max_it_mw)
    pairs = [(row.site, market) for market in dearest for row in sites if (row.site, market) not in listed]
    if not pairs or len(pairs) > MOST_PAIRS:
        return
    own = {"source": "way out", "as_of": case.model.horizon.start, "grade": "D"}

    def added(site: str, market: str) -> dict[str, Any]:
        row = {"site": site, "market": market, "cost_busd_per_compute_year": dearest[market], **own}
        return {"op": "add", "table": "serving", "row": row}

    places = [Problem(case.files.get("serving", "serving"), "", column="site")]
    states = listed_members([f"{site} for {market}" for site, market in pairs], "pairs")
    name = partial(named, "serving", "who may not serve by the serving table", states, iter(places))
    each = {f"site {site} may serve market {market}": [added(site, market)] for site, market in pairs}
    levers = each_and_all(each, f"all {len(pairs)} pairs of sites and markets may be served")
    yield Beside("serving", [added(*pair) for pair in pairs], name, levers)


def _of_sites(case: CaseData) -> Iterator[Beside]:
    offered = {row.site for row in case.rows(OfferRow)}
    rows = [row for row in case.rows(SiteRow) if not row.available and row.site in offered]
    if rows:
        changes = [cell("sites", row.site, "available", "yes") for row in rows]
        sites = [row.site for row in sorted(rows, key=lambda row: -row.max_it_mw)]
        name = partial(
            named, "unavailable", f"not available: {listed_members(sites, 'sites that are excluded')}", "",
            (at_row(case, "sites", row, "available", "") for row in rows),
        )  # fmt: skip
        each = {f"site {site} is available": [cell("sites", site, "available", "yes")] for site in sites}
        levers = each_and_all(each, f"sites {listed_members(sites, 'sites that are excluded')} are available")
        yield Beside("unavailable", changes, name, levers)


def _of_ends(case: CaseData) -> Iterator[Beside]:
    """Yield leases that cannot be renewed, and signed contracts that end."""
    end = end_date(case.model.horizon)
    leases = [
        row for row in case.rows(OfferRow)
        if row.renewal_rent_musd_per_mw_year is None and row.rent_musd_per_mw_year is not None
        and add_months(max(row.first_start, case.model.horizon.start), min(1200, int(12 * row.term_years))) < end
    ]  # fmt: skip
    if leases:
        of_offer = {
            row.offer: [cell("offers", row.offer, "renewal_rent_musd_per_mw_year", row.rent_musd_per_mw_year)]
            for row in leases
        }
        name = partial(
            named, "renewal", f"no renewal after the term: {listed_members(list(of_offer), 'offers')}",
            years_text(leases[0].term_years) if len(leases) == 1 else "",
            (at_row(case, "offers", row, "renewal_rent_musd_per_mw_year", "") for row in leases),
        )  # fmt: skip
        each = {f"offer {offer} can be renewed at its rent": those for offer, those in of_offer.items()}
        every = f"offers {listed_members(list(of_offer), 'offers')} can be renewed at their rents"
        yield Beside("renewal", [one for those in of_offer.values() for one in those], name, each_and_all(each, every))
    signed = sorted((row for row in case.rows(ContractRow) if row.end_date < end), key=lambda row: -row.it_mw)
    if signed:
        later = [cell("contracts", row.contract, "end_date", end) for row in signed]
        name = partial(
            named, "ends", f"end of signed contracts: {listed_members([row.contract for row in signed], 'contracts')}",
            ", ".join(f"{row.it_mw:.6g} IT MW on {row.end_date}" for row in signed[:3]),
            (at_row(case, "contracts", row, "end_date", "") for row in signed),
        )  # fmt: skip
        longer = tuple(_longer(case, row) for row in signed[:MOST_LEVERS])
        yield Beside("ends", later, name, longer, tuple(_continued(case, row) for row in signed))


def _continued(case: CaseData, row: ContractRow) -> dict[str, Any]:
    """Return the change that adds what a signed contract has after its end, at no rent."""
    key, known = f"{row.contract}-continued", {one.contract for one in case.rows(ContractRow)}
    while key in known:
        key += "-"
    cells = {name: value for name, value in row if value is not None and name != "ramp"}
    days = {"start_date": max(row.end_date, case.model.horizon.start), "end_date": end_date(case.model.horizon)}
    rent = {} if row.rent_musd_per_mw_year is None else {"rent_musd_per_mw_year": 0.0}
    return {"op": "add", "table": "contracts", "row": {**cells, **days, **rent, "contract": key}}


def _longer(case: CaseData, row: ContractRow) -> Lever:
    """Return the lever by which a signed contract ends later."""
    return Lever(
        frozenset(),
        f"contract {row.contract} ends",
        "months",
        lambda months: [cell("contracts", row.contract, "end_date", add_months(row.end_date, int(months)))],
        steps=tuple(float(n) for n in MONTHS),
        by="later by",
        turns=True,
        free=(_continued(case, row),),
    )


def _of_room(question: Question) -> Iterator[Beside]:
    """Yield what says which sites have room for a cluster at all: blocks on offer, power, room."""
    case = question.case
    columns: Mapping[str, tuple[str, str, float]] = {
        "blocks": ("offers", "max_blocks", 10_000),
        "energised": ("energisation", "facility_mw", MUCH_MW),
        "site": ("sites", "max_it_mw", MUCH_MW),
    }
    for kind, (table, column, value) in columns.items():
        limit = Limit(kind, period=0 if kind == "energised" else None)
        members = [row.site for row in case.rows(SiteRow) if row.available and row.site in question.world.inputs.sites]
        if kind == "blocks":
            members = list(question.world.inputs.offers)
        if kind == "energised":
            members = [site for site in members if any(row.site == site for row in case.rows(EnergisationRow))]
        change = {"op": "set", "table": table, "column": column, "value": value}
        levers = (replace(one, limits=frozenset()) for one in MAKERS[kind](question, limit, members))
        yield Beside(kind, [change], partial(named_limit, question, limit, tuple(members)), tuple(levers))
