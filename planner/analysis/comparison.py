"""The comparison of plans: tidy tables against a reference."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Unpack

import pandas as pd

from planner.analysis.comparison_costs import difference_row, resolved_plans
from planner.analysis.contract_matching import match_contracts
from planner.analysis.plotted import ComparisonPlots
from planner.analysis.resolve import Resolved, refuse_limit
from planner.analysis.shown import signed_busd
from planner.analysis.waterfall import waterfall
from planner.api import Plan
from planner.errors import OptionError, UnknownNameError
from planner.figures.notebook import html_of
from planner.figures.pictures import picture_html
from planner.figures.studies import cost_changes
from planner.options import SolveKeywords, SolveOptions
from planner.plan.figures import text
from planner.plan.plan import PlanData, required_plan
from planner.runs.progress import OnProgress
from planner.runs.variants import Runner, period_years, runner_of, unserved_compute_years
from planner.text import one_line

Rows = Sequence[Mapping[str, Any]]

TABLES: dict[str, dict[str, str]] = {
    "summary": {
        "plan": "name of the plan",
        "measure": "what is compared",
        "unit": "its unit",
        "reference": "its value in the reference",
        "value": "its value in the plan",
        "difference": "value less reference",
    },
    "differences": {
        "plan": "name of the plan",
        "difference_busd": "cost of the plan less that of the reference",
        "low_busd": "the true difference of the least costs of both cases is not below this: proven; empty: nothing is",
        "high_busd": "nor above this",
        "sign": "more, less or equal: proven; open: it lies inside the gaps; empty: both are plans of one problem",
        "tier": "first tier of shortfalls in which the plans miss unlike amounts (the sign is that of what is missed)",
        "missed_difference": "what the plan misses in it more than the reference, in the measure of the tier",
        "words": "the same in words",
    },
    "waterfall": {
        "plan": "name of the plan",
        "item": "item of spending, or backup_income, salvage, unserved",
        "role": "primary or backup; empty for what belongs to the whole plan",
        "reference_busd": "present value in the reference",
        "plan_busd": "present value in the plan",
        "difference_busd": "plan less reference; the rows of a plan add up to the difference of the costs",
    },
    "contracts": {
        "plan": "name of the plan",
        "change": "kind of change: see `planner.analysis.contract_matching.CHANGES`",
        "tenure": "build, shell or cloud",
        "provider": "key of the provider",
        "role": "primary or backup",
        "reference_offer": "offer in the reference; empty where added",
        "reference_site": "its site",
        "reference_start": "start of the contract in the reference",
        "reference_end": "its end",
        "reference_it_mw": "IT MW in the reference",
        "offer": "offer in the plan; empty where dropped",
        "site": "its site",
        "start": "start of the contract in the plan",
        "end": "its end",
        "plan_it_mw": "IT MW in the plan",
        "difference_it_mw": "plan less reference",
    },
    "capacity": {
        "plan": "name of the plan",
        "period": "period",
        "provider": "key of the provider",
        "site": "key of the site",
        "chip": "key of the chip",
        "role": "primary or backup",
        "reference_it_mw": "installed IT MW in the reference",
        "plan_it_mw": "installed IT MW in the plan",
        "difference_it_mw": "plan less reference",
    },
    "spend": {
        "plan": "name of the plan",
        "period": "period",
        "role": "primary or backup",
        "item": "item of spending",
        "reference_busd": "nominal amount in the reference",
        "plan_busd": "nominal amount in the plan",
        "difference_busd": "plan less reference",
    },
    "churn": {
        "plan": "name of the plan",
        "period": "period",
        "changed_it_mw_years": "absolute differences of the IT MW in force, by offer and role, times the years",
        "total_it_mw_years": "IT MW-years in force in both plans together",
        "churn_share": "changed over total: 0 nothing changed, 1 nothing in common",
    },
}  # fmt: skip
"""Columns of every table of a comparison, with their meaning."""


def _short(row: Mapping[str, Any]) -> str:
    """Return the difference of the costs of two plans; costs of plans that miss different amounts have none."""
    return "not compared" if row["tier"] else signed_busd(row["difference_busd"])


@dataclass(frozen=True, slots=True, repr=False)
class Comparison:
    """Plans against a reference, as tidy tables.

    Attributes
    ----------
    reference : str
        Name of the reference.
    names : tuple of str
        Names of the plans compared with it.
    tables : mapping of str to sequence of dict
        The rows of each table (``planner.analysis.comparison.TABLES``).
    periods : tuple of str
        The periods of all plans.
    resolved : tuple of Resolved
        What came of the differences of cost whose sign was open, if these were solved further.
    better : mapping of str to Plan
        Plans that were solved further, as they are compared: by their names, the reference too.
    """

    reference: str
    names: tuple[str, ...]
    tables: Mapping[str, Rows]
    periods: tuple[str, ...] = ()
    resolved: tuple[Resolved, ...] = ()
    better: Mapping[str, Plan] = field(default_factory=dict)

    def __repr__(self) -> str:
        costs = {row["plan"]: row for row in self.tables["differences"]}
        plans = ", ".join(f"{one_line(name)} {_short(costs[name])}" for name in self.names)
        return f"Comparison(cost against {one_line(self.reference)}: {plans})"

    def _repr_html_(self) -> str:
        """Return the line, the differences of cost as a picture, and the summary, for notebooks."""
        picture = picture_html(
            lambda: cost_changes(self.tables["differences"], self.reference),
            "Cost of each plan less that of the reference",
        )
        return html_of(repr(self), self.table("summary"), picture)

    @property
    def plot(self) -> ComparisonPlots:
        """The figures of the comparison: ``.costs()``, ``.waterfall(name)``, ``.capacity(name)``; extra ``report``."""
        return ComparisonPlots(self.reference, self.names, self.tables)

    def rows(self, name: str) -> Rows:
        """The rows of a table, as plain dicts.

        Raises
        ------
        UnknownNameError
            If there is no such table.
        """
        if name not in self.tables:
            raise UnknownNameError(f"a comparison has no table {name!r}; it has {', '.join(self.tables)}")
        return self.tables[name]

    def table(self, name: str) -> pd.DataFrame:
        """A table as a pandas DataFrame, with its columns even when it is empty."""
        return pd.DataFrame(list(self.rows(name)), columns=list(TABLES[name]))

    def capacity_by(self, *columns: str) -> pd.DataFrame:
        """Installed IT MW by any of provider, site, chip, role and period (all summed over the rest).

        Examples
        --------
        >>> from planner import Case, compare
        >>> base = Case.read("three_sites").solve(gap=0.0)
        >>> small = Case.read("three_sites", changes=["sites[north].max_it_mw=20"]).solve(gap=0.0)
        >>> compare(base, small).capacity_by("provider")[["provider", "difference_it_mw"]].values.tolist()
        [['acme', 0.0], ['zenith', 80.0]]
        """
        allowed = ("period", "provider", "site", "chip", "role")
        wrong = [column for column in columns if column not in allowed]
        if wrong:
            raise OptionError(f"capacity has no column {wrong[0]!r}; group by {', '.join(allowed)}")
        figures = ["reference_it_mw", "plan_it_mw", "difference_it_mw"]
        return self.table("capacity").groupby(["plan", *columns], as_index=False, sort=False)[figures].sum()


def compare(
    reference: PlanData,
    *plans: PlanData,
    names: Sequence[str] = (),
    resolve: bool = False,
    resolve_time_limit_s: float | None = None,
    runner: Runner | None = None,
    options: SolveOptions | None = None,
    on_progress: OnProgress | None = None,
    **keywords: Unpack[SolveKeywords],
) -> Comparison:
    """Compare plans with a reference.

    Parameters
    ----------
    reference : Plan
    *plans : Plan
        At least one. They may answer different cases; periods are matched by their labels.
    names : sequence of str
        Names of the reference and the plans, in this order; without them ``reference`` and ``plan 1``, ``plan 2``.
    resolve : bool
        Whether plans whose difference of cost to the reference has an open sign are solved further, with the reference;
        the better plans are compared then, and are in `Comparison.better`.
    resolve_time_limit_s : float or None
        Wall time for each of them; None: 60 s.
    runner : Runner or None
        Solves further; in place of the options.
    options, on_progress, **keywords
        As of `Case.solve`: ``threads``, ``seed``, ``solver``, of each further solve; the gap follows from the plans.

    Raises
    ------
    OptionError
        If there is nothing to compare, names are missing or repeated, or the plans share no period.
    PlanError
        If the parts of a plan's cost do not add up to it.
    """
    reference, plans = required_plan(reference, "compare"), tuple(required_plan(plan, "compare") for plan in plans)
    if not plans:
        raise OptionError("a comparison needs a reference and at least one plan")
    called = tuple(names) if names else ("reference", *(f"plan {n}" for n in range(1, len(plans) + 1)))
    if len(called) != len(plans) + 1 or len(set(called)) != len(called):
        raise OptionError(f"a comparison of {len(plans) + 1} plans needs as many different names, not {list(called)}")
    use = runner_of(runner, options, on_progress, keywords)
    seconds = refuse_limit(resolve_time_limit_s) if resolve else None
    by_name = dict(zip(called, (reference, *plans), strict=True))
    resolved, better = ((), {}) if seconds is None else resolved_plans(by_name, use, seconds)
    return _compared_plans({**by_name, **better}, resolved, better)


def _compared_plans(
    by_name: Mapping[str, PlanData], resolved: tuple[Resolved, ...], better: Mapping[str, PlanData]
) -> Comparison:
    called, (reference, *plans) = tuple(by_name), by_name.values()
    tables: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    periods = dict.fromkeys(period_years(reference.case))
    for name, plan in zip(called[1:], plans, strict=True):
        lengths = period_years(plan.case)
        if not set(lengths) & set(period_years(reference.case)):
            raise OptionError(f"{called[0]} and {name} share no period: {list(periods)[:3]} and {list(lengths)[:3]}")
        periods |= dict.fromkeys(lengths)
        churn = _churn(name, reference, plan)
        tables["churn"] += churn
        tables["differences"].append(difference_row(name, reference, plan))
        tables["waterfall"] += waterfall(name, reference, plan)
        tables["contracts"] += match_contracts(name, reference, plan)
        tables["capacity"] += _by(name, reference, plan, "capacity", ("period", "provider", "site", "chip", "role"))
        tables["spend"] += _by(name, reference, plan, "spend", ("period", "role", "item"))
        tables["summary"] += _summary(name, reference, plan, churn)
    improved = {name: Plan.of(plan) for name, plan in better.items()}
    return Comparison(called[0], called[1:], tables, tuple(sorted(periods)), resolved, improved)


def _by(name: str, reference: PlanData, plan: PlanData, table: str, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    """Sums of a table's figure in both plans and their difference."""
    figure, unit = ("it_mw", "it_mw") if table == "capacity" else ("amount_busd", "busd")
    sums: dict[tuple[str, ...], list[float]] = {}
    for side, one in enumerate((reference, plan)):
        for row in one.periods.labelled(_compared(one, table)):
            key = tuple(text(row[column]) for column in columns)
            sums.setdefault(key, [0.0, 0.0])[side] += float(row[figure])
    return [
        {
            "plan": name,
            **dict(zip(columns, key, strict=True)),
            f"reference_{unit}": old,
            f"plan_{unit}": new,
            f"difference_{unit}": new - old,
        }
        for key, (old, new) in sorted(sums.items())
    ]


