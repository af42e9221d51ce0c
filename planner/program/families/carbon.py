r"""Carbon: emissions of the energy that chips use, priced or capped (docs/formulation.md, section 9).

.. math:: e_t = L_t \Big(\sum_s \gamma_{R(s)} \big(u \bar p_s z_{s,t} - x_{s,t}\big) + \sum_g \gamma_g x_{g,t}\Big),
          \qquad e_t \le C L_t

Indices: :math:`s` site, :math:`R` power region, :math:`g` on-site option, :math:`t` period.
Variables: :math:`e` = ``EMISSIONS`` (million tonnes of the period), :math:`z` installed chips, leased ones and those
of signed contracts included, :math:`x` = ``ONSITE_OUTPUT``.
Data: :math:`\gamma` million tonnes per facility GW-year, :math:`u` utilisation, :math:`\bar p` PUE on average,
:math:`C` cap a year, :math:`L` length in years.
Duals ($B of present value per million tonnes, integers fixed): ``CAP`` is the value of one million tonnes more allowed
in the period. ``EMISSIONS_SUM`` defines its variable.
"""

from planner.inputs import Inputs
from planner.inputs.inputs import BUSD_PER_GW_YEAR_PER_USD_PER_MWH
from planner.program.columns import EMISSIONS, ONSITE_OUTPUT
from planner.program.declare import add_constraint, add_variable
from planner.program.family import Family
from planner.program.ledger import Ledger
from planner.program.sums import installed_gw
from planner.program.terms import Domain, Expr, Program, Sum
from planner.symbols import Constraint

MT_PER_GW_YEAR_PER_KG_PER_MWH = BUSD_PER_GW_YEAR_PER_USD_PER_MWH
"""8.76 million MWh at 1 kg each are 0.00876 million tonnes: the same figure as for $B at $1 per MWh."""
BUSD_PER_MT_PER_USD_PER_TONNE = 1e-3

EMISSIONS_SUM = Constraint[int]("carbon_emissions", ("period",), "cost of one million tonnes more", "carbon")
CAP = Constraint[int]("carbon_cap", ("period",), "value of one million tonnes more allowed in the period", "carbon")


def build(m: Program, inputs: Inputs, ledger: Ledger) -> None:
    """Add emissions per period, their cap and their cost."""
    options = inputs.case.model.families.carbon
    assert options is not None  # the family is active only then
    emissions = add_variable(m, EMISSIONS, inputs.periods, domain=Domain.REALS)

    @add_constraint(m, EMISSIONS_SUM, inputs.periods)
    def emissions_row(m: Program, t: int) -> Expr:
        return Sum().add(-1.0, emissions[t]).add_sum(1.0, _emissions(m, inputs, t)).equals(0.0)

    if options.cap_mt_per_year is not None:
        cap = options.cap_mt_per_year

        @add_constraint(m, CAP, inputs.periods)
        def cap_row(m: Program, t: int) -> Expr:
            return Sum().add(1.0, emissions[t]).at_most(cap * inputs.length_years(t))

    for t in inputs.periods:
        price = (options.price_usd_per_tonne or 0.0) * BUSD_PER_MT_PER_USD_PER_TONNE
        ledger.pay("carbon", "primary", t, price, emissions[t])


def _emissions(m: Program, inputs: Inputs, t: int) -> Sum:
    output_gw = ONSITE_OUTPUT.of(m)
    total = Sum()
    per_kg = MT_PER_GW_YEAR_PER_KG_PER_MWH * inputs.length_years(t)
    for o, offer in inputs.offers.items():
        grid = inputs.power_regions[inputs.sites[offer.site].power_region].carbon_kg_per_mwh
        for role in inputs.roles(o):
            total.add_sum(
                per_kg * grid * inputs.average_facility_per_it(offer.site), installed_gw(m, inputs, o, role, t)
            )
    for g, period in output_gw:
        if period == t:
            option = inputs.power_options[g]
            grid = inputs.power_regions[inputs.sites[option.site].power_region].carbon_kg_per_mwh
            total.add(per_kg * ((option.carbon_kg_per_mwh or 0.0) - grid), output_gw[g, t])
    return total


def _active(inputs: Inputs) -> bool:
    return inputs.case.model.families.carbon is not None


FAMILY = Family("carbon", build, _active, requires=("chip_mix", "power"))
