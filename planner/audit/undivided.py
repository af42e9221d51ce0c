"""The table ``spend`` of folder format 3 (a row per period, no payee) in the form of section 15."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from planner.audit.cells import CellError, Line
from planner.audit.facts import Facts
from planner.audit.ledger import Level
from planner.audit.payee import payee_of, vendor_of
from planner.audit.spend import year_shares
from planner.case.case import CaseData
from planner.errors import AuditError


def divided(case: CaseData, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Divide amounts by calendar year and name their payees; rows that cannot be read stay, for the audit to report."""
    try:
        facts = Facts.of(case)
    except AuditError:
        return [dict(row) for row in rows]
    found: list[dict[str, Any]] = []
    for number, row in enumerate(rows, start=1):
        try:
            found += _divided(Line("spend", number, row, facts))
        except CellError:
            found.append(dict(row))
    return found


def _divided(line: Line) -> Iterator[dict[str, Any]]:
    facts, part, item = line.facts, line.text("part"), line.text("item")
    offer = line.known_or_empty("offer", facts.offers)
    level = Level(offer=offer, chip=line.known_or_empty("chip", facts.chips))
    words = {"payee": payee_of(facts, part, item, level), "vendor": vendor_of(facts, part, item, level)}
    money = {column: line.number_of(column) for column in ("amount_busd", "present_value_busd")}
    t = line.boundary("period") if part == "salvage" else line.period()
    for year, share in year_shares(facts, t).items():
        yield {**line.cells, **words, "year": year, **{column: busd * share for column, busd in money.items()}}
