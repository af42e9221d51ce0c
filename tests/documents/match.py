"""Compare what a page states with what came out; ``...`` stands for anything."""

import difflib
import re
from collections.abc import Sequence

ELLIPSIS = "..."


def tidy(text: str) -> list[str]:
    """Return the lines of an output without blanks at their ends, and without blank lines before and after."""
    lines = [line.rstrip() for line in text.splitlines()]
    while lines and not lines[-1]:
        lines.pop()
    while lines and not lines[0]:
        lines.pop(0)
    return lines


def line_matches(stated: str, line: str) -> bool:
    """Say whether a line is the stated one; ``...`` in it stands for any text."""
    pattern = ".*".join(re.escape(part) for part in stated.rstrip().split(ELLIPSIS))
    return re.fullmatch(pattern, line) is not None


def matches(stated: Sequence[str], lines: Sequence[str]) -> bool:
    """Say whether lines are the stated ones; a line that is ``...`` alone stands for any number of lines."""
    reachable = {0}
    for want in stated:
        if want.strip() == ELLIPSIS:
            reachable = set(range(min(reachable), len(lines) + 1))
        else:
            reachable = {at + 1 for at in reachable if at < len(lines) and line_matches(want, lines[at])}
        if not reachable:
            return False
    return len(lines) in reachable


def difference(stated: Sequence[str], output: str) -> str | None:
    """Return None if an output is the stated one, else both side by side as a diff."""
    want, got = tidy("\n".join(stated)), tidy(output)
    if matches(want, got):
        return None
    return "\n".join(difflib.unified_diff(want, got, "stated", "came out", lineterm="", n=2))


def restated(stated: Sequence[str], output: str) -> list[str]:
    """Return what a page should state of an output in the place of what it states: the same lines, as they are now.

    Lines that still hold are kept with their ``...``. Between two lines that are ``...`` alone, as many lines as before
    are taken from where they resemble the old ones most.
    """
    want, got = tidy("\n".join(stated)), tidy(output)
    if not want:
        return got
    if matches(want, got):
        return list(stated)
    if ELLIPSIS not in [line.strip() for line in want]:
        return [_kept(line, want) for line in got]
    result: list[str] = []
    position = 0
    for segment in _segments(want):
        if segment == [ELLIPSIS]:
            result.append(ELLIPSIS)
            continue
        begin = _best_place(segment, got, position)
        result += [_kept(line, segment) for line in got[begin : begin + len(segment)]]
        position = min(begin + len(segment), len(got))
    return result


def _segments(lines: Sequence[str]) -> list[list[str]]:
    """Cut lines at those that are ``...`` alone."""
    found: list[list[str]] = [[]]
    for line in lines:
        if line.strip() == ELLIPSIS:
            found += [[ELLIPSIS], []]
        else:
            found[-1].append(line)
    return [segment for segment in found if segment]


def _best_place(segment: Sequence[str], lines: Sequence[str], first: int) -> int:
    """Return where lines resemble a segment most, at ``first`` or later."""

    def likeness(begin: int) -> float:
        pairs = zip(segment, lines[begin : begin + len(segment)], strict=False)
        return sum(difflib.SequenceMatcher(None, old, new).ratio() for old, new in pairs)

    places = range(first, max(first, len(lines) - len(segment)) + 1)
    return max(places, key=likeness)


def _kept(line: str, old: Sequence[str]) -> str:
    """Return the stated line that a line still fits, or else the line."""
    return next((want for want in old if ELLIPSIS in want and line_matches(want, line)), line)
