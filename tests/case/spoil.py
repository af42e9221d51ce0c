"""Ways to break the full case: what a fault is planted with."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from planner.case.case import CaseData
from tests.cases import FAMILIES, full_tables, make_case

Tables = dict[str, list[dict[str, Any]]]
Spoil = Callable[[Tables, dict[str, Any]], object]


def spoilt(spoil: Spoil, **options: Any) -> CaseData:
    """Return the full case after a change to its tables and families, unchecked."""
    tables, families = full_tables(), deepcopy(FAMILIES)
    spoil(tables, families)
    return make_case(tables, families=families, full=True, checked=False, **options)


def rules(families: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the redundancy rules."""
    found: list[dict[str, Any]] = families["redundancy"]["rules"]
    return found


def without_table(name: str) -> Spoil:
    """Return a change that takes a table out."""
    return lambda tables, _families: tables.update({name: None})  # type: ignore[dict-item]


def put(table: str, row: int, **cells: Any) -> Spoil:
    """Return a change of some cells."""
    return lambda tables, _families: tables[table][row].update(cells)


def drop(table: str, keep: Callable[[dict[str, Any]], bool]) -> Spoil:
    """Return a change that takes rows out."""

    def spoil(tables: Tables, families: dict[str, Any]) -> None:
        tables[table] = [row for row in tables[table] if keep(row)]

    return spoil


def only_east(tables: Tables) -> None:
    """Let east alone serve Europe."""
    tables["markets"][1]["residency"] = ("FR",)
