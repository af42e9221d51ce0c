"""Command ``show``: a plan, one of its tables, or what a question to a table gives."""

import csv
import os
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from planner.case.messages import nearest
from planner.cli.folders import changed_since
from planner.cli.options import AsJson, PlanFolder, Verbose
from planner.cli.output import Output
from planner.errors import UnknownNameError
from planner.plan.columns import TABLES
from planner.plan.earlier import asked_table
from planner.report.listing import print_view
from planner.report.query import View, ask
from planner.report.ranges import table_note
from planner.report.reported import has_tail, reported, tail_text
from planner.report.view import print_plan
from planner.status import Ending

if TYPE_CHECKING:
    from planner.plan.plan import PlanData


def _table_name(name: str | None) -> str | None:
    """Admit the name of a table of a plan; an earlier name is noted."""
    if name is None or asked_table(name) in TABLES:
        return name if name is None else asked_table(name)
    message = f"{name!r} is not a table of a plan{nearest(name, TABLES)} (there are: {', '.join(TABLES)})"
    if os.path.isdir(name):  # noqa: PTH112 (Path.is_dir raises for a name that is too long)
        message += ". `planner show` shows one plan; `planner compare PLAN PLAN...` compares several"
    raise typer.BadParameter(message)


def _asked_for(table: str | None, named: str | None, *, with_question: bool) -> str | None:
    """The table that is meant, given in either of two ways."""
    if table and named and table != named:
        message = f"both TABLE ({table}) and --table ({named}) are given"
        raise typer.BadParameter(message)
    if table is None and named is None and with_question:
        message = f"--where, --by and --csv go with a table; there are: {', '.join(TABLES)}"
        raise typer.BadParameter(message)
    return table or named


def _condition(text: str) -> tuple[str, str]:
    """Split ``column=value``."""
    column, sign, value = text.partition("=")
    if not sign or not column.strip():
        message = f"{text!r}: write COLUMN=VALUE, such as provider=oracle"
        raise typer.BadParameter(message)
    return column.strip(), value.strip()


def show(
    folder: PlanFolder,
    table: Annotated[
        str | None,
        typer.Argument(
            metavar="[TABLE]", callback=_table_name, help="Show this table of the plan.", show_default=False
        ),
    ] = None,
    named: Annotated[
        str | None, typer.Option("--table", metavar="NAME", callback=_table_name, help="The same as TABLE.")
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(
            "--where",
            metavar="COLUMN=VALUE",
            help="Only rows of the table with this value; may be repeated (of one column: any of the values).",
        ),
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option("--by", metavar="COLUMN", help="Add rows up by this column; may be repeated."),
    ] = None,
    tail: Annotated[
        bool, typer.Option("--tail", help="Also the periods of the tail, after the reported ones.")
    ] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Write the table as CSV to standard output.")] = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Show a plan: cost, capacity, spending, demand and binding constraints; or one table, filtered and added up."""
    from planner.api import Plan

    name = _asked_for(table, named, with_question=bool(where or by or as_csv))
    if as_csv and as_json:
        message = "--csv and --json cannot both be given"
        raise typer.BadParameter(message)
    conditions = [_condition(text) for text in where or ()]
    columns = [column.strip() for text in by or () for column in text.split(",")]
    output = Output(as_json=as_json, verbose=verbose)
    plan = Plan.read(folder)
    problems = changed_since(folder, output)
    if name is None:
        output.document({**plan.summary, "folder": str(folder), "problems": problems})
        if not as_json:
            print_plan(output.text, plan, changed=bool(problems), tail=tail, asked=True)
        return
    try:
        view = ask(plan if tail else reported(plan), name, conditions, columns)
    except UnknownNameError as error:
        raise typer.BadParameter(str(error)) from None
    output.document(_document(view, problems))
    if as_csv:
        _write_csv(view)
    elif not as_json:
        print_view(output.text, view, plan.periods, columns)
        _print_notes(output, plan, name, tail=tail)


def _print_notes(output: Output, plan: "PlanData", name: str, *, tail: bool) -> None:
    """Print what is not in the view of a table: the tail, and which figures the cost does not decide."""
    notes = [f"tail: {tail_text(plan)}"] if has_tail(plan) and not tail else []
    for note in (*notes, table_note(plan, name)):
        if note:
            output.text.print(f"[dim]{escape(note)}[/dim]", soft_wrap=True)


def _document(view: View, problems: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what ``--json`` writes of a view: meaning and unit of its columns, its rows, its totals."""
    return {
        "status": Ending.OK,
        "table": view.table,
        "columns": {column: found.meaning for column, found in view.columns.items()},
        "units": {column: found.unit for column, found in view.columns.items() if found.unit},
        "rows": view.rows,
        "totals": view.totals,
        "problems": problems,
    }


def _write_csv(view: View) -> None:
    """Write the rows of a view as CSV to standard output, periods as in the plan's tables."""
    writer = csv.DictWriter(sys.stdout, list(view.columns), extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(view.rows)
