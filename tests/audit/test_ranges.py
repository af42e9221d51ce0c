"""The audit of what other plans have: the plan's own figures, the order of a row, what a verdict says of the plan."""

import pytest

from planner.audit import audit
from tests.audit import yards, yards_ranges

NAME = ("ranges", "ranges of other plans")


def failed(number: int, **cells: object) -> set[tuple[str, str]]:
    """Return the checks that fail with cells of a row changed."""
    rows = yards_ranges.ranges()
    rows[number].update(cells)
    report = audit(yards.case(), {**yards.plan(), "ranges": rows}, yards.summary())
    return {(check.family, check.name) for check in report.failures}


def test_ranges_that_hold_the_plan_pass() -> None:
    """Average over both years: 100 and 125 IT MW of p, 100 and 75 of q; a plan without ranges passes too."""
    assert failed(0) == set()
    tables = yards.plan()
    del tables["ranges"]
    assert audit(yards.case(), tables, yards.summary()).passed


@pytest.mark.parametrize(
    ("number", "cells"),
    [
        (0, {"it_mw": 113.0}),
        (0, {"low_it_mw": 113.0}),
        (0, {"high_it_mw": 112.0}),
        (0, {"least_it_mw": 101.0}),
        (0, {"most_it_mw": 119.0}),
        (0, {"degenerate": "no"}),
        (1, {"degenerate": "yes"}),
        (0, {"verdict": "never"}),
        (3, {"it_mw": 199.0}),
        (2, {"within_share": 0.02}),
    ],
)
def test_a_row_that_contradicts_itself_or_the_plan_fails(number: int, cells: dict[str, object]) -> None:
    """Law: what is found holds the plan, what is proven holds what is found, and one slack goes for all."""
    assert failed(number, **cells) == {NAME}


@pytest.mark.parametrize(
    ("number", "cells"),
    [(0, {"dimension": "vendor"}), (1, {"name": "c"}), (2, {"verdict": "must"}), (2, {"within_share": 1.0})],
)
def test_a_cell_that_means_nothing_is_named(number: int, cells: dict[str, object]) -> None:
    """Law: unknown dimensions and names, verdicts of a single period, and a slack of all the cost are no ranges."""
    assert ("tables", "ranges can be read") in failed(number, **cells)
