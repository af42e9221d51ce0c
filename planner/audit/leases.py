"""Leases (sections 2 and 4): the chip of a contract under ``cloud``, and chips put in signed contracts without one."""

from collections.abc import Mapping, Sequence

from planner.audit import tolerance
from planner.audit.calendar import NEVER
from planner.audit.context import Context
from planner.audit.decisions import Installed
from planner.audit.facts import OfferRoleChip
from planner.audit.state import OWN_ENERGY

FAMILY = "chips"
LAST_WITHOUT_CHIP = 4
"""The last format of a folder whose leases state no chip."""
NOT_CHECKED = (
    "that the chip of a lease stays for its term (the plan was made by an earlier version, in which chips could be "
    "replaced, and its leases state none)"
)


def states_chips(
    tables: Mapping[str, Sequence[Mapping[str, object]]], summary: Mapping[str, object] | None, *, earlier: bool
) -> bool:
    """Whether the leases of a plan must say which chip they have: all but those of folders of earlier formats."""
    said = None if summary is None else summary.get("folder_format")
    before = earlier or (isinstance(said, int) and not isinstance(said, bool) and said <= LAST_WITHOUT_CHIP)
    rows = tables.get("contracts", ())
    stated = any(row.get("origin") == "decided" and row.get("chip") for row in rows if isinstance(row, Mapping))
    return stated or not before


def check_leases(context: Context) -> None:
    """Check the chips of decided leases at their start, what stands of them, and what is put in signed contracts."""
    facts, checks, decisions = context.facts, context.checks, context.state.decisions
    for row in decisions.contracts:
        if row.chip is None:
            continue
        checks.seen(FAMILY, "chip of a lease is admitted")
        if row.chip not in row.offer.chips:
            message = f"contract {row.key}: {row.chip} is not among the offer's chips ({'; '.join(row.offer.chips)})"
            checks.fault(FAMILY, "chip of a lease is admitted", message)
        first = facts.chips[row.chip].first_date
        if not facts.calendar.met(first, row.start):
            message = (
                f"contract {row.key} starts in {facts.label(row.start)}, before the first date of {row.chip} ({first})"
            )
            checks.fault(FAMILY, "chip of a lease is admitted", message)
    zeros = facts.zeros()
    for key in sorted({*decisions.leased, *decisions.stated}):
        _check_standing(
            context, key, decisions.leased.get(key, (zeros, zeros)), decisions.stated.get(key, (zeros, zeros))
        )
    _check_rooms(context)


def _check_standing(context: Context, key: OfferRoleChip, own: Installed, stated: Installed) -> None:
    offer, role, chip = key
    names = ("chips of a lease are installed at its start", "chips of a lease stay for its term")
    for name, expected, found in zip(names, own, stated, strict=True):
        for t in context.facts.periods:
            where = f"{chip} at {offer} {role} in {context.facts.label(t)}"
            context.checks.equal(FAMILY, name, where, found[t], expected[t], "IT MW", tolerance.mw(expected[t]))


def _check_rooms(context: Context) -> None:
    facts, checks, rooms = context.facts, context.checks, context.state.decisions.rooms
    for (contract, chip), (added, stock) in rooms.items():
        row = facts.contracts[contract]
        shares = facts.span_average(facts.calendar.years(row.start_date), facts.calendar.years(row.end_date))
        for t in facts.periods:
            checks.seen(FAMILY, "chip in a signed lease is admitted")
            what = f"{added[t]:.6g} IT MW of {chip} installed in signed contract {contract} in {facts.label(t)}"
            if added[t] > tolerance.MW and chip not in facts.offers[row.offer].chips:
                checks.fault(FAMILY, "chip in a signed lease is admitted", f"{what}: not among the offer's chips")
            if added[t] > tolerance.MW and not facts.calendar.met(facts.chips[chip].first_date, t):
                first = facts.chips[chip].first_date
                checks.fault(FAMILY, "chip in a signed lease is admitted", f"{what}: before its first date {first}")
            if added[t] > tolerance.MW and shares[t] * facts.calendar.length[t] < NEVER:
                checks.fault(FAMILY, "chip in a signed lease is admitted", f"{what}: the contract is not in force")
            living = sum(mw for u, mw in enumerate(added[: t + 1]) if facts.alive(chip, u, t)) * shares[t]
            where, accepted = f"{chip} in signed contract {contract} in {facts.label(t)}", tolerance.mw(living)
            checks.equal(FAMILY, "chips in a signed lease stay", where, stock[t], living, "IT MW", accepted)
    for contract in dict.fromkeys(contract for contract, _ in rooms):
        row = facts.contracts[contract]
        shares = facts.span_average(facts.calendar.years(row.start_date), facts.calendar.years(row.end_date))
        ramped = facts.signed_average(row, facts.calendar.years(row.end_date))
        for t in facts.periods:
            within = [
                sum(mw for u, mw in enumerate(added[: t + 1]) if facts.alive(chip, u, t))
                for (name, chip), (added, _) in rooms.items()
                if name == contract
            ]
            if shares[t] > 0.0:
                where, accepted = f"signed contract {contract} in {facts.label(t)}", tolerance.mw(row.it_mw)
                room = row.it_mw * ramped[t] / shares[t]
                checks.limit(FAMILY, "room in a signed lease", where, sum(within), room, "IT MW", accepted)


def follows(context: Context, key: OfferRoleChip) -> bool:
    """Whether what stands of a chip follows from contracts: under ``cloud``, where the leases state their chips."""
    return context.state.decisions.by_lease and context.facts.offers[key[0]].tenure not in OWN_ENERGY
