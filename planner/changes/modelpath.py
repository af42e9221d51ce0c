"""Keys of the model by path: ``families.redundancy.rules[any one site].critical_share``."""

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from planner.case.messages import listed, nearest, shorten
from planner.case.modelfile import known_keys, path_text
from planner.changes.draft import ChangeError, Draft

_STEP = re.compile(r"\.(?P<name>[^\[\].\s]+)|\[(?P<member>[^\]]*)\]")
_INDEX = re.compile(r"[0-9]{1,6}")

Node = Any
"""A section (dict), a list, or a value."""


def change_model(draft: Draft, path: str, make: Callable[[Any], Any]) -> None:
    """Give the key at a path the value that ``make`` returns for the old one (None: not given, both ways).

    A key of an absent section adds the section; taking the last member out of a list takes the list's section out.

    Raises
    ------
    ChangeError
        If there is no such key.
    """
    parents: list[tuple[Node, str | int]] = []
    node: Node = draft.model
    place: list[str | int] = []
    for step in _steps(path):
        key = _known(node, step, place)
        parents.append((node, key))
        place.append(key)
        node = node.get(key) if isinstance(node, dict) else node[key]
        if node is None and len(place) < len(_steps(path)):
            node = parents[-1][0][key] = {}
    value = _plain(make(node))
    if value is not None:
        parents[-1][0][parents[-1][1]] = value
    else:
        _take_out(parents)
    draft.model_changed = True


def _take_out(parents: Sequence[tuple[Node, str | int]]) -> None:
    """Take a key out; a section whose only list of rules is then empty goes with it."""
    node, key = parents[-1]
    if isinstance(node, dict):
        node.pop(key, None)
        return
    del node[key]
    if not node and len(parents) >= 2:
        section, name = parents[-2]
        del section[name]
        if not section and len(parents) >= 3:
            del parents[-3][0][parents[-3][1]]


def _steps(path: str) -> list[str]:
    """Return the steps of a path; a member of a list is marked by a leading ``[``."""
    dotted = f".{path.removeprefix('model.')}"
    steps: list[str] = []
    position = 0
    while position < len(dotted):
        step = _STEP.match(dotted, position)
        if step is None:
            raise ChangeError(f"model {shorten(path)!r}: write keys with dots, members of lists as [0] or [name]")
        steps.append(step["name"] if step["name"] is not None else "[" + step["member"].strip())
        position = step.end()
    if steps and steps[0] == "tables":
        raise ChangeError("the tables are already read: change their rows instead")
    return steps


def _known(node: Node, step: str, place: Sequence[str | int]) -> str | int:
    """Return the key or the index that a step means."""
    where = f"model.{path_text(place)}" if place else "the model"
    if step.startswith("["):
        return _member(node, step[1:], where)
    if not isinstance(node, dict):
        what = "a list: take a member as [0] or [name]" if isinstance(node, list) else "a value, not a section"
        raise ChangeError(f"{where} is {what}")
    by_workload = bool(place) and place[-1] == "critical_share"
    known = known_keys(place)
    if not by_workload and step not in known:
        raise ChangeError(f"{where} has no key {step!r}{nearest(step, known)} (it has: {listed(known, 40)})")
    return step


def _member(node: Node, name: str, where: str) -> int:
    if not isinstance(node, list):
        raise ChangeError(f"{where} is not a list")
    if _INDEX.fullmatch(name) and int(name) < len(node):
        return int(name)
    names = [str(member.get("name")) if isinstance(member, dict) else str(member) for member in node]
    if name not in names:
        hint = nearest(name, names)
        raise ChangeError(f"{where} has no member [{shorten(name)}]{hint} (it has {len(node)}: {listed(names)})")
    return names.index(name)


def _plain(value: Any) -> Any:
    """Return a value as the model's data has it; an empty text is "not given"."""
    if value == "":
        return None
    if isinstance(value, tuple):
        return [_plain(member) for member in value]
    return value.isoformat() if isinstance(value, date) else value
