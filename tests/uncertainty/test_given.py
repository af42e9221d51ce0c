"""Types of options given in Python: what is of another type is refused by name, before anything is solved."""

import pytest

from planner.errors import OptionError
from planner.uncertainty.risk import risk
from planner.uncertainty.stress import stress
from tests.uncertainty.newsvendor import THREE, demands, newsvendor


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"hard": "no"}, "hard 'no': must be True or False"),
        ({"regret": 1}, "regret 1: must be True or False"),
        ({"cvar": "a"}, "cvar 'a': must be a number"),
        ({"weight": None}, "weight None: must be a number"),
        ({"weight": True}, "weight True: must be a number"),
        ({"chance": [1]}, r"chance \[1\]: must be numbers by name"),
        ({"prices": {"unserved": None}}, "prices unserved=None: must be a number"),
        ({"cvar": "a", "hard": 0}, "cvar 'a': must be a number; hard 0: must be True or False"),
    ],
)
def test_options_of_another_type_are_refused(given, said):
    """Law: no truthy value stands for yes, no text for a number; everything that is wrong is said at once."""
    with pytest.raises(OptionError, match=said):
        risk(newsvendor(100.0), demands(*THREE), **given)


@pytest.mark.parametrize("scenarios", [2.5, True, None])
def test_scenarios_of_another_type_are_refused(scenarios):
    """Law: scenarios are a set, a file, or a whole number of them."""
    with pytest.raises(OptionError, match=r"scenarios .*: must be scenarios, the name of a file, or how many"):
        risk(newsvendor(100.0), scenarios)


@pytest.mark.parametrize("given", [{"cvar": "a"}, {"prices": [1]}, {"prices": {"unserved": "x"}}])
def test_options_of_a_replay_are_refused_alike(given, tmp_path):
    """Law: stress refuses what risk refuses, before it looks at the plan."""
    with pytest.raises(OptionError, match="must be"):
        stress(tmp_path, demands(*THREE), **given)
