"""Grades of figures: one for a row, and others for those of its columns that are known better or worse.

A cell ``B; term_years=D; lead_months=D`` says that the figures of the row are of grade B, except two of grade D.
"""

from collections.abc import Iterable, Mapping
from functools import cache

GRADES = ("A", "B", "C", "D")
"""From the strongest to the weakest: primary source seen, press seen, recalled report, modelling assumption."""
_ALLOWED = "A, B, C or D"
_FORM = "such as B, or B; term_years=D; lead_months=D where columns of the row differ"


def checked_grades(text: str) -> str:
    """Return the grades of a row in their plain form: the grade of the row, then those of columns.

    Raises
    ------
    ValueError
        If the text is no such list.

    Examples
    --------
    >>> checked_grades("B;term_years = D")
    'B; term_years=D'
    """
    first, *others = (part.strip() for part in text.split(";"))
    if first not in GRADES:
        raise ValueError(f"must begin with the grade of the row, {_ALLOWED}, {_FORM}")
    found: dict[str, str] = {}
    for part in others:
        column, sign, grade = (word.strip() for word in part.partition("="))
        if not sign or not column or grade not in GRADES:
            raise ValueError(f"after the grade of the row it holds COLUMN=GRADE, with {_ALLOWED}, separated by ';'")
        if column in found:
            raise ValueError(f"grades the column {column} twice")
        found[column] = grade
    return "; ".join([first, *(f"{column}={grade}" for column, grade in found.items())])


@cache
def split_grades(text: str) -> tuple[str, Mapping[str, str]]:
    """Return the grade of a row, and those of its columns that have one of their own.

    Examples
    --------
    >>> split_grades("B; term_years=D")
    ('B', {'term_years': 'D'})
    """
    first, *others = text.split("; ")
    return first, dict(part.split("=") for part in others)


def weakest(grades: Iterable[str]) -> str | None:
    """Return the weakest of some grades; None: there is none.

    Examples
    --------
    >>> weakest(["B", "D", "A"])
    'D'
    """
    return max(grades, default=None)


def without_columns(text: str, columns: Iterable[str]) -> str:
    """Return the grades of a row in which some columns have become empty.

    Examples
    --------
    >>> without_columns("B; term_years=D; lead_months=C", ["term_years"])
    'B; lead_months=C'
    """
    general, graded = split_grades(text)
    gone = set(columns)
    return "; ".join([general, *(f"{column}={grade}" for column, grade in graded.items() if column not in gone)])
