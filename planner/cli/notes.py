"""What a command has to say about how it understood its words: a name that means two things, more than there is."""

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
    """Begin a command line with nothing said."""
    _NOTES.set(())
    _LISTENER.set(None)


def listen(tell: Callable[[str], None]) -> None:
    """Tell every note so far, and from now on each as it comes."""
    for text in _NOTES.get():
        tell(text)
    _LISTENER.set(tell)


@contextmanager
def deprecated_names_noted() -> Iterator[None]:
    """Turn each warning of a name that goes into a note, once."""
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
    """Note which of the two is taken where ``name`` is a shipped case and stands in the current folder too."""
    try:
        shipped = shipped_models()
    except PlannerError:  # an installation without its data still reads a user's own cases
        shipped = []
    if name in shipped:
        _note("case", name, _rival(name, Path.exists))
    return name


def note_whatifs(name: str | None) -> str | None:
    """Note which of the two is taken where ``name`` is a shipped what-if file and stands in the current folder too."""
    try:
        shipped = shipped_whatifs()
    except PlannerError:
        shipped = []
    if name is not None and name in shipped:
        _note("what-if file", name, _rival(name, Path.is_file))
    return name


def note_cores(option: str, wanted: int, *, given: bool) -> int:
    """Cap a number of threads or processes at the cores of this machine; note it where the user gave the number."""
    cores = usable_cores()
    if wanted > cores and given:
        what = "1 core" if cores == 1 else f"{cores} cores"
        _add(f"{option} {wanted}: this machine lets the planner use {what}; {cores} used")
    return min(wanted, cores)


def _rival(name: str, is_one: Callable[[Path], bool]) -> str | None:
    """Return how to write the file or folder of the current folder that could be meant by a shipped name."""
    for written in (name, f"{name}.toml"):
        try:
            if is_one(Path(written)):
                return f"./{written}"
        except OSError:  # a folder that cannot be searched has nothing to offer
            continue
    return None


def _note(what: str, name: str, rival: str | None) -> None:
    if rival is not None:
        kind = "folder" if Path(rival).is_dir() else "file"
        text = f"{name}: the shipped {what} of this name is taken; for the {kind} in the current folder write {rival}"
        _add(text)


def _add(text: str) -> None:
    _NOTES.set((*_NOTES.get(), text))
    tell = _LISTENER.get()
    if tell is not None:
        tell(text)
