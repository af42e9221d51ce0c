"""Every place of a case and what may be done to it; a mutation is told by its name alone."""

import copy
import csv
import io
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

import tomli_w

from tests.fuzz.sources import WHATIFS, Source, source
from tests.fuzz.spoils import CELL_SPOILS, FACTORS, LITERAL_VALUES, scaled

Files = dict[str, str]
Table = list[list[str]]
Spoil = Callable[[Files, Random], bool]
"""Changes the files; tells whether there was anything to change."""
MARK = "@@spoilt@@"
AND = " + "
GENTLE = ("times", "plus", "days", "of another")
GENTLE_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Place:
    """A place of a case: its file, where in it, and what may be done there."""

    source: str
    file: str
    where: str
    make: Callable[[], dict[str, Spoil]]

    @property
    def spoils(self) -> dict[str, Spoil]:
        """What may be done there, made anew: there are tens of thousands of places, and few are asked."""
        return self.make()

    @property
    def name(self) -> str:
        """Name of the place."""
        return f"{self.source}/{self.file}/{self.where}"


def places(case: Source, *, changes_only: bool = False) -> Iterator[Place]:
    """Yield every place of a case: files, headers, rows and cells of tables; keys and lines of TOML files."""
    for file, text in case.files.items():
        if changes_only and file != WHATIFS:
            continue
        yield Place(case.name, file, "file", partial(_file_spoils, case, file))
        if file.endswith(".csv"):
            yield from _table_places(case.name, file, text)
        elif file.endswith(".toml"):
            yield from _toml_places(case.name, file, text)


def spoilt(name: str) -> Files:
    """Return the files of the case that a mutation's name tells (several mutations are joined by ``" + "``).

    Raises
    ------
    ValueError
        If there is no such mutation.
    """
    files: Files | None = None
    for part in name.split(AND):
        where, _, how = part.rpartition("/")
        of, file, _ = where.split("/", 2)
        if files is None:
            files = dict(source(of).files)
        place = _found(of, where)
        spoils = place.spoils
        if how not in spoils:
            raise ValueError(f"{part}: no such spoil; there are {', '.join(spoils)}")
        if file in files and not spoils[how](files, Random(part)):
            raise ValueError(f"{part}: nothing to change there")
    assert files is not None
    return files


def mutations(cases: Sequence[str], each: int, seed: int, pairs: int = 0, count: int | None = None) -> list[str]:
    """Return names of mutations, drawn by lot.

    Parameters
    ----------
    cases : sequence of str
        Names of the cases.
    each : int
        Ways to change each place.
    seed : int
        Seed of the draw.
    pairs : int
        So many pairs of these mutations besides.
    count : int or None
        Only so many in all: of places drawn by lot, and of the pairs first.
    """
    chance = Random(seed)
    everywhere = [place for case in cases for place in places(source(case))]
    chance.shuffle(everywhere)
    wanted = float("inf") if count is None else count - pairs
    names: list[str] = []
    for place in everywhere:
        if len(names) >= wanted:
            break
        lot = Random(f"{seed}/{place.name}")
        names += _that_change(place, _drawn(place, lot), each)
    names = names if count is None else names[: max(0, count - pairs)]
    names += _pairs(names, pairs, chance)
    chance.shuffle(names)
    return names


def _pairs(names: Sequence[str], wanted: int, chance: Random) -> list[str]:
    """Return pairs of mutations of one case that can be made one after the other."""
    by_case: dict[str, list[str]] = {}
    for name in names:
        by_case.setdefault(name.split("/", 1)[0], []).append(name)
    several = [group for group in by_case.values() if len(group) > 1]
    found: list[str] = []
    for _ in range(10 * wanted if several else 0):
        if len(found) == wanted:
            break
        together = AND.join(chance.sample(chance.choice(several), 2))
        found += [together] if _fit(together) else []
    return found


