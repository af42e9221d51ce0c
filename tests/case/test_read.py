"""Reading a whole case: where it is, which files it may name, and what is reported together."""

import csv
import io
import os
import re
from pathlib import Path

import pytest

from planner.case import read as reading
from planner.case.read import read_case
from planner.case.write import write_case
from planner.errors import CaseError
from planner.system import resources
from tests.case.helpers import CASE, FILES, good_folder, problems_of, spoilt, the_problem


def model_with(table: str, path: str) -> str:
    """Return the good model file with another path for a table."""
    return FILES["model.toml"].replace(f'"{table}.csv"', f'"{path}"')


def test_a_folder_and_its_model_file_are_the_same_case(tmp_path: Path) -> None:
    """Law: a folder with model.toml, and the path of that file, mean the same case."""
    good_folder(tmp_path)
    assert read_case(tmp_path) == read_case(tmp_path / "model.toml") == read_case(str(tmp_path)) == CASE


def test_the_only_model_file_of_a_folder(tmp_path: Path) -> None:
    """Law: without model.toml the only .toml of a folder is the model; two are refused by name, none too."""
    good_folder(tmp_path)
    (tmp_path / "model.toml").rename(tmp_path / "mine.toml")
    assert read_case(tmp_path) == CASE
    (tmp_path / "other.toml").write_text("")
    assert "mine.toml, other.toml" in the_problem(tmp_path).message
    (tmp_path / "empty").mkdir()
    assert "no model file" in the_problem(tmp_path / "empty").message


