"""The what-if file (TOML): named changes, lists and grids of them. Unknown keys are errors.

A file is only described here; `planner.changes.read` reads it, `planner.changes.expand` makes its what-ifs, and
`planner.changes.apply` makes their changes.
"""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Strict,
    StrictInt,
    Tag,
)
from pydantic import StrictStr as Text

from planner.case.fields import CalendarYear, Grade, Key, Role
from planner.text import control_fault

LONGEST_TEXT = 10_000
MOST_VALUES = 1_000
LARGEST_NUMBER = 1e12
BASE = "base"
"""Name of the case itself, unchanged: it may stand in a grid, and no what-if may be called so."""


def _short(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        message = f"is longer than {LONGEST_TEXT:,} characters"
        raise ValueError(message)
    fault = control_fault(text)
    if fault is not None:
        raise ValueError(fault)
    return text


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        message = "must be a number"
        raise ValueError(message)  # pydantic turns only ValueError into a fault of the file
    return value


def _scalar(value: Any) -> Any:
    """Admit what TOML has for one cell: a text, a number, true or false, a date."""
    good = isinstance(value, (str, bool, int, float)) or (isinstance(value, date) and not isinstance(value, datetime))
    if not good:
        message = "must be a text, a number, true or false, or a date such as 2028-07-01"
        raise ValueError(message)
    if isinstance(value, (int, float)) and not abs(value) <= LARGEST_NUMBER:  # NaN is not within either
        message = f"must be a finite number of at most {LARGEST_NUMBER:g}"
        raise ValueError(message)
    return _short(value) if isinstance(value, str) else value


def _value(value: Any) -> Any:
    """Admit one cell, or a list of them."""
    if not isinstance(value, (list, tuple)):
        return _scalar(value)
    if len(value) > MOST_VALUES:
        message = f"has {len(value):,} members; at most {MOST_VALUES:,} are read"
        raise ValueError(message)
    return tuple(_scalar(member) for member in value)


def _flat(where: Any) -> Any:
    """Return conditions with dotted names in one piece: ``{site = {power_region = x}}`` is ``site.power_region``."""
    if not isinstance(where, dict):
        return where
    flat: dict[Any, Any] = {}
    for name, value in where.items():
        if isinstance(value, dict) and not set(value) <= {"from", "to"}:
            flat |= {f"{name}.{inner}": member for inner, member in value.items()}
        else:
            flat[name] = value
    return flat


ShortText = Annotated[Text, AfterValidator(_short)]
Number = Annotated[float, BeforeValidator(_number), Field(ge=-LARGEST_NUMBER, le=LARGEST_NUMBER, allow_inf_nan=False)]
Year = Annotated[CalendarYear, Strict()]
Scalar = Annotated[Any, AfterValidator(_scalar)]
Value = Annotated[Any, AfterValidator(_value)]
"""A value as TOML writes it; an empty text means "not given"."""


class Part(BaseModel):
    """A part of a what-if file: frozen, strict about unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Range(Part):
    """Values from ... to ..., both included."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True)

    from_: Annotated[Scalar | None, Field(alias="from")] = None
    to: Scalar | None = None


def _condition(value: Any) -> str:
    return "range" if isinstance(value, (dict, Range)) else "value"


Condition = Annotated[Annotated[Range, Tag("range")] | Annotated[Value, Tag("value")], Discriminator(_condition)]
Where = Annotated[dict[str, Condition], BeforeValidator(_flat), Field(min_length=1, max_length=20)]


class Rows(Part):
    """Some rows of a table."""

    table: str
    """A table of the case."""
    key: Value | None = None
    """Keys of the rows; the parts of a key of several columns are separated by commas."""
    where: Where | None = None
    """Rows whose columns have these values (one of them, for a list); ``site.power_region`` looks into the row the
    column ``site`` names."""


class Figures(Rows):
    """Some figures: a column of some rows, or a key of the model."""

    table: str | None = None  # type: ignore[assignment]
    """A table of the case; or else ``model`` is given."""
    column: Value | None = None
    """Column or columns to change."""
    model: ShortText | None = None
    """A key of the model, such as ``families.budget.backup_envelope_busd``; members of lists as ``rules[0]`` or
    ``rules[any one site]``."""


class Set(Figures):
    """Give figures a value."""

    op: Literal["set"]
    value: Value | None = None
    """The new value; an empty text: not given."""
    to: Literal["low", "high"] | None = None
    """Instead of a value: the low or high end of the range that the case states beside each figure."""


class Scale(Figures):
    """Multiply figures; whole numbers are rounded down."""

    op: Literal["scale"]
    factor: Annotated[Number, Field(ge=0.0, le=1e6)] | None = None


class Cap(Figures):
    """No figure is above ``value``; one that is not given is then given it."""

    op: Literal["cap"]
    value: Number | None = None


class Floor(Figures):
    """No figure is below ``value``."""

    op: Literal["floor"]
    value: Number | None = None


class Relax(Figures):
    """Take a limit away: clear an optional column, or take a key, a rule or a section out of the model."""

    op: Literal["relax"]


class Shift(Rows):
    """Move dates by months: those after the start of the horizon; what has happened does not move."""

    op: Literal["shift"]
    months: Annotated[StrictInt, Field(ge=-600, le=600)] | None = None
    """Later, or earlier when negative."""
    column: str | None = None
    """One column only; without it, all that moves with the row (docs/what-ifs.md)."""


class Add(Part):
    """Add a row."""

    op: Literal["add"]
    table: str
    row: dict[str, Value]
    """The row's columns."""


class Drop(Rows):
    """Take rows out, and with them what cannot be without them (a provider's offers, an offer's contracts)."""

    op: Literal["drop"]


class Force(Part):
    """Force a site to be open, or an offer to be signed, by the end of a year."""

    op: Literal["force"]
    site: Key | None = None
    """A site that is open by then, with a contract in force at it."""
    offer: Key | None = None
    """An offer of which ``blocks`` are in force by then."""
    by: Year | None = None
    """Calendar year by whose last period it holds."""
    blocks: Annotated[StrictInt, Field(ge=1, le=1_000_000)] | None = None
    """Whole blocks of the offer; without it, one (or the minimum commitment)."""
    role: Role | None = None
    """Only blocks of this role count; without it, both."""


_CLASSES: tuple[type[Part], ...] = (Set, Scale, Cap, Floor, Relax, Shift, Add, Drop, Force)
OPS: dict[str, type[Part]] = {kind.model_fields["op"].annotation.__args__[0]: kind for kind in _CLASSES}  # type: ignore[union-attr]
"""Every operation and its record."""


def _op(change: Any) -> Any:
    return change.get("op") if isinstance(change, dict) else getattr(change, "op", None)


Change = Annotated[
    Annotated[Set, Tag("set")]
    | Annotated[Scale, Tag("scale")]
    | Annotated[Cap, Tag("cap")]
    | Annotated[Floor, Tag("floor")]
    | Annotated[Relax, Tag("relax")]
    | Annotated[Shift, Tag("shift")]
    | Annotated[Add, Tag("add")]
    | Annotated[Drop, Tag("drop")]
    | Annotated[Force, Tag("force")],
    Discriminator(_op, custom_error_type="unknown_op", custom_error_message=f"`op` must be one of: {', '.join(OPS)}"),
]
"""One change."""
Changes = Annotated[tuple[Change, ...], Field(max_length=MOST_VALUES)]


class Named(Part):
    """What every named part of a file says of itself."""

    name: Key
    """Name of the what-if; it names its folder too."""
    title: ShortText | None = None
    """One line for people."""
    source: ShortText | None = None
    """Where the change comes from; an assumption says so."""
    grade: Grade | None = None
    """A primary source seen, B press seen, C recalled report, D modelling assumption."""


class WhatIfEntry(Named):
    """``[[whatif]]``: changes under a name."""

    base: Key | None = None
    """Another what-if of the file (or ``base``): its changes come first."""
    changes: Changes = ()


class ListEntry(Named):
    """``[[list]]``: one what-if for each value, named ``NAME.VALUE``."""

    base: Key | None = None
    """Another what-if of the file: its changes come first."""
    vary: Literal["value", "factor", "months", "by", "blocks"]
    """The field that takes each value, in every change that leaves it out."""
    values: Annotated[tuple[Scalar, ...], Field(min_length=1, max_length=MOST_VALUES)]
    changes: Annotated[Changes, Field(min_length=1)]


class AxisMember(Part):
    """Changes written in an axis of a grid."""

    name: Key
    changes: Changes


class GridEntry(Named):
    """``[[grid]]``: every combination of one member of each axis, in the order of the axes."""

    axes: Annotated[tuple[tuple[Key | AxisMember, ...], ...], Field(min_length=1, max_length=12)]
    """Members are names of what-ifs of the file, of a list (all its members), ``base`` (no change), or
    ``{ name = ..., changes = [...] }``."""


class WhatIfFile(Part):
    """A what-if file."""

    format: Literal[1]
    """Version of the format."""
    case: str | None = None
    """The case it is meant for; it may be used with others that have the same keys."""
    title: ShortText | None = None
    """One line for people."""
    whatif: tuple[WhatIfEntry, ...] = ()
    list: tuple[ListEntry, ...] = ()
    grid: tuple[GridEntry, ...] = ()


class WhatIf(Part):
    """A what-if, expanded: a name and the changes, in their order. Plain data, equal when its content is."""

    name: str
    title: str | None = None
    source: str | None = None
    grade: Grade | None = None
    changes: tuple[Change, ...] = ()
