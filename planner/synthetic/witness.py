"""The witness: a plain plan that shows a synthetic case can be met, and from which its limits are made.

It uses the first offer of each site only, adds blocks greedily where they are cheap and spread over providers and power
regions, installs on everything in force the best chip on the market, keeps what it has (a contract that ends is
signed anew), and routes the compute of every site in fixed shares. It has no backup and starts no custom chip, so a
good plan costs less. Demand, chip supply, firm power, budgets and critical shares are then set so that the witness
meets them, which proves that the case has a plan with all demand served.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from planner.case.calendar import HOURS_PER_YEAR
from planner.case.fields import Workload
from planner.case.rows import ChipRow, ContractRow, MarketRow, OfferRow, PowerRegionRow, SiteRow
from planner.synthetic.places import TRAINING_MARKET, reaches
from planner.synthetic.timeline import Timeline

UTILISATION = 0.8
TRAINING_SHARE = 0.35
"""Share of each site's IT MW the witness uses for training."""
TWH_PER_GW_YEAR = HOURS_PER_YEAR / 1000.0
MW_PER_GW = 1000.0
MUSD_PER_BUSD = 1000.0

Need = tuple[str, Workload]
"""A market and a workload of it."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What the witness knows: all that is drawn before any limit is set."""

    timeline: Timeline
    sites: list[SiteRow]
    regions: list[PowerRegionRow]
    chips: list[ChipRow]
    offers: dict[str, OfferRow]
    """The first offer of each site."""
    contracts: dict[str, tuple[ContractRow, int]]
    """By site the signed contract and the period boundary at which it ends."""
    steps: dict[str, list[tuple[int, float]]]
    """By site the energisation steps."""
    markets: list[MarketRow]


@dataclass(slots=True)
class Witness:
    """What the witness does, by period."""

    in_force_it_mw: list[dict[str, float]] = field(default_factory=list)
    """IT MW in force by site, signed contracts included."""
    starts: list[tuple[int, str, float]] = field(default_factory=list)
    """Decided contracts: period, site, IT MW; one that is signed anew appears again."""
    installs_it_mw: list[dict[tuple[str, str], float]] = field(default_factory=list)
    """IT MW installed by (site, chip)."""
    compute: list[dict[tuple[str, Need], float]] = field(default_factory=list)
    """Compute by site and need."""
    spend_busd: list[float] = field(default_factory=list)
    """Spending, rounded up where a formula is simplified."""


def energised_facility_mw(setting: Setting, site: str, period: int) -> float:
    """Return the facility MW energised at a site, on average over a period."""
    level, total = 0.0, 0.0
    for month, facility_mw in setting.steps[site]:
        total += (facility_mw - level) * setting.timeline.share_after(period, month)
        level = facility_mw
    return total


def _target_share(timeline: Timeline, period: int) -> float:
    """Share of all IT MW the sites could ever hold that the witness aims at: 5 % growing to 55 % within ten years."""
    return float(0.05 * (0.55 / 0.05) ** min(1.0, timeline.mid_years(period) / 10.0))


def _price_index(offer: OfferRow) -> float:
    """Rough cost of an IT MW and year with chips, in M$: ranks the offers."""
    chips = 0.0 if offer.tenure == "cloud" else 6.5
    capex = (offer.capex_busd_per_gw_it or 0.0) / 12.0
    return chips + capex + (offer.rent_musd_per_mw_year or 0.0) + (offer.opex_musd_per_mw_year or 0.0)


