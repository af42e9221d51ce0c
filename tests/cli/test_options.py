"""The options of a solve on the command line: one list for all commands, one rule for what is wrong."""

import pytest
import typer

from planner.cli.app import app
from planner.cli.options import FIELDS, OF_A_SOLVE, takes_solve_options
from planner.errors import CaseError, OptionError
from planner.options import DEFAULT_OPTIONS, SolveOptions

COMMANDS = typer.main.get_command(app).commands
SOLVING = ("solve", "front", "tornado", "breakeven", "attribute", "replan", "protect", "sweep")
FLAGS = {"gap": "--gap", "time_limit": "--time-limit", "threads": "--threads", "seed": "--seed", "solver": "--solver"}
MORE = {
    "breakeven": ("offers[north_cloud].rent_musd_per_mw_year", "--low", "9", "--high", "11"),
    "front": ("--against", "budget", "--value", "1"),
    "sweep": ("stargate",),
}
"""What a command needs besides its case."""
WRONG = [
    ("--gap", "1"),
    ("--gap", "-0.1"),
    ("--time-limit", "0"),
    ("--threads", "0"),
    ("--seed", "-1"),
    ("--seed", "2147483648"),
]


def flags(command):
    """The long option of each parameter of a command, and the parameter."""
    return {option: param for param in COMMANDS[command].params for option in param.opts if option.startswith("--")}


@pytest.mark.parametrize("command", SOLVING)
def test_every_command_that_solves_has_every_option(command):
    """Law: a command that solves has every option of a solve, with one default and (but for time limits) one help."""
    own, first = flags(command), flags("solve")
    assert set(FLAGS.values()) <= set(own)
    for flag in FLAGS.values():
        if flag != "--time-limit":
            assert own[flag].help == first[flag].help
        assert own[flag].default == first[flag].default


def test_the_list_is_that_of_the_record():
    """Law: a new field of the record is an option of the command line, unless it is only for Python."""
    fields = {FIELDS.get(name, name): default for name, (_, default) in OF_A_SOLVE.items()}
    assert {**fields, "own_process": True} == {
        name: getattr(DEFAULT_OPTIONS, name) for name in SolveOptions.__dataclass_fields__
    }


@pytest.mark.parametrize("command", [*SOLVING, "audit"])
@pytest.mark.parametrize(("flag", "value"), WRONG)
def test_what_is_wrong_is_said_in_the_words_of_the_record(run, command, flag, value):
    """Law: a value is refused on the command line as it is in Python, before any work, with the option named."""
    if command == "audit" and flag == "--gap":
        pytest.skip("the gap of a proof is its own")
    name = next(name for name, own in FLAGS.items() if own == flag)
    number = float(value) if flag in ("--gap", "--time-limit") else int(value)
    with pytest.raises(OptionError) as refused:
        SolveOptions(**{FIELDS.get(name, name): number})
    found = run(command, flag, value)
    assert found.code == 1
    assert f"Invalid value for '{flag}': {refused.value}" in found.err


def test_one_record_takes_the_place_of_the_options():
    """Law: a command sees one record; its own parameters keep their order; what it decides itself is left out."""
    seen = []

    @takes_solve_options(without=("gap", "solver"))
    def command(case: str, options: SolveOptions = DEFAULT_OPTIONS, last: bool = False) -> None:
        """Do something."""
        seen.append((case, options, last))

    names = list(typer.main.get_params_from_function(command))
    assert names == ["case", "time_limit", "threads", "seed", "last"]
    command(case="mine", time_limit=3.0, threads=1, seed=5, last=True)
    assert seen == [("mine", SolveOptions(time_limit_s=3.0, seed=5), True)]
    assert command.__doc__ == "Do something."


@pytest.mark.parametrize("command", [*(name for name in SOLVING if name != "replan"), "check"])
def test_a_rejected_change_is_called_by_its_option(run, command):
    """Law: on the command line a change that cannot be made is one of ``--set``; in Python no option is named."""
    from planner.api import Case

    change = "sites[nort].max_it_mw=1"
    with pytest.raises(CaseError) as refused:
        Case.read("three_sites", changes=change)
    assert {fault.file for fault in refused.value.problems} == {"change"}
    found = run(command, "three_sites", *MORE.get(command, ()), "--set", change)
    assert found.code == 2
    assert f"--set ({change!r})" in found.err
