"""A file is written whole or not at all, and never over another one unless that is asked for."""

import os

import pytest

import planner.system.folders.file as file_module
from planner.errors import PlannerError
from planner.system.folders.file import examine_file, write_file


def test_a_file_is_written_with_its_folders(tmp_path):
    """Law: the folders of a new file are made, and nothing else is left beside it."""
    file = tmp_path / "a" / "b" / "case.xlsx"
    examine_file(file)
    assert list(tmp_path.iterdir()) == []
    write_file(file, b"new")
    assert file.read_bytes() == b"new"
    assert [path.name for path in file.parent.iterdir()] == ["case.xlsx"]


def test_a_file_of_the_name_is_left_as_it_is(tmp_path):
    """Law: an existing file is refused before and at the writing; with leave it is replaced."""
    file = tmp_path / "case.xlsx"
    file.write_bytes(b"mine")
    for attempt in (lambda: examine_file(file), lambda: write_file(file, b"new")):
        with pytest.raises(PlannerError, match="there is a file of this name"):
            attempt()
    assert file.read_bytes() == b"mine"
    examine_file(file, replace=True)
    write_file(file, b"new", replace=True)
    assert file.read_bytes() == b"new"


def test_links_and_folders_are_not_written_through(tmp_path):
    """Law: a link, and a folder, of the name are refused, also with leave to replace a file."""
    (tmp_path / "mine").write_bytes(b"mine")
    (tmp_path / "link.xlsx").symlink_to(tmp_path / "mine")
    (tmp_path / "folder.xlsx").mkdir()
    for name, words in (("link.xlsx", "links are not written through"), ("folder.xlsx", "is not a file")):
        with pytest.raises(PlannerError, match=words):
            write_file(tmp_path / name, b"new", replace=True)
        with pytest.raises(PlannerError, match=words):
            examine_file(tmp_path / name, replace=True)
    with pytest.raises(PlannerError, match="not a folder"):
        examine_file(tmp_path / "mine" / "case.xlsx")
    assert (tmp_path / "mine").read_bytes() == b"mine"


@pytest.mark.parametrize("links", [True, False])
def test_a_file_that_comes_in_between_is_kept(tmp_path, monkeypatch, links):
    """Law: a file that another process puts there after the look is not lost, with links of files or without."""
    file = tmp_path / "case.xlsx"
    file.write_bytes(b"of another process")
    monkeypatch.setattr(file_module, "_refuse", lambda *_, **__: None)
    if not links:

        def no_links(*_):
            raise OSError("no links here")

        monkeypatch.setattr(os, "link", no_links)
    with pytest.raises(PlannerError, match="there is a file of this name"):
        write_file(file, b"new")
    assert file.read_bytes() == b"of another process"
    assert [path.name for path in tmp_path.iterdir()] == ["case.xlsx"]


def test_a_name_that_cannot_be_is_refused(tmp_path):
    """Law: names that no system takes end in a message."""
    for name in ("x" * 5_000 + ".xlsx", "a\0b.xlsx"):
        for attempt in (examine_file, lambda file: write_file(file, b"new")):
            with pytest.raises(PlannerError, match="cannot be written"):
                attempt(tmp_path / name)
