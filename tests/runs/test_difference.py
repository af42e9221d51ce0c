"""Differences of least costs: what two costs and two bounds prove, and the sign of it."""

from random import Random
from typing import Any

import pytest

from planner.cli.resolving import OPEN as OPEN_OF_COMMANDS
from planner.figures.studies import FOUND as FOUND_OF_FIGURES
from planner.runs.difference import EQUAL, FOUND, LESS, MORE, OPEN, Difference, Standing, difference_of


def plan(cost: float, bound: float | None, *tiers: tuple[str, float, float, float]) -> dict[str, Any]:
    """The summary of a plan with a cost, a bound and tiers of shortfalls (amount, bound, tolerance)."""
    missing = [
        {"tier": tier, "unit": "compute-years", "amount": amount, "bound": least, "tolerance": tolerance}
        for tier, amount, least, tolerance in tiers
    ]
    return {"cost_busd": cost, "bound_busd": bound, "shortfalls": missing}


@pytest.mark.parametrize(
    ("one", "other", "sign", "low", "high"),
    [
        (plan(4.5, 4.4), plan(4.0, 3.9), MORE, 0.4, 0.6),
        (plan(4.0, 3.9), plan(4.5, 4.4), LESS, -0.6, -0.4),
        (plan(4.05, 3.9), plan(4.0, 3.9), OPEN, -0.1, 0.15),
        (plan(4.0, 4.0), plan(4.0, 4.0), EQUAL, 0.0, 0.0),
        (plan(4.0, 4.0 - 1e-7), plan(4.0, 4.0 - 1e-7), EQUAL, -1e-7, 1e-7),
        (plan(4.0, 3.9), plan(4.0, 4.0), OPEN, -0.1, 0.0),
        (plan(4.5, None), plan(4.0, 3.9), OPEN, None, 0.6),
        (plan(3.5, None), plan(4.0, 3.9), LESS, None, -0.4),
        (plan(4.5, None), plan(4.0, None), OPEN, None, None),
        (plan(-3.5, -3.6), plan(-4.0, -4.1), MORE, 0.4, 0.6),
    ],
)
def test_signs_worked_out_on_paper(
    one: dict[str, Any], other: dict[str, Any], sign: str, low: float | None, high: float | None
) -> None:
    """Law: the difference lies from bound less cost to cost less bound; it has a sign where zero is not in between."""
    found = Difference.between(one, other)
    assert found.sign == sign
    assert found.low_busd == (None if low is None else pytest.approx(low))
    assert found.high_busd == (None if high is None else pytest.approx(high))
    assert found.is_finding == (sign in (MORE, LESS))
    assert found.comparable
    assert ("inside the gaps" in str(found)) == (sign == OPEN)


def test_the_interval_holds_the_truth_and_a_sign_is_that_of_the_truth() -> None:
    """Law: whatever the gaps, the true difference is in the interval, and no sign but that of the truth is stated."""
    rng = Random(7)
    signs: dict[str, int] = {}
    for _ in range(2000):
        true = [rng.choice((1.0, 2.0, rng.uniform(-5.0, 5.0))) for _ in range(4)]
        standing = [
            Standing(
                t + rng.random() * rng.choice((0.0, 0.01, 1.0)), t - rng.random() * rng.choice((0.0, 0.01, 1.0)), {}
            )
            for t in true
        ]
        weights = rng.random(), rng.random()
        terms = [(weights[0], standing[0], standing[1]), (weights[1], standing[2], standing[3])]
        truth = weights[0] * (true[0] - true[1]) + weights[1] * (true[2] - true[3])
        found = difference_of(terms[: rng.randint(1, 2)])
        truth = truth if found == difference_of(terms) else weights[0] * (true[0] - true[1])
        assert found.low_busd is not None
        assert found.high_busd is not None
        assert found.low_busd - 1e-12 <= truth <= found.high_busd + 1e-12
        assert found.sign != MORE or truth > 0.0
        assert found.sign != LESS or truth < 0.0
        assert found.sign != EQUAL or abs(truth) < 1e-4
        signs[found.sign] = signs.get(found.sign, 0) + 1
    assert set(signs) == {MORE, LESS, EQUAL, OPEN}


def test_what_is_missed_comes_before_the_cost() -> None:
    """Law: a cheaper plan that misses more is no cheaper one: the sign is that of the first tier that differs."""
    found = Difference.between(plan(3.0, 3.0, ("protection", 12.0, 12.0, 0.0)), plan(4.0, 4.0))
    assert (found.sign, found.tier, found.missed, found.missed_low) == (MORE, "protection", 12.0, 12.0)
    assert not found.comparable
    assert str(found) == "protection: 12 compute-years more (proven) missed"
    both = ("unserved", 3.0, 3.0, 0.0), ("protection", 5.0, 5.0, 0.0)
    found = Difference.between(plan(3.0, 3.0, *both), plan(4.0, 4.0, ("unserved", 4.0, 4.0, 0.0)))
    assert (found.sign, found.tier) == (LESS, "unserved")


def test_a_tier_that_is_not_proven_is_open() -> None:
    """Law: where less may be missing than a plan misses, neither what is missed nor the cost has a sign."""
    wide = Difference.between(
        plan(3.0, None, ("unserved", 12.0, 2.0, 0.0)), plan(4.0, 4.0, ("unserved", 5.0, 5.0, 0.0))
    )
    assert (wide.sign, wide.tier, wide.missed_low, wide.missed_high) == (OPEN, "unserved", -3.0, 7.0)
    assert "inside the gaps" in str(wide)
    alike = Difference.between(
        plan(3.0, None, ("unserved", 5.0, 1.0, 0.0)), plan(4.0, 4.0, ("unserved", 5.0, 5.0, 0.0))
    )
    assert (alike.sign, alike.tier) == (OPEN, "unserved")


def test_amounts_within_the_tolerance_of_a_tier_are_the_same() -> None:
    """Law: what a tier was asked for to no more than a tolerance does not make costs incomparable."""
    one = plan(4.5, 4.4, ("unserved", 10.2, 9.8, 0.5))
    found = Difference.between(one, plan(4.0, 3.9, ("unserved", 10.0, 9.6, 0.5)))
    assert (found.sign, found.tier) == (MORE, "")


def test_folders_of_version_0_1_have_unserved_demand_as_their_tier() -> None:
    """They state a share and its bound; where unserved demand is priced they state no bound, and it is no tier."""
    old = {"cost_busd": 4.0, "bound_busd": 4.0, "unserved_share": 0.2, "unserved_share_bound": 0.2}
    found = Difference.between(old, {**old, "unserved_share": 0.0, "unserved_share_bound": 0.0})
    assert (found.sign, found.tier) == (MORE, "unserved")
    priced = {**old, "unserved_share_bound": None}
    assert Difference.between(priced, {**priced, "unserved_share": 0.0}).tier == ""


def test_words_that_other_modules_may_not_import_are_the_same() -> None:
    """The command line and the figures state the signs by themselves."""
    assert OPEN_OF_COMMANDS == OPEN
    assert FOUND_OF_FIGURES == FOUND