def _compared(plan: PlanData, table: str) -> Rows:
    """The rows of a table that are compared: those of reported periods, of ``spend`` the payments."""
    rows = [row for row in plan.rows(table) if table != "spend" or row["part"] == "spend"]
    return [row for row in rows if plan.periods.is_reported(row["period"])]


def in_force_it_mw(plan: PlanData) -> dict[tuple[str, str, str], float]:
    """IT MW in force, signed and decided, by period, offer and role."""
    sums: dict[tuple[str, str, str], float] = {}
    for row in plan.periods.labelled(plan.rows("in_force")):
        key = text(row["period"]), text(row["offer"]), text(row["role"])
        sums[key] = sums.get(key, 0.0) + float(row["signed_it_mw"]) + float(row["decided_it_mw"])
    return sums


def _churn(name: str, reference: PlanData, plan: PlanData) -> list[dict[str, Any]]:
    before, after = in_force_it_mw(reference), in_force_it_mw(plan)
    lengths = {**period_years(reference.case), **period_years(plan.case)}
    rows = []
    for period, years in sorted(lengths.items()):
        keys = [key for key in {**before, **after} if key[0] == period]
        changed = years * sum(abs(after.get(key, 0.0) - before.get(key, 0.0)) for key in keys)
        total = years * sum(after.get(key, 0.0) + before.get(key, 0.0) for key in keys)
        rows.append(
            {
                "plan": name,
                "period": period,
                "changed_it_mw_years": changed,
                "total_it_mw_years": total,
                "churn_share": changed / total if total else 0.0,
            }
        )
    return rows


