"""Where ``solve`` writes a plan, and what it refuses to write over."""

from pathlib import Path

from planner.errors import PlannerError

HASH_DIGITS = 8
"""Digits of a case's hash in the name of its default folder."""


def plan_folder(case_name: str, case_hash: str, wanted: Path | None) -> Path:
    """Return the folder to write a plan to.

    Raises
    ------
    PlannerError
        If something that is not a plan stands there: nothing but a plan is ever written over.
    """
    folder = wanted if wanted is not None else Path("plans") / f"{case_name}-{case_hash[:HASH_DIGITS]}"
    for parent in (folder, *folder.parents):
        if parent.exists() and not parent.is_dir():
            message = f"{parent} is a file; a plan needs a folder: name another with --out"
            raise PlannerError(message)
    if folder.is_dir() and any(folder.iterdir()) and not is_plan(folder):
        message = f"{folder} holds something that is not a plan and is left as it is; name another folder with --out"
        raise PlannerError(message)
    return folder


def is_plan(folder: Path) -> bool:
    """Say whether a folder looks like a plan: it has a summary and tables."""
    return (folder / "summary.json").is_file() and (folder / "tables").is_dir()
