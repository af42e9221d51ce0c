"""Routings read and judged as arrays say what reading and judging them one by one says."""

import numpy as np
import pytest

from planner.audit import audit, routings
from planner.audit.report import Checks
from planner.audit.routings import Sums, limit_each, numbered
from tests.audit import yards


def test_columns_are_read_as_row_by_row(monkeypatch):
    """Law: the audit is the same whichever way the table is read, and a sound table is read at once."""
    found = []
    with monkeypatch.context() as patched:
        patched.setattr(routings, "_row_by_row", lambda *_: pytest.fail("a sound table was read row by row"))
        found.append(audit(yards.case(), yards.plan(), yards.summary()).to_rows())
    with monkeypatch.context() as patched:
        patched.setattr(routings, "_at_once", lambda *_: None)
        found.append(audit(yards.case(), yards.plan(), yards.summary()).to_rows())
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"it_mw": -1.0}, "column it_mw: -1 is negative"),
        ({"it_mw": float("nan")}, "column it_mw: nan is not a finite number"),
        ({"compute": 7e40}, "column compute: 7e+40 is not a finite number"),
        ({"compute": 3.0}, "column compute: 3, but"),
        ({"site": "nowhere"}, "column site: 'nowhere' is not known"),
        ({"period": ""}, "column period is empty"),
    ],
)
def test_a_bad_row_is_told(cells, words):
    """Law: what a row of a table read at once has wrong is reported with its place, as of any other table."""
    tables = yards.plan()
    tables["recovery"][1] = {**tables["recovery"][1], **cells}
    report = audit(yards.case(), tables, yards.summary())
    assert [line for line in report.lines if f"recovery, row 2: {words}" in line]


def test_a_repeated_row_is_told():
    """Law: two rows of the same contingency and ends are one too many."""
    tables = yards.plan()
    tables["recovery"].append(dict(tables["recovery"][0]))
    report = audit(yards.case(), tables, yards.summary())
    assert any("repeats an earlier row" in line for line in report.lines)


def test_many_limits_are_checked_as_one_by_one():
    """Law: counts, failures and the worst place are those of a check of each."""
    random = np.random.default_rng(3)
    for size in (0, 1, 7, 40):
        for excess in (0.0, 0.4):
            values, bounds = random.random(size), random.random(size) + 1.0 - excess
            accepted = 0.1 * random.random(size)
            whole, single = Checks(), Checks()
            limit_each(whole, "rule", lambda place: f"place {place}", values, bounds, "IT MW", accepted)
            for n in range(size):
                single.limit(routings.FAMILY, "rule", f"place {n}", values[n], bounds[n], "IT MW", accepted[n])
            assert whole.report(0.0) == single.report(0.0)


def test_sums_are_those_of_dictionaries():
    """Law: amounts are added up in the order of the rows, and a contingency keeps the order of its first rows."""
    random = np.random.default_rng(5)
    by, at, amount = random.integers(0, 4, 50), random.integers(0, 6, 50), random.random(50)
    expected: dict[tuple[int, int], tuple[float, int]] = {}
    for row in range(50):
        total, count = expected.get((by[row], at[row]), (0.0, 0))
        expected[by[row], at[row]] = total + amount[row], count + 1
    order = sorted(expected, key=lambda pair: pair[0])  # stable: within a contingency as they came
    sums = Sums.of(by, at, amount)
    assert list(zip(sums.by, sums.at, strict=True)) == order
    assert [(a, n) for a, n in zip(sums.amount, sums.rows, strict=True)] == [expected[pair] for pair in order]


def test_numbers_follow_the_order_of_values():
    """Law: a value has the number of its first coming."""
    values, number = numbered(["b", "a", "b", "c", "a"])
    assert values == ["b", "a", "c"]
    assert number.tolist() == [0, 1, 0, 2, 1]
