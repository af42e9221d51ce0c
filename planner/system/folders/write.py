"""Write a folder so that it appears complete or not at all, and so that no work is lost on the way.

The new folder is written beside the old one under a hidden name (``.gigaplan-draft-...``), the old one is moved away
(``.gigaplan-old-...``), the new one takes its place, and of the old one the files that its manifest names are deleted.
Whatever goes wrong in between is undone; what a killed process left is found by its name, and by the lock that it no
longer holds, and tidied away by the next one that writes a folder of the same name.
"""

import hashlib
import os
import secrets
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from planner.errors import PlanError
from planner.system.folders.manifest import (
    MANIFEST_FILE,
    Manifest,
    ManifestError,
    differences,
    folders_of,
    read_manifest,
)
from planner.system.folders.target import NOTHING, TRIAL, InTheWay, Target, state_of

try:
    import fcntl
except ImportError:  # not on Windows; there what a killed process left is tidied away when it is a day old
    fcntl = None  # type: ignore[assignment]

DRAFT, OLD = ".gigaplan-draft-", ".gigaplan-old-"
LOCK_TRIES, LOCK_WAIT_S = 100, 0.05
LONGEST_NAME = 200
MOST_BESIDE = 10_000
STALE_S = 86_400.0
"""Without locks, what is older was left by a process that is gone."""


def write_folder(target: Target, manifest: Manifest, contents: Mapping[str, bytes]) -> Path:
    """Write a folder with its manifest.

    Parameters
    ----------
    target : Target
        As `planner.system.folders.target.examine` found it.
    manifest : Manifest
    contents : mapping of str to bytes
        The files, by their paths within the folder.

    Returns
    -------
    Path
        Where it is, as the user would write it: the place, or one beside it if another process put something there in
        the meantime (``NAME-2``, ``NAME-3``, ...).

    Raises
    ------
    PlanError
        If it cannot be written; nothing is left behind then.
    """
    parent = target.path.parent
    made = missing_parents(parent)
    try:
        parent.mkdir(parents=True, exist_ok=True)
        with draft_of(target) as draft:
            fill(draft, manifest, contents)
            with _alone(parent):
                found = target.path if _take(draft, target) else _beside(draft, target.path)
    except PlanError:
        raise
    except (OSError, ValueError) as error:
        raise PlanError(f"{target.shown}: cannot be written ({getattr(error, 'strerror', None) or error})") from None
    finally:
        for folder in made:
            with suppress(OSError):
                folder.rmdir()  # only what is empty can be removed
    return target.shown.with_name(found.name) if found.name != target.path.name else target.shown


def missing_parents(parent: Path) -> list[Path]:
    """The parents that have to be made, the lowest first."""
    return [folder for folder in (parent, *parent.parents) if not os.path.lexists(folder)]


def _tag(path: Path) -> str:
    """Separates the name from the rest of the name of a hidden folder."""
    return hashlib.sha256(os.fsencode(path.name)).hexdigest()[:8]


def _hidden(path: Path, kind: str) -> Path:
    return path.parent / f"{kind}{_tag(path)}-{secrets.token_hex(4)}"


@contextmanager
def draft_of(target: Target) -> Iterator[Path]:
    """Make the folder in which the new one is written; locked while this process lives, gone when it fails."""
    draft = _hidden(target.path, DRAFT)
    handle = None
    try:
        with _alone(target.path.parent):
            _tidy_drafts(target.path)
            draft.mkdir()
            with suppress(BlockingIOError):
                handle = _lock(draft)
        yield draft
    finally:
        if draft.is_dir():  # it has not become the new folder
            _remove_draft(draft)
        if handle is not None:
            os.close(handle)
        with _alone(target.path.parent) as alone:
            _tidy_old(target.path, alone=alone)


def fill(draft: Path, manifest: Manifest, contents: Mapping[str, bytes]) -> None:
    """Write the manifest first: by it the files of a draft are known, however far it came."""
    (draft / MANIFEST_FILE).write_bytes(manifest.text().encode())
    for name, content in contents.items():
        path = draft / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _take(draft: Path, target: Target) -> bool:
    """Put the draft in its place; False, and all as it was, where something else stands there by now."""
    path = target.path
    try:
        state = state_of(path)
        if state == NOTHING:
            if path.is_dir():
                _same_mode(path, draft)
                if os.name == "nt":
                    path.rmdir()
            draft.rename(path)
            return True
        return state == target.state and _replace(draft, target)
    except (InTheWay, OSError):
        return False


def _replace(draft: Path, target: Target) -> bool:
    path, old = target.path, _hidden(target.path, OLD)
    try:
        path.rename(old)
        if state_of(old) != target.state:  # another one was quicker
            return False
        _same_mode(old, draft)
        draft.rename(path)
    finally:
        if draft.is_dir():
            _put_back(old, path)
    _remove_old(old, path)
    return True


def _same_mode(model: Path, folder: Path) -> None:
    with suppress(OSError):
        folder.chmod(stat.S_IMODE(model.stat().st_mode))


def _put_back(old: Path, path: Path) -> None:
    """Give a folder that was moved away its name again, or one beside it if the name is taken."""
    if old.is_dir():
        try:
            old.rename(path)
        except OSError:
            _beside(old, path)


def _beside(folder: Path, path: Path) -> Path:
    """Give a folder the first free name beside a place."""
    stem = path.name[:LONGEST_NAME]
    for number in range(2, MOST_BESIDE):
        free = path.with_name(f"{stem}-{number}")
        if not os.path.lexists(free):
            with suppress(FileExistsError, NotADirectoryError):
                folder.rename(free)
                return free
    raise OSError(f"there is no free name beside {path}")


