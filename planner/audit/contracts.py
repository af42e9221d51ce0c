"""Contracts (section 2): signed ones unchanged, decided ones legal, and all they cost."""

from planner.audit import tolerance
from planner.audit.calendar import NEVER, growing
from planner.audit.cells import CellError, Line, Reader
from planner.audit.context import Context
from planner.audit.decisions import ROLES, Decided, standing
from planner.audit.facts import Facts
from planner.audit.ledger import Ledger
from planner.audit.ramps import years_between, years_of_period
from planner.audit.state import State
from planner.case.rows import ContractRow, OfferRow

FAMILY = "contract"
GW = 1e-3
"""IT GW per IT MW, and facility GW per facility MW."""


def allowed_end(facts: Facts, offer: OfferRow, start: int, end: int) -> bool:
    """Whether a contract may end at a boundary: the end of its term, of a renewal, or by an exit."""
    tau, term = facts.calendar.tau, facts.term_boundary(offer, start)
    if end == term:
        return True
    if end > term:
        return offer.renewal_rent_musd_per_mw_year is not None and end <= facts.calendar.periods
    return offer.exit_after_years is not None and tau[end] - tau[start] >= offer.exit_after_years - NEVER


def start_faults(facts: Facts, offer: OfferRow, start: int) -> list[str]:
    """List, in words, what forbids a decided contract to start in a period."""
    cal, site = facts.calendar, facts.sites[offer.site]
    found = []
    if cal.tau[start] < offer.lead_months / 12 - NEVER:
        found.append(f"starts before the lead of {offer.lead_months:g} months has passed")
    if not cal.met(site.earliest_date, start):
        found.append(f"starts before the earliest date of site {site.site} ({site.earliest_date})")
    if not cal.met(offer.first_start, start):
        found.append(f"starts before the first start of the offer ({offer.first_start})")
    if offer.last_start is not None and cal.tau[start] > cal.years(offer.last_start) + NEVER:
        found.append(f"starts after the last start of the offer ({offer.last_start})")
    return found


def read_contracts(reader: Reader) -> list[Decided]:
    """Read the contracts table and check it row by row; gives the decided contracts."""
    facts = reader.facts

    def read(line: Line) -> tuple[str, Decided | None]:
        key = line.text("contract")
        offer = facts.offers[line.known("offer", facts.offers)]
        line.known("role", ROLES)
        for column, expected in (("site", offer.site), ("provider", offer.provider), ("tenure", offer.tenure)):
            line.known(column, (expected,))
        if line.known("origin", ("signed", "decided")) == "decided":
            return key, _decided(line, offer, by_lease=reader.by_lease)
        _check_signed(reader, line, key)
        return key, None

    found = reader.parse("contracts", read)
    for key, row in facts.contracts.items():
        if key in found and found[key] is None:
            reader.checks.seen(FAMILY, "signed contracts unchanged")
        else:
            message = f"signed contract {key} ({row.it_mw:g} IT MW of {row.offer}) is missing"
            reader.checks.fault(FAMILY, "signed contracts unchanged", message)
    return [row for row in found.values() if row is not None]


def _decided(line: Line, offer: OfferRow, *, by_lease: bool) -> Decided:
    facts, role, key = line.facts, line.text("role"), line.text("contract")
    if key in facts.contracts:
        raise CellError(f"column contract: {key!r} is the key of a signed contract")
    start, end = line.boundary("start_period"), line.boundary("end_period")
    if not start < end:
        raise CellError(f"column end_period: {line.text('end_period')} is not after {line.text('start_period')}")
    if role not in offer.roles:
        raise CellError(f"column role: {role} is not a role of offer {offer.offer} ({'; '.join(offer.roles)})")
    blocks, it_mw = line.number_of("blocks"), line.size("it_mw")
    if abs(blocks - round(blocks)) > tolerance.INTEGRAL or round(blocks) < 1:
        raise CellError(f"column blocks: {blocks:.10g} is not a whole number of blocks, at least 1")
    expected = round(blocks) * offer.block_it_mw
    if abs(it_mw - expected) > tolerance.mw(expected):
        raise CellError(f"column it_mw: {it_mw:.10g} IT MW, but {round(blocks)} blocks are {expected:.10g} IT MW")
    _check_dates(line, offer, start, end)
    return Decided(key, offer, role, start, end, expected, _chip(line, offer) if by_lease else None)


def _chip(line: Line, offer: OfferRow) -> str | None:
    """Read the chip of a decided contract: under ``cloud`` there is one, otherwise none."""
    if offer.tenure == "cloud":
        return line.known("chip", line.facts.chips)
    if line.text_or_empty("chip"):
        raise CellError(f"column chip: must be empty for tenure {offer.tenure}: its chips are not those of a contract")
    return None


