"""Providers, chips, offers and signed contracts of a synthetic case.

Prices are rough figures of 2026 (modelling assumptions): a built site costs 10-14 B$ per IT GW and takes one and a half
to two and a half years, a powered shell leases at 1.8-2.6 M$ per IT MW and year, a cloud lease with chips at 10-14.
"""

from dataclasses import dataclass
from random import Random

from planner.case.fields import Role, Tenure
from planner.case.rows import ChipRow, ContractRow, OfferRow, PowerOptionRow, ProviderRow, SiteRow
from planner.synthetic.places import running_sites
from planner.synthetic.timeline import Timeline

BLOCKS_IT_MW = (25.0, 50.0, 75.0, 100.0)
"""Sizes of the halls in which capacity is let: the range of those known of real campuses (`sites/stargate_2026`)."""
BOTH_ROLES: tuple[Role, ...] = ("primary", "backup")


@dataclass(frozen=True, slots=True)
class ChipPlan:
    """A chip family with rough figures; months count from the start of the horizon."""

    key: str
    name: str
    vendor: str
    first_month: int
    compute_per_it_mw: float
    price_busd_per_gw_it: float
    life_years: float
    power_w: float
    custom: bool = False


CHIPS = (
    ChipPlan("ares1", "Ares 1", "ares", -24, 0.9, 31.0, 5.0, 1500.0),
    ChipPlan("house1", "House 1 (custom, inference)", "house", 24, 2.1, 21.0, 5.0, 1100.0, custom=True),
    ChipPlan("boreas1", "Boreas 1", "boreas", -12, 1.05, 27.0, 5.0, 1400.0),
    ChipPlan("ares2", "Ares 2", "ares", 18, 1.8, 34.0, 5.0, 1900.0),
    ChipPlan("boreas2", "Boreas 2", "boreas", 48, 2.9, 33.0, 6.0, 2000.0),
)
"""Chips in the order in which cases take them; the first is hosted everywhere and sold from the start."""


def draw_providers(rng: Random, sites: int) -> list[ProviderRow]:
    """Return about an eighth as many providers as sites, 3 to 25, without growth limits."""
    count = max(3, min(25, round(sites / 8)))
    names = ["Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Ginkgo", "Hazel", "Ilex", "Juniper", "Kauri", "Larch"]
    names += ["Maple", "Nutmeg", "Oak", "Pine", "Quince", "Rowan", "Spruce", "Teak", "Umbrella", "Viburnum", "Willow"]
    names += ["Yew", "Zelkova"]
    rng.shuffle(names)
    return [ProviderRow(provider=name.lower(), name=f"{name} Compute") for name in names[:count]]


def draw_chips(rng: Random, timeline: Timeline, sites: int) -> list[ChipRow]:
    """Return three to five chips, one of them custom."""
    rows = []
    for plan in CHIPS[: rng.randint(3, 5)]:
        compute = round(plan.compute_per_it_mw * rng.uniform(0.95, 1.05), 3)
        rows.append(
            ChipRow(
                chip=plan.key,
                name=plan.name,
                vendor=plan.vendor,
                development_cost_busd=round(0.4 + sites / 60 * rng.uniform(0.8, 1.2), 2) if plan.custom else None,
                power_w_per_accelerator=plan.power_w,
                price_busd_per_gw_it=round(plan.price_busd_per_gw_it * rng.uniform(0.93, 1.07), 2),
                price_growth_per_year=round(rng.uniform(-0.05, 0.0), 3),
                life_years=plan.life_years,
                first_date=timeline.day(plan.first_month),
                training_compute_per_it_mw=None if plan.custom else compute,
                inference_compute_per_it_mw=compute,
            )
        )
    return rows


def draw_hosts(rng: Random, sites: list[SiteRow], providers: list[ProviderRow]) -> dict[str, str]:
    """Return the provider of the first offer of each site: every provider hosts before any hosts twice, in turn."""
    keys = [provider.provider for provider in providers]
    hosts: list[str] = []
    while len(hosts) < len(sites):
        rng.shuffle(keys)
        hosts += keys
    return {site.site: host for site, host in zip(sites, hosts, strict=False)}


def _terms(rng: Random, tenure: Tenure) -> dict[str, object]:
    """Prices and terms of an offer by tenure."""
    if tenure == "build":
        return {
            "lead_months": float(rng.choice((18, 24, 30))),
            "term_years": 20.0,
            "capex_busd_per_gw_it": round(rng.uniform(10.0, 14.0), 2),
            "capex_milestones": rng.choice(((0.3, 0.4, 0.3), (0.2, 0.5, 0.3), (1.0,))),
            "opex_musd_per_mw_year": round(rng.uniform(0.15, 0.35), 3),
        }
    shell = tenure == "shell"
    rent = round(rng.uniform(1.8, 2.6) if shell else rng.uniform(10.0, 14.0), 3)
    leave_early = rng.random() < 0.15
    return {
        "lead_months": float(rng.choice((6, 12, 18) if shell else (3, 6, 9))),
        "term_years": float(rng.choice((10, 12, 15) if shell else (4, 5, 6))),
        "rent_musd_per_mw_year": rent,
        "rent_growth_per_year": round(rng.uniform(0.0, 0.025) if shell else rng.uniform(-0.03, 0.01), 3),
        "take_or_pay_share": round(rng.uniform(0.75, 1.0), 2),
        "renewal_rent_musd_per_mw_year": round(rent * rng.uniform(0.9, 1.15), 3) if rng.random() < 0.3 else None,
        "exit_after_years": 3.0 if leave_early else None,
        "exit_cost_share": round(rng.uniform(0.4, 0.8), 2) if leave_early else None,
        "opex_musd_per_mw_year": round(rng.uniform(0.1, 0.3), 3) if shell else None,
        "signing_cost_busd": round(rng.uniform(0.02, 0.15), 3) if rng.random() < 0.4 else None,
    }


