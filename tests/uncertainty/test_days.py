"""Dates, names and shares of the wrong type are refused by the name of their option."""

from datetime import date

import pytest

from planner.errors import OptionError
from planner.uncertainty.risk import risk
from planner.uncertainty.stress import stress
from tests.uncertainty.newsvendor import THREE, demands, newsvendor

WRONG = [
    ({"decide_by": "2026-12-31"}, "decide_by: '2026-12-31' is no date"),
    ({"then": ["2026-12-31"]}, "then: '2026-12-31' is no date"),
    ({"then": date(2026, 12, 31)}, "then: must be a list of dates"),
    ({"then": [date(2026, 12, 31)], "learn": "demand"}, r"learn: must be a list of names, such as \['demand'\]"),
    ({"chance": {"demand": "0.5"}}, "chance demand='0.5': must be a number"),
]


@pytest.mark.parametrize(("given", "said"), WRONG)
def test_what_is_of_the_wrong_type_is_named(given, said):
    """Law: no option of the wrong type ends in an error of the language."""
    with pytest.raises(OptionError, match=said):
        risk(newsvendor(), demands(*THREE), **given)


@pytest.mark.parametrize("name", ["committed_until", "outages"])
def test_a_stress_test_names_it_too(name):
    """Law: the same of the dates of a stress test."""
    plan = newsvendor().solve(gap=0.0, own_process=False)
    with pytest.raises(OptionError, match=f"{name}: '2027-01-01' is no date"):
        stress(plan, demands(*THREE), **{name: "2027-01-01"})
