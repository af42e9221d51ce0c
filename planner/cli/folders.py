"""Where a command writes a plan, what it refuses to write over, and what it says of it."""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from planner.cli.output import Output, problem_record
from planner.cli.standing import HASH_DIGITS, Standing, for_solve, standing
from planner.errors import PlanError, PlannerError, Problem
from planner.plan.columns import COLUMNS
from planner.plan.keep import keep
from planner.report.listing import print_table
from planner.system.folders import Target, examine
from planner.system.folders.manifest import changed_names, kind_of
from planner.system.folders.target import named

if TYPE_CHECKING:
    from planner.api import Plan
    from planner.plan.plan import PlanData


def plan_folder(case_name: str, case_hash: str, wanted: Path | None, ending: str = "") -> Target:
    """Return the place to write a plan to, before the work begins; ``ending`` ends the name of the default folder.

    Raises
    ------
    PlannerError
        If anything there is not a plan's own: nothing but a plan is ever written over.
    """
    folder = wanted if wanted is not None else Path("plans") / f"{case_name}-{case_hash[:HASH_DIGITS]}{ending}"
    try:
        return examine(folder)
    except PlanError as error:
        message = f"{error} (with --out)"
        raise PlannerError(message) from None


@dataclass(frozen=True, slots=True)
class Written:
    """Where a command's plan went, in the words of its document.

    Attributes
    ----------
    folder : str or None
        None where nothing could be written anywhere.
    note : str
        Why it is not where it was to be.
    tables : dict
        All tables, where there is no folder to look them up in.
    """

    folder: str | None
    note: str
    tables: dict[str, Any]
    replaced: Standing | None = None
    """The plan that stood there, and is gone."""
    case_hash: str = ""

    def document(self) -> dict[str, Any]:
        """Return what ``--json`` says of it; with the tables where the document is all that is left of the plan."""
        problems = [problem_record(Problem(file=self.folder or "", message=self.note))] if self.note else []
        tables = {"tables": self.tables} if self.tables else {}
        replaced = None if self.replaced is None else self.replaced.document()
        return {"folder": self.folder, "replaced": replaced, **tables, "problems": problems}

    def print(self, output: Output, what: str) -> None:
        """Say to people where it is; print all its tables where it is nowhere."""
        if self.note:
            output.text.print(f"\n[yellow]{escape(self.note)}[/yellow]", soft_wrap=True)
        if self.replaced is not None:
            words = self.replaced.words(self.case_hash)
            output.text.print(f"\nReplaced {escape(words)}", soft_wrap=True)
        if self.folder is not None:
            output.text.print(f"\n{what} is in [bold]{escape(self.folder)}[/bold]", soft_wrap=True)
            return
        for name, rows in self.tables.items():
            output.text.print(f"\n[bold]{name}[/bold]")
            print_table(output.text, name, rows)


def findings_kind(folder: Path) -> str | None:
    """Return whether a folder is one of ``risk`` or ``stress``; None: neither."""
    kind = kind_of(folder)
    return kind if kind in ("risk", "stress") else None


def changed_since(folder: Path, output: Output, what: str = "plan was") -> list[dict[str, Any]]:
    """Warn of files of a plan that were changed, or are gone, since it was written; return the problems for JSON."""
    words = changed_names(folder)
    if not words:
        return []
    hint = "; `planner audit` reports the details" if what == "plan was" else ""
    problem = Problem(str(folder), f"changed since the {what} written: {named(words)}{hint}")
    output.warn([problem])
    return [problem_record(problem)]


def write_plan(plan: "PlanData", target: Target) -> Written:
    """Write a plan to its place; if that cannot be used any more, elsewhere; and at worst to the output."""
    from planner.plan.plan import write_at

    found = standing(target) if target.state else None
    kept = keep(partial(write_at, plan), target)
    case_hash = str(plan.summary.get("case_hash", ""))
    if kept.folder is not None:
        replaced = found if kept.folder == target.shown and not kept.note else None
        return Written(str(kept.folder), kept.note, {}, replaced, case_hash)
    return Written(None, f"{kept.note}: its tables follow", {name: list(plan.rows(name)) for name in COLUMNS})


def write_solved(plan: "Plan", target: Target, *, named: bool) -> Written:
    """Write a solved plan, in the default folder never over a better one but beside it; report the plan it replaced."""
    if named or not target.state:
        return write_plan(plan, target)
    beside = for_solve(target, plan.summary)
    written = write_plan(plan, beside)
    found = standing(target)
    if beside.path == target.path or found is None or written.folder is None:
        return written
    summary = plan.summary
    better = found.kind == "solve" and found.case_hash == summary.get("case_hash")
    why = "a better plan of this case, " if better else ""
    note = (
        f"{target.shown} holds {why}{found.words(written.case_hash)}; it is kept, and this plan is in {written.folder}"
    )
    return replace(written, note="; ".join(part for part in (note, written.note) if part))
