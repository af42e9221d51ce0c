"""The starter case: valid, small, and never written over anything."""

from pathlib import Path

import pytest

from planner.case.check import warnings_of
from planner.case.read import read_case
from planner.case.rows import TABLES
from planner.case.starter import write_starter
from planner.errors import PlannerError


def test_the_starter_is_a_good_case(tmp_path: Path) -> None:
    """Law: the starter case reads without a fault or a warning, into a new or an empty folder."""
    write_starter(tmp_path)
    write_starter(tmp_path / "new" / "one")
    case = read_case(tmp_path / "new" / "one")
    assert case == read_case(tmp_path)
    assert warnings_of(case) == []


def test_every_figure_is_marked_as_an_example(tmp_path: Path) -> None:
    """Law: every row of the starter carries grade D and says that it is an example."""
    write_starter(tmp_path)
    case = read_case(tmp_path)
    rows = [row for table in TABLES for row in case.tables[table]]
    assert len(rows) > 30
    assert {(row.grade, row.source) for row in rows} == {("D", "example")}


def test_nothing_is_written_over(tmp_path: Path) -> None:
    """Law: a folder that holds anything, and a file of that name, are refused and left alone."""
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(PlannerError, match="not empty"):
        write_starter(tmp_path)
    with pytest.raises(PlannerError, match="there is a file"):
        write_starter(tmp_path / "notes.txt")
    assert [entry.name for entry in tmp_path.iterdir()] == ["notes.txt"]
    with pytest.raises(PlannerError, match="cannot write"):
        write_starter(tmp_path / "notes.txt" / "below")
