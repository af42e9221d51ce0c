"""Random damage: whatever happens to the files, only a CaseError comes out, and never a hang."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from planner.case.case import CaseData
from planner.case.read import read_case
from planner.errors import CaseError
from tests.case.helpers import FILES, spoilt
from tests.length import AT_LENGTH

NAMES = st.sampled_from(sorted(FILES))
NASTY = st.one_of(
    st.binary(max_size=8),
    st.sampled_from(
        [
            b"",
            b"\0",
            b"\xff",
            b"\xef\xbb\xbf",
            b'"',
            b",",
            b";",
            b"\n",
            b"\r",
            b"[",
            b"]",
            b"=",
            b"nan",
            b"-1",
            b"1e999",
            b"9" * 400,
            b"0x" + b"f" * 6000,
            b"[" * 2000,
            b"{a=" * 500,
            b"'''",
            b'"""',
            b"../",
            b"shipped:",
            b"2026-02-30",
        ]
    ),
)


def read_or_refuse(files: dict[str, bytes]) -> None:
    """Read the good case with some files replaced; nothing but a CaseError may come out."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            case = read_case(spoilt(Path(folder), dict(files)))
        except CaseError as error:
            problems = error.problems
        else:
            assert isinstance(case, CaseData)
            return
    assert problems
    assert all(fault.file and fault.message and len(str(fault)) < 2000 for fault in problems)


@given(name=NAMES, cuts=st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 40), NASTY), min_size=1, max_size=4))
@settings(max_examples=500 if AT_LENGTH else 10, deadline=None)
def test_damaged_bytes(name: str, cuts: list[tuple[int, int, bytes]]) -> None:
    """Law: bytes cut out of a file and others put in end in a case or a CaseError."""
    raw = FILES[name].encode()
    for start, length, new in cuts:
        start %= len(raw) + 1
        raw = raw[:start] + new + raw[start + length :]
    read_or_refuse({name: raw})


@given(name=NAMES, raw=st.binary(max_size=300))
@settings(max_examples=500 if AT_LENGTH else 10, deadline=None)
def test_any_bytes(name: str, raw: bytes) -> None:
    """Law: any bytes at all as a file end in a case or a CaseError."""
    read_or_refuse({name: raw})


@given(
    name=NAMES,
    row=st.integers(0, 50),
    cell=st.integers(0, 30),
    text=st.one_of(
        st.text(max_size=20),
        st.sampled_from(["", "nan", "-0", "1e308", "0", "-1", "yes", "9999-12-31", "0001-01-01", "2200", "a;b"]),
    ),
)
@settings(max_examples=500 if AT_LENGTH else 4, deadline=None)
def test_any_text_in_a_cell(name: str, row: int, cell: int, text: str) -> None:
    """Law: any text in any cell (or after any ``=`` of the model file) ends in a case or a CaseError."""
    lines = FILES[name].splitlines()
    row %= len(lines)
    mark = " = " if name.endswith(".toml") else ","
    cells = lines[row].split(mark)
    cells[cell % len(cells)] = text
    lines[row] = mark.join(cells)
    read_or_refuse({name: "\n".join(lines).encode(errors="surrogatepass")})


@given(a=NAMES, b=NAMES)
@settings(max_examples=500 if AT_LENGTH else 10, deadline=None)
def test_exchanged_files(a: str, b: str) -> None:
    """Law: a file with the content of another ends in a case or a CaseError."""
    read_or_refuse({a: FILES[b].encode()})
