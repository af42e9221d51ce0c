"""Calendar years: every year the horizon touches has its row."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from planner.case.calendar import LAST_YEAR, end_month, lists_are_sound, month_number, years_touched
from planner.case.case import CaseData
from planner.case.check.place import at_table
from planner.case.messages import listed
from planner.case.rows import BudgetRow, ChipSupplyRow, DemandRow
from planner.errors import Problem


def horizon_is_sound(case: CaseData) -> bool:
    """Whether the calendar years of the horizon are defined (`planner.case.check.model.horizon` reports why not)."""
    horizon = case.model.horizon
    if not lists_are_sound(horizon):
        return False
    return end_month(horizon) <= month_number(horizon.start.replace(year=LAST_YEAR, month=12, day=1)) + 1


def missing_years(case: CaseData, given: Iterable[int]) -> list[int]:
    """Return the years of the horizon that are not given."""
    return sorted(set(years_touched(case.model.horizon)) - set(given)) if horizon_is_sound(case) else []


def demand_years(case: CaseData) -> Iterator[Problem]:
    """Check that a demand that is stated at all is stated for every year of the horizon."""
    years: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row in case.rows(DemandRow):
        years[row.market, row.workload].append(row.year)
    for (market, workload), given in years.items():
        missing = missing_years(case, given)
        if missing:
            what = f"no row for {listed(missing)} (needed for each year of the horizon; write 0 for none)"
            message = f"{market}, {workload}: {what}"
            yield at_table(case, "demand", message, "year", "no row for a year")


def supply_years(case: CaseData) -> Iterator[Problem]:
    """Check that a chip whose supply is stated at all has it for every year of the horizon."""
    years: dict[str, list[int]] = defaultdict(list)
    for row in case.rows(ChipSupplyRow):
        years[row.chip].append(row.year)
    for chip, given in years.items():
        missing = missing_years(case, given)
        if missing:
            message = f"{chip}: no row for {listed(missing)} (a chip with any row needs every year of the horizon)"
            yield at_table(case, "chip_supply", message, "year", "no row for a year")


def budget_years(case: CaseData) -> Iterator[Problem]:
    """With the family budget every year of the horizon has a row."""
    if case.model.families.budget is None or "budget" not in case.present:
        return
    missing = missing_years(case, (row.year for row in case.rows(BudgetRow)))
    if missing:
        yield at_table(case, "budget", f"no row for {listed(missing)} (needed for each year of the horizon)", "year")
