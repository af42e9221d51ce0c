"""The model file (TOML): horizon, tables, objective, and which constraint families with which options.

A family whose section is absent is not in the program. Unknown keys are errors. Nothing that costs money or limits
anything has a silent default.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticKnownError

from planner.case.fields import (
    Amount,
    CalendarYear,
    CriticalShare,
    Key,
    Name,
    NonNegative,
    OwnValue,
    PlainText,
    Positive,
    PositiveAmount,
    Role,
    Share,
    Workload,
)
from planner.case.horizon import Horizon as Horizon
from planner.case.horizon import Tail as Tail
from planner.case.section import Section as Section


class Tables(Section):
    """The CSV file of each table: a path below the model file's folder, or ``shipped:FOLDER/FILE.csv``."""

    sites: str
    energisation: str
    providers: str
    power_regions: str
    chips: str
    offers: str
    markets: str
    demand: str
    power_options: str | None = None
    chip_supply: str | None = None
    contracts: str | None = None
    latency: str | None = None
    serving: str | None = None
    budget: str | None = None
    financing: str | None = None
    programmes: str | None = None
    programme_steps: str | None = None
    ramps: str | None = None
    risks: str | None = None
    schedule_slips: str | None = None


class Objective(Section):
    """What the plan minimises: present value of cost, with unserved demand priced or minimised first."""

    unserved: Literal["lexicographic", "priced"]
    """``lexicographic``: minimise unserved demand first, then cost; ``priced``: unserved
    demand costs ``unserved_price_busd_per_compute_year``."""
    unserved_price_busd_per_compute_year: Amount | None = None
    """Required with ``priced``: cost of one unit of compute that is unserved for a year."""
    shortfall: Literal["tier", "hard"] | None = None
    """If not everything can be met: ``tier`` (also if absent): plans miss as little as possible, in the order of
    ``docs/formulation.md``, section 19; ``hard``: nothing but demand may be missing, and a case that cannot be met
    without has no plan."""
    discount_rate_per_year: Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
    """Discount rate; payments of a period are discounted from its middle to the start of the horizon."""
    salvage: Literal["none", "straight_line"]
    """``straight_line``: capex (construction, chips, on-site power) is credited, at the end of the horizon, in
    proportion to the remaining life."""


class SiteOpening(Section):
    """Family site opening: opening costs, fixed costs, and how many sites may be open."""

    open_at_most: Annotated[int, Field(ge=0)] | None = None
    """At most this many sites are open at the end of the horizon."""
    open_exactly: Annotated[int, Field(ge=0)] | None = None
    """Exactly this many sites are open at the end of the horizon."""


class Power(Section):
    """Family power: energised facility MW, firm facility MW of the power regions, on-site options, energy cost."""

    utilisation: Share
    """Average IT load as a share of installed IT MW: determines energy and carbon, not power."""


class Latency(Section):
    """Round-trip time from great-circle distance where the latency table has no row."""

    route_factor: Annotated[float, Field(ge=1.0, le=3.0, allow_inf_nan=False)]
    """Fibre length per great-circle length."""
    fibre_km_per_ms: Positive
    """Kilometres that light travels in fibre in a millisecond (about 204)."""
    overhead_ms: NonNegative
    """Added to every round trip for equipment."""


class Budget(Section):
    """Family budget: yearly cash limits and whole-horizon envelopes per role."""

    basis: Literal["cash_limit", "burn"]
    """``cash_limit``: limit = cash limit + reinvested share x (partner payment at the reference share - partner
    payment). ``burn``: limit = cash burn allowed + revenue - partner payment - other spending."""
    reinvested_share: Share | None = None
    """Required with ``cash_limit``: share of a change in the partner payment that changes this budget."""
    partner_payment_cap_busd: Amount | None = None
    """Cap on all payments to the partner together, counted from the start of the horizon; absent: none."""
    carry_over: bool
    """Whether the unused budget of a period remains available in later periods."""
    backup_income_counts: bool
    """Whether income from idle backup is added to the budget of the period."""
    primary_envelope_busd: Amount | None = None
    """Largest nominal spending on primary capacity over the horizon; absent: no envelope."""
    backup_envelope_busd: Amount | None = None
    """Largest nominal spending on backup capacity over the horizon; absent: no envelope."""


class Financing(Section):
    """Family financing: equity, money of vendors for capacity in service, and debt (table financing)."""

    conditions: dict[Key, bool] = Field(default_factory=dict)
    """Whether what sources depend on comes true, by the name of the condition, such as ``for_profit = true``."""


class CriticalOverride(Section):
    """The critical share of one workload of one market."""

    market: Key
    """The market whose share it is."""
    workload: Workload
    """The workload of the market."""
    share: CriticalShare
    """Share of its demand that must still be carried, in the place of that of the rule."""
    pause_days: NonNegative | None = None
    """Days for which the work may stand still after a loss; absent: those of the rule for the workload."""


