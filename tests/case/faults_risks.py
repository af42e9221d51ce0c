"""One fault of every kind that a check finds in the tables of risks and of slips."""

from tests.case.spoil import Spoil, put, without_table

SLIPS, CANCELLED, LATE, CUT, BRING_UP, ROUND = range(6)
"""The risks of the full case."""


def _two(first: Spoil, second: Spoil) -> Spoil:
    return lambda tables, families: (first(tables, families), second(tables, families))


FAULTS_OF_RISKS: list[tuple[str, Spoil, str, str | None, str]] = [
    ("risk of no site", put("risks", SLIPS, sites=("nort",)), "risks", "sites", "did you mean 'north'"),
    (
        "risk of no provider",
        put("risks", CANCELLED, providers=("x",)),
        "risks",
        "providers",
        "no row of table providers",
    ),
    ("risk of no region", put("risks", CANCELLED, power_regions=("x",)), "risks", "power_regions", "no row of table"),
    ("risk of no chip", put("risks", LATE, chips=("custm",)), "risks", "chips", "did you mean 'custom'"),
    ("risk of no source", put("risks", ROUND, financing=("rnd",)), "risks", "financing", "no row of table financing"),
    (
        "late without months",
        put("risks", LATE, impact_months=None),
        "risks",
        "impact_months",
        "given with kind chip_late",
    ),
    ("late with a share", put("risks", LATE, impact_share=0.1), "risks", "impact_share", "empty with kind chip_late"),
    ("fitted with months", put("risks", SLIPS, impact_months=4.0), "risks", "impact_months", "distribution fitted"),
    (
        "cut without a share",
        put("risks", CUT, impact_share=None),
        "risks",
        "impact_share",
        "given with kind supply_cut",
    ),
    ("cut of more than all", put("risks", CUT, impact_share=1.5), "risks", "impact_share", "at most 1"),
    ("fitted without sample", put("risks", SLIPS, sample=None), "risks", "sample", "given with distribution fitted"),
    ("sample without fit", put("risks", LATE, sample="halls"), "risks", "sample", "empty with distribution fixed"),
    ("fitted share", put("risks", CUT, distribution="fitted", sample="halls"), "risks", "distribution", "site_late"),
    ("unknown sample", put("risks", SLIPS, sample="hals"), "risks", "sample", "did you mean 'halls'"),
    (
        "sample of one",
        _two(put("schedule_slips", 0, sample="one"), put("schedule_slips", 1, sample="one")),
        "risks",
        "sample",
        "a fit needs 2",
    ),
    ("shortfall for ever", put("risks", BRING_UP, maturity_years=None), "risks", "maturity_years", "given with kind"),
    ("maturity of a site", put("risks", CANCELLED, maturity_years=1.0), "risks", "maturity_years", "empty with kind"),
    (
        "triangle without ends",
        put("risks", CUT, distribution="triangular"),
        "risks",
        "impact_share",
        "impact_share_low",
    ),
    ("chips of a site", put("risks", CANCELLED, chips=("custom",)), "risks", "chips", "it is for sites"),
    (
        "price of nothing",
        put("risks", CUT, kind="price_rise", first_year=None, last_year=None),
        "risks",
        "kind",
        "one of",
    ),
    (
        "budget for each",
        put("risks", CUT, kind="cash_shortfall", drawn="each"),
        "risks",
        "drawn",
        "there is one budget",
    ),
    ("sites of the budget", put("risks", CUT, kind="cash_shortfall", sites=("north",)), "risks", "sites", "the budget"),
    (
        "years of a site",
        put("risks", CANCELLED, first_year=2027),
        "risks",
        "first_year",
        "empty with kind capacity_lost",
    ),
    ("last year first", put("risks", CUT, first_year=2029), "risks", "last_year", "before first_year (2029)"),
    ("no supply to cut", without_table("chip_supply"), "risks", "kind", "no table chip_supply"),
    ("group without share", put("risks", SLIPS, group_factor_share=None), "risks", "group_factor_share", "with group"),
    ("share without group", put("risks", SLIPS, group=None), "risks", "group_factor_share", "empty with no group"),
    (
        "factors of one event",
        put("risks", CANCELLED, provider_factor_share=0.1),
        "risks",
        "provider_factor_share",
        "each",
    ),
    ("region of a chip", put("risks", LATE, region_factor_share=0.1), "risks", "region_factor_share", "is for sites"),
    (
        "factors above all",
        put("risks", SLIPS, provider_factor_share=0.8),
        "risks",
        "group_factor_share",
        "add up to 1.1, above 1",
    ),
    (
        "factors of money",
        _two(put("risks", ROUND, provider_factor_share=0.1), put("risks", ROUND, region_factor_share=0.1)),
        "risks",
        "provider_factor_share",
        "is for sites or chips",
    ),
]
