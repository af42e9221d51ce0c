r"""Contract: blocks of an offer, in force from a start to an end (docs/formulation.md, section 2).

.. math:: n_{o,r,t} = n_{o,r,t-1} + \sum_{e} b_{o,r,t,e} - \sum_{u} b_{o,r,u,t}, \qquad
          \sum_r n_{o,r,t} \le N_o

.. math:: \sum_k l_{o,r,t,e,k} = b_{o,r,t,e} \ \text{(cloud, where there is a choice of chips)}

.. math:: \sum_r n_{o,r,t} \le N_o y_{o,t}, \qquad y_{o,t} - y_{o,t-1} \le \sum_r n_{o,r,t}, \qquad
          y_{o,t} \ge y_{o,t-1}, \qquad \sum_{r,u,e} b_{o,r,u,e} \ge m_o y_{o,T-1}

.. math:: v_{o,r,t} = v_{o,r,t-1} + \sum_{u \le t < e} (\phi_{o,u,e,t} - \phi_{o,u,e,t-1})\, b_{o,r,u,e}
          - \sum_{u} \phi_{o,u,t,t-1}\, b_{o,r,u,t} \ \text{(offers with a ramp)}

.. math:: s_o\, x_{o,t} \le \sum_{r,e} b_{o,r,t,e} \le N_o\, x_{o,t}

Indices: :math:`o` offer, :math:`r` role, :math:`t, u` period of a start, :math:`e` period of an end, :math:`k` chip.
Variables: :math:`b` = ``BLOCKS`` (integer), :math:`l` = ``LEASE_BLOCKS`` (integer), :math:`n` = ``IN_FORCE_BLOCKS``,
:math:`y` = ``OFFER_USED`` (binary, only for offers with a signing cost or a minimum commitment),
:math:`x` = ``SIGNING_ON`` (binary, only for offers with a smallest signing), :math:`v` = ``RAMPED_BLOCKS`` (what of
:math:`n` is in force, only for offers with a ramp).
Data: :math:`N` most blocks, :math:`m` minimum commitment, :math:`s` smallest signing, :math:`\phi` share of a contract
in force, on average over the period.
Duals ($B of present value per block, integers fixed): ``MAX_BLOCKS`` is the value of one more block on offer,
``MIN_BLOCKS`` the cost of one more block of the minimum commitment, ``SMALLEST_SIGNING`` of the smallest signing,
``IN_FORCE_BALANCE`` the value of one more block in force, ``RAMP_BALANCE`` of the IT MW of one more block in force,
``CHIP_CHOSEN`` of one more block whose chip need not be chosen. ``MARKS_USE``, ``FIRST_USE``, ``STAYS_USED`` and
``SIGNS`` are logical.
"""

from collections import Counter
from typing import Any

from planner.inputs import Inputs
from planner.inputs.leases import LeaseChoice
from planner.inputs.ramps import DIGITS
from planner.program.columns import BLOCKS, IN_FORCE_BLOCKS, LEASE_BLOCKS, OFFER_USED, RAMPED_BLOCKS, SIGNING_ON
from planner.program.declare import add_constraint, add_variable
from planner.program.family import Family
from planner.program.ledger import Ledger
from planner.program.sums import lease_blocks
from planner.program.terms import Domain, Expr, Program, Sum
from planner.symbols import Constraint

IN_FORCE_BALANCE = Constraint[tuple[str, str, int]](
    "contract_in_force", ("offer", "role", "period"), "value of one more block in force in the period", "contract"
)
RAMP_BALANCE = Constraint[tuple[str, str, int]](
    "contract_ramp", ("offer", "role", "period"), "value of one more block's IT MW in force in the period", "contract"
)
MAX_BLOCKS = Constraint[tuple[str, int]](
    "contract_max_blocks", ("offer", "period"), "value of one more block on offer", "contract"
)
MARKS_USE = Constraint[tuple[str, int]](
    "contract_used", ("offer", "period"), "value of one block in force at an offer not used", "contract"
)
FIRST_USE = Constraint[tuple[str, int]](
    "contract_first_use", ("offer", "period"), "value of a first use without a block in force", "contract"
)
STAYS_USED = Constraint[tuple[str, int]](
    "contract_stays_used",
    ("offer", "period"),
    "value of no longer counting as used",
    "contract",
)
CHIP_CHOSEN = Constraint[tuple[str, str, int, int]](
    "contract_chip",
    ("offer", "role", "start", "end"),
    "value of one more block whose chip need not be chosen",
    "contract",
)
MIN_BLOCKS = Constraint[str](
    "contract_min_blocks", ("offer",), "cost of one more block of the minimum commitment", "contract"
)

