"""Notes on how a command line was understood: an ambiguous name, more threads than cores, an earlier name."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TextIO

from planner.errors import DeprecatedNameWarning, PlannerError
from planner.system.cores import usable_cores
from planner.system.resources import shipped_models, shipped_whatifs

_NOTES: ContextVar[tuple[str, ...]] = ContextVar("notes", default=())
_LISTENER: ContextVar[Callable[[str], None] | None] = ContextVar("listener", default=None)


def forget_notes() -> None:
    """Begin a command line without notes."""
    _NOTES.set(())
    _LISTENER.set(None)


def listen(show: Callable[[str], None]) -> None:
    """Show every note so far, and from now on each new one."""
    for text in _NOTES.get():
        show(text)
    _LISTENER.set(show)


@contextmanager
def deprecated_names_noted() -> Iterator[None]:
    """Turn each warning about a deprecated name into a note, once."""
    with warnings.catch_warnings():
        before = warnings.showwarning

        def show(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            if not issubclass(category, DeprecatedNameWarning):
                before(message, category, filename, lineno, file, line)
            elif str(message) not in _NOTES.get():
                _add(str(message))

        warnings.simplefilter("always", DeprecatedNameWarning)
        warnings.showwarning = show
        yield


def notes_so_far() -> tuple[str, ...]:
    """Return what was noted since the command line began, in order."""
    return _NOTES.get()


def note_case(name: str) -> str:
    """Note which one is used if ``name`` is a shipped case and also a file or folder of the current folder."""
    try:
        shipped = shipped_models()
    except PlannerError:  # an installation without its data still reads a user's own cases
        shipped = []
    if name in shipped:
        _note("case", name, _rival(name, Path.exists))
    return name


def note_given_case(name: str | None) -> str | None:
    """Note what `note_case` does of a case that need not be given."""
    return None if name is None else note_case(name)


def note_whatifs(name: str | None) -> str | None:
    """Note which one is used if ``name`` is a shipped what-if file and also a file of the current folder."""
    try:
        shipped = shipped_whatifs()
    except PlannerError:
        shipped = []
    if name is not None and name in shipped:
        _note("what-if file", name, _rival(name, Path.is_file))
    return name


def note_cores(option: str, wanted: int, *, given: bool) -> int:
    """Limit a number of threads or processes to the cores of this machine, with a note if the user gave the number."""
    cores = usable_cores()
    if wanted > cores and given:
        what = "1 core" if cores == 1 else f"{cores} cores"
        _add(f"{option} {wanted}: the planner may use {what} of this machine; {cores} used")
    return min(wanted, cores)


def note_no_change(option: str) -> None:
    """Note that the changes of a command line leave the case as it is."""
    _add(f"{option}: changes nothing, the case has these values already")


def _rival(name: str, is_one: Callable[[Path], bool]) -> str | None:
    """Return how to name the file or folder of the current folder that has a shipped name."""
    for written in (name, f"{name}.toml"):
        try:
            if is_one(Path(written)):
                return f"./{written}"
        except OSError:  # a folder that cannot be read
            continue
    return None


def _note(what: str, name: str, rival: str | None) -> None:
    if rival is not None:
        kind = "folder" if Path(rival).is_dir() else "file"
        text = f"{name}: the shipped {what} of this name is used; for the {kind} in the current folder write {rival}"
        _add(text)


def _add(text: str) -> None:
    _NOTES.set((*_NOTES.get(), text))
    show = _LISTENER.get()
    if show is not None:
        show(text)
