r"""Chip mix: chips installed per offer, role and period, until their end of life (docs/formulation.md, section 4).

.. math:: z_{o,r,k,t} = z_{o,r,k,t-1} + a_{o,r,k,t} - a_{o,r,k,u \text{ ended in } t} \ \text{(bought chips)}

.. math:: z_{o,r,k,t} \le z_{o,r,k,t-1} + a_{o,r,k,t}, \qquad
          z_{o,r,k,t} \le \sum_{u \text{ alive in } t} a_{o,r,k,u} \ \text{(leased chips)}

.. math:: \sum_k z_{o,r,k,t} + Z_{o,r,t} \le B_o n_{o,r,t} + S_{o,r,t}, \qquad
          \sum_{o,r} a_{o,r,k,t} \le A_{k,t} \ (\times\, g_{k,t} \text{ for custom chips}), \qquad g_{k,t} \ge g_{k,t-1}

.. math:: \sum_k z_{o,r,k,t} + Z_{o,r,t} - S_{o,r,t} \le x_{o,r,t} \ \text{(rent that depends on use)}

Indices: :math:`o` offer, :math:`r` role, :math:`k` chip, :math:`t, u` period.
Variables: :math:`a` = ``ADDED`` (leased chips without a supply limit need none: what is added follows from the stock),
:math:`z` = ``STOCK``, :math:`g` = ``DEVELOPMENT_ON`` (binary), :math:`x` = ``USAGE``, :math:`n` = ``IN_FORCE_BLOCKS``.
Data: :math:`Z` chips of signed contracts, :math:`S` signed contracts, :math:`B` IT GW of a block, :math:`A` supply.
Duals ($B of present value per IT GW, integers fixed): ``SUPPLY`` and ``DEVELOPMENT`` are the price of one more IT GW
of a chip delivered in the period, ``ROOM`` is the value of one more IT GW of room for chips, ``USAGE_BALANCE`` of one
more IT GW used without rent; ``STOCK_BALANCE``, ``LEASED_BALANCE`` and ``LIFE`` are the value of one more IT GW of the
chip. ``DEVELOPMENT_STAYS`` is logical.
"""

import pyomo.environ as pyo

from planner.case.fields import Role
from planner.inputs import Inputs
from planner.inputs.contracts import rent_musd_per_mw_year
from planner.program.columns import ADDED, DEVELOPMENT_ON, IN_FORCE_BLOCKS, STOCK, USAGE
from planner.program.declare import add_constraint, add_variable
from planner.program.family import Family
from planner.program.ledger import Ledger
from planner.program.sums import installed_gw
from planner.program.terms import Expr, PyomoModel, Sum
from planner.symbols import Constraint

ROOM = Constraint[tuple[str, Role, int]](
    "chip_mix_host", ("offer", "role", "period"), "value of one more IT GW of room for chips", "chip_mix"
)
STOCK_BALANCE = Constraint[tuple[str, str, str, int]](
    "chip_mix_stock",
    ("offer", "role", "chip", "period"),
    "value of one more IT GW of the chip in the period",
    "chip_mix",
)
LEASED_BALANCE = Constraint[tuple[str, str, str, int]](
    "chip_mix_leased",
    ("offer", "role", "chip", "period"),
    "value of one more IT GW of the chip in the period",
    "chip_mix",
)
LIFE = Constraint[tuple[str, str, str, int]](
    "chip_mix_life",
    ("offer", "role", "chip", "period"),
    "value of one more IT GW of the chip after its end of life",
    "chip_mix",
)
SUPPLY = Constraint[tuple[str, int]](
    "chip_mix_supply", ("chip", "period"), "price of one more IT GW of the chip delivered in the period", "chip_mix"
)
DEVELOPMENT = Constraint[tuple[str, int]](
    "chip_mix_development",
    ("chip", "period"),
    "price of one more IT GW of the chip delivered in the period",
    "chip_mix",
)
DEVELOPMENT_STAYS = Constraint[tuple[str, int]](
    "chip_mix_development_stays", ("chip", "period"), "value of undoing a development that has started", "chip_mix"
)
USAGE_BALANCE = Constraint[tuple[str, Role, int]](
    "chip_mix_usage",
    ("offer", "role", "period"),
    "value of one more IT GW used without rent",
    "chip_mix",
)


