"""The kinds of values in a what-if file: texts, numbers, cells, sections; what no case can hold is refused at once."""

import math
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, Strict
from pydantic import StrictStr as Text

from planner.case.fields import LARGEST_AMOUNT, CalendarYear, line_of_text, plain_text
from planner.changes.refusals import TOO_LARGE

MOST_VALUES = 10_000
"""Members of a list or a section that is one value."""
MOST_BITS = 4_000
"""Bits of a whole number: larger ones cannot even be written out."""
DEEPEST = 20
"""Levels of sections and lists in one value."""


def plain_number(value: Any) -> Any:
    """Return a number of NumPy (what a DataFrame holds) as Python's number of the same value; all else as it is."""
    kind = getattr(getattr(value, "dtype", None), "kind", None)
    return value.item() if kind in ("b", "i", "u", "f") and getattr(value, "ndim", None) == 0 else value


def _number(value: Any) -> Any:
    value = plain_number(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        message = "must be a number"
        raise ValueError(message)  # pydantic turns only ValueError into a fault of the file
    return value


def _scalar(value: Any) -> Any:
    """Admit what TOML has for one cell: a text, a number, true or false, a date; NumPy's numbers are numbers."""
    value = plain_number(value)
    good = isinstance(value, (str, bool, int, float)) or (isinstance(value, date) and not isinstance(value, datetime))
    if not good:
        message = "must be a text, a number, true or false, or a date such as 2028-07-01"
        raise ValueError(message)
    if isinstance(value, float) and not math.isfinite(value):
        message = "must be a finite number"
        raise ValueError(message)
    if isinstance(value, int) and value.bit_length() > MOST_BITS:
        raise ValueError(TOO_LARGE)
    return plain_text(value) if isinstance(value, str) else value


def _counted(value: Any) -> Any:
    if len(value) > MOST_VALUES:
        message = f"has {len(value):,} members; at most {MOST_VALUES:,} are read"
        raise ValueError(message)
    return value


def _value(value: Any) -> Any:
    """Admit one cell, or a list of them."""
    if not isinstance(value, (list, tuple)):
        return _scalar(value)
    return tuple(_scalar(member) for member in _counted(value))


def _tree(value: Any, level: int = 0) -> Any:
    """Admit one cell, a list, or a section of the model with all that stands in it."""
    if level > DEEPEST:
        message = "is nested too deeply: too many { or [ within one another"
        raise ValueError(message)
    if isinstance(value, Mapping):
        return {str(name): _tree(member, level + 1) for name, member in _counted(value).items()}
    if isinstance(value, (list, tuple)):
        return tuple(_tree(member, level + 1) for member in _counted(value))
    return _scalar(value)


def _probability(value: Any) -> Any:
    """Admit a probability: what is no number, or none of this range, is refused in the same words."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0.0 < value <= 1.0:
        message = "must be a number above 0 and at most 1"
        raise ValueError(message)
    return value


ShortText = Annotated[Text, AfterValidator(plain_text)]
ShortLine = Annotated[Text, AfterValidator(line_of_text)]
Number = Annotated[float, BeforeValidator(_number), Field(ge=-LARGEST_AMOUNT, le=LARGEST_AMOUNT, allow_inf_nan=False)]
Probability = Annotated[float, BeforeValidator(_probability), Field(gt=0.0, le=1.0)]
Year = Annotated[CalendarYear, Strict()]
Scalar = Annotated[Any, AfterValidator(_scalar)]
Value = Annotated[Any, AfterValidator(_value)]
"""A value as TOML writes it; an empty text means "not given"."""
Tree = Annotated[Any, AfterValidator(_tree)]
"""The same, or a section."""
