"""What is known of a future on a day: figures hold from a day on, and what is distinguished stays apart."""

import re
from datetime import date
from random import Random

import pytest

from planner.uncertainty.known import distinction, figures_known, indistinct
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


def holds(words, known, every):
    """Whether what is said is true of what is known, figure by figure; numbers are the nearest to those written."""
    for one in words.split(" and ")[0].split("; "):
        table, row, column, value = re.fullmatch(r"(\w+)\[(\w+)\](?:\.(\w+))?(.*)", one).groups()
        there = any(key[:2] == (table, row) for key in known)
        key = (table, row, column)
        if value == " there" or (column is None and value == " not by then"):
            fits = there is (value == " there")
        elif value == " not by then":
            fits = there and key not in known
        else:
            nearest = min((one[key] for one in every if key in one), key=lambda x: abs(x - float(value[1:])))
            fits = known.get(key) == nearest
        if not fits:
            return False
    return True


@pytest.mark.parametrize("seed", range(12))
def test_what_is_said_of_a_group_is_true_of_no_other(seed):
    """Law: whoever applies the figures that are named, as they are written, has the same groups."""
    random = Random(seed)
    values = [0.1 + 0.2, 0.3, 0.3001, 0.30004, 1234.567, 1234.568, 5.0]
    keys = [("demand", f"r{row}", column) for row in range(3) for column in ("compute", "growth")]

    def one():
        gone = random.choice([None, "r0", "r1"])
        return {key: random.choice(values) for key in keys if key[1] != gone and random.random() < 0.9}

    every = [one() for _ in range(6)]
    for group in indistinct(every):
        mine = every[group[0]]
        others = [every[other[0]] for other in indistinct(every) if other != group]
        words = distinction(mine, others)
        assert holds(words, mine, every)
        assert not any(holds(words, other, every) for other in others)
