"""The case that a command line gives: read, and changed as its ``--set`` say."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from planner.cli.notes import note_no_change

if TYPE_CHECKING:
    from planner.api import Case
    from planner.case.case import CaseData
    from planner.errors import Problem

SET = "--set"
"""How messages call the source of the changes of a command line."""


def changed_case(case: "CaseData", changes: Sequence[str] | None) -> "CaseData":
    """Return a case with the changes of the command line made.

    Raises
    ------
    CaseError
        With every change that cannot be made, as one of ``--set``, or else every fault of the changed case.
    """
    from planner.changes.apply import apply_changes

    if not changes:
        return case
    changed = apply_changes(case, changes, source=SET)
    if changed.hash == case.hash:
        note_no_change(SET)
    return changed


def given_case(case: str | Path, changes: Sequence[str] | None) -> "Case":
    """Return the case that is named on the command line, with its changes made.

    Raises
    ------
    CaseError
        With every fault of the case, or else of the changes.
    """
    return given_and_unchanged(case, changes)[0]


def given_and_unchanged(case: str | Path, changes: Sequence[str] | None) -> "tuple[Case, CaseData | None]":
    """Return the case that is named on the command line, and as its files have it; None where nothing changes it.

    Raises
    ------
    CaseError
        With every fault of the case, or else of the changes.
    """
    from planner.api import Case
    from planner.case.read import read_case

    begin = time.monotonic()
    read = read_case(case)
    changed = Case.of(changed_case(read, changes))
    return replace(changed, read_seconds=time.monotonic() - begin), read if changes else None


def marked_warnings(found: "Iterable[Problem]", case: "CaseData", unchanged: "CaseData | None") -> "list[Problem]":
    """Return the warnings of the case that a command line gives; those of figures that it changed say so."""
    if unchanged is None:
        return list(found)
    from planner.changes.marked import warnings_marked

    return warnings_marked(found, unchanged, case)
