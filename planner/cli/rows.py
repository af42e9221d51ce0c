"""Tables of text at any width: names and words stay whole, in one line per row, in two, or as a list of figures."""

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table

GAP = 2
"""Spaces between two columns, and before the figures that stand below a name."""
Headings = Sequence[tuple[str, str]]
"""Of each column its heading, and ``left`` or ``right``."""


def print_rows(console: Console, headings: Headings, rows: Iterable[Sequence[str]]) -> None:
    """Print a table whose first column names its rows; a heading comes with ``left`` or ``right``.

    Where it is too wide for the console, headings and texts on the left are broken between words. Where that is not
    enough, each name stands on a line of its own with its figures below; where these do not fit either, they follow one
    another, each after its heading. No name and no word is broken.
    """
    listed = [list(row) for row in rows]
    widths = widths_of(headings, listed, console.width)
    if widths is not None:
        console.print(_table(headings, listed, widths))
        return
    rest = headings[1:], [row[1:] for row in listed]
    below = widths_of(*rest, console.width - GAP, named=False)
    if below is not None:
        console.print(_table(rest[0], [], below, GAP))
    for row in listed:
        if row[0]:  # else it goes on with the one before
            console.print(escape(row[0]), soft_wrap=True)
        if below is None:
            console.print(_figures(headings[1:], row[1:]), soft_wrap=False)
        else:
            console.print(_table(rest[0], [row[1:]], below, GAP, show_header=False))


def widths_of(headings: Headings, rows: Sequence[Sequence[str]], room: int, *, named: bool = True) -> list[int] | None:
    """Return the widths of columns that fit into a width without breaking a name or a word; None if there are none.

    Parameters
    ----------
    headings, rows
        As of `print_rows`.
    room : int
        Width of the console, in characters.
    named : bool
        Whether the first column has names, whose cells are not broken at all.

    Examples
    --------
    >>> widths_of([("", "left"), ("missing", "left")], [["north", "head-room, cash"]], 20)
    [5, 13]
    >>> widths_of([("", "left"), ("missing", "left")], [["north", "head-room, cash"]], 12) is None
    True
    """
    least, whole = [], []
    for n, (heading, side) in enumerate(headings):
        cells = [row[n] for row in rows]  # a unit of power stays on one line
        words = [
            *heading.replace("IT ", "IT_").split(),
            *(cells if side == "right" or (named and n == 0) else _words(cells)),
        ]
        least.append(max(map(cell_len, words), default=0))
        whole.append(max(map(cell_len, [heading, *cells]), default=0))
    spare = room - sum(least) - GAP * (len(headings) - 1)
    if spare < 0:
        return None
    found = list(least)
    for left, n in enumerate(sorted(range(len(found)), key=lambda n: whole[n] - least[n])):
        more = min(whole[n] - least[n], spare // (len(found) - left))
        found[n] += more
        spare -= more
    return found


def _words(cells: Iterable[str]) -> list[str]:
    return [word for cell in cells for word in cell.split()]


def _table(
    headings: Headings,
    rows: Sequence[Sequence[str]],
    widths: Sequence[int],
    indent: int = 0,
    *,
    show_header: bool = True,
) -> Table:
    table = Table(box=None, padding=(0, GAP, 0, 0), pad_edge=False, show_header=show_header)
    if indent:
        table.add_column("", width=0)
    for (heading, side), width in zip(headings, widths, strict=True):
        table.add_column(escape(heading), justify="right" if side == "right" else "left", width=width, overflow="fold")
    for row in rows:
        table.add_row(*[""] * bool(indent), *(escape(cell) for cell in row))
    return table


def _figures(headings: Headings, row: Sequence[str]) -> str:
    """Return the cells of a row, each after its heading; those that are empty say nothing."""
    there = [(heading, cell) for (heading, _), cell in zip(headings, row, strict=True) if cell]
    return escape("; ".join(f"{heading}: {cell}" if heading else cell for heading, cell in there))
