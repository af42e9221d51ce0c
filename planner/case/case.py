"""A case as read: the model, its tables, the ranges of its figures, and where each row stands."""

import hashlib
import json
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any, Self, TypeVar, cast, overload

from pydantic import BaseModel

from planner.case.messages import nearest
from planner.case.model import Model
from planner.case.renamed import EARLIER
from planner.case.row import Row
from planner.case.rows import TABLES
from planner.errors import UnknownNameError
from planner.text import visible

R = TypeVar("R", bound=Row)

Ranges = Mapping[str, Mapping[Hashable, Mapping[str, tuple[float, float]]]]
"""Table -> key of a row -> column -> (low, high)."""

_TABLE_OF = {kind: name for name, kind in TABLES.items()}
_WITH_EARLIER = {table for table, _ in EARLIER}


def simple_key(row: Row) -> Hashable:
    """Return the key of a row: the value itself when one column makes it, else a tuple."""
    key = row.key
    return key[0] if len(key) == 1 else key


def key_text(key: Hashable) -> str:
    """Return a key as it is written in a change: its parts, comma separated."""
    parts = key if isinstance(key, tuple) else (key,)
    return ",".join(str(part) for part in parts)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CaseData:
    """The record of a case: everything one planning question needs.

    Two cases are equal when their content is, and their families of the user's own are the same. `planner.Case` is this
    record with what can be done with it.
    """

    model: Model
    """The model file: horizon, objective, constraint families, forced decisions."""
    tables: Mapping[str, tuple[Row, ...]]
    """The rows of every table of ``TABLES``; tables not given are empty."""
    present: frozenset[str]
    """The tables that were given (a given table may be empty: with an empty ``serving`` no site may serve)."""
    origin: str
    """Name or path of the case, for messages."""
    ranges: Ranges = field(default_factory=dict)
    """The ``X_low`` and ``X_high`` stated beside a figure ``X``."""
    files: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The file of each table, and of ``model``, for messages."""
    lines: Mapping[str, Mapping[Hashable, int]] = field(default_factory=dict, repr=False)
    """The line of each row in its file, for messages."""
    own: Mapping[str, Mapping[Hashable, Mapping[str, str]]] = field(default_factory=dict, repr=False)
    """The cells of the user's own columns (``x_...``) by table and row: written, but no part of the content."""
    families: tuple[Any, ...] = ()
    """Constraint families of the user's own (`planner.Family`): they come from Python, and are not hashed."""
    letters: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    """Of a case from a workbook: the letter of each column in the sheet of each table, for messages."""
    _cache: dict[str, Any] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        unknown = sorted(set(self.tables) - set(TABLES))
        if unknown:
            raise ValueError(f"no such tables: {', '.join(unknown)}")
        complete = {name: tuple(self.tables.get(name, ())) for name in TABLES}
        object.__setattr__(self, "tables", MappingProxyType(complete))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CaseData) and self.hash == other.hash and self.families == other.families

    def __hash__(self) -> int:
        return hash(self.hash)

    def __repr__(self) -> str:
        horizon = self.model.horizon
        size = f"{len(self.tables['sites'])} sites, {len(self.tables['offers'])} offers, {horizon.periods} periods"
        return f"{type(self).__name__}({visible(self.model.name)}, {size}, hash {self.hash[:8]})"

    def __reduce__(self) -> tuple[Any, ...]:
        # A read-only view cannot be pickled; what it shows can.
        values = (self.model, dict(self.tables), self.present, self.origin, self.ranges, self.files, self.lines)
        return type(self), (*values, self.own, self.families, self.letters)

    @property
    def hash(self) -> str:
        """SHA-256 (hex) of the content.

        The order of rows and columns, the names of files and the way numbers are written make no difference; a changed
        value does, in the model (its ``tables`` section apart; what is forced included), in a table or in a range.
        """
        if "hash" not in self._cache:
            self._cache["hash"] = hashlib.sha256(canonical_text(self).encode()).hexdigest()
        return cast(str, self._cache["hash"])

    def index(self, table: str) -> Mapping[Hashable, Row]:
        """Return the rows of a table by key: the value for one-column keys, else a tuple in the order of ``KEY``.

        Raises
        ------
        UnknownNameError
            If there is no such table (also a ``KeyError``).
        """
        table = self._name_of(table)
        name = f"index {table}"
        if name not in self._cache:
            self._cache[name] = MappingProxyType({simple_key(row): row for row in self.tables[table]})
        return cast(Mapping[Hashable, Row], self._cache[name])

    @overload
    def rows(self, table: str) -> tuple[Row, ...]: ...

    @overload
    def rows(self, table: type[R]) -> tuple[R, ...]: ...

    def rows(self, table: str | type[R]) -> tuple[Any, ...]:
        """Return the rows of a table, each a record with the columns as attributes.

        Parameters
        ----------
        table : str, or a class of row
            The name of the table, such as ``"sites"``; within the package also the class of its rows.

        Raises
        ------
        UnknownNameError
            If there is no such table (also a ``KeyError``).
        """
        return self.tables[self._name_of(table)]

    def by_key(self, kind: type[R]) -> Mapping[Hashable, R]:
        """Return `index` of the table whose rows are of a class, such as ``by_key(SiteRow)["abilene"]``."""
        return cast(Mapping[Hashable, R], self.index(_TABLE_OF[kind]))

    @staticmethod
    def _name_of(table: str | type[Row]) -> str:
        name = table if isinstance(table, str) else _TABLE_OF.get(table, str(table))
        if name not in TABLES:
            raise UnknownNameError(f"a case has no table {name!r}{nearest(name, TABLES)} (it has: {', '.join(TABLES)})")
        return name

    def with_families(self, *families: Any) -> Self:
        """Return the case with these constraint families of the user's own (`planner.Family`), and no others."""
        made = self.replace()
        object.__setattr__(made, "families", families)
        return made

    def replace(
        self,
        model: Model | None = None,
        tables: Mapping[str, tuple[Row, ...] | None] | None = None,
        ranges: Ranges | None = None,
    ) -> Self:
        """Return a case with another model, or with other rows in the tables named (``None`` takes a table out).

        Nothing is checked here: `planner.case.check.check_case` does that.
        """
        changed = dict(tables or {})
        present = (self.present | set(changed)) - {name for name, rows in changed.items() if rows is None}
        return type(self)(
            model=self.model if model is None else model,
            tables={**self.tables, **{name: rows or () for name, rows in changed.items()}},
            present=frozenset(present),
            origin=self.origin,
            ranges=self.ranges if ranges is None else ranges,
            files=self.files,
            lines=self.lines,
            own=self.own,
            families=self.families,
            letters=self.letters,
        )


