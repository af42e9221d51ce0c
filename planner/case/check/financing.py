"""Financing: what each kind of source states, and what has no effect or lowers the cost by itself."""

from collections.abc import Iterator

from planner.case.case import CaseData
from planner.case.check.place import at_model, at_row
from planner.case.messages import listed, unknown
from planner.case.rows import ChipRow
from planner.case.rows_financing import FinancingRow
from planner.errors import Problem

LOAN = ("interest_rate_per_year", "repayment", "repayment_years")
"""Columns of a source that is repaid: all or none."""
COUNTED = ("chip_vendor", "provider")
PER_GW = ("busd_per_it_gw", "busd_per_facility_gw")


def financing(case: CaseData) -> Iterator[Problem]:
    """Check that the family has its table, and every source what its kind needs and nothing else."""
    family = case.model.families.financing
    if family is None:
        return
    if "financing" not in case.present:
        yield at_model(case, "tables.financing", "the family [families.financing] needs a table financing")
    vendors = sorted({chip.vendor for chip in case.rows(ChipRow)})
    for row in case.rows(FinancingRow):
        if row.condition is not None and row.condition not in family.conditions:
            what = "condition of [families.financing.conditions]"
            yield at_row(case, "financing", row, "condition", unknown(what, row.condition, sorted(family.conditions)))
        if row.chip_vendor is not None and row.chip_vendor not in vendors:
            yield at_row(case, "financing", row, "chip_vendor", unknown("vendor of chips", row.chip_vendor, vendors))
        if row.first_date is not None and row.last_date is not None and row.last_date < row.first_date:
            yield at_row(case, "financing", row, "last_date", f"must not be before first_date ({row.first_date})")
        yield from _amount(case, row)
        yield from _repaid(case, row)


def _amount(case: CaseData, row: FinancingRow) -> Iterator[Problem]:
    """How much may be drawn."""
    if row.kind != "vendor":
        if row.up_to_busd is None:
            yield at_row(case, "financing", row, "up_to_busd", f"must be given with kind {row.kind}")
        for column in (*COUNTED, *PER_GW):
            if getattr(row, column) is not None:
                yield at_row(case, "financing", row, column, f"must be empty with kind {row.kind} (it is for vendor)")
        return
    for columns, what in ((COUNTED, "whose capacity counts"), (PER_GW, "what it brings")):
        given = [column for column in columns if getattr(row, column) is not None]
        if len(given) != 1:
            message = f"give {' or '.join(columns)} with kind vendor: {what}"
            yield at_row(case, "financing", row, columns[0] if not given else columns[1], message)


def _repaid(case: CaseData, row: FinancingRow) -> Iterator[Problem]:
    """Whether and how it is repaid."""
    given = [column for column in LOAN if getattr(row, column) is not None]
    for column in LOAN:
        if row.kind == "equity" and column in given:
            yield at_row(case, "financing", row, column, "must be empty with kind equity, which is not repaid")
        elif row.kind == "debt" and column not in given:
            yield at_row(case, "financing", row, column, "must be given with kind debt")
        elif row.kind == "vendor" and given and column not in given:
            message = f"must be given too: a loan has {listed(LOAN)}, other money none of them"
            yield at_row(case, "financing", row, column, message)
    if given and row.dilution_share is not None:
        yield at_row(case, "financing", row, "dilution_share", "must be empty for money that is repaid")


def sources_without_effect(case: CaseData) -> Iterator[Problem]:
    """Warn of conditions that nothing depends on, and of sources from which no period may draw."""
    family = case.model.families.financing
    if family is None:
        return
    rows = case.rows(FinancingRow)
    for name in family.conditions:
        if not any(row.condition == name for row in rows):
            message = "nothing depends on it: no row of table financing has this condition"
            yield at_model(case, f"families.financing.conditions.{name}", message)
    first = case.model.horizon.start
    for row in rows:
        if row.last_date is not None and row.last_date < first:
            message = f"no period begins on or before it (the horizon starts on {first}): nothing is drawn"
            yield at_row(case, "financing", row, "last_date", message)


def cheap_money(case: CaseData) -> Iterator[Problem]:
    """Warn of loans below the discount rate: they lower the cost whether or not the cash is needed."""
    rate = case.model.objective.discount_rate_per_year
    for row in case.rows(FinancingRow) if case.model.families.financing is not None else ():
        given = row.interest_rate_per_year
        if given is not None and given < rate:
            message = f"is below the discount rate of {rate:g}: borrowing lowers the cost whether or not it is needed"
            yield at_row(case, "financing", row, "interest_rate_per_year", message)
