"""Each exit code that the help and docs/cli.md list for a command is produced by an example of it.

Nothing here depends on the speed of a machine: a solve that a limit cut short is made by telling so of one that ran,
with its plan in hand (code 4) or without (code 5).
"""

from datetime import date

import pytest

import planner.analysis.sweep
import planner.runs.session
from planner.case.read import read_case
from planner.case.rows_programmes import ProgrammeRow, ProgrammeStepRow
from planner.case.write import write_case
from planner.changes.apply import apply_changes
from planner.cli import main
from planner.cli.examples import CODES
from planner.errors import NoPlanError
from planner.status import Status
from tests.analysis.here import pool

NO_TIME = ("--time-limit", "0.000001")
WRONG = ("--set", "sites[nord].max_it_mw=1")
TOO_SMALL = ("--set", "sites[north].max_it_mw=0", "--set", "model.forced=[{site='north',by=2026}]")
NO_MONEY = (
    "--set",
    "model.families.site_opening.open_exactly=3",
    "--set",
    "budget[2026].cash_limit_busd=0",
    "--set",
    "budget[2027].cash_limit_busd=0",
)
OTHER_RENT = ("--set", "offers[north_cloud].rent_musd_per_mw_year=14")
STUDIES = {
    "solve": ("solve", "three_sites"),
    "front": ("front", "three_sites", "--against", "budget", "--value", "1"),
    "tornado": ("tornado", "three_sites"),
    "breakeven": (
        "breakeven",
        "three_sites",
        "offers[north_cloud].rent_musd_per_mw_year",
        "--low",
        "9",
        "--high",
        "11",
    ),
    "attribute": ("attribute", "three_sites", *OTHER_RENT),
    "replan": ("replan", "plan", "--committed-until", "2026-07-01"),
    "protect": ("protect", "three_sites"),
    "programme": ("programme", "promise"),
    "contiguity": ("contiguity", "halls"),
}
EXAMPLES = {
    ("list", 0): ("list",),
    ("list", 1): ("list", "all"),
    ("new", 0): ("new", "mine"),
    ("new", 1): ("new", "plan"),
    ("new", 2): ("new", "copy", "--from", "invalid/inputs"),
    ("export", 0): ("export", "plan", "tables", "--as", "csv"),
    ("export", 1): ("export", "plan", "tables"),
    ("export", 2): ("export", "invalid", "tables", "--as", "csv"),
    ("report", 0): ("report", "plan", "-o", "plan.html"),
    ("report", 1): ("report", "nowhere"),
    ("report", 2): ("report", "invalid"),
    ("app", 0): ("app", "three_sites", "--no-browser"),
    ("app", 1): ("app", "three_sites", "--no-browser", "--store", "w.toml"),
    ("app", 2): ("app", "invalid/inputs", "--no-browser"),
    ("plot", 0): ("plot", "plan", "demand", "-o", "demand.html"),
    ("plot", 1): ("plot", "plan", "deman", "-o", "demand.html"),
    ("plot", 2): ("plot", "invalid", "demand", "-o", "demand.html"),
    ("scenarios", 0): ("scenarios", "stargate_risks", "-n", "2", "--risks-only", "-o", "futures.toml"),
    ("scenarios", 1): ("scenarios", "stargate_risks", "-n", "2", "--keep", "3", "-o", "futures.toml"),
    ("scenarios", 2): ("scenarios", "three_sites", "--risks-only", "-o", "none.toml"),
    ("schema", 0): ("schema",),
    ("schema", 1): ("schema", "--table"),
    ("show", 0): ("show", "plan"),
    ("show", 1): ("show", "nowhere"),
    ("compare", 0): ("compare", "plan", "other"),
    ("compare", 1): ("compare", "plan", "nowhere"),
    ("compare", 2): ("compare", "plan", "invalid"),
    ("show", 2): ("show", "invalid"),
    ("audit", 2): ("audit", "invalid"),
    ("check", 0): ("check", "three_sites"),
    ("check", 1): ("check",),
    ("check", 2): ("check", "three_sites", *WRONG),
    ("audit", 0): ("audit", "plan"),
    ("audit", 1): ("audit", "broken"),
    ("audit", 4): ("audit", "plan", "--bound", *NO_TIME),
    ("sweep", 0): ("sweep", "three_sites", "w.toml"),
    ("sweep", 1): ("sweep", "three_sites", "w.toml", "--workers", "0"),
    ("sweep", 2): ("sweep", "three_sites", "w.toml", *WRONG),
    ("sweep", 3): ("sweep", "three_sites", "w.toml", *TOO_SMALL),
    ("sweep", 4): ("sweep", "three_sites", "w.toml"),
    ("sweep", 5): ("sweep", "three_sites", "w.toml"),
    ("stress", 0): ("stress", "plan", "--scenarios", "calm.toml"),
    ("stress", 1): ("stress", "nowhere", "--scenarios", "s.toml"),
    ("stress", 2): ("stress", "invalid", "--scenarios", "s.toml"),
    ("stress", 3): ("stress", "plan", "--scenarios", "s.toml"),
    ("stress", 4): ("stress", "plan", "--scenarios", "calm.toml"),
    ("stress", 5): ("stress", "plan", "--scenarios", "calm.toml"),
    ("risk", 0): ("risk", "three_sites", "--scenarios", "s.toml"),
    ("risk", 1): ("risk", "three_sites", "--scenarios", "s.toml", "--cvar", "1"),
    ("risk", 2): ("risk", "three_sites", "--scenarios", "s.toml", *WRONG),
    ("risk", 3): ("risk", "three_sites", "--scenarios", "s.toml", *TOO_SMALL),
    ("risk", 4): ("risk", "three_sites", "--scenarios", "s.toml"),
    ("risk", 5): ("risk", "three_sites", "--scenarios", "s.toml"),
    **{(name, 0): words for name, words in STUDIES.items()},
    **{(name, 1): (*words, "--gap", "2") for name, words in STUDIES.items()},
    **{(name, 2): (*words, *WRONG) for name, words in STUDIES.items()},
    **{(name, 3): (*words, *TOO_SMALL) for name, words in STUDIES.items()},
    **{(name, 4): words for name, words in STUDIES.items()},
    **{(name, 5): words for name, words in STUDIES.items()},
    ("protect", 3): ("protect", "three_sites", *NO_MONEY),
    ("explain", 0): ("explain", "plan"),
    ("explain", 1): ("explain", "plan", "--set", "sites[north].max_it_mw=20"),
    ("explain", 2): ("explain", "three_sites", *WRONG),
    ("explain", 3): ("explain", "three_sites", *TOO_SMALL),
    ("alternatives", 0): ("alternatives", "plan", "--within", "0"),
    ("alternatives", 1): ("alternatives", "plan", "--within", "x"),
    ("alternatives", 2): ("alternatives", "invalid"),
    ("explain", 5): ("explain", "three_sites", "--time-limit", "0.000001"),
}
"""An example for each command and code; ``plan`` is a plan, ``broken`` one that was changed by hand."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Plans, one changed by hand, one whose case is not valid any more; a case with a programme; a what-if."""
    folder = tmp_path_factory.mktemp("codes")
    for name in ("plan", "other", "broken", "invalid"):
        assert main(["solve", "three_sites", "--quiet", "--out", str(folder / name)]) == 0
    installs = folder / "broken" / "tables" / "installs.csv"
    installs.write_text(installs.read_text(encoding="utf-8").replace(",80.0", ",70.0"), encoding="utf-8")
    model = folder / "invalid" / "inputs" / "model.toml"
    model.write_text(model.read_text(encoding="utf-8").replace("periods", "persiods"), encoding="utf-8")
    programme = ProgrammeRow(programme="p", name="P", sites=("north", "east"), kind="committed")
    step = ProgrammeStepRow(programme="p", date=date(2026, 1, 1), at_least_it_mw=10.0)
    promise = read_case("three_sites").replace(tables={"programmes": (programme,), "programme_steps": (step,)})
    write_case(promise, folder / "promise")
    hall = 'model.families.contiguity.rules=[{name="h",market="users",workload="inference",at_least_it_mw=9}]'
    write_case(apply_changes(read_case("three_sites"), [hall]), folder / "halls")
    (folder / "w.toml").write_text(
        'format = 1\n[[whatif]]\nname = "dear"\n'
        'changes = [{ op = "scale", table = "offers", column = "rent_musd_per_mw_year", factor = 2 }]\n',
        encoding="utf-8",
    )
    (folder / "calm.toml").write_text('format = 1\n[[whatif]]\nname = "calm"\nprobability = 1\nchanges = []\n')
    (folder / "s.toml").write_text(
        'format = 1\n[[whatif]]\nname = "dear"\nprobability = 1\n'
        'changes = [{ op = "scale", table = "offers", column = "rent_musd_per_mw_year", factor = 2 }]\n',
        encoding="utf-8",
    )
    return folder


