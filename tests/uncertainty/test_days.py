"""Dates, names, numbers and answers of the wrong type are refused by the name of their option."""

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
    ({"chance": {"demand": "0.5"}}, "limit demand='0.5': must be a share"),
    ({"chance": [1]}, r"chance \[1\]: must be shares by name"),
    ({"cvar": "a"}, "CVaR level 'a': must be"),
    ({"weight": None}, "CVaR weight None: must be"),
    ({"hard": "no", "regret": 1}, "hard 'no': must be True or False; regret 1: must be True or False"),
    ({"prices": [1]}, r"prices \[1\]: must be prices by name"),
    ({"prices": {"unserved": None, "x": 1.0}}, "price of unserved None: must be a .*; price of 'x': no such shortfall"),
]


@pytest.mark.parametrize(("given", "said"), WRONG)
def test_what_is_of_the_wrong_type_is_named(given, said):
    """Law: no option of the wrong type ends in an error of the language."""
    with pytest.raises(OptionError, match=said):
        risk(newsvendor(), demands(*THREE), **given)


@pytest.mark.parametrize("scenarios", [2.5, True, None])
def test_scenarios_of_another_type_are_refused(scenarios):
    """Law: scenarios are a set, a file, or a whole number of them."""
    with pytest.raises(OptionError, match=r"scenarios .*: must be scenarios, the name of a file, or how many"):
        risk(newsvendor(), scenarios)


@pytest.mark.parametrize("given", [{"cvar": "a"}, {"prices": [1]}, {"prices": {"unserved": "x"}}])
def test_numbers_of_a_stress_test_are_refused_before_the_plan_is_read(given, tmp_path):
    """Law: stress refuses what risk refuses, before it looks at the plan."""
    with pytest.raises(OptionError, match="must be"):
        stress(tmp_path, demands(*THREE), **given)


@pytest.mark.parametrize("name", ["committed_until", "outages"])
def test_a_stress_test_names_it_too(name):
    """Law: the same of the dates of a stress test."""
    plan = newsvendor().solve(gap=0.0, own_process=False)
    with pytest.raises(OptionError, match=f"{name}: '2027-01-01' is no date"):
        stress(plan, demands(*THREE), **{name: "2027-01-01"})
