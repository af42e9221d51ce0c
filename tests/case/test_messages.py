"""The words of messages: short, with what is allowed, and with what was probably meant."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.case.messages import SHOWN, folded, listed, nearest, pydantic_message, shorten, unknown
from planner.case.parse import columns_of
from planner.case.percent import SHARES, UNITS, is_share, percent_hint, unit_of
from planner.case.rows import TABLES

KNOWN = ("abilene", "Milam", "doña_ana", "saline")


@pytest.mark.parametrize(
    ("value", "text"),
    [("x" * 60, "x" * 60), ("x" * 61, "x" * 57 + "..."), (12.5, "12.5"), (None, "None")],
)
def test_values_fit_in_a_message(value: object, text: str) -> None:
    """Up to sixty characters stand, longer ones are cut."""
    assert shorten(value) == text


def test_a_number_that_cannot_be_written_is_described() -> None:
    """A whole number of five thousand digits, which Python does not write, is no error of its own."""
    assert shorten(10**5000) == "a very long number"


@given(st.text(max_size=200))
def test_no_value_is_shown_longer_than_a_message_has_room_for(text: str) -> None:
    """Law: at most sixty characters, and the beginning of the value."""
    shown = shorten(text)
    assert len(shown) <= SHOWN
    assert text.startswith(shown.removesuffix("...") if len(text) > SHOWN else shown)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("NVIDIA", "nvidia"), ("  two   words ", "two words"), ("ﬁbre", "FIBRE"), ("Ａbilene", "abilene"),
        ("a\u200bb", "ab"), ("e\u0301", "é"), ("Straße", "STRASSE"), ("a\u00a0b", "a b"), ("x\u00ad", "x"),
    ],
)  # fmt: skip
def test_what_looks_the_same_is_the_same(a: str, b: str) -> None:
    """Case, width, composition, spaces and invisible signs do not distinguish names."""
    assert folded(a) == folded(b)


@pytest.mark.parametrize(("a", "b"), [("a", "b"), ("a b", "ab"), ("1", "l"), ("é", "e"), ("", "a")])
def test_what_looks_different_is_different(a: str, b: str) -> None:
    """Letters, accents and spaces within a name do."""
    assert folded(a) != folded(b)


@given(st.text(max_size=30))
def test_folding_twice_changes_nothing(text: str) -> None:
    """Law: a projection, and blind to upper and lower case of ASCII."""
    assert folded(folded(text)) == folded(text)
    ascii_text = text.encode("ascii", "ignore").decode()
    assert folded(ascii_text.upper()) == folded(ascii_text.lower())


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("abilen", "; did you mean 'abilene'?"), ("MILAM", "; did you mean 'Milam'?"),
        ("salin", "; did you mean 'saline'?"),
        ("zzz", ""), ("", ""), ("abilene" * 20, ""),
    ],
)  # fmt: skip
def test_the_nearest_name_is_asked_for(word: str, hint: str) -> None:
    """In the spelling of the known one, whatever the letter case; nothing where nothing is near."""
    assert nearest(word, KNOWN) == hint


@pytest.mark.parametrize(
    ("count", "text"), [(0, "none"), (1, "0"), (3, "0, 1, 2"), (4, "0, 1, 2 and 1 more"), (99, "0, 1, 2 and 96 more")]
)
def test_lists_name_the_first_and_count_the_rest(count: int, text: str) -> None:
    """No list fills the screen, and none is empty without a word."""
    assert listed(range(count), most=3) == text


def test_an_unknown_word_is_told_with_the_known_ones() -> None:
    """What it is, the word, the nearest one, and all that there are."""
    assert unknown("site", "abilen", iter(KNOWN)) == (
        "no site is called 'abilen'; did you mean 'abilene'? (there are: abilene, Milam, doña_ana, saline)"
    )


@pytest.mark.parametrize(
    ("error", "text"),
    [
        ({"type": "greater_than_equal", "ctx": {"ge": 0.0}}, "must be at least 0"),
        ({"type": "less_than_equal", "ctx": {"le": 1e9}}, "must be at most 1e+09"),
        ({"type": "greater_than", "ctx": {"gt": -1.0}}, "must be more than -1"),
        ({"type": "too_long", "ctx": {"max_length": 3}}, "must be a list of at most 3"),
        ({"type": "finite_number"}, "must be a finite number"),
        ({"type": "missing"}, "is missing and must be given"),
        ({"type": "date_parsing"}, "must be a date such as 2028-07-01"),
        ({"type": "value_error", "ctx": {"error": ValueError("own words")}}, "own words"),
        ({"type": "literal_error", "ctx": {"expected": "'build', 'shell' or 'cloud'"}, "input": "clod"},
         "must be one of: build, shell, cloud; did you mean 'cloud'?"),
        ({"type": "literal_error", "ctx": {"expected": "'a' or 'b'"}, "input": 3}, "must be one of: a, b"),
        ({"type": "something_new", "msg": "Their words"}, "Their words"),
    ],
)  # fmt: skip
def test_errors_of_pydantic_are_told_in_plain_words(error: dict[str, Any], text: str) -> None:
    """Limits as numbers, choices with the nearest, own checks as they are, and a new kind in its own words."""
    assert pydantic_message(error) == text


NUMERIC = sorted(
    {
        name
        for table in TABLES
        for name, column in columns_of(table).items()
        if column.kind.removeprefix("list of ").rstrip("s") in ("number", "whole number")
    }
)


@pytest.mark.parametrize("name", NUMERIC)
def test_every_figure_is_a_share_or_has_a_unit(name: str) -> None:
    """Law: for every column of numbers, a percent sign is answered with a share or with the unit of the column."""
    assert is_share(name) or unit_of(name)
    hint = percent_hint(name)
    assert ("write a share" in hint) is is_share(name)
    assert is_share(name) or hint.endswith(f"the column is in {unit_of(name)}")


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("facility_mw", "facility MW"), ("added_facility_mw_per_year", "facility MW per year"), ("it_mw", "IT MW"),
        ("capex_busd_per_gw", "$B per facility GW"), ("capex_busd_per_gw_it", "$B per IT GW"),
        ("year", "calendar years"),
        ("fixed_opex_busd_per_year", "$B per year"), ("life_years", "years"), ("name", None),
    ],
)  # fmt: skip
def test_the_longest_ending_gives_the_unit(name: str, unit: str | None) -> None:
    """A facility megawatt is never told as one of IT, and a yearly amount never as one that is paid once."""
    assert unit_of(name) == unit


def test_no_unit_is_hidden_behind_a_shorter_ending() -> None:
    """Law: each ending comes before every ending that it ends with itself."""
    endings = [ending for ending, _ in UNITS]
    for n, ending in enumerate(endings):
        assert not any(ending.endswith(before) for before in endings[:n] if before != ending), ending
    assert not any(unit_of(part) for part in SHARES)


def test_an_empty_name_is_not_listed() -> None:
    """Law: an empty cell is no name that could have been meant: it is neither listed nor counted."""
    assert listed(["", "acme", "zenith"]) == "acme, zenith"
    assert listed(["", "a", "b"], most=2) == "a, b"
    assert listed([""]) == "none"
