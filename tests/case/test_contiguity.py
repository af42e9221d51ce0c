"""What a case is warned of in its rules of contiguity, and that every key of them is reached by a change."""

from typing import Any

import pytest

from planner.case.check import warnings_of
from planner.changes.apply import apply_changes
from tests.program.tiny import lease, site, tiny


def halls(**rule: Any) -> Any:
    """Two sites of 50 IT MW and a rule about inference of 100."""
    one = {"name": "r", "market": "m", "workload": "inference", "at_least_it_mw": 20.0, **rule}
    sites = [site("a", max_it_mw=50.0), site("b", max_it_mw=50.0)]
    return tiny(sites=sites, offers=[lease("x", "a"), lease("y", "b")], families={"contiguity": {"rules": [one]}})


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"first_year": 2030}, "no period starts in its years"),
        ({"workload": "training"}, "m has no demand for training"),
        ({"at_least_it_mw": 60.0}, "no site can hold a cluster of this size (the largest can hold 50 IT MW)"),
        ({"at_least_it_mw": None, "at_least_compute": 51.0}, "none of the work of m would be served"),
    ],
)
def test_a_rule_that_does_nothing_or_stops_all_service_is_warned_of(rule: dict[str, Any], words: str) -> None:
    """Law: what is allowed but surely not meant is said before the solve, at its key."""
    found = [one for one in warnings_of(halls(**rule)) if "contiguity" in (one.column or "")]
    assert [words in one.message for one in found] == [True]


@pytest.mark.parametrize("rule", [{}, {"at_least_it_mw": 50.0}, {"at_least_it_mw": 1e6, "first_year": 2030}])
def test_a_rule_that_can_be_kept_is_not_warned_of(rule: dict[str, Any]) -> None:
    """Law: no warning of size where a site can hold the cluster, or where the rule asks nothing."""
    assert not [one for one in warnings_of(halls(**rule)) if "no site can hold" in one.message]


def test_every_key_of_a_rule_is_reached_by_a_change() -> None:
    """Law: what a rule says can be set in a run; a family is added with its list, and taken out as a whole."""
    keys = {"market": "m", "workload": "inference", "at_least_it_mw": 30.0, "most_campuses": 1, "at_least_years": 2.5,
            "first_year": 2026, "last_year": 2026}  # fmt: skip
    place = "model.families.contiguity.rules[r]"
    case = apply_changes(halls(), [f"{place}.{key}={value}" for key, value in keys.items()])
    rule = case.model.families.contiguity.rules[0]
    assert {key: getattr(rule, key) for key in keys} == keys
    by_compute = apply_changes(case, [f"{place}.at_least_it_mw=", f"{place}.at_least_compute=9"])
    assert by_compute.model.families.contiguity.rules[0].at_least_compute == 9.0
    without = apply_changes(case, ["model.families.contiguity="])
    assert without.model.families.contiguity is None
    added = 'model.families.contiguity.rules=[{name="r",market="m",workload="inference",at_least_it_mw=20}]'
    assert apply_changes(without, [added]) == halls()
