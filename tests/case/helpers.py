"""Folders of cases to be spoilt."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from planner.case.read import read_case
from planner.case.write import model_text, table_text
from planner.errors import CaseError, Problem
from tests.cases import make_case

CASE = make_case(full=True)
FILES: Mapping[str, str] = {
    "model.toml": model_text(CASE),
    **{f"{table}.csv": table_text(CASE, table) for table in sorted(CASE.present)},
}
"""The files of a good case with every table and family."""


def good_folder(folder: Path) -> Path:
    """Write the good case, over what an earlier one left."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return folder


def spoilt(folder: Path, changed: Mapping[str, str | bytes | None]) -> Path:
    """Write the good case with some files replaced, or left out (None)."""
    good_folder(folder)
    for name, content in changed.items():
        if content is None:
            (folder / name).unlink()
        else:
            (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def problems_of(case: str | Path) -> tuple[Problem, ...]:
    """Return the problems of a case that must have some."""
    with pytest.raises(CaseError) as caught:
        read_case(case)
    assert caught.value.problems
    return caught.value.problems


def the_problem(case: str | Path) -> Problem:
    """Return the only problem of a case."""
    problems = problems_of(case)
    assert len(problems) == 1, "\n".join(map(str, problems))
    return problems[0]
