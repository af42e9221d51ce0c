"""Workbooks for tests: a case as one, edited as a planner would, or damaged as a stranger could."""

import io
import zipfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from planner.case.read import read_case
from planner.case.workbook_write import workbook_content
from planner.errors import CaseError, Problem

HEADER = 2
"""Row of a sheet that names the columns of its table; the first row of data is the next."""


@cache
def three_sites() -> bytes:
    """The case ``three_sites`` as a workbook."""
    return workbook_content(read_case("three_sites"))


def opened(content: bytes) -> Workbook:
    """A workbook as another program reads it."""
    return load_workbook(io.BytesIO(content))


def edited(edit: Callable[[Workbook], object], file: Path, content: bytes | None = None) -> Path:
    """Write a workbook as another program saves it after an edit."""
    book = opened(content or three_sites())
    edit(book)
    book.save(file)
    return file


def cell(sheet: Worksheet, row: int, column: str) -> Any:
    """A cell of the sheet of a table, by the name of its column."""
    return sheet.cell(row, next(one.column for one in sheet[HEADER] if one.value == column))


def value_of(sheet: Worksheet, key: str) -> Any:
    """The cell of a key of the model sheet."""
    return next(sheet.cell(one.row, 2) for one in sheet["A"] if one.value == key)


def problems(file: Path) -> tuple[Problem, ...]:
    """What is wrong with a workbook."""
    try:
        read_case(file)
    except CaseError as error:
        return error.problems
    return ()


def damaged(changes: Mapping[str, Callable[[bytes], bytes | None]], file: Path) -> Path:
    """Write a workbook some of whose parts are changed, or are left out."""
    with zipfile.ZipFile(io.BytesIO(three_sites())) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = changes[name](old.read(name)) if name in changes else old.read(name)
            if content is not None:
                new.writestr(name, content)
    return file