class RedundancyRule(Section):
    """After the loss of any ``k`` failure domains of a kind, or of none, the critical demand can still be carried."""

    name: Name
    """Display name; unique."""
    domain: Literal["site", "provider", "power_region", "country", "chip_vendor", "sites", "none"]
    """Kind of failure domain; ``sites``: the listed sites are lost together; ``none``: nothing is lost (head-room for a
    spike of demand, with shares above 1)."""
    sites: tuple[Key, ...] | None = None
    """Required with domain ``sites``: the sites that are lost together."""
    k: Annotated[int, Field(ge=1, le=5)] = 1
    """How many domains are lost at once: 1 for N-1, 2 for N-2."""
    critical_share: CriticalShare | dict[Workload, CriticalShare]
    """Share of demand that must still be carried: one number, or one per workload. Above 1 (up to 10): more than
    the demand, with domain ``none`` only."""
    overrides: tuple[CriticalOverride, ...] = ()
    """Critical shares of single markets."""
    outage_days: Positive | None = None
    """How long a loss lasts; required with ``pause_days``."""
    pause_days: dict[Workload, NonNegative] | None = None
    """Days of an outage for which the work of a workload may stand still: the critical share is multiplied by
    1 - pause / outage, and is zero where the pause is as long as the outage; absent: it may not stand still."""
    first_year: CalendarYear | None = None
    """The rule holds for periods that start in this calendar year or later; absent: from the start."""
    last_year: CalendarYear | None = None
    """The rule holds for periods that start in this calendar year or earlier; absent: to the end."""
    shortfall: Literal["tier", "hard"] | None = None
    """If the rule cannot be kept: ``tier`` (also if absent): as little as possible of what is served stays unprotected;
    ``hard``: none of it, and less is served instead. Not with ``price_busd_per_missing_compute_year``."""
    price_busd_per_missing_compute_year: PositiveAmount | None = None
    """Cost of a year with one unit of critical compute that is not protected (of head-room that is not there): the rule
    may then be missed at this price, and has no tier; absent: it may not be missed for money."""

    @field_validator("critical_share")
    @classmethod
    def _at_most_one(cls, share: float | dict[Workload, float], info: ValidationInfo) -> float | dict[Workload, float]:
        # Shares by workload and of markets are judged by the check of the case, at their own places.
        if isinstance(share, float | int) and share > 1.0 and info.data.get("domain", "none") != "none":
            raise PydanticKnownError("less_than_equal", {"le": 1.0})
        return share

    def critical_share_of(self, market: str, workload: Workload) -> float:
        """Return the critical share of a market and workload, less what a pause allows.

        Examples
        --------
        >>> rule = RedundancyRule(name="r", domain="site", critical_share=0.8, outage_days=60,
        ...                       pause_days={"training": 30})
        >>> rule.critical_share_of("m", "training"), rule.critical_share_of("m", "inference")
        (0.4, 0.8)
        """
        pause, outage = self.pause_days_of(market, workload), self.outage_days
        share = self.stated_share_of(market, workload)
        return share if not pause or outage is None else share * max(0.0, 1.0 - pause / outage)

    def stated_share_of(self, market: str, workload: Workload) -> float:
        """Return the critical share of a market and workload as it is stated, without a pause."""
        share = self.critical_share
        of_override = [one.share for one in self.overrides if (one.market, one.workload) == (market, workload)]
        return of_override[0] if of_override else share.get(workload, 0.0) if isinstance(share, dict) else share

    def pause_days_of(self, market: str, workload: Workload) -> float:
        """Return the days of an outage for which the work of a market and workload may stand still."""
        for one in self.overrides:
            if (one.market, one.workload) == (market, workload) and one.pause_days is not None:
                return one.pause_days
        return (self.pause_days or {}).get(workload, 0.0)


class Redundancy(Section):
    """Family redundancy: any number of rules."""

    rules: Annotated[tuple[RedundancyRule, ...], Field(min_length=1)]


class DiversityRule(Section):
    """Largest share of all IT capacity that one domain may hold."""

    domain: Literal["site", "provider", "power_region", "country", "chip_vendor"]
    """Kind of domain."""
    largest_share: Share
    """Largest share of the IT MW in force, signed and decided and of both roles (for chip vendors: of the installed
    IT MW, chips of signed contracts included)."""
    first_year: CalendarYear | None = None
    """The rule holds for periods that start in this calendar year or later; absent: from the start."""


class Diversity(Section):
    """Family diversity: any number of rules."""

    rules: Annotated[tuple[DiversityRule, ...], Field(min_length=1)]


class ChipGrowth(Section):
    """How fast the stock of any one custom chip may grow."""

    first_year_it_mw: NonNegative
    """IT MW by which the stock of the chip may grow in a year, whatever there is of it."""
    growth_per_year: NonNegative
    """Share of what there is of the chip by which its stock may grow in a year besides."""


class Integration(Section):
    """Family integration: growth limits per provider (providers table) and per custom chip."""

    custom_chip: ChipGrowth | None = None
    """Growth limit of each chip that has a development cost; absent: none."""


class Carbon(Section):
    """Family carbon: price or cap or both."""

    price_usd_per_tonne: Amount | None = None
    """Cost of a tonne of CO2."""
    cap_mt_per_year: NonNegative | None = None
    """Largest emissions, in million tonnes of CO2 per year."""


