"""Leases: contracts under ``cloud`` with the chip that the provider installs (formulation, sections 2 and 4)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from planner.case.fields import Role
from planner.case.ramps import AT_ONCE, Steps
from planner.case.rows import ChipRow, OfferRow
from planner.inputs.calendar import EPSILON_YEARS, Calendar
from planner.inputs.contracts import MW_PER_GW, ContractChoice, SignedContract, rent_musd_per_mw_year
from planner.inputs.ramps import DIGITS, share_before

RoomKey = tuple[str, str, int]
"""A signed contract, a chip and a period."""


@dataclass(frozen=True, slots=True)
class LeaseChoice:
    """A contract under ``cloud`` that can be decided, with its chip; one block of it.

    Attributes
    ----------
    bare : int
        First period in which its chip is no longer there: its end, or the end of life of the chip.
    usage_busd : mapping of period to float
        Nominal payments that depend on use: the remainder of the rent, while the chip is there.
    shares : tuple of float
        Share of it in force, and so with its chip, in each period ``start .. bare - 1``.
    """

    offer: str
    role: Role
    start: int
    end: int
    chip: str
    bare: int
    usage_busd: Mapping[int, float] = field(compare=False)
    shares: tuple[float, ...] = field(compare=False)

    @property
    def key(self) -> tuple[str, str, int, int, str]:
        """Index of the choice in the program."""
        return self.offer, self.role, self.start, self.end, self.chip

    @property
    def contract(self) -> tuple[str, str, int, int]:
        """Index of its contract, whatever the chip."""
        return self.offer, self.role, self.start, self.end

    def installed(self) -> Iterator[tuple[int, float]]:
        """In which periods how much of it comes into force and gets its chip, as a share of it."""
        return _rises(self.shares, self.start)

    def shares_from(self, t: int) -> tuple[float, ...]:
        """Share of it in force with its chip in each period ``t .. bare - 1``."""
        return self.shares[t - self.start :]


def lease_choices(
    offer: OfferRow, choices: Sequence[ContractChoice], chips: Mapping[str, ChipRow], calendar: Calendar
) -> Iterator[LeaseChoice]:
    """Every contract of an offer with every chip that is on the market at its start; none unless it is ``cloud``."""
    if offer.tenure != "cloud":
        return
    for choice in choices:
        for k in offer.chips:
            if calendar.met(chips[k].first_date, choice.start):
                bare = chip_end(calendar, choice.start, choice.end, chips[k].life_years)
                usage = _usage(offer, choice, choice.start, bare, calendar)
                shares = choice.shares[: bare - choice.start]
                yield LeaseChoice(choice.offer, choice.role, choice.start, choice.end, k, bare, usage, shares)


@dataclass(frozen=True, slots=True)
class RefreshChoice:
    """A refresh that can be decided: in a period, the chip of a lease is replaced by another; one block of it.

    Attributes
    ----------
    bare : int
        First period in which the new chip is no longer there: the end of the lease, or the end of life of the chip.
    shares : tuple of float
        Share of it in force, and so with the new chip, in each period ``period .. bare - 1``.
    replaced_share : float
        Share of it on which a chip is replaced: what had come into force before the refresh.
    pays_busd : mapping of (item, period) to float
        Nominal payments: the refresh, and what the remainder of the rent changes by, as chips are there longer or less.
    """

    lease: LeaseChoice
    period: int
    chip: str
    bare: int
    shares: tuple[float, ...] = field(compare=False)
    replaced_share: float = field(compare=False)
    pays_busd: Mapping[tuple[str, int], float] = field(compare=False)

    @property
    def key(self) -> tuple[str, str, int, int, str, int, str]:
        """Index of the choice in the program."""
        return (*self.lease.key, self.period, self.chip)

    def installed(self) -> Iterator[tuple[int, float]]:
        """In which periods how much of it gets the new chip: what is in force, then what comes into force."""
        return _rises(self.shares, self.period)

    def spared(self) -> Iterator[tuple[int, float]]:
        """In which periods how much of it would have come into force with the first chip, and now does not."""
        return ((t, share) for t, share in self.lease.installed() if t >= self.period)

    def removed(self) -> Iterator[tuple[int, float]]:
        """By how much less of the first chip stands from a period on, than would have without the refresh."""
        return _rises(self.lease.shares_from(self.period), self.period)


def _rises(shares: Sequence[float], start: int) -> Iterator[tuple[int, float]]:
    """In which periods from a first one on, before which there is nothing, how much is added."""
    for t, (before, share) in enumerate(pairwise((0.0, *shares)), start):
        if share > before:
            yield t, round(share - before, DIGITS)


def refresh_choices(
    offer: OfferRow,
    choices: Sequence[ContractChoice],
    leases: Sequence[LeaseChoice],
    chips: Mapping[str, ChipRow],
    calendar: Calendar,
    steps: Steps = AT_ONCE,
) -> Iterator[RefreshChoice]:
    """Every refresh of every lease of an offer; none unless the offer says from when and at what price."""
    if offer.refresh_after_years is None:
        return
    contracts = {choice.key: choice for choice in choices}
    price = (offer.refresh_price_busd_per_gw_it or 0.0) * offer.block_it_mw / MW_PER_GW
    for lease in leases:
        contract = contracts[lease.contract]
        for p in range(lease.start + 1, lease.end):
            passed = calendar.start_years[p] - calendar.start_years[lease.start]
            if passed < offer.refresh_after_years - EPSILON_YEARS:
                continue
            replaced = share_before(steps, passed) if p <= contract.term_end else 1.0
            for k in offer.chips:
                if k == lease.chip or not calendar.met(chips[k].first_date, p):
                    continue
                bare = chip_end(calendar, p, lease.end, chips[k].life_years)
                usage = _usage(offer, contract, p, bare, calendar)
                pays = {("refresh", p): price * replaced, **{("usage", t): busd for t, busd in usage.items()}}
                for t in range(p, lease.bare):
                    pays["usage", t] = pays.get(("usage", t), 0.0) - lease.usage_busd.get(t, 0.0)
                shares = contract.shares[p - lease.start : bare - lease.start]
                found = {key: busd for key, busd in pays.items() if busd}
                yield RefreshChoice(lease, p, k, bare, shares, replaced, found)


def chip_end(calendar: Calendar, start: int, end: int, life_years: float) -> int:
    """First period, ``end`` at the latest, in which a chip installed at the start of a period is no longer alive."""
    return next((t for t in range(start, end) if not calendar.lives(start, t, life_years)), end)


def _usage(offer: OfferRow, choice: ContractChoice, begin: int, bare: int, calendar: Calendar) -> dict[int, float]:
    """What a block pays beyond its take-or-pay share while a chip is there, in $B."""
    free = 1.0 - (offer.take_or_pay_share or 0.0)
    pays = {}
    for t in range(begin, bare) if free > 0.0 else ():
        growing = rent_musd_per_mw_year(offer, calendar, t)
        rent = growing if t < choice.term_end else offer.renewal_rent_musd_per_mw_year or 0.0
        pays[t] = free * rent * offer.block_it_mw / MW_PER_GW * calendar.length_years(t) * choice.share(t)
    return pays


def room_installs(
    rooms: Sequence[SignedContract], offers: Mapping[str, OfferRow], chips: Mapping[str, ChipRow], calendar: Calendar
) -> Iterator[RoomKey]:
    """When the plan may install which chip in a signed ``cloud`` contract that brings none."""
    for room in rooms:
        for k in offers[room.row.offer].chips:
            for t in range(calendar.count):
                if room.in_force_gw[t] > 0.0 and calendar.met(chips[k].first_date, t):
                    yield room.row.contract, k, t


def room_share(room: SignedContract, calendar: Calendar, installed: int, t: int, life_years: float) -> float:
    """Share of what is installed in a signed contract in a period that stands, on average, in another."""
    if not calendar.lives(installed, t, life_years):
        return 0.0
    return room.in_force_share[t]
