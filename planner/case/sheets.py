"""The sheets of a workbook (.xlsx) as values, each in its cell.

A workbook may come from anybody: only the parts that hold cells are unpacked, up to a limit, and surveyed before a
library reads them. Formulas are not computed and macros not run: what a program that saved the workbook noted as the
result of a formula is its value, and a formula without one is a fault of its cell.
"""

import io
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from posixpath import normpath
from typing import Any
from xml.parsers import expat

from planner.system.extras import extra_module

Value = str | float | int | bool | date | time | timedelta
"""What a cell holds; an empty text where it holds nothing."""
Place = tuple[int, int]
"""Row, from 1, and column, from 0."""

MOST_PARTS = 10_000
MOST_UNPACKED_BYTES = 200_000_000
MOST_AREA = 5_000_000
"""Cells of a sheet, the empty ones between the others included."""
MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384

_BASE = ("[content_types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels")
_COUNTS = frozenset({"count", "uniqueCount"})
_OLD = b"\xd0\xcf\x11\xe0"
_DAMAGED = "the workbook is damaged, or of another kind than .xlsx"
_PROTECTED = "the file is protected by a password, or a workbook of the old kind; save it as .xlsx without a password"


class WorkbookError(ValueError):
    """A workbook cannot be read; the text says why."""


@dataclass(slots=True)
class Sheet:
    """A sheet: its rows from the first on, each a list of values, and what is wrong with single cells."""

    name: str
    rows: list[list[Value]]
    faults: Mapping[Place, str] = field(default_factory=dict)


def letter_of(column: int) -> str:
    """Return the letters of a column, counted from 0.

    Examples
    --------
    >>> letter_of(0), letter_of(25), letter_of(26), letter_of(702)
    ('A', 'Z', 'AA', 'AAA')
    """
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def cell_name(place: Place) -> str:
    """Return a place as workbooks write it, such as ``F7``."""
    return f"{letter_of(place[1])}{place[0]}"


def read_sheets(raw: bytes, wanted: Callable[[str], bool] = bool) -> list[Sheet]:
    """Read the sheets of a workbook, in their order; charts and macros are none.

    Parameters
    ----------
    raw : bytes
        Of the workbook.
    wanted : callable
        Whether a sheet is read, by its name.

    Raises
    ------
    WorkbookError
        If it is not a workbook, or larger than is read.
    PlannerError
        If the library that reads workbooks is not installed.
    """
    library = extra_module("python_calamine", "excel", "a workbook")
    if raw.startswith(_OLD):
        raise WorkbookError(_PROTECTED)
    try:
        parts, sheets = _parts(raw, wanted)
        surveys = {name: _survey(name, parts[part]) for name, part in sheets.items()}
        return _values(library, parts, surveys)
    except WorkbookError:
        raise
    except (zipfile.BadZipFile, expat.ExpatError, zlib.error, EOFError, KeyError, RuntimeError, NotImplementedError):
        raise WorkbookError(_DAMAGED) from None
    except (OSError, ValueError, OverflowError, RecursionError):
        raise WorkbookError(_DAMAGED) from None


