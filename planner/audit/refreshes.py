"""Refreshes (section 4): chips of decided leases replaced by others, when and by what right."""

from dataclasses import replace

from planner.audit import tolerance
from planner.audit.calendar import NEVER
from planner.audit.cells import CellError, Line, Reader
from planner.audit.context import Context
from planner.audit.decisions import Decided, Refreshed, refreshed_share

FAMILY = "chips"
ALLOWED, ONCE = "refresh of a lease is allowed", "each block refreshed once"
TABLE = "refreshes"


def with_refreshes(reader: Reader, contracts: list[Decided]) -> list[Decided]:
    """Read the table ``refreshes``; gives the decided contracts with what of them is refreshed."""
    if not reader.has(TABLE):  # version 0.1 had none
        return contracts
    made = {row.key: row for row in contracts}

    def read(line: Line) -> tuple[tuple[str, int, str], tuple[str, Refreshed]]:
        key = line.known("contract", made)
        row, t = made[key], line.period()
        if row.chip is None:
            raise CellError(f"column contract: {key} states no chip that could be replaced")
        for column, expected in (("offer", row.offer.offer), ("role", row.role), ("replaced_chip", row.chip)):
            line.known(column, (expected,))
        chip = line.known("chip", line.facts.chips)
        blocks, it_mw = line.number_of("blocks"), line.size("it_mw")
        if abs(blocks - round(blocks)) > tolerance.INTEGRAL or round(blocks) < 1:
            raise CellError(f"column blocks: {blocks:.10g} is not a whole number of blocks, at least 1")
        whole_mw = round(blocks) * row.offer.block_it_mw
        expected_mw = whole_mw * refreshed_share(line.facts, row.offer, row.start, t)
        if abs(it_mw - expected_mw) > tolerance.mw(expected_mw):
            text = f"{round(blocks)} blocks are {whole_mw:.10g} IT MW"
            if expected_mw < whole_mw:
                text += f", of which {expected_mw:.10g} were in force before"
            raise CellError(f"column it_mw: {it_mw:.10g} IT MW, but {text}")
        return (key, t, chip), (key, Refreshed(t, chip, expected_mw, whole_mw))

    found: dict[str, list[Refreshed]] = {}
    for key, one in reader.parse(TABLE, read).values():
        found.setdefault(key, []).append(one)
    return [replace(row, refreshed=tuple(found.get(row.key, ()))) for row in contracts]


def refresh_faults(context: Context, row: Decided, one: Refreshed) -> list[str]:
    """List, in words, what forbids a refresh."""
    facts, cal, offer = context.facts, context.facts.calendar, row.offer
    found = []
    if offer.refresh_after_years is None:
        found.append(f"offer {offer.offer} states no refresh")
    elif cal.tau[one.period] - cal.tau[row.start] < offer.refresh_after_years - NEVER:
        years = cal.tau[one.period] - cal.tau[row.start]
        found.append(f"after {years:g} years, not before {offer.refresh_after_years:g}")
    if not row.start < one.period < row.end:
        found.append("not between the start and the end of the contract")
    if one.chip not in offer.chips:
        found.append(f"{one.chip} is not among the offer's chips ({'; '.join(offer.chips)})")
    if one.chip == row.chip:
        found.append(f"{one.chip} is the chip that the contract has")
    if not cal.met(facts.chips[one.chip].first_date, one.period):
        found.append(f"before the first date of {one.chip} ({facts.chips[one.chip].first_date})")
    return found


def check_refreshes(context: Context) -> None:
    """Check every refresh, and that no block of a contract has more than one."""
    checks, facts = context.checks, context.facts
    for row in context.state.decisions.contracts:
        for one in row.refreshed:
            checks.seen(FAMILY, ALLOWED)
            for reason in refresh_faults(context, row, one):
                checks.fault(FAMILY, ALLOWED, f"contract {row.key} refreshed in {facts.label(one.period)}: {reason}")
        if row.refreshed:
            total = sum(one.whole_it_mw for one in row.refreshed)
            checks.limit(FAMILY, ONCE, f"contract {row.key}", total, row.it_mw, "IT MW", tolerance.mw(row.it_mw))
