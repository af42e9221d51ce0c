"""The places of a TOML file: its keys and lines."""

import copy
import tomllib
from collections.abc import Callable, Iterator
from functools import partial
from random import Random
from typing import Any

import tomli_w

from tests.fuzz.place import Files, Place, Spoil
from tests.fuzz.spoils import FACTORS, LITERAL_VALUES, scaled

MARK = "@@spoilt@@"
Path = tuple[str | int, ...]


def toml_places(case: str, file: str, text: str) -> Iterator[Place]:
    """Yield every key and line of a TOML file."""
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
