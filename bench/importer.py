"""Public site-allocation instances as cases of the planner.

One period of one year, no discounting. One unit of demand is one unit of compute; one chip gives one unit of compute
per IT GW (or, where that would make unhandy numbers, a power of ten of them). Every candidate site has one ``cloud``
offer without rent whose single block is the capacity of the site; the fixed cost of the instance is the opening cost
of the site, the cost of service is the serving table. One unit of cost is one billion dollars (or, for large costs, a
power of ten is taken out: :attr:`Imported.cost_per_busd` says how many units of cost a billion is).

A region without demand but with a cost of its own still has to be assigned in these problems, and costs what its
site charges. It becomes a training demand of one unit served by a second chip, hosted by an offer of its own, so that
it opens sites and pays like the others and takes nothing from the capacity.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import ceil, floor, isfinite, log10
from typing import Any

from bench.allocation import Allocation, read_allocation
from planner.case.case import CaseData
from planner.case.model import Families, Horizon, Model, Objective, SiteOpening, Tables
from planner.case.row import Row
from planner.case.rows import (
    ChipRow,
    DemandRow,
    EnergisationRow,
    MarketRow,
    OfferRow,
    PowerRegionRow,
    ProviderRow,
    ServingRow,
    SiteRow,
)

START = date(2026, 1, 1)
YEAR = 2026
LARGEST_GW = 1e5
LARGEST_BUSD = 1e7
SMALLEST = 1.0
SERVER = "server"
"""Key of the chip that serves demand that takes capacity."""
TOKEN = "token"
"""Key of the chip that serves regions without demand."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A case made from an instance."""

    case: CaseData
    allocation: Allocation
    cost_per_busd: float
    """Units of the instance's cost in a billion dollars of the case."""
    ignored: tuple[str, ...] = field(default=())
    """Keys of the file that were not read."""


_KNOWN = frozenset(
    name
    for names in (
        ("format", "name", "problem", "origin", "cost_note", "sites", "regions", "cost_full_demand", "cost_per_unit"),
        ("p", "n", "distance", "weight", "nodes", "capacity", "earth_radius_miles"),
        ("published", "published_split_optimum", "published_single_source_best_known"),
        # Data of another problem (unreliable sites) on the same nodes.
        ("failure_probability", "alpha"),
    )
    for name in names
)


def _power_of_ten(largest: float, allowed: float) -> float:
    """The power of ten nearest to 1 that brings ``largest`` between ``SMALLEST`` and ``allowed`` when divided by it."""
    if largest > allowed:
        return 10.0 ** ceil(log10(largest / allowed))
    return 10.0 ** floor(log10(largest / SMALLEST)) if 0.0 < largest < SMALLEST else 1.0


def _sites(allocation: Allocation, it_mw: Sequence[float], token_mw: float, cost_per_busd: float) -> list[Row]:
    return [
        SiteRow(
            site=f"S{s + 1}",
            name=allocation.site_names[s] if allocation.site_names else f"S{s + 1}",
            available=True,
            country="US",  # the instance has none, and nothing in the case depends on it
            power_region="grid",
            pue_peak=1.0,
            pue_average=1.0,
            max_it_mw=it_mw[s] + token_mw,
            earliest_date=START,
            opening_cost_busd=allocation.fixed_cost[s] / cost_per_busd,
        )
        for s in range(len(it_mw))
    ]


def _chip(key: str, workload: str, compute_per_it_mw: float) -> ChipRow:
    return ChipRow(
        chip=key,
        name=key,
        vendor="vendor",
        power_w_per_accelerator=1000.0,
        price_growth_per_year=0.0,
        life_years=1.0,
        first_date=START,
        training_compute_per_it_mw=compute_per_it_mw if workload == "training" else None,
        inference_compute_per_it_mw=compute_per_it_mw if workload == "inference" else None,
    )


def _offer(site: int, chip: str, it_mw: float) -> OfferRow:
    return OfferRow(
        offer=f"S{site + 1}.{chip}",
        name=f"capacity of S{site + 1} ({chip})",
        site=f"S{site + 1}",
        provider="provider",
        tenure="cloud",
        roles=("primary",),
        chips=(chip,),
        block_it_mw=it_mw if it_mw > 0 else 1.0,
        max_blocks=1 if it_mw > 0 else 0,
        first_start=START,
        lead_months=0.0,
        term_years=1.0,
        rent_musd_per_mw_year=0.0,
        rent_growth_per_year=0.0,
        take_or_pay_share=1.0,
    )


