"""Frontiers: the least cost for each value of something else that one would like to have more, or less, of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Unpack

import pandas as pd

from planner.analysis.front_points import Point, by_demand, compared, mark_dominated, resolved_points
from planner.analysis.limits import gw_family, serve_family
from planner.analysis.plotted import FrontPlots, front_of
from planner.analysis.resolve import Resolved, refuse_limit
from planner.analysis.shown import Shown, counted
from planner.api import AnyCase, Case, Plan
from planner.case.case import CaseData
from planner.case.messages import listed
from planner.case.rows import BudgetRow
from planner.changes.apply import apply_changes
from planner.changes.values import change_text
from planner.errors import OptionError
from planner.figures.pictures import picture_html
from planner.options import SolveKeywords, SolveOptions
from planner.plan.emissions import peak_emissions_mt_per_year
from planner.runs.difference import NO_DIFFERENCE
from planner.runs.outcome import Outcome
from planner.runs.progress import OnProgress
from planner.runs.variants import Runner, runner_of

Against = Literal["critical_share", "carbon", "budget", "unserved", "gw_date"]

SAME_DATE_YEARS = 0.01
"""A calendar year names the period that starts no further from it than this."""
CARBON_SHARES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)
"""Caps tried without ``values``: shares of the largest yearly emissions of the plan without a cap."""

COLUMNS: dict[str, str] = {
    "against": "what the front is against",
    "value": "value asked for",
    "unit": "its unit",
    "label": "the value as text; the period of gw_date",
    "status": "how the solve ended (`planner.status.Status`)",
    "cost_busd": "least cost found, present value",
    "bound_busd": "proven lower bound on the cost",
    "gap": "relative gap between the two",
    "unserved_share": "share of demand not served",
    "dominated": "yes when another point asks for at least as much, costs no more and serves no less; open when a plan "
    "was found that does, but costs that close lie inside the gaps",
    "compared_with": "label of the point that asks for a little less, of those with a plan; empty for the first",
    "difference_busd": "cost less that of the point compared with",
    "low_busd": "the true difference of the least costs is not below this: proven; empty where nothing is",
    "high_busd": "nor above this",
    "sign": "more, less or equal: proven; open: it lies inside the gaps. Where the plans miss unlike amounts, of these",
    "tier": "first tier of shortfalls in which the two miss unlike amounts: their costs are those of unlike service",
    "reason": "why there is no plan; empty where there is one",
}  # fmt: skip
"""Columns of `Front.table`."""


@dataclass(frozen=True, slots=True, repr=False)
class Front(Shown):
    """The points of a front, in the order of their values.

    Attributes
    ----------
    against : str
        What the front is against.
    rows : tuple of dict
        The points, dominated and infeasible ones included (``planner.analysis.front.COLUMNS``).
    plans : mapping of float to Plan
        The plan of each value that has one.
    resolved : tuple of Resolved
        What came of the differences between neighbours whose sign was open, if these were solved further.
    """

    against: str
    rows: tuple[dict[str, Any], ...]
    plans: dict[float, Plan]
    resolved: tuple[Resolved, ...] = ()

    def __repr__(self) -> str:
        return f"Front({self.against}, {len(self.rows)} points: {counted(row['status'] for row in self.rows)})"

    @property
    def title(self) -> str:
        """Title of the axis the front is against, with its unit."""
        return f"{AXES[self.against].title} ({AXES[self.against].unit})"

    @property
    def plot(self) -> FrontPlots:
        """The figure of the front: ``front.plot.costs()``; needs the extra ``report``."""
        return FrontPlots(self.rows, self.title)

    def _picture(self) -> str:
        return picture_html(lambda: front_of(self.rows, self.title), f"Least cost against {self.title}")

    @property
    def points(self) -> list[dict[str, Any]]:
        """The points with a plan that no other dominates."""
        return [row for row in self.rows if row["cost_busd"] is not None and row["dominated"] == "no"]

    def table(self) -> pd.DataFrame:
        """All points as a DataFrame, dominated and infeasible ones included."""
        return pd.DataFrame(list(self.rows), columns=list(COLUMNS))


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked of an axis: the case, the values (none: what is usual), and what only some axes look at."""

    case: Case
    values: tuple[float, ...]
    gw: float | None
    rules: tuple[str, ...]
    runner: Runner


