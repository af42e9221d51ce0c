"""Fixtures of the command line: run it in this process, with the library or with a stand-in for it."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from planner.api import Case
from planner.cli import main
from tests.cli.fake_plan import FakePlan


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    code: int
    out: str
    err: str

    def document(self) -> dict[str, Any]:
        """Return the one JSON document on standard output; anything else there is an error of the test."""
        content = json.loads(self.out)
        assert isinstance(content, dict)
        return content


Run = Callable[..., Outcome]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command line in this process."""

    def run_words(*words: str) -> Outcome:
        capsys.readouterr()
        code = main([str(word) for word in words])
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return run_words


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch, tmp_path) -> Callable[..., SimpleNamespace]:
    """Put a stand-in in the place of the library, whose ``solve`` returns a plan or raises what the test wants."""
    monkeypatch.chdir(tmp_path)

    def install(plan: FakePlan | None = None, error: BaseException | None = None) -> SimpleNamespace:
        calls = SimpleNamespace(options={}, plan=plan or FakePlan(), read=())

        class Case:
            name = "hand"
            hash = "0123456789abcdef"

            @classmethod
            def read(cls, case: str, changes: tuple[str, ...] = ()) -> "Case":
                calls.read = (case, tuple(changes))
                return cls()

            def warnings(self) -> list[Any]:
                return []

            def solve(self, **options: Any) -> FakePlan:
                calls.options = options
                if error is not None:
                    raise error
                progress = SimpleNamespace(stage="search", seconds=1.0, cost_busd=312.4, bound_busd=300.0, gap=0.04)
                options["on_progress"](progress)
                return calls.plan

        module = ModuleType("planner.api")
        module.Case = Case  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "planner.api", module)
        monkeypatch.setattr("planner.plan.plan.write_at", lambda plan, target: plan.write(target))
        solve_command = import_module("planner.cli.solve_command")
        monkeypatch.setattr(
            solve_command, "given_and_unchanged", lambda case, changes: (Case.read(case, tuple(changes or ())), None)
        )
        return calls

    return install


@pytest.fixture(scope="session")
def solved_folder(tmp_path_factory: pytest.TempPathFactory):
    """Return the folder of a plan of the case checked by hand; tests copy it before they change it."""
    folder = tmp_path_factory.mktemp("solved") / "plan"
    return Case.read("three_sites").solve(gap=0.0, own_process=False).write(folder)