def cut_short(monkeypatch, *, with_plan):
    """Let every solve end as one that a limit of time cut short, with a plan in hand or without."""
    session, sweeps = planner.runs.session, planner.analysis.sweep
    solve_case, sweep = session.solve_case, sweeps.sweep

    def case(*words, **options):
        solved = solve_case(*words, **options)
        solved.plan.summary["status"] = "time_limit"
        if not with_plan:
            raise NoPlanError("the time limit came before any plan was found")
        return solved

    def many(*words, **options):
        found = sweep(*words, **options)
        for rows in found.rows.values():
            rows[0] |= {"status": "time_limit"} if with_plan else {"status": "no_plan", "value": None}
        return found

    monkeypatch.setattr(session, "solve_case", case)
    monkeypatch.setattr("planner.uncertainty.recourse._Adjust.status", lambda *_: Status.TIME_LIMIT)
    monkeypatch.setattr("planner.uncertainty.work.Work.raise_bound", lambda *_: None)  # as if nothing were proven
    monkeypatch.setattr(sweeps, "sweep", many)


SEVERAL_SOLVES = {"alternatives", "risk", "tornado", "breakeven", "front"}
IN_DEFAULT_SUITE = {"solve", "replan", "app"}
"""Commands that end early in the default suite too; the others do so in the slow tests."""
SLOW = {("solve", 3), ("explain", 3), ("replan", 4)}


