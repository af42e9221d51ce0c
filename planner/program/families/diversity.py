r"""Diversity: the largest share of all capacity that one domain may hold (docs/formulation.md, section 9).

.. math:: \sum_{o \in d} (B_o n_{o,t} + S_{o,t}) \le \sigma_\rho \sum_o (B_o n_{o,t} + S_{o,t}), \qquad
          \sum_{k \in d} z_{k,t} \le \sigma_\rho \sum_k z_{k,t} \ \text{(chip vendors)}

Indices: :math:`\rho` rule, :math:`d` domain, :math:`o` offer, :math:`k` chip, :math:`t` period.
Variables: the totals are ``TOTAL_IT`` (in force) and ``TOTAL_INSTALLED``; :math:`n` = ``IN_FORCE_BLOCKS``, :math:`z` =
``STOCK`` and the chips of signed contracts.
Data: :math:`\sigma` largest share, :math:`B` IT GW of a block, :math:`S` signed contracts.
Dual of ``LARGEST_SHARE`` ($B of present value, integers fixed): value of one more IT GW allowed to the domain.
``TOTAL_IT_SUM`` and ``TOTAL_INSTALLED_SUM`` define the totals.
"""

from planner.inputs import Inputs
from planner.program.columns import STOCK, TOTAL_INSTALLED, TOTAL_IT
from planner.program.declare import add_constraint, add_variable
from planner.program.family import Family
from planner.program.ledger import Ledger
from planner.program.sums import in_force_gw
from planner.program.terms import Domain, Expr, Program, Sum
from planner.symbols import Constraint

TOTAL_IT_SUM = Constraint[int]("diversity_total_it", ("period",), "value of one more IT GW in the total", "diversity")
TOTAL_INSTALLED_SUM = Constraint[int](
    "diversity_total_installed", ("period",), "value of one more IT GW installed in the total", "diversity"
)
LARGEST_SHARE = Constraint[tuple[int, str, int]](
    "diversity", ("rule", "domain", "period"), "value of one more IT GW allowed to the domain", "diversity"
)


def build(m: Program, inputs: Inputs, _ledger: Ledger) -> None:
    """Add the totals and one row per rule, domain and period."""
    rules = inputs.case.model.families.diversity.rules  # type: ignore[union-attr]
    total_it = add_variable(m, TOTAL_IT, inputs.periods, domain=Domain.NON_NEGATIVE)
    total_installed = add_variable(m, TOTAL_INSTALLED, inputs.periods, domain=Domain.NON_NEGATIVE)
    in_force = {(o, t): in_force_gw(m, inputs, o, t) for o in inputs.offers for t in inputs.periods}
    installed = _installed_by_vendor(m, inputs)

    @add_constraint(m, TOTAL_IT_SUM, inputs.periods)
    def total_it_row(m: Program, t: int) -> Expr:
        total = Sum().add(-1.0, total_it[t])
        for o in inputs.offers:
            total.add_sum(1.0, in_force[o, t])
        return total.equals(0.0)

    @add_constraint(m, TOTAL_INSTALLED_SUM, inputs.periods)
    def total_installed_row(m: Program, t: int) -> Expr:
        total = Sum().add(-1.0, total_installed[t])
        for (_, period), gw in installed.items():
            if period == t:
                total.add_sum(1.0, gw)
        return total.equals(0.0)

    parts = _parts(inputs, in_force, installed)

    @add_constraint(m, LARGEST_SHARE, [key for key, part in parts.items() if part.variables or part.constant])
    def diversity_row(m: Program, number: int, domain: str, t: int) -> Expr:
        rule = rules[number]
        total = total_installed[t] if rule.domain == "chip_vendor" else total_it[t]
        return parts[number, domain, t].add(-rule.largest_share, total).at_most(0.0)


def _parts(
    inputs: Inputs, in_force: dict[tuple[str, int], Sum], installed: dict[tuple[str, int], Sum]
) -> dict[tuple[int, str, int], Sum]:
    """What each rule limits: IT GW per position of the rule, domain and period."""
    parts: dict[tuple[int, str, int], Sum] = {}
    for number, rule in enumerate(inputs.case.model.families.diversity.rules):  # type: ignore[union-attr]
        for t in inputs.periods:
            if not inputs.calendar.holds(t, rule.first_year):
                continue
            if rule.domain == "chip_vendor":
                for (vendor, period), gw in installed.items():
                    if period == t:
                        parts.setdefault((number, vendor, t), Sum()).add_sum(1.0, gw)
            else:
                for o in inputs.offers:
                    parts.setdefault((number, _domain(inputs, rule.domain, o), t), Sum()).add_sum(1.0, in_force[o, t])
    return parts


def _installed_by_vendor(m: Program, inputs: Inputs) -> dict[tuple[str, int], Sum]:
    stock_gw = STOCK.of(m)
    installed: dict[tuple[str, int], Sum] = {}
    for o, role, k, t in inputs.stocks:
        installed.setdefault((inputs.chips[k].vendor, t), Sum()).add(1.0, stock_gw[o, role, k, t])
    for (_, _, k), gw in inputs.signed_chip_gw.items():
        for t in inputs.periods:
            installed.setdefault((inputs.chips[k].vendor, t), Sum()).constant += gw[t]
    return installed


def _domain(inputs: Inputs, kind: str, o: str) -> str:
    offer = inputs.offers[o]
    site = inputs.sites[offer.site]
    return {"site": offer.site, "provider": offer.provider, "power_region": site.power_region, "country": site.country}[
        kind
    ]


def _active(inputs: Inputs) -> bool:
    return inputs.case.model.families.diversity is not None


FAMILY = Family("diversity", build, _active, requires=("contract", "chip_mix"))
