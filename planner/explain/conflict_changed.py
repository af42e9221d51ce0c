"""Which figures of a conflict the run changed: their place is in a file that has another figure there."""

import re
from collections.abc import Sequence
from dataclasses import replace

from planner.case.case import CaseData
from planner.changes.describe import edits
from planner.changes.marked import changed_places
from planner.errors import Problem
from planner.explain.conflict import Diagnosis, OnStage, diagnose
from planner.explain.conflict_named import NamedLimit

_ANY = re.compile(r"\[[^\]]*\]")
"""Which member of a list it is: by its name in one place, by its index in another."""
MONEY = ("cash", "envelope", "financing", "earned")
"""Kinds of limits on which every price in the case bears, though they name none."""
RATES = ("_compute_per_it_mw", ".pue_peak", ".pue_average", ".block_it_mw")
"""Ends of figures: how much capacity is needed for what is asked, in which blocks: any limit may rest on them."""


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
    is_changed = changed_places(before, after)

    def marked(limits: tuple[NamedLimit, ...]) -> tuple[NamedLimit, ...]:
        return tuple(replace(one, changed=tuple(place for place in one.places if is_changed(place))) for one in limits)

    limits, further = marked(found.limits), tuple(map(marked, found.further))
    every = [one for some in (limits, *further) for one in some]
    named = [place for one in every for place in one.changed]
    other = elsewhere(before, after, named)
    if not any(one.kind in MONEY for one in every):
        other = tuple(place for place in other if every and place.endswith(RATES))
    return replace(found, limits=limits, further=further, changed_elsewhere=other)


def elsewhere(before: CaseData, after: CaseData, named: Sequence[Problem]) -> tuple[str, ...]:
    """Return the places of figures that a run changed and no limit names, such as prices beside a limit of cash."""
    rows = [(place.message.removesuffix(": "), place.column) for place in named if place.message.endswith("]: ")]
    places = {f"{row}.{column}" for row, column in rows} | {row for row, _ in rows}
    keys = tuple(_ANY.sub("[]", f"model.{place.column}") for place in named if not place.message and place.column)
    found = (edit.place for edit in edits(before, after))
    return tuple(place for place in found if place not in places and not _ANY.sub("[]", place).startswith(keys or "\0"))
