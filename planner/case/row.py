"""What every row of every table of a case has."""

from datetime import date
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from planner.case.fields import PlainText, RowGrades
from planner.case.grades import split_grades, weakest


class Row(BaseModel):
    """What every row of every table has: provenance, and the names of the columns that make its key."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    KEY: ClassVar[tuple[str, ...]] = ()
    """The columns that together name a row; no two rows of a table share them."""

    source: PlainText | None = None
    """Source of the figures of the row; a modelling assumption is stated as such."""
    as_of: date | None = None
    """The date at which the source stated the figures."""
    grade: RowGrades | None = None
    """``A`` primary source, ``B`` press, ``C`` report quoted from memory, ``D`` modelling assumption. Columns with
    another grade follow: ``B; term_years=D; lead_months=D``. One grade shown for several figures is the weakest."""
    notes: PlainText | None = None
    """Free text; never read by the program."""

    def grade_of(self, column: str) -> str | None:
        """Return the grade of one figure of the row: its own, else that of the row; None: not graded."""
        if self.grade is None:
            return None
        general, columns = split_grades(self.grade)
        return columns.get(column, general)

    @property
    def weakest_grade(self) -> str | None:
        """The weakest grade in the row; None: it is not graded."""
        if self.grade is None:
            return None
        general, columns = split_grades(self.grade)
        return weakest([general, *columns.values()])

    @property
    def key(self) -> tuple[object, ...]:
        """The values of the key columns, in their order."""
        return tuple(getattr(self, column) for column in self.KEY)
