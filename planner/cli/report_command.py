"""The command ``report``: a plan or a sweep as one page."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from planner.cli.drawn import Force, place_of, write_drawn
from planner.cli.folders import changed_since
from planner.cli.options import AsJson, Verbose
from planner.cli.output import Output, problem_record
from planner.errors import OptionError, Problem
from planner.status import Ending
from planner.system.extras import extra_module

if TYPE_CHECKING:
    from planner.explain.prices_table import Prices
    from planner.plan.plan import PlanData

PAGE = (".html", ".htm")
Folder = Annotated[
    Path, typer.Argument(metavar="PLAN|SWEEP", help="The folder of a plan or of a sweep.", show_default=False)
]


def report(
    folder: Folder,
    file: Annotated[
        Path | None,
        typer.Option(
            "-o", "--out", metavar="FILE", help="The page (.html); default: the name of the folder.", show_default=False
        ),
    ] = None,
    prices: Annotated[
        bool, typer.Option("--prices", help="Of a plan: with what more of each limit is worth (solves; takes longer).")
    ] = False,
    force: Force = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Write a report: one HTML file that opens anywhere, with no network."""
    output = Output(as_json=as_json, verbose=verbose)
    target = file if file is not None else Path(f"{folder.resolve().name}.html")
    place_of(target, "report", PAGE, force=force)
    extra_module("jinja2", "report", "a report")
    if (folder / "sweep.json").is_file():
        if prices:
            raise OptionError(f"{folder}: is a sweep, and --prices asks of a plan; give one in its folder runs")
        content, problems = _sweep_page(folder, output)
    else:
        content, problems = _plan_page(folder, output, priced=prices)
    write_drawn(target, content, "report", force=force)
    output.document({"status": Ending.OK, "written": str(target), "bytes": len(content), "problems": problems})
    output.text.print(f"The report is in [bold]{escape(str(target))}[/bold]", soft_wrap=True)


def _sweep_page(folder: Path, output: Output) -> tuple[bytes, list[dict[str, Any]]]:
    from planner.analysis.sweep_result import Sweep
    from planner.report.html.sweep_report import sweep_report

    sweep = Sweep.read(folder)
    missing = [Problem(str(folder), f"no result of run {name}, or it cannot be read") for name in sweep.missing]
    output.warn(missing)
    return sweep_report(sweep).encode(), [problem_record(problem) for problem in missing]


def _plan_page(folder: Path, output: Output, *, priced: bool) -> tuple[bytes, list[dict[str, Any]]]:
    from planner.plan.plan import PlanData
    from planner.report.html.plan_report import plan_report

    plan = PlanData.read(folder)
    problems = changed_since(folder, output)
    return plan_report(plan, changed=bool(problems), prices=_prices(plan) if priced else None).encode(), problems


def _prices(plan: "PlanData") -> "Prices":
    from planner.explain.prices_table import prices

    return prices(plan)
