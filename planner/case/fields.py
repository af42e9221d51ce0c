"""The types of the columns of tables and of the keys of a model file: keys, texts, amounts, shares, years.

A type says which values are allowed; the messages on a faulty cell are made from it.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from planner.case.countries import country_fault
from planner.case.grades import checked_grades
from planner.text import control_fault, line_fault

Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.\-]{0,63}$")]
"""A key: letters, digits, ``_``, ``.`` and ``-``; at most 64 characters."""

LONGEST_TEXT = 50_000
"""Characters of a name, a title, a description or a note."""


def plain_text(text: str) -> str:
    """Admit a text of readable length without control characters."""
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"has {len(text):,} characters; at most {LONGEST_TEXT:,} are read")
    fault = control_fault(text)
    if fault is not None:
        raise ValueError(fault)
    return text


PlainText = Annotated[str, AfterValidator(plain_text)]
"""Text without a meaning for the planner; tabs and line ends are allowed, other control characters are not."""


def line_of_text(text: str) -> str:
    """Admit a text of one line: names stand within lines of reports, which a line end would cut in two."""
    fault = line_fault(plain_text(text))
    if fault is not None:
        raise ValueError(fault)
    return text


Name = Annotated[str, AfterValidator(line_of_text)]
"""A name, a title or a unit: text of one line without tabs."""


def _country(text: str) -> str:
    """Admit the code of a country."""
    fault = country_fault(text)
    if fault is not None:
        raise ValueError(fault)
    return text


Country = Annotated[str, AfterValidator(_country)]
"""An officially assigned code of ISO 3166-1, two capital letters."""

Grade = Literal["A", "B", "C", "D"]
"""A primary source seen, B press seen, C recalled report, D modelling assumption."""
RowGrades = Annotated[str, AfterValidator(checked_grades)]
"""The grade of a row, and of columns that differ from it: ``B; term_years=D``."""

Workload = Literal["training", "inference"]
Role = Literal["primary", "backup"]
Tenure = Literal["build", "shell", "cloud"]
ProgrammeKind = Literal["committed", "optional", "priced"]
"""Whether what a programme asks for must be met, may be declined at a price, or may be missed at a price."""

FinancingKind = Literal["equity", "vendor", "debt"]
"""Up to an amount in all, for capacity in service, or up to an amount that is owed."""
Repayment = Literal["bullet", "straight_line"]
"""All at once, or evenly over the years."""

RiskKind = Literal[
    "site_late",
    "capacity_lost",
    "chip_late",
    "supply_cut",
    "integration_shortfall",
    "price_rise",
    "financing_fails",
    "cash_shortfall",
    "revenue_shortfall",
]
"""What an uncertain event does: docs/scenarios.md says which figures of the case it changes."""
Distribution = Literal["fixed", "triangular", "lognormal", "fitted"]
"""Of the impact of an uncertain event: the same always, between its ends, through three quantiles, or of a sample."""

LARGEST_AMOUNT = 1e24
NonNegative = Annotated[float, Field(ge=0.0, le=1e9, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0.0, le=1e9, allow_inf_nan=False)]
Amount = Annotated[float, Field(ge=0.0, le=LARGEST_AMOUNT, allow_inf_nan=False)]
"""Money or compute, in whatever unit the case is written; how far apart the amounts of a case may lie is checked."""
PositiveAmount = Annotated[float, Field(gt=0.0, le=LARGEST_AMOUNT, allow_inf_nan=False)]
SignedAmount = Annotated[float, Field(ge=-LARGEST_AMOUNT, le=LARGEST_AMOUNT, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
CriticalShare = Annotated[float, Field(ge=0.0, le=10.0, allow_inf_nan=False)]
"""A share of demand that must be carried; above 1 it is head-room."""
PositiveShare = Annotated[float, Field(ge=0.001, le=1.0, allow_inf_nan=False)]
"""A share by which something is multiplied that must stay comparable with the rest: not below a thousandth."""
LossShare = Annotated[float, Field(ge=0.0, le=0.99, allow_inf_nan=False)]
"""A share that is lost: never all of it."""
GrowthRate = Annotated[float, Field(gt=-1.0, le=10.0, allow_inf_nan=False)]
OWN = "x_"
"""How the names of columns, and of items of spending, begin that the planner does not know: the user's own."""
OwnNumber = Annotated[float, Field(ge=-LARGEST_AMOUNT, le=LARGEST_AMOUNT, allow_inf_nan=False)]
OwnValue = bool | OwnNumber | PlainText | tuple[OwnNumber | PlainText, ...] | dict[Key, bool | OwnNumber | PlainText]
"""A value of a section of the user's own: yes or no, a number, a text, a list of them, or one for each of some keys."""
CalendarYear = Annotated[int, Field(ge=1900, le=2200)]
