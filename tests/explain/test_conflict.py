"""Limits in conflict and ways out: the planted cause is named, the conflict is minimal, ways out are enough."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from planner.api import Case
from planner.case.read import read_case
from planner.changes.apply import apply_changes
from planner.changes.describe import Edit
from planner.errors import InfeasibleError
from planner.explain import conflict_elastic, conflict_question, conflict_search, conflict_ways, conflict_world
from planner.explain.conflict import PRICED_RULES, Diagnosis, diagnose, figure_lines
from planner.explain.conflict_lever import Lever
from planner.explain.conflict_trial import Amount
from planner.explain.conflict_way import STOPPED, WayOut, in_order, move_of
from planner.plan.shortfalls import PRICED
from tests.explain.laws import WHOLE_YEARS, half_of, hold_minimal, is_met, misses
from tests.explain.planted import HARD, Plant, _forced, plants, roomy
from tests.length import AT_LENGTH, some, thinned
from tests.reference.rich_cases import rich_case
from tests.reference.second import solve_second

TWO_SITE_LOSSES = Path(__file__).resolve().parent.parent / "data" / "two_site_losses"


def examine(plant: Plant, most_ways: int = 2, *, ways: bool = True, all_proven: bool = True):
    """Hold every law of an explanation against a planted cause."""
    case = plant.case()
    assert not is_met(case, plant.verdict)
    found = diagnose(case, ways=ways)
    assert found.verdict == plant.verdict, plant.name
    kinds = {limit.kind for limit in found.limits}
    assert plant.kinds <= kinds, (plant.name, kinds)
    assert plant.divisible or not found.divisible
    # Of a large program, in whole blocks, nothing is proven of each limit: only if blocks were divisible.
    assert found.minimal or (not all_proven and found.minimal_divisible)
    hold_minimal(case, plant.verdict, integer=not found.divisible)
    for way in found.ways[:most_ways]:
        if not way.proven and not all_proven:
            continue
        assert way.proven
        assert is_met(apply_changes(case, way.changes), plant.verdict), (plant.name, way.title)
        half = half_of(way) if len(way.moves) == 1 else None
        if half:
            assert not is_met(apply_changes(case, half), plant.verdict), (plant.name, way.title)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("plant", plants(2 if AT_LENGTH else 1), ids=lambda one: one.name)
def test_every_planted_cause_is_named_and_repaired(plant):
    """Law: the planted cause, of any family, is in the conflict, which is minimal; ways out are enough, half is not.

    Each cause in one size, in two at length.
    """
    assert examine(plant).ways


@pytest.mark.slow
@pytest.mark.parametrize("plant", some(plants(4)[len(plants(1)) :], 16), ids=lambda one: one.name)
def test_every_planted_cause_is_named_in_other_sizes(plant):
    """Law: the planted cause is in the conflict, which is minimal, in other sizes too; 16 are drawn."""
    examine(plant, ways=False)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("plant", "few"),
    some([(plant, few) for plant in plants(1)[::4] for few in (3, 400)], 9),
    ids=lambda one: getattr(one, "name", one),
)
def test_the_way_of_large_programs_finds_a_proven_conflict_too(plant, few, monkeypatch):
    """Law: where a large program is asked step by step, the planted cause is named and the conflict minimal as well.

    There are ways out too, also where each lever is first asked whether all that it loosens would be enough.
    Nine of 18 are drawn.
    """
    monkeypatch.setattr(conflict_world, "LARGE", 0)
    monkeypatch.setattr(conflict_question, "LARGE", 0)
    monkeypatch.setattr(conflict_elastic, "LARGE", 0)
    monkeypatch.setattr(conflict_world, "FEW", few)
    monkeypatch.setattr(conflict_ways, "CROWD", 1 if few == 3 else 3)
    assert examine(plant, all_proven=False).ways  # in a large program whole blocks are looked for in fewer places


@pytest.mark.slow
def test_no_clock_decides_an_amount(monkeypatch):
    """Law: without a time limit the ways out are the same on a machine a thousand times as slow."""
    case = plants(1)[0].case()
    quick, clock = diagnose(case), time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: 1000.0 * clock())
    slow = diagnose(case)
    assert (slow.limits, slow.ways, slow.notes) == (quick.limits, quick.ways, quick.notes)
    assert all(way.least for way in quick.ways)


def test_an_amount_of_which_less_may_do_says_so():
    """Law: an amount that no proof of a little less stands beside is called an upper estimate."""
    assert Amount(1.0, 0.98, proven=True).least
    assert Amount(3.0, 0.0, proven=True, first=True).least
    move = move_of(Lever(frozenset(), "cash", "$B", lambda _amount: []), Amount(1.2, 0.9, proven=True))
    way = WayOut("cash", (move,), [], (), proven=True)
    for proven in (True, False):
        shown = replace(way, proven=proven)
        assert "an upper estimate: less may be enough" in str(Diagnosis("x", "infeasible", ways=(shown,)))


def test_what_gives_up_a_demand_comes_last():
    """Law: a way out that gives up a demand is listed after all others, even those that time left unproven."""
    move = move_of(Lever(frozenset(), "demand", "units", lambda _amount: []), Amount(60.0, 0.0, proven=True))
    gone = WayOut("dropped", (move,), [], (Edit("demand[a,b,2030].compute", "60", "0"),), proven=True)
    nearly = WayOut("nearly", (move,), [], (Edit("demand[a,b,2030].compute", "60", "0.01"),), proven=True)
    unproven = WayOut("open", (move, move), [], (Edit("budget[2030].cash_limit_busd", "1", "9"),), proven=False)
    less = WayOut("less", (move,), [], (Edit("demand[a,b,2030].compute", "60", "20"),), proven=True)
    assert [way.title for way in in_order([gone, nearly, unproven, less])] == ["less", "open", "nearly", "dropped"]


def test_figures_are_shown_without_the_noise_of_multiplying():
    """Law: a figure is shown in the digits that its change has, rounded the way it was moved; text stays as it is."""
    edits = (
        Edit("sites[a].max_it_mw", "53.4", "60.074999999"),
        Edit("demand[a,b,2030].compute", "66.75", "60.0749999"),
        Edit("budget[2030].cash_limit_busd", "1", "1.3333333333"),
        Edit("offers[a].max_blocks", "4", "5"),
        Edit("offers[a].first_start", "2030-01-01", "2029-07-01"),
    )
    shown = figure_lines(WayOut("x", (), [], edits, proven=True))
    assert [line.rpartition(" -> ")[2] for line in shown] == ["60.075", "60.075", "1.33334", "5", "2029-07-01"]


@pytest.mark.slow
def test_cash_that_must_be_retained_is_raised_by_the_amount_stated():
    """Law: a burn below zero is raised by the amount of the way out, not to zero."""
    changes = ["model.families.budget.basis=burn", "budget.cash_burn_busd=-7", "budget.other_spending_busd=1"]
    changes += ["budget.revenue_busd=10", "budget.partner_share=0.2"]
    found = diagnose(apply_changes(roomy(), [*changes, "model.families.redundancy="]))
    way = next(one for one in found.ways if one.moves[0].what == "cash of 2026")
    assert float(way.edits[0].new) == pytest.approx(-7.0 + way.moves[0].amount)
    assert way.moves[0].amount < 7.0


def test_where_the_time_ended_nothing_is_said_of_what_was_not_tried():
    """Law: that no single change is enough is said of all of them only where all of them were tried."""
    move = move_of(Lever(frozenset(), "cash", "$B", lambda _amount: []), Amount(1.2, 0.9, proven=True))
    ways = (WayOut("cash", (move, move), [], (), proven=True),)
    assert "Ways out, none is enough by itself;" in str(Diagnosis("x", "infeasible", ways=ways))
    stopped = str(Diagnosis("x", "infeasible", ways=ways, notes=(STOPPED,)))
    assert "Ways out, none of those tried is enough by itself;" in stopped


def test_a_case_that_can_be_met_has_no_conflict():
    """Law: nothing is said to be in conflict in a case that has a plan with nothing missing."""
    found = diagnose(roomy())
    assert (found.verdict, found.limits, found.ways) == ("met", (), ())


def test_what_may_be_missed_at_a_price_is_no_conflict_and_said():
    """Law: a rule that no plan can keep is in conflict with nothing where it has a price, and a note says so."""
    place = "model.families.redundancy.rules[any one site]"
    changes = [f"{place}.k=3", f"{place}.price_busd_per_missing_compute_year=0.01"]
    found = diagnose(apply_changes(read_case("three_sites"), changes))
    assert (found.verdict, found.limits, found.notes) == ("met", (), (PRICED_RULES,))


def test_the_error_has_the_diagnosis():
    """Law: `InfeasibleError.diagnosis` names the limits in conflict; it is found when it is asked for."""
    case = Case.of(apply_changes(roomy(), [*HARD, _forced(4), "sites[north].max_it_mw=50"]))
    with pytest.raises(InfeasibleError) as caught:
        case.solve()
    assert caught.value.known_diagnosis is None
    assert {limit.kind for limit in caught.value.diagnosis.limits} == {"forced", "site"}
    assert caught.value.known_diagnosis is caught.value.diagnosis


def verdict_of(case):
    """What a solve says of a case: no plan, a plan that misses something, or one that meets everything.

    Where unserved demand has a price, a plan may leave it unserved though it could be served: the case is then solved
    once more, with all that can be served to be served.
    """
    try:
        plan = Case.of(case).solve(gap=0.01)
        if misses(plan) and case.model.objective.unserved == "priced":
            plan = Case.of(apply_changes(case, ["model.objective.unserved=lexicographic"])).solve(gap=0.01)
    except InfeasibleError:
        return "infeasible"
    return "short" if misses(plan) else "met"


@pytest.mark.slow
@pytest.mark.parametrize("number", [*some(range(20), 7), 42])
def test_the_verdict_on_random_cases_is_that_of_a_solve(number):
    """Law: a case with a plan is never called infeasible, nor one without feasible; the same of meeting everything.

    In case 42 a rule of two losses at once, which has no row before one is violated, is what cannot be kept.
    Of 20 others seven are drawn.
    """
    case = rich_case(number)
    found = diagnose(case, ways=False)
    assert found.verdict == verdict_of(case)
    assert found.minimal


@pytest.mark.parametrize("number", thinned([351, 432], 2, 1))
def test_what_a_plan_misses_at_a_price_is_in_no_tier(number):
    """Law: where rules with a price alone are missed, solve, explanation and second formulation miss nothing in a tier.

    The table of shortfalls states what is missed at a price; the explanation says of it that it need not be met.
    """
    case = rich_case(number)
    plan, second = Case.of(case).solve(gap=0.0), solve_second(case)
    assert {row["tier"] for row in plan.rows("shortfalls")} == {PRICED}
    assert plan.summary["shortfalls"] == []
    assert second is not None
    assert max(second.missing.values()) <= WHOLE_YEARS
    assert plan.cost_busd == pytest.approx(second.cost_busd, rel=1e-6)
    found = diagnose(case, ways=False)
    assert (found.verdict, found.limits, found.notes) == ("met", (), (PRICED_RULES,))


@pytest.mark.slow
@pytest.mark.parametrize("first", some(range(100, 700, 20), 2))
def test_no_random_case_with_a_plan_is_called_infeasible(first):
    """Law: of twenty cases, those in which some plan is found by the explanation are feasible, and no others are.

    At length these are 600 cases, more than 500 of them with a plan.
    """
    for number in range(first, first + 20):
        case = Case.of(rich_case(number))
        question = conflict_search.Question(case, whole=False)
        status = question.look(question.limits, integer=True, claim=question.large).status
        assert status in ("feasible", "infeasible")
        if status == "infeasible":
            assert verdict_of(case) == "infeasible", number


@pytest.mark.slow
@pytest.mark.parametrize("number", some(range(100, 700), 3))
def test_the_verdict_on_more_random_cases_is_that_of_a_solve(number):
    """Law: the verdict is that of a solve: no plan, something that must be missed, or nothing missing.

    What is missed of a redundancy rule at its price is no shortfall of a tier.
    """
    case = rich_case(number)
    assert diagnose(case, ways=False).verdict == verdict_of(case)


@pytest.mark.slow
def test_a_smaller_budget_of_a_real_case_is_explained():
    """Law: with a fifth less cash and no shortfalls, the cash of the first year and what is signed are in conflict."""
    cut = {"op": "scale", "table": "budget", "column": "cash_burn_busd", "factor": 0.8}
    found = diagnose(apply_changes(read_case("stargate"), [*HARD, cut]), ways=False)
    assert (found.verdict, found.minimal) == ("infeasible", True)
    assert [limit.kind for limit in found.limits] == ["cash", "signed"]
    assert found.limits[0].places[0].row == 2


@pytest.mark.slow
def test_the_loss_of_two_sites_is_explained():
    """Law: a small case on which the solver once had no verdict has a conflict by name."""
    found = diagnose(read_case(TWO_SITE_LOSSES), ways=False)
    assert (found.verdict, found.minimal) == ("short", True)
    assert "demand" in {limit.kind for limit in found.limits}


@pytest.mark.slow
def test_a_rule_protects_what_is_served_so_serving_less_is_a_plan():
    """Law: unserved demand at a price is no shortfall, and the rule asks for a share of what is served, not of demand.

    So the case has a plan even where no shortfalls are admitted, and all of its demand cannot be served.
    """
    case = Case.read(TWO_SITE_LOSSES, changes=list(HARD))
    plan = case.solve(gap=0.0, own_process=False)
    assert plan.status.has_plan
    assert {row["tier"] for row in plan.rows("shortfalls")} == {"unserved"}
    assert plan.summary["unserved_share"] > 0.1
    assert diagnose(case, ways=False).verdict == "short"


def test_levers_that_have_no_time_are_said_not_to_be_tried(monkeypatch):
    """Law: where a lever's share of the time ends before it is decided, the notes say that there may be more ways out.

    They never say then that there is none.
    """
    monkeypatch.setattr(conflict_ways, "SHARE_OF_TIME", 0.0)
    monkeypatch.setattr(conflict_ways, "LEAST_SHARE_S", 0.0)
    found = diagnose(apply_changes(roomy(), [_forced(6), "sites[north].max_it_mw=50"]), time_limit_s=3600.0)
    assert (found.ways, found.notes[0]) == ((), STOPPED)
