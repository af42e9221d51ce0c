"""A program held as plain lists: a column is a number, a row a relation; quick to declare and compile.

Every case that brings no families of its own is solved from it. Families written in Pyomo and LP files need a program
in Pyomo (`planner.program.in_pyomo`). Both are declared by the same families, and compile to the same arrays.
"""

from collections.abc import Callable, Iterable
from operator import mul
from typing import Any

from planner.program.ledger import Ledger
from planner.program.symbols import Symbols
from planner.program.terms import Domain, Relation, Sum
from planner.symbols import Constraint, Values, Variable

Bounds = tuple[float | None, float | None]
INFINITY = float("inf")
LOWEST = {Domain.REALS: -INFINITY, Domain.NON_NEGATIVE: 0.0, Domain.COUNTS: 0.0, Domain.BINARY: 0.0}
HIGHEST = {Domain.REALS: INFINITY, Domain.NON_NEGATIVE: INFINITY, Domain.COUNTS: INFINITY, Domain.BINARY: 1.0}
WHOLE = (Domain.COUNTS, Domain.BINARY)


class ListedProgram:
    """A program as lists; families put further attributes on it, as they do on a Pyomo model.

    A variable is an attribute named as its record's component: the number of its column by key, or of its only column.
    So is a constraint: its relation by index.

    Attributes
    ----------
    ledger : Ledger
    symbols : Symbols
    form : ListedProgram
        What declares columns and rows: itself.
    columns : list of (Variable, key)
    lower, upper : list of float
        Bounds of each column.
    whole : list of bool
        Whether it is declared integer.
    objective : Sum
        To be minimised.
    """

    def __init__(self) -> None:
        self.ledger, self.symbols = Ledger(), Symbols()
        self.columns: list[tuple[Variable[Any], object]] = []
        self.lower: list[float] = []
        self.upper: list[float] = []
        self.whole: list[bool] = []
        self.objective = Sum()
        self._growing: dict[str, Domain] = {}

    @property
    def form(self) -> "ListedProgram":
        """What declares columns and rows."""
        return self

    @property
    def rows(self) -> list[tuple[Constraint[Any], object, Relation]]:
        """The constraint, the index and the relation of each row, by constraint in the order of declaration.

        Rows of one constraint stand in the order of its keys, or sorted by index where they were added later.
        """
        found: list[tuple[Constraint[Any], object, Relation]] = []
        for name, record in self.symbols.constraints.items():
            rows: dict[Any, Relation] = record.of(self)
            indices = sorted(rows) if name in self._growing else rows
            found.extend((record, index, rows[index]) for index in indices)
        return found

    def has(self, component: str) -> bool:
        """Whether a variable or constraint is called so."""
        return component in self.symbols.variables or component in self.symbols.constraints

    def add_columns(
        self, variable: Variable[Any], keys: Iterable[Any] | None, domain: Any = Domain.REALS, bounds: Any = None
    ) -> None:
        """Declare the columns of a variable; domain and bounds may be functions of program and parts of a key."""
        if keys is None:
            setattr(self, variable.component, self._column(variable, None, domain, bounds))
            return
        place: dict[object, int] = {}
        setattr(self, variable.component, place)
        for key in dict.fromkeys(keys):
            parts = key if isinstance(key, tuple) else (key,)
            of_key = domain if isinstance(domain, Domain) else domain(self, *parts)
            limits = bounds(self, *parts) if callable(bounds) else bounds
            place[key] = self._column(variable, key, of_key, limits)

    def _column(self, variable: Variable[Any], key: object, domain: Domain, bounds: Bounds | None) -> int:
        low, up = bounds or (None, None)
        self.columns.append((variable, key))
        self.lower.append(LOWEST[domain] if low is None else max(float(low), LOWEST[domain]))
        self.upper.append(HIGHEST[domain] if up is None else min(float(up), HIGHEST[domain]))
        self.whole.append(domain in WHOLE)
        return len(self.columns) - 1

    def add_rows(self, constraint: Constraint[Any], keys: Iterable[Any] | None, rule: Callable[..., Relation]) -> None:
        """Declare the rows of a constraint by a function of the program and the parts of a key."""
        place: dict[object, Relation] = {}
        setattr(self, constraint.component, place)
        if keys is None:
            place[None] = rule(self)
        else:
            for key in dict.fromkeys(keys):
                place[key] = rule(self, *key) if isinstance(key, tuple) else rule(self, key)

    def add_empty(self, record: Variable[Any] | Constraint[Any], domain: Domain) -> None:
        """Declare a variable or constraint to which columns or rows are added later."""
        setattr(self, record.component, {})
        self._growing[record.component] = domain

    def more_column(self, variable: Variable[Any]) -> int:
        """Add a column to a variable that was declared empty and return its key: 1, 2, 3, ..."""
        place = variable.of(self)
        key = len(place) + 1
        place[key] = self._column(variable, key, self._growing[variable.component], None)
        return key

    def more_row(self, constraint: Constraint[Any], index: object, relation: Relation) -> None:
        """Add a row to a constraint that was declared empty."""
        constraint.of(self)[index] = relation

    def set_objective(self, cost: Sum) -> None:
        """Minimise a sum, in place of what was minimised before."""
        self.objective = cost

    def evaluator(self, values: Values) -> Callable[[Sum], float]:
        """What sums of the columns come to at a point; KeyError for a column that has no value there."""
        x: dict[int, float] = {}
        for record in self.symbols.variables.values():
            found, place = values[record], record.of(self)
            numbers = {None: place} if isinstance(place, int) else place
            x.update((number, found[key]) for key, number in numbers.items() if key in found)
        at = x.__getitem__

        def value(total: Sum) -> float:
            return float(total.constant + sum(map(mul, total.coefficients, map(at, total.variables))))

        return value
