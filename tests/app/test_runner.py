"""Runs of the page: the plan of the command line, a Cancel that ends the solver, no run lost, no process left."""

import json
import re
import signal
import sys
import time
from pathlib import Path

import pytest

from planner.api import generate
from planner.app.store import Store
from planner.cli import main
from planner.plan.plan import PlanData
from tests.app.served import descendants, served, until

pytestmark = pytest.mark.slow
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")
SOLVER = "planner.solve.worker"


def test_the_page_gives_the_plan_of_the_command_line(tmp_path, monkeypatch):
    """Law: same case, changes and options: same tables, same figures; conflicts come with ways out."""
    with served(tmp_path, "three_sites", "--gap", "0") as server:
        page = server.solve("three_sites", text="sites[north].max_it_mw=20", name="small")
        shown = server.wait(page)
        assert "<h1>small</h1>" in shown
        server.client.post(f"{page}/why", data={"what": "south"})
        poor = "\n".join(
            ["model.families.site_opening.open_exactly=3", *(f"budget[{y}].cash_limit_busd=0" for y in (2026, 2027))]
        )
        infeasible = server.wait(server.solve("three_sites", text=poor))
        assert "the limits in conflict" in infeasible
        assert "Apply and solve" in infeasible
        until(lambda: server.client.get(f"{page}/answers").json()["quiet"])
        assert "Without it" in server.client.get(f"{page}/answers").json()["html"]
        code, error = server.end()
    assert (code, error) == (0, "")
    monkeypatch.chdir(tmp_path)
    words = ["solve", "three_sites", "--gap", "0", "--set", "sites[north].max_it_mw=20", "--quiet", "--out", "plan"]
    assert main(words) == 0
    own, theirs = PlanData.read(Path("plan")), PlanData.read(Path("what-ifs/plans/2"))
    assert own.tables == theirs.tables
    assert (own.cost_busd, own.bound_busd, own.case.hash) == (theirs.cost_busd, theirs.bound_busd, theirs.case.hash)
    assert main(["audit", "what-ifs/plans/2", "--json"]) == 0


@pytest.fixture(scope="module")
def hard(tmp_path_factory):
    """A case whose proof takes longer than any test, solved in a process of the solver."""
    folder = tmp_path_factory.mktemp("hard")
    case = generate(18, 8, seed=1)
    assert len(case.inputs.stocks) > 1000
    case.write(folder / "case")
    return folder / "case"


def name_of(server):
    """The name under which a server has its case."""
    return server.client.get("/").url.path.removeprefix("/case/")


@LINUX
def test_cancel_ends_the_solver_within_two_seconds_and_keeps_the_plan(hard, tmp_path):
    """Law: from the press of the button to the end of the solver's process: 2 s; the best plan is audited and kept."""
    with served(tmp_path, str(hard), "--gap", "0") as server:
        page = server.solve(name_of(server))
        until(
            lambda: re.search(
                r"Best plan</dt><dd><div class=.big.>\$", server.client.get(f"{page}/live").json()["html"]
            )
        )
        solvers = [child for child, words in descendants(server.process.pid).items() if SOLVER in words]
        assert len(solvers) == 1
        pressed = time.monotonic()
        server.client.post(f"{page}/cancel")
        until(lambda: not set(solvers) & set(descendants(server.process.pid)), 30.0)
        spent = time.monotonic() - pressed
        assert "cancelled, best plan kept" in server.wait(page)
        assert server.end()[0] == 0
    assert spent < 2.0
    plan = PlanData.read(tmp_path / "what-ifs" / "plans" / "1")
    assert plan.summary["audit"]["passed"]
    assert plan.status == "interrupted"


@LINUX
def test_the_end_of_the_server_is_the_end_of_everything_and_loses_nothing(hard, tmp_path):
    """Law: killed, its processes end; the next server has its runs, those under way marked; Ctrl-C keeps best plans."""
    with served(tmp_path, str(hard), "--gap", "0") as server:
        page = server.solve(name_of(server), name="killed")
        until(lambda: any(SOLVER in words for words in descendants(server.process.pid).values()))
        below = list(descendants(server.process.pid))
        server.process.kill()
        server.process.wait()
        until(lambda: not [child for child in below if running(child)], 5.0)
    with served(tmp_path, str(hard), "--gap", "0") as server:
        assert "cancelled" in server.client.get(page).text
        second = server.solve(name_of(server), name="ended")
        until(
            lambda: re.search(
                r"Best plan</dt><dd><div class=.big.>\$", server.client.get(f"{second}/live").json()["html"]
            )
        )
        assert server.end(signal.SIGTERM) == (0, "")
    store = Store(tmp_path / "what-ifs")
    runs = {run.name: run for run in store.runs()}
    store.close()
    assert {name: (run.status, run.has_plan) for name, run in runs.items()} == {
        "killed": ("interrupted", False),
        "ended": ("interrupted", True),
    }
    assert list((tmp_path / "what-ifs" / "servers").iterdir()) == []


def running(process: int) -> bool:
    """Whether a process is there and no mere entry of one that ended."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_two_servers_share_a_store(tmp_path):
    """Law: each sees the runs of the other, and can cancel them; a port that is taken is refused in a sentence."""
    with served(tmp_path, "three_sites") as one, served(tmp_path, "three_sites") as other:
        page = one.solve("three_sites", gap="0")
        assert "optimal" in other.wait(page)
        assert "1" in json.dumps(other.client.get("/case/three_sites/runs").json())
        port = one.origin.rpartition(":")[2]
        assert main(["app", "three_sites", "--port", port, "--no-browser"]) == 1
