"""What every row of every table of a case has."""

from datetime import date
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from planner.case.fields import Grade, PlainText


class Row(BaseModel):
    """What every row of every table has: provenance, and the names of the columns that make its key."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    KEY: ClassVar[tuple[str, ...]] = ()
    """The columns that together name a row; no two rows of a table share them."""

    source: PlainText | None = None
    """Source of the figures of the row; a modelling assumption is stated as such."""
    as_of: date | None = None
    """The date at which the source stated the figures."""
    grade: Grade | None = None
    """A primary source, B press, C report quoted from memory, D modelling assumption."""
    notes: PlainText | None = None
    """Free text; never read by the program."""

    @property
    def key(self) -> tuple[object, ...]:
        """The values of the key columns, in their order."""
        return tuple(getattr(self, column) for column in self.KEY)
