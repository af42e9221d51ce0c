"""Ways out are found whatever the rules of a case are called, and a change that cannot be made is named."""

import pytest

from planner.case.case import CaseData
from planner.changes.apply import apply_changes
from planner.explain import conflict_ways
from planner.explain.conflict import Diagnosis, diagnose
from planner.explain.conflict_lever import Lever
from planner.explain.conflict_way import UNTRIED
from tests.explain.planted import NO_RULES, roomy
from tests.explain.planted_families import _set

NAMES = ("a [80 %]", " outer ")


def _small(name: str) -> CaseData:
    """A case that its rule of redundancy cannot be kept in."""
    rule = {"name": name, "domain": "site", "k": 1, "critical_share": 0.8, "overrides": []}
    return apply_changes(roomy(), [_set("families.redundancy.rules", [rule]), "sites[north;south].max_it_mw=20"])


def _ways(found: Diagnosis, name: str) -> list[str]:
    return sorted(way.title.replace(f'"{name}"', "") for way in found.ways)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_rule_has_the_same_ways_out_whatever_it_is_called(name: str) -> None:
    """Law: the name of a rule takes no way out away, and its changes can be made."""
    case = _small(name)
    found = diagnose(case)
    assert _ways(found, name) == _ways(diagnose(_small("plain")), "plain")
    assert any('the critical share of the rule "' in way.title for way in found.ways)
    assert not any(note.startswith(UNTRIED) for note in found.notes)


@pytest.mark.slow
def test_a_cluster_has_the_same_ways_out_whatever_it_is_called() -> None:
    """Law: the same of rules of contiguity, beside another one of which the case is made without them."""
    rule = {"market": "research", "workload": "training", "at_least_it_mw": 31.0, "most_campuses": 1}
    other = {"name": "other", "market": "users", "workload": "inference", "at_least_it_mw": 1.0}
    tight = ("sites.max_it_mw=39", *NO_RULES, "demand.compute=46")
    cases = {
        name: apply_changes(roomy(), [*tight, _set("families.contiguity.rules", [{"name": name, **rule}, other])])
        for name in ("plain", "x] [y")
    }
    ways = [_ways(diagnose(case), name) for name, case in cases.items()]
    assert ways[0] == ways[1] != []


def test_a_change_that_makes_no_valid_case_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law: what cannot be tried is not passed over: it is named with the reason, and "none" means those tried."""

    def of_site(question, limit, members):
        def make(amount):
            return [_set("families.redundancy.rules[nobody].k", amount)]

        yield Lever(frozenset({limit}), "the rule of nobody", "", make, steps=(1.0,))

    monkeypatch.setattr(conflict_ways, "MAKERS", {"site": of_site})
    found = diagnose(_small("plain"))
    (note,) = (note for note in found.notes if note.startswith(UNTRIED))
    assert note.startswith("Not tried: the rule of nobody (the case with that change is not valid: ")
    assert "nobody" in note