def front(
    case: AnyCase,
    against: str,
    values: Sequence[float] = (),
    *,
    gw: float | None = None,
    rules: Sequence[str] = (),
    resolve: bool = False,
    resolve_time_limit_s: float | None = None,
    runner: Runner | None = None,
    options: SolveOptions | None = None,
    on_progress: OnProgress | None = None,
    **keywords: Unpack[SolveKeywords],
) -> Front:
    """The least cost against critical share, carbon cap, budget, unserved demand or the date of an amount of IT GW.

    Parameters
    ----------
    case : Case, CaseData, str or Path
        A str or Path as of `Case.read`.
    against : str
        ``critical_share``: every redundancy rule (or those named in ``rules``) asks for this share of all demand.
        ``carbon``: cap on emissions, Mt a year. ``budget``: yearly limits and envelopes times this. ``unserved``: at
        most this share of demand (in compute-years) is left; it is not minimised first. ``gw_date``: ``gw`` are
        installed in the period that starts in this calendar year (2028.5: in its middle), and in every later one.
    values : sequence of float
        Values asked for; without them a usual choice (for ``gw_date`` every period).
    gw, rules
        Installed IT GW of ``gw_date``; names of redundancy rules.
    resolve, resolve_time_limit_s
        Whether neighbouring points whose difference is open are solved further, and the wall time of each (60 s).
    runner : Runner or None
        Solves the variants, and may know some of them already; in place of the options.
    options, on_progress, **keywords
        As of `Case.solve`: ``gap``, ``time_limit_s``, ``threads``, ``seed``, ``solver``, of each solve.

    Raises
    ------
    OptionError
        If the case lacks what the front is against, or a value makes no sense.
    """
    if against not in AXES:
        raise OptionError(f"a front against {against!r}: must be against {', '.join(AXES)}")
    use = runner_of(runner, options, on_progress, keywords)
    limit_s = refuse_limit(resolve_time_limit_s) if resolve else None
    axis, wanted = AXES[against], tuple(sorted({float(v) for v in values}))
    if axis.within is not None:
        _refuse_outside(wanted, *axis.within)
    points = axis.points(_Question(Case.of(case), wanted or axis.usual, gw, tuple(rules), use))
    outcomes = [(point, _solved(point, f"{against} {point.label}", use)) for point in points]
    order = by_demand(outcomes, more_is_better=axis.more_is_better)
    resolved: tuple[Resolved, ...] = ()
    if limit_s is not None:
        resolved, outcomes = resolved_points(outcomes, order, use, limit_s)
    rows = [_row(against, axis.unit, point, outcome) for point, outcome in outcomes]
    for one, other in order.items():
        rows[one] |= compared(outcomes[one], outcomes[other])
    mark_dominated(rows, [outcome for _, outcome in outcomes], -1.0 if axis.more_is_better else 1.0)
    plans = {point.value: Plan.of(outcome.plan) for point, outcome in outcomes if outcome.plan is not None}
    return Front(against, tuple(rows), plans, resolved)


def _solved(point: Point, label: str, runner: Runner) -> Outcome:
    if point.families:
        return runner.solve(point.make(), label, point.families, point.key)
    return runner.variant(point.make, label)


def _row(against: str, unit: str, point: Point, outcome: Outcome) -> dict[str, Any]:
    return {
        "against": against,
        "value": point.value,
        "unit": unit,
        "label": point.label,
        "status": outcome.status.value,
        "cost_busd": outcome.cost_busd,
        "bound_busd": outcome.bound_busd,
        "gap": outcome.gap,
        "unserved_share": outcome.unserved_share,
        "dominated": "",
        "compared_with": "",
        "difference_busd": None,
        **NO_DIFFERENCE,
        "tier": "",
        "reason": outcome.reason,
    }


# -- the points of each axis --------------------------------------------------------------------------------------


def _critical(ask: _Question) -> list[Point]:
    family = ask.case.model.families.redundancy
    if family is None:
        raise OptionError(f"{ask.case.model.name}: has no redundancy rules, so there is no critical share to vary")
    known = [rule.name for rule in family.rules]
    unknown = [name for name in ask.rules if name not in known]
    if unknown:
        raise OptionError(f"{ask.case.model.name}: has no redundancy rule {unknown[0]!r}; it has: {', '.join(known)}")
    # Head-room is no answer to a loss: it stays unless it is named.
    chosen = [
        n for n, rule in enumerate(family.rules) if rule.name in ask.rules or (not ask.rules and rule.domain != "none")
    ]
    if not chosen:
        raise OptionError(f"{ask.case.model.name}: every redundancy rule loses nothing; name those to vary")
    points = []
    for value in ask.values:
        changes = []
        for n in chosen:
            changes.append(f"model.families.redundancy.rules[{n}].critical_share={float(value)!r}")
            if family.rules[n].overrides:
                changes.append(f"model.families.redundancy.rules[{n}].overrides=[]")
        points.append(Point(value, f"{value:g}", _applied(ask.case, changes)))
    return points


def _carbon(ask: _Question) -> list[Point]:
    if ask.case.model.families.power is None:
        raise OptionError(
            f"{ask.case.model.name}: a carbon cap needs the family power (model.families.power.utilisation)"
        )
    carbon = ask.case.model.families.carbon
    values = ask.values
    if not values:
        has_cap = carbon is not None and carbon.cap_mt_per_year is not None
        free = apply_changes(ask.case, ["model.families.carbon.cap_mt_per_year="]) if has_cap else ask.case
        peak = peak_emissions_mt_per_year(ask.runner.solve(free, "no carbon cap").required())
        values = tuple(sorted(round(share * peak, 6) for share in CARBON_SHARES))
    changes = {value: [f"model.families.carbon.cap_mt_per_year={float(value)!r}"] for value in values}
    return [Point(value, f"{value:g}", _applied(ask.case, change)) for value, change in changes.items()]


