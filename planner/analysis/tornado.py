"""Tornado: every input at its low and its high of the data, alone, and what that does to cost and capacity."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Unpack

import pandas as pd

from planner.analysis.plotted import TornadoPlots, tornado_of
from planner.analysis.resolve import Pair, Resolved, Variant, further_by, refuse_limit, resolve_open
from planner.analysis.shown import Shown
from planner.api import AnyCase, Case, Plan
from planner.case.case import CaseData
from planner.case.grades import GRADES, weakest
from planner.case.parse import columns_of
from planner.case.rows import DRAWN_TABLES, TABLES
from planner.changes.apply import apply_changes
from planner.changes.figures import ranged
from planner.changes.grammar import parse_place
from planner.changes.refusals import ChangeError
from planner.changes.values import change_text
from planner.errors import OptionError
from planner.figures.pictures import picture_html
from planner.options import SolveKeywords, SolveOptions
from planner.plan.plan import PlanData
from planner.runs.difference import FOUND, NO_DIFFERENCE, OPEN, Difference
from planner.runs.outcome import TIERS, Outcome, misses_differ
from planner.runs.progress import OnProgress
from planner.runs.variants import Runner, runner_of, slack_busd
from planner.text import visible

ENDS = ("low", "high")
BASE_RUN = "base"

COLUMNS: dict[str, str] = {
    "input": "the group of figures: table.column, or table[rows].column",
    "cells": "figures with a range in the group, moved together",
    "grade": "weakest grade of those figures; empty where none has one",
    "end": "low or high",
    "status": "how the solve ended (`planner.status.Status`)",
    "cost_busd": "cost with the group at this end, present value",
    "gap": "relative gap of that cost",
    "cost_difference_busd": "cost less the cost of the base",
    "cost_uncertainty_busd": "by how much that difference may be off, for the gaps of the two solves",
    "low_busd": "the true difference of the least costs is not below this: proven; empty where nothing is",
    "high_busd": "nor above this",
    "sign": "more, less or equal: proven; open: it lies inside the gaps. Where the plans miss unlike amounts, of these",
    "unserved_share": "share of demand not served",
    "unserved_share_difference": "the same less that of the base",
    "shortfall_tier": "first tier of shortfalls in which the plan misses more or less than that of the base; then the "
    "difference of the costs is no saving and no cost of the figures; empty where both miss the same",
    "shortfall_difference": "what it misses there less what the base misses, in the measure of the tier",
    "final_it_mw": "IT MW installed at the end of the horizon",
    "final_it_mw_difference": "the same less that of the base",
    "swing_busd": "largest less smallest cost of low, base and high, of those that miss the same as the base and whose "
    "sign is not open; the table is sorted by it, after the groups that change what is missed; groups of which nothing "
    "but open differences were found come last, and are not ranked",
    "missed": "all that the plan misses, by tier; else empty",
    "reason": "why there is no plan, or in what it misses more or less than the base; else empty",
}  # fmt: skip
"""Columns of `Tornado.table`."""


@dataclass(frozen=True, slots=True)
class Group:
    """Figures that move together: ``(place, low, high)`` for each, and the weakest of their grades."""

    name: str
    cells: tuple[tuple[str, float, float], ...]
    grade: str | None = None

    def changes(self, end: str) -> list[str]:
        """The changes that set every figure of the group to one end of its range."""
        return [change_text(place, low if end == "low" else high) for place, low, high in self.cells]


@dataclass(frozen=True, slots=True, repr=False)
class Tornado(Shown):
    """Low and high of every group: first what changes what is missed, then by the swing of the cost, open ones last.

    Attributes
    ----------
    base : Plan
        With every figure as it is.
    rows : tuple of dict
        Two for each group, its low and its high (``planner.analysis.tornado.COLUMNS``).
    resolved : tuple of Resolved
        What came of the differences whose sign was open, if these were solved further.
    """

    base: Plan
    rows: tuple[dict[str, Any], ...]
    resolved: tuple[Resolved, ...] = ()

    def __repr__(self) -> str:
        most = ""
        if self.rows:
            first = max(self.rows, key=lambda row: row["swing_busd"])
            if first["swing_busd"] > 0.0:
                most = f", largest swing ${first['swing_busd']:,.3f}B by {first['input']}"
        return f"Tornado(base ${self.base.cost_busd:,.3f}B, {len(self.rows) // 2} inputs{most})"

    @property
    def plot(self) -> TornadoPlots:
        """The figure of the tornado: ``tornado.plot.costs()``; needs the extra ``report``."""
        return TornadoPlots(self.rows)

    def _picture(self) -> str:
        return picture_html(lambda: tornado_of(self.rows), "What the low and the high of each input change of the cost")

    def table(self) -> pd.DataFrame:
        """The rows as a DataFrame."""
        return pd.DataFrame(list(self.rows), columns=list(COLUMNS))


def groups_of(
    case: CaseData, wanted: Sequence[str] = (), *, grade: str | None = None, spread: float | None = None
) -> list[Group]:
    """The groups of figures that move.

    Parameters
    ----------
    case : CaseData
    wanted : sequence of str
        Places (docs/what-ifs.md): ``table.column`` for all rows of a column together, ``table[key].column`` for one
        row, ``table[other_column=pattern].column`` for the rows whose other column matches. Empty: every column of
        every table that has figures to move.
    grade : str or None
        Only figures of this grade, ``A`` to ``D``: their own, else that of their row.
    spread : float or None
        How far figures without a range move, as a share of themselves, above 0 and below 1; empty: they do not move.

    Raises
    ------
    OptionError
        If a group is not written so, names what does not exist, or has no figure to move.
    """
    _check(grade, spread)
    if wanted:
        return [_group(case, name, grade, spread) for name in dict.fromkeys(wanted)]
    names = {
        f"{table}.{column}"
        for table, by_key in case.ranges.items()
        if table not in DRAWN_TABLES
        for cells in by_key.values()
        for column in cells
    }  # fmt: skip
    if spread is not None:
        names |= _numeric(case)
    found = [group for name in sorted(names) if (group := _moving(case, name, grade, spread)).cells]
    if not found:
        graded = "" if grade is None else f" of grade {grade}"
        raise OptionError(f"{case.model.name}: no figure{graded} has a range; give X_low and X_high beside a column X")
    return found


def _check(grade: str | None, spread: float | None) -> None:
    if grade is not None and grade not in GRADES:
        raise OptionError(f"grade: {visible(str(grade))} is no grade (A, B, C or D)")
    if spread is not None and not 0 < spread < 1:
        raise OptionError(f"spread: must be a share above 0 and below 1, such as 0.2, not {spread:g}")


def _numeric(case: CaseData) -> set[str]:
    """Return every column of numbers in which the case has a figure, keys apart."""
    return {
        f"{table}.{name}"
        for table, rows in case.tables.items()
        if table not in DRAWN_TABLES
        for name, column in columns_of(table).items()
        if column.numeric and name not in TABLES[table].KEY and any(getattr(row, name) is not None for row in rows)
    }


def _moving(case: CaseData, name: str, grade: str | None, spread: float | None) -> Group:
    """Return a group, which may be empty."""
    found, _ = ranged(case, parse_place(name), spread)
    kept = [cell for cell in found if grade is None or cell.grade == grade]
    grades = [cell.grade for cell in kept if cell.grade is not None]
    return Group(name.strip(), tuple((cell.place, cell.low, cell.high) for cell in kept), weakest(grades))


def _group(case: CaseData, name: str, grade: str | None, spread: float | None) -> Group:
    """Return a group that was asked for."""
    try:
        group = _moving(case, name, grade, spread)
        if group.cells:
            return group
        moves, stated = ranged(case, parse_place(name), spread)
    except ChangeError as error:
        raise OptionError(f"group {name!r}: {error}") from None
    if moves:
        raise OptionError(f"group {name!r}: no figure of it that may move is of grade {grade}")
    known = ", ".join(stated) or "no column"
    raise OptionError(
        f"group {name!r}: no figure of it has a range (columns X_low and X_high); in its table these have: {known}"
    )


def tornado(
    case: AnyCase,
    groups: Sequence[str] = (),
    *,
    grade: str | None = None,
    spread: float | None = None,
    resolve: bool = False,
    resolve_time_limit_s: float | None = None,
    runner: Runner | None = None,
    options: SolveOptions | None = None,
    on_progress: OnProgress | None = None,
    **keywords: Unpack[SolveKeywords],
) -> Tornado:
    """Move every group of figures to its low and its high, alone, and solve.

    Parameters
    ----------
    case : Case, CaseData, str or Path
        A str or Path as of `Case.read`.
    groups, grade, spread
        As in `groups_of`.
    resolve : bool
        Whether ends whose difference to the base has an open sign are solved further, with the base.
    resolve_time_limit_s : float or None
        Wall time for each of them; None: 60 s.
    runner : Runner or None
        Solves the variants, and may know some of them already; in place of the options.
    options, on_progress, **keywords
        As of `Case.solve`: ``gap``, ``time_limit_s``, ``threads``, ``seed``, ``solver``, of each solve.

    Raises
    ------
    OptionError
        If a group is wrong.
    InfeasibleError, NoPlanError
        If the case itself has no plan.
    """
    data, use = Case.of(case), runner_of(runner, options, on_progress, keywords)
    limit_s = refuse_limit(resolve_time_limit_s) if resolve else None
    return moved(data, groups_of(data, groups, grade=grade, spread=spread), use, resolve_s=limit_s)


def moved(
    case: CaseData,
    groups: Sequence[Group],
    runner: Runner,
    base: PlanData | None = None,
    *,
    resolve_s: float | None = None,
) -> Tornado:
    """Solve a case with every group at its low and its high, alone (see `tornado`); a base given is not solved."""
    if base is None:
        base = runner.solve(case, "base").required()
    ends = {(group.name, end): _at(case, group, end, runner) for group in groups for end in ENDS}
    resolved: tuple[Resolved, ...] = ()
    if resolve_s is not None:
        resolved, base = _resolved(ends, base, runner, resolve_s)
    pairs: list[list[dict[str, Any]]] = []
    for group in groups:
        pair = [_row(group, end, ends[group.name, end], base) for end in ENDS]
        costs = [row["cost_busd"] for row in pair if row["sign"] not in ("", OPEN) and not row["shortfall_tier"]]
        costs.append(float(base.summary["cost_busd"]))
        for row in pair:
            row["swing_busd"] = max(costs) - min(costs)
        pairs.append(pair)
    rows = tuple(row for pair in sorted(pairs, key=_rank) for row in pair)
    return Tornado(Plan.of(base), rows, resolved)


def _resolved(
    ends: dict[tuple[str, str], Outcome], base: PlanData, runner: Runner, seconds: float
) -> tuple[tuple[Resolved, ...], PlanData]:
    """Solve ends further whose difference to the base is open; return what came of it, and the base."""
    names = {f"{name} {end}": (name, end) for name, end in ends}
    plans = {run: plan for run, key in names.items() if (plan := ends[key].plan) is not None}
    pairs = [Pair.of(run, run, BASE_RUN) for run in plans]
    plans[BASE_RUN] = base
    variants = {run: Variant(plan.case, run) for run, plan in plans.items()}
    found = resolve_open(pairs, plans, further_by(runner, variants, plans), seconds)
    for run, plan in plans.items():
        if run != BASE_RUN:
            ends[names[run]] = Outcome.of_plan(plan, run)
    return found, plans[BASE_RUN]


def _rank(pair: Sequence[dict[str, Any]]) -> tuple[Any, ...]:
    """The place of a group: what changes an earlier tier of shortfalls first, by how much; then by the swing.

    Differences whose sign is open are left out: groups that have no others come last, by name.
    """
    most = dict.fromkeys(TIERS, 0.0)
    for row in pair:
        if row["shortfall_tier"] and row["sign"] != OPEN:
            most[row["shortfall_tier"]] = max(most[row["shortfall_tier"]], abs(row["shortfall_difference"]))
    signs = {row["sign"] for row in pair}
    undecided = OPEN in signs and not signs & {*FOUND}
    return (undecided, *(-most[tier] for tier in TIERS), -pair[0]["swing_busd"], pair[0]["input"])


def _at(case: CaseData, group: Group, end: str, runner: Runner) -> Outcome:
    return runner.variant(lambda: apply_changes(case, group.changes(end)), f"{group.name} {end}")


def _row(group: Group, end: str, outcome: Outcome, base: PlanData) -> dict[str, Any]:
    cost, unserved, it_mw, missed = outcome.cost_busd, outcome.unserved_share, None, None
    difference = None
    if outcome.plan is not None:
        it_mw = _final_it_mw(outcome.plan)
        missed = misses_differ(outcome.plan.summary, base.summary)
        difference = Difference.between(outcome.plan.summary, base.summary)
    reason = outcome.reason if outcome.plan is None else ""
    if missed is not None:
        more = "more" if missed.difference > 0.0 else "less"
        reason = f"misses {more} than the base ({missed}); the difference of the costs is no saving"
    return {
        "input": group.name,
        "cells": len(group.cells),
        "grade": group.grade,
        "end": end,
        "status": outcome.status.value,
        "cost_busd": cost,
        "gap": outcome.gap,
        "cost_difference_busd": None if cost is None else cost - float(base.summary["cost_busd"]),
        "cost_uncertainty_busd": None if outcome.plan is None else slack_busd(outcome.plan) + slack_busd(base),
        **(NO_DIFFERENCE if difference is None else difference.columns()),
        "unserved_share": unserved,
        "unserved_share_difference": None if unserved is None else unserved - float(base.summary["unserved_share"]),
        "shortfall_tier": "" if missed is None else missed.tier,
        "shortfall_difference": None if missed is None else missed.difference,
        "final_it_mw": it_mw,
        "final_it_mw_difference": None if it_mw is None else it_mw - _final_it_mw(base),
        "swing_busd": 0.0,
        "missed": "" if outcome.plan is None else outcome.reason,
        "reason": reason,
    }


def _final_it_mw(plan: PlanData) -> float:
    return float(sum(plan.summary["capacity_by_provider"].values()))
