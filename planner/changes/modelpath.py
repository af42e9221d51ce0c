"""Keys of the model by path: ``families.redundancy.rules[any one site].critical_share``."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from planner.case.model import Model
from planner.case.modelfile import known_keys, path_text, sections_of
from planner.changes.draft import ModelPath
from planner.changes.grammar import Member, Step
from planner.changes.refusals import TABLES_ARE_READ, ChangeError, no_key, no_list, no_member, no_section

OWN_SECTIONS = ("families", "own")
CONDITIONS = ("families", "financing", "conditions")
_INDEX = re.compile(r"[0-9]{1,6}")

Node = Any
"""A section (dict), a list, or a value."""


def find_path(model: Mapping[str, Any], steps: Sequence[Step]) -> ModelPath:
    """Return the keys and indexes that steps into the model mean; the sections on the way need not be there yet.

    Raises
    ------
    ChangeError
        If the model can have no such key.
    """
    if steps and steps[0] == "tables":
        raise ChangeError(TABLES_ARE_READ)
    node: Node = model
    path: list[str | int] = []
    left = list(steps)
    while left:
        step = _next(node, left)
        where = f"model.{path_text(path)}" if path else "the model"
        key = _member(node, step.text, where) if isinstance(step, Member) else _key(node, step, where, path)
        node = node.get(key) if isinstance(node, Mapping) else node[key]
        node = {} if node is None else node
        path.append(key)
    return tuple(path)


def _next(node: Node, left: list[Step]) -> Step:
    """Take the next step from those left: several of them where they are together a key that has dots in it."""
    if isinstance(node, Mapping):
        for count in range(len(left), 1, -1):
            parts = [step for step in left[:count] if isinstance(step, str)]
            if len(parts) == count and ".".join(parts) in node:
                del left[:count]
                return ".".join(parts)
    return left.pop(0)


def _key(node: Node, step: str, where: str, path: Sequence[str | int]) -> str:
    if not isinstance(node, Mapping):
        raise no_section(where, node)
    known = known_keys(path)
    by_workload = bool(path) and path[-1] in (
        "critical_share",
        "pause_days",
    )  # holds values by workload, not the keys of a section
    own = tuple(path[: len(OWN_SECTIONS)]) == OWN_SECTIONS  # whatever the user's own constraint families are given
    named = tuple(path) == CONDITIONS and step in node  # conditions have names of the case's own
    if tuple(path) == CONDITIONS and not named:
        raise no_key(where, step, list(node))
    if not by_workload and not own and not named and step not in known:
        raise no_key(where, step, known)
    return step


def _member(node: Node, name: str, where: str) -> int:
    if not isinstance(node, list):
        raise no_list(where)
    if _INDEX.fullmatch(name) and int(name) < len(node):
        return int(name)
    names = [_name(member) for member in node]
    if name not in names:
        shown = [member_text(node, index) for index in range(len(names))]
        raise no_member(where, name, [f"[{text}]" if text == str(index) else text for index, text in enumerate(shown)])
    return names.index(name)


def _name(member: Node) -> str:
    """Return what a member of a list is called: its name, or the domain that a nameless rule is about, or itself."""
    if isinstance(member, Mapping):
        return str(member.get("name") or member.get("domain") or "")
    return str(member)


def may_be_empty(path: ModelPath) -> bool:
    """Whether a key holds a text that must be given: an empty text is then a value, elsewhere it means "not given"."""
    section: type[BaseModel] | None = Model
    field = None
    for key in path:
        if isinstance(key, int):
            continue
        field = None if section is None else section.model_fields.get(key)
        section = None if field is None else sections_of(field.annotation)
    if field is None or field.annotation is not str or not field.is_required():
        return False
    return not any(getattr(rule, "pattern", None) for rule in field.metadata)  # keys are never empty


def read_path(model: Mapping[str, Any], path: ModelPath) -> Node:
    """Return what stands at a key; None: nothing."""
    node: Node = model
    for key in path:
        node = node.get(key) if isinstance(node, Mapping) else node[key]
        if node is None:
            return None
    return node


def write_path(model: dict[str, Any], path: ModelPath, value: Any) -> None:
    """Give a key a value; None takes it out.

    A key of an absent section adds the section; taking the last member out of a list takes the list out, and its
    section where nothing else stands in it.
    """
    parents: list[tuple[Node, str | int]] = [(model, path[0])]
    for key in path[1:]:
        node, last = parents[-1]
        below = node.get(last) if isinstance(node, dict) else node[last]
        if below is None:
            if value is None:
                return  # the section is not there: nothing to take out
            below = node[last] = {}
        parents.append((below, key))
    node, last = parents[-1]
    if value is not None:
        node[last] = value
    elif isinstance(node, dict):
        node.pop(last, None)
    else:
        _take_out(parents)


def _take_out(parents: Sequence[tuple[Node, str | int]]) -> None:
    """Take a member out of its list; an empty list goes, and a section in which nothing else stands."""
    node, index = parents[-1]
    del node[index]
    if not node and len(parents) >= 2:
        section, name = parents[-2]
        del section[name]
        if not section and len(parents) >= 3:
            del parents[-3][0][parents[-3][1]]


def named_leaves(node: Node, place: str = "model") -> Iterator[tuple[str, Node]]:
    """Yield every value of the model with its place, members of lists by name where that means no other member."""
    if isinstance(node, Mapping):
        for key, member in node.items():
            yield from named_leaves(member, f"{place}.{key}")
    elif isinstance(node, list) and any(isinstance(member, Mapping) for member in node):
        for index, member in enumerate(node):
            yield from named_leaves(member, f"{place}[{member_text(node, index)}]")
    elif node != []:
        yield place, node


def member_path(section: str, members: Sequence[BaseModel], index: int) -> str:
    """Return the place of a member of a list of the model, such as a rule: by its name where that can be read back.

    Examples
    --------
    >>> from planner.case.read import read_case
    >>> rules = read_case("three_sites").model.families.redundancy.rules
    >>> member_path("families.redundancy.rules", rules, 0)
    'families.redundancy.rules[any one site]'
    >>> member_path("families.redundancy.rules", [rules[0].model_copy(update={"name": "a [80 %]"})], 0)
    'families.redundancy.rules[0]'
    """
    return f"{section}[{member_text([member.model_dump() for member in members], index)}]"


def member_text(members: Sequence[Node], index: int) -> str:
    """Return how a member of a list is written: by its name where that can be read back, else by its index."""
    name = _name(members[index])
    names = [_name(member) for member in members]
    plain = name == name.strip() and not re.search(r"[\[\]]", name) and not _INDEX.fullmatch(name)
    return name if name and plain and names.count(name) == 1 else str(index)