def build(m: PyomoModel, inputs: Inputs, ledger: Ledger) -> None:
    """Add installations, stocks, their room and their supply, and what chips cost."""
    in_force_blocks = IN_FORCE_BLOCKS.of(m)
    installs = [key for key in inputs.installs if inputs.counted(key[0], key[2])]
    added_gw = add_variable(m, ADDED, list(installs), domain=pyo.NonNegativeReals)
    stocks = inputs.stocks
    add_variable(m, STOCK, list(stocks), domain=pyo.NonNegativeReals)
    _build_stock(m, inputs)

    @add_constraint(m, ROOM, list(dict.fromkeys((o, role, t) for o, role, _, t in stocks)))
    def host_row(m: PyomoModel, o: str, role: Role, t: int) -> Expr:
        room = installed_gw(m, inputs, o, role, t)
        room.constant -= inputs.signed_gw.get((o, role), inputs.zeros)[t]
        if (o, role, t) in in_force_blocks:
            room.add(-inputs.block_gw(o), in_force_blocks[o, role, t])
        return room.at_most(0.0)

    _build_supply(m, inputs, ledger)
    _build_usage(m, inputs, ledger)
    for o, role, k, t in installs:
        if inputs.offers[o].tenure != "cloud":
            price = inputs.chip_price_busd_per_gw(k, t)
            ledger.pay("chips", role, t, price, added_gw[o, role, k, t])
            if inputs.credits_salvage:
                ledger.salvage.add(price * inputs.chip_life_left_share(k, t), added_gw[o, role, k, t])


def _build_stock(m: PyomoModel, inputs: Inputs) -> None:
    """Own chips stay until their end of life; leased ones may be given up earlier, the oldest first."""
    added_gw = ADDED.of(m)
    stock_gw = STOCK.of(m)
    own = [key for key in inputs.stocks if inputs.offers[key[0]].tenure != "cloud"]
    leased = [
        key for key in inputs.stocks if inputs.offers[key[0]].tenure == "cloud" and inputs.counted(key[0], key[2])
    ]

    @add_constraint(m, STOCK_BALANCE, own)
    def stock_row(m: PyomoModel, o: str, role: str, k: str, t: int) -> Expr:
        balance = _change(m, o, role, k, t)
        life = inputs.chips[k].life_years
        for u in range(t):
            if (o, role, k, u) in added_gw and inputs.lives(u, t - 1, life) and not inputs.lives(u, t, life):
                balance.add(1.0, added_gw[o, role, k, u])
        return balance.equals(0.0)

    @add_constraint(m, LEASED_BALANCE, leased)
    def leased_row(m: PyomoModel, o: str, role: str, k: str, t: int) -> Expr:
        return _change(m, o, role, k, t).at_most(0.0)

    @add_constraint(m, LIFE, [key for key in leased if not inputs.lives(0, key[3], inputs.chips[key[2]].life_years)])
    def life_row(m: PyomoModel, o: str, role: str, k: str, t: int) -> Expr:
        alive = Sum().add(1.0, stock_gw[o, role, k, t])
        for u in range(t + 1):
            if (o, role, k, u) in added_gw and inputs.lives(u, t, inputs.chips[k].life_years):
                alive.add(-1.0, added_gw[o, role, k, u])
        return alive.at_most(0.0)


def _change(m: PyomoModel, o: str, role: str, k: str, t: int) -> Sum:
    """Stock of a period less the stock of the period before and what is added."""
    stock_gw = STOCK.of(m)
    added_gw = ADDED.of(m)
    balance = Sum().add(1.0, stock_gw[o, role, k, t])
    if (o, role, k, t - 1) in stock_gw:
        balance.add(-1.0, stock_gw[o, role, k, t - 1])
    if (o, role, k, t) in added_gw:
        balance.add(-1.0, added_gw[o, role, k, t])
    return balance


