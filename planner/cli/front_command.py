"""The command ``front``."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from planner.cli.given import given_case
from planner.cli.options import AsJson, CaseName, Changes, Quiet, Verbose, takes_solve_options
from planner.cli.output import Output
from planner.cli.progress import ProgressLine
from planner.cli.resolving import OPEN, Resolve, ResolveLimit, print_open, refuse_alone, resolved_document, signed
from planner.cli.rows import print_rows
from planner.cli.study import (
    Picture,
    Plot,
    ending,
    exit_code,
    json_rows,
    make_runner,
    money,
    print_reasons,
    share,
)
from planner.options import DEFAULT_OPTIONS, SolveOptions

if TYPE_CHECKING:
    from planner.analysis.front import Front

DOMINATED = {"yes": "dominated", "no": "", "open": "dominated, if not inside the gaps"}
AXES = ("critical_share", "carbon", "budget", "unserved", "gw_date")
"""Those of `planner.analysis.front.AXES`, which the help does not wait for; a test holds them equal."""


def _axis(name: str) -> str:
    """Admit a requirement that can vary."""
    if name not in AXES:
        message = f"{name!r}: a front is against one of {', '.join(AXES)}"
        raise typer.BadParameter(message)
    return name


Against = Annotated[
    str,
    typer.Option("--against", metavar="WHAT", callback=_axis, help=f"One of {', '.join(AXES)}.", show_default=False),
]
Values = Annotated[
    list[float] | None,
    typer.Option("--value", metavar="NUMBER", help="A value of the requirement that varies. May be repeated."),
]


@takes_solve_options()
def front(
    case: CaseName,
    against: Against,
    values: Values = None,
    gw: Annotated[
        float | None, typer.Option("--gw", metavar="NUMBER", help="Installed IT GW to reach, with gw_date.")
    ] = None,
    rules: Annotated[
        list[str] | None,
        typer.Option("--rule", metavar="NAME", help="Vary only this redundancy rule. May be repeated."),
    ] = None,
    changes: Changes = None,
    resolve: Resolve = False,
    resolve_time_limit: ResolveLimit = None,
    options: SolveOptions = DEFAULT_OPTIONS,
    plot: Plot = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Compute the least cost against critical share, carbon cap, budget, unserved demand, or the date of an IT GW."""
    output = Output(as_json=as_json, verbose=verbose, quiet=quiet)
    refuse_alone(resolve_time_limit, resolve=resolve)
    with ProgressLine(output) as progress:
        progress.stage("start")
        from planner.analysis.front import front as find_front
        from planner.analysis.plotted import front_of

        picture = Picture(plot)
        read = given_case(case, changes)
        runner = make_runner(progress, options)
        found = find_front(
            read,
            against,
            values or (),
            gw=gw,
            rules=rules or (),
            resolve=resolve,
            resolve_time_limit_s=resolve_time_limit,
            runner=runner,
        )
    picture.draw(lambda: front_of(found.rows, found.title))
    code = exit_code(found.rows)
    output.document(
        {
            **ending(code, interrupted=runner.interrupted),
            "case_name": read.name,
            "against": against,
            "title": found.title,
            "points": json_rows(found.rows),
            "resolved": resolved_document(found.resolved),
            **picture.document(),
        }
    )
    if not as_json:
        _print(output, found)
        picture.print(output.text)
    raise typer.Exit(code)


def _print(output: Output, found: "Front") -> None:
    output.text.print(f"[bold]Least cost against {escape(found.title)}[/bold]\n")
    headings = [
        (found.against, "right"), ("cost, $B", "right"), ("bound, $B", "right"), ("gap", "right"),
        ("unserved", "right"), ("more, $B", "right"), ("", "left"),
    ]  # fmt: skip
    rows = []
    for row in found.rows:
        word = row["status"] if row["cost_busd"] is None else DOMINATED[row["dominated"]]
        more = "" if row["difference_busd"] is None else signed(row["difference_busd"], row["sign"])
        more = "–" if row["tier"] and row["sign"] != OPEN else more
        rows.append(
            [row["label"], money(row["cost_busd"]), money(row["bound_busd"]), share(row["gap"]),
             share(row["unserved_share"]), more, word]
        )  # fmt: skip
    print_rows(output.text, headings, rows)
    print_reasons(output.text, found.rows, "label")
    named = ((f"{row['label']} less {row['compared_with']}", row) for row in found.rows)
    print_open(output.text, named, found.resolved)
