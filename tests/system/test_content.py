"""Reading a file that anybody may have changed: plain text in UTF-8 and no larger than it can be, or a reason."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.errors import PlanError
from planner.system.folders.content import read_text


def test_text_reads_as_it_was_written(tmp_path: Path) -> None:
    """With or without a byte order mark, line ends as they are, up to exactly the size allowed."""
    file = tmp_path / "t.csv"
    for raw in ("é,b\r\n\n".encode(), "\ufeffé,b\r\n\n".encode()):
        file.write_bytes(raw)
        assert read_text(file, len(raw)) == "é,b\r\n\n"


def test_one_byte_too_many(tmp_path: Path) -> None:
    """A file larger than it can be is refused with its size, before it is read."""
    file = tmp_path / "t.csv"
    file.write_bytes(b"x" * 1235)
    with pytest.raises(PlanError, match=r"t\.csv: is larger \(1,235 bytes\)"):
        read_text(file, 1234)


@pytest.mark.parametrize("kind", ["folder", "pipe", "nothing", "circle", "through", "nul"])
def test_what_is_no_file_is_told(tmp_path: Path, kind: str) -> None:
    """Folders, pipes (without waiting), missing files, links in a circle and impossible names all have a reason."""
    path = tmp_path / "t"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "circle":
        path.symlink_to(path)
    elif kind == "through":
        path.write_text("", encoding="utf-8")
        path = path / "t"
    elif kind == "nul":
        path = tmp_path / "a\0b"
    with pytest.raises(PlanError, match="is not a regular file" if kind in ("folder", "pipe") else "cannot be read"):
        read_text(path, 100)


@given(raw=st.binary(max_size=40))
def test_any_bytes_are_text_or_a_fault(raw: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Law: either the text of the bytes in UTF-8, or a `PlanError` that says that they are none."""
    file = tmp_path_factory.getbasetemp() / "bytes"
    file.write_bytes(raw)
    try:
        expected = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        with pytest.raises(PlanError, match="not text in UTF-8"):
            read_text(file, 100)
    else:
        assert read_text(file, 100) == expected
