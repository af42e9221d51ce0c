"""Contracts: which can be decided, what a block of each costs and when, and what is signed (formulation, section 2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from planner.case.fields import Role
from planner.case.ramps import AT_ONCE, Steps
from planner.case.rows import ContractRow, OfferRow
from planner.inputs.calendar import EPSILON_YEARS, Calendar
from planner.inputs.ramps import largest_shares, shares_in_force, years_in_force, years_owed

MW_PER_GW = 1000.0


@dataclass(frozen=True, slots=True)
class ContractChoice:
    """A contract that can be decided: one block of an offer in a role, in force in the periods ``start .. end - 1``.

    Attributes
    ----------
    term_end : int
        Period boundary at which the term ends (the number of periods when it reaches the end of the horizon).
    pays_busd : mapping of (item, period) to float
        Nominal payments of one block.
    salvage_busd : float
        Credit for one block at the end of the horizon, not discounted.
    shares : tuple of float
        Share of it in force, on average, in each of its periods: 1 without a ramp.
    largest_shares : tuple of float
        The largest share in force within each of its periods.
    """

    offer: str
    role: Role
    start: int
    end: int
    term_end: int
    pays_busd: Mapping[tuple[str, int], float] = field(compare=False)
    salvage_busd: float = field(compare=False)
    shares: tuple[float, ...] = field(compare=False)
    largest_shares: tuple[float, ...] = field(compare=False)

    @property
    def key(self) -> tuple[str, str, int, int]:
        """Index of the choice in the program."""
        return self.offer, self.role, self.start, self.end

    def share(self, t: int) -> float:
        """Share of it in force in period ``t``: 0 where it is not."""
        return self.shares[t - self.start] if self.start <= t < self.end else 0.0


def rent_musd_per_mw_year(offer: OfferRow, calendar: Calendar, t: int) -> float:
    """Growing rent of an offer in period ``t``; 0 for own buildings."""
    if offer.rent_musd_per_mw_year is None:
        return 0.0
    growth: float = (1.0 + (offer.rent_growth_per_year or 0.0)) ** calendar.middle_years(t)
    return offer.rent_musd_per_mw_year * growth


def contract_choices(
    offer: OfferRow, earliest_site_date: date, calendar: Calendar, *, salvage: bool, steps: Steps = AT_ONCE
) -> list[ContractChoice]:
    """Every contract of an offer that can be decided, for one block, with its payments.

    Parameters
    ----------
    offer : OfferRow
    earliest_site_date : date
        The site's earliest date.
    calendar : Calendar
    salvage : bool
        Whether life beyond the horizon is credited.
    steps : Steps
        By which its contracts come into force.
    """
    choices: list[ContractChoice] = []
    for start in sorted(frozenset.intersection(*starts_allowed(offer, earliest_site_date, calendar).values())):
        term_end = term_boundary(offer, calendar, start)
        for end in _ends(offer, calendar, start, term_end):
            shares = shares_in_force(calendar, steps, start, end, term_end)
            largest = shares if steps == AT_ONCE else largest_shares(calendar, steps, start, end, term_end)
            pays = _payments(offer, calendar, shares, start, term_end)
            if end < term_end:
                left = _rent_left_busd(offer, calendar, start, end, steps)
                _add(pays, ("exit", end), (offer.exit_cost_share or 0.0) * (offer.take_or_pay_share or 0.0) * left)
            _add_capex(pays, offer, calendar, start)
            credit = _salvage_busd(offer, calendar, start, end) if salvage else 0.0
            choices.extend(
                ContractChoice(offer.offer, role, start, end, term_end, pays, credit, shares, largest)
                for role in offer.roles
            )
    return choices


def term_boundary(offer: OfferRow, calendar: Calendar, start: int) -> int:
    """Period boundary at which the term of a contract ends; however short, it is in force in its first period."""
    return max(start + 1, calendar.boundary_from(calendar.start_years[start] + offer.term_years))


def starts_allowed(offer: OfferRow, earliest_site_date: date, calendar: Calendar) -> dict[str, frozenset[int]]:
    """Return the periods in which the lead time and each date let a contract start, by the column that says so.

    A contract may start in the periods that all of them allow.

    Parameters
    ----------
    offer : OfferRow
    earliest_site_date : date
        ``earliest_date`` of its site.
    calendar : Calendar
    """
    periods = range(calendar.count)
    after_lead = (t for t in periods if calendar.start_years[t] >= offer.lead_months / 12 - EPSILON_YEARS)
    by_last = (t for t in periods if offer.last_start is None or calendar.starts_by(offer.last_start, t))
    return {
        "earliest_date": frozenset(t for t in periods if calendar.met(earliest_site_date, t)),
        "first_start": frozenset(t for t in periods if calendar.met(offer.first_start, t)),
        "last_start": frozenset(by_last),
        "lead_months": frozenset(after_lead),
    }


def _ends(offer: OfferRow, calendar: Calendar, start: int, term_end: int) -> list[int]:
    ends = [term_end]
    if offer.renewal_rent_musd_per_mw_year is not None:
        ends += range(term_end + 1, calendar.count + 1)
    if offer.exit_after_years is not None:
        begin = calendar.start_years[start]
        ends += [
            end
            for end in range(start + 1, term_end)
            if calendar.start_years[end] - begin >= offer.exit_after_years - EPSILON_YEARS
        ]
    return sorted(ends)


def _payments(
    offer: OfferRow, calendar: Calendar, shares: tuple[float, ...], start: int, term_end: int
) -> dict[tuple[str, int], float]:
    """Rent and running cost of one block, nominal, in $B (a $M per IT MW is a $B per IT GW)."""
    block_gw = offer.block_it_mw / MW_PER_GW
    due = offer.take_or_pay_share or 0.0
    pays: dict[tuple[str, int], float] = {}
    for t, share in enumerate(shares, start):
        rent = rent_musd_per_mw_year(offer, calendar, t) if t < term_end else offer.renewal_rent_musd_per_mw_year or 0.0
        _add(pays, ("rent", t), due * rent * block_gw * calendar.length_years(t) * share)
        _add(pays, ("opex", t), (offer.opex_musd_per_mw_year or 0.0) * block_gw * calendar.length_years(t) * share)
    return pays


def _add_capex(pays: dict[tuple[str, int], float], offer: OfferRow, calendar: Calendar, start: int) -> None:
    for t, amount in spread_capex(
        (offer.capex_busd_per_gw_it or 0.0) * (offer.block_it_mw / MW_PER_GW),
        offer.capex_milestones or (1.0,),
        offer.lead_months,
        calendar,
        start,
    ).items():
        _add(pays, ("capex", t), amount)


def _rent_left_busd(offer: OfferRow, calendar: Calendar, start: int, end: int, steps: Steps) -> float:
    """Rent of one block from ``end`` to the end of the term, beyond the horizon at the rent of the last period."""
    block_gw = offer.block_it_mw / MW_PER_GW
    begin = calendar.start_years[start]
    term_end_years = begin + offer.term_years
    left = 0.0
    for t in range(end, calendar.count):
        inside = years_in_force(calendar, t, steps, begin, term_end_years)
        left += rent_musd_per_mw_year(offer, calendar, t) * inside * block_gw
    beyond_years = years_owed(steps, begin, calendar.end_years, term_end_years)
    return left + rent_musd_per_mw_year(offer, calendar, calendar.count - 1) * beyond_years * block_gw


def spread_capex(
    amount_busd: float, milestones: tuple[float, ...], lead_months: float, calendar: Calendar, start: int
) -> dict[int, float]:
    """Payments of a capex over its lead time: equal parts of time, each paying its milestone's share evenly."""
    if amount_busd == 0.0:
        return {}
    lead_years = lead_months / 12
    part_years = lead_years / len(milestones)
    if part_years <= EPSILON_YEARS:
        return {start: amount_busd}
    begin = calendar.start_years[start] - lead_years
    pays: dict[int, float] = {}
    for number, share in enumerate(milestones):
        part_begin = begin + number * part_years
        for t in range(start):
            years = calendar.overlap_years(t, part_begin, part_begin + part_years)
            if years > 0.0:
                pays[t] = pays.get(t, 0.0) + amount_busd * share * years / part_years
    return pays


