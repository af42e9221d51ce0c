"""From the text of a CSV cell to the value of a column.

Spaces around a value are ignored. An empty cell is "not given", never zero. Numbers are written with a decimal point
and without separators, dates as ``2028-07-01``, booleans as ``yes`` or ``no`` (or ``true`` or ``false``, in any letter
case), lists separated by ``;``.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import TypeAdapter, ValidationError

from planner.case.messages import nearest, pydantic_message, shorten
from planner.case.percent import percent_hint
from planner.case.row import Row
from planner.case.rows import TABLES
from planner.text import control_fault

_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")
_INTEGER = re.compile(r"([+-]?[0-9]{1,18})(\.0{0,9})?")
_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})([ T]00:00:00(\.0{1,6})?)?")
_DATE_IN_PARTS = re.compile(r"([0-9]{1,4})[/.-]([0-9]{1,2})[/.-]([0-9]{1,4})")
_DAY_NUMBER = re.compile(r"[1-9][0-9]{4}(\.0*)?")
_SPREADSHEET_DAY_ZERO = date(1899, 12, 30)
_OWN = re.compile(r"x_[A-Za-z0-9_.\-]{1,62}")
LONGEST_OWN_CELL = 10_000
"""Characters of a cell in a user's own column."""
LONGEST_NUMBER = 60
"""Characters: more than any figure needs."""


class CellError(ValueError):
    """A cell does not hold what its column asks for; the text says what is allowed."""


def parse_float(text: str) -> float:
    """Return the number a cell holds."""
    if len(text) > LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        raise CellError("must be a number" + _number_hint(text, "12.5"))
    return float(text)


def parse_int(text: str) -> int:
    """Return the whole number a cell holds."""
    found = _INTEGER.fullmatch(text)  # a spreadsheet may write 2026 as 2026.0
    if not found:
        raise CellError("must be a whole number" + _number_hint(text, "12"))
    return int(found[1])


def _number_hint(text: str, example: str) -> str:
    if "," in text:
        return " with a decimal point, and no separators (not a comma)"
    if "_" in text or re.search(r"[0-9]\s+[0-9]", text):
        return " without separators"
    if "\u2212" in text or "\u2013" in text:
        return " with a plain minus sign (-)"
    is_long = len(text) > LONGEST_NUMBER and set(text) <= set("+-.0123456789eE")
    return f" of at most {LONGEST_NUMBER} characters" if is_long else f" such as {example}"


def parse_date(text: str) -> date:
    """Return the date a cell holds; midnight after it, as some spreadsheets write, is no part of it."""
    found = _DATE.fullmatch(text)
    try:
        if found:
            return date.fromisoformat(found[1])
    except ValueError as error:
        raise CellError(f"is no date of the calendar ({error})") from None
    raise CellError("must be a date such as 2028-07-01 (year-month-day)" + _date_hint(text))


def _date_hint(text: str) -> str:
    """Return what a date in another form may mean."""
    if _DAY_NUMBER.fullmatch(text):
        meant = _SPREADSHEET_DAY_ZERO + timedelta(days=int(text[:5]))
        return f"; as a spreadsheet's number of a day it is {meant}"
    found = _DATE_IN_PARTS.fullmatch(text)
    if not found:
        return ""
    first, second, third = (int(part) for part in found.groups())
    orders = ((first, second, third), (third, first, second), (third, second, first))
    meant_days = [_day(*parts) for parts in orders if parts[0] >= 1000]
    readings = list(dict.fromkeys(str(day) for day in meant_days if day is not None))
    return f"; it may mean {' or '.join(readings)}" if readings else ""


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def parse_bool(text: str) -> bool:
    """Return whether a cell says ``yes`` or ``true``, in any letter case: spreadsheets write ``TRUE``."""
    word = text.lower()
    if word not in ("yes", "no", "true", "false"):
        raise CellError("must be yes or no (or true or false)")
    return word in ("yes", "true")


def parse_text(text: str) -> str:
    """Return the text itself."""
    return text


def parse_own(text: str) -> str:
    """Return the text of a cell in a user's own column."""
    text = text.strip()
    if len(text) > LONGEST_OWN_CELL:
        raise CellError(f"has {len(text):,} characters; at most {LONGEST_OWN_CELL:,} are read")
    fault = control_fault(text)
    if fault is not None:
        raise CellError(fault)
    return text


def is_own_column(name: str) -> bool:
    """Whether a column is the user's own: kept with the case, without a meaning for the planner."""
    return name.startswith("x_")


