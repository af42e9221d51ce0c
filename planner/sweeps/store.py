"""The store of a sweep: a folder that is whole after every run, whatever ends the process.

::

    DIR/sweep.json       what is swept
    DIR/results.csv      one row per what-if and measure, of all runs that ended
    DIR/runs/NAME/       the plan of a run (a plan folder), or failure.json

A run's folder appears complete or not at all; ``results.csv`` is written anew from them while runs end.
"""

import csv
import hashlib
import io
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from planner.errors import PlannerError
from planner.plan.plan import SUMMARY_FILE, Plan
from planner.sweeps.measures import COLUMNS, Record

SWEEP_FILE, RESULTS_FILE, FAILURE_FILE, RUNS = "sweep.json", "results.csv", "failure.json", "runs"
LONGEST_FOLDER = 120
SECONDS_BETWEEN_TABLES = 2.0
"""``results.csv`` is written at most so often while runs end; the folders of the runs are what counts."""


class Store:
    """The folder of a sweep.

    Parameters
    ----------
    folder : Path
    about : mapping
        What is swept: written to ``sweep.json``.
    resume : bool
        Whether a sweep that stands there is continued.

    Raises
    ------
    PlannerError
        If something else stands there, or a sweep and ``resume`` is not asked for, or it cannot be written.
    """

    def __init__(self, folder: Path, about: Mapping[str, Any], *, resume: bool) -> None:
        self.folder = folder
        self._written = float("-inf")
        held = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
        if held and not (folder / SWEEP_FILE).is_file():
            raise PlannerError(
                f"{folder}: holds something that is not a sweep and is left as it is; name another folder"
            )
        if held and not resume:
            raise PlannerError(
                f"{folder}: holds a sweep; continue it with --resume (resume=True), or name another folder"
            )
        try:
            (folder / RUNS).mkdir(parents=True, exist_ok=True)
            for left in (folder / RUNS).glob(".*"):  # what a killed process was writing
                shutil.rmtree(left, ignore_errors=True)
            _write_whole(folder / SWEEP_FILE, json.dumps(dict(about), indent=2) + "\n")
        except OSError as error:
            raise PlannerError(f"{folder}: cannot be written ({error.strerror or error})") from None

    def run_folder(self, name: str) -> Path:
        """Return the folder of a run; very long names are cut, and told apart by their hash."""
        if len(name) > LONGEST_FOLDER:
            name = f"{name[: LONGEST_FOLDER - 17]}-{hashlib.sha256(name.encode()).hexdigest()[:16]}"
        return self.folder / RUNS / name

    def finished(self, name: str, key: str) -> Mapping[str, Any] | None:
        """Return what a run left behind, if it ended with the same key: its summary, or its failure.

        A run that the time limit or a dying worker left without a plan counts as not done.
        """
        for file in (SUMMARY_FILE, FAILURE_FILE):
            try:
                found = json.loads((self.run_folder(name) / file).read_text(encoding="utf-8"))
                if found["what_if"]["key"] == key and found.get("status") not in ("crashed", "interrupted"):
                    return dict(found)
            except (OSError, ValueError, KeyError, TypeError):
                continue
        return None

    def plan(self, name: str) -> Plan:
        """Read the plan of a run."""
        return Plan.read(self.run_folder(name))

    def write_plan(self, name: str, plan: Plan) -> None:
        """Keep the plan of a run."""
        target = self.run_folder(name)
        if (target / FAILURE_FILE).is_file():
            shutil.rmtree(target)
        plan.write(target)

    def write_failure(self, name: str, content: Mapping[str, Any]) -> None:
        """Keep the reason why a run has no plan."""
        target = self.run_folder(name)
        try:
            draft = Path(tempfile.mkdtemp(prefix=".failure-", dir=target.parent))
            draft.chmod(0o755)
            (draft / FAILURE_FILE).write_text(json.dumps(dict(content), indent=2) + "\n", encoding="utf-8")
            if target.exists():
                shutil.rmtree(target)
            draft.rename(target)
        except OSError as error:
            raise PlannerError(f"{target}: cannot be written ({error.strerror or error})") from None

    def write_table(self, rows: Iterable[Record], *, now: bool) -> None:
        """Write ``results.csv`` anew, if it is time or ``now``."""
        if not now and time.monotonic() - self._written < SECONDS_BETWEEN_TABLES:
            return
        text = io.StringIO()
        writer = csv.DictWriter(text, list(COLUMNS), lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: "" if value is None else value for name, value in row.items()} for row in rows)
        _write_whole(self.folder / RESULTS_FILE, text.getvalue())
        self._written = time.monotonic()


def _write_whole(path: Path, text: str) -> None:
    """Write a file so that it is the old one or the new one, never half of it."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
        stream.write(text)
    draft = Path(name)
    draft.chmod(0o644)
    draft.replace(path)
