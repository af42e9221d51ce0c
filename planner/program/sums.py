"""Sums that several families need: IT GW in force, and chips installed or added at an offer."""

from planner.inputs import Inputs
from planner.inputs.leases import LeaseChoice
from planner.program.columns import (
    ADDED,
    BLOCKS,
    IN_FORCE_BLOCKS,
    LEASE_BLOCKS,
    RAMPED_BLOCKS,
    REFRESH_BLOCKS,
    ROOM_ADDED,
    STOCK,
    Stock,
)
from planner.program.terms import Program, Sum, Var


def in_force_gw(m: Program, inputs: Inputs, o: str, t: int) -> Sum:
    """IT GW in force of an offer in a period, both roles, signed contracts included."""
    total = Sum()
    for role in inputs.roles(o):
        total.constant += inputs.signed_gw.get((o, role), inputs.zeros)[t]
        total.add_sum(1.0, decided_gw(m, inputs, o, role, t))
    return total


def decided_gw(m: Program, inputs: Inputs, o: str, role: str, t: int) -> Sum:
    """IT GW of decided contracts in force at an offer and role in a period: of a ramp the share that is in force."""
    total, blocks, ramped = Sum(), IN_FORCE_BLOCKS.of(m), RAMPED_BLOCKS.of(m)
    if (o, role, t) in ramped:
        total.add(inputs.block_gw(o), ramped[o, role, t])
    elif (o, role, t) in blocks:
        total.add(inputs.block_gw(o), blocks[o, role, t])
    return total


def powered_gw(m: Program, inputs: Inputs, o: str, t: int) -> Sum:
    """IT GW of an offer for which there must be power in a period.

    Those in force; where only power that is there throughout the period counts, of a ramp the largest share of it.
    """
    total = in_force_gw(m, inputs, o, t)
    if inputs.offers[o].ramp is None or inputs.case.model.horizon.energisation != "throughout":
        return total
    blocks = BLOCKS.of(m)
    for choice in inputs.choices[o]:
        if choice.start <= t < choice.end:
            more = choice.largest_shares[t - choice.start] - choice.share(t)
            total.add(inputs.block_gw(o) * more, blocks[choice.key])
    return total


def installed_gw(m: Program, inputs: Inputs, o: str, role: str, t: int) -> Sum:
    """IT GW of chips installed at an offer and role in a period, chips of signed contracts included."""
    total = Sum()
    for k in inputs.chips_at(o):
        total.add_sum(1.0, chip_gw(m, inputs, o, role, k, t))
    return total


def chip_gw(m: Program, inputs: Inputs, o: str, role: str, k: str, t: int) -> Sum:
    """IT GW of one chip installed at an offer and role in a period, that of signed contracts included."""
    total, stock = Sum(), STOCK.of(m)
    if (o, role, k, t) in stock:
        total.add(1.0, stock[o, role, k, t])
    total.constant += inputs.signed_chip_gw.get((o, role, k), inputs.zeros)[t]  # type: ignore[arg-type]
    return total


def lease_blocks(m: Program, lease: LeaseChoice) -> Var:
    """Blocks decided of a contract with its chip: those of the contract, where no other chip could be chosen."""
    by_chip = LEASE_BLOCKS.of(m)
    return by_chip[lease.key] if lease.key in by_chip else BLOCKS.of(m)[lease.contract]


def added_gw(m: Program, inputs: Inputs) -> dict[Stock, Sum]:
    """IT GW of chips installed per offer, role, chip and period: bought, of leases, and in signed contracts."""
    bought, chosen = ADDED.of(m), ROOM_ADDED.of(m)
    added: dict[Stock, Sum] = {key: Sum() for key in inputs.installs}
    for key, variable in bought.items():
        added[key].add(1.0, variable)
    for o, leases in inputs.leases.items():
        for lease in leases:
            for t, share in lease.installed():
                added[o, lease.role, lease.chip, t].add(inputs.block_gw(o) * share, lease_blocks(m, lease))
    for o, refreshes in inputs.refreshes.items():
        for one in refreshes:
            blocks, gw = REFRESH_BLOCKS.of(m)[one.key], inputs.block_gw(o)
            for t, share in one.installed():
                added[o, one.lease.role, one.chip, t].add(gw * share, blocks)
            for t, share in one.spared():
                added[o, one.lease.role, one.lease.chip, t].add(-gw * share, blocks)
    for contract, k, t in inputs.room_installs:
        row = inputs.rooms[contract].row
        added[row.offer, row.role, k, t].add(1.0, chosen[contract, k, t])
    return added