def _salvage_busd(offer: OfferRow, calendar: Calendar, start: int, end: int) -> float:
    if end < calendar.count or offer.capex_busd_per_gw_it is None:
        return 0.0
    left_years = calendar.start_years[start] + offer.term_years - calendar.end_years
    share = max(0.0, left_years / offer.term_years)
    return offer.capex_busd_per_gw_it * offer.block_it_mw / MW_PER_GW * share


def _add(pays: dict[tuple[str, int], float], key: tuple[str, int], amount: float) -> None:
    if amount:
        pays[key] = pays.get(key, 0.0) + amount


@dataclass(frozen=True, slots=True)
class SignedContract:
    """A signed contract on the calendar: IT GW in force, chips it brings, and money it costs, per period.

    Attributes
    ----------
    in_force_share : tuple of float
        Share of each period that lies between its dates.
    ramp_share : tuple of float
        Share of the contract that is in force, on average over the times between its dates; 1 without a ramp.
    """

    row: ContractRow
    steps: Steps
    in_force_share: tuple[float, ...]
    ramp_share: tuple[float, ...]
    in_force_gw: tuple[float, ...]
    chip_gw: tuple[float, ...]
    rent_busd: tuple[float, ...]
    opex_busd: tuple[float, ...]


def signed_contract(
    row: ContractRow, offer: OfferRow, chip_life_years: float | None, calendar: Calendar, steps: Steps = AT_ONCE
) -> SignedContract:
    """Place a signed contract on the calendar, by time average (formulation, sections 1, 2 and 4)."""
    begin, end = calendar.after_start_years(row.start_date), calendar.after_start_years(row.end_date)
    gw = row.it_mw / MW_PER_GW
    present = [calendar.overlap_years(t, begin, end) for t in range(calendar.count)]
    years = [years_in_force(calendar, t, steps, begin, end) for t in range(calendar.count)]
    chip_end = begin if chip_life_years is None else min(end, begin + chip_life_years)
    chip_years = [years_in_force(calendar, t, steps, begin, chip_end) for t in range(calendar.count)]
    rent, opex = row.rent_musd_per_mw_year or 0.0, offer.opex_musd_per_mw_year or 0.0
    length = [calendar.length_years(t) for t in range(calendar.count)]
    return SignedContract(
        row=row,
        steps=steps,
        in_force_share=tuple(round(gw * y / n / gw, 12) for y, n in zip(present, length, strict=True)),
        ramp_share=tuple(round(y / p, 12) if p > 0.0 else 1.0 for y, p in zip(years, present, strict=True)),
        in_force_gw=tuple(gw * y / n for y, n in zip(years, length, strict=True)),
        chip_gw=tuple(gw * y / n for y, n in zip(chip_years, length, strict=True)),
        rent_busd=tuple(gw * rent * y for y in years),
        opex_busd=tuple(gw * opex * y for y in years),
    )
