"""Processor time of `planner solve` outside the solver, part by part: ``python -m bench outside --cases stargate``.

One run of the command in a separate process, at whose boundaries the processor time is read: what the solver itself
took, in whichever process it ran, is a part like the others, so the share outside it is of one run.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.runner import ROOT
from planner.case.write import write_case
from planner.synthetic import generate

HEADER = ("case", "all", "solver", "outside", "share", "parts outside, CPU s")
FILE = "BENCH_OUTSIDE"
"""Names the file to which the solver's process adds a line with its parts."""
CHILD = "from bench.outside import solve_apart; solve_apart()"
PARTS = {
    "read": [("planner.case.read", "read_case")],
    "derive": [("planner.runs.session", "make_inputs")],
    "declare": [("planner.runs.session", "quickest_program")],
    "compile": [("planner.runs.session", "make_mip")],
    "read back": [("planner.runs.session", "extract_tables"), ("planner.runs.session", "summarise")],
    "audit": [("planner.runs.session", "audit")],
    "write": [("planner.cli.solve_command", "write_solved")],
    "show": [("planner.cli.solve_command", "print_plan")],
}
"""Parts of a run of the command, each with the functions, by the module that calls them, that are its work."""


@dataclass(frozen=True, slots=True)
class Outside:
    """Where the processor time of one `planner solve` went, in seconds.

    Attributes
    ----------
    case : str
    solver : float
        In the solver itself.
    parts : dict of str to float
        Everything else.
    """

    case: str
    solver: float
    parts: dict[str, float]

    @property
    def outside(self) -> float:
        """All but the solver."""
        return sum(self.parts.values())

    def row(self) -> Sequence[str]:
        """The cells of a line."""
        whole = self.solver + self.outside
        parts = ", ".join(f"{name} {seconds:.2f}" for name, seconds in self.parts.items())
        return (self.case, f"{whole:.2f}", f"{self.solver:.2f}", f"{self.outside:.2f}",
                f"{self.outside / whole:.0%}", parts)  # fmt: skip


def measure_all(cases: Sequence[str], sizes: Sequence[int], years: int, gap: float) -> Iterator[Outside]:
    """Measure shipped cases and synthetic ones of some numbers of sites."""
    for name in cases:
        yield measure(name, name, gap)
    for sites in sizes:
        with tempfile.TemporaryDirectory() as folder:
            write_case(generate(sites, years, 12, 0), Path(folder, "case"))
            yield measure(f"{sites} sites", str(Path(folder, "case")), gap)


def measure(name: str, case: str, gap: float) -> Outside:
    """Run the command on a case and return where its processor time went."""
    with tempfile.TemporaryDirectory() as folder:
        notes = Path(folder, "parts.jsonl")
        words = ["solve", case, "--out", str(Path(folder, "plan")), "--threads", "1", "--gap", str(gap)]
        code = f"from bench.outside import command; command({words!r})"
        environment = {**_compiled(folder), FILE: str(notes)}
        before = _cpu(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True, capture_output=True)
        whole = _cpu(resource.RUSAGE_CHILDREN) - before
        found: dict[str, float] = {}
        for line in notes.read_text(encoding="utf-8").splitlines():
            for part, seconds in json.loads(line).items():
                found[part] = found.get(part, 0.0) + seconds
    solver = found.pop("solver")
    found["end"] = whole - solver - sum(found.values())
    return Outside(name, solver, found)


def _compiled(folder: str) -> dict[str, str]:
    """An environment in which Python has compiled all modules already, as it has after any first run."""
    found = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    found["PYTHONPYCACHEPREFIX"] = str(Path(folder, "compiled"))
    words = [
        sys.executable,
        "-m",
        "planner",
        "solve",
        "three_sites",
        "--gap",
        "0.5",
        "--out",
        str(Path(folder, "first")),
    ]
    child = "import planner.solve.worker, bench.outside"
    for line in (words, [sys.executable, "-c", child]):
        subprocess.run(line, cwd=ROOT, env=found, check=True, capture_output=True)
    return found


def _cpu(who: int) -> float:
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


class _Clock:
    """Processor time of this process by part; the innermost part counts."""

    def __init__(self) -> None:
        self.parts: dict[str, float] = {}
        self._open: list[str] = []
        self._mark = 0.0  # processor time since the process began

    def _note(self, part: str) -> None:
        now = time.process_time()
        self.parts[part] = self.parts.get(part, 0.0) + now - self._mark
        self._mark = now

    def begin(self, part: str, before: str) -> None:
        self._note(self._open[-1] if self._open else before)
        self._open.append(part)

    def end(self) -> None:
        self._note(self._open.pop())

    def write(self, rest: str) -> None:
        """Add what was measured to the file; what is under way is a part of its own."""
        self._note(self._open[-1] if self._open else rest)
        with Path(os.environ[FILE]).open("a", encoding="utf-8") as target:
            target.write(json.dumps(self.parts) + "\n")

    def wrap(self, owner: object, name: str, part: str, rest: str) -> None:
        function: Callable[..., Any] = getattr(owner, name)

        def timed(*values: Any, **named: Any) -> Any:
            self.begin(part, rest)
            try:
                return function(*values, **named)
            finally:
                self.end()

        setattr(owner, name, timed)


def _watch_solver(clock: _Clock, rest: str) -> None:
    from planner.solve.highs import Engine

    clock.wrap(Engine, "_run_for", "solver", rest)


def command(words: list[str]) -> None:
    """Be the command ``planner``, measured."""
    clock = _Clock()
    from importlib import import_module

    from planner.cli import main
    from planner.system.garbage import collect_rarely

    collect_rarely()  # as the command does before it imports anything

    for functions in PARTS.values():
        for module, _ in functions:
            import_module(module)
    import planner.solve.watchdog as watchdog

    clock.begin("start", "start")
    clock.end()
    watchdog._CHILD = CHILD
    for part, functions in PARTS.items():
        for module, name in functions:
            clock.wrap(import_module(module), name, part, "command")
    import planner.cli.given as given

    clock.wrap(given, "given_case", "read", "command")
    _watch_solver(clock, "command")
    sys.argv = ["planner", *words]
    code = main()
    clock.write("command")
    sys.exit(code)


def solve_apart() -> None:
    """Be the solver's process, measured."""
    clock = _Clock()
    from planner.solve import worker

    clock.begin("start of the solver's process", "start of the solver's process")
    clock.end()
    _watch_solver(clock, "pipeline")
    written = worker.write_message

    def write(stream: Any, message: object) -> None:
        if type(message).__name__ == "Answer":
            clock.write("pipeline")
        written(stream, message)

    worker.write_message = write
    worker.main()
