"""Plan folders broken in every way: each key of the summary, each column of each table, each file."""

import csv
import io
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from planner.plan.columns import COLUMNS

Break = Callable[[Path], None]

VALUES: tuple[Any, ...] = (None, "x", "", -1, 10**400, float("nan"), float("inf"), [], {}, [{}], {"a": "b"}, True, 0)
"""What a key of the summary becomes."""
CELLS = ("", "abc", "nan", "1e999", "-1", "\0", "é" * 200_000, "=1+1", "9" * 5000, "2026.5")
"""What a cell becomes."""
WHOLE: dict[str, bytes | None] = {
    "missing": None,
    "empty": b"",
    "binary": b"\xff\xfe\x00\x01" * 64,
    "cut": b'{"status": "opt',
    "deep": b"[" * 100_000,
    "list": b"[]",
    "quote": b'a,"b\nc,d',
    "nul": b"\0" * 512,
    "header only": b"a,b,c\n",
}
"""What a file becomes."""


def summary_breaks(folder: Path) -> Iterator[tuple[str, Break]]:
    """Yield every change of a key of the summary."""
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    for path in _paths(summary):
        name = ".".join(path)
        yield f"summary {name} deleted", _set(path, ...)
        for value in VALUES:
            yield f"summary {name} = {str(value)[:12]!r}", _set(path, value)


def _paths(value: Any, prefix: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, member in value.items():
        yield (*prefix, key)
        if isinstance(member, dict):
            yield from _paths(member, (*prefix, key))


def _set(path: tuple[str, ...], value: Any) -> Break:
    def change(folder: Path) -> None:
        file = folder / "summary.json"
        summary = json.loads(file.read_text(encoding="utf-8"))
        holder = summary
        for key in path[:-1]:
            holder = holder[key]
        if value is ...:
            holder.pop(path[-1], None)
        else:
            holder[path[-1]] = value
        file.write_text(json.dumps(summary), encoding="utf-8")

    return change


def table_breaks() -> Iterator[tuple[str, Break]]:
    """Yield every change of a column of a table."""
    for table, columns in COLUMNS.items():
        for column in columns:
            yield f"{table}.{column} renamed", _rewrite(table, column, "rename")
            yield f"{table}.{column} dropped", _rewrite(table, column, "drop")
            yield f"{table}.{column} twice", _rewrite(table, column, "twice")
            for cell in CELLS:
                yield f"{table}.{column} = {cell[:8]!r}", _rewrite(table, column, "cell", cell)
        yield f"{table} short row", _rewrite(table, "", "short")
        yield f"{table} long row", _rewrite(table, "", "long")


def _rewrite(table: str, column: str, how: str, cell: str = "") -> Break:
    def change(folder: Path) -> None:
        file = folder / "tables" / f"{table}.csv"
        rows = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8"))))
        place = rows[0].index(column) if column else 0
        rows = rows if len(rows) > 1 else [*rows, ["0"] * len(rows[0])]
        if how == "rename":
            rows[0][place] = f"{column}_"
        elif how == "drop":
            rows = [row[:place] + row[place + 1 :] for row in rows]
        elif how == "twice":
            rows = [[*row, row[place]] for row in rows]
        elif how == "short":
            rows[1] = rows[1][:-1]
        elif how == "long":
            rows[1] = [*rows[1], "more"]
        else:
            rows[1][place] = cell
        with file.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows(rows)

    return change


def file_breaks(folder: Path) -> Iterator[tuple[str, Break]]:
    """Yield every change of a whole file, and folders that are gone."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_dir():
            yield f"{name}/ gone", _gone(name)
        else:
            for how, content in WHOLE.items():
                yield f"{name} {how}", _replaced(name, content)


def _gone(name: str) -> Break:
    return lambda folder: shutil.rmtree(folder / name)


def _replaced(name: str, content: bytes | None) -> Break:
    def change(folder: Path) -> None:
        if content is None:
            (folder / name).unlink(missing_ok=True)
        else:
            (folder / name).write_bytes(content)

    return change


def as_before_manifests(folder: Path) -> None:
    """Make a plan folder one of an earlier version, so that what reads it cannot lean on its manifest."""
    (folder / "manifest.json").unlink(missing_ok=True)
    try:
        summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        summary.pop("folder_format", None)
        (folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    except (OSError, ValueError, AttributeError, RecursionError):
        return
