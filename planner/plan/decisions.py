"""Tables of what the plan decides: contracts, installations, openings, developments of custom chips, on-site power."""

from planner.inputs import Inputs
from planner.inputs.contracts import MW_PER_GW, ContractChoice
from planner.program.columns import ADDED, BLOCKS, DEVELOPMENT_ON, ONSITE_BUILT, SITE_OPEN, STOCK
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
                "blocks": "",
                "it_mw": row.it_mw,  # type: ignore[attr-defined]
                "start_date": row.start_date.isoformat(),  # type: ignore[attr-defined]
                "end_date": row.end_date.isoformat(),  # type: ignore[attr-defined]
                "start_period": "",
                "end_period": "",
            }
        )
    decided = [
        (choice, round(values[BLOCKS][choice.key]))
        for of_offer in inputs.choices.values()
        for choice in of_offer
        if values[BLOCKS][choice.key] > 0.5
    ]
    starts = [(choice.offer, choice.role, choice.start) for choice, _ in decided]
    for choice, blocks in decided:
        rows.append(
            _decided(inputs, choice, blocks, several=starts.count((choice.offer, choice.role, choice.start)) > 1)
        )
    return rows


def _decided(inputs: Inputs, choice: ContractChoice, blocks: int, *, several: bool) -> Row:
    offer = inputs.offers[choice.offer]
    calendar = inputs.calendar
    open_end = choice.end == calendar.count
    start_date = calendar.start_dates[choice.start]
    term_end = calendar.date_of(calendar.start_years[choice.start] + offer.term_years)
    end_period = HORIZON_END if open_end else calendar.labels[choice.end]
    key = f"{choice.offer}/{choice.role}/{calendar.labels[choice.start]}"
    return {
        "contract": f"{key}/{end_period}" if several else key,
        "origin": "decided",
        "offer": choice.offer,
        "site": offer.site,
        "provider": offer.provider,
        "tenure": offer.tenure,
        "role": choice.role,
        "blocks": blocks,
        "it_mw": mw(blocks * inputs.block_gw(choice.offer)),
        "start_date": start_date.isoformat(),
        "end_date": (
            max(term_end, calendar.start_dates[-1]) if open_end else calendar.start_dates[choice.end]
        ).isoformat(),
        "start_period": calendar.labels[choice.start],
        "end_period": end_period,
    }


def added_gw(inputs: Inputs, values: Values) -> dict[tuple[str, str, str, int], float]:
    """IT GW installed by the plan, per offer, role, chip and period.

    Where the program does not count installations they follow from the stock: the newest chips stay, the rest is new.
    """
    added: dict[tuple[str, str, str, int], float] = {}
    alive: dict[tuple[str, str, str], list[tuple[int, float]]] = {}
    for o, role, k, t in inputs.stocks:
        if inputs.counted(o, k):
            added[o, role, k, t] = max(0.0, values[ADDED].get((o, role, k, t), 0.0))
            continue
        stock = max(0.0, values[STOCK][o, role, k, t])
        kept: list[tuple[int, float]] = []
        for installed, gw in reversed(alive.get((o, role, k), [])):
            if inputs.lives(installed, t, inputs.chips[k].life_years) and stock > 0.0:
                kept.insert(0, (installed, min(gw, stock)))
                stock -= min(gw, stock)
        added[o, role, k, t] = stock
        alive[o, role, k] = [*kept, (t, stock)]
    return added


def installs(inputs: Inputs, values: Values) -> list[Row]:
    """What the plan installs and what of it stands, per offer, role, chip and period."""
    rows: list[Row] = []
    for (o, role, k, t), added in added_gw(inputs, values).items():
        stock = values[STOCK][o, role, k, t]
        if added > NOTHING_GW or stock > NOTHING_GW:
            rows.append(
                {
                    "offer": o,
                    "role": role,
                    "chip": k,
                    "period": inputs.calendar.labels[t],
                    "added_it_mw": mw(added),
                    "stock_it_mw": mw(max(0.0, stock)),
                }
            )
    return rows


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
