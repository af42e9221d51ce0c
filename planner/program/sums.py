"""Sums that several families need: IT GW in force and chips installed at an offer."""

from planner.inputs import Inputs
from planner.program.columns import IN_FORCE_BLOCKS, STOCK
from planner.program.terms import PyomoModel, Sum


def in_force_gw(m: PyomoModel, inputs: Inputs, o: str, t: int) -> Sum:
    """IT GW in force of an offer in a period, both roles, signed contracts included."""
    total, blocks = Sum(), IN_FORCE_BLOCKS.of(m)
    for role in inputs.roles(o):
        total.constant += inputs.signed_gw.get((o, role), inputs.zeros)[t]
        if (o, role, t) in blocks:
            total.add(inputs.block_gw(o), blocks[o, role, t])
    return total


def installed_gw(m: PyomoModel, inputs: Inputs, o: str, role: str, t: int) -> Sum:
    """IT GW of chips installed at an offer and role in a period, chips of signed contracts included."""
    total = Sum()
    for k in inputs.chips_at(o):
        total.add_sum(1.0, chip_gw(m, inputs, o, role, k, t))
    return total


def chip_gw(m: PyomoModel, inputs: Inputs, o: str, role: str, k: str, t: int) -> Sum:
    """IT GW of one chip installed at an offer and role in a period, that of signed contracts included."""
    total, stock = Sum(), STOCK.of(m)
    if (o, role, k, t) in stock:
        total.add(1.0, stock[o, role, k, t])
    total.constant += inputs.signed_chip_gw.get((o, role, k), inputs.zeros)[t]  # type: ignore[arg-type]
    return total
