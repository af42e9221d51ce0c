"""Where a command writes: people's text or one JSON document, and how much of it."""

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.errors import MarkupError
from rich.markup import escape
from rich.segment import Segment
from rich.text import Text

from planner.cli.notes import listen, notes_so_far
from planner.errors import (
    AuditError,
    CaseError,
    InfeasibleError,
    NoPlanError,
    PlanError,
    PlannerError,
    Problem,
)
from planner.status import Ending
from planner.text import visible

NARROWEST = 80
"""Columns that all output fits in; a wider terminal is used up to WIDEST."""
WIDEST = 120

_ENDINGS: tuple[tuple[type[PlannerError], Ending], ...] = (
    (CaseError, Ending.INVALID_CASE),
    (InfeasibleError, Ending.INFEASIBLE),
    (NoPlanError, Ending.NO_PLAN),
    (AuditError, Ending.AUDIT_FAILED),
    (PlanError, Ending.INVALID_PLAN),
    (PlannerError, Ending.ERROR),
)
"""What a command says when an error ends it; the first kind that fits."""


@dataclass(frozen=True)
class Output:
    """The two streams of a command.

    ``text`` is standard output as text: silent with ``--json``. ``notes`` is standard error: progress and warnings,
    silent with ``--quiet`` and ``--json``.
    """

    as_json: bool = False
    verbose: bool = False
    quiet: bool = False
    text: Console = field(init=False)
    notes: Console = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", make_console(quiet=self.as_json))
        object.__setattr__(self, "notes", make_console(stderr=True, quiet=self.as_json or self.quiet))
        listen(lambda text: self.notes.print(f"[yellow]note:[/yellow] {escape(text)}", soft_wrap=True))

    def document(self, content: Mapping[str, Any]) -> None:
        """Write the one JSON document of the command, if JSON was asked for; with ``notes`` where there are any.

        A document that says how the command ended (``status``) says its exit code too: 0 unless the content has one.
        """
        if self.as_json:
            write_json(_with_notes({"exit_code": 0, **content} if "status" in content else content))

    def note(self, text: str) -> None:
        """Write a line to people on standard error."""
        self.notes.print(escape(text), soft_wrap=True)

    def detail(self, text: str) -> None:
        """Write a line that only ``--verbose`` shows."""
        if self.verbose:
            self.note(text)

    def warn(self, warnings: list[Problem]) -> None:
        """Write what is unusual about a case without being wrong."""
        for warning in warnings:
            self.notes.print(f"[yellow]warning:[/yellow] {escape(str(warning))}", soft_wrap=True)


class PlainConsole(Console):
    """A console on which text is only text: no sign of it reaches the terminal as a command.

    Names, titles, files and messages may come from strangers. Every string and every piece of a line passes here.
    """

    def render_str(self, text: str, **options: Any) -> Text:
        """Turn a string into text, its control characters written out before anything is laid out."""
        try:
            return super().render_str(visible(text), **options)
        except MarkupError:  # a text that was not marked as such: it is shown as it stands
            return super().render_str(visible(text), **{**options, "markup": False})

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Turn anything into pieces of lines; only what the library itself says to the terminal stays a command."""
        for text, style, control in super().render(renderable, options):
            plain = style.update_link(None) if style is not None and style.link else style
            yield Segment(text if control else visible(text), plain, control)


WIDEST_TABLE = 1000
"""Columns of a table that goes to a file, at most."""


def make_console(*, stderr: bool = False, quiet: bool = False) -> Console:
    """Return a console whose lines fit ``NARROWEST`` columns when they do not go to a terminal."""
    console = PlainConsole(stderr=stderr, quiet=quiet, highlight=False, soft_wrap=False, emoji=False)
    console.width = min(console.width, WIDEST) if console.is_terminal else NARROWEST
    return console


def print_whole(console: Console, table: RenderableType) -> None:
    """Print a table: in a file or a pipe as wide as its names; on a terminal as wide as that, its names folded."""
    if console.is_terminal:
        console.print(table)
        return
    natural = console.measure(table, options=console.options.update_width(WIDEST_TABLE)).maximum
    console.print(table, width=max(console.width, natural), crop=False)


def write_json(content: Any) -> None:
    """Write one JSON document to standard output, in ASCII, so that it is the same on every terminal.

    Numbers that JSON does not know (NaN) are a fault, not a word.
    """
    text = json.dumps(content, indent=2, allow_nan=False, default=_plain)
    sys.stdout.write(text.replace("\x7f", "\\u007f") + "\n")


def error_document(error: PlannerError) -> dict[str, Any]:
    """Return what ``--json`` says of an error: its status, its exit code and every problem with its place."""
    status = next(ending for kind, ending in _ENDINGS if isinstance(error, kind))
    problems: tuple[Problem, ...] = getattr(error, "problems", ())
    document = failure(status, str(error), error.exit_code, problems=[problem_record(problem) for problem in problems])
    found = error.known_diagnosis if isinstance(error, InfeasibleError) else None
    return document if found is None else {**document, "diagnosis": found.document()}


def failure(
    status: Ending, message: str, exit_code: int, problems: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """Return the JSON document of a command that failed; ``problems`` always has at least one entry."""
    found = problems or [{"file": None, "row": None, "column": None, "value": None, "message": message}]
    return _with_notes({"status": status, "exit_code": exit_code, "message": message, "problems": found})


def _with_notes(content: Mapping[str, Any]) -> dict[str, Any]:
    """Add what was noted about the words of the command line."""
    said = notes_so_far()
    return {**content, "notes": list(said)} if said else dict(content)


def problem_record(problem: Problem) -> dict[str, Any]:
    """Return a problem as JSON: of a workbook with ``cell``, one that stands for many with ``count`` and ``places``."""
    record = {
        "file": problem.file,
        "row": problem.row,
        "column": problem.column,
        "value": problem.value,
        "message": problem.message,
    }
    if problem.cell is not None:
        record["cell"] = problem.cell
    return record if problem.count == 1 else {**record, "count": problem.count, "places": list(problem.places)}


def _plain(value: object) -> Any:
    """Turn what JSON does not know into what it does: dates and paths to text, tuples of numbers to numbers."""
    if hasattr(value, "item"):  # numpy's numbers
        return value.item()
    return str(value)
