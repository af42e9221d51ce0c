"""Rents owed after the horizon (section 15), year by year and contract by contract."""

import math
from collections.abc import Iterator

from planner.audit.calendar import NEVER, growing
from planner.audit.cells import CellError, Line
from planner.audit.context import Context
from planner.audit.contracts import GW
from planner.audit.facts import Facts
from planner.audit.ledger import Ledger
from planner.audit.ramps import Steps, years_between
from planner.audit.state import State
from planner.audit.tolerance import MW, RELATIVE

FAMILY = "money"
LISTED_YEARS = 100
FIGURES = ("it_mw", "in_force_years", "amount_busd", "present_value_busd")
Figures = tuple[float, float, float, float]
"""IT MW, years in force, nominal amount and present value of a contract in a year."""


def _years_after(facts: Facts) -> Iterator[tuple[int, float, float]]:
    """Calendar years after the horizon, each from when to when it counts."""
    cal = facts.calendar
    month = round(cal.start_month) + cal.bounds_months[-1]
    for year in range(month // 12, month // 12 + LISTED_YEARS):
        closes = (12 * (year + 1) - cal.start_month) / 12
        yield year, max(cal.end, closes - 1.0), closes


def owed(state: State, ledger: Ledger) -> dict[tuple[int, str], Figures]:
    """What is owed by year and contract; only what is not zero."""
    facts, cal = state.facts, state.facts.calendar
    spans: list[tuple[str, float, float, float, float, float, Steps]] = []
    for key, row in facts.contracts.items():
        rent = row.rent_musd_per_mw_year or 0.0
        spans.append((key, row.it_mw, cal.years(row.start_date), cal.years(row.end_date), rent, 0.0, facts.steps(row)))
    for made in state.decisions.contracts:
        offer, begin = made.offer, cal.tau[made.start]
        if made.end == cal.periods:
            rent = (offer.take_or_pay_share or 0.0) * (offer.rent_musd_per_mw_year or 0.0)
            growth = offer.rent_growth_per_year or 0.0
            steps = facts.steps(offer)
            spans.append((made.key, made.it_mw, begin, begin + offer.term_years, rent, growth, steps))
    found: dict[tuple[int, str], Figures] = {}
    for year, opens, closes in _years_after(facts):
        for key, whole_mw, begin, end, rent, growth, steps in spans:
            shared = min(end, closes) - max(begin, opens)
            if shared >= NEVER and rent > 0.0:
                middle = opens + (closes - opens) / 2
                it_mw = whole_mw * years_between(steps, begin, max(begin, opens), min(end, closes)) / shared
                amount = growing(rent, growth, middle) * it_mw * GW * shared
                found[year, key] = (it_mw, shared, amount, amount * ledger.discount(middle))
    return found


def check_obligations(context: Context, ledger: Ledger) -> None:
    """Compare the table ``obligations``."""
    facts, state = context.facts, context.state
    offers: dict[str, tuple[str, str, str]] = {
        key: (row.offer, row.role, "signed") for key, row in facts.contracts.items()
    }
    offers |= {made.key: (made.offer.offer, made.role, "decided") for made in state.decisions.contracts}

    def read(line: Line) -> tuple[tuple[int, str], Figures]:
        key = line.known("contract", offers)
        offer, role, origin = offers[key]
        row = facts.offers[offer]
        words = {"offer": offer, "role": role, "origin": origin}
        words |= {"site": row.site, "provider": row.provider, "tenure": row.tenure}
        for column, expected in words.items():
            line.known(column, (expected,))
        year = line.number_of("year")
        if not year.is_integer():
            raise CellError(f"column year: {year:.10g} is not a year")
        figures = tuple(line.number_of(column, math.inf) for column in FIGURES)
        return (int(year), key), figures  # type: ignore[return-value]

    stated, own = context.reader.parse("obligations", read), owed(state, ledger)
    zero = (0.0, 0.0, 0.0, 0.0)
    for year, key in sorted({*stated, *own}):
        given, expected = stated.get((year, key), zero), own.get((year, key), zero)
        for column, value, figure in zip(FIGURES, given, expected, strict=True):
            where = f"obligations, {key} in {year}, {column}"
            if column.endswith("_busd"):
                unit, accepted = "busd", ledger.tolerance_busd() + RELATIVE * abs(figure)
            else:
                unit, accepted = ("IT MW", MW) if column == "it_mw" else ("years", RELATIVE)
                if given == zero and expected[2] <= ledger.tolerance_busd():
                    continue  # zeros are not listed
            context.checks.equal(FAMILY, f"owed after the horizon: {unit}", where, value, figure, unit, accepted)
