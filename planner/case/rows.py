"""One record per table of a case: columns, units, allowed values and meanings.

These records are the single description of the tables: the reader parses by them, the data dictionary and the
messages are made from them. An empty cell is never zero: it means "not given", and only the columns whose type
admits ``None`` may be empty, with the meaning their description states.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from planner.case.fields import (
    Amount,
    CalendarYear,
    Country,
    GrowthRate,
    Key,
    LossShare,
    Name,
    NonNegative,
    Positive,
    PositiveAmount,
    PositiveShare,
    Role,
    Share,
    SignedAmount,
    Tenure,
    Workload,
)
from planner.case.row import Row
from planner.case.rows_energisation import EnergisationRow as EnergisationRow
from planner.case.rows_financing import FinancingRow
from planner.case.rows_programmes import ProgrammeRow, ProgrammeStepRow
from planner.case.rows_ramps import RampRow as RampRow
from planner.case.rows_risks import RiskRow, ScheduleSlipRow
from planner.case.rows_serving import LatencyRow as LatencyRow
from planner.case.rows_serving import ServingRow as ServingRow


class SiteRow(Row):
    """A candidate or existing campus."""

    KEY = ("site",)
    site: Key
    """Key of the site."""
    name: Name
    """Display name."""
    available: bool
    """``no`` keeps the row for reference but excludes the site and its offers from the case."""
    country: Country
    """ISO 3166-1 code of the country, two capital letters: residency zones and the country failure domain use it."""
    power_region: Key
    """Key of the power region that serves the site."""
    latitude_deg: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] | None = None
    """Latitude; required only if latency is computed from distance."""
    longitude_deg: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] | None = None
    """Longitude; required only if latency is computed from distance."""
    pue_peak: Annotated[float, Field(ge=1.0, le=5.0, allow_inf_nan=False)]
    """Facility MW per IT MW at peak: determines the power that a site needs."""
    pue_average: Annotated[float, Field(ge=1.0, le=5.0, allow_inf_nan=False)]
    """Facility MWh per IT MWh over a year: determines the energy that a site uses."""
    max_it_mw: NonNegative
    """Largest IT MW that the site can ever have in force."""
    earliest_date: date
    """No decided contract at the site is in force before this date."""
    opening_cost_busd: Amount | None = None
    """Paid once, in the period in which the plan opens the site: with its first decided contract, earlier, or without
    any; empty: none. Not due if a signed contract ends after the start of the horizon (also one that has yet to
    start): the site is then open throughout."""
    fixed_opex_busd_per_year: Amount | None = None
    """Paid every year from the opening on, whatever is used; empty: none. Due every year for sites that are open
    throughout because of a signed contract."""


class ProviderRow(Row):
    """A company that sells or builds capacity."""

    KEY = ("provider",)
    provider: Key
    """Key of the provider."""
    name: Name
    """Display name."""
    first_year_it_mw: NonNegative | None = None
    """Integration: IT MW that can be added at the provider per year, before any growth; empty: no limit.
    Required with ``growth_per_year``."""
    growth_per_year: NonNegative | None = None
    """Integration: additional growth per year, as a share of the IT MW in force at the provider; empty: 0
    if ``first_year_it_mw`` is given."""


class PowerRegionRow(Row):
    """A power region: tariff, carbon intensity and the firm power available to the sites of the case."""

    KEY = ("power_region",)
    power_region: Key
    """Key of the power region."""
    name: Name
    """Display name."""
    country: Country
    """ISO 3166-1 code of the country, two capital letters."""
    tariff_usd_per_mwh: Amount
    """Delivered price at the start of the horizon."""
    tariff_growth_per_year: GrowthRate
    """Yearly growth of the tariff."""
    carbon_kg_per_mwh: NonNegative
    """Carbon intensity of energy from the grid."""
    firm_facility_mw: NonNegative
    """Firm facility MW that the grid can supply to the sites of the case at the start of the horizon."""
    added_facility_mw_per_year: NonNegative
    """Firm facility MW that the grid adds for them each year, evenly over the year."""


class PowerOptionRow(Row):
    """On-site generation or storage that can be bought for a site."""

    KEY = ("power_option",)
    power_option: Key
    """Key of the option."""
    site: Key
    """Key of the site."""
    kind: Literal["generation", "storage"]
    """Generation supplies firm power and energy; storage supplies firm power only."""
    max_facility_mw: NonNegative
    """Largest firm facility MW of the option."""
    in_energisation: bool
    """``yes``: its power is already included in the energisation steps of the site, so it relieves only the power
    region; ``no``: it also adds to the power energised at the site."""
    earliest_date: date
    """Not in service before this date."""
    lead_months: NonNegative
    """Time from order to service; the capex is paid evenly over it (at once when 0)."""
    life_years: Positive
    """Years in service."""
    capex_busd_per_gw: Amount
    """Capex per facility GW."""
    fuel_usd_per_mwh: Amount | None = None
    """Fuel and running cost per MWh generated; required for generation, empty for storage."""
    carbon_kg_per_mwh: NonNegative | None = None
    """Carbon per MWh generated; required for generation, empty for storage."""


class ChipRow(Row):
    """An accelerator family."""

    KEY = ("chip",)
    chip: Key
    """Key of the chip."""
    name: Name
    """Display name."""
    vendor: Key
    """Vendor of the chip, a failure domain. Spelled the same in every row."""
    development_cost_busd: Amount | None = None
    """Custom chips: cost of development (non-recurring engineering), paid once, when the development of the chip is
    started; empty: a merchant chip, which needs none."""
    power_w_per_accelerator: Positive
    """IT W per accelerator, including its share of CPUs, switches and storage."""
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
    utilisation_of_peak_share: PositiveShare | None = None
    """Share of the compute per IT MW that jobs realise on the chip, once its software is mature; empty: all of it (the
    compute per IT MW is then realised compute)."""
    failure_loss_share: LossShare | None = None
    """Share of the compute that is lost to failures: repair, spares, work repeated since the last checkpoint; empty:
    none."""
    first_volume_maturity_share: PositiveShare | None = None
    """Share of its mature compute that the chip gives at its first volume date, with the software of that day; required
    with ``maturity_years``, else empty."""
    maturity_years: Positive | None = None
    """Years after ``first_date`` until the chip gives its mature compute; the share rises evenly until then. Required
    with ``first_volume_maturity_share``, else empty."""


class ChipSupplyRow(Row):
    """IT MW of a chip deliverable in a year. A chip without rows is unlimited; one with rows needs every year."""

    KEY = ("chip", "year")
    chip: Key
    """Key of the chip."""
    year: CalendarYear
    """Calendar year."""
    it_mw: NonNegative
    """IT MW that can be delivered in the year, over all offers, bought or leased."""


class OfferRow(Row):
    """One way to obtain capacity at one site from one provider."""

    KEY = ("offer",)
    offer: Key
    """Key of the offer."""
    name: Name
    """Display name."""
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
    """Keys of the chips that the offer can host, separated by ``;``."""
    block_it_mw: Positive
    """IT MW of one block; contracts are whole numbers of blocks."""
    max_blocks: Annotated[int, Field(ge=0, le=1_000_000)]
    """Largest number of blocks in force at a time, signed contracts not counted."""
    min_blocks: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """Minimum commitment: blocks of all decided contracts of the offer together, whatever their role and start, if any
    block of it is ever decided; empty: none. Signed contracts do not count."""
    min_blocks_per_start: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """Smallest signing: least number of blocks of all decided contracts of the offer together that start in the same
    period, whatever their role, chip and end, if any does; empty: none. Signed contracts do not count."""
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
    """After its term a contract may be renewed, period by period, at this rent; empty: it ends."""
    exit_after_years: NonNegative | None = None
    """A contract may be left early after this many years; empty: never. Required with ``exit_cost_share``."""
    exit_cost_share: Share | None = None
    """Share of the remaining take-or-pay rent of the term that is paid when leaving early; required
    with ``exit_after_years``."""
    refresh_after_years: NonNegative | None = None
    """``cloud``: the chip of a contract may be replaced by another chip of the offer, once, this many years after its
    start or later; empty: never, the chip stays for the term. Required with ``refresh_price_busd_per_gw_it``."""
    refresh_price_busd_per_gw_it: Amount | None = None
    """``cloud``: price of a refresh per IT GW in force on which a chip is replaced, paid to the provider when the new
    chip comes; it does not grow. Required with ``refresh_after_years``."""
    rent_musd_per_mw_year: Amount | None = None
    """Rent per IT MW and year at the start of the horizon; required for ``shell`` and ``cloud``, empty for
    ``build``."""
    rent_growth_per_year: GrowthRate | None = None
    """Yearly growth of the rent; required for ``shell`` and ``cloud``, empty for ``build``."""
    take_or_pay_share: Share | None = None
    """Share of the rent that is due on blocks in force without chips; the rest is due only on installed IT MW.
    Required for ``shell`` and ``cloud``, empty for ``build``."""
    capex_busd_per_gw_it: Amount | None = None
    """Construction capex per IT GW; required for ``build``, optional for ``shell`` (fit-out), empty for
    ``cloud``."""
    capex_milestones: tuple[Share, ...] | None = None
    """Shares of the capex paid over equal parts of the lead time, separated by ``;``, adding up to 1;
    required with capex."""
    opex_musd_per_mw_year: Amount | None = None
    """Non-energy running cost per IT MW in force and year; empty: none."""
    ramp: Key | None = None
    """Key of the ramp (table ``ramps``) by which a decided contract comes into force after its start, step by step;
    empty: all of it at its start."""


class ContractRow(Row):
    """A signed or existing contract: data, not a decision. Its cost is incurred in every plan."""

    KEY = ("contract",)
    contract: Key
    """Key of the contract."""
    offer: Key
    """Key of the offer it belongs to, which determines site, provider, tenure and chips."""
    role: Role
    """Role of its capacity."""
    it_mw: Positive
    """IT MW in force."""
    start_date: date
    """First day in force."""
    end_date: date
    """Day on which it is no longer in force (exclusive)."""
    rent_musd_per_mw_year: Amount | None = None
    """Rent per IT MW and year, constant over the contract; required for ``shell`` and ``cloud``, empty for
    ``build``."""
    chip: Key | None = None
    """The chip that is already installed or ordered and paid for, from the start to the end of its life; empty: the
    plan chooses what to install within the IT MW of the contract."""
    ramp: Key | None = None
    """Key of the ramp (table ``ramps``) by which the contract comes into force after its ``start_date``, step by step;
    empty: all of it on that date, whatever the offer says."""


class MarketRow(Row):
    """A place where demand arises, with the conditions for sites that serve it."""

    KEY = ("market",)
    market: Key
    """Key of the market."""
    name: Name
    """Display name."""
    latitude_deg: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] | None = None
    """Latitude; required only if latency is computed from distance."""
    longitude_deg: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] | None = None
    """Longitude; required only if latency is computed from distance."""
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
    """Compute demanded throughout the year, in the compute unit of the case."""


class BudgetRow(Row):
    """The budget of a year."""

    KEY = ("year",)
    year: CalendarYear
    """Calendar year."""
    cash_limit_busd: Amount | None = None
    """Required with basis ``cash_limit``: cash available in the year if the revenue share of the partner is
    ``reference_share``."""
    cash_burn_busd: SignedAmount | None = None
    """Required with basis ``burn``: cash that may be spent beyond revenue (negative: cash that must be retained)."""
    other_spending_busd: Amount | None = None
    """Basis ``burn``: what is spent in the year besides capacity (payroll, research, sales) and is therefore not
    available for it; in every year or in none (then nothing is subtracted). Not read with basis ``cash_limit``, as a
    cash limit is what is left after it."""
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
    "financing": FinancingRow,
    "programmes": ProgrammeRow,
    "programme_steps": ProgrammeStepRow,
    "ramps": RampRow,
    "risks": RiskRow,
    "schedule_slips": ScheduleSlipRow,
}
"""Every table that a case may have, by name."""

DRAWN_TABLES = frozenset({"risks", "schedule_slips"})
"""The tables that the draw of scenarios alone reads: no plan depends on them."""
REQUIRED_TABLES = ("sites", "energisation", "providers", "power_regions", "chips", "offers", "markets", "demand")
"""The tables that every case must have (``budget`` is required with the budget family)."""
