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

    def unserved(self, losses: Floats) -> Floats:
        """Return the least compute that is not served after each loss; each row's use adds up to one.

        Parameters
        ----------
        losses : array (losses, rows)
            Whether a row is lost. All are solved at once, as they share nothing.
        """
        from scipy import optimize, sparse  # slow to import

        lost, height, wide = len(losses), len(self.rows), len(self.need)
        arcs = np.argwhere((self.rate > 0.0)[None, :, :] & (losses < 0.5)[:, :, None])
        if not len(arcs):
            return np.full(lost, float(self.need.sum()))
        gives, place, ones = self.rate[arcs[:, 1], arcs[:, 2]], np.arange(len(arcs)), np.ones(len(arcs))
        use = sparse.csr_array((ones, (arcs[:, 0] * height + arcs[:, 1], place)), (lost * height, len(arcs)))
        carry = sparse.csr_array((gives, (arcs[:, 0] * wide + arcs[:, 2], place)), (lost * wide, len(arcs)))
        sides = np.concatenate([np.ones(lost * height), np.tile(self.need, lost)])
        found = optimize.linprog(-gives, sparse.vstack([use, carry]), sides, method="highs")
        assert found.status == 0  # nothing carried is a point, and no more than all demand is carried
        carried = np.bincount(arcs[:, 0], weights=gives * found.x, minlength=lost)
        return np.asarray(np.maximum(0.0, float(self.need.sum()) - carried))

    def without(self, kind: str, keys: Sequence[str]) -> Floats:
        """Return which rows are lost with each key of a kind."""
        of = [str(row[kind]) for row in self.rows]
        return np.array([[one == key for one in of] for key in keys], dtype=np.float64).reshape(len(keys), len(of))

    @property
    def missing(self) -> float:
        """Compute that the plan leaves unserved."""
        return _rounded(float((self.need - self.served).sum()), float(self.need.sum()))


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


def reported_periods(inputs: Inputs, day: date | None) -> tuple[str, ...]:
    """Return the labels of the reported periods that begin on or after a day; None: of all."""
    starts, labels = inputs.calendar.start_dates, inputs.calendar.labels
    return tuple(labels[t] for t in range(inputs.calendar.reported) if day is None or starts[t] >= day)


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
    after = [inputs.calendar.labels.index(label) for label in reported_periods(inputs, day)]
    periods = {t: _period(plan, inputs.calendar.labels[t]) for t in after}
    keys = sorted({(kind, str(row[kind])) for kind in KINDS for one in periods.values() for row in one.rows})
    left = {t: _after(one, keys) for t, one in periods.items()}
    rows = [_outage(inputs, periods, key, {t: left[t][n] for t in periods}, price) for n, key in enumerate(keys)]
    return sorted(rows, key=lambda row: (-float(row["unserved_share"]), row["kind"], row["lost"]))


def served_after(plan: PlanData, labels: Sequence[str]) -> dict[str, dict[str, tuple[float, bool]]]:
    """Return what is still served after the single outage that leaves least, by kind and period.

    Parameters
    ----------
    plan : PlanData
    labels : sequence of str
        Of the periods.

    Returns
    -------
    dict
        By kind and label: the share of all demand that is served, and whether all is.
    """
    found: dict[str, dict[str, tuple[float, bool]]] = {kind: {} for kind in KINDS}
    for label in labels:
        one = _period(plan, label)
        asked = float(one.need.sum())
        keys = sorted({(kind, str(row[kind])) for kind in KINDS for row in one.rows})
        left = _after(one, keys)
        for kind in KINDS:
            most = max((amount for key, amount in zip(keys, left, strict=True) if key[0] == kind), default=one.missing)
            found[kind][label] = 1.0 - most / asked if asked else 1.0, most <= 0.0
    return found


def _after(one: "_Period", keys: Sequence[tuple[str, str]]) -> list[float]:
    """Return the least compute that is not served after the loss of each key of a kind; rounding is nothing."""
    losses = [one.without(kind, [key]) for kind, key in keys]
    if not losses:
        return []
    asked = float(one.need.sum())
    return [_rounded(float(amount), asked) for amount in one.unserved(np.concatenate(losses))]


def _period(plan: PlanData, label: str) -> _Period:
    """What the tables of a plan say of a period."""
    periods = plan.periods  # made anew each time it is asked for

    def here(table: str) -> list[Mapping[str, Any]]:
        return [row for row in plan.rows(table) if periods.label(row["period"]) == label]

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


def _outage(
    inputs: Inputs, periods: Mapping[int, _Period], of: tuple[str, str], left: Mapping[int, float], price: float
) -> dict[str, Any]:
    """The row of an outage, from the compute that it leaves unserved in each period."""
    (kind, key), shares = of, dict[int, float]()
    mw = missing = asked = more = busd = 0.0
    for t, one in periods.items():
        (lost,) = one.without(kind, [key])
        length, demand, least = inputs.length_years(t), float(one.need.sum()), left[t]
        mw = max(mw, sum(float(row["it_mw"] or 0.0) for row, gone in zip(one.rows, lost, strict=True) if gone))
        shares[t] = least / demand if demand else 0.0
        missing, asked = missing + least * length, asked + demand * length
        beyond = max(0.0, least - one.missing) * length
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
