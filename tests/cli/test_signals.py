"""Ctrl-C, SIGTERM and SIGHUP: the best plan is kept, the exit code is documented, nothing ends in a traceback."""

import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from planner import Case
from planner.audit.folder import audit_folder
from planner.cli import main
from planner.solve import watchdog
from planner.solve.records import SolveProgress
from planner.status import Status
from planner.system import interrupts
from tests.length import AT_LENGTH, some

SIGNALS = [getattr(signal, name) for name in interrupts.NAMES if hasattr(signal, name)]
UP = "import sys; from planner.cli import main; print('up', flush=True); sys.exit(main())"
"""Before, Python itself answers a signal; what is imported so far takes a few milliseconds."""
ENDINGS = {0, 4, 5, 130}
pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals are sent as on POSIX")


@pytest.fixture
def endless(monkeypatch, tmp_path):
    """Make a solver that finds what the real one finds and goes on until it is stopped; the process is then signalled.

    Returns a function: the signals to send (number and seconds to wait before), which solve is endless, whether it has
    a plan to tell, and whether it stops when asked.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(interrupts, "LEAVE_S", 600.0)  # it would end the tests
    real = watchdog.solve_mip
    solves: list[int] = []

    def install(sent, *, number=1, plan=True, stops=True):
        def send():
            for signum, wait_s in sent:
                time.sleep(wait_s)
                os.kill(os.getpid(), signum)

        def solve(mip, options, tell, start=None):
            solves.append(1)
            answer = real(mip, options, tell, start)
            if len(solves) != number:
                return answer
            threading.Thread(target=send, daemon=True).start()
            x = answer.x if plan else None
            objective = answer.objective if plan else float("inf")
            while True:
                asked = tell(SolveProgress("search", 1.0, objective, answer.bound - 1.0, x))
                if asked and stops:
                    break
                time.sleep(0.02)
            return type(answer)(Status.INTERRUPTED, x, objective, answer.bound - 1.0, answer.mip, 0, 0, 1.0, {})

        monkeypatch.setattr(watchdog, "solve_mip", solve)

    return install


@pytest.mark.parametrize("signum", SIGNALS)
def test_the_best_plan_is_kept(endless, capsys, signum):
    """Law: a signal while the solver has a plan ends in 4, with the plan audited and written."""
    endless([(signum, 0.1)])
    assert main(["solve", "three_sites", "--json"]) == 4
    found = json.loads(capsys.readouterr().out)
    assert (found["status"], found["exit_code"]) == ("interrupted", 4)
    assert audit_folder(found["folder"]).passed


@pytest.mark.parametrize("signum", SIGNALS)
def test_without_a_plan_the_code_is_5(endless, capsys, signum):
    """Law: a signal before the solver has any plan ends in 5."""
    endless([(signum, 0.1)], plan=False)
    assert main(["solve", "three_sites", "--json"]) == 5
    assert json.loads(capsys.readouterr().out)["exit_code"] == 5


@pytest.mark.parametrize("signum", SIGNALS)
def test_before_the_solver_runs(run, stand_in, monkeypatch, signum):
    """Law: a signal before there is anything to keep ends as shells say it: 128 and the number of the signal."""
    stand_in()
    module = sys.modules["planner.api"]

    def signalled(*_args, **_options):
        os.kill(os.getpid(), signum)
        time.sleep(30)

    monkeypatch.setattr(module.Case, "solve", signalled)
    outcome = run("solve", "hand", "--json")
    document = outcome.document()
    assert outcome.code == document["exit_code"] == 128 + signum
    assert document["status"] == "interrupted"


def test_signals_that_libraries_swallow_or_turn_into_errors(run, stand_in, monkeypatch):
    """Law: an interruption that comes out of a library as another error is still told as one."""
    stand_in()

    def signalled(*_args, **_options):
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(30)
        except BaseException as error:
            raise RuntimeError("Error calling __set_name__") from error

    monkeypatch.setattr(sys.modules["planner.api"].Case, "solve", signalled)
    outcome = run("solve", "hand", "-q")
    assert outcome.code == 143
    assert "Traceback" not in outcome.err


def test_a_signal_once_the_solver_is_done_loses_nothing(monkeypatch, tmp_path, capsys):
    """Law: a signal while a plan is audited or written is too late to change anything: the plan is written."""
    from planner.runs import session

    monkeypatch.chdir(tmp_path)
    real = session.audit

    def signalled(*args, **options):
        os.kill(os.getpid(), signal.SIGTERM)
        return real(*args, **options)

    monkeypatch.setattr(session, "audit", signalled)
    assert main(["solve", "three_sites", "--gap", "0", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["status"] == "optimal"
    assert audit_folder(found["folder"]).passed


def test_a_second_signal_leaves_at_once(endless, capsys):
    """Law: a second signal does not wait for the solver; one right after the first is the same wish."""
    endless(
        [(signal.SIGTERM, 0.1), (signal.SIGTERM, 0.01), (signal.SIGTERM, interrupts.SAME_WISH_S + 0.2)], stops=False
    )
    assert main(["solve", "three_sites", "-q"]) == 143
    assert "Traceback" not in capsys.readouterr().err


def test_ignored_signals_stay_ignored(endless, capsys):
    """Law: under nohup SIGHUP is ignored, and stays so."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        endless([(signal.SIGHUP, 0.1), (signal.SIGINT, 0.3)])
        assert main(["solve", "three_sites", "--json"]) == 4
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_handlers_are_given_back(endless):
    """Law: a command run inside another program leaves its signal handlers as they were."""
    before = [signal.getsignal(signum) for signum in SIGNALS]
    endless([(signal.SIGINT, 0.1)])
    main(["solve", "three_sites", "-q"])
    assert [signal.getsignal(signum) for signum in SIGNALS] == before
    assert interrupts.asked() is None


