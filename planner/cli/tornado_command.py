"""The command ``tornado``."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from planner.cli.given import given_case
from planner.cli.options import AsJson, CaseName, Changes, Quiet, Verbose, takes_solve_options
from planner.cli.output import Output
from planner.cli.progress import ProgressLine
from planner.cli.resolving import Resolve, ResolveLimit, print_open, refuse_alone, resolved_document, signed
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
    from planner.analysis.tornado import Tornado


Groups = Annotated[
    list[str] | None,
    typer.Option(
        "--group",
        metavar="WHAT",
        help="table.column, table\\[key].column or table\\[column=pattern].column. May be repeated; "
        "without it, every column that has ranges.",
    ),
]
Grade = Annotated[
    str | None,
    typer.Option("--grade", metavar="A|B|C|D", help="Only figures of this grade: their own, else that of their row."),
]
Spread = Annotated[
    float | None,
    typer.Option(
        "--spread",
        metavar="SHARE",
        help="Let figures without a range move by this share of themselves, such as 0.2.",
    ),
]


@takes_solve_options()
def tornado(
    case: CaseName,
    groups: Groups = None,
    grade: Grade = None,
    spread: Spread = None,
    changes: Changes = None,
    resolve: Resolve = False,
    resolve_time_limit: ResolveLimit = None,
    options: SolveOptions = DEFAULT_OPTIONS,
    plot: Plot = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Set inputs to the low and high end of their range, one group at a time, and rank their effects on the cost."""
    output = Output(as_json=as_json, verbose=verbose, quiet=quiet)
    refuse_alone(resolve_time_limit, resolve=resolve)
    with ProgressLine(output) as progress:
        progress.stage("start")
        from planner.analysis.plotted import tornado_of
        from planner.analysis.tornado import tornado as find_tornado

        picture = Picture(plot)
        read = given_case(case, changes)
        runner = make_runner(progress, options)
        found = find_tornado(
            read,
            groups or (),
            grade=grade,
            spread=spread,
            resolve=resolve,
            resolve_time_limit_s=resolve_time_limit,
            runner=runner,
        )
    picture.draw(lambda: tornado_of(found.rows))
    code = exit_code([found.base.summary, *found.rows])
    output.document(
        {
            **ending(code, interrupted=runner.interrupted),
            "case_name": read.name,
            "base_cost_busd": found.base.summary["cost_busd"],
            "rows": json_rows(found.rows),
            "resolved": resolved_document(found.resolved),
            **picture.document(),
        }
    )
    if not as_json:
        _print(output, found)
        picture.print(output.text)
    raise typer.Exit(code)


def _print(output: Output, found: "Tornado") -> None:
    summary = found.base.summary
    output.text.print(
        f"[bold]{escape(summary['case_name'])}[/bold]: "
        f"base ${summary['cost_busd']:,.3f}B, gap {share(summary['gap'])}\n"
    )
    headings = [
        ("input", "left"), ("end", "left"), ("cost, $B", "right"), ("change, $B", "right"),
        ("at least", "right"), ("at most", "right"), ("unserved", "right"), ("IT MW", "right"),
    ]  # fmt: skip
    rows, last = [], ""
    for row in found.rows:
        grade = f", {row['grade']}" if row["grade"] else ""
        name = "" if row["input"] == last else f"{row['input']} ({row['cells']}{grade})"
        last = row["input"]
        it_mw = row["final_it_mw_difference"]
        comparable = not row["shortfall_tier"]
        rows.append(
            [name, row["end"], money(row["cost_busd"]) if row["cost_busd"] is not None else row["status"],
             signed(row["cost_difference_busd"], row["sign"]) if comparable else "–",
             *(money(row[end], signed=True) if comparable else "–" for end in ("low_busd", "high_busd")),
             share(row["unserved_share_difference"], signed=True),
             "–" if it_mw is None else f"{it_mw:+,.0f}"]
        )  # fmt: skip
    print_rows(output.text, headings, rows)
    print_reasons(output.text, found.rows, "input")
    named = ((f"{row['input']} {row['end']}", row) for row in found.rows)
    print_open(output.text, named, found.resolved)
