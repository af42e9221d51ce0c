"""The command ``solve``."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from planner.cli.folders import plan_folder
from planner.cli.options import (
    DEFAULT_GAP,
    AsJson,
    CaseName,
    Changes,
    Gap,
    Quiet,
    Seed,
    Solver,
    Threads,
    TimeLimit,
    Verbose,
)
from planner.cli.output import Output
from planner.cli.progress import ProgressLine
from planner.cli.view import print_plan


def solve(
    case: CaseName,
    changes: Changes = None,
    gap: Gap = DEFAULT_GAP,
    time_limit: TimeLimit = None,
    threads: Threads = 1,
    seed: Seed = 0,
    solver: Solver = "highs",
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="DIR", help="Folder of the plan; without it, plans/NAME-HASH.", show_default=False
        ),
    ] = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Solve a case: find the cheapest plan, audit it, write it to a folder and show it."""
    output = Output(as_json=as_json, verbose=verbose, quiet=quiet)
    with ProgressLine(output) as progress:
        progress.stage("start")
        from planner.api import Case

        read = Case.read(case, set=changes or ())
        folder = plan_folder(read.name, read.hash, out)
        output.warn(list(read.warnings()))
        plan = read.solve(
            gap=gap, time_limit_s=time_limit, threads=threads, seed=seed, solver=solver, on_progress=progress.show
        )
    plan.write(folder)
    output.document({**plan.summary, "folder": str(folder), "problems": []})
    if not as_json:
        print_plan(output.text, plan)
        output.text.print(f"\nThe plan is in [bold]{escape(str(folder))}[/bold]", soft_wrap=True)
    raise typer.Exit(plan.exit_code)
