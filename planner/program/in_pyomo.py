"""A program held in Pyomo: for families of the user's own, other objectives, other solvers' files, and to inspect."""

from collections.abc import Callable, Iterable
from typing import Any

from planner.program.ledger import Ledger
from planner.program.symbols import Symbols
from planner.program.terms import Domain, Expr, PyomoModel, Relation, Sum
from planner.symbols import Constraint, Values, Variable
from planner.system.light_pyomo import LinearExpression, pyo


def new_model(name: str) -> PyomoModel:
    """An empty program in Pyomo, with the attributes ``ledger``, ``symbols`` and ``form``."""
    m = pyo.ConcreteModel(name=name)
    m.ledger, m.symbols = Ledger(), Symbols()
    m.form = PyomoForm(m)
    return m


def expression_of(total: Sum, constant: float) -> Expr:
    """The terms of a sum, with a constant, as a Pyomo expression."""
    return LinearExpression(constant=constant, linear_coefs=total.coefficients, linear_vars=total.variables)


def in_pyomo(relation: Expr) -> Expr:
    """A relation as Pyomo takes it; what is Pyomo's already stays as it is."""
    if not isinstance(relation, Relation):
        return relation
    if relation.lower is None and relation.upper is None:
        return pyo.Constraint.Skip
    return relation.lower, expression_of(relation.terms, 0.0), relation.upper


def domain_in_pyomo(domain: Any) -> Any:
    """A domain as Pyomo takes it; one of Pyomo's own stays as it is."""
    if isinstance(domain, Domain):
        return getattr(pyo, domain.value)
    if callable(domain) and not isinstance(domain, type(pyo.Reals)):
        return lambda m, *key: domain_in_pyomo(domain(m, *key))
    return domain


class PyomoForm:
    """What declares columns and rows of a program in Pyomo.

    Parameters
    ----------
    m : pyomo.environ.ConcreteModel

    Attributes
    ----------
    objective : Sum or None
        What is minimised; None before there is any.
    """

    def __init__(self, m: PyomoModel) -> None:
        self._m = m
        self.objective: Sum | None = None

    def has(self, component: str) -> bool:
        """Whether a component of the model is called so."""
        return self._m.component(component) is not None

    def add_columns(self, variable: Variable[Any], keys: Iterable[Any] | None, **options: Any) -> None:
        """Declare the columns of a variable."""
        if "domain" in options:
            options["domain"] = domain_in_pyomo(options["domain"])
        self._m.add_component(variable.component, pyo.Var(**options) if keys is None else pyo.Var(keys, **options))

    def add_rows(self, constraint: Constraint[Any], keys: Iterable[Any] | None, rule: Callable[..., Expr]) -> None:
        """Declare the rows of a constraint."""

        def row(m: PyomoModel, *key: Any) -> Expr:
            return in_pyomo(rule(m, *key))

        def only_row(m: PyomoModel) -> Expr:
            return in_pyomo(rule(m))

        rows = pyo.Constraint(rule=only_row) if keys is None else pyo.Constraint(keys, rule=row)
        self._m.add_component(constraint.component, rows)

    def add_empty(self, record: Variable[Any] | Constraint[Any], domain: Domain) -> None:
        """Declare a variable or constraint to which columns or rows are added later."""
        of_columns = isinstance(record, Variable)
        component = pyo.VarList(domain=domain_in_pyomo(domain)) if of_columns else pyo.Constraint(pyo.Any)
        self._m.add_component(record.component, component)

    def more_column(self, variable: Variable[Any]) -> int:
        """Add a column to a variable that was declared empty and return its key: 1, 2, 3, ..."""
        key: int = variable.of(self._m).add().index()
        return key

    def more_row(self, constraint: Constraint[Any], index: object, relation: Expr) -> None:
        """Add a row to a constraint that was declared empty."""
        constraint.of(self._m)[index] = in_pyomo(relation)

    def set_objective(self, cost: Sum) -> None:
        """Minimise a sum, in place of what was minimised before."""
        expression = expression_of(cost, cost.constant)
        if self.objective is None:
            self._m.o_cost_busd = pyo.Objective(expr=expression, sense=pyo.minimize)
        else:
            self._m.o_cost_busd.set_value(expression)
        self.objective = cost

    def evaluator(self, values: Values) -> Callable[[Sum], float]:
        """What sums of the variables come to at a point."""
        symbols: Symbols = self._m.symbols
        of = {id(one): values[symbols.variable(one)] for one in self._m.component_objects(pyo.Var)}
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

    def set_values(self, values: Values) -> None:
        """Give the variables their values, so that ``pyomo.environ.value`` works on any expression of them."""
        symbols: Symbols = self._m.symbols
        for component in self._m.component_objects(pyo.Var):
            found = values[symbols.variable(component)]
            for index in component:
                component[index].set_value(found.get(index, 0.0), skip_validation=True)