def _remove_files(folder: Path, manifest: Manifest, names: Iterator[str]) -> bool:
    """Delete files of a folder, and the folders of its manifest that are empty then; whether all is gone."""
    for name in names:
        with suppress(OSError):
            if stat.S_ISREG((folder / name).lstat().st_mode):
                (folder / name).unlink()
    for name in sorted(folders_of(manifest.files), reverse=True):
        with suppress(OSError):
            (folder / name).rmdir()
    try:
        if [entry.name for entry in folder.iterdir()] == [MANIFEST_FILE]:
            (folder / MANIFEST_FILE).unlink()
        folder.rmdir()
    except OSError:
        return False
    return True


def _remove_old(old: Path, path: Path) -> None:
    """Delete a folder that was replaced: the files of its manifest, unchanged; what else came to it is kept beside."""
    try:
        manifest = read_manifest(old)
        changed = set(differences(old, manifest).changed) if manifest else set()
        gone = manifest is not None and _remove_files(old, manifest, (n for n in manifest.files if n not in changed))
    except (ManifestError, OSError):
        gone = False
    if not gone and old.is_dir():
        with suppress(OSError):
            _beside(old, path)


def _remove_draft(draft: Path) -> None:
    """Delete a draft that did not become a folder: the files that its manifest names, complete or not."""
    try:
        manifest = read_manifest(draft)
    except ManifestError:  # it was being written
        manifest = None
        with suppress(OSError):
            if [entry.name for entry in draft.iterdir()] == [MANIFEST_FILE]:
                (draft / MANIFEST_FILE).unlink()
    if manifest is not None:
        _remove_files(draft, manifest, iter(manifest.files))
    with suppress(OSError):
        draft.rmdir()


def _left(path: Path, prefix: str) -> list[Path]:
    """What lies beside a folder under names that begin so."""
    with suppress(OSError):
        return [entry for entry in path.parent.iterdir() if entry.name.startswith(prefix)]
    return []


def _tidy_drafts(path: Path) -> None:
    """Clear away the drafts that killed processes left of a folder of this name, and their trials."""
    for draft in _left(path, f"{DRAFT}{_tag(path)}-"):
        if _is_left(draft):
            _remove_draft(draft)
    for trial in _left(path, TRIAL):
        with suppress(OSError):
            trial.rmdir()  # only what is empty can be removed


def _tidy_old(path: Path, *, alone: bool) -> None:
    """Clear away what killed processes moved out of the way; where nothing took its place, move it back."""
    for old in _left(path, f"{OLD}{_tag(path)}-"):
        with suppress(OSError):
            if not alone and not _is_old(old):
                continue
            if os.path.lexists(path):
                _remove_old(old, path)
            else:
                _put_back(old, path)


def clear_drafts(folder: Path) -> None:
    """Clear away the drafts that killed processes left in a folder, whatever they were to become.

    Raises
    ------
    OSError
        If the folder cannot be listed.
    """
    for entry in list(folder.iterdir()):
        if entry.name.startswith(DRAFT) and _is_left(entry):
            _remove_draft(entry)


def remove_folder(folder: Path) -> None:
    """Delete a folder that the planner wrote, all of whose files are as it wrote them; one that is not there is none.

    Raises
    ------
    PlanError
        If anything in it is not the planner's own: it is left as it is then.
    """
    try:
        state = state_of(folder)
        manifest = read_manifest(folder) if state != NOTHING else None
        if manifest is not None and not _remove_files(folder, manifest, iter(manifest.files)):
            raise InTheWay("cannot be deleted, or not all of it")
        if manifest is None and folder.is_dir():
            folder.rmdir()
    except InTheWay as error:
        raise PlanError(f"{folder}: {error}") from None
    except OSError as error:
        raise PlanError(f"{folder}: cannot be deleted ({error.strerror or error})") from None


def hold(folder: Path) -> int | None:
    """Keep other processes from holding a folder, until the handle is closed; None where folders cannot be locked.

    Raises
    ------
    BlockingIOError
        If another one holds it.
    """
    return _lock(folder)


def _is_old(entry: Path) -> bool:
    return time.time() - entry.lstat().st_mtime > STALE_S


def _is_left(draft: Path) -> bool:
    """Whether the process that wrote a draft is gone: it holds no lock on it any more."""
    if draft.is_symlink() or not draft.is_dir():
        return False
    try:
        handle = _lock(draft)
    except BlockingIOError:
        return False
    if handle is None:
        return _is_old(draft)
    os.close(handle)
    return True


def _lock(folder: Path) -> int | None:
    """Lock a folder for this process, as long as the handle is open; None where folders cannot be locked.

    Raises
    ------
    BlockingIOError
        If another one holds the lock.
    """
    if fcntl is None:
        return None
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise
    except OSError:
        os.close(handle)
        return None
    return handle


@contextmanager
def _alone(parent: Path) -> Iterator[bool]:
    """Be the only process that moves folders within a parent; after some time without the lock all the same.

    What protects against loss are the moves, which the operating system makes one at a time, and what is checked after
    each; the lock only makes their undoing rare.
    """
    handle = None
    for _ in range(LOCK_TRIES):
        try:
            handle = _lock(parent)
            break
        except BlockingIOError:
            time.sleep(LOCK_WAIT_S)
    try:
        yield handle is not None
    finally:
        if handle is not None:
            os.close(handle)
