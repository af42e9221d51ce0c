r"""Chip mix: chips installed per offer, role and period, until their end of life (docs/formulation.md, section 4).

.. math:: z_{o,r,k,t} = z_{o,r,k,t-1} + a_{o,r,k,t} - a_{o,r,k,u \text{ ended in } t} \ \text{(bought chips)}

.. math:: z_{o,r,k,t} = z_{o,r,k,t-1}
          + B_o \Big(\sum_{u,e} (\psi_{o,u,e,t} - \psi_{o,u,e,t-1})\, l_{o,r,u,e,k}\Big)
          + B_o \sum (\psi_t - \psi_{t-1})\, (f \text{ to } k - f \text{ from } k)
          + \sum_{c,u} (\phi_{c,k,u,t} - \phi_{c,k,u,t-1})\, s_{c,k,u} \ \text{(cloud)}, \qquad
          \sum_{k,u \text{ alive in } t} s_{c,k,u} \le M_c\, \rho_{c,t}

.. math:: \sum_k z_{o,r,k,t} + Z_{o,r,t} \le B_o n_{o,r,t} + S_{o,r,t} \ \text{(bought chips)}, \qquad
          \sum_{o,r} a_{o,r,k,t} \le A_{k,t} \ (\times\, g_{k,t} \text{ for custom chips}), \qquad g_{k,t} \ge g_{k,t-1}

.. math:: \sum_k z_{o,r,k,t} + Z_{o,r,t} - S_{o,r,t} \le x_{o,r,t} \ \text{(rent of a shell that depends on use)}

Indices: :math:`o` offer, :math:`r` role, :math:`k` chip, :math:`t, u` period, :math:`e` period of an end,
:math:`c` signed contract under cloud that brings no chip.
Variables: :math:`a` = ``ADDED`` (under cloud what the leases that start bring, and :math:`s`), :math:`z` = ``STOCK``,
:math:`s` = ``ROOM_ADDED``, :math:`g` = ``DEVELOPMENT_ON`` (binary), :math:`x` = ``USAGE``, :math:`n` =
``IN_FORCE_BLOCKS`` (``RAMPED_BLOCKS`` with a ramp), :math:`l` = ``LEASE_BLOCKS`` (``BLOCKS`` where only one chip can be
had), :math:`f` = ``REFRESH_BLOCKS``.
Data: :math:`Z` chips of signed contracts, :math:`S` signed contracts, :math:`B` IT GW of a block, :math:`A` supply,
:math:`M` IT GW of a signed contract, :math:`\phi` share of what is installed in it that stands on average in a period,
:math:`\rho` share of its ramp, :math:`\psi` share of a decided contract that is in force with its chip (1 without a
ramp).
Duals ($B of present value per IT GW, integers fixed): ``SUPPLY`` and ``DEVELOPMENT`` are the price of one more IT GW
of a chip delivered in the period, ``ROOM`` and ``SIGNED_ROOM`` are the value of one more IT GW of room for chips,
``USAGE_BALANCE`` of one more IT GW used without rent; ``STOCK_BALANCE`` and ``LEASED_BALANCE`` are the value of one
more IT GW of the chip. ``DEVELOPMENT_STAYS`` is logical.
"""

from collections.abc import Iterator

