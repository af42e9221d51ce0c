"""Random small cases that can be met, each with one random change after which it cannot: every law, every way out."""

from datetime import date
from random import Random
from typing import Any

import pytest

from planner.case.case import CaseData
from planner.changes.apply import apply_changes
from planner.errors import CaseError
from planner.explain.conflict import diagnose
from tests.explain.laws import hold
from tests.explain.planted import NO_RULES, Changes, _contract, roomy
from tests.explain.planted_dates import _maturing, _options, _own
from tests.length import some
from tests.redundancy.random_cases import random_case

UNPRICED: Changes = ["model.objective.unserved=lexicographic", "model.objective.unserved_price_busd_per_compute_year="]
SCALED = (
    ("sites", "max_it_mw", 0.05, 0.5), ("energisation", "facility_mw", 0.05, 0.5), ("offers", "max_blocks", 0.1, 0.5),
    ("power_regions", "firm_facility_mw", 0.02, 0.4), ("budget", "cash_limit_busd", 0.05, 0.5),
    ("demand", "compute", 1.5, 4.0), ("chips", "training_compute_per_it_mw", 0.1, 0.6),
    ("chips", "inference_compute_per_it_mw", 0.1, 0.6), ("chip_supply", "it_mw", 0.02, 0.4),
)  # fmt: skip
"""Figures that are multiplied by anything between two factors."""
MOVED: tuple[tuple[str, str, Any], ...] = (
    ("offers", "first_start", date(2027, 1, 1)), ("sites", "earliest_date", date(2027, 1, 1)),
    ("chips", "first_date", date(2027, 1, 1)), ("offers", "lead_months", 12), ("chips", "life_years", 1),
    ("offers", "term_years", 1), ("power_options", "earliest_date", date(2027, 1, 1)),
    ("power_options", "lead_months", 12), ("chips", "maturity_years", 8),
)  # fmt: skip
"""Figures that are set to another."""


def met_case(draw: Random) -> CaseData:
    """Return a random case, which most often can be met."""
    if draw.random() < 0.5:
        return apply_changes(random_case(draw.randrange(10_000)), UNPRICED)
    devices: list[Changes] = [
        ["model.horizon.periods=2"], NO_RULES, _own(lead_months=0), [*_options(100, earliest_date="2026-01-01")],
        _maturing(2.0, 0.5, "2025-06-01"), [_contract(60.0, 5.0)],
        [f"budget[{year}].cash_limit_busd=5" for year in (2026, 2027)],
    ]  # fmt: skip
    return apply_changes(roomy(), [change for device in devices if draw.random() < 0.4 for change in device])


def changed(case: CaseData, draw: Random) -> CaseData | None:
    """Return the case after one random change; None where it has no such figure."""
    if draw.random() < 0.6:
        table, column, low, high = draw.choice(SCALED)
        change = {"op": "scale", "table": table, "column": column, "factor": draw.uniform(low, high)}
    else:
        table, column, value = draw.choice(MOVED)
        change = {"op": "set", "table": table, "column": column, "value": value}
    try:
        return apply_changes(case, [change])
    except CaseError:
        return None


def attacked(seed: int) -> tuple[CaseData, str]:
    """Return the first case of a seed that cannot be met after one change, with its verdict."""
    draw = Random(seed)
    while True:
        try:
            case = met_case(draw)
        except CaseError:
            continue
        other = changed(case, draw)
        if other is None or diagnose(case, ways=False).verdict != "met":
            continue
        verdict = diagnose(other, ways=False).verdict
        if verdict != "met":
            return other, verdict


@pytest.mark.slow
@pytest.mark.parametrize("seed", sorted({7, 8, *some(range(100), 1)}))  # those two once failed
def test_every_law_holds_after_a_random_change(seed: int) -> None:
    """Law: the conflict is minimal, every way out is enough and half of it is not, by solves of their own."""
    case, verdict = attacked(seed)
    found = hold(case, verdict, frozenset())
    assert found.limits
