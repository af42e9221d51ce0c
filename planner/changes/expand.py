"""From a what-if file to its what-ifs: inheritance followed, lists and grids written out."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import product
from math import prod
from typing import Any

from pydantic import TypeAdapter

from planner.case.case import CaseData
from planner.case.messages import shorten, unknown
from planner.changes.apply import try_whatif
from planner.changes.lines import KeyPath, Lines, line_of
from planner.changes.schema import BASE, AxisMember, Change, GridEntry, ListEntry, WhatIf, WhatIfEntry, WhatIfFile
from planner.errors import CaseError, Problem

MOST_WHATIFS = 100_000
"""Most what-ifs a file may expand to."""

_CHANGE: TypeAdapter[Any] = TypeAdapter(Change)


def expand(
    file: WhatIfFile, case: CaseData | None = None, label: str = "what-ifs", lines: Lines | None = None
) -> list[WhatIf]:
    """Return every what-if of a file, in the order of the file: what-ifs, lists, grids.

    Parameters
    ----------
    file : WhatIfFile
    case : CaseData or None
        With a case, the what-ifs and the members of lists are tried on it, and every fault is reported. Combinations of
        a grid are tried when they are run, where one that does not fit is a result with its reason.
    label : str
        Name of the file, for messages.
    lines : mapping or None
        On which line of the file each part stands, for messages.

    Raises
    ------
    CaseError
        With every fault: names given twice or unknown, cycles of ``base``, too many combinations, changes that the case
        does not admit.
    """
    expansion = _Expansion(file, label)
    found = expansion.run()
    if expansion.problems:
        raise CaseError(label, expansion.problems)
    if case is not None:
        problems = _problems(expansion, found[: len(found) - expansion.combinations], case, lines or {})
        if problems:
            raise CaseError(label, _once(problems))
    return found


def _problems(expansion: "_Expansion", found: Sequence[WhatIf], case: CaseData, lines: Lines) -> list[Problem]:
    """Return what is wrong with what-ifs, each tried on the case that its base makes: a chain takes as many steps."""
    bases = {whatif.name: expansion.base_of(whatif) for whatif in found}
    waiting = Counter(base for base in bases.values() if base is not None)
    made: dict[str, tuple[CaseData, int]] = {}
    problems: dict[str, list[Problem]] = {}
    for whatif in _bases_first(found, bases):
        name, base = whatif.name, bases[whatif.name]
        line = partial(expansion.line, whatif, lines)
        changed, problems[name] = try_whatif(case, whatif, expansion.label, line, made.get(base or ""))
        if name in waiting and changed is not None and not problems[name]:
            made[name] = (changed, len(whatif.changes))
        if base is not None:
            waiting[base] -= 1
            if not waiting[base]:
                made.pop(base, None)
    return [problem for whatif in found for problem in problems[whatif.name]]


def _bases_first(found: Sequence[WhatIf], bases: Mapping[str, str | None]) -> Iterator[WhatIf]:
    """Yield what-ifs, each after its base, and else in their order."""
    by_name = {whatif.name: whatif for whatif in found}
    done: set[str] = set()
    for whatif in found:
        chain: list[str] = []
        name: str | None = whatif.name
        while name is not None and name not in done:
            chain.append(name)
            done.add(name)
            name = bases[name]
        yield from (by_name[name] for name in reversed(chain))


def _once(problems: Sequence[Problem]) -> list[Problem]:
    """Return the problems without those of a change that other what-ifs inherit: it stands in the file once."""
    first: dict[object, Problem] = {}
    for one in problems:
        first.setdefault((one.file, one.row or one.column, one.message, one.value), one)
    return list(first.values())


class _Expansion:
    """The expansion of one file: the entries by name, and the faults found."""

    def __init__(self, file: WhatIfFile, label: str) -> None:
        self.file = file
        self.label = label
        self.problems: list[Problem] = []
        self.combinations = 0
        self.entries: dict[str, WhatIfEntry | ListEntry] = {}
        self._places: dict[str, KeyPath] = {}
        self._owners: dict[str, WhatIfEntry | ListEntry] = {}
        self._done: dict[str, tuple[Change, ...]] = {}

    def run(self) -> list[WhatIf]:
        """Expand everything, as far as the faults let it."""
        named: Sequence[Any] = (*self.file.whatif, *self.file.list, *self.file.grid)
        self._check_names([entry.name for entry in named])
        entries: list[WhatIfEntry | ListEntry] = [*self.file.whatif, *self.file.list]
        self.entries = {entry.name: entry for entry in entries}
        self._check_bases()
        self._check_size()
        if self.problems:
            return []
        self._places = {entry.name: ("whatif", index) for index, entry in enumerate(self.file.whatif)}
        self._places |= {entry.name: ("list", index) for index, entry in enumerate(self.file.list)}
        made = [(entry, whatif) for entry in entries for whatif in self._made(entry)]
        self._owners = {whatif.name: entry for entry, whatif in made}
        found = [whatif for _, whatif in made]
        by_name = {whatif.name: whatif for whatif in found}
        combined = [whatif for grid in self.file.grid for whatif in self._grid(grid, by_name)]
        self.combinations = len(combined)
        self._check_names([whatif.name for whatif in (*found, *combined)])
        return [*found, *combined]

    def line(self, whatif: WhatIf, lines: Lines, number: int) -> int | None:
        """Return the line on which a change of a what-if, or of a member of a list, stands: with it or with a base."""
        entry: WhatIfEntry | ListEntry | None = self._owners[whatif.name]
        before = len(whatif.changes)
        while entry is not None:
            before -= len(entry.changes)
            if number >= before:
                return line_of(lines, (*self._places[entry.name], "changes", number - before))
            entry = self.entries.get(entry.base or "")
        return None

    def base_of(self, whatif: WhatIf) -> str | None:
        """Return the what-if whose changes come before those of another; None: there is none."""
        base = self._owners[whatif.name].base
        return None if base == BASE else base

    def _fault(self, message: str, place: str, value: object = None) -> None:
        self.problems.append(Problem(self.label, message, None, place, None if value is None else shorten(value)))

    def _check_names(self, names: Sequence[str]) -> None:
        """Names are folders too: they differ by more than upper and lower case."""
        for folded, times in Counter(name.lower() for name in names).items():
            if times > 1:
                self._fault(f"the name stands {times} times (upper and lower case count as the same)", folded)
            if folded == BASE:
                self._fault(f"{BASE!r} is the name of the case itself; choose another", folded)

    def _check_bases(self) -> None:
        """Every ``base`` is a what-if of the file, and following them comes to an end."""
        singles = [entry.name for entry in self.file.whatif]
        known = {*singles, BASE}
        ended: set[str] = set()  # from these, following the bases comes to an end
        for name, entry in self.entries.items():
            kind = "whatif" if isinstance(entry, WhatIfEntry) else "list"
            if entry.base is not None and entry.base not in known:
                self._fault(unknown("what-if", entry.base, [*singles, BASE]), f"{kind}[{name}].base", entry.base)
                continue
            path: dict[str, None] = {name: None}
            at = name
            while (base := self._base_of(at)) is not None and base not in ended:
                if base in path:
                    if base == name:
                        self._fault(f"goes round in a circle: {' -> '.join([*path, base])}", f"{kind}[{name}].base")
                    break
                path[base], at = None, base
            else:
                ended |= path.keys()

    def _base_of(self, name: str) -> str | None:
        entry = self.entries.get(name)
        return None if entry is None or entry.base == BASE else entry.base

    def _members(self, member: str | AxisMember) -> int:
        entry = self.entries.get(member) if isinstance(member, str) else None
        return len(entry.values) if isinstance(entry, ListEntry) else 1

    def _check_size(self) -> None:
        """The file expands to a number of what-ifs that can be handled, counted before any is made."""
        total = len(self.file.whatif) + sum(len(entry.values) for entry in self.file.list)
        for grid in self.file.grid:
            for number, axis in enumerate(grid.axes):
                if not axis:
                    self._fault("the axis has no member", f"grid[{grid.name}].axes[{number}]")
                for member in axis:
                    if isinstance(member, str) and member not in self.entries and member != BASE:
                        known = [*self.entries, BASE]
                        place = f"grid[{grid.name}].axes[{number}]"
                        self._fault(unknown("what-if or list", member, known), place, member)
            total += prod(sum(self._members(member) for member in axis) for axis in grid.axes)
            if total > MOST_WHATIFS:
                message = f"makes {total:,} what-ifs with those before it; at most {MOST_WHATIFS:,} are allowed"
                self._fault(message, f"grid[{grid.name}].axes")

    def _inherited(self, name: str | None) -> tuple[Change, ...]:
        """Return the changes of a what-if with those of its bases before them."""
        chain = []
        while name is not None and name != BASE and name not in self._done:
            chain.append(name)
            name = self._base_of(name)
        changes = self._done.get(name, ()) if name is not None else ()
        for step in reversed(chain):
            entry = self.entries[step]
            assert isinstance(entry, WhatIfEntry)  # bases are what-ifs
            changes = self._done[step] = (*changes, *entry.changes)
        return changes

    def _made(self, entry: WhatIfEntry | ListEntry) -> list[WhatIf]:
        """Return the what-ifs of an entry: its own, or one for each value of a list."""
        return [self._single(entry)] if isinstance(entry, WhatIfEntry) else self._list(entry)

    def _single(self, entry: WhatIfEntry) -> WhatIf:
        changes = self._inherited(entry.name)
        return WhatIf(name=entry.name, title=entry.title, source=entry.source, grade=entry.grade, changes=changes)

    def _list(self, entry: ListEntry) -> list[WhatIf]:
        before = self._inherited(entry.base)
        found = []
        for value in entry.values:
            try:
                changes = tuple(_with(change, entry.vary, value) for change in entry.changes)
            except ValueError as error:
                self._fault(
                    f"{entry.vary} cannot be {value!r} here ({_first_line(error)})", f"list[{entry.name}].values"
                )
                return []
            if changes == entry.changes:
                message = f"no change takes the values: leave `{entry.vary}` out of at least one change that has it"
                self._fault(message, f"list[{entry.name}].vary")
                return []
            found.append(
                WhatIf(
                    name=f"{entry.name}.{_slug(value)}",
                    title=f"{entry.title or entry.name}: {value}",
                    source=entry.source,
                    grade=entry.grade,
                    changes=(*before, *changes),
                )
            )
        return found

    def _grid(self, grid: GridEntry, known: Mapping[str, WhatIf]) -> list[WhatIf]:
        axes = [[whatif for member in axis for whatif in self._axis_member(member, known)] for axis in grid.axes]
        return [
            WhatIf(
                name=f"{grid.name}." + "+".join(whatif.name for whatif in combination),
                title=f"{grid.title or grid.name}: " + ", ".join(w.title or w.name for w in combination),
                source=" | ".join(dict.fromkeys(w.source for w in combination if w.source)) or grid.source,
                grade=max((w.grade for w in combination if w.grade), default=grid.grade),
                changes=tuple(change for whatif in combination for change in whatif.changes),
            )
            for combination in product(*axes)
        ]

    def _axis_member(self, member: str | AxisMember, known: Mapping[str, WhatIf]) -> list[WhatIf]:
        if isinstance(member, AxisMember):
            return [WhatIf(name=member.name, changes=member.changes)]
        if member == BASE:
            return [WhatIf(name=BASE)]
        entry = self.entries[member]
        if isinstance(entry, ListEntry):
            return [known[f"{entry.name}.{_slug(value)}"] for value in entry.values if entry.name]
        return [known[member]]


def _with(change: Change, name: str, value: object) -> Change:
    """Return a change whose field ``name``, if it has one that was left out, is ``value``."""
    if name not in type(change).model_fields or name in change.model_fields_set:
        return change
    given = change.model_dump(by_alias=True, exclude_unset=True)
    made: Change = _CHANGE.validate_python({**given, name: value})
    return made


def _first_line(error: ValueError) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-2].split(" [")[0] if len(lines) > 2 else lines[0]


def _slug(value: object) -> str:
    """Return a value as a part of a name."""
    text = value.isoformat() if isinstance(value, date) else f"{value:g}" if isinstance(value, float) else str(value)
    return re.sub(r"[^A-Za-z0-9_.\-]", "_", text)[:40] or "none"
