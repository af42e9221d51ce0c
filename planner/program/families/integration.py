r"""Integration: how fast capacity at a provider, or of a custom chip, may grow (docs/formulation.md, section 9).

.. math:: d_{p,t} - d_{p,t-1} \le f_p L_t + \big((1 + g_p)^{L_t} - 1\big)(d_{p,t-1} + S_{p,t-1})

Indices: :math:`p` provider, or a custom chip; :math:`t` period.
Variables: :math:`d` = ``PROVIDER`` (decided IT GW in force) or ``CUSTOM`` (chips that the plan has installed); for a
custom chip :math:`f` is multiplied by ``DEVELOPMENT_ON``.
Data: :math:`S` signed contracts, or the chips that they bring, :math:`f` IT GW a year, :math:`g` growth a year,
:math:`L` length in years.
Duals ($B of present value per IT GW, integers fixed): ``PROVIDER_GROWTH`` and ``CHIP_GROWTH`` are the value of one
more IT GW taken into use in the period. ``DECIDED_SUM`` and ``STOCK_SUM`` define their variables.
"""

from planner.case.rows import ProviderRow
from planner.inputs import Inputs
from planner.inputs.contracts import MW_PER_GW
from planner.program.columns import CUSTOM, DEVELOPMENT_ON, IN_FORCE_BLOCKS, PROVIDER, STOCK
from planner.program.declare import add_constraint, add_variable
from planner.program.family import Family
from planner.program.ledger import Ledger
from planner.program.sums import decided_gw
from planner.program.terms import Domain, Expr, Program, Sum
from planner.symbols import Constraint

DECIDED_SUM = Constraint[tuple[str, int]](
    "integration_decided", ("provider", "period"), "value of one more IT GW in force at the provider", "integration"
)
PROVIDER_GROWTH = Constraint[tuple[str, int]](
    "integration_provider",
    ("provider", "period"),
    "value of one more IT GW taken into use at the provider in the period",
    "integration",
)
STOCK_SUM = Constraint[tuple[str, int]](
    "integration_stock", ("chip", "period"), "value of one more IT GW of the chip in the period", "integration"
)
CHIP_GROWTH = Constraint[tuple[str, int]](
    "integration_chip",
    ("chip", "period"),
    "value of one more IT GW of the chip taken into use in the period",
    "integration",
)


def build(m: Program, inputs: Inputs, _ledger: Ledger) -> None:
    """Add growth limits of providers and of custom chips."""
    _build_providers(m, inputs)
    _build_custom_chips(m, inputs)


def _build_providers(m: Program, inputs: Inputs) -> None:
    in_force_blocks = IN_FORCE_BLOCKS.of(m)
    limits = {row.provider: row for row in inputs.case.rows(ProviderRow) if row.first_year_it_mw is not None}
    decided: dict[tuple[str, int], Sum] = {}
    signed: dict[str, list[float]] = {}
    for o, role, t in in_force_blocks:
        provider = inputs.offers[o].provider
        if provider in limits:
            decided.setdefault((provider, t), Sum()).add_sum(1.0, decided_gw(m, inputs, o, role, t))
    for (o, _), gw in inputs.signed_gw.items():
        before = signed.setdefault(inputs.offers[o].provider, [0.0] * inputs.calendar.count)
        signed[inputs.offers[o].provider] = [a + b for a, b in zip(before, gw, strict=True)]
    provider_gw = add_variable(m, PROVIDER, sorted(decided), domain=Domain.NON_NEGATIVE)

    @add_constraint(m, DECIDED_SUM, sorted(decided))
    def decided_row(m: Program, p: str, t: int) -> Expr:
        return Sum().add(1.0, provider_gw[p, t]).add_sum(-1.0, decided[p, t]).equals(0.0)

    @add_constraint(m, PROVIDER_GROWTH, sorted(decided))
    def provider_row(m: Program, p: str, t: int) -> Expr:
        growth = (1.0 + (limits[p].growth_per_year or 0.0)) ** inputs.length_years(t) - 1.0
        before = inputs.signed_at_start_gw(p) if t == 0 else signed.get(p, inputs.zeros)[t - 1]
        grown = Sum().add(1.0, provider_gw[p, t])
        if (p, t - 1) in provider_gw:
            grown.add(-1.0 - growth, provider_gw[p, t - 1])
        first = (limits[p].first_year_it_mw or 0.0) / MW_PER_GW * inputs.length_years(t)
        return grown.at_most(first + growth * before)


def _build_custom_chips(m: Program, inputs: Inputs) -> None:
    development_on = DEVELOPMENT_ON.of(m)
    options = inputs.case.model.families.integration.custom_chip  # type: ignore[union-attr]
    stock = _custom_stock(m, inputs) if options is not None else {}
    custom_gw = add_variable(m, CUSTOM, sorted(stock), domain=Domain.NON_NEGATIVE)

    @add_constraint(m, STOCK_SUM, sorted(stock))
    def stock_row(m: Program, k: str, t: int) -> Expr:
        return Sum().add(1.0, custom_gw[k, t]).add_sum(-1.0, stock[k, t]).equals(0.0)

    @add_constraint(m, CHIP_GROWTH, sorted(stock))
    def chip_row(m: Program, k: str, t: int) -> Expr:
        growth = (1.0 + options.growth_per_year) ** inputs.length_years(t) - 1.0  # type: ignore[union-attr]
        grown = Sum().add(1.0, custom_gw[k, t])
        if (k, t - 1) in custom_gw:
            grown.add(-1.0 - growth, custom_gw[k, t - 1])
        signed = growth * _signed_before_gw(inputs, k, t)
        first = options.first_year_it_mw / MW_PER_GW * inputs.length_years(t)  # type: ignore[union-attr]
        if (k, t) in development_on:
            # Tighter than a constant, and as true: without its development a chip has no decided stock to begin with.
            return grown.add(-first, development_on[k, t]).at_most(signed)
        return grown.at_most(first + signed)


def _signed_before_gw(inputs: Inputs, k: str, t: int) -> float:
    """IT GW of a chip that signed contracts bring in the period before ``t``; before the first period, on its day."""
    if t > 0:
        return sum(gw[t - 1] for (_, _, chip), gw in inputs.signed_chip_gw.items() if chip == k)
    return inputs.signed_chip_at_start_gw(k)


def _custom_stock(m: Program, inputs: Inputs) -> dict[tuple[str, int], Sum]:
    """IT GW of custom chips that the plan installs, per chip and period."""
    stock_gw = STOCK.of(m)
    stock: dict[tuple[str, int], Sum] = {}
    for o, role, k, t in inputs.stocks:
        if inputs.chips[k].development_cost_busd is not None:
            stock.setdefault((k, t), Sum()).add(1.0, stock_gw[o, role, k, t])
    return stock


def _active(inputs: Inputs) -> bool:
    return inputs.case.model.families.integration is not None


FAMILY = Family("integration", build, _active, requires=("contract", "chip_mix"))
