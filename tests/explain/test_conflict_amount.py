"""How far a lever is moved: the same amount by one program or by halving, and nothing called proven that is not."""

import math
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from planner.case.read import read_case
from planner.case.rows import DemandRow
from planner.changes.apply import apply_changes
from planner.explain import conflict_amount, conflict_beside, conflict_hosts, conflict_question, conflict_world
from planner.explain.conflict_amount import _growing, _halved, _in_between, _larger, _least_step, least_amount
from planner.explain.conflict_elastic import least_by_program
from planner.explain.conflict_levers import _demand_of_every_year, of_cash, of_supply
from planner.explain.conflict_limits import Limit
from planner.explain.conflict_look import FEASIBLE, INFEASIBLE, UNKNOWN, Look
from planner.explain.conflict_question import Question
from planner.explain.conflict_rough import roughly_needed
from planner.explain.conflict_search import find_conflict
from planner.explain.conflict_sets import loosened
from planner.explain.conflict_steps import Steps
from planner.explain.conflict_trial import Amount, Trial
from planner.explain.conflict_ways import _try
from planner.solve.settings import PLAN_TOLERANCE
from tests.explain.planted import _row, roomy

MEDIUM, SMALL = SimpleNamespace(small=False, large=False), SimpleNamespace(small=True, large=False)
LARGE = SimpleNamespace(small=False, large=True)
"""Questions by the size of their program."""


class _Trial:
    """A trial of which it is known from which amount on the relaxation and whole blocks are enough; notes proofs."""

    until = math.inf

    def __init__(self, relaxed: float, whole: float, question: Any = MEDIUM, open_from: float = math.inf) -> None:
        self.question, self.relaxed, self.enough, self.open_from = question, relaxed, whole, open_from
        self.proven: dict[float, str] = {}
        self.in_blocks = 0

    def apart(self) -> "_Trial":
        return self

    def look(self, amount: float, *, integer: bool, claim: bool = False) -> str:
        self.in_blocks += integer
        if integer and math.isnan(self.enough):
            return UNKNOWN
        if not integer and self.open_from <= amount < self.relaxed:
            return UNKNOWN
        status = FEASIBLE if amount >= (self.enough if integer else self.relaxed) else INFEASIBLE
        if not claim:
            self.proven[amount] = status
        return status


def _lever(**more: Any) -> Any:
    return SimpleNamespace(most=100.0, scale=1.0, **more)


def test_what_was_not_decided_is_not_called_too_little() -> None:
    """Law: halving ends at an amount that was not decided; the amount below is one that is proven not to be enough."""
    undecided = _Trial(40.0, 40.0, SMALL, open_from=30.0)
    assert _halved(undecided, _lever(), claim=False, close=0.02) == (25.0, 50.0)  # type: ignore[arg-type]
    for question in (SMALL, MEDIUM):
        trial = _Trial(40.0, 40.0, question)
        low, high = _halved(trial, _lever(), claim=False, close=0.02)  # type: ignore[arg-type, misc]
        assert low < 40.0 <= high <= 1.03 * low


@pytest.mark.parametrize("relaxed", [3e-3, 0.4, 1.0, 7.0, 4e3])
def test_an_amount_is_found_by_orders_of_magnitude_where_the_most_is_far_off(relaxed: float) -> None:
    """Law: in a program that is not small, an amount is enclosed whatever its size, in few looks at the relaxation."""
    trial = _Trial(relaxed, relaxed)
    lever = SimpleNamespace(most=1e4, scale=1.0)
    low, high = _halved(trial, lever, claim=False, close=0.1)  # type: ignore[arg-type, misc]
    assert low < relaxed <= high <= low / 0.9
    assert len(trial.proven) <= 16


@pytest.mark.parametrize("whole", [40.0, 44.0, 72.0, 101.0])
def test_a_little_more_than_the_relaxation_needs_is_tried_first(whole: float) -> None:
    """Law: in a program of middle size the amount is enough in whole blocks, and what is called too little is not."""
    trial = _Trial(40.0, whole)
    amount = _in_between(trial, _lever())  # type: ignore[arg-type]
    assert (amount is None) == (whole > 100.0)
    if amount is not None:
        assert amount.proven
        assert amount.below < whole <= amount.value
        assert trial.proven[amount.below] == INFEASIBLE


def test_what_whole_blocks_did_not_decide_is_what_the_relaxation_needs() -> None:
    """Law: where the search in whole blocks is not decided, the amount is that of the relaxation, and not proven."""
    trial = _Trial(40.0, math.nan)
    amount = _in_between(trial, _lever())  # type: ignore[arg-type]
    assert amount is not None
    assert not amount.proven
    assert amount.below < 40.0 <= amount.value <= 41.5


