"""Changes to a case by name: ``offers[abilene].max_blocks=12``, ``model.families.power.utilisation=0.8``.

``table[key].column=value`` changes a cell; the parts of a composite key are separated by commas
(``demand[europe,inference,2030].compute=120``). An empty value means "not given". ``X_low`` and ``X_high`` change
the range of ``X``; a range that no longer holds a changed figure, and is not changed with it, is dropped.

``model.key.key=value`` changes the model; the value is written as in TOML, and what is no TOML value is a text.
Members of a list are taken by index or by their name (``rules[0]``, ``rules[any one site]``). An empty value takes
the key or section out (``model.families.redundancy=``); a key of an absent section adds the section.
"""

import re
import tomllib
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from planner.case.case import CaseData, key_text, simple_key
from planner.case.check import check_case
from planner.case.messages import listed, nearest, shorten, unknown
from planner.case.modelfile import known_keys, path_text, validate_model
from planner.case.parse import CellError, columns_of, range_columns
from planner.case.renamed import current_column
from planner.case.rows import TABLES, Row
from planner.case.table import row_ranges
from planner.errors import CaseError, Problem

FILE = "--set"
_TABLE = re.compile(r"(?P<table>[^\[\]=.\s]+)\[(?P<key>[^\]]*)\]\.(?P<column>[^\[\]=.\s]+)\s*=(?P<value>.*)", re.DOTALL)
_MODEL = re.compile(r"model\.(?P<path>(?:[^\[\]=]|\[[^\]]*\])+)=(?P<value>.*)", re.DOTALL)
_STEP = re.compile(r"\.(?P<name>[^\[\].\s]+)|\[(?P<member>[^\]]*)\]")


class ChangeError(ValueError):
    """A change cannot be made; the text says why."""


