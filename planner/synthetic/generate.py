"""Make a synthetic case: draw what exists, let a witness plan use it, set the limits around what the witness does.

1. Countries, power regions, sites with energisation ramps, providers, chips, offers and signed contracts are drawn from
   ``random.Random(seed)`` around rough figures of 2026 (`planner.synthetic.places`, `planner.synthetic.fleet`).
2. A witness plan is built (`planner.synthetic.witness`).
3. Demand is a little less than the witness's compute; chip supply, firm power of the regions and yearly budgets are a
   little more than it uses; redundancy rules ask what it can survive, from the year in which it can.

So the case has a plan that serves all demand; the witness is far from the best one. The same arguments give the same
case, on every machine.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from math import ceil, floor
from random import Random

from planner.case.case import CaseData
from planner.case.fields import Workload
from planner.case.model import (
    BackupIncome,
    Budget,
    CriticalOverride,
    Families,
    Horizon,
    Model,
    Objective,
    Power,
    Redundancy,
    RedundancyRule,
    SiteOpening,
    Tables,
)
from planner.case.row import Row
from planner.case.rows import BudgetRow, ChipSupplyRow, DemandRow, OfferRow, PowerRegionRow
from planner.synthetic.fleet import (
    draw_chips,
    draw_contracts,
    draw_hosts,
    draw_offers,
    draw_power_options,
    draw_providers,
)
from planner.synthetic.places import (
    LATENCY,
    TRAINING_MARKET,
    draw_countries,
    draw_energisation,
    draw_markets,
    draw_power_regions,
    draw_sites,
    energisation_rows,
    loosened,
)
from planner.synthetic.timeline import Timeline
from planner.synthetic.witness import UTILISATION, Need, Setting, Witness, build_witness

SERVED_SHARE = 0.92
"""Share of the witness's compute that is demanded."""
SHARE_STEP = 0.05
NEARLY = 0.85
"""A rule starts when the witness survives at least this part of what it survives in the later half of the horizon."""
DOMAINS = ("site", "provider", "power_region")


def generate(
    sites: int,
    periods: int = 10,
    period_months: int = 12,
    seed: int = 0,
    *,
    critical_inference_share: float = 0.9,
    critical_training_share: float = 0.6,
    start: date = date(2026, 1, 1),
) -> CaseData:
    """Return a random case.

    Parameters
    ----------
    sites
        Number of candidate sites, 10 to 5,000; about a tenth run already.
    periods, period_months
        Number of periods, 1 to 60, and the months of each (12: years, 3: quarters).
    seed
        Seed of the draw.
    critical_inference_share, critical_training_share
        Largest shares of demand (0 to 1) that must survive the loss of any one site, provider or power region; the
        case asks less where the witness cannot survive that much.
    start
        First day of the horizon, the first of a month.

    Raises
    ------
    ValueError
        If an argument is outside its range.
    """
    _check(sites, periods, period_months, critical_inference_share, critical_training_share)
    rng = Random(seed)
    timeline = Timeline(start, periods, period_months)
    tables, setting = _draw(rng, timeline, sites)
    witness = build_witness(rng, setting)
    tables["power_regions"] = _power_regions(rng, setting, witness)
    tables["chip_supply"] = _chip_supply(rng, setting, witness)
    tables["budget"] = _budget(rng, setting, witness)
    demand = _demand(setting, witness)
    tables["demand"] = list(demand)
    shares: dict[Workload, float] = {"inference": critical_inference_share, "training": critical_training_share}
    redundancy = _redundancy(setting, witness, demand, shares)
    name = f"synthetic-{sites}x{periods}-seed{seed}"
    sourced = {
        "source": f"planner.synthetic: {sites} sites, {periods} x {period_months} months, seed {seed}",
        "grade": "D",
    }
    return CaseData(
        model=_model(name, timeline, tuple(tables), redundancy, seed),
        tables={key: tuple(row.model_copy(update=sourced) for row in rows) for key, rows in tables.items()},
        present=frozenset(tables),
        origin=name,
    )


def _check(sites: int, periods: int, period_months: int, *shares: float) -> None:
    for name, value, low, high in (
        ("sites", sites, 10, 5000),
        ("periods", periods, 1, 60),
        ("period_months", period_months, 1, 36),
    ):
        if not low <= value <= high:
            raise ValueError(f"{name} is {value}, it must be from {low} to {high}")
    if not all(0.0 <= share <= 1.0 for share in shares):
        raise ValueError(f"critical shares are {shares}, they must be from 0 to 1")


