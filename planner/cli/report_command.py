"""The command ``report``: a plan, a sweep or a study of risk as one page."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from planner.cli.drawn import Force, is_file, place_of, write_drawn
from planner.cli.folders import changed_since, findings_kind
from planner.cli.options import AnswerLimit, AsJson, Quiet, Verbose
from planner.cli.output import Output, problem_record
from planner.cli.progress import ProgressLine
from planner.cli.study import make_runner
from planner.errors import OptionError, Problem
from planner.options import SolveOptions
from planner.status import Ending
from planner.system.extras import extra_module

if TYPE_CHECKING:
    from planner.plan.plan import PlanData
    from planner.report.kept import Kept

PAGE = (".html", ".htm")
Folder = Annotated[
    Path,
    typer.Argument(
        metavar="PLAN|SWEEP|RISK|FILE",
        help="The folder of a plan, a sweep, of risk or of stress; or what `front --json` or `tornado --json` wrote.",
        show_default=False,
    ),
]


Page = Annotated[
    Path | None,
    typer.Option(
        "-o", "--out", metavar="FILE", help="The page (.html); default: the name of the folder.", show_default=False
    ),
]
Prices = Annotated[
    bool, typer.Option("--prices", help="Of a plan: with what more of each limit is worth (solves; takes longer).")
]
Others = Annotated[
    bool,
    typer.Option(
        "--alternatives", help="Of a plan: with plans that cost little more, and what all have (solves; takes longer)."
    ),
]
KeptFiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--kept",
        metavar="FILE",
        help="Of a plan: with an answer of `planner alternatives --json` or `planner explain --prices --json`; "
        "repeatable.",
        show_default=False,
    ),
]
Regretted = Annotated[
    bool,
    typer.Option(
        "--regret", help="Of a sweep: with what the contracts of each run cost in the case of each other (solves)."
    ),
]
Runs = Annotated[
    list[str] | None,
    typer.Option(
        "--run",
        metavar="NAME",
        help="A run of --regret; else the six that differ most; repeatable.",
        show_default=False,
    ),
]

ANSWER_S = 120.0
"""Time of each answer of a plan that is found for its report."""


def report(
    folder: Folder,
    file: Page = None,
    prices: Prices = False,
    alternatives: Others = False,
    kept: KeptFiles = None,
    regret: Regretted = False,
    runs: Runs = None,
    time_limit: AnswerLimit = None,
    force: Force = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Write a report: one HTML file that opens anywhere, with no network."""
    output = Output(as_json=as_json, verbose=verbose, quiet=quiet)
    target = file if file is not None else _default_name(folder)
    place_of(target, "report", PAGE, force=force)
    extra_module("jinja2", "report", "a report")
    of_plan = {"--prices": prices, "--alternatives": alternatives, "--kept": kept}
    of_sweep = {"--regret": regret, "--run": runs}
    if findings_kind(folder) is not None:
        _refuse({**of_plan, **of_sweep}, f"{folder}: is of {findings_kind(folder)}", "a plan or a sweep")
        content, problems = _findings_page(folder, output)
    elif is_file(folder / "sweep.json"):
        _refuse(of_plan, f"{folder}: is a sweep", "a plan; give one in its folder runs")
        _refuse({} if regret else {"--run": runs, "--time-limit": time_limit}, f"{folder}", "--regret")
        content, problems = _sweep_page(folder, output, _Regretted(tuple(runs or ()), time_limit) if regret else None)
    elif is_file(folder):
        _refuse({**of_plan, **of_sweep, "--time-limit": time_limit}, f"{folder}: is a file", "a folder")
        content, problems = _study_page(folder), []
    else:
        _refuse(of_sweep, f"{folder}: is no sweep", "one")
        content, problems = _plan_page(folder, output, _Asked(prices, alternatives, tuple(kept or ()), time_limit))
    write_drawn(target, content, "report", force=force)
    output.document({"status": Ending.OK, "written": str(target), "bytes": len(content), "problems": problems})
    output.text.print(f"The report is in [bold]{escape(str(target))}[/bold]", soft_wrap=True)


