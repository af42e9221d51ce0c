"""Levers with kinks, and amounts that make no case: no way out is dropped, and nothing called proven is wrong."""

import math
from types import SimpleNamespace
from typing import Any

import pytest

from planner.api import Case
from planner.case.case import CaseData
from planner.case.rows import EnergisationRow
from planner.changes.apply import apply_changes
from planner.explain import conflict_question
from planner.explain.conflict import diagnose
from planner.explain.conflict_amount import _bisected, _least_step, least_amount
from planner.explain.conflict_dates import earlier
from planner.explain.conflict_elastic import least_by_program
from planner.explain.conflict_lever import Lever
from planner.explain.conflict_levers import of_energised
from planner.explain.conflict_limits import Limit
from planner.explain.conflict_look import FEASIBLE, INFEASIBLE
from planner.explain.conflict_question import Question
from planner.explain.conflict_trial import NO_CASE, Amount, Trial
from planner.explain.conflict_way import UNTRIED
from planner.explain.conflict_ways import MAKERS
from tests.explain.laws import is_met
from tests.program.tiny import lease, site, tiny

LARGE = SimpleNamespace(small=False, large=True)
"""A question whose program is large."""


def _energised(facility_mw: dict[str, tuple[float, ...]]) -> list[dict[str, Any]]:
    """Return a step of energisation at the start of each year."""
    return [
        {"site": name, "date": f"{2026 + year}-01-01", "facility_mw": mw}
        for name, steps in facility_mw.items() for year, mw in enumerate(steps)
    ]  # fmt: skip


def _short(demand: float, *steps: float, blocks: int = 1) -> CaseData:
    """Return a case with one site, whose contracts run longer than the horizon and have so many blocks of 20 MW."""
    offer = lease(place="a", block_it_mw=20.0, max_blocks=4, min_blocks=blocks, term_years=10.0)
    demands = (demand, *(0.0 for _ in steps[1:]))
    return tiny(demands, periods=len(steps), sites=[site()], offers=[offer], energisation=_energised({"a": steps}))


def _power(question: Question) -> Lever:
    """Return the lever that energises more from the first year on."""
    return next(of_energised(question, Limit("energised", period=0), ["a"]))


def test_a_lever_that_moves_a_later_year_only_beyond_an_amount_is_a_way_out() -> None:
    """Law: power of the first year raises that of the second beyond its step; what is then enough is not dropped."""
    case = _short(40.0, 25.0, 37.5)
    found = diagnose(case)
    assert found.verdict == "short"
    (way,) = (one for one in found.ways if one.title.startswith("power energised at a from 2026"))
    assert way.proven
    assert [change["value"] for change in way.changes] == [50.0, 50.0]
    assert is_met(apply_changes(case, way.changes), "short")
    (move,) = way.moves
    question = Question(Case.of(case), whole=True)
    trial = Trial(question, _power(question).changes, math.inf)
    assert 24.0 < move.not_enough < move.amount == 25.0
    assert trial.look(move.not_enough, integer=True) == INFEASIBLE


@pytest.mark.parametrize("steps", [(25.0, 25.0), (25.0, 25.5), (25.0, 37.5), (25.0, 49.0), (25.0, 60.0)])
def test_one_program_says_nothing_of_amounts_beyond_its_line(steps: tuple[float, float]) -> None:
    """Law: what one program calls enough, too little or hopeless is so of the changed case; else it gives no amount."""
    question = Question(Case.of(_short(40.0, *steps)), whole=True)
    lever = _power(question)
    trial = Trial(question, lever.changes, math.inf)
    said = least_by_program(trial, lever)
    if steps == (25.0, 60.0):  # the second year has enough: there is no kink
        assert isinstance(said, Amount)
    assert said != math.inf
    found = said if isinstance(said, Amount) else least_amount(question, lever, math.inf)
    assert found is not None
    assert found.proven
    assert trial.look(found.value, integer=True) == FEASIBLE
    assert 0.0 < found.below < found.value
    assert trial.look(found.below, integer=True) == INFEASIBLE


def test_a_lever_that_is_never_enough_is_not_tried_for_ever(monkeypatch: Any) -> None:
    """Law: where the most of a lever with a kink is proven not to be enough, no amount between is tried."""
    offer = lease(place="a", block_it_mw=20.0, max_blocks=1, term_years=10.0)
    case = tiny((40.0, 0.0), periods=2, sites=[site()], offers=[offer], energisation=_energised({"a": (25.0, 37.5)}))
    question = Question(Case.of(case), whole=True)
    lever = _power(question)
    looked, look = [], Trial.look

    def noted(trial: Trial, amount: float, **how: Any) -> str:
        looked.append(amount)
        return look(trial, amount, **how)

    monkeypatch.setattr(Trial, "look", noted)
    assert least_amount(question, lever, math.inf) is None
    assert set(looked) <= {lever.most}
    assert not question.refused


