"""Tiers are sought more exactly than they are proven: what a gap of the whole leaves is not what must be missed."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from planner import Case
from planner.options import SolveOptions
from planner.program import build_program
from planner.runs.compile import make_mip
from planner.solve import settings
from planner.solve.arrays import Floats
from planner.solve.mip import MixedIntegerProgram
from planner.solve.records import Answer, SolveProgress
from planner.solve.serve import LEAST_UNSERVED, UNFINISHED, UNPROVEN, solve_mip
from planner.solve.tiers import Descent, Least, Tier
from planner.status import Status
from tests.cases import make_case

WHOLE, GAP = 1000.0, 0.01


@pytest.fixture(scope="module")
def mip() -> MixedIntegerProgram:
    """Any program: the runs of these tests are acted."""
    inputs = Case.of(make_case()).inputs
    return make_mip(build_program(inputs), inputs)


class Acted:
    """A run that finds plans stage by stage, each missing less, and goes on until it is told to stop."""

    def __init__(self, column: int, plans: list[tuple[str, float]]) -> None:
        self.column, self.plans = column, plans

    def __call__(self, mip: MixedIntegerProgram, options: SolveOptions, callback: Any, _start: Floats | None) -> Answer:
        """Show the plans in order; the bound stays at nothing missing."""
        x, bound = np.zeros(mip.arrays.column_count), mip.arrays.objective(np.zeros(mip.arrays.column_count))
        status = Status.GAP_REACHED
        for stage, missed in self.plans:
            x[self.column] = missed
            objective = mip.arrays.objective(x)
            if objective - bound <= options.gap * objective:
                break
            if callback(SolveProgress(stage, 0.0, objective, bound, x)):
                status = Status.INTERRUPTED
                break
        return Answer(status, x, objective, bound, mip, 0, 0, 0.0, {})


def least(mip: MixedIntegerProgram, plans: list[tuple[str, float]]) -> tuple[Answer, Least]:
    """Minimise a tier of one column, of which 1,000 are asked for, at a gap of one percent."""
    tier = Tier("protection", np.array([0]), np.ones(1), WHOLE, LEAST_UNSERVED, tolerance_share=1.0)
    tiers, options = [tier], SolveOptions(GAP)
    descent = Descent(mip, tiers, options, lambda: np.inf, lambda _progress: False, Acted(0, plans), interruptible=True)
    return descent._least(tier, mip, options, None)


def test_a_plan_within_the_tolerance_of_the_whole_is_not_taken_while_the_search_finds_better(mip, monkeypatch):
    """Law: 9 of 1,000 are within one percent of the whole, and still the next plan, which misses less, counts."""
    monkeypatch.setattr(settings, "CAREFUL_COLUMNS", 0)
    _, found = least(mip, [("kernel", 9.0), ("guided start", 0.005), ("full program", 0.0)])
    assert found.amount == 0.005
    assert found.proven


def test_the_proof_stops_at_its_tolerance(mip, monkeypatch):
    """Law: what the search leaves is not proven beyond the tolerance of the whole."""
    monkeypatch.setattr(settings, "CAREFUL_COLUMNS", 0)
    answer, found = least(mip, [("kernel", 9.0), ("bound", 8.0), ("full program", 0.0)])
    assert found.amount == 8.0
    assert found.proven
    assert found.bound == pytest.approx(0.0, abs=1e-9)
    assert answer.status is Status.GAP_REACHED


def test_beyond_the_tolerance_the_proof_goes_on(mip, monkeypatch):
    """Law: a plan that misses more than the tolerance allows is not taken at any stage."""
    monkeypatch.setattr(settings, "CAREFUL_COLUMNS", 0)
    _, found = least(mip, [("bound", 20.0), ("full program", 15.0), ("full program", 7.0), ("full program", 0.0)])
    assert found.amount == 7.0


def test_a_tier_that_is_not_finished_is_named(monkeypatch):
    """Law: where a limit ends the search for the least, a note says of which tier."""
    case = make_case()
    rows = tuple(row.model_copy(update={"compute": 100.0 * row.compute}) for row in case.tables["demand"])
    inputs = Case.of(replace(case, tables={**case.tables, "demand": rows})).inputs
    mip = make_mip(build_program(inputs), inputs)
    monkeypatch.setattr(Least, "proven", property(lambda _least: False))
    answer = solve_mip(mip, SolveOptions(0.0), lambda _progress: False)
    assert UNPROVEN in answer.notes
    assert any(note.startswith(UNFINISHED.format("")) and "unserved" in note for note in answer.notes)
