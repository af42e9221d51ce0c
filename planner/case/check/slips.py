"""Slips of a unit: gigawatts for megawatts, $M for $B, per cent for a share: allowed, and hardly ever meant."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from math import log
from statistics import median, median_low

from planner.case.calendar import years_touched
from planner.case.case import CaseData
from planner.case.check.bounds import site_capacity_it_mw
from planner.case.check.place import at_model, at_row
from planner.case.check.power import signed_it_mw
from planner.case.model import Families
from planner.case.percent import unit_of
from planner.case.ramps import ramps_of, steps_for
from planner.case.row import Row
from planner.case.rows import BudgetRow, EnergisationRow, OfferRow, SiteRow
from planner.errors import Problem

RELATIVE, ABSOLUTE_MW = 1e-6, 1e-6
"""By how much a block must pass what a site can hold."""
MEGAWATTS = {
    "sites": ("max_it_mw",),
    "energisation": ("facility_mw",),
    "power_regions": ("firm_facility_mw",),
    "power_options": ("max_facility_mw",),
    "contracts": ("it_mw",),
    "chip_supply": ("it_mw",),
    "offers": ("block_it_mw",),
    "providers": ("first_year_it_mw",),
    "programme_steps": ("at_least_it_mw", "at_least_facility_mw", "at_most_it_mw", "at_most_facility_mw"),
}
"""Columns of sites, power, contracts and obligations in which less than one is hardly ever meant."""
USUAL_BLOCK_IT_MW = 10.0
"""Blocks below 1 IT MW are reported only where those of the case are usually at least as large as this."""
MOST_OF_A_YEAR_BUSD, MOST_OF_ALL_BUSD, MOST_OF_ONE_BUSD = 1_000.0, 5_000.0, 100.0
"""More than this is hardly ever $B: of a year or of one source of money, over the horizon, of one site or chip."""
YEARLY = ("cash_limit_busd", "cash_burn_busd", "revenue_busd", "other_spending_busd")
NEIGHBOURS = 20.0
"""Times by which a year of money hardly ever is more than the one beside it ..."""
NEIGHBOURS_BELOW = 100.0
"""... or less: a year may have little ..."""
LEAST_OF_NEIGHBOURS_BUSD = 10.0
"""... where the larger is at least this: small amounts grow faster."""
AMOUNTS = {
    "financing": (("up_to_busd", MOST_OF_A_YEAR_BUSD),),
    "sites": (("opening_cost_busd", MOST_OF_ONE_BUSD), ("fixed_opex_busd_per_year", MOST_OF_ONE_BUSD)),
    "chips": (("development_cost_busd", MOST_OF_ONE_BUSD),),
    "offers": (("signing_cost_busd", MOST_OF_ONE_BUSD),),
}
MOST_RATE, MOST_SHARE = 0.3, 0.6
"""Rates per year, and shares of money, above this hardly ever are what is meant: 0.9 for 9 %."""
RATES = {
    "financing": (("interest_rate_per_year", MOST_RATE), ("fee_share", MOST_RATE)),
    "power_regions": (("tariff_growth_per_year", MOST_RATE),),
    "chips": (("price_growth_per_year", MOST_RATE), ("failure_loss_share", MOST_SHARE)),
    "offers": (("rent_growth_per_year", MOST_RATE),),
    "budget": (("partner_share", MOST_SHARE), ("reference_share", MOST_SHARE)),
}

PRICES = {
    "chips": (
        ("price_busd_per_gw_it", 0.5, 1_000.0, "$B per IT GW"),
        ("power_w_per_accelerator", 20.0, 100_000.0, "W"),
    ),
    "offers": (
        ("rent_musd_per_mw_year", 0.05, 500.0, "$M per IT MW and year"),
        ("capex_busd_per_gw_it", 0.5, 500.0, "$B per IT GW"),
    ),
    "power_regions": (("tariff_usd_per_mwh", 1.0, 5_000.0, "$ per MWh"),),
    "sites": (("max_it_mw", 0.0, 100_000.0, "IT MW"),),
}
"""Least and most that is ever meant of prices, the power of a chip and the room of a site, the unit: far around what
the shipped cases have (rents 2 to 17, chips 20 to 52, tariffs 38 to 205, chips of 1,000 to 25,000 W). Zero is none."""


def blocks_that_never_fit(case: CaseData) -> Iterator[Problem]:
    """Warn of an offer of which not one block has room at its site, in any period."""
    capacity, signed, ramps = site_capacity_it_mw(case), signed_it_mw(case), ramps_of(case)
    sites = case.by_key(SiteRow)
    for offer in case.rows(OfferRow):
        if offer.max_blocks == 0 or offer.site not in capacity:
            continue
        held = signed.get(offer.site, [0.0] * len(capacity[offer.site]))
        room = max(most - there for most, there in zip(capacity[offer.site], held, strict=True))
        least = offer.block_it_mw * steps_for(offer, ramps)[0][1]
        if room > 0.0 and least > room + ABSOLUTE_MW + RELATIVE * abs(room):
            message = (
                f"not one block ever fits: {offer.site} has room for {room:.6g} IT MW at most "
                f"({_limits(case, sites[offer.site], max(held))}; IT GW written for IT MW?)"
            )
            yield at_row(case, "offers", offer, "block_it_mw", message)


def _limits(case: CaseData, site: SiteRow, held_mw: float) -> str:
    """Return what limits a site, in words."""
    energised = [row.facility_mw for row in case.rows(EnergisationRow) if row.site == site.site]
    signed = f", {held_mw:.6g} IT MW signed" if held_mw > 0.0 else ""
    return f"max_it_mw {site.max_it_mw:.6g}, {max(energised, default=0.0):.6g} facility MW energised{signed}"


def megawatts_below_one(case: CaseData) -> Iterator[Problem]:
    """Warn of less than 1 IT MW or facility MW at sites, in contracts and obligations, in a case of larger blocks."""
    blocks = [offer.block_it_mw for offer in case.rows(OfferRow)]
    least = min((mw for mw in blocks if mw >= 1.0), default=None)
    if least is None:
        return
    usual = median(blocks)
    for table, columns in MEGAWATTS.items():
        for row in case.tables[table]:
            for column in columns:
                mw = getattr(row, column)
                if _is_small(mw) and (table != "offers" or usual >= USUAL_BLOCK_IT_MW):
                    yield at_row(case, table, row, column, _megawatts(column, mw, least))
    for path, mw in _of_families(case.model.families):
        if _is_small(mw):
            yield at_model(case, path, _megawatts(path, mw, least), mw)


def _is_small(mw: float | None) -> bool:
    return mw is not None and 0.0 < mw < 1.0


def _megawatts(column: str, mw: float | None, least: float) -> str:
    unit = unit_of(column) or "IT MW"
    assert mw is not None  # only what is given is small
    return (
        f"is less than 1 {unit}, with blocks of {least:.6g} IT MW and more: the figure is in {unit} "
        f"({mw:.6g} {unit.replace('M', 'G')} would be {1000.0 * mw:.6g})"
    )


def _of_families(families: Families) -> Iterator[tuple[str, float | None]]:
    for number, rule in enumerate(families.contiguity.rules if families.contiguity else ()):
        yield f"families.contiguity.rules[{number}].at_least_it_mw", rule.at_least_it_mw
    if families.backup_income is not None:
        yield "families.backup_income.market_it_mw", families.backup_income.market_it_mw
    if families.integration is not None and families.integration.custom_chip is not None:
        path = "families.integration.custom_chip.first_year_it_mw"
        yield path, families.integration.custom_chip.first_year_it_mw


def money_of_another_unit(case: CaseData) -> Iterator[Problem]:
    """Warn of money that is hardly ever that many $B, and of a year of the budget far from the years beside it."""
    years = set(years_touched(case.model.horizon))
    budget = sorted((row for row in case.rows(BudgetRow) if row.year in years), key=lambda row: row.year)
    for column in YEARLY:
        large = [row for row in budget if _above(getattr(row, column), MOST_OF_A_YEAR_BUSD)]
        yield from (at_row(case, "budget", year, column, _in_millions(getattr(year, column))) for year in large)
        yield from _unlike_neighbours(case, [row for row in budget if row not in large], column)
    for table, limits in AMOUNTS.items():
        for row in case.tables[table]:
            for column, most in limits:
                if _above(getattr(row, column), most):
                    yield at_row(case, table, row, column, _in_millions(getattr(row, column)))
    family = case.model.families.budget
    for key in ("primary_envelope_busd", "backup_envelope_busd", "partner_payment_cap_busd"):
        busd = None if family is None else getattr(family, key)
        if busd is not None and busd > MOST_OF_ALL_BUSD:
            yield at_model(case, f"families.budget.{key}", _in_millions(busd), busd)


def _above(value: float | None, most: float) -> bool:
    return value is not None and value > most


def _in_millions(busd: float) -> str:
    return f"is in $B: ${busd:,.6g}M would be {busd / 1000.0:.6g}"


def _unlike_neighbours(case: CaseData, rows: Iterable[BudgetRow], column: str) -> Iterator[Problem]:
    """Warn of the one of two years next to each other that is further from the usual, if they differ very much."""
    given = [row for row in rows if (getattr(row, column) or 0.0) > 0.0]
    if not given:
        return
    usual = median_low([getattr(row, column) for row in given])
    named: set[int] = set()
    for before, after in pairwise(given):
        low, high = sorted((before, after), key=lambda row: float(getattr(row, column)))
        least, most = getattr(low, column), getattr(high, column)
        if after.year != before.year + 1 or most < LEAST_OF_NEIGHBOURS_BUSD:
            continue
        odd, other = (high, low) if abs(log(most / usual)) >= abs(log(least / usual)) else (low, high)
        if most > least * (NEIGHBOURS if odd is high else NEIGHBOURS_BELOW) and odd.year not in named:
            named.add(odd.year)
            value = getattr(odd, column)
            meant = (
                f"${value:,.6g}M would be {value / 1000.0:.6g}"
                if odd is high
                else (f"${value:.6g} trillion would be {1000.0 * value:.6g}")
            )
            than = f"the {getattr(other, column):.6g} of {other.year}"
            times = f"{most / least:.3g} times {than}" if odd is high else f"1/{most / least:.3g} of {than}"
            yield at_row(case, "budget", odd, column, f"is {times}; the figure is in $B ({meant})")


def figures_of_another_unit(case: CaseData) -> Iterator[Problem]:
    """Warn of prices, powers and sizes a thousand times what is usual, or a thousandth of it."""
    for table, limits in PRICES.items():
        for row in case.tables[table]:
            for column, least, most, unit in limits:
                value = getattr(row, column) or 0.0
                if value > most or 0.0 < value < least:
                    other = value / 1000.0 if value > most else 1000.0 * value
                    words = f"is in {unit}, and hardly ever {'above' if value > most else 'below'} "
                    words += f"{most if value > most else least:,.6g}: {other:.6g} meant?"
                    yield at_row(case, table, row, column, words)


def rates_of_another_size(case: CaseData) -> Iterator[Problem]:
    """Warn of rates and shares that are several times what is usual, such as 0.9 for 9 %."""
    for table, limits in RATES.items():
        for row in case.tables[table]:
            yield from _rates(case, table, row, limits)
    discount = case.model.objective.discount_rate_per_year
    if discount > MOST_RATE:
        yield at_model(case, "objective.discount_rate_per_year", _rate(discount), discount)


def _rates(case: CaseData, table: str, row: Row, limits: Iterable[tuple[str, float]]) -> Iterator[Problem]:
    for column, most in limits:
        if _above(getattr(row, column), most):
            yield at_row(case, table, row, column, _rate(getattr(row, column)))


def _rate(share: float) -> str:
    return f"is {100.0 * share:.4g} %; {10.0 * share:.4g} % would be {share / 10.0:.4g}"


SLIPS = (
    blocks_that_never_fit, megawatts_below_one, money_of_another_unit, figures_of_another_unit, rates_of_another_size,
)  # fmt: skip
"""Every warning of a slip."""
