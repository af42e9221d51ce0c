"""A plan for other programs: one workbook, or a folder of CSV or Parquet files, one for each table."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner.errors import OptionError, PlannerError
from planner.plan.columns import TABLES
from planner.plan.dictionary import HOLDS
from planner.plan.own import own_columns
from planner.plan.schema import Column
from planner.plan.tidy import Cell
from planner.system.extras import extra_module
from planner.system.folders import examine, manifest_of, write_folder
from planner.system.folders.file import examine_file, write_file
from planner.system.xlsx import MOST_ROWS, Book, SheetWriter
from planner.version import __version__

if TYPE_CHECKING:
    from planner.plan.plan import PlanData

KINDS = ("xlsx", "csv", "parquet")
"""What a plan can be exported as."""
README_SHEET, COLUMNS = "README", "columns"
DICTIONARY = ("table", "column", "holds", "unit", "adds up", "empty", "meaning")
"""Columns of the table that describes all columns."""

_DATE = re.compile(r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}")
_FORMATS = (("$B", "#,##0.000"), ("$M", "#,##0.000"), ("$ ", "#,##0.00"), ("share", "0.0%"))
_HEAD: dict[str, Any] = {"bold": True, "bg_color": "#D9E2EC", "border": 1, "border_color": "#BCCCDC"}


def kind_of(place: str | Path, kind: str | None) -> str:
    """Return what is exported to a place: what is asked for, or what the name of the place says.

    Raises
    ------
    OptionError
        If neither says it, or they do not agree.
    """
    named = "xlsx" if Path(place).suffix.lower() == ".xlsx" else None
    if kind is None and named is None:
        folder = "for a folder of tables say csv or parquet (--as, or kind=... in Python)"
        raise OptionError(f"{place}: the name of a workbook ends in .xlsx; {folder}")
    if kind is not None and kind not in KINDS:
        raise OptionError(f"{kind!r} is none of {', '.join(KINDS)}")
    if kind is not None and (kind == "xlsx") != (named == "xlsx"):
        raise OptionError(f"{place}: the name of a workbook, and of nothing else, ends in .xlsx; asked for is {kind}")
    return str(kind or named)


def export_plan(plan: "PlanData", place: str | Path, kind: str | None = None, *, replace: bool = False) -> Path:
    """Write the tables of a plan for other programs; see `PlanData.export`."""
    asked = kind_of(place, kind)
    if asked == "xlsx":
        examine_file(place, replace=replace, hint=", or have it replaced (--force, or replace=True in Python)")
        write_file(place, workbook_of(plan), replace=replace)
        return Path(place)
    target = examine(place, ("export",))
    contents = _parquet_files(plan) if asked == "parquet" else _csv_files(plan)
    contents[f"{COLUMNS}.csv"] = _csv_text(DICTIONARY, dictionary_rows(plan)).encode()
    return write_folder(target, manifest_of("export", contents, f"gigaplan {__version__}"), contents)


def columns_of_table(plan: "PlanData", name: str) -> dict[str, Column | None]:
    """Return the columns of a table of a plan; None for one that a family of the user's own added."""
    return {**TABLES[name].columns, **dict.fromkeys(own_columns(plan.rows(name)))}


def dictionary_rows(plan: "PlanData") -> list[tuple[str, ...]]:
    """Return what every column of every table holds, as `DICTIONARY` names it."""
    rows: list[tuple[str, ...]] = []
    for name in plan.tables:
        for column, found in columns_of_table(plan, name).items():
            if found is None:
                rows.append((name, column, "", "", "", "", "column of a constraint family of your own"))
            else:
                adds = found.adds if found.is_number else ""
                rows.append((name, column, HOLDS[found.kind], found.unit, adds, found.empty, found.meaning))
    return rows


def _csv_files(plan: "PlanData") -> dict[str, bytes]:
    """Return the tables as CSV, as they stand in the folder of the plan."""
    return {
        name.removeprefix("tables/"): content for name, content in plan.files().items() if name.startswith("tables/")
    }


