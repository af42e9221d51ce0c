"""The sheet ``README`` of a case in a workbook: how to fill it in, what its sheets hold, which may be added."""

from inspect import getdoc

from planner.case.case import CaseData
from planner.case.parse import columns_of
from planner.case.row import Row
from planner.case.rows import REQUIRED_TABLES, TABLES
from planner.case.workbook_read import MODEL_SHEET, README_SHEET
from planner.system.xlsx import Book

RULES = (
    "Check this file with:  planner check FILE.xlsx     (every fault at once, each with its sheet and cell)",
    "Solve it with:  planner solve FILE.xlsx",
    "",
    "The grey first row of each table has the units; the row below it names the columns. Italic columns are optional.",
    "An empty cell means: not given. It is never zero. A note on each name of a column says what it means.",
    "Numbers are numbers, dates are dates (or text such as 2028-07-01), lists are separated by a semicolon.",
    "A long number that is a name (a key, an identifier) is written as text.",
    "Formulas are not computed: the value that your spreadsheet program saved with them is read. Macros are never run.",
    "Columns and sheets of your own begin with x_ ; they are kept out of the plan.",
    "The headers are protected, without a password, so that no column is renamed by accident.",
    "In the sheet model a row without a value is a key that is not given. Members of lists are counted from 0;",
    "add a rule by rows with the next number, and take one out by clearing its values.",
)


def write_guide(book: Book, case: CaseData) -> None:
    """Write the sheet that is read first."""
    sheet = book.sheet(README_SHEET)
    plain, bold = book.format(valign="top"), book.format(bold=True, valign="top")
    wrapped = book.format(text_wrap=True, valign="top")
    sheet.put(0, 0, case.model.name, book.format(bold=True, font_size=14))
    sheet.put(1, 0, case.model.title[:1_000], plain)
    row = 3
    for text in RULES:
        if text:
            sheet.put(row, 0, text, plain)
        row += 1
    row += 1
    for column, name in enumerate(("sheet", "in this file", "holds")):
        sheet.put(row, column, name, bold)
    for name in (MODEL_SHEET, *TABLES):
        row += 1
        there = name == MODEL_SHEET or name in case.present
        sheet.put(row, 0, name, plain)
        sheet.put(row, 1, "yes" if there else "no", plain)
        sheet.put(row, 2, _meaning(name) + ("" if there else _columns(name)), wrapped)
    sheet.raw.set_column(0, 0, 22)
    sheet.raw.set_column(1, 1, 12)
    sheet.raw.set_column(2, 2, 110)
    sheet.raw.protect("", {"format_columns": True, "format_rows": True})


def _meaning(name: str) -> str:
    if name == MODEL_SHEET:
        return "The horizon, the objective, and the constraint families with their options. (required)"
    use = "required" if name in REQUIRED_TABLES else "optional"
    return f"{' '.join((getdoc(TABLES[name]) or '').split())} ({use})"


def _columns(table: str) -> str:
    """Say what a sheet that may be added needs."""
    columns = columns_of(table)
    needed = [name for name, column in columns.items() if not column.optional]
    others = [name for name, column in columns.items() if column.optional and name not in Row.model_fields]
    also = f"; may have: {', '.join(others)}" if others else ""
    return f" To use it, add a sheet of this name whose first row is: {', '.join(needed)}{also}."
