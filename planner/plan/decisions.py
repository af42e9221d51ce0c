"""Tables of what the plan decides: contracts, installations, openings, developments of custom chips, on-site power."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from planner.inputs import Inputs
from planner.inputs.contracts import MW_PER_GW, ContractChoice
from planner.plan.leases import lease_blocks, lease_stock_gw, refresh_blocks, room_added_gw, room_stock_gw
from planner.program.columns import ADDED, BLOCKS, DEVELOPMENT_ON, ONSITE_BUILT, SITE_OPEN, STOCK, Stock
from planner.symbols import Values

Row = dict[str, str | float | int]

NOTHING_GW = 1e-9
"""IT or facility GW (a watt) below which something is not there."""
HORIZON_END = "end"


def mw(gw: float) -> float:
    """Power, IT or facility, in megawatts, rounded to a watt, below one to a milliwatt; never a negative zero."""
    it_mw = gw * MW_PER_GW
    return round(it_mw, 6 if abs(it_mw) >= 1.0 else 9) + 0.0


def contracts(inputs: Inputs, values: Values) -> list[Row]:
    """Signed contracts as they are in the case, then the decided ones."""
    rows: list[Row] = []
    for row in inputs.case.tables["contracts"]:
        offer = inputs.offers[row.offer]  # type: ignore[attr-defined]
        rows.append(
            {
                "contract": row.contract,  # type: ignore[attr-defined]
                "origin": "signed",
                "offer": row.offer,  # type: ignore[attr-defined]
                "site": offer.site,
                "provider": offer.provider,
                "tenure": offer.tenure,
                "role": row.role,  # type: ignore[attr-defined]
                "chip": row.chip or "",  # type: ignore[attr-defined]
                "blocks": "",
                "it_mw": row.it_mw,  # type: ignore[attr-defined]
                "start_date": row.start_date.isoformat(),  # type: ignore[attr-defined]
                "end_date": row.end_date.isoformat(),  # type: ignore[attr-defined]
                "start_period": "",
                "end_period": "",
            }
        )
    decided = list(_decisions(inputs, values))
    starts, ends = _counts(decided)
    for choice, chip, blocks in decided:
        key = contract_key(inputs, choice.key, chip, starts, ends)
        rows.append(_decided(inputs, choice, key, chip, blocks))
    return rows


def contract_key(
    inputs: Inputs,
    contract: tuple[str, str, int, int],
    chip: str,
    starts: Mapping[tuple[str, str, int], int],
    ends: Mapping[tuple[str, str, int, int], int],
) -> str:
    """Key of a decided contract; ``starts`` and ``ends`` count those that start together, and also end together."""
    offer, role, start, end = contract
    labels = inputs.calendar.labels
    key = f"{offer}/{role}/{labels[start]}"
    if starts[offer, role, start] > 1:
        key += f"/{HORIZON_END if end == inputs.calendar.count else labels[end]}"
    return f"{key}/{chip}" if ends[contract] > 1 else key


def refreshes(inputs: Inputs, values: Values) -> list[Row]:
    """Blocks of decided leases whose chip is replaced."""
    found = refresh_blocks(inputs, values)
    starts, ends = _counts(_decisions(inputs, values)) if found else (Counter(), Counter())
    return [
        {
            "contract": contract_key(inputs, one.lease.contract, one.lease.chip, starts, ends),
            "offer": one.lease.offer,
            "role": one.lease.role,
            "period": inputs.calendar.labels[one.period],
            "replaced_chip": one.lease.chip,
            "chip": one.chip,
            "blocks": blocks,
            "it_mw": mw(blocks * inputs.block_gw(one.lease.offer) * one.replaced_share),
        }
        for one, blocks in found.items()
    ]


def _decisions(inputs: Inputs, values: Values) -> Iterator[tuple[ContractChoice, str, int]]:
    """Every contract decided, with its chip under cloud, and its blocks."""
    chips: dict[tuple[str, str, int, int], list[tuple[str, int]]] = {}
    for lease, blocks in lease_blocks(inputs, values).items():
        chips.setdefault(lease.contract, []).append((lease.chip, blocks))
    for of_offer in inputs.choices.values():
        for choice in of_offer:
            if inputs.offers[choice.offer].tenure == "cloud":
                for chip, blocks in chips.get(choice.key, ()):
                    yield choice, chip, blocks
            elif values[BLOCKS][choice.key] > 0.5:
                yield choice, "", round(values[BLOCKS][choice.key])


def _counts(
    decided: Iterable[tuple[ContractChoice, str, int]],
) -> tuple[Counter[tuple[str, str, int]], Counter[tuple[str, str, int, int]]]:
    """How many contracts of an offer and role start together, and how many of them also end together."""
    keys = [choice.key for choice, _, _ in decided]
    return Counter(key[:3] for key in keys), Counter(keys)


def _decided(inputs: Inputs, choice: ContractChoice, key: str, chip: str, blocks: int) -> Row:
    offer = inputs.offers[choice.offer]
    calendar = inputs.calendar
    open_end = choice.end == calendar.count
    start_date = calendar.start_dates[choice.start]
    term_end = calendar.date_of(calendar.start_years[choice.start] + offer.term_years)
    end_period = HORIZON_END if open_end else calendar.labels[choice.end]
    return {
        "contract": key,
        "origin": "decided",
        "offer": choice.offer,
        "site": offer.site,
        "provider": offer.provider,
        "tenure": offer.tenure,
        "role": choice.role,
        "chip": chip,
        "blocks": blocks,
        "it_mw": mw(blocks * inputs.block_gw(choice.offer)),
        "start_date": start_date.isoformat(),
        "end_date": (
            max(term_end, calendar.start_dates[-1]) if open_end else calendar.start_dates[choice.end]
        ).isoformat(),
        "start_period": calendar.labels[choice.start],
        "end_period": end_period,
    }


def added_gw(inputs: Inputs, values: Values) -> dict[Stock, float]:
    """IT GW installed, per offer, role, chip and period: by the plan, or under cloud by the provider."""
    added = _added_of_contracts_gw(inputs, values)
    for (contract, k, t), gw in room_added_gw(inputs, values).items():
        row = inputs.rooms[contract].row
        added[row.offer, row.role, k, t] += gw
    return added


def _added_of_contracts_gw(inputs: Inputs, values: Values) -> dict[Stock, float]:
    """The same but for what is put in signed contracts that bring no chip."""
    added: dict[Stock, float] = dict.fromkeys(inputs.installs, 0.0)
    added |= {key: max(0.0, gw) for key, gw in values[ADDED].items()}
    for lease, blocks in lease_blocks(inputs, values).items():
        for t, share in lease.installed():
            added[lease.offer, lease.role, lease.chip, t] += blocks * inputs.block_gw(lease.offer) * share
    for one, blocks in refresh_blocks(inputs, values).items():
        lease, gw = one.lease, blocks * inputs.block_gw(one.lease.offer)
        for t, share in one.installed():
            added[lease.offer, lease.role, one.chip, t] += gw * share
        for t, share in one.spared():
            added[lease.offer, lease.role, lease.chip, t] -= gw * share
    return added


def installs(inputs: Inputs, values: Values) -> list[Row]:
    """What is installed and what of it stands, per offer, role, chip and period; in signed contracts each by itself."""
    rows: list[Row] = []
    added, leased = _added_of_contracts_gw(inputs, values), lease_stock_gw(inputs, values)
    for o, role, k, t in inputs.stocks:
        own = inputs.offers[o].tenure != "cloud"
        stock = max(0.0, values[STOCK][o, role, k, t]) if own else leased.get((o, role, k, t), 0.0)
        rows += _install(inputs, (o, role, k, t), added.get((o, role, k, t), 0.0), stock)
    chosen = room_added_gw(inputs, values)
    for contract, k in dict.fromkeys((c, k) for (c, k, _), gw in chosen.items() if gw > NOTHING_GW):
        row = inputs.rooms[contract].row
        for t in inputs.periods:
            stock = room_stock_gw(inputs, chosen, contract, k, t)
            rows += _install(inputs, (row.offer, row.role, k, t), chosen.get((contract, k, t), 0.0), stock, contract)
    return rows


def _install(inputs: Inputs, key: Stock, added: float, stock: float, contract: str = "") -> Iterator[Row]:
    """A row of what is installed, unless nothing is."""
    o, role, k, t = key
    if added > NOTHING_GW or stock > NOTHING_GW:
        yield {
            "offer": o,
            "role": role,
            "chip": k,
            "period": inputs.calendar.labels[t],
            "contract": contract,
            "added_it_mw": mw(added),
            "stock_it_mw": mw(stock),
        }


def openings(inputs: Inputs, values: Values) -> list[Row]:
    """Sites that are open, from when, and what opening them cost."""
    if inputs.case.model.families.site_opening is None:
        return []
    rows: list[Row] = []
    for s, site in inputs.sites.items():
        if not inputs.openable(s):
            signed = any((o, role) in inputs.signed_gw for o in inputs.offers_at(s) for role in inputs.roles(o))
            used = [c.start for o in inputs.offers_at(s) for c in inputs.choices[o] if values[BLOCKS][c.key] > 0.5]
            if signed or used:
                first = 0 if signed else min(used)
                origin = "signed" if signed else "decided"
                rows.append(
                    {"site": s, "period": inputs.calendar.labels[first], "origin": origin, "opening_cost_busd": 0.0}
                )
            continue
        opened = [t for t in inputs.periods if values[SITE_OPEN][s, t] > 0.5]
        if opened:
            rows.append(
                {
                    "site": s,
                    "period": inputs.calendar.labels[opened[0]],
                    "origin": "decided",
                    "opening_cost_busd": site.opening_cost_busd or 0.0,
                }
            )
    return rows


def developments(inputs: Inputs, values: Values) -> list[Row]:
    """Developments of custom chips started."""
    started: dict[str, int] = {}
    for (k, t), value in values[DEVELOPMENT_ON].items():
        if value > 0.5:
            started[k] = min(t, started.get(k, t))
    return [
        {
            "chip": k,
            "period": inputs.calendar.labels[started[k]],
            "cost_busd": inputs.chips[k].development_cost_busd or 0.0,
        }
        for k in inputs.chips
        if k in started
    ]


def power_built(inputs: Inputs, values: Values) -> list[Row]:
    """On-site power bought."""
    return [
        {
            "power_option": g,
            "site": inputs.power_options[g].site,
            "period": inputs.calendar.labels[t],
            "facility_mw": mw(values[ONSITE_BUILT][g, t]),
        }
        for g, t in inputs.onsite_builds
        if values[ONSITE_BUILT][g, t] > NOTHING_GW
    ]
