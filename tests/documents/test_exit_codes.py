"""Each exit code that the help and docs/cli.md list for a command is produced by an example of it.

Limits of time are far below what any solve takes, so that nothing here depends on the speed of a machine. A solve that
a limit cut short with a plan in hand (code 4) is made by telling so of a plan that is whole.
"""

import dataclasses

import pytest

import planner.protect.solve
import planner.solve.session
from planner.cli import main
from planner.cli.examples import CODES

NO_TIME = ("--time-limit", "0.000001")
WRONG = ("--set", "sites[nord].max_it_mw=1")
TOO_SMALL = ("--set", "sites[north].max_it_mw=20", "--set", "sites[east].max_it_mw=20")
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
}
EXAMPLES = {
    ("list", 0): ("list",),
    ("list", 1): ("list", "all"),
    ("new", 0): ("new", "mine"),
    ("new", 1): ("new", "plan"),
    ("schema", 0): ("schema",),
    ("schema", 1): ("schema", "--table"),
    ("show", 0): ("show", "plan"),
    ("show", 1): ("show", "nowhere"),
    ("compare", 0): ("compare", "plan", "other"),
    ("compare", 1): ("compare", "plan", "nowhere"),
    ("check", 0): ("check", "three_sites"),
    ("check", 1): ("check",),
    ("check", 2): ("check", "three_sites", *WRONG),
    ("audit", 0): ("audit", "plan"),
    ("audit", 1): ("audit", "broken"),
    ("audit", 4): ("audit", "plan", "--bound", *NO_TIME),
    ("sweep", 0): ("sweep", "three_sites", "w.toml"),
    ("sweep", 1): ("sweep", "three_sites", "w.toml", "--workers", "0"),
    ("sweep", 2): ("sweep", "three_sites", "w.toml", *WRONG),
    ("sweep", 4): ("sweep", "three_sites", "w.toml", *NO_TIME),
    **{(name, 0): words for name, words in STUDIES.items()},
    **{(name, 1): (*words, "--gap", "2") for name, words in STUDIES.items()},
    **{(name, 2): (*words, *WRONG) for name, words in STUDIES.items()},
    **{(name, 3): (*words, *TOO_SMALL) for name, words in STUDIES.items()},
    **{(name, 4): words for name, words in STUDIES.items()},
    **{(name, 5): (*words, *NO_TIME) for name, words in STUDIES.items()},
    ("solve", 5): ("solve", "stargate", *NO_TIME),  # in a process of its own, which could solve a small case meanwhile
    ("protect", 3): ("protect", "three_sites", *NO_MONEY),
}
"""An example for each command and code; ``plan`` is a plan, ``broken`` one that was changed by hand."""

PENDING = {("protect", 3), ("protect", 4), ("protect", 5), ("breakeven", 4)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a plan, a plan changed by hand, and a file with a what-if."""
    folder = tmp_path_factory.mktemp("codes")
    for name in ("plan", "other", "broken"):
        assert main(["solve", "three_sites", "--quiet", "--out", str(folder / name)]) == 0
    installs = folder / "broken" / "tables" / "installs.csv"
    installs.write_text(installs.read_text(encoding="utf-8").replace(",80.0", ",70.0"), encoding="utf-8")
    (folder / "w.toml").write_text(
        'format = 1\n[[whatif]]\nname = "dear"\n'
        'changes = [{ op = "scale", table = "offers", column = "rent_musd_per_mw_year", factor = 2 }]\n',
        encoding="utf-8",
    )
    return folder


@pytest.fixture
def cut_short(monkeypatch):
    """Let every solve end as one that a limit of time cut short with a plan in hand."""
    solve_case, solve_problem = planner.solve.session.solve_case, planner.protect.solve.solve_problem

    def case(*words, **options):
        plan = solve_case(*words, **options)
        plan.summary["status"] = "time_limit"
        return plan

    monkeypatch.setattr(planner.solve.session, "solve_case", case)
    monkeypatch.setattr(
        planner.protect.solve,
        "solve_problem",
        lambda *words, **options: dataclasses.replace(solve_problem(*words, **options), status="time_limit"),
    )


def test_every_documented_code_has_an_example():
    """Law: the examples below are those of all codes of all commands."""
    assert set(EXAMPLES) == {(name, code) for name, codes in CODES.items() for code in codes}


def marked(name, code):
    """A case of the tests: sweeps start processes and are slow; what other work has to bring is told."""
    marks = [pytest.mark.slow] if name == "sweep" and code in (0, 4) else []
    if (name, code) in PENDING:
        marks.append(pytest.mark.xfail(strict=False, reason="studies with a limit: not in this branch yet"))
    return pytest.param(name, code, marks=marks)


@pytest.mark.parametrize(
    ("name", "code"), [marked(*case) for case in EXAMPLES if case[1] != 4 or case[0] in ("audit", "sweep")]
)
def test_a_command_ends_in_its_code(name, code, folder, monkeypatch):
    """Law: the example of a command and a code ends in this code."""
    monkeypatch.chdir(folder)
    assert main(EXAMPLES[name, code]) == code


@pytest.mark.parametrize(("name", "code"), [marked(name, 4) for name in STUDIES])
def test_a_command_cut_short_ends_in_4(name, code, folder, monkeypatch, cut_short):
    """Law: a command whose solves a limit cut short ends in 4."""
    monkeypatch.chdir(folder)
    assert main(EXAMPLES[name, code]) == code
