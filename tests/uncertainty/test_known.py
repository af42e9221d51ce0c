"""What is known of a future on a day: figures hold from a day on, and what is distinguished stays apart."""

from datetime import date
from random import Random

import pytest

from planner.uncertainty.known import figures_known, indistinct
from tests.uncertainty.test_links import case, changes


def apart(day, *futures, **words):
    """Groups of a case and of the case with changes."""
    cases = [case(), *(case().what_if(one) for one in futures)]
    return indistinct([figures_known(one, day, **words) for one in cases])


@pytest.mark.parametrize(
    ("change", "first"),
    [
        ("demand[m,inference,2027].compute=1", date(2027, 1, 1)),
        ("chip_supply[next,2028].it_mw=1", date(2028, 1, 1)),
        ("energisation[x,2027-01-01].facility_mw=95", date(2027, 1, 1)),
        ("offers[long].max_blocks=1", date(2026, 1, 1)),
        ("offers[long].last_start=2027-06-30", date(2027, 6, 30)),
        ("model.objective.discount_rate_per_year=0.07", date(2026, 1, 1)),
    ],
)
def test_a_figure_is_known_from_the_day_on_which_it_holds(change, first):
    """Law: futures are distinguished from the first day on which one has what the other has not, and not before."""
    assert apart(first, [change]) == [(0,), (1,)]
    assert apart(date.fromordinal(first.toordinal() - 1), [change]) == [(0, 1)]


def test_a_delay_is_known_when_the_date_has_passed():
    """Law: that a site is late is known on its planned date, and by how much once the first of two comes."""
    half, whole = (
        [{"op": "shift", "table": "energisation", "key": "x,2027-01-01", "column": "date", "months": months}]
        for months in (6, 12)
    )
    assert apart(date(2026, 12, 31), half, whole) == [(0, 1, 2)]
    assert apart(date(2027, 1, 1), half, whole) == [(0,), (1, 2)]
    assert apart(date(2027, 7, 1), half, whole) == [(0,), (1,), (2,)]


def test_tables_that_are_not_learnt_tell_nothing():
    """Law: only figures of the tables that are named distinguish futures."""
    futures = (["demand[m,inference,2027].compute=1"], ["offers[long].max_blocks=1"])
    assert apart(date(2027, 1, 1), *futures) == [(0,), (1,), (2,)]
    assert apart(date(2027, 1, 1), *futures, tables=["demand"]) == [(0, 2), (1,)]


@pytest.mark.parametrize("seed", range(10))
def test_what_is_told_apart_stays_apart(seed):
    """Law: the groups of a later day are parts of those of an earlier one."""
    random = Random(seed)
    futures = [changes(random) for _ in range(4)]
    days = sorted(date(random.choice([2026, 2027, 2028]), random.randint(1, 12), 1) for _ in range(2))
    before, after = (apart(day, *futures) for day in days)
    assert all(any(set(one) <= set(group) for group in before) for one in after)
