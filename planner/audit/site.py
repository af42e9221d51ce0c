"""Sites (section 3): IT MW and facility MW of a site, openings and what they cost."""

from planner.audit import tolerance
from planner.audit.context import Context
from planner.audit.ledger import Ledger, Level
from planner.audit.state import State
from planner.audit.throughout import site_free_it_mw

FAMILY = "site"


def first_needed(state: State) -> dict[str, int]:
    """First period in which a decided contract is in force, per site that has one."""
    found: dict[str, int] = {}
    for row in state.decisions.contracts:
        found[row.offer.site] = min(row.start, found.get(row.offer.site, row.start))
    return found


def check_capacity(context: Context) -> None:
    """Check the IT MW and the facility MW of every site."""
    facts, state = context.facts, context.state
    for key, site in facts.sites.items():
        mw = state.site_mw[key]
        reached = [one + state.reached_mw(key, t) for t, one in enumerate(mw)]
        most = [max(site.max_it_mw, signed) for signed in facts.signed_site_mw[key]]
        if facts.throughout:
            most = [signed + site_free_it_mw(facts, key, t) for t, signed in enumerate(facts.signed_site_mw[key])]
        context.in_each_period(FAMILY, "IT MW of a site", key, reached, most)
        needed, powered = [one * site.pue_peak for one in reached], [state.powered_mw(key, t) for t in facts.periods]
        context.in_each_period(FAMILY, "energised facility MW", key, needed, powered, "facility MW")


def check_openings(context: Context) -> None:
    """Check that sites are open when used, for the right price, and how many are."""
    facts, checks, openings = context.facts, context.checks, context.state.decisions.openings
    for key, (t, origin, cost) in openings.items():
        expected = 0.0 if origin == "signed" else facts.sites[key].opening_cost_busd or 0.0
        where = f"opening of {key} in {facts.label(t)}"
        checks.equal(FAMILY, "opening cost", where, cost, expected, "busd", tolerance.money(expected))
        if (origin == "signed") != (key in facts.signed_open):
            has = "has a" if key in facts.signed_open else "has no"
            message = f"{where} is marked {origin}, but the site {has} signed contract"
            checks.fault(FAMILY, "origin of openings", message)
        elif origin == "signed" and t != 0:
            checks.fault(FAMILY, "origin of openings", f"{where}: a signed site is open from the start")
    if facts.model.families.site_opening is None:
        return
    for key, t in first_needed(context.state).items():
        checks.seen(FAMILY, "contracts only at open sites")
        if key not in facts.signed_open and (key not in openings or openings[key][0] > t):
            message = f"{key} has a contract in force in {facts.label(t)} but is not open then"
            checks.fault(FAMILY, "contracts only at open sites", message)
    _check_count(context, len(open_sites(context.state)))


def _check_count(context: Context, count: int) -> None:
    family = context.facts.model.families.site_opening
    if family is not None and family.open_at_most is not None:
        where = "sites open at the end of the horizon"
        context.checks.limit(FAMILY, "open at most", where, count, family.open_at_most, "sites", 0.0)
    if family is not None and family.open_exactly is not None:
        where = f"{count} sites are open at the end of the horizon, exactly {family.open_exactly} asked for"
        context.checks.amount(FAMILY, "open exactly", where, abs(count - family.open_exactly), "sites", 0.0)


def open_sites(state: State) -> dict[str, int]:
    """First period open of every site that is ever open."""
    found = {key: t for key, (t, origin, _) in state.decisions.openings.items() if origin == "decided"}
    return {**found, **dict.fromkeys(state.facts.signed_open, 0)}


def pay_sites(state: State, ledger: Ledger) -> None:
    """Book opening and fixed costs."""
    facts = state.facts
    if facts.model.families.site_opening is None:
        return
    for key, opened in open_sites(state).items():
        site = facts.sites[key]
        if key not in facts.signed_open:
            ledger.pay(opened, "primary", "opening", site.opening_cost_busd or 0.0, Level(key))
        for t in range(opened, facts.calendar.periods):
            yearly = site.fixed_opex_busd_per_year or 0.0
            ledger.pay(t, "primary", "fixed", yearly * facts.calendar.length[t], Level(key))
