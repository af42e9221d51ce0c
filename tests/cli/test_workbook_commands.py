"""``new --workbook``, ``new --from`` and ``export``."""

import sys

import pytest

from planner.case.read import read_case
from tests.case.workbooks import cell, edited, three_sites


def test_a_case_goes_to_a_workbook_and_back(run, tmp_path):
    """Law: a copy as a workbook, and a folder made of that, are the case; nothing is written over."""
    file, folder = tmp_path / "my.xlsx", tmp_path / "my"
    assert run("new", "--workbook", file, "--from", "three_sites", "--json").document()["workbook"] == str(file)
    assert run("new", folder, "--from", file).code == 0
    assert read_case(folder) == read_case(file) == read_case("three_sites")
    before = file.read_bytes()
    again = run("new", "--workbook", file)
    assert (again.code, file.read_bytes()) == (1, before)
    assert "there is a file of this name" in again.err


def test_where_a_case_goes_must_be_said_once(run, tmp_path):
    """Law: neither place, both, and a name that is no workbook's are usage errors that say what is right."""
    file = tmp_path / "a.xlsx"
    for words in ((), (tmp_path / "a", "--workbook", file), ("--workbook", tmp_path / "a.csv"), (file,)):
        assert run("new", *words).code == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_starter_as_a_workbook_is_the_starter(run, tmp_path):
    """Law: the starter case is the same as a workbook and as a folder, but for its name."""
    assert run("new", "--workbook", tmp_path / "same.xlsx").code == 0
    assert run("new", tmp_path / "same").code == 0
    assert read_case(tmp_path / "same.xlsx") == read_case(tmp_path / "same")


def test_check_names_sheet_and_cell(run, tmp_path):
    """Law: the faults of a workbook end in 2, each with sheet and cell, for people and in JSON."""
    file = edited(
        lambda book: setattr(cell(book["sites"], 3, "max_it_mw"), "value", "<b>\u202ex"), tmp_path / "my.xlsx"
    )
    outcome = run("check", file)
    assert outcome.code == 2
    assert "my.xlsx, sheet sites, cell J3, column max_it_mw" in outcome.err
    assert "\u202e" not in outcome.err
    (problem,) = run("check", file, "--json").document()["problems"]
    assert (problem["cell"], problem["row"], problem["column"]) == ("J3", 3, "max_it_mw")


def test_without_the_extra_the_message_says_what_to_install(run, tmp_path, monkeypatch):
    """Law: reading and writing a workbook without its libraries name the extra."""
    file = tmp_path / "my.xlsx"
    file.write_bytes(three_sites())
    for module in ("xlsxwriter", "python_calamine"):
        monkeypatch.setitem(sys.modules, module, None)
    for words in (("check", file), ("new", "--workbook", tmp_path / "new.xlsx")):
        outcome = run(*words)
        assert outcome.code == 1
        assert "pip install 'gigaplan[excel]'" in outcome.err
    assert not (tmp_path / "new.xlsx").exists()


@pytest.mark.slow
def test_export_says_what_it_wrote_and_replaces_only_with_force(run, tmp_path):
    """Law: export names what it wrote; a workbook of the name is replaced with --force alone."""
    folder, file = tmp_path / "plan", tmp_path / "plan.xlsx"
    assert run("solve", "three_sites", "--quiet", "--out", folder).code == 0
    document = run("export", folder, file, "--json").document()
    assert (document["kind"], document["written"]) == ("xlsx", str(file))
    assert document["rows"]["calendar"] == 2
    assert run("export", folder, file).code == 1
    assert run("export", folder, file, "--force").code == 0
    assert run("export", folder, tmp_path / "tables").code == 1
    assert run("export", folder, tmp_path / "tables", "--as", "csv").code == 0
    assert run("export", tmp_path / "tables", tmp_path / "again.xlsx").code == 1
