"""Commands about plans: ``show`` and ``audit``."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from planner.cli.options import AsJson, PlanFolder, Quiet, Verbose
from planner.cli.output import Output, problem_record
from planner.cli.view import print_plan, print_table
from planner.errors import Problem
from planner.plan.columns import COLUMNS

if TYPE_CHECKING:
    from planner.audit.report import AuditReport, Check

FAILED = 1
"""Exit code of an audit that a plan does not pass."""


def _table_name(name: str | None) -> str | None:
    """Admit the name of a table of a plan."""
    if name is not None and name not in COLUMNS:
        message = f"{name!r} is not a table of a plan; there are: {', '.join(COLUMNS)}"
        raise typer.BadParameter(message)
    return name


def show(
    folder: PlanFolder,
    table: Annotated[
        str | None,
        typer.Option("--table", metavar="NAME", callback=_table_name, help="Show one table of the plan in full."),
    ] = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Show a plan: cost, capacity, money, demand and what binds; or one of its tables."""
    from planner.plan.plan import Plan

    output = Output(as_json=as_json, verbose=verbose)
    plan = Plan.read(folder)
    if table is None:
        output.document({**plan.summary, "folder": str(folder), "problems": []})
        if not as_json:
            print_plan(output.text, plan)
        return
    rows = plan.rows(table)
    output.document({"status": "ok", "table": table, "columns": COLUMNS[table], "rows": rows, "problems": []})
    if not as_json:
        print_table(output.text, table, rows)


def audit(folder: PlanFolder, as_json: AsJson = False, verbose: Verbose = False, quiet: Quiet = False) -> None:
    """Recompute every limit and every dollar of a plan from its case. Exit code 0 if all agree, else 1."""
    from planner.audit.folder import audit_folder

    output = Output(as_json=as_json, verbose=verbose, quiet=quiet)
    report = audit_folder(folder)
    output.document(_audit_document(report, folder))
    failures = [check for check in report.checks if not check.passed]
    _print_checks(output.text, failures if quiet else report.checks)
    for line in report.lines:
        output.text.print(f"[red]{escape(line)}[/red]", soft_wrap=True)
    verdict = "[green]passed[/green]" if report.passed else f"[red]FAILED[/red] {len(failures)} of"
    output.text.print(f"{verdict} {len(report.checks)} checks; cost ${report.cost_busd:,.6f}B recomputed")
    if not report.passed:
        raise typer.Exit(FAILED)


def _audit_document(report: "AuditReport", folder: Path) -> dict[str, Any]:
    """Return what ``--json`` says of an audit; every violation is one of its problems."""
    rows = [{name: _json_value(value) for name, value in row.items()} for row in report.to_rows()]
    return {
        "status": "passed" if report.passed else "audit_failed",
        "passed": report.passed,
        "cost_busd": _json_value(report.cost_busd),
        "checks": rows,
        "folder": str(folder),
        "problems": [problem_record(Problem(file=str(folder), message=line)) for line in report.lines],
    }


def _json_value(value: str | float) -> str | float | None:
    """Return a value that JSON knows: what is not a finite number becomes null."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _print_checks(console: Console, checks: Sequence["Check"]) -> None:
    """Print one line per check: how often the rule was checked and how far the worst place is off."""
    if not checks:
        return
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column("family", no_wrap=True)
    table.add_column("check")
    table.add_column("times", justify="right", no_wrap=True)
    table.add_column("worst", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for check in checks:
        worst = f"{check.worst_violation:.1e} {check.unit}" if check.worst_violation else "0"
        verdict = "[green]ok[/green]" if check.passed else "[red]FAILED[/red]"
        table.add_row(escape(check.family), escape(check.name), f"{check.count:,}", escape(worst), verdict)
    console.print(table)
