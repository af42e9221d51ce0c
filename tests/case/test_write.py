"""A written case reads back as the same case."""

import math
import pickle
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.case.case import CaseData, canonical_text
from planner.case.parse import columns_of
from planner.case.read import read_case
from planner.case.rows import DemandRow, SiteRow
from planner.case.write import cell_text, model_text, table_text, write_case
from planner.changes.apply import apply_changes
from planner.errors import PlannerError
from tests.case.helpers import CASE
from tests.cases import base_tables, make_case


@pytest.mark.parametrize("full", [False, True])
def test_round_trip(tmp_path: Path, full: bool) -> None:
    """Law: write then read gives the same hash, and writing again the same files."""
    case = make_case(full=full)
    write_case(case, tmp_path / "new" / "folder")
    again = read_case(tmp_path / "new" / "folder")
    assert again.hash == case.hash
    assert again.present == case.present
    write_case(again, tmp_path / "again")
    for file in sorted((tmp_path / "again").iterdir()):
        assert file.read_bytes() == (tmp_path / "new" / "folder" / file.name).read_bytes()


def test_awkward_text_survives(tmp_path: Path) -> None:
    """Law: quotes, commas, other scripts in names and notes, and line ends in notes, survive."""
    tables = base_tables()
    tables["sites"][0] |= {
        "name": 'He said "a, b"; c',
        "notes": "naïve 東京\n¼",
        "source": "'",
        "as_of": "2026-01-31",
        "grade": "D",
    }
    case = make_case(tables, model={"title": 'a "title"', "description": "\\ é \t\nof two lines"})
    write_case(case, tmp_path)
    assert read_case(tmp_path).hash == case.hash


def test_ranges_are_written(tmp_path: Path) -> None:
    """Law: ranges are part of the content: written, read and hashed."""
    case = CASE.replace(
        ranges={"offers": {"build_north": {"max_blocks": (4, 9)}, "cloud_east": {"rent_musd_per_mw_year": (9.5, 12.0)}}}
    )
    assert case.hash != CASE.hash
    write_case(case, tmp_path)
    again = read_case(tmp_path)
    assert again.hash == case.hash
    assert again.ranges == case.ranges


@given(st.floats(min_value=0, max_value=1e9, allow_nan=False))
def test_numbers_survive_exactly(number: float) -> None:
    """Law: a number written and read is the same to the last bit."""
    read = columns_of("demand")["compute"].read(cell_text(number))
    assert math.copysign(1, read) * read == math.copysign(1, number) * number
    assert read == number


def test_cells() -> None:
    """Law: values are written as the reading rules ask for."""
    values = (None, True, False, (0.4, 0.6), ("a", "b"), date(2028, 7, 1), 3.0, 0.1, 7)
    assert [cell_text(value) for value in values] == [
        "", "yes", "no", "0.4;0.6", "a;b", "2028-07-01", "3", "0.1", "7",
    ]  # fmt: skip


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """Law: a place that cannot be written is a PlannerError."""
    (tmp_path / "file").write_text("")
    with pytest.raises(PlannerError, match="cannot write"):
        write_case(CASE, tmp_path / "file")


def test_only_given_tables_are_written() -> None:
    """Law: the model file names the tables of the case and no other."""
    text = model_text(make_case())
    assert "budget" not in text
    assert table_text(make_case(), "budget").startswith("year")


def test_equality_and_pickling() -> None:
    """Law: cases are equal when their content is, also after pickling (parallel runs send cases)."""
    again = pickle.loads(pickle.dumps(CASE))
    assert again == CASE
    assert hash(again) == hash(CASE)
    assert again.lines == CASE.lines
    assert make_case() != CASE
    assert CASE != "a case"


def test_access_to_rows() -> None:
    """Law: rows come by table, by record and by key; all tables are there, absent ones empty."""
    case = make_case()
    assert case.tables["budget"] == ()
    assert case.rows(SiteRow) == case.tables["sites"]
    assert case.index("sites")["north"] is case.rows(SiteRow)[0]
    assert case.by_key(DemandRow)["europe", "inference", 2026].compute == 40
    with pytest.raises(TypeError):
        case.tables["sites"] = ()  # type: ignore[index]
    with pytest.raises(ValueError, match="no such tables: nothing"):
        CaseData(case.model, {"nothing": ()}, frozenset(), "x")


def test_replace() -> None:
    """Law: tables are replaced one by one; None takes one out; the case itself never changes."""
    before = CASE.hash
    fewer = CASE.replace(tables={"sites": CASE.tables["sites"][:1], "latency": None})
    assert len(fewer.tables["sites"]) == 1
    assert "latency" not in fewer.present
    assert fewer.tables["offers"] == CASE.tables["offers"]
    assert make_case().replace(tables={"serving": ()}).hash != make_case().hash
    assert CASE.hash == before
    assert fewer.hash != before


def test_the_order_of_rows_is_no_content() -> None:
    """Law: rows in another order have the same hash."""
    turned = CASE.replace(tables={"demand": tuple(reversed(CASE.tables["demand"]))})
    assert turned.hash == CASE.hash
    assert canonical_text(turned) == canonical_text(CASE)


def test_columns_of_ones_own_are_kept(tmp_path: Path) -> None:
    """Law: the cells of x_ columns are written with the case and read again, and are no part of its content."""
    own = {"sites": {"north": {"x_owner": "Ann, of land", "x_seen": "2026"}, "gone": {"x_owner": "nobody"}}}
    case = CaseData(CASE.model, CASE.tables, CASE.present, "own", own=own)
    assert case == CASE
    write_case(case, tmp_path)
    again = read_case(tmp_path)
    assert again == CASE
    assert again.own == {"sites": {"north": own["sites"]["north"]}}
    assert pickle.loads(pickle.dumps(again)).own == again.own
    assert apply_changes(again, ["sites[north].name=N"]).own == again.own
    write_case(again, tmp_path / "twice")
    assert (tmp_path / "twice" / "sites.csv").read_bytes() == (tmp_path / "sites.csv").read_bytes()
