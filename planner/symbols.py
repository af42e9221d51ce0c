"""Symbols of a program: the records by which its variables and constraints are known, and so its columns and rows.

A record says what a variable is called, what its index means and in which unit it is. Whoever needs a column asks for
it by the record and a key (``values[BLOCKS][key]``); no name is parsed. Plain data, quick to import: records
travel to the solver's process and to workers.

Examples
--------
>>> WATER = Variable[tuple[str, int]]("water_ml", index=("site", "period"), unit="Ml", meaning="water drawn")
>>> print(Column(WATER, ("iowa", 2)))
water ml of iowa, 2
>>> Values.at([Column(WATER, ("iowa", 2))], [7.0])[WATER]
{('iowa', 2): 7.0}
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar, cast

Key = TypeVar("Key")

COMPUTE, MONEY = "compute", "$B"
"""Units that a case may be solved in another multiple of (`planner.units`)."""
PERIOD, RULE, NUMBER = "period", "rule", "number"
"""Parts of an index that say when, under which rule of the family (its position among them), and which of several."""


@dataclass(frozen=True)  # no slots: Python cannot set them for a generic alias
class Variable(Generic[Key]):
    """A variable of the program: one column for each of its keys.

    Attributes
    ----------
    name : str
        In words joined by ``_``; two records of one name are the same variable.
    index : tuple of str
        What the parts of a key are. A key of one part is that part itself, of none is None.
    unit : str
        Of a value: ``blocks``, ``IT GW``, ``facility GW``, `COMPUTE`, `MONEY`, ``Mt`` or empty for yes or no.
    meaning : str
    family : str
        Constraint family that declares it.
    implied_integer : bool
        Whether it is declared continuous, and takes integer values wherever the integer variables do.
    component : str
        What it is called in the Pyomo model, and in files made of it.
    """

    name: str
    index: tuple[str, ...] = field(default=(), compare=False)
    unit: str = field(default="", compare=False)
    meaning: str = field(default="", compare=False)
    family: str = field(default="", compare=False)
    implied_integer: bool = field(default=False, compare=False)
    component: str = field(default="", init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "component", f"v_{self.name}")

    @classmethod
    def called(cls, component: str) -> "Variable[Any]":
        """The variable that is called so in the Pyomo model, known by its name alone."""
        return cls(component.removeprefix("v_"))

    def of(self, model: Any) -> Any:
        """The Pyomo variable of a model."""
        return getattr(model, self.component)


@dataclass(frozen=True)  # no slots: Python cannot set them for a generic alias
class Constraint(Generic[Key]):
    """A constraint of the program: one row for each of its keys.

    Attributes
    ----------
    name : str
        In words joined by ``_``, the family's first; two records of one name are the same constraint.
    index : tuple of str
        What the parts of a key are; `PERIOD`, `RULE` and `NUMBER` have a meaning of their own, all others are places.
    dual : str
        What the dual of a row is: $B of present value for one more unit of its right-hand side, integers fixed.
    family : str
        Constraint family that declares it.
    unit : str
        Of its two sides; empty: that of a column that it counts one for one.
    held_back : bool
        Whether a solve may leave its rows out until a point breaks one.
    slack : Variable or None
        Of rows that are held back: what a row leaves, by the same key; the rows' keys are then those of successive
        periods.
    component : str
        What it is called in the Pyomo model, and in files made of it.
    """

    name: str
    index: tuple[str, ...] = field(default=(), compare=False)
    dual: str = field(default="", compare=False)
    family: str = field(default="", compare=False)
    unit: str = field(default="", compare=False)
    held_back: bool = field(default=False, compare=False)
    slack: Variable[Any] | None = field(default=None, compare=False)
    component: str = field(default="", init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "component", f"c_{self.name}")

    def of(self, model: Any) -> Any:
        """The Pyomo constraint of a model."""
        return getattr(model, self.component)


class Column(NamedTuple):
    """A column of a compiled program: its variable and its key."""

    variable: Variable[Any]
    key: object = None

    def __str__(self) -> str:
        return _words(self.variable.name, self.key)


class Row(NamedTuple):
    """A row of a compiled program: its constraint and its key."""

    constraint: Constraint[Any]
    key: object = None

    @property
    def family(self) -> str:
        """The constraint family."""
        return self.constraint.family

    @property
    def period(self) -> int | None:
        """The position of the period; None where the row is of the whole horizon."""
        return cast("int | None", self.part(PERIOD))

    @property
    def rule(self) -> int | None:
        """The position of the rule among those of the family; None where the family has none."""
        return cast("int | None", self.part(RULE))

    @property
    def place(self) -> tuple[object, ...]:
        """The keys of what the row limits: a site, an offer and a role, a market and a workload."""
        own = (PERIOD, RULE, NUMBER)
        named = zip(self.constraint.index, parts(self.key), strict=False)
        return tuple(value for name, value in named if name not in own)

    def part(self, name: str) -> object:
        """A part of the key by the name it has in the index; None where there is none."""
        index = self.constraint.index
        return parts(self.key)[index.index(name)] if name in index else None

    def __str__(self) -> str:
        return _words(self.constraint.name, self.key)


def parts(key: object) -> tuple[object, ...]:
    """The parts of a key.

    Examples
    --------
    >>> parts(("iowa", 2)), parts(2), parts(None)
    (('iowa', 2), (2,), ())
    """
    return key if isinstance(key, tuple) else () if key is None else (key,)


def _words(name: str, key: object) -> str:
    words = name.replace("_", " ")
    return f"{words} of {', '.join(map(str, parts(key)))}" if parts(key) else words


Entry = TypeVar("Entry", Column, Row)


def rows_of(constraint: Constraint[Key], rows: Iterable[Row]) -> Iterator[tuple[int, Key]]:
    """The place and the key of each row of a constraint."""
    for place, row in enumerate(rows):
        if row.constraint == constraint:
            yield place, cast("Key", row.key)


def entries_of(kind: type[Entry], pairs: Iterable[tuple[Any, object]]) -> tuple[Entry, ...]:
    """Columns or rows of pairs of record and key; quicker than calling the class for each of very many."""
    return tuple(map(partial(tuple.__new__, kind), pairs))


Packed = tuple[tuple[Any, ...], list[int], list[object]]
"""Columns or rows for another process: their records once each, the position of each one's record, and the keys."""


