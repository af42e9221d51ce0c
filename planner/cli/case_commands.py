"""Commands about cases: ``list``, ``new``, ``check``, ``schema``."""

import shlex
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, cast

import typer
from rich.markup import escape
from rich.table import Table

from planner.case.grades import GRADES
from planner.case.model import Horizon
from planner.case.row import Row
from planner.cli.given import changed_case, marked_warnings
from planner.cli.notes import note_given_case
from planner.cli.options import AsJson, CaseName, Changes, Quiet, Verbose
from planner.cli.output import Output, problem_record
from planner.status import Ending
from planner.system.resources import shipped_model, shipped_models

MOST_LEASES = 5
"""Leases without renewal terms that are named; the others are counted."""


def list_cases(as_json: AsJson = False, verbose: Verbose = False) -> None:
    """List the shipped cases."""
    output = Output(as_json=as_json, verbose=verbose)
    cases = [{"case": name, **_headline(name)} for name in shipped_models()]
    output.document({"status": Ending.OK, "cases": cases, "problems": []})
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("case", "start", "periods", "title"):
        table.add_column(heading, justify="right" if heading == "periods" else "left", no_wrap=heading != "title")
    for case in cases:
        table.add_row(
            f"[bold]{escape(case['case'])}[/bold]", case["start"], str(case["periods"]), escape(case["title"])
        )
    output.text.print(table)
    if verbose:
        for case in cases:
            output.text.print(f"\n[bold]{escape(case['case'])}[/bold]\n{escape(case['description'])}")


def new(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="[DIR]", help="Folder to create; it must be empty or absent.", show_default=False),
    ] = None,
    workbook: Annotated[
        Path | None,
        typer.Option("--workbook", metavar="FILE", help="Write one workbook (.xlsx) instead of a folder."),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option("--from", metavar="CASE", callback=note_given_case, help="A copy of this case, not the starter."),
    ] = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Write a small, commented starter case, or a copy of a case, into a new folder or a workbook."""
    from planner.case.read import read_case
    from planner.case.starter import write_starter, write_starter_workbook
    from planner.case.workbook_write import write_workbook
    from planner.case.write import write_case
    from planner.system.folders.file import examine_file

    if (folder is None) == (workbook is None):
        message = "name a folder (DIR) or a workbook (--workbook FILE)" + ("" if folder is None else ", not both")
        raise typer.BadParameter(message)
    if folder is not None and folder.suffix.lower() == ".xlsx":
        message = f"{folder}: DIR is a folder; for a workbook write --workbook {shlex.quote(str(folder))}"
        raise typer.BadParameter(message)
    output = Output(as_json=as_json, verbose=verbose, quiet=quiet)
    what = "A starter case" if source is None else f"A copy of {source}"
    if workbook is not None:
        _refuse_other_names(workbook)
        examine_file(workbook)
        if source is None:
            write_starter_workbook(workbook)
        else:
            write_workbook(read_case(source), workbook)
        output.document({"status": Ending.OK, "workbook": str(workbook), "problems": []})
        _say_new(output, what, workbook, "a sheet to read first, the model, and a sheet for each table")
        return
    place = cast("Path", folder)
    if source is None:
        write_starter(place)
    else:
        write_case(read_case(source), place)
    files = sorted(path.name for path in place.iterdir())
    output.document({"status": Ending.OK, "folder": str(place), "files": files, "problems": []})
    _say_new(output, what, place, ", ".join(files))


def _refuse_other_names(workbook: Path) -> None:
    if workbook.suffix.lower() != ".xlsx":
        message = f"{workbook}: the name of a workbook ends in .xlsx"
        raise typer.BadParameter(message)


def _say_new(output: Output, what: str, place: Path, holds: str) -> None:
    output.text.print(f"{escape(what)} is in {escape(str(place))}: {escape(holds)}", soft_wrap=True)
    if not output.quiet:
        output.text.print(f"Solve it with: planner solve {escape(shlex.quote(str(place)))}", soft_wrap=True)


def check(
    case: CaseName,
    changes: Changes = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Check a case without solving it: report every error at once, with file, row and column, or sheet and cell."""
    from planner.case.check import contradictions_among, warnings_of
    from planner.case.read import read_case
    from planner.case.renewals import leases_that_end
    from planner.case.rows import TABLES

    output, read = Output(as_json=as_json, verbose=verbose, quiet=quiet), read_case(case)
    data = changed_case(read, changes)
    model = data.model
    rows = {name: len(data.tables[name]) for name in TABLES if name in data.present}
    grades = {name: _graded(data.tables[name]) for name in rows}
    families = [name for name, options in model.families if options is not None]
    ending, warnings = list(leases_that_end(data)), marked_warnings(warnings_of(data), data, read if changes else None)
    contradictions = contradictions_among(warnings)
    output.document(
        {
            "status": Ending.OK,
            "case_name": model.name,
            "title": model.title,
            "case_hash": data.hash,
            "start": model.horizon.start.isoformat(),
            "periods": model.horizon.periods,
            "tail_periods": 0 if model.horizon.tail is None else model.horizon.tail.periods,
            "energisation": model.horizon.energisation or "time_average",
            "energisation_dates": model.horizon.energisation_dates or "base",
            "families": families,
            "leases_without_renewal": ending,
            "forced": [forced.change() for forced in model.forced],
            "rows": rows,
            "grades": grades,
            "warnings": [problem_record(warning) for warning in warnings],
            "contradictions": [problem_record(warning) for warning in contradictions],
            "problems": [],
        }
    )
    output.warn(warnings)
    lines = _lines_of_check(data, families, ending, rows, grades)
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    for name, text in lines:
        table.add_row(f"  {name}", escape(text))
    verdict = "[red]valid, but no plan can meet it[/red]" if contradictions else "[green]valid[/green]"
    output.text.print(f"{verdict}  [bold]{escape(model.name)}[/bold]")
    output.text.print(table)