def _summary(name: str, reference: PlanData, plan: PlanData, churn: list[dict[str, Any]]) -> list[dict[str, Any]]:
    pairs: list[tuple[str, str, Any, Any]] = [
        (measure, unit, reference.summary[measure], plan.summary[measure])
        for measure, unit in (
            ("cost_busd", "$B present value"),
            ("bound_busd", "$B present value"),
            ("gap", "share of cost"),
            ("unserved_share", "share of demand"),
            ("spend_primary_busd", "$B nominal"),
            ("spend_backup_busd", "$B nominal"),
            ("backup_income_busd", "$B nominal"),
        )
    ]
    unserved = unserved_compute_years(reference), unserved_compute_years(plan)
    pairs.append(("unserved_compute_years", "compute-years", *unserved))
    pairs.append(("final_capacity", "IT MW", _final_it_mw(reference), _final_it_mw(plan)))
    changed = sum(row["changed_it_mw_years"] for row in churn)
    total = sum(row["total_it_mw_years"] for row in churn)
    pairs.append(("churn_it_mw_years", "IT MW-years", 0.0, changed))
    pairs.append(("churn_share", "share", 0.0, changed / total if total else 0.0))
    return [
        {
            "plan": name,
            "measure": measure,
            "unit": unit,
            "reference": old,
            "value": new,
            "difference": None if old is None or new is None else new - old,
        }
        for measure, unit, old, new in pairs
    ]


def _final_it_mw(plan: PlanData) -> float:
    return float(sum(plan.summary["capacity_by_provider"].values()))


def churn_share(reference: PlanData, plan: PlanData) -> float:
    """Churn between two plans: IT MW-years in force changed, over the IT MW-years of both (docs/compare.md)."""
    rows = _churn("", reference, plan)
    total = sum(row["total_it_mw_years"] for row in rows)
    return sum(row["changed_it_mw_years"] for row in rows) / total if total else 0.0
