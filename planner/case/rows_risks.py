"""The records of the tables ``risks`` and ``schedule_slips``: what may come otherwise than planned.

Only the draw of scenarios reads them (docs/scenarios.md); the program of a plan does not depend on them.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from planner.case.fields import CalendarYear, Distribution, Key, Name, NonNegative, Positive, RiskKind, Share
from planner.case.row import Row

ImpactShare = Annotated[float, Field(ge=0.0, le=100.0, allow_inf_nan=False)]


class RiskRow(Row):
    """An event that may happen, once in a scenario: how probable it is, what it applies to, and how bad it is."""

    KEY = ("risk",)
    risk: Key
    """Key of the risk."""
    name: Name
    """Display name."""
    kind: RiskKind
    """``site_late``: power, options and unbegun contracts of a site come later; ``capacity_lost``: a share of the
    blocks that can still be decided at a site (1: the site is cancelled); ``chip_late``: a chip and its supply come
    later; ``supply_cut``: a share of the supply of a chip; ``integration_shortfall``: a share of the compute of a
    chip in its first years; ``price_rise``: of chips, of the rents of providers, of tariffs; ``financing_fails``: a
    share of a source of money; ``cash_shortfall``, ``revenue_shortfall``: a share of the cash or revenue of the
    budget."""
    sites: tuple[Key, ...] | None = None
    """``site_late``, ``capacity_lost``: keys of the sites, separated by ``;``."""
    providers: tuple[Key, ...] | None = None
    """``site_late``, ``capacity_lost``: every site with an offer of these providers; ``price_rise``: their rents."""
    power_regions: tuple[Key, ...] | None = None
    """``site_late``, ``capacity_lost``: every site in these power regions; ``price_rise``: their tariffs."""
    chips: tuple[Key, ...] | None = None
    """Kinds of chips: keys of the chips; ``price_rise``: their prices."""
    financing: tuple[Key, ...] | None = None
    """``financing_fails``: keys of the sources. If none of these columns is given, the risk applies to every site,
    chip or source (``price_rise`` needs one of them)."""
    drawn: Literal["each", "together"]
    """``each``: every site, chip or source has an event of its own; ``together``: one event for all of them."""
    probability_per_year: Share
    """Probability that it happens within a year."""
    exposed_years: Positive | None = None
    """Years ``n`` in which it may happen: the probability is ``1 - (1 - probability_per_year)^n``; empty: 1."""
    distribution: Distribution
    """Of the impact, if it happens. ``fixed``: as stated; ``triangular``: between its low and high end, most probably
    as stated; ``lognormal``: as stated in the middle, a tenth of all below the low end and a tenth above the high
    end; ``fitted``: of a lognormal that is fitted to a sample of ``schedule_slips``."""
    impact_months: NonNegative | None = None
    """Kinds that come later: by how many months; required but with ``fitted``."""
    impact_share: ImpactShare | None = None
    """The other kinds: the share that is lost (at most 1), or by which prices rise; required."""
    sample: Key | None = None
    """Required with ``fitted``: the sample of table ``schedule_slips``."""
    maturity_years: Positive | None = None
    """Required with ``integration_shortfall``: years after the first volume date of the chip until the shortfall is
    made up."""
    first_year: CalendarYear | None = None
    """``supply_cut``, ``cash_shortfall``, ``revenue_shortfall``: first calendar year; empty: from the first."""
    last_year: CalendarYear | None = None
    """The same: last calendar year; empty: to the last."""
    group: Key | None = None
    """Risks of a group depend on the same factors: what makes one of them worse makes the others worse. Required with
    ``group_factor_share``."""
    group_factor_share: Share | None = None
    """Required with ``group``: share of what decides an event that all events of the group have in common: the
    correlation of the normal variables behind them."""
    provider_factor_share: Share | None = None
    """With ``each``: share that events at sites of one provider, or of chips of one vendor, have in common besides;
    empty: 0."""
    region_factor_share: Share | None = None
    """With ``each``: share that events at sites of one power region have in common besides; empty: 0. The three shares
    add up to 1 at most."""


class ScheduleSlipRow(Row):
    """A milestone of a building, as forecast and as forecast (or seen) later: one member of a sample of slips."""

    KEY = ("slip",)
    slip: Key
    """Key of the row."""
    sample: Key
    """Sample that it belongs to: risks name it."""
    name: Name
    """The milestone, in words."""
    forecast_date: date
    """Its date by the earlier forecast."""
    later_date: date
    """Its date by the later forecast, or as observed. The slip is the difference in months of 365.25 / 12 days; what
    came earlier than forecast counts as not late."""