def _draw(rng: Random, timeline: Timeline, count: int) -> tuple[dict[str, list[Row]], Setting]:
    """Draw everything that needs no witness."""
    countries = draw_countries(count)
    regions = draw_power_regions(rng, count, countries)
    sites, first_month = draw_sites(rng, timeline, count, regions, countries)
    steps = draw_energisation(rng, sites, first_month)
    providers = draw_providers(rng, count)
    chips = draw_chips(rng, timeline, count)
    hosts = draw_hosts(rng, sites, providers)
    offers = draw_offers(rng, sites, hosts, providers, chips)
    at_start = {
        site.site: max([mw for month, mw in steps[site.site] if month <= 0], default=0.0) / site.pue_peak
        for site in sites
    }
    contracts = draw_contracts(rng, timeline, sites, offers, chips, at_start)
    running = [site for site in sites if site.earliest_date <= timeline.start]
    markets = [loosened(market, running, hosts) for market in draw_markets(rng, countries)]
    by_offer = {options[0].offer: site for site, options in offers.items()}
    setting = Setting(
        timeline=timeline,
        sites=sites,
        regions=regions,
        chips=chips,
        offers={site: options[0] for site, options in offers.items()},
        contracts={by_offer[row.offer]: (row, end) for row, end in contracts},
        steps=steps,
        markets=markets,
    )
    all_offers: list[OfferRow] = [offer for options in offers.values() for offer in options]
    tables: dict[str, list[Row]] = {
        "sites": list(sites),
        "energisation": list(energisation_rows(timeline, steps)),
        "providers": list(providers),
        "power_options": list(draw_power_options(rng, sites)),
        "chips": list(chips),
        "offers": list(all_offers),
        "contracts": [row for row, _ in contracts],
        "markets": list(markets),
    }
    return tables, setting


def _up(value: float, step: float) -> float:
    return round(ceil(value / step - 1e-9) * step, 6)


def _down(value: float, step: float) -> float:
    return round(floor(value / step + 1e-9) * step, 6)


def _power_regions(rng: Random, setting: Setting, witness: Witness) -> list[Row]:
    """Give each region firm facility MW for what the witness draws, with 5 to 40 % to spare."""
    timeline = setting.timeline
    drawn: dict[str, list[float]] = {region.power_region: [0.0] * timeline.periods for region in setting.regions}
    for site in setting.sites:
        for period in range(timeline.periods):
            drawn[site.power_region][period] += witness.in_force_it_mw[period][site.site] * site.pue_peak
    rows: list[Row] = []
    for region in setting.regions:
        by_period = drawn[region.power_region]
        spare = rng.uniform(1.05, 1.4)
        firm = max(by_period[0] * spare, 50.0)
        added = max(max(0.0, mw * spare - firm) / timeline.mid_years(t) for t, mw in enumerate(by_period))
        update = {"firm_facility_mw": _up(firm, 1.0), "added_facility_mw_per_year": _up(max(added, 10.0), 1.0)}
        rows.append(PowerRegionRow.model_validate(region.model_dump() | update))
    return rows


def _yearly(timeline: Timeline, per_year_of_period: Callable[[int], float], year: int) -> float:
    """Return the amount per year that gives every period touching the year at least its own."""
    return max(per_year_of_period(period) for period in timeline.periods_of(year))


def _chip_supply(rng: Random, setting: Setting, witness: Witness) -> list[Row]:
    """Limit merchant chips to what the witness installs and 40 to 120 % more; custom chips to a fixed ramp."""
    timeline = setting.timeline
    rows: list[Row] = []
    total = sum(site.max_it_mw for site in setting.sites)
    for chip in setting.chips:
        spare = rng.uniform(1.4, 2.2)
        least = 0.03 * total
        for year in timeline.years():

            def installed(period: int, key: str = chip.chip) -> float:
                mw = sum(v for (_, c), v in witness.installs_it_mw[period].items() if c == key)
                return mw / timeline.length_years

            need = spare * _yearly(timeline, installed, year)
            rows.append(ChipSupplyRow(chip=chip.chip, year=year, it_mw=_up(max(need, least), 10.0)))
    return rows


def _budget(rng: Random, setting: Setting, witness: Witness) -> list[Row]:
    """Allow what the witness spends and 2 to 15 % more; the partner share falls from its reference.

    Money a year does not use stays available.
    """
    timeline = setting.timeline
    rows: list[Row] = []
    for at, year in enumerate(timeline.years()):
        spent = _yearly(timeline, lambda period: witness.spend_busd[period] / timeline.length_years, year)
        limit = _up(max(spent * rng.uniform(1.02, 1.15), 0.1), 0.01)
        rows.append(
            BudgetRow(
                year=year,
                cash_limit_busd=limit,
                revenue_busd=round(0.6 * limit, 2),
                partner_share=round(max(0.08, 0.2 - 0.02 * at), 2),
                reference_share=0.2,
            )
        )
    return rows


def _demand(setting: Setting, witness: Witness) -> list[DemandRow]:
    """Demand a little less than the witness's compute, by need and year."""
    timeline = setting.timeline
    total: list[dict[Need, float]] = []
    for compute in witness.compute:
        by_need: dict[Need, float] = defaultdict(float)
        for (_, need), amount in compute.items():
            by_need[need] += amount
        total.append(by_need)
    rows = []
    for market in setting.markets:
        workload: Workload = "training" if market.market == TRAINING_MARKET else "inference"
        for year in timeline.years():
            least = min(total[period].get((market.market, workload), 0.0) for period in timeline.periods_of(year))
            rows.append(
                DemandRow(market=market.market, workload=workload, year=year, compute=_down(SERVED_SHARE * least, 0.01))
            )
    return rows


