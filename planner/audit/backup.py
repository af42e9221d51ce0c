"""Backup income (section 10): what idle backup may be sold, and what it brings."""

from planner.audit import tolerance
from planner.audit.context import Context
from planner.audit.contracts import GW
from planner.audit.facts import Facts
from planner.audit.state import State


def installed_backup(state: State, t: int) -> float:
    """Backup IT MW installed in period ``t``, chips of signed contracts included."""
    return sum(series[t] for (_, role), series in state.installed_mw.items() if role == "backup")


def _able(state: State, workload: str, t: int) -> tuple[float, float]:
    """Backup IT MW in period ``t`` whose chips can run a workload, and the compute that they realise on it."""
    facts, able_mw, compute = state.facts, 0.0, 0.0
    for (_, role, chip), series in state.chip_mw.items():
        rate = facts.rate(chip, workload, t)
        if role == "backup" and rate > 0.0:
            able_mw += series[t]
            compute += series[t] * rate
    return able_mw, compute


def income_busd(state: State, t: int) -> float:
    """Nominal backup income of period ``t``, in billions of dollars."""
    family = state.facts.model.families.backup_income
    if family is None:
        return 0.0
    sold_mw, years = state.decisions.sold_it_mw[t], state.facts.calendar.length[t]
    if family.price_busd_per_compute_year is None:
        return (family.price_musd_per_mw_year or 0.0) * sold_mw * GW * years
    able_mw, compute = _able(state, family.workload or "", t)
    return family.price_busd_per_compute_year * (sold_mw / able_mw * compute if able_mw > 0.0 else 0.0) * years


def income_rounding_busd(facts: Facts) -> float:
    """Income of the horizon that rounding of small IT MW in the tables can hide, in billions of dollars."""
    family = facts.model.families.backup_income
    if family is None:
        return 0.0
    busd_per_mw = GW * (family.price_musd_per_mw_year or 0.0)
    if family.price_busd_per_compute_year is not None:
        busd_per_mw = family.price_busd_per_compute_year * facts.largest_rate
    return tolerance.ROUNDED_SMALL_MW * busd_per_mw * facts.calendar.end


def check_backup(context: Context) -> None:
    """Check that no more backup is sold than allowed."""
    state, family, most = context.state, context.facts.model.families.backup_income, context.facts.zeros()
    if family is not None and family.price_busd_per_compute_year is None:
        most = [family.largest_share * installed_backup(state, t) for t in context.facts.periods]
        if family.market_it_mw is not None:
            most = [min(share, family.market_it_mw) for share in most]
    elif family is not None:
        for t in context.facts.periods:
            able_mw, compute = _able(state, family.workload or "", t)
            share = family.largest_share
            if family.market_compute is not None and compute > 0.0:
                share = min(share, family.market_compute / compute)
            most[t] = share * able_mw
    context.in_each_period("backup_income", "backup sold", "backup sold", state.decisions.sold_it_mw, most)
