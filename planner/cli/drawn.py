"""Where pages and pictures are written: only what the planner made is replaced unasked."""

import os
from pathlib import Path
from typing import Annotated

import typer

from planner.errors import PlanError
from planner.plan.studied import STUDIED
from planner.system.folders.file import examine_file, write_file
from planner.system.folders.manifest import kind_of
from planner.system.folders.picture import examine_picture, write_picture

Force = Annotated[bool, typer.Option("--force", help="Replace a file of this name, whatever it is.")]


def is_file(path: Path) -> bool:
    """Whether there is a file of this name; no name, however long or strange, is an error."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def place_of(file: Path, what: str, endings: tuple[str, ...], *, force: bool) -> None:
    """Look at the place of a file before any work."""
    if file.suffix.lower() not in endings:
        message = f"{file} is not the name of a {what}; it must end in {', '.join(endings)}"
        raise typer.BadParameter(message)
    if force:
        examine_file(file, replace=True)
    else:
        examine_picture(file, what)
    _refuse_within(file)


def _refuse_within(file: Path) -> None:
    """Refuse a file in a folder of the results of a study, which could not be written again with it."""
    for outer in Path(os.path.realpath(file)).parents:
        if kind_of(outer) in STUDIED:
            raise PlanError(f"{file}: lies in {outer}, which holds results and nothing else; name another folder")


def write_drawn(file: Path, content: bytes, what: str, *, force: bool) -> None:
    """Write a page or a picture; a file that the planner did not make is replaced by force only."""
    if force:
        write_file(file, content, replace=True)
    else:
        write_picture(file, content, what)