def canonical_text(case: CaseData) -> str:
    """Return the content of a case as JSON in one fixed layout: what its hash is taken of."""
    model = case.model.model_dump(mode="python", exclude_none=True)
    del model["tables"]
    if not case.model.forced:
        del model["forced"]  # a case that forces nothing keeps the hash it had before there was such a section
    tables = {
        name: {key_text(simple_key(row)): _columns(name, _plain(row)) for row in case.tables[name]}
        for name in sorted(case.present)
    }
    ranges = {
        name: {
            key_text(key): _columns(name, {column: list(pair) for column, pair in by_column.items()})
            for key, by_column in by_key.items()
        }
        for name, by_key in case.ranges.items()
        if by_key
    }
    content = {"model": _plain(model), "tables": tables, "ranges": _plain(ranges)}
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _columns(table: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values by column, renamed columns by their earlier name: renaming a column changes no hash."""
    if table not in _WITH_EARLIER:
        return dict(values)
    return {EARLIER.get((table, column), column): value for column, value in values.items()}


def _plain(value: Any) -> Any:
    """Return a value in JSON's types, with numbers in one spelling and what is not given left out."""
    kind = type(value)
    if kind is str or kind is int or kind is bool:  # most of the values of a large case
        return value
    if isinstance(value, float):
        return value + 0.0  # minus zero is zero
    if isinstance(value, BaseModel):
        return _plain(value.model_dump(mode="python", exclude_none=True))
    if isinstance(value, (dict, Mapping)):  # that of dict alone is looked at in no time
        return {str(key): _plain(member) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(member) for member in value]
    if isinstance(value, date):
        return value.isoformat()
    return value
