"""From the text of a model file (TOML) to the model, with every fault and the line it stands on."""

import json
import re
import tomllib
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import accumulate
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from planner.case.encoding import decode
from planner.case.messages import nearest, pydantic_message, shorten
from planner.case.model import Model
from planner.case.parse import CellError
from planner.case.percent import percent_hint
from planner.errors import Problem

Path = tuple[str | int, ...]
"""A place in the model file: keys, and indexes of list members."""

_TOO_DEEP = "the file is nested too deeply: too many { or [ within one another"


def path_text(path: Sequence[str | int]) -> str:
    """Return a place in the model as it is written in a change: ``families.redundancy.rules[0].k``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{shorten(part)}" if text else shorten(part)
    return text


@dataclass(slots=True)
class ModelRead:
    """A model file as read: the model (None when it has faults), its data as written, its lines, and the faults."""

    model: Model | None = None
    data: dict[str, Any] = field(default_factory=dict)
    lines: dict[Hashable, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    letter: str = ""
    """Of a model in a workbook: the letter of the column of values."""


def read_model(raw: bytes, file: str) -> ModelRead:
    """Read a model file; faults are collected, never raised."""
    try:
        text = decode(raw)
        data = tomllib.loads(text)
    except CellError as error:
        return ModelRead(problems=[Problem(file=file, message=str(error))])
    except RecursionError:
        return ModelRead(problems=[Problem(file=file, message=_TOO_DEEP)])
    except ValueError as error:  # includes TOMLDecodeError, and whole numbers too long for Python
        if "int_max_str_digits" in str(error):
            return ModelRead(problems=[Problem(file=file, message="a number in the file is too long")])
        found = re.search(r"\(at line ([0-9]+)", str(error))
        row = int(found.group(1)) if found else max(1, len(text.splitlines()))  # else "at end of document"
        message = f"this is not TOML: {shorten_message(str(error))}"
        return ModelRead(problems=[Problem(file=file, message=message, row=row)])
    model, faults = validate_model(data)
    lines = key_lines(text)
    problems = [
        Problem(file=file, message=message, row=_line_of(lines, path), column=path_text(path) or None, value=value)
        for path, message, value in faults
    ]
    return ModelRead(model, data, {path_text(path): line for path, line in lines.items()}, problems)


def shorten_message(message: str) -> str:
    """Return a message of a library, cut to a readable length."""
    return message if len(message) <= 200 else message[:197] + "..."


def validate_model(data: Mapping[str, Any]) -> tuple[Model | None, list[tuple[Path, str, str | None]]]:
    """Return the model that ``data`` describes, or the faults as (place, message, value)."""
    try:
        # Through JSON, in strict mode: lists become tuples, but "3" is no number and 1 is no truth value.
        text = json.dumps(data, default=_json_value)
        return Model.model_validate_json(text, strict=True), []
    except RecursionError:
        return None, [((), _TOO_DEEP, None)]
    except ValidationError as failure:
        return None, list(_faults(failure, data))
    except ValueError:  # a whole number too long to be written
        return None, [((), "a number in the file is too long", None)]


def _json_value(value: object) -> str:
    if isinstance(value, (date, datetime, time)):
        return value.isoformat()
    raise TypeError(f"TOML has no {type(value).__name__}")


def _faults(failure: ValidationError, data: Mapping[str, Any]) -> Iterator[tuple[Path, str, str | None]]:
    """Yield (place, message, value), alternatives of one place joined in one fault."""
    by_path: dict[Path, list[str]] = {}
    values: dict[Path, str | None] = {}
    alternatives: set[Path] = set()
    errors = failure.errors(include_url=False)
    for error in errors:
        kind = error["type"]
        if kind == "too_short" and any(_below(other["loc"], error["loc"]) for other in errors):
            continue  # members with faults are not counted as members: their own faults are reported
        path: Path
        value: str | None
        if kind == "recursion_loop" or kind == "json_invalid":
            path, message, value = (), _TOO_DEEP, None
        else:
            path, value = _place(error["loc"], data, whole=kind in ("missing", "extra_forbidden"))
            message = _unknown_key(path) if kind == "extra_forbidden" else pydantic_message(dict(error))
            if kind in ("float_type", "int_type") and "%" in str(error.get("input")) and path:
                message += percent_hint(next(str(part) for part in reversed(path) if isinstance(part, str)), "key")
        by_path.setdefault(path, []).append(message)
        values[path] = value
        if len(path) < len(error["loc"]):
            alternatives.add(path)
    for path, messages in by_path.items():
        if path in alternatives and any(len(other) > len(path) and other[: len(path)] == path for other in by_path):
            continue  # one alternative fits but for a fault inside it, which is reported
        yield path, " or ".join(dict.fromkeys(messages)), values[path]


def _below(place: Sequence[str | int], above: Sequence[str | int]) -> bool:
    """Whether a place lies within another one."""
    return len(place) > len(above) and tuple(place[: len(above)]) == tuple(above)


def _place(loc: Sequence[str | int], data: Any, *, whole: bool) -> tuple[Path, str | None]:
    """Return the part of a location that the file has, and the value there.

    Pydantic adds the names of alternatives to its locations: these are no part of the file.
    """
    path: list[str | int] = []
    for part in loc:
        if isinstance(data, Mapping) and part in data:
            data = data[str(part)]
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]
        elif whole and part == loc[-1]:
            return (*path, part), None
        else:
            continue
        path.append(part)
    shown = None if isinstance(data, (Mapping, list)) else shorten(data)
    return tuple(path), shown


def sections_of(annotation: Any) -> type[BaseModel] | None:
    """Return the section class inside a type such as ``tuple[Rule, ...]`` or ``Section | None``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in get_args(annotation):
        found = sections_of(argument)
        if found is not None:
            return found
    return None


