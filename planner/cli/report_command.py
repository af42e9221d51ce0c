"""Commands ``report`` and ``plot``: a plan or a sweep as one page, and its figures as files."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from planner.case.messages import nearest
from planner.cli.folders import changed_since
from planner.cli.options import AsJson, PlanFolder, Verbose
from planner.cli.output import Output, problem_record
from planner.errors import OptionError, Problem
from planner.figures import FIGURES
from planner.status import Ending
from planner.system.extras import extra_module
from planner.system.folders.file import examine_file, write_file
from planner.system.folders.picture import examine_picture, write_picture

if TYPE_CHECKING:
    from planner.explain.prices_table import Prices
    from planner.plan.plan import PlanData

PAGE, FORMATS = (".html", ".htm"), (".png", ".svg", ".pdf", ".html")
Force = Annotated[bool, typer.Option("--force", help="Replace a file of this name, whatever it is.")]
Folder = Annotated[
    Path, typer.Argument(metavar="PLAN|SWEEP", help="The folder of a plan or of a sweep.", show_default=False)
]


def _place(file: Path, what: str, endings: tuple[str, ...], *, force: bool) -> None:
    """Look at the place of a file before any work."""
    if file.suffix.lower() not in endings:
        message = f"{file} is not the name of a {what}; it must end in {', '.join(endings)}"
        raise typer.BadParameter(message)
    if force:
        examine_file(file, replace=True)
    else:
        examine_picture(file, what)


def _write(file: Path, content: bytes, what: str, *, force: bool) -> None:
    if force:
        write_file(file, content, replace=True)
    else:
        write_picture(file, content, what)


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
    _place(target, "report", PAGE, force=force)
    extra_module("jinja2", "report", "a report")
    if (folder / "sweep.json").is_file():
        if prices:
            raise OptionError(f"{folder}: is a sweep, and --prices asks of a plan; give one in its folder runs")
        content, problems = _sweep_page(folder, output)
    else:
        content, problems = _plan_page(folder, output, priced=prices)
    _write(target, content, "report", force=force)
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


def _figure_name(name: str) -> str:
    """Admit the name of a figure."""
    if name not in FIGURES:
        message = f"{name!r} is not a figure of a plan{nearest(name, FIGURES)} (there are: {', '.join(FIGURES)})"
        raise typer.BadParameter(message)
    return name


def plot(
    folder: PlanFolder,
    name: Annotated[
        str,
        typer.Argument(metavar="FIGURE", callback=_figure_name, help=f"{', '.join(FIGURES)}.", show_default=False),
    ],
    file: Annotated[
        Path, typer.Option("-o", "--out", metavar="FILE", help="A file (.png, .svg, .pdf, .html).", show_default=False)
    ],
    dark: Annotated[bool, typer.Option("--dark", help="A picture on a dark ground.")] = False,
    force: Force = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Write a figure of a plan as PNG, SVG, PDF or HTML."""
    _place(file, "picture", FORMATS, force=force)
    extra_module("matplotlib", "report", "a figure")
    extra_module("jinja2", "report", "a figure")
    from planner.figures.plots import SPECS
    from planner.plan.plan import PlanData
    from planner.report.html.figure_page import content_of

    output = Output(as_json=as_json, verbose=verbose)
    plan = PlanData.read(folder)
    problems = changed_since(folder, output)
    _write(file, content_of(plan, SPECS[name](plan), file, dark=dark), "picture", force=force)
    output.document({"status": Ending.OK, "figure": name, "written": str(file), "problems": problems})
    output.text.print(f"The figure is in [bold]{escape(str(file))}[/bold]", soft_wrap=True)
