"""Write a case as one workbook: a sheet to read first, one for the model, and one for each table.

Reading it gives an equal case, and writing that one the same file. A row above the header of a table has the units;
header and units are protected (without a password), the cells of the data are not, and offer the values that are
allowed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from math import isinf
from pathlib import Path
from typing import Any

from planner.case.case import CaseData, simple_key
from planner.case.check.keys import REFERENCES
from planner.case.model import Model
from planner.case.parse import Column, columns_of
from planner.case.percent import is_share, unit_of
from planner.case.rows import TABLES
from planner.case.schema import allowed_range, limits_of
from planner.case.sheets import letter_of
from planner.case.table import MODEL_VALUE
from planner.case.workbook_guide import write_guide
from planner.case.workbook_model import KeyRow, held_exactly, key_path_text, key_rows
from planner.case.workbook_read import COMMENT, KEY, MODEL_SHEET, SUFFIX
from planner.case.write import cell_text, columns_with_ranges, write_case
from planner.system.folders.file import write_file
from planner.system.xlsx import DATE_FORMAT, Book, SheetWriter

UNITS_ROW, HEADER_ROW, FIRST_ROW = 0, 1, 2
"""Rows of a sheet of a table, counted from 0."""
SPARE_ROWS = 1_000
"""Rows below the data in which values are still offered."""
YES_NO = ["yes", "no"]
PLAIN_TEXTS = ("source", "notes")
"""Columns of long texts, which a cell in the format of texts does not show."""
LONGEST_MESSAGE, LONGEST_LIST = 255, 255

HEAD: dict[str, Any] = {"bold": True, "bg_color": "#D9E2EC", "border": 1, "border_color": "#BCCCDC"}
OPTIONAL_HEAD: dict[str, Any] = {**HEAD, "bold": False, "italic": True}
UNIT: dict[str, Any] = {"italic": True, "font_color": "#52606D"}
OPEN: dict[str, Any] = {"locked": False}
TEXT: dict[str, Any] = {**OPEN, "num_format": "@"}
DATE: dict[str, Any] = {**OPEN, "num_format": DATE_FORMAT}
ALLOWED = {
    "format_cells": True,
    "format_columns": True,
    "format_rows": True,
    "insert_rows": True,
    "delete_rows": True,
    "sort": True,
    "autofilter": True,
}
"""What may be done to a protected sheet."""


def write_workbook(case: CaseData, file: str | Path, *, replace: bool = False) -> None:
    """Write a case as a workbook; reading it gives an equal case.

    Parameters
    ----------
    case : CaseData
    file : str or Path
        Ends in ``.xlsx``.
    replace : bool
        Whether a file that stands there is replaced.

    Raises
    ------
    PlannerError
        If there is a file of this name, or it cannot be written, or a text is longer than a cell can hold, or the
        extra ``excel`` is not installed.
    """
    write_file(file, workbook_content(case), replace=replace)


def write_as_named(case: CaseData, place: str | Path) -> None:
    """Write a case as its place says: as a workbook where that ends in ``.xlsx``, else as a folder.

    Raises
    ------
    PlannerError
        If something stands there, or it cannot be written.
    """
    if Path(place).suffix.lower() == SUFFIX:
        write_workbook(case, place)
    else:
        write_case(case, place)


def workbook_content(case: CaseData) -> bytes:
    """Return a case as the content of a workbook: of equal cases with rows in the same order the same.

    Raises
    ------
    PlannerError
        If a text is longer than a cell can hold, or the extra ``excel`` is not installed.
    """
    book = Book(case.model.title, "writing a workbook")
    write_guide(book, case)
    _write_model(book, case.model)
    for table in TABLES:
        if table in case.present:
            _write_table(book, case, table)
    return book.content()


# The model.


def _write_model(book: Book, model: Model) -> None:
    sheet = book.sheet(MODEL_SHEET)
    for column, name in enumerate((KEY, MODEL_VALUE, "unit", "what it means")):
        sheet.put(0, column, name, book.format(**HEAD))
    wrapped = book.format(text_wrap=True, valign="top", font_color="#52606D")
    for row, key in enumerate(key_rows(model), start=1):
        top = {"valign": "top", "bold": key.section}
        sheet.put(row, 0, key_path_text(key.path), book.format(**top))
        sheet.put(row, 1, *_model_cell(book, key))
        sheet.put(row, 2, key.unit, book.format(**top, font_color="#52606D"))
        sheet.put(row, 3, key.meaning, wrapped)
        if key.choices:
            sheet.raw.data_validation(row, 1, row, 1, _choice(list(key.choices), _key_name(key)))
    sheet.widths(dict.fromkeys(range(4), book.format(**OPEN)))
    sheet.raw.set_column(3, 3, 90, book.format(**OPEN))
    sheet.raw.freeze_panes(1, 1)
    sheet.raw.protect("", ALLOWED)


def _key_name(key: KeyRow) -> str:
    return next(str(part) for part in reversed(key.path) if isinstance(part, str))


def _model_cell(book: Book, key: KeyRow) -> tuple[Any, Any]:
    """Return the value of a key as its cell has it, and the format."""
    value, wrap = key.value, {"text_wrap": True, "valign": "top"}
    if key.unit == "date":
        return value, book.format(**DATE, **wrap, align="left")
    if isinstance(value, bool) and key.unit == "yes or no":
        return YES_NO[not value], book.format(**OPEN, **wrap)
    if isinstance(value, float) and not held_exactly(value):
        return repr(value), book.format(**OPEN, **wrap)
    long = isinstance(value, str) and len(value) > LONGEST_MESSAGE
    style = TEXT if isinstance(value, str) and not long else OPEN
    return value, book.format(**style, **wrap, align="left")


# Tables.


@dataclass(frozen=True, slots=True)
class _Place:
    """A column of a sheet: where it stands, its name, and the column of the table that it is, or is an end of."""

    index: int
    name: str
    column: Column | None
    """None of the user's own."""

    @property
    def of_texts(self) -> bool:
        """Whether its cells are in the format of texts, in which a spreadsheet leaves them as they are typed."""
        return self.column is None or (self.column.kind.startswith(("text", "list")) and self.name not in PLAIN_TEXTS)


