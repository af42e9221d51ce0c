"""The ladder of engines on one matrix: its figures, its table, and a small climb."""

import json
from dataclasses import asdict

import pytest

from bench.curves import Recorder, primal_integral, spread, time_to
from bench.ladder import HEADER, NO_MODEL, Run, lines_of, main, together
from bench.matrix import make_matrix
from bench.recipes import CAPACITATED
from bench.reference.log import moments
from bench.runner import Result

GOOD = [(1.0, 20.0, 5.0), (3.0, 10.0, 9.95)]


def test_the_primal_integral_is_that_of_the_distance_from_the_best_plan():
    """Law: no plan counts 1 for every second; the best plan 0; a horizon cuts off what comes later."""
    assert primal_integral([], 10.0, 7.0) == 7.0
    assert primal_integral(GOOD, 10.0, 10.0) == pytest.approx(1.0 + 0.5 * 2.0)
    assert primal_integral(GOOD, 10.0, 2.0) == pytest.approx(1.5)
    assert primal_integral([(0.0, 10.0, None)], 10.0, 9.0) == 0.0
    assert primal_integral([(1.0, None, 3.0), (2.0, 10.0, 3.0)], 10.0, 5.0) == pytest.approx(2.0)


def test_times_to_gaps_and_their_spread():
    """Law: the first moment at which cost and bound prove the gap; of runs without it nothing is left out."""
    assert time_to(GOOD, 0.01) == 3.0
    assert time_to(GOOD, 0.001) is None
    assert str(spread([3.0, None, 5.0])) == "5 (3 to –), 2 of 3"
    assert str(spread([3.0])) == "3"


def test_a_recorder_keeps_what_is_better_and_ends_in_time():
    """Law: a worse plan or a lower bound is no moment; the time of a run is over at its limit."""
    recorder = Recorder("wall", 1000.0)
    assert recorder.record(float("inf"), float("-inf")) is False
    recorder.record(12.0, 3.0)
    recorder.record(13.0, 2.0)
    recorder.record(11.0, 2.0)
    assert [moment[1:] for moment in recorder.moments] == [(12.0, 3.0), (11.0, 3.0)]
    assert Recorder("cpu", -1.0).record(None, None) is True


def test_the_best_known_is_that_of_plans_that_violate_nothing():
    """Law: a point that violates a redundancy cut is cheaper than any plan: it is no reference, and is named."""
    runs = [
        Run("case", "planner", 0, Result("gap_reached", moments=GOOD)),
        Run("case", "highs", 0, Result("gap", moments=[(1.0, 9.0, 9.0)], broken_cuts=2)),
    ]
    first, second = lines_of(runs, 10.0)
    assert first.above_best.middle == 0.0
    assert "1 violate a redundancy cut" in second.status
    assert len(first.row()) == len(HEADER)


def test_what_was_not_run_has_no_line_and_no_gap_is_no_figure():
    """Law: a method without a model of the case is left out; a gap without a plan is a dash, not infinity."""
    good, none = Result("limit", moments=GOOD), Result("limit", moments=[(1.0, None, 9.0)])
    runs = [Run("case", "scip", 0, good), Run("case", "scip", 1, none), Run("case", "pyomo", 0, Result(NO_MODEL))]
    (line,) = lines_of(runs, 10.0)
    assert (line.method, line.runs) == ("scip", 2)
    assert "inf" not in "".join(line.row())
    assert line.row()[4].endswith("(to –)")


def test_runs_measured_in_parts_are_put_together():
    """Law: all runs are there, with the commands that made them; those with another limit are refused."""
    parts = [
        {"effort": {"gap": 0.1}, "seeds": "0", "note": "", "provenance": f"by {n}", "runs": [n]} for n in ("a", "b")
    ]
    whole = together(parts, "busy")
    assert (whole["runs"], whole["note"], whole["provenance"]) == (["a", "b"], "busy", "by a\nby b")
    with pytest.raises(SystemExit, match="different gaps"):
        together([parts[0], {**parts[1], "effort": {"gap": 0.2}}])


@pytest.mark.parametrize("kind", sorted(CAPACITATED))
def test_a_drawn_case_is_in_the_units_of_models_written_by_hand(kind, tmp_path):
    """Law: the matrix of a drawn site allocation is in its own units, or its costs could not be compared."""
    make_matrix(f"{kind}-6-12-0", tmp_path / "matrix.pickle", time_limit_s=60.0)
    assert (tmp_path / "matrix.pickle").stat().st_size > 0


def test_the_log_of_highs_has_costs_and_bounds():
    """Law: a line of the table of branch and bound gives seconds, best cost and bound."""
    line = " H       0       0         0   0.00%   10.5     12.25    14.29%        0      0      0         0     0.3s"
    assert moments([line, "no such line"]) == [(0.3, 12.25, 10.5)]


@pytest.mark.slow
def test_a_small_climb_gives_a_table_and_a_page(tmp_path, capsys):
    """Law: one command measures each engine on the same matrix, keeps the runs and writes the page with its plots."""
    pytest.importorskip("pyscipopt")
    kept, page = tmp_path / "runs.json", tmp_path / "ladder.md"
    given = ["--cases", "three_sites", "--seeds", "0", "--time-limit", "20", "--json", str(kept)]
    assert (
        main([*given, "--methods", "planner", "planner-scip", "portfolio", "scip", "highs", "--page", str(page)]) == 0
    )
    runs = json.loads(kept.read_text())["runs"]
    assert len(runs) == 5
    assert [run["result"]["moments"][-1][1] for run in runs] == pytest.approx([4.05] * 5)
    text = page.read_text()
    assert "python -m bench.ladder --cases three_sites" in text
    assert (tmp_path / "pictures" / "ladder-three_sites.png").exists()
    assert asdict(Run(**{**runs[0], "result": Result(**runs[0]["result"])}))["seed"] == 0
    assert main(["--from", str(kept)]) == 0
    assert capsys.readouterr().out.count("portfolio") >= 2


@pytest.mark.slow
def test_a_drawn_site_allocation_costs_the_same_by_hand(capsys):
    """Law: matrix and hand-written model of a drawn instance are in one unit, and have one least cost."""
    given = ["--cases", "tbed1-6-9-1", "--seeds", "0", "--time-limit", "20", "--gap", "0"]
    assert main([*given, "--methods", "planner", "highs", "pyomo"]) == 0
    runs = [line.split("[")[1].strip("]").split(", ") for line in capsys.readouterr().out.splitlines() if "[" in line]
    costs = [float(cost) for _, cost, _ in runs]
    assert len(costs) == 3
    assert costs == pytest.approx([costs[0]] * 3, rel=1e-6)
