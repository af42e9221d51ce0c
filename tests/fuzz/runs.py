"""What the planner makes of a corrupted case: `check`, then a short `solve`, and whether they kept their promises."""

import json
import os
import re
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import typer

from planner.api import Case, Plan
from planner.changes.apply import apply_whatif
from planner.changes.names import what_ifs
from planner.cli import run
from planner.cli.run import main
from planner.errors import PlannerError
from planner.options import DEFAULT_GAP
from tests.fuzz.mutations import spoilt
from tests.fuzz.place import Files
from tests.fuzz.sources import WHATIFS, source

GAP = DEFAULT_GAP
SLOW_CHECK_S = 20.0
PLAN = (0, 4)
ANSWERS = (0, 3, 4, 5)
"""What a solve of a sound case may end in."""
UNFIT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What no terminal may be given: control characters, and those that turn the direction of text."""


@dataclass(slots=True)
class Outcome:
    """What came of a mutation: exit codes (None: not run) and what is wrong with them."""

    name: str
    check: int | None = None
    solve: int | None = None
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """The outcome in a few words."""
        if self.faults:
            return "fault"
        return f"check {self.check}, solve {'-' if self.solve is None else self.solve}"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str
    seconds: float


class Streams:
    """Standard output and error of this process, whoever writes to them, caught in files."""

    def __init__(self) -> None:
        run.app = _Built(run.app)  # type: ignore[assignment]
        self._files = []
        for number, name in ((1, "stdout"), (2, "stderr")):
            file = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - open as long as the process
            os.dup2(file.fileno(), number)
            setattr(sys, name, TextIOWrapper(os.fdopen(number, "wb", closefd=False), encoding="utf-8"))
            self._files.append(file)

    def run(self, command: Callable[[], int]) -> Ended:
        """Run a command and return its code and what it wrote."""
        for file in self._files:
            file.seek(0)
            file.truncate()
        begin = time.monotonic()
        code = command()
        sys.stdout.flush()
        sys.stderr.flush()
        seconds = time.monotonic() - begin
        out, err = (self._text(file) for file in self._files)
        return Ended(code, out, err, seconds)

    @staticmethod
    def _text(file: Any) -> str:
        file.seek(0)
        return str(file.read())


class _Built:
    """The application with its commands built once, not at each call: half of the time of a check goes there."""

    def __init__(self, app: typer.Typer) -> None:
        self._app = app
        self._command = typer.main.get_command(app)

    def __call__(self, *words: Any, **options: Any) -> Any:
        return self._command(*words, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._app, name)


def write(files: Files, folder: Path) -> None:
    """Write the files of a case into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")


def try_mutation(name: str, streams: Streams, limit_s: float) -> Outcome:
    """Run a mutation through `check` and `solve` and say what is wrong."""
    outcome = Outcome(name)
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        case = Path(folder) / "case"
        write(spoilt(name), case)
        changes = source(name.split("/", 1)[0]).changes
        if f"/{WHATIFS}/" in name:
            _try_whatifs(case, changes, streams, limit_s, outcome)
        else:
            _try_case(case, changes, streams, limit_s, outcome)
    outcome.seconds = time.monotonic() - begin
    return outcome


def _try_case(case: Path, changes: Sequence[str], streams: Streams, limit_s: float, outcome: Outcome) -> None:
    """Check the case as it is, then check and solve it with the changes that make it small."""
    model = next((file for file in case.iterdir() if file.name == "model.toml"), case)
    checked = streams.run(lambda: main(["check", str(model if model.is_file() else case), "--verbose"]))
    _look(outcome, "check", checked, (0, 2))
    if checked.seconds > SLOW_CHECK_S:
        outcome.faults.append(f"check took {checked.seconds:.0f} s")
    outcome.check = checked.code
    words = [word for change in changes for word in ("--set", change)]
    if changes and checked.code == 0:
        again = streams.run(lambda: main(["check", str(case), "--json", *words]))
        _look(outcome, "check --set", again, (0, 2))
        _document(outcome, again)
        outcome.check = again.code
    _solve(case, words, streams, limit_s, outcome)


