"""Which servers of a store are at work: each holds a file that it has locked until it ends, however it ends."""

import os
import re
import secrets
from contextlib import suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # not on Windows, where a file that is open cannot be deleted, which serves as well
    fcntl = None  # type: ignore[assignment]

ENDING = ".lock"
_NAME = re.compile(r"[0-9a-f]{16}")


class Alive:
    """The sign of life of one server.

    Parameters
    ----------
    folder : Path
        Where the servers of a store have their files.

    Attributes
    ----------
    name : str
        Of this server; no other has it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.name = secrets.token_hex(8)
        self._path = folder / f"{self.name}{ENDING}"
        self._handle: int | None = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        if fcntl is not None:
            fcntl.flock(self._handle, fcntl.LOCK_EX)

    def lives(self, name: str) -> bool:
        """Whether a server is at work; the file of one that is not is taken away."""
        if name == self.name:
            return self._handle is not None
        if not _NAME.fullmatch(name):
            return False
        path = self._folder / f"{name}{ENDING}"
        try:
            return self._held(path)
        except FileNotFoundError:
            return False
        except OSError:  # it cannot be looked at: no run is ended on a guess
            return True

    def _held(self, path: Path) -> bool:
        if fcntl is None:
            path.unlink()
            return False
        handle = os.open(path, os.O_RDWR)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        else:
            path.unlink(missing_ok=True)
            return False
        finally:
            os.close(handle)

    def close(self) -> None:
        """End the sign of life."""
        if self._handle is None:
            return
        os.close(self._handle)
        self._handle = None
        with suppress(OSError):
            self._path.unlink()
