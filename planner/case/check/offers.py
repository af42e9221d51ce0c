"""Offers and signed contracts: what each tenure needs, dates, blocks."""

from collections.abc import Iterator

from planner.case.case import CaseData
from planner.case.check.place import at_row
from planner.case.rows import ContractRow, OfferRow, SiteRow
from planner.errors import Problem

NEEDED = {
    "build": ("capex_busd_per_gw_it",),
    "shell": ("rent_musd_per_mw_year", "rent_growth_per_year", "take_or_pay_share"),
    "cloud": ("rent_musd_per_mw_year", "rent_growth_per_year", "take_or_pay_share"),
}
"""The columns a tenure needs."""

EMPTY = {
    "build": (
        "rent_musd_per_mw_year",
        "rent_growth_per_year",
        "take_or_pay_share",
        "renewal_rent_musd_per_mw_year",
        "exit_after_years",
        "exit_cost_share",
        "refresh_after_years",
        "refresh_price_busd_per_gw_it",
    ),
    "shell": ("refresh_after_years", "refresh_price_busd_per_gw_it"),
    "cloud": ("capex_busd_per_gw_it", "capex_milestones"),
}
"""The columns without meaning for a tenure: a building has no rent, hence no renewal rent and no exit from rent; chips
are refreshed by a provider that installs them."""

TOLERANCE = 1e-6


def tenure_columns(case: CaseData) -> Iterator[Problem]:
    """Every tenure has the prices it needs and none it cannot have."""
    for offer in case.rows(OfferRow):
        for column in NEEDED[offer.tenure]:
            if getattr(offer, column) is None:
                message = f"must be given for tenure {offer.tenure}"
                yield at_row(case, "offers", offer, column, message, f"a tenure needs {column}")
        for column in EMPTY[offer.tenure]:
            if getattr(offer, column) is not None:
                yield at_row(case, "offers", offer, column, f"must be empty for tenure {offer.tenure}")


def capex_milestones(case: CaseData) -> Iterator[Problem]:
    """Capex comes with milestones that add up to 1."""
    for offer in case.rows(OfferRow):
        shares = offer.capex_milestones
        if offer.capex_busd_per_gw_it is not None and shares is None:
            message = "must be given with capex_busd_per_gw_it (1 when all is paid evenly over the lead time)"
            yield at_row(case, "offers", offer, "capex_milestones", message)
        elif offer.capex_busd_per_gw_it is None and shares is not None and offer.tenure != "cloud":
            yield at_row(case, "offers", offer, "capex_milestones", "must be empty without capex_busd_per_gw_it")
        elif shares is not None and abs(sum(shares) - 1) > TOLERANCE:
            yield at_row(case, "offers", offer, "capex_milestones", f"must add up to 1, not {sum(shares):.6g}")


def exit_terms(case: CaseData) -> Iterator[Problem]:
    """Check that an exit has both its date and its price."""
    for offer in case.rows(OfferRow):
        if offer.tenure == "build":
            continue
        if offer.exit_after_years is not None and offer.exit_cost_share is None:
            yield at_row(case, "offers", offer, "exit_cost_share", "must be given with exit_after_years")
        if offer.exit_after_years is None and offer.exit_cost_share is not None:
            yield at_row(case, "offers", offer, "exit_after_years", "must be given with exit_cost_share")


def refresh_terms(case: CaseData) -> Iterator[Problem]:
    """Check that a refresh of chips has both its date and its price."""
    for offer in case.rows(OfferRow):
        if offer.tenure != "cloud":
            continue
        if offer.refresh_after_years is not None and offer.refresh_price_busd_per_gw_it is None:
            message = "must be given with refresh_after_years (write 0 if a refresh costs nothing)"
            yield at_row(case, "offers", offer, "refresh_price_busd_per_gw_it", message)
        if offer.refresh_after_years is None and offer.refresh_price_busd_per_gw_it is not None:
            message = "must be given with refresh_price_busd_per_gw_it (write 0 if any later period will do)"
            yield at_row(case, "offers", offer, "refresh_after_years", message)


def offer_sizes(case: CaseData) -> Iterator[Problem]:
    """Blocks and dates do not contradict each other, and roles and chips are named once."""
    for offer in case.rows(OfferRow):
        if offer.min_blocks is not None and offer.min_blocks > offer.max_blocks:
            yield at_row(case, "offers", offer, "min_blocks", f"must be at most max_blocks ({offer.max_blocks})")
        if offer.min_blocks_per_start is not None and offer.min_blocks_per_start > offer.max_blocks:
            message = f"must be at most max_blocks ({offer.max_blocks}), or nothing of the offer can ever be signed"
            yield at_row(case, "offers", offer, "min_blocks_per_start", message)
        if offer.last_start is not None and offer.last_start < offer.first_start:
            yield at_row(case, "offers", offer, "last_start", f"must not be before first_start ({offer.first_start})")
        for column in ("roles", "chips"):
            members = getattr(offer, column)
            if not members:
                yield at_row(case, "offers", offer, column, "must name at least one")
            elif len(set(members)) < len(members):
                yield at_row(case, "offers", offer, column, "names one more than once")


def contract_dates(case: CaseData) -> Iterator[Problem]:
    """Check that a signed contract ends after it starts."""
    for contract in case.rows(ContractRow):
        if contract.end_date <= contract.start_date:
            yield at_row(case, "contracts", contract, "end_date", f"must be after start_date ({contract.start_date})")


def contract_rent(case: CaseData) -> Iterator[Problem]:
    """Signed leases have a rent, signed buildings none."""
    offers = case.by_key(OfferRow)
    for contract in case.rows(ContractRow):
        offer = offers.get(contract.offer)
        if offer is None:  # a dangling key, reported as such
            continue
        given = contract.rent_musd_per_mw_year is not None
        if given == (offer.tenure == "build"):
            message = f"must be {'empty' if given else 'given'} for tenure {offer.tenure} (offer {offer.offer})"
            yield at_row(case, "contracts", contract, "rent_musd_per_mw_year", message)


def contracts_of_closed_sites(case: CaseData) -> Iterator[Problem]:
    """Check that no signed contract stands at a site that is not available.

    Taking a site out of the case cannot undo money that is signed: the user says which of the two is meant.
    """
    offers, sites = case.by_key(OfferRow), case.by_key(SiteRow)
    for contract in case.rows(ContractRow):
        offer = offers.get(contract.offer)
        site = sites.get(offer.site) if offer is not None else None
        if site is not None and not site.available:
            message = f"site {site.site} is not available: remove the contract, or make the site available"
            yield at_row(case, "contracts", contract, "offer", message)
