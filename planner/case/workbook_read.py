"""A case in a workbook: a sheet for each table, and the sheet ``model`` for the keys of a model file."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta

from planner.case.messages import nearest, shorten
from planner.case.modelfile import ModelRead, Path, path_text, validate_model
from planner.case.parse import CellError, columns_of, range_columns
from planner.case.renamed import current_column, earlier_names_allowed
from planner.case.rows import REQUIRED_TABLES, TABLES
from planner.case.sheets import Sheet, Value, cell_name, letter_of, read_sheets
from planner.case.table import MODEL_VALUE, TableRead, read_rows
from planner.case.workbook_model import PathKey, parse_key_path
from planner.case.workbook_tree import KeyTree
from planner.errors import Problem

SUFFIX = ".xlsx"
OTHER_SUFFIXES = (".xlsm", ".xlsb", ".xls", ".ods", ".xltx", ".xltm")
"""Of workbooks of other kinds: they are refused with the advice to save them as ``.xlsx``."""
MODEL_SHEET, README_SHEET = "model", "README"
OWN_SHEET = "x_"
"""How the names of sheets begin that are the user's own, and not read."""
COMMENT = "#"
"""How rows above a header begin that are not read."""
KEY = "key"
FIRST_SAFE_DATE = date(1900, 3, 1)
"""Programs disagree on the number of the days before it: a leap day that never was."""
MOST_DIGITS = 1e15

_MISSING = "there is no sheet {}, which every case needs"
_WORDS = {
    "must be a text in quotes": "must be a text",
    "must be a list in [ ]": "must be a list, its members separated by ;",
    "must be true or false": "must be yes or no",
    "must be a section or { }": "must be a section: write its keys in rows of their own",
}
"""What the messages about a model file are called where its values stand in cells."""


def read_workbook(raw: bytes, label: str) -> tuple[ModelRead, dict[str, TableRead]]:
    """Read the model and the tables of a workbook; faults are collected in both.

    Parameters
    ----------
    raw : bytes
        Of the workbook.
    label : str
        What messages call the workbook.

    Raises
    ------
    WorkbookError
        If it is not a workbook.
    """
    sheets = {sheet.name: sheet for sheet in read_sheets(raw, _is_read)}
    tables = {name: read_sheet(name, sheets[name], f"{label}, sheet {name}") for name in TABLES if name in sheets}
    for name in REQUIRED_TABLES:
        if name not in sheets:
            tables[name] = TableRead(name, label)
            tables[name].report(_MISSING.format(name))
    problems = _sheet_faults(sheets, label)
    model = ModelRead()
    if MODEL_SHEET in sheets:
        model = read_model_sheet(sheets[MODEL_SHEET], f"{label}, sheet {MODEL_SHEET}", list(tables))
    model.problems = [*problems, *model.problems]
    return model, tables


def _is_read(name: str) -> bool:
    return name != README_SHEET and not name.startswith(OWN_SHEET)


def _sheet_faults(sheets: Mapping[str, Sheet], label: str) -> list[Problem]:
    """Return what is wrong with the names of the sheets."""
    known = [MODEL_SHEET, *TABLES]
    found = []
    for name in sheets:
        if name not in known:
            message = f"no table of a case is called so{nearest(name, known)} (a sheet of your own begins with x_)"
            found.append(Problem(f"{label}, sheet {shorten(name)}", message))
    if MODEL_SHEET not in sheets:
        found.append(Problem(label, _MISSING.format(MODEL_SHEET)))
    return found


# Tables.


def read_sheet(table: str, sheet: Sheet, label: str) -> TableRead:
    """Read the rows of a table from its sheet."""
    read = TableRead(table, label, letters={})
    lines = _lines(sheet)
    header = next(lines, None)
    if header is None:
        read.report("the sheet is empty; a row must name the columns")
        return read
    line, values = header
    names = [_plain(value).strip() for value in values]
    while names and not names[-1]:
        names.pop()
    above = {place: text for place, text in sheet.faults.items() if place[0] == line}
    for place, text in above.items():
        read.report(text, row=line, cell=cell_name(place))
    kinds = _kinds(table, names, label)
    faults = dict(sheet.faults)
    read_rows(read, (line, names), _records(lines, kinds, faults), faults)
    return read


def _lines(sheet: Sheet) -> Iterator[tuple[int, list[Value]]]:
    """Yield the rows that are not blank, each with its number; comments above the header are left out."""
    faulty = {row for row, _ in sheet.faults}
    last = max([len(sheet.rows), *faulty], default=0)
    begun = False
    for number in range(1, last + 1):
        values = sheet.rows[number - 1] if number <= len(sheet.rows) else []
        first = next((value for value in values if not _is_blank(value)), None)
        if first is None and number not in faulty:
            continue
        if not begun and isinstance(first, str) and first.strip().startswith(COMMENT):
            continue
        begun = True
        yield number, values


def _is_blank(value: Value) -> bool:
    return isinstance(value, str) and not value.strip()


