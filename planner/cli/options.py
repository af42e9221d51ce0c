"""The arguments and options that commands share: one name, one meaning, everywhere."""

import math
from pathlib import Path
from typing import Annotated

import typer

from planner.cli.notes import note_case, note_cores, note_whatifs

LARGEST_SEED = 2**31 - 1
DEFAULT_GAP = 5e-3
"""That of `planner.api`, which the help does not wait for; a test holds them equal."""


def _number_of(text: str | float, what: str) -> float:
    """Read a number of the command line; ``what`` describes it and states what is allowed."""
    try:
        return float(text)
    except ValueError:
        message = f"{text!r} is not {what}"
        raise typer.BadParameter(message) from None


def _gap_number(text: str) -> float:
    return _number_of(text, "a relative gap; give a share, such as 0.005 for 0.5 %")


def _seconds_number(text: str) -> float:
    return _number_of(text, "a time limit; give seconds, such as 300 for five minutes")


def _finite_share(value: float) -> float:
    """Admit a relative gap: 0 or more and below 1."""
    if not (math.isfinite(value) and 0.0 <= value < 1.0):
        message = f"{value} is not a relative gap; give 0 or more and below 1, such as 0.005 for 0.5 %"
        raise typer.BadParameter(message)
    return value


def _positive_seconds(value: float | None) -> float | None:
    """Admit a time limit: more than 0 seconds."""
    if value is not None and not (math.isfinite(value) and value > 0.0):
        message = f"{value} is not a time limit; give seconds, more than 0"
        raise typer.BadParameter(message)
    return value


def at_most_the_cores(ctx: typer.Context, param: typer.CallbackParam, value: int) -> int:
    """Admit as many threads or processes as there are cores; a larger number is reduced, with a note."""
    source = ctx.get_parameter_source(param.name or "")
    given = source is None or source.name != "DEFAULT"
    return note_cores(param.opts[0], value, given=given)


CaseName = Annotated[
    str,
    typer.Argument(
        metavar="CASE",
        callback=note_case,
        help="A shipped case (see `planner list`), a model file, or a folder with one.",
        show_default=False,
    ),
]
PlanFolder = Annotated[Path, typer.Argument(metavar="PLAN", help="The folder of a plan.", show_default=False)]
Changes = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="WHAT=VALUE",
        help="Change the case: table\\[key].column=value, or model.key=value. May be repeated.",
    ),
]
WhatIfFile = Annotated[
    str | None,
    typer.Option(
        "--whatifs",
        metavar="FILE",
        callback=note_whatifs,
        help="A shipped what-if file, or the path of one.",
        show_default=False,
    ),
]
OnlyWhatIfs = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="NAME", help="Use this what-if of the file; may be repeated."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Write one JSON document to standard output and nothing else.")]
Verbose = Annotated[
    bool, typer.Option("--verbose", "-v", help="Report more detail; show the traceback of an internal error.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no warnings.")]
Gap = Annotated[
    float,
    typer.Option(
        "--gap",
        metavar="SHARE",
        parser=_gap_number,
        callback=_finite_share,
        help="Relative gap between cost and bound at which to stop.",
    ),
]
TimeLimit = Annotated[
    float | None,
    typer.Option(
        "--time-limit",
        metavar="SECONDS",
        parser=_seconds_number,
        callback=_positive_seconds,
        help="Stop after this time and keep the best plan found; without it, no limit.",
    ),
]
Threads = Annotated[
    int,
    typer.Option(
        "--threads",
        min=1,
        max=1024,
        metavar="N",
        callback=at_most_the_cores,
        help="Threads of the solver; at most the number of cores of this machine.",
    ),
]
Seed = Annotated[int, typer.Option("--seed", min=0, max=LARGEST_SEED, metavar="N", help="Random seed of the solver.")]
Solver = Annotated[
    str,
    typer.Option(
        "--solver",
        metavar="NAME",
        help="highs (built in), or, if installed: appsi_highs, cbc, cplex, glpk, gurobi, scip.",
    ),
]