@pytest.mark.parametrize("whole", [40.0, 44.0, 72.0, 101.0])
@pytest.mark.parametrize("guess", [4.0, 39.0, 40.2, 80.0])
def test_a_guess_of_what_the_relaxation_needs_may_be_wrong(guess: float, whole: float) -> None:
    """Law: whatever the guess, the amount is enough in whole blocks, and what is called too little is proven to be."""
    trial = _Trial(40.0, whole)
    amount = _in_between(trial, _lever(), guess)  # type: ignore[arg-type]
    assert (amount is None) == (whole > 100.0)
    if amount is not None:
        assert amount.proven
        assert amount.below < whole <= amount.value
        assert trial.proven[amount.below] == INFEASIBLE
        assert guess < 40.0 or amount.value <= 2.0 * whole
    assert _in_between(_Trial(40.0, math.nan), _lever(), guess) == _in_between(_Trial(40.0, math.nan), _lever())  # type: ignore[arg-type]


def test_what_the_relaxation_needs_is_guessed_where_less_demand_adds_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law: where a lower demand lets more sites host a cluster, one program says what halving finds by many."""
    monkeypatch.setattr(conflict_hosts, "MOST_HOSTS", 0)  # as where sites and periods are many
    rule = "model.families.contiguity.rules[0].at_least_it_mw"
    more = {"op": "scale", "table": "demand", "column": "compute", "factor": 1.5}
    case = apply_changes(apply_changes(read_case("four_campuses"), [more]), [f"{rule}=90"])
    question = Question(case, whole=True)
    assert question.look(question.limits).status == INFEASIBLE
    every = _demand_of_every_year(question, list(case.by_key(DemandRow)))
    trial = Trial(question, every.changes, math.inf)
    columns = [world.mip.arrays.column_count for world in (question.world, trial.world(every.probe)) if world]
    assert columns[0] < columns[1]
    assert least_by_program(trial, every) is None
    low, high = _halved(trial, every, claim=False, close=0.01)  # type: ignore[misc]
    assert low < roughly_needed(trial, every) <= high  # type: ignore[operator]


@pytest.mark.parametrize("question", [SMALL, MEDIUM])
@pytest.mark.parametrize("relaxed", range(1, 121, 7))
def test_the_least_month_is_enough_and_the_one_before_is_proven_not_to_be(question: Any, relaxed: int) -> None:
    """Law: whatever the size of the program, the least step is found, with a proof that a month less is not enough."""
    trial = _Trial(relaxed, relaxed + 2, question)
    found = _least_step(trial, (*range(1, 121, 12), 140), turns=False)  # type: ignore[arg-type]
    assert found is not None
    assert (found.value, found.proven, found.least) == (relaxed + 2, True, True)
    assert found.below == relaxed + 1
    assert trial.proven[found.below] == INFEASIBLE
    assert trial.proven[found.value] == FEASIBLE


@pytest.mark.parametrize("relaxed", [1, 5, 40, 119, 139])
def test_in_a_large_program_the_first_step_that_is_enough_is_found_from_the_last_ones(relaxed: int) -> None:
    """Law: whichever step it is, it is the first that is enough in whole blocks; of the last few looks are made."""
    trial, steps = _Trial(relaxed, relaxed, LARGE), (*range(1, 121, 12), 140)
    looked: list[float] = []
    look = trial.look
    trial.look = lambda amount, **asked: looked.append(amount) or look(amount, **asked)  # type: ignore[method-assign]
    found = _least_step(trial, steps, turns=False)  # type: ignore[arg-type]
    assert found is not None
    assert (found.value, found.proven) == (min(step for step in steps if step >= relaxed), True)
    assert relaxed < 119 or looked[:2] == [140, 109]


def test_more_is_tried_only_where_the_most_may_be_enough() -> None:
    """Law: where the most of a lever is proven not to be enough there is no way out, and no other amount is tried."""
    nothing = _Trial(40.0, 101.0)
    assert _larger(nothing, 39.6, 40.0, 100.0) is None  # type: ignore[arg-type]
    assert nothing.in_blocks == 2
    found = _larger(_Trial(40.0, 60.0), 39.6, 40.0, 100.0)  # type: ignore[arg-type]
    assert found == Amount(68.01, 48.01, proven=True)
    assert not found.least
    assert _growing(_Trial(40.0, 41.0), 39.6, 40.0, 100.0) == Amount(41.21, 40.01, proven=True)  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.parametrize("beside", [[], ["sites.max_it_mw=70"]])
def test_one_program_and_halving_find_the_same_amount_beside_other_changes(beside: list[str], monkeypatch: Any) -> None:
    """Law: beside other changes, or with limits left out, the amount of one program is that of halving."""
    case = apply_changes(roomy(), ["budget[2026].cash_limit_busd=0.4", "sites.max_it_mw=20"])
    question = Question(case, whole=True)
    (lever,) = of_cash(question, Limit("cash", period=0), [])
    before = [{"op": "set", "table": "sites", "column": "max_it_mw", "value": 70}] if beside else []
    rest = frozenset() if beside else frozenset(one for one in question.limits if one.kind == "site")
    found = least_amount(question, lever, math.inf, before=before, without=rest)
    monkeypatch.setattr(conflict_amount, "least_by_program", lambda *_: None)
    halved = least_amount(question, lever, math.inf, before=before, without=rest)
    assert found is not None
    assert halved is not None
    assert (found.proven, found.least, halved.proven) == (True, True, True)
    assert found.value == pytest.approx(halved.value, rel=0.03)


@pytest.mark.slow
def test_the_supply_of_a_chip_that_must_be_developed_is_found_by_one_program(monkeypatch: Any) -> None:
    """Law: where a link with a decision widens with the amount, the one program finds what halving finds."""
    changes = [
        _row("chip_supply", chip="standard", year=2026, it_mw=60.0),
        "chips[standard].development_cost_busd=0.01",
    ]
    question = Question(apply_changes(roomy(), changes), whole=True)
    assert question.look(question.limits).status == INFEASIBLE
    question.divisible = True
    lever, development = of_supply(question, Limit("supply", period=0), ["standard"])
    found = least_by_program(Trial(question, lever.changes, math.inf), lever)
    assert isinstance(found, Amount)
    assert least_by_program(Trial(question, development.changes, math.inf), development) is None
    monkeypatch.setattr(conflict_amount, "least_by_program", lambda *_: None)
    halved = least_amount(question, lever, math.inf)
    assert halved is not None
    assert (found.proven, found.least) == (halved.proven, halved.least) == (True, True)
    assert found.value == pytest.approx(halved.value, rel=0.03)


def test_the_first_step_of_a_relaxation_is_taken_once(monkeypatch: Any) -> None:
    """Law: looks that begin with the same step share it, also in copies of a program, and find what others find."""
    monkeypatch.setattr(conflict_world, "LARGE", 0)
    monkeypatch.setattr(conflict_world, "FEW", 0)
    question = Question(apply_changes(roomy(), ["budget[2026].cash_limit_busd=0.4"]), whole=True)
    taken, run = [], Steps.taken

    def counted(steps: Steps, which: Any, take: Any) -> Any:
        return run(steps, which, lambda: taken.append(which) or take())  # type: ignore[func-returns-value]

    monkeypatch.setattr(Steps, "taken", counted)
    cash = frozenset(one for one in question.limits if one.kind == "cash")
    looks = [question.apart().look(kept).status for kept in (question.limits, question.limits - cash, question.limits)]
    assert looks == [INFEASIBLE, FEASIBLE, INFEASIBLE]
    assert len(taken) == len(set(taken)) == 1


def test_the_word_of_the_solver_is_taken_once_and_is_no_proof(monkeypatch: Any) -> None:
    """Law: where the solver's word is enough, a relaxation without a point is solved once; a proof is found later."""
    monkeypatch.setattr(conflict_world, "LARGE", 0)
    monkeypatch.setattr(conflict_world, "FEW", 0)
    monkeypatch.setattr(conflict_world, "relaxation", None)  # would solve it once more
    for change in ("budget[2026].cash_limit_busd=0.4", "demand.compute=1e6"):
        question = Question(apply_changes(roomy(), [change]), whole=True)
        word = question.look(question.limits, claim=True)
        assert (word.status, word.proof) == (INFEASIBLE, None)
        assert question.look(question.limits).proof is not None
        assert question.look(frozenset(), claim=True).status == FEASIBLE


