"""A table of a plan, or what a question to it gives, as lines of text: columns, units, rows, totals."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from planner.plan.columns import TABLES
from planner.report.query import Sum, View, labelled, own_schema

if TYPE_CHECKING:
    from planner.inputs.periods import Periods

UNNAMED = "(none)"
"""What stands for an empty cell in a column by which rows are added up."""
TOTAL = "total"


def print_table(console: Console, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Print one table of a plan in full, periods as they are in it."""
    columns = {**TABLES[name].columns, **own_schema(rows)}
    print_view(console, View(name, columns, [{one: row.get(one, "") for one in columns} for row in rows], {}))


def print_view(console: Console, view: View, periods: "Periods | None" = None, by: Sequence[str] = ()) -> None:
    """Print a view, one line per row; lines are never cut, so that they can be piped on.

    Columns whose cells are all empty are left out and named at the end.
    """
    rows = view.rows if periods is None else labelled(view, periods)
    columns = [name for name in view.columns if not rows or any(row[name] != "" for row in rows)]
    units = [view.columns[name].unit for name in columns]
    lines = [columns, *([units] if any(units) else [])]
    lines += [[_cell(row[name], named=name in by) for name in columns] for row in rows]
    totals = _totals(view.totals, columns) if len(rows) > 1 else None
    lines += [totals] if totals else []
    widths = [max(len(cells[index]) for cells in lines) for index in range(len(columns))]
    right = [view.columns[name].is_number or _of_numbers(rows, name) for name in columns]
    for number, cells in enumerate(lines):
        text = "  ".join(
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(cells, widths, right, strict=True)
        )
        strong = number == 0 or (totals is not None and number == len(lines) - 1)
        style = "bold" if strong else "dim" if number == 1 and any(units) else ""
        console.print(Text(text.rstrip(), style=style), soft_wrap=True)
    for note in _notes(view, columns, len(rows)):
        console.print(Text(note, style="dim"), soft_wrap=True)


def _totals(totals: Mapping[str, Sum], columns: Sequence[str]) -> list[str] | None:
    """The last line; None where nothing adds up, or where there is no column for its name."""
    cells = [_cell(totals[name]) if name in totals else "" for name in columns]
    free = next((index for index, name in enumerate(columns) if name not in totals), None)
    if not any(cells) or free is None:
        return None
    cells[free] = TOTAL
    return cells


def _notes(view: View, columns: Sequence[str], rows: int) -> list[str]:
    notes = []
    empty = [name for name in view.columns if name not in columns]
    if empty:
        notes.append(f"columns without any value: {', '.join(empty)}")
    if view.apart:
        hint = "" if "period" in view.columns else "; those of a period add up with --by period"
        hint = hint if any(_adds_in_a_period(view, name) for name in view.apart) else ""
        notes.append(f"not added up: {', '.join(view.apart)}{hint}")
    schema = view.columns
    meanings = {name: schema[name].empty for name in view.unknown if name in columns and not schema[name].empty_adds}
    if meanings:
        named = (f"{name} ({meaning})" if meaning else name for name, meaning in meanings.items())
        notes.append(f"a sum is empty where a cell added up is: {', '.join(named)}")
    if not rows:
        notes.append("no rows")
    return notes


def _adds_in_a_period(view: View, name: str) -> bool:
    """Whether a column adds up over the rows of a period."""
    column = TABLES[view.table].columns.get(name)
    return column is not None and column.adds == "period"


def _of_numbers(rows: Sequence[Mapping[str, Any]], name: str) -> bool:
    return any(isinstance(row[name], (int, float)) for row in rows)


def _cell(value: object, *, named: bool = False) -> str:
    """A cell as text: six significant figures for numbers."""
    if value == "":
        return UNNAMED if named else ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)
