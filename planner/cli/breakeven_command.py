"""The command ``breakeven``."""

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from planner.cli.given import given_case
from planner.cli.options import AsJson, CaseName, Changes, Quiet, Verbose, takes_solve_options
from planner.cli.output import Output
from planner.cli.progress import ProgressLine
from planner.cli.study import ending, make_runner
from planner.options import DEFAULT_OPTIONS, SolveOptions
from planner.status import exit_code_of

if TYPE_CHECKING:
    from planner.analysis.breakeven import BreakEven, Edge
    from planner.analysis.entry import Entry


def _finite(value: float) -> float:
    """Admit a finite number."""
    if not math.isfinite(value):
        message = f"{value} is not a number to search up to"
        raise typer.BadParameter(message)
    return value


def _width(value: float | None) -> float | None:
    """Admit a finite tolerance above zero."""
    if value is not None and not (math.isfinite(value) and value > 0.0):
        message = f"{value} is not a tolerance; give more than 0, in the unit of the column"
        raise typer.BadParameter(message)
    return value


@takes_solve_options()
def breakeven(
    case: CaseName,
    place: Annotated[
        str,
        typer.Argument(metavar="WHAT", help="table\\[key].column, or model.key of a number.", show_default=False),
    ],
    low: Annotated[
        float,
        typer.Option("--low", metavar="NUMBER", callback=_finite, help="Lowest value tried.", show_default=False),
    ],
    high: Annotated[
        float,
        typer.Option("--high", metavar="NUMBER", callback=_finite, help="Highest value tried.", show_default=False),
    ],
    entry: Annotated[
        bool,
        typer.Option("--entry", help="WHAT is a price of an offer: find the price at which the offer enters the plan."),
    ] = False,
    tolerance: Annotated[
        float | None,
        typer.Option(
            "--tolerance",
            metavar="NUMBER",
            callback=_width,
            help="Accuracy of the limits found; without it, a thousandth of the range searched.",
        ),
    ] = None,
    changes: Changes = None,
    options: SolveOptions = DEFAULT_OPTIONS,
    as_json: AsJson = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Find how far a number may change before the contracts change, or the price at which an offer enters the plan."""
    output = Output(as_json=as_json, verbose=verbose, quiet=quiet)
    with ProgressLine(output) as progress:
        progress.stage("start")
        from planner.analysis.breakeven import break_even
        from planner.analysis.entry import entry_price

        read = given_case(case, changes)
        runner = make_runner(progress, options)
        search = entry_price if entry else break_even
        found = search(read, place, low, high, tolerance=tolerance, runner=runner)
    code = exit_code_of(runner.results)
    end = ending(code, interrupted=runner.interrupted)
    output.document({**end, "case_name": read.name, **asdict(found), "problems": []})
    if not as_json:
        _print_entry(output, found, low, high) if entry else _print_interval(output, found)  # type: ignore[arg-type]
    raise typer.Exit(code)


def _print_interval(output: Output, found: "BreakEven") -> None:
    console = output.text
    console.print(f"[bold]{escape(found.place)}[/bold] is {found.value:g}", soft_wrap=True)
    console.print(
        f"The contracts of the plan remain optimal (within {found.gap:.2%}) "
        f"from [bold]{found.below.last_same:g}[/bold] to [bold]{found.above.last_same:g}[/bold]",
        soft_wrap=True,
    )
    _print_edge(output, "below", found.below)
    _print_edge(output, "above", found.above)
    console.print(f"\nLimits accurate to {found.tolerance:g}; {found.solves} solves")


def _print_edge(output: Output, side: str, edge: "Edge") -> None:
    if edge.first_changed is None:
        way = "down" if side == "below" else "up"
        output.text.print(f"\n{side}: no change {way} to {edge.last_same:g}, the end of the range searched")
        return
    verb = "undecided at" if edge.undecided else "changed at"
    output.text.print(f"\n{side}: {verb} {edge.first_changed:g}: {escape(edge.why)}", soft_wrap=True)
    for row in edge.contracts:
        before = f"{row['reference_offer']} {row['reference_start']}".strip()
        after = f"{row['offer']} {row['start']}".strip()
        it_mw = row["plan_it_mw"] or row["reference_it_mw"]
        arrow = " -> ".join(part for part in (before, after) if part)
        output.text.print(
            f"  {escape(row['change'])}: {it_mw:,.0f} IT MW {escape(row['role'])}, {escape(arrow)}", soft_wrap=True
        )


def _print_entry(output: Output, found: "Entry", low: float, high: float) -> None:
    console = output.text
    console.print(f"[bold]{escape(found.place)}[/bold] is {found.value:g}", soft_wrap=True)
    if found.enters_at is None:
        console.print(f"The offer is not proven to enter at any price from {low:g} up")
    else:
        console.print(f"The offer enters at [bold]{found.enters_at:g}[/bold] and below")
        for use in found.uses:
            console.print(f"  {escape(use)}", soft_wrap=True)
    if found.out_at is None:
        console.print(f"It is not proven to stay out at any price up to {high:g}")
    else:
        console.print(f"It stays out at [bold]{found.out_at:g}[/bold] and above")
    console.print(
        f"\nBetween the two the result is undecided at a gap of {found.gap:.2%}; "
        f"limits accurate to {found.tolerance:g}; "
        f"cost without the offer ${found.cost_without_busd:,.3f}B; {found.solves} solves",
        soft_wrap=True,
    )