def test_a_point_near_the_relaxation_is_one_in_whole_blocks() -> None:
    """Law: what is found in restrictions around the relaxation meets the program; nothing is proven where none is."""
    question = Question(roomy(), whole=True)
    arrays = question.world.arrays(lambda _part: True)
    near = question.world._nearby(arrays, lambda _part: True, math.inf, conflict_world.NEAR)
    assert (near.status, arrays.worst_violation(near.x) <= PLAN_TOLERANCE) == (FEASIBLE, True)  # type: ignore[arg-type]
    scarce = Question(apply_changes(roomy(), ["budget[2026].cash_limit_busd=0.4"]), whole=True).world
    none = scarce._nearby(scarce.arrays(lambda _part: True), lambda _part: True, math.inf, conflict_world.NEAR)
    assert none.status == UNKNOWN


def test_where_the_simplex_method_takes_long_the_interior_point_method_says_the_same(monkeypatch: Any) -> None:
    """Law: with no steps of the simplex method the solver's word is the same, and a point is still verified."""
    monkeypatch.setattr(conflict_world, "LARGE", 0)
    monkeypatch.setattr(conflict_world, "FEW", 0)
    monkeypatch.setattr(conflict_world, "FEW_STEPS", 10**9)
    monkeypatch.setattr(conflict_world, "relaxation", None)  # is not asked
    for change, status in (
        ("budget[2026].cash_limit_busd=0.4", INFEASIBLE),
        ("budget[2026].cash_limit_busd=4", FEASIBLE),
    ):
        question = Question(apply_changes(roomy(), [change]), whole=True)
        assert question.look(question.limits, claim=True).status == status


