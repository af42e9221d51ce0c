"""Section 16 of docs/formulation.md, read anew: programmes."""

from typing import Any

from tests.reference.linear import Lin, total
from tests.reference.when import SAME_YEARS
from tests.reference.world import GW, World

KINDS = ("it", "facility")


def write_programmes(w: World) -> None:
    """What must be, and may be, in force at the sites of every programme, and what not meeting it costs."""
    for row in w.table("programmes"):
        first = next((t for t in w.periods if any(_value(w, row, "at_least", kind, t) for kind in KINDS)), None)
        declined: Lin | None = None
        if row.kind == "optional" and first is not None:
            declined = w.mip.column(1.0, integer=True)
            _owe(w, row, first, declined * row.declining_cost_busd)
            w.notes["programme declined"].append(declined)
        for t in w.periods:
            for kind in KINDS:
                _write(w, row, kind, t, declined)


def _write(w: World, row: Any, kind: str, t: int, declined: Lin | None) -> None:
    sites = [s for s in row.sites if s in w.sites]
    weight = {s: w.sites[s].pue_peak if kind == "facility" else 1.0 for s in sites}
    there = total([w.in_force_gw(o, t) * weight[s] for s in sites for o in w.at(s)])
    signed = sum(weight[s] * w.signed_gw[o, role, t] for s in sites for o in w.at(s) for role in ("primary", "backup"))
    most, least = _value(w, row, "at_most", kind, t), _value(w, row, "at_least", kind, t)
    if most is not None:
        w.mip.at_most(there, max(most, signed))
    if least is None:
        return
    if row.kind == "priced":
        price = getattr(row, f"price_musd_per_missing_{kind}_mw_year") or 0.0  # not given where nothing is asked for
        missing = w.mip.column()
        w.mip.at_most(Lin(least), there + missing)
        _owe(w, row, t, missing * (price * w.when.length(t)))
        w.notes["programme missed"].append(missing)
    elif declined is not None:
        w.mip.at_most(Lin(least), there + declined * least)
    else:
        lacking = Lin()
        if row.kind == "committed" and not w.hard:
            lacking = w.mip.column(max(0.0, least))
            w.miss("programme", lacking, w.when.length(t))
        w.mip.at_most(Lin(least), there + lacking)


def _owe(w: World, row: Any, t: int, busd: Lin) -> None:
    w.pay("primary", t, busd)
    w.promised[row.programme, t] = w.promised[row.programme, t] + busd


def _value(w: World, row: Any, side: str, kind: str, t: int) -> float | None:
    """A path in a period: the step dated last of those that are not after its start."""
    column = f"{side}_{kind}_mw"
    steps = [
        (step.date, getattr(step, column))
        for step in w.table("programme_steps")
        if step.programme == row.programme
        and getattr(step, column) is not None
        and w.when.after(step.date) <= w.when.tau(t) + SAME_YEARS
    ]
    return max(steps)[1] * GW if steps else None
