"""Linear sums: collected as plain lists, turned into Pyomo expressions once."""

from typing import Any

from pyomo.core.expr.numeric_expr import LinearExpression

PyomoModel = Any
"""A ``pyomo.environ.ConcreteModel``; Pyomo ships no types."""
Var = Any
"""A Pyomo variable."""
Expr = Any
"""A Pyomo expression or relation."""


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
        self.coefficients.extend(factor * c for c in other.coefficients)
        self.variables.extend(other.variables)
        return self

    @property
    def is_constant(self) -> bool:
        """Whether no variable takes part."""
        return not self.variables

    def expression(self) -> Expr:
        """The sum as a Pyomo expression."""
        return LinearExpression(constant=self.constant, linear_coefs=self.coefficients, linear_vars=self.variables)

    def at_most(self, limit: float) -> Expr:
        """The relation ``sum <= limit``, the constant moved to the right."""
        return None, self._linear(), limit - self.constant

    def at_least(self, need: float) -> Expr:
        """The relation ``sum >= need``, the constant moved to the right."""
        return need - self.constant, self._linear(), None

    def equals(self, value: float) -> Expr:
        """The relation ``sum == value``, the constant moved to the right."""
        return value - self.constant, self._linear(), value - self.constant

    def _linear(self) -> Expr:
        return LinearExpression(constant=0.0, linear_coefs=self.coefficients, linear_vars=self.variables)