@pytest.mark.parametrize("case", ["no_such_case", "./no/such", "", "a\0b", "x" * 5000, "\udc80", "/dev/null"])
def test_what_is_no_case(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Law: whatever is named as a case, only a CaseError comes out."""
    monkeypatch.chdir(tmp_path)
    assert problems_of(case)


def test_a_csv_is_no_model(tmp_path: Path) -> None:
    """Law: a file that does not end in .toml is refused as a model."""
    good_folder(tmp_path)
    assert "must end in .toml" in the_problem(tmp_path / "sites.csv").message


@pytest.mark.parametrize(
    "path",
    [
        "../sites.csv",
        "sub/../../sites.csv",
        "/etc/passwd",
        "~/../x.csv",
        "C:/sites.csv",
        "..\\\\sites.csv",
        "",
        " ",
        ".",
        "shipped:",
        "shipped:../models/x.toml",
        "shipped:a/../../x",
        "shipped:/etc/passwd",
        "shipped:none/none.csv",
        "file:///etc/passwd",
        "sites\\u0000.csv",
        "no_such.csv",
        "x/y/z.csv",
    ],
)
def test_paths_that_leave_the_folder_are_refused(tmp_path: Path, path: str) -> None:
    """Law: a table is a file below the model's folder, or a shipped one; everything else names the key of the model."""
    folder = spoilt(tmp_path / "case", {"model.toml": model_with("sites", path)})
    (tmp_path / "sites.csv").write_text(FILES["sites.csv"])
    fault = the_problem(folder)
    assert (Path(fault.file).name, fault.column) == ("model.toml", "tables.sites")


def test_links_out_of_the_folder_are_refused(tmp_path: Path) -> None:
    """Law: a link cannot lead out of the folder, neither a file nor a folder; a link inside is fine."""
    folder = good_folder(tmp_path / "case")
    outside = tmp_path / "sites.csv"
    (folder / "sites.csv").rename(outside)
    (folder / "sites.csv").symlink_to(outside)
    assert "link" in the_problem(folder).message
    (folder / "sites.csv").unlink()
    (folder / "below").symlink_to(tmp_path)
    (folder / "model.toml").write_text(model_with("sites", "below/sites.csv"))
    assert "link" in the_problem(folder).message
    (folder / "here.csv").write_text(FILES["sites.csv"])
    (folder / "sites.csv").symlink_to(folder / "here.csv")
    (folder / "model.toml").write_text(FILES["model.toml"])
    assert read_case(folder) == CASE


def test_a_folder_or_a_pipe_is_no_table(tmp_path: Path) -> None:
    """Law: what is no regular file is refused without being opened (a pipe would block for ever)."""
    folder = spoilt(tmp_path, {"sites.csv": None, "offers.csv": None})
    (folder / "sites.csv").mkdir()
    os.mkfifo(folder / "offers.csv")
    messages = sorted(fault.message for fault in problems_of(folder))
    assert messages == ["this is a folder, not a file", "this is not a regular file"]


def test_huge_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Law: a file beyond the limit is not read."""
    folder = good_folder(tmp_path)
    monkeypatch.setattr(reading, "LARGEST_FILE_BYTES", (folder / "model.toml").stat().st_size)
    faults = problems_of(spoilt(folder, {"sites.csv": FILES["sites.csv"] + "\n" * 5000}))
    assert [fault.column for fault in faults] == ["tables.sites"]


def test_a_missing_file_names_the_nearest(tmp_path: Path) -> None:
    """Law: a file that is not there is reported with the nearest name of its folder."""
    folder = spoilt(tmp_path, {"model.toml": model_with("sites", "site.csv")})
    assert "did you mean 'sites.csv'" in the_problem(folder).message


def test_faults_of_all_files_come_together(tmp_path: Path) -> None:
    """Law: faults of the model file, of several tables and between the good tables are all reported at once."""
    folder = spoilt(
        tmp_path,
        {
            "sites.csv": FILES["sites.csv"].replace("1.25", "0.5", 1),
            "chips.csv": FILES["chips.csv"].replace("1500", "x", 1),
            "demand.csv": FILES["demand.csv"].replace("america", "amerika", 1),
        },
    )
    files = {Path(fault.file).name for fault in problems_of(folder)}
    assert files == {"sites.csv", "chips.csv", "demand.csv"}
    (folder / "model.toml").write_text(FILES["model.toml"].replace("periods = 4", "periods = 0"))
    files = {Path(fault.file).name for fault in problems_of(folder)}
    assert files == {"model.toml", "sites.csv", "chips.csv"}


def test_bad_cells_do_not_hide_references(tmp_path: Path) -> None:
    """Law: a bad cell hides neither the references of other rows nor faults of theirs, and its key is known."""
    lines = FILES["offers.csv"].splitlines()
    column = lines[0].split(",").index("site")
    cells = lines[1].split(",")
    cells[column] = "nowhere"
    chips = FILES["chips.csv"].replace("1500", "x", 1)
    assert chips != FILES["chips.csv"]
    spoils = {
        "offers.csv": "\n".join([lines[0], ",".join(cells), *lines[2:-1], lines[-1].replace(",", ",\x1b", 1)]),
        "chips.csv": chips,
    }
    found = problems_of(spoilt(tmp_path, spoils))
    assert ("site", "nowhere") in {(fault.column, fault.value) for fault in found}
    assert {Path(fault.file).name for fault in found} == {"offers.csv", "chips.csv"}
    assert not any("no row of table chips" in fault.message for fault in found), "the bad row's key is known"


def test_the_layout_does_not_change_the_hash(tmp_path: Path) -> None:
    """Law: the same content in other files, order, spelling of numbers and spacing has the same hash."""
    folder = spoilt(tmp_path, {"sites.csv": None})
    header, *rows = FILES["sites.csv"].splitlines()
    (folder / "sub").mkdir()
    text = "\r\n".join([header, *reversed(rows)]).replace("400", " 4e2 ")
    (folder / "sub" / "places.csv").write_text(text)
    (folder / "model.toml").write_text("# a comment\n" + model_with("sites", "sub/places.csv"))
    assert read_case(folder).hash == CASE.hash


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("sites.csv", "1.25", "1.26"),
        ("demand.csv", "60", "61"),
        ("model.toml", "0.08", "0.07"),
        ("sites.csv", "North", "N"),
    ],
)
def test_the_content_changes_the_hash(tmp_path: Path, file: str, old: str, new: str) -> None:
    """Law: any changed value changes the hash."""
    folder = spoilt(tmp_path, {file: FILES[file].replace(old, new, 1)})
    assert read_case(folder).hash != CASE.hash


def test_an_empty_serving_table_differs_from_none(tmp_path: Path) -> None:
    """Law: a serving table without rows lets nobody serve, which is reported; without the table anybody may."""
    folder = spoilt(tmp_path, {"serving.csv": FILES["serving.csv"].splitlines()[0] + "\n"})
    assert all("no site can serve" in fault.message for fault in problems_of(folder))
    model = FILES["model.toml"].replace('serving = "serving.csv"\n', "")
    assert "serving" not in read_case(spoilt(folder, {"model.toml": model})).present


def test_a_shipped_name_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Law: a shipped name means the shipped case, its tables come from the shipped sites, and ./NAME the folder."""
    models, sites = tmp_path / "data" / "models", tmp_path / "data" / "sites" / "tiny"
    models.mkdir(parents=True)
    sites.mkdir(parents=True)
    model = FILES["model.toml"]
    for table in CASE.present:
        (sites / f"{table}.csv").write_text(FILES[f"{table}.csv"])
        model = model.replace(f'"{table}.csv"', f'"shipped:tiny/{table}.csv"')
    (models / "tiny.toml").write_text(model)
    monkeypatch.setattr(resources, "data_folder", lambda: tmp_path / "data")
    (tmp_path / "tiny").mkdir()
    monkeypatch.chdir(tmp_path)
    assert read_case("tiny") == CASE
    assert read_case("tiny").origin == "tiny"
    assert "no model file" in the_problem("./tiny").message
    with pytest.raises(CaseError, match="did you mean 'tiny'"):
        read_case("tinny")
    broken = model.replace("shipped:tiny/sites.csv", "shipped:tiny/site.csv")
    (tmp_path / "own.toml").write_text(broken)
    assert "did you mean 'tiny/sites.csv'" in the_problem("own.toml").message


def test_messages_name_the_line(tmp_path: Path) -> None:
    """Law: a fault found between tables names the line of the row in its file."""
    folder = spoilt(tmp_path, {"offers.csv": FILES["offers.csv"].replace(",south,", ",suoth,", 1)})
    faults = problems_of(folder)
    assert [(Path(fault.file).name, fault.row, fault.column) for fault in faults if fault.column == "site"] == [
        ("offers.csv", 3, "site")
    ]
    assert "did you mean 'south'" in str(faults[0])


def test_links_in_a_circle_are_told(tmp_path: Path) -> None:
    """Law: a table that is a link to itself is a problem with its place, not an internal error."""
    write_case(read_case("three_sites"), tmp_path / "case")
    (tmp_path / "case" / "sites.csv").unlink()
    (tmp_path / "case" / "sites.csv").symlink_to("sites.csv")
    with pytest.raises(CaseError, match=r"sites\.csv"):
        read_case(tmp_path / "case")


def as_a_spreadsheet_writes(text: str) -> bytes:
    """Return a table as a spreadsheet may write it: mark, line ends, 2026.0, midnights, empty rows and columns."""
    rows = list(csv.reader(io.StringIO(text)))
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    width = len(rows[0]) + 1
    writer.writerow([*rows[0], "x_checked", "", ""])
    writer.writerow([""] * (width + 2))
    for row in rows[1:]:
        cells = [re.sub(r"^[0-9]+$", r"\g<0>.0", cell) for cell in row]
        cells = [re.sub(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", r"\g<0> 00:00:00", cell) for cell in cells]
        writer.writerow([*cells, "by hand", "", ""])
        writer.writerow([" "] * 3)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def test_a_case_as_a_spreadsheet_writes_it(tmp_path: Path) -> None:
    """Law: what a spreadsheet adds when it saves every table again changes nothing of the case."""
    tables = {name: as_a_spreadsheet_writes(text) for name, text in FILES.items() if name.endswith(".csv")}
    case = read_case(spoilt(tmp_path, dict(tables)))
    assert case == CASE
    assert case.own["sites"]["north"] == {"x_checked": "by hand"}
