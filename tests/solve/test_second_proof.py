"""A program of moderate size is proven twice: with and without the marks of columns that are integer by implication."""

from pathlib import Path

import pytest

from planner import Case, Status
from planner.solve import condense, highs, settings
from planner.solve.arrays import Arrays
from planner.solve.condense import Condensed
from tests.program.golden_cases import CASES


@pytest.mark.slow  # below, the same optimum of the same case is found and proven in the default suite
@pytest.mark.parametrize("seed", range(4))
def test_a_false_proof_of_the_solver_is_not_believed(seed: int) -> None:
    """Law: the optimum is found and proven where HiGHS 1.15.1 calls plans optimal that cost up to twice as much."""
    case = Case.read(Path(__file__).parents[1] / "data" / "solver_defect")
    plan = case.solve(gap=0.0, seed=seed, own_process=False)
    assert plan.status is Status.OPTIMAL
    assert plan.cost_busd == pytest.approx(6.02527997, abs=1e-6)


@pytest.mark.parametrize(("most", "twice"), [(8000, True), (0, False)])
def test_programs_beyond_the_careful_ones_are_proven_twice_too(
    monkeypatch: pytest.MonkeyPatch, most: int, twice: bool
) -> None:
    """Law: the second proof has a limit of its own, beyond it the solver's word counts."""
    monkeypatch.setattr(settings, "CAREFUL_COLUMNS", 0)
    monkeypatch.setattr(settings, "TWICE_PROVEN_COLUMNS", most)
    plan = Case.of(CASES["integration"]()).solve(gap=0.0, own_process=False)
    assert plan.status is Status.OPTIMAL
    assert ("second proof" in plan.summary["solver_stages"]) is twice


@pytest.mark.slow
@pytest.mark.parametrize(("gap", "spelled_out"), [(0.0, True), (0.004, True), (0.005, False)])
def test_tight_gaps_are_proven_again_with_sums_written_out(
    monkeypatch: pytest.MonkeyPatch, gap: float, spelled_out: bool
) -> None:
    """Law: below the default gap the second proof has fewer columns and no marks, and finds what the other misses."""
    asked = []

    def spell_out(program: Arrays) -> Condensed | None:
        asked.append(program)
        small = condense.spell_out(program)
        assert small is not None
        assert small.arrays.column_count < program.column_count
        return small

    monkeypatch.setattr(highs, "spell_out", spell_out)
    monkeypatch.setattr(settings, "SPELLED_OUT_INTEGERS", (1, 4000))
    plan = Case.read(Path(__file__).parents[1] / "data" / "solver_defect").solve(gap=gap, own_process=False)
    assert plan.cost_busd == pytest.approx(6.02527997, abs=1e-6)
    assert plan.summary["bound_busd"] <= 6.02527997 + 1e-6
    assert "second proof" in plan.summary["solver_stages"]
    assert bool(asked) is spelled_out


def test_a_gap_reached_but_for_rounding_is_proven_twice_too() -> None:
    """Law: what counts as a proof up to rounding is repeated like any other, unless the relaxation gives it too."""
    plan = Case.of(CASES["integration"]()).solve(gap=0.0, own_process=False)
    assert "second proof" in plan.summary["solver_stages"]
    plan = Case.of(CASES["programme"]()).solve(gap=0.0, own_process=False)
    assert "full program" in plan.summary["solver_stages"]  # it ends at once: the relaxation is as high
    assert "second proof" not in plan.summary["solver_stages"]
