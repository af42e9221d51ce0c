"""Risks: what each kind states, what it applies to, the samples of slips, and common factors that can be."""

from collections import Counter
from collections.abc import Iterator

from planner.case.case import CaseData
from planner.case.check.place import at_row
from planner.case.messages import listed, unknown
from planner.case.rows_risks import RiskRow, ScheduleSlipRow
from planner.errors import Problem

LATE = ("site_late", "chip_late")
"""Kinds whose impact is in months."""
TARGETS = ("sites", "providers", "power_regions", "chips", "financing")
"""Columns that say what a risk applies to."""
APPLIES: dict[str, tuple[str, ...]] = {
    "site_late": ("sites", "providers", "power_regions"),
    "capacity_lost": ("sites", "providers", "power_regions"),
    "chip_late": ("chips",),
    "supply_cut": ("chips",),
    "integration_shortfall": ("chips",),
    "price_rise": ("chips", "providers", "power_regions"),
    "financing_fails": ("financing",),
    "cash_shortfall": (),
    "revenue_shortfall": (),
}
"""Which of them each kind may have."""
NEEDS = {
    "supply_cut": "chip_supply",
    "financing_fails": "financing",
    "cash_shortfall": "budget",
    "revenue_shortfall": "budget",
}
"""Tables without which a kind has nothing to change."""
BY_YEAR = ("supply_cut", "cash_shortfall", "revenue_shortfall")
LEAST_SAMPLE = 2
"""Slips from which a distribution can be fitted."""


def impacts(case: CaseData) -> Iterator[Problem]:
    """Check that every risk states the impact that its kind and its distribution need, and nothing else."""
    for row in case.rows(RiskRow):
        fitted, late = row.distribution == "fitted", row.kind in LATE
        yield from _needed(case, row, "impact_months", late and not fitted, _why(row))
        yield from _needed(case, row, "impact_share", not late, _why(row))
        yield from _needed(case, row, "sample", fitted, f"distribution {row.distribution}")
        yield from _needed(case, row, "maturity_years", row.kind == "integration_shortfall", f"kind {row.kind}")
        if fitted and not late:
            yield at_row(case, "risks", row, "distribution", f"fitted is for slips in months: kind {listed(LATE)}")
        yield from _ends(case, row, "impact_months" if late else "impact_share")


def _why(row: RiskRow) -> str:
    return f"kind {row.kind}" + (" and distribution fitted" if row.distribution == "fitted" else "")


def _needed(case: CaseData, row: RiskRow, column: str, needed: bool, why: str) -> Iterator[Problem]:
    given = getattr(row, column) is not None
    if needed != given:
        yield at_row(case, "risks", row, column, f"must be {'given' if needed else 'empty'} with {why}")


def _ends(case: CaseData, row: RiskRow, column: str) -> Iterator[Problem]:
    """The ends of the range of an impact: given where the distribution needs them, and possible."""
    ends = case.ranges.get("risks", {}).get(row.risk, {}).get(column)
    value = getattr(row, column)
    if value is None:
        return
    if row.distribution in ("triangular", "lognormal") and ends is None:
        message = f"needs {column}_low and {column}_high with distribution {row.distribution}"
        yield at_row(case, "risks", row, column, message)
    if row.distribution == "lognormal" and ends is not None and ends[0] <= 0.0:
        yield at_row(case, "risks", row, column, f"needs {column}_low above 0 with distribution lognormal")
    most = max(value, ends[1] if ends else value)
    if column == "impact_share" and row.kind != "price_rise" and most > 1.0:
        yield at_row(case, "risks", row, column, f"is lost with kind {row.kind}, so it is at most 1 (and its high end)")


def samples(case: CaseData) -> Iterator[Problem]:
    """Check that the sample of a fitted risk has slips enough."""
    sizes = Counter(slip.sample for slip in case.rows(ScheduleSlipRow))
    for row in case.rows(RiskRow):
        if row.sample is not None and row.sample not in sizes:
            message = unknown("sample of table schedule_slips", row.sample, sorted(sizes))
            yield at_row(case, "risks", row, "sample", message)
        elif row.sample is not None and sizes[row.sample] < LEAST_SAMPLE:
            message = (
                f"sample {row.sample} has {sizes[row.sample]} row of table schedule_slips; a fit needs {LEAST_SAMPLE}"
            )
            yield at_row(case, "risks", row, "sample", message)


def what_it_applies_to(case: CaseData) -> Iterator[Problem]:
    """Check that a risk names only what its kind can change, and that the case has it."""
    for row in case.rows(RiskRow):
        allowed, given = APPLIES[row.kind], [column for column in TARGETS if getattr(row, column) is not None]
        for column in given:
            if column not in allowed:
                which = f"it is for {listed(allowed)}" if allowed else "it applies to the budget"
                yield at_row(case, "risks", row, column, f"must be empty with kind {row.kind}: {which}")
        if row.kind == "price_rise" and not given:
            yield at_row(case, "risks", row, "kind", f"price_rise needs one of {listed(allowed)}")
        if row.drawn == "each" and not allowed:
            yield at_row(case, "risks", row, "drawn", f"must be together with kind {row.kind}: there is one budget")
        if NEEDS.get(row.kind, "sites") not in case.present:
            yield at_row(case, "risks", row, "kind", f"the case has no table {NEEDS[row.kind]}, which it would change")
        for column in ("first_year", "last_year"):
            if getattr(row, column) is not None and row.kind not in BY_YEAR:
                yield at_row(
                    case, "risks", row, column, f"must be empty with kind {row.kind} (it is for {listed(BY_YEAR)})"
                )
        if row.first_year is not None and row.last_year is not None and row.last_year < row.first_year:
            yield at_row(case, "risks", row, "last_year", f"must not be before first_year ({row.first_year})")


def common_factors(case: CaseData) -> Iterator[Problem]:
    """Check that the shares of common factors go with what is drawn, and add up to 1 at most."""
    for row in case.rows(RiskRow):
        yield from _needed(case, row, "group_factor_share", row.group is not None, "group" if row.group else "no group")
        applies = APPLIES[row.kind] if row.drawn == "each" else ()
        kinds = "sites or chips" if row.drawn == "each" else "events drawn each by itself"
        if row.provider_factor_share is not None and not {"sites", "chips"} & set(applies):
            yield at_row(case, "risks", row, "provider_factor_share", f"is for {kinds}")
        if row.region_factor_share is not None and "sites" not in applies:
            message = "is for sites" if row.drawn == "each" else f"is for {kinds}"
            yield at_row(case, "risks", row, "region_factor_share", message)
        parts = (row.group_factor_share, row.provider_factor_share, row.region_factor_share)
        total = sum(part or 0.0 for part in parts)
        if total > 1.0 + 1e-9:
            message = f"the factor shares of the group, of providers and of regions add up to {total:g}, above 1"
            yield at_row(case, "risks", row, "group_factor_share", message)
