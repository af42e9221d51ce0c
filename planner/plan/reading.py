"""Reading a plan folder: everything that is wrong with its summary and tables is reported at once."""

import csv
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from planner.case.case import CaseData
from planner.case.fields import OWN
from planner.case.read import read_case
from planner.case.renamed import earlier_names_allowed
from planner.errors import PlanError
from planner.inputs.periods import Periods
from planner.plan.columns import TABLES
from planner.plan.earlier import (
    ADDED_TABLES,
    EARLIER_COLUMNS,
    LAST_EARLIER_FORMAT,
    LAST_FORMAT_WITHOUT_CHIP,
    LATER_TABLES,
    NEW_COLUMNS,
    NEW_SPEND_COLUMNS,
    NEW_TABLES,
    columns_today,
    earlier_table,
    is_earlier,
    lacking_money,
    lacks_payee,
    lacks_shortfalls,
    spend_today,
    unserved_as_shortfalls,
)
from planner.plan.own import read_own_cells
from planner.plan.schema import PERIOD_KINDS, Column
from planner.plan.tidy import Cell, tidied
from planner.plan.upgrade import completed_from_earlier, divided_by_year, with_cash
from planner.system.folders.content import MOST_JSON_BYTES, MOST_TABLE_BYTES, read_text

SUMMARY_FILE = "summary.json"
FORMAT_KEY, FOLDER_FORMAT = "folder_format", 5
"""Key and value in ``summary.json`` by which a folder says what it has: a manifest from format 2 on, money by level
from format 3 on, payees and calendar years from format 4 on, chips of leases, cash and envelopes from format 5 on."""
MOST_FAULTS = 10
"""Faults that are named; the others are counted."""

DATE = re.compile(r"[0-9]{4,9}-[0-9]{2}-[0-9]{2}")
"""A date of a table; the end of a very long term has a year of more than four digits."""

TEXT, NUMBER, NUMBER_OR_NULL, NUMBERS, YES_NO, OBJECT = (
    "a text", "a number", "a number or null", "an object of numbers", "true or false", "an object",
)  # fmt: skip
SUMMARY_KEYS: dict[tuple[str, ...], str] = {
    ("status",): TEXT,
    ("case_name",): TEXT,
    ("case_hash",): TEXT,
    ("cost_busd",): NUMBER,
    ("bound_busd",): NUMBER_OR_NULL,
    ("gap",): NUMBER_OR_NULL,
    ("gap_target",): NUMBER,
    ("unserved_share",): NUMBER,
    ("spend_primary_busd",): NUMBER,
    ("spend_backup_busd",): NUMBER,
    ("backup_income_busd",): NUMBER,
    ("capacity_by_provider",): NUMBERS,
    ("solver_seconds",): NUMBER,
    ("seconds",): OBJECT,
    ("seconds", "total"): NUMBER,
    ("audit",): OBJECT,
    ("audit", "passed"): YES_NO,
    ("audit", "checks"): NUMBER,
}
"""What every summary has, and what it is; whoever reads a plan may rely on it."""


def read_folder(root: Path) -> tuple[CaseData, dict[str, Any], Mapping[str, Sequence[Mapping[str, Cell]]]]:
    """Read the case, the summary and the tables of a plan folder.

    Raises
    ------
    PlanError
        With everything that is missing, or not what a plan holds there.
    CaseError
        If its inputs are not a valid case.
    """
    _check_folder(root)
    summary = read_summary(root / SUMMARY_FILE)
    faults = [f"{SUMMARY_FILE}: {fault}" for fault in summary_faults(summary)]
    shape = _shape(root, summary)
    lacking = lacking_money(summary.get(FORMAT_KEY), [path.stem for path in (root / "tables").glob("*.csv")])
    later = {*ADDED_TABLES, *(LATER_TABLES if lacks_shortfalls(summary.get(FORMAT_KEY)) else ())}
    tables: dict[str, list[dict[str, Cell]]] = {}
    for name in TABLES:
        may_lack = name in later or (shape.unpaid and name == "programme_path")
        absent = may_lack and not _table_file(root, name).exists()
        if not (shape.earlier and name in NEW_TABLES) and not absent and name not in lacking:
            tables[name] = []
            faults += _read_table(_table_file(root, name), name, shape.columns(name), tables[name])
    tables |= {name: [] for name in ADDED_TABLES if not shape.earlier and name not in tables}
    tables["spend"] = spend_today(tables["spend"])
    if shape.before_chips:
        summary = {**summary, FORMAT_KEY: folder_format(summary)}
        for name, columns in NEW_COLUMNS.items():
            tables[name] = [{**row, **dict.fromkeys(columns, "")} for row in tables[name]]
    if not (root / "inputs" / "model.toml").is_file():
        faults.append("inputs: the case of the plan is missing (inputs/model.toml)")
    if faults:
        raise PlanError(_message(root, faults))
    with earlier_names_allowed():
        case = read_case(root / "inputs")
    periods = Periods.of(case.model.horizon)
    faults = list(_period_faults(periods, tables))
    if faults:
        raise PlanError(_message(root, faults))
    upgrade = with_cash if lacking else None
    upgrade = completed_from_earlier if shape.earlier else divided_by_year if shape.unpaid else upgrade
    if upgrade is not None:
        try:
            return case, summary, upgrade(case, tables)
        except PlanError as error:
            raise PlanError(_message(root, [str(error)])) from None
    tables = {"shortfalls": unserved_as_shortfalls(tables["unserved"]), **tables}
    return case, summary, {name: tidied(name, tables[name], periods) for name in TABLES}


