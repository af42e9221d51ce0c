"""Write a case as a folder that reads back as the same case."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import tomli_w

from planner.case.case import CaseData, simple_key
from planner.case.parse import columns_of
from planner.case.row import Row
from planner.case.rows import TABLES
from planner.system.folders.new import write_new


def cell_text(value: object) -> str:
    """Return a value as it stands in a CSV cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ";".join(cell_text(member) for member in value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def table_text(case: CaseData, table: str) -> str:
    """Return a table of a case as CSV: every column its rows or ranges use, the key first, the user's own last."""
    rows, ranges, own = case.tables[table], case.ranges.get(table, {}), case.own.get(table, {})
    columns = [name for name, column in columns_of(table).items() if not column.optional or _used(rows, name)]
    header = columns_with_ranges(case, table, columns)
    header += dict.fromkeys(name for row in rows for name in own.get(simple_key(row), {}))
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    for row in rows:
        cells = {column: cell_text(getattr(row, column)) for column in columns}
        for column, (low, high) in ranges.get(simple_key(row), {}).items():
            cells |= {f"{column}_low": cell_text(low), f"{column}_high": cell_text(high)}
        cells |= own.get(simple_key(row), {})
        writer.writerow([cells.get(name, "") for name in header])
    return text.getvalue()


def _used(rows: tuple[Row, ...], column: str) -> bool:
    return any(getattr(row, column) is not None for row in rows)


def columns_with_ranges(case: CaseData, table: str, columns: Sequence[str]) -> list[str]:
    """Return columns of a table of a case, each followed by those of its range where a row states one."""
    ranged = {column for pairs in case.ranges.get(table, {}).values() for column in pairs}
    return [name for column in columns for name in _with_ends(column, ranged)]


def _with_ends(column: str, ranged: set[str]) -> list[str]:
    return [column, f"{column}_low", f"{column}_high"] if column in ranged else [column]


def model_text(case: CaseData) -> str:
    """Return the model file of a case as TOML, its tables beside it."""
    model = _toml_value(case.model.model_dump(mode="python", exclude_none=True))
    model["tables"] = {name: f"{name}.csv" for name in TABLES if name in case.present}
    if not case.model.forced:
        del model["forced"]
    return tomli_w.dumps(model)


def _toml_value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _toml_value(member) for key, member in value.items()}
    if isinstance(value, tuple):
        return [_toml_value(member) for member in value]
    return value


def case_files(case: CaseData) -> dict[str, str]:
    """The files of a case by name: ``model.toml``, and a CSV file for each of its tables."""
    tables = {f"{table}.csv": table_text(case, table) for table in TABLES if table in case.present}
    return {**tables, "model.toml": model_text(case)}


def write_case(case: CaseData, folder: str | Path) -> None:
    """Write ``model.toml`` and one CSV file per table into a folder; reading it gives a case of the same hash.

    The folder is made if need be. Nothing is written over: a folder that holds anything but these files is refused.

    Raises
    ------
    PlannerError
        If the folder holds anything else, all of it named, or cannot be written; nothing is left behind then.
    """
    target = Path(folder)
    contents = {name: text.encode() for name, text in case_files(case).items()}
    if not _holds(target, contents):
        write_new(target, contents)


def _holds(folder: Path, contents: Mapping[str, bytes]) -> bool:
    """Whether a folder holds these files already, and no others."""
    try:
        names = {path.name for path in folder.iterdir()}
        return names == set(contents) and all((folder / name).read_bytes() == contents[name] for name in names)
    except OSError:
        return False
