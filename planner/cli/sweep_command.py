"""The command ``sweep``."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from planner.cli.given import changed_case
from planner.cli.notes import note_whatifs
from planner.cli.options import AsJson, CaseName, Changes, Quiet, Verbose, at_most_the_cores, takes_solve_options
from planner.cli.output import Output, print_whole, problem_record
from planner.cli.resolving import OPEN, Resolve, ResolveLimit, print_open, refuse_alone, resolved_document
from planner.cli.study import ending, print_pointer
from planner.errors import Problem
from planner.options import DEFAULT_OPTIONS, SolveOptions
from planner.status import Ending, Status

if TYPE_CHECKING:
    from planner.analysis.sweep_result import Sweep, SweepProgress
    from planner.changes.schema import WhatIf

MOST_EDITS = 40
"""Figures that ``--list --verbose`` shows of each what-if."""


WhatIfs = Annotated[
    str,
    typer.Argument(
        metavar="WHATIFS",
        callback=note_whatifs,
        help="A shipped what-if file, or the path of one.",
        show_default=False,
    ),
]
Workers = Annotated[
    int,
    typer.Option(
        "--workers",
        min=1,
        max=512,
        metavar="N",
        callback=at_most_the_cores,
        help="Parallel processes; at most the number of cores of this machine.",
    ),
]
Memory = Annotated[
    float | None,
    typer.Option(
        "--memory",
        min=2.0,
        metavar="GIB",
        help="Memory that each process may use, at least 2; without it, its share of the machine's memory.",
        show_default=False,
    ),
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        "--scheduler",
        metavar="ADDRESS",
        help="Address (or scheduler file) of a Dask scheduler; its workers do the runs.",
        show_default=False,
    ),
]
SweepFolder = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Folder in which every run is stored as it ends.", show_default=False),
]
Resume = Annotated[bool, typer.Option("--resume", help="Continue the sweep in --out; finished runs are kept.")]
Only = Annotated[
    list[str] | None, typer.Option("--only", metavar="NAME", help="Run only this what-if; may be repeated.")
]
List = Annotated[bool, typer.Option("--list", help="List the what-ifs and exit.")]
Expanded = Annotated[
    str | None,
    typer.Option("--expanded", metavar="NAME", help="Show what a what-if changes, and exit.", show_default=False),
]


@takes_solve_options()
def sweep(
    case: CaseName,
    whatifs: WhatIfs,
    changes: Changes = None,
    workers: Workers = 2,
    memory: Memory = None,
    scheduler: Scheduler = None,
    out: SweepFolder = None,
    resume: Resume = False,
    resolve: Resolve = False,
    resolve_time_limit: ResolveLimit = None,
    options: SolveOptions = DEFAULT_OPTIONS,
    only: Only = None,
    list_: List = False,
    expanded: Expanded = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Solve a case and its what-ifs in parallel; every result is stored as soon as it is available."""
    output = Output(as_json=as_json, verbose=verbose, quiet=quiet)
    if resume and out is None:
        message = "--resume continues the sweep in a folder: name it with --out"
        raise typer.BadParameter(message)
    refuse_alone(resolve_time_limit, resolve=resolve)
    from planner.case.read import read_case
    from planner.changes.names import what_ifs

    data = changed_case(read_case(case), changes)
    if list_ or expanded is not None:
        found = what_ifs(whatifs, data, [expanded] if expanded is not None else only or ())
        _show(output, data, found, edits=expanded is not None)
        raise typer.Exit(0)
    from planner.analysis.sweep import sweep as solve_all
    from planner.api import Case

    with _Bar(output) as bar:
        result = solve_all(
            Case.of(data),
            whatifs,
            workers=workers,
            scheduler=scheduler,
            out=out,
            resume=resume,
            only=only or (),
            options=options,
            memory_gib=memory,
            resolve=resolve,
            resolve_time_limit_s=resolve_time_limit,
            on_progress=bar.show,
        )
    raise typer.Exit(_show_results(output, result))


def _show_results(output: Output, result: "Sweep") -> int:
    """Show the results, and return the exit code."""
    from planner.analysis.sweep_result import exit_code

    code = exit_code(result)
    same = [name for group in result.same_cases for name in group[1:]]
    for name in (one for one in result.unchanged if one not in same):
        text = f"{name}: the plan found has the cost and all other measures of that of the base"
        output.notes.print(f"[yellow]warning:[/yellow] {escape(text)} (--expanded {escape(name)} lists its changes)",
                           soft_wrap=True)  # fmt: skip
    for first, *others in result.same_cases:
        text = f"{', '.join(others)}: the same case as {first}, so the same plan"
        output.notes.print(f"[yellow]warning:[/yellow] {escape(text)}", soft_wrap=True)
    for notice in result.notices:
        output.notes.print(f"[yellow]warning:[/yellow] {escape(notice)}", soft_wrap=True)
    output.document(_document(result, code))
    _print_summary(output, result)
    return code


