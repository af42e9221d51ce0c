"""The program that the pipeline solves: rows, cuts and links are added, and it goes to another process and back."""

import pickle

import numpy as np
import pytest

from planner.redundancy.network import Cut
from planner.redundancy.separate import violated_cuts
from planner.redundancy.symbols import COVERABLE, CUT
from planner.solve.arrays import INFINITY, NewRow
from planner.solve.mip import LINK, Links, MixedIntegerProgram
from planner.symbols import Constraint, Row
from tests.solve.tiny import allocation, offers, three_sites, without_cuts


@pytest.fixture(scope="module")
def mip() -> MixedIntegerProgram:
    """Three sites without any cut."""
    return without_cuts(three_sites())


def installed_at(mip: MixedIntegerProgram, gw: float) -> np.ndarray:
    """A point with so much installed at every unit in every period, and nothing else."""
    x = np.zeros(mip.arrays.column_count)
    x[mip.installed[mip.installed >= 0]] = gw
    return x


def test_installed_capacity_is_read_from_its_columns(mip):
    """Law: each unit and period has the value of its column, those without a column zero."""
    x = np.arange(mip.arrays.column_count, dtype=float)
    found = mip.installed_gw(x)
    assert found.shape == mip.installed.shape
    assert (found[mip.installed >= 0] == mip.installed[mip.installed >= 0]).all()
    assert (found[mip.installed < 0] == 0.0).all()


def test_rows_are_added_at_the_end(mip):
    """Law: rows of before keep their places, the new ones follow, and columns stay as they are."""
    row = NewRow(Row(Constraint("mine"), 7), np.array([0, 3], dtype=np.int32), np.array([2.0, -1.0]), -INFINITY, 4.0)
    longer = mip.with_rows([row, row])
    assert longer.arrays.row_count == mip.arrays.row_count + 2
    assert longer.arrays.rows[:-2] == mip.arrays.rows
    assert longer.arrays.rows[-1].key == 7
    assert longer.arrays.column_count == mip.arrays.column_count
    assert (longer.arrays.matrix[[-1], :].toarray()[0, :4] == [2.0, 0.0, 0.0, -1.0]).all()
    assert (longer.arrays.row_lower[-1], longer.arrays.row_upper[-1]) == (-INFINITY, 4.0)
    assert mip.arrays.row_count == longer.arrays.row_count - 2  # the program itself is as it was


def slack(arrays, rows, x) -> np.ndarray:
    """How far a point is from violating rows; less than 0 where it does."""
    activity = (arrays.matrix @ x)[rows]
    return np.minimum(activity - arrays.row_lower[rows], arrays.row_upper[rows] - activity)


@pytest.mark.parametrize("gw", [0.0, 0.01, 0.05])
def test_a_cut_is_violated_by_the_point_it_was_found_at_and_by_no_larger_capacity(mip, gw):
    """Law: the cut's row, coverable compute as its own row defines it, is short by exactly what the point lacks."""
    x = installed_at(mip, gw)
    found = violated_cuts(mip.network, mip.installed_gw(x))
    assert found
    longer, columns, rows = mip.with_cuts(found)
    point = np.concatenate([x, np.zeros(columns)])
    cuts = [place for place, row in enumerate(longer.arrays.rows) if row.constraint == CUT]
    assert len(cuts) == len(found)
    for (weights, period), column in longer.coverable.items():
        coefficients = mip.network.coefficients(np.array(weights))
        point[column] = coefficients @ mip.installed_gw(x)[period]
    assert (slack(longer.arrays, cuts, point) < 0.0).all()
    large = np.concatenate([installed_at(mip, 1e3), np.zeros(columns)])
    for (weights, period), column in longer.coverable.items():
        large[column] = mip.network.coefficients(np.array(weights)) @ mip.installed_gw(large)[period]
    assert (slack(longer.arrays, cuts, large) > 0.0).all()
    assert longer.arrays.row_count == mip.arrays.row_count + len(rows)


def test_cuts_on_the_same_demands_share_their_column(mip):
    """Law: coverable compute is one column for each group of demands and period, however many cuts have it."""
    network = mip.network
    weights = tuple(float(weight) for weight in np.ones(network.rules[0].critical.shape[1]))
    count = len(network.rules[0].domains)
    once, columns, _ = mip.with_cuts([Cut(0, 0, (lost,), weights) for lost in range(count)])
    assert columns == 1 - ((weights, 0) in mip.coverable)
    again, more, _ = once.with_cuts([Cut(0, 0, (0,), weights)])
    assert more == 0
    other, one, _ = again.with_cuts([Cut(0, 1, (0,), weights)])
    assert one == 1 - ((weights, 1) in mip.coverable)
    assert sum(row.constraint == CUT for row in other.arrays.rows) == count + 2
    assert len({column for column in other.arrays.columns if column.variable == COVERABLE}) == len(other.coverable)


