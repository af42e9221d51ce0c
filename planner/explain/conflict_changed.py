"""Which figures of a conflict the run changed: their place is in a file that has another figure there."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from planner.case.case import CaseData
from planner.changes.describe import edits
from planner.errors import Problem
from planner.explain.conflict import Diagnosis, OnStage, diagnose
from planner.explain.conflict_named import NamedLimit

_STEP = re.compile(r"[^.\[\]]+")
"""A step of a key of the model: a name, or the place in a list."""


def diagnose_changed(
    case: CaseData,
    unchanged: CaseData | None,
    *,
    time_limit_s: float | None = None,
    has_plan: bool = False,
    on_stage: OnStage | None = None,
) -> Diagnosis:
    """Return the diagnosis of a case that a run may have changed, with the figures marked that it changed.

    Parameters
    ----------
    case : CaseData
    unchanged : CaseData or None
        The case as its files have it; None: nothing was changed.
    time_limit_s, has_plan, on_stage
        As of `planner.explain.conflict.diagnose`.
    """
    found = diagnose(case, time_limit_s=time_limit_s, has_plan=has_plan, on_stage=on_stage)
    return found if unchanged is None else with_changes_marked(found, unchanged, case)


def with_changes_marked(found: Diagnosis, before: CaseData, after: CaseData) -> Diagnosis:
    """Return a diagnosis that says which of its figures were changed.

    Parameters
    ----------
    found : Diagnosis
        Of the changed case.
    before : CaseData
        As its files have it.
    after : CaseData
        The changed case.
    """
    cells = frozenset(edit.place for edit in edits(before, after))
    models = (before.model.model_dump(), after.model.model_dump())

    def is_changed(place: Problem) -> bool:
        if place.message.endswith("]: "):
            row = place.message.removesuffix(": ")
            return row in cells or f"{row}.{place.column}" in cells
        return is_changed_key(place.column or "", *models)

    def marked(limits: tuple[NamedLimit, ...]) -> tuple[NamedLimit, ...]:
        return tuple(replace(one, changed=tuple(place for place in one.places if is_changed(place))) for one in limits)

    return replace(found, limits=marked(found.limits), further=tuple(map(marked, found.further)))


def is_changed_key(path: str, before: Any, after: Any) -> bool:
    """Whether what stands at a key of the model is another than before; of a list, whether it had no such member."""
    parts = _STEP.findall(path)
    for number, part in enumerate(parts):
        if not isinstance(after, Mapping):  # a list, whose members may have stood elsewhere in it
            return after[int(part)] not in (before or ())
        key = part if part in after else ".".join(parts[number:])  # the name of a condition may have dots
        before, after = (before or {}).get(key), after.get(key)
        if key != part:
            break
    return bool(before != after)