def _markets(allocation: Allocation) -> tuple[list[Row], list[Row]]:
    markets: list[Row] = [
        MarketRow(market=f"R{r + 1}", name=f"R{r + 1}", single_source=allocation.single_source)
        for r in range(len(allocation.demand))
    ]
    demand: list[Row] = [
        DemandRow(
            market=f"R{r + 1}",
            workload="inference" if amount > 0 else "training",
            year=YEAR,
            compute=amount if amount > 0 else 1.0,
        )
        for r, amount in enumerate(allocation.demand)
    ]
    return markets, demand


def _serving(allocation: Allocation, cost_per_busd: float) -> list[Row]:
    return [
        ServingRow(
            site=f"S{s + 1}",
            market=f"R{r + 1}",
            cost_busd_per_compute_year=cost
            / cost_per_busd
            / (allocation.demand[r] if allocation.demand[r] > 0 else 1.0),
        )
        for s, row in enumerate(allocation.cost)
        for r, cost in enumerate(row)
        if isfinite(cost)
    ]


def _model(allocation: Allocation) -> Model:
    key = "".join(c if c.isalnum() or c in "_.-" else "-" for c in allocation.name)[:60]
    names = ("sites", "energisation", "providers", "power_regions", "chips", "offers", "markets", "demand", "serving")
    return Model(
        format=1,
        name=f"i{key}" if not key[:1].isalnum() else key,
        title=f"Site allocation {allocation.name}",
        description="A public instance, imported by bench/importer.py.",
        compute_unit="units of demand of the instance",
        horizon=Horizon(start=START, periods=1, period_months=12),
        tables=Tables(**{name: f"{name}.csv" for name in names}),
        objective=Objective(unserved="lexicographic", discount_rate_per_year=0.0, salvage="none"),
        families=Families(site_opening=SiteOpening(open_exactly=allocation.open_exactly)),
    )


def allocation_case(allocation: Allocation) -> Imported:
    """The case of an instance; see the module's text for the mapping."""
    capacity = allocation.usable_capacity
    demand_per_gw = _power_of_ten(max(capacity, default=0.0), LARGEST_GW)
    dearest = max(
        [*allocation.fixed_cost, *(abs(cost) for row in allocation.cost for cost in row if isfinite(cost))], default=0.0
    )
    cost_per_busd = _power_of_ten(dearest, LARGEST_BUSD)
    it_mw = [1000.0 * amount / demand_per_gw for amount in capacity]
    tokens = sum(1 for amount in allocation.demand if amount <= 0)
    # The site must have room for the block of tokens beside its capacity; a token is one IT MW.
    offers: list[Row] = [_offer(s, SERVER, amount) for s, amount in enumerate(it_mw)]
    chips: list[Row] = [_chip(SERVER, "inference", demand_per_gw / 1000.0)]
    if tokens:
        offers += [_offer(s, TOKEN, float(tokens)) for s in range(len(it_mw))]
        chips.append(_chip(TOKEN, "training", 1.0))
    markets, demand = _markets(allocation)
    tables: dict[str, Iterable[Row]] = {
        "sites": _sites(allocation, it_mw, float(tokens), cost_per_busd),
        "energisation": [
            EnergisationRow(site=f"S{s + 1}", date=START, facility_mw=amount + tokens) for s, amount in enumerate(it_mw)
        ],
        "providers": [ProviderRow(provider="provider", name="provider")],
        "power_regions": [
            PowerRegionRow(
                power_region="grid",
                name="grid",
                country="US",  # the instance has none, and nothing in the case depends on it
                tariff_usd_per_mwh=0.0,
                tariff_growth_per_year=0.0,
                carbon_kg_per_mwh=0.0,
                firm_facility_mw=0.0,
                added_facility_mw_per_year=0.0,
            )
        ],
        "chips": chips,
        "offers": offers,
        "markets": markets,
        "demand": demand,
        "serving": _serving(allocation, cost_per_busd),
    }
    model = _model(allocation)
    case = CaseData(
        model=model,
        tables={name: tuple(rows) for name, rows in tables.items()},
        present=frozenset(tables),
        origin=allocation.name,
    )
    return Imported(case=case, allocation=allocation, cost_per_busd=cost_per_busd)


def to_case(instance: Mapping[str, Any]) -> CaseData:
    """The case of a parsed instance file; costs in units of :attr:`Imported.cost_per_busd`.

    Raises
    ------
    NotMappedError
        If the instance has no natural mapping.
    """
    return import_instance(instance).case


def import_instance(instance: Mapping[str, Any]) -> Imported:
    """The case of a parsed instance file with what is needed to read its cost back.

    Raises
    ------
    NotMappedError
        If the instance has no natural mapping.
    """
    allocation = read_allocation(instance)
    imported = allocation_case(allocation)
    ignored = tuple(sorted(set(instance) - _KNOWN))
    return Imported(imported.case, allocation, imported.cost_per_busd, ignored)
