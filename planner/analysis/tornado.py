"""Tornado: every input at its low and its high of the data, alone, and what that does to cost and capacity."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

import pandas as pd

from planner.api import Case, Plan
from planner.case.case import CaseData, key_text, simple_key
from planner.case.messages import nearest, unknown
from planner.case.renamed import current_column
from planner.case.rows import TABLES, Row
from planner.changes.apply import apply_changes
from planner.errors import OptionError
from planner.plan.plan import PlanData
from planner.runs.variants import Outcome, Solver, slack_busd, written

_GROUP = re.compile(r"(?P<table>\w+)(?:\[(?P<rows>[^\]]*)\])?\.(?P<column>\w+)")
ENDS = ("low", "high")

COLUMNS: dict[str, str] = {
    "input": "the group of figures: table.column, or table[rows].column",
    "cells": "figures with a range in the group, moved together",
    "end": "low or high",
    "status": "as of a plan, or infeasible, no_plan, interrupted, invalid_case, failed",
    "cost_busd": "cost with the group at this end, present value",
    "gap": "relative gap of that cost",
    "cost_difference_busd": "cost less the cost of the base",
    "cost_uncertainty_busd": "by how much that difference may be off, for the gaps of the two solves",
    "unserved_share": "share of demand not served",
    "unserved_share_difference": "the same less that of the base",
    "final_it_mw": "IT MW installed at the end of the horizon",
    "final_it_mw_difference": "the same less that of the base",
    "swing_busd": "largest less smallest cost of low, base and high; the table is sorted by it",
    "reason": "why there is no plan; empty where there is one",
}  # fmt: skip
"""Columns of `Tornado.table`."""


@dataclass(frozen=True, slots=True)
class Group:
    """Figures of one column that move together: ``(key, low, high)`` for each."""

    name: str
    table: str
    column: str
    cells: tuple[tuple[str, float, float], ...]

    def changes(self, end: str) -> list[str]:
        """The changes that set every figure of the group to one end of its range."""
        return [
            f"{self.table}[{key}].{self.column}={written(low if end == 'low' else high)}"
            for key, low, high in self.cells
        ]


@dataclass(frozen=True, slots=True)
class Tornado:
    """Low and high of every group, sorted by the swing of the cost (``COLUMNS``)."""

    base: Plan = field(repr=False)
    rows: tuple[dict[str, Any], ...]

    def table(self) -> pd.DataFrame:
        """The rows as a DataFrame."""
        return pd.DataFrame(list(self.rows), columns=list(COLUMNS))


def groups_of(case: CaseData, wanted: Sequence[str] = ()) -> list[Group]:
    """The groups of figures with a range.

    Parameters
    ----------
    case : CaseData
    wanted : sequence of str
        ``table.column`` for all rows of a column together; ``table[key].column`` for one row;
        ``table[other_column=pattern].column`` for the rows whose other column matches (``*`` and ``?`` are wildcards).
        Empty: every column of every table that has a range.

    Raises
    ------
    OptionError
        If a group is not written so, names what does not exist, or has no range.
    """
    if not wanted:
        names = dict.fromkeys(
            f"{table}.{column}"
            for table, by_key in case.ranges.items()
            for cells in by_key.values()
            for column in cells
        )
        if not names:
            raise OptionError(f"{case.model.name}: no figure has a range; give X_low and X_high beside a column X")
        wanted = sorted(names)
    return [_group(case, name) for name in dict.fromkeys(wanted)]


def _group(case: CaseData, name: str) -> Group:
    match = _GROUP.fullmatch(name.strip())
    if match is None:
        raise OptionError(
            f"group {name!r}: must be written table.column, table[key].column or table[column=value].column"
        )
    table, column, rows = match["table"], match["column"], match["rows"]
    if table not in TABLES:
        raise OptionError(f"group {name!r}: {unknown('table', table, [*TABLES])}")
    fields = list(TABLES[table].model_fields)
    column = current_column(table, column, f"group {name!r}")
    if column not in fields:
        raise OptionError(f"group {name!r}: table {table} has no column {column!r}{nearest(column, fields)}")
    chosen = [row for row in case.tables[table] if rows is None or _matches(row, rows, name)]
    if not chosen:
        raise OptionError(f"group {name!r}: no row of {table} matches [{rows}]")
    cells = []
    for row in chosen:
        pair = case.ranges.get(table, {}).get(simple_key(row), {}).get(column)
        if pair is not None:
            cells.append((key_text(simple_key(row)), *pair))
    if not cells:
        with_range = sorted({c for by_column in case.ranges.get(table, {}).values() for c in by_column})
        known = ", ".join(with_range) or "no column"
        raise OptionError(
            f"group {name!r}: no figure of it has a range ({column}_low, {column}_high); in {table} these have: {known}"
        )
    return Group(name.strip(), table, column, tuple(cells))


def _matches(row: Row, rows: str, name: str) -> bool:
    if "=" not in rows:
        return key_text(simple_key(row)) == ",".join(part.strip() for part in rows.split(","))
    other, pattern = (part.strip() for part in rows.split("=", 1))
    other = current_column(name.split("[")[0].strip(), other, f"group {name!r}")
    if other not in type(row).model_fields:
        raise OptionError(f"group {name!r}: there is no column {other!r}{nearest(other, list(type(row).model_fields))}")
    value = getattr(row, other)
    members = value if isinstance(value, tuple) else (value,)
    return any(fnmatchcase(str(member), pattern) for member in members)


def tornado(case: Case | CaseData, groups: Sequence[str] = (), *, solver: Solver | None = None) -> Tornado:
    """Move every group of figures to its low and its high, alone, and solve.

    Parameters
    ----------
    case : Case or CaseData
    groups : sequence of str
        As in `groups_of`.
    solver : Solver or None

    Raises
    ------
    OptionError
        If a group is wrong.
    InfeasibleError, NoPlanError
        If the case itself has no plan.
    """
    data, use = Case.of(case), solver or Solver()
    chosen = groups_of(data, groups)
    base = use.solve(data, "base").required()
    rows: list[dict[str, Any]] = []
    for group in chosen:
        pair = [_row(group, end, _at(data, group, end, use), base) for end in ENDS]
        costs = [float(base.summary["cost_busd"]), *(row["cost_busd"] for row in pair if row["cost_busd"] is not None)]
        for row in pair:
            row["swing_busd"] = max(costs) - min(costs)
        rows += pair
    rows.sort(key=lambda row: (-row["swing_busd"], row["input"], ENDS.index(row["end"])))
    return Tornado(Plan.of(base), tuple(rows))


def _at(case: CaseData, group: Group, end: str, solver: Solver) -> Outcome:
    return solver.variant(lambda: apply_changes(case, group.changes(end)), f"{group.name} {end}")


def _row(group: Group, end: str, outcome: Outcome, base: PlanData) -> dict[str, Any]:
    cost, unserved, it_mw = outcome.cost_busd, outcome.unserved_share, None
    if outcome.plan is not None:
        it_mw = _final_it_mw(outcome.plan)
    return {
        "input": group.name,
        "cells": len(group.cells),
        "end": end,
        "status": outcome.status,
        "cost_busd": cost,
        "gap": outcome.gap,
        "cost_difference_busd": None if cost is None else cost - float(base.summary["cost_busd"]),
        "cost_uncertainty_busd": None if outcome.plan is None else slack_busd(outcome.plan) + slack_busd(base),
        "unserved_share": unserved,
        "unserved_share_difference": None if unserved is None else unserved - float(base.summary["unserved_share"]),
        "final_it_mw": it_mw,
        "final_it_mw_difference": None if it_mw is None else it_mw - _final_it_mw(base),
        "swing_busd": 0.0,
        "reason": outcome.reason,
    }


def _final_it_mw(plan: PlanData) -> float:
    return float(sum(plan.summary["capacity_by_provider"].values()))
