"""The grammar of places and changes: one parser for ``--set``, what-if files, break-even, tornado and Python.

::

    change     = place "=" value
    place      = rows "." columns | table "." columns | rows | "model" step { step }
    rows       = table "[" keys "]" | table "[" conditions "]" | table "[" keys "]" "[" conditions "]"
    keys       = key { ";" key }                     key       = part { "," part }
    conditions = condition { "," condition }         condition = column { "." column } "=" values
    values     = value { ";" value } | [ from ] ".." [ to ]
    columns    = column { ";" column }               column: also X_low and X_high, the ends of the range of X
    step       = "." name | "[" member "]"           member: an index from 0, or a name

Spaces around a change, a key, a condition or a member do not matter. ``*`` and ``?`` in keys and values stand for any
signs and for one. docs/what-ifs.md has the same with examples.
"""

import re
from dataclasses import dataclass

from planner.changes.refusals import CHANGE_FORM, NO_VALUE_HERE, PLACE_FORM, ChangeError

_CHANGE = re.compile(r"(?P<place>(?:[^\[\]=]|\[[^\]]*\])*)=(?P<value>.*)", re.DOTALL)
_ROWS = re.compile(r"(?P<table>[^\[\]=.;,\s]+)(?P<rows>(?:\[[^\]]*\]){0,2})(?:\.(?P<columns>[^\[\]=.]+))?")
_BRACKETS = re.compile(r"\[([^\]]*)\]")
_STEP = re.compile(r"\.(?P<name>[^\[\].\s]+)|\[(?P<member>[^\]]*)\]")
_PATH = re.compile(r"[^\s=,;]+")
MODEL = "model"

Condition = tuple[str, tuple[str, ...]]
"""A column (or a path of columns) and the values it may have, as texts; ``from..to`` is a range."""


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a list of the model: its index from 0, or its name."""

    text: str

    def __str__(self) -> str:
        return f"[{self.text}]"


Step = str | Member


@dataclass(frozen=True, slots=True)
class Place:
    """Figures of a case by name: columns of some rows of a table, whole rows, or a key of the model.

    Attributes
    ----------
    table : str
        Empty for a key of the model.
    keys : tuple of str or None
        Keys of the rows, the parts of each separated by commas; None: every row.
    where : tuple of Condition
        What must hold of the rows besides.
    columns : tuple of str
        Columns, or ends of ranges; empty: whole rows.
    path : tuple of Step
        Steps into the model; empty for a table.

    Examples
    --------
    >>> place = parse_place("demand[europe, inference, 2030].compute")
    >>> place.table, place.keys, place.columns
    ('demand', ('europe,inference,2030',), ('compute',))
    >>> str(place)
    'demand[europe,inference,2030].compute'
    >>> parse_place("offers[site.power_region=ercot_*,tenure=cloud].max_blocks").where
    (('site.power_region', ('ercot_*',)), ('tenure', ('cloud',)))
    """

    table: str = ""
    keys: tuple[str, ...] | None = None
    where: tuple[Condition, ...] = ()
    columns: tuple[str, ...] = ()
    path: tuple[Step, ...] = ()

    def __str__(self) -> str:
        if self.path:
            return MODEL + "".join(f".{step}" if isinstance(step, str) else str(step) for step in self.path)
        keys = "" if self.keys is None else f"[{';'.join(self.keys)}]"
        conditions = ",".join(f"{name}={';'.join(values)}" for name, values in self.where)
        where = f"[{conditions}]" if self.where else ""
        rows = keys + where or ("" if self.columns else "[*]")
        return self.table + rows + (f".{';'.join(self.columns)}" if self.columns else "")


def parse_place(text: str) -> Place:
    """Return the place that a text names.

    Raises
    ------
    ChangeError
        If it names none.
    """
    text = text.strip()
    if text == MODEL or text.startswith((f"{MODEL}.", f"{MODEL}[")):
        return parse_path(text)
    found = _ROWS.fullmatch(text)
    if found is None or not (found["rows"] or found["columns"]):
        raise ChangeError(NO_VALUE_HERE if _CHANGE.fullmatch(text) else PLACE_FORM)
    keys, where = _rows(_BRACKETS.findall(found["rows"]))
    columns = tuple(name.strip() for name in found["columns"].split(";")) if found["columns"] else ()
    if any(len(name.split()) != 1 for name in columns):
        raise ChangeError(PLACE_FORM)
    return Place(found["table"], keys, where, columns)


def parse_path(text: str) -> Place:
    """Return the key of the model that a path names, with or without ``model`` before it.

    Raises
    ------
    ChangeError
        If it names none.

    Examples
    --------
    >>> str(parse_path("families.redundancy.rules[ any one site ].k"))
    'model.families.redundancy.rules[any one site].k'
    """
    text = text.strip()
    inside = text.removeprefix(MODEL) if text.startswith((f"{MODEL}.", f"{MODEL}[")) else f".{text}"
    steps: list[Step] = []
    position = 0
    while position < len(inside):
        found = _STEP.match(inside, position)
        if found is None or (found["name"] is not None and "=" in found["name"]):
            raise ChangeError(NO_VALUE_HERE if _CHANGE.fullmatch(text) else PLACE_FORM)
        steps.append(found["name"] if found["name"] is not None else Member(found["member"].strip()))
        position = found.end()
    if not steps or isinstance(steps[0], Member) or text == MODEL:
        raise ChangeError(PLACE_FORM)
    return Place(path=tuple(steps))


def split_change(text: str) -> tuple[str, str]:
    """Return the place and the value of a change, both as texts; an ``=`` in brackets belongs to the place.

    Raises
    ------
    ChangeError
        If the text has no value.

    Examples
    --------
    >>> split_change(" offers[provider=oracle].max_blocks = 12 ")
    ('offers[provider=oracle].max_blocks', '12')
    """
    found = _CHANGE.fullmatch(text.strip())
    place, equals, value = text.partition("=") if found is None else (found["place"], "=", found["value"])
    if not equals or not place.strip():
        raise ChangeError(CHANGE_FORM)
    return place.strip(), value.strip()


def same_key(key: str) -> str:
    """Return a key in its one spelling: its parts separated by commas, without spaces around them."""
    return ",".join(part.strip() for part in key.split(","))


def _rows(brackets: list[str]) -> tuple[tuple[str, ...] | None, tuple[Condition, ...]]:
    """Return the keys and the conditions that stand in brackets after a table."""
    keys: tuple[str, ...] | None = None
    where: tuple[Condition, ...] = ()
    for text in brackets:
        if "=" in text:
            if where:
                raise ChangeError(PLACE_FORM)
            where = _conditions(text)
        elif keys is not None or where:
            raise ChangeError(PLACE_FORM)
        else:
            keys = tuple(same_key(key) for key in text.split(";"))
    return keys, where


def _conditions(text: str) -> tuple[Condition, ...]:
    """Return the conditions of a text; a comma that begins no condition belongs to the value before it."""
    found: dict[str, str] = {}
    last = ""
    for piece in text.split(","):
        path, equals, values = piece.partition("=")
        if equals and _PATH.fullmatch(path.strip()):
            last = path.strip()
            if last in found:
                raise ChangeError(f"{last} stands twice in the brackets; separate its values by ;")
            found[last] = values
        elif last:
            found[last] += f",{piece}"
        else:
            raise ChangeError(PLACE_FORM)
    return tuple((path, tuple(value.strip() for value in values.split(";"))) for path, values in found.items())
