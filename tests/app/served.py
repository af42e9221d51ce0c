"""The command `planner app` as a user starts it, in a folder of its own, with a client that has its token."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 120.0


class Served:
    """A server that was started by the command."""

    def __init__(self, folder: Path, *words: str) -> None:
        command = [sys.executable, "-m", "planner", "app", *words, "--no-browser", "--json"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        lines: list[str] = []
        while not lines or lines[-1] != "}\n":
            lines.append(self.process.stdout.readline())
            assert lines[-1], self.process.stderr.read()
        self.document = json.loads("".join(lines))
        self.address = self.document["address"]
        self.origin = self.address.split("/?")[0]
        token = self.address.split("token=")[1]
        self.client = httpx.Client(
            base_url=self.origin, headers={"x-planner-token": token}, timeout=60.0, follow_redirects=True
        )

    def solve(self, case: str, **form: str) -> str:
        """Queue a solve; return its page."""
        answer = self.client.post(f"/case/{case}/solve", data=form)
        assert answer.status_code == 200, answer.text
        return answer.url.path

    def wait(self, page: str) -> str:
        """Wait until a variant has ended; return its page."""
        until(lambda: self.client.get(f"{page}/live").json()["ended"])
        return self.client.get(page).text

    def end(self, number: int = signal.SIGINT) -> tuple[int, str]:
        """End it by a signal; return its exit code and what it wrote to standard error."""
        self.client.close()
        self.process.send_signal(number)
        _, error = self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode, error


@contextlib.contextmanager
def served(folder: Path, *words: str) -> Iterator[Served]:
    """A server, ended at the end."""
    found = Served(folder, *words)
    try:
        yield found
    finally:
        if found.process.poll() is None:
            found.end()
        found.client.close()
        for pipe in (found.process.stdout, found.process.stderr):
            pipe.close()


def until(true: Any, patience_s: float = PATIENCE_S) -> None:
    """Wait until something is true."""
    end = time.monotonic() + patience_s
    while not true():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)


def descendants(process: int) -> dict[int, str]:
    """Return the ids of the processes below one, with what they run; on Linux."""
    parents = {}
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            with contextlib.suppress(OSError, IndexError, ValueError):
                parents[int(place.name)] = int((place / "stat").read_text().rpartition(")")[2].split()[1])
    found: dict[int, str] = {}
    ring = {process}
    while ring:
        ring = {child for child, parent in parents.items() if parent in ring and child not in found}
        for child in ring:
            with contextlib.suppress(OSError):
                found[child] = (Path("/proc") / str(child) / "cmdline").read_text().replace("\0", " ")
    return found