SMALLEST_SIGNING = Constraint[tuple[str, int]](
    "contract_smallest_signing", ("offer", "period"), "cost of one more block of the smallest signing", "contract"
)
SIGNS = Constraint[tuple[str, int]](
    "contract_signs", ("offer", "period"), "value of one block that starts without a signing", "contract"
)


def build(m: Program, inputs: Inputs, ledger: Ledger) -> None:
    """Add blocks, blocks in force and their payments; signing cost and minimum commitment where the offer has them."""
    choices = {choice.key: choice for of_offer in inputs.choices.values() for choice in of_offer}
    chips = Counter(lease.contract for of_offer in inputs.leases.values() for lease in of_offer)
    blocks = add_variable(
        m,
        BLOCKS,
        list(choices),
        domain=lambda _m, *key: Domain.NON_NEGATIVE if chips[key] > 1 else Domain.COUNTS,
        bounds=lambda _m, o, *_: (0, inputs.offers[o].max_blocks),
    )
    for key, choice in choices.items():
        for (item, t), busd in choice.pays_busd.items():
            ledger.pay(item, choice.role, t, busd, blocks[key])
        ledger.salvage.add(choice.salvage_busd, blocks[key])
    _build_leases(m, inputs, ledger)
    for contract in inputs.signed:
        for t in inputs.periods:
            ledger.pay_fixed("rent", contract.row.role, t, contract.rent_busd[t])
            ledger.pay_fixed("opex", contract.row.role, t, contract.opex_busd[t])

    changes = _changes(m)
    in_force = sorted(changes, key=lambda key: (key[0], key[1] != "primary", key[2]))
    in_force_blocks = add_variable(m, IN_FORCE_BLOCKS, in_force, domain=Domain.NON_NEGATIVE)

    @add_constraint(m, IN_FORCE_BALANCE, in_force)
    def in_force_row(m: Program, o: str, role: str, t: int) -> Expr:
        balance = Sum().add(1.0, in_force_blocks[o, role, t]).add_sum(-1.0, changes[o, role, t])
        if (o, role, t - 1) in changes:
            balance.add(-1.0, in_force_blocks[o, role, t - 1])
        return balance.equals(0.0)

    _build_ramps(m, inputs)
    offer_periods = sorted({(o, t) for o, _, t in in_force})

    @add_constraint(m, MAX_BLOCKS, [(o, t) for o, t in offer_periods if not inputs.openable(inputs.offers[o].site)])
    def max_blocks_row(m: Program, o: str, t: int) -> Expr:
        return _in_force(m, inputs, o, t).at_most(inputs.offers[o].max_blocks)

    _build_commitments(m, inputs, ledger, offer_periods)
    _build_smallest_signings(m, inputs)


def _build_ramps(m: Program, inputs: Inputs) -> None:
    """Offers with a ramp: what of the blocks is in force."""
    blocks = BLOCKS.of(m)
    ramped = [key for key in IN_FORCE_BLOCKS.of(m) if inputs.offers[key[0]].ramp is not None]
    ramped_blocks = add_variable(m, RAMPED_BLOCKS, ramped, domain=Domain.NON_NEGATIVE)
    changes = {key: Sum() for key in ramped}
    for choice in (one for o, found in inputs.choices.items() if inputs.offers[o].ramp is not None for one in found):
        for t in range(choice.start, choice.end + 1):
            change = round(choice.share(t) - choice.share(t - 1), DIGITS)
            if change and (choice.offer, choice.role, t) in changes:
                changes[choice.offer, choice.role, t].add(change, blocks[choice.key])

    @add_constraint(m, RAMP_BALANCE, ramped)
    def ramp_row(_m: Program, o: str, role: str, t: int) -> Expr:
        balance = Sum().add(1.0, ramped_blocks[o, role, t]).add_sum(-1.0, changes[o, role, t])
        if (o, role, t - 1) in changes:
            balance.add(-1.0, ramped_blocks[o, role, t - 1])
        return balance.equals(0.0)


def _build_leases(m: Program, inputs: Inputs, ledger: Ledger) -> None:
    """The chip of every contract under cloud: a choice where several are on the market at its start."""
    blocks = BLOCKS.of(m)
    leases = [lease for of_offer in inputs.leases.values() for lease in of_offer]
    chips: dict[tuple[str, str, int, int], list[LeaseChoice]] = {}
    for lease in leases:
        chips.setdefault(lease.contract, []).append(lease)
    chosen = {contract: found for contract, found in chips.items() if len(found) > 1}
    by_chip = add_variable(
        m,
        LEASE_BLOCKS,
        [lease.key for found in chosen.values() for lease in found],
        domain=Domain.COUNTS,
        bounds=lambda _m, o, *_: (0, inputs.offers[o].max_blocks),
    )

    @add_constraint(m, CHIP_CHOSEN, list(chosen))
    def chip_row(_m: Program, *contract: Any) -> Expr:
        total = Sum().add(-1.0, blocks[contract])
        for lease in chosen[contract]:
            total.add(1.0, by_chip[lease.key])
        return total.equals(0.0)

    for lease in leases:
        for t, busd in lease.usage_busd.items():
            ledger.pay("usage", lease.role, t, busd, lease_blocks(m, lease))


