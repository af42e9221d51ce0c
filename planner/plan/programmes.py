"""The table of programmes: what is in force at their sites against what they ask for and allow."""

from planner.inputs import Inputs
from planner.inputs.programmes import MEASURES, Programme
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
        "undertaken": "no" if values[DECLINED].get(key, 0.0) > 0.5 else "yes",
    }
    for measure in MEASURES:
        factors = programme.gw_per_it_gw[measure]
        gw = sum(factor * site_it_gw(inputs, values, s, t) for s, factor in factors.items())
        asked, allowed = programme.at_least_gw[measure][t], programme.at_most_gw[measure][t]
        missing = max(0.0, (asked or 0.0) - gw)
        row[f"{measure}_mw"] = mw(gw)
        row[f"at_least_{measure}_mw"] = "" if asked is None else mw(asked)
        row[f"at_most_{measure}_mw"] = "" if allowed is None else mw(allowed)
        row[f"missing_{measure}_mw"] = mw(missing) if missing > NOTHING_GW else 0.0
    return row
