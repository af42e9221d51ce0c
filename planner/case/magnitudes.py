"""How large the figures of a case are: its money, its compute, and the sizes that are typical of them.

Units of compute and of money are the user's: tokens or H100-equivalents, billions or single dollars. The typical
figures of a case determine in which units it is best solved (`planner.inputs.units`), and which figures are too far
from the others to be solved together with them (`planner.case.check.magnitudes`).
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median_low

from planner.case.calendar import boundaries_in_years, years_touched
from planner.case.case import CaseData
from planner.case.fields import ProgrammeKind, Workload
from planner.case.row import Row
from planner.case.rows import (
    ChipRow,
    ContractRow,
    DemandRow,
    OfferRow,
    PowerOptionRow,
    PowerRegionRow,
    ServingRow,
    SiteRow,
)
from planner.case.rows_programmes import ProgrammeRow

GW_YEAR_USD_PER_MWH = 0.00876
"""$B for a facility GW over a year at one $/MWh."""
GW_YEAR_USD_PER_TONNE = 0.00876 * 0.4
"""$B for a facility GW over a year at one $/t, at 400 kg/MWh."""
RATES: dict[Workload, str] = {"training": "training_compute_per_it_mw", "inference": "inference_compute_per_it_mw"}
"""Columns of the compute per IT MW of a chip."""
PROGRAMME_PRICES: dict[ProgrammeKind, tuple[str, ...]] = {
    "committed": (),
    "optional": ("declining_cost_busd",),
    "priced": ("price_musd_per_missing_it_mw_year", "price_musd_per_missing_facility_mw_year"),
}
"""Columns of a programme that are used with each kind."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a case and its place.

    Attributes
    ----------
    table : str
        Table, or ``model``.
    row : Row or None
        None for a key of the model.
    column : str
        Column, or path of the key of the model.
    value : float
        In a measure that all figures of a kind share (below), growth over the horizon not counted.
    growth_per_year : float
    """

    table: str
    row: Row | None
    column: str
    value: float
    growth_per_year: float = 0.0


def rates(case: CaseData, workload: Workload) -> list[Figure]:
    """Compute per IT MW of every chip that can run a workload, as realised once its software is mature."""
    column = RATES[workload]
    found = ((row, getattr(row, column)) for row in case.rows(ChipRow))
    return [Figure("chips", row, column, rate * mature_share(row)) for row, rate in found if rate]


def mature_share(chip: ChipRow) -> float:
    """Share of its compute per IT MW that a chip realises once its software is mature."""
    peak = 1.0 if chip.utilisation_of_peak_share is None else chip.utilisation_of_peak_share
    return peak * (1.0 - (chip.failure_loss_share or 0.0))


def demands(case: CaseData, workload: Workload | None = None) -> list[Figure]:
    """Demand that is not zero, in the years of the horizon; of one workload or of both."""
    years = years_touched(case.model.horizon)
    return [
        Figure("demand", row, "compute", row.compute)
        for row in case.rows(DemandRow)
        if row.compute > 0.0 and row.year in years and workload in (None, row.workload)
    ]


def prices(case: CaseData) -> Iterator[Figure]:
    """Every price and cost that is not zero, as $B per IT GW or facility GW, per year of one, or paid once.

    What is paid per unit of compute counts for the demand typical of the case. The price of a chip counts where some
    offer buys it, energy and carbon with the family power only, as in the program.
    """
    compute = typical_compute(case) or 1.0
    bought = {key for offer in case.rows(OfferRow) if offer.tenure != "cloud" for key in offer.chips}
    for row in case.rows(SiteRow):
        yield from _of(row, "sites", ("opening_cost_busd", "fixed_opex_busd_per_year"))
    for chip in case.rows(ChipRow):
        yield from _of(chip, "chips", ("development_cost_busd",))
        if chip.chip in bought:
            yield from _of(chip, "chips", ("price_busd_per_gw_it",), growth=chip.price_growth_per_year)
    once = ("signing_cost_busd", "capex_busd_per_gw_it", "opex_musd_per_mw_year", "renewal_rent_musd_per_mw_year",
            "refresh_price_busd_per_gw_it")  # fmt: skip
    for offer in case.rows(OfferRow):
        yield from _of(offer, "offers", once)
        yield from _of(offer, "offers", ("rent_musd_per_mw_year",), growth=offer.rent_growth_per_year or 0.0)
    for contract in case.rows(ContractRow):
        yield from _of(contract, "contracts", ("rent_musd_per_mw_year",))
    for pair in case.rows(ServingRow):
        yield from _of(pair, "serving", ("cost_busd_per_compute_year",), compute)
    for option in case.rows(PowerOptionRow):
        yield from _of(option, "power_options", ("capex_busd_per_gw",))
        yield from _of(option, "power_options", ("fuel_usd_per_mwh",), GW_YEAR_USD_PER_MWH)
    if case.model.families.power is not None:
        for region in case.rows(PowerRegionRow):
            growth = region.tariff_growth_per_year
            yield from _of(region, "power_regions", ("tariff_usd_per_mwh",), GW_YEAR_USD_PER_MWH, growth)
    yield from _of_model(case, compute)


def _of(row: Row, table: str, columns: tuple[str, ...], factor: float = 1.0, growth: float = 0.0) -> Iterator[Figure]:
    for column in columns:
        value = getattr(row, column)
        if value:
            yield Figure(table, row, column, abs(value) * factor, growth)


def _of_model(case: CaseData, compute: float) -> Iterator[Figure]:
    for programme in case.rows(ProgrammeRow):
        yield from _of(programme, "programmes", PROGRAMME_PRICES[programme.kind])
    objective, families = case.model.objective, case.model.families
    if objective.unserved == "priced" and objective.unserved_price_busd_per_compute_year:
        price = objective.unserved_price_busd_per_compute_year * compute
        yield Figure("model", None, "objective.unserved_price_busd_per_compute_year", price)
    for number, rule in enumerate(families.redundancy.rules if families.redundancy is not None else ()):
        if rule.price_busd_per_missing_compute_year is not None:
            path = f"families.redundancy.rules[{number}].price_busd_per_missing_compute_year"
            yield Figure("model", None, path, rule.price_busd_per_missing_compute_year * compute)
    if families.carbon is not None and families.carbon.price_usd_per_tonne:
        price = families.carbon.price_usd_per_tonne * GW_YEAR_USD_PER_TONNE
        yield Figure("model", None, "families.carbon.price_usd_per_tonne", price)
    if families.backup_income is not None and families.backup_income.price_musd_per_mw_year:
        path = "families.backup_income.price_musd_per_mw_year"
        yield Figure("model", None, path, families.backup_income.price_musd_per_mw_year)
    if families.backup_income is not None and families.backup_income.price_busd_per_compute_year:
        path = "families.backup_income.price_busd_per_compute_year"
        yield Figure("model", None, path, families.backup_income.price_busd_per_compute_year * compute)


def typical_compute(case: CaseData) -> float | None:
    """Return the median of the demands of the horizon; None where nothing is demanded."""
    found = [figure.value for figure in demands(case)]
    return median_low(found) if found else None


def typical_money(case: CaseData) -> float | None:
    """Return the median, over the columns that hold prices, of the median of each; None where nothing costs anything.

    One odd figure does not move it far: that of a column moves with half of the column, and the whole with half of
    the columns.
    """
    columns: dict[str, list[float]] = defaultdict(list)
    for figure in prices(case):
        columns[figure.column].append(figure.value)
    return median_low([median_low(values) for values in columns.values()]) if columns else None


def grown(case: CaseData, figure: Figure) -> float:
    """Return the value of a price with the growth of the whole horizon, where it grows."""
    return figure.value * max(1.0, _growth(case, figure))


def shrunk(case: CaseData, figure: Figure) -> float:
    """Return the value of a price with the fall of the whole horizon, where it falls."""
    return figure.value * min(1.0, _growth(case, figure))


def _growth(case: CaseData, figure: Figure) -> float:
    years = boundaries_in_years(case.model.horizon)[-1]
    growth: float = (1.0 + figure.growth_per_year) ** years
    return growth
