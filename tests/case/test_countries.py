"""Countries are codes of ISO 3166-1; what is none is refused with what was probably meant."""

from pathlib import Path

import pytest

from planner.case.check import check_case
from planner.case.countries import NAMES, country_fault
from planner.case.parse import CellError, columns_of
from tests.case.helpers import FILES, problems_of, spoilt
from tests.cases import make_case


def test_the_list_is_whole() -> None:
    """Law: the 249 officially assigned codes are there, each two capital letters with a name, and all are accepted."""
    assert len(NAMES) == 249
    assert all(len(code) == 2 and code.isascii() and code.isupper() and name for code, name in NAMES.items())
    assert [code for code in NAMES if country_fault(code)] == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("us", "US"),
        ("Us", "US"),
        ("USA", "US"),
        ("usa", "US"),
        ("UK", "GB"),
        ("United States", "US"),
        ("united_kingdom", "GB"),
        ("Germany", "DE"),
        ("DEU", "DE"),
        ("Norwey", "NO"),
        ("\uff35\uff33", "US"),
        ("Cura\u00e7ao", "CW"),
    ],
)
def test_what_was_meant(text: str, code: str) -> None:
    """Law: another case, the code of three letters, the name and slips of it give the code in the message."""
    assert f"did you mean {code!r}" in (country_fault(text) or "")


@pytest.mark.parametrize(
    "text", ["XX", "ZZ", "EU", "AA", "U", "U1", "USS", "nowhere at all", "\u0430\u0430", "x" * 5000]
)
def test_what_is_no_country(text: str) -> None:
    """Law: codes left to users, reserved codes, other scripts and long texts are refused."""
    assert "ISO 3166-1" in (country_fault(text) or "")


@pytest.mark.parametrize(
    ("table", "name"), [("sites", "country"), ("power_regions", "country"), ("markets", "residency")]
)
def test_every_column_of_countries_is_checked(table: str, name: str) -> None:
    """Law: every column that holds countries takes codes of the list alone."""
    column = columns_of(table)[name]
    assert column.read("FR")
    for text in ("fr", "XX", "France"):
        with pytest.raises(CellError, match="ISO 3166-1"):
            column.read(text)


def test_a_country_in_small_letters_is_refused_at_its_place(tmp_path: Path) -> None:
    """Law: ``us`` beside ``US`` is a fault of its row, not a country of its own."""
    folder = spoilt(tmp_path, {"sites.csv": FILES["sites.csv"].replace(",US,", ",us,", 1)})
    (fault,) = problems_of(folder)
    assert (fault.row, fault.column, fault.value) == (2, "country", "us")
    assert "did you mean 'US'" in fault.message


def test_the_plain_case_stays_good() -> None:
    """Law: cases with codes of the list are not touched."""
    assert check_case(make_case(full=True, checked=False)) == []
