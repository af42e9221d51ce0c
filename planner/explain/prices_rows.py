"""The rows of a plan's program by what they limit, and how open what they belong to is."""

from collections.abc import Mapping
from typing import Any

from planner.explain.why_program import PlanProgram
from planner.symbols import ColumnIndex, Constraint, Variable


class Rows:
    """The rows of a program by constraint and key, and how open what they belong to is."""

    def __init__(self, program: PlanProgram) -> None:
        self.inputs, self.start = program.inputs, program.start
        self.column = ColumnIndex(program.mip.arrays.columns)
        self._place = {(row.constraint.name, row.key): place for place, row in enumerate(program.mip.arrays.rows)}

    def of(self, constraint: Constraint[Any], key: object) -> int | None:
        """The place of a row; None where the program has none."""
        return self._place.get((constraint.name, key))

    def switched(
        self, constraint: Constraint[Any], keys: Mapping[Any, float], variable: Variable[Any]
    ) -> tuple[dict[int, float], dict[int, tuple[int, float]]]:
        """The rows of a limit that a decision multiplies, and the column and amount of that decision."""
        rows: dict[int, float] = {}
        opened: dict[int, tuple[int, float]] = {}
        for key, amount in keys.items():
            place = self.of(constraint, key)
            if place is None:
                continue
            column = self.column[variable].get(key)
            rows[place] = amount if column is None else amount * round(float(self.start[column]))
            if column is not None:
                opened[place] = column, amount
        return rows, opened
