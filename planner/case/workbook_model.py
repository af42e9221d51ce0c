"""The model as rows of a sheet: a key path, its value, its unit, what it means; and back, each value by its key.

The path of a key is that of messages and of ``--set``: ``families.redundancy.rules[0].k``. Members of a list are
counted from 0; a list of plain values may also stand in one cell, its members separated by ``;``. A row without a value
is a key that is not given. A section that may be absent has a row of its own, ``yes`` or ``no``.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from inspect import getdoc
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from planner.case.model import Model
from planner.case.parse import CellError, parse_float
from planner.case.percent import is_share, unit_of
from planner.case.sheets import Value

PathKey = tuple[str | int, ...]
YES, NO = "yes", "no"
NO_KEYS, NO_MEMBERS = "{}", "[]"
"""What stands for a section without keys, and for an empty list."""
NUMBER = "number:"
"""Begins a text that is a number of more digits than a cell of a workbook holds."""
MOST_DEPTH, LARGEST_INDEX = 20, 9_999

_PART = re.compile(r'\s*(?:(?P<bare>[A-Za-z0-9_-]+)|"(?P<quoted>[^"\]]+)")\s*')
_INDEX = re.compile(r"\[\s*([0-9]{1,4})\s*\]")
_PLAIN_PART = re.compile(r"[A-Za-z0-9_-]+")
_OWN = ("families", "own")


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A row of the model sheet."""

    path: PathKey
    value: Any
    unit: str
    meaning: str
    choices: tuple[str, ...] = ()
    section: bool = False
    """Whether it says whether a section is there."""


def key_path_text(path: Sequence[str | int]) -> str:
    """Return a path as it stands in the sheet: parts that hold a point in double quotes.

    Examples
    --------
    >>> key_path_text(("families", "own", "a.b", "rules", 0))
    'families.own."a.b".rules[0]'
    """
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            written = part if _PLAIN_PART.fullmatch(part) else f'"{part}"'
            text += f".{written}" if text else written
    return text


def parse_key_path(text: str) -> PathKey:
    """Return the path that a text names.

    Raises
    ------
    CellError
        If it is none.
    """
    path: list[str | int] = []
    position = 0
    while True:
        found = _PART.match(text, position)
        if found is None or len(path) >= MOST_DEPTH:
            raise CellError("must be the path of a key, such as families.redundancy.rules[0].k")
        path.append(found["bare"] or found["quoted"])
        position = found.end()
        while (index := _INDEX.match(text, position)) is not None:
            path.append(int(index[1]))
            position = index.end()
        if position == len(text):
            return tuple(path)
        if text[position] != ".":
            raise CellError("must be the path of a key, such as families.redundancy.rules[0].k")
        position += 1


