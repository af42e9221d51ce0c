"""A shipped name that is also a file or folder here: which was taken is said, and how to get the other."""

import pytest

from planner.case.starter import write_starter
from planner.cli.notes import forget_notes, note_case, note_whatifs, notes_so_far


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    forget_notes()


def test_a_shipped_case_beside_a_folder_of_its_name(run, tmp_path):
    """Law: the shipped case is taken and a note on standard error and in the JSON says so and names the other."""
    write_starter(tmp_path / "three_sites")
    text = run("check", "three_sites")
    assert text.code == 0
    assert "valid  three_sites" in text.out
    said = (
        "three_sites: the shipped case of this name is used; for the folder in the current folder write ./three_sites"
    )
    assert said in text.err
    document = run("check", "three_sites", "--json").document()
    assert (document["case_name"], document["notes"]) == ("three_sites", [said])
    other = run("check", "./three_sites", "--json").document()
    assert (other["case_name"], "notes" in other) == ("three_sites", False)


def test_the_note_is_there_when_the_command_fails(run, tmp_path):
    """Law: a fault of the case taken by mistake comes with the note, also in JSON; --quiet silences it."""
    (tmp_path / "stargate.toml").write_text("", encoding="utf-8")
    wrong = ("check", "stargate", "--set", "sites[mine].max_it_mw=1")
    assert "for the file in the current folder write ./stargate.toml" in run(*wrong).err
    (note,) = run(*wrong, "--json").document()["notes"]
    assert note.startswith("stargate: the shipped case")
    assert "taken" not in run("check", "stargate", "--quiet").err


def test_changes_that_leave_the_case_as_it_is_are_noted(run):
    """Law: a change to the value that is there already is noted; one that changes a figure is not."""
    same = run("check", "three_sites", "--set", "sites[north].max_it_mw=200", "--set", "model.horizon.periods=2")
    said = "--set: changes nothing, the case has these values already"
    assert (same.code, said in same.err) == (0, True)
    assert said not in run("check", "three_sites", "--set", "sites[north].max_it_mw=90").err


def test_a_shipped_whatif_file_beside_a_file_of_its_name(run, tmp_path):
    """Law: the same for what-if files; a folder of that name, which could be none, gives no note."""
    (tmp_path / "stargate").mkdir()
    note_whatifs("stargate")
    assert notes_so_far() == ()
    (tmp_path / "stargate.toml").write_text("format = 1\n", encoding="utf-8")
    outcome = run("sweep", "./none", "stargate", "--list", "--json").document()
    assert outcome["notes"] == [
        "stargate: the shipped what-if file of this name is used; for the file in the current folder write "
        "./stargate.toml"
    ]


def test_no_note_without_a_rival(tmp_path):
    """Law: names that are only shipped, only here, or strange give no note."""
    (tmp_path / "mine").mkdir()
    for name in ("stargate", "mine", "", "three_sites/..", "x" * 5000, "a\0b"):
        assert note_case(name) == name
    note_whatifs(None)
    assert notes_so_far() == ()


@pytest.mark.slow
def test_an_earlier_name_of_a_column_is_noted_once(run):
    """Law: the note names the new name, once however often the earlier one stands; also in JSON."""
    cells = ("chips[JALA].programme_cost_busd=3", "chips[JALA2].programme_cost_busd=3")
    words = ("check", "stargate", *(word for cell in cells for word in ("--set", cell)))
    assert run(*words).err.count("now called development_cost_busd") == 1
    assert len(run(*words, "--json").document()["notes"]) == 1
    new = [word.replace("programme", "development") for word in words]
    assert run(*words, "--json").document()["case_hash"] == run(*new, "--json").document()["case_hash"]
    assert "note:" not in run(*new).err
