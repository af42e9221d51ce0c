"""The format of a case for editors and readers: JSON Schema of the model file, data dictionary of the tables."""

from inspect import getdoc
from math import inf
from typing import Any

from annotated_types import Ge, Gt, Le, Lt

from planner.case.model import Model
from planner.case.parse import Column, columns_of
from planner.case.row import Row
from planner.case.rows import REQUIRED_TABLES, TABLES

LARGEST = 1e9
"""Upper limit of numbers that have no limit of their own."""

_HEAD = """# Tables of a case

Made from `planner/case/rows.py`. Every table is a CSV file in UTF-8: commas between cells, the first line names the
columns, in any order. Spaces around a value are ignored; blank lines, and rows and columns that hold only commas, as
well. Numbers have a decimal point and no separators (a year may be written `2026.0`, as spreadsheets do), dates are
written `2028-07-01` (midnight after them, `2028-07-01 00:00:00`, is ignored), yes and no are written `yes` and `no`
(or `true` and `false`; upper and lower case do not matter), lists are separated by `;`. A row may end early: the
cells that it lacks are empty. **An empty cell is never zero**: it means "not given", and only columns marked
*optional* may be empty or absent. Texts must not contain control characters other than tabs and line ends, and names
not these either: a name is one line.
A [workbook](workbooks.md) has each table on a sheet of its name.

Keys consist of letters, digits, `_`, `.` and `-`, begin with a letter or digit and have at most 64 characters. Two
keys of a table, and two vendors of chips, never differ by upper and lower case alone.

Beside any column `X` that holds a number (and is no key) there may be the columns `X_low` and `X_high`: the range of
the figure, `X_low <= X <= X_high`, both given or both empty. Plans use `X`; what-ifs and `planner tornado` use the
range.

Any table may have columns of your own, whose names begin with `x_` (`x_owner`, `x_checked_on`): they are kept with
the case, and in the `inputs/` of its plans, and are not used by the planner.

Every table may have the columns of the last section, which describe the sources of its figures. The grade of a row is
that of its figures; where single columns are known better or worse, the cell says so: `B; term_years=D; lead_months=D`
(a price seen in the press, whose term and lead time are assumed). A column graded by itself is no key and must hold a
value; its range has the same grade. `planner check` counts the rows by the weakest grade of their figures, `planner
tornado` shows the weakest grade of the figures that it moves, and moves those of one grade with `--grade`.
"""


def model_json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a model file, for editors."""
    schema = Model.model_json_schema(mode="validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def data_dictionary() -> str:
    """Return, as Markdown, every table of a case with its columns, units and meanings."""
    parts = [_HEAD, *(_table_section(table) for table in TABLES)]
    own = columns_of("sites")
    rows = [_column_line(Row, own[name], "sites") for name in Row.model_fields]
    parts.append("\n".join(["## Columns of every table", "", *_COLUMNS_HEAD, *rows, ""]))
    return "\n".join(parts)


_COLUMNS_HEAD = ["| column | holds | meaning |", "|---|---|---|"]


def _table_section(table: str) -> str:
    row_type = TABLES[table]
    use = "required" if table in REQUIRED_TABLES else "optional"
    key = ", ".join(f"`{name}`" for name in row_type.KEY)
    columns = columns_of(table)
    lines = [_column_line(row_type, column, table) for name, column in columns.items() if name not in Row.model_fields]
    text = " ".join((getdoc(row_type) or "").split())
    return "\n".join([f"## {table}", "", f"{text} ({use}; key: {key})", "", *_COLUMNS_HEAD, *lines, ""])


def _column_line(row_type: type[Row], column: Column, table: str) -> str:
    meaning = " ".join((row_type.model_fields[column.name].description or "").replace("``", "`").split())
    holds = column.kind if not column.choices else " or ".join(f"`{choice}`" for choice in column.choices)
    limits = allowed_range(table, column.name)
    optional = ", *optional*" if column.optional else ""
    return f"| `{column.name}` | {holds}{limits}{optional} | {meaning} |".replace("\\|", "|")


def allowed_range(table: str, column: str) -> str:
    """Return the limits of a column of numbers as text, such as `` 0 to 1``; empty when it has none."""
    bounds = _bounds(table, column)
    if not bounds:
        return ""
    low = f"{bounds['ge']:g}" if "ge" in bounds else f"above {bounds['gt']:g}"
    if bounds.get("le") == LARGEST:  # a guard against slips, not a limit of the matter
        return f", at least {low}" if "ge" in bounds else f", {low}"
    high = f"{bounds['le']:g}" if "le" in bounds else f"below {bounds['lt']:g}"
    return f", {low} to {high}"


def limits_of(table: str, column: str) -> tuple[float, float]:
    """Return the limits of a column of numbers, which a figure may reach or only come near; infinite: none."""
    bounds = _bounds(table, column)
    low, high = (bounds.get("ge", bounds.get("gt", -inf)), bounds.get("le", bounds.get("lt", inf)))
    return float(low), float(high)


def _bounds(table: str, column: str) -> dict[str, Any]:
    """Return the limits of a column by kind: ``ge``, ``gt``, ``le``, ``lt``."""
    kinds = ((Ge, "ge"), (Gt, "gt"), (Le, "le"), (Lt, "lt"))
    items = _metadata(TABLES[table].model_fields[column])
    return {name: getattr(item, name) for item in items for kind, name in kinds if isinstance(item, kind)}


def _metadata(field: Any) -> list[Any]:
    """Return the limits of a field, also where they stand inside ``... | None``."""
    found = list(field.metadata)
    pending = [field.annotation]
    while pending:
        annotation = pending.pop()
        found += getattr(annotation, "__metadata__", ())
        pending += [part for part in getattr(annotation, "__args__", ()) if not isinstance(part, str)]
    return [part for item in found for part in (item.metadata if hasattr(item, "metadata") else [item])]
