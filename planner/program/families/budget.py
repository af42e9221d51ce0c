r"""Budget: spending of each period within what it allows, and envelopes per role (docs/formulation.md, section 7).

.. math:: C_{\text{primary},t} + C_{\text{backup},t} - I_t - F_t + r_t - r_{t-1} = M_t, \qquad
          \sum_t C_{\rho,t} \le V_\rho

Indices: :math:`\rho` role, :math:`t` period.
Variables: :math:`C` = ``SPEND`` (nominal, declared with the objective), :math:`r` = ``CASH_LEFT`` (:math:`r_{t-1}`
counts only with carry-over), :math:`I` backup income where it counts, :math:`F` what is drawn less what is paid for
financing.
Data: :math:`M` what the period allows, :math:`V` envelope of the role over the reported periods.
Duals ($B of present value per $B, integers fixed): ``YEARLY`` is what one more $B in the period would save,
``ENVELOPE`` what one more $B in the envelope would save.
"""

from planner.case.fields import Role
from planner.inputs import Inputs
from planner.program.columns import CASH_LEFT, SPEND
from planner.program.declare import add_constraint, add_variable
from planner.program.family import Family
from planner.program.ledger import Ledger
from planner.program.terms import Domain, Expr, Program, Sum
from planner.symbols import Constraint

YEARLY = Constraint[int](
    "budget", ("period",), "value of one more $B in the period", "budget", held_back=True, slack=CASH_LEFT
)
ENVELOPE = Constraint[Role](
    "budget_envelope", ("role",), "value of one more $B in the envelope of the role", "budget", held_back=True
)


def build(m: Program, inputs: Inputs, ledger: Ledger) -> None:
    """Add the yearly limits and the envelopes."""
    spending_busd = SPEND.of(m)
    options = inputs.case.model.families.budget
    assert options is not None  # the family is active only then
    assert inputs.budget_limit_busd is not None  # the check of the case asks for the table
    limits = inputs.budget_limit_busd
    cash_left = add_variable(m, CASH_LEFT, inputs.periods, domain=Domain.NON_NEGATIVE)

    @add_constraint(m, YEARLY, inputs.periods)
    def budget_row(m: Program, t: int) -> Expr:
        cash = Sum().add(1.0, spending_busd["primary", t]).add(1.0, spending_busd["backup", t])
        cash.add(1.0, cash_left[t])
        if options.backup_income_counts:
            cash.add_sum(-1.0, ledger.income[t])
        cash.add_sum(-1.0, ledger.cash.get(t, Sum()))
        if options.carry_over and t > 0:
            cash.add(-1.0, cash_left[t - 1])
        return cash.equals(limits[t])

    envelopes: dict[Role, float | None] = {
        "primary": options.primary_envelope_busd,
        "backup": options.backup_envelope_busd,
    }

    @add_constraint(m, ENVELOPE, [role for role, envelope in envelopes.items() if envelope is not None])
    def envelope_row(m: Program, role: Role) -> Expr:
        spent = Sum()
        for t in range(inputs.calendar.reported):
            spent.add(1.0, spending_busd[role, t])
        return spent.at_most(envelopes[role] or 0.0)


def _active(inputs: Inputs) -> bool:
    return inputs.case.model.families.budget is not None


FAMILY = Family("budget", build, _active, requires=("contract", "chip_mix"))
