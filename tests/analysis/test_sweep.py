"""Sweeps: results, reasons, the store, resuming, dying workers, warm starts."""

import csv
import json
import os
import signal
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.analysis.measures import COLUMNS
from planner.analysis.sweep import sweep
from planner.analysis.sweep_result import exit_code
from planner.api import Case, Plan
from planner.case.read import read_case
from planner.changes.apply import apply_whatif, make_whatif
from planner.changes.schema import WhatIf
from planner.errors import CaseError, PlannerError
from planner.options import SolveOptions
from planner.runs.local import LocalPool
from planner.runs.start import start_values
from planner.runs.task import Job, Shared, run, run_key
from planner.status import Status
from tests.analysis.here import runs_here
from tests.length import thinned

GAP = 1e-6
RENT = {"op": "scale", "table": "offers", "column": "rent_musd_per_mw_year"}
WHATIFS = {
    "cheaper": [{**RENT, "factor": 0.9}],
    "dearer": [{**RENT, "factor": 1.1}],
    "late-north": ["offers[north_cloud].first_start=2027-01-01"],
    "no-rule": [{"op": "relax", "model": "families.redundancy"}],
    "less-demand": [{"op": "scale", "table": "demand", "column": "compute", "factor": 0.7}],
    "more-of-south": [{"op": "force", "offer": "south_cloud", "by": 2026, "blocks": 3}],
    "no-site": [
        {"op": "set", "table": "sites", "key": "north", "column": "max_it_mw", "value": 0},
        {"op": "force", "site": "north", "by": 2026},
    ],
}


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A sweep of three_sites with a store, its runs in this process."""
    with runs_here():
        return sweep("three_sites", WHATIFS, out=tmp_path_factory.mktemp("sweep") / "s", gap=GAP)


@pytest.mark.slow
def test_processes_give_what_this_process_gives(done, tmp_path):
    """Law: two processes of this machine give the table of this process, and the same files."""
    there = sweep("three_sites", WHATIFS, workers=2, out=tmp_path / "s", gap=GAP)
    columns = ["name", "measure", "unit", "value", "status"]
    tables = [found.table().query("measure != 'solve_time'")[columns].reset_index(drop=True) for found in (there, done)]
    assert tables[0].equals(tables[1])
    files = [{file.relative_to(one.folder) for file in one.folder.rglob("*")} for one in (there, done)]
    assert files[0] == files[1]


def test_every_run_has_a_result(done):
    """The base and every what-if end with a plan or a reason; the tidy table has one row per measure."""
    assert done.names == ["base", *WHATIFS]
    assert done.missing == []
    assert done.status["no-site"] == "infeasible"
    assert "proven infeasible" in done.rows["no-site"][0]["reason"]
    assert {status for name, status in done.status.items() if name != "no-site"} <= {"optimal", "gap_reached"}
    assert exit_code(done) == 0
    table = done.table()
    assert list(table.columns) == list(COLUMNS)
    assert not table.duplicated(["name", "measure"]).any()
    assert set(done.summary().index) == {"base", *WHATIFS}


def test_costs_are_those_of_separate_solves(done):
    """A run of a sweep gives the cost that reading, changing and solving the case alone gives."""
    case = read_case("three_sites")
    for name in ("cheaper", "less-demand", "no-rule"):
        alone = Case.of(apply_whatif(case, make_whatif(WHATIFS[name])).data).solve(gap=GAP, own_process=False)
        assert done.summary().loc[name, "cost"] == pytest.approx(alone.summary["cost_busd"], rel=2 * GAP)
    assert done.summary().loc["base", "cost"] == pytest.approx(4.05, rel=GAP)


def test_costs_move_the_right_way(done):
    """Cheaper rents, less demand and fewer rules never cost more; dearer rents, delays and force never less."""
    less = done.summary()["cost_less_base"]
    assert less["cheaper"] < 0 < less["dearer"]
    assert less["less-demand"] < 0
    assert less["no-rule"] <= 1e-9
    assert less["late-north"] >= -1e-9
    assert less["more-of-south"] > 0


def test_force_is_kept(done):
    """The forced blocks are signed by the year, in a plan that passed its audit."""
    rows = [row for row in done.plan("more-of-south").rows("contracts") if row["offer"] == "south_cloud"]
    assert sum(float(row["blocks"]) for row in rows if row["start_period"] == 2026) >= 3


def test_the_store_is_tidy(done):
    """results.csv holds the table; each run is a plan folder that reads back, or a failure with its reason."""
    with (done.folder / "results.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == len(done.table())
    plan = Plan.read(done.folder / "runs" / "cheaper")
    assert plan.summary["what_if"]["name"] == "cheaper"
    failure = json.loads((done.folder / "runs" / "no-site" / "failure.json").read_text(encoding="utf-8"))
    assert failure["status"] == "infeasible"
    with pytest.raises(PlannerError, match="proven infeasible"):
        done.plan("no-site")


@pytest.mark.slow
def test_resume_does_only_what_is_missing(tmp_path):
    """Runs with the same key are taken over, also failures; a lost, a half-written and a changed one are done again."""
    folder = tmp_path / "again"
    first = {name: WHATIFS[name] for name in ("cheaper", "no-site", "less-demand")}
    sweep("three_sites", first, out=folder, gap=GAP, workers=1)
    with pytest.raises(PlannerError, match="--resume"):
        sweep("three_sites", first, out=folder, gap=GAP, workers=1)
    (folder / "runs" / "cheaper" / "summary.json").write_text("{", encoding="utf-8")
    changed = {**first, "less-demand": [{"op": "scale", "table": "demand", "column": "compute", "factor": 0.6}]}
    heard = []
    again = sweep(
        "three_sites", changed, out=folder, gap=GAP, workers=1, resume=True, on_progress=lambda p: heard.append(p.name)
    )
    assert sorted(heard) == ["cheaper", "less-demand"]
    assert again.reused == 2
    assert again.status["no-site"] == "infeasible"
    whole = sweep("three_sites", changed, out=folder, gap=GAP, workers=1, resume=True)
    assert whole.reused == 4
    columns = ["name", "measure", "value", "status"]
    assert whole.table()[columns].equals(again.table()[columns])


def test_other_peoples_folders_are_left_alone(tmp_path):
    """A folder that is no sweep is refused before any work, and kept as it is."""
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(PlannerError, match="not a sweep"):
        sweep("three_sites", {}, out=tmp_path, resume=True)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.slow
def test_a_worker_that_dies_loses_nothing():
    """Runs whose process is killed are done again by a new one."""
    shared = Shared(read_case("three_sites"), SolveOptions(gap=GAP, own_process=False))
    pool = LocalPool(shared, 1)
    try:
        names = [f"w{number}" for number in range(3)]
        for name in names:
            pool.submit(Job(WhatIf(name=name)))
        found = []
        for outcome in pool.completed():
            found.append(outcome)
            if len(found) == 1:
                os.kill(pool.process_ids()[0], signal.SIGKILL)
        assert sorted(outcome.name for outcome in found) == names
        assert all(outcome.plan is not None for outcome in found)
    finally:
        pool.close()
    assert pool.process_ids() == []


def test_a_run_that_kills_every_worker_is_a_failure(monkeypatch):
    """After two dead workers a run is a row with its reason, and the pool goes on."""
    monkeypatch.setattr("planner.runs.local._CHILD", "import os; os._exit(1) # {memory}")
    pool = LocalPool(Shared(read_case("three_sites"), SolveOptions(gap=GAP, own_process=False)), 2)
    try:
        for name in ("a", "b", "c"):
            pool.submit(Job(WhatIf(name=name)))
        assert [outcome.status for outcome in pool.completed()] == [Status.CRASHED] * 3
    finally:
        pool.close()


def test_a_worker_that_cannot_be_started_is_a_failure(monkeypatch):
    """Where the system gives no process, every run is a row with its reason, and nothing waits for ever."""

    def refuse(*_args, **_kwargs):
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr("planner.runs.local.subprocess.Popen", refuse)
    pool = LocalPool(Shared(read_case("three_sites"), SolveOptions(gap=GAP, own_process=False)), 2)
    try:
        for name in ("a", "b", "c"):
            pool.submit(Job(WhatIf(name=name)))
        found = list(pool.completed())
        assert [outcome.status for outcome in found] == [Status.CRASHED] * 3
        assert "could not be started" in found[0].reason
    finally:
        pool.close()


def test_an_invalid_combination_is_a_row():
    """A what-if that does not fit the case when it is run is a result with its reason."""
    wrong = make_whatif("energisation[north,2025-01-01].facility_mw=x", "wrong")
    outcome = run(Shared(read_case("three_sites"), SolveOptions(gap=GAP, own_process=False)), Job(wrong))
    assert outcome.status is Status.INVALID_CASE
    assert "must be a number" in outcome.reason


@pytest.mark.parametrize(
    "name", thinned(["cheaper", "dearer", "late-north", "less-demand", "more-of-south", "no-rule"], 3, 2)
)
def test_a_warm_run_equals_a_cold_run(done, name):
    """From the base plan a run reaches the cost that it reaches without, within the gap of both."""
    start = start_values(done.plan("base"))
    shared = Shared(read_case("three_sites"), SolveOptions(gap=GAP, own_process=False))
    warm = run(shared, Job(make_whatif(WHATIFS[name], name), start))
    assert warm.plan is not None
    assert warm.plan.summary["cost_busd"] == pytest.approx(done.summary().loc[name, "cost"], rel=2 * GAP)


@pytest.fixture(scope="module")
def start(done):
    """The plan of the case as a point to start from."""
    return start_values(done.plan("base"))


@pytest.mark.slow
@settings(max_examples=12, deadline=None, derandomize=True)
@given(
    north=st.floats(0.5, 2.0),
    south=st.floats(0.5, 2.0),
    demand=st.floats(0.4, 1.1),
    money=st.floats(0.8, 1.2),
)
def test_warm_equals_cold_whatever_the_change(start, north, south, demand, money):
    """A run from the base plan and one from nothing agree on cost and on what is served, or that there is no plan."""
    changes = [
        {**RENT, "key": "north_cloud", "factor": north},
        {**RENT, "key": "south_cloud", "factor": south},
        {"op": "scale", "table": "demand", "column": "compute", "factor": demand},
        {"op": "scale", "table": "budget", "column": "cash_limit_busd", "factor": money},
    ]
    shared = Shared(read_case("three_sites"), SolveOptions(gap=GAP, own_process=False))
    cold, warm = (run(shared, Job(make_whatif(changes, "w"), point)) for point in (None, start))
    assert cold.status.has_plan == warm.status.has_plan
    if cold.plan is not None and warm.plan is not None:
        for measure in ("unserved_share", "cost_busd"):
            assert warm.plan.summary[measure] == pytest.approx(cold.plan.summary[measure], rel=2 * GAP, abs=1e-6)


@pytest.mark.slow
def test_a_worker_has_so_much_memory_and_no_more():
    """A process with a bound cannot take more; a run that would is a row with its reason; small bounds are refused."""
    script = "from planner.runs.local import _bound_memory; _bound_memory(2.0); bytearray(3 << 30)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "MemoryError" in done.stderr
    with pytest.raises(PlannerError, match="2 or more"):
        sweep("three_sites", {}, memory_gib=0.5)
    with pytest.raises(PlannerError, match="limits of their own"):
        sweep("three_sites", {}, memory_gib=4.0, scheduler="tcp://127.0.0.1:1")


def test_a_run_out_of_memory_is_a_row(monkeypatch):
    """What the memory of a worker does not hold ends as crashed, and says why."""

    def greedy(*_args: object, **_options: object) -> None:
        raise MemoryError

    monkeypatch.setattr("planner.runs.session.solve_case", greedy)
    outcome = run(Shared(read_case("three_sites"), SolveOptions(gap=GAP, own_process=False)), Job(WhatIf(name="w")))
    assert (outcome.status, outcome.plan) == (Status.CRASHED, None)
    assert "memory" in outcome.reason


def test_start_values_are_the_plan(done):
    """Holding the whole variables of a plan gives its cost at once: nothing is left to search for."""
    base = done.plan("base")
    plan = Case.read("three_sites").solve(gap=GAP, start=start_values(base), own_process=False)
    assert "given start" in plan.summary["solver_stages"]
    assert "guided start" not in plan.summary["solver_stages"]
    assert plan.summary["cost_busd"] == pytest.approx(base.summary["cost_busd"], rel=GAP)


def test_the_key_tells_runs_apart():
    """Case, changes and options make the key; name and title do not."""
    case = read_case("three_sites")
    options = SolveOptions(gap=GAP, own_process=False)
    one = make_whatif({**RENT, "factor": 0.9}, "one")
    assert run_key(case, one, options) == run_key(case, WhatIf(name="two", changes=one.changes), options)
    others = {
        run_key(case, make_whatif({**RENT, "factor": 0.8}, "one"), options),
        run_key(case, one, SolveOptions(gap=0.5)),
        run_key(apply_whatif(case, one).data, one, options),
    }
    assert len(others | {run_key(case, one, options)}) == 4


def test_what_cannot_be_swept(tmp_path):
    """Unknown names, files and numbers of workers are refused before any work."""
    with pytest.raises(CaseError, match="did you mean 'cheaper'"):
        sweep("three_sites", WHATIFS, only=["cheapr"])
    with pytest.raises(CaseError, match="no such file"):
        sweep("three_sites", tmp_path / "none.toml")
    with pytest.raises(CaseError, match="case itself"):
        sweep("three_sites", {"base": []})
    with pytest.raises(PlannerError, match="must be 1 to"):
        sweep("three_sites", {}, workers=0)
