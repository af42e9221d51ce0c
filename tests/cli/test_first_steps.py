"""What a newcomer meets: the wrong folder, the wrong form of a number, a changed plan; told in plain words."""

import shutil

import pytest

from planner import Case
from planner.analysis.front import front
from planner.analysis.redundancy_cost import CostOfRules, RuleCost
from planner.analysis.tornado import tornado
from planner.cli import protect_command
from planner.cli.breakeven_command import _print_edge
from planner.cli.output import Output
from planner.errors import InfeasibleError, Problem


@pytest.mark.parametrize("words", [("--gap", "1%"), ("--gap", "half"), ("--time-limit", "5m"), ("--time-limit", "")])
def test_numbers_in_another_form_are_told_the_right_one(run, words):
    """A gap in percent and a time with a unit are refused with how to write them, not in a library's words."""
    outcome = run("solve", "three_sites", *words)
    assert outcome.code == 1
    assert "valid float" not in outcome.err
    assert ("such as 0.005 for 0.5 %" if words[0] == "--gap" else "such as 300 for five minutes") in outcome.err


def test_a_case_is_not_a_plan_and_a_plan_not_a_case(run, solved_folder, tmp_path, monkeypatch):
    """Showing a case says so and what to do; solving a plan names the folder of its case; two plans are compared."""
    monkeypatch.chdir(tmp_path)
    run("new", "my-case")
    shown = run("show", "my-case")
    assert shown.code == 1
    assert "is the folder of a case, not of a plan; `planner solve my-case`" in shown.err
    shutil.copytree(solved_folder, "p")
    solved = run("solve", "p")
    assert solved.code == 2
    assert "the case of the plan is in p/inputs" in solved.err
    assert "`planner compare PLAN PLAN...`" in run("show", "p", "p").err


def test_the_command_printed_by_new_can_be_run(run, tmp_path, monkeypatch):
    """A folder with a space is quoted in the command that `new` prints."""
    monkeypatch.chdir(tmp_path)
    assert "Solve it with: planner solve 'my case'" in run("new", "my case").out
    assert run("new", "quiet", "-q").out.startswith("A starter case is in quiet: budget.csv, ")
    assert "Solve it" not in run("new", "silent", "--quiet").out


def test_a_changed_plan_does_not_show_its_old_verdict(run, solved_folder, tmp_path):
    """Where files were changed since, the line of the audit says so in place of the verdict of other files."""
    folder = tmp_path / "p"
    shutil.copytree(solved_folder, folder)
    lines = [line for line in run("show", folder).out.splitlines() if line.strip().startswith("audit")]
    assert "passed" in lines[0]
    table = folder / "tables" / "capacity.csv"
    table.write_bytes(table.read_bytes() + b"\n")
    lines = [line for line in run("show", folder).out.splitlines() if line.strip().startswith("audit")]
    assert "passed" not in lines[0]
    assert "changed since; run `planner audit`" in lines[0]


def test_what_is_infeasible_points_to_what_tells_more(run, tmp_path):
    """Proven infeasible ends with where to look: `explain` for limits in conflict, `check` for the data."""
    forced = "model.forced=[{site='north',by=2026}]"
    words = ("--set", "sites[north].max_it_mw=0", "--set", forced, "--gap", "0.1")
    told = run("solve", "three_sites", *words)
    assert told.code == 3
    assert told.err.count("`planner explain`") == 1
    assert "`planner check` lists" in told.err
    with pytest.raises(InfeasibleError) as caught:
        Case.read("three_sites", changes=words[1:4:2]).solve(own_process=False)
    assert caught.value.pointer not in caught.value.message
    shown = run("front", "three_sites", "--against", "gw_date", "--gw", "9", "--value", "2027", "--gap", "0.1").out
    assert shown.count("`planner explain`") == 1


def test_a_front_against_dates_speaks_of_calendar_years():
    """A front against dates takes calendar years and shows them; a year in which no period starts names those there."""
    found = front(Case.read("three_sites"), "gw_date", (2027,), gw=0.1, gap=0.1)
    (row,) = found.rows
    assert (row["value"], row["label"], row["unit"]) == (2027.0, "2027", "calendar year")


@pytest.mark.slow
def test_a_change_within_the_gaps_says_so():
    """The change of a tornado has what the gaps of both solves leave open: nothing only where both are optimal."""
    case = Case.read("three_sites")
    wide = tornado(case, ["demand.compute"], gap=0.5)
    base = wide.base.summary
    assert any(row["cost_uncertainty_busd"] > 0.01 for row in wide.rows)
    for row in wide.rows:
        slack = base["cost_busd"] - base["bound_busd"] + row["gap"] * abs(row["cost_busd"])
        assert row["cost_uncertainty_busd"] == pytest.approx(slack, abs=1e-9)


def test_protect_without_a_plan_says_why_once(capsys):
    """A reason that several plans share is told once, with their names; nothing is said to bind where there is none."""
    none = (None,) * 7
    variants = tuple(RuleCost(dropped, "infeasible", *none, reason="no power") for dropped in ("none", "one", "all"))
    found = CostOfRules(variants, (), (), None, plan=None)
    protect_command._print_cost(Output().text, found)
    out = capsys.readouterr().out
    assert 'all rules, without rule "one", no rules: no power' in out
    assert out.count("no power") == 1
    assert "What binds" not in out


def test_warnings_are_whole_lines_in_a_pipe(capsys):
    """A warning is one line where nobody sees it on a terminal, so that it can be searched for."""
    Output().warn([Problem("sites.csv", "word " * 60)])
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_an_edge_at_the_end_of_the_search_says_which_end(capsys):
    """An edge that was not found tells how far was looked, and in which direction."""

    class Edge:
        first_changed, last_same = None, 3.0

    _print_edge(Output(), "below", Edge())
    assert "below: no change down to 3, the end of the range searched" in capsys.readouterr().out


def test_half_open_ranges_and_sources_that_are_not_given(run, tmp_path):
    """A range with one end is told with that end alone; a what-if without a source says so once."""
    start = '[[whatif]]\nname = "w"\nchanges = [{ op = "scale", table = "demand", column = "compute", factor = 2, '
    file = tmp_path / "w.toml"
    file.write_text("format = 1\n" + start + "where = { year = { from = 2090 } } }]\n", encoding="utf-8")
    told = run("sweep", "three_sites", file, "--list")
    assert "year 2090.. (there are" in told.err
    file.write_text("format = 1\n" + start.removesuffix(", ") + " }]\n", encoding="utf-8")
    assert "  source: not given\n" in run("sweep", "three_sites", file, "--list", "-v").out