def test_a_site_that_comes_earlier_passes_the_step_that_stands() -> None:
    """Law: however much earlier, there is a case, no year has less power than it had, and the last step has all."""
    steps = (25.0, 37.5, 50.0)
    question = Question(Case.of(_short(40.0, *steps)), whole=True)
    lever = earlier(question, "a")
    assert lever.steps[-1] == 24.0
    for months in lever.steps:
        changed = apply_changes(question.case, lever.changes(months))
        rows = sorted(changed.rows(EnergisationRow), key=lambda row: row.date)
        levels = [max(row.facility_mw for row in rows if row.date.year <= year) for year in (2026, 2027, 2028)]
        assert rows[0].date == question.case.model.horizon.start
        assert all(now >= before for now, before in zip(levels, steps, strict=True))
    assert [(row.date.isoformat(), row.facility_mw) for row in rows] == [("2026-01-01", 50.0)]
    found = least_amount(question, lever, math.inf)
    assert found is not None
    assert (found.value, found.below, found.proven, found.least) == (24.0, 23.0, True, True)


class _UpTo:
    """A trial in which amounts beyond one make no case, and from another on are enough."""

    until = math.inf

    def __init__(self, enough: float, last: float, but: tuple[float, ...] = (), question: Any = None) -> None:
        self.enough, self.last, self.but = enough, last, but
        self.question = question or SimpleNamespace(small=True, large=False)

    def look(self, amount: float, **_how: bool) -> str:
        if amount > self.last or amount in self.but:
            return NO_CASE
        return FEASIBLE if amount >= self.enough else INFEASIBLE


@pytest.mark.parametrize("but", [(), (2.0, 6.0), (1.0, 3.0, 4.0)])
def test_steps_that_make_no_case_hide_no_step_that_is_enough(but: tuple[float, ...]) -> None:
    """Law: the least step that is enough is found whichever others make no case, and what is below is not enough."""
    steps = (1.0, 2.0, 3.0, 4.0, 6.0, 9.0, 12.0)
    for enough in (one for one in range(1, 10) if one not in but):
        trial = _UpTo(float(enough), 9.0, but)
        found = _least_step(trial, steps, turns=False)  # type: ignore[arg-type]
        assert found is not None
        assert found.proven
        assert trial.look(found.value, integer=True) == FEASIBLE
        assert found.below == 0.0 or trial.look(found.below, integer=True) == INFEASIBLE
        if not but:
            assert found.value == enough
    assert _least_step(_UpTo(10.0, 9.0, but), steps, turns=False) is None  # type: ignore[arg-type]


def test_levers_whose_amounts_make_no_case_are_named(monkeypatch: Any) -> None:
    """Law: where larger amounts make no case, and the others are not enough, a lever is named with where it ends."""
    shift = {"op": "shift", "table": "energisation", "where": {"site": "a"}}

    def tried(_question: Any, _limit: Any, _members: Any) -> Any:
        yield Lever(
            frozenset(),
            "steps of a",
            "months",
            lambda n: [{**shift, "months": -int(n)}],
            steps=(6.0, 12.0),
            by="earlier by",
        )

    monkeypatch.setitem(MAKERS, "energised", tried)
    found = diagnose(_short(40.0, 25.0, 50.0))
    (note,) = (one for one in found.notes if one.startswith(UNTRIED))
    assert note.startswith(
        "Not tried: steps of a earlier by more than 6 months (the case with that change is not valid"
    )
    assert not any("steps of a" in way.title for way in found.ways)


def test_the_word_of_the_solver_is_not_called_a_proof() -> None:
    """Law: in a large program, where no proof follows the word of the solver, no amount is proven too little."""
    lever: Any = SimpleNamespace(most=100.0, scale=1.0)
    ends = _bisected(_UpTo(40.0, math.inf, question=LARGE), lever)  # type: ignore[arg-type]
    assert ends is not None
    assert ends[0] == 0.0
    assert 40.0 <= ends[1] <= 41.0


def test_what_is_proven_in_a_large_program_is_within_the_line(monkeypatch: Any) -> None:
    """Law: in a large program too an amount beyond a kink is not called proven too little, nor is the lever dropped."""
    for module in ("conflict_question", "conflict_world", "conflict_elastic"):
        monkeypatch.setattr(f"planner.explain.{module}.LARGE", 0)
    monkeypatch.setattr(conflict_question, "SMALL", 0)
    question = Question(Case.of(_short(40.0, 25.0, 37.5)), whole=True)
    lever = _power(question)
    found = least_amount(question, lever, math.inf)
    assert found is not None
    trial = Trial(question, lever.changes, math.inf)
    assert found.below == 0.0 or trial.look(found.below, integer=True) == INFEASIBLE
    assert not found.proven or trial.look(found.value, integer=True) == FEASIBLE
