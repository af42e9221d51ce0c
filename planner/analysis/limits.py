"""Constraint families of the frontiers: a least service, and an installed capacity by a date. They cost nothing."""

import pyomo.environ as pyo

from planner.inputs import Inputs
from planner.program.family import Family
from planner.program.ledger import Ledger
from planner.program.sums import installed_gw
from planner.program.terms import Expr, PyomoModel, Sum


def serve_family(unserved_share: float) -> Family:
    """At most this share of all demand, in compute-years over the horizon, is left unserved."""

    def build(m: PyomoModel, inputs: Inputs, _ledger: Ledger) -> None:
        left, demanded = Sum(), 0.0
        for market, w, t in m.v_unserved_compute:
            left.add(inputs.length_years(t), m.v_unserved_compute[market, w, t])
            demanded += inputs.length_years(t) * inputs.demand_compute[market, w][t]
        if not left.is_constant:
            m.c_front_unserved = pyo.Constraint(expr=left.at_most(unserved_share * demanded))

    return Family("front_unserved", build, requires=("demand",))


def gw_family(gw: float, first: int) -> Family:
    """At least so many IT GW are installed, signed chips included, in period ``first`` and every later one."""

    def build(m: PyomoModel, inputs: Inputs, _ledger: Ledger) -> None:
        m.v_front_short_gw = pyo.Var(
            [t for t in inputs.periods if t >= first], domain=pyo.NonNegativeReals, bounds=(0.0, 0.0)
        )

        def enough(m: PyomoModel, t: int) -> Expr:
            # The variable is held at zero: a period in which nothing can be installed is infeasible, not a constant.
            total = Sum().add(1.0, m.v_front_short_gw[t])
            for o in inputs.offers:
                for role in inputs.roles(o):
                    total.add_sum(1.0, installed_gw(m, inputs, o, role, t))
            return total.at_least(gw)

        m.c_front_gw = pyo.Constraint(list(m.v_front_short_gw), rule=enough)

    return Family("front_gw", build, requires=("chip_mix",))
