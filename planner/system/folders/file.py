"""Write one file so that it is there whole or not at all, and never over another one unless that is asked for."""

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from planner.errors import PlannerError
from planner.system.folders.target import try_to_make
from planner.system.folders.write import missing_parents


def examine_file(file: str | Path, *, replace: bool = False, hint: str = "") -> None:
    """Look at the place of a file that is to be written, before any work.

    Parameters
    ----------
    file : str or Path
    replace : bool
        Whether a file that stands there may be replaced.
    hint : str
        What else can be done than to name another one.

    Raises
    ------
    PlannerError
        If something stands there that is not to be replaced, or nothing can be written there.
    """
    path = Path(file)
    try:
        _refuse(path, replace=replace, hint=hint)
        for parent in (path.absolute().parent, *path.absolute().parents):
            if os.path.lexists(parent):
                if not parent.is_dir():
                    raise PlannerError(f"{path}: {parent} is not a folder; name another file")
                try_to_make(parent)
                return
    except (OSError, ValueError) as error:
        raise PlannerError(f"{path}: cannot be written ({getattr(error, 'strerror', None) or error})") from None


def write_file(file: str | Path, content: bytes, *, replace: bool = False) -> None:
    """Write a file: under a hidden name beside its place, which it then takes.

    Raises
    ------
    PlannerError
        If something stands there that is not to be replaced, or it cannot be written; nothing is left behind then.
    """
    path = Path(file)
    draft = path.with_name(f".gigaplan-file-{secrets.token_hex(8)}") if path.name else path
    made: list[Path] = []
    try:
        _refuse(path, replace=replace)
        made = missing_parents(path.absolute().parent)
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("xb") as stream:
            stream.write(content)
        if replace:
            draft.replace(path)
        else:
            _take(draft, path, content)
    except FileExistsError:
        raise PlannerError(_there(path)) from None
    except (OSError, ValueError) as error:
        raise PlannerError(f"{path}: cannot be written ({getattr(error, 'strerror', None) or error})") from None
    finally:
        if draft != path:
            with suppress(OSError, ValueError):
                draft.unlink(missing_ok=True)
        for folder in made:
            with suppress(OSError):
                folder.rmdir()  # only what is empty can be removed


def _take(draft: Path, path: Path, content: bytes) -> None:
    """Give a file its name, unless another process was quicker.

    Raises
    ------
    FileExistsError
        If there is a file of the name.
    """
    try:
        os.link(draft, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without such links
        with path.open("xb") as stream:
            stream.write(content)


def _refuse(path: Path, *, replace: bool, hint: str = "") -> None:
    try:
        found = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return
    if stat.S_ISLNK(found.st_mode):
        raise PlannerError(f"{path}: is a link, and links are not written through; name the file itself")
    if not stat.S_ISREG(found.st_mode):
        raise PlannerError(f"{path}: is not a file; name another one")
    if not replace:
        raise PlannerError(_there(path, hint))


def _there(path: Path, hint: str = "") -> str:
    return f"{path}: there is a file of this name, which is left as it is; name another one{hint}"