def test_in_a_large_program_a_plan_is_looked_for_near_the_relaxation_alone(monkeypatch: Any) -> None:
    """Law: no other search is begun, whether a plan is found there or not, unless it decides whether there is any."""
    monkeypatch.setattr(conflict_world, "LARGE", 0)
    question = Question(roomy(), whole=True)
    begun: list[str] = []
    monkeypatch.setattr(conflict_world, "in_parallel", lambda *_any: begun.append("others") or [Look(UNKNOWN)] * 2)
    look = question.look(question.limits, integer=True, limited=True)
    assert (look.status, begun) == (FEASIBLE, [])
    monkeypatch.setattr(conflict_world, "LARGE_NEAR", ())
    for limited, others in ((True, []), (False, ["others"])):
        again = Question(roomy(), whole=True)
        status = again.look(again.limits, integer=True, limited=limited).status
        assert status == (UNKNOWN if limited else FEASIBLE)
        assert begun == others


@pytest.mark.parametrize("violated", range(conflict_world.QUICK_ROUNDS + 2))
def test_the_quick_search_goes_on_with_the_cuts_it_violates(violated: int, monkeypatch: Any) -> None:
    """Law: where a point in whole blocks violates redundancy cuts, it is looked for again with all of these."""
    world = Question(roomy(), whole=True).world
    known: list[int] = []

    def point(arrays: Any, _in_force: Any, _until: float, _nodes: int) -> Look:
        known.append(arrays.cuts)
        if len(known) > violated:
            return Look(FEASIBLE)
        world.found.append(None)  # type: ignore[arg-type]
        return Look(UNKNOWN)

    monkeypatch.setattr(world, "_any_point", point)
    monkeypatch.setattr(world, "arrays", lambda _in_force: SimpleNamespace(column_count=1, cuts=len(world.found)))
    found = world._quickly(world.arrays(None), lambda _part: True, math.inf)  # type: ignore[arg-type]
    assert known == list(range(min(conflict_world.QUICK_ROUNDS, violated + 1)))
    assert found.status == (FEASIBLE if violated < conflict_world.QUICK_ROUNDS else UNKNOWN)


def test_no_lever_is_moved_beside_others_where_nothing_is_needed() -> None:
    """Law: where it is enough to leave out what the others loosen, nothing is moved."""
    case = apply_changes(roomy(), ["sites.max_it_mw=20"])
    question = Question(case, whole=True)
    (lever,) = of_cash(question, Limit("cash", period=0), [])
    rest = frozenset(one for one in question.limits if one.kind == "site")
    found = least_amount(question, lever, math.inf, without=rest)
    assert found is None or found.value == 0.0


def test_how_far_a_lever_is_moved_is_asked_once(monkeypatch: Any) -> None:
    """Law: a lever beside the same others has one amount, in whatever set of levers it is tried."""
    asked = []

    def least(_question: Any, lever: Any, _until: float, **_more: Any) -> Amount:
        asked.append(lever.name)
        return Amount(1.0, 0.99, proven=True)

    monkeypatch.setattr("planner.explain.conflict_ways.least_amount", least)
    question = Question(apply_changes(roomy(), ["sites.max_it_mw=20"]), whole=True)
    (cash,) = of_cash(question, Limit("cash", period=0), [])
    room = replace(cash, name="room", unit="IT MW")
    amounts: dict[Any, Any] = {}
    known = {loosened((cash, room)): FEASIBLE}
    for some in ((cash, room), (cash, room)):
        assert _try(question, some, known, amounts, itself=False).way is not None
    assert asked == [cash.name, "room"]


@pytest.mark.parametrize("change", ["sites.max_it_mw=20", "offers.first_start=2027-01-01"])
def test_what_is_in_the_way_besides_is_the_same_asked_at_once(change: str, monkeypatch: Any) -> None:
    """Law: data that shape the program are named alike, whether they are taken out one by one or all at once first."""
    question = Question(apply_changes(roomy(), [change]), whole=True)
    found = find_conflict(question, question.limits, integer=False)
    assert found is not None
    names = []
    for small in (conflict_question.SMALL, 0):
        monkeypatch.setattr(conflict_question, "SMALL", small)
        names.append([one.kind for one in conflict_beside.besides(question, found)[1]])
    assert names[0] == names[1]
