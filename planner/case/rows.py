"""One record per table of a case: columns, units, allowed values and meanings.

These records are the single description of the tables: the reader parses by them, the data dictionary and the
messages are made from them. An empty cell is never zero: it means "not given", and only the columns whose type
admits ``None`` may be empty, with the meaning their description states.
"""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from planner.case.fields import (
    Amount,
    CalendarYear,
    Country,
    Grade,
    GrowthRate,
    Key,
    NonNegative,
    PlainText,
    Positive,
    PositiveAmount,
    Role,
    Share,
    SignedAmount,
    Tenure,
    Workload,
)


class Row(BaseModel):
    """What every row of every table has: provenance, and the names of the columns that make its key."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    KEY: ClassVar[tuple[str, ...]] = ()
    """The columns that together name a row; no two rows of a table share them."""

    source: PlainText | None = None
    """Where the row's figures come from; a modelling assumption says so."""
    as_of: date | None = None
    """The date at which the source stated the figures."""
    grade: Grade | None = None
    """A primary source seen, B press seen, C recalled report, D modelling assumption."""
    notes: PlainText | None = None
    """Free text; never read by the program."""

    @property
    def key(self) -> tuple[object, ...]:
        """The values of the key columns, in their order."""
        return tuple(getattr(self, column) for column in self.KEY)


class SiteRow(Row):
    """A candidate or existing campus."""

    KEY = ("site",)
    site: Key
    """Key of the site."""
    name: PlainText
    """Name for people."""
    available: bool
    """``no`` keeps the row for the record but takes the site and its offers out of the case."""
    country: Country
    """ISO 3166-1 code of the country, two capital letters: residency zones and the country failure domain use it."""
    power_region: Key
    """Key of the power region that serves the site."""
    latitude_deg: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] | None = None
    """Latitude; needed only when latency is computed from distance."""
    longitude_deg: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] | None = None
    """Longitude; needed only when latency is computed from distance."""
    pue_peak: Annotated[float, Field(ge=1.0, le=5.0, allow_inf_nan=False)]
    """Facility MW per IT MW at peak: sizes the power a site needs."""
    pue_average: Annotated[float, Field(ge=1.0, le=5.0, allow_inf_nan=False)]
    """Facility MWh per IT MWh over a year: sizes the energy a site buys."""
    max_it_mw: NonNegative
    """Largest IT MW the site can ever hold."""
    earliest_date: date
    """No decided contract at the site is in force before this date."""
    opening_cost_busd: Amount | None = None
    """Paid once, in the period in which the plan opens the site: with its first decided contract, earlier, or without
    any; empty: none. Not due where a signed contract ends after the start of the horizon, also one that
    has yet to start: the site is open all through."""
    fixed_opex_busd_per_year: Amount | None = None
    """Paid every year from the opening on, whatever is used; empty: none. Due every year for sites that are open all
    through because of a signed contract."""


class EnergisationRow(Row):
    """A dated step of the facility power energised at a site (cumulative)."""

    KEY = ("site", "date")
    site: Key
    """Key of the site."""
    date: date
    """From this date on ..."""
    facility_mw: NonNegative
    """... this many facility MW in all are energised at the site."""


class ProviderRow(Row):
    """Who sells or builds capacity."""

    KEY = ("provider",)
    provider: Key
    """Key of the provider."""
    name: PlainText
    """Name for people."""
    first_year_it_mw: NonNegative | None = None
    """Integration: IT MW that can be taken into use at the provider per year before any growth; empty: no limit.
    Needed with ``growth_per_year``."""
    growth_per_year: NonNegative | None = None
    """Integration: by which share of what already runs at the provider it may grow on top per year; empty: 0
    when ``first_year_it_mw`` is given."""


class PowerRegionRow(Row):
    """A power region: tariff, carbon and the firm power it can give to the sites of the case."""

    KEY = ("power_region",)
    power_region: Key
    """Key of the power region."""
    name: PlainText
    """Name for people."""
    country: Country
    """ISO 3166-1 code of the country, two capital letters."""
    tariff_usd_per_mwh: Amount
    """Delivered price at the start of the horizon."""
    tariff_growth_per_year: GrowthRate
    """Yearly growth of the tariff."""
    carbon_kg_per_mwh: NonNegative
    """Carbon intensity of energy from the grid."""
    firm_facility_mw: NonNegative
    """Firm facility MW the grid can give to the sites of the case at the start of the horizon."""
    added_facility_mw_per_year: NonNegative
    """Firm facility MW the grid adds for them each year, evenly over the year."""


