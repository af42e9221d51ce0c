"""Which figures of a conflict the run changed: their place is in a file that has another figure there."""

from dataclasses import replace

from planner.case.case import CaseData
from planner.changes.describe import edits
from planner.errors import Problem
from planner.explain.conflict import Diagnosis
from planner.explain.conflict_named import NamedLimit


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
    changed = frozenset(edit.place for edit in edits(before, after))

    def marked(limits: tuple[NamedLimit, ...]) -> tuple[NamedLimit, ...]:
        return tuple(
            replace(one, changed=tuple(place for place in one.places if _is_changed(place, changed))) for one in limits
        )

    return replace(found, limits=marked(found.limits), further=tuple(map(marked, found.further)))


def _is_changed(place: Problem, changed: frozenset[str]) -> bool:
    """Whether the figure at a place, or its row as a whole, is among those that were changed."""
    if not place.message.endswith("]: "):  # a key of the model
        return f"model.{place.column}" in changed
    row = place.message.removesuffix(": ")
    return row in changed or f"{row}.{place.column}" in changed
