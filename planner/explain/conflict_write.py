"""Ways out as a what-if file: what `planner sweep` and `--whatifs` apply."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from planner.explain.conflict_ways import WayOut

LONGEST_NAME = 50


def whatif_text(case_name: str, ways: tuple[WayOut, ...], given: Sequence[str] = ()) -> str:
    """Return a what-if file with a what-if for each way out.

    Parameters
    ----------
    case_name : str
    ways : tuple of WayOut
    given : sequence of str
        Changes that were made to the case before (``--set``): each what-if makes them first.
    """
    lines = [
        "format = 1",
        f"title = {_text('Ways out: changes that are enough to meet the case')}",
        f"case = {_text(case_name)}",
    ]
    names: set[str] = set()
    for way in ways:
        proof = "in whole blocks" if way.proven else "of the relaxation only"
        lines += [
            "",
            "[[whatif]]",
            f"name = {_text(_name(way, names))}",
            f"title = {_text(way.title[:200])}",
            f"source = {_text(f'the least that is enough, {proof}; found by planner explain')}",
            'grade = "D"',
            "changes = [",
            *(f"  {inline_toml(change)}," for change in (*given, *way.changes)),
            "]",
        ]
    return "\n".join(lines) + "\n"


def _name(way: WayOut, taken: set[str]) -> str:
    """Return a name for a way out that no other has."""
    words = re.sub(r"[^a-z0-9]+", "-", " and ".join(move.what for move in way.moves).lower()).strip("-")
    name = words[:LONGEST_NAME].strip("-") or "way-out"
    number, made = 2, name
    while made in taken:
        made, number = f"{name}-{number}", number + 1
    taken.add(made)
    return made


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=True).replace("\x7f", "\\u007f")


def inline_toml(value: Any) -> str:
    """Return a value as TOML writes it in one line.

    Examples
    --------
    >>> inline_toml({"op": "scale", "place": "demand.compute", "factor": 1.1})
    '{ op = "scale", place = "demand.compute", factor = 1.1 }'
    """
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(name)} = {inline_toml(member)}" for name, member in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(inline_toml(member) for member in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    return _text(value) if isinstance(value, str) else repr(value)


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _text(name)
