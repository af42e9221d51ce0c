"""The table of all money (section 15): every amount at its level, and all of them the cost."""

from collections.abc import Mapping
from dataclasses import dataclass

from planner.audit.cells import CellError, Line
from planner.audit.context import Context
from planner.audit.decisions import ROLES
from planner.audit.facts import Facts
from planner.audit.ledger import ITEMS, Booked, Ledger, Level
from planner.audit.payee import payee_of, vendor_of

FAMILY = "money"
PARTS = ("spend", "backup_income", "salvage", "unserved", "unprotected", "financing")
FINANCING_ITEMS = {"drawn", "fee", "interest", "repayment", "dilution", "owed"}


@dataclass(frozen=True, slots=True)
class Stated:
    """The figures of a row."""

    amount: float
    present: float


def check_spend(context: Context, ledger: Ledger, parts: Mapping[str, float], *, earlier: bool) -> None:
    """Compare the table ``spend``; that of version 0.1 (``earlier``) is spending by period, role and item alone."""
    reader = context.reader
    if earlier:
        _check_items(context, ledger, reader.parse("spend", _read_earlier))
        return
    contracts = {*context.facts.contracts, *(row.key for row in context.state.decisions.contracts)}
    known = {*ITEMS, *(item for _, _, item in ledger.paid)}
    stated = reader.parse("spend", lambda line: _read(line, known, contracts))
    items: dict[tuple[int, str, str], Stated] = {}
    for ((t, part, item, role, _), _), row in stated.items():
        if part == "spend":
            before = items.get((t, role, item), Stated(0.0, 0.0))
            items[t, role, item] = Stated(before.amount + row.amount, before.present + row.present)
    _check_items(context, ledger, items)
    _check_levels(context, ledger, stated)
    _check_sums(context, ledger, stated, parts)


def _read_earlier(line: Line) -> tuple[tuple[int, str, str], Stated]:
    key = line.period(), line.known("role", ROLES), line.known("item", ITEMS)
    return key, Stated(line.number_of("amount_busd"), line.number_of("present_value_busd"))


def _read(line: Line, items: set[str], contracts: set[str]) -> tuple[tuple[Booked, int], Stated]:
    facts = line.facts
    part = line.known("part", PARTS)
    item = line.known("item", items if part == "spend" else FINANCING_ITEMS if part == "financing" else {part})
    role = (
        line.known("role", ROLES)
        if part not in ("unserved", "unprotected", "financing")
        else line.known_or_empty("role", ())
    )
    level = Level(
        line.known_or_empty("site", facts.sites),
        line.known_or_empty("offer", facts.offers),
        line.known_or_empty("contract", contracts),
        line.known_or_empty("chip", facts.chips),
        line.known_or_empty("power_option", facts.options),
        line.known_or_empty("market", facts.markets),
        # Plans of version 0.1 and their spending had no programmes.
        line.known_or_empty("programme", facts.programmes),
        line.known("payee", facts.financing) if part == "financing" else "",
    )
    t = line.boundary("period") if part == "salvage" else line.period()
    year = line.number_of("year")
    years = year_shares(facts, t)
    if year not in years:
        touched = " or ".join(str(one) for one in years)
        raise CellError(f"column year: {line.text('year')}, but the period lies in {touched}")
    _check_words(line, part, item, level)
    stated = Stated(line.number_of("amount_busd"), line.number_of("present_value_busd"))
    return ((t, part, item, role, level), int(year)), stated


def year_shares(facts: Facts, t: int) -> dict[int, float]:
    """Share of an amount of a period that falls in each calendar year; all of it at the end of the horizon."""
    cal = facts.calendar
    if t == cal.periods:
        return {cal.boundary(t).year: 1.0}
    return {year: overlap / cal.length[t] for year, overlap in cal.year_overlaps(t) if overlap}


def _check_words(line: Line, part: str, item: str, level: Level) -> None:
    """Check the cells that follow from others."""
    facts = line.facts
    provider = facts.offers[level.offer].provider if level.offer else ""
    vendor, payee = vendor_of(facts, part, item, level), payee_of(facts, part, item, level)
    for column, expected in (("provider", provider), ("vendor", vendor), ("payee", payee)):
        stated = line.text_or_empty(column)
        if stated != expected:
            raise CellError(f"column {column}: {stated!r}, but it is {expected!r}")


def _check_items(context: Context, ledger: Ledger, stated: Mapping[tuple[int, str, str], Stated]) -> None:
    """Compare spending by period, role and item."""
    facts, accepted = context.facts, ledger.tolerance_busd()
    for key in sorted({*stated, *ledger.paid}):
        t, role, item = key
        paid, row = ledger.paid.get(key, 0.0), stated.get(key, Stated(0.0, 0.0))
        where = f"{role} {item} of {facts.label(t)}"
        context.checks.equal(FAMILY, f"spending on {item}", where, row.amount, paid, "busd", accepted)
        expected = paid * ledger.discount(facts.calendar.mid[t])
        context.checks.equal(FAMILY, "present value of spending", where, row.present, expected, "busd", accepted)


def _check_levels(context: Context, ledger: Ledger, stated: Mapping[tuple[Booked, int], Stated]) -> None:
    """Compare every amount at its level, by calendar year."""
    facts, cal = context.facts, context.facts.calendar
    shares = [year_shares(facts, t) for t in range(cal.periods + 1)]
    expected = {
        (booked, year): own * share
        for booked, own in ledger.booked.items()
        for year, share in shares[booked[0]].items()
    }
    of_income, of_others = ledger.income_tolerance_busd(), ledger.tolerance_busd()
    for key in sorted({*stated, *expected}, key=lambda key: (*key[0][:4], _words(key[0][4]), key[1])):
        (t, part, item, role, level), year = key
        own, row = expected.get(key, 0.0), stated.get(key, Stated(0.0, 0.0))
        accepted = of_income if part == "backup_income" else of_others
        when = facts.label(t) if t < cal.periods else "the end of the horizon"
        when += f", calendar year {year}" if len(shares[t]) > 1 else ""
        where = f"spend, {' '.join(word for word in (role, item) if word)} of {_words(level) or 'no level'} in {when}"
        context.checks.equal(FAMILY, "money by level", where, row.amount, own, "busd", accepted)
        present = own * ledger.discount(cal.mid[t] if t < cal.periods else cal.end)
        context.checks.equal(FAMILY, "present value by level", where, row.present, present, "busd", accepted)


def _words(level: Level) -> str:
    cells = (level.contract, level.offer, level.power_option, level.site, level.chip, level.market, level.programme,
             level.financing)  # fmt: skip
    return ", ".join(cell for cell in cells if cell)


def _check_sums(
    context: Context, ledger: Ledger, stated: Mapping[tuple[Booked, int], Stated], parts: Mapping[str, float]
) -> None:
    """Check that the rows of every part add up to it, and all rows to the cost."""
    accepted = ledger.cost_tolerance_busd(parts)
    for part in PARTS:
        found = sum(row.present for (booked, _), row in stated.items() if booked[1] == part)
        if part not in parts and not found:
            continue  # a case without it
        where = f"the rows of {part} in spend"
        context.checks.equal(FAMILY, "spend adds up to the cost", where, found, parts.get(part, 0.0), "busd", accepted)
    found, cost = sum(row.present for row in stated.values()), sum(parts.values())
    context.checks.equal(FAMILY, "spend adds up to the cost", "all rows of spend", found, cost, "busd", accepted)
