r"""Diversity: the largest share of all IT capacity in force that one domain may hold.

.. math:: \sum_{o \in d} (B_o n_{o,t} + S_{o,t}) \le \sigma \sum_o (B_o n_{o,t} + S_{o,t})

(chip vendors: installed chips). ``v_total_it_gw[period]``, ``v_total_installed_gw[period]``.
Dual of ``c_diversity``: value of one GW more allowed to the domain, in $B (present value), integers fixed.
"""

import pyomo.environ as pyo

from planner.inputs import Inputs
from planner.program.family import Family
from planner.program.ledger import Ledger
from planner.program.sums import in_force_gw
from planner.program.terms import Expr, PyomoModel, Sum


def build(m: PyomoModel, inputs: Inputs, _ledger: Ledger) -> None:
    """Add the totals and one row per rule, domain and period."""
    rules = inputs.case.model.families.diversity.rules  # type: ignore[union-attr]
    m.v_total_it_gw = pyo.Var(inputs.periods, domain=pyo.NonNegativeReals)
    m.v_total_installed_gw = pyo.Var(inputs.periods, domain=pyo.NonNegativeReals)
    in_force = {(o, t): in_force_gw(m, inputs, o, t) for o in inputs.offers for t in inputs.periods}
    installed = _installed_by_vendor(m, inputs)

    @m.Constraint(inputs.periods)
    def c_diversity_total_it(m: PyomoModel, t: int) -> Expr:
        total = Sum().add(-1.0, m.v_total_it_gw[t])
        for o in inputs.offers:
            total.add_sum(1.0, in_force[o, t])
        return total.equals(0.0)

    @m.Constraint(inputs.periods)
    def c_diversity_total_installed(m: PyomoModel, t: int) -> Expr:
        total = Sum().add(-1.0, m.v_total_installed_gw[t])
        for (_, period), gw in installed.items():
            if period == t:
                total.add_sum(1.0, gw)
        return total.equals(0.0)

    parts = _parts(inputs, in_force, installed)

    @m.Constraint([key for key, part in parts.items() if part.variables or part.constant])
    def c_diversity(m: PyomoModel, number: int, domain: str, t: int) -> Expr:
        rule = rules[number]
        total = m.v_total_installed_gw[t] if rule.domain == "chip_vendor" else m.v_total_it_gw[t]
        return parts[number, domain, t].add(-rule.largest_share, total).at_most(0.0)


def _parts(
    inputs: Inputs, in_force: dict[tuple[str, int], Sum], installed: dict[tuple[str, int], Sum]
) -> dict[tuple[int, str, int], Sum]:
    """What each rule limits: GW per number of the rule, domain and period."""
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


def _installed_by_vendor(m: PyomoModel, inputs: Inputs) -> dict[tuple[str, int], Sum]:
    installed: dict[tuple[str, int], Sum] = {}
    for o, role, k, t in inputs.stocks:
        installed.setdefault((inputs.chips[k].vendor, t), Sum()).add(1.0, m.v_stock_gw[o, role, k, t])
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
