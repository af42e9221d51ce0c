"""The command ``contiguity``."""

from dataclasses import asdict

import typer

from planner.cli.given import given_and_unchanged, marked_warnings
from planner.cli.options import AsJson, CaseName, Changes, Quiet, Verbose, takes_solve_options
from planner.cli.output import Output
from planner.cli.progress import ProgressLine
from planner.cli.study import ending, exit_code, make_runner
from planner.cli.variants import print_variants
from planner.options import DEFAULT_OPTIONS, SolveOptions


@takes_solve_options()
def contiguity(
    case: CaseName,
    changes: Changes = None,
    options: SolveOptions = DEFAULT_OPTIONS,
    as_json: AsJson = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Report the cost of contiguity: plans with its rules, without each, and with each loosened.

    The time limit applies to each plan.
    """
    output = Output(as_json=as_json, verbose=verbose, quiet=quiet)
    with ProgressLine(output) as progress:
        progress.stage("start")
        from planner.analysis.contiguity import cost_of_contiguity

        read, unchanged = given_and_unchanged(case, changes)
        output.warn(marked_warnings(read.warnings(), read, unchanged))
        runner = make_runner(progress, options)
        found = cost_of_contiguity(read, runner=runner)
    rows = [asdict(one) for one in found.variants]
    code = exit_code(rows)
    table = [] if found.plan is None else list(found.plan.rows("clusters"))
    document = {"case_name": read.name, "plans": rows, "clusters": table, "problems": []}
    output.document({**ending(code, interrupted=runner.interrupted), **document})
    print_variants(output.text, found.variants)
    raise typer.Exit(code)
