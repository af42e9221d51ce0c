"""Every cell of a plan counts: a changed figure or word of any table fails the audit, or its column is listed."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import pytest

from planner import Case
from planner.audit import audit
from planner.case.case import CaseData
from planner.errors import PlannerError
from planner.plan.columns import TABLES
from planner.plan.schema import Column
from tests.audit import yards, yards_ranges
from tests.length import some, thinned
from tests.program.test_refresh import refreshing
from tests.reference.rich_cases import rich_case
from tests.uncertainty.test_ordered import several

Tables = dict[str, list[dict[str, Any]]]
Made = tuple[CaseData, Tables, dict[str, Any]]
RICH = (12,)
"""Random cases in the default tests, beside the yards, whose plan has a row in every table."""
REFRESHING = -1
"""Stands for a small case whose plan refreshes chips of leases: the yards have no such contract."""
RANGED = -2
"""Stands for the yards with what other plans have."""
MANY = tuple(range(40))
"""Random cases of the slow tests, which take a fixed draw of them; all at length."""
FREE: dict[tuple[str, str], str] = {
    **{
        ("ranges", f"{name}_it_mw"): "of other plans, which are not in this one; the order of a row's figures is held"
        for name in ("low", "high", "least", "most")
    },
    ("contingencies", "margin_compute"): "bounded above by what the best use of the survivors leaves; see below",
}
"""Columns of figures that the audit does not hold to a value, and why."""
ONE_SIDED = {
    ("power_regions", "facility_mw"): "a region whose on-site power exceeds its need draws zero, of either sign"
}


FREE_WORDS = {
    ("recovery", "site"): "another site that survives may have room for what is routed to it",
    ("openings", "period"): "a site that costs nothing may open at any time before it is used",
}
"""Columns of words that may state another fact that holds as well, and why; in the plan worked out by hand none can."""


@cache
def made(number: int | None) -> Made | None:
    """Return case, tables and summary of the yards or of the plan of a random case; None where that has no plan."""
    if number is None:
        return yards.case(), yards.plan(), yards.summary()
    if number == RANGED:
        return yards.case(), {**yards.plan(), "ranges": yards_ranges.ranges()}, yards.summary()
    case = refreshing() if number == REFRESHING else rich_case(number)
    try:
        plan = Case.of(case).solve(gap=1e-3, time_limit_s=20.0, own_process=False)
    except PlannerError:
        return None
    return case, {name: [dict(row) for row in plan.rows(name)] for name in plan.tables}, dict(plan.summary)


@cache
def without_power() -> Made:
    """Return the same of a case without the power family, whose plan has no backup."""
    case = several()
    plan = Case.of(case).solve(gap=1e-3, time_limit_s=20.0, own_process=False)
    return case, {name: [dict(row) for row in plan.rows(name)] for name in plan.tables}, dict(plan.summary)


def with_cell(tables: Tables, table: str, number: int, column: str, cell: Any) -> Tables:
    """Return the tables with one cell changed."""
    rows = list(tables[table])
    rows[number] = {**rows[number], column: cell}
    return {**tables, table: rows}


def step(column: Column, value: float, row: dict[str, Any], name: str) -> float:
    """Return a change that no rounding explains: a fiftieth, and enough where the figure is zero."""
    if column.unit == "accelerators":
        return 0.02 * abs(value) + 50.0
    if name.startswith("cost_") and name.endswith("_year"):
        # worth ten million dollars of the level's cost
        scale, divisor = (1e3, "it_mw_years") if "musd" in name else (1e9, name[len("cost_usd_per_") :] + "s")
        return 0.02 * abs(value) + 1e-2 * scale / float(row[f"discounted_{divisor}"])
    return max(0.02 * abs(value), 1e-3 if "$" in column.unit else 0.02)


def figures(made_plan: Made, table: str, column: str, most: int) -> Iterator[tuple[int, float]]:
    """Give some rows of a table that have a figure in the column, and the figure."""
    rows = [number for number, row in enumerate(made_plan[1].get(table, ())) if isinstance(row[column], int | float)]
    for number in some(rows, most):
        yield number, made_plan[1][table][number][column]


FIGURES = [(table, name) for table, schema in TABLES.items() for name, one in schema.columns.items() if one.is_number]
HELD = [key for key in FIGURES if key not in FREE]


def passing(number: int | None, table: str, name: str, most: int) -> list[str]:
    """Return the changed figures of a column that the audit passes."""
    plan = made(number)
    if plan is None:
        return []
    case, tables, summary = plan
    found = []
    for place, value in figures(plan, table, name, most):
        by = step(TABLES[table].columns[name], value, tables[table][place], name)
        for changed in (value + by, value - by):
            if (table, name) in ONE_SIDED and max(changed, 0.0) == max(value, 0.0):
                continue
            if audit(case, with_cell(tables, table, place, name, changed), summary).passed:
                found.append(f"case {number}, {table}, row {place + 1}, {name}: {changed} for {value}")
    return found


def ninth(keys: Sequence[tuple[str, str]]) -> list[Any]:
    """Columns as parameters of a test: every ninth in the default suite, the others slow."""
    marks = [() if number % 9 == 0 else pytest.mark.slow for number in range(len(keys))]
    return [pytest.param(*key, id=".".join(key), marks=mark) for key, mark in zip(keys, marks, strict=True)]


def other_plan(table: str) -> int:
    """The plan that has rows of a table where that worked out by hand has none."""
    return {"refreshes": REFRESHING, "ranges": RANGED}.get(table, RICH[0])


@pytest.mark.parametrize(("table", "name"), ninth(HELD))
def test_a_changed_figure_fails_the_audit(table, name):
    """Law: any figure of any table, changed by more than rounding in either direction, fails the audit.

    In the plan worked out by hand; a column that is empty there, in that of a random case.
    """
    by_hand = made(None)
    assert by_hand is not None
    number = None if any(figures(by_hand, table, name, 1)) else other_plan(table)
    assert passing(number, table, name, 1) == []


@pytest.mark.slow
@pytest.mark.parametrize("number", some(MANY, 4))
def test_a_changed_figure_of_a_random_plan_fails_the_audit(number):
    """Law: the same of random plans, five rows of each column; of 40 plans four are drawn."""
    assert [line for key in HELD for line in passing(number, *key, 5)] == []


def test_the_plans_fill_every_table():
    """Law: the plans used here have rows in every table, and a figure in every column of figures."""
    plans = [plan for plan in (made(number) for number in (None, REFRESHING, RANGED, *RICH)) if plan is not None]
    assert len(plans) == 3 + len(RICH)
    for table, name in FIGURES:
        assert any(list(figures(plan, table, name, 1)) for plan in plans), (table, name)
    for plan in plans:
        report = audit(*plan)
        assert report.passed, report.lines


def test_a_margin_is_bounded_above_and_must_agree_with_binding():
    """Law: a margin is free only below its bound: none above what is left, none below zero, none wrongly binding."""
    case, tables, summary = made(None)
    for number, row in enumerate(tables["contingencies"]):
        for margin in (row["margin_compute"] + 1.0, -1.0):
            assert not audit(case, with_cell(tables, "contingencies", number, "margin_compute", margin), summary).passed
        other = "no" if row["binding"] == "yes" else "yes"
        assert not audit(case, with_cell(tables, "contingencies", number, "binding", other), summary).passed


def test_the_limit_of_a_region_is_held_to_the_case():
    """Law: with the power family and without it no limit but the case's is stated; without it, none may be."""
    case, tables, summary = made(None)
    assert not audit(case, with_cell(tables, "power_regions", 0, "limit_facility_mw", 151.0), summary).passed
    case, tables, summary = without_power()
    assert case.model.families.power is None
    for cell, passes in ((0.0, False), (50_000.0, False), ("", True), (100_000.0, True)):
        changed = with_cell(tables, "power_regions", 0, "limit_facility_mw", cell)
        assert audit(case, changed, summary).passed is passes


