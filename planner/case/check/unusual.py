"""What is allowed but unusual: often a slip, so there is a warning."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from itertools import accumulate, pairwise

from planner.case.calendar import (
    end_date,
    lengths_in_months,
    month_number,
    period_starts,
    years_after_start,
    years_touched,
)
from planner.case.case import CaseData
from planner.case.check.place import at_model, at_row, at_table
from planner.case.check.power import periods_of, signed_beyond_region, signed_beyond_site
from planner.case.model import RedundancyRule
from planner.case.reach import reach
from planner.case.rows import (
    BudgetRow,
    ChipRow,
    ChipSupplyRow,
    ContractRow,
    DemandRow,
    MarketRow,
    OfferRow,
    PowerRegionRow,
    ProviderRow,
    SiteRow,
)
from planner.errors import Problem


def countries_differ(case: CaseData) -> Iterator[Problem]:
    """Warn if a site stands in another country than its power region."""
    regions = case.by_key(PowerRegionRow)
    for site in case.rows(SiteRow):
        region = regions[site.power_region]
        if site.country != region.country:
            message = f"its power region {region.power_region} is in {region.country}"
            yield at_row(case, "sites", site, "country", message)


def pue_order(case: CaseData) -> Iterator[Problem]:
    """Warn of a PUE that is higher on average than at peak."""
    for site in case.rows(SiteRow):
        if site.pue_average > site.pue_peak:
            yield at_row(case, "sites", site, "pue_average", f"is above pue_peak ({site.pue_peak:g})")


def _can_start(case: CaseData, offer: OfferRow, site: SiteRow) -> bool:
    """Whether a contract of the offer may start in some period."""
    horizon = case.model.horizon
    opens = max(years_after_start(horizon, offer.first_start), years_after_start(horizon, site.earliest_date))
    closes = float("inf") if offer.last_start is None else years_after_start(horizon, offer.last_start)
    return any(
        start >= offer.lead_months / 12 and opens <= (start + end) / 2 and start <= closes
        for start, end in periods_of(horizon)
    )


def offers_that_never_start(case: CaseData) -> Iterator[Problem]:
    """Warn of an offer whose dates leave no period to start in, or that has no block."""
    sites = case.by_key(SiteRow)
    for offer in case.rows(OfferRow):
        site = sites[offer.site]
        if not site.available:
            continue
        if offer.max_blocks == 0:
            if not any(contract.offer == offer.offer for contract in case.rows(ContractRow)):
                yield at_row(case, "offers", offer, "max_blocks", "the offer has neither blocks nor a signed contract")
        elif not _can_start(case, offer, site):
            message = "no contract can start within the horizon (first_start, last_start, lead_months, earliest_date)"
            yield at_row(case, "offers", offer, "first_start", message)


def chips_that_never_come(case: CaseData) -> Iterator[Problem]:
    """Warn of a chip that comes after the horizon or is never supplied."""
    end, years = end_date(case.model.horizon), years_touched(case.model.horizon)
    supply: dict[str, list[float]] = defaultdict(list)
    for row in case.rows(ChipSupplyRow):
        if row.year in years:
            supply[row.chip].append(row.it_mw)
    for chip in case.rows(ChipRow):
        if chip.first_date >= end:
            yield at_row(case, "chips", chip, "first_date", f"is after the end of the horizon ({end})")
        if supply.get(chip.chip) and not any(supply[chip.chip]):
            message = f"{chip.chip}: the supply is 0 in every year of the horizon"
            yield at_table(case, "chip_supply", message, "it_mw")


def chips_without_price(case: CaseData) -> Iterator[Problem]:
    """Warn if an offer with own chips names a chip that cannot be bought."""
    chips = case.by_key(ChipRow)
    for offer in case.rows(OfferRow):
        for chip in offer.chips if offer.tenure != "cloud" else ():
            if chips[chip].price_busd_per_gw_it is None:
                message = f"chip {chip} has no price and can only be leased: it is never installed under {offer.tenure}"
                yield at_row(case, "offers", offer, "chips", message)


def unusual_contracts(case: CaseData) -> Iterator[Problem]:
    """Warn of a signed contract that its offer would not allow, or that lies outside the horizon."""
    horizon = case.model.horizon
    for contract in case.rows(ContractRow):
        offer = case.by_key(OfferRow)[contract.offer]
        if contract.role not in offer.roles:
            yield at_row(case, "contracts", contract, "role", f"offer {offer.offer} has the role {offer.roles[0]} only")
        if contract.chip is not None and contract.chip not in offer.chips:
            yield at_row(case, "contracts", contract, "chip", f"is not among the chips of offer {offer.offer}")
        if contract.end_date <= horizon.start:
            yield at_row(case, "contracts", contract, "end_date", f"ends before the horizon ({horizon.start})")
        if contract.start_date >= end_date(horizon):
            yield at_row(case, "contracts", contract, "start_date", "starts after the horizon")


def backup_without_use(case: CaseData) -> Iterator[Problem]:
    """Warn of backup capacity that no family asks for."""
    families = case.model.families
    if families.redundancy is None and families.backup_income is None:
        for offer in case.rows(OfferRow):
            if "backup" in offer.roles:
                message = "backup has no use: the model has neither [families.redundancy] nor [families.backup_income]"
                yield at_row(case, "offers", offer, "roles", message)
                return
    elif families.backup_income is not None and not any("backup" in offer.roles for offer in case.rows(OfferRow)):
        yield at_model(case, "families.backup_income", "no offer has the role backup: there is nothing to sell")


def options_without_use(case: CaseData) -> Iterator[Problem]:
    """Warn of options and tables that nothing reads as the model stands."""
    families, objective = case.model.families, case.model.objective
    if objective.unserved == "lexicographic" and objective.unserved_price_busd_per_compute_year is not None:
        path = "objective.unserved_price_busd_per_compute_year"
        yield at_model(case, path, 'is not used with unserved = "lexicographic"')
    if families.budget is None and "budget" in case.present:
        yield at_table(case, "budget", "is not used: the model has no [families.budget]")
    if families.financing is None and "financing" in case.present:
        yield at_table(case, "financing", "is not used: the model has no [families.financing]")
    yield from _other_spending_without_use(case)
    if families.budget is not None and families.budget.basis == "burn" and families.budget.reinvested_share is not None:
        yield at_model(case, "families.budget.reinvested_share", 'is not used with basis = "burn"')
    if families.integration is None:
        for provider in case.rows(ProviderRow):
            if provider.first_year_it_mw is not None:
                message = "is not used: the model has no [families.integration]"
                yield at_row(case, "providers", provider, "first_year_it_mw", message)


def _other_spending_without_use(case: CaseData) -> Iterator[Problem]:
    """Warn of other spending under a cash limit, unless the burn is there too: then the basis may be changed."""
    family = case.model.families.budget
    rows = case.rows(BudgetRow) if family is not None and family.basis == "cash_limit" else ()
    if any(row.other_spending_busd for row in rows) and all(row.cash_burn_busd is None for row in rows):
        message = (
            "is not used with basis cash_limit: a cash limit is what is left for capacity after all other spending"
        )
        yield at_table(case, "budget", message, "other_spending_busd")


def partner_columns_missing(case: CaseData) -> Iterator[Problem]:
    """Warn of a column of the partner that has no meaning, or another one, without a column that is not given."""
    family = case.model.families.budget
    if family is None:
        return
    years = years_touched(case.model.horizon)
    rows = [row for row in case.rows(BudgetRow) if row.year in years]
    given = {
        name for name in ("revenue_busd", "partner_share", "reference_share") if getattr(rows[0], name) is not None
    }
    if "partner_share" in given and "revenue_busd" not in given:
        yield at_table(case, "budget", "is not given: partner_share has no revenue to apply to", "revenue_busd")
    elif family.basis == "cash_limit" and "reference_share" in given and "partner_share" not in given:
        message = (
            "is not given: nothing is owed to the partner, though the cash limit was stated with a reference_share"
        )
        yield at_table(case, "budget", message, "partner_share")


def rules_without_effect(case: CaseData) -> Iterator[Problem]:
    """Warn of redundancy rules that hold in no period, or override a demand that is not there."""
    family = case.model.families.redundancy
    horizon = case.model.horizon
    years = {start.year for start in period_starts(horizon)[: horizon.periods]}  # a tail is as its last
    demands = {(row.market, row.workload) for row in case.rows(DemandRow)}
    for number, rule in enumerate(family.rules if family else ()):
        path = f"families.redundancy.rules[{number}]"
        if not any((rule.first_year or 0) <= year <= (rule.last_year or 9999) for year in years):
            yield at_model(case, path, "holds in no period of the horizon")
        if rule.domain == "none" and rule.k > 1:
            yield at_model(case, f"{path}.k", 'has no effect with domain = "none": nothing is lost', rule.k)
        if rule.domain == "sites" and rule.k > 1:
            yield at_model(case, f"{path}.k", 'has no effect with domain = "sites": there is one list of sites', rule.k)
        for override in rule.overrides:
            if (override.market, override.workload) not in demands:
                message = f"{override.market}, {override.workload} has no demand"
                yield at_model(case, f"{path}.overrides", message)


def _domains_that_serve(case: CaseData, rule: RedundancyRule, serving: set[str], workload: str) -> set[Hashable]:
    """Return the failure domains of a rule that hold an offer, at a site that serves, with a chip that can."""
    sites, chips = case.by_key(SiteRow), case.by_key(ChipRow)
    able = {name for name, chip in chips.items() if getattr(chip, f"{workload}_compute_per_it_mw") is not None}
    brought: dict[str, set[str]] = defaultdict(set)
    for contract in case.rows(ContractRow):
        if contract.chip is not None:
            brought[contract.offer].add(contract.chip)
    found: set[Hashable] = set()
    for offer in case.rows(OfferRow):
        usable = able & (set(offer.chips) | brought[offer.offer])
        if offer.site not in serving or not usable:
            continue
        site = sites[offer.site]
        if rule.domain == "chip_vendor":
            found |= {chips[chip].vendor for chip in usable}
        elif rule.domain == "sites":
            found.add(site.site in (rule.sites or ()))
        else:
            found.add({"site": site.site, "provider": offer.provider}.get(rule.domain) or getattr(site, rule.domain))
    return found


def _years_of_rule(case: CaseData, rule: RedundancyRule) -> set[int]:
    """Return the calendar years touched by the periods that a rule holds in."""
    horizon = case.model.horizon
    begin = month_number(horizon.start)
    found: set[int] = set()
    for number, (start, end) in enumerate(pairwise(accumulate(lengths_in_months(horizon), initial=begin))):
        year = period_starts(horizon)[number].year
        if (rule.first_year or year) <= year <= (rule.last_year or year):
            found |= set(range(start // 12, (end - 1) // 12 + 1))
    return found


def rules_no_plan_can_meet(case: CaseData) -> Iterator[Problem]:
    """Warn of critical demand whose every server is lost at once: no plan can keep the rule for it.

    A rule that holds in no period has no effect (`rules_without_effect` reports it), nor has demand of other years.
    """
    family = case.model.families.redundancy
    if family is None:
        return
    serving: dict[str, set[str]] = defaultdict(set)
    for site, reached in reach(case):
        serving[reached].add(site)
    for number, rule in enumerate(family.rules):
        if rule.domain == "none":
            continue
        years = _years_of_rule(case, rule)
        demands = {(row.market, row.workload) for row in case.rows(DemandRow) if row.compute > 0 and row.year in years}
        for market, workload in sorted(demands):
            if rule.critical_share_of(market, workload) == 0:
                continue
            domains = _domains_that_serve(case, rule, serving[market], workload)
            lost = domains == {True} if rule.domain == "sites" else len(domains) <= rule.k
            if lost:
                message = f"all that can serve {market}, {workload} is lost at once: {_then(case, rule)}"
                yield at_model(case, f"families.redundancy.rules[{number}]", message, rule.name)


def _then(case: CaseData, rule: RedundancyRule) -> str:
    """Return what follows for demand that no plan can protect (formulation, sections 8 and 19)."""
    objective = case.model.objective
    if rule.price_busd_per_missing_compute_year is not None:
        return "none of it can be protected, and the rule is missed at its price"
    if "hard" in (rule.shortfall, objective.shortfall) or objective.unserved == "priced":
        return "none of it can be protected, so none of it may be served"
    return "none of it can be protected"


def rows_without_use(case: CaseData) -> Iterator[Problem]:
    """Warn of markets without demand and of available sites without offers."""
    demanding = {row.market for row in case.rows(DemandRow) if row.compute > 0}
    for market in case.rows(MarketRow):
        if market.market not in demanding:
            yield at_row(case, "markets", market, "market", "the market has no demand")
    offered = {offer.site for offer in case.rows(OfferRow)}
    for site in case.rows(SiteRow):
        if site.available and site.site not in offered:
            yield at_row(case, "sites", site, "site", "the site is available but has no offer")


def own_families(case: CaseData) -> Iterator[Problem]:
    """Warn that a family of your own needs Python."""
    for name in case.model.families.own or ():
        message = "a constraint family of your own: only Python can give it (Case.with_families), no command solves"
        yield at_model(case, f"families.own.{name}", f"{message} this case")


WARNINGS: tuple[Callable[[CaseData], Iterable[Problem]], ...] = (
    countries_differ,
    pue_order,
    signed_beyond_site,
    signed_beyond_region,
    offers_that_never_start,
    chips_that_never_come,
    chips_without_price,
    unusual_contracts,
    backup_without_use,
    options_without_use,
    partner_columns_missing,
    rules_without_effect,
    rules_no_plan_can_meet,
    rows_without_use,
    own_families,
)
"""Every warning."""
