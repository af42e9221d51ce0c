"""The program: constraint families in order, then spending, then the objective."""

from collections.abc import Sequence

from planner.case.fields import Role
from planner.errors import PlannerError
from planner.inputs import Inputs
from planner.program.columns import SPEND
from planner.program.declare import add_constraint, add_variable
from planner.program.families import FAMILIES
from planner.program.family import Family
from planner.program.listed import ListedProgram
from planner.program.own import marks_of, refuse_money, refuse_unfit
from planner.program.terms import Domain, Expr, Program, PyomoModel, Sum
from planner.symbols import PERIOD, Constraint
from planner.system.garbage import not_collected

SPEND_SUM = Constraint[tuple[Role, int]]("spend", ("role", PERIOD), "cost of one more $B spent in the period", "ledger")
ROLES: tuple[Role, Role] = ("primary", "backup")


def build_program(inputs: Inputs, extra_families: Sequence[Family] = ()) -> PyomoModel:
    """Declare the program of a case.

    Parameters
    ----------
    inputs : Inputs
    extra_families : sequence of Family
        Built after the shipped ones and those that the case brings (``case.families``).

    Returns
    -------
    pyomo.environ.ConcreteModel
        With the attributes ``ledger`` (all money by item, role and period) and ``symbols`` (the record of each variable
        and constraint), and the objective ``o_cost_busd``.

    Raises
    ------
    PlannerError
        If a family needs one that is not in the case.
    OptionError, CaseError
        If a family of the user's own does not fit the case (`planner.program.own.refuse_unfit`).
    """
    from planner.program.in_pyomo import new_model

    own: Sequence[Family] = (*inputs.case.families, *extra_families)
    return _declared(new_model(inputs.case.model.name), inputs, own)


def writable_program(inputs: Inputs) -> PyomoModel:
    """Declare the program of a case in Pyomo (`build_program`), with what writes files: ``model.write("case.lp")``."""
    m = build_program(inputs)
    import pyomo.environ  # noqa: F401  # registers what writes files

    return m


def list_program(inputs: Inputs) -> ListedProgram:
    """Declare the program of a case that brings no families of its own, as lists: the same program, in less time.

    Parameters
    ----------
    inputs : Inputs

    Raises
    ------
    PlannerError
        If a family needs one that is not in the case.
    OptionError
        If the case needs families of the user's own.
    """
    found: ListedProgram = _declared(ListedProgram(), inputs, inputs.case.families)
    return found


def quickest_program(inputs: Inputs, extra_families: Sequence[Family] = ()) -> Program:
    """Declare the program of a case: in Pyomo if there are families of the user's own, as lists if there are not.

    Parameters
    ----------
    inputs, extra_families
        As of `build_program`, which has the errors raised.

    Returns
    -------
    ListedProgram or pyomo.environ.ConcreteModel
    """
    in_pyomo = bool(inputs.case.families or extra_families)
    return build_program(inputs, extra_families) if in_pyomo else list_program(inputs)


def _declared(m: Program, inputs: Inputs, own: Sequence[Family]) -> Program:
    """Declare everything: the families, those of the user's own after the shipped ones, then spending and objective."""
    with not_collected():  # nothing built here is garbage; collecting takes longer than building
        refuse_unfit(inputs.case, own)
        add_variable(m, SPEND, [(role, t) for role in ROLES for t in inputs.periods], domain=Domain.REALS)
        _build_families(m, inputs, (*FAMILIES, *own))
        _close_spending(m, inputs)
        _close_objective(m, inputs)
    return m


def _build_families(m: Program, inputs: Inputs, families: Sequence[Family]) -> None:
    """Build the active families, each after those it requires."""
    built: set[str] = set()
    for family in families:
        if not family.active(inputs):
            continue
        missing = [name for name in family.requires if name not in built]
        if missing:
            raise PlannerError(
                f"constraint family {family.name!r} needs {', '.join(missing)}, which the case does not have"
            )
        marks = None if family in FAMILIES else marks_of(m.ledger)
        family.build(m, inputs, m.ledger)
        if marks is not None:
            refuse_money(family, marks, marks_of(m.ledger))
        built.add(family.name)


def _close_spending(m: Program, inputs: Inputs) -> None:
    """Spending of each role and period is the sum of what the families entered in the ledger."""
    spending = {(role, t): Sum() for role in ROLES for t in inputs.periods}
    for (_, role, t), busd in m.ledger.spend.items():
        spending[role, t].add_sum(1.0, busd)

    @add_constraint(m, SPEND_SUM, list(spending))
    def spend_row(m: Program, role: Role, t: int) -> Expr:
        return Sum().add(1.0, SPEND.of(m)[role, t]).add_sum(-1.0, spending[role, t]).equals(0.0)


def _close_objective(m: Program, inputs: Inputs) -> None:
    """Present value of spending less backup income less salvage, plus financing and what is missing at a price."""
    cost = Sum()
    for t in inputs.periods:
        for role in ROLES:
            cost.add(inputs.discount[t], SPEND.of(m)[role, t])
        cost.add_sum(-inputs.discount[t], m.ledger.income[t])
        cost.add_sum(inputs.discount[t], m.ledger.unserved[t])
        cost.add_sum(inputs.discount[t], m.ledger.unprotected[t])
    for (_, _, t), busd in m.ledger.financing.items():
        cost.add_sum(inputs.discount[t], busd)
    cost.add_sum(-inputs.discount_end, m.ledger.salvage)
    m.form.set_objective(cost)