def _csv_text(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([names, *rows])
    return text.getvalue()


def _parquet_files(plan: "PlanData") -> dict[str, bytes]:
    extra_module("pyarrow", "parquet", "a Parquet file")
    made = {}
    for name in plan.tables:
        stream = io.BytesIO()
        plan.table(name).to_parquet(stream, engine="pyarrow", index=False)
        made[f"{name}.parquet"] = stream.getvalue()
    return made


# The workbook.


def workbook_of(plan: "PlanData") -> bytes:
    """Return a plan as the content of a workbook: what it is, what its columns mean, and a sheet for each table.

    Raises
    ------
    PlannerError
        If a table has more rows than a sheet, or the extra ``excel`` is not installed.
    """
    for name, rows in plan.tables.items():
        if len(rows) >= MOST_ROWS:
            message = f"table {name} has {len(rows):,} rows, a sheet of a workbook {MOST_ROWS:,}: export csv or parquet"
            raise PlannerError(message)
    book = Book(f"Plan of {plan.case.model.name}", "writing a workbook")
    _write_readme(book, plan)
    for name in plan.tables:
        _write_sheet(book, plan, name)
    sheet = book.sheet(COLUMNS)
    _write_cells(sheet, book, DICTIONARY, dictionary_rows(plan), {})
    _as_table(sheet, COLUMNS, DICTIONARY, len(dictionary_rows(plan)))
    return book.content()


def _headline(plan: "PlanData") -> Iterator[tuple[str, object, str]]:
    """Yield the figures that say what the plan is: name, value, and the format of numbers."""
    summary = plan.summary
    yield "case", plan.case.model.name, ""
    yield "title", plan.case.model.title[:1_000], ""
    yield "status", str(summary.get("status", "")), ""
    yield "cost, $B present value", plan.cost_busd, "#,##0.000"
    yield "proven at least, $B present value", plan.bound_busd, "#,##0.000"
    yield "gap between them, share of the cost", plan.gap, "0.000%"
    yield "unserved demand, share", summary.get("unserved_share"), "0.000%"
    audit = summary.get("audit") or {}
    words = "passed" if audit.get("passed") else "failed"
    yield "audit", f"{words}, {audit.get('checks', 0):,} checks", ""
    yield "unit of compute", plan.case.model.compute_unit[:1_000], ""
    yield "fingerprint of the case", plan.case.hash, ""
    yield "written by", f"gigaplan {__version__}", ""


_NOTES = (
    "Each sheet is one table of the plan: one row is one fact, so that it can be the source of a pivot table as it is.",
    "Megawatts are IT MW unless the name of a column contains facility.",
    "The sheet columns has the unit of every column, whether its cells add up, and what an empty cell means.",
    "An empty cell is never zero.",
    "Figures have up to 16 significant digits. Nothing here is computed by a formula.",
)


def _write_readme(book: Book, plan: "PlanData") -> None:
    sheet = book.sheet(README_SHEET)
    bold = book.format(bold=True, valign="top")
    sheet.put(0, 0, f"Plan of {plan.case.model.name}", book.format(bold=True, font_size=14))
    row = 2
    for name, value, form in _headline(plan):
        sheet.put(row, 0, name, bold)
        sheet.put(row, 1, value, book.format(align="left", **({"num_format": form} if form else {})))
        row += 1
    for text in ("", *_NOTES, ""):
        if text:
            sheet.put(row, 0, text)
        row += 1
    for column, name in enumerate(("sheet", "rows", "holds")):
        sheet.put(row, column, name, bold)
    for name, rows in plan.tables.items():
        row += 1
        sheet.put(row, 0, name)
        sheet.put(row, 1, len(rows), book.format(align="left"))
        sheet.put(row, 2, TABLES[name].meaning)
    sheet.raw.set_column(0, 0, 36)
    sheet.raw.set_column(1, 1, 30)
    sheet.raw.set_column(2, 2, 90)


def _write_sheet(book: Book, plan: "PlanData", name: str) -> None:
    columns = columns_of_table(plan, name)
    rows = plan.rows(name)
    forms = {index: _form(found) for index, found in enumerate(columns.values()) if found}
    styles = {index: book.format(num_format=form) for index, form in forms.items() if form}
    sheet = book.sheet(name)
    cells = [[_cell(row.get(column, ""), found) for column, found in columns.items()] for row in rows]
    _write_cells(sheet, book, list(columns), cells, styles)
    _as_table(sheet, name, list(columns), len(rows))
    for index, found in enumerate(columns.values()):
        if found is not None:
            text = f"{HOLDS[found.kind]}{f', {found.unit}' if found.unit else ''}. {found.meaning}"
            empty = f" Empty: {found.empty}." if found.empty else ""
            sheet.raw.write_comment(0, index, text + empty, {"x_scale": 2, "author": "gigaplan"})


def _write_cells(
    sheet: SheetWriter, book: Book, names: Sequence[str], rows: Sequence[Sequence[object]], styles: Mapping[int, Any]
) -> None:
    for column, name in enumerate(names):
        sheet.put(0, column, name, book.format(**_HEAD))
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            if value is not None and value != "":
                sheet.put(number, column, value, styles.get(column))
    sheet.widths()
    sheet.raw.freeze_panes(1, 0)


def _as_table(sheet: SheetWriter, name: str, columns: Sequence[str], rows: int) -> None:
    """Make the cells a table of the spreadsheet program, under its name, with filters."""
    if rows and len({column.lower() for column in columns}) == len(columns):
        headers = [{"header": column} for column in columns]
        options = {"name": f"plan_{name}", "columns": headers, "style": "Table Style Light 9"}
        sheet.raw.add_table(0, 0, rows, len(columns) - 1, options)


def _form(column: Column) -> str:
    """Return the format of the numbers of a column; dates have their own, and years none."""
    if column.kind == "whole":
        return "0" if not column.unit else "#,##0"
    if column.kind != "number":
        return ""
    return next((form for start, form in _FORMATS if column.unit.startswith(start)), "#,##0.0##")


def _cell(value: Cell, column: Column | None) -> object:
    """Return a cell in the types of a workbook: dates as dates, nothing for an empty one."""
    if value == "":
        return None
    if column is not None and column.kind in ("period", "boundary", "date") and isinstance(value, str):
        try:
            return date.fromisoformat(value) if _DATE.fullmatch(value) else value
        except ValueError:
            return value
    return value
