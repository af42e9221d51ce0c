"""Declaring variables and constraints of a program by their records, and finding the record of what was declared."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyomo.core as pyo

from planner.errors import PlannerError
from planner.program.terms import Expr, PyomoModel, Sum, Var
from planner.symbols import Column, Constraint, Key, Row, Values, Variable, entries_of


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


def symbols_of(m: PyomoModel) -> Symbols:
    """The records of a program; none of one that was not built by `planner.program.build_program`."""
    return getattr(m, "symbols", None) or Symbols()


def add_variable(m: PyomoModel, variable: Variable[Key], keys: Iterable[Key] | None = None, **options: Any) -> Var:
    """Declare a variable of the program.

    Parameters
    ----------
    m : pyomo.environ.ConcreteModel
    variable : Variable
        Its record.
    keys : iterable or None
        The key of each column; without it there is one column, whose key is None.
    **options
        Of ``pyomo.environ.Var``: ``domain``, ``bounds``.

    Returns
    -------
    pyomo.environ.Var

    Raises
    ------
    PlannerError
        If the program has a variable of that name already.
    """
    _refuse_twice(m, variable.component, variable.family)
    m.symbols.variables[variable.component] = variable
    m.add_component(variable.component, pyo.Var(**options) if keys is None else pyo.Var(keys, **options))
    return variable.of(m)


def add_constraint(
    m: PyomoModel, constraint: Constraint[Key], keys: Iterable[Key] | None = None
) -> Callable[[Callable[..., Expr]], Callable[..., Expr]]:
    """Declare a constraint of the program, as a decorator of the function that gives its rows.

    Parameters
    ----------
    m : pyomo.environ.ConcreteModel
    constraint : Constraint
        Its record.
    keys : iterable or None
        The key of each row; without it there is one row, whose key is None.

    Returns
    -------
    callable
        Takes a function of the model and the parts of a key that returns a relation: one of Pyomo, that of a `Sum`
        (``at_most``, ``at_least``, ``equals``), or ``pyomo.environ.Constraint.Skip``.

    Raises
    ------
    PlannerError
        If the program has a constraint of that name already.
    """

    def declare(rule: Callable[..., Expr]) -> Callable[..., Expr]:
        _refuse_twice(m, constraint.component, constraint.family)
        m.symbols.constraints[constraint.component] = constraint
        rows = pyo.Constraint(rule=rule) if keys is None else pyo.Constraint(keys, rule=rule)
        m.add_component(constraint.component, rows)
        return rule

    return declare


def add_row(m: PyomoModel, constraint: Constraint[None], relation: Expr) -> None:
    """Declare a constraint of a single row, whose key is None; see `add_constraint`."""
    _refuse_twice(m, constraint.component, constraint.family)
    m.symbols.constraints[constraint.component] = constraint
    m.add_component(constraint.component, pyo.Constraint(expr=relation))


def add_empty(m: PyomoModel, record: Variable[Any] | Constraint[Any], component: Any) -> None:
    """Declare a variable or constraint to which columns or rows are added later (``pyomo.environ.VarList``)."""
    _refuse_twice(m, record.component, record.family)
    if isinstance(record, Variable):
        m.symbols.variables[record.component] = record
    else:
        m.symbols.constraints[record.component] = record
    m.add_component(record.component, component)


def evaluator(m: PyomoModel, values: Values) -> Callable[[Sum], float]:
    """What sums of the program's variables come to at a point, such as those of the ledger."""
    symbols = symbols_of(m)
    of = {id(component): values[symbols.variable(component)] for component in m.component_objects(pyo.Var)}

    known: dict[int, float] = {}  # most variables stand in several sums, and Pyomo is slow to say which one each is

    def at(variable: Any) -> float:
        found = known.get(id(variable))
        if found is None:
            found = known[id(variable)] = of[id(variable.parent_component())][variable.index()]
        return found

    def value(total: Sum) -> float:
        pairs = zip(total.coefficients, total.variables, strict=True)
        return total.constant + sum(c * at(v) for c, v in pairs)

    return value


def _refuse_twice(m: PyomoModel, component: str, family: str) -> None:
    if m.component(component) is not None:
        raise PlannerError(f"constraint family {family!r} declares {component}, which the program has already")