@dataclass(frozen=True, slots=True)
class _Shape:
    """Which columns the tables of a folder have: those of today, or of an earlier format."""

    earlier: bool
    """The tables of version 0.1."""
    unpaid: bool
    """``spend`` names no payee."""
    before_chips: bool
    """Leases state no chip."""
    spend: tuple[str, ...]

    def columns(self, name: str) -> tuple[str, ...]:
        """The columns that a table must have."""
        columns = tuple(TABLES[name].columns)
        if self.earlier:
            columns = EARLIER_COLUMNS.get(name, columns)
        if self.before_chips:
            columns = tuple(column for column in columns if column not in NEW_COLUMNS.get(name, ()))
        if self.unpaid and name == "spend":
            columns = tuple(column for column in columns if column not in NEW_SPEND_COLUMNS or column in self.spend)
        return columns


def _shape(root: Path, summary: Mapping[str, Any]) -> _Shape:
    said, spend = summary.get(FORMAT_KEY), _columns(root, "spend")
    return _Shape(
        earlier=is_earlier(said, [path.stem for path in (root / "tables").glob("*.csv")], spend),
        unpaid=lacks_payee(said, spend),
        before_chips=folder_format(summary) <= LAST_FORMAT_WITHOUT_CHIP and "chip" not in _columns(root, "contracts"),
        spend=tuple(spend),
    )


def _check_folder(root: Path) -> None:
    """Refuse what is no folder of a plan."""
    if not root.is_dir():
        raise PlanError(f"{root}: not a plan folder (there is no such folder)")
    if not (root / SUMMARY_FILE).exists() and any(root.glob("*.toml")):
        raise PlanError(
            f"{root}: is the folder of a case, not of a plan; `planner solve {root}` writes one, and says where"
        )
    if not (root / SUMMARY_FILE).exists():
        raise PlanError(f"{root}: not a plan folder ({SUMMARY_FILE} is missing)")


def folder_format(summary: Mapping[str, Any]) -> int:
    """The format that a summary states; the first folders of version 0.1 state none."""
    said = summary.get(FORMAT_KEY)
    return said if isinstance(said, int) and not isinstance(said, bool) else LAST_EARLIER_FORMAT


def _columns(root: Path, name: str) -> list[str]:
    """The columns of a table of a folder, by which earlier formats are known."""
    table = root / "tables" / f"{name}.csv"
    try:
        return read_text(table, MOST_TABLE_BYTES).partition("\n")[0].strip().split(",") if table.exists() else []
    except PlanError:
        return []  # reported with its table


def _table_file(root: Path, name: str) -> Path:
    """Return the file of a table, which may have the name that an earlier version gave it."""
    file, earlier = root / "tables" / f"{name}.csv", earlier_table(name)
    old = root / "tables" / f"{earlier}.csv"
    return old if earlier is not None and old.exists() and not file.exists() else file


def _message(root: Path, faults: Sequence[str]) -> str:
    more = len(faults) - MOST_FAULTS
    lines = [*faults[:MOST_FAULTS], *([f"and {more} more"] if more > 0 else [])]
    if len(lines) == 1:
        return f"{root}: cannot be read as a plan: {lines[0]}"
    return "\n".join([f"{root}: cannot be read as a plan: {len(faults)} faults", *(f"  {line}" for line in lines)])


def read_summary(path: Path) -> dict[str, Any]:
    """Read ``summary.json``: an object of JSON without NaN and without infinite numbers.

    Raises
    ------
    PlanError
        If it is none.
    """

    def refuse(word: str) -> float:
        raise ValueError(f"{word} is not a number of JSON")

    text = read_text(path, MOST_JSON_BYTES)
    try:
        summary = json.loads(text, parse_constant=refuse)
        endless = not _finite(summary)
    except RecursionError:
        raise PlanError(f"{path}: cannot be read as JSON (it is nested too deeply)") from None
    except ValueError as error:
        raise PlanError(f"{path}: cannot be read as JSON ({error})") from None
    if not isinstance(summary, dict):
        raise PlanError(f"{path}: is not a JSON object")
    if endless:
        raise PlanError(f"{path}: holds a number that is too large to be one of a plan")
    return summary