@dataclass(slots=True)
class _Draft:
    """A case being changed: what was changed so far, and by which text."""

    case: CaseData
    model: dict[str, Any]
    cells: dict[str, dict[Hashable, dict[str, Any]]] = field(default_factory=dict)
    places: list[tuple[tuple[str | int, ...], str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def report(self, text: str, message: str) -> None:
        self.problems.append(Problem(file=FILE, message=message, value=text))


def apply_changes(case: CaseData, changes: Sequence[str]) -> CaseData:
    """Return the case with the changes made, in their order, and checked again as a whole.

    Raises
    ------
    CaseError
        With every change that cannot be made, or else with everything that is wrong with the changed case.
    """
    draft = _Draft(case, case.model.model_dump(mode="json", exclude_none=True))
    for text in changes:
        try:
            _apply(draft, text)
        except ChangeError as error:
            draft.report(text, str(error))
    changed = _finish(draft)
    if draft.problems or changed is None:
        raise CaseError(case.origin, draft.problems)
    problems = check_case(changed)
    if problems:
        raise CaseError(case.origin, problems)
    return changed


def _apply(draft: _Draft, text: str) -> None:
    cell, key = _TABLE.fullmatch(text), _MODEL.fullmatch(text)
    if key is not None:
        _change_model(draft, text, key["path"].strip(), key["value"].strip())
    elif cell is not None:
        _change_cell(draft, cell["table"], cell["key"], cell["column"], cell["value"])
    else:
        raise ChangeError("must be written table[key].column=value or model.key=value")


def _change_cell(draft: _Draft, table: str, key: str, column: str, value: str) -> None:
    if table not in TABLES:
        raise ChangeError(unknown("table", table, [*TABLES, "model"]))
    if table not in draft.case.present:
        raise ChangeError(f"the case has no table {table}")
    wanted = ",".join(part.strip() for part in key.split(","))
    keys = {key_text(known): known for known in draft.case.index(table)}
    if wanted not in keys:
        form = ",".join(TABLES[table].KEY)
        raise ChangeError(
            f"table {table} has no row [{shorten(key)}]{nearest(wanted, keys)} (rows are named by {form})"
        )
    columns, companions = columns_of(table), range_columns(table)
    column = current_column(table, column, FILE)
    if column not in columns and column not in companions:
        names = [name for name in columns if name not in TABLES[table].KEY]
        raise ChangeError(
            f"table {table} has no column {column!r}{nearest(column, names)} (it has: {listed(names, 40)})"
        )
    if column in TABLES[table].KEY:
        raise ChangeError(f"{column} is part of the key of {table} and cannot be changed")
    try:
        if column in companions:
            parsed = columns[companions[column][0]].read(value) if value.strip() else None
        else:
            parsed = columns[column].read(value)
    except CellError as error:
        raise ChangeError(str(error)) from None
    draft.cells.setdefault(table, {}).setdefault(keys[wanted], {})[column] = parsed


def _steps(path: str) -> list[str | int]:
    """Return the steps of a dotted path; a step in brackets is marked by a leading ``[``."""
    steps: list[str | int] = []
    position, path = 0, f".{path}"
    while position < len(path):
        step = _STEP.match(path, position)
        if step is None:
            raise ChangeError("must be written model.key.key=value, members of lists as [0] or [name]")
        steps.append(step["name"] if step["name"] is not None else "[" + step["member"].strip())
        position = step.end()
    return steps


def _change_model(draft: _Draft, text: str, path: str, value: str) -> None:
    steps = _steps(path)
    if steps[0] == "tables":
        raise ChangeError("the tables are already read; change their cells, or the model file")
    node: Any = draft.model
    place: list[str | int] = []
    for number, step in enumerate(steps):
        last = number == len(steps) - 1
        step = _member(node, str(step), place)
        if isinstance(node, dict) and not _takes_any_key(place) and step not in known_keys(place):
            known = known_keys(place)
            where = f"model.{path_text(place)}" if place else "the model"
            raise ChangeError(f"{where} has no key {step!r}{nearest(str(step), known)} (it has: {listed(known, 40)})")
        if last:
            _set(node, step, value)
        else:
            node = node.setdefault(step, {}) if isinstance(node, dict) else node[step]
        place.append(step)
    draft.places.append((tuple(place), text))


def _takes_any_key(place: Sequence[str | int]) -> bool:
    """Whether a place holds values by workload rather than the keys of a section."""
    return bool(place) and place[-1] == "critical_share"


def _member(node: Any, step: str, place: Sequence[str | int]) -> str | int:
    """Return the key or the index that a step means at a node of the model."""
    where = f"model.{path_text(place)}" if place else "model"
    if not step.startswith("["):
        if not isinstance(node, dict):
            what = "a list: take a member as [0] or [name]" if isinstance(node, list) else "a value, not a section"
            raise ChangeError(f"{where} is {what}")
        return step
    name = step[1:]
    if not isinstance(node, list):
        raise ChangeError(f"{where} is not a list")
    if re.fullmatch(r"[0-9]{1,6}", name) and int(name) < len(node):
        return int(name)
    names = [str(member["name"]) for member in node if isinstance(member, dict) and "name" in member]
    if name not in names:
        raise ChangeError(f"{where} has no member [{shorten(name)}]{nearest(name, names)} (it has {len(node)} members)")
    return next(index for index, member in enumerate(node) if isinstance(member, dict) and member.get("name") == name)


def _set(node: Any, step: str | int, value: str) -> None:
    if value:
        node[step] = toml_value(value)
    elif isinstance(node, dict):
        node.pop(step, None)
    else:
        del node[step]


def toml_value(text: str) -> Any:
    """Return a value written as in TOML; what is no TOML value is a text."""
    try:
        parsed = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    return parsed["value"] if set(parsed) == {"value"} else text


def _finish(draft: _Draft) -> CaseData | None:
    """Return the changed case; None when the model or a range is wrong."""
    tables, ranges = _changed_tables(draft)
    model, faults = validate_model(draft.model)
    for place, message, value in faults:
        text = _cause(draft, place)
        shown = "" if value is None else f" ({value!r})"
        draft.report(text, f"model.{path_text(place)}{shown}: {message}")
    if model is None:
        return None
    return draft.case.replace(model=model, tables=tables, ranges=ranges)


def _cause(draft: _Draft, place: tuple[str | int, ...]) -> str:
    """Return the last change at, above or below a place of the model."""
    for changed, text in reversed(draft.places):
        length = min(len(changed), len(place))
        if changed[:length] == place[:length]:
            return text
    return draft.places[-1][1] if draft.places else ""


def _changed_tables(draft: _Draft) -> tuple[dict[str, tuple[Row, ...] | None], dict[str, Any]]:
    """Return the changed tables and all ranges."""
    tables: dict[str, tuple[Row, ...] | None] = {}
    ranges: dict[str, dict[Hashable, Mapping[str, tuple[float, float]]]] = {
        table: dict(by_key) for table, by_key in draft.case.ranges.items()
    }
    for table, by_key in draft.cells.items():
        rows = []
        for row in draft.case.tables[table]:
            key = simple_key(row)
            if key in by_key:
                row, pairs = _changed_row(draft, table, row, by_key[key])
                ranges.setdefault(table, {})[key] = pairs
            rows.append(row)
        tables[table] = tuple(rows)
    kept = {table: {key: pairs for key, pairs in by_key.items() if pairs} for table, by_key in ranges.items()}
    return tables, {table: by_key for table, by_key in kept.items() if by_key}


def _changed_row(
    draft: _Draft, table: str, row: Row, cells: Mapping[str, Any]
) -> tuple[Row, Mapping[str, tuple[float, float]]]:
    """Return a row and its ranges after the changes to its cells."""
    key = simple_key(row)
    companions = range_columns(table)
    values = {name: value for name, value in cells.items() if name not in companions}
    changed = row.model_copy(update=values)
    ends: dict[str, float | None] = {}
    for column, (low, high) in draft.case.ranges.get(table, {}).get(key, {}).items():
        figure = getattr(changed, column)
        if column not in values or (figure is not None and low <= figure <= high):
            ends |= {f"{column}_low": low, f"{column}_high": high}
    ends |= {name: value for name, value in cells.items() if name in companions}
    found = row_ranges(table, {column: getattr(changed, column) for column in columns_of(table)}, ends)
    for column, message in found.faults.items():
        draft.report(f"{table}[{key_text(key)}].{column}", message)
    return changed, found.ranges
