"""The program made for questions about limits has every limit, also what no plan can reach as the case is."""

from math import inf

from planner.api import Case
from planner.changes.apply import apply_changes
from planner.explain.conflict import diagnose
from planner.explain.conflict_look import FEASIBLE, INFEASIBLE
from planner.explain.conflict_question import Question
from tests.explain.laws import hold_ways

TOO_MUCH = (
    "programme_steps[coast,2027-01-01].at_least_facility_mw=300",
    "energisation[site=east].facility_mw=150",
    "energisation[site=west].facility_mw=150",
)
"""More than the room and the blocks of the two sites of a programme, each just as large as the other."""


def _case():
    return Case.of(apply_changes(Case.of("four_campuses"), list(TOO_MUCH)))


def test_room_for_all_blocks_on_offer_is_a_limit_where_blocks_are_of_no_account():
    """Law: without the blocks the room keeps a programme from being met, without the room the blocks do."""
    question = Question(_case(), True)

    def status(*kinds: str) -> str:
        return question.look(frozenset(one for one in question.limits if one.kind not in kinds)).status

    assert status() == status("blocks") == status("site") == INFEASIBLE
    assert status("blocks", "site") == FEASIBLE


def test_room_and_blocks_together_are_a_way_out_beside_less_of_a_programme():
    """Law: where both limits are in the way, each is in a conflict, and more of both is a way out that is enough."""
    case = _case()
    found = diagnose(case)
    assert {limit.kind for limits in (found.limits, *found.further) for limit in limits} >= {"site", "blocks"}
    pairs = [way for way in found.ways if {change.get("table") for change in way.changes} == {"sites", "offers"}]
    assert pairs
    assert not any(way.asks_less for way in pairs)
    assert all(0.0 < move.amount < inf for way in pairs for move in way.moves)
    hold_ways(case, found)
