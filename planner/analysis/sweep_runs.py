"""The folder of one run in a store: what it says, whether it is whole, and what in it is not the planner's."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from planner.case.rows import TABLES
from planner.errors import PlannerError
from planner.plan.columns import COLUMNS
from planner.plan.earlier import RENAMED_TABLES
from planner.plan.plan import PlanData
from planner.plan.reading import FORMAT_KEY, SUMMARY_FILE, read_summary
from planner.runs.difference import Standing
from planner.runs.outcome import missed
from planner.status import Status
from planner.system.folders import MANIFEST_FILE, differences, read_manifest
from planner.system.folders.manifest import Entry, Manifest, ManifestError
from planner.system.folders.target import named

FAILURE_FILE = "failure.json"
NOT_ENDED = (Status.CRASHED, Status.INTERRUPTED)
"""Statuses of runs that count as not done."""

KNOWN = Manifest(
    "known",
    "",
    dict.fromkeys(
        (
            SUMMARY_FILE,
            FAILURE_FILE,
            *(f"tables/{name}.csv" for name in (*COLUMNS, *RENAMED_TABLES)),
            *(f"inputs/{name}.csv" for name in TABLES),
            "inputs/model.toml",
        ),
        Entry(0, ""),
    ),
)
"""Every file that the planner may put into the folder of a run."""


@dataclass(frozen=True, slots=True)
class Left:
    """What a run left behind.

    Attributes
    ----------
    name : str
        Of the what-if.
    key : str
        Fingerprint of case, changes, options and version (`planner.runs.task.run_key`).
    changes : list
        The changes, as the key is made of them.
    status : Status
    reason : str
    gap : float or None
    measures : dict
        Empty for a run without a plan.
    standing : Standing or None
        What its plan proves; None without one.
    """

    name: str
    key: str
    changes: list[Any]
    status: Status
    reason: str
    gap: float | None
    measures: Mapping[str, float | None]
    standing: Standing | None = None


def read_run(folder: Path) -> Left | None:
    """Read what a run left behind: its summary, or its failure; None where there is neither, or it is unreadable."""
    for file in (SUMMARY_FILE, FAILURE_FILE):
        try:
            found = read_summary(folder / file)
            about = found["what_if"]
            measures = dict(about["measures"]) if file == SUMMARY_FILE else {}
            if all(value is None or isinstance(value, (int, float)) for value in measures.values()):
                reason = missed(found) if file == SUMMARY_FILE else str(found["reason"])
                gap = None if file == FAILURE_FILE or found["gap"] is None else float(found["gap"])
                facts = str(about["name"]), str(about["key"]), list(about["changes"]), Status(str(found["status"]))
                standing = Standing.of(found) if file == SUMMARY_FILE else None
                return Left(*facts, reason, gap, measures, standing)
        except (PlannerError, OSError, ValueError, KeyError, TypeError):
            continue
    return None


def damage_of(folder: Path) -> str:
    """Say how the folder of a run differs from what was written; empty where it is whole (more files do not matter)."""
    try:
        manifest = read_manifest(folder)
        if manifest is None:
            return _damage_without_manifest(folder)
        found = differences(folder, manifest)
    except (ManifestError, OSError) as error:
        return str(error)
    words = [f"{name} was changed" for name in found.changed] + [f"{name} is missing" for name in found.missing]
    return named(words)


def _damage_without_manifest(folder: Path) -> str:
    """A run of an earlier version has no manifest: what can be read is whole."""
    try:
        if (folder / FAILURE_FILE).is_file():
            return "" if FORMAT_KEY not in json.loads((folder / FAILURE_FILE).read_text("utf-8")) else _LOST
        if FORMAT_KEY in read_summary(folder / SUMMARY_FILE):
            return _LOST
        PlanData.read(folder)
    except (PlannerError, OSError, ValueError) as error:
        return str(error)
    return ""


_LOST = f"{MANIFEST_FILE} is missing"


def foreign_in(folder: Path) -> list[str]:
    """Everything in the folder of a run that the planner never puts there, or the folder itself if it is none."""
    if folder.is_symlink():
        return [f"{folder.name} (a link)"]
    if not folder.is_dir():
        return [f"{folder.name} (a file)"]
    return [f"{folder.name}/{thing}" for thing in differences(folder, KNOWN).extra]