def alternatives(annotation: Any) -> list[Any]:
    """Return the types that a value may have, without their limits."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return alternatives(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return [one for member in get_args(annotation) for one in alternatives(member)]
    return [annotation]


def types_at(path: Sequence[str | int]) -> list[Any]:
    """Return the types that the value at a place of the model may have; none where there can be no such key."""
    types: list[Any] = [Model]
    for part in path:
        types = [below for one in types for below in _below(one, part)]
    return types


def _below(one: Any, part: str | int) -> list[Any]:
    if isinstance(one, type) and issubclass(one, BaseModel):
        field = one.model_fields.get(part) if isinstance(part, str) else None
        return [] if field is None else alternatives(field.annotation)
    if get_origin(one) is tuple and isinstance(part, int):
        return alternatives(get_args(one)[0])
    if get_origin(one) is dict and isinstance(part, str):
        return alternatives(get_args(one)[1])
    return []


def _is_section(one: Any) -> bool:
    return isinstance(one, type) and issubclass(one, BaseModel)


def _choices(types: Sequence[Any]) -> tuple[str, ...]:
    words = [word for one in types if get_origin(one) is Literal for word in get_args(one)]
    if words and all(isinstance(word, str) for word in words):
        return tuple(words)
    return (YES, NO) if set(types) - {NoneType} == {bool} else ()


# From a cell to a value.


def value_at(path: PathKey, cell: Value) -> Any:
    """Return what a cell of the sheet means for the key at a path, in the types of a model file.

    Raises
    ------
    CellError
        If no key can hold it.
    """
    types = types_at(path)
    texts = any(one is str or (get_origin(one) is Literal and isinstance(get_args(one)[0], str)) for one in types)
    numbers = any(one in (int, float) for one in types)
    if isinstance(cell, bool):
        return cell
    if isinstance(cell, (int, float)):
        return _number(cell, texts=texts and not numbers)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell == datetime(cell.year, cell.month, cell.day) else str(cell)
    if isinstance(cell, date):
        return cell.isoformat()
    return _text(str(cell).strip(), types, texts=texts, numbers=numbers)


def _number(cell: float, *, texts: bool) -> Any:
    if not texts:
        return int(cell) if float(cell).is_integer() and abs(cell) < 1e15 else float(cell)
    if abs(cell) >= 1e15:
        raise CellError("is a number of which a workbook keeps 15 digits only; write it as text")
    return str(int(cell)) if float(cell).is_integer() else repr(float(cell))


def _text(text: str, types: Sequence[Any], *, texts: bool, numbers: bool) -> Any:
    own = texts and numbers
    if text.startswith('"') and texts:
        try:
            return json.loads(text)
        except ValueError:
            raise CellError('a text that begins with " must end with it') from None
    if text == NO_KEYS and (own or any(get_origin(one) is dict for one in types)):
        return {}
    lists = [one for one in types if get_origin(one) is tuple]
    if text == NO_MEMBERS and lists:
        return []
    if own and text.startswith(NUMBER):
        return parse_float(text.removeprefix(NUMBER).strip())
    if lists and not texts and (";" in text or not numbers):
        members = types_of_members(lists)
        return [_member(word.strip(), members) for word in text.removesuffix(";").split(";")]
    return text if texts else _word(text, types, numbers=numbers)


def types_of_members(lists: Sequence[Any]) -> list[Any]:
    """Return the types that the members of some lists may have."""
    return [one for found in lists for one in alternatives(get_args(found)[0])]


def _member(word: str, types: Sequence[Any]) -> Any:
    return word if str in types else _word(word, types, numbers=any(one in (int, float) for one in types))


def _word(text: str, types: Sequence[Any], *, numbers: bool) -> Any:
    """Return the number or truth value that a text spells, else the text, which the model then refuses."""
    if bool in types and text.lower() in (YES, NO, "true", "false"):
        return text.lower() in (YES, "true")
    if numbers:
        try:
            number = parse_float(text)
        except CellError:
            return text
        return int(number) if number.is_integer() and abs(number) < 1e15 else number
    return text


# From the model to rows.


def key_rows(model: Model) -> list[KeyRow]:
    """Return a row for every key of a model, those that are not given without a value."""
    return list(_section_rows(Model, (), model))


def _section_rows(kind: type[BaseModel], path: PathKey, section: BaseModel | None) -> Iterator[KeyRow]:
    for name, field in kind.model_fields.items():
        if not path and name == "tables":  # these are the sheets
            continue
        value = None if section is None else getattr(section, name)
        types = alternatives(field.annotation)
        yield from _field_rows((*path, name), value, types, _meaning(field.description))


def _field_rows(path: PathKey, value: Any, types: Sequence[Any], meaning: str) -> Iterator[KeyRow]:
    sections = [one for one in types if _is_section(one)]
    lists = [one for one in types if get_origin(one) is tuple and any(map(_is_section, types_of_members([one])))]
    if path == _OWN:
        yield from _own_rows(path, value, meaning)
    elif sections:
        if NoneType in types:
            there = NO if value is None else YES
            yield KeyRow(path, there, "", meaning or _meaning(getdoc(sections[0])), (YES, NO), section=True)
        yield from _section_rows(sections[0], path, value)
    elif lists:
        (member,) = types_of_members(lists)
        for index, one in enumerate(value or (None,)):
            yield from _section_rows(member, (*path, index), one)
    elif keys := _keys_below(value, types):
        for key in keys:
            one = None if value is None else value.get(key)
            yield KeyRow((*path, key), _cell(one), _unit(path, types), meaning)
    else:
        yield KeyRow(path, _cell(value), _unit(path, types), meaning, _choices(types))


def _keys_below(value: Any, types: Sequence[Any]) -> list[str]:
    """Return the keys of a value that holds one for each of some words: those given, and those that could be."""
    dicts = [one for one in types if get_origin(one) is dict]
    others = [one for one in types if one is not NoneType and one not in dicts]
    if not dicts or value == {} or (not isinstance(value, Mapping) and (value is not None or others)):
        return []
    (words,) = alternatives(get_args(dicts[0])[0])
    known = get_args(words) if get_origin(words) is Literal else ()
    return list(dict.fromkeys([*(value or ()), *known]))


def _own_rows(path: PathKey, value: Any, meaning: str) -> Iterator[KeyRow]:
    """Yield the rows of what a user's own families are given, whose keys no schema knows."""
    if isinstance(value, Mapping) and value:
        for key, one in value.items():
            yield from _own_rows((*path, str(key)), one, meaning)
    elif isinstance(value, tuple) and value:
        for index, one in enumerate(value):
            yield from _own_rows((*path, index), one, meaning)
    else:
        yield KeyRow(path, _own_cell(value), "", meaning)


def _own_cell(value: Any) -> Any:
    if isinstance(value, str) and (value.startswith((NUMBER, NO_KEYS, NO_MEMBERS))):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, float) and not held_exactly(value):
        return f"{NUMBER}{value!r}"
    return _cell(value)


def _cell(value: Any) -> Any:
    """Return what stands in the cell of a value."""
    if isinstance(value, Mapping):
        return NO_KEYS
    if isinstance(value, tuple):
        return ";".join(str(one) for one in value) if len(value) > 1 else _single(value)
    if isinstance(value, str) and (not value or value != value.strip() or value.startswith('"')):
        return json.dumps(value, ensure_ascii=False)
    return value


def _single(value: tuple[Any, ...]) -> str:
    return f"{value[0]};" if value else NO_MEMBERS


def held_exactly(number: float) -> bool:
    """Whether a cell of a workbook, which has 16 digits, holds a number as it is."""
    return float(f"{number:.16G}") == number


def _meaning(text: str | None) -> str:
    return " ".join((text or "").replace("``", "").split())


def _unit(path: PathKey, types: Sequence[Any]) -> str:
    """Return the unit of a key, or what kind of value it has."""
    name = next(str(part) for part in reversed(path) if isinstance(part, str))
    kinds = {"int": "number", "float": "number", "date": "date", "bool": "yes or no"}
    plain = [
        inner for one in types for inner in ([one] if get_origin(one) is not dict else alternatives(get_args(one)[1]))
    ]
    found = next((kinds[one.__name__] for one in plain if isinstance(one, type) and one.__name__ in kinds), "text")
    if _choices(types) and found == "text":
        return "one of the list"
    if found != "number":
        return "number" if any(get_origin(one) is Literal for one in plain) and not _choices(types) else found
    return "share" if is_share(name) else unit_of(name) or found