def _default_name(given: Path) -> Path:
    """Return the page of what was given where none is named: beside it, in the current folder."""
    whole = given.resolve()
    return Path(f"{whole.stem if is_file(given) else whole.name}.html")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What else a report of a plan is to hold: what is to be found now, and answers that were kept."""

    prices: bool
    alternatives: bool
    kept: tuple[Path, ...]
    time_limit_s: float | None


def _refuse(given: dict[str, Any], what: str, whose: str) -> None:
    """Refuse options of something else."""
    for name, value in given.items():
        if value:
            raise OptionError(f"{what}, and {name} asks of {whose}")


@dataclass(frozen=True, slots=True)
class _Regretted:
    """Whose regret is asked for, and how long it may take; no runs: those that differ most."""

    runs: tuple[str, ...]
    time_limit_s: float | None


def _sweep_page(folder: Path, output: Output, asked: _Regretted | None) -> tuple[bytes, list[dict[str, Any]]]:
    from planner.analysis.sweep_result import Sweep
    from planner.report.html.sweep_report import sweep_report

    sweep = Sweep.read(folder)
    missing = [Problem(str(folder), f"no result of run {name}, or it cannot be read") for name in sweep.missing]
    output.warn(missing)
    found = None
    if asked is not None:
        with ProgressLine(output) as progress:
            from planner.analysis.regret import regret_of

            runner = make_runner(progress, SolveOptions())
            found = regret_of(sweep, asked.runs, within_s=asked.time_limit_s, runner=runner)
    return sweep_report(sweep, regret=found).encode(), [problem_record(problem) for problem in missing]


def _findings_page(folder: Path, output: Output) -> tuple[bytes, list[dict[str, Any]]]:
    from planner.report.html.uncertain_report import findings_report
    from planner.uncertainty.findings import Findings

    found = Findings.read(folder)
    problems = changed_since(folder, output, "results were")
    return findings_report(found, changed=bool(problems)).encode(), problems


def _study_page(file: Path) -> bytes:
    from planner.report.html.study_report import study_report

    return study_report(file).encode()


def _plan_page(folder: Path, output: Output, asked: _Asked) -> tuple[bytes, list[dict[str, Any]]]:
    from planner.plan.plan import PlanData
    from planner.report.html.plan_report import plan_report
    from planner.report.html.story import story_section
    from planner.report.kept import ranges_of

    plan = PlanData.read(folder)
    problems = changed_since(folder, output)
    answers = _answers(plan, asked, output) if asked.prices or asked.alternatives or asked.kept else None
    found, priced = (None, None) if answers is None else (answers.alternatives, answers.prices)
    found = found or ranges_of(plan)
    page = plan_report(plan, changed=bool(problems), prices=priced, alternatives=found, first=[story_section(plan)])
    return page.encode(), problems


def _answers(plan: "PlanData", asked: _Asked, output: Output) -> "Kept":
    """Read the answers that were kept, and find those that were not."""
    from planner.report.kept import FoundAlternatives, Kept, read_kept

    kept = read_kept(asked.kept, plan)
    limit = ANSWER_S if asked.time_limit_s is None else asked.time_limit_s
    alternatives, priced = kept.alternatives, kept.prices
    with ProgressLine(output) as progress:
        if asked.prices and priced is None:
            from planner.explain.prices_table import prices

            progress.stage("prices")
            priced = prices(plan, time_limit_s=limit)
        if asked.alternatives and alternatives is None:
            from planner.explain.alternatives import alternatives as look

            found = look(plan, on_progress=progress.show, time_limit_s=limit)
            alternatives = FoundAlternatives.model_validate(found.document())
    return Kept(alternatives, priced)
