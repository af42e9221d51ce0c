"""What a column of a plan's table holds: kind, unit, meaning, what an empty cell means, and whether it adds up."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "period", "boundary", "label", "date", "whole", "number"]
"""``period``: a year, or the date on which a period begins; ``boundary``: the same, or the end of the horizon;
``label``: the name of a period, as shown; ``whole``: a whole number."""
Adds = Literal["all", "period", "no"]
"""Whether the cells of a column add up: over all rows, over the rows of a period only, or not at all."""

PERIOD_KINDS = ("period", "boundary")
NUMBER_KINDS = ("whole", "number")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    kind : str
    meaning : str
        In one line.
    unit : str
        Unit of a figure; empty for keys and words.
    empty : str
        What an empty cell means; empty itself where no cell of the column is.
    adds : str
    empty_adds : bool
        Whether an empty cell has nothing to add to a sum; if not, a sum over it is not known, and empty itself.
    """

    kind: Kind
    meaning: str
    unit: str = ""
    empty: str = ""
    adds: Adds = "no"
    empty_adds: bool = False

    @property
    def is_number(self) -> bool:
        """Whether its cells are figures."""
        return self.kind in NUMBER_KINDS


@dataclass(frozen=True, slots=True)
class TableSchema:
    """A table of a plan: one row, one fact.

    Attributes
    ----------
    meaning : str
    key : tuple of str
        The columns that identify its rows.
    columns : mapping of str to Column
    """

    meaning: str
    key: tuple[str, ...]
    columns: Mapping[str, Column]


def key_of(what: str, empty: str = "") -> Column:
    """A key of a table of the case, or a word."""
    return Column("text", f"key of the {what}", empty=empty)


def words(meaning: str, empty: str = "") -> Column:
    """A text."""
    return Column("text", meaning, empty=empty)


def period(meaning: str = "period") -> Column:
    """A period."""
    return Column("period", meaning)


def figure(unit: str, meaning: str, adds: Adds = "no", empty: str = "") -> Column:
    """A number with a unit."""
    return Column("number", meaning, unit, empty, adds)


def it_mw(meaning: str, adds: Adds = "period") -> Column:
    """IT MW; those of a period add up."""
    return figure("IT MW", meaning, adds)


def facility_mw(meaning: str, adds: Adds = "period") -> Column:
    """Facility MW; those of a period add up."""
    return figure("facility MW", meaning, adds)


def compute(meaning: str, adds: Adds = "period") -> Column:
    """Compute, in the unit of the case."""
    return figure("compute", meaning, adds)


def nominal(meaning: str, adds: Adds = "all", empty: str = "") -> Column:
    """Money of its day, in billions of dollars."""
    return figure("$B nominal", meaning, adds, empty)


def present(meaning: str, adds: Adds = "all", empty: str = "") -> Column:
    """Money at its present value, in billions of dollars."""
    return figure("$B present value", meaning, adds, empty)


SITE, PROVIDER, OFFER, CHIP, MARKET = (
    key_of("site"), key_of("provider"), key_of("offer"), key_of("chip"), key_of("market"),
)  # fmt: skip
ROLE, TENURE = words("`primary` or `backup`"), words("`build`, `shell` or `cloud`")
WORKLOAD = words("`training` or `inference`")
ORIGIN = words("`signed` (data of the case) or `decided` (by the plan)")
