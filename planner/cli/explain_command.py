"""The command ``explain``."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from planner.cli.explain_story import OnlySections, StoryFile, WithCosts, refuse_other_uses, show_story, write_story
from planner.cli.explain_why import AskedPrices, WhyNames, WhyNotNames, answer_questions, show_answers
from planner.cli.folders import changed_since
from planner.cli.given import given_and_unchanged, marked_warnings
from planner.cli.notes import note_case
from planner.cli.options import AsJson, Changes, ExplainLimit, Quiet, Verbose
from planner.cli.output import Output, problem_record
from planner.cli.progress import ProgressLine
from planner.errors import OptionError, PlannerError, Problem
from planner.status import Ending

if TYPE_CHECKING:
    from planner.api import Case
    from planner.case.case import CaseData
    from planner.explain.conflict import Diagnosis

EXIT_CODES = {"infeasible": 3, "short": 0, "met": 0, "undecided": 5}
"""By the verdict of a diagnosis."""
NO_WAYS_OUT = "--write-whatifs writes the ways out of an infeasible case; --why, --why-not and --prices have none"
WHATIFS = ".toml"
"""How the name of a what-if file ends, for `planner sweep` and `--whatifs`."""
SUMMARY = "summary.json"
"""The file by which the folder of a plan is known."""


def _new_file(file: Path | None) -> Path | None:
    """Look at the place of a file before any work."""
    from planner.system.folders.file import examine_file

    if file is not None and file.suffix != WHATIFS:
        message = f"{file} is not the name of a what-if file; it must end in {WHATIFS}"
        raise typer.BadParameter(message)
    if file is not None:
        examine_file(file)
    return file


def explain(
    target: Annotated[
        str,
        typer.Argument(
            metavar="CASE|PLAN",
            callback=note_case,
            help="A case as for `planner solve`, or the folder of a plan.",
            show_default=False,
        ),
    ],
    changes: Changes = None,
    why: WhyNames = None,
    why_not: WhyNotNames = None,
    prices: AskedPrices = False,
    page: StoryFile = None,
    sections: OnlySections = None,
    with_costs: WithCosts = False,
    write_whatifs: Annotated[
        Path | None,
        typer.Option(
            "--write-whatifs",
            metavar="FILE",
            callback=_new_file,
            help="Write the ways out as a what-if file.",
            show_default=False,
        ),
    ] = None,
    time_limit: ExplainLimit = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Explain why a case cannot be met: which limits are in conflict, and the proven ways out.

    Of a plan: its story, a page of plain sentences with numbers. With --why, --why-not or --prices: what it costs that
    something is in it, or is not, and what more of each limit would change. With --write-whatifs: as of its case.
    """
    output = Output(as_json=as_json, verbose=verbose, quiet=quiet)
    asks = bool(why or why_not or prices)
    asks_more = asks or write_whatifs is not None
    _refuse_ways_out(write_whatifs, asks=asks)
    with ProgressLine(output) as progress:
        progress.stage("start")
        read, unchanged, plan = _given(target, changes)
        refuse_other_uses(plan, page=page, sections=sections, with_costs=with_costs, asks_more=asks_more)
        changed = changed_since(Path(target), output) if plan is not None else []
        if asks:
            names = [*(why or ()), *(why_not or ())]
            answers = answer_questions(progress, plan, names, with_prices=prices, time_limit_s=time_limit)
        elif plan is not None and not asks_more:
            found, ended = write_story(
                progress, plan, target, sections=sections, with_costs=with_costs, time_limit_s=time_limit
            )
        else:
            conflict = _diagnosed(output, progress, read, time_limit, plan, unchanged)
    if asks:
        raise typer.Exit(show_answers(output, plan, answers, changed))
    if plan is not None and not asks_more:
        raise typer.Exit(show_story(output, plan, found, ended, page=page, changed=changed))
    raise typer.Exit(_show_diagnosis(output, conflict, write_whatifs, (_case_of(target), changes or ()), changed))


def _refuse_ways_out(file: Path | None, *, asks: bool) -> None:
    if file is not None and asks:
        raise OptionError(NO_WAYS_OUT)


def _show_diagnosis(
    output: Output,
    found: "Diagnosis",
    file: Path | None,
    case: tuple[str, Sequence[str]],
    changed: list[dict[str, Any]],
) -> int:
    """Print a diagnosis, or write it as one document, also where its file cannot be written; return the exit code.

    ``case`` is what the case is called on the command line, and the changes that were made to it there.
    """
    written, trouble = None, list[Problem]()
    code = EXIT_CODES[found.verdict]
    try:
        written = _write_whatifs(found, file, *case)
    except PlannerError as error:
        code, trouble = error.exit_code, [Problem("", str(error))]
    problems = [*changed, *(problem_record(problem) for problem in [*found.contradictions, *trouble])]
    document: dict[str, Any] = {"status": Ending.of_code(code), "exit_code": code, "case_name": found.name}
    output.document({**document, **found.document(), "problems": problems, "whatifs": written})
    print_diagnosis(output, found, written)
    if file is not None and written is None:
        reason = trouble[0].message if trouble else f"There are no ways out to write: {file} was not made"
        output.text.print(f"\n{escape(reason)}", soft_wrap=True)
    return code


def _diagnosed(
    output: Output,
    progress: ProgressLine,
    case: "Case",
    time_limit: float | None,
    plan: Any,
    unchanged: "CaseData | None",
) -> "Diagnosis":
    """Look for what a case cannot meet; of a case that was changed, say which figures in conflict were."""
    from planner.explain.conflict_changed import diagnose_changed

    if plan is None:
        output.warn(marked_warnings(case.warnings(), case, unchanged))
    return diagnose_changed(
        case, unchanged, time_limit_s=time_limit, has_plan=plan is not None, on_stage=progress.stage
    )


def _given(target: str, changes: list[str] | None) -> "tuple[Case, CaseData | None, Any]":
    """Return the case that is meant, the same without its changes if it has any, and the plan if one is given.

    Raises
    ------
    PlannerError
        If changes are to be made to a plan.
    """
    from planner.api import Case, Plan

    if not _is_plan(target):
        return *given_and_unchanged(target, changes), None
    if changes:
        message = f"{target}: is a plan, and --set changes a case; give the case"
        raise PlannerError(message)
    plan = Plan.read(target)
    return Case.of(plan.case), None, plan


def _case_of(target: str) -> str:
    """Return what the case that is explained is called: of a plan, the folder of its inputs."""
    return (Path(target) / "inputs").as_posix() if _is_plan(target) else target


def _is_plan(target: str) -> bool:
    try:
        return (Path(target) / SUMMARY).is_file()
    except (OSError, ValueError):  # a name that is too long, or has a zero byte
        return False


def _write_whatifs(found: "Diagnosis", file: Path | None, case: str, changes: Sequence[str]) -> str | None:
    """Write the ways out to a file; return where it is, or None where there is nothing to write."""
    if file is None or not found.ways:
        return None
    from planner.explain.conflict_write import whatif_text
    from planner.system.folders.file import write_file

    write_file(file, whatif_text(case, found.ways, changes).encode())
    return str(file)


def print_diagnosis(output: Output, found: "Diagnosis", written: str | None = None, most: int | None = None) -> None:
    """Print a diagnosis to people."""
    for line in found.lines(most):
        output.text.print(escape(line), soft_wrap=True)
    if written is not None:
        output.text.print(f"\nThe ways out are in [bold]{escape(written)}[/bold]", soft_wrap=True)
