"""Shared by the commands that solve many variants: solver with progress, tables, exit codes, documents."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from planner.case.pointer import CHECK, EXPLAIN
from planner.cli.output import problem_record
from planner.cli.progress import ProgressLine
from planner.errors import PlannerError, Problem
from planner.options import SolveOptions
from planner.status import Ending, Status, exit_code_of
from planner.system.extras import extra_module
from planner.system.folders.picture import examine_picture, write_picture

if TYPE_CHECKING:
    from planner.case.case import CaseData
    from planner.changes.schema import WhatIf
    from planner.figures.spec import Figure
    from planner.runs.variants import Runner

SURE = 1e-9
"""Probability that is none."""
CUT_SHORT, NOTHING_FOUND = 4, 5
INFEASIBLE = f"For infeasible variants: with the same changes {EXPLAIN}; {CHECK}."
PLOT_SUFFIXES = (".png", ".svg", ".pdf")
LONGEST_REASON = 200
MOST_NAMES = 8


def _picture(file: Path | None) -> Path | None:
    """Admit the file of a figure: one of the formats that can be written."""
    if file is not None and file.suffix.lower() not in PLOT_SUFFIXES:
        message = f"{file} is not the name of a figure; it must end in {', '.join(PLOT_SUFFIXES)}"
        raise typer.BadParameter(message)
    if file is not None:
        examine_picture(file)
    return file


Plot = Annotated[
    Path | None,
    typer.Option(
        "--plot",
        metavar="FILE",
        callback=_picture,
        help="Write a figure (.png, .svg, .pdf); requires the extra `plot`.",
        show_default=False,
    ),
]


def make_runner(progress: ProgressLine, options: SolveOptions) -> "Runner":
    """Return a runner of variants that shows its progress on the progress line."""
    from planner.runs.variants import Runner

    return Runner(options, on_solve=lambda number, label: progress.stage(f"solve {number}: {label}"))


def chosen_whatifs(file: str | None, only: Sequence[str] | None, case: "CaseData") -> "list[WhatIf]":
    """Return the what-ifs named with --only in the order given; a file with a single one needs no name.

    Raises
    ------
    CaseError
        With every fault of the file, or for a name that it does not have.
    typer.BadParameter
        If the names are missing, or there is no file for them.
    """
    from planner.changes.names import what_ifs

    if file is None:
        if only:
            message = "--only names what-ifs of a file: give it with --whatifs"
            raise typer.BadParameter(message)
        return []
    found = {whatif.name: whatif for whatif in what_ifs(file, case, only or ())}
    if not only and len(found) > 1:
        message = f"{file} has {len(found)} what-ifs; choose with --only: {', '.join(list(found)[:MOST_NAMES])} ..."
        raise typer.BadParameter(message)
    return [found[name] for name in only or found if name in found]


def exit_code(rows: Iterable[Mapping[str, Any]]) -> int:
    """Return the exit code of a study from the status and the cost of its variants."""
    return exit_code_of((row["status"], row["cost_busd"] is not None) for row in rows)


def ending(code: int, *, interrupted: bool = False) -> dict[str, Any]:
    """Return how a study ended, for its document: a status and the exit code, which agree."""
    cut_short = interrupted and code in (CUT_SHORT, NOTHING_FOUND)
    word = Ending.INTERRUPTED if cut_short else Ending.of_code(code)
    return {"status": word, "exit_code": code}


class Picture:
    """A figure that was requested: drawn after the results, which do not depend on it."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._note = ""
        self._drawn = False
        if file is not None:
            extra_module("matplotlib", "plot", "a figure")

    def draw(self, make: "Callable[[], Figure]") -> None:
        """Draw what ``make`` returns; a figure that cannot be drawn, or written, is a note, not a failure."""
        if self._file is None:
            return
        from planner.figures.pictures import picture_of

        try:
            write_picture(self._file, picture_of(make(), self._file.suffix.lower().removeprefix(".")))
            self._drawn = True
        except PlannerError as error:
            self._note = f"no figure: {error}"

    def document(self) -> dict[str, Any]:
        """Return its part of the JSON document."""
        problems = [problem_record(Problem(str(self._file), self._note))] if self._note else []
        return {"plot": str(self._file) if self._drawn else None, "problems": problems}

    def print(self, console: Console) -> None:
        """Print where it is, or why there is none."""
        if self._drawn:
            console.print(f"\nThe figure is in [bold]{escape(str(self._file))}[/bold]", soft_wrap=True)
        elif self._note:
            console.print(f"\n[yellow]{escape(self._note)}[/yellow]", soft_wrap=True)


def json_rows(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return rows that JSON can hold: what is not a finite number becomes null."""
    return [{name: _finite(value) for name, value in row.items()} for row in rows]


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def print_reasons(console: Console, rows: Sequence[Mapping[str, Any]], name: str) -> None:
    """Print why some rows have no plan."""
    for row in rows:
        if row["reason"]:
            reason = " ".join(str(row["reason"]).split())
            shown = reason if len(reason) <= LONGEST_REASON else reason[: LONGEST_REASON - 1] + "…"
            console.print(f"[red]{escape(str(row[name]))}[/red]: {escape(shown)}", soft_wrap=True)
    if any(row["status"] == Status.INFEASIBLE for row in rows):
        print_pointer(console)


def print_pointer(console: Console) -> None:
    """State, once for all infeasible variants of a study, how to find the reasons."""
    console.print(escape(INFEASIBLE), soft_wrap=True)


def money(value: float | None, *, signed: bool = False) -> str:
    """Return $B with three decimals; a dash if there is no value."""
    if value is None or not math.isfinite(value):
        return "–"
    return f"{value:+,.3f}" if signed else f"{value:,.3f}"


def share(value: float | None, *, signed: bool = False) -> str:
    """Return a share in percent; a dash if there is no value."""
    if value is None:
        return "–"
    return f"{value:+.2%}" if signed else f"{value:.2%}"
