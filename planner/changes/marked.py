"""Which figures a run changed: their place is in a file that has another figure there."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from planner.case.case import CaseData
from planner.changes.describe import edits
from planner.errors import Problem

_STEP = re.compile(r"[^.\[\]]+")
"""A step of a key of the model: a name, or the place in a list."""
_ROW = re.compile(r"(\w+\[[^\]]*\]): ")
"""The row of a table with which a message begins."""
CHANGED = " (changed by --set)"


def changed_places(before: CaseData, after: CaseData) -> Callable[[Problem], bool]:
    """Return what says of the place of a problem whether a run changed the figure there.

    Parameters
    ----------
    before : CaseData
        As its files have it.
    after : CaseData
        The changed case.
    """
    cells = frozenset(edit.place for edit in edits(before, after))
    models = (before.model.model_dump(), after.model.model_dump())

    def is_changed(place: Problem) -> bool:
        row = _ROW.match(place.message)
        if row is not None:
            return row[1] in cells or f"{row[1]}.{place.column}" in cells
        return is_changed_key(place.column or "", *models)

    return is_changed


def warnings_marked(found: Iterable[Problem], before: CaseData, after: CaseData) -> list[Problem]:
    """Return warnings, of which those say so whose figure the run changed."""
    is_changed = changed_places(before, after)
    return [
        replace(one, message=f"{one.message}{CHANGED}") if one.count == 1 and is_changed(one) else one for one in found
    ]


def is_changed_key(path: str, before: Any, after: Any) -> bool:
    """Whether what stands at a key of the model is another than before; of a list, whether it had no such member."""
    parts = _STEP.findall(path)
    for number, part in enumerate(parts):
        if not isinstance(after, Mapping):
            if isinstance(after, (list, tuple)) and part.isdecimal() and int(part) < len(after):
                return after[int(part)] not in (before or ())  # its members may have stood elsewhere in it
            break
        key = part if part in after else ".".join(parts[number:])  # the name of a condition may have dots
        before, after = (before or {}).get(key), after.get(key)
        if key != part:
            break
    return bool(before != after)
