r"""Power options: on-site generation and storage bought for a site (docs/formulation.md, section 5).

.. math:: \sum_{u \text{ in service in } t} b_{g,u} \le M_g

Indices: :math:`g` on-site option, :math:`t, u` period.
Variable: :math:`b` = ``ONSITE_BUILT``, firm facility GW that enter service.
Data: :math:`M` facility GW of the option. Capex is paid over the lead time; what is left of it at the end of the
horizon is credited as salvage.
Dual of ``SIZE_LIMIT`` ($B of present value, integers fixed): value of one more facility GW of the option.
"""

from planner.inputs import Inputs
from planner.inputs.contracts import MW_PER_GW, spread_capex
from planner.program.columns import ONSITE_BUILT
from planner.program.declare import add_constraint, add_variable
from planner.program.family import Family
from planner.program.ledger import Ledger
from planner.program.terms import Domain, Expr, Program, Sum
from planner.symbols import Constraint

SIZE_LIMIT = Constraint[tuple[str, int]](
    "power_options_limit", ("power_option", "period"), "value of one more facility GW of the option", "power_options"
)


def build(m: Program, inputs: Inputs, ledger: Ledger) -> None:
    """Add what can be bought on site, within the option's size, and its capex."""
    built_gw = add_variable(m, ONSITE_BUILT, list(inputs.onsite_builds), domain=Domain.NON_NEGATIVE)

    @add_constraint(
        m, SIZE_LIMIT, [(g, t) for g in inputs.power_options for t in inputs.periods if inputs.onsite_in_service(g, t)]
    )
    def limit_row(m: Program, g: str, t: int) -> Expr:
        in_service = Sum()
        for start in inputs.onsite_in_service(g, t):
            in_service.add(1.0, built_gw[g, start])
        return in_service.at_most(inputs.power_options[g].max_facility_mw / MW_PER_GW)

    for g, start in inputs.onsite_builds:
        option = inputs.power_options[g]
        built = built_gw[g, start]
        for t, busd in spread_capex(
            option.capex_busd_per_gw, (1.0,), option.lead_months, inputs.calendar, start
        ).items():
            ledger.pay("onsite", "primary", t, busd, built)
        if inputs.credits_salvage:
            left = inputs.calendar.start_years[start] + option.life_years - inputs.calendar.end_years
            ledger.salvage.add(option.capex_busd_per_gw * max(0.0, left / option.life_years), built)


FAMILY = Family("power_options", build)
