"""The operations, as what-if files (TOML), Python and ``--set`` write them, and the what-if file.

A change is a record of one operation, or a text as after ``--set``, which is a record of ``set``. Unknown keys are
errors. A file is only described here; `planner.changes.read` reads it, `planner.changes.expand` makes its what-ifs, and
`planner.changes.apply` makes their changes.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, StrictInt, Tag, model_validator

from planner.case.fields import Grade, Key, Role
from planner.case.messages import shorten
from planner.changes.grammar import Place, parse_path, parse_place, same_key, split_change
from planner.changes.kinds import Number, Probability, Scalar, ShortLine, ShortText, Tree, Value, Year, plain_number
from planner.changes.refusals import TABLE_OR_MODEL, ChangeError
from planner.changes.values import toml_value, written_cell

MOST_CHANGES = 10_000
"""Changes of one entry of a file."""
MOST_VARIED = 1_000
"""Values of a ``[[list]]``."""
BASE = "base"
"""Name of the case itself, unchanged: it may stand in a grid, and no what-if may be called so."""


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


class Part(BaseModel):
    """A part of a what-if file: frozen, strict about unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    @model_validator(mode="before")
    @classmethod
    def _with_plain_numbers(cls, given: Any) -> Any:
        """Take NumPy's numbers in every field as Python's."""
        return {name: plain_number(value) for name, value in given.items()} if isinstance(given, dict) else given


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
    """Some rows of a table; ``place`` (``table[key]``) may stand for table, key and where."""

    table: str
    """A table of the case."""
    key: Value | None = None
    """Keys of the rows; the parts of a key of several columns are separated by commas."""
    where: Where | None = None
    """Rows whose columns have these values (one of them, for a list); ``site.power_region`` looks into the row the
    column ``site`` names."""

    @model_validator(mode="before")
    @classmethod
    def _in_one_text(cls, given: Any) -> Any:
        """Read ``place``, which says in one text what the other fields say."""
        if not isinstance(given, Mapping) or "place" not in given:
            return given
        text = given["place"]
        if not isinstance(text, str):
            message = "place must be a text such as offers[key].max_blocks"
            raise ValueError(message)
        named = _fields(parse_place(text))
        double = [name for name in ("table", "key", "where", "column", "model") if name in given]
        if double:
            message = f"give either place, or {', '.join(double)}"
            raise ValueError(message)
        needless = [name for name in named if name not in cls.model_fields]
        if needless:
            message = f"{given.get('op')} changes whole rows, not a {' '.join(needless)}: write place as table[key]"
            raise ValueError(message)
        return {name: value for name, value in given.items() if name != "place"} | named

    @property
    def place(self) -> Place:
        """The rows, or the figures, that are meant.

        Raises
        ------
        ChangeError
            If the key of the model is not written as one.
        """
        model, column = getattr(self, "model", None), getattr(self, "column", None)
        if model is not None:
            if self.table is not None or column is not None or self.key is not None or self.where is not None:
                raise ChangeError("column, key and where go with table, not with model")
            return parse_path(model)
        if self.table is None:
            raise ChangeError(TABLE_OR_MODEL)
        keys = None if self.key is None else [same_key(one) for key in _texts(self.key) for one in key.split(";")]
        where = tuple((name, _condition_texts(value)) for name, value in (self.where or {}).items())
        columns = () if column is None else tuple(one.strip() for name in _texts(column) for one in name.split(";"))
        if column is not None and not columns:
            raise ChangeError("column is an empty list")
        return Place(self.table, None if keys is None else tuple(keys), where, columns)


def _texts(value: Any) -> tuple[str, ...]:
    """Return a value, or the members of a list, as they stand in cells."""
    return tuple(written_cell(member) for member in (value if isinstance(value, tuple) else (value,)))


def _condition_texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, Range):
        return (f"{written_cell(value.from_)}..{written_cell(value.to)}",)
    return _texts(value)


def _fields(place: Place) -> dict[str, Any]:
    """Return a place as the fields of a record."""
    if place.path:
        return {"model": str(place)}
    named: dict[str, Any] = {"table": place.table}
    if place.keys is not None:
        named["key"] = _one_or_all(place.keys)
    if place.where:
        named["where"] = {name: _one_or_all(values) for name, values in place.where}
    if place.columns:
        named["column"] = _one_or_all(place.columns)
    return named


def _one_or_all(texts: tuple[str, ...]) -> Any:
    return texts[0] if len(texts) == 1 else texts