def _show(output: Output, data: Any, found: "list[WhatIf]", *, edits: bool) -> None:
    """List what-ifs; with ``edits``, every figure they change."""
    from planner.changes.apply import apply_whatif
    from planner.changes.describe import edits as edits_of

    shown = []
    for whatif in found:
        entry: dict[str, Any] = {
            "name": whatif.name,
            "title": whatif.title,
            "source": whatif.source,
            "grade": whatif.grade,
            "changes": [change.model_dump(mode="json", by_alias=True, exclude_unset=True) for change in whatif.changes],
        }
        if edits:
            made = edits_of(data, apply_whatif(data, whatif).data)
            entry["edits"] = [{"place": edit.place, "old": edit.old, "new": edit.new} for edit in made]
        shown.append(entry)
    output.document({"status": Ending.OK, "whatifs": shown, "problems": []})
    for entry in shown:
        output.text.print(f"[bold]{escape(entry['name'])}[/bold]  {escape(entry['title'] or '')}", soft_wrap=True)
        if edits or output.verbose:
            source = entry["source"] or "not given"
            source += f" (grade {entry['grade']})" if entry["grade"] else ""
            output.text.print(f"  source: {escape(source)}", soft_wrap=True)
        for edit in entry.get("edits", ()):
            line = f"  {edit['place']}: {edit['old'] or 'nothing'} -> {edit['new'] or 'nothing'}"
            output.text.print(escape(line), soft_wrap=True)


class _Bar:
    """A bar with the runs done and the time left on a terminal; elsewhere a line per run with ``--verbose``."""

    def __init__(self, output: Output) -> None:
        self._output = output
        silent = output.quiet or output.as_json
        self._bar: Progress | None = None
        if not silent and output.notes.is_terminal:
            columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
            self._bar = Progress(*columns, console=output.notes, transient=True)
            self._task = self._bar.add_task("base first", total=None)

    def __enter__(self) -> "_Bar":
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, progress: "SweepProgress") -> None:
        """Show how far the sweep is."""
        left = "" if progress.seconds_left is None else f"about {_span(progress.seconds_left)} left"
        if self._bar is not None:
            text = f"{left}  {progress.name}: {progress.status}"
            self._bar.update(self._task, total=progress.total, completed=progress.done, description=escape(text))
        elif self._output.verbose:
            of = f"{progress.done} of {progress.total}"
            self._output.note(f"{progress.seconds:7.1f} s  {of}  {progress.name}: {progress.status}  {left}")


def _span(seconds: float) -> str:
    """Return a time in hours, minutes and seconds."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def _against(row: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return the difference to the base and what is proven of it; none where run and base do not miss the same."""
    if row["comparable"] is False:
        return "–", "", ""
    less = OPEN if row["sign"] == OPEN else _figure(row["cost_less_base"], "{:+,.2f}")
    return less, _figure(row["low"], "{:+,.2f}"), _figure(row["high"], "{:+,.2f}")


def _document(result: "Sweep", code: int) -> dict[str, Any]:
    return {
        **ending(code, interrupted=result.interrupted),
        "folder": None if result.folder is None else str(result.folder),
        "seconds": round(result.seconds, 3),
        "reused": result.reused,
        "missing": result.missing,
        "unchanged": result.unchanged,
        "same_cases": result.same_cases,
        "results": list(result.records()),
        "differences": [
            {key: row[key] for key in ("name", "cost_less_base", "cost_uncertainty", "low", "high", "sign")}
            for row in result.overview()
        ],
        "resolved": resolved_document(result.resolved),
        "problems": [problem_record(Problem(str(result.folder), notice)) for notice in result.notices],
    }


def _print_summary(output: Output, result: "Sweep") -> None:
    """Show one line per what-if: cost, its difference to the base (open ones last) with what is proven of it, money."""
    table = Table(box=None, padding=(0, 1, 0, 0))
    table.add_column("what-if", overflow="fold")
    for heading in ("cost $B", "vs base", "at\nleast", "at\nmost", "unserved", "primary\n$B", "backup\n$B", "gap"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("status", no_wrap=True)
    reasons = []
    overview = list(result.overview())
    for row in sorted(overview, key=lambda one: one["sign"] == OPEN):  # in their order, what is open last
        figures = [
            _figure(row["cost"], "{:,.2f}"),
            *_against(row),
            _figure(row["unserved_share"], "{:.2%}"),
            _figure(row["spend_primary"], "{:,.1f}"),
            _figure(row["spend_backup"], "{:,.1f}"),
            _figure(row["gap"], "{:.2%}"),
        ]
        table.add_row(escape(row["name"]), *figures, escape(row["status"]))
        if row["reason"]:
            reasons.append(f"{row['name']}: {row['reason']}{_where(result, row['name'])}")
    print_whole(output.text, table)
    if result.others:
        output.text.print(f"{len(result.others)} more runs of the folder are in results.csv")
    for reason in reasons:
        output.text.print(escape(reason), soft_wrap=True)
    differences = {row["name"]: result.difference(row["name"]) for row in overview}
    named = [(name, {**one.columns(), "tier": one.tier}) for name, one in differences.items() if one is not None]
    print_open(output.text, named, result.resolved)
    if Status.INFEASIBLE in result.status.values():
        print_pointer(output.text)
    if result.missing:
        output.text.print(f"{len(result.missing)} of {len(result.names)} runs were not finished; --resume continues.")
    if result.folder is not None:
        output.text.print(f"\nThe results are in [bold]{escape(str(result.folder))}[/bold]", soft_wrap=True)


def _where(result: "Sweep", name: str) -> str:
    """Say how the plan of a run that misses something is seen."""
    if result.folder is None or not result.status[name].has_plan:
        return ""
    return f" (`planner show {result.folder / 'runs' / name}`)"


def _figure(value: float | None, form: str) -> str:
    return "" if value is None else form.format(value)