def test_backup_has_a_row_for_every_period():
    """Law: a missing row of the table of backup is named, also where there is no backup in any period."""
    case, tables, summary = without_power()
    assert not any(row["installed_it_mw"] for row in tables["backup"])
    found = audit(case, {**tables, "backup": tables["backup"][:-1]}, summary)
    assert [line for line in found.lines if "backup, 2028: no row" in line]
    assert not found.passed
    assert not audit(case, {**tables, "backup": []}, summary).passed


WORDS = [(table, name) for table, schema in TABLES.items() for name, one in schema.columns.items() if not one.is_number]


def words_of(tables: Tables) -> dict[str, list[Any]]:
    """Return the cells of every column of words, over all tables."""
    found: dict[str, dict[Any, None]] = {}
    for table, name in WORDS:
        for row in tables.get(table, ()):
            if row[name] not in ("", None):
                found.setdefault(name, {})[row[name]] = None
    return {name: list(cells) for name, cells in found.items()}


def says_nothing(table: str, row: dict[str, Any]) -> bool:
    """Whether a row has figures, and all of them are zero: such a row may stand anywhere, or be left out."""
    if table == "financing":
        return False  # every source has a row in every period
    if table == "installs":
        return row["stock_it_mw"] == 0.0  # chips given up on arrival: they have no use, wherever they are
    stated = [row[name] for name, one in TABLES[table].columns.items() if one.is_number and name != "year"]
    return bool(stated) and not any(figure for figure in stated if figure != "")