def _parts(raw: bytes, wanted: Callable[[str], bool]) -> tuple[dict[str, bytes], dict[str, str]]:
    """Return the parts of a workbook that hold cells, by name, and the part of each sheet by the sheet's name."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        entries = archive.infolist()
        if len(entries) > MOST_PARTS:
            raise WorkbookError(f"the workbook has {len(entries):,} parts; at most {MOST_PARTS:,} are read")
        reader = _Unpacker(archive, {entry.filename.lower(): entry for entry in entries})
        parts = {name: reader.read(name) for name in _BASE}
        links = _links(parts["xl/_rels/workbook.xml.rels"])
        sheets: dict[str, str] = {}
        for name, link in _sheet_links(parts["xl/workbook.xml"]):
            kind, target = links.get(link, ("", ""))
            if kind == "worksheet" and wanted(name):
                if name in sheets:
                    raise WorkbookError(f"the workbook has two sheets that are called {name!r}")
                sheets[name] = target
        shared = [target for kind, target in links.values() if kind in ("sharedStrings", "styles")]
        for target in filter(reader.has, shared):
            parts[target] = reader.read(target)
            _check_counts(parts[target])
        for target in sheets.values():
            parts[target] = reader.read(target)
    return parts, sheets


class _Unpacker:
    """Unpacks parts of an archive, all of them together up to a limit."""

    def __init__(self, archive: zipfile.ZipFile, entries: Mapping[str, zipfile.ZipInfo]) -> None:
        self._archive = archive
        self._entries = entries
        self._left = MOST_UNPACKED_BYTES

    def has(self, name: str) -> bool:
        """Whether there is such a part."""
        return name.lower() in self._entries

    def read(self, name: str) -> bytes:
        """Return the content of a part."""
        with self._archive.open(self._entries[name.lower()]) as stream:
            content = stream.read(self._left + 1)
        if len(content) > self._left:
            raise WorkbookError(f"the workbook unpacks to more than {MOST_UNPACKED_BYTES:,} bytes, which are not read")
        self._left -= len(content)
        return content


def _parser() -> Any:
    """Return a parser of XML that knows name spaces, and refuses definitions of its own: no workbook needs any."""
    parser = expat.ParserCreate(namespace_separator=" ")

    def refuse(*_: object) -> None:
        raise WorkbookError(_DAMAGED)

    parser.StartDoctypeDeclHandler = refuse
    return parser


def _check_counts(content: bytes) -> None:
    """Refuse a part that states more members than it has bytes: the library makes room for as many as are stated."""

    def start(_: str, attributes: dict[str, str]) -> None:
        _refuse_counts(attributes, len(content))

    parser = _parser()
    parser.StartElementHandler = start
    parser.Parse(content, True)


def _refuse_counts(attributes: Mapping[str, str], most: int) -> None:
    for key in _COUNTS & attributes.keys():
        if not attributes[key].isdecimal() or int(attributes[key][:20]) > most:
            raise WorkbookError(_DAMAGED)


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _links(content: bytes) -> dict[str, tuple[str, str]]:
    """Return the kind and the part of each relation of the workbook, by its identifier."""
    found: dict[str, tuple[str, str]] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        if _local(name) == "Relationship":
            target = attributes.get("Target", "")
            path = target.lstrip("/") if target.startswith("/") else normpath(f"xl/{target}")
            found[attributes.get("Id", "")] = (attributes.get("Type", "").rpartition("/")[2], path)

    parser = _parser()
    parser.StartElementHandler = start
    parser.Parse(content, True)
    return found


def _sheet_links(content: bytes) -> list[tuple[str, str]]:
    """Return the name of each sheet with the identifier of its relation."""
    found: list[tuple[str, str]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if _local(name) == "sheet":
            link = next((text for key, text in attributes.items() if _local(key) == "id" and " " in key), "")
            found.append((attributes.get("name", ""), link))

    parser = _parser()
    parser.StartElementHandler = start
    parser.Parse(content, True)
    return found


@dataclass(slots=True)
class _Cells:
    """What a survey of a sheet finds: how far its cells reach, and which of them have no value."""

    sheet: str
    size: int
    faults: dict[Place, str] = field(default_factory=dict)
    row: int = 0
    column: int = -1
    rows: int = 0
    columns: int = 0
    kind: str = ""
    formula: bool = False
    inside: bool = False
    text: str = ""
    filled: bool = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take note of the beginning of a row, of a cell or of what is in one."""
        local = _local(name)
        if local == "row":
            row = int(attributes["r"]) if "r" in attributes else self.row + 1
            if row <= self.row or row > MOST_ROWS:
                raise WorkbookError(_DAMAGED)
            self.row, self.column = row, -1
        elif local == "c":
            self.column = _column(attributes["r"], self.row) if "r" in attributes else self.column + 1
            self.kind, self.formula, self.filled, self.text = attributes.get("t", ""), False, False, ""
        elif local == "f":
            self.formula = True
        elif local in ("v", "is"):
            self.inside, self.filled = local == "v", local == "is"
        else:
            _refuse_counts(attributes, self.size)

    def characters(self, text: str) -> None:
        """Take note of the value of a cell."""
        if self.inside:
            self.filled = True
            self.text += text[:40]

    def end(self, name: str) -> None:
        """Judge a cell at its end."""
        local = _local(name)
        if local == "v":
            self.inside = False
        if local != "c":
            return
        if self.kind == "e":
            self._fault(f"the formula of this cell has no result but the error {self.text[:12]}")
        elif self.formula and not self.filled and self.kind != "str":
            self._fault(
                "the workbook holds a formula here without its result: "
                "open it in a spreadsheet program and save it, or write the value"
            )
        elif not self.filled:
            return
        self.rows, self.columns = self.row, max(self.columns, self.column + 1)
        if self.rows * self.columns > MOST_AREA:
            place = cell_name((self.rows, self.columns - 1))
            raise WorkbookError(
                f"sheet {self.sheet} reaches to cell {place}; at most {MOST_AREA:,} cells of a sheet are read"
            )

    def _fault(self, message: str) -> None:
        self.faults[self.row, self.column] = message


def _column(reference: str, row: int) -> int:
    """Return the column of a reference such as ``F7``, which must be one of its row."""
    letters = reference.rstrip("0123456789")
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - 64
    if not 1 <= column <= MOST_COLUMNS or not letters.isalpha() or reference[len(letters) :] != str(row):
        raise WorkbookError(_DAMAGED)
    return column - 1


def _survey(name: str, content: bytes) -> _Cells:
    found = _Cells(name, len(content))
    parser = _parser()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = found.start, found.end
    parser.CharacterDataHandler = found.characters
    parser.Parse(content, True)
    return found


def _values(library: Any, parts: Mapping[str, bytes], surveys: Mapping[str, _Cells]) -> list[Sheet]:
    """Let the library read the cells of an archive that holds the surveyed parts and nothing else."""
    clean = io.BytesIO()
    with zipfile.ZipFile(clean, "w", zipfile.ZIP_STORED) as archive:
        for part, content in parts.items():
            archive.writestr(part.replace("[content_types]", "[Content_Types]"), content)
    clean.seek(0)
    try:
        workbook = library.CalamineWorkbook.from_filelike(clean)
        rows = {name: workbook.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in surveys}
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # the library ends some damaged workbooks with an exception of its own base
        raise WorkbookError(f"{_DAMAGED} ({str(error)[:80]})") from None
    return [Sheet(name, rows[name], survey.faults) for name, survey in surveys.items()]