def _kinds(table: str, names: list[str], label: str) -> list[str]:
    """Return what each column holds; ``own`` for the user's own, and nothing for one that the table does not have."""
    columns, ends = columns_of(table), range_columns(table)
    kinds = []
    for name in names:
        with earlier_names_allowed():  # `read_rows` warns of them
            today = current_column(table, name, label)
        today = ends[today][0] if today in ends else today
        kinds.append(columns[today].kind if today in columns else "own")
    return kinds


def _records(
    lines: Iterator[tuple[int, list[Value]]], kinds: list[str], faults: dict[tuple[int, int], str]
) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of each row as texts; a value that no text stands for is added to the faults."""
    for line, values in lines:
        cells = []
        for index, value in enumerate(values):
            kind = kinds[index] if index < len(kinds) else "own"
            try:
                cells.append(value if isinstance(value, str) else cell_value_text(value, kind))
            except CellError as error:
                faults[line, index] = str(error)
                cells.append(_plain(value))
        yield line, cells


def cell_value_text(value: Value, kind: str) -> str:
    """Return the value of a cell as the text that a CSV file has for it.

    Raises
    ------
    CellError
        If the value may not be the one that was meant.

    Examples
    --------
    >>> from datetime import date
    >>> cell_value_text(2026.0, "whole number"), cell_value_text(date(2026, 7, 1), "date")
    ('2026', '2026-07-01')
    """
    text = kind in ("text", "list of texts", "own")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if text and abs(value) >= MOST_DIGITS:
            raise CellError("is a number of which a workbook keeps 15 digits only; write it as text")
    elif isinstance(value, (time, timedelta)):
        raise CellError("is a time, or a date before 1900, as a spreadsheet writes them; no column holds such a value")
    elif isinstance(value, date):
        day = value.date() if isinstance(value, datetime) else value
        if day < FIRST_SAFE_DATE:
            raise CellError("is a date before 1900-03-01, on which spreadsheets disagree; write it as text: 1899-12-31")
        if text and kind != "own":
            raise CellError("is a date; in this column write it as text")
    return _plain(value)


def _plain(value: Value) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < MOST_DIGITS else repr(value)
    if isinstance(value, datetime):
        return str(value.date()) if value.time() == time() else str(value)
    return str(value)


# The model.


def read_model_sheet(sheet: Sheet, label: str, tables: list[str]) -> ModelRead:
    """Read the keys of a model from its sheet; faults are collected, never raised."""
    read = ModelRead()
    lines = _lines(sheet)
    line, values = next(lines, (1, []))
    names = [_plain(value).strip().lower() for value in values]
    missing = [name for name in (KEY, MODEL_VALUE) if names.count(name) != 1]
    if missing:
        message = f"the header must name the columns {KEY} and {MODEL_VALUE}, each once"
        read.problems.append(Problem(label, message, row=line))
        return read
    column = names.index(MODEL_VALUE)
    tree = KeyTree(letter_of(column))
    read.letter = tree.letter
    for row, cells in lines:
        _read_key(tree, sheet, label, (row, names.index(KEY), column), cells, read.problems)
    data, rows = tree.model_data()
    read.lines = {path_text(path): row for path, row in rows.items()}
    read.data = data
    read.problems += [_at(tree, label, path, message, tree.rows) for path, message in tree.contradictions()]
    data["tables"] = {name: f"{name}.csv" for name in TABLES if name in tables or name in REQUIRED_TABLES}
    model, faults = validate_model(data)
    for path, message, value in faults:
        for toml, words in _WORDS.items():
            message = message.replace(toml, words)
        read.problems.append(_at(tree, label, path, message, rows, value))
    read.model = model
    return read


def _read_key(
    tree: KeyTree, sheet: Sheet, label: str, place: tuple[int, int, int], cells: list[Value], problems: list[Problem]
) -> None:
    """Read one row of the model sheet; ``place`` is its number, the column of keys and that of values."""
    row, key_column, value_column = place
    text = _plain(cells[key_column]).strip() if key_column < len(cells) else ""
    value = cells[value_column] if value_column < len(cells) else ""
    value = "" if _is_blank(value) else value
    fault = sheet.faults.get((row, key_column)) or sheet.faults.get((row, value_column))
    shown = None if value == "" else shorten(_plain(value))
    cell = f"{tree.letter}{row}"
    try:
        if fault is not None:
            raise CellError(fault)
        if not text:
            if value != "":
                raise CellError("the cell has a value, and its row no key")
            return
        cell_value_text(value, "number")  # a value that no key holds
        tree.add(parse_key_path(text), value, row)
    except CellError as error:
        problems.append(Problem(label, str(error), row=row, column=shorten(text) or None, value=shown, cell=cell))


def _at(
    tree: KeyTree, label: str, path: Path | PathKey, message: str, rows: Mapping[PathKey, int], value: str | None = None
) -> Problem:
    """Return a problem of a key: at its cell, or where the sheet has no such row, at that of the nearest section."""
    row = next((rows[path[:length]] for length in range(len(path), 0, -1) if path[:length] in rows), None)
    cell = None if row is None else f"{tree.letter}{row}"
    return Problem(label, message, row=row, column=path_text(path) or None, value=value, cell=cell)
