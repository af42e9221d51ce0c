"""The places of a table: its headers, rows and cells."""

import csv
import io
from collections.abc import Callable, Iterator
from functools import partial
from random import Random

from tests.fuzz.place import Files, Place, Spoil
from tests.fuzz.spoils import CELL_SPOILS

Table = list[list[str]]


def _read(text: str) -> Table:
    return list(csv.reader(io.StringIO(text, newline="")))


def _written(table: Table) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(table)
    return text.getvalue()


def _on_table(file: str, change: Callable[[Table, Random], None]) -> Spoil:
    """A spoil of a table, from a function that changes its cells in place."""

    def spoil(files: Files, chance: Random) -> bool:
        table, before = _read(files[file]), _read(files[file])
        change(table, chance)
        files[file] = _written(table)
        return table != before

    return spoil


def table_places(case: str, file: str, text: str) -> Iterator[Place]:
    """Yield every header, row and cell of a table."""
    table = _read(text)
    for column, name in enumerate(table[0]):
        yield Place(case, file, f"header {name}", partial(_header_spoils, file, column))
    for line in range(1, len(table)):
        yield Place(case, file, f"row {line + 1}", partial(_row_spoils, file, line))
        for column, name in enumerate(table[0]):
            if column < len(table[line]):
                yield Place(case, file, f"row {line + 1} {name}", partial(_cell_spoils, file, line, column))


def _header_spoils(file: str, column: int) -> dict[str, Spoil]:
    def swap(table: Table, chance: Random) -> None:
        other = chance.randrange(len(table[0]))
        table[0][column], table[0][other] = table[0][other], table[0][column]

    def in_each(new: Callable[[list[str]], list[str]]) -> Spoil:
        """Put other cells in the place of this column's, in every row."""

        def change(table: Table, _chance: Random) -> None:
            for row in table:
                row[column : column + 1] = new(row[column : column + 1])

        return _on_table(file, change)

    return {
        "drop": in_each(lambda _: []),
        "twice": in_each(lambda cells: cells * 2),
        "swap": _on_table(file, swap),
        **{name: _renamed(file, column, new) for name, new in NEW_NAMES.items()},
        **{f"all {text or 'empty'}": _filled(file, column, text) for text in ("", "0", "-1", "abc", "1e9", "1e-9")},
    }


NEW_NAMES: dict[str, Callable[[str], str]] = {
    "one letter more": lambda old: old + "x",
    "capitals": str.upper,
    "no name": lambda _: "",
    "spaces": lambda old: f" {old} ",
    "escape sequence": lambda old: f"\x1b[31m{old}",
    "low": lambda old: old + "_low",
}


def _renamed(file: str, column: int, new: Callable[[str], str]) -> Spoil:
    def change(table: Table, _chance: Random) -> None:
        table[0][column : column + 1] = map(new, table[0][column : column + 1])

    return _on_table(file, change)


def _filled(file: str, column: int, text: str) -> Spoil:
    def change(table: Table, _chance: Random) -> None:
        for row in table[1:]:
            row[column : column + 1] = [text]

    return _on_table(file, change)


def _row_spoils(file: str, line: int) -> dict[str, Spoil]:
    def on_row(new: Callable[[list[str]], list[list[str]]]) -> Spoil:
        def change(table: Table, _chance: Random) -> None:
            table[line : line + 1] = [cells for row in table[line : line + 1] for cells in new(row)]

        return _on_table(file, change)

    def swap(table: Table, chance: Random) -> None:
        other = chance.randrange(1, len(table))
        if line < len(table):
            table[line], table[other] = table[other], table[line]

    return {
        "drop": on_row(lambda _: []),
        "twice": on_row(lambda row: [row, row]),
        "3000 times": on_row(lambda row: [row] * 3000),
        "swap": _on_table(file, swap),
        "one cell less": on_row(lambda row: [row[:-1]]),
        "one cell more": on_row(lambda row: [[*row, "1"]]),
        "cells moved": on_row(lambda row: [row[1:] + row[:1]]),
        "only commas": on_row(lambda row: [[""] * len(row)]),
        "one blank": on_row(lambda _: [[" "]]),
        "remark": on_row(lambda _: [["# a remark"]]),
    }


def _cell_spoils(file: str, line: int, column: int) -> dict[str, Spoil]:
    def wrap(name: str) -> Spoil:
        def change(table: Table, chance: Random) -> None:
            if line < len(table) and column < len(table[line]):
                others = [row[column] for row in table[1:] if column < len(row)]
                new = CELL_SPOILS[name](table[line][column], others, chance)
                table[line][column] = table[line][column] if new is None else new

        return _on_table(file, change)

    return {name: wrap(name) for name in CELL_SPOILS}
