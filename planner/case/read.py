"""Read a case: a shipped name, a model file, a folder or a workbook. Every fault is found before any is reported."""

import os
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath
from typing import Any

from planner.case.case import CaseData
from planner.case.check import check_case
from planner.case.messages import nearest, shorten, unknown
from planner.case.model import Model
from planner.case.modelfile import ModelRead, read_model
from planner.case.rows import TABLES
from planner.case.sheets import WorkbookError
from planner.case.table import MODEL_VALUE, TableRead, read_table
from planner.case.workbook_read import MODEL_SHEET, OTHER_SUFFIXES, SUFFIX, read_workbook
from planner.errors import CaseError, PlannerError, Problem
from planner.system.resources import shipped_model, shipped_models, shipped_tables, sites_folder

LARGEST_FILE_BYTES = 100_000_000
SHIPPED = "shipped:"


class UnreadableError(ValueError):
    """A file cannot be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Located:
    """A model file that was found: how messages call it, its bytes, and the folder its tables are in."""

    origin: str
    label: str
    raw: bytes
    folder: Path | None

    @property
    def is_workbook(self) -> bool:
        """Whether it is a workbook, which holds its tables itself."""
        return self.label.lower().endswith(SUFFIX)

    @property
    def model_label(self) -> str:
        """What messages call the place of the model."""
        return f"{self.label}, sheet {MODEL_SHEET}" if self.is_workbook else self.label


def read_case(case: str | Path) -> CaseData:
    """Read and check a case.

    Parameters
    ----------
    case
        The name of a shipped case, the path of a model file (``.toml``) or of a workbook (``.xlsx``), or a folder that
        holds ``model.toml`` or exactly one ``.toml`` file. A name that is both a shipped case and a folder means the
        shipped case; write ``./NAME`` for the folder.

    Raises
    ------
    CaseError
        With every problem found: of the model file, of every row and column of every table, and between the tables.
    """
    found = _locate(case)
    model, tables = _read_parts(found)
    problems = [*model.problems, *(fault for read in tables.values() for fault in read.problems)]
    if model.model is None:
        raise CaseError(found.origin, problems)
    result = _assemble(found, model, model.model, tables)
    damaged = {name: read for name, read in tables.items() if read.found}
    keys_of = {name: read.lines.keys() for name, read in damaged.items() if read.keys_known}
    problems += check_case(result, frozenset(damaged), keys_of)
    if problems:
        raise CaseError(found.origin, problems)
    return result


def _read_parts(found: Located) -> tuple[ModelRead, dict[str, TableRead]]:
    """Read the model and the tables of what was found."""
    if not found.is_workbook:
        model = read_model(found.raw, found.label)
        return model, _read_tables(found, model.data)
    try:
        return read_workbook(found.raw, found.label)
    except WorkbookError as error:
        raise CaseError(found.origin, [Problem(found.label, str(error))]) from None


def _assemble(found: Located, as_read: ModelRead, model: Model, tables: Mapping[str, TableRead]) -> CaseData:
    lines: dict[str, Mapping[Hashable, int]] = {"model": as_read.lines}
    lines |= {name: read.lines for name, read in tables.items()}
    letters = {name: read.letters for name, read in tables.items() if read.letters is not None}
    if as_read.letter:
        letters["model"] = {MODEL_VALUE: as_read.letter}
    return CaseData(
        model=model,
        tables={name: tuple(read.rows) for name, read in tables.items()},
        present=frozenset(tables),
        origin=found.origin,
        ranges={name: read.ranges for name, read in tables.items() if read.ranges},
        files={"model": found.model_label, **{name: read.file for name, read in tables.items()}},
        lines=lines,
        own={name: read.own for name, read in tables.items() if read.own},
        letters=letters,
    )


def _locate(case: str | Path) -> Located:
    """Find the model file of a case."""
    name = str(case)
    try:
        if not name.strip():
            raise UnreadableError("name a shipped case, a model file or a folder")
        if isinstance(case, str) and case in _shipped_names():
            return _shipped(case)
        path = Path(case)
        if path.is_dir():
            return _model_file(name, _model_in(name, path))
        if path.is_file():
            return _model_file(name, _admitted(path))
    except PlannerError:
        raise
    except (OSError, ValueError) as error:
        problem = Problem(file=shorten(name), message=f"cannot be read: {_reason(error)}")
        raise CaseError(shorten(name), [problem]) from None
    message = f"there is no such file or folder, and {unknown('shipped case', name, _shipped_names())}"
    raise CaseError(shorten(name), [Problem(file=shorten(name), message=message)])


def _shipped_names() -> list[str]:
    """Return the shipped cases; an installation without any can still read a user's own."""
    try:
        return shipped_models()
    except PlannerError:
        return []


def _shipped(name: str) -> Located:
    file = shipped_model(name)
    folder = file.parent if isinstance(file, Path) else None
    return Located(origin=name, label=f"models/{name}.toml", raw=file.read_bytes(), folder=folder)


