"""Names that plans of earlier versions use: their tables and items get the names of today when they are read."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from planner.errors import DeprecatedNameWarning

RENAMED_TABLES = {"programmes": "developments"}
"""Earlier name of a table -> its name today."""
RENAMED_ITEMS = {"programme": "development"}
"""Earlier name of an item of ``spend`` -> its name today."""


def table_today(name: str) -> str:
    """Return today's name of a table of a plan folder."""
    return RENAMED_TABLES.get(name, name)


def earlier_table(name: str) -> str | None:
    """Return the earlier name of a table; None where it had none."""
    return next((earlier for earlier, today in RENAMED_TABLES.items() if today == name), None)


def asked_table(name: str) -> str:
    """Return today's name of a table that a user of Python asks for, with a warning where it is an earlier one."""
    if name in RENAMED_TABLES:
        message = f"the plan table {name} is now called {RENAMED_TABLES[name]}; the earlier name goes with version 0.3"
        warnings.warn(message, DeprecatedNameWarning, stacklevel=3)
    return table_today(name)


def spend_today(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of ``spend`` with their items by today's names."""
    return [
        {**row, "item": RENAMED_ITEMS.get(row["item"], row["item"])} if isinstance(row.get("item"), str) else dict(row)
        for row in rows
    ]