class PowerOptionRow(Row):
    """On-site generation or storage that can be bought for a site."""

    KEY = ("power_option",)
    power_option: Key
    """Key of the option."""
    site: Key
    """Key of the site."""
    kind: Literal["generation", "storage"]
    """Generation gives firm power and energy; storage gives firm power only."""
    max_facility_mw: NonNegative
    """Largest firm facility MW of the option."""
    in_energisation: bool
    """``yes``: its power is already counted in the site's energisation steps, so it relieves only the power
    region; ``no``: it also adds to what is energised at the site."""
    earliest_date: date
    """Not in service before this date."""
    lead_months: NonNegative
    """Time from order to service; the capex is paid evenly over it (at once when 0)."""
    life_years: Positive
    """Years in service."""
    capex_busd_per_gw: Amount
    """Capex per facility GW."""
    fuel_usd_per_mwh: Amount | None = None
    """Fuel and running cost per MWh generated; needed for generation, empty for storage."""
    carbon_kg_per_mwh: NonNegative | None = None
    """Carbon per MWh generated; needed for generation, empty for storage."""


class ChipRow(Row):
    """An accelerator family."""

    KEY = ("chip",)
    chip: Key
    """Key of the chip."""
    name: PlainText
    """Name for people."""
    vendor: Key
    """Vendor: the chip-vendor failure domain. Spelled the same in every row."""
    development_cost_busd: Amount | None = None
    """Custom chips: cost of development (non-recurring engineering), paid once, when the chip's development is started;
    empty: a merchant chip, which needs none."""
    power_w_per_accelerator: Positive
    """IT W per accelerator with its share of CPU, switch and storage."""
    price_busd_per_gw_it: Amount | None = None
    """Price of chips, racks and network per IT GW, paid at delivery under ``build`` and ``shell`` tenure;
    empty: the chip cannot be bought, only leased within ``cloud`` offers."""
    price_growth_per_year: GrowthRate
    """Yearly growth of the price, from the start of the horizon."""
    life_years: Positive
    """Years from delivery to end of life."""
    first_date: date
    """First volume date: no delivery before it."""
    training_compute_per_it_mw: PositiveAmount | None = None
    """Compute (in the case's unit) per IT MW on training; empty: cannot train."""
    inference_compute_per_it_mw: PositiveAmount | None = None
    """Compute (in the case's unit) per IT MW on inference; empty: cannot serve inference."""


class ChipSupplyRow(Row):
    """Yearly deliverable IT MW of a chip. A chip without any row is not limited; one with rows needs every year."""

    KEY = ("chip", "year")
    chip: Key
    """Key of the chip."""
    year: CalendarYear
    """Calendar year."""
    it_mw: NonNegative
    """IT MW that can be delivered in the year, over all offers, bought or leased."""


class OfferRow(Row):
    """One way to get capacity at one site from one provider."""

    KEY = ("offer",)
    offer: Key
    """Key of the offer."""
    name: PlainText
    """Name for people."""
    site: Key
    """Key of the site."""
    provider: Key
    """Key of the provider."""
    tenure: Tenure
    """``build``: capex and own chips; ``shell``: leased powered shell and own chips; ``cloud``: lease with chips
    and energy included."""
    roles: tuple[Role, ...]
    """``primary``, ``backup`` or both, separated by ``;``."""
    chips: tuple[Key, ...]
    """Keys of the chips the offer can host, separated by ``;``."""
    block_it_mw: Positive
    """IT MW of one block; contracts are whole numbers of blocks."""
    max_blocks: Annotated[int, Field(ge=0, le=1_000_000)]
    """Most blocks in force at a time, signed contracts not counted."""
    min_blocks: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """Minimum commitment: blocks of all decided contracts of the offer together, whatever their role and start, if any
    block of it is ever decided; empty: none. Signed contracts do not count."""
    signing_cost_busd: Amount | None = None
    """Paid once, in the first period with a decided contract of this offer; empty: none."""
    first_start: date
    """No decided contract starts before this date."""
    last_start: date | None = None
    """No decided contract starts after this date; empty: no limit."""
    lead_months: NonNegative
    """Time from decision to start; nothing can be decided before the start of the horizon."""
    term_years: Positive
    """Years a contract is in force: the term of a lease, the life of a building."""
    renewal_rent_musd_per_mw_year: Amount | None = None
    """After its term a contract may go on, period by period, at this rent; empty: it lapses."""
    exit_after_years: NonNegative | None = None
    """A contract may be left early after this many years; empty: never. Needed with ``exit_cost_share``."""
    exit_cost_share: Share | None = None
    """Share of the take-or-pay rent left until the end of the term that is paid when leaving early; needed
    with ``exit_after_years``."""
    rent_musd_per_mw_year: Amount | None = None
    """Rent per IT MW and year at the start of the horizon; needed for ``shell`` and ``cloud``, empty for ``build``."""
    rent_growth_per_year: GrowthRate | None = None
    """Yearly growth of the rent; needed for ``shell`` and ``cloud``, empty for ``build``."""
    take_or_pay_share: Share | None = None
    """Share of the rent that is due on blocks in force without chips; the rest is due only on installed IT MW.
    Needed for ``shell`` and ``cloud``, empty for ``build``."""
    capex_busd_per_gw_it: Amount | None = None
    """Construction capex per IT GW; needed for ``build``, may be given for ``shell`` (fit-out), empty for ``cloud``."""
    capex_milestones: tuple[Share, ...] | None = None
    """Shares of the capex paid over equal parts of the lead time, separated by ``;``, adding up to 1; needed
    with capex."""
    opex_musd_per_mw_year: Amount | None = None
    """Non-energy running cost per IT MW in force and year; empty: none."""