def _lines_of_check(
    data: Any, families: list[str], ending: list[str], rows: dict[str, int], grades: dict[str, dict[str, int]]
) -> tuple[tuple[str, str], ...]:
    """Return what the text of `planner check` says of a valid case: names and values, a line each."""
    from planner.case.throughout import steps_within_periods

    model = data.model
    return (
        ("title", model.title),
        ("horizon", _horizon(model.horizon)),
        *_power(model.horizon.energisation, model.horizon.energisation_dates, steps_within_periods(data)),
        ("families", ", ".join(families) or "none beyond contract, chip mix and demand"),
        *(*_leases(ending), *_rules_in_use(data)),
        *(("forced", str(forced)) for forced in model.forced),
        ("rows", ", ".join(f"{name} {count}" for name, count in rows.items())),
        ("grades", _grades_text(grades)),
        ("hash", data.hash),
    )


def _rules_in_use(data: Any) -> list[tuple[str, str]]:
    """Return the rules that some offers and redundancy rules use, each with where it is used; nothing without any."""
    from planner.case.rows import ContractRow, OfferRow

    offers = data.rows(OfferRow)
    ramps = [row.ramp for table in (offers, data.rows(ContractRow)) for row in table if row.ramp is not None]
    counts = (
        ("refresh", sum(row.refresh_after_years is not None for row in offers), "offer"),
        ("smallest signing", sum(row.min_blocks_per_start is not None for row in offers), "offer"),
        ("ramp", len(ramps), "offer or contract"),
    )
    parts = [f"{name} ({count} {unit}{'s' if count > 1 else ''})" for name, count, unit in counts if count]
    redundancy = data.model.families.redundancy
    parts += [
        f'head-room ("{rule.name}")' for rule in (redundancy.rules if redundancy else ()) if rule.domain == "none"
    ]
    return [("in use", ", ".join(parts))] if parts else []


def _graded(rows: Sequence[Row]) -> dict[str, int]:
    """Return how many rows of a table have which grade, each by its weakest figure; those without one are left out."""
    counts = Counter(row.weakest_grade for row in rows)
    return {grade: counts[grade] for grade in GRADES if counts[grade]}


def _grades_text(grades: Mapping[str, Mapping[str, int]]) -> str:
    """Return the rows by grade over all tables, in words."""
    sums = {grade: sum(of_table.get(grade, 0) for of_table in grades.values()) for grade in GRADES}
    parts = [f"{grade} {count}" for grade, count in sums.items() if count]
    return ", ".join(parts) + " rows (each by its weakest figure)" if parts else "none"


def _horizon(horizon: Horizon) -> str:
    """Say how many periods there are, and how many more in a tail."""
    tail = "" if horizon.tail is None else f", and a tail of {horizon.tail.periods}"
    return f"from {horizon.start}, {horizon.periods} period{'s' * (horizon.periods != 1)}{tail}"


def _leases(ending: Sequence[str]) -> list[tuple[str, str]]:
    """Say which leases end within the horizon and state no renewal terms, where any do."""
    if not ending:
        return []
    named = ", ".join(ending[:MOST_LEASES]) + (f" and {len(ending) - MOST_LEASES} more" * (len(ending) > MOST_LEASES))
    return [("leases", f"without renewal terms, and may end within the horizon: {named}")]


def _power(rule: str | None, which: str | None, count: int) -> list[tuple[str, str]]:
    """Say what becomes of power that arrives within a period, where any does, and which dates hold."""
    dates = "" if which in (None, "base") else f" (dates: {which})"
    if count:
        steps = f"{count} energisation step{'s' if count > 1 else ''} within a period{dates}: "
        counts = "from the next on" if rule == "throughout" else "by time average"
        return [("power", f"{steps}counted {counts}")]
    return [("power", f"energisation steps take effect on other dates{dates}")] if dates else []


def schema(
    tables: Annotated[
        bool,
        typer.Option("--tables", help="Print the data dictionary of all tables (Markdown) instead."),
    ] = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Print the JSON Schema of the model file, for editors, or the data dictionary of all tables."""
    from planner.case.schema import model_json_schema
    from planner.plan.dictionary import tables_page

    output = Output(as_json=as_json or not tables, verbose=verbose)
    if not tables:
        output.document(model_json_schema())
        return
    text = tables_page()
    output.document({"status": Ending.OK, "tables": text, "problems": []})
    if not as_json:
        typer.echo(text.rstrip("\n"))


def _headline(name: str) -> dict[str, Any]:
    """Return what a list of cases shows of a model file, without checking the rest of it."""
    model = tomllib.loads(shipped_model(name).read_text(encoding="utf-8"))
    horizon = model.get("horizon", {})
    return {
        "title": str(model.get("title", "")),
        "start": str(horizon.get("start", "")),
        "periods": horizon.get("periods"),
        "description": " ".join(str(model.get("description", "")).split()),
    }
