"""Chips under ``cloud``: what the values of the program say of each contract, and what follows from the tables."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from planner.inputs import Inputs
from planner.inputs.contracts import MW_PER_GW
from planner.inputs.leases import LeaseChoice, RefreshChoice, chip_end, room_share
from planner.inputs.periods import Periods
from planner.program.columns import BLOCKS, LEASE_BLOCKS, REFRESH_BLOCKS, ROOM_ADDED, STOCK, Stock
from planner.symbols import Values

Tables = Mapping[str, Sequence[Mapping[str, object]]]
Contract = tuple[str, str, int, int]


def lease_blocks(inputs: Inputs, values: Values) -> dict[LeaseChoice, int]:
    """Whole blocks of every lease that the plan decides."""
    found: dict[LeaseChoice, int] = {}
    for leases in inputs.leases.values():
        for lease in leases:
            by_chip = values[LEASE_BLOCKS].get(lease.key)
            value = values[BLOCKS].get(lease.contract, 0.0) if by_chip is None else by_chip
            if value > 0.5:
                found[lease] = round(value)
    return found


def refresh_blocks(inputs: Inputs, values: Values) -> dict[RefreshChoice, int]:
    """Whole blocks of every refresh that the plan decides."""
    choices = (choice for of_offer in inputs.refreshes.values() for choice in of_offer)
    decided = values[REFRESH_BLOCKS]
    return {one: round(decided[one.key]) for one in choices if decided.get(one.key, 0.0) > 0.5}


def room_added_gw(inputs: Inputs, values: Values) -> dict[tuple[str, str, int], float]:
    """IT GW that the plan installs in signed contracts that bring no chip, per contract, chip and period."""
    return {key: max(0.0, values[ROOM_ADDED].get(key, 0.0)) for key in inputs.room_installs}


def room_stock_gw(inputs: Inputs, added: Mapping[tuple[str, str, int], float], contract: str, k: str, t: int) -> float:
    """IT GW of a chip that stand in a signed contract in a period."""
    room, life = inputs.rooms[contract], inputs.chips[k].life_years
    return sum(
        gw * room_share(room, inputs.calendar, u, t, life)
        for (c, chip, u), gw in added.items()
        if gw and (c, chip) == (contract, k) and u <= t
    )


def lease_stock_gw(inputs: Inputs, values: Values) -> dict[Stock, float]:
    """IT GW of the chips of decided leases per offer, role, chip and period: those of whole blocks."""
    stock: dict[Stock, float] = defaultdict(float)
    for lease, blocks in lease_blocks(inputs, values).items():
        for t, share in enumerate(lease.shares, lease.start):
            stock[lease.offer, lease.role, lease.chip, t] += blocks * inputs.block_gw(lease.offer) * share
    for one, blocks in refresh_blocks(inputs, values).items():
        lease, gw = one.lease, blocks * inputs.block_gw(one.lease.offer)
        for t, share in enumerate(lease.shares_from(one.period), one.period):
            stock[lease.offer, lease.role, lease.chip, t] -= gw * share
        for t, share in enumerate(one.shares, one.period):
            stock[lease.offer, lease.role, one.chip, t] += gw * share
    return stock


def settled(inputs: Inputs, values: Values) -> Values:
    """The same values, but for stocks under ``cloud``: those of whole blocks, without the solver's tolerance."""
    leased = lease_stock_gw(inputs, values)
    added = room_added_gw(inputs, values)
    for contract, k in {(c, k) for (c, k, _), gw in added.items() if gw}:
        row = inputs.rooms[contract].row
        for t in inputs.periods:
            leased[row.offer, row.role, k, t] += room_stock_gw(inputs, added, contract, k, t)
    stock = {
        key: leased.get(key, 0.0) if inputs.offers[key[0]].tenure == "cloud" else gw
        for key, gw in values[STOCK].items()
    }
    return values.replaced({STOCK: stock})


def bare_from(inputs: Inputs, chip: str, start: int, end: int) -> int:
    """First period of a lease in which its chip is no longer there."""
    return chip_end(inputs.calendar, start, end, inputs.chips[chip].life_years)


def states_chips(inputs: Inputs, tables: Tables) -> bool:
    """Whether the tables say which chip every lease has; those of formats up to 4 do not."""
    decided = [row for row in tables["contracts"] if row["origin"] == "decided"]
    leases = [row for row in decided if inputs.offers[str(row["offer"])].tenure == "cloud"]
    if any(not row.get("chip") for row in leases):
        return False
    known = {(row["offer"], row["role"], row["chip"]) for row in (*leases, *tables.get("refreshes", ()))}
    return all(
        inputs.offers[str(row["offer"])].tenure != "cloud"
        or row.get("contract")
        or (row["offer"], row["role"], row["chip"]) in known
        for row in tables.get("installs", ())
    )


def chip_gw_of_contracts(inputs: Inputs, tables: Tables) -> Iterator[tuple[str, str, int, float]]:
    """IT GW of chips that stand for each lease, by contract, chip and period: decided, or put in a signed contract.

    What a refresh takes away is negative.
    """
    periods = Periods(inputs.calendar)
    found: dict[str, tuple[int, int]] = {}
    for row in tables["contracts"]:
        chip = str(row.get("chip", ""))
        if row["origin"] == "decided" and chip:
            start, end = periods.index(row["start_period"]), periods.index(row["end_period"])
            whole = float(row["it_mw"]) / MW_PER_GW  # type: ignore[arg-type]
            found[str(row["contract"])] = start, end
            for t in range(start, bare_from(inputs, chip, start, end)):
                yield str(row["contract"]), chip, t, whole * inputs.share_in_force(str(row["offer"]), start, end, t)
    for row in tables.get("refreshes", ()):
        contract, o, p = str(row["contract"]), str(row["offer"]), periods.index(row["period"])
        (start, end), gw = found[contract], float(row["blocks"]) * inputs.block_gw(o)  # type: ignore[arg-type]
        for chip, sign, since in ((str(row["replaced_chip"]), -1.0, start), (str(row["chip"]), 1.0, p)):
            for t in range(p, bare_from(inputs, chip, since, end)):
                yield contract, chip, t, sign * gw * inputs.share_in_force(o, start, end, t)
    for row in tables.get("installs", ()):
        if row.get("contract"):
            gw = float(row["stock_it_mw"]) / MW_PER_GW  # type: ignore[arg-type]
            yield str(row["contract"]), str(row["chip"]), periods.index(row["period"]), gw
