"""Which site can serve which market: round-trip times that are needed, and demand that no site can serve."""

from collections.abc import Iterator

from planner.case.calendar import years_touched
from planner.case.case import CaseData
from planner.case.check.place import at_row
from planner.case.check.years import horizon_is_sound
from planner.case.reach import listed_pairs, may_serve, round_trip_ms
from planner.case.rows import ChipRow, ContractRow, DemandRow, MarketRow, OfferRow, SiteRow
from planner.errors import Problem


def _lacks_round_trip(case: CaseData, site: SiteRow, market: MarketRow) -> bool:
    """Whether a pair that may be listed needs a round-trip time (nothing else rules it out) that is not known."""
    if not site.available or market.latency_limit_ms is None:
        return False
    if market.residency is not None and site.country not in market.residency:
        return False
    return round_trip_ms(case, site, market) is None


def _lacking_round_trips(case: CaseData) -> dict[str, list[SiteRow]]:
    """Return the sites whose round-trip time to a market is needed and not known, in the order of the site table."""
    lacking: dict[str, set[str]] = {}
    for site, market in listed_pairs(case):
        if _lacks_round_trip(case, site, market):
            lacking.setdefault(market.market, set()).add(site.site)
    return {name: [site for site in case.rows(SiteRow) if site.site in sites] for name, sites in lacking.items()}


def round_trips_known(case: CaseData) -> Iterator[Problem]:
    """Check that a market with a latency limit has a round-trip time to every site that may otherwise serve it."""
    lacking_of = _lacking_round_trips(case)
    for market in case.rows(MarketRow):
        lacking = lacking_of.get(market.market)
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
    markets, lacking = case.by_key(MarketRow), _lacking_round_trips(case)
    serving: dict[str, set[str]] = {}
    for site, market in listed_pairs(case):
        if market.market not in lacking and may_serve(case, site, market):  # the others: see `round_trips_known`
            serving.setdefault(market.market, set()).add(site.site)
    able = {workload: _able_sites(case, workload) for workload in {workload for _, workload in first}}
    for (name, workload), row in first.items():
        if name in markets and name not in lacking:
            message = _unreachable(name, workload, serving.get(name, set()), able[workload])
            if message is not None:
                yield at_row(case, "demand", row, "compute", message)


def _unreachable(market: str, workload: str, serving: set[str], able: set[str] | None) -> str | None:
    """Return why no site can serve a demand; None if one can."""
    if not serving:
        return (
            f"no site can serve this demand: no available site passes the residency, the latency limit "
            f"and the serving table of market {market}"
        )
    if able is None:
        return f"no site can serve this demand: no chip has a {workload}_compute_per_it_mw"
    if not able.isdisjoint(serving):
        return None
    return (
        f"no site can serve this demand: no offer of role primary, at a site that may serve market {market}, "
        f"hosts a chip that can run {workload}"
    )


def _able_sites(case: CaseData, workload: str) -> set[str] | None:
    """Return the sites with an offer of role primary that hosts a chip for a workload; None if no chip can run it."""
    able = {chip.chip for chip in case.rows(ChipRow) if getattr(chip, f"{workload}_compute_per_it_mw") is not None}
    if not able:
        return None
    signed = {contract.offer for contract in case.rows(ContractRow) if contract.role == "primary"}
    brought = {contract.offer for contract in case.rows(ContractRow) if contract.chip in able}
    return {
        offer.site
        for offer in case.rows(OfferRow)
        if (("primary" in offer.roles and offer.max_blocks > 0) or offer.offer in signed)
        and (able & set(offer.chips) or offer.offer in brought)
    }