def _drawn(place: Place, chance: Random) -> list[str]:
    """The ways of a place in an order drawn by lot; half of the time those come first that leave a value plausible."""
    how = list(place.spoils)
    chance.shuffle(how)
    if chance.random() < GENTLE_SHARE:
        how.sort(key=lambda name: not name.startswith(GENTLE))
    return how


def _fit(name: str) -> bool:
    """Say whether mutations can be made one after the other."""
    try:
        spoilt(name)
    except (ValueError, LookupError):
        return False
    return True


def _that_change(place: Place, how: Sequence[str], wanted: int) -> Iterator[str]:
    """Yield names of up to ``wanted`` mutations that change anything at a place."""
    found, spoils = 0, place.spoils
    for spoil in how:
        if found == wanted:
            return
        files = {place.file: source(place.source).files[place.file]}
        if spoils[spoil](files, Random(f"{place.name}/{spoil}")):
            found += 1
            yield f"{place.name}/{spoil}"


_PLACES: dict[str, dict[str, Place]] = {}


def _found(of: str, where: str) -> Place:
    if of not in _PLACES:
        _PLACES[of] = {place.name: place for place in places(source(of))}
    if where not in _PLACES[of]:
        raise ValueError(f"{where}: no such place")
    return _PLACES[of][where]


# -- whole files ---------------------------------------------------------------------------------------------