def test_every_documented_code_has_an_example():
    """Law: the examples below are those of all codes of all commands."""
    assert set(EXAMPLES) == {(name, code) for name, codes in CODES.items() for code in codes}


def marked(name, code):
    """A case of the tests: sweeps and the others of `SEVERAL_SOLVES` take long, and are slow."""
    slow = (name in {"sweep", *SEVERAL_SOLVES} and code not in (1, 2)) or (name, code) in SLOW
    slow = slow or (code in (4, 5) and name not in IN_DEFAULT_SUITE)
    return pytest.param(name, code, marks=[pytest.mark.slow] if slow else [])


@pytest.mark.parametrize(("name", "code"), [marked(*case) for case in EXAMPLES])
def test_a_command_ends_in_its_code(name, code, folder, monkeypatch):
    """Law: the example of a command and a code ends in this code."""
    monkeypatch.chdir(folder)
    if name == "sweep" and code != 1:  # which is that of a wrong number of processes
        monkeypatch.setattr("planner.analysis.sweep.LocalPool", pool)
    if name == "app":  # as if Ctrl-C came once it answers
        monkeypatch.setattr("planner.app.server.Server.alive", lambda _server: False)
    if code in (4, 5) and name != "audit":
        cut_short(monkeypatch, with_plan=code == 4)
    assert main(EXAMPLES[name, code]) == code
