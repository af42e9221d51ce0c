"""Infeasible cases with a planted cause, of the families and tiers that `tests.explain.planted` does not have."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from planner.case.case import CaseData
from planner.changes.apply import apply_changes
from tests.explain.planted import HARD, NO_RULES, Changes, Plant, _contract, _forced, _row, roomy

TWO_YEARS: Changes = ["model.horizon.periods=2"]
NONE = "infeasible"
SITES = ("north", "east", "south")
LOAN = {"interest_rate_per_year": 0.05, "repayment": "bullet", "repayment_years": 5}


def _set(path: str, value: object) -> dict[str, object]:
    return {"op": "set", "model": path, "value": value}


def _rule(name: str, domain: str, share: float, **more: Any) -> dict[str, Any]:
    rule = {"name": name, "domain": domain, "k": 1, "critical_share": share, **more}
    return _set("families.redundancy.rules", [rule])


def _source(kind: str, up_to: float, **more: Any) -> Changes:
    bank = _row("financing", financing="bank", name="Bank", kind=kind, up_to_busd=up_to, **more)
    return [_set("families.financing", {}), bank]


def _custom(first_date: str = "2025-01-01", cost: float = 0.01) -> Changes:
    chip = _row(
        "chips", chip="custom", name="Custom accelerator", vendor="own", development_cost_busd=cost,
        power_w_per_accelerator=1000, price_growth_per_year=0, life_years=5, first_date=first_date,
        training_compute_per_it_mw=1, inference_compute_per_it_mw=1,
    )  # fmt: skip
    return [chip, {"op": "set", "table": "offers", "column": "chips", "value": "custom"}]


def _option(site: str, mw: float) -> dict[str, object]:
    return _row(
        "power_options", power_option=f"{site}_gas", site=site, kind="generation", max_facility_mw=mw,
        in_energisation="yes", earliest_date="2025-01-01", lead_months=0, life_years=20, capex_busd_per_gw=1,
        fuel_usd_per_mwh=30, carbon_kg_per_mwh=400,
    )  # fmt: skip


def _step(site: str, date: str) -> dict[str, object]:
    return _row("energisation", site=site, date=date, facility_mw=250.0)


def _cluster(**rule: Any) -> dict[str, Any]:
    return _set("families.contiguity.rules", [{"name": "hall", "market": "research", "workload": "training", **rule}])


def _programme(kind: str = "committed", cost: dict[str, float] | None = None, **step: float) -> Changes:
    return [
        _row("programmes", programme="promise", name="Promise", sites="north;east", kind=kind, **(cost or {})),
        _row("programme_steps", programme="promise", date="2026-01-01", **step),
    ]


def _plant(
    name: str, changes: tuple[object, ...], kinds: str, verdict: str = "short", *, divisible: bool = True
) -> Plant:
    return Plant(name, changes, frozenset(kinds.split()), verdict, divisible)


def _of_rules(n: int) -> Iterator[Plant]:
    """Head-room, and every domain of redundancy."""
    spike = _rule("spike", "none", 1.3 + 0.1 * n)
    whole = _rule("spike", "none", 1.3)
    provider = _rule("any one provider", "provider", 0.8)
    storm = {"name": "storm", "domain": "sites", "sites": ["north", "south"], "k": 1, "critical_share": 0.8}
    listed = _set("families.redundancy.rules", [storm])
    yield _plant(f"head-room and room {n}", (spike, f"sites.max_it_mw={40 + n}"), "redundancy site")
    yield _plant(
        f"head-room in whole blocks {n}", (whole, f"sites.max_it_mw={45 + n}"), "redundancy site", divisible=False
    )
    yield _plant(
        f"head-room and cash {n}", (spike, f"budget[2026].cash_limit_busd={1.2 + 0.03 * n}"), "redundancy cash"
    )
    yield _plant(f"provider lost {n}", (provider, f"offers[east_cloud].max_blocks={n}"), "redundancy")
    yield _plant(f"vendor lost {n}", (_rule("any one vendor", "chip_vendor", 0.1 * (n + 1)),), "redundancy")
    yield _plant(
        f"two sites lost {n}", (_rule("any two", "site", 0.9, k=2), f"sites.max_it_mw={80 - n}"), "redundancy site"
    )
    yield _plant(
        f"listed sites lost {n}", (listed, f"energisation[east,*].facility_mw={80 + n}"), "redundancy energised"
    )


def _of_money(n: int) -> Iterator[Plant]:
    """Financing beside cash: amounts, rates, windows, conditions; the envelope of backup; a programme declined."""
    low = f"budget[2026].cash_limit_busd={0.4 + 0.1 * n}"
    rate = {"provider": "acme", "busd_per_it_gw": 0.5}
    deal = _set("families.financing", {"conditions": {"deal": False}})
    backup = {"op": "force", "offer": "east_cloud", "by": 2026, "blocks": 3 + n, "role": "backup"}
    declined = _programme("optional", {"declining_cost_busd": 5.0 + n}, at_least_it_mw=300)
    yield _plant(f"debt and cash {n}", (low, *_source("debt", 0.2, **LOAN)), "cash financing")
    yield _plant(f"equity and cash {n}", (low, *_source("equity", 0.2)), "cash financing")
    yield _plant(f"vendor's rate and cash {n}", (low, *_source("vendor", 5.0, **rate)), "cash earned")
    yield _plant(
        f"money too late {n}", (*TWO_YEARS, low, *_source("debt", 9.0, first_date="2027-01-01", **LOAN)), "cash window"
    )
    yield _plant(
        f"condition not met {n}", (low, *_source("debt", 9.0, condition="deal", **LOAN)[::-1], deal), "cash condition"
    )
    yield _plant(
        f"backup envelope {n}", (*HARD, backup, "model.families.budget.backup_envelope_busd=0.1"),
        "envelope forced", NONE,
    )  # fmt: skip
    yield _plant(
        f"declined or kept {n}", (*HARD, *declined, "budget[2026].cash_limit_busd=1.5"), "cash programme", NONE
    )


def _of_contracts(n: int) -> Iterator[Plant]:
    """Terms without renewal, ends of what is signed, ramps, lead times."""
    once = (*TWO_YEARS, *NO_RULES, "offers.term_years=1", f"offers.last_start=2026-0{n + 1}-01")
    signed = (*TWO_YEARS, *NO_RULES, _contract(200.0, 1.0), "contracts[held].end_date=2027-01-01")
    steps = [_row("ramps", ramp="slow", months=m, share=share) for m, share in ((0, 0.1), (12, 1.0))]
    slow = (*NO_RULES, *steps, "offers.ramp=slow", f"demand.compute={40 + n}")
    yield _plant(f"leases end {n}", once, "renewal dates demand")
    yield _plant(f"signed ends {n}", (*signed, f"offers.max_blocks={n}"), "ends blocks demand")
    yield _plant(f"ramp {n}", slow, "ramp blocks demand")
    yield _plant(f"lead time {n}", (*NO_RULES, f"offers.lead_months={12 + n}"), "dates demand")


def _of_power(n: int) -> Iterator[Plant]:
    """On-site power, power that is late or comes within the period."""
    options = [_option(site, 10.0 + n) for site in SITES]
    late = [_step(site, "2026-12-01") for site in SITES]
    soon = [_step(site, f"2026-0{n + 2}-01") for site in ("north", "east")]
    within = ('model.horizon.energisation="throughout"', "energisation.facility_mw=5")
    yield _plant(
        f"on-site power and grid {n}", (*NO_RULES, *options, "power_regions.firm_facility_mw=15"), "region onsite"
    )
    yield _plant(f"power late {n}", (*NO_RULES, f"energisation.facility_mw={5 + n}", *late), "energised demand")
    yield _plant(f"power within the period {n}", (*NO_RULES, *within, *soon), "energised demand")


def _of_chips(n: int) -> Iterator[Plant]:
    """Custom chips: growth, date, development, supply."""
    slow = _set("families.integration", {"custom_chip": {"first_year_it_mw": 20.0 + 10 * n, "growth_per_year": 0.5}})
    few = _row("chip_supply", chip="custom", year=2026, it_mw=10.0 + n)
    yield _plant(f"custom growth {n}", (*_custom(), slow, *NO_RULES), "chip_growth demand")
    yield _plant(f"custom late {n}", (*_custom(f"2027-0{n + 1}-01"), *NO_RULES), "dates demand")
    yield _plant(f"custom not developed {n}", (*_custom(cost=200.0 + n), *NO_RULES), "cash supply")
    yield _plant(f"custom supply {n}", (*_custom(), *NO_RULES, few), "supply demand")


def _of_markets(n: int) -> Iterator[Plant]:
    """Latency, the serving table, a site that is out."""
    near = f"sites[north].max_it_mw={20 + n}"
    times = [
        _row("latency", site=site, market="users", rtt_ms=ms) for site, ms in zip(SITES, (10, 30, 40), strict=True)
    ]
    pairs = [(site, "research") for site in SITES] + [("north", "users")]
    serving = [_row("serving", site=site, market=market, cost_busd_per_compute_year=0.0) for site, market in pairs]
    yield _plant(f"latency {n}", (*NO_RULES, *times, "markets[users].latency_limit_ms=20", near), "latency site")
    yield _plant(f"serving {n}", (*NO_RULES, *serving, near), "site serving")
    yield _plant(
        f"site out {n}", (*NO_RULES, "sites[south].available=no", f"sites.max_it_mw={40 + n}"), "site unavailable"
    )


def _of_clusters(n: int) -> Iterator[Plant]:
    """Contiguity: compute, campuses, years; the room of the sites is named too."""
    fine = (*NO_RULES, "offers.block_it_mw=1", "offers.max_blocks=100", f"sites.max_it_mw={34 + n / 2}")
    one = _cluster(at_least_compute=1.0, most_campuses=1)
    lasting = (*TWO_YEARS, *NO_RULES, _cluster(at_least_compute=30.0, at_least_years=2.0), _contract(100.0, 1.0))
    other = ("offers.max_blocks=0", "offers[east_cloud].max_blocks=5", "offers[east_cloud].first_start=2027-01-01")
    small = (f"demand[users,*,*].compute={20 + n}", "demand[research,*,*].compute=40")
    yield _plant(f"cluster by compute {n}", (*fine, _cluster(at_least_compute=36.0 + n)), "cluster site demand")
    yield _plant(f"campuses {n}", (*fine, one), "cluster site demand")
    yield _plant(
        f"cluster stays {n}", (*lasting, "contracts[held].end_date=2027-01-01", *other, *small), "cluster demand"
    )


def _of_shares(n: int) -> Iterator[Plant]:
    """Diversity by each domain; what is signed alone beyond a share, a carbon cap, a number of sites."""
    for domain in ("site", "country", "power_region", "chip_vendor"):
        rule = [{"domain": domain, "largest_share": 0.3 - 0.02 * n}]
        yield _plant(
            f"share of a {domain} {n}", (*NO_RULES, _set("families.diversity.rules", rule)), "diversity demand"
        )
    held = _contract(100.0 + n, 1.0)
    shares = _set("families.diversity.rules", [{"domain": "site", "largest_share": 0.1}])
    yield _plant(f"signed and shares {n}", (held, shares), "diversity signed", NONE)
    yield _plant(
        f"signed and carbon, soft {n}", (held, "model.families.carbon.cap_mt_per_year=0.1"), "carbon signed", NONE
    )
    yield _plant(f"signed and count {n}", (held, "model.families.site_opening.open_exactly=0"), "count signed", NONE)


def _of_promises(n: int) -> Iterator[Plant]:
    """Programmes by IT MW; smallest signings and commitments in whole blocks; forced sites."""
    site = {"op": "force", "site": "north", "by": 2026}
    two = (site, _forced(1 + n, "east_cloud"), "model.families.site_opening.open_at_most=1")
    yield _plant(
        f"promise of IT MW and room {n}", (*_programme(at_least_it_mw=150.0 + n), "sites.max_it_mw=60", *NO_RULES),
        "programme site",
    )  # fmt: skip
    yield _plant(
        f"promise in whole blocks {n}", (*_programme(at_least_it_mw=102.0 + n, at_most_it_mw=118.0), *NO_RULES),
        "programme programme_cap", divisible=False,
    )  # fmt: skip
    for kind, column in (("signing", "min_blocks_per_start"), ("commitment", "min_blocks")):
        yield _plant(
            f"{kind} in whole blocks {n}", (*NO_RULES, f"offers.{column}=6", f"sites.max_it_mw={100 + n}"),
            f"{kind} site", divisible=False,
        )  # fmt: skip
    yield _plant(f"forced site and room {n}", (site, f"sites[north].max_it_mw={10 + n}"), "forced site", NONE)
    yield _plant(f"forced site and count {n}", two, "forced count", NONE)


def _next_chip(after_years: float, price: float, date: str = "2027-01-01") -> Changes:
    """Leases of one start whose chip may be replaced by one twice as fast; alone they serve no more than in 2026."""
    faster = _row(
        "chips", chip="faster", name="Faster accelerator", vendor="maker", power_w_per_accelerator=1000,
        price_growth_per_year=0, life_years=5, first_date=date, training_compute_per_it_mw=2,
        inference_compute_per_it_mw=2,
    )  # fmt: skip
    terms = {"refresh_after_years": after_years, "refresh_price_busd_per_gw_it": price, "last_start": "2026-01-01"}
    cells = [{"op": "set", "table": "offers", "column": column, "value": value} for column, value in terms.items()]
    growing = ("offers.max_blocks=3", "demand[*,*,2026].compute=50", "demand[*,*,2027].compute=130")
    return [*TWO_YEARS, *NO_RULES, faster, "offers.chips=standard;faster", *cells, *growing]


def _of_refreshes(n: int) -> Iterator[Plant]:
    """A refresh is needed, and kept from coming: its supply, money, earliest time, the date of its chip.

    The family itself can take nothing away from a plan, as nothing has to be refreshed.
    """
    few = [_row("chip_supply", chip="faster", year=year, it_mw=mw) for year, mw in ((2026, 0.0), (2027, 20.0 + n))]
    dear = f"budget[2027].cash_limit_busd={2.2 + 0.1 * n}"
    yield _plant(f"refresh and supply {n}", (*_next_chip(1.0, 1.0), *few), "supply demand")
    yield _plant(
        f"refresh and cash {n}", (*_next_chip(1.0, 30.0), "budget[2026].cash_limit_busd=2", dear), "cash demand"
    )
    yield _plant(f"refresh too late {n}", tuple(_next_chip(1.2 + 0.2 * n, 1.0)), "refresh demand")
    yield _plant(f"refresh before its chip {n}", tuple(_next_chip(1.0, 1.0, f"2027-{n + 8:02d}-01")), "dates demand")


def _of_tails(n: int) -> Iterator[Plant]:
    """What is met in the reported year and not in the tail of one more: leases, signed contracts, chips, steps."""
    tail = ["model.horizon.tail={period_months=[12]}", *NO_RULES]
    once = (*tail, "offers.term_years=1", f"offers.last_start=2026-0{n + 1}-01")
    held = (*tail, _contract(200.0 + n, 1.0), "contracts[held].end_date=2027-01-01", f"offers.max_blocks={n % 2}")
    coming = (_contract(100.0, 30.0 + n), "contracts[held].start_date=2027-01-01", "budget[2026].cash_limit_busd=1.2")
    step = [
        _row("programmes", programme="promise", name="Promise", sites="north;east", kind="committed"),
        _row("programme_steps", programme="promise", date="2027-01-01", at_least_it_mw=150.0 + n),
    ]
    yield _plant(f"leases end in the tail {n}", once, "renewal dates demand")
    yield _plant(f"signed ends in the tail {n}", held, "ends blocks demand")
    yield _plant(
        f"chips end in the tail {n}",
        (*tail, f"offers.last_start=2026-0{n + 1}-01", "chips.life_years=1", "offers.term_years=2"), "life demand",
    )  # fmt: skip
    yield _plant(
        f"rent of the tail {n}", (*HARD, *tail, *coming), "cash signed", NONE,
    )  # fmt: skip
    yield _plant(f"promise in the tail {n}", (*tail, *step, "sites.max_it_mw=60"), "programme site")


def families(number: int) -> list[Plant]:
    """Return every planted cause of this module in so many sizes."""
    makers = (
        _of_rules, _of_money, _of_contracts, _of_power, _of_chips, _of_markets, _of_clusters, _of_shares, _of_promises,
        _of_refreshes, _of_tails,
    )  # fmt: skip
    return [plant for n in range(number) for maker in makers for plant in maker(n)]


@dataclass(frozen=True)
class Several:
    """Several planted causes at once: the kinds of each must stand together in one of the conflicts."""

    name: str
    changes: tuple[Any, ...]
    causes: tuple[str, ...]

    def case(self) -> CaseData:
        """The case with its causes."""
        return apply_changes(roomy(), list(self.changes))


def several() -> list[Several]:
    """Return two and three causes at once, of one period and of two."""
    cash, grid = "budget[2026].cash_limit_busd=0.5", "power_regions.firm_facility_mw=40"
    chips = _row("chip_supply", chip="standard", year=2026, it_mw=50.0)
    carbon = "model.families.carbon.cap_mt_per_year=0.1"
    later = [_row("chip_supply", chip="standard", year=year, it_mw=mw) for year, mw in ((2026, 500.0), (2027, 10.0))]
    two = (*TWO_YEARS, *NO_RULES)
    return [
        Several("cash and grid", (*NO_RULES, cash, grid), ("cash demand", "region demand")),
        Several("chips and carbon", (*NO_RULES, chips, carbon), ("supply demand", "carbon demand")),
        Several("cash, grid and chips", (*NO_RULES, cash, grid, chips),
                ("cash demand", "region demand", "supply demand")),
        Several("cash, then chips", (*two, "offers.term_years=1", cash, *later), ("cash demand", "supply demand")),
        Several("cash, then room", (*two, cash, "demand[users,*,2027].compute=700"), ("cash demand", "demand")),
    ]  # fmt: skip
