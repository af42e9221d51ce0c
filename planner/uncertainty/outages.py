"""Single outages of a plan: a site, provider or power region is lost from a date on, and all that is signed stays.

What is left is routed anew: in each period the least demand is unserved that the installed chips which survive, of both
roles, leave (docs/uncertainty.md, single outages). All figures are those of the plan's own tables.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from planner.errors import OptionError
from planner.inputs import Inputs, make_inputs
from planner.plan.plan import PlanData
from planner.solve.arrays import Floats
from planner.uncertainty.days import wrong_days

KINDS = ("site", "provider", "power_region")
COLUMNS: dict[str, str] = {
    "kind": "what is lost: site, provider or power_region",
    "lost": "its key",
    "from_period": "first period without it",
    "lost_it_mw": "IT MW installed there, the most of these periods",
    "unserved_share": "demand not served from then on, as a share of all demand of these periods",
    "more_unserved_compute_years": "compute-years not served beyond what the plan leaves unserved",
    "worst_period": "period with the largest share of demand not served; empty where everything is served",
    "worst_share": "that share",
    "missing_busd": "price of what is not served beyond what the plan leaves, present value",
}
"""Columns of the table of outages."""
ROUNDING = 1e-6
"""Share of a demand that is nothing."""
Demand = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Period:
    """What is installed, and what is asked for, in a period.

    Attributes
    ----------
    rows : list of mapping
        Of the table ``capacity``.
    rate : array (rows, demands)
        Compute that a row gives a demand if all of it is used for that.
    need, served : array (demands,)
    """

    rows: list[Mapping[str, Any]]
    rate: Floats
    need: Floats
    served: Floats

    def unserved(self, lost: Floats) -> float:
        """Return the least compute that is not served without some rows; each row's use adds up to one."""
        from scipy import optimize  # slow to import

        rate = self.rate[lost < 0.5]
        arcs = np.argwhere(rate > 0.0)
        if not len(arcs):
            return float(self.need.sum())
        place = np.arange(len(arcs))
        use, carry = np.zeros((len(rate), len(arcs))), np.zeros((len(self.need), len(arcs)))
        use[arcs[:, 0], place] = 1.0
        gives = rate[arcs[:, 0], arcs[:, 1]]
        carry[arcs[:, 1], place] = gives
        found = optimize.linprog(
            -gives, np.vstack([use, carry]), np.concatenate([np.ones(len(rate)), self.need]), method="highs"
        )
        assert found.status == 0  # nothing carried is a point, and no more than all demand is carried
        return float(self.need.sum() + found.fun)


def refuse_day(inputs: Inputs, day: date | None) -> None:
    """Refuse a day after which no period begins: nothing would be lost; None: no outage is asked for.

    Raises
    ------
    OptionError
        With the last day that would be right, or that it is no date.
    """
    if wrong := wrong_days(outages=day):
        raise OptionError(wrong[0])
    last = inputs.calendar.start_dates[inputs.calendar.reported - 1]
    if day is not None and day > last:
        raise OptionError(
            f"outages from {day.isoformat()} on: no period begins then or later; must be on or before "
            f"{last.isoformat()}, on which the last period begins"
        )


def outages_of(plan: PlanData, day: date | None, price: float) -> list[dict[str, Any]]:
    """Return what is unserved after every single outage, the worst first.

    Parameters
    ----------
    plan : PlanData
    day : date or None
        The first period that begins on or after this day is the first without what is lost. None: the first of all.
    price : float
        $B for a unit of compute not served for a year.

    Returns
    -------
    list of dict
        By ``COLUMNS``; empty where no period begins on or after the day.
    """
    inputs = make_inputs(plan.case)
    after = [t for t in range(inputs.calendar.reported) if day is None or inputs.calendar.start_dates[t] >= day]
    periods = {t: _period(plan, inputs.calendar.labels[t]) for t in after}
    keys = dict.fromkeys((kind, str(row[kind])) for kind in KINDS for one in periods.values() for row in one.rows)
    rows = [_outage(inputs, periods, kind, key, price) for kind, key in sorted(keys)]
    return sorted(rows, key=lambda row: (-float(row["unserved_share"]), row["kind"], row["lost"]))


def _period(plan: PlanData, label: str) -> _Period:
    """What the tables of a plan say of a period."""

    def here(table: str) -> list[Mapping[str, Any]]:
        return [row for row in plan.rows(table) if plan.periods.label(row["period"]) == label]

    reach = {(str(row["market"]), str(row["site"])) for row in plan.rows("reach")}
    asked, rows = here("unserved"), here("capacity")
    rate = np.array(
        [
            [
                float(row[f"{one['workload']}_compute"] or 0.0)
                if (str(one["market"]), str(row["site"])) in reach
                else 0.0
                for one in asked
            ]
            for row in rows
        ]
    ).reshape(len(rows), len(asked))
    need, served = (
        np.array([float(one[name] or 0.0) for one in asked]) for name in ("demand_compute", "served_compute")
    )
    return _Period(rows, rate, need, served)


def _outage(inputs: Inputs, periods: Mapping[int, _Period], kind: str, key: str, price: float) -> dict[str, Any]:
    """The row of an outage."""
    shares: dict[int, float] = {}
    mw = missing = asked = more = busd = 0.0
    for t, one in periods.items():
        lost = np.array([str(row[kind]) == key for row in one.rows], dtype=np.float64)
        length, demand = inputs.length_years(t), float(one.need.sum())
        least = _rounded(one.unserved(lost), demand)
        planned = _rounded(float((one.need - one.served).sum()), demand)
        mw = max(mw, sum(float(row["it_mw"] or 0.0) for row, gone in zip(one.rows, lost, strict=True) if gone))
        shares[t] = least / demand if demand else 0.0
        missing, asked = missing + least * length, asked + demand * length
        beyond = max(0.0, least - planned) * length
        more, busd = more + beyond, busd + beyond * inputs.discount[t] * price
    worst = max(shares, key=lambda t: shares[t])
    return {
        "kind": kind,
        "lost": key,
        "from_period": inputs.calendar.labels[min(periods)],
        "lost_it_mw": mw,
        "unserved_share": missing / asked if asked else 0.0,
        "more_unserved_compute_years": more,
        "worst_period": inputs.calendar.labels[worst] if shares[worst] else "",
        "worst_share": shares[worst],
        "missing_busd": busd,
    }


def _rounded(compute: float, demand: float) -> float:
    """What is not served, nothing where it is rounding."""
    return compute if compute > ROUNDING * demand else 0.0


def survived_share(rows: Sequence[Mapping[str, Any]]) -> float:
    """Return the share of the outages after which all demand is served that the plan serves."""
    return sum(1 for row in rows if not row["more_unserved_compute_years"]) / len(rows) if rows else 1.0