def _check_dates(line: Line, offer: OfferRow, start: int, end: int) -> None:
    cal = line.facts.calendar
    if line.day("start_date") != cal.boundary(start):
        raise CellError(f"column start_date: {line.text('start_date')}, but the period starts {cal.boundary(start)}")
    expected = cal.boundary(end)
    if end == cal.periods:
        # A contract that extends beyond the horizon states the end of its term.
        expected = max(expected, cal.day(cal.tau[start] + offer.term_years))
    if abs((line.day("end_date") - expected).days) > tolerance.DATE_DAYS:
        raise CellError(f"column end_date: {line.text('end_date')}, but it ends on {expected}")


def _check_signed(reader: Reader, line: Line, key: str) -> None:
    name = "signed contracts unchanged"
    row: ContractRow | None = reader.facts.contracts.get(key)
    if row is None:
        reader.checks.fault(FAMILY, name, f"contract {key} is not a signed contract of the case")
        return
    stated_mw = line.number_of("it_mw")
    reader.checks.equal(FAMILY, "signed IT MW unchanged", f"signed contract {key}", stated_mw, row.it_mw, "IT MW",
                        tolerance.mw(row.it_mw))  # fmt: skip
    stated = (line.text("offer"), line.text("role"), line.day("start_date"), line.day("end_date"))
    expected = (row.offer, row.role, row.start_date, row.end_date)
    brought = row.chip or ""
    if reader.by_lease and line.text_or_empty("chip") != brought:
        text = f"the plan says chip {line.text_or_empty('chip')!r} for {brought!r}"
        reader.checks.fault(FAMILY, name, f"signed contract {key}: {text}")
    given = [column for column in ("blocks", "start_period", "end_period") if line.text_or_empty(column)]
    if given:
        message = f"signed contract {key}: {', '.join(given)} must be empty: nothing of it is decided"
        reader.checks.fault(FAMILY, name, message)
    if stated != expected:
        text = ", ".join(f"{got} for {want}" for got, want in zip(stated, expected, strict=True) if got != want)
        reader.checks.fault(FAMILY, name, f"signed contract {key}: the plan says {text}")


def check_contracts(context: Context) -> None:
    """Check that decided contracts are legal and keep to the blocks of their offers."""
    facts, state, checks, cal = context.facts, context.state, context.checks, context.facts.calendar
    for row in state.decisions.contracts:
        checks.seen(FAMILY, "start is allowed")
        for reason in start_faults(facts, row.offer, row.start):
            checks.fault(FAMILY, "start is allowed", f"contract {row.key} of {facts.label(row.start)} {reason}")
        checks.seen(FAMILY, "end is allowed")
        if not allowed_end(facts, row.offer, row.start, row.end):
            years = cal.tau[row.end] - cal.tau[row.start]
            message = f"contract {row.key} may not end after {years:g} years (term {row.offer.term_years:g} years)"
            checks.fault(FAMILY, "end is allowed", message)
    for offer in facts.offers.values():
        _check_blocks(context, offer)


def _check_blocks(context: Context, offer: OfferRow) -> None:
    state, total = context.state, context.facts.zeros()
    for row in state.decisions.contracts:
        for t in range(row.start, row.end) if row.offer.offer == offer.offer else ():
            total[t] += row.it_mw
    most = [offer.max_blocks * offer.block_it_mw] * len(total)
    what, note = f"offer {offer.offer}", f" ({offer.max_blocks} blocks)"
    context.in_each_period(FAMILY, "most blocks in force", what, total, most, note=note)
    bought = sum(row.it_mw for row in state.decisions.contracts if row.offer.offer == offer.offer)
    _check_signings(context, offer)
    if offer.min_blocks is not None and bought > 0:
        least = offer.min_blocks * offer.block_it_mw
        where = f"offer {offer.offer}: {bought:g} IT MW decided, at least {offer.min_blocks} blocks ({least:g} IT MW)"
        context.checks.amount(FAMILY, "minimum commitment", where, least - bought, "IT MW", tolerance.mw(least))


def _check_signings(context: Context, offer: OfferRow) -> None:
    """Check the blocks that start together against the smallest signing."""
    if offer.min_blocks_per_start is None:
        return
    started: dict[int, float] = {}
    for row in context.state.decisions.contracts:
        if row.offer.offer == offer.offer:
            started[row.start] = started.get(row.start, 0.0) + row.it_mw
    least = offer.min_blocks_per_start * offer.block_it_mw
    for start, mw in started.items():
        where = (
            f"offer {offer.offer} in {context.facts.label(start)}: {mw:g} IT MW signed, at least "
            f"{offer.min_blocks_per_start} blocks ({least:g} IT MW)"
        )
        context.checks.amount(FAMILY, "smallest signing", where, least - mw, "IT MW", tolerance.mw(least))


def rent_at(facts: Facts, offer: OfferRow, t: int) -> float:
    """Growing rent of an offer in period ``t``, in billions of dollars per IT GW and year; 0 where it has none."""
    if offer.rent_musd_per_mw_year is None:
        return 0.0
    return growing(offer.rent_musd_per_mw_year, offer.rent_growth_per_year or 0.0, facts.calendar.mid[t])