@pytest.mark.parametrize("signum", SIGNALS)
def test_a_study_keeps_what_it_has(endless, capsys, signum):
    """Law: a signal during a later solve of a study keeps the variants so far; nothing more is solved."""
    endless([(signum, 0.1)], number=2)
    words = ["front", "three_sites", "--against", "critical_share", "--gap", "0", "--json"]
    assert main([*words, "--value", "0.4", "--value", "0.6", "--value", "0.8"]) == 4
    found = json.loads(capsys.readouterr().out)
    assert (found["status"], found["exit_code"]) == ("interrupted", 4)
    assert [row["status"] for row in found["points"]] == ["optimal", "interrupted", "interrupted"]
    assert [row["cost_busd"] is not None for row in found["points"]] == [True, True, False]


@pytest.mark.parametrize(
    ("words", "number", "code"),
    [
        (["breakeven", "three_sites", "offers[south_cloud].rent_musd_per_mw_year", "--low", "8", "--high", "40"], 3, 4),
        (["breakeven", "three_sites", "offers[south_cloud].rent_musd_per_mw_year", "--low", "8", "--high", "40"], 1, 4),
        (["attribute", "three_sites", "--set", "offers[south_cloud].rent_musd_per_mw_year=13"], 1, 5),
        (["protect", "three_sites"], 2, 4),
        (["protect", "three_sites", "--curve", "0.5,0.6,0.7"], 2, 4),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else None,
)
@pytest.mark.slow
def test_other_studies(endless, capsys, words, number, code):
    """Law: every study that is interrupted ends in 4 with what it has, or in 5 where that is no answer."""
    endless([(signal.SIGTERM, 0.1)], number=number)
    assert main([*words, "--gap", "0", "--json"]) == code
    assert json.loads(capsys.readouterr().out)["exit_code"] == code


def test_replan_writes_what_was_planned(endless, capsys):
    """Law: an interrupted replan writes the plan of the last strategy it has."""
    folder = Case.read("three_sites").solve(gap=0.0).write("old")
    endless([(signal.SIGHUP, 0.1)], number=3)
    words = ["replan", str(folder), "--committed-until", "2026-07-01", "--set", "sites[north].max_it_mw=60"]
    assert main([*words, "--gap", "0", "--json"]) == 4
    found = json.loads(capsys.readouterr().out)
    assert (found["status"], found["exit_code"]) == ("interrupted", 4)
    assert audit_folder(found["folder"]).passed


@pytest.mark.slow
def test_a_sweep_keeps_its_runs_and_resumes(monkeypatch, tmp_path, capsys):
    """Law: a signal during a sweep keeps every run that ended, and --resume does the others."""
    from planner.cli import sweep_command

    news = tmp_path / "w.toml"
    named = "".join(
        f'[[whatif]]\nname = "rent-{n}"\nchanges = [{{op = "scale", table = "offers", '
        f'column = "rent_musd_per_mw_year", factor = 1.{n}}}]\n'
        for n in range(4)
    )
    news.write_text(f"format = 1\n{named}", encoding="utf-8")
    show = sweep_command._Bar.show

    def signalled(bar, progress):
        show(bar, progress)
        if progress.done == 2:
            os.kill(os.getpid(), signal.SIGTERM)

    words = ["sweep", "three_sites", str(news), "--out", str(tmp_path / "s"), "--workers", "1", "--json"]
    with monkeypatch.context() as patched:
        patched.setattr(sweep_command._Bar, "show", signalled)
        assert main(words) == 4
    found = json.loads(capsys.readouterr().out)
    assert (found["status"], found["exit_code"], len(found["missing"])) == ("interrupted", 4, 3)
    assert main([*words, "--resume"]) == 0
    assert json.loads(capsys.readouterr().out)["reused"] == 2


def interrupted_after(delay_s, words, folder):
    """Run a command, send Ctrl-C so long after the command began, and return exit code, output and complaints."""
    process = subprocess.Popen(
        [sys.executable, "-c", UP, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    time.sleep(delay_s)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def check_any_moment(delay_s, folder):
    """Check that Ctrl-C at a moment has an ending that is documented."""
    code, out, err = interrupted_after(delay_s, ["solve", "three_sites", "--json"], folder)
    assert code in ENDINGS, (delay_s, code, err)
    assert "Traceback" not in err
    assert "Exception ignored" not in err
    assert json.loads(out)["exit_code"] == code


@pytest.mark.parametrize("delay_s", [0.01, 0.1, 0.3])
def test_ctrl_c_while_importing(delay_s, tmp_path):
    """Law: Ctrl-C at any moment from the first import on ends as documented, without a traceback."""
    check_any_moment(delay_s, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("delay_s", some([number / 40 for number in range(1, 120)], 9))
def test_ctrl_c_at_any_moment(delay_s, tmp_path):
    """Law: the same, at nine moments of the first three seconds, at many more at length."""
    check_any_moment(delay_s, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("signum", SIGNALS if AT_LENGTH else SIGNALS[:1])
def test_the_best_plan_of_a_large_case_is_kept(signum, tmp_path):
    """Law: a signal to a real solve in a process of its own keeps the best plan, and a whole group may be signalled.

    The other signals at length; all of them stop a solve in this process above.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "planner", "solve", "stargate", "--gap", "0", "-v"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        start_new_session=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "cost $" in line:
            break
    os.killpg(process.pid, signum)
    rest = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=300) == 4
    assert "Traceback" not in rest
    (folder,) = (tmp_path / "plans").iterdir()
    assert json.loads((folder / "summary.json").read_text(encoding="utf-8"))["status"] == "interrupted"
    assert audit_folder(folder).passed