def _file_spoils(case: Source, file: str) -> dict[str, Spoil]:
    def put(new: Callable[[str], str]) -> Spoil:
        def spoil(files: Files, _chance: Random) -> bool:
            before, files[file] = files[file], new(files[file])
            return files[file] != before

        return spoil

    def missing(files: Files, _chance: Random) -> bool:
        del files[file]
        return True

    return {
        "missing": missing,
        "nothing in it": put(lambda _: ""),
        "first line only": put(lambda text: text.partition("\n")[0] + "\n"),
        "cut in half": put(lambda text: text[: len(text) // 2]),
        "twice": put(lambda text: text + text),
        "byte order mark": put(lambda text: "\ufeff" + text),
        "line ends of Windows": put(lambda text: text.replace("\n", "\r\n")),
        "semicolons for commas": put(lambda text: text.replace(",", ";")),
        "tabs for commas": put(lambda text: text.replace(",", "\t")),
        "blank lines between": put(lambda text: text.replace("\n", "\n\n")),
        "lines of commas at the end": put(lambda text: text + ",,,\n" * 3),
        "NUL at the end": put(lambda text: text + "\0"),
        "open quote at the end": put(lambda text: text + '"'),
        **{f"content of {other}": put(lambda _, other=other: case.files[other]) for other in case.files},
    }


# -- tables --------------------------------------------------------------------------------------------------


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


def _table_places(case: str, file: str, text: str) -> Iterator[Place]:
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


# -- TOML ----------------------------------------------------------------------------------------------------

Path = tuple[str | int, ...]


def _toml_places(case: str, file: str, text: str) -> Iterator[Place]:
    for path in _paths(tomllib.loads(text)):
        yield Place(case, file, "key " + ".".join(map(str, path)), partial(_key_spoils, file, path))
    for line, content in enumerate(text.splitlines()):
        if content.strip() and not content.lstrip().startswith("#"):
            yield Place(case, file, f"line {line + 1}", partial(_line_spoils, file, line))


def _paths(node: Any, before: Path = ()) -> Iterator[Path]:
    members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, member in members:
        yield (*before, key)
        yield from _paths(member, (*before, key))


def _at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def _on_data(file: str, change: Callable[[Any, Random], str | None]) -> Spoil:
    """A spoil of the data of a TOML file; a text that ``change`` returns takes the place of the mark."""

    def spoil(files: Files, chance: Random) -> bool:
        try:
            data = tomllib.loads(files[file])
            before = tomli_w.dumps(data)
            mark = change(data, chance)
        except (tomllib.TOMLDecodeError, LookupError, TypeError):  # another mutation was here before
            return False
        text = tomli_w.dumps(data)
        files[file] = text if mark is None else text.replace(f'"{MARK}"', mark)
        return files[file] != before

    return spoil


def _key_spoils(file: str, path: Path) -> dict[str, Spoil]:
    return {
        **{name: _on_data(file, change(path)) for name, change in STRUCTURE.items()},
        **{name: _on_data(file, _key_named(path, new)) for name, new in NEW_KEYS.items()},
        **{f"times {factor:g}": _on_data(file, _scaled(path, factor)) for factor in FACTORS},
        **{name: _on_data(file, _put(path, text)) for name, text in LITERAL_VALUES.items()},
    }


DataChange = Callable[[Any, Random], str | None]


def _scaled(path: Path, factor: float) -> DataChange:
    def change(data: Any, _chance: Random) -> None:
        new = scaled(_at(data, path), factor)
        if new is not None:
            _at(data, path[:-1])[path[-1]] = new

    return change


def _put(path: Path, text: str) -> DataChange:
    def change(data: Any, _chance: Random) -> str:
        _at(data, path)
        _at(data, path[:-1])[path[-1]] = MARK
        return text

    return change


def _dropped(path: Path) -> DataChange:
    def change(data: Any, _chance: Random) -> None:
        del _at(data, path[:-1])[path[-1]]

    return change


def _again(path: Path) -> DataChange:
    def change(data: Any, _chance: Random) -> None:
        node = _at(data, path[:-1])
        if isinstance(node, list):
            node.append(copy.deepcopy(_at(data, path)))

    return change


def _borrowed(path: Path) -> DataChange:
    def change(data: Any, chance: Random) -> None:
        value = copy.deepcopy(_at(data, chance.choice(list(_paths(data)))))
        _at(data, path[:-1])[path[-1]] = value

    return change


def _in_a_list(path: Path) -> DataChange:
    def change(data: Any, _chance: Random) -> None:
        _at(data, path[:-1])[path[-1]] = [_at(data, path)]

    return change


def _key_named(path: Path, new: Callable[[str], str]) -> DataChange:
    def change(data: Any, _chance: Random) -> None:
        node, last = _at(data, path[:-1]), str(path[-1])
        if isinstance(node, dict):
            node[new(last)] = node.pop(last)

    return change


STRUCTURE: dict[str, Callable[[Path], DataChange]] = {
    "drop": _dropped,
    "again": _again,
    "of another key": _borrowed,
    "in a list": _in_a_list,
}
NEW_KEYS: dict[str, Callable[[str], str]] = {
    "one letter more": lambda key: key + "x",
    "capitals": str.upper,
    "key with an escape sequence": lambda key: f"\x1b[31m{key}",
}


def _line_spoils(file: str, line: int) -> dict[str, Spoil]:
    def on_line(new: Callable[[str], list[str]]) -> Spoil:
        def spoil(files: Files, _chance: Random) -> bool:
            lines = files[file].splitlines()
            if line >= len(lines):
                return False
            lines[line : line + 1] = new(lines[line])
            files[file] = "\n".join(lines) + "\n"
            return True

        return spoil

    def swap(files: Files, chance: Random) -> bool:
        lines = files[file].splitlines()
        other = chance.randrange(len(lines))
        if line >= len(lines) or lines[other] == lines[line]:
            return False
        lines[line], lines[other] = lines[other], lines[line]
        files[file] = "\n".join(lines) + "\n"
        return True

    return {
        "drop": on_line(lambda _: []),
        "twice": on_line(lambda text: [text, text]),
        "swap": swap,
        "first half": on_line(lambda text: [text[: len(text) // 2]]),
        "no equals": on_line(lambda text: [text.replace("=", " ")]),
        "escape sequence": on_line(lambda text: [f"{text}\x1b[31m"]),
        "rubbish before": on_line(lambda text: ["]]]", text]),
    }