def _offer(
    rng: Random, number: int, site: SiteRow, provider: str, chips: list[ChipRow], block_it_mw: float
) -> OfferRow:
    tenure: Tenure = rng.choice(("build", "shell", "shell", "cloud", "cloud"))
    hosted = tuple(c.chip for at, c in enumerate(chips) if at == 0 or rng.random() < 0.85)
    both = rng.random() < 0.7
    return OfferRow.model_validate(
        {
            "offer": f"{site.site}.{number}",
            "name": f"{tenure} at {site.name}",
            "site": site.site,
            "provider": provider,
            "tenure": tenure,
            "roles": BOTH_ROLES if both else ("primary",),
            "chips": hosted,
            "block_it_mw": block_it_mw,
            "max_blocks": int(site.max_it_mw // block_it_mw),
            "first_start": site.earliest_date,
            **_terms(rng, tenure),
        }
    )


def draw_offers(
    rng: Random, sites: list[SiteRow], hosts: dict[str, str], providers: list[ProviderRow], chips: list[ChipRow]
) -> dict[str, list[OfferRow]]:
    """Return one or two offers by site; the witness plan uses the first, so that asks no minimum commitment."""
    offers: dict[str, list[OfferRow]] = {}
    for site in sites:
        fitting = [block for block in BLOCKS_IT_MW if 3 * block <= site.max_it_mw] or [BLOCKS_IT_MW[0]]
        offers[site.site] = [_offer(rng, 1, site, hosts[site.site], chips, rng.choice(fitting))]
        if rng.random() < 0.6:
            provider = hosts[site.site] if rng.random() < 0.5 else rng.choice(providers).provider
            second = _offer(rng, 2, site, provider, chips, rng.choice(fitting))
            if rng.random() < 0.15 and second.max_blocks >= 2:
                second = second.model_copy(update={"min_blocks": 2})
            if rng.random() < 0.1:
                second = second.model_copy(
                    update={"last_start": second.first_start.replace(year=second.first_start.year + 6)}
                )
            offers[site.site].append(second)
    return offers


def draw_contracts(
    rng: Random,
    timeline: Timeline,
    sites: list[SiteRow],
    offers: dict[str, list[OfferRow]],
    chips: list[ChipRow],
    energised_it_mw: dict[str, float],
) -> list[tuple[ContractRow, int]]:
    """Return the signed contracts, each with the period boundary at which it ends (the last: not in the horizon).

    They stand at the sites that run already, two in three with their chips. A cloud contract may end within the
    horizon, on a period boundary late enough to be signed anew.
    """
    rows: list[tuple[ContractRow, int]] = []
    for site in sites[: running_sites(len(sites))]:
        offer = offers[site.site][0]
        most = int(min(energised_it_mw[site.site], site.max_it_mw) // offer.block_it_mw)
        if most < 1:
            continue
        months_before = rng.choice((0, 12, 24))
        end = timeline.periods
        if offer.tenure == "cloud" and rng.random() < 0.6:
            end = timeline.first_boundary_from(rng.uniform(2.0, 6.0))
        end_months = (
            end * timeline.period_months if end < timeline.periods else timeline.periods * timeline.period_months + 60
        )
        row = ContractRow(
            contract=f"signed.{site.site}",
            offer=offer.offer,
            role="primary",
            it_mw=offer.block_it_mw * max(1, round(most * rng.uniform(0.5, 1.0))),
            start_date=timeline.day(-months_before),
            end_date=timeline.day(end_months),
            rent_musd_per_mw_year=offer.rent_musd_per_mw_year,
            chip=chips[0].chip if rng.random() < 2 / 3 else None,
        )
        rows.append((row, end))
    return rows


def draw_power_options(rng: Random, sites: list[SiteRow]) -> list[PowerOptionRow]:
    """Return on-site generation or storage for about one site in eight."""
    rows = []
    for site in sites:
        if rng.random() >= 0.12:
            continue
        generation = rng.random() < 0.7
        rows.append(
            PowerOptionRow(
                power_option=f"{site.site}.onsite",
                site=site.site,
                kind="generation" if generation else "storage",
                max_facility_mw=float(50 * rng.randint(1, max(1, int(site.max_it_mw // 100)))),
                in_energisation=rng.random() < 0.5,
                earliest_date=site.earliest_date,
                lead_months=float(rng.choice((12, 18, 24))),
                life_years=20.0 if generation else 12.0,
                capex_busd_per_gw=round(rng.uniform(1.6, 2.6) if generation else rng.uniform(0.8, 1.4), 2),
                fuel_usd_per_mwh=round(rng.uniform(35.0, 60.0), 1) if generation else None,
                carbon_kg_per_mwh=420.0 if generation else None,
            )
        )
    return rows