def _budget(ask: _Question) -> list[Point]:
    family = ask.case.model.families.budget
    if family is None:
        raise OptionError(f"{ask.case.model.name}: has no budget to scale (no section families.budget)")
    column = "cash_limit_busd" if family.basis == "cash_limit" else "cash_burn_busd"
    figures = {
        f"budget[{row.year}].{column}": getattr(row, column)
        for row in ask.case.rows(BudgetRow)
        if getattr(row, column) is not None
    }
    for name in ("primary_envelope_busd", "backup_envelope_busd"):
        if getattr(family, name) is not None:
            figures[f"model.families.budget.{name}"] = getattr(family, name)
    points = []
    for value in ask.values:
        changes = [change_text(place, figure * value) for place, figure in figures.items()]
        points.append(Point(value, f"{value:g}", _applied(ask.case, changes)))
    return points


def _unserved(ask: _Question) -> list[Point]:
    # At a price of zero the limit alone determines the unserved demand; a price of the case is kept.
    priced = ask.case.model.objective.unserved == "priced"
    changes = [] if priced else [
        "model.objective.unserved=priced",
        "model.objective.unserved_price_busd_per_compute_year=0.0",
    ]  # fmt: skip
    return [
        Point(value, f"{value:g}", _applied(ask.case, changes), (serve_family(value),), f"unserved {value!r}")
        for value in ask.values
    ]


def _gw_date(ask: _Question) -> list[Point]:
    if ask.gw is None or not 0.0 < ask.gw < 1e6:
        raise OptionError("a front against gw_date needs the installed IT GW to reach, more than 0 (gw, or --gw)")
    calendar: Any = ask.case.inputs.calendar
    starts = [round(calendar.first_year + calendar.start_years[t], 6) for t in range(calendar.count)]
    wrong = [value for value in ask.values if not any(abs(value - start) < SAME_DATE_YEARS for start in starts)]
    if wrong:
        raise OptionError(f"gw_date {wrong[0]:g}: no period starts in this calendar year; there are: {listed(starts)}")
    points = []
    for asked in ask.values or starts:
        t = min(range(calendar.count), key=lambda t: abs(asked - starts[t]))
        value = starts[t]
        families, key = (gw_family(ask.gw, t),), f"gw {ask.gw!r} from {t}"
        points.append(Point(value, calendar.labels[t], _applied(ask.case, []), families, key))
    return points


def _applied(case: CaseData, changes: Sequence[str]) -> Callable[[], CaseData]:
    return lambda: apply_changes(case, changes)


def _refuse_outside(values: Sequence[float], low: float, high: float, allowed: str) -> None:
    wrong = [value for value in values if not low <= value <= high]
    if wrong:
        raise OptionError(f"value {wrong[0]:g}: must be {allowed}")


@dataclass(frozen=True, slots=True)
class Axis:
    """What a front can be against.

    Attributes
    ----------
    title, unit : str
    points : callable
        Makes the points that a question asks for; refuses a case that lacks what the axis is about.
    usual : tuple of float
        Values without any asked for; empty: the points find them.
    within : tuple or None
        Lowest and highest value, and what is allowed in words.
    more_is_better : bool
        Whether more of it is wanted; else less.
    """

    title: str
    unit: str
    points: Callable[[_Question], list[Point]]
    usual: tuple[float, ...] = ()
    within: tuple[float, float, str] | None = None
    more_is_better: bool = False


SHARE = (0.0, 1.0, "a share from 0 to 1")
AXES: Mapping[str, Axis] = {
    "critical_share": Axis(
        "critical share that survives every loss",
        "share of demand",
        _critical,
        usual=(0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 1.0),
        within=SHARE,
        more_is_better=True,
    ),
    "carbon": Axis("carbon cap", "Mt CO2 per year", _carbon, within=(0.0, 1e9, "Mt CO2 a year, 0 or more")),
    "budget": Axis(
        "budget",
        "times the budget of the case",
        _budget,
        usual=(0.7, 0.8, 0.9, 1.0, 1.1, 1.2),
        within=(0.0, 1e3, "a factor, 0 or more"),
    ),
    "unserved": Axis(
        "demand left unserved, at most",
        "share of demand",
        _unserved,
        usual=(0.0, 0.02, 0.05, 0.1, 0.2, 0.3),
        within=SHARE,
    ),
    "gw_date": Axis("installed capacity reached", "calendar year", _gw_date),
}
"""What a front can be drawn against."""