def _build_supply(m: PyomoModel, inputs: Inputs, ledger: Ledger) -> None:
    """Yearly supply per chip; a custom chip is delivered only once its development has been started."""
    added_gw = ADDED.of(m)
    added: dict[tuple[str, int], Sum] = {}
    for o, role, k, t in added_gw:
        added.setdefault((k, t), Sum()).add(1.0, added_gw[o, role, k, t])
    custom = [(k, t) for k, t in added if inputs.chips[k].development_cost_busd is not None]
    periods = {k: [t for chip, t in custom if chip == k] for k, _ in custom}
    # A development may be started in any period, also before its chip is on the market: its cost falls where money is.
    # Where money left over is carried, or not limited, paying later is always as good: early starts are not declared.
    budget = inputs.case.model.families.budget
    early = budget is not None and not budget.carry_over
    running = [(k, t) for k, found in periods.items() for t in range(0 if early else min(found), max(found) + 1)]
    development_on = add_variable(m, DEVELOPMENT_ON, running, domain=pyo.Binary)

    @add_constraint(m, SUPPLY, [key for key in added if key[0] in inputs.chip_supply_gw and key not in development_on])
    def supply_row(m: PyomoModel, k: str, t: int) -> Expr:
        return added[k, t].at_most(inputs.chip_supply_gw[k][t])

    @add_constraint(m, DEVELOPMENT, custom)
    def development_row(m: PyomoModel, k: str, t: int) -> Expr:
        most = inputs.chip_supply_gw[k][t] if k in inputs.chip_supply_gw else inputs.room_gw(k, t)
        return Sum().add_sum(1.0, added[k, t]).add(-most, development_on[k, t]).at_most(0.0)

    @add_constraint(m, DEVELOPMENT_STAYS, [(k, t) for k, t in running if (k, t - 1) in development_on])
    def development_stays_row(m: PyomoModel, k: str, t: int) -> Expr:
        return Sum().add(1.0, development_on[k, t]).add(-1.0, development_on[k, t - 1]).at_least(0.0)

    for k, t in running:
        cost = inputs.chips[k].development_cost_busd or 0.0
        ledger.pay("development", "primary", t, cost, development_on[k, t])
        if (k, t - 1) in development_on:
            ledger.pay("development", "primary", t, -cost, development_on[k, t - 1])


def _build_usage(m: PyomoModel, inputs: Inputs, ledger: Ledger) -> None:
    """The part of the rent that is due only on chips installed beyond the signed contracts.

    Where nothing is signed that is what is installed; a variable is needed only where something is.
    """
    rented = [key for key in ROOM.of(m) if inputs.offers[key[0]].take_or_pay_share is not None]
    by_use = [key for key in rented if (inputs.offers[key[0]].take_or_pay_share or 0.0) < 1.0]
    beyond_signed = [(o, role, t) for o, role, t in by_use if inputs.signed_gw.get((o, role), inputs.zeros)[t] > 0.0]
    usage_gw = add_variable(m, USAGE, beyond_signed, domain=pyo.NonNegativeReals)

    @add_constraint(m, USAGE_BALANCE, beyond_signed)
    def usage_row(m: PyomoModel, o: str, role: str, t: int) -> Expr:
        beyond = installed_gw(m, inputs, o, role, t).add(-1.0, usage_gw[o, role, t])
        return beyond.at_most(inputs.signed_gw[o, role][t])  # type: ignore[index]

    for o, role, t in by_use:
        offer = inputs.offers[o]
        rent = rent_musd_per_mw_year(offer, inputs.calendar, t)
        due = (1.0 - (offer.take_or_pay_share or 0.0)) * rent * inputs.length_years(t)
        used = Sum().add(1.0, usage_gw[o, role, t]) if (o, role, t) in usage_gw else None
        ledger.spend["usage", role, t].add_sum(due, used or installed_gw(m, inputs, o, role, t))


FAMILY = Family("chip_mix", build, requires=("contract",))
