"""The store of a sweep: a folder that is whole after every run, whatever ends the process.

::

    DIR/sweep.json       what is swept
    DIR/results.csv      one row per what-if and measure, of all runs that ended
    DIR/runs/NAME/       the plan of a run (a plan folder), or failure.json
    DIR/set-aside/       runs that were found damaged and done again, as they were found

A run's folder appears complete or not at all; ``results.csv`` is written anew from them while runs end. Nothing that
the planner did not write is ever deleted or written over.
"""

import csv
import hashlib
import io
import json
import os
import stat
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from planner.analysis.measures import COLUMNS, Record
from planner.analysis.sweep_runs import FAILURE_FILE, NOT_ENDED, Left, damage_of, foreign_in, read_run
from planner.changes.names import is_run_name, refuse_names
from planner.errors import PlanError, PlannerError
from planner.plan.keep import keep
from planner.plan.plan import PlanData, write_at
from planner.plan.reading import FOLDER_FORMAT, FORMAT_KEY
from planner.status import Status
from planner.system.folders import Target, examine, manifest_of, write_folder
from planner.system.folders.target import InTheWay, named, state_of
from planner.system.folders.write import clear_drafts, hold
from planner.version import __version__

SWEEP_FILE, RESULTS_FILE, RUNS, ASIDE = "sweep.json", "results.csv", "runs", "set-aside"
SWEEP_KEYS = {"format", "case_hash", "runs"}
"""Keys by which the sweep.json of a sweep is recognised."""
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

    Attributes
    ----------
    notices : list of str
        What the user should know: damaged runs, and what could not be written where it was to be.

    Raises
    ------
    OptionError
        If a run has a name that no folder of a run may have; nothing is written then.
    PlannerError
        If something else stands there, or a sweep and ``resume`` is not asked for, or it cannot be written.
    """

    def __init__(self, folder: Path, about: Mapping[str, Any], *, resume: bool) -> None:
        refuse_names(about["runs"])
        self.folder = folder
        self.notices: list[str] = []
        self._written = float("-inf")
        self._elsewhere: dict[str, Path] = {}
        self._lock: int | None = None
        earlier = self._look(resume=resume)
        try:
            (folder / RUNS).mkdir(parents=True, exist_ok=True)
            self._lock = hold(folder)
            clear_drafts(folder / RUNS)
            names = [*about["runs"], *(name for name in earlier if name not in about["runs"])]
            _write_whole(folder / SWEEP_FILE, json.dumps({**about, "runs": names}, indent=2) + "\n")
        except BlockingIOError:
            raise PlannerError(
                f"{folder}: another sweep is writing here; wait for it, or name another folder"
            ) from None
        except OSError as error:
            self.close()
            raise PlannerError(f"{folder}: cannot be written ({error.strerror or error})") from None

    def _look(self, *, resume: bool) -> list[str]:
        """Refuse a folder that is not a sweep's; return the names of the runs of the sweep that stands there."""
        folder = self.folder
        if folder.is_symlink():
            raise PlannerError(f"{folder}: is a link, and links are not written through; name the folder itself")
        try:
            held = sorted(path.name for path in folder.iterdir()) if os.path.lexists(folder) else []
        except NotADirectoryError:
            raise PlannerError(f"{folder}: is not a sweep but a file; name another folder") from None
        except OSError as error:
            raise PlannerError(f"{folder}: cannot be read ({error.strerror or error})") from None
        if not held:
            return []
        about = _about(folder / SWEEP_FILE)
        if about is None:
            raise PlannerError(
                f"{folder}: holds something that is not a sweep and is left as it is ({named(held)}); "
                "name another folder"
            )
        if not resume:
            raise PlannerError(f"{folder}: holds a sweep; continue it with --resume, or name another folder")
        wrong = [name for name in (RUNS, ASIDE) if os.path.lexists(folder / name) and not _is_folder(folder / name)]
        if not _is_results(folder / RESULTS_FILE):
            wrong.append(RESULTS_FILE)
        if wrong:
            raise PlannerError(f"{folder}: {named(wrong)}: not what a sweep puts there; move it away to continue")
        return [str(name) for name in about["runs"]]

    def close(self) -> None:
        """Let other sweeps write here."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def run_folder(self, name: str) -> Path:
        """Return the folder of a run; very long names are cut, and distinguished by their hash.

        Raises
        ------
        OptionError
            If the name is none that a run may have: it could lead out of the store.
        """
        return run_folder(self.folder, name)

    def finished(self, name: str, key: str) -> Left | None:
        """Return what a run left behind, if it ended with the same key and is still as it was written.

        A run that the time limit or a dying worker left without a plan counts as not done.
        """
        folder = self.run_folder(name)
        left = read_run(folder)
        if left is None and os.path.lexists(folder):
            self.notices.append(f"{folder}: the run lost its summary and is done again")
        if left is None or left.key != key or left.status in NOT_ENDED:
            return None
        damage = damage_of(folder)
        if damage:
            self.notices.append(f"{folder}: the run is damaged and is done again: {damage}")
            return None
        return left

    def others(self, asked: Iterable[str]) -> list[Left]:
        """Return what runs left behind that are not asked for this time."""
        known = {self.run_folder(name) for name in asked}
        found = []
        for folder in sorted((self.folder / RUNS).iterdir()):
            if folder in known or folder.name.startswith(".") or not _is_folder(folder):
                continue
            left = read_run(folder)
            if left is None or not is_run_name(left.name) or self.run_folder(left.name) != folder:
                self.notices.append(f"{folder}: is not the folder of a run that ended, and is not in {RESULTS_FILE}")
                continue
            damage = damage_of(folder)
            if damage:
                self.notices.append(f"{folder}: the run is damaged: {damage}; run it again without --only")
            if left.status is not Status.INTERRUPTED:
                found.append(left)
        return found

    def make_room(self, names: Iterable[str]) -> None:
        """Set aside the remains of runs that are to be done again, where they are not as the planner wrote them.

        Raises
        ------
        PlannerError
            If something in them is not the planner's at all, all of it named; nothing is moved then.
        """
        foreign: list[str] = []
        damaged = []
        for name in names:
            folder = self.run_folder(name)
            try:
                state_of(folder)
            except (InTheWay, OSError):
                damaged.append(folder)
                foreign += foreign_in(folder)
        if foreign:
            raise PlannerError(
                f"{self.folder / RUNS}: runs are to be done again, and their folders hold something that is not the "
                f"planner's and is left as it is: {named(foreign)}; move it away to continue"
            )
        for folder in damaged:
            aside = self._aside(folder.name)
            try:
                aside.parent.mkdir(exist_ok=True)
                folder.rename(aside)
            except OSError as error:
                raise PlannerError(f"{folder}: cannot be moved to {aside} ({error.strerror or error})") from None
            self.notices.append(f"{folder}: what was found there is now in {aside}")

    def _aside(self, name: str) -> Path:
        """A free place for what cannot stay, or go, where the run belongs."""
        number = 1
        while os.path.lexists(free := self.folder / ASIDE / (name if number == 1 else f"{name}-{number}")):
            number += 1
        return free

    def plan(self, name: str) -> PlanData:
        """Read the plan of a run."""
        return PlanData.read(self._elsewhere.get(name, self.run_folder(name)))

    def write_plan(self, name: str, plan: PlanData) -> bool:
        """Keep the plan of a run; where its folder cannot be used, elsewhere; False where it is nowhere."""
        target = self.run_folder(name)
        try:
            place = examine(target)
        except PlanError as error:
            self.notices.append(str(error))
            aside = self._aside(target.name)
            place = Target(aside.absolute(), aside)
        kept = keep(partial(write_at, plan), place)
        if kept.note:
            self.notices.append(kept.note)
        if kept.folder is not None and kept.folder != target:
            self._elsewhere[name] = kept.folder
        return kept.folder is not None

    def write_failure(self, name: str, content: Mapping[str, Any]) -> None:
        """Keep the reason why a run has no plan."""
        text = json.dumps({**content, FORMAT_KEY: FOLDER_FORMAT}, indent=2) + "\n"
        contents = {FAILURE_FILE: text.encode()}
        try:
            manifest = manifest_of("failure", contents, f"gigaplan {__version__}")
            write_folder(examine(self.run_folder(name)), manifest, contents)
        except PlanError as error:
            self.notices.append(str(error))

    def write_table(self, rows: Mapping[str, Sequence[Record]], order: Sequence[str], *, now: bool) -> None:
        """Write ``results.csv`` anew from the rows of all runs, if it is time or ``now``: in an order, then by name."""
        if not now and time.monotonic() - self._written < SECONDS_BETWEEN_TABLES:
            return
        ranks = {name: rank for rank, name in enumerate(order)}
        text = io.StringIO()
        writer = csv.DictWriter(text, list(COLUMNS), lineterminator="\n")
        writer.writeheader()
        for name in sorted(rows, key=lambda name: (ranks.get(name, len(ranks)), name)):
            writer.writerows({column: "" if v is None else v for column, v in row.items()} for row in rows[name])
        try:
            _write_whole(self.folder / RESULTS_FILE, text.getvalue())
        except OSError as error:
            notice = f"{self.folder / RESULTS_FILE}: cannot be written ({error.strerror or error})"
            if notice not in self.notices:
                self.notices.append(notice)
        self._written = time.monotonic()


def run_folder(sweep: Path, name: str) -> Path:
    """Return the folder of a run of a sweep; see `Store.run_folder`."""
    refuse_names([name])
    if len(name) > LONGEST_FOLDER:
        name = f"{name[: LONGEST_FOLDER - 17]}-{hashlib.sha256(name.encode()).hexdigest()[:16]}"
    return sweep / RUNS / name


def is_sweep(folder: Path) -> bool:
    """Whether a folder is that of a sweep."""
    return _about(folder / SWEEP_FILE) is not None


def stored_runs(folder: Path) -> dict[str, tuple[Path, Left | None]]:
    """Return every run of a sweep that stands in a folder, with its folder and what it left behind.

    Raises
    ------
    PlannerError
        If it is not the folder of a sweep.
    """
    about = _about(folder / SWEEP_FILE)
    if about is None:
        raise PlannerError(
            f"{folder}: is not the folder of a sweep ({SWEEP_FILE} is missing, or not what a sweep writes)"
        )
    places = {str(name): run_folder(folder, str(name)) for name in about["runs"]}
    return {name: (place, read_run(place)) for name, place in places.items()}


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _about(path: Path) -> Mapping[str, Any] | None:
    """What ``sweep.json`` says; None where it is not the planner's."""
    try:
        found = json.loads(path.read_text(encoding="utf-8")) if stat.S_ISREG(path.lstat().st_mode) else None
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not found.keys() >= SWEEP_KEYS or not isinstance(found["runs"], list):
        return None
    return found


def _is_results(path: Path) -> bool:
    """Whether a file is a table of results, or is not there yet."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return False
        with path.open(encoding="utf-8", newline="") as stream:
            return stream.readline(1000).rstrip("\r\n") in ("", ",".join(COLUMNS))
    except FileNotFoundError:
        return True
    except (OSError, ValueError):
        return False


def _write_whole(path: Path, text: str) -> None:
    """Write a file so that it is the old one or the new one, never half of it.

    The draft always has the same name, so that the next one written takes the place of what a killed process left.
    """
    draft = path.with_name(f".gigaplan-{path.name}")
    try:
        draft.unlink(missing_ok=True)
        with draft.open("x", encoding="utf-8", newline="") as stream:
            stream.write(text)
        draft.replace(path)
    except BaseException:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
