"""Planted causes of the families and tiers that `tests.explain.planted` does not have: every law, every way out."""

import pytest

from planner.explain.conflict import diagnose
from tests.explain.laws import hold, hold_ways
from tests.explain.planted import Plant, plants
from tests.explain.planted_dates import dates
from tests.explain.planted_families import Several, families, several
from tests.length import some

SIZES = 4


@pytest.mark.slow
@pytest.mark.parametrize("plant", some(families(SIZES), 8), ids=lambda one: one.name)
def test_every_law_holds_of_the_other_families(plant: Plant) -> None:
    """Law: the cause is in a minimal conflict; every way out is enough, half of it is not, by solves of their own."""
    hold(plant.case(), plant.verdict, plant.kinds, divisible=plant.divisible)


@pytest.mark.slow
@pytest.mark.parametrize("plant", some(plants(SIZES), 5), ids=lambda one: one.name)
def test_every_way_out_is_enough_and_half_of_it_is_not(plant: Plant) -> None:
    """Law: the same of the causes planted before, with every way out and in every size."""
    hold(plant.case(), plant.verdict, plant.kinds, divisible=plant.divisible)


@pytest.mark.slow
@pytest.mark.parametrize("plant", some(dates(SIZES), 5), ids=lambda one: one.name)
def test_every_law_holds_of_when_things_are_there(plant: Plant) -> None:
    """Law: the same of dates, lead times and lives of on-site power and own buildings, and of chips that mature."""
    hold(plant.case(), plant.verdict, plant.kinds, divisible=plant.divisible)


@pytest.mark.slow
@pytest.mark.parametrize("causes", some(several(), 2), ids=lambda one: one.name)
def test_several_causes_are_all_named(causes: Several) -> None:
    """Law: of two and three causes at once each stands in one of the conflicts; the ways out mend all of them."""
    case = causes.case()
    found = diagnose(case)
    sets = [{one.kind for one in limits} for limits in (found.limits, *found.further)]
    for cause in causes.causes:
        assert any(set(cause.split()) <= kinds for kinds in sets), (cause, sets)
    assert found.ways
    hold_ways(case, found)