def _parse_list(member: Callable[[str], Any], text: str) -> tuple[Any, ...]:
    if "," in text and (member is parse_text or ";" not in text):
        meant = ";".join(word.strip() for word in re.split("[,;]", text) if word.strip())
        raise CellError(f"separate the members of a list with ';', not with ',': {shorten(meant)}")
    words = [word.strip() for word in text.split(";")]
    if "" in words:
        raise CellError("has an empty member: separate members by one ';' and end without one")
    repeated = sorted({word for word in words if words.count(word) > 1}) if member is parse_text else []
    if repeated:
        raise CellError(f"names {shorten(repeated[0])!r} more than once")
    return tuple(member(word) for word in words)


@dataclass(frozen=True, slots=True)
class Column:
    """A column: how its cells are parsed and which values are allowed."""

    name: str
    kind: str
    """``text``, ``number``, ``whole number``, ``date``, ``yes/no``, or ``list of ...``."""
    optional: bool
    choices: tuple[str, ...]
    parse: Callable[[str], Any]
    adapter: TypeAdapter[Any]

    @property
    def numeric(self) -> bool:
        """Whether the column holds one number."""
        return self.kind in ("number", "whole number")

    def read(self, text: str) -> Any:
        """Return the value of a cell.

        Raises
        ------
        CellError
            If the cell does not hold what the column asks for.
        """
        text = text.strip()
        if not text:
            if self.optional:
                return None
            raise CellError("is empty and must be given" + ("" if not self.numeric else " (write 0 for zero)"))
        if "%" in text and self.kind.removeprefix("list of ").rstrip("s") in ("number", "whole number"):
            raise CellError(f"must be a {self.kind.rstrip('s')}{percent_hint(self.name)}")
        value = self.parse(text)
        try:
            return self.adapter.validate_python(value)
        except ValidationError as failure:
            messages = dict.fromkeys(pydantic_message(dict(error)) for error in failure.errors())
            raise CellError("; ".join(messages)) from None


_PARSERS: Mapping[object, tuple[str, Callable[[str], Any]]] = {
    str: ("text", parse_text),
    float: ("number", parse_float),
    int: ("whole number", parse_int),
    date: ("date", parse_date),
    bool: ("yes/no", parse_bool),
}


def _unwrapped(annotation: Any) -> tuple[Any, bool]:
    """Return a type without its metadata and without None, and whether None was admitted."""
    optional = False
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation = get_args(annotation)[0]
        elif origin in (Union, UnionType):
            members = [member for member in get_args(annotation) if member is not NoneType]
            if len(members) != 1:
                raise TypeError(f"no cell can hold {annotation!r}")
            optional, annotation = True, members[0]
        else:
            return annotation, optional


def _parser(annotation: Any) -> tuple[str, tuple[str, ...], Callable[[str], Any]]:
    """Return the kind, the choices and the parser of a type."""
    if get_origin(annotation) is Literal:
        return "text", get_args(annotation), parse_text
    if get_origin(annotation) is tuple:
        kind, choices, member = _parser(_unwrapped(get_args(annotation)[0])[0])
        return f"list of {kind}s", choices, lambda text: _parse_list(member, text)
    kind, parse = _PARSERS[annotation]
    return kind, (), parse


@cache
def columns_of(table: str) -> Mapping[str, Column]:
    """Return the columns of a table, the key first and what describes sources last."""
    row_type = TABLES[table]
    own = [name for name in row_type.model_fields if name not in Row.model_fields]
    columns = {}
    for name in (*own, *Row.model_fields):
        field = row_type.model_fields[name]
        annotation: Any = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
        plain, optional = _unwrapped(annotation)
        kind, choices, parse = _parser(plain)
        columns[name] = Column(name, kind, optional, choices, parse, TypeAdapter(annotation))
    return columns


@cache
def range_columns(table: str) -> Mapping[str, tuple[str, str]]:
    """Return the companion columns a table may have: ``X_low`` -> (``X``, ``low``), ``X_high`` -> (``X``, ``high``)."""
    key = TABLES[table].KEY
    names = [name for name, column in columns_of(table).items() if column.numeric and name not in key]
    return {f"{name}_{end}": (name, end) for name in names for end in ("low", "high")}


def header_problem(table: str, name: str) -> str | None:
    """Return what is wrong with a column name of a table, if anything."""
    known = [*columns_of(table), *range_columns(table)]
    if name in known:
        return None
    if is_own_column(name):
        rule = "a column of your own is called x_ and up to 62 letters, digits, _ . or -"
        return None if _OWN.fullmatch(name) else rule
    if not name:
        return "a column has no name"
    return (
        f"table {table} has no such column{nearest(name, known)} (it has: {', '.join(columns_of(table))}; "
        "columns of your own begin with x_)"
    )