class _Builder:
    """Adds blocks period by period."""

    def __init__(self, rng: Random, setting: Setting) -> None:
        self.setting = setting
        self.timeline = setting.timeline
        self.groups: dict[str, list[tuple[int, float]]] = defaultdict(list)
        self.price = {site: _price_index(offer) * rng.uniform(0.9, 1.1) for site, offer in setting.offers.items()}
        self.region = {site.site: site.power_region for site in setting.sites}
        self.most = {site.site: site.max_it_mw for site in setting.sites}
        self.pue = {site.site: site.pue_peak for site in setting.sites}

    def in_force(self, site: str) -> float:
        """IT MW the witness holds at a site (it never gives any up)."""
        signed = self.setting.contracts[site][0].it_mw if site in self.setting.contracts else 0.0
        return signed + sum(it_mw for _, it_mw in self.groups[site])

    def can_start(self, offer: OfferRow, period: int) -> bool:
        if self.timeline.start_years(period) + 1e-9 < offer.lead_months / 12:
            return False
        months_to_mid = self.timeline.mid_years(period) * 12
        return (offer.first_start.year - self.timeline.start.year) * 12 + (
            offer.first_start.month - self.timeline.start.month
        ) <= months_to_mid - 1e-9

    def room(self, site: str, period: int) -> float:
        """Whole blocks that still fit the site, in IT MW."""
        offer = self.setting.offers[site]
        if not self.can_start(offer, period):
            return 0.0
        energised = energised_facility_mw(self.setting, site, period) / self.pue[site]
        free = min(self.most[site], energised) - self.in_force(site)
        decided = sum(it_mw for _, it_mw in self.groups[site])
        free = min(free, offer.max_blocks * offer.block_it_mw - decided)
        if site in self.setting.contracts and self.setting.contracts[site][1] < self.timeline.periods:
            # The signed contract will be signed anew: keep its blocks free.
            free = min(free, offer.max_blocks * offer.block_it_mw - self.in_force(site))
        return max(0.0, (free + 1e-6) // offer.block_it_mw * offer.block_it_mw)

    def grow(self, period: int) -> None:
        """Add blocks until the target of the period is met or nothing fits."""
        site_it_mw = {site: self.in_force(site) for site in self.setting.offers}
        total = sum(site_it_mw.values())
        target = _target_share(self.timeline, period) * sum(self.most.values())
        by_provider: dict[str, float] = defaultdict(float)
        by_region: dict[str, float] = defaultdict(float)
        for site, it_mw in site_it_mw.items():
            by_provider[self.setting.offers[site].provider] += it_mw
            by_region[self.region[site]] += it_mw
        room = {site: self.room(site, period) for site in self.setting.offers}
        open_to = [site for site, it_mw in room.items() if it_mw > 0]
        while total < target and open_to:
            best = min(
                open_to,
                key=lambda site: (
                    self.price[site]
                    * (
                        1
                        + 2
                        * (by_provider[self.setting.offers[site].provider] + by_region[self.region[site]])
                        / max(total, 1.0)
                    )
                ),
            )
            block = self.setting.offers[best].block_it_mw
            added = min(room[best], max(block, (target - total) // block * block))
            self.groups[best].append((period, added))
            by_provider[self.setting.offers[best].provider] += added
            by_region[self.region[best]] += added
            total += added
            open_to.remove(best)

    def all_starts(self) -> Iterator[tuple[int, str, float]]:
        """Return every contract decided, those signed anew included."""
        for site, groups in self.groups.items():
            yield from ((start, site, it_mw) for first, it_mw in groups for start in self._chain(site, first))
        for site, (contract, end) in self.setting.contracts.items():
            yield from ((start, site, contract.it_mw) for start in self._chain(site, end))

    def _chain(self, site: str, first: int) -> Iterator[int]:
        term_years = self.setting.offers[site].term_years
        while first < self.timeline.periods:
            yield first
            first = self.timeline.first_boundary_from(self.timeline.start_years(first) + term_years)


def build_witness(rng: Random, setting: Setting) -> Witness:
    """Return the witness plan."""
    builder = _Builder(rng, setting)
    witness = Witness()
    for period in range(setting.timeline.periods):
        builder.grow(period)
        witness.in_force_it_mw.append({site: builder.in_force(site) for site in setting.offers})
    witness.starts = sorted(builder.all_starts())
    _install(setting, witness)
    _spend(setting, witness)
    return witness


def _best_chip(setting: Setting, offer: OfferRow, period: int) -> ChipRow:
    """Return the merchant chip of most compute that is on the market; the first chip always is."""
    horizon = setting.timeline
    on_market = [
        chip
        for chip in setting.chips
        if chip.chip in offer.chips
        and chip.development_cost_busd is None
        and (chip.first_date.year - horizon.start.year) * 12 + chip.first_date.month - horizon.start.month
        <= horizon.mid_years(period) * 12 - 1e-9
    ]
    return max(on_market, key=lambda chip: chip.inference_compute_per_it_mw or 0.0)


def signed_chip_it_mw(setting: Setting, site: str, period: int) -> float:
    """Return the IT MW of signed chips at a site, on average over a period."""
    if site not in setting.contracts or setting.contracts[site][0].chip is None:
        return 0.0
    contract, end = setting.contracts[site]
    start = setting.timeline.start
    life = next(chip.life_years for chip in setting.chips if chip.chip == contract.chip)
    dead = (contract.start_date.year - start.year + round(life)) * 12 + contract.start_date.month - start.month
    last = min(dead, end * setting.timeline.period_months) if end < setting.timeline.periods else dead
    return contract.it_mw * (1.0 - setting.timeline.share_after(period, last))


def _install(setting: Setting, witness: Witness) -> None:
    """Fill everything in force with chips, and route their compute."""
    timeline = setting.timeline
    chips = {chip.chip: chip for chip in setting.chips}
    reach = _reach_shares(setting)
    stock: dict[str, list[tuple[float, str, float]]] = defaultdict(list)
    for period in range(timeline.periods):
        installs: dict[tuple[str, str], float] = {}
        compute: dict[tuple[str, Need], float] = {}
        now = timeline.start_years(period)
        for site, it_mw in witness.in_force_it_mw[period].items():
            stock[site] = [vintage for vintage in stock[site] if now < vintage[0] - 1e-9]
            signed = signed_chip_it_mw(setting, site, period)
            gap = it_mw - signed - sum(vintage[2] for vintage in stock[site])
            if gap > 1e-6:
                chip = _best_chip(setting, setting.offers[site], period)
                installs[site, chip.chip] = gap
                stock[site].append((now + chip.life_years, chip.chip, gap))
            holding = [(chips[chip], mw) for _, chip, mw in stock[site]]
            if signed > 0:
                holding.append((chips[setting.contracts[site][0].chip or ""], signed))
            _route(compute, site, holding, reach[site])
        witness.installs_it_mw.append(installs)
        witness.compute.append(compute)


def _reach_shares(setting: Setting) -> dict[str, dict[str, float]]:
    """Return by site the share of its inference compute each market within reach gets."""
    weight = {market.market: 1.0 + (at * 7 % 5) / 4 for at, market in enumerate(setting.markets)}
    shares: dict[str, dict[str, float]] = {}
    for site in setting.sites:
        near = [m.market for m in setting.markets if m.market != TRAINING_MARKET and reaches(site, m)]
        total = sum(weight[market] for market in near)
        shares[site.site] = {market: weight[market] / total for market in near}
    return shares


def _route(
    compute: dict[tuple[str, Need], float], site: str, holding: list[tuple[ChipRow, float]], shares: dict[str, float]
) -> None:
    training = TRAINING_SHARE if shares else 1.0
    given = sum(mw * (chip.training_compute_per_it_mw or 0.0) for chip, mw in holding)
    compute[site, (TRAINING_MARKET, "training")] = training * given
    usable = sum(mw * (chip.inference_compute_per_it_mw or 0.0) for chip, mw in holding)
    for market, share in shares.items():
        compute[site, (market, "inference")] = (1.0 - training) * share * usable


def _spend(setting: Setting, witness: Witness) -> None:
    """Add up spending by period, all rent paid in full (the witness fills what it holds)."""
    timeline = setting.timeline
    spend = [0.0] * timeline.periods
    for period in range(timeline.periods):
        spend[period] += _running_busd(setting, witness, period)
        for (site, key), mw in witness.installs_it_mw[period].items():
            chip = next(chip for chip in setting.chips if chip.chip == key)
            if setting.offers[site].tenure != "cloud":
                growth = (1 + chip.price_growth_per_year) ** timeline.mid_years(period)
                spend[period] += (chip.price_busd_per_gw_it or 0.0) * growth * mw / MW_PER_GW
    sites = {site.site: site for site in setting.sites}
    first: set[str] = set()
    for start, key, mw in witness.starts:
        _add_capex(setting, spend, start, key, mw)
        if key not in first:
            first.add(key)
            signed = key in setting.contracts
            spend[start] += setting.offers[key].signing_cost_busd or 0.0
            spend[start] += 0.0 if signed else sites[key].opening_cost_busd or 0.0
    witness.spend_busd = spend


def _running_busd(setting: Setting, witness: Witness, period: int) -> float:
    """Rent, running cost, energy and fixed cost of a period."""
    timeline = setting.timeline
    regions = {region.power_region: region for region in setting.regions}
    mid, years = timeline.mid_years(period), timeline.length_years
    total = 0.0
    for site in setting.sites:
        mw = witness.in_force_it_mw[period][site.site]
        if mw == 0.0:
            continue
        offer = setting.offers[site.site]
        growth = max(1.0, (1 + (offer.rent_growth_per_year or 0.0)) ** mid)  # signed rents do not fall
        rent = (offer.rent_musd_per_mw_year or 0.0) * growth + (offer.opex_musd_per_mw_year or 0.0)
        total += rent * mw * years / MUSD_PER_BUSD + (site.fixed_opex_busd_per_year or 0.0) * years
        if offer.tenure != "cloud":
            region = regions[site.power_region]
            tariff = region.tariff_usd_per_mwh * (1 + region.tariff_growth_per_year) ** mid
            gw = mw / MW_PER_GW * UTILISATION * site.pue_average
            total += gw * TWH_PER_GW_YEAR * years * tariff / 1000.0
    return total


def _add_capex(setting: Setting, spend: list[float], start: int, site: str, it_mw: float) -> None:
    """Add the construction capex of a contract: a window up to its start, cut in equal parts, one per milestone."""
    offer, timeline = setting.offers[site], setting.timeline
    if offer.capex_busd_per_gw_it is None:
        return
    amount = offer.capex_busd_per_gw_it * it_mw / MW_PER_GW
    shares = offer.capex_milestones or (1.0,)
    end, lead = timeline.start_years(start), offer.lead_months / 12
    for at, share in enumerate(shares):
        first, last = end - lead * (1 - at / len(shares)), end - lead * (1 - (at + 1) / len(shares))
        for period in range(start + 1):
            begin = timeline.start_years(period)
            overlap = min(last, begin + timeline.length_years) - max(first, begin)
            if overlap > 0:
                spend[period] += amount * share * overlap / (last - first)