def _redundancy(
    setting: Setting, witness: Witness, demand: list[DemandRow], shares: dict[Workload, float]
) -> Redundancy:
    """One N-1 rule per kind of domain, from the year in which the witness survives nearly what it does later."""
    level = _demand_levels(setting.timeline, demand)
    region = {site.site: site.power_region for site in setting.sites}
    provider = {site: offer.provider for site, offer in setting.offers.items()}
    kinds: dict[str, Callable[[str], str]] = {
        "site": lambda site: site,
        "provider": lambda site: provider[site],
        "power_region": lambda site: region[site],
    }
    survived = {kind: _survived(witness, level, domain_of) for kind, domain_of in kinds.items()}
    return Redundancy(rules=tuple(_rule(setting.timeline, kind, survived[kind], shares) for kind in DOMAINS))


def _demand_levels(timeline: Timeline, demand: Iterable[DemandRow]) -> list[dict[Need, float]]:
    """Return the demand of each period."""
    level: list[dict[Need, float]] = [defaultdict(float) for _ in range(timeline.periods)]
    for row in demand:
        for period in timeline.periods_of(row.year):
            share = timeline.overlap_years(period, row.year) / timeline.length_years
            level[period][row.market, row.workload] += row.compute * share
    return level


def _survived(
    witness: Witness, level: list[dict[Need, float]], domain_of: Callable[[str], str]
) -> list[dict[Need, float]]:
    """Return by period and need the share of demand the witness still serves after the worst loss, routed as always."""
    result = []
    for compute, demanded in zip(witness.compute, level, strict=True):
        held: dict[tuple[Need, str], float] = defaultdict(float)
        total: dict[Need, float] = defaultdict(float)
        for (site, need), amount in compute.items():
            held[need, domain_of(site)] += amount
            total[need] += amount
        largest: dict[Need, float] = defaultdict(float)
        for (need, _), amount in held.items():
            largest[need] = max(largest[need], amount)
        result.append({n: (total[n] - largest[n]) / d if d > 0 else 1.0 for n, d in demanded.items()})
    return result


def _rule(
    timeline: Timeline, kind: str, survived: list[dict[Need, float]], shares: dict[Workload, float]
) -> RedundancyRule:
    """Return the rule of a kind of domain: the shares asked for, less where the witness cannot give them."""
    first = timeline.periods // 2
    later = {need: min(by_need[need] for by_need in survived[first:]) for need in survived[first]}
    while first > 0 and all(share >= NEARLY * later[need] for need, share in survived[first - 1].items()):
        first -= 1
    first_year = timeline.day(first * timeline.period_months).year
    asked = [t for t in range(timeline.periods) if timeline.day(t * timeline.period_months).year >= first_year]
    worst = {need: min(survived[t][need] for t in asked) for need in survived[first]}
    can = {need: _down(min(shares[need[1]], 0.99 * share), SHARE_STEP) for need, share in worst.items()}
    usual: dict[Workload, float] = {}
    for workload in shares:
        given = sorted(share for need, share in can.items() if need[1] == workload)
        usual[workload] = given[len(given) // 2]
    overrides = tuple(
        CriticalOverride(market=market, workload=workload, share=share)
        for (market, workload), share in can.items()
        if share < usual[workload]
    )
    return RedundancyRule.model_validate(
        {
            "name": f"any one {kind.replace('_', ' ')}",
            "domain": kind,
            "k": 1,
            "critical_share": usual,
            "overrides": [override.model_dump() for override in overrides],
            "first_year": first_year,
        }
    )


def _model(name: str, timeline: Timeline, tables: tuple[str, ...], redundancy: Redundancy, seed: int) -> Model:
    return Model(
        format=1,
        name=name,
        title=f"Synthetic case {name}",
        description=(
            f"Drawn at random by planner.synthetic with seed {seed}; every figure is a modelling assumption. "
            "A witness plan that serves all demand is known to exist."
        ),
        compute_unit="thousand H100-equivalents",
        horizon=Horizon(start=timeline.start, periods=timeline.periods, period_months=timeline.period_months),
        tables=Tables(**{table: f"{table}.csv" for table in tables}),
        objective=Objective(unserved="lexicographic", discount_rate_per_year=0.08, salvage="straight_line"),
        latency=LATENCY,
        families=Families(
            site_opening=SiteOpening(),
            power=Power(utilisation=UTILISATION),
            budget=Budget(basis="cash_limit", reinvested_share=0.5, carry_over=True, backup_income_counts=False),
            redundancy=redundancy,
            backup_income=BackupIncome(price_musd_per_mw_year=2.0, largest_share=0.5),
        ),
    )
