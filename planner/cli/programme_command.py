"""The command ``programme``."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from planner.cli.options import AsJson, CaseName, Changes, Quiet, Verbose, takes_solve_options
from planner.cli.output import Output
from planner.cli.progress import ProgressLine
from planner.cli.study import ending, exit_code, make_runner, money, print_reasons, print_rows, share
from planner.options import DEFAULT_OPTIONS, SolveOptions

if TYPE_CHECKING:
    from planner.analysis.programmes import CostOfProgrammes, ProgrammeVariant

HEADINGS = (
    ("plan", "left"),
    ("status", "left"),
    ("cost $B", "right"),
    ("gap", "right"),
    ("more $B", "right"),
    ("proven range $B", "right"),
    ("unserved", "right"),
)
SAME_UNSERVED = 1e-6


@takes_solve_options()
def programme(
    case: CaseName,
    changes: Changes = None,
    options: SolveOptions = DEFAULT_OPTIONS,
    as_json: AsJson = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Report the cost of programmes: plans with them, without each, and with each committed that is not.

    The time limit applies to each plan.
    """
    output = Output(as_json=as_json, verbose=verbose, quiet=quiet)
    with ProgressLine(output) as progress:
        progress.stage("start")
        from planner.analysis.programmes import cost_of_programmes
        from planner.api import Case

        read = Case.read(case, changes=changes or ())
        output.warn(list(read.warnings()))
        runner = make_runner(progress, options)
        found = cost_of_programmes(read, runner=runner)
    rows = [asdict(one) for one in found.variants]
    code = exit_code(rows)
    path = [] if found.plan is None else list(found.plan.rows("programme_path"))
    document = {"case_name": read.name, "plans": rows, "programme_path": path, "problems": []}
    output.document({**ending(code, interrupted=runner.interrupted), **document})
    _print(output.text, found)
    raise typer.Exit(code)


def _print(console: Console, found: "CostOfProgrammes") -> None:
    """Print a line per plan, what its demand says, and why plans are missing."""
    lines = [_line(one) for one in found.variants]
    everything = any(one.unserved_compute_years for one in found.variants)
    columns = len(HEADINGS) - (0 if everything else 1)  # a column of zeros says nothing, and the table fits 80 columns
    print_rows(console, HEADINGS[:columns], [line[:columns] for line in lines])
    first, *others = found.variants
    unlike = [one.name for one in others if _serves_otherwise(first, one)]
    if unlike:
        console.print(
            f"[yellow]{', '.join(unlike)}: leaves other demand unserved than the case as given; the costs are those of "
            "different service[/yellow]",
            soft_wrap=True,
        )
    print_reasons(console, [asdict(one) for one in found.variants], "name")


def _serves_otherwise(first: "ProgrammeVariant", other: "ProgrammeVariant") -> bool:
    one, two = first.unserved_compute_years, other.unserved_compute_years
    return one is not None and two is not None and abs(one - two) > SAME_UNSERVED * max(1.0, abs(one), abs(two))


def _line(one: "ProgrammeVariant") -> list[str]:
    low, high = one.difference_low_busd, one.difference_high_busd
    proven = "" if low is None or high is None else f"{low:,.3f} to {high:,.3f}"
    differs = "" if one.difference_busd is None else money(one.difference_busd)
    unserved = one.unserved_compute_years
    shown = "" if unserved is None else f"{unserved:,.1f}"
    return [one.name, one.status, money(one.cost_busd), share(one.gap), differs, proven, shown]
