"""The command ``solve``."""

from pathlib import Path
from typing import Annotated

import typer

from planner.cli.folders import plan_folder, write_solved
from planner.cli.given import given_and_unchanged, marked_warnings
from planner.cli.options import AsJson, CaseName, Changes, Quiet, Verbose, takes_solve_options
from planner.cli.output import Output
from planner.cli.progress import ProgressLine
from planner.errors import InfeasibleError
from planner.options import DEFAULT_OPTIONS, SolveOptions
from planner.report.view import print_plan

EXPLAIN_S = 30.0
"""Time after which the explanation of an infeasible case ends; `planner explain` has none."""


@takes_solve_options("solve")
def solve(
    case: CaseName,
    changes: Changes = None,
    options: SolveOptions = DEFAULT_OPTIONS,
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

        read, unchanged = given_and_unchanged(case, changes)
        target = plan_folder(read.name, read.hash, out)
        output.warn(marked_warnings(read.warnings(), read, unchanged))
        try:
            plan = read.solve(options=options, on_progress=progress.show)
        except InfeasibleError as error:
            progress.stage("limits in conflict")
            error.diagnosed_within(min(EXPLAIN_S, options.seconds), unchanged)
            raise
    if verbose or plan.exit_code != 0:
        for note in plan.summary.get("solver_notes", ()):
            output.note(f"note: {note}")
    written = write_solved(plan, target, named=out is not None)
    output.document({**plan.summary, "exit_code": plan.exit_code, **written.document()})
    if not as_json:
        print_plan(output.text, plan)
        written.print(output, "The plan")
    raise typer.Exit(plan.exit_code)
