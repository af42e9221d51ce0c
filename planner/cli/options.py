"""The arguments and options that commands share: one name, one meaning, everywhere."""

import functools
import inspect
import math
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from planner.cli.notes import note_case, note_cores, note_whatifs
from planner.errors import OptionError
from planner.options import DEFAULT_GAP, EMBEDDED, SolveOptions


def _number_of(text: str | float, what: str) -> float:
    """Read a finite number of the command line; ``what`` describes it and states what is allowed."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        message = f"{text!r} is not {what}"
        raise typer.BadParameter(message)
    return number


def _gap_number(text: str) -> float:
    return _number_of(text, "a relative gap; give a share, such as 0.005 for 0.5 %")


def seconds_number(text: str) -> float:
    """Read a time limit of the command line."""
    return _number_of(text, "a time limit; give seconds, such as 300 for five minutes")


FIELDS = {"time_limit": "time_limit_s"}
"""What an option of the command line is called in `SolveOptions`, where that is not its own name."""


def _admitted(param: typer.CallbackParam, value: Any) -> Any:
    """Admit an option of a solve if `SolveOptions` does: the messages are those of Python."""
    name = str(param.name)
    try:
        SolveOptions(**{FIELDS.get(name, name): value})
    except OptionError as error:
        raise typer.BadParameter(str(error)) from None
    return value


def admitted_seconds(value: float | None) -> float | None:
    """Admit a time limit."""
    try:
        SolveOptions(time_limit_s=value)
    except OptionError as error:
        raise typer.BadParameter(str(error)) from None
    return value


def _cores(ctx: typer.Context, param: typer.CallbackParam, value: int) -> int:
    """Admit a number of threads; a number above that of the cores is reduced, with a note."""
    return at_most_the_cores(ctx, param, _admitted(param, value))


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
        help="A shipped case (see `planner list`), a model file, a folder with one, or a workbook (.xlsx).",
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
        callback=_admitted,
        help="Relative gap between cost and bound at which to stop.",
    ),
]


def _time_limit(meaning: str, absent: str = "no limit") -> Any:
    return Annotated[
        float | None,
        typer.Option(
            "--time-limit",
            metavar="SECONDS",
            parser=seconds_number,
            callback=_admitted,
            help=f"{meaning}; without it, {absent}.",
        ),
    ]


TIME_LIMITS = {
    "solve": "Stop after this time and keep the best plan found",
    "study": "For each solve: stop it after this time and keep the best plan found",
    "proof": "With --bound: stop the proof after this time",
    "explain": "Stop after this time and state what was not proven",
    "alternatives": "For all searches, each of which has a share: stop after this time and state what was not proven",
    "answer": "Of --prices, --alternatives and --regret: stop each after this time and state what was not found",
}
"""What a time limit means to a command that solves once, to one that solves often, to a proof, and to answers."""
ExplainLimit = _time_limit(TIME_LIMITS["explain"])
AnswerLimit = _time_limit(TIME_LIMITS["answer"], "two minutes (--regret: no limit)")
Threads = Annotated[
    int,
    typer.Option(
        "--threads",
        metavar="N",
        callback=_cores,
        help="Threads of the solver; at most the number of cores of this machine. With 1, a single solve uses a second "
        "core too, for the same plan in less time.",
    ),
]
Seed = Annotated[int, typer.Option("--seed", metavar="N", callback=_admitted, help="Random seed of the solver.")]
Solver = Annotated[
    str,
    typer.Option(
        "--solver",
        metavar="NAME",
        callback=_admitted,
        help="highs (built in), scip or portfolio (both in parallel; extra scip), or, if installed: appsi_highs, cbc, "
        "cplex, glpk, gurobi.",
    ),
]

OF_A_SOLVE: dict[str, tuple[Any, Any]] = {
    "gap": (Gap, DEFAULT_GAP),
    "time_limit": (_time_limit(TIME_LIMITS["solve"]), None),
    "threads": (Threads, 1),
    "seed": (Seed, 0),
    "solver": (Solver, EMBEDDED),
}
"""The options of a solve with their defaults: every command that solves has them all."""


def takes_solve_options(
    time_limit: str = "study", *, without: tuple[str, ...] = (), absent: str = "no limit"
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options of a solve, in the place of its parameter ``options``.

    Parameters
    ----------
    time_limit : str
        Which of `TIME_LIMITS` says what the time limit means to it.
    without : tuple of str
        Options that the command decides itself.
    absent : str
        What holds without a time limit.

    Returns
    -------
    callable
        Turns a command with a keyword parameter ``options`` of the type `SolveOptions` into one with the parameters of
        ``OF_A_SOLVE`` in its place; they arrive at the command as the one record.
    """
    every = {**OF_A_SOLVE, "time_limit": (_time_limit(TIME_LIMITS[time_limit], absent), None)}
    taken = {name: option for name, option in every.items() if name not in without}

    def give(command: Callable[..., None]) -> Callable[..., None]:
        parameters: dict[str, inspect.Parameter] = {}
        for name, parameter in inspect.signature(command).parameters.items():
            if name != "options":
                parameters[name] = parameter
                continue
            for own, (kind, default) in taken.items():
                parameters[own] = inspect.Parameter(own, parameter.kind, default=default, annotation=kind)

        @functools.wraps(command)
        def run(**words: Any) -> None:
            given = {FIELDS.get(name, name): words.pop(name) for name in taken}
            command(**words, options=SolveOptions(**given))

        run.__signature__ = inspect.Signature(list(parameters.values()))  # type: ignore[attr-defined]
        run.__annotations__ = {name: parameter.annotation for name, parameter in parameters.items()} | {"return": None}
        return run

    return give
