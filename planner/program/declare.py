"""Declaring variables and constraints of a program by their records, whatever holds it."""

from collections.abc import Callable, Iterable
from typing import Any

from planner.errors import PlannerError
from planner.program.symbols import symbols_of
from planner.program.terms import Domain, Expr, Program, Sum, Var
from planner.symbols import Constraint, Key, Values, Variable

__all__ = [
    "add_column",
    "add_constraint",
    "add_empty",
    "add_further_row",
    "add_row",
    "add_variable",
    "evaluator",
    "symbols_of",
]


def add_variable(m: Program, variable: Variable[Key], keys: Iterable[Key] | None = None, **options: Any) -> Var:
    """Declare a variable of the program.

    Parameters
    ----------
    m : ListedProgram or pyomo.environ.ConcreteModel
    variable : Variable
        Its record.
    keys : iterable or None
        The key of each column; without it there is one column, whose key is None.
    **options
        ``domain``: a `Domain`, in a program in Pyomo also one of ``pyomo.environ``; without it any number. ``bounds``:
        the lower and the upper, None where there is none. Each may be a function of the program and the parts of a
        key. A program in Pyomo takes all that ``pyomo.environ.Var`` takes.

    Returns
    -------
    mapping or pyomo.environ.Var
        What gives the variable of each key; without keys, the variable.

    Raises
    ------
    PlannerError
        If the program has a variable of that name already.
    """
    _refuse_twice(m, variable.component, variable.family)
    m.symbols.variables[variable.component] = variable
    m.form.add_columns(variable, keys, **options)
    return variable.of(m)


def add_constraint(
    m: Program, constraint: Constraint[Key], keys: Iterable[Key] | None = None
) -> Callable[[Callable[..., Expr]], Callable[..., Expr]]:
    """Declare a constraint of the program, as a decorator of the function that gives its rows.

    Parameters
    ----------
    m : ListedProgram or pyomo.environ.ConcreteModel
    constraint : Constraint
        Its record.
    keys : iterable or None
        The key of each row; without it there is one row, whose key is None.

    Returns
    -------
    callable
        Takes a function of the program and the parts of a key that returns the relation of a `Sum` (``at_most``,
        ``at_least``, ``equals``) or `NO_ROW`; in a program in Pyomo also a relation of Pyomo, or
        ``pyomo.environ.Constraint.Skip``.

    Raises
    ------
    PlannerError
        If the program has a constraint of that name already.
    """

    def declare(rule: Callable[..., Expr]) -> Callable[..., Expr]:
        _refuse_twice(m, constraint.component, constraint.family)
        m.symbols.constraints[constraint.component] = constraint
        m.form.add_rows(constraint, keys, rule)
        return rule

    return declare


def add_row(m: Program, constraint: Constraint[None], relation: Expr) -> None:
    """Declare a constraint of a single row, whose key is None; see `add_constraint`."""
    add_constraint(m, constraint)(lambda _m: relation)


def add_empty(m: Program, record: Variable[Any] | Constraint[Any], domain: Domain = Domain.REALS) -> None:
    """Declare a variable or constraint to which columns or rows are added later (`add_column`, `add_further_row`)."""
    _refuse_twice(m, record.component, record.family)
    if isinstance(record, Variable):
        m.symbols.variables[record.component] = record
    else:
        m.symbols.constraints[record.component] = record
    m.form.add_empty(record, domain)


def add_column(m: Program, variable: Variable[int]) -> int:
    """Add a column to a variable that was declared empty and return its key: 1, 2, 3, ..."""
    key: int = m.form.more_column(variable)
    return key


def add_further_row(m: Program, constraint: Constraint[Any], index: object, relation: Expr) -> None:
    """Add a row to a constraint that was declared empty."""
    m.form.more_row(constraint, index, relation)


def evaluator(m: Program, values: Values) -> Callable[[Sum], float]:
    """What sums of the program's variables come to at a point, such as those of the ledger."""
    evaluate: Callable[[Sum], float] = m.form.evaluator(values)
    return evaluate


def _refuse_twice(m: Program, component: str, family: str) -> None:
    if m.form.has(component):
        raise PlannerError(f"constraint family {family!r} declares {component}, which the program has already")
