"""Writing the columns that constraint families of the user's own add to the tables of a plan."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from planner.errors import OptionError
from planner.inputs import Inputs
from planner.plan.columns import COLUMNS
from planner.program.family import Cell, Family, PlanColumn, Solution
from planner.program.own import refuse_names
from planner.program.terms import PyomoModel
from planner.symbols import Values


def refuse_families(families: Sequence[Family]) -> None:
    """Refuse names of the planner, and columns of tables that a plan does not have or that two families would write.

    Raises
    ------
    OptionError
        With the name or the column.
    """
    refuse_names(families)
    seen: set[tuple[str, str]] = set()
    for family in families:
        for column in family.columns:
            if column.table not in COLUMNS:
                tables = ", ".join(COLUMNS)
                raise OptionError(
                    f"constraint family {family.name!r}: a plan has no table {column.table!r}; it has {tables}"
                )
            if (column.table, column.name) in seen:
                raise OptionError(
                    f"constraint family {family.name!r}: {column.table} has a column {column.name} already"
                )
            seen.add((column.table, column.name))


def add_own_columns(
    m: PyomoModel,
    inputs: Inputs,
    values: Values,
    tables: Mapping[str, Sequence[dict[str, Any]]],
) -> None:
    """Write the columns of families of the user's own into the tables of a plan.

    Parameters
    ----------
    m : pyomo.environ.ConcreteModel
        Its variables are given their values, so that ``pyomo.environ.value`` works on any expression of them.
    inputs : Inputs
    values : Values
    tables : mapping of str to sequence of dict
        Changed in place.

    Raises
    ------
    OptionError
        If a cell is neither a finite number nor a text.
    """
    families: Sequence[Family] = inputs.case.families
    columns = [column for family in families if family.active(inputs) for column in family.columns]
    if not columns:
        return
    m.form.set_values(values)
    solution = Solution(m, inputs, values)
    for column in columns:
        for row in tables[column.table]:
            row[column.name] = _cell(column, column.value(solution, row))


def _cell(column: PlanColumn, found: Any) -> Cell:
    """A cell as a plan may hold it: a text, or a finite number of Python's own kinds."""
    if isinstance(found, str):
        return found
    try:
        number = float(found)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise OptionError(f"column {column.name} of {column.table}: {found!r} is neither a finite number nor a text")
    return number + 0.0