class Figures(Rows):
    """Some figures: a column of some rows, or a key of the model; ``place`` may stand for all of it."""

    table: str | None = None  # type: ignore[assignment]
    """A table of the case; or else ``model`` is given."""
    column: Value | None = None
    """Column or columns to change; ``X_low`` and ``X_high`` are the ends of the range beside ``X``."""
    model: ShortText | None = None
    """A key of the model, such as ``families.budget.backup_envelope_busd``; members of lists as ``rules[0]`` or
    ``rules[any one site]``."""


class Set(Figures):
    """Give figures a value."""

    op: Literal["set"]
    value: Tree | None = None
    """The new value; an empty text: not given; for a key of the model also a section."""
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
    if_any: Literal[True] | None = None
    """``true``: it is no error if nothing moves (drawn scenarios, and cases whose horizon starts later)."""


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


_Record = Annotated[
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


def _from_text(change: Any) -> Any:
    """Return the record of a change that is written as after ``--set``."""
    if not isinstance(change, str):
        return change
    text, value = split_change(change)
    given: Any = value
    if value and parse_place(text).path:
        given = toml_value(value)
    return {"op": "set", "place": text, "value": given}


Change = Annotated[_Record, BeforeValidator(_from_text)]
"""One change: a record, or a text as after ``--set``."""
Changes = Annotated[tuple[Change, ...], Field(max_length=MOST_CHANGES)]


def words_of(change: Any) -> str:
    """Return a change in a few words: what it does, and where.

    Examples
    --------
    >>> words_of(Scale(op="scale", table="offers", where={"provider": "oracle"}, column="max_blocks", factor=2.0))
    'scale offers[provider=oracle].max_blocks'
    """
    names = (getattr(change, name, None) for name in ("offer", "site", "table"))
    try:
        where = str(change.place) if isinstance(change, Rows) else next((name for name in names if name), "")
    except ChangeError:
        where = ""
    return f"{change.op} {shorten(where)}".strip()


class Named(Part):
    """What every named part of a file says of itself."""

    name: Key
    """Name of the what-if; it names its folder too."""
    title: ShortLine | None = None
    """Title, in one line."""
    source: ShortText | None = None
    """Source of the change; an assumption is stated as such."""
    grade: Grade | None = None
    """A primary source seen, B press seen, C recalled report, D modelling assumption."""


class WhatIfEntry(Named):
    """``[[whatif]]``: changes under a name."""

    base: Key | None = None
    """Another what-if of the file (or ``base``): its changes come first."""
    probability: Probability | None = None
    """Of a scenario file: how probable this future is. A sweep solves it like any other what-if."""
    changes: Changes = ()


class ListEntry(Named):
    """``[[list]]``: one what-if for each value, named ``NAME.VALUE``."""

    base: Key | None = None
    """Another what-if of the file: its changes come first."""
    vary: Literal["value", "factor", "months", "by", "blocks"]
    """The field that takes each value, in every change that leaves it out."""
    values: Annotated[tuple[Scalar, ...], Field(min_length=1, max_length=MOST_VARIED)]
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
    title: ShortLine | None = None
    """Title, in one line."""
    made: ShortLine | None = None
    """Of a scenario file: how its scenarios were made, in one line."""
    seed: Annotated[StrictInt, Field(ge=0, lt=2**63)] | None = None
    """Of a scenario file: the seed of its draw."""
    whatif: tuple[WhatIfEntry, ...] = ()
    list: tuple[ListEntry, ...] = ()
    grid: tuple[GridEntry, ...] = ()


class WhatIf(Part):
    """A what-if, expanded: a name and the changes, in their order. Plain data, equal when its content is."""

    name: str
    """What its runs are called."""
    title: str | None = None
    """Title, in one line."""
    source: str | None = None
    """Where its figures come from."""
    grade: Grade | None = None
    """Of the source, as in tables."""
    changes: tuple[Change, ...] = ()
    """What is changed, in order."""


AnyChanges = WhatIf | str | Mapping[str, Any] | Sequence[str | Mapping[str, Any]]
"""Changes as Python takes them everywhere: a what-if; or one change, or a sequence of them, each a text as after
``--set`` or a mapping as in a what-if file."""


def listed_changes(changes: AnyChanges) -> tuple[Any, ...]:
    """Return changes, in whatever form they are given, one by one.

    Examples
    --------
    >>> listed_changes("sites[north].max_it_mw=20")
    ('sites[north].max_it_mw=20',)
    """
    if isinstance(changes, WhatIf):
        return changes.changes
    return (changes,) if isinstance(changes, (str, Mapping, Part)) else tuple(changes)
