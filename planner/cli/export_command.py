"""Command ``export``: a plan for other programs, as a workbook or as a folder of CSV or Parquet files."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from planner.cli.folders import changed_since
from planner.cli.options import AsJson, PlanFolder, Verbose
from planner.cli.output import Output
from planner.errors import OptionError
from planner.status import Ending


def export(
    folder: PlanFolder,
    place: Annotated[
        Path,
        typer.Argument(
            metavar="TO", help="A workbook (.xlsx); with --as, a folder for the tables.", show_default=False
        ),
    ],
    kind: Annotated[
        str | None,
        typer.Option("--as", metavar="KIND", help="xlsx, csv or parquet; xlsx if TO ends in .xlsx."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a workbook of this name.")] = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Write the tables of a plan as one workbook, or as a folder of CSV or Parquet files."""
    from planner.api import Plan
    from planner.plan.export import kind_of

    output = Output(as_json=as_json, verbose=verbose)
    try:
        asked = kind_of(place, kind)
    except OptionError as error:
        raise typer.BadParameter(str(error)) from None
    plan = Plan.read(folder)
    problems = changed_since(folder, output)
    written = plan.export(place, asked, replace=force)
    rows = {name: len(table) for name, table in plan.tables.items()}
    output.document({"status": Ending.OK, "kind": asked, "written": str(written), "rows": rows, "problems": problems})
    output.text.print(
        f"{len(rows)} tables with {sum(rows.values()):,} rows are in [bold]{escape(str(written))}[/bold]",
        soft_wrap=True,
    )
