"""Backup income (section 10): what idle backup may be sold, and what it brings."""

from planner.audit import tolerance
from planner.audit.contracts import GW
from planner.audit.facts import Facts
from planner.audit.report import Checks
from planner.audit.state import State

FAMILY = "backup_income"


def installed_backup(state: State, t: int) -> float:
    """Backup IT MW installed.

    Parameters
    ----------
    state
        The plan.
    t
        The period.

    Returns
    -------
    float
        IT MW, chips of signed contracts included.
    """
    return sum(series[t] for (_, role), series in state.installed_mw.items() if role == "backup")


def income_busd(facts: Facts, state: State, t: int) -> float:
    """Nominal income of a period.

    Parameters
    ----------
    facts
        The case.
    state
        The plan.
    t
        The period.

    Returns
    -------
    float
        Billions of dollars.
    """
    family = facts.model.families.backup_income
    if family is None:
        return 0.0
    return family.price_musd_per_mw_year * state.decisions.sold_it_mw[t] * GW * facts.calendar.length[t]


def income_rounding_busd(facts: Facts) -> float:
    """Income of the horizon that the rounding of small IT MW in the tables can hide.

    Parameters
    ----------
    facts
        The case.

    Returns
    -------
    float
        Billions of dollars.
    """
    family = facts.model.families.backup_income
    price = 0.0 if family is None else family.price_musd_per_mw_year
    return tolerance.ROUNDED_SMALL_MW * GW * abs(price) * facts.calendar.end


def check_backup(facts: Facts, state: State, checks: Checks) -> None:
    """Check that no more backup is sold than allowed.

    Parameters
    ----------
    facts
        The case.
    state
        The plan.
    checks
        Collects the outcome.
    """
    family = facts.model.families.backup_income
    for t in facts.periods:
        most = 0.0
        if family is not None:
            most = family.largest_share * installed_backup(state, t)
            most = most if family.market_it_mw is None else min(most, family.market_it_mw)
        sold = state.decisions.sold_it_mw[t]
        where = f"backup sold in {facts.label(t)}"
        checks.limit(FAMILY, "backup sold", where, sold, most, "IT MW", tolerance.mw(most))
