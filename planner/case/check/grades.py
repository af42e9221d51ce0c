"""Grades of single figures: each names a figure of its row."""

from collections.abc import Iterator

from planner.case.case import CaseData, simple_key
from planner.case.check.place import at_row
from planner.case.grades import split_grades
from planner.case.messages import nearest
from planner.case.parse import columns_of, is_own_column, range_columns
from planner.case.row import Row
from planner.case.rows import TABLES
from planner.errors import Problem


def graded_columns(case: CaseData) -> Iterator[Problem]:
    """A column that a row grades by itself exists, is no key, and holds a value there."""
    for table, rows in case.tables.items():
        for row in rows:
            if row.grade is not None and ";" in row.grade:
                for column in split_grades(row.grade)[1]:
                    fault = _fault(case, table, row, column)
                    if fault is not None:
                        yield at_row(case, table, row, "grade", fault)


def _fault(case: CaseData, table: str, row: Row, column: str) -> str | None:
    """Return what is wrong with grading a column of a row, if anything."""
    own = case.own.get(table, {}).get(simple_key(row), {})
    if is_own_column(column):
        return None if column in own else f"grades {column}, which is empty in this row"
    known = [name for name in columns_of(table) if name not in Row.model_fields and name not in TABLES[table].KEY]
    figure = range_columns(table).get(column)
    if figure is not None:
        return f"grades {column}: grade {figure[0]}, its range has the same grade"
    if column not in known:
        kind = "no figure" if column in columns_of(table) else f"no column of table {table}"
        return f"grades {column}, which is {kind}{nearest(column, known)} (figures: {', '.join(known)})"
    return f"grades {column}, which is empty in this row" if getattr(row, column) is None else None
