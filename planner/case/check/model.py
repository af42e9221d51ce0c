"""The model file: horizon, objective, and the options of the families, with the tables they need."""

from collections.abc import Iterator

from planner.case.calendar import LAST_YEAR, lists_are_sound
from planner.case.case import CaseData
from planner.case.check.place import at_model, at_row, at_table
from planner.case.check.years import horizon_is_sound, missing_years
from planner.case.model import Budget
from planner.case.rows import BudgetRow, OfferRow, PowerOptionRow, ProviderRow, SiteRow
from planner.errors import Problem

BUDGET_COLUMN = {"cash_limit": "cash_limit_busd", "burn": "cash_burn_busd"}
"""The column of table budget that a basis needs."""
YEARLY_COLUMNS = {
    "cash_limit": ("revenue_busd", "partner_share", "reference_share"),
    "burn": ("revenue_busd", "partner_share", "other_spending_busd"),
}
"""The other columns that a basis reads: each is given in every year of the horizon or in none."""


def horizon(case: CaseData) -> Iterator[Problem]:
    """Check that the horizon starts on the first of a month, has a length for each period, and ends in reason."""
    given = case.model.horizon
    if given.start.day != 1:
        message = f"must be the first day of a month, such as {given.start.replace(day=1)}"
        yield at_model(case, "horizon.start", message, given.start)
    for path, span in (("horizon", given), ("horizon.tail", given.tail)):
        if span is not None and not isinstance(span.period_months, int) and len(span.period_months) != span.periods:
            count, periods = len(span.period_months), span.periods
            advice = f"leave periods out, or write {count}" if count else "list at least one length"
            lengths = f"{count} length{'s' * (count != 1)}"
            there = "there is 1 period" if periods == 1 else f"there are {periods} periods"
            message = f"lists {lengths}, but {there} ({advice})"
            yield at_model(case, f"{path}.period_months", message)
    if not lists_are_sound(given):
        return
    if given.start.year < 1900 or not horizon_is_sound(case):
        yield at_model(case, "horizon", f"must lie within the years 1900 to {LAST_YEAR}")


def objective(case: CaseData) -> Iterator[Problem]:
    """Priced unserved demand has a price."""
    given = case.model.objective
    if given.unserved == "priced" and given.unserved_price_busd_per_compute_year is None:
        message = 'must be given with unserved = "priced"'
        yield at_model(case, "objective.unserved_price_busd_per_compute_year", message)


def site_opening(case: CaseData) -> Iterator[Problem]:
    """Check that the number of open sites is limited once, and can be reached."""
    family = case.model.families.site_opening
    if family is None:
        return
    if family.open_at_most is not None and family.open_exactly is not None:
        message = "open_at_most and open_exactly exclude each other"
        yield at_model(case, "families.site_opening.open_at_most", message)
    offered = {offer.site for offer in case.rows(OfferRow)}
    available = sum(site.available and site.site in offered for site in case.rows(SiteRow))
    if family.open_exactly is not None and family.open_exactly > available:
        message = f"must be at most the number of available sites with an offer ({available})"
        yield at_model(case, "families.site_opening.open_exactly", message, family.open_exactly)


def backup_income(case: CaseData) -> Iterator[Problem]:
    """Check that backup has one price, and nothing that belongs to the other."""
    family = case.model.families.backup_income
    if family is None:
        return
    path = "families.backup_income"
    per_mw, per_compute = family.price_musd_per_mw_year, family.price_busd_per_compute_year
    if per_mw is None and per_compute is None:
        message = (
            "must be given: $M per IT MW and year (or price_busd_per_compute_year, $B per unit of compute and year)"
        )
        yield at_model(case, f"{path}.price_musd_per_mw_year", message)
        return
    if per_mw is not None and per_compute is not None:
        message = "must not be given with price_musd_per_mw_year: backup is sold by IT MW or by compute"
        yield at_model(case, f"{path}.price_busd_per_compute_year", message, per_compute)
        return
    if per_compute is not None and family.workload is None:
        message = "must be given with price_busd_per_compute_year: the workload whose compute is sold"
        yield at_model(case, f"{path}.workload", message)
    belong = {"market_it_mw": "price_musd_per_mw_year"}
    if per_compute is None:
        belong = dict.fromkeys(("workload", "market_compute"), "price_busd_per_compute_year")
    for key, price in belong.items():
        if getattr(family, key) is not None:
            yield at_model(case, f"{path}.{key}", f"requires {price}", getattr(family, key))


def budget(case: CaseData) -> Iterator[Problem]:
    """Check that the budget has its table, and every column its basis needs."""
    family = case.model.families.budget
    if family is None:
        return
    if family.basis == "cash_limit" and family.reinvested_share is None:
        yield at_model(case, "families.budget.reinvested_share", 'must be given with basis = "cash_limit"')
    if "budget" not in case.present:
        yield at_model(case, "tables.budget", "the family [families.budget] needs a table budget")
        return
    yield from _budget_cells(case, family)


def _budget_cells(case: CaseData, family: Budget) -> Iterator[Problem]:
    needed_years = set(missing_years(case, ()))
    rows = [row for row in case.rows(BudgetRow) if row.year in needed_years]
    others = [name for name in YEARLY_COLUMNS[family.basis] if any(getattr(row, name) is not None for row in rows)]
    for row in rows:
        for column in (BUDGET_COLUMN[family.basis], *others):
            if getattr(row, column) is None:
                why = "" if column not in others else ": other years have it"
                message = f"must be given with basis {family.basis}{why} (write 0 for zero)"
                yield at_row(case, "budget", row, column, message)


def power_options(case: CaseData) -> Iterator[Problem]:
    """On-site options belong to the family power; generation has fuel and carbon, storage neither."""
    if case.rows(PowerOptionRow) and case.model.families.power is None:
        yield at_table(case, "power_options", "the table has options, but the model has no [families.power]")
    for option in case.rows(PowerOptionRow):
        for column in ("fuel_usd_per_mwh", "carbon_kg_per_mwh"):
            given = getattr(option, column) is not None
            if given == (option.kind == "storage"):
                message = f"must be {'empty' if given else 'given'} for kind {option.kind}"
                yield at_row(case, "power_options", option, column, message)


def provider_growth(case: CaseData) -> Iterator[Problem]:
    """Check that a provider's growth starts from its first-year limit."""
    for provider in case.rows(ProviderRow):
        if provider.growth_per_year is not None and provider.first_year_it_mw is None:
            message = "must be given with growth_per_year (0: nothing beyond the growth)"
            yield at_row(case, "providers", provider, "first_year_it_mw", message)


NEEDS = {"carbon": "power", "financing": "budget"}
"""The families that need another: emissions are those of the energy that the family power counts; what is drawn adds to
the budget."""


def families_needed(case: CaseData) -> Iterator[Problem]:
    """Check that a family that needs another has it."""
    families = case.model.families
    for name, other in NEEDS.items():
        if getattr(families, name) is not None and getattr(families, other) is None:
            message = f"needs the family [families.{other}], which the model does not have"
            yield at_model(case, f"families.{name}", message)


def carbon(case: CaseData) -> Iterator[Problem]:
    """Check that the family carbon has a price or a cap."""
    family = case.model.families.carbon
    if family is not None and family.price_usd_per_tonne is None and family.cap_mt_per_year is None:
        message = "must have price_usd_per_tonne or cap_mt_per_year or both"
        yield at_model(case, "families.carbon", message)
