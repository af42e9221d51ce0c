"""Write workbooks (.xlsx) in which every text is text: no cell becomes a formula or a link."""

import io
import math
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from planner.errors import PlannerError
from planner.system.extras import extra_module

LONGEST_TEXT = 32_767
"""Characters of a cell."""
MOST_ROWS = 1_048_576
DATE_FORMAT = "yyyy-mm-dd"
FIRST_DATE = date(1900, 3, 1)
"""Earlier dates are written as text: spreadsheets disagree on their numbers."""
MADE = datetime(2026, 1, 1)
"""The day that every workbook names as that of its making: the same content gives the same file."""

_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_SIGNS = ("=", "+", "-", "@", "'", "\t", "\r", "\n")
"""With what a text begins that a spreadsheet program may take for a formula when its cell is edited."""
_INERT = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_WIDEST, _NARROWEST = 42, 8


class Book:
    """A workbook that is written in memory.

    Parameters
    ----------
    title : str
    what : str
        What needs the library, for the message where it is not installed.
    """

    def __init__(self, title: str, what: str) -> None:
        library = extra_module("xlsxwriter", "excel", what)
        self._stream = io.BytesIO()
        self._book = library.Workbook(self._stream, _INERT)
        self._book.set_properties({"title": title[:200], "created": MADE})
        self._formats: dict[str, Any] = {}
        self._quoted: dict[int, Any] = {}

    def format(self, **properties: Any) -> Any:
        """Return the format with these properties, made once."""
        name = repr(sorted(properties.items()))
        if name not in self._formats:
            self._formats[name] = self._book.add_format(properties)
            self._quoted[id(self._formats[name])] = self._book.add_format({**properties, "quote_prefix": True})
        return self._formats[name]

    def quoted(self, style: Any) -> Any:
        """Return a format in which a text stays a text also when it is edited, whatever it begins with."""
        return self._quoted[id(self.format() if style is None else style)]

    def sheet(self, name: str) -> "SheetWriter":
        """Add a sheet."""
        return SheetWriter(self, name, self._book.add_worksheet(name))

    def content(self) -> bytes:
        """Return the workbook as a file."""
        self._book.close()
        return self._stream.getvalue()


class SheetWriter:
    """Writes the cells of a sheet; ``raw`` is the library's own sheet, for its layout."""

    def __init__(self, book: Book, name: str, raw: Any) -> None:
        self.name = name
        self._book = book
        self.raw = raw
        self._widths: dict[int, int] = {}

    def put(self, row: int, column: int, value: object, style: Any = None) -> None:
        """Write a value into a cell, rows and columns counted from 0; None: an empty cell.

        Raises
        ------
        PlannerError
            If no cell of a workbook can hold it.
        """
        if row >= MOST_ROWS:
            raise PlannerError(f"sheet {self.name}: a sheet of a workbook has at most {MOST_ROWS:,} rows")
        if value is None:
            self.raw.write_blank(row, column, None, style)
        elif isinstance(value, bool):
            self.raw.write_boolean(row, column, value, style)
        elif isinstance(value, (int, float)):
            if not math.isfinite(value):
                raise PlannerError(f"sheet {self.name}, row {row + 1}, column {column + 1}: {value} is not a number")
            self.raw.write_number(row, column, value or 0, style)  # minus zero is zero
        elif isinstance(value, date):
            if value >= FIRST_DATE:
                style = self._book.format(num_format=DATE_FORMAT) if style is None else style
                self.raw.write_datetime(row, column, value, style)
            else:
                self.raw.write_string(row, column, value.isoformat(), style)
        else:
            text = self._text(str(value), row, column)
            self.raw.write_string(row, column, text, self._book.quoted(style) if text.startswith(_SIGNS) else style)
        if row < 200 and value is not None:
            wide = 10 if isinstance(value, date) else max(map(len, str(value)[:200].split("\n")))
            self._widths[column] = max(self._widths.get(column, _NARROWEST), min(wide + 2, _WIDEST))

    def _text(self, text: str, row: int, column: int) -> str:
        found = _UNWRITABLE.search(text)
        fault = ""
        if found is not None:
            fault = f"holds the sign \\u{ord(found[0]):04x}, which no workbook can hold"
        elif len(text.encode("utf-16-le")) // 2 > LONGEST_TEXT:
            fault = f"has {len(text):,} characters; a cell of a workbook holds at most {LONGEST_TEXT:,}"
        if fault:
            raise PlannerError(f"sheet {self.name}, row {row + 1}, column {column + 1}: the text {fault}")
        return text

    def widths(self, styles: Mapping[int, Any] | None = None, least: int = 0) -> None:
        """Make the columns as wide as what is in them, and give each its style for cells that are still empty."""
        for column in sorted({*self._widths, *(styles or {})}):
            width = max(self._widths.get(column, _NARROWEST), least)
            self.raw.set_column(column, column, width, (styles or {}).get(column))
