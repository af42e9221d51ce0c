"""Fewer scenarios: published methods, their bound, and what they leave as it is."""

from itertools import combinations, pairwise
from statistics import fmean

import numpy as np
import pytest

from planner import OptionError
from planner.uncertainty.features import points_of
from planner.uncertainty.reduce import reduce_scenarios, reduced
from planner.uncertainty.scenario import Scenario, ScenarioSet, scenario
from tests.cases import make_case

METHODS = ("forward", "backward")


def cloud(number: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Random points and probabilities."""
    random = np.random.default_rng(seed)
    weights = random.random(number) + 0.1
    return random.normal(size=(number, 3)), weights / weights.sum()


def rents(number: int) -> ScenarioSet:
    """Scenarios of the rent of a cloud, equally probable."""
    places = [f"offers[cloud_east].rent_musd_per_mw_year={8 + index}" for index in range(number)]
    return ScenarioSet(tuple(scenario(f"s{index}", 1.0 / number, place) for index, place in enumerate(places)), seed=3)


@pytest.mark.parametrize("method", METHODS)
def test_no_mean_moves_by_more_than_the_distance(method):
    """Law: the mean of a function that changes by at most the distance moves by at most that of the reduction."""
    points, weights = cloud(40)
    for number in (1, 5, 20, 39):
        found = reduced(points, weights, number, method)
        assert len(found.kept) == number
        for centre in points[::7]:
            every = np.linalg.norm(points - centre, axis=1)
            assert abs(weights @ every - weights @ every[list(found.nearest)]) <= found.distance + 1e-12


@pytest.mark.parametrize("method", METHODS)
def test_all_are_kept_exactly(method):
    """Law: all of them is exact, more kept never loses more, and each goes to the nearest."""
    points, weights = cloud(12)
    distances = [reduced(points, weights, number, method).distance for number in range(1, 13)]
    assert distances[-1] == 0.0
    assert all(after <= before + 1e-12 for before, after in pairwise(distances))
    found = reduced(points, weights, 4, method)
    for index, nearest in enumerate(found.nearest):
        assert np.linalg.norm(points[index] - points[nearest]) == pytest.approx(
            min(np.linalg.norm(points[index] - points[kept]) for kept in found.kept)
        )


def test_one_kept_is_the_best_one():
    """Law: forward selection of one, and backward reduction by one, are optimal: no other choice is nearer."""
    points, weights = cloud(9, 4)
    between = np.linalg.norm(points[:, None] - points[None], axis=2)

    def best(number: int) -> float:
        return min(weights @ between[:, list(kept)].min(axis=1) for kept in combinations(range(9), number))

    assert reduced(points, weights, 1, "forward").distance == pytest.approx(best(1))
    assert reduced(points, weights, 8, "backward").distance == pytest.approx(best(8))


@pytest.mark.parametrize("method", METHODS)
def test_probabilities_go_to_the_nearest(method):
    """Law: probabilities add up to 1, kept scenarios are as they were, and the mean of a path stays near."""
    case, scenarios = make_case(), rents(20)
    found = reduce_scenarios(scenarios, 4, case, method=method)
    assert sum(one.probability for one in found) == pytest.approx(1.0, abs=1e-12)
    assert all(one.changes == scenarios[one.name].changes for one in found)
    assert found.seed == 3
    assert "4 of 20 kept" in found.made
    mean = sum(one.probability * float(one.changes[0].value) for one in found)
    assert mean == pytest.approx(fmean(range(8, 28)), abs=1.0)
    assert reduce_scenarios(scenarios, 20, case) is scenarios


def test_same_scenarios_are_one():
    """Law: scenarios that change the same lie at one point, and reducing to the different ones loses nothing."""
    twice = ScenarioSet(
        (Scenario("a", 0.25), scenario("b", 0.25, "sites[north].max_it_mw=9"), Scenario("c", 0.5)), "by hand"
    )
    points = points_of(twice, make_case())
    assert points[0].tolist() == points[2].tolist() != points[1].tolist()
    found = reduce_scenarios(twice, 2, make_case())
    assert sorted(one.probability for one in found) == [0.25, 0.75]


def test_what_is_not_set_is_as_in_the_case():
    """Law: a scenario that leaves a figure lies where one that sets it to the figure of the case lies."""
    case = make_case()
    rent = case.index("offers")["cloud_east"].rent_musd_per_mw_year
    place = "offers[cloud_east].rent_musd_per_mw_year"
    three = ScenarioSet(
        (Scenario("a", 0.2), scenario("b", 0.4, f"{place}={rent}"), scenario("c", 0.4, f"{place}=99")), "by hand"
    )
    points = points_of(three, case)
    assert points[0] == pytest.approx(points[1])
    assert abs(points[2] - points[0]).max() > 1.0


def test_columns_weigh_alike():
    """Law: a path of many figures weighs as much as a single one."""
    path = [f"demand[america,inference,{year}].compute" for year in (2026, 2027, 2028)]
    two = ScenarioSet(
        tuple(
            scenario(name, 0.25, [*(f"{place}={10 * high}" for place in path), f"sites[north].max_it_mw={100 * site}"])
            for name, high, site in (("a", 1, 1), ("b", 2, 1), ("c", 1, 2), ("d", 2, 2))
        ),
        "by hand",
    )
    points = points_of(two, make_case())
    assert np.linalg.norm(points[0] - points[1]) == pytest.approx(np.linalg.norm(points[0] - points[2]))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"number": 0}, "must be 1 to 3"),
        ({"number": 4}, "must be 1 to 3"),
        ({"number": 2, "method": "best"}, "must be one of forward, backward"),
        ({"number": 2, "case": None}, "give the case"),
        ({"number": 2, "features": [[1.0], [2.0]]}, "give 3 points"),
        ({"number": 2, "features": [[1.0], [2.0], [float("nan")]]}, "finite"),
    ],
)
def test_odd_requests_are_refused(options, message):
    """Law: what cannot be done is said in words."""
    with pytest.raises(OptionError, match=message):
        reduce_scenarios(rents(3), **{"case": make_case(), **options})