class BackupIncome(Section):
    """Family backup income: idle backup sold as interruptible compute, withdrawn when a contingency needs it."""

    price_musd_per_mw_year: Amount | None = None
    """Income per IT MW sold and year; this or ``price_busd_per_compute_year``."""
    price_busd_per_compute_year: Amount | None = None
    """Income per unit of realised compute sold and year; this or ``price_musd_per_mw_year``."""
    workload: Workload | None = None
    """Required with ``price_busd_per_compute_year``: the workload whose compute is sold."""
    largest_share: Share
    """Largest share of the installed backup that may be sold: of its IT MW, or of its compute where that is priced."""
    market_it_mw: NonNegative | None = None
    """With ``price_musd_per_mw_year``: largest IT MW that can be sold; absent: no limit."""
    market_compute: Amount | None = None
    """With ``price_busd_per_compute_year``: most compute that can be sold; absent: no limit."""


class ContiguityRule(Section):
    """Work that needs a cluster: much of it at a campus, at few campuses, for some years (formulation, section 17)."""

    name: Name
    """Display name; unique."""
    market: Key
    """The market whose work it is."""
    workload: Workload
    """The workload of the market."""
    at_least_compute: PositiveAmount | None = None
    """Least realised compute that a campus serves of it in a period, if it serves any (never more than the demand of
    the period); this or ``at_least_it_mw``."""
    at_least_it_mw: Positive | None = None
    """Least IT MW that serve it at a campus in a period, if any do (never more than the demand of the period needs of
    the best chip); this or ``at_least_compute``."""
    most_campuses: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """Most campuses that serve it in a period; absent: any number."""
    at_least_years: Positive | None = None
    """Years for which a campus that has begun to serve it goes on, at least; absent: it may end with any period."""
    first_year: CalendarYear | None = None
    """The rule holds for periods that start in this calendar year or later; absent: from the start."""
    last_year: CalendarYear | None = None
    """The rule holds for periods that start in this calendar year or earlier; absent: to the end."""


class Contiguity(Section):
    """Family contiguity: any number of rules; work without a rule may be spread over any sites."""

    rules: Annotated[tuple[ContiguityRule, ...], Field(min_length=1)]


class Families(Section):
    """The optional constraint families of the case; contract, chip mix and demand are always included."""

    site_opening: SiteOpening | None = None
    power: Power | None = None
    budget: Budget | None = None
    financing: Financing | None = None
    redundancy: Redundancy | None = None
    diversity: Diversity | None = None
    integration: Integration | None = None
    carbon: Carbon | None = None
    backup_income: BackupIncome | None = None
    contiguity: Contiguity | None = None
    own: dict[Key, dict[Key, OwnValue]] | None = None
    """Sections of constraint families of your own, by the name of the family, such as ``[families.own.water]``. A case
    that has one is solved only where Python gives the family (``docs/families.md``): a case runs no code."""


MOST_FORCED = 10_000


class Forced(Section):
    """A decision that every plan of the case must make (docs/formulation.md, section 12)."""

    site: Key | None = None
    """A decided contract at this site starts by the end of ``by``."""
    offer: Key | None = None
    """Instead of ``site``: at least ``blocks`` of this offer are decided to start by the end of ``by``."""
    by: CalendarYear
    """A calendar year of the horizon."""
    blocks: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """Required with ``offer``: number of blocks."""
    role: Role | None = None
    """With ``offer``: only blocks of this role count; absent: both."""

    def __str__(self) -> str:
        if self.offer is None:
            return f"site {self.site} in use by the end of {self.by}"
        role = f" {self.role}" if self.role else ""
        blocks = f"{self.blocks}{role} block{'s' if self.blocks != 1 else ''}"
        return f"offer {self.offer}: at least {blocks} signed by the end of {self.by}"

    def change(self) -> dict[str, Any]:
        """Return the operation of a what-if file that forces this decision.

        Examples
        --------
        >>> Forced(site="north", by=2027).change()
        {'op': 'force', 'site': 'north', 'by': 2027}
        """
        return {"op": "force", **self.model_dump(mode="json", exclude_none=True)}


class Model(Section):
    """A model file."""

    format: Literal[1]
    """Version of the format."""
    name: Key
    """Name of the case."""
    title: Name
    """Title, in one line."""
    description: PlainText
    """What the case represents, what is sourced and what is assumed."""
    compute_unit: Name
    """The unit of compute, spelled out, such as ``thousand H100-equivalents``."""
    horizon: Horizon
    """First day, number and length of the periods."""
    tables: Tables
    """The file of each table."""
    objective: Objective
    """Discount rate, treatment of unserved demand and of salvage."""
    latency: Latency | None = None
    """How round-trip times are computed from distance; absent: no latency limit is computed."""
    families: Families = Families()
    """Absent: only contract, chip mix and demand, which are always included."""
    forced: Annotated[tuple[Forced, ...], Field(max_length=MOST_FORCED)] = ()
    """Decisions that every plan must make, besides keeping the limits; usually put there by a what-if."""
