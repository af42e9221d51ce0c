"""Sources of financing on the calendar: when they may be drawn, and how what is drawn is repaid (formulation, 18)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from planner.case.case import CaseData
from planner.case.rows import ChipRow, OfferRow, SiteRow
from planner.case.rows_financing import FinancingRow
from planner.inputs.calendar import EPSILON_YEARS, Calendar
from planner.inputs.contracts import MW_PER_GW, SignedContract


@dataclass(frozen=True, slots=True)
class Source:
    """A source of money whose condition, if it has one, holds.

    Attributes
    ----------
    row : FinancingRow
    window : tuple of int
        Periods in which it may be drawn, one after the other.
    repaid_share : mapping of (period drawn, period) to float
        Share of what is drawn in the first that is repaid in the second; empty for money that is not repaid.
    interest : tuple of float
        Interest of each period, as a share of what is owed at its start.
    after_horizon : tuple of float
        Value in the last period of what is due after the horizon on a dollar that is drawn in each period.
    signed_gw : tuple of float
        IT GW or facility GW (by its price) of signed contracts, or of their chips, in service in each period.
    at_start_gw : float
        The same on the first day of the horizon.
    """

    row: FinancingRow
    window: tuple[int, ...]
    repaid_share: Mapping[tuple[int, int], float]
    interest: tuple[float, ...]
    after_horizon: tuple[float, ...]
    signed_gw: tuple[float, ...]
    at_start_gw: float

    @property
    def is_repaid(self) -> bool:
        """Whether what is drawn is owed."""
        return self.row.repayment is not None

    @property
    def is_free(self) -> bool:
        """Whether it costs nothing: it is not repaid, and has neither fee nor dilution."""
        return not (self.is_repaid or self.row.fee_share or self.row.dilution_share)

    @property
    def busd_per_gw(self) -> float:
        """What an IT GW (or facility GW, if these count) that enters service brings."""
        facility = self.row.busd_per_facility_gw
        return (self.row.busd_per_it_gw or 0.0) if facility is None else facility

    @property
    def by_facility(self) -> bool:
        """Whether facility GW count, not IT GW."""
        return self.row.busd_per_facility_gw is not None


def make_financing(
    case: CaseData,
    calendar: Calendar,
    signed: Iterable[SignedContract],
    offers: Mapping[str, OfferRow],
    sites: Mapping[str, SiteRow],
) -> dict[str, Source]:
    """Lay the sources of a case out on its calendar; none without the family.

    Parameters
    ----------
    case : CaseData
    calendar : Calendar
    signed : iterable of SignedContract
    offers, sites : mapping of key to row
        Those that take part.
    """
    family = case.model.families.financing
    rows = case.rows(FinancingRow) if family is not None else ()
    conditions = {} if family is None else family.conditions
    rate = case.model.objective.discount_rate_per_year
    chips = {chip.chip: chip for chip in case.rows(ChipRow)}
    found = {}
    for row in rows:
        if row.condition is None or conditions.get(row.condition, False):
            level, at_start = [0.0] * calendar.count, 0.0
            for contract in signed if row.kind == "vendor" else ():
                offer, chip = offers[contract.row.offer], contract.row.chip
                pue = sites[offer.site].pue_peak if row.busd_per_facility_gw is not None else 1.0
                if row.provider is not None and offer.provider == row.provider:
                    level = [gw + pue * more for gw, more in zip(level, contract.in_force_gw, strict=True)]
                    at_start += pue * _at_start_gw(contract, calendar, None)
                elif chip is not None and chips[chip].vendor == row.chip_vendor:
                    level = [gw + pue * more for gw, more in zip(level, contract.chip_gw, strict=True)]
                    at_start += pue * _at_start_gw(contract, calendar, chips[chip].life_years)
            after = tuple(_after_horizon(row, calendar, u, rate) for u in range(calendar.count))
            window, repaid, interest = _window(row, calendar), _repaid(row, calendar), _interest(row, calendar)
            found[row.financing] = Source(row, window, repaid, interest, after, tuple(level), at_start)
    return found


def _at_start_gw(contract: SignedContract, calendar: Calendar, chip_life_years: float | None) -> float:
    """IT GW of a signed contract, or of its chip, on the first day of the horizon."""
    start, end = (calendar.after_start_years(day) for day in (contract.row.start_date, contract.row.end_date))
    if chip_life_years is not None:
        end = min(end, start + chip_life_years)
    if start > EPSILON_YEARS or end <= EPSILON_YEARS:
        return 0.0
    share = max(share for years, share in contract.steps if not years or start + years <= EPSILON_YEARS)
    return contract.row.it_mw / MW_PER_GW * share


def _window(row: FinancingRow, calendar: Calendar) -> tuple[int, ...]:
    return tuple(
        t
        for t in range(calendar.count)
        if (row.first_date is None or calendar.met(row.first_date, t))
        and (row.last_date is None or calendar.starts_by(row.last_date, t))
    )


def _repaid(row: FinancingRow, calendar: Calendar) -> dict[tuple[int, int], float]:
    if row.repayment is None or row.repayment_years is None:
        return {}
    found: dict[tuple[int, int], float] = {}
    for u in range(calendar.count):
        due = calendar.middle_years(u) + row.repayment_years
        for t in range(u + 1, calendar.count):
            before, middle = calendar.middle_years(t - 1), calendar.middle_years(t)
            if row.repayment == "bullet":
                if before < due - EPSILON_YEARS and middle >= due - EPSILON_YEARS:
                    found[u, t] = 1.0
            elif due - before >= EPSILON_YEARS:
                found[u, t] = ((due if middle - due >= EPSILON_YEARS else middle) - before) / row.repayment_years
    return found


def _interest(row: FinancingRow, calendar: Calendar) -> tuple[float, ...]:
    rate = row.interest_rate_per_year or 0.0
    middles = [calendar.middle_years(t) for t in range(calendar.count)]
    spans = [0.0, *(after - before for before, after in pairwise(middles))]
    return tuple((1.0 + rate) ** span - 1.0 for span in spans)


def _after_horizon(row: FinancingRow, calendar: Calendar, u: int, rate: float) -> float:
    """Value in the last period of what is due after it on a dollar drawn in period ``u``, in periods of one year."""
    last = calendar.middle_years(calendar.count - 1)
    years = (row.repayment_years or 0.0) - (last - calendar.middle_years(u))
    if row.repayment is None or row.repayment_years is None or years < EPSILON_YEARS:
        return 0.0
    evenly = row.repayment == "straight_line"
    owed = years / row.repayment_years if evenly else 1.0
    value, passed = 0.0, 0
    while owed > 0.0:
        passed += 1
        ends = passed >= years - EPSILON_YEARS
        repaid = owed if ends else 1.0 / row.repayment_years if evenly else 0.0
        value += (owed * (row.interest_rate_per_year or 0.0) + repaid) / (1.0 + rate) ** passed
        owed = 0.0 if ends else owed - repaid
    return value
