"""The table of what installed chips give: nameplate and realised compute (formulation, section 6)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from planner.inputs import Inputs
from planner.inputs.contracts import MW_PER_GW
from planner.inputs.periods import Periods
from planner.plan import figures
from planner.plan.decisions import Row, mw

SHARE_DECIMALS = 9
"""Decimals of the realised share."""


def realised(inputs: Inputs, capacity: Sequence[Mapping[str, object]]) -> list[Row]:
    """What the chips that are installed give, per period and chip.

    Parameters
    ----------
    inputs : Inputs
    capacity : rows
        The table ``capacity``.
    """
    periods = Periods(inputs.calendar)
    installed: dict[tuple[int, str], float] = defaultdict(float)
    cell_of: dict[int, str | int] = {}
    for row in capacity:
        t = periods.index(row["period"])
        cell_of[t] = row["period"]  # type: ignore[assignment]
        installed[t, str(row["chip"])] += float(row["it_mw"])  # type: ignore[arg-type]
    order = {k: n for n, k in enumerate(inputs.chips)}
    return [
        _row(inputs, cell_of[t], k, t, installed[t, k] / MW_PER_GW)
        for t, k in sorted(installed, key=lambda key: (key[0], order[key[1]]))
    ]


def _row(inputs: Inputs, period: str | int, k: str, t: int, gw: float) -> Row:
    row: Row = {
        "period": period,
        "chip": k,
        "vendor": inputs.chips[k].vendor,
        "it_mw": mw(gw),
        "realised_share": round(inputs.realised_share[k][t], SHARE_DECIMALS),
    }
    for workload in ("training", "inference"):
        nameplate, given = inputs.nameplate_per_gw(k, workload), inputs.compute_per_gw(k, workload, t)
        row[f"{workload}_nameplate_compute"] = figures.compute(inputs, gw * nameplate)
        row[f"{workload}_realised_compute"] = figures.compute(inputs, gw * given)
    return row
