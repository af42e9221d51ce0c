"""Limits in probability on redundancy rules, against rules that are made hard in every choice of futures."""

from itertools import product

import pytest

import planner.uncertainty.work as module
from planner import Case, risk
from planner.uncertainty.measure import Measure
from planner.uncertainty.scenario import ScenarioSet, scenario
from tests.length import AT_LENGTH
from tests.uncertainty.test_chance import EXACT, SCARCE, asked

PRICES = {"unserved": 0.05, "protection": 0.0004, "head-room": 0.0004}
HARD = "model.families.redundancy.rules[head-room].shortfall=hard"


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.5, 0.9] if AT_LENGTH else [0.9])
def test_head_room_is_a_hard_rule_in_some_futures(share):
    """Law: the value is the least over all choices of futures of this probability in which the rule itself is hard.

    With the share of 0.5, which has five such choices, at length.
    """
    case, given = Case.read("four_campuses"), ScenarioSet.read("four_campuses")
    given = ScenarioSet(
        tuple(scenario(one.name, p, list(one.changes)) for one, p in zip(list(given)[:3], (0.5, 0.3, 0.2), strict=True))
    )
    best = float("inf")
    for chosen in product((True, False), repeat=len(given)):
        if sum(one.probability for one, met in zip(given, chosen, strict=True) if met) < share - 1e-9:
            continue
        hard = [
            scenario(one.name, one.probability, [*one.changes, *((HARD,) if met else ())])
            for one, met in zip(given, chosen, strict=True)
        ]
        best = min(best, risk(case, ScenarioSet(tuple(hard)), prices=PRICES, **EXACT).value_busd)
    found = risk(case, given, prices=PRICES, chance={"head-room": share}, **EXACT)
    assert (found.value_busd, found.bound_busd) == pytest.approx((best, best), abs=1e-6)
    assert found.value_busd > risk(case, given, prices=PRICES, **EXACT).value_busd + 1e-6


@pytest.mark.slow
@pytest.mark.parametrize("kind", [{}, {"cvar": 0.6, "weight": 0.7}, {"regret": True}])
def test_bundles_bound_from_below(kind, monkeypatch):
    """Law: in bundles, each future by itself, the bound is below the value of trying everything, and plans above."""
    monkeypatch.setattr(module, "TOGETHER_COLUMNS", 0)
    monkeypatch.setattr("planner.uncertainty.large.BUNDLE_COLUMNS", 1)
    measure = None if "regret" in kind else Measure(kind.get("cvar", 0.0), kind.get("weight", 0.0))
    best, found = SCARCE.best(0.5, measure), asked(SCARCE, 0.5, **kind)
    assert found.bound_busd - 1e-6 <= best <= found.value_busd + 1e-6
    assert found.chances[0].kept