def packed(entries: Sequence[Column] | Sequence[Row]) -> Packed:
    """Columns or rows as plain lists, which are quicker to send; `Column` or `Row` of each is what `unpacked` makes."""
    records: dict[str, int] = {}
    found: list[Any] = []
    which, keys = [], []
    for record, key in entries:
        place = records.setdefault(record.name, len(found))
        if place == len(found):
            found.append(record)
        which.append(place)
        keys.append(key)
    return tuple(found), which, keys


def unpacked(kind: type[Entry], entries: Packed) -> tuple[Entry, ...]:
    """The columns or rows that were packed.

    Examples
    --------
    >>> rows = (Row(Constraint("limit"), ("iowa", 2)), Row(Constraint("limit"), ("ohio", 2)))
    >>> unpacked(Row, packed(rows)) == rows
    True
    """
    records, which, keys = entries
    return entries_of(kind, zip(map(records.__getitem__, which), keys, strict=True))


class ColumnIndex:
    """Where the column of each variable and key stands.

    Examples
    --------
    >>> OPEN = Variable[str]("open", index=("site",))
    >>> ColumnIndex([Column(OPEN, "iowa"), Column(OPEN, "ohio")])[OPEN]["ohio"]
    1
    """

    __slots__ = ("_positions",)

    def __init__(self, columns: Iterable[Column]) -> None:
        self._positions: dict[str, dict[Any, int]] = {}
        for j, (variable, key) in enumerate(columns):
            self._positions.setdefault(variable.name, {})[key] = j

    def __getitem__(self, variable: Variable[Key]) -> Mapping[Key, int]:
        """The position of each key of a variable; empty where the program has none."""
        return self._positions.get(variable.name, {})


class Values:
    """Value of each variable of a program, by its key.

    Also what a solve may start from: there, variables and keys that are not named are zero.

    Parameters
    ----------
    values : mapping of Variable to a mapping of key to float
    """

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[Variable[Any], Mapping[Any, float]] | None = None) -> None:
        self._values: dict[str, dict[Any, float]] = {
            variable.name: dict(of_variable) for variable, of_variable in (values or {}).items()
        }

    @classmethod
    def at(cls, columns: Sequence[Column], x: Iterable[float]) -> "Values":
        """The values of the columns of a program at a point; what the point has beyond them is left out."""
        found = cls()
        by_name: dict[str, dict[Any, float]] = {}
        for (variable, key), value in zip(columns, x, strict=False):
            of_variable = by_name.get(variable.name)
            if of_variable is None:
                of_variable = by_name[variable.name] = {}
            of_variable[key] = float(value)
        found._values = by_name
        return found

    def __getitem__(self, variable: Variable[Key]) -> Mapping[Key, float]:
        """The values of a variable by key; empty where the program has none."""
        return self._values.get(variable.name, {})

    def replaced(self, new: Mapping[Variable[Any], Mapping[Any, float]]) -> "Values":
        """The same values, but for some variables."""
        changed = Values(new)
        changed._values = {**self._values, **changed._values}
        return changed

    def point(self, columns: Iterable[Column]) -> list[float]:
        """The value of each column, in their order: matched by variable and key, zero where there is none."""
        nothing: dict[Any, float] = {}
        return [self._values.get(variable.name, nothing).get(key, 0.0) for variable, key in columns]

    def __iter__(self) -> Iterator[tuple[str, Mapping[Any, float]]]:
        return iter(self._values.items())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Values) and self._values == other._values

    def __repr__(self) -> str:
        return f"Values({', '.join(f'{name}: {len(found)}' for name, found in self._values.items())})"
