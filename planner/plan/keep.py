"""Keep a finished plan, wherever it can be written: hours of work do not end with a full disk."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from planner.errors import PlanError
from planner.system.folders import Target, examine

Write = Callable[[Target], Path]
"""Writes what is to be kept to a place, and returns where it is."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a plan is.

    Attributes
    ----------
    folder : Path or None
        Its folder; None where nothing could be written anywhere.
    note : str
        Why it is not where it was to be; empty where it is.
    """

    folder: Path | None
    note: str = ""


def keep(write: Write, target: Target, what: str = "the plan is") -> Kept:
    """Write a plan to its place; else beside it, into the current folder, or into the folder for temporary files.

    ``what`` is written, in the words of the note.

    Ctrl-C while it is written does not lose it: it is written again, and only a second one is obeyed.
    """
    try:
        return _keep(write, target, what)
    except KeyboardInterrupt:
        return _keep(write, target, what)


def _keep(write: Write, target: Target, what: str) -> Kept:
    try:
        folder = write(target)
    except PlanError as error:
        reason = str(error)
    else:
        if folder == target.shown:
            return Kept(folder)
        return Kept(folder, f"{target.shown} was taken while the case was solved; {what} in {folder}")
    for other in _elsewhere(target.path.name):
        with suppress(PlanError, OSError), other as fallback:
            folder = write(fallback)
            return Kept(folder, f"{reason}; {what} in {folder}")
    return Kept(None, f"{reason}; nor is there any other place where it can be written")


def _elsewhere(name: str) -> Iterator[AbstractContextManager[Target]]:
    yield _current(name)
    yield _temporary(name)


@contextmanager
def _current(name: str) -> Iterator[Target]:
    """A target in the current folder; one that is taken already makes the plan go beside it."""
    path = Path.cwd() / name
    yield Target(path, path)


@contextmanager
def _temporary(name: str) -> Iterator[Target]:
    """A target that is readable by its owner alone, in the folder for temporary files."""
    parent = Path(tempfile.mkdtemp(prefix="gigaplan-"))
    try:
        yield examine(parent / name)
    finally:
        with suppress(OSError):
            parent.rmdir()  # only if it stayed empty