def _write_table(book: Book, case: CaseData, table: str) -> None:
    sheet = book.sheet(table)
    places = _places(case, table)
    styles = {place.index: _style(book, place) for place in places}
    for place in places:
        _write_head(book, sheet, table, place)
    sheet.put(UNITS_ROW, 0, f"{COMMENT} units", book.format(**UNIT))
    rows, ranges, own = case.tables[table], case.ranges.get(table, {}), case.own.get(table, {})
    for number, row in enumerate(rows, start=FIRST_ROW):
        key = simple_key(row)
        for place, value in zip(places, _values(row, places, ranges.get(key, {}), own.get(key, {})), strict=True):
            if value is not None:
                sheet.put(number, place.index, value, styles[place.index])
    last = FIRST_ROW + len(rows) + SPARE_ROWS
    for place in places:
        rule = _rule(table, place, case)
        if rule is not None:
            sheet.raw.data_validation(FIRST_ROW, place.index, last, place.index, rule)
    sheet.widths(styles)
    first_free = len(places)
    sheet.raw.set_column(first_free, first_free + 20, 12, book.format(**OPEN))
    sheet.raw.autofilter(HEADER_ROW, 0, max(HEADER_ROW + 1, FIRST_ROW + len(rows) - 1), len(places) - 1)
    sheet.raw.freeze_panes(FIRST_ROW, len(TABLES[table].KEY))
    sheet.raw.protect("", ALLOWED)


def _places(case: CaseData, table: str) -> list[_Place]:
    columns = columns_of(table)
    names = columns_with_ranges(case, table, list(columns))
    own = dict.fromkeys(name for row in case.tables[table] for name in case.own.get(table, {}).get(simple_key(row), {}))
    known = {name: columns.get(name) or columns[name.rpartition("_")[0]] for name in names}
    return [_Place(index, name, known.get(name)) for index, name in enumerate([*names, *own])]


