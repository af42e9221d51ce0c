r"""Chip mix: IT GW of each chip installed per offer, role and period, until its end of life.

.. math:: z_{t} = z_{t-1} + a_t - a_{\text{ended in } t} \ (\text{own chips}), \qquad
          z_{t} \le z_{t-1} + a_t,\ z_t \le \sum_{u \text{ alive in } t} a_u \ (\text{leased})

.. math:: \sum_k z_{o,r,k,t} + Z_{o,r,t} \le B_o n_{o,r,t} + S_{o,r,t}, \qquad
          \sum_{o,r} a_{o,r,k,t} \le A_{k,t} \, (\times\, g_{k,t} \text{ for custom chips})

``v_added_gw`` and ``v_stock_gw[offer, role, chip, period]`` (leased chips without a supply limit need no
``v_added_gw``: what is added follows from the stock); :math:`Z` chips of signed contracts;
``v_development_on[chip, period]``; ``v_usage_gw[offer, role, period]`` installed beyond signed contracts where rent
depends on use.
Duals, integers fixed: ``c_chip_mix_supply`` price of one more GW of a chip delivered in the period, ``c_chip_mix_host``
of one more GW of room, in $B (present value).
"""

import pyomo.environ as pyo

from planner.case.fields import Role
from planner.inputs import Inputs
from planner.inputs.contracts import rent_musd_per_mw_year
from planner.program.family import Family
from planner.program.ledger import Ledger
from planner.program.sums import installed_gw
from planner.program.terms import Expr, PyomoModel, Sum


def build(m: PyomoModel, inputs: Inputs, ledger: Ledger) -> None:
    """Add installations, stocks, their room and their supply, and what chips cost."""
    installs = [key for key in inputs.installs if inputs.counted(key[0], key[2])]
    m.v_added_gw = pyo.Var(list(installs), domain=pyo.NonNegativeReals)
    stocks = inputs.stocks
    m.v_stock_gw = pyo.Var(list(stocks), domain=pyo.NonNegativeReals)
    _build_stock(m, inputs)

    @m.Constraint(list(dict.fromkeys((o, role, t) for o, role, _, t in stocks)))
    def c_chip_mix_host(m: PyomoModel, o: str, role: Role, t: int) -> Expr:
        room = installed_gw(m, inputs, o, role, t)
        room.constant -= inputs.signed_gw.get((o, role), inputs.zeros)[t]
        if (o, role, t) in m.v_in_force_blocks:
            room.add(-inputs.block_gw(o), m.v_in_force_blocks[o, role, t])
        return room.at_most(0.0)

    _build_supply(m, inputs, ledger)
    _build_usage(m, inputs, ledger)
    for o, role, k, t in installs:
        if inputs.offers[o].tenure != "cloud":
            price = inputs.chip_price_busd_per_gw(k, t)
            ledger.pay("chips", role, t, price, m.v_added_gw[o, role, k, t])
            if inputs.credits_salvage:
                ledger.salvage.add(price * inputs.chip_life_left_share(k, t), m.v_added_gw[o, role, k, t])


def _build_stock(m: PyomoModel, inputs: Inputs) -> None:
    """Own chips stay until their end of life; leased ones may be given up earlier, the oldest first."""
    own = [key for key in inputs.stocks if inputs.offers[key[0]].tenure != "cloud"]
    leased = [
        key for key in inputs.stocks if inputs.offers[key[0]].tenure == "cloud" and inputs.counted(key[0], key[2])
    ]

    @m.Constraint(own)
    def c_chip_mix_stock(m: PyomoModel, o: str, role: str, k: str, t: int) -> Expr:
        balance = _change(m, o, role, k, t)
        life = inputs.chips[k].life_years
        for u in range(t):
            if (o, role, k, u) in m.v_added_gw and inputs.lives(u, t - 1, life) and not inputs.lives(u, t, life):
                balance.add(1.0, m.v_added_gw[o, role, k, u])
        return balance.equals(0.0)

    @m.Constraint(leased)
    def c_chip_mix_leased(m: PyomoModel, o: str, role: str, k: str, t: int) -> Expr:
        return _change(m, o, role, k, t).at_most(0.0)

    @m.Constraint([key for key in leased if not inputs.lives(0, key[3], inputs.chips[key[2]].life_years)])
    def c_chip_mix_life(m: PyomoModel, o: str, role: str, k: str, t: int) -> Expr:
        alive = Sum().add(1.0, m.v_stock_gw[o, role, k, t])
        for u in range(t + 1):
            if (o, role, k, u) in m.v_added_gw and inputs.lives(u, t, inputs.chips[k].life_years):
                alive.add(-1.0, m.v_added_gw[o, role, k, u])
        return alive.at_most(0.0)


