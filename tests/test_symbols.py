"""Records of variables and constraints: what they say of columns and rows, and that nothing is lost on the way."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.symbols import (
    MONEY,
    NUMBER,
    PERIOD,
    RULE,
    Column,
    ColumnIndex,
    Constraint,
    Row,
    Values,
    Variable,
    packed,
    parts,
    rows_of,
    unpacked,
)

WATER = Variable[tuple[str, int]]("water_ml", ("site", PERIOD), "Ml", "water drawn", "water")
TANKS = Variable[int]("tanks", (PERIOD,))
WHOLE = Variable[None]("whole")
CAP = Constraint[tuple[int, str, int, int]]("water_cap", (RULE, "site", PERIOD, NUMBER), "value of water", "water")
KEYS = st.tuples(st.text(max_size=3), st.integers(0, 9))
COLUMNS = st.lists(
    st.one_of(
        KEYS.map(lambda key: Column(WATER, key)),
        st.integers(0, 9).map(lambda key: Column(TANKS, key)),
        st.just(Column(WHOLE)),
    ),
    unique=True,
)


@given(COLUMNS, st.data())
def test_values_of_a_point_make_the_point_again(columns, data):
    """A point is read into values by variable and key, and the values give the point, in the order of any columns."""
    x = data.draw(st.lists(st.floats(-1e6, 1e6), min_size=len(columns), max_size=len(columns)))
    values = Values.at(columns, x)
    assert values.point(columns) == x
    other = data.draw(st.permutations(columns))
    assert dict(zip(other, values.point(other), strict=True)) == dict(zip(columns, x, strict=True))


@given(COLUMNS)
def test_every_column_is_found_where_it_stands(columns):
    """The index gives the position of every column by its record and key, and no other."""
    index = ColumnIndex(columns)
    assert [index[column.variable][column.key] for column in columns] == list(range(len(columns)))
    assert sum(len(index[record]) for record in (WATER, TANKS, WHOLE)) == len(columns)


@given(COLUMNS)
def test_columns_travel_whole(columns):
    """What is packed for another process is the same columns there, records included."""
    sent = pickle.loads(pickle.dumps(packed(columns)))
    assert unpacked(Column, sent) == tuple(columns)
    assert [column.variable.meaning for column in unpacked(Column, sent)] == [c.variable.meaning for c in columns]


def test_a_name_is_one_variable():
    """Two records of one name are the same variable, whatever they say of it; two names are two."""
    assert Variable("water_ml") == WATER
    assert hash(Variable("water_ml")) == hash(WATER)
    assert Variable("water") != WATER
    assert Constraint("water_ml") != WATER


def test_what_is_not_named_is_zero_or_nothing():
    """A start leaves out what is zero; a variable that a program does not have is without values and positions."""
    values = Values({TANKS: {2: 3.0}})
    assert values.point([Column(TANKS, 1), Column(TANKS, 2), Column(WHOLE)]) == [0.0, 3.0, 0.0]
    assert values[WATER] == {}
    assert ColumnIndex([])[WATER] == {}
    with pytest.raises(KeyError):
        values[TANKS][1]


def test_replaced_values_leave_the_others_and_the_original():
    """Replacing the values of a variable changes neither the other variables nor the values it was made from."""
    values = Values({TANKS: {1: 1.0}, WHOLE: {None: 2.0}})
    changed = values.replaced({TANKS: {1: 5.0}})
    assert (changed[TANKS], changed[WHOLE]) == ({1: 5.0}, {None: 2.0})
    assert values[TANKS] == {1: 1.0}
    assert values != changed


def test_a_row_says_when_where_and_under_which_rule():
    """The parts of a key are told apart by the names that the record has for them."""
    row = Row(CAP, (1, "iowa", 2, 7))
    assert (row.family, row.rule, row.period, row.place, row.part(NUMBER)) == ("water", 1, 2, ("iowa",), 7)
    whole = Row(Constraint[None]("total", family="water"))
    assert (whole.rule, whole.period, whole.place, whole.part("site")) == (None, None, (), None)


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        (Column(WATER, ("iowa", 2)), "water ml of iowa, 2"),
        (Column(TANKS, 2), "tanks of 2"),
        (Column(WHOLE), "whole"),
        (Row(CAP, (1, "iowa", 2, 7)), "water cap of 1, iowa, 2, 7"),
    ],
)
def test_columns_and_rows_are_told_in_words(entry, text):
    """A message names a column or row by the words of its record and the parts of its key."""
    assert str(entry) == text


def test_rows_of_a_constraint_are_found_among_others():
    """The rows of a constraint come with their place, whatever stands between them."""
    other = Row(Constraint("other"), 1)
    rows = [other, Row(CAP, (0, "a", 0, 1)), other, Row(CAP, (0, "b", 0, 2))]
    assert list(rows_of(CAP, rows)) == [(1, (0, "a", 0, 1)), (3, (0, "b", 0, 2))]


def test_parts_of_keys():
    """A key of one part is that part, one of none is None."""
    assert [parts(key) for key in (("a", 1), "ab", 0, None)] == [("a", 1), ("ab",), (0,), ()]


def test_the_unit_is_stated_not_read_from_the_name():
    """A variable is in money because its record says so: a name that ends in it means nothing by itself."""
    assert Variable("made_up_busd").unit == ""
    assert Variable("made_up", unit=MONEY).unit == MONEY
