"""Where a limit on sites is left out, it no longer says which of them can host a cluster, nor how large one can be."""

import pytest

from planner.api import Case
from planner.changes.apply import apply_changes
from planner.explain.conflict import diagnose
from planner.explain.conflict_hosts import Host
from planner.explain.conflict_limits import Limit, Part
from planner.explain.conflict_look import FEASIBLE, INFEASIBLE
from planner.explain.conflict_make import make_world
from planner.explain.conflict_question import Question
from planner.solve.highs import Engine

POWER, ROOM = Part(Limit("energised", "", 2), "north"), Part(Limit("site"), "north")
MW = {"north": 100, "south": 125, "east": 125, "west": 125}
DEMAND = {2026: (64, 96), 2027: (96, 128), 2028: (160, 160)}


def _power(share):
    return [
        {
            "op": "set",
            "table": "energisation",
            "key": f"{site},2025-01-01",
            "column": "facility_mw",
            "value": mw * share,
        }
        for site, mw in MW.items()
    ]


def _demand():
    return [
        {"op": "set", "table": "demand", "key": f"{key},{year}", "column": "compute", "value": value}
        for year, values in DEMAND.items()
        for key, value in zip(("research,training", "users,inference"), values, strict=True)
    ]


def test_a_host_is_bounded_by_the_limits_in_force_alone():
    """Law: the coefficient is the least of what the limits in force allow, and never more than the demand."""
    host = Host(0, 0, 4.0, (((POWER,), 1.0), ((ROOM,), 2.5)), ((POWER,),))
    assert host.times({POWER, ROOM}.__contains__) == 1.0
    assert host.times({ROOM}.__contains__) == 2.5
    assert host.times(set().__contains__) == 4.0
    assert host.parts == {POWER, ROOM}
    assert host.is_closed({POWER, ROOM}.__contains__)
    assert not host.is_closed({ROOM}.__contains__)


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_without_its_power_a_site_can_host_as_with_more_of_it(share):
    """Law: without the limits of power there is a plan where there is one with more power, and with them there is none.

    At these shares no site has the power for the least cluster.
    """
    case = Case.of("four_campuses")
    changed = apply_changes(case, _power(share))
    question = Question(changed, True)
    power = frozenset(limit for limit in question.limits if limit.kind == "energised")
    more = make_world(case, whole=True, units=question.world.units)
    assert question.look(question.limits).status == INFEASIBLE
    assert more.look(lambda _part: True, integer=False, until=question.until).status == FEASIBLE
    assert question.look(question.limits - power).status == FEASIBLE


@pytest.mark.slow
def test_a_cluster_that_needs_more_power_and_more_campuses_has_both_as_a_way_out():
    """Law: where more power at all sites is enough beside a weaker rule of contiguity, the pair is a way out."""
    case = apply_changes(Case.of("four_campuses"), [*_power(0.6), *_demand()])
    ways = diagnose(case).ways
    pairs = [{change.get("table", change.get("model", "")) for change in way.changes} for way in ways]
    assert any(pair == {"energisation", "families.contiguity.rules[one campus].most_campuses"} for pair in pairs)
    for way in ways:
        world = make_world(apply_changes(case, way.changes), whole=True)
        assert world.look(lambda _part: True, integer=True, until=float("inf")).status == FEASIBLE


def test_where_every_limit_is_in_force_only_those_host_that_can_in_the_case():
    """Law: the cheapest relaxation costs the same as in the program of the case, which has fewer decisions.

    Without the limits of power some of the sites that can host nothing can.
    """
    question = Question(Case.of("stargate"), False)
    every, bare = (world.arrays(lambda _part: True) for world in (question.world, question.as_it_is()))
    closed = [host for host in question.world.hosts if host.is_closed(lambda _part: True)]
    assert closed
    assert not all(host.is_closed(lambda part: part.limit.kind != "energised") for host in closed)
    assert every.column_count > bare.column_count
    costs = [Engine(arrays.relaxed()).run().objective for arrays in (every, bare)]
    assert costs[0] == pytest.approx(costs[1], rel=1e-6)
