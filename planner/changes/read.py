"""Read a what-if file: a shipped name or a path. Every fault is found before any is reported."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from planner.case.encoding import decode
from planner.case.messages import nearest, pydantic_message, shorten, unknown
from planner.case.modelfile import key_lines, path_text, shorten_message
from planner.case.parse import CellError
from planner.changes.lines import KeyPath, Lines, line_of
from planner.changes.schema import OPS, AxisMember, GridEntry, ListEntry, Range, Rows, WhatIfEntry, WhatIfFile
from planner.errors import CaseError, PlannerError, Problem
from planner.system.resources import shipped_whatif, shipped_whatifs

LARGEST_FILE_BYTES = 10_000_000
SECTIONS: dict[str, type[BaseModel]] = {"whatif": WhatIfEntry, "list": ListEntry, "grid": GridEntry}

TOO_DEEP = "the file is nested too deeply: too many { or [ within one another"


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A what-if file as read: how messages call it, what it says, and on which line each part stands."""

    label: str
    file: WhatIfFile
    lines: Lines


def read_whatifs(file: str | Path) -> ReadFile:
    """Read a what-if file.

    Parameters
    ----------
    file : str or Path
        The name of a shipped what-if file, or the path of one (``.toml``). A name that is both means the shipped file;
        write ``./NAME`` for the other.

    Raises
    ------
    CaseError
        With every fault of the file.
    """
    label, raw = _locate(file)
    try:
        text = decode(raw)
        data = tomllib.loads(text)
    except CellError as error:
        raise CaseError(label, [Problem(label, f"this is not TOML: {error}")]) from None
    except RecursionError:
        raise CaseError(label, [Problem(label, TOO_DEEP)]) from None
    except ValueError as error:  # TOML faults, and whole numbers too long for Python
        if "int_max_str_digits" in str(error):
            raise CaseError(label, [Problem(label, "a number in the file is too long")]) from None
        found = re.search(r"\(at line ([0-9]+)", str(error))
        message = f"this is not TOML: {shorten_message(str(error))}"
        raise CaseError(label, [Problem(label, message, row=int(found[1]) if found else None)]) from None
    return ReadFile(label, parse_whatifs(data, label, text), key_lines(text))


def parse_whatifs(data: Mapping[str, Any], label: str = "what-ifs", text: str = "") -> WhatIfFile:
    """Return the what-if file that ``data`` (as TOML reads it) describes.

    Raises
    ------
    CaseError
        With every fault.
    """
    try:
        return WhatIfFile.model_validate(data)
    except RecursionError:
        raise CaseError(label, [Problem(label, TOO_DEEP)]) from None
    except ValidationError as failure:
        problems = faults(failure, data, label, key_lines(text))
    raise CaseError(label, problems)


def faults(
    failure: ValidationError,
    data: Any,
    label: str,
    lines: Lines | None = None,
    above: KeyPath = (),
) -> list[Problem]:
    """Return the faults that pydantic found, each with its place in the file and what would be right.

    ``above`` is where the data themselves stand.
    """
    found: dict[tuple[str, str], Problem] = {}
    for error in failure.errors(include_url=False):
        place, value = _place(error["loc"], data)
        kind = error["type"]
        if kind == "extra_forbidden":
            message = _unknown_key(place, data)
        elif kind == "unknown_op":
            op = error["input"].get("op") if isinstance(error["input"], Mapping) else None
            message = f"{error['msg']}{nearest(op, OPS) if isinstance(op, str) else ''}"
        elif kind == "value_error":
            message = str(error["ctx"]["error"])
        else:
            message = pydantic_message(dict(error))
        shown = named_place(place, data) if not above else path_text((*above, *place))
        line = line_of(lines, place) if lines else None
        found.setdefault((shown, message), Problem(label, message, line, shown or None, value))
    return list(found.values())


def named_place(place: KeyPath, data: Any) -> str:
    """Return a place with entries by their name: ``whatif[slip].changes[0].factor``."""
    named: list[str | int] = list(place)
    if len(place) >= 2 and place[0] in SECTIONS and isinstance(place[1], int):
        entry = _inside(data, place[:2])
        name = entry.get("name") if isinstance(entry, Mapping) else None
        if isinstance(name, str):
            return f"{place[0]}[{shorten(name)}]" + (f".{path_text(place[2:])}" if len(place) > 2 else "")
    return path_text(named)


def _inside(data: Any, place: Sequence[str | int]) -> Any:
    for part in place:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _place(loc: Sequence[str | int], data: Any) -> tuple[KeyPath, str | None]:
    """Return the part of a location that the file has, without the names of alternatives, and the value there."""
    path: list[str | int] = []
    for number, part in enumerate(loc):
        last = number == len(loc) - 1
        if isinstance(data, Mapping) and part in data:
            data = data[str(part)]
        elif isinstance(data, (list, tuple)) and isinstance(part, int) and part < len(data):
            data = data[part]
        elif last and isinstance(part, str) and isinstance(data, Mapping) and part.isidentifier() and part not in OPS:
            return (*path, part), None
        else:
            continue
        path.append(part)
    shown = None if isinstance(data, (Mapping, list, tuple)) else shorten(data)
    return tuple(path), shown


def _unknown_key(place: KeyPath, data: Any) -> str:
    """Say that a key is not known where it stands, and which are."""
    parent = _inside(data, place[:-1])
    kind: type[BaseModel] = WhatIfFile
    if len(place) == 3 and place[0] in SECTIONS:
        kind = SECTIONS[str(place[0])]
    elif isinstance(parent, Mapping) and parent.get("op") in OPS:
        kind = OPS[parent["op"]]
    elif "where" in place:
        kind = Range
    elif "axes" in place:
        kind = AxisMember
    known = [field.alias or name for name, field in kind.model_fields.items()]
    if issubclass(kind, Rows):
        known.append("place")
    return f"no such key{nearest(str(place[-1]), known)} (allowed here: {', '.join(known)})"


def _locate(file: str | Path) -> tuple[str, bytes]:
    """Return how messages call the file, and its bytes."""
    name = str(file)
    try:
        if isinstance(file, str) and file in shipped_whatifs():
            return f"models/whatifs/{file}.toml", shipped_whatif(file).read_bytes()
        path = Path(file)
        if name.strip() and path.is_file():
            if path.suffix != ".toml":
                raise CaseError(shorten(name), [Problem(shorten(name), "a what-if file must end in .toml")])
            size = path.stat().st_size
            if size > LARGEST_FILE_BYTES:
                message = f"the file has {size:,} bytes; at most {LARGEST_FILE_BYTES:,} are read"
                raise CaseError(name, [Problem(name, message)])
            return name, path.read_bytes()
        what = "this is a folder, not a file" if name.strip() and path.is_dir() else None
    except PlannerError:
        raise
    except (OSError, ValueError) as error:
        what = f"cannot be read: {error.strerror if isinstance(error, OSError) and error.strerror else error}"
    message = what or f"there is no such file, and {unknown('shipped what-if file', name, shipped_whatifs())}"
    raise CaseError(shorten(name) or "what-ifs", [Problem(shorten(name), message)])
