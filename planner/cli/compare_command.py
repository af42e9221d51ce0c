"""The command ``compare``."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from planner.cli.folders import changed_since
from planner.cli.options import AsJson, Verbose, takes_solve_options
from planner.cli.output import Output
from planner.cli.progress import ProgressLine
from planner.cli.resolving import OPEN, Resolve, ResolveLimit, print_open, refuse_alone, resolved_document
from planner.cli.rows import print_rows
from planner.cli.study import json_rows, make_runner, money, share
from planner.errors import PlannerError
from planner.options import DEFAULT_OPTIONS, SolveOptions
from planner.report.grid import PeriodGrid, whole_like
from planner.report.shortfalls import PRICED
from planner.status import Ending

if TYPE_CHECKING:
    from planner.analysis.comparison import Comparison
    from planner.api import Plan

TABLE_NAMES = ("summary", "differences", "waterfall", "contracts", "capacity", "spend", "churn")
"""Those of `planner.analysis.comparison.TABLES`, which the help does not wait for; a test holds them equal."""
MOST_CONTRACTS = 25
FEWEST = 2


def _table_name(name: str | None) -> str | None:
    """Admit the name of a table of a comparison."""
    if name is not None and name not in TABLE_NAMES:
        message = f"{name!r} is not a table of a comparison; there are: {', '.join(TABLE_NAMES)}"
        raise typer.BadParameter(message)
    return name


Folders = Annotated[
    list[Path],
    typer.Argument(metavar="PLAN PLAN...", help="Folders of plans; the first is the reference.", show_default=False),
]
TableName = Annotated[
    str | None,
    typer.Option("--table", metavar="NAME", callback=_table_name, help="Show one table of the comparison in full."),
]


@takes_solve_options(without=("gap", "time_limit"))
def compare(
    folders: Folders,
    table: TableName = None,
    resolve: Resolve = False,
    resolve_time_limit: ResolveLimit = None,
    options: SolveOptions = DEFAULT_OPTIONS,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Compare plans with the first: cost, contracts, capacity, spending, churn."""
    output = Output(as_json=as_json, verbose=verbose)
    refuse_alone(resolve_time_limit, resolve=resolve)
    if len(folders) < FEWEST:
        message = "a comparison needs a reference and at least one plan: give two folders or more"
        raise typer.BadParameter(message)
    from planner.analysis.comparison import TABLES
    from planner.analysis.comparison import compare as compare_plans
    from planner.api import Plan

    names = _names(folders)
    plans = [Plan.read(folder) for folder in folders]
    problems = [problem for folder in folders for problem in changed_since(folder, output)]
    with ProgressLine(output) as progress:
        found = compare_plans(
            *plans,
            names=names,
            resolve=resolve,
            resolve_time_limit_s=resolve_time_limit,
            runner=make_runner(progress, options),
        )
    if as_json:
        shown = [table] if table else list(TABLES)
        output.document(
            {
                "status": Ending.OK,
                "reference": found.reference,
                "plans": list(found.names),
                "forced": {
                    name: [forced.change() for forced in plan.case.model.forced]
                    for name, plan in zip(names, plans, strict=True)
                },
                "resolved": resolved_document(found.resolved),
                "tables": {name: json_rows(found.rows(name)) for name in shown},
                "problems": problems,
            }
        )
        return
    if table is not None:
        _print_table(output, found, table)
        return
    _print(output, found)
    _print_notes(output, names, plans)


def _print_notes(output: Output, names: list[str], plans: "list[Plan]") -> None:
    """State which plans are of another case, which miss something, and what is forced."""
    for name, plan in zip(names[1:], plans[1:], strict=True):
        if plan.case.model.name != plans[0].case.model.name:
            words = f"{name} is of another case ({plan.case.model.name}, the reference of {plans[0].case.model.name})"
            output.text.print(escape(f"{words}: the costs answer two questions"), soft_wrap=True)
    for name, plan in zip(names, plans, strict=True):
        tiers = dict.fromkeys(str(row["tier"]) for row in plan.rows("shortfalls") if row["tier"] != PRICED)
        missed = ", ".join(tiers)
        if missed:
            words = f"{name} does not meet everything ({missed}): a difference of its cost is no saving"
            output.text.print(escape(words), soft_wrap=True)
        for forced in plan.case.model.forced:
            output.text.print(f"{escape(name)} is forced: {escape(str(forced))}", soft_wrap=True)


def _print_table(output: Output, found: "Comparison", table: str) -> None:
    """Print one table in full."""
    from planner.analysis.comparison import TABLES

    rows = found.rows(table)
    sides = [(column, "right" if rows and isinstance(rows[0][column], float) else "left") for column in TABLES[table]]
    print_rows(output.text, sides, ([_cell(row[column]) for column, _ in sides] for row in rows))


def _names(folders: list[Path]) -> list[str]:
    """Return a name for each folder: its own where they differ, else its path.

    Raises
    ------
    PlannerError
        If a folder is given twice.
    """
    names = [Path(os.path.realpath(folder)).name for folder in folders]
    if len(set(names)) < len(names):
        names = [str(folder) for folder in folders]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        message = f"{twice[0]}: given more than once; compare different plans"
        raise PlannerError(message)
    return names


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:,.6g}" if isinstance(value, float) else str(value)


