"""The keys of a model sheet, each with its value, put together as the data of a model file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from planner.case.messages import nearest
from planner.case.modelfile import known_keys, path_text
from planner.case.parse import CellError
from planner.case.sheets import Value
from planner.case.workbook_model import LARGEST_INDEX, NO, YES, PathKey, types_at, value_at


@dataclass(slots=True)
class KeyTree:
    """The keys of a model sheet as they are read: sections and values, and the cell of each key."""

    letter: str
    """Of the column of values."""
    data: dict[Any, Any] = field(default_factory=dict)
    """Sections and lists as mappings, a list by its indexes."""
    rows: dict[PathKey, int] = field(default_factory=dict)
    """The row of every key, also of those without a value."""
    absent: dict[PathKey, int] = field(default_factory=dict)
    """Sections that are said not to be there."""

    def add(self, path: PathKey, cell: Value, row: int) -> None:
        """Add a key with what its cell holds.

        Raises
        ------
        CellError
            If the key cannot be there, or not with this value.
        """
        if path in self.rows:
            raise CellError(f"the key appears twice: cell {self.letter}{self.rows[path]} has it too")
        if path[0] == "tables":
            raise CellError("the tables of a workbook are its sheets; the model sheet does not name them")
        self.rows[path] = row
        types = types_at(path)
        if not types:
            self._refuse_unknown(path)
        if any(isinstance(part, int) and part > LARGEST_INDEX for part in path):
            raise CellError(f"members of a list are counted from 0; at most {LARGEST_INDEX:,} are read")
        if cell == "":
            return
        if any(isinstance(one, type) and hasattr(one, "model_fields") for one in types):
            self._section(path, cell, row)
        else:
            self._put(path, value_at(path, cell))

    def _refuse_unknown(self, path: PathKey) -> None:
        for length in range(1, len(path) + 1):
            if not types_at(path[:length]):
                known = known_keys(path[: length - 1])
                near = nearest(str(path[length - 1]), known)
                allowed = f" (allowed there: {', '.join(known)})" if known else ""
                raise CellError(f"the model has no key {path_text(path[:length])}{near}{allowed}")

    def _section(self, path: PathKey, cell: Value, row: int) -> None:
        word = str(cell).strip().lower()
        if word in (YES, "true"):
            self._section_at(path)
        elif word in (NO, "false"):
            self.absent[path] = row
        else:
            raise CellError("must be yes (the section is there) or no")

    def _section_at(self, path: PathKey) -> dict[Any, Any]:
        node = self.data
        for length, part in enumerate(path, start=1):
            node = node.setdefault(part, {})
            if not isinstance(node, dict):
                raise CellError(
                    f"{path_text(path[:length])} has a value of its own, in cell {self._cell(path[:length])}"
                )
        return node

    def _put(self, path: PathKey, value: Any) -> None:
        section = self._section_at(path[:-1])
        if path[-1] in section and value != {}:
            raise CellError("has keys of its own in other rows")
        section.setdefault(path[-1], value)

    def _cell(self, path: PathKey) -> str:
        return f"{self.letter}{self.rows[path]}" if path in self.rows else path_text(path)

    def contradictions(self) -> list[tuple[PathKey, str]]:
        """Return the keys that are given in sections that are said not to be there, with what is wrong."""
        found = []
        for section in self.absent:
            node: Any = self.data
            for part in section:
                node = node.get(part) if isinstance(node, dict) else None
            if node is not None:
                given = next((path for path in self.rows if _is_below(path, section) and self._given(path)), section)
                message = f"is given, but {path_text(section)} is {NO} (cell {self._cell(section)}): write {YES} there"
                found.append((given, f"{message}, or take the value out"))
        return found

    def _given(self, path: PathKey) -> bool:
        node: Any = self.data
        for part in path:
            if not isinstance(node, dict) or part not in node:
                return False
            node = node[part]
        return not isinstance(node, dict)

    def model_data(self) -> tuple[dict[str, Any], dict[PathKey, int]]:
        """Return the data of the model, and the row of each key.

        Members of lists move up where those before them have no value: a rule is taken out by clearing its cells.
        """
        moved: dict[PathKey, PathKey] = {}
        data = _lists(self.data, (), (), moved)
        rows: dict[PathKey, int] = {}
        for path, row in self.rows.items():
            length = next((n for n in range(len(path), 0, -1) if path[:n] in moved), 0)
            rows.setdefault((*moved.get(path[:length], ()), *path[length:]), row)
        return data, rows


def _lists(node: Any, written: PathKey, path: PathKey, moved: dict[PathKey, PathKey]) -> Any:
    """Return a node of the tree with mappings by index as lists; ``moved`` takes each place as written and as it is."""
    if written:
        moved[written] = path
    if not isinstance(node, Mapping):
        return node
    if node and all(isinstance(key, int) for key in node):
        order = sorted(node)
        return [_lists(node[key], (*written, key), (*path, index), moved) for index, key in enumerate(order)]
    return {str(key): _lists(member, (*written, key), (*path, key), moved) for key, member in node.items()}


def _is_below(path: PathKey, above: PathKey) -> bool:
    return len(path) > len(above) and path[: len(above)] == above
