"""Which site can serve which market: round-trip times that are needed, and demand that no site can serve."""

from collections.abc import Iterator

from planner.case.calendar import years_touched
from planner.case.case import CaseData
from planner.case.check.place import at_row
from planner.case.check.years import horizon_is_sound
from planner.case.reach import may_serve, round_trip_ms
from planner.case.rows import ChipRow, ContractRow, DemandRow, MarketRow, OfferRow, ServingRow, SiteRow
from planner.errors import Problem


def _lacks_round_trip(case: CaseData, site: SiteRow, market: MarketRow) -> bool:
    """Whether a round-trip time is needed (nothing else rules the pair out) and not known."""
    if not site.available or market.latency_limit_ms is None:
        return False
    if market.residency is not None and site.country not in market.residency:
        return False
    if "serving" in case.present and (site.site, market.market) not in case.by_key(ServingRow):
        return False
    return round_trip_ms(case, site, market) is None


def round_trips_known(case: CaseData) -> Iterator[Problem]:
    """Check that a market with a latency limit has a round-trip time to every site that may otherwise serve it."""
    for market in case.rows(MarketRow):
        lacking = [site for site in case.rows(SiteRow) if _lacks_round_trip(case, site, market)]
        if not lacking:
            continue
        if case.model.latency is None:
            names = ", ".join(site.site for site in lacking[:5])
            message = f"needs rows in table latency, or a section [latency] in the model, for the sites {names}"
            yield at_row(case, "markets", market, "latency_limit_ms", message)
        elif market.latitude_deg is None:
            message = "must be given: the latency limit is checked by distance"
            yield at_row(case, "markets", market, "latitude_deg", message)
        else:
            for site in lacking:
                message = f"must be given: market {market.market} has a latency limit and no row in table latency"
                yield at_row(case, "sites", site, "latitude_deg", message)


def demand_can_be_reached(case: CaseData) -> Iterator[Problem]:
    """Every demand of the horizon has a site that may serve it, with an offer and a chip that can run it."""
    if not horizon_is_sound(case):
        return
    years = years_touched(case.model.horizon)
    first: dict[tuple[str, str], DemandRow] = {}
    for row in case.rows(DemandRow):
        if row.compute > 0 and row.year in years:
            first.setdefault((row.market, row.workload), row)
    markets = case.by_key(MarketRow)
    for (name, workload), row in first.items():
        market = markets.get(name)
        if market is not None:
            message = _unreachable(case, market, workload)
            if message is not None:
                yield at_row(case, "demand", row, "compute", message)


def _unreachable(case: CaseData, market: MarketRow, workload: str) -> str | None:
    """Return why no site can serve a demand; None if one can."""
    if any(_lacks_round_trip(case, site, market) for site in case.rows(SiteRow)):
        return None  # reported by `round_trips_known`
    serving = {site.site for site in case.rows(SiteRow) if may_serve(case, site, market)}
    if not serving:
        return (
            f"no site can serve this demand: no available site passes the residency, the latency limit "
            f"and the serving table of market {market.market}"
        )
    able = {chip.chip for chip in case.rows(ChipRow) if getattr(chip, f"{workload}_compute_per_it_mw") is not None}
    if not able:
        return f"no site can serve this demand: no chip has a {workload}_compute_per_it_mw"
    offers = [offer for offer in case.rows(OfferRow) if offer.site in serving]
    signed = {contract.offer for contract in case.rows(ContractRow) if contract.role == "primary"}
    signed_chips = {(contract.offer, contract.chip) for contract in case.rows(ContractRow)}
    for offer in offers:
        usable = ("primary" in offer.roles and offer.max_blocks > 0) or offer.offer in signed
        if usable and (able & set(offer.chips) or any((offer.offer, chip) in signed_chips for chip in able)):
            return None
    return (
        f"no site can serve this demand: no offer of role primary, at a site that may serve market {market.market}, "
        f"hosts a chip that can run {workload}"
    )
