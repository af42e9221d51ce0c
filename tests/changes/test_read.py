"""What-if files: strict reading, and refusals that say what would be right."""

from pathlib import Path

import pytest

from planner.changes.expand import expand
from planner.changes.read import parse_whatifs, read_whatifs
from planner.errors import CaseError
from tests.cases import make_case

SCALE = {"op": "scale", "table": "demand", "column": "compute", "factor": 0.5}


def refused(data) -> str:
    """Return the message with which a file is refused, by the reader or the expansion."""
    with pytest.raises(CaseError) as caught:
        expand(parse_whatifs(data))
    return str(caught.value)


def entry(name="half", **more):
    """Return a what-if entry that is right, some of it replaced."""
    return {"name": name, "changes": [SCALE], **more}


def test_every_fault_is_reported_at_once():
    """Faults of different entries stand in one message, each with the name of its what-if."""
    text = refused(
        {
            "format": 1,
            "whatif": [
                entry("one", chnges=[]),
                entry("two", changes=[{"op": "scal"}]),
                entry(
                    "three", changes=[{"op": "scale", "table": "demand", "colum": "compute", "factor": float("nan")}]
                ),
            ],
            "gird": [],
        }
    )
    assert "5 problems" in text
    for part in (
        "whatif[one].chnges",
        "did you mean 'changes'",
        "did you mean 'scale'",
        "whatif[three].changes[0].colum",
    ):
        assert part in text
    assert "did you mean 'grid'" in text


@pytest.mark.parametrize("value", [1e300, 10**400], ids=["1e300", "400 digits"])
def test_numbers_beyond_the_column_are_refused_by_the_case(value):
    """A number that is too large for its column is refused as the column says it, whoever writes it."""
    change = {"op": "set", "table": "demand", "column": "compute", "value": value}
    with pytest.raises(CaseError, match=r"half: changes\[0\] \(set demand.compute\)"):
        expand(parse_whatifs({"format": 1, "whatif": [entry(changes=[change])]}), make_case())


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), "x" * 60_000, {"a": [{}] * 10_001}, 10**5000],
    ids=["nan", "inf", "long text", "large section", "5000 digits"],
)
def test_values_out_of_this_world_are_refused(value):
    """NaN, infinity, texts and sections beyond all sense do not pass."""
    change = {"op": "set", "table": "demand", "column": "compute", "value": value}
    assert "whatif[half].changes[0].value" in refused({"format": 1, "whatif": [entry(changes=[change])]})


@pytest.mark.parametrize("name", ["../up", "/etc/x", "a/b", "", ".hidden", "a" * 65, "a\nb", "nul\0"])
def test_names_cannot_leave_their_folder(name):
    """A name that would be a path, or none, is refused: it names the folder of a run."""
    assert "must be a key" in refused({"format": 1, "whatif": [entry(name)]})


@pytest.mark.parametrize(
    "text",
    ["", "format = 2", "format = 1\nwhatif = 3", "[[whatif]]", "format = 1\n[[whatif]\n", "a" * 3, "x = " + "[" * 5000],
)
def test_files_that_are_no_what_if_files(tmp_path, text):
    """Whatever the bytes, the answer is a CaseError that names the file."""
    path = tmp_path / "w.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CaseError, match=r"w\.toml"):
        read_whatifs(path)


def test_places_that_are_no_file(tmp_path):
    """A missing file, a folder, binary content, a wrong suffix, a path that is none: a clear refusal each."""
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00\x01")
    (tmp_path / "plain.txt").write_text("format = 1", encoding="utf-8")
    for name, part in (
        ("none.toml", "no such file"),
        ("", "folder"),
        ("bytes.toml", "not TOML"),
        ("plain.txt", ".toml"),
    ):
        with pytest.raises(CaseError, match=part):
            read_whatifs(tmp_path / name)
    with pytest.raises(CaseError, match="did you mean 'stargate'"):
        read_whatifs("stargat")
    with pytest.raises(CaseError):
        read_whatifs("a\0b")


def test_a_list_whose_values_go_nowhere_is_refused():
    """Every value must make a what-if of its own; a value the change cannot take is told."""
    given = {"name": "x", "vary": "factor", "values": [2], "changes": [SCALE]}
    assert "takes the values" in refused({"format": 1, "list": [given]})
    months = {"name": "x", "vary": "months", "values": [1.5], "changes": [{"op": "shift", "table": "chips"}]}
    assert "months cannot be 1.5" in refused({"format": 1, "list": [months]})


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("format = 1".encode("utf-16"), "UTF-16"),
        (b"format = 1 # \xff", "not UTF-8"),
        (b"PK\x03\x04", "workbook"),
        (b"format = " + b"9" * 10_000, "too long"),
        (b"x = " + b"[" * 50_000, "nested too deeply"),
        (b'format = 1\n[[whatif]]\nname = "a"\ntitle = "\\u001b[2J"\nchanges = []', "control character"),
    ],
)
def test_files_that_are_no_what_ifs(tmp_path: Path, raw: bytes, words: str) -> None:
    """Law: what is no text, no TOML of readable size, or holds control characters is refused with the reason."""
    path = tmp_path / "w.toml"
    path.write_bytes(raw)
    with pytest.raises(CaseError, match=words) as caught:
        read_whatifs(path)
    assert "\x1b" not in str(caught.value)