from planner.case.fields import Role
from planner.inputs import Inputs
from planner.inputs.contracts import MW_PER_GW, rent_musd_per_mw_year
from planner.inputs.leases import room_share
from planner.program.columns import (
    ADDED,
    DEVELOPMENT_ON,
    REFRESH_BLOCKS,
    ROOM_ADDED,
    STOCK,
    USAGE,
    Stock,
)
from planner.program.declare import add_constraint, add_variable
from planner.program.family import Family
from planner.program.ledger import Ledger
from planner.program.sums import added_gw, decided_gw, installed_gw, lease_blocks
from planner.program.terms import Domain, Expr, Program, Sum
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
SIGNED_ROOM = Constraint[tuple[str, int]](
    "chip_mix_signed_room",
    ("contract", "period"),
    "value of one more IT GW of room for chips in the signed contract",
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


def build(m: Program, inputs: Inputs, ledger: Ledger) -> None:
    """Add installations, stocks, their room and their supply, and what chips cost."""
    bought = [key for key in inputs.installs if inputs.offers[key[0]].tenure != "cloud"]
    bought_gw = add_variable(m, ADDED, bought, domain=Domain.NON_NEGATIVE)
    add_variable(m, ROOM_ADDED, list(inputs.room_installs), domain=Domain.NON_NEGATIVE)
    stocks = inputs.stocks
    add_variable(m, STOCK, list(stocks), domain=Domain.NON_NEGATIVE)
    _build_stock(m, inputs)
    _build_leased(m, inputs)
    own = [(o, role, t) for o, role, _, t in stocks if inputs.offers[o].tenure != "cloud"]

    @add_constraint(m, ROOM, list(dict.fromkeys(own)))
    def host_row(m: Program, o: str, role: Role, t: int) -> Expr:
        room = installed_gw(m, inputs, o, role, t)
        room.constant -= inputs.signed_gw.get((o, role), inputs.zeros)[t]
        return room.add_sum(-1.0, decided_gw(m, inputs, o, role, t)).at_most(0.0)

    _build_supply(m, inputs, ledger)
    _build_usage(m, inputs, ledger)
    for o, role, k, t in bought:
        price = inputs.chip_price_busd_per_gw(k, t)
        ledger.pay("chips", role, t, price, bought_gw[o, role, k, t])
        if inputs.credits_salvage:
            ledger.salvage.add(price * inputs.chip_life_left_share(k, t), bought_gw[o, role, k, t])


def _build_stock(m: Program, inputs: Inputs) -> None:
    """Own chips stay until their end of life."""
    bought_gw, stock_gw = ADDED.of(m), STOCK.of(m)

    @add_constraint(m, STOCK_BALANCE, [key for key in inputs.stocks if inputs.offers[key[0]].tenure != "cloud"])
    def stock_row(m: Program, o: str, role: str, k: str, t: int) -> Expr:
        balance = Sum().add(1.0, stock_gw[o, role, k, t])
        if (o, role, k, t - 1) in stock_gw:
            balance.add(-1.0, stock_gw[o, role, k, t - 1])
        if (o, role, k, t) in bought_gw:
            balance.add(-1.0, bought_gw[o, role, k, t])
        life = inputs.chips[k].life_years
        for u in range(t):
            if (o, role, k, u) in bought_gw and inputs.lives(u, t - 1, life) and not inputs.lives(u, t, life):
                balance.add(1.0, bought_gw[o, role, k, u])
        return balance.equals(0.0)


def _build_leased(m: Program, inputs: Inputs) -> None:
    """Under cloud: the chips of leases while they are there, and what stands in signed contracts that bring none."""
    stock_gw, chosen_gw = STOCK.of(m), ROOM_ADDED.of(m)
    leased: list[Stock] = [key for key in inputs.stocks if inputs.offers[key[0]].tenure == "cloud"]
    changes = _leased_changes(m, inputs, leased)

    @add_constraint(m, LEASED_BALANCE, leased)
    def leased_row(_m: Program, o: str, role: str, k: str, t: int) -> Expr:
        balance = Sum().add(1.0, stock_gw[o, role, k, t]).add_sum(-1.0, changes[o, role, k, t])
        if (o, role, k, t - 1) in stock_gw:
            balance.add(-1.0, stock_gw[o, role, k, t - 1])
        return balance.equals(0.0)

    @add_constraint(m, SIGNED_ROOM, list(dict.fromkeys((c, t) for c, _, t in inputs.room_installs)))
    def signed_room_row(_m: Program, contract: str, t: int) -> Expr:
        alive = Sum()
        for c, k, u in inputs.room_installs:
            if c == contract and inputs.lives(u, t, inputs.chips[k].life_years):
                alive.add(1.0, chosen_gw[c, k, u])
        room = inputs.rooms[contract]
        return alive.at_most(room.row.it_mw / MW_PER_GW * room.ramp_share[t])


def _leased_changes(m: Program, inputs: Inputs, leased: list[Stock]) -> dict[Stock, Sum]:
    """By what the stock under cloud changes at the start of each period."""
    chosen_gw = ROOM_ADDED.of(m)
    changes: dict[Stock, Sum] = {key: Sum() for key in leased}
    for o, leases in inputs.leases.items():
        for lease in leases:
            blocks, gw = lease_blocks(m, lease), inputs.block_gw(o)
            for t, share in lease.installed():
                changes[o, lease.role, lease.chip, t].add(gw * share, blocks)
            if (o, lease.role, lease.chip, lease.bare) in changes:
                changes[o, lease.role, lease.chip, lease.bare].add(-gw * lease.shares[-1], blocks)
    _add_refreshes(m, inputs, changes)
    for contract, k, u in inputs.room_installs:
        row = inputs.rooms[contract].row
        for t, more in _share_changes(inputs, contract, k, u):
            if (row.offer, row.role, k, t) in changes:
                changes[row.offer, row.role, k, t].add(more, chosen_gw[contract, k, u])
    return changes


def _add_refreshes(m: Program, inputs: Inputs, changes: dict[Stock, Sum]) -> None:
    """A refresh takes the chip of a lease away before its time, and brings another."""
    for o, refreshes in inputs.refreshes.items():
        gw = inputs.block_gw(o)
        for one in refreshes:
            blocks, role = REFRESH_BLOCKS.of(m)[one.key], one.lease.role
            steps = [(one.chip, t, gw * share) for t, share in one.installed()]
            steps.append((one.chip, one.bare, -gw * one.shares[-1]))
            if one.period < one.lease.bare:
                steps += [(one.lease.chip, t, -gw * share) for t, share in one.removed()]
                steps.append((one.lease.chip, one.lease.bare, gw * one.lease.shares[-1]))
            for k, t, more in steps:
                if (o, role, k, t) in changes:
                    changes[o, role, k, t].add(more, blocks)


def _share_changes(inputs: Inputs, contract: str, k: str, installed: int) -> Iterator[tuple[int, float]]:
    """By what the share of a chip that stands in a signed contract changes, period by period."""
    before = 0.0
    for t in range(installed, inputs.calendar.count):
        stands = room_share(inputs.rooms[contract], inputs.calendar, installed, t, inputs.chips[k].life_years)
        yield t, round(stands - before, 12)
        before = stands


def _build_supply(m: Program, inputs: Inputs, ledger: Ledger) -> None:
    """Yearly supply per chip; a custom chip is delivered only once its development has been started."""
    added: dict[tuple[str, int], Sum] = {}
    for (_, _, k, t), gw in added_gw(m, inputs).items():
        added.setdefault((k, t), Sum()).add_sum(1.0, gw)
    custom = [(k, t) for k, t in added if inputs.chips[k].development_cost_busd is not None]
    periods = {k: [t for chip, t in custom if chip == k] for k, _ in custom}
    # A development may be started in any period, also before its chip is on the market: its cost falls where money is.
    # Where money left over is carried, or not limited, paying later is always as good: early starts are not declared.
    budget = inputs.case.model.families.budget
    early = budget is not None and not budget.carry_over
    running = [(k, t) for k, found in periods.items() for t in range(0 if early else min(found), max(found) + 1)]
    development_on = add_variable(m, DEVELOPMENT_ON, running, domain=Domain.BINARY)

    @add_constraint(m, SUPPLY, [key for key in added if key[0] in inputs.chip_supply_gw and key not in development_on])
    def supply_row(m: Program, k: str, t: int) -> Expr:
        return added[k, t].at_most(inputs.chip_supply_gw[k][t])

    @add_constraint(m, DEVELOPMENT, custom)
    def development_row(m: Program, k: str, t: int) -> Expr:
        most = inputs.chip_supply_gw[k][t] if k in inputs.chip_supply_gw else inputs.room_gw(k, t)
        return Sum().add_sum(1.0, added[k, t]).add(-most, development_on[k, t]).at_most(0.0)

    @add_constraint(m, DEVELOPMENT_STAYS, [(k, t) for k, t in running if (k, t - 1) in development_on])
    def development_stays_row(m: Program, k: str, t: int) -> Expr:
        return Sum().add(1.0, development_on[k, t]).add(-1.0, development_on[k, t - 1]).at_least(0.0)

    for k, t in running:
        cost = inputs.chips[k].development_cost_busd or 0.0
        ledger.pay("development", "primary", t, cost, development_on[k, t])
        if (k, t - 1) in development_on:
            ledger.pay("development", "primary", t, -cost, development_on[k, t - 1])


def _build_usage(m: Program, inputs: Inputs, ledger: Ledger) -> None:
    """The part of the rent of a shell that is due only on chips installed beyond the signed contracts.

    Where nothing is signed that is what is installed; a variable is needed only where something is.
    """
    shells = [key for key in ROOM.of(m) if inputs.offers[key[0]].tenure == "shell"]
    by_use = [key for key in shells if (inputs.offers[key[0]].take_or_pay_share or 0.0) < 1.0]
    beyond_signed = [(o, role, t) for o, role, t in by_use if inputs.signed_gw.get((o, role), inputs.zeros)[t] > 0.0]
    usage_gw = add_variable(m, USAGE, beyond_signed, domain=Domain.NON_NEGATIVE)

    @add_constraint(m, USAGE_BALANCE, beyond_signed)
    def usage_row(m: Program, o: str, role: str, t: int) -> Expr:
        beyond = installed_gw(m, inputs, o, role, t).add(-1.0, usage_gw[o, role, t])
        return beyond.at_most(inputs.signed_gw[o, role][t])  # type: ignore[index]

    for o, role, t in by_use:
        offer = inputs.offers[o]
        rent = rent_musd_per_mw_year(offer, inputs.calendar, t)
        due = (1.0 - (offer.take_or_pay_share or 0.0)) * rent * inputs.length_years(t)
        used = Sum().add(1.0, usage_gw[o, role, t]) if (o, role, t) in usage_gw else None
        ledger.spend["usage", role, t].add_sum(due, used or installed_gw(m, inputs, o, role, t))


FAMILY = Family("chip_mix", build, requires=("contract", "refresh"))
