"""The line of each part of a what-if file, as far as a simple scan finds it; only messages use it."""

from collections.abc import Mapping, Sequence

KeyPath = tuple[str | int, ...]
"""A key of the file: keys of sections, and indexes of list members."""
Lines = Mapping[KeyPath, int]


def line_of(lines: Lines, place: Sequence[str | int]) -> int | None:
    """Return the line of a place, or of the nearest part of the file around it."""
    around = (tuple(place[:length]) for length in range(len(place), 0, -1))
    return next((lines[part] for part in around if part in lines), None)
