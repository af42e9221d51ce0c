"""How a check names the place of a fault."""

from planner.case.case import CaseData, key_text, simple_key
from planner.case.messages import shorten
from planner.case.row import Row
from planner.case.table import MODEL_VALUE, cell_of
from planner.case.write import cell_text
from planner.errors import Problem


def at_row(case: CaseData, table: str, row: Row, column: str | None, message: str, kind: str = "") -> Problem:
    """Return a problem of one row: its file, line and value, and its key if the line is not known."""
    key = simple_key(row)
    line = case.lines.get(table, {}).get(key)
    where = "" if line is not None and column in row.KEY else f"{table}[{key_text(key)}]: "
    value = None if column is None else shorten(cell_text(getattr(row, column)))
    file, cell = case.files.get(table, table), cell_of(case.letters.get(table, {}), line, column)
    return Problem(file=file, message=where + message, row=line, column=column, value=value, kind=kind, cell=cell)


def at_table(case: CaseData, table: str, message: str, column: str | None = None, kind: str = "") -> Problem:
    """Return a problem of a whole table."""
    return Problem(file=case.files.get(table, table), message=message, column=column, kind=kind)


def at_model(case: CaseData, path: str, message: str, value: object = None) -> Problem:
    """Return a problem of a key of the model, such as ``families.budget.basis``."""
    lines = case.lines.get("model", {})
    part = path
    while part and part not in lines:
        part = part.rpartition(".")[0]
    shown = None if value is None else shorten(value)
    file, row = case.files.get("model", "model"), lines.get(part)
    cell = cell_of(case.letters.get("model", {}), row, MODEL_VALUE)
    return Problem(file=file, message=message, row=row, column=path, value=shown, cell=cell)