class ContractRow(Row):
    """A signed or existing contract: data, not a decision. Its money is spent whatever the plan does."""

    KEY = ("contract",)
    contract: Key
    """Key of the contract."""
    offer: Key
    """Key of the offer it belongs to: site, provider, tenure, chips and role rules come from there."""
    role: Role
    """Role of its capacity."""
    it_mw: Positive
    """IT MW in force."""
    start_date: date
    """In force from this date ..."""
    end_date: date
    """... until this date (exclusive)."""
    rent_musd_per_mw_year: Amount | None = None
    """Rent per IT MW and year, fixed over the contract; needed for ``shell`` and ``cloud``, empty for ``build``."""
    chip: Key | None = None
    """The chip already installed or ordered, paid for, from start to end of its life; empty: the plan chooses
    what to install within the contract's IT MW."""


class MarketRow(Row):
    """Where demand arises, and which sites may serve it."""

    KEY = ("market",)
    market: Key
    """Key of the market."""
    name: PlainText
    """Name for people."""
    latitude_deg: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] | None = None
    """Latitude; needed only when latency is computed from distance."""
    longitude_deg: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] | None = None
    """Longitude; needed only when latency is computed from distance."""
    latency_limit_ms: Positive | None = None
    """Longest round trip between a serving site and the market; empty: any site may serve."""
    residency: tuple[Country, ...] | None = None
    """ISO 3166-1 codes of the countries whose sites may serve the market, separated by ``;``; empty: any country."""
    single_source: bool
    """``yes``: in each period one site serves the whole market."""


class DemandRow(Row):
    """Compute demanded by a workload of a market in a year."""

    KEY = ("market", "workload", "year")
    market: Key
    """Key of the market."""
    workload: Workload
    """``training`` or ``inference``."""
    year: CalendarYear
    """Calendar year."""
    compute: Amount
    """Compute demanded all through the year, in the case's compute unit."""


class LatencyRow(Row):
    """A round-trip time; it replaces the time computed from distance."""

    KEY = ("site", "market")
    site: Key
    """Key of the site."""
    market: Key
    """Key of the market."""
    rtt_ms: Positive
    """Round-trip time."""


class ServingRow(Row):
    """Cost of serving a market from a site. With this table in a case, only listed pairs may serve."""

    KEY = ("site", "market")
    site: Key
    """Key of the site."""
    market: Key
    """Key of the market."""
    cost_busd_per_compute_year: SignedAmount
    """Cost per unit of compute served over a year."""


class BudgetRow(Row):
    """Money a year allows."""

    KEY = ("year",)
    year: CalendarYear
    """Calendar year."""
    cash_limit_busd: Amount | None = None
    """Needed with basis ``cash_limit``: cash the year allows when the partner's revenue share is
    ``reference_share``."""
    cash_burn_busd: SignedAmount | None = None
    """Needed with basis ``burn``: cash the year may burn beyond revenue (negative: must be kept)."""
    revenue_busd: Amount | None = None
    """Revenue of the year; in every year or in none (then there is no revenue, hence no partner payment)."""
    partner_share: Share | None = None
    """Share of revenue owed to the partner; in every year or in none (then nothing is owed)."""
    reference_share: Share | None = None
    """Basis ``cash_limit``: the partner share at which ``cash_limit_busd`` was stated; in every year or in none (then
    it was stated at ``partner_share`` itself)."""


TABLES: dict[str, type[Row]] = {
    "sites": SiteRow,
    "energisation": EnergisationRow,
    "providers": ProviderRow,
    "power_regions": PowerRegionRow,
    "power_options": PowerOptionRow,
    "chips": ChipRow,
    "chip_supply": ChipSupplyRow,
    "offers": OfferRow,
    "contracts": ContractRow,
    "markets": MarketRow,
    "demand": DemandRow,
    "latency": LatencyRow,
    "serving": ServingRow,
    "budget": BudgetRow,
}
"""Every table a case may have, by name."""

REQUIRED_TABLES = ("sites", "energisation", "providers", "power_regions", "chips", "offers", "markets", "demand")
"""The tables no case can do without (``budget`` is needed with the budget family)."""
