"""Ways out as a what-if file: what `planner sweep` and `--whatifs` apply."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from planner.explain.conflict_way import WayOut

LONGEST_NAME = 13
"""Characters of the name of a what-if that a table of a sweep shows in one line."""
LINKS = ("of", "at", "in", "from", "the", "and", "for", "by", "on", "all")
ENOUGH = "changes that are enough to meet the case"
HELPFUL = "changes that help; the source of each says what it is enough for"


def whatif_text(case_name: str, ways: tuple[WayOut, ...], given: Sequence[str] = ()) -> str:
    """Return a what-if file with a what-if for each way out.

    Parameters
    ----------
    case_name : str
        What the case is called on the command line: a name or a folder.
    ways : tuple of WayOut
    given : sequence of str
        Changes that were made to the case before (``--set``): each what-if makes them first.
    """
    lines = [
        "format = 1",
        f"title = {_text(f'Ways out: {ENOUGH if all(way.meets_everything for way in ways) else HELPFUL}')}",
        f"case = {_text(case_name)}",
    ]
    names: set[str] = set()
    for way in ways:
        least = "the least that is enough" if way.least else "enough, perhaps more than is needed"
        lines += [
            "",
            "[[whatif]]",
            f"name = {_text(_name(way, names))}",
            f"title = {_text(way.title[:200])}",
            f"source = {_text(f'{least}{_what_for(way)}; found by planner explain')}",
            'grade = "D"',
            "changes = [",
            *(f"  {inline_toml(change)}," for change in (*given, *way.changes)),
            "]",
        ]
    return "\n".join(lines) + "\n"


def _what_for(way: WayOut) -> str:
    """Return what a way out is enough for, and how that is known."""
    if not way.proven:
        return ", of the relaxation only"
    if way.meets_everything is None:
        return " for a plan, in whole blocks"
    return f" {'to meet everything' if way.meets_everything else 'for a plan, not to meet everything'}, in whole blocks"


def _name(way: WayOut, taken: set[str]) -> str:
    """Return a short name for a way out that no other has: the first words of it."""
    words = re.sub(r"[^a-z0-9]+", "-", " and ".join(move.what for move in way.moves).lower()).strip("-")
    number, made = 1, _shortened(words, LONGEST_NAME)
    while made in taken:
        number += 1
        made = f"{_shortened(words, LONGEST_NAME - len(str(number)) - 1)}-{number}"
    taken.add(made)
    return made


def _shortened(words: str, most: int) -> str:
    """Return as many of the first words as there is room for, without a preposition at the end.

    Examples
    --------
    >>> _shortened("cash-of-2027", 13), _shortened("power-energised-at-north", 19), _shortened("obligations", 9)
    ('cash-of-2027', 'power-energised', 'obligatio')
    """
    if len(words) <= most:
        return words or "way-out"
    kept = words[: most + 1].rpartition("-")[0].split("-")
    while kept and kept[-1] in LINKS:
        kept.pop()
    return "-".join(kept) or words[:most]


def _text(value: str) -> str:
    r"""Return a string as TOML has it: characters beyond U+FFFF as they are, for it has no pairs of surrogates.

    Examples
    --------
    >>> print(_text("a rule\t𠮷"), _text("\x7f"))
    "a rule\t𠮷" "\u007f"
    """
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


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