def test_columns_of_cuts_are_decided_in_no_period(mip):
    """Law: period and group have an entry for every column, -1 for new ones, which are continuous and free of cost."""
    count = mip.network.rules[0].critical.shape[1]
    longer, columns, _ = mip.with_cuts([Cut(0, 0, (0,), tuple(0.5 for _ in range(count)))])
    assert len(longer.period) == len(longer.group) == longer.arrays.column_count
    new = slice(mip.arrays.column_count, None)
    assert columns == 1
    assert (longer.period[new] == -1).all()
    assert (longer.group[new] == -1).all()
    assert not longer.arrays.integer[new].any()
    assert (longer.arrays.cost[new] == 0.0).all()
    assert (longer.arrays.lower[new] == 0.0).all()


def test_keys_of_cuts_are_never_used_twice(mip):
    """Law: round after round, every cut row has a key of its own."""
    x = installed_at(mip, 0.0)
    found = violated_cuts(mip.network, mip.installed_gw(x))
    longer, _, _ = mip.with_cuts(found)
    longer, _, _ = longer.with_cuts(found)
    keys = [row.key for row in longer.arrays.rows if row.constraint == CUT]
    assert len(set(keys)) == len(keys) == 2 * len(found)


@pytest.mark.parametrize("make", [three_sites, lambda: allocation(0)[0], lambda: offers(0).mip])
def test_a_program_survives_the_way_to_another_process(make):
    """Law: pickled and read again, it is the same program, column by column and row by row."""
    mip = make()
    back = pickle.loads(pickle.dumps(mip))
    assert back.arrays.columns == mip.arrays.columns
    assert back.arrays.rows == mip.arrays.rows
    assert (back.arrays.matrix != mip.arrays.matrix).nnz == 0
    for name in ("cost", "lower", "upper", "row_lower", "row_upper", "integer"):
        assert (getattr(back.arrays, name) == getattr(mip.arrays, name)).all()
    assert back.coverable == mip.coverable
    assert (back.period == mip.period).all()


LINKS = Links(np.arange(4), np.array([4, 5, 4, 5]), np.array([2.0, 2.0, 5.0, 5.0]), np.array([0, 0, 1, 1]))


def test_links_violated_most_come_first():
    """Law: rows are those that the point violates, worst first, and no more than asked for."""
    x = np.array([1.0, 0.5, 4.0, 0.0, 0.1, 0.9])
    # lacking: 1 - 0.2, 0.5 - 1.8 (none), 4 - 0.5, none
    assert [row.key for row in LINKS.violated(x, 9)] == [Row(LINK, 2), Row(LINK, 0)]
    assert [row.key for row in LINKS.violated(x, 1)] == [Row(LINK, 2)]
    assert LINKS.violated(np.array([2.0, 2.0, 5.0, 5.0, 1.0, 1.0]), 9) == []


def test_a_link_says_that_service_needs_an_opening():
    """Law: its row is ``served <= demand x open``: kept by service from open sites, violated by any other."""
    x = np.array([1.0, 0.5, 4.0, 0.0, 0.1, 0.9])
    rows = LINKS.violated(x, 9)
    assert len(rows) == 2
    for row in rows:
        n = row.key.key
        assert list(row.index) == [LINKS.served[n], LINKS.opened[n]]
        assert float(row.value @ x[row.index]) > row.upper
        x_open = x.copy()
        x_open[LINKS.opened] = 1.0
        assert float(row.value @ x_open[row.index]) <= row.upper


def test_rounding_violates_no_link():
    """Law: a millionth of the demand is within the tolerance, and no link is added for it."""
    x = np.array([2.0, 2.0, 5.0, 5.0, 1.0 - 2e-7, 1.0])
    assert LINKS.violated(x, 9) == []


def test_other_arrays_leave_all_else(mip):
    """Law: a program on other arrays shares its network, links and units with the first."""
    other = mip.with_arrays(mip.arrays.with_cost(np.zeros(mip.arrays.column_count)))
    assert other.network is mip.network
    assert other.links is mip.links
    assert other.units == mip.units


def test_every_cut_of_a_relieved_program_asks_only_for_what_is_critical():
    """Law: the row of each cut has, once, the columns that lower its need, with their coefficients."""
    before = three_sites()
    relieved = before.relieved()
    assert relieved.soft is not None
    assert relieved.cuts()
    for place, cut in relieved.cuts():
        row = relieved.arrays.matrix[[place], :].toarray()[0]
        columns, values = relieved.soft.entries(cut)
        assert len(columns)
        assert (row[columns] == values).all()
        others = np.setdiff1d(np.arange(before.arrays.column_count), columns)
        assert (row[others] == before.arrays.matrix[[place], :].toarray()[0][others]).all()
