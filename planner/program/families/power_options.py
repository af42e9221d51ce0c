r"""Power options: on-site generation and storage bought for a site.

.. math:: \sum_{u \text{ in service in } t} b_{g,u} \le M_g

``v_onsite_built_gw[option, period]`` firm facility GW that enter service. Capex over the lead time, salvage at the end.
Dual of ``c_power_options_limit``: value of one more facility GW of the option, in $B (present value), integers fixed.
"""

import pyomo.environ as pyo

from planner.inputs import Inputs
from planner.inputs.contracts import MW_PER_GW, spread_capex
from planner.program.family import Family
from planner.program.ledger import Ledger
from planner.program.terms import Expr, PyomoModel, Sum


def build(m: PyomoModel, inputs: Inputs, ledger: Ledger) -> None:
    """Add what can be bought on site, within the option's size, and its capex."""
    m.v_onsite_built_gw = pyo.Var(list(inputs.onsite_builds), domain=pyo.NonNegativeReals)

    @m.Constraint([(g, t) for g in inputs.power_options for t in inputs.periods if inputs.onsite_in_service(g, t)])
    def c_power_options_limit(m: PyomoModel, g: str, t: int) -> Expr:
        in_service = Sum()
        for start in inputs.onsite_in_service(g, t):
            in_service.add(1.0, m.v_onsite_built_gw[g, start])
        return in_service.at_most(inputs.power_options[g].max_facility_mw / MW_PER_GW)

    for g, start in inputs.onsite_builds:
        option = inputs.power_options[g]
        built = m.v_onsite_built_gw[g, start]
        for t, busd in spread_capex(
            option.capex_busd_per_gw, (1.0,), option.lead_months, inputs.calendar, start
        ).items():
            ledger.pay("onsite", "primary", t, busd, built)
        if inputs.credits_salvage:
            left = inputs.calendar.start_years[start] + option.life_years - inputs.calendar.end_years
            ledger.salvage.add(option.capex_busd_per_gw * max(0.0, left / option.life_years), built)


FAMILY = Family("power_options", build)
