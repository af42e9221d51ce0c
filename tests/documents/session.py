"""Run the blocks of a page in order, as a reader would, and say where what came out is not what is stated."""

import contextlib
import io
import os
import shlex
import subprocess
import sys
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from itertools import zip_longest
from pathlib import Path

from planner.cli import main
from tests.documents.match import difference
from tests.documents.page import Block, Page

ROOT = Path(__file__).resolve().parents[2]
SHOWN_BY = ("highspy", "pandas", "rich")
"""Packages whose version may show in an output."""
ASK_CODE = "echo $?"
UNSTATED = "prints what the page does not state:"
PROGRAMS = ("planner", "python", "ls", "cat", "rm", "mkdir", "cp", "sed")
"""What a page may call. Everything else is for the reader's machine, and the block says that it is not run."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One command or Python block that ran: what was stated, what came out, and what is wrong, if anything."""

    line: int
    text: str
    stated: list[str]
    output: str
    fault: str | None


def locked(installed: Mapping[str, str]) -> bool:
    """Say whether these versions are those of the lock file, whose outputs the pages state."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8").replace("\\", " ")
    return all(f"\n{package}=={number} " in lock for package, number in installed.items())


class Session:
    """A reader at work: a folder, the exit code of the last command, and the names of the Python blocks.

    Parameters
    ----------
    folder : Path
        An empty folder to work in.

    Attributes
    ----------
    exact : bool
        Whether outputs marked ``locked`` are compared.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.exact = locked({package: version(package) for package in SHOWN_BY})
        self.code = 0
        self.names: dict[str, object] = {"__name__": "__main__"}

    def run_page(self, page: Page, *, slow: bool) -> list[Finding]:
        """Run the blocks of a page, without the slow ones unless asked for."""
        if page.in_a_clone:
            for name in ("docs", "examples"):
                (self.folder / name).symlink_to(ROOT / name)
        found: list[Finding] = []
        for block in page.blocks:
            if block.reason is None and not block.left_out and (slow or not block.slow):
                found += self.run(block)
        return found

    def run(self, block: Block) -> list[Finding]:
        """Run a block, or write its file."""
        if block.file is not None:
            target = self.folder / block.file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text("\n".join(block.lines) + "\n", encoding="utf-8")
            return []
        if block.language == "python":
            return [self._python(block)]
        return self._console(block) if block.language == "console" else []

    def _console(self, block: Block) -> list[Finding]:
        findings: list[Finding] = []
        commands = block.commands
        for command, after in zip_longest(commands, commands[1:]):
            asked = command.text == ASK_CODE
            output = f"{self.code}\n" if asked else self.call(command.text)
            fault = self._compare(block, command.stated, output)
            if asked and not command.stated:
                fault = "the exit code is asked for and not stated"
            if self.code != 0 and not asked and not (after is not None and after.text == ASK_CODE):
                fault = f"ends in {self.code}, and no '$ {ASK_CODE}' below says so:\n{output}"
            findings.append(Finding(command.line, command.text, command.stated, output, fault))
        return findings

    def _compare(self, block: Block, stated: list[str], output: str) -> str | None:
        if "locked" in block.run and not self.exact:
            return None
        if any(line.strip() for line in stated):
            return difference(stated, output)
        if output.strip() and block.uncompared is None:
            return f"{UNSTATED}\n{output}"
        return None

    def call(self, text: str) -> str:
        """Run a command line and return what it wrote; its exit code is then in ``code``."""
        words = [found for word in shlex.split(text, comments=True) for found in self._expand(word)]
        if words[:3] == ["python", "-m", "planner"]:
            words = ["planner", *words[3:]]
        if not words or words[0] not in PROGRAMS:
            self.code = 127
            return f"{text}: not a program that pages may call ({', '.join(PROGRAMS)}): say why the block is not run\n"
        return self._planner(words[1:]) if words[0] == "planner" else self._other(words)

    def _expand(self, word: str) -> list[str]:
        """Expand a pattern of file names as a shell does."""
        if not any(sign in word for sign in "*?") or "[" in word:
            return [word]
        return sorted(path.relative_to(self.folder).as_posix() for path in self.folder.glob(word)) or [word]

    def _planner(self, words: list[str]) -> str:
        """Run the command in this process."""
        text = io.StringIO()
        with contextlib.chdir(self.folder), contextlib.redirect_stdout(text), contextlib.redirect_stderr(text):
            self.code = main(words)
        return text.getvalue()

    def _other(self, words: list[str]) -> str:
        """Run a program in a process of its own."""
        program = sys.executable if words[0] == "python" else words[0]
        paths = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
        process = subprocess.run(
            [program, *words[1:]],
            cwd=self.folder,
            env=paths,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.code = process.returncode
        return process.stdout

    def _python(self, block: Block) -> Finding:
        source = "\n".join(block.lines)
        output, fault = self._execute("\n" * block.line + source)
        stated = block.stated.lines if block.stated is not None else []
        if fault is None and output.strip() and not stated:
            fault = f"prints what no output block states:\n{output}"
        if fault is None and stated:
            fault = self._compare(block, stated, output)
        return Finding(block.line, source, stated, output, fault)

    def _execute(self, source: str) -> tuple[str, str | None]:
        """Run Python in this process and return what it printed, and the traceback if it failed."""
        text = io.StringIO()
        try:
            with contextlib.chdir(self.folder), contextlib.redirect_stdout(text):
                exec(compile(source, "<page>", "exec"), self.names)
        except Exception:
            return text.getvalue(), traceback.format_exc(limit=-3)
        return text.getvalue(), None


class ShellSession(Session):
    """A reader with a shell: commands go to bash, with the programs of an environment's folder before all others.

    Parameters
    ----------
    folder : Path
        An empty folder to work in.
    programs : Path
        Folder of the environment's ``planner`` and ``python``.
    """

    def __init__(self, folder: Path, programs: Path) -> None:
        self.environment = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
        self.environment["PATH"] = os.pathsep.join([str(programs), os.environ.get("PATH", os.defpath)])
        super().__init__(folder)
        ask = "import sys; from importlib.metadata import version; print(*map(version, sys.argv[1:]))"
        numbers = self.call(shlex.join([str(programs / "python"), "-c", ask, *SHOWN_BY])).split()
        if len(numbers) != len(SHOWN_BY):
            raise ValueError(f"{programs}: no python with the planner's packages in this folder")
        self.exact = locked(dict(zip(SHOWN_BY, numbers, strict=True)))
        self._before: list[str] = []

    def call(self, text: str) -> str:
        """Run a command line as it is printed."""
        process = subprocess.run(
            ["bash", "-c", text],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.code = process.returncode
        return process.stdout

    def _execute(self, source: str) -> tuple[str, str | None]:
        """Run a Python block after those before it, whose output is not shown again."""
        before = "\n".join(self._before)
        script = (
            f"import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()):\n    exec({before!r})\n{source}\n"
        )
        self._before.append(source)
        process = subprocess.run(
            ["python", "-c", script],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return process.stdout, process.stderr if process.returncode else None