def _admitted(path: Path) -> Path:
    """Admit a file by its name: a model file or a workbook."""
    if path.suffix == ".toml" or path.suffix.lower() == SUFFIX:
        return path
    message = f"a model file must end in .toml, a workbook in {SUFFIX}"
    if path.suffix.lower() in OTHER_SUFFIXES:
        message += f"; open it in a spreadsheet program and save it as {SUFFIX} (no macro is ever run)"
    raise CaseError(shorten(path), [Problem(file=shorten(path), message=message)])


def _model_file(name: str, path: Path) -> Located:
    return Located(origin=name, label=str(path), raw=_read_file(path), folder=path.parent)


def _model_in(name: str, folder: Path) -> Path:
    """Return the model file of a folder."""
    model = folder / "model.toml"
    if model.is_file():
        return model
    candidates = sorted(entry for entry in folder.iterdir() if entry.suffix == ".toml" and entry.is_file())
    if len(candidates) == 1:
        return candidates[0]
    if not candidates and (folder / "inputs" / "model.toml").is_file():
        message = f"the folder holds a plan, not a case; the case of the plan is in {Path(name) / 'inputs'}"
        raise CaseError(name, [Problem(file=name, message=message)])
    books = sorted(entry.name for entry in folder.iterdir() if entry.suffix.lower() == SUFFIX)
    hint = f"; for the case in a workbook name the file: {Path(name) / books[0]}" if books else ""
    names = ", ".join(entry.name for entry in candidates)
    what = f"several model files ({names}): name one of them" if candidates else f"no model file (model.toml){hint}"
    raise CaseError(name, [Problem(file=name, message=f"the folder holds {what}")])


def _read_file(path: Path) -> bytes:
    """Return the bytes of a regular file of sensible size."""
    if not path.exists():
        others = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
        raise UnreadableError(f"there is no such file{nearest(path.name, others)}")
    if path.is_dir():
        raise UnreadableError("this is a folder, not a file")
    if not path.is_file():
        raise UnreadableError("this is not a regular file")
    size = path.stat().st_size
    if size > LARGEST_FILE_BYTES:
        raise UnreadableError(f"the file has {size:,} bytes; at most {LARGEST_FILE_BYTES:,} are read")
    return path.read_bytes()


def _reason(error: Exception) -> str:
    """Return why a file cannot be read, without the path the system repeats."""
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)


def _read_tables(found: Located, data: Mapping[str, Any]) -> dict[str, TableRead]:
    """Read every table the model file names; files that cannot be read are tables with a problem."""
    named = data.get("tables", {})
    tables: dict[str, TableRead] = {}
    for table in TABLES:
        entry = named.get(table) if isinstance(named, Mapping) else None
        if not isinstance(entry, str):  # absent, or a fault of the model file already noted
            continue
        label = entry if entry.startswith(SHIPPED) else str(PurePosixPath(shorten(entry)))
        try:
            raw, label = _table_bytes(found, entry)
            tables[table] = read_table(table, raw, label)
        except (UnreadableError, OSError, ValueError) as error:
            tables[table] = TableRead(table, label)
            problem = Problem(found.label, _reason(error), column=f"tables.{table}", value=shorten(entry))
            tables[table].found.add(problem)
    return tables


def _table_bytes(found: Located, entry: str) -> tuple[bytes, str]:
    """Return the bytes of a table and how messages call its file."""
    if entry.startswith(SHIPPED):
        parts = _safe_parts(entry.removeprefix(SHIPPED))
        if len(parts) != 2 or "/".join(parts) not in shipped_tables():
            raise UnreadableError(unknown("shipped table", "/".join(parts), shipped_tables()))
        return _shipped_bytes(sites_folder(), parts), entry
    if found.folder is None:
        raise UnreadableError(f"a case inside an archive can only name {SHIPPED} tables")
    path = found.folder.joinpath(*_safe_parts(entry))
    _stay_inside(path, found.folder)
    return _read_file(path), str(path)


def _shipped_bytes(folder: Traversable, parts: tuple[str, ...]) -> bytes:
    file = folder.joinpath(*parts)
    if isinstance(file, Path) and isinstance(folder, Path):
        _stay_inside(file, folder)
        return _read_file(file)
    return file.read_bytes()


def _safe_parts(entry: str) -> tuple[str, ...]:
    """Return the parts of a relative path that goes down only."""
    if "\\" in entry or ":" in entry:
        raise UnreadableError("a path must be relative, with / between its parts")
    path = PurePosixPath(entry)
    if not entry.strip() or path.is_absolute() or ".." in path.parts or not path.parts:
        raise UnreadableError("a path must be relative and stay inside the folder of the model file (no '..')")
    return path.parts


def _stay_inside(path: Path, folder: Path) -> None:
    """Refuse a path that a link leads out of its folder."""
    # Unlike Path.resolve, realpath does not fail on links in a circle; the error on reading them states what is wrong.
    if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder)):
        raise UnreadableError("the path leads out of its folder by a link")