def _solve(case: Path, words: Sequence[str], streams: Streams, limit_s: float, outcome: Outcome) -> None:
    """Solve the case, and hold the end against what `check` said."""
    out = case.parent / "plan"
    limits = ["--gap", str(GAP), "--time-limit", str(limit_s)]
    solved = streams.run(lambda: main(["solve", str(case), "--json", "--verbose", "--out", str(out), *limits, *words]))
    outcome.solve = solved.code
    _look(outcome, "solve", solved, ANSWERS if outcome.check == 0 else (2,))
    if solved.seconds > 10.0 * limit_s:
        outcome.faults.append(f"solve took {solved.seconds:.0f} s with a limit of {limit_s:g} s")
    document = _document(outcome, solved)
    if solved.code in PLAN and document:
        _look_at_plan(outcome, document, out)
    elif out.exists():
        outcome.faults.append(f"solve ended in {solved.code} and left a folder")


def _look_at_plan(outcome: Outcome, summary: dict[str, Any], folder: Path) -> None:
    """The plan's audit passed, its status fits its gap, and it can be read again."""
    if not summary["audit"]["passed"]:
        outcome.faults.append("the plan's audit failed and solve did not say so")
    cost, bound, gap, status = (summary[key] for key in ("cost_busd", "bound_busd", "gap", "status"))
    if bound is not None and bound > cost + 1e-6 * max(1.0, abs(cost)):
        outcome.faults.append(f"bound {bound} above cost {cost}")
    if outcome.solve == 0 and not gap <= GAP + 1e-9:
        outcome.faults.append(f"status {status} with gap {gap}")
    try:
        Plan.read(folder)
    except PlannerError as error:
        outcome.faults.append(f"the plan cannot be read: {error}")


def _look(outcome: Outcome, command: str, ended: Ended, codes: Sequence[int]) -> None:
    """Note a wrong exit code, a traceback, and what no terminal may be given."""
    said = f"{ended.err}\n{ended.out}"
    if ended.code not in codes:
        first = next((line for line in said.splitlines() if line.strip()), "")
        outcome.faults.append(f"{command} ended in {ended.code}, not in {codes}: {_last(said) or first}")
    elif "Traceback" in ended.err:
        outcome.faults.append(f"{command}: traceback: {_last(ended.err)}")
    found = UNFIT.search(said)
    if found:
        around = said[max(0, found.start() - 30) : found.end() + 10]
        outcome.faults.append(f"{command} wrote {found[0]!r} to the terminal: {around!r}")


def _last(said: str) -> str:
    """The line that tells most of an error: the last of a traceback, or the message of a document."""
    message = re.search(r'"message": "((?:[^"\\]|\\.)*)"', said)
    lines = [line for line in said.splitlines() if re.match(r"[A-Za-z_.]+(Error|Exception)\b", line)]
    place = [line.strip() for line in said.splitlines() if line.lstrip().startswith('File "')]
    return " | ".join([*place[-1:], *lines[-1:], *([message[1]] if message else [])])[:600]


def _document(outcome: Outcome, ended: Ended) -> dict[str, Any] | None:
    """The one JSON document of standard output."""
    try:
        document = json.loads(ended.out, parse_constant=lambda word: outcome.faults.append(f"JSON holds {word}"))
    except ValueError as error:
        outcome.faults.append(f"no JSON document: {error}: {ended.out[:80]!r}")
        return None
    return document if isinstance(document, dict) else None


def _try_whatifs(case: Path, changes: Sequence[str], streams: Streams, limit_s: float, outcome: Outcome) -> None:
    """List the what-ifs with `sweep --list`; solve the case with one of them."""
    file = case / WHATIFS
    words = [word for change in changes for word in ("--set", change)]
    checked = streams.run(lambda: main(["sweep", str(case), str(file), "--list", "--verbose", *words]))
    _look(outcome, "sweep --list", checked, (0, 2))
    outcome.check = checked.code
    if checked.code != 0:
        return
    solved = streams.run(lambda: _solve_a_whatif(case, changes, limit_s, outcome.name))
    outcome.solve = solved.code
    _look(outcome, "solve of a what-if", solved, (2, *ANSWERS))


def _solve_a_whatif(case: Path, changes: Sequence[str], limit_s: float, name: str) -> int:
    """Solve the what-if that the mutation touched if its place tells, else the first; return the exit code."""
    try:
        data = Case.read(case, changes=changes)
        found = what_ifs(str(case / WHATIFS), data, ())
        place = re.search(r"whatif\.([0-9]+)", name)
        whatif = found[min(int(place[1]), len(found) - 1) if place else 0]
        changed = apply_whatif(data, whatif)
        plan = Case.of(changed.data).solve(gap=GAP, time_limit_s=limit_s)
    except PlannerError as error:
        sys.stderr.write(str(error))
        return error.exit_code
    except Exception:
        traceback.print_exc()
        return 1
    return plan.exit_code


__all__ = ["Ended", "Outcome", "Streams", "try_mutation", "write"]
