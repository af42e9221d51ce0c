"""Why a change cannot be made: the one error of this package, and each of its sentences once.

A sentence says what is wrong and what would be right, with the nearest match. Where it stands (a file and its row, the
text after ``--set``, a list in Python) is added by the caller, so the same fault reads the same everywhere.
"""

from collections.abc import Collection, Iterable

from planner.case.messages import listed, nearest, shorten, unknown
from planner.case.parse import Column
from planner.case.rows import TABLES

PLACE_FORM = "must be written table[key].column or model.key (members of lists as [0] or [name])"
CHANGE_FORM = "must be written table[key].column=value or model.key=value"
NO_VALUE_HERE = "names a place only: leave out = and what follows"
TABLES_ARE_READ = "the tables are already read; change their cells, or the model file"
TOO_LARGE = "is too large a number"
TABLE_OR_MODEL = "give either table (with column), or model"
COLUMNS_SHOWN = 40


class ChangeError(ValueError):
    """A change cannot be made; the text says why.

    Attributes
    ----------
    place : str
        The figure that is refused, where a change reaches several; empty: what the change itself names.
    value : str or None
        The value that is refused there.
    """

    def __init__(self, message: str, place: str = "", value: str | None = None) -> None:
        super().__init__(message)
        self.place = place
        self.value = value


def no_table(table: str) -> ChangeError:
    """There is no table of this name at all."""
    return ChangeError(unknown("table", table, [*TABLES, "model"]))


def table_not_given(table: str, given: Collection[str]) -> ChangeError:
    """The case does not have this table."""
    return ChangeError(f"the case has no table {table}{nearest(table, set(given) - {table})}")


def no_row(table: str, key: str, known: Iterable[str]) -> ChangeError:
    """The table has no row of this key."""
    form = ",".join(TABLES[table].KEY)
    return ChangeError(f"table {table} has no row [{shorten(key)}]{nearest(key, known)} (rows are named by {form})")


def no_column(table: str, column: str, known: Collection[str], shown: Iterable[str] | None = None) -> ChangeError:
    """The table has no column of this name; ``shown``: what the sentence lists, without ``known`` all of it."""
    has = listed(known if shown is None else shown, COLUMNS_SHOWN)
    return ChangeError(f"table {table} has no column {shorten(column)!r}{nearest(column, known)} (it has: {has})")


def in_the_key(table: str, column: str) -> ChangeError:
    """The column is part of the key."""
    return ChangeError(f"{column} is part of the key of {table} and cannot be changed")


def not_one_number(table: str, column: Column) -> ChangeError:
    """The column holds something that cannot be compared or multiplied."""
    return ChangeError(f"{column.name} of table {table} holds {column.kind}, not a number")


def no_key(where: str, key: str, known: Collection[str]) -> ChangeError:
    """A section of the model has no such key."""
    hint = nearest(key, known)
    return ChangeError(f"{where} has no key {shorten(key)!r}{hint} (it has: {listed(known, COLUMNS_SHOWN)})")


def no_member(where: str, name: str, names: Collection[str]) -> ChangeError:
    """A list of the model has no such member."""
    hint = nearest(name, names)
    return ChangeError(f"{where} has no member [{shorten(name)}]{hint} (it has {len(names)}: {listed(names)})")


def no_list(where: str) -> ChangeError:
    """What stands in the model is not a list."""
    return ChangeError(f"{where} is not a list")


def no_section(where: str, node: object) -> ChangeError:
    """What stands in the model has no keys."""
    what = "a list: take a member as [0] or [name]" if isinstance(node, list) else "a value, not a section"
    return ChangeError(f"{where} is {what}")