def known_keys(path: Sequence[str | int]) -> list[str]:
    """Return the keys that may stand in the section at a place of the model; none when it is no section."""
    section: type[BaseModel] | None = Model
    for part in path:
        if isinstance(part, int):
            continue
        if section is None or part not in section.model_fields:
            return []
        section = sections_of(section.model_fields[part].annotation)
    return list(section.model_fields) if section is not None else []


def _unknown_key(path: Path) -> str:
    known = known_keys(path[:-1])
    return f"no such key{nearest(str(path[-1]), known)} (allowed here: {', '.join(known)})"


_HEADER = re.compile(r"^\s*(\[\[?)\s*([A-Za-z0-9_\-\".\s]+?)\s*\]\]?\s*(#.*)?$")
_TOKEN = re.compile(r""""(?:\\.|[^"\\\n])*"|'[^'\n]*'|#[^\n]*|\n|\S""")
_KEY = re.compile(r"^\s*([A-Za-z0-9_\-\"]+(?:\s*\.\s*[A-Za-z0-9_\-\"]+)*)\s*=")


def key_lines(text: str) -> dict[Path, int]:
    r"""Return the line of each key, section and member of a list of a TOML text, as far as a simple scan finds them.

    Only messages use it: where it finds nothing they name the key alone.

    Examples
    --------
    >>> key_lines('rules = [\n  { name = "a" },\n  { name = "b" },\n]')
    {('rules',): 1, ('rules', 0): 2, ('rules', 1): 3}
    """
    lines: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    section: Path = ()
    quote = ""
    shown = text.splitlines(keepends=True)
    written = list(zip(accumulate(map(len, shown), initial=0), shown, strict=False))
    for number, line in enumerate(shown, start=1):
        if quote:  # inside a text of several lines
            quote = "" if quote in line else quote
            continue
        header, key = _HEADER.match(line), _KEY.match(line)
        if header:
            section = _section(header.group(2), counts, repeated=header.group(1) == "[[")
            lines.setdefault(section, number)
        elif key:
            lines.setdefault((*section, *_parts(key.group(1))), number)
        for mark in ('"""', "'''"):
            if line.count(mark) % 2:
                quote = mark
    for place, number in list(lines.items()):
        lines |= {(*place, index): line for index, line in enumerate(_member_lines(text, written, number))}
    return lines


def _member_lines(text: str, written: Sequence[tuple[int, str]], line: int) -> Iterator[int]:
    """Yield the line on which each member of the list begins that is the value of the key of a line; else nothing."""
    offset, shown = written[line - 1]
    key = _KEY.match(shown)
    if key is None or not shown[key.end() :].lstrip().startswith("["):
        return
    depth, begun = 0, False
    for token in _TOKEN.finditer(text, offset + key.end()):
        sign = token[0]
        if sign == "\n":
            line += 1
        if sign == "\n" or sign.startswith("#"):
            continue
        if depth == 1 and not begun and sign not in ",]":
            begun = True
            yield line
        depth += (sign in ("[", "{")) - (sign in ("]", "}"))
        if depth == 0:
            return
        begun = begun and not (depth == 1 and sign == ",")


def _parts(dotted: str) -> Path:
    return tuple(part.strip().strip('"') for part in dotted.split("."))


def _section(dotted: str, counts: dict[Path, int], *, repeated: bool) -> Path:
    """Return the place of a section header; ``[[rules]]`` counts up, and ``[rules.x]`` belongs to the last one."""
    place: Path = ()
    parts = _parts(dotted)
    for index, part in enumerate(parts):
        place = (*place, part)
        if repeated and index == len(parts) - 1:
            counts[place] = counts.get(place, 0) + 1
        if place in counts:
            place = (*place, counts[place] - 1)
    return place


def _line_of(lines: Mapping[Path, int], path: Path) -> int | None:
    """Return the line of a place, or of the nearest section around it."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None
