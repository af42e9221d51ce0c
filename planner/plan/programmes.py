"""Programmes: what is in force at their sites against what they ask for and allow, and what missing that costs."""

from planner.inputs import Inputs
from planner.inputs.programmes import MEASURES, Measure, Programme
from planner.plan.decisions import NOTHING_GW, Row, mw
from planner.plan.state import site_it_gw
from planner.program.columns import DECLINED
from planner.symbols import Values


def programme_path(inputs: Inputs, values: Values) -> list[Row]:
    """Every programme in every period."""
    return [_row(inputs, values, programme, t) for t in inputs.periods for programme in inputs.programmes.values()]


def _row(inputs: Inputs, values: Values, programme: Programme, t: int) -> Row:
    key = programme.row.programme
    row: Row = {
        "period": inputs.calendar.labels[t],
        "programme": key,
        "kind": programme.row.kind,
        "undertaken": "no" if is_declined(values, key) else "yes",
    }
    for measure in MEASURES:
        factors = programme.gw_per_it_gw[measure]
        gw = sum(factor * site_it_gw(inputs, values, s, t) for s, factor in factors.items())
        asked, allowed = programme.at_least_gw[measure][t], programme.at_most_gw[measure][t]
        missing = missing_gw(inputs, values, programme, measure, t)
        row[f"{measure}_mw"] = mw(gw)
        row[f"at_least_{measure}_mw"] = "" if asked is None else mw(asked)
        row[f"at_most_{measure}_mw"] = "" if allowed is None else mw(allowed)
        row[f"missing_{measure}_mw"] = mw(missing)
    return row


def is_declined(values: Values, key: str) -> bool:
    """Whether a plan declines a programme."""
    return values[DECLINED].get(key, 0.0) > 0.5


def missing_gw(inputs: Inputs, values: Values, programme: Programme, measure: Measure, t: int) -> float:
    """IT GW or facility GW that a programme lacks in a period."""
    factors = programme.gw_per_it_gw[measure]
    gw = sum(factor * site_it_gw(inputs, values, s, t) for s, factor in factors.items())
    missing = (programme.at_least_gw[measure][t] or 0.0) - gw
    return missing if missing > NOTHING_GW else 0.0


def promised_busd(inputs: Inputs, values: Values, key: str, t: int) -> float:
    """What is due in a period for declining a programme, or for what it lacks: nominal $B."""
    programme = inputs.programmes[key]
    if programme.row.kind == "priced":
        return sum(
            programme.price_busd_per_gw_year(measure)
            * inputs.length_years(t)
            * missing_gw(inputs, values, programme, measure, t)
            for measure in MEASURES
        )
    due = t == programme.first_due and programme.may_be_declined and is_declined(values, key)
    return (programme.row.declining_cost_busd or 0.0) if due else 0.0