def _change(m: PyomoModel, o: str, role: str, k: str, t: int) -> Sum:
    """Stock of a period less that of the period before and what is added."""
    balance = Sum().add(1.0, m.v_stock_gw[o, role, k, t])
    if (o, role, k, t - 1) in m.v_stock_gw:
        balance.add(-1.0, m.v_stock_gw[o, role, k, t - 1])
    if (o, role, k, t) in m.v_added_gw:
        balance.add(-1.0, m.v_added_gw[o, role, k, t])
    return balance


def _build_supply(m: PyomoModel, inputs: Inputs, ledger: Ledger) -> None:
    """Yearly supply per chip; a custom chip is delivered only once its development has been started."""
    added: dict[tuple[str, int], Sum] = {}
    for o, role, k, t in m.v_added_gw:
        added.setdefault((k, t), Sum()).add(1.0, m.v_added_gw[o, role, k, t])
    custom = [(k, t) for k, t in added if inputs.chips[k].development_cost_busd is not None]
    periods = {k: [t for chip, t in custom if chip == k] for k, _ in custom}
    # A development may be started in any period, also before its chip is on the market: its cost falls where money is.
    # Where money left over is carried, or not limited, paying later is always as good: early starts are not declared.
    budget = inputs.case.model.families.budget
    early = budget is not None and not budget.carry_over
    running = [(k, t) for k, found in periods.items() for t in range(0 if early else min(found), max(found) + 1)]
    m.v_development_on = pyo.Var(running, domain=pyo.Binary)

    @m.Constraint([key for key in added if key[0] in inputs.chip_supply_gw and key not in m.v_development_on])
    def c_chip_mix_supply(m: PyomoModel, k: str, t: int) -> Expr:
        return added[k, t].at_most(inputs.chip_supply_gw[k][t])

    @m.Constraint(custom)
    def c_chip_mix_development(m: PyomoModel, k: str, t: int) -> Expr:
        most = inputs.chip_supply_gw[k][t] if k in inputs.chip_supply_gw else inputs.room_gw(k, t)
        return Sum().add_sum(1.0, added[k, t]).add(-most, m.v_development_on[k, t]).at_most(0.0)

    @m.Constraint([(k, t) for k, t in running if (k, t - 1) in m.v_development_on])
    def c_chip_mix_development_stays(m: PyomoModel, k: str, t: int) -> Expr:
        return Sum().add(1.0, m.v_development_on[k, t]).add(-1.0, m.v_development_on[k, t - 1]).at_least(0.0)

    for k, t in running:
        cost = inputs.chips[k].development_cost_busd or 0.0
        ledger.pay("development", "primary", t, cost, m.v_development_on[k, t])
        if (k, t - 1) in m.v_development_on:
            ledger.pay("development", "primary", t, -cost, m.v_development_on[k, t - 1])


def _build_usage(m: PyomoModel, inputs: Inputs, ledger: Ledger) -> None:
    """The part of the rent that is due only on chips installed beyond the signed contracts.

    Where nothing is signed that is what is installed; a variable is needed only where something is.
    """
    rented = [key for key in m.c_chip_mix_host if inputs.offers[key[0]].take_or_pay_share is not None]
    by_use = [key for key in rented if (inputs.offers[key[0]].take_or_pay_share or 0.0) < 1.0]
    beyond_signed = [(o, role, t) for o, role, t in by_use if inputs.signed_gw.get((o, role), inputs.zeros)[t] > 0.0]
    m.v_usage_gw = pyo.Var(beyond_signed, domain=pyo.NonNegativeReals)

    @m.Constraint(beyond_signed)
    def c_chip_mix_usage(m: PyomoModel, o: str, role: str, t: int) -> Expr:
        beyond = installed_gw(m, inputs, o, role, t).add(-1.0, m.v_usage_gw[o, role, t])
        return beyond.at_most(inputs.signed_gw[o, role][t])  # type: ignore[index]

    for o, role, t in by_use:
        offer = inputs.offers[o]
        rent = rent_musd_per_mw_year(offer, inputs.calendar, t)
        due = (1.0 - (offer.take_or_pay_share or 0.0)) * rent * inputs.length_years(t)
        used = Sum().add(1.0, m.v_usage_gw[o, role, t]) if (o, role, t) in m.v_usage_gw else None
        ledger.spend["usage", role, t].add_sum(due, used or installed_gw(m, inputs, o, role, t))


FAMILY = Family("chip_mix", build, requires=("contract",))
