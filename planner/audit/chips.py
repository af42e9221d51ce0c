"""Chips (section 4): installations, lives, supply, developments, prices."""

from planner.audit import tolerance
from planner.audit.calendar import growing
from planner.audit.context import Context
from planner.audit.contracts import GW
from planner.audit.facts import Facts, OfferRoleChip
from planner.audit.leases import check_leases, follows
from planner.audit.ledger import Ledger, Level
from planner.audit.state import OWN_ENERGY, State

FAMILY = "chips"


def living(facts: Facts, chip: str, added: list[float], t: int) -> float:
    """IT MW, of those installed per period in ``added``, that live in period ``t``."""
    return sum(mw for u, mw in enumerate(added[: t + 1]) if facts.alive(chip, u, t))


def added_by_chip(state: State) -> dict[str, list[float]]:
    """IT MW installed of each chip, one number per period."""
    nothing = ((chip, state.facts.zeros()) for chip in state.facts.chips)
    return state.facts.summed((*nothing, *((key[2], series) for key, series in state.decisions.added.items())))


def check_chips(context: Context) -> None:
    """Check every rule of the chip mix."""
    facts, state = context.facts, context.state
    for key in state.decisions.added:
        if not follows(context, key):
            _check_admitted(context, key)
            _check_stock(context, key)
    if state.decisions.by_lease:
        check_leases(context)
    for (offer, role), series in state.installed_mw.items():
        force = state.force_mw.get((offer, role), facts.zeros())
        context.in_each_period(FAMILY, "installed within what is in force", f"{offer} {role}", series, force)
    added = added_by_chip(state)
    for chip, supply in facts.supply_mw.items():
        context.in_each_period(FAMILY, "supply of a chip", f"chip {chip}", added.get(chip, facts.zeros()), supply)
    _check_developments(context, added)


def _check_admitted(context: Context, key: OfferRoleChip) -> None:
    facts, checks = context.facts, context.checks
    offer, role, chip = key
    row, chip_row = facts.offers[offer], facts.chips[chip]
    for t, mw in enumerate(context.state.decisions.added[key]):
        checks.seen(FAMILY, "chip is admitted")
        if mw <= tolerance.MW:
            continue
        what = f"{mw:.6g} IT MW of {chip} installed at {offer} {role} in {facts.label(t)}"
        if chip not in row.chips:
            message = f"{what}: not among the offer's chips ({'; '.join(row.chips)})"
            checks.fault(FAMILY, "chip is admitted", message)
        if not facts.calendar.met(chip_row.first_date, t):
            checks.fault(FAMILY, "chip is admitted", f"{what}: before its first date {chip_row.first_date}")
        if row.tenure in OWN_ENERGY and chip_row.price_busd_per_gw_it is None:
            checks.fault(FAMILY, "chip is admitted", f"{what}: the chip has no price, so it cannot be bought")


def _check_stock(context: Context, key: OfferRoleChip) -> None:
    facts, checks, decisions = context.facts, context.checks, context.state.decisions
    offer, role, chip = key
    added, stock = decisions.added[key], decisions.stock[key]
    for t in facts.periods:
        where, lives = f"{chip} at {offer} {role} in {facts.label(t)}", living(facts, chip, added, t)
        accepted = tolerance.mw(lives)
        if facts.offers[offer].tenure in OWN_ENERGY:
            checks.equal(FAMILY, "stock of bought chips", where, stock[t], lives, "IT MW", accepted)
            continue
        kept = (stock[t - 1] if t else 0.0) + added[t]
        checks.limit(FAMILY, "stock of leased chips", where, stock[t], min(kept, lives), "IT MW", accepted)


def _check_developments(context: Context, added: dict[str, list[float]]) -> None:
    facts, checks, started = context.facts, context.checks, context.state.decisions.developments
    for chip, (t, cost) in started.items():
        expected = facts.chips[chip].development_cost_busd
        if expected is None:
            message = f"development of {chip} started in {facts.label(t)}: the chip has no development cost"
            checks.fault(FAMILY, "developments", message)
            continue
        accepted = tolerance.money(expected)
        checks.equal(FAMILY, "development cost", f"development of {chip}", cost, expected, "busd", accepted)
    for chip, row in facts.chips.items():
        if row.development_cost_busd is None:
            continue
        for t, mw in enumerate(added[chip]):
            checks.seen(FAMILY, "developments")
            if mw > tolerance.MW and (chip not in started or started[chip][0] > t):
                message = f"{mw:.6g} IT MW of {chip} installed in {facts.label(t)} before its development is started"
                checks.fault(FAMILY, "developments", message)


def pay_chips(state: State, ledger: Ledger) -> None:
    """Book chips bought and developments started, and credit the life that is left."""
    facts, cal = state.facts, state.facts.calendar
    for (offer, role, chip), series in state.decisions.added.items():
        row = facts.chips[chip]
        if facts.offers[offer].tenure not in OWN_ENERGY or row.price_busd_per_gw_it is None:
            continue
        level = ledger.at_offer(offer, chip=chip)
        for t, mw in enumerate(series):
            paid = growing(row.price_busd_per_gw_it, row.price_growth_per_year, cal.mid[t]) * mw * GW
            ledger.pay(t, role, "chips", paid, level)
            ledger.credit(paid, cal.tau[t], row.life_years, role, level)
    for chip, (t, _) in state.decisions.developments.items():
        ledger.pay(t, "primary", "development", facts.chips[chip].development_cost_busd or 0.0, Level(chip=chip))
