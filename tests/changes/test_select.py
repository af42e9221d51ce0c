"""Which rows a place means, against a plain filter over the rows."""

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.case.case import key_text
from planner.changes.draft import Draft
from planner.changes.grammar import Place, parse_place
from planner.changes.refusals import ChangeError
from planner.changes.select import select
from tests.case.helpers import CASE

DEMAND = list(CASE.index("demand"))


def rows_of(place: str) -> list:
    """Return the keys of the rows that a place means; none where it is refused because no row fits."""
    try:
        return select(Draft(CASE), parse_place(place))
    except ChangeError as error:
        if "no row" in str(error):
            return []
        raise


def chosen(rows: str) -> list:
    """Return the keys that a place means among the columns of demand."""
    return rows_of(f"{rows}.compute")


@given(st.text("eurinfag2078*?,", max_size=12))
def test_wildcards_in_keys(pattern):
    """Law: a key with wildcards means the rows whose key fits it, and every other key means itself."""
    found = chosen(f"demand[{pattern}]")
    assert found == [key for key in DEMAND if fnmatchcase(key_text(key), pattern)]


@given(st.integers(2020, 2035) | st.none(), st.integers(2020, 2035) | st.none())
def test_ranges(low, high):
    """Law: from..to means the rows between, both included; an end left out is none."""
    shown = [str(end) if end is not None else "" for end in (low, high)]
    expected = [key for key in DEMAND if (low is None or low <= key[2]) and (high is None or key[2] <= high)]
    assert chosen(f"demand[year={'..'.join(shown)}]") == expected


@given(st.lists(st.sampled_from(["europe", "america", "asia", "eur*", "*"]), min_size=1, max_size=3, unique=True))
def test_several_values_are_their_union_and_several_conditions_their_intersection(values):
    """Law: values separated by ; add their rows up, conditions separated by commas leave what fits all."""
    fits = [key for key in DEMAND if any(fnmatchcase(key[0], value) for value in values)]
    assert chosen(f"demand[market={';'.join(values)}]") == fits
    training = [key for key in fits if key[1] == "training"]
    assert chosen(f"demand[market={';'.join(values)},workload=training]") == training
    assert chosen(f"demand[*,training,*][market={';'.join(values)}]") == training


@pytest.mark.parametrize(
    ("place", "keys"),
    [
        ("offers[chips=custom]", [row.offer for row in CASE.tables["offers"] if "custom" in row.chips]),
        ("offers[site.power_region=west]", ["build_north", "shell_south"]),
        ("contracts[offer.site.country=*]", [row.contract for row in CASE.tables["contracts"]]),
        ("sites[earliest_date=..2025-12-31]", []),
        ("sites[available=yes]", ["north", "south", "east"]),
        ("sites[available=True]", ["north", "south", "east"]),
        ("sites[pue_peak=1.30]", [site.site for site in CASE.tables["sites"] if site.pue_peak == 1.3]),
        ("markets[residency=]", [row.market for row in CASE.tables["markets"] if row.residency is None]),
        ("sites[north;north;*]", ["north", "south", "east"]),
    ],
)
def test_rows_by_their_columns(place, keys):
    """Law: lists, rows that a column names, dates, truth values and empty cells are compared as in the tables."""
    assert rows_of(place) == keys


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("sites[nort]", "did you mean 'north'"),
        ("sites[z*]", r"no row \[z\*\]"),
        ("offers[sit.power_region=west]", "did you mean 'site'"),
        ("offers[site.power_regon=west]", "did you mean 'power_region'"),
        ("offers[tenure.x=west]", r"names no row of another table \(site, provider, chips do\)"),
        ("offers[provider=cloud]", "did you mean 'clouds'"),
        ("markets[market=]", r"has market \(empty\)"),
        ("demand[year=x..2028]", "must be a whole number"),
    ],
)
def test_rows_that_are_not_there(place, words):
    """Law: what fits no row is refused with the nearest key, column or value."""
    with pytest.raises(ChangeError, match=words):
        select(Draft(CASE), parse_place(place))


def test_an_empty_table_has_no_rows():
    """Law: a table that is given but empty means no row, and says so."""
    with pytest.raises(ChangeError, match="table serving has no row"):
        select(Draft(CASE.replace(tables={"serving": ()})), Place("serving"))