def _print(output: Output, found: "Comparison") -> None:
    """Print a comparison: one column per plan."""
    console = output.text
    console.print(f"[bold]Against {escape(found.reference)}[/bold]\n")
    _print_summary(output, found)
    _print_differences(output, found)
    _print_waterfall(output, found)
    for name in found.names:
        _print_contracts(output, found, name)
        _print_capacity(output, found, name)


def _print_summary(output: Output, found: "Comparison") -> None:
    rows = found.rows("summary")
    measures: list[tuple[str, str, Callable[[float | None], str]]] = [
        ("cost_busd", "cost, $B present value", money),
        ("gap", "gap", share),
        ("unserved_share", "demand unserved", share),
        ("final_capacity", "IT MW at the end", _whole),
        ("churn_share", "churn", share),
    ]
    lines = []
    for measure, title, form in measures:
        of_measure = [row for row in rows if row["measure"] == measure]
        lines.append([title, form(of_measure[0]["reference"]), *(form(row["value"]) for row in of_measure)])
    print_rows(output.text, [("", "left"), *((n, "right") for n in (found.reference, *found.names))], lines)


def _print_differences(output: Output, found: "Comparison") -> None:
    """State what is proven of the difference of each plan to the reference, and of what it is the difference."""
    console = output.text
    console.print()
    for row in found.rows("differences"):
        console.print(f"{escape(row['plan'])}: {escape(row['words'])}", soft_wrap=True)
    undecided = [row["plan"] for row in found.rows("differences") if row["sign"] in ("", OPEN)]
    if undecided:
        words = f"{', '.join(undecided)}: what follows is the difference of two plans of many within the gaps"
        console.print(escape(words), soft_wrap=True)
    if found.resolved:
        print_open(console, (), found.resolved)
        better = ", ".join((found.reference, *(one.name for one in found.resolved)))
        words = f"The figures of {better} are of plans found on the way; the folders keep theirs"
        console.print(escape(words), soft_wrap=True)


def _whole(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"


def _print_waterfall(output: Output, found: "Comparison") -> None:
    """Print the parts of the cost: the reference, and the difference of each plan."""
    parts: dict[tuple[str, str], dict[str, float]] = {}
    reference: dict[tuple[str, str], float] = {}
    for row in found.rows("waterfall"):
        part = row["item"], row["role"]
        parts.setdefault(part, {})[row["plan"]] = row["difference_busd"]
        reference[part] = reference.get(part, 0.0) or row["reference_busd"]
    lines = []
    for part, differences in parts.items():
        values = [differences.get(name, 0.0) for name in found.names]
        if abs(reference[part]) > 5e-4 or any(abs(value) > 5e-4 for value in values):
            title = " ".join(part).strip().replace("_", " ")
            lines.append([title, money(reference[part]), *(money(value, signed=True) for value in values)])
    sums = [sum(d.get(name, 0.0) for d in parts.values()) for name in found.names]
    lines.append(["all", money(sum(reference.values())), *(money(value, signed=True) for value in sums)])
    output.text.print("\n[bold]Cost by part, $B present value: the reference, and the difference of each plan[/bold]")
    print_rows(output.text, [("", "left"), *((n, "right") for n in (found.reference, *found.names))], lines)


def _print_contracts(output: Output, found: "Comparison", name: str) -> None:
    rows = [row for row in found.rows("contracts") if row["plan"] == name]
    changed = [row for row in rows if row["change"] != "kept"]
    kept = sum(row["plan_it_mw"] for row in rows if row["change"] == "kept")
    output.text.print(f"\n[bold]{escape(name)}: contracts[/bold]  {kept:,.0f} IT MW kept as they are")
    lines = []
    for row in changed[:MOST_CONTRACTS]:
        before = f"{row['reference_offer']} {row['reference_start']}".strip()
        after = f"{row['offer']} {row['start']}".strip()
        if row["change"] in ("shortened", "extended"):
            before, after = f"{before} to {row['reference_end']}", f"to {row['end']}"
        it_mw = row["plan_it_mw"] or row["reference_it_mw"]
        lines.append([row["change"], row["role"], f"{it_mw:,.0f}", before, after])
    if lines:
        headings = [("", "left"), ("role", "left"), ("IT MW", "right"), ("reference", "left"), ("plan", "left")]
        print_rows(output.text, headings, lines)
    if len(changed) > MOST_CONTRACTS:
        output.text.print(f"and {len(changed) - MOST_CONTRACTS} more: see --table contracts")


def _print_capacity(output: Output, found: "Comparison", name: str) -> None:
    """Print the difference of installed IT MW by provider, site, chip and role, where there is one."""
    periods = list(found.periods)
    grid = PeriodGrid(output.text, periods)
    for column in ("provider", "site", "chip", "role"):
        sums: dict[str, dict[str, float]] = {}
        for row in found.rows("capacity"):
            if row["plan"] == name:
                by_period = sums.setdefault(row[column], {})
                by_period[row["period"]] = by_period.get(row["period"], 0.0) + row["difference_it_mw"]
        rows = [(key, values) for key, values in sorted(sums.items()) if any(abs(v) >= 0.5 for v in values.values())]
        if rows:
            grid.print(f"IT MW by {column}", rows, whole_like)
