"""Reading a file that anybody may have changed: never a pipe or a device, never more than fits."""

import stat
from pathlib import Path

from planner.errors import PlanError

MOST_JSON_BYTES, MOST_TABLE_BYTES = 64 * 2**20, 2**30
"""No summary and no table of a plan is larger."""


def read_text(path: Path, most: int) -> str:
    """Read a regular file of at most so many bytes as text in UTF-8 (with or without a byte order mark).

    Raises
    ------
    PlanError
        If it is none, or cannot be read.
    """
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise PlanError(f"{path}: is not a regular file")
        if found.st_size > most:
            raise PlanError(f"{path}: is larger ({found.st_size:,} bytes) than this file of a plan can be")
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return stream.read()
    except PlanError:
        raise
    except UnicodeDecodeError:
        raise PlanError(f"{path}: cannot be read (it is not text in UTF-8)") from None
    except (OSError, ValueError) as error:
        raise PlanError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from None
