r"""Power: firm power of the power regions, on-site generation, energy that chips use (docs/formulation.md, section 5).

.. math:: \sum_{s \in R} p_s L_{s,t} - \sum_{g \in R} G_{g,t} \le F_{R,t}, \qquad
          x_{g,t} \le G_{g,t}, \qquad \sum_{g \in s} x_{g,t} \le u \bar p_s \sum_{o \in s,r,k} z_{o,r,k,t}

Indices: :math:`R` power region, :math:`s` site, :math:`g` on-site option, :math:`o` offer (bought chips only),
:math:`t` period.
Variables: :math:`x` = ``ONSITE_OUTPUT`` (average facility GW generated for own chips), :math:`G` = on-site power in
service, from ``ONSITE_BUILT``, :math:`L` IT GW in force, from ``IN_FORCE_BLOCKS``, :math:`z` installed chips, those of
signed contracts included.
Data: :math:`p` PUE at peak, :math:`\bar p` PUE on average, :math:`u` utilisation, :math:`F` firm facility GW. Energy
that is not generated on site is bought at the tariff of the region.
Duals ($B of present value per facility GW, integers fixed): ``REGION_LIMIT`` is the value of one more firm facility GW
in the region, ``OUTPUT_LIMIT`` of one more that can generate, ``OWN_USE`` of one more of own use at the site.
"""

from planner.inputs import Inputs
from planner.inputs.inputs import BUSD_PER_GW_YEAR_PER_USD_PER_MWH
from planner.program.columns import ONSITE_BUILT, ONSITE_OUTPUT
from planner.program.declare import add_constraint, add_variable
from planner.program.family import Family
from planner.program.ledger import Ledger
from planner.program.sums import installed_gw, powered_gw
from planner.program.terms import NO_ROW, Domain, Expr, Program, Sum
from planner.symbols import Constraint

REGION_LIMIT = Constraint[tuple[str, int]](
    "power_region", ("power_region", "period"), "value of one more firm facility GW in the region", "power"
)
OUTPUT_LIMIT = Constraint[tuple[str, int]](
    "power_output", ("power_option", "period"), "value of one more facility GW that can generate in the period", "power"
)
OWN_USE = Constraint[tuple[str, int]](
    "power_own_use", ("site", "period"), "value of one more facility GW of own use at the site", "power"
)


def build(m: Program, inputs: Inputs, ledger: Ledger) -> None:
    """Add the regions' limits, on-site generation, and the cost of energy and fuel."""
    built = ONSITE_BUILT.of(m)
    sites_in: dict[str, list[str]] = {}
    for s, site in inputs.sites.items():
        sites_in.setdefault(site.power_region, []).append(s)

    @add_constraint(m, REGION_LIMIT, [(r, t) for r in sites_in for t in inputs.periods])
    def region_row(m: Program, r: str, t: int) -> Expr:
        drawn = Sum()
        for s in sites_in[r]:
            for o in inputs.offers_at(s):
                drawn.add_sum(inputs.sites[s].pue_peak, powered_gw(m, inputs, o, t))
            for g in inputs.options_at(s):
                for start in inputs.onsite_in_service(g, t):
                    drawn.add(-1.0, built[g, start])
        if drawn.is_constant:
            return NO_ROW
        return drawn.at_most(inputs.region_facility_limit_gw[r][t])

    _build_output(m, inputs)
    _pay_energy(m, inputs, ledger)


def _build_output(m: Program, inputs: Inputs) -> None:
    """Generation gives up to its power, and no more than the own use of its site."""
    built = ONSITE_BUILT.of(m)
    generates = [
        (g, t)
        for g, option in inputs.power_options.items()
        if option.kind == "generation"
        for t in inputs.periods
        if inputs.onsite_in_service(g, t)
    ]
    output_gw = add_variable(m, ONSITE_OUTPUT, generates, domain=Domain.NON_NEGATIVE)

    @add_constraint(m, OUTPUT_LIMIT, generates)
    def output_row(m: Program, g: str, t: int) -> Expr:
        output = Sum().add(1.0, output_gw[g, t])
        for start in inputs.onsite_in_service(g, t):
            output.add(-1.0, built[g, start])
        return output.at_most(0.0)

    @add_constraint(m, OWN_USE, sorted({(inputs.power_options[g].site, t) for g, t in generates}))
    def own_use_row(m: Program, s: str, t: int) -> Expr:
        output = Sum()
        for g in inputs.options_at(s):
            if (g, t) in output_gw:
                output.add(1.0, output_gw[g, t])
        for o in inputs.offers_at(s):
            if inputs.offers[o].tenure != "cloud":
                for role in inputs.roles(o):
                    output.add_sum(-inputs.average_facility_per_it(s), installed_gw(m, inputs, o, role, t))
        return output.at_most(0.0)


def _pay_energy(m: Program, inputs: Inputs, ledger: Ledger) -> None:
    output_gw = ONSITE_OUTPUT.of(m)
    for o, offer in inputs.offers.items():
        if offer.tenure == "cloud":
            continue
        facility = inputs.average_facility_per_it(offer.site)
        for role in inputs.roles(o):
            for t in inputs.periods:
                used = installed_gw(m, inputs, o, role, t)
                busd = (
                    inputs.tariff_usd_per_mwh(offer.site, t) * BUSD_PER_GW_YEAR_PER_USD_PER_MWH * inputs.length_years(t)
                )
                ledger.spend["energy", role, t].add_sum(facility * busd, used)
    for g, t in output_gw:
        option = inputs.power_options[g]
        per_usd_per_mwh = BUSD_PER_GW_YEAR_PER_USD_PER_MWH * inputs.length_years(t)
        output = output_gw[g, t]
        ledger.pay("energy", "primary", t, -inputs.tariff_usd_per_mwh(option.site, t) * per_usd_per_mwh, output)
        ledger.pay("fuel", "primary", t, (option.fuel_usd_per_mwh or 0.0) * per_usd_per_mwh, output)


def _active(inputs: Inputs) -> bool:
    return inputs.case.model.families.power is not None


FAMILY = Family("power", build, _active, requires=("contract", "power_options", "chip_mix"))
