"""The records of what a program declares, by the names of its components."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from planner.program.terms import Program, Var
from planner.symbols import Column, Constraint, Row, Variable, entries_of


@dataclass(slots=True)
class Symbols:
    """The records of a program, by the names of their Pyomo components.

    Attributes
    ----------
    variables : mapping of str to Variable
    constraints : mapping of str to Constraint
    row_keys : mapping of str to mapping
        For constraints whose Pyomo index is a readable text: the key of each index.
    """

    variables: dict[str, Variable[Any]] = field(default_factory=dict)
    constraints: dict[str, Constraint[Any]] = field(default_factory=dict)
    row_keys: dict[str, dict[object, object]] = field(default_factory=dict)

    def variable(self, component: Any) -> Variable[Any]:
        """The record of a Pyomo variable; one that was added without a record gets one with nothing but its name."""
        name = component.name
        return self.variables.get(name) or Variable.called(name)

    def constraint(self, component: Any) -> Constraint[Any]:
        """The record of a Pyomo constraint, as `variable` does."""
        name = component.name
        return self.constraints.get(name) or Constraint(name.removeprefix("c_"))

    def columns(self, variables: Iterable[Var]) -> tuple[Column, ...]:
        """The column of each variable of a compiled program."""
        records: dict[int, Variable[Any]] = {}
        found = []
        for variable in variables:
            component = variable.parent_component()
            record = records.get(id(component))
            if record is None:
                record = records[id(component)] = self.variable(component)
            found.append((record, variable.index()))
        return entries_of(Column, found)

    def rows(self, constraints: Iterable[Any]) -> tuple[Row, ...]:
        """The row of each constraint of a compiled program."""
        records: dict[int, tuple[Constraint[Any], Mapping[object, object]]] = {}
        found = []
        for constraint in constraints:
            component = constraint.parent_component()
            record = records.get(id(component))
            if record is None:
                record = self.constraint(component), self.row_keys.get(component.name, {})
                records[id(component)] = record
            index = constraint.index()
            found.append((record[0], record[1].get(index, index) if record[1] else index))
        return entries_of(Row, found)


def symbols_of(m: Program) -> Symbols:
    """The records of a program; none of one that was not built by `planner.program`."""
    return getattr(m, "symbols", None) or Symbols()
