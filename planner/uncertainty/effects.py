"""What happens in one scenario, as changes in the one language of changes: each figure once, in a fixed order."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from planner.case.case import CaseData, key_text
from planner.case.rows import BudgetRow, ChipRow, ChipSupplyRow, ContractRow, OfferRow, PowerRegionRow
from planner.case.rows_financing import FinancingRow
from planner.case.rows_risks import RiskRow

LEAST_MATURITY = 0.001
"""Least share of its mature compute that a chip may give."""
FUNDS = ("up_to_busd", "busd_per_it_gw", "busd_per_facility_gw")
"""What a source brings: the first that it states is what fails."""
Entry = str | dict[str, Any]


def _product() -> dict[Any, float]:
    return defaultdict(lambda: 1.0)


@dataclass(slots=True)
class Effects:
    """What the events of one scenario do together: the longest delay counts, shares multiply."""

    case: CaseData
    late: dict[tuple[str, str], int] = field(default_factory=dict)
    """Months by table (sites, chips) and key."""
    left: dict[str, float] = field(default_factory=_product)
    """Share of the blocks that can still be decided, by site."""
    factors: dict[tuple[str, str, str], float] = field(default_factory=_product)
    """Of a figure, by table, key and column."""
    immature: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Share of its compute that a chip gives at first, and the years until it gives all, by chip."""

    def add(self, risk: RiskRow, targets: tuple[str, ...], impact: float) -> None:
        """Add an event."""
        _ADD[risk.kind](self, risk, targets, impact)

    def changes(self) -> Iterator[Entry]:
        """Yield the changes: factors of figures, blocks, maturity, and then what comes later."""
        for (table, key, column), factor in sorted(self.factors.items()):
            place = f"{table}[{key}].{column}"
            yield {"op": "scale", "place": place, "factor": float(f"{factor:.6g}")}
        for site, share in sorted(self.left.items()):
            yield from self._blocks(site, share)
        for chip, (share, years) in sorted(self.immature.items()):
            yield f"chips[{chip}].first_volume_maturity_share={share:.6g}"
            yield f"chips[{chip}].maturity_years={years:.6g}"
        for table in ("sites", "chips"):
            months_of = {key: months for (where, key), months in self.late.items() if where == table and months}
            for months in sorted(set(months_of.values())):
                keys = ";".join(sorted(key for key, late in months_of.items() if late == months))
                yield {"op": "shift", "place": f"{table}[{keys}]", "months": months, "if_any": True}
        for contract, months in self._renewals():
            yield {"op": "shift", "place": f"contracts[{contract}]", "months": -months, "if_any": True}

    def _renewals(self) -> Iterator[tuple[str, int]]:
        """Yield signed contracts that continue one that has begun, and how far they moved with their sites: back."""
        offers, start = self.case.by_key(OfferRow), self.case.model.horizon.start
        ends: set[tuple[str, date]] = set()
        for contract in sorted(self.case.rows(ContractRow), key=lambda row: (row.start_date, row.contract)):
            begun = contract.start_date <= start
            if begun or (contract.offer, contract.start_date) in ends:
                ends.add((contract.offer, contract.end_date))
                months = self.late.get(("sites", offers[contract.offer].site), 0)
                if months and not begun:
                    yield contract.contract, months

    def _blocks(self, site: str, share: float) -> Iterator[Entry]:
        """Yield what is left of the blocks of the offers at a site; less than the least that may be signed is none."""
        for offer in self.case.rows(OfferRow):
            left = math.floor(offer.max_blocks * share + 1e-9)
            if offer.site != site or left == offer.max_blocks:
                continue
            least = {name: getattr(offer, name) for name in ("min_blocks", "min_blocks_per_start")}
            if left < max((value or 0 for value in least.values()), default=0):
                left = 0
                for name, value in least.items():
                    if value is not None:
                        yield {"op": "relax", "place": f"offers[{offer.offer}].{name}"}
            yield f"offers[{offer.offer}].max_blocks={left}"


def _later(table: str) -> Callable[[Effects, RiskRow, tuple[str, ...], float], None]:
    def add(effects: Effects, _risk: RiskRow, targets: tuple[str, ...], impact: float) -> None:
        for target in targets:
            effects.late[table, target] = max(effects.late.get((table, target), 0), round(impact))

    return add


def _lost(effects: Effects, _risk: RiskRow, targets: tuple[str, ...], impact: float) -> None:
    for site in targets:
        effects.left[site] *= 1.0 - impact


def _supply(effects: Effects, risk: RiskRow, targets: tuple[str, ...], impact: float) -> None:
    for row in effects.case.rows(ChipSupplyRow):
        if row.chip in targets and _within(row.year, risk) and row.it_mw > 0.0:
            effects.factors["chip_supply", key_text(row.key), "it_mw"] *= 1.0 - impact


def _within(year: int, risk: RiskRow) -> bool:
    return (risk.first_year is None or year >= risk.first_year) and (risk.last_year is None or year <= risk.last_year)


def _integration(effects: Effects, risk: RiskRow, targets: tuple[str, ...], impact: float) -> None:
    for target in targets:
        chip = effects.case.by_key(ChipRow)[target]
        given = (chip.first_volume_maturity_share or 1.0, chip.maturity_years or 0.0)
        share, years = effects.immature.get(target, given)
        least = max(LEAST_MATURITY, share * (1.0 - impact))
        effects.immature[target] = (least, max(years, risk.maturity_years or 0.0))


def _prices(effects: Effects, risk: RiskRow, _targets: tuple[str, ...], impact: float) -> None:
    for chip in effects.case.rows(ChipRow):
        if chip.chip in (risk.chips or ()) and chip.price_busd_per_gw_it:
            effects.factors["chips", chip.chip, "price_busd_per_gw_it"] *= 1.0 + impact
    for offer in effects.case.rows(OfferRow):
        if offer.provider in (risk.providers or ()) and offer.rent_musd_per_mw_year:
            effects.factors["offers", offer.offer, "rent_musd_per_mw_year"] *= 1.0 + impact
    for region in effects.case.rows(PowerRegionRow):
        if region.power_region in (risk.power_regions or ()) and region.tariff_usd_per_mwh:
            effects.factors["power_regions", region.power_region, "tariff_usd_per_mwh"] *= 1.0 + impact


def _financing(effects: Effects, _risk: RiskRow, targets: tuple[str, ...], impact: float) -> None:
    for row in effects.case.rows(FinancingRow):
        column = next((name for name in FUNDS if getattr(row, name) is not None), None)
        if row.financing in targets and column is not None:
            effects.factors["financing", row.financing, column] *= 1.0 - impact


def _budget(columns: tuple[str, ...]) -> Callable[[Effects, RiskRow, tuple[str, ...], float], None]:
    def add(effects: Effects, risk: RiskRow, _targets: tuple[str, ...], impact: float) -> None:
        for row in effects.case.rows(BudgetRow):
            for column in columns:
                if _within(row.year, risk) and (getattr(row, column) or 0.0) > 0.0:
                    effects.factors["budget", key_text(row.key), column] *= 1.0 - impact

    return add


_ADD: dict[str, Callable[[Effects, RiskRow, tuple[str, ...], float], None]] = {
    "site_late": _later("sites"),
    "capacity_lost": _lost,
    "chip_late": _later("chips"),
    "supply_cut": _supply,
    "integration_shortfall": _integration,
    "price_rise": _prices,
    "financing_fails": _financing,
    "cash_shortfall": _budget(("cash_burn_busd", "cash_limit_busd")),
    "revenue_shortfall": _budget(("revenue_busd",)),
}
