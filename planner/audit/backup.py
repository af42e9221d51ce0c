"""Backup income (section 10): what idle backup may be sold, and what it brings."""

from planner.audit import tolerance
from planner.audit.context import Context
from planner.audit.contracts import GW
from planner.audit.facts import Facts
from planner.audit.state import State


def installed_backup(state: State, t: int) -> float:
    """Backup IT MW installed in period ``t``, chips of signed contracts included."""
    return sum(series[t] for (_, role), series in state.installed_mw.items() if role == "backup")


def income_busd(state: State, t: int) -> float:
    """Nominal backup income of period ``t``, in billions of dollars."""
    family = state.facts.model.families.backup_income
    if family is None:
        return 0.0
    return family.price_musd_per_mw_year * state.decisions.sold_it_mw[t] * GW * state.facts.calendar.length[t]


def income_rounding_busd(facts: Facts) -> float:
    """Income of the horizon that rounding of small IT MW in the tables can hide, in billions of dollars."""
    family = facts.model.families.backup_income
    price = 0.0 if family is None else family.price_musd_per_mw_year
    return tolerance.ROUNDED_SMALL_MW * GW * abs(price) * facts.calendar.end


def check_backup(context: Context) -> None:
    """Check that no more backup is sold than allowed."""
    family, most = context.facts.model.families.backup_income, context.facts.zeros()
    if family is not None:
        most = [family.largest_share * installed_backup(context.state, t) for t in context.facts.periods]
    if family is not None and family.market_it_mw is not None:
        most = [min(share, family.market_it_mw) for share in most]
    context.in_each_period("backup_income", "backup sold", "backup sold", context.state.decisions.sold_it_mw, most)
