"""From the bytes of a file to its text: UTF-8, or a message that says what the file is instead."""

from planner.case.parse import CellError

_OTHER_KINDS = (
    (b"PK\x03\x04", "the file is a workbook or an archive, not text"),
    (b"\xd0\xcf\x11\xe0", "the file is a workbook or document of an office program, not text"),
    (b"\x1f\x8b", "the file is compressed, not text"),
    (b"%PDF", "the file is a PDF, not text"),
)
"""Beginnings of files that are often taken for tables."""


def decode(raw: bytes) -> str:
    """Return the text of a file.

    Raises
    ------
    CellError
        If it is not UTF-8 text; the message states where, and what kind of file it is if that can be recognised.
    """
    for beginning, what in _OTHER_KINDS:
        if raw.startswith(beginning):
            raise CellError(f"{what}; save what it holds as plain text in UTF-8 (a table as CSV)")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or _is_wide(raw):
        raise CellError("the file is UTF-16; save it as UTF-8")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        found = raw[error.start]
        raise CellError(f"the file is not UTF-8 (byte 0x{found:02x} on line {line}); save it as UTF-8") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise CellError(f"the file holds a NUL character (line {line}); it is not a text file")
    return text


def _is_wide(raw: bytes) -> bool:
    """Whether every other byte of the beginning is zero: UTF-16 of Latin letters without a byte order mark."""
    start = raw[:64]
    half = len(start) // 2
    return half > 1 and (start[1::2].count(0) == half or start[::2].count(0) == len(start) - half)
