"""The story that ``planner explain PLAN`` writes: printed, as a file of Markdown, or as one document."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from planner.case.messages import nearest
from planner.cli.output import Output, problem_record
from planner.cli.progress import ProgressLine
from planner.cli.study import ending, make_runner
from planner.errors import OptionError, PlannerError, Problem

if TYPE_CHECKING:
    from planner.api import Plan
    from planner.report.story.page import Story

NOT_FOUND = 5
"""Exit code where a solve for the costs of rules found no plan in time."""
MARKDOWN = (".md", ".markdown")


def _page(file: Path | None) -> Path | None:
    """Look at the place of a page before any work."""
    from planner.system.folders.file import examine_file

    if file is None:
        return None
    if file.suffix.lower() not in MARKDOWN:
        message = f"{file} is not the name of a page; it must end in {', '.join(MARKDOWN)}"
        raise typer.BadParameter(message)
    examine_file(file)
    return file


StoryFile = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--out",
        metavar="FILE",
        callback=_page,
        help="Of a plan: write its story as Markdown (.md) too.",
        show_default=False,
    ),
]
SECTIONS = ("misses", "sure", "built", "money", "binds", "rules", "bets", "decide")


def _sections(names: list[str] | None) -> list[str] | None:
    """Admit the names of sections."""
    for name in names or ():
        if name not in SECTIONS:
            message = (
                f"{name!r} is not a section of a story{nearest(name, SECTIONS)} (there are: {', '.join(SECTIONS)})"
            )
            raise typer.BadParameter(message)
    return names


OnlySections = Annotated[
    list[str] | None,
    typer.Option(
        "--section",
        metavar="NAME",
        callback=_sections,
        help=f"Of a plan: only this section of its story ({', '.join(SECTIONS)}); repeatable.",
        show_default=False,
    ),
]
WithCosts = Annotated[
    bool,
    typer.Option(
        "--with-costs",
        help="Of a plan: what redundancy, head-room, contiguity and programmes cost, each by a solve without it, and "
        "prices, in its story.",
    ),
]


def refuse_other_uses(
    plan: "Plan | None", *, page: Path | None, sections: list[str] | None, with_costs: bool, asks_more: bool
) -> None:
    """Refuse what only a story takes, where none is written.

    Raises
    ------
    OptionError
        If --out, --section or --with-costs is given with a case, or with options that ask for something else.
    """
    asked = {"--out": page is not None, "--section": bool(sections), "--with-costs": with_costs}
    given = [name for name, is_given in asked.items() if is_given]
    if given and plan is None:
        raise OptionError(
            f"{' and '.join(given)}: of the story of a plan: give its folder (`planner solve CASE` makes one)"
        )
    if given and asks_more:
        words = "ask for something else"
        raise OptionError(
            f"{' and '.join(given)}: of the story of a plan; --why, --why-not, --prices, --write-whatifs {words}"
        )


def write_story(
    progress: ProgressLine,
    plan: "Plan",
    target: str,
    *,
    sections: list[str] | None,
    with_costs: bool,
    time_limit_s: float | None,
) -> "tuple[Story, dict[str, Any]]":
    """Write the story of a plan, and how that ended: a status and an exit code."""
    from planner.report.story.page import options_of, story

    runner = make_runner(progress, options_of(plan, time_limit_s))
    progress.stage("story")
    found = story(plan, folder=target, with_costs=with_costs, runner=runner)
    if sections:
        found = replace(found, sections=tuple(part for part in found.sections if part.id in sections))
    code = NOT_FOUND if any(not has_plan for _, has_plan in runner.results) else 0
    return found, ending(code, interrupted=runner.interrupted)


def show_story(
    output: Output,
    plan: "Plan",
    found: "Story",
    ended: dict[str, Any],
    *,
    page: Path | None,
    changed: list[dict[str, Any]],
) -> int:
    """Print a story, or write it as one document, also where its page cannot be written; return the exit code."""
    from planner.system.folders.file import write_file

    written, trouble = None, list[Problem]()
    try:
        if page is not None:
            write_file(page, found.markdown.encode())
            written = str(page)
    except PlannerError as error:
        ended = ending(error.exit_code)
        trouble.append(Problem("", str(error)))
    problems = [*changed, *(problem_record(problem) for problem in trouble)]
    document = {**ended, "case_name": plan.case.name, "cost_busd": plan.cost_busd, "gap": plan.gap, "written": written}
    output.document({**document, **found.document(), "problems": problems})
    for line in found.lines():
        output.text.print(escape(line), soft_wrap=True, highlight=False)
    if written is not None:
        output.text.print(f"\nThe story is in [bold]{escape(written)}[/bold]", soft_wrap=True)
    output.warn(trouble)
    return int(ended["exit_code"])