def passing_words(number: int | None, table: str, name: str, most: int) -> list[str]:
    """Return the changed words of a column that the audit passes: other words of the column, empty, senseless."""
    plan = made(number)
    if plan is None:
        return []
    case, tables, summary = plan
    found = []
    stating = [place for place, row in enumerate(tables.get(table, ())) if not says_nothing(table, row)]
    for place in some(stating, most):
        value = tables[table][place][name]
        others = [cell for cell in words_of(tables).get(name, ()) if str(cell) != str(value)][: 1 if number else 2]
        found += [
            f"case {number}, {table}, row {place + 1}, {name}: {cell!r} for {value!r}"
            for cell in (others if number else (*others, "", "2031-03-03"))
            if cell != value and audit(case, with_cell(tables, table, place, name, cell), summary).passed
        ]
    return found


@pytest.mark.parametrize(("table", "name"), ninth(WORDS))
def test_a_changed_word_fails_the_audit(table, name):
    """Law: a key, period, date or word exchanged for another of its column, or left out, fails the audit."""
    by_hand = made(None)
    assert by_hand is not None
    stated = any(not says_nothing(table, row) for row in by_hand[1].get(table, ()))
    assert passing_words(None if stated else other_plan(table), table, name, 1) == []


@pytest.mark.slow
@pytest.mark.parametrize("number", sorted({*RICH, *some(MANY, 1)}))
def test_a_changed_word_of_a_random_plan_fails_the_audit(number):
    """Law: the same of random plans, three rows of each column; one of 40 is drawn, beside that with every table."""
    held = (key for key in WORDS if key not in FREE_WORDS)
    assert [line for key in held for line in passing_words(number, *key, 3)] == []


@pytest.mark.parametrize("table", thinned(TABLES, 4))
def test_a_row_left_out_or_twice_fails_the_audit(table):
    """Law: a row taken away fails the audit where it states something other than zero; a row twice always does."""
    case, tables, summary = made(REFRESHING if table == "refreshes" else None)
    for number in some(range(len(tables[table])), 4):
        row, rest = tables[table][number], [other for place, other in enumerate(tables[table]) if place != number]
        assert audit(case, {**tables, table: rest}, summary).passed is says_nothing(table, row), row
        assert not audit(case, {**tables, table: [*tables[table], row]}, summary).passed


@pytest.mark.parametrize("number", [None, *RICH])
def test_the_order_of_rows_and_of_tables_has_no_meaning(number):
    """Law: a plan with its rows, columns and tables in another order gets the same verdict from the same checks."""
    case, tables, summary = made(number)
    turned = {
        table: [dict(reversed(row.items())) for row in reversed(rows)] for table, rows in reversed(tables.items())
    }
    here, there = audit(case, tables, summary), audit(case, turned, summary)
    assert here.passed
    assert there.passed
    assert there.cost_busd == pytest.approx(here.cost_busd, rel=1e-12)
    counts = [{(check.family, check.name): check.count for check in report.checks} for report in (here, there)]
    assert counts[0] == counts[1]


def test_the_audit_changes_nothing_that_it_is_given():
    """Law: the tables and the summary are read only; the same audit twice gives the same report."""
    case, tables, summary = yards.case(), yards.plan(), yards.summary()
    first = audit(case, tables, summary)
    assert (tables, summary) == (yards.plan(), yards.summary())
    assert audit(case, tables, summary) == first
