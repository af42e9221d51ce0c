"""What of a provider, or of a vendor of chips, is in service, as the money of a vendor counts it (formulation, 18)."""

from itertools import accumulate

from planner.inputs import Inputs
from planner.inputs.financing import Source
from planner.inputs.ramps import DIGITS
from planner.program.columns import BLOCKS, STOCK
from planner.program.sums import added_gw, decided_gw
from planner.program.terms import Program, Sum


def factor(inputs: Inputs, source: Source, o: str) -> float:
    """What an IT GW of an offer counts for a source: 1, or the facility GW that it needs."""
    return inputs.sites[inputs.offers[o].site].pue_peak if source.by_facility else 1.0


def level_gw(m: Program, inputs: Inputs, source: Source, t: int) -> Sum:
    """IT GW or facility GW that are in service in a period and count for a source."""
    total = Sum(source.signed_gw[t])
    for o, offer in inputs.offers.items():
        if source.row.provider is not None and offer.provider == source.row.provider:
            for role in inputs.roles(o):
                total.add_sum(factor(inputs, source, o), decided_gw(m, inputs, o, role, t))
    if source.row.chip_vendor is not None:
        for o, role, k, period in inputs.stocks:
            if period == t and inputs.chips[k].vendor == source.row.chip_vendor:
                total.add(factor(inputs, source, o), STOCK.of(m)[o, role, k, t])
    return total


def highest_before_gw(source: Source) -> tuple[float, ...]:
    """The highest level of signed contracts alone, on the first day and in the periods before each."""
    return tuple(accumulate((source.at_start_gw, *source.signed_gw[:-1]), max))


def decided_at_most_gw(inputs: Inputs, source: Source) -> float:
    """A limit of what decisions can add to the level: what the offers can have in force, with room for chips."""
    row, total = source.row, 0.0
    for o, offer in inputs.offers.items():
        gw = inputs.block_gw(o) * offer.max_blocks
        if row.chip_vendor is not None:
            if all(inputs.chips[k].vendor != row.chip_vendor for k in inputs.chips_at(o)):
                continue
            gw += max((sum(at) for at in zip(*_signed_at(inputs, o), strict=True)), default=0.0)
        elif offer.provider != row.provider:
            continue
        total += factor(inputs, source, o) * gw
    return total


def _signed_at(inputs: Inputs, o: str) -> list[tuple[float, ...]]:
    return [gw for (offer, _), gw in inputs.signed_gw.items() if offer == o]


def first_fall(inputs: Inputs, source: Source) -> int:
    """The first period in which the level may be below that of an earlier one; the number of periods if in none."""
    row, count = source.row, inputs.calendar.count
    falls = [t for t, gw in enumerate(highest_before_gw(source)) if source.signed_gw[t] < gw]
    if row.provider is not None:
        for o, choices in inputs.choices.items():
            if inputs.offers[o].provider == row.provider:
                falls += [choice.end for choice in choices]
        return min(falls, default=count)
    mine = {k for k, chip in inputs.chips.items() if chip.vendor == row.chip_vendor}
    falls += [lease.bare for leases in inputs.leases.values() for lease in leases if lease.chip in mine]
    falls += [one.period for some in inputs.refreshes.values() for one in some if one.lease.chip in mine]
    falls += [start + 1 for _, k, start in inputs.room_installs if k in mine]
    for _, _, k, start in inputs.installs:
        if k in mine:
            falls += [t for t in range(start + 1, count) if not inputs.lives(start, t, inputs.chips[k].life_years)][:1]
    return min(falls, default=count)


def entering_gw(m: Program, inputs: Inputs, source: Source, t: int) -> Sum | None:
    """What a level can rise by, at most, from one period to the next; None if that is not known."""
    row = source.row
    before = source.signed_gw[t - 1] if t else source.at_start_gw
    total = Sum(max(0.0, source.signed_gw[t] - before))
    if row.provider is not None:
        for o, choices in inputs.choices.items():
            for choice in choices if inputs.offers[o].provider == row.provider else ():
                if choice.start <= t < choice.end:
                    more = round(choice.share(t) - choice.share(t - 1), DIGITS)
                    total.add(factor(inputs, source, o) * inputs.block_gw(o) * more, BLOCKS.of(m)[choice.key])
        return total
    if any(inputs.chips[k].vendor == row.chip_vendor for _, k, _ in inputs.room_installs):
        return None  # what stands in a signed contract is there for a share of a period, which may rise by itself
    for (o, _, k, start), gw in added_gw(m, inputs).items():
        if start == t and inputs.chips[k].vendor == row.chip_vendor:
            total.add_sum(factor(inputs, source, o), gw)
    return total