def _finite(value: Any) -> bool:
    if isinstance(value, dict):
        return all(_finite(member) for member in value.values())
    if isinstance(value, list):
        return all(_finite(member) for member in value)
    return not isinstance(value, (int, float)) or isinstance(value, bool) or _is_number(value)


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def _is(kind: str, value: object) -> bool:
    if kind == NUMBER:
        return _is_number(value)
    if kind == NUMBER_OR_NULL:
        return value is None or _is_number(value)
    if kind == NUMBERS:
        return isinstance(value, Mapping) and all(_is_number(member) for member in value.values())
    return isinstance(value, {TEXT: str, YES_NO: bool, OBJECT: Mapping}[kind])


def summary_faults(summary: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a summary lacks, or has as something else."""
    for path, kind in SUMMARY_KEYS.items():
        holder: Any = summary
        for key in path[:-1]:
            holder = holder.get(key)
        if not isinstance(holder, Mapping):
            continue  # reported for the holder
        name = ".".join(path)
        if path[-1] not in holder:
            yield f"{name} is missing"
        elif not _is(kind, holder[path[-1]]):
            yield f"{name} is {_short(holder[path[-1]])}; it must be {kind}"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _read_table(path: Path, name: str, columns: Sequence[str], rows: list[dict[str, Cell]]) -> list[str]:
    """Read the columns of a table into ``rows``; return its faults."""
    place = f"tables/{name}.csv"
    if not path.exists():
        return [f"{place} is missing"]
    try:
        reader = csv.reader(read_text(path, MOST_TABLE_BYTES).splitlines(keepends=True), strict=True)
        header = columns_today(name, next(reader, []))
        wrong = [f"column {column} is missing" for column in columns if column not in header]
        wrong += [f"column {column!r} appears more than once" for column in set(header) if header.count(column) > 1]
        if wrong:
            return [f"{place}: {fault}" for fault in wrong]
        faults = []
        for cells in reader:
            if not cells:
                continue
            if len(cells) != len(header):
                faults.append(f"{place}, row {reader.line_num}: {len(cells)} cells under {len(header)} columns")
                continue
            row = dict(zip(header, cells, strict=True))
            own = {column: row[column] for column in header if column.startswith(OWN)}
            read = {column: _cell(name, column, row[column], faults, reader.line_num) for column in columns}
            rows.append({**read, **own})
        read_own_cells(rows)
    except PlanError as error:
        return [str(error).replace(str(path), place)]
    except csv.Error as error:
        return [f"{place}: cannot be read as CSV ({error})"]
    return faults


def _cell(table: str, name: str, text: str, faults: list[str], line: int) -> Cell:
    """A figure where the column holds figures, else the text: a key may look like a number and stays a key."""
    column = TABLES[table].columns[name]
    wrong = _wrong(column, text)
    if wrong:
        faults.append(f"tables/{table}.csv, row {line}, column {name} ({_short(text)}): {wrong}")
    if not column.is_number or not text:
        return text
    return 0.0 if wrong else float(text)


def _wrong(column: Column, text: str) -> str:
    """What a cell must be and is not; empty where nothing is wrong with it."""
    if column.kind == "date":
        return "" if DATE.fullmatch(text) else "must be a date (YYYY-MM-DD)"
    if not column.is_number or (not text and column.empty):
        return ""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        return "must be a number"
    return "must be a whole number" if column.kind == "whole" and not number.is_integer() else ""


def _period_faults(periods: Periods, tables: Mapping[str, Sequence[Mapping[str, Cell]]]) -> Iterator[str]:
    """Yield the periods of tables that the horizon of the case does not have."""
    for name, rows in tables.items():
        for column, found in TABLES[name].columns.items():
            if found.kind not in PERIOD_KINDS or (rows and column not in rows[0]):
                continue
            last = periods.count if found.kind == "boundary" else periods.count - 1
            cells = {str(row[column]) for row in rows if not (found.empty and row[column] == "")}
            for unknown in sorted(cell for cell in cells if not _is_period(periods, cell, last)):
                yield f"tables/{name}.csv, column {column}: {_short(unknown)} is not a period of the case in inputs"


def _is_period(periods: Periods, cell: str, last: int) -> bool:
    index = periods.find(cell)
    return index is not None and index <= last
