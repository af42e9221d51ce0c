"""Linear sums and relations: collected as plain lists, whatever holds the program."""

from enum import Enum
from typing import Any, NamedTuple

PyomoModel = Any
"""A ``pyomo.environ.ConcreteModel``; Pyomo ships no types."""
Program = Any
"""A program under construction: a `planner.program.listed.ListedProgram` or a `PyomoModel`."""
Var = Any
"""A variable of a program: a Pyomo variable, or the number of the column in a program of lists."""
Expr = Any
"""A relation, a Pyomo expression or a relation of Pyomo."""


class Domain(Enum):
    """Values that a variable may take, within its bounds."""

    REALS = "Reals"
    NON_NEGATIVE = "NonNegativeReals"
    COUNTS = "NonNegativeIntegers"
    BINARY = "Binary"


class Sum:
    """A growing linear sum ``constant + sum(coefficient x variable)``.

    Examples
    --------
    >>> total = Sum(1.0)
    >>> total.is_constant
    True
    """

    __slots__ = ("coefficients", "constant", "variables")

    def __init__(self, constant: float = 0.0) -> None:
        self.constant = constant
        self.coefficients: list[float] = []
        self.variables: list[Var] = []

    def add(self, coefficient: float, variable: Var) -> "Sum":
        """Add a term; a coefficient of zero adds nothing."""
        if coefficient:
            self.coefficients.append(coefficient)
            self.variables.append(variable)
        return self

    def add_sum(self, factor: float, other: "Sum") -> "Sum":
        """Add ``factor`` times another sum."""
        self.constant += factor * other.constant
        self.coefficients.extend([factor * c for c in other.coefficients])
        self.variables.extend(other.variables)
        return self

    @property
    def is_constant(self) -> bool:
        """Whether no variable takes part."""
        return not self.variables

    def expression(self) -> Expr:
        """The sum as a Pyomo expression."""
        return self._in_pyomo(self.constant)

    def at_most(self, limit: float) -> Expr:
        """The relation ``sum <= limit``, the constant moved to the right."""
        return self._between(None, limit - self.constant)

    def at_least(self, need: float) -> Expr:
        """The relation ``sum >= need``, the constant moved to the right."""
        return self._between(need - self.constant, None)

    def equals(self, value: float) -> Expr:
        """The relation ``sum == value``, the constant moved to the right."""
        return self._between(value - self.constant, value - self.constant)

    def _between(self, lower: float | None, upper: float | None) -> Expr:
        """A `Relation`; of variables of Pyomo what Pyomo takes for one."""
        if self.variables and not isinstance(self.variables[0], int):
            return lower, self._in_pyomo(0.0), upper
        return Relation(lower, self, upper)

    def _in_pyomo(self, constant: float) -> Expr:
        from pyomo.core.expr.numeric_expr import LinearExpression

        return LinearExpression(constant=constant, linear_coefs=self.coefficients, linear_vars=self.variables)


class Relation(NamedTuple):
    """A row ``lower <= terms of a sum <= upper``, without the constant of the sum, which the two sides contain.

    Attributes
    ----------
    lower : float or None
        None: no limit.
    terms : Sum
    upper : float or None
    """

    lower: float | None
    terms: Sum
    upper: float | None


NO_ROW = Relation(None, Sum(), None)
"""What a rule returns for a key that has no row."""
