"""Constraint families of the frontiers: a least service, and an installed capacity by a date. They cost nothing."""

from planner.inputs import Inputs
from planner.program.columns import UNSERVED
from planner.program.declare import add_constraint, add_row, add_variable
from planner.program.family import Family
from planner.program.ledger import Ledger
from planner.program.sums import installed_gw
from planner.program.terms import Domain, Expr, Program, Sum
from planner.symbols import PERIOD, Constraint, Variable

SHORT = Variable[int]("front_short_gw", (PERIOD,), "IT GW", "IT GW that lack; held at zero", "front_gw")
LEFT_UNSERVED = Constraint[None](
    "front_unserved", dual="value of one more unit of compute left unserved through a year", family="front_unserved"
)
ENOUGH = Constraint[int]("front_gw", (PERIOD,), "cost of one more IT GW installed in the period", "front_gw")


def serve_family(unserved_share: float) -> Family:
    """At most this share of all demand, in compute-years over the horizon, is left unserved."""

    def build(m: Program, inputs: Inputs, _ledger: Ledger) -> None:
        left, demanded = Sum(), 0.0
        for (market, w, t), variable in UNSERVED.of(m).items():
            left.add(inputs.length_years(t), variable)
            demanded += inputs.length_years(t) * inputs.demand_compute[market, w][t]
        if not left.is_constant:
            add_row(m, LEFT_UNSERVED, left.at_most(unserved_share * demanded))

    return Family("front_unserved", build, requires=("demand",))


def gw_family(gw: float, first: int) -> Family:
    """At least so many IT GW are installed, signed chips included, in period ``first`` and every later one."""

    def build(m: Program, inputs: Inputs, _ledger: Ledger) -> None:
        later = [t for t in inputs.periods if t >= first]
        short = add_variable(m, SHORT, later, domain=Domain.NON_NEGATIVE, bounds=(0.0, 0.0))

        @add_constraint(m, ENOUGH, later)
        def enough_row(m: Program, t: int) -> Expr:
            # The variable is held at zero: a period in which nothing can be installed is infeasible, not a constant.
            total = Sum().add(1.0, short[t])
            for o in inputs.offers:
                for role in inputs.roles(o):
                    total.add_sum(1.0, installed_gw(m, inputs, o, role, t))
            return total.at_least(gw)

    return Family("front_gw", build, requires=("chip_mix",))