def _values(
    row: Any, places: Sequence[_Place], ranges: Mapping[str, tuple[float, float]], own: Mapping[str, str]
) -> Iterator[Any]:
    """Yield what the cells of a row hold, in the types of a workbook."""
    ends = {
        f"{name}_{end}": value
        for name, pair in ranges.items()
        for end, value in zip(("low", "high"), pair, strict=True)
    }
    for place in places:
        if place.column is None:
            yield own.get(place.name)
        elif place.name == place.column.name:
            yield _cell(getattr(row, place.name))
        else:
            yield _cell(ends.get(place.name))


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return YES_NO[not value]
    if isinstance(value, date) or value is None:
        return value
    if isinstance(value, (int, float)) and held_exactly(value):
        return value
    return cell_text(value) or None


def _write_head(book: Book, sheet: SheetWriter, table: str, place: _Place) -> None:
    if place.index:
        sheet.put(UNITS_ROW, place.index, _unit(table, place), book.format(**UNIT))
    column = place.column
    needed = column is not None and place.name == column.name and not column.optional
    sheet.put(HEADER_ROW, place.index, place.name, book.format(**(HEAD if needed else OPTIONAL_HEAD)))
    if column is not None:
        meaning = " ".join((TABLES[table].model_fields[column.name].description or "").replace("``", "").split())
        text = f"{column.kind}{allowed_range(table, column.name)}{'' if needed else ', optional'}. {meaning}"
        sheet.raw.write_comment(HEADER_ROW, place.index, text, {"x_scale": 2.5, "y_scale": 1.5, "author": "gigaplan"})


def _style(book: Book, place: _Place) -> Any:
    if place.of_texts:
        return book.format(**TEXT)
    return book.format(**(DATE if place.column is not None and place.column.kind == "date" else OPEN))


def _unit(table: str, place: _Place) -> str:
    """Return the unit of a column, or what it holds."""
    column = place.column
    if column is None:
        return "your own"
    target = _target(table, column.name)
    if target is not None:
        return f"keys of {target}, separated by ;" if column.kind.startswith("list") else f"key of {target}"
    if column.kind.startswith("list"):
        return "list, separated by ;"
    if column.numeric:
        return "share" if is_share(column.name) else unit_of(column.name) or column.kind
    return "one of the list" if column.choices else column.kind


def _target(table: str, column: str) -> str | None:
    """Return the table whose keys a column holds."""
    return next((target for one, name, target in REFERENCES if (one, name) == (table, column)), None)


# The values that are offered and allowed.


def _rule(table: str, place: _Place, case: CaseData) -> dict[str, Any] | None:
    """Return what a spreadsheet program offers and admits in a column."""
    column = place.column
    if column is None:
        return None
    target = _target(table, column.name)
    if column.choices:
        return _choice(_lists_of(column), column.name)
    if column.kind == "yes/no":
        return _choice(YES_NO, column.name)
    if target is not None and target in case.present and column.kind == "text":
        last = FIRST_ROW + len(case.tables[target]) + SPARE_ROWS
        letter = letter_of(list(columns_of(target)).index(TABLES[target].KEY[0]))
        return {
            "validate": "list",
            "source": f"='{target}'!${letter}${FIRST_ROW + 1}:${letter}${last}",
            **_refusal(column.name, f"Must be a key of the sheet {target}."),
        }
    return _number_rule(table, column) if column.numeric else None


def _lists_of(column: Column) -> list[str]:
    """Return what is offered where one word is allowed, or a list of words."""
    if column.kind == "text":
        return list(column.choices)
    sizes = range(1, len(column.choices) + 1)
    return [";".join(words) for size in sizes for words in combinations(column.choices, size)]


def _choice(words: list[str], name: str) -> dict[str, Any]:
    return {"validate": "list", "source": words, **_refusal(name, f"Must be one of: {', '.join(words)}.")}


def _number_rule(table: str, column: Column) -> dict[str, Any] | None:
    low, high = limits_of(table, column.name)
    if isinf(low) or isinf(high):
        return None
    kind = "integer" if column.kind == "whole number" else "decimal"
    allowed = f"Must be a {column.kind}{allowed_range(table, column.name)}."
    return {"validate": kind, "criteria": "between", "minimum": low, "maximum": high, **_refusal(column.name, allowed)}


def _refusal(name: str, message: str) -> dict[str, Any]:
    return {"error_title": name[:32], "error_message": message[:LONGEST_MESSAGE]}
