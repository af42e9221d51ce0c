"""The table of levelised unit costs: by contract, offer, site and in all (formulation, section 15)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from planner.inputs import Inputs
from planner.inputs.contracts import MW_PER_GW
from planner.inputs.periods import Periods
from planner.plan import figures
from planner.plan.columns_money import COUNTED, PENALTIES
from planner.plan.decisions import Row, mw
from planner.plan.leases import chip_gw_of_contracts, states_chips

Tables = Mapping[str, Sequence[Mapping[str, object]]]
Key = tuple[str, str, str, str]
"""Level, site, offer and contract; empty where the level is wider."""
PLAN: Key = ("plan", "", "", "")


@dataclass(slots=True)
class _Sum:
    """What adds up at a level; compute and IT GW times years, discounted like money but for ``gw_years``."""

    busd: float = 0.0
    gw_years: float = 0.0
    discounted_gw_years: float = 0.0
    compute: dict[str, float] = field(default_factory=lambda: defaultdict(float))


Sums = dict[Key, _Sum]


def unit_costs(inputs: Inputs, tables: Tables) -> list[Row]:
    """The table, from the tables ``spend``, ``contracts``, ``in_force``, ``capacity`` and ``served``.

    Parameters
    ----------
    inputs : Inputs
    tables : mapping of str to rows
    """
    sums: Sums = defaultdict(_Sum)
    sums[PLAN] = _Sum()
    for row in tables["spend"]:
        if row["part"] not in (*PENALTIES, "financing"):
            for key in _levels(row):
                sums[key].busd += _number(row["present_value_busd"])
    _add_capacity(inputs, tables, sums)
    _add_contracts(inputs, tables, sums)
    order = {level: n for n, level in enumerate(COUNTED)}
    used = {key: found for key, found in sums.items() if found.gw_years or found.busd or key == PLAN}
    keys = sorted(used, key=lambda key: (order[key[0]], key[1:]))
    roles = {str(row["contract"]): str(row["role"]) for row in tables["contracts"]}
    return [_row(inputs, key, used[key], roles) for key in keys]


def _levels(row: Mapping[str, object]) -> list[Key]:
    """The levels that a row of site, offer and contract belongs to."""
    site, offer, contract = str(row.get("site", "")), str(row.get("offer", "")), str(row.get("contract", ""))
    return [
        PLAN,
        *([("site", site, "", "")] if site else []),
        *([("offer", site, offer, "")] if offer else []),
        *([("contract", site, offer, contract)] if contract else []),
    ]


def _add_capacity(inputs: Inputs, tables: Tables, sums: Sums) -> None:
    """IT MW in force, compute of chips installed, compute served: of offers, sites and the plan."""
    periods = Periods(inputs.calendar)
    for row in tables["in_force"]:
        t = periods.index(row["period"])
        gw = (_number(row["signed_it_mw"]) + _number(row["decided_it_mw"])) / MW_PER_GW * inputs.length_years(t)
        for key in _levels(row):
            sums[key].gw_years += gw
            sums[key].discounted_gw_years += gw * inputs.discount[t]
    for row in tables["capacity"]:
        t = periods.index(row["period"])
        for workload in ("training", "inference"):
            amount = _number(row[f"{workload}_compute"]) * inputs.length_years(t) * inputs.discount[t]
            for key in _levels(row):
                sums[key].compute[workload] += amount
    for row in tables["served"]:
        t = periods.index(row["period"])
        for key in _levels({"site": row["site"]}):
            sums[key].compute["served"] += _number(row["compute"]) * inputs.length_years(t) * inputs.discount[t]


@dataclass(frozen=True, slots=True)
class _Standing:
    """A contract: IT GW in force per period, the chip that it brings, and the IT GW of that."""

    key: Key
    role: str
    gw: Sequence[float]
    chip: str
    chip_gw: Sequence[float]

    def room_gw(self, t: int) -> float:
        """IT GW in force that its own chips leave."""
        return max(0.0, self.gw[t] - self.chip_gw[t])


def _add_contracts(inputs: Inputs, tables: Tables, sums: Sums) -> None:
    """IT MW of every contract, and compute: its own chips, its part of those that the plan installs at its offer."""
    standing: dict[tuple[str, str], list[_Standing]] = defaultdict(list)
    for one in _standing(inputs, tables["contracts"]):
        standing[one.key[2], one.role].append(one)
        for t in inputs.periods:
            gw_years = one.gw[t] * inputs.length_years(t)
            if gw_years:
                sums[one.key].gw_years += gw_years
                sums[one.key].discounted_gw_years += gw_years * inputs.discount[t]
                _add_compute(inputs, sums[one.key], one.chip, one.chip_gw[t], t)
    by_lease = states_chips(inputs, tables)
    if by_lease:
        place = {one.key[3]: one.key for of_offer in standing.values() for one in of_offer}
        for contract, k, t, gw in chip_gw_of_contracts(inputs, tables):
            _add_compute(inputs, sums[place[contract]], k, gw, t)
    periods = Periods(inputs.calendar)
    for row in tables["capacity"]:
        if by_lease and inputs.offers[str(row["offer"])].tenure == "cloud":
            continue
        t, o, role, k = periods.index(row["period"]), str(row["offer"]), str(row["role"]), str(row["chip"])
        signed = inputs.signed_chip_gw.get((o, role, k), inputs.zeros)[t]  # type: ignore[arg-type]
        gw = max(0.0, _number(row["it_mw"]) / MW_PER_GW - signed)
        here = standing[o, role]
        room = sum(one.room_gw(t) for one in here)
        for one in here:
            if one.room_gw(t) > 0.0:
                _add_compute(inputs, sums[one.key], k, gw * one.room_gw(t) / room, t)


def _add_compute(inputs: Inputs, found: _Sum, chip: str, gw: float, t: int) -> None:
    if gw:
        years = inputs.length_years(t) * inputs.discount[t]
        found.compute["training"] += gw * inputs.compute_per_gw(chip, "training", t) * years
        found.compute["inference"] += gw * inputs.compute_per_gw(chip, "inference", t) * years


def _standing(inputs: Inputs, contracts: Sequence[Mapping[str, object]]) -> list[_Standing]:
    periods = Periods(inputs.calendar)
    signed = {one.row.contract: one for one in inputs.signed}
    found = []
    for row in contracts:
        o, name, role = str(row["offer"]), str(row["contract"]), str(row["role"])
        key = ("contract", inputs.offers[o].site, o, name)
        if row["origin"] == "decided":
            start, end = periods.index(row["start_period"]), periods.index(row["end_period"])
            gw = _number(row["it_mw"]) / MW_PER_GW
            in_force = [gw * inputs.share_in_force(o, start, end, t) for t in inputs.periods]
            found.append(_Standing(key, role, in_force, "", inputs.zeros))
        elif name in signed:
            one = signed[name]
            chip = one.row.chip or ""
            found.append(_Standing(key, role, one.in_force_gw, chip, one.chip_gw if chip else inputs.zeros))
    return found


def _row(inputs: Inputs, key: Key, found: _Sum, roles: Mapping[str, str]) -> Row:
    level, site, o, contract = key
    offer = inputs.offers[o] if o else None
    mw_years = mw(found.discounted_gw_years)
    compute = {w: figures.compute(inputs, found.compute[w]) for w in ("training", "inference", "served")}
    by_site = level in ("site", "plan")
    return {
        "level": level,
        "site": site,
        "provider": offer.provider if offer else "",
        "offer": o,
        "tenure": offer.tenure if offer else "",
        "contract": contract,
        "role": roles.get(contract, ""),
        "present_value_busd": figures.money(inputs, found.busd),
        "it_mw_years": mw(found.gw_years),
        "discounted_it_mw_years": mw_years,
        "discounted_training_compute_years": compute["training"],
        "discounted_inference_compute_years": compute["inference"],
        "discounted_served_compute_years": compute["served"] if by_site else "",
        "cost_musd_per_it_mw_year": figures.ratio(found.busd * 1e3, mw_years),
        "cost_usd_per_training_compute_year": figures.ratio(found.busd * 1e9, compute["training"]),
        "cost_usd_per_inference_compute_year": figures.ratio(found.busd * 1e9, compute["inference"]),
        "cost_usd_per_served_compute_year": figures.ratio(found.busd * 1e9, compute["served"] if by_site else 0.0),
        "counted": COUNTED[level],
    }


def _number(cell: object) -> float:
    return float(cell)  # type: ignore[arg-type]
