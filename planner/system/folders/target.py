"""Where a folder is to be written: looked at before any work, so that nothing of the user's is ever in its way."""

import os
import secrets
import stat
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from planner.errors import PlanError
from planner.system.folders.manifest import MANIFEST_FILE, ManifestError, differences, listing, read_manifest

MOST_NAMED = 10
"""Things in the way that are named; the others are counted."""
NOTHING = ""
"""State of a folder that is not there, or empty."""
TRIAL = ".gigaplan-trial-"
"""Names of the empty folders by which is tried whether a folder can be written."""
PLANS = ("plan", "failure")
"""Kinds of folders that a plan, or the reason why there is none, may replace."""
_WORDS = {
    "plan": "a plan",
    "failure": "the reason why a run has no plan",
    "export": "an exported plan",
    "new": "a new case",
}
OLD_PLAN = {"summary.json", "tables/"}
"""What a folder of a plan holds that was written before there were manifests."""


@dataclass(frozen=True, slots=True)
class Target:
    """A folder that may be written, and what stood there when it was looked at.

    Attributes
    ----------
    path : Path
        Absolute, its parents with links resolved.
    shown : Path
        As the user wrote it, for messages.
    state : str
        Empty if there was none, else the digest of the manifest that was there.
    """

    path: Path
    shown: Path
    state: str = NOTHING


class InTheWay(Exception):
    """Something that is not the planner's own stands at a place; the text says what."""


def examine(folder: str | Path, kinds: Collection[str] = PLANS) -> Target:
    """Look at the target folder that is to be written.

    It must be new, empty, or a folder of one of the kinds, all of whose files are those that its manifest names,
    unchanged: a plan is never replaced by an export of it, nor a new case by a plan.

    Raises
    ------
    PlanError
        If something else stands there, all of it named, or if nothing can be written there.
    """
    shown = Path(folder)
    try:
        path = _absolute(shown)
        state = state_of(path)
        _refuse_other_kinds(path, state, kinds)
        _try_to_write(path.parent)
        return Target(path, shown, state)
    except InTheWay as error:
        raise PlanError(f"{shown}: {error}") from None
    except PlanError:
        raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise PlanError(f"{shown}: cannot be written ({reason}); name another folder") from None


def _refuse_other_kinds(path: Path, state: str, kinds: Collection[str]) -> None:
    """Refuse a folder of the planner's own that is of another kind than those that may be replaced."""
    manifest = read_manifest(path) if state != NOTHING else None
    if manifest is not None and manifest.kind not in kinds:
        raise InTheWay(
            f"holds {_WORDS.get(manifest.kind, 'something else')}, which is not replaced; name another folder"
        )


def _absolute(folder: Path) -> Path:
    """Where a folder is, its parents resolved; it may be a link itself, which is refused later."""
    try:
        here = Path.cwd()
    except OSError:
        if folder.is_absolute():
            here = Path(folder.anchor)
        else:
            raise InTheWay("the current folder does not exist any more; change to another one") from None
    path = here / folder
    path = _real(path) if path.name in ("", "..") else _real(path.parent) / path.name
    if path == Path(path.anchor):
        raise InTheWay("is the root of the file system; name a new folder in it")
    if path == _real(here):
        raise InTheWay("is the current folder; name a new folder in it")
    return path


def _real(path: Path) -> Path:
    """A path with its links resolved; one in a circle of links stays as it is, and cannot be written later."""
    return Path(os.path.realpath(path))


def _try_to_write(parent: Path) -> None:
    """Try to write where a folder is to be, in the nearest parent that exists.

    Raises
    ------
    InTheWay
        If a parent is a file.
    OSError
        If nothing can be written there.
    """
    for nearest in (parent, *parent.parents):
        if os.path.lexists(nearest):
            if not nearest.is_dir():
                raise InTheWay(f"{nearest} is not a folder; a plan needs one: name another")
            try_to_make(nearest)
            return


def try_to_make(folder: Path) -> None:
    """Make and remove an empty folder in a folder.

    Raises
    ------
    OSError
        If that is not possible.
    """
    trial = folder / f"{TRIAL}{secrets.token_hex(4)}"
    trial.mkdir()
    with suppress(OSError):
        trial.rmdir()


def state_of(path: Path) -> str:
    """What stands at a place: nothing, or the digest of the manifest of a folder that is the planner's own, all of it.

    Raises
    ------
    InTheWay
        If anything there is not the planner's own.
    OSError
        If it cannot be looked at.
    """
    try:
        mode = path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return NOTHING
    if stat.S_ISLNK(mode):
        raise InTheWay("is a link, and links are not written through; name the folder itself")
    if not stat.S_ISDIR(mode):
        raise InTheWay("is a file, not a folder; name another")
    held = listing(path)
    if not held:
        return NOTHING
    try:
        manifest = read_manifest(path)
    except ManifestError as error:
        raise InTheWay(_refusal([str(error), *(name for name in held if name != MANIFEST_FILE)])) from None
    if manifest is None:
        if set(held) >= OLD_PLAN:
            raise InTheWay(
                "holds a plan without a manifest, written by an earlier version, so that its files and yours "
                f"cannot be distinguished ({named(held)}); move it away, or name another folder"
            )
        raise InTheWay(_refusal(held))
    users = differences(path, manifest).users
    if users:
        raise InTheWay(_refusal(users))
    return manifest.digest


def _refusal(things: Sequence[str]) -> str:
    return f"has files that are not from a plan, and is left as it is: {named(things)}; name another folder"


def named(things: Sequence[str]) -> str:
    """Name things, the first of them and how many more."""
    more = len(things) - MOST_NAMED
    return ", ".join(things[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
