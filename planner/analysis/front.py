"""Frontiers: the least cost for each value of something else that one would like to have more, or less, of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

from planner.analysis.limits import gw_family, serve_family
from planner.api import Case, Plan
from planner.case.case import CaseData
from planner.case.messages import listed
from planner.case.rows import BudgetRow
from planner.changes.apply import apply_changes
from planner.errors import OptionError
from planner.plan.emissions import peak_emissions_mt_per_year
from planner.program.family import Family
from planner.runs.variants import SAME_UNSERVED, Outcome, Solver, written

Against = Literal["critical_share", "carbon", "budget", "unserved", "gw_date"]

AXES: dict[str, tuple[str, str]] = {
    "critical_share": ("critical share that survives every loss", "share of demand"),
    "carbon": ("carbon cap", "Mt CO2 per year"),
    "budget": ("budget", "times the budget of the case"),
    "unserved": ("demand left unserved, at most", "share of demand"),
    "gw_date": ("installed capacity reached", "calendar year"),
}
"""What a front can be drawn against: title and unit of its axis."""
MORE_IS_BETTER = ("critical_share",)
"""Of these more is wanted; of the others less."""
DEFAULTS: dict[str, tuple[float, ...]] = {
    "critical_share": (0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 1.0),
    "budget": (0.7, 0.8, 0.9, 1.0, 1.1, 1.2),
    "unserved": (0.0, 0.02, 0.05, 0.1, 0.2, 0.3),
}
SAME_DATE_YEARS = 0.01
"""A calendar year names the period that starts no further from it than this."""
CARBON_SHARES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)
"""Caps tried without ``values``: shares of the largest yearly emissions of the plan without a cap."""

COLUMNS: dict[str, str] = {
    "against": "what the front is against",
    "value": "value asked for",
    "unit": "its unit",
    "label": "the value for people; the period of gw_date",
    "status": "as of a plan, or infeasible, no_plan, interrupted, invalid_case, failed",
    "cost_busd": "least cost found, present value",
    "bound_busd": "proven lower bound on the cost",
    "gap": "relative gap between the two",
    "unserved_share": "share of demand not served",
    "dominated": "yes when another point asks for at least as much, costs no more and serves no less",
    "reason": "why there is no plan; empty where there is one",
}  # fmt: skip
"""Columns of `Front.table`."""


@dataclass(frozen=True, slots=True)
class Front:
    """The points of a front, in the order of their values (``COLUMNS``)."""

    against: str
    rows: tuple[dict[str, Any], ...]
    plans: dict[float, Plan] = field(repr=False)

    @property
    def title(self) -> str:
        """Title of the axis the front is against, with its unit."""
        return f"{AXES[self.against][0]} ({AXES[self.against][1]})"

    @property
    def points(self) -> list[dict[str, Any]]:
        """The points with a plan that no other dominates."""
        return [row for row in self.rows if row["cost_busd"] is not None and row["dominated"] == "no"]

    def table(self) -> pd.DataFrame:
        """All points as a DataFrame, dominated and infeasible ones included."""
        return pd.DataFrame(list(self.rows), columns=list(COLUMNS))


@dataclass(frozen=True, slots=True)
class _Point:
    value: float
    label: str
    make: Callable[[], CaseData]
    families: tuple[Family, ...] = ()
    key: str = ""


def front(
    case: Case | CaseData,
    against: str,
    values: Sequence[float] = (),
    *,
    gw: float | None = None,
    rules: Sequence[str] = (),
    solver: Solver | None = None,
) -> Front:
    """The least cost against critical share, carbon cap, budget, unserved demand or the time to some GW.

    Parameters
    ----------
    case : Case or CaseData
    against : str
        ``critical_share``: every redundancy rule (or those named in ``rules``) asks for this share of all demand.
        ``carbon``: cap on emissions, Mt a year. ``budget``: yearly limits and envelopes times this. ``unserved``: at
        most this share of demand (in compute-years) is left; it is not minimised first. ``gw_date``: ``gw`` are
        installed in the period that starts in this calendar year (2028.5: in its middle), and in every later one.
    values : sequence of float
        Values asked for; without them a usual choice (for ``gw_date`` every period).
    gw : float or None
        Installed IT GW of ``gw_date``.
    rules : sequence of str
        Names of redundancy rules.
    solver : Solver or None

    Raises
    ------
    OptionError
        If the case lacks what the front is against, or a value makes no sense.
    """
    if against not in AXES:
        raise OptionError(f"a front against {against!r}: must be against {', '.join(AXES)}")
    data, use = Case.of(case), solver or Solver()
    points = _POINTS[against](data, tuple(sorted({float(v) for v in values})), gw, tuple(rules), use)
    outcomes: list[tuple[_Point, Outcome]] = []
    for point in points:
        label = f"{against} {point.label}"
        if point.families:
            outcomes.append((point, use.solve(point.make(), label, point.families, point.key)))
        else:
            outcomes.append((point, use.variant(point.make, label)))
    rows = [_row(against, point, outcome) for point, outcome in outcomes]
    sign = -1.0 if against in MORE_IS_BETTER else 1.0
    for row in rows:
        row["dominated"] = "yes" if any(_dominates(other, row, sign) for other in rows) else "no"
    plans = {point.value: Plan.of(outcome.plan) for point, outcome in outcomes if outcome.plan is not None}
    return Front(against, tuple(rows), plans)


def _row(against: str, point: _Point, outcome: Outcome) -> dict[str, Any]:
    return {
        "against": against,
        "value": point.value,
        "unit": AXES[against][1],
        "label": point.label,
        "status": outcome.status,
        "cost_busd": outcome.cost_busd,
        "bound_busd": outcome.bound_busd,
        "gap": outcome.gap,
        "unserved_share": outcome.unserved_share,
        "dominated": "",
        "reason": outcome.reason,
    }


def _dominates(other: Mapping[str, Any], row: Mapping[str, Any], sign: float) -> bool:
    """Whether a point asks for at least as much, costs no more and serves no less, and is better in one of them."""
    if other is row or other["cost_busd"] is None or row["cost_busd"] is None:
        return False
    cost_tolerance = 1e-9 * abs(row["cost_busd"])
    better = (
        (sign * (row["value"] - other["value"]), 1e-12),
        (row["cost_busd"] - other["cost_busd"], cost_tolerance),
        (row["unserved_share"] - other["unserved_share"], SAME_UNSERVED),
    )
    return all(by >= -off for by, off in better) and any(by > off for by, off in better)


# -- the points of each axis --------------------------------------------------------------------------------------


def _critical(
    case: CaseData, values: tuple[float, ...], _gw: float | None, names: tuple[str, ...], _solver: Solver
) -> list[_Point]:
    family = case.model.families.redundancy
    if family is None:
        raise OptionError(f"{case.model.name}: has no redundancy rules, so there is no critical share to vary")
    known = [rule.name for rule in family.rules]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise OptionError(f"{case.model.name}: has no redundancy rule {unknown[0]!r}; it has: {', '.join(known)}")
    _within(values, 0.0, 1.0, "a share from 0 to 1")
    chosen = [n for n, rule in enumerate(family.rules) if not names or rule.name in names]
    points = []
    for value in values or DEFAULTS["critical_share"]:
        changes = []
        for n in chosen:
            changes.append(f"model.families.redundancy.rules[{n}].critical_share={float(value)!r}")
            if family.rules[n].overrides:
                changes.append(f"model.families.redundancy.rules[{n}].overrides=[]")
        points.append(_Point(value, f"{value:g}", _applied(case, changes)))
    return points


def _carbon(
    case: CaseData, values: tuple[float, ...], _gw: float | None, _names: tuple[str, ...], solver: Solver
) -> list[_Point]:
    if case.model.families.power is None:
        raise OptionError(f"{case.model.name}: a carbon cap needs the family power (model.families.power.utilisation)")
    _within(values, 0.0, 1e9, "Mt CO2 a year, 0 or more")
    carbon = case.model.families.carbon
    if not values:
        has_cap = carbon is not None and carbon.cap_mt_per_year is not None
        free = apply_changes(case, ["model.families.carbon.cap_mt_per_year="]) if has_cap else case
        peak = peak_emissions_mt_per_year(solver.solve(free, "no carbon cap").required())
        values = tuple(sorted(round(share * peak, 6) for share in CARBON_SHARES))
    changes = {value: [f"model.families.carbon.cap_mt_per_year={float(value)!r}"] for value in values}
    return [_Point(value, f"{value:g}", _applied(case, change)) for value, change in changes.items()]


def _budget(
    case: CaseData, values: tuple[float, ...], _gw: float | None, _names: tuple[str, ...], _solver: Solver
) -> list[_Point]:
    family = case.model.families.budget
    if family is None:
        raise OptionError(f"{case.model.name}: has no budget to scale (no section families.budget)")
    _within(values, 0.0, 1e3, "a factor, 0 or more")
    column = "cash_limit_busd" if family.basis == "cash_limit" else "cash_burn_busd"
    figures = {
        f"budget[{row.year}].{column}": getattr(row, column)
        for row in case.rows(BudgetRow)
        if getattr(row, column) is not None
    }
    for name in ("primary_envelope_busd", "backup_envelope_busd"):
        if getattr(family, name) is not None:
            figures[f"model.families.budget.{name}"] = getattr(family, name)
    points = []
    for value in values or DEFAULTS["budget"]:
        changes = [f"{place}={written(figure * value)}" for place, figure in figures.items()]
        points.append(_Point(value, f"{value:g}", _applied(case, changes)))
    return points


def _unserved(
    case: CaseData, values: tuple[float, ...], _gw: float | None, _names: tuple[str, ...], _solver: Solver
) -> list[_Point]:
    _within(values, 0.0, 1.0, "a share from 0 to 1")
    # At a price of nil the limit alone decides what is left unserved; a price of the case's own stays.
    priced = case.model.objective.unserved == "priced"
    changes = [] if priced else [
        "model.objective.unserved=priced",
        "model.objective.unserved_price_busd_per_compute_year=0.0",
    ]  # fmt: skip
    return [
        _Point(value, f"{value:g}", _applied(case, changes), (serve_family(value),), f"unserved {value!r}")
        for value in values or DEFAULTS["unserved"]
    ]


def _gw_date(
    case: CaseData, values: tuple[float, ...], gw: float | None, _names: tuple[str, ...], _solver: Solver
) -> list[_Point]:
    if gw is None or not 0.0 < gw < 1e6:
        raise OptionError("a front against gw_date needs the installed IT GW to reach, more than 0 (gw, or --gw)")
    calendar: Any = Case.of(case).inputs.calendar
    starts = [round(calendar.first_year + calendar.start_years[t], 6) for t in range(calendar.count)]
    wrong = [value for value in values if not any(abs(value - start) < SAME_DATE_YEARS for start in starts)]
    if wrong:
        raise OptionError(f"gw_date {wrong[0]:g}: no period starts in this calendar year; there are: {listed(starts)}")
    points = []
    for asked in values or starts:
        t = min(range(calendar.count), key=lambda t: abs(asked - starts[t]))
        value = starts[t]
        points.append(_Point(value, calendar.labels[t], _applied(case, []), (gw_family(gw, t),), f"gw {gw!r} from {t}"))
    return points


def _applied(case: CaseData, changes: Sequence[str]) -> Callable[[], CaseData]:
    return lambda: apply_changes(case, changes)


def _within(values: Sequence[float], low: float, high: float, allowed: str) -> None:
    wrong = [value for value in values if not low <= value <= high]
    if wrong:
        raise OptionError(f"value {wrong[0]:g}: must be {allowed}")


_POINTS: Mapping[
    str, Callable[[CaseData, tuple[float, ...], float | None, tuple[str, ...], Solver], list[_Point]]
] = {
    "critical_share": _critical,
    "carbon": _carbon,
    "budget": _budget,
    "unserved": _unserved,
    "gw_date": _gw_date,
}  # fmt: skip
