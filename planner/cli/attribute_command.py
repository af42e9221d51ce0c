"""The command ``attribute``."""

from dataclasses import asdict
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from planner.cli.given import changed_case
from planner.cli.options import AsJson, CaseName, Changes, OnlyWhatIfs, Quiet, Verbose, WhatIfFile, takes_solve_options
from planner.cli.output import Output
from planner.cli.progress import ProgressLine
from planner.cli.resolving import OPEN, Resolve, ResolveLimit, print_open, refuse_alone, resolved_document
from planner.cli.rows import print_rows
from planner.cli.study import chosen_whatifs, ending, json_rows, make_runner, money, share
from planner.options import DEFAULT_OPTIONS, SolveOptions
from planner.status import exit_code_of

if TYPE_CHECKING:
    from planner.analysis.attribution import Attribution, Change
    from planner.case.case import CaseData


class Order(StrEnum):
    """How the difference is split."""

    given = "given"
    shapley = "shapley"


@takes_solve_options()
def attribute(
    case: CaseName,
    changes: Changes = None,
    whatifs: WhatIfFile = None,
    only: OnlyWhatIfs = None,
    order: Annotated[
        Order,
        typer.Option(
            "--order",
            help="Effect of each change after those before it (given), or its average over all orders (shapley).",
        ),
    ] = Order.given,
    resolve: Resolve = False,
    resolve_time_limit: ResolveLimit = None,
    options: SolveOptions = DEFAULT_OPTIONS,
    as_json: AsJson = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Attribute a difference in cost to the changes that cause it; the parts add up to the difference.

    Each --set is a change, and so is each what-if named with --only; a single what-if is split into its own changes.
    """
    output = Output(as_json=as_json, verbose=verbose, quiet=quiet)
    refuse_alone(resolve_time_limit, resolve=resolve)
    with ProgressLine(output) as progress:
        progress.stage("start")
        from planner.analysis.attribution import attribute as split
        from planner.case.read import read_case

        data = read_case(case)
        parts = _parts(data, changes or [], whatifs, only)
        runner = make_runner(progress, options)
        found = split(data, parts, order.value, resolve=resolve, resolve_time_limit_s=resolve_time_limit, runner=runner)
    code = exit_code_of(found.results)
    output.document(
        {
            **ending(code, interrupted=runner.interrupted),
            "case_name": data.model.name,
            "order": found.order,
            "base_cost_busd": found.base.summary["cost_busd"],
            "changed_cost_busd": found.changed.summary["cost_busd"],
            "solves": found.solves,
            "difference": json_rows([asdict(found.difference)])[0],
            "rows": json_rows(found.rows),
            "resolved": resolved_document(found.resolved),
            "problems": [],
        }
    )
    if not as_json:
        _print(output, found)
    raise typer.Exit(code)


def _parts(case: "CaseData", texts: list[str], whatifs: str | None, only: list[str] | None) -> "list[Change]":
    """Name every change: the texts of --set, then the what-ifs; one what-if alone is split into its changes."""
    from planner.analysis.attribution import parts_of

    chosen = chosen_whatifs(whatifs, only, case)
    if not texts and not chosen:
        message = "nothing to attribute: give changes with --set, or what-ifs with --whatifs and --only"
        raise typer.BadParameter(message)
    if not texts and len(chosen) == 1:
        return parts_of(chosen[0])
    return [
        *((text, partial(changed_case, changes=[text])) for text in texts),
        *((whatif.name, whatif) for whatif in chosen),
    ]


def _print(output: Output, found: "Attribution") -> None:
    console = output.text
    base, changed = (plan.summary["cost_busd"] for plan in (found.base, found.changed))
    console.print(
        f"[bold]${base:,.3f}B -> ${changed:,.3f}B[/bold], {money(found.cost_difference_busd, signed=True)} $B present "
        f"value; order: {found.order}, {found.solves} solves\n"
    )
    from planner.analysis.attribution import MISSED

    missed = {column: tier for tier, column in MISSED.items() if any(abs(r[column]) > 5e-7 for r in found.rows)}
    headings = [
        ("change", "left"), ("cost, $B", "right"), ("share", "right"), ("at least", "right"), ("at most", "right"),
        ("unserved", "right"), *((tier, "right") for tier in missed.values()), ("", "left"),
    ]  # fmt: skip
    ordered = sorted(found.rows, key=lambda row: row["sign"] == OPEN)  # in their order, what is open last
    rows = [
        [row["change"], money(row["cost_difference_busd"], signed=True), share(row["cost_share"]),
         *(money(row[end], signed=True) for end in ("low_busd", "high_busd")),
         f"{row['unserved_difference_compute_years']:+,.4g}",
         *(f"{row[column]:+,.4g}" for column in missed), row["sign"] if row["sign"] == OPEN else ""]
        for row in ordered
    ]  # fmt: skip
    whole = sum(row["cost_difference_busd"] for row in found.rows)
    unserved = f"{found.unserved_difference_compute_years:+,.4g}"
    sums = (f"{sum(row[column] for row in found.rows):+,.4g}" for column in missed)
    proven = found.difference
    ends = (money(proven.low_busd, signed=True), money(proven.high_busd, signed=True))
    rows.append(["all", money(whole, signed=True), "", *ends, unserved, *sums, ""])
    print_rows(console, headings, rows)
    if found.missed:
        console.print(f"{found.missed}: the plans do different things; the difference of their costs is no saving")
    print_open(
        console, [*((row["change"], row) for row in found.rows), ("all", found.difference.columns())], found.resolved
    )
