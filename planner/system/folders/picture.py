"""A picture or a report in a file of its own: only one that the planner made is ever written over unasked."""

import os
import stat
from contextlib import suppress
from pathlib import Path

from planner.errors import PlannerError
from planner.system.folders.target import try_to_make

MARK = "gigaplan: drawn by the planner"
"""What each picture says of itself, among the data of its file."""
MOST_BYTES = 64 * 2**20


def examine_picture(file: Path, what: str = "picture") -> None:
    """Look at the place of a picture, or of something else that is to be made, before any work.

    Raises
    ------
    PlannerError
        If something that is not a picture of the planner's stands there, or nothing can be written there.
    """
    try:
        _refuse_others(file, what)
        for parent in (file.absolute().parent, *file.absolute().parents):
            if os.path.lexists(parent):
                if not parent.is_dir():
                    raise PlannerError(f"{file}: {parent} is not a folder; name another file")
                try_to_make(parent)
                return
    except PlannerError:
        raise
    except (OSError, ValueError) as error:
        raise PlannerError(f"{file}: cannot be written ({getattr(error, 'strerror', None) or error})") from None


def _refuse_others(file: Path, what: str) -> None:
    try:
        found = file.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return
    if stat.S_ISLNK(found.st_mode):
        raise PlannerError(f"{file}: is a link, and links are not written through; name another file")
    if not stat.S_ISREG(found.st_mode):
        raise PlannerError(f"{file}: is not a file; name another one for the {what}")
    if found.st_size > MOST_BYTES or MARK.encode() not in file.read_bytes():
        made = "drew" if what == "picture" else "made"
        raise PlannerError(f"{file}: is not a {what} that the planner {made}, and is left as it is; name another file")


def write_picture(file: Path, content: bytes, what: str = "picture") -> None:
    """Write a picture, or something else that says `MARK`, so that it is there whole or not at all.

    Raises
    ------
    PlannerError
        If something that is not a picture of the planner's stands there, or it cannot be written.
    """
    draft = file.with_name(f".gigaplan-{file.name}")  # always the same: it takes the place of what a kill left
    try:
        _refuse_others(file, what)
        file.parent.mkdir(parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        with draft.open("xb") as stream:
            stream.write(content)
        draft.replace(file)
    except PlannerError:
        raise
    except (OSError, ValueError) as error:
        raise PlannerError(f"{file}: cannot be written ({getattr(error, 'strerror', None) or error})") from None
    finally:
        with suppress(OSError, ValueError):
            draft.unlink(missing_ok=True)
