"""The line of each part of a what-if file, as far as a simple scan finds it; only messages use it."""

import re
from collections.abc import Iterator, Mapping, Sequence

from planner.case.modelfile import key_lines

KeyPath = tuple[str | int, ...]
"""A key of the file: keys of sections, and indexes of list members."""
Lines = Mapping[KeyPath, int]

_TOKEN = re.compile(r""""(?:\\.|[^"\\\n])*"|'[^'\n]*'|#[^\n]*|\n|\S""")


def lines_of(text: str) -> dict[KeyPath, int]:
    r"""Return the line of every key and section, and of every change in a list of changes.

    Examples
    --------
    >>> text = 'format = 1\n[[whatif]]\nname = "a"\nchanges = [\n  "x[y].z=1",\n  { op = "drop" },\n]'
    >>> lines = lines_of(text)
    >>> lines["whatif", 0, "changes", 0], lines["whatif", 0, "changes", 1]
    (5, 6)
    """
    lines = key_lines(text)
    written = text.splitlines()
    for place, line in list(lines.items()):
        if place[-1] == "changes" and len(place) == 3:
            list_text = "\n".join(written[line - 1 :]).partition("=")[2]
            for index, found in enumerate(_member_lines(list_text, line)):
                lines.setdefault((*place, index), found)
    return lines


def line_of(lines: Lines, place: Sequence[str | int]) -> int | None:
    """Return the line of a place, or of the nearest part of the file around it."""
    around = (tuple(place[:length]) for length in range(len(place), 0, -1))
    return next((lines[part] for part in around if part in lines), None)


def _member_lines(text: str, line: int) -> Iterator[int]:
    """Yield the line on which each member of a list begins; ``text`` begins with the list, on line ``line``."""
    depth, begun = 0, False
    for token in _TOKEN.finditer(text):
        sign = token[0]
        if sign == "\n":
            line += 1
        if sign == "\n" or sign.startswith("#"):
            continue
        if depth == 1 and not begun and sign not in ",]":
            begun = True
            yield line
        depth += (sign in ("[", "{")) - (sign in ("]", "}"))
        if depth == 0:
            return
        begun = begun and not (depth == 1 and sign == ",")
