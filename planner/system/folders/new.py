"""Write files into a folder that is new or empty: all of them or none, and never over anything."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from planner.errors import PlannerError
from planner.system.folders.manifest import MANIFEST_FILE, listing, manifest_of
from planner.system.folders.target import Target, named
from planner.system.folders.write import draft_of, fill, missing_parents


def write_new(folder: str | Path, contents: Mapping[str, bytes]) -> None:
    """Write files into a folder that is new or empty.

    Parameters
    ----------
    folder : str or Path
    contents : mapping of str to bytes
        The files by name; the last one is written last.

    Raises
    ------
    PlannerError
        If the folder holds anything or is a link or a file, all of it named, or cannot be written; nothing is left
        behind then.
    """
    target = Path(folder)
    try:
        if target.is_symlink():
            raise PlannerError(f"{target}: is a link, and links are not written through; name the folder itself")
        if not os.path.lexists(target):
            _make(target, contents)
            return
        if not target.is_dir():
            raise PlannerError(f"{target}: cannot write there: there is a file of this name")
        held = listing(target)
        if held:
            raise PlannerError(f"{target}: the folder is not empty ({named(held)}); name a new one")
        _fill_empty(target, contents)
    except (OSError, ValueError) as error:
        raise PlannerError(f"{target}: cannot write there ({getattr(error, 'strerror', None) or error})") from None


def _make(target: Path, contents: Mapping[str, bytes]) -> None:
    """Make a new folder under a hidden name, and give it its name when it is whole."""
    path = target.absolute()
    made = missing_parents(path.parent)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft_of(Target(path, target)) as draft:
            fill(draft, manifest_of("new", contents, "gigaplan"), contents)
            (draft / MANIFEST_FILE).unlink()  # from here on it is the user's
            draft.rename(path)
    finally:
        for parent in made:
            with suppress(OSError):
                parent.rmdir()  # only what is empty can be removed


def _fill_empty(target: Path, contents: Mapping[str, bytes]) -> None:
    """Write into a folder that is there and empty, such as the current one."""
    written: list[Path] = []
    try:
        for name, content in contents.items():
            written.append(target / name)
            with (target / name).open("xb") as stream:
                stream.write(content)
    except BaseException as error:
        if isinstance(error, FileExistsError):
            written.pop()  # of another process
        for path in written:
            with suppress(OSError):
                path.unlink()
        raise
