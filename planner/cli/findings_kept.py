"""Where the findings of ``risk`` and ``stress`` are, and what is said where they could not be written."""

from typing import Any

from rich.markup import escape

from planner.cli.output import Output, problem_record
from planner.errors import Problem
from planner.plan.keep import Kept, Write, keep
from planner.system.folders import Target


def keep_results(write: Write, target: Target | None) -> Kept:
    """Write results to their place, or elsewhere as a plan would be; without a place nothing is written."""
    return Kept(None) if target is None else keep(write, target, "the results are")


def lost(kept: Kept) -> int:
    """Return the exit code for results that were to be written and are nowhere but in the output: 1, otherwise 0."""
    return 1 if kept.note and kept.folder is None else 0


def where(kept: Kept) -> dict[str, Any]:
    """Return where the results are, and why not where they were to be, for the document."""
    folder = None if kept.folder is None else str(kept.folder)
    problems = [problem_record(Problem(file=folder or "", message=kept.note))] if kept.note else []
    return {"folder": folder, "problems": problems}


def print_kept(output: Output, kept: Kept) -> None:
    """Say to people where the results are, and why not where they were to be."""
    if kept.note:
        end = "; they stand above alone, and with --json whole" if kept.folder is None else ""
        output.text.print(f"\n[yellow]{escape(kept.note + end)}[/yellow]", soft_wrap=True)
    if kept.folder is not None:
        output.text.print(f"\nThe results are in [bold]{escape(str(kept.folder))}[/bold]", soft_wrap=True)
