"""From bytes to text: UTF-8 as it is, anything else refused with what it is and where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.case.encoding import decode
from planner.case.parse import CellError


@given(st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60))
def test_text_in_utf_8_is_read_as_it_is(text: str) -> None:
    """Round trip, with one byte order mark or none; text that begins like an archive, or like UTF-16, is no text."""
    if text.startswith(("PK\x03\x04", "\ufeff", "%PDF")):
        return
    assert decode(text.encode()) == text
    assert decode(b"\xef\xbb\xbf" + text.encode()) == text


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-16-le-bom", "utf-16-be-bom"])
@pytest.mark.parametrize("text", ["site,name\nabilene,Abilene\n", "abcd"])
def test_utf_16_is_known_with_and_without_its_mark(codec: str, text: str) -> None:
    """What spreadsheets call Unicode text is told as that, in either order of bytes."""
    marks = {"utf-16-le-bom": b"\xff\xfe", "utf-16-be-bom": b"\xfe\xff"}
    raw = marks.get(codec, b"") + text.encode(codec.removesuffix("-bom"))
    with pytest.raises(CellError, match="is UTF-16; save it as UTF-8"):
        decode(raw)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"PK\x03\x04rest", "a workbook or an archive"),
        (b"\xd0\xcf\x11\xe0\xa1", "of an office program"),
        (b"\x1f\x8b\x08", "compressed"),
        (b"%PDF-1.7", "a PDF"),
        (b"a,b\nc,\xe9t\xe9\n", "byte 0xe9 on line 2"),
        (b"\x80", "byte 0x80 on line 1"),
        (b"a\n\nb\xff", "byte 0xff on line 3"),
        (b"a,b\nc\x00d\n", r"NUL character \(line 2\)"),
        (b"a\xc3", "byte 0xc3 on line 1"),
    ],
)
def test_other_files_are_told_by_what_they_are(raw: bytes, words: str) -> None:
    """The message has the kind of file, or the first byte that is wrong and its line."""
    with pytest.raises(CellError, match=words):
        decode(raw)


@given(st.binary(max_size=64))
def test_any_bytes_are_text_or_a_fault(raw: bytes) -> None:
    """Law: no bytes end in another error, and what is text encodes back to the bytes, but for the mark."""
    try:
        text: str | None = decode(raw)
    except CellError:
        text = None
    if text is None:
        with pytest.raises(CellError, match="the file "):
            decode(raw)
    else:
        assert text.encode() == raw.removeprefix(b"\xef\xbb\xbf")
        assert "\0" not in text


@pytest.mark.parametrize("raw", [b"", b"a", b"\n", "é".encode()])
def test_very_short_files_are_text(raw: bytes) -> None:
    """A byte or two are no sign of another encoding."""
    assert decode(raw) == raw.decode()
