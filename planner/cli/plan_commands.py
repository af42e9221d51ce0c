"""Commands about plans: ``show`` and ``audit``."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from planner.cli.options import AsJson, PlanFolder, Quiet, Verbose
from planner.cli.output import Output
from planner.cli.view import print_plan, print_table
from planner.plan.columns import COLUMNS

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
    output.document(
        {
            "status": "passed" if report.passed else "audit_failed",
            "checks": report.checks,
            "cost_busd": report.cost_busd,
            "lines": [str(line) for line in report.lines],
            "problems": [],
        }
    )
    table = Table(box=None)
    for line in report.lines:
        table.add_row(escape(str(line)))
    output.text.print(table)
    if not report.passed:
        raise typer.Exit(FAILED)
