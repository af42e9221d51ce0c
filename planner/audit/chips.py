"""Chips (section 4): installations, lives, supply, developments, prices."""

from planner.audit import tolerance
from planner.audit.calendar import NEVER, growing
from planner.audit.contracts import GW
from planner.audit.facts import Facts, OfferRoleChip
from planner.audit.ledger import Ledger, Place
from planner.audit.report import Checks
from planner.audit.state import OWN_ENERGY, State

FAMILY = "chips"


def alive(facts: Facts, chip: str, installed: int, t: int) -> bool:
    """Whether a chip installed in one period lives in another.

    Parameters
    ----------
    facts
        The case.
    chip
        The chip.
    installed, t
        The two periods.

    Returns
    -------
    bool
        Whether it lives.
    """
    tau = facts.calendar.tau
    if t == installed:
        return True
    return t > installed and tau[t] < tau[installed] + facts.chips[chip].life_years - NEVER


def living(facts: Facts, chip: str, added: list[float], t: int) -> float:
    """Sum the IT MW installed within the last life of a chip.

    Parameters
    ----------
    facts
        The case.
    chip
        The chip.
    added
        IT MW installed per period.
    t
        The period.

    Returns
    -------
    float
        IT MW.
    """
    return sum(mw for u, mw in enumerate(added[: t + 1]) if alive(facts, chip, u, t))


def added_by_chip(facts: Facts, state: State) -> dict[str, list[float]]:
    """Sum the installations of each chip.

    Parameters
    ----------
    facts
        The case.
    state
        The plan.

    Returns
    -------
    dict
        IT MW per chip, one number per period.
    """
    found = {chip: facts.zeros() for chip in facts.chips}
    for (_, _, chip), series in state.decisions.added.items():
        for t in facts.periods:
            found[chip][t] += series[t]
    return found


def check_chips(facts: Facts, state: State, checks: Checks) -> None:
    """Check every rule of the chip mix.

    Parameters
    ----------
    facts
        The case.
    state
        The plan.
    checks
        Collects the outcome.
    """
    for key in state.decisions.added:
        _check_admitted(facts, state, key, checks)
        _check_stock(facts, state, key, checks)
    for (offer, role), series in state.installed_mw.items():
        force = state.force_mw.get((offer, role), facts.zeros())
        for t in facts.periods:
            where = f"{offer} {role} in {facts.label(t)}"
            checks.limit(FAMILY, "installed within what is in force", where, series[t], force[t], "IT MW",
                         tolerance.mw(force[t]))  # fmt: skip
    added = added_by_chip(facts, state)
    for chip, supply in facts.supply_mw.items():
        for t in facts.periods:
            where, mw = f"chip {chip} in {facts.label(t)}", added.get(chip, facts.zeros())[t]
            checks.limit(FAMILY, "supply of a chip", where, mw, supply[t], "IT MW", tolerance.mw(supply[t]))
    _check_developments(facts, state, added, checks)


def _check_admitted(facts: Facts, state: State, key: OfferRoleChip, checks: Checks) -> None:
    offer, role, chip = key
    row, chip_row = facts.offers[offer], facts.chips[chip]
    for t, mw in enumerate(state.decisions.added[key]):
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


def _check_stock(facts: Facts, state: State, key: OfferRoleChip, checks: Checks) -> None:
    offer, role, chip = key
    added, stock = state.decisions.added[key], state.decisions.stock[key]
    for t in facts.periods:
        where, lives = f"{chip} at {offer} {role} in {facts.label(t)}", living(facts, chip, added, t)
        accepted = tolerance.mw(lives)
        if facts.offers[offer].tenure in OWN_ENERGY:
            checks.equal(FAMILY, "stock of bought chips", where, stock[t], lives, "IT MW", accepted)
            continue
        kept = (stock[t - 1] if t else 0.0) + added[t]
        checks.limit(FAMILY, "stock of leased chips", where, stock[t], min(kept, lives), "IT MW", accepted)


def _check_developments(facts: Facts, state: State, added: dict[str, list[float]], checks: Checks) -> None:
    started = state.decisions.developments
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


def pay_chips(facts: Facts, state: State, ledger: Ledger) -> None:
    """Book chips bought and developments started, and credit the life that is left.

    Parameters
    ----------
    facts
        The case.
    state
        The plan.
    ledger
        Takes the payments.
    """
    cal = facts.calendar
    for (offer, role, chip), series in state.decisions.added.items():
        row = facts.chips[chip]
        if facts.offers[offer].tenure not in OWN_ENERGY or row.price_busd_per_gw_it is None:
            continue
        place = ledger.at_offer(offer, chip=chip)
        for t, mw in enumerate(series):
            paid = growing(row.price_busd_per_gw_it, row.price_growth_per_year, cal.mid[t]) * mw * GW
            ledger.pay(t, role, "chips", paid, place)
            ledger.credit(paid, cal.tau[t], row.life_years, role, place)
    for chip, (t, _) in state.decisions.developments.items():
        ledger.pay(t, "primary", "development", facts.chips[chip].development_cost_busd or 0.0, Place(chip=chip))