def _changes(m: Program) -> dict[tuple[str, str, int], Sum]:
    """Blocks that begin less blocks that end, for every offer, role and period that a contract can cover."""
    blocks = BLOCKS.of(m)
    changes: dict[tuple[str, str, int], Sum] = {}
    for o, role, start, end in blocks:
        for t in range(start, end):
            changes.setdefault((o, role, t), Sum())
    for o, role, start, end in blocks:
        changes[o, role, start].add(1.0, blocks[o, role, start, end])
        if (o, role, end) in changes:
            changes[o, role, end].add(-1.0, blocks[o, role, start, end])
    return changes


def _in_force(m: Program, inputs: Inputs, o: str, t: int) -> Sum:
    in_force_blocks = IN_FORCE_BLOCKS.of(m)
    total = Sum()
    for role in inputs.offers[o].roles:
        if (o, role, t) in in_force_blocks:
            total.add(1.0, in_force_blocks[o, role, t])
    return total


def _build_commitments(m: Program, inputs: Inputs, ledger: Ledger, offer_periods: list[tuple[str, int]]) -> None:
    """Offers with a signing cost or a minimum commitment: a binary says whether, and from when, they are used."""
    blocks = BLOCKS.of(m)
    committed = {o for o, offer in inputs.offers.items() if offer.signing_cost_busd or offer.min_blocks}
    used = [(o, t) for o, t in offer_periods if o in committed]
    offer_used = add_variable(m, OFFER_USED, used, domain=Domain.BINARY)
    last: dict[str, int] = {}
    for o, t in used:
        last[o] = max(t, last.get(o, t))

    @add_constraint(m, MARKS_USE, used)
    def used_row(m: Program, o: str, t: int) -> Expr:
        return _in_force(m, inputs, o, t).add(-float(inputs.offers[o].max_blocks), offer_used[o, t]).at_most(0.0)

    @add_constraint(m, FIRST_USE, used)
    def first_use_row(m: Program, o: str, t: int) -> Expr:
        begun = Sum().add(1.0, offer_used[o, t])
        if (o, t - 1) in offer_used:
            begun.add(-1.0, offer_used[o, t - 1])
        return begun.add_sum(-1.0, _in_force(m, inputs, o, t)).at_most(0.0)

    @add_constraint(m, STAYS_USED, [(o, t) for o, t in used if (o, t - 1) in offer_used])
    def stays_used_row(m: Program, o: str, t: int) -> Expr:
        return Sum().add(1.0, offer_used[o, t]).add(-1.0, offer_used[o, t - 1]).at_least(0.0)

    @add_constraint(m, MIN_BLOCKS, [o for o in last if inputs.offers[o].min_blocks])
    def min_blocks_row(m: Program, o: str) -> Expr:
        decided = Sum()
        for choice in inputs.choices[o]:
            decided.add(1.0, blocks[choice.key])
        return decided.add(-float(inputs.offers[o].min_blocks or 0), offer_used[o, last[o]]).at_least(0.0)

    for o, t in used:
        cost = inputs.offers[o].signing_cost_busd or 0.0
        ledger.pay("signing", "primary", t, cost, offer_used[o, t])
        if (o, t - 1) in offer_used:
            ledger.pay("signing", "primary", t, -cost, offer_used[o, t - 1])


def _build_smallest_signings(m: Program, inputs: Inputs) -> None:
    """Offers with a smallest signing: a binary says whether contracts start in a period; one block is no limit."""
    blocks = BLOCKS.of(m)
    least = {o: offer.min_blocks_per_start or 0 for o, offer in inputs.offers.items()}
    begun: dict[tuple[str, int], Sum] = {}
    for o, choices in inputs.choices.items():
        for choice in choices if least[o] > 1 else ():
            begun.setdefault((o, choice.start), Sum()).add(1.0, blocks[choice.key])
    signing_on = add_variable(m, SIGNING_ON, list(begun), domain=Domain.BINARY)

    @add_constraint(m, SMALLEST_SIGNING, list(begun))
    def smallest_row(_m: Program, o: str, t: int) -> Expr:
        return Sum().add_sum(1.0, begun[o, t]).add(-float(least[o]), signing_on[o, t]).at_least(0.0)

    @add_constraint(m, SIGNS, list(begun))
    def signs_row(_m: Program, o: str, t: int) -> Expr:
        return Sum().add_sum(1.0, begun[o, t]).add(-float(inputs.offers[o].max_blocks), signing_on[o, t]).at_most(0.0)


FAMILY = Family("contract", build)
