"""Read the progress of HiGHS from its log: when which gap was reached."""

import re
from collections.abc import Iterable
from math import inf, isfinite

_ROW = re.compile(
    r"^\s*[A-Z]?\s+\d+\s+\d+\s+\d+\s+[\d.]+%\s+(?P<bound>\S+)\s+(?P<best>\S+)\s+(?P<gap>\S+)\s.*\s(?P<seconds>[\d.]+)s\s*$"
)


def progress(lines: Iterable[str]) -> list[tuple[float, float]]:
    """Return (seconds of the solver, relative gap) of each line of the branch-and-bound table."""
    found = []
    for line in lines:
        match = _ROW.match(line)
        if match:
            gap = match["gap"]
            found.append((float(match["seconds"]), float(gap[:-1]) / 100 if gap.endswith("%") else inf))
    return found


def moments(lines: Iterable[str]) -> list[tuple[float, float | None, float | None]]:
    """Return (seconds of the solver, best cost, bound) of each line of the branch-and-bound table."""
    found: list[tuple[float, float | None, float | None]] = []
    for line in lines:
        match = _ROW.match(line)
        if match:
            best, bound = (_number(match[name]) for name in ("best", "bound"))
            found.append((float(match["seconds"]), best, bound))
    return found


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if isfinite(value) else None


def seconds_to(events: Iterable[tuple[float, float]], gap: float) -> float | None:
    """Return the first time at which the gap was reached, or None."""
    return next((seconds for seconds, reached in events if reached <= gap), None)