def pay_contracts(state: State, ledger: Ledger) -> None:
    """Book rent, usage, exit, capex, running and signing costs of signed and decided contracts."""
    facts, cal = state.facts, state.facts.calendar
    first_use: dict[str, int] = {}
    for row in state.decisions.contracts:
        _pay_decided(facts, row, ledger)
        first_use[row.offer.offer] = min(row.start, first_use.get(row.offer.offer, cal.periods))
    for offer, t in first_use.items():
        ledger.pay(t, "primary", "signing", facts.offers[offer].signing_cost_busd or 0.0, ledger.at_offer(offer))
    for signed in facts.contracts.values():
        start, end = cal.years(signed.start_date), cal.years(signed.end_date)
        level = ledger.at_offer(signed.offer, signed.contract)
        rent = (signed.rent_musd_per_mw_year or 0.0) * signed.it_mw * GW
        opex = (facts.offers[signed.offer].opex_musd_per_mw_year or 0.0) * signed.it_mw * GW
        for t in facts.periods:
            years = years_of_period(cal, facts.steps(signed), t, start, end)
            ledger.pay(t, signed.role, "rent", rent * years, level)
            ledger.pay(t, signed.role, "opex", opex * years, level)
    _pay_usage(state, ledger)


def _pay_usage(state: State, ledger: Ledger) -> None:
    facts = state.facts
    for (offer, role), series in state.installed_mw.items():
        row, signed = facts.offers[offer], facts.signed_mw.get((offer, role), facts.zeros())
        if row.tenure == "cloud" and state.decisions.by_lease:
            continue  # paid contract by contract
        free = 1.0 - (row.take_or_pay_share if row.take_or_pay_share is not None else 1.0)
        for t in facts.periods:
            beyond = max(0.0, series[t] - signed[t]) * GW
            due = free * rent_at(facts, row, t) * beyond * facts.calendar.length[t]
            ledger.pay(t, role, "usage", due, ledger.at_offer(offer))


def _pay_decided(facts: Facts, row: Decided, ledger: Ledger) -> None:
    cal, offer, gw = facts.calendar, row.offer, row.it_mw * GW
    term, take = facts.term_boundary(offer, row.start), offer.take_or_pay_share or 0.0
    level = ledger.at_offer(offer.offer, row.key)
    stocks = (stock for _, stock in standing(facts, row).values())
    with_chip = [sum(mw) for mw in zip(facts.zeros(), *stocks, strict=True)]
    shares = facts.shares_in_force(offer, row.start, row.end)
    for t in range(row.start, row.end):
        rate = rent_at(facts, offer, t) if t < term else (offer.renewal_rent_musd_per_mw_year or 0.0)
        gw_years = gw * shares[t] * cal.length[t]
        ledger.pay(t, row.role, "rent", take * rate * gw_years, level)
        ledger.pay(t, row.role, "usage", (1.0 - take) * rate * with_chip[t] * GW * cal.length[t], level)
        ledger.pay(t, row.role, "opex", (offer.opex_musd_per_mw_year or 0.0) * gw_years, level)
    if row.end < term:
        left = rent_left(facts, offer, row.start, row.end)
        ledger.pay(row.end, row.role, "exit", (offer.exit_cost_share or 0.0) * take * gw * left, level)
    for one in row.refreshed:
        price = (offer.refresh_price_busd_per_gw_it or 0.0) * one.it_mw * GW
        ledger.pay(one.period, row.role, "refresh", price, level)
    capex = (offer.capex_busd_per_gw_it or 0.0) * gw
    _pay_capex(facts, row, capex, ledger)
    if row.end == cal.periods:
        ledger.credit(capex, cal.tau[row.start], offer.term_years, row.role, level)


def _pay_capex(facts: Facts, row: Decided, capex_busd: float, ledger: Ledger) -> None:
    lead, shares = row.offer.lead_months / 12, row.offer.capex_milestones or (1.0,)
    opened = facts.calendar.tau[row.start]
    part, level = lead / len(shares), ledger.at_offer(row.offer.offer, row.key)
    for index, share in enumerate(shares):
        end = opened - lead + (index + 1) * part
        ledger.pay_ahead(end, part, capex_busd * share, row.role, "capex", row.start, level)


def rent_left(facts: Facts, offer: OfferRow, start: int, end: int) -> float:
    """Rent that a contract left at ``end`` would have paid to the end of its term, in billions of dollars per IT GW."""
    cal, begin, steps = facts.calendar, facts.calendar.tau[start], facts.steps(offer)
    finish, inside = begin + offer.term_years, 0.0
    for t in range(end, cal.periods):
        inside += rent_at(facts, offer, t) * years_of_period(cal, steps, t, begin, finish)
    return inside + rent_at(facts, offer, cal.periods - 1) * years_between(steps, begin, cal.end, finish)
