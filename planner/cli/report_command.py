"""The command ``report``: a plan or a sweep as one page."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from planner.cli.drawn import Force, place_of, write_drawn
from planner.cli.folders import changed_since
from planner.cli.options import AsJson, Quiet, Verbose
from planner.cli.output import Output, problem_record
from planner.cli.progress import ProgressLine
from planner.errors import OptionError, Problem
from planner.status import Ending
from planner.system.extras import extra_module

if TYPE_CHECKING:
    from planner.plan.plan import PlanData
    from planner.report.kept import Kept

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
    alternatives: Annotated[
        bool,
        typer.Option(
            "--alternatives",
            help="Of a plan: with plans that cost little more, and what all have (solves; takes longer).",
        ),
    ] = False,
    kept: Annotated[
        list[Path] | None,
        typer.Option(
            "--kept",
            metavar="FILE",
            help="Of a plan: with an answer of `planner alternatives --json` or `planner explain --prices --json`; "
            "repeatable.",
            show_default=False,
        ),
    ] = None,
    force: Force = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Write a report: one HTML file that opens anywhere, with no network."""
    output = Output(as_json=as_json, verbose=verbose, quiet=quiet)
    target = file if file is not None else Path(f"{folder.resolve().name}.html")
    place_of(target, "report", PAGE, force=force)
    extra_module("jinja2", "report", "a report")
    if (folder / "sweep.json").is_file():
        given = [
            name for name, value in (("--prices", prices), ("--alternatives", alternatives), ("--kept", kept)) if value
        ]
        if given:
            raise OptionError(f"{folder}: is a sweep, and {given[0]} asks of a plan; give one in its folder runs")
        content, problems = _sweep_page(folder, output)
    else:
        content, problems = _plan_page(folder, output, _Asked(prices, alternatives, tuple(kept or ())))
    write_drawn(target, content, "report", force=force)
    output.document({"status": Ending.OK, "written": str(target), "bytes": len(content), "problems": problems})
    output.text.print(f"The report is in [bold]{escape(str(target))}[/bold]", soft_wrap=True)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What else a report of a plan is to hold: what is to be found now, and answers that were kept."""

    prices: bool
    alternatives: bool
    kept: tuple[Path, ...]


def _sweep_page(folder: Path, output: Output) -> tuple[bytes, list[dict[str, Any]]]:
    from planner.analysis.sweep_result import Sweep
    from planner.report.html.sweep_report import sweep_report

    sweep = Sweep.read(folder)
    missing = [Problem(str(folder), f"no result of run {name}, or it cannot be read") for name in sweep.missing]
    output.warn(missing)
    return sweep_report(sweep).encode(), [problem_record(problem) for problem in missing]


def _plan_page(folder: Path, output: Output, asked: _Asked) -> tuple[bytes, list[dict[str, Any]]]:
    from planner.plan.plan import PlanData
    from planner.report.html.plan_report import plan_report
    from planner.report.html.story import story_section

    plan = PlanData.read(folder)
    problems = changed_since(folder, output)
    answers = _answers(plan, asked, output) if asked.prices or asked.alternatives or asked.kept else None
    found, priced = (None, None) if answers is None else (answers.alternatives, answers.prices)
    page = plan_report(plan, changed=bool(problems), prices=priced, alternatives=found, first=[story_section(plan)])
    return page.encode(), problems


def _answers(plan: "PlanData", asked: _Asked, output: Output) -> "Kept":
    """Read the answers that were kept, and find those that were not."""
    from planner.report.kept import FoundAlternatives, Kept, read_kept

    kept = read_kept(asked.kept, plan)
    alternatives, priced = kept.alternatives, kept.prices
    with ProgressLine(output) as progress:
        if asked.prices and priced is None:
            from planner.explain.prices_table import prices

            progress.stage("prices")
            priced = prices(plan)
        if asked.alternatives and alternatives is None:
            from planner.explain.alternatives import alternatives as look

            found = look(plan, on_progress=progress.show)
            alternatives = FoundAlternatives.model_validate(found.document())
    return Kept(alternatives, priced)
