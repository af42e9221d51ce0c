"""Upkeep of what is signed (section 19): energy, carbon and fixed costs that are due whatever a plan decides."""

from planner.audit.calendar import growing
from planner.audit.facts import Facts

BUSD_PER_MW_YEAR_PER_USD_PER_MWH = 8760.0 / 1e9
TONNES_PER_KG = 1e-3


def upkeep_busd(facts: Facts, t: int) -> float:
    """Energy at the tariff, carbon as if from the grid, and fixed costs of sites of what is signed, in a period.

    Parameters
    ----------
    facts : Facts
    t : int
        The period.

    Returns
    -------
    float
        Nominal $B.
    """
    families, years, total = facts.model.families, facts.calendar.length[t], 0.0
    price = 0.0 if families.carbon is None else families.carbon.price_usd_per_tonne or 0.0
    for (offer, _, _), series in facts.signed_chip_mw.items() if families.power is not None else ():
        row = facts.offers[offer]
        site = facts.sites[row.site]
        region = facts.regions[site.power_region]
        utilisation = 0.0 if families.power is None else families.power.utilisation
        mw_years = series[t] * utilisation * site.pue_average * years
        usd_per_mwh = price * region.carbon_kg_per_mwh * TONNES_PER_KG
        if row.tenure in ("build", "shell"):
            usd_per_mwh += growing(region.tariff_usd_per_mwh, region.tariff_growth_per_year, facts.calendar.mid[t])
        total += mw_years * usd_per_mwh * BUSD_PER_MW_YEAR_PER_USD_PER_MWH
    if families.site_opening is not None:
        total += sum(facts.sites[key].fixed_opex_busd_per_year or 0.0 for key in facts.signed_open) * years
    return total
