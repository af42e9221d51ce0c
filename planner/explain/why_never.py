"""Why nothing of a thing can be decided in any plan: what the tables of its case say against it, and where."""

from collections.abc import Callable, Hashable, Mapping, Sequence

from planner.case.check.place import at_row
from planner.case.row import Row
from planner.case.rows import ChipRow, OfferRow, SiteRow
from planner.explain.conflict_named import listed_members, place_text
from planner.explain.why_target import Target
from planner.inputs import Inputs
from planner.inputs.contracts import starts_allowed

OF: dict[str, Callable[[OfferRow, str], bool]] = {
    "site": lambda row, key: row.site == key,
    "offer": lambda row, key: row.offer == key,
    "provider": lambda row, key: row.provider == key,
    "chip": lambda row, key: key in row.chips,
}
"""Whether a thing of a kind comes into a plan through an offer."""
EARLIEST = "earliest_date"
"""The column of `sites` with the date from which a site may be used."""


def why_never(target: Target, inputs: Inputs) -> str:
    """Say why nothing of a target can be decided, with the place that says so and the change that would allow it.

    Parameters
    ----------
    target : Target
        Of which the program of its case has no column.
    inputs : Inputs
    """
    case = inputs.case
    if target.kind not in OF:
        return _no_start(target)
    offers = [row for row in case.rows(OfferRow) if OF[target.kind](row, target.key)]
    if not offers:
        verb = "takes" if target.kind == "chip" else "is at" if target.kind == "site" else "is of"
        return f"no offer {verb} {target.words} ({case.files.get('offers', 'offers')})"
    sites = case.by_key(SiteRow)
    closed = {row.site: sites[row.site] for row in offers if not sites[row.site].available}
    if len(closed) == len({row.site for row in offers}):
        named = _listed("site", closed, inputs, "sites", "available")
        return f'not available: {named}; --set "sites[{next(iter(closed))}].available=yes" lets it be decided'
    none = {row.offer: row for row in offers if row.max_blocks == 0}
    if len(none) == len(offers):
        return f"no blocks on offer: {_listed('offer', none, inputs, 'offers', 'max_blocks')}"
    late = case.by_key(ChipRow).get(target.key) if target.kind == "chip" else None
    calendar, period = inputs.calendar, target.period
    last = calendar.count - 1 if period is None else period
    if late is not None and not any(calendar.met(late.first_date, t) for t in range(last + 1)):
        when = "before the end" if period is None else f"in {calendar.labels[period]}"
        return f"not in volume {when}: {_listed('chip', {late.chip: late}, inputs, 'chips', 'first_date')}"
    first = 0 if period is None or target.kind == "chip" else period  # a chip may come into what was signed before
    return _out_of_dates(offers, sites, inputs, frozenset(range(first, last + 1)), period) or _no_start(target)


def _out_of_dates(
    offers: Sequence[OfferRow], sites: Mapping[Hashable, SiteRow], inputs: Inputs, asked: frozenset[int], t: int | None
) -> str:
    """Name the dates and lead times that leave no period, of those asked for, in which a contract may start.

    ``t`` is the period that is named; None: the whole horizon.
    """
    found: dict[tuple[str, str, str], Row] = {}
    for row in offers:
        there = starts_allowed(row, sites[row.site].earliest_date, inputs.calendar)
        allowed = {column: periods & asked for column, periods in there.items()}
        if frozenset.intersection(*allowed.values()):
            return ""  # something else keeps it out
        for column, periods in allowed.items():
            others = frozenset.intersection(*(one for name, one in allowed.items() if name != column))
            if not periods or (others and not others & periods):
                table, key, at = (
                    ("sites", row.site, sites[row.site]) if column == EARLIEST else ("offers", row.offer, row)
                )
                found[table, column, key] = at
    parts = []
    for table, column in dict.fromkeys((table, column) for table, column, _ in found):
        rows = {key: row for (*where, key), row in found.items() if where == [table, column]}
        parts.append(f"{column} of {_listed(table.removesuffix('s'), rows, inputs, table, column)}")
    when = "the horizon" if t is None else inputs.calendar.labels[t]
    return f"no contract can start in {when}: {'; '.join(parts)}" if parts else ""


def _no_start(target: Target) -> str:
    return f"no contract of {target.words} can start: dates, lead time or horizon"


def _listed(kind: str, rows: Mapping[str, Row], inputs: Inputs, table: str, column: str) -> str:
    """Members of one kind by name, with the places of a column of theirs."""
    names = listed_members(list(rows), f"{kind}s")
    places = tuple(at_row(inputs.case, table, row, column, "") for row in rows.values())
    return f"{kind}{'s' if len(rows) > 1 else ''} {names} ({place_text(places)})"
