"""Make changes to a case: a changed case, checked again as a whole; the case itself is left as it is."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from planner.case.case import CaseData, key_text
from planner.case.check import check_case
from planner.case.messages import shorten
from planner.case.model import Forced, Model
from planner.case.modelfile import path_text, validate_model
from planner.case.parse import columns_of
from planner.case.table import row_ranges
from planner.changes.draft import Draft, Ends
from planner.changes.ops import make_change
from planner.changes.read import faults
from planner.changes.refusals import ChangeError
from planner.changes.schema import AnyChanges, Change, WhatIf, listed_changes, words_of
from planner.errors import CaseError, Problem

PYTHON = "change"
"""How messages call the source of changes that are neither those of a what-if nor of a command line."""
_CHANGES: TypeAdapter[Any] = TypeAdapter(tuple[Change, ...])
_CHANGE: TypeAdapter[Any] = TypeAdapter(Change)

AsProblem = Callable[[int, ChangeError], Problem]
"""From the number of a change, and why it cannot be made, to the problem that says where it stands."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A changed case.

    Attributes
    ----------
    data : CaseData
        The case after the changes; what its plans are forced to do is part of it.
    """

    data: CaseData

    @property
    def forced(self) -> tuple[Forced, ...]:
        """What the plans of the changed case are forced to do."""
        return self.data.model.forced


def make_whatif(changes: AnyChanges, name: str = "what-if") -> WhatIf:
    """Return a what-if from changes written in Python.

    Parameters
    ----------
    changes : WhatIf, or one change, or a sequence of them
        A change is a mapping as in a what-if file (``{"op": "scale", "table": "chip_supply", ...}``) or a text as after
        ``--set`` (``"offers[abilene].max_blocks=12"``).
    name : str
        Its name.

    Raises
    ------
    CaseError
        With every fault.
    """
    if isinstance(changes, WhatIf):
        return changes
    listed = listed_changes(changes)
    try:
        return WhatIf(name=name, changes=_CHANGES.validate_python(listed))
    except ValidationError as failure:
        problems = faults(failure, listed, name, above=("changes",))
    raise CaseError(name, problems)


def apply_changes(case: CaseData, changes: AnyChanges, source: str = PYTHON) -> CaseData:
    """Return the case with changes made, in their order, and checked again as a whole.

    Parameters
    ----------
    case : CaseData
    changes : WhatIf, or one change, or a sequence of them
        Each a text as after ``--set``, or a mapping as in a what-if file.
    source : str
        How messages call the source of the changes, such as the option that gave them.

    Raises
    ------
    CaseError
        With every change that cannot be made, or else with everything that is wrong with the changed case.

    Examples
    --------
    >>> from planner.case.read import read_case
    >>> case = apply_changes(read_case("three_sites"), ["sites[north].max_it_mw=20", "model.horizon.periods=1"])
    >>> case.index("sites")["north"].max_it_mw, case.model.horizon.periods
    (20.0, 1)
    """
    problems: list[Problem] = []
    records: dict[int, Any] = {}
    listed = listed_changes(changes)
    for number, change in enumerate(listed):
        try:
            records[number] = _CHANGE.validate_python(change)
        except ValidationError as failure:
            value = change if isinstance(change, str) else shorten(change)
            found = faults(failure, change, source)
            problems += [Problem(source, one.message, None, one.column, value) for one in found]

    def as_problem(number: int, error: ChangeError) -> Problem:
        text = listed[number] if isinstance(listed[number], str) else words_of(records[number])
        return Problem(source, str(error), None, error.place or None, text)

    changed, found = _make(case, source, records, as_problem)
    problems += found
    if changed is None or problems:
        raise CaseError(case.origin, problems)
    return changed


def apply_whatif(case: CaseData, whatif: WhatIf) -> Changed:
    """Return the case with the changes of a what-if made, in their order, and checked again as a whole.

    Raises
    ------
    CaseError
        With every change that cannot be made, or else with everything that is wrong with the changed case.
    """
    changed, problems = _apply(case, whatif)
    if changed is None or problems:
        raise CaseError(f"{case.origin}, what-if {whatif.name}", problems)
    return Changed(changed)


def problems_of(case: CaseData, whatif: WhatIf, file: str, line: Callable[[int], int | None]) -> list[Problem]:
    """Return everything that keeps a what-if of a file from being applied to a case.

    ``line`` gives the line of the file on which a change of the what-if stands, by its number.
    """
    return try_whatif(case, whatif, file, line)[1]


def try_whatif(
    case: CaseData,
    whatif: WhatIf,
    file: str,
    line: Callable[[int], int | None],
    begun: tuple[CaseData, int] | None = None,
) -> tuple[CaseData | None, list[Problem]]:
    """Return the case that a what-if of a file makes (None when it makes none), and everything that is wrong with it.

    Parameters
    ----------
    case : CaseData
    whatif : WhatIf
    file : str
        Name of the file, for messages.
    line : callable
        The line of the file on which a change of the what-if stands, by its number.
    begun : pair of CaseData and int, or None
        The case after so many of the changes, where it is known: nothing is wrong with it.
    """

    def as_problem(number: int, error: ChangeError) -> Problem:
        return Problem(file, str(error), line(number), f"{whatif.name}: {_where(whatif, number, error)}", error.value)

    numbered = dict(enumerate(whatif.changes))
    if begun is not None:
        before, count = begun
        left = {number: change for number, change in numbered.items() if number >= count}
        changed, found = _make(before, whatif.name, left, as_problem)
        if changed is not None and not found:
            return changed, []
    changed, found = _make(case, whatif.name, numbered, as_problem)
    if changed is None:
        return None, found
    return changed, [replace(one, message=f"{one.message} (with the what-if {whatif.name})") for one in found]


def _apply(case: CaseData, whatif: WhatIf) -> tuple[CaseData | None, list[Problem]]:
    def as_problem(number: int, error: ChangeError) -> Problem:
        return Problem(whatif.name, str(error), None, _where(whatif, number, error), error.value)

    return _make(case, whatif.name, dict(enumerate(whatif.changes)), as_problem)


def _where(whatif: WhatIf, number: int, error: ChangeError) -> str:
    """Return which change of a what-if is refused, and at which figure where it reaches several."""
    place = f"changes[{number}] ({words_of(whatif.changes[number])})"
    return f"{place}: {error.place}" if error.place else place


def _make(
    case: CaseData, source: str, changes: Mapping[int, Any], as_problem: AsProblem
) -> tuple[CaseData | None, list[Problem]]:
    """Return the changed case (None when it cannot be made) and all that is wrong with the changes, or with it."""
    if not changes:
        return case, []
    draft = Draft(case, source)
    problems = []
    for draft.number, change in changes.items():
        try:
            make_change(draft, change)
        except ChangeError as error:
            problems.append(as_problem(draft.number, _once(change, error)))
    model, refused = _finished_model(draft)
    ranges, wrong = _finished_ranges(draft)
    problems += [as_problem(number, error) for number, error in (*refused, *wrong)]
    if problems or model is None:
        return None, problems
    tables = {table: tuple(rows.values()) for table, rows in draft.tables.items()}
    changed = case.replace(model, tables, ranges)
    return changed, check_case(changed)


def _once(change: Any, error: ChangeError) -> ChangeError:
    """Return the error without its place where the change names no other."""
    try:
        own = str(change.place) if hasattr(change, "place") else ""
    except ChangeError:
        own = ""
    return ChangeError(str(error), "", error.value) if error.place == own else error


def _finished_model(draft: Draft) -> tuple[Model | None, list[tuple[int, ChangeError]]]:
    """Return the model after the changes, or what is wrong with it, each with the number of the change that did it."""
    if not draft.model_changes:
        return draft.case.model, []
    model, found = validate_model(draft.model)
    refused = []
    for path, message, value in found:
        number, exact = _cause(draft, path)
        place = "" if exact else f"model.{path_text(path)}" if path else "model"
        refused.append((number, ChangeError(message, place, value)))
    return model, refused


def _cause(draft: Draft, path: Sequence[str | int]) -> tuple[int, bool]:
    """Return the last change at, above or below a key of the model, and whether it names just this key."""
    for changed, number in reversed(draft.model_changes):
        length = min(len(changed), len(path))
        if changed[:length] == tuple(path[:length]):
            return number, changed == tuple(path)
    return draft.model_changes[-1][1], False


def _finished_ranges(draft: Draft) -> tuple[dict[str, Any], list[tuple[int, ChangeError]]]:
    """Return all ranges after the changes, and what is wrong with those that were changed by name."""
    ranges: dict[str, Any] = {table: by_key for table, by_key in draft.case.ranges.items() if table not in draft.tables}
    wrong = []
    for table, by_key in draft.ranges.items():
        kept = {}
        for key, by_column in by_key.items():
            pairs, found = _row_ranges(draft, table, key, by_column)
            wrong += found
            if pairs:
                kept[key] = pairs
        if kept:
            ranges[table] = kept
    return ranges, wrong


def _row_ranges(
    draft: Draft, table: str, key: Hashable, by_column: Mapping[str, Ends]
) -> tuple[dict[str, tuple[float, float]], list[tuple[int, ChangeError]]]:
    row = draft.tables[table][key]
    ends = dict(_named_ends(by_column, row))
    if not ends:
        return {}, []
    found = row_ranges(table, {column: getattr(row, column) for column in columns_of(table)}, ends)
    last = draft.range_changes
    wrong = [
        (last.get((table, key, column), draft.number), ChangeError(message, f"{table}[{key_text(key)}].{column}"))
        for column, message in found.faults.items()
    ]
    return dict(found.ranges), wrong


def _named_ends(by_column: Mapping[str, Ends], row: Any) -> Iterator[tuple[str, float | None]]:
    """Yield the ends of the ranges of a row, by the names of their columns."""
    for column, ends in by_column.items():
        low, high = ends.of(getattr(row, column))
        if low is not None or high is not None:
            yield f"{column}_low", low
            yield f"{column}_high", high
