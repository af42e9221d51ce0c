"""The command ``stress``."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from planner.cli.findings_kept import keep_results, lost, print_kept, where
from planner.cli.options import AsJson, PlanFolder, Quiet, Verbose, takes_solve_options
from planner.cli.output import Output
from planner.cli.progress import ProgressLine
from planner.cli.risk_command import (
    PricesOf,
    Scenarios,
    Scheduler,
    Workers,
    day_of,
    prices_of,
    progress_words,
    scenarios_of,
)
from planner.cli.risk_headline import of_missing
from planner.cli.rows import print_rows
from planner.cli.study import CUT_SHORT, NOTHING_FOUND, ending, json_rows, money, share
from planner.options import DEFAULT_OPTIONS, SolveOptions
from planner.status import Status
from planner.text import CHANCE_ROUNDING, count, percent, probability, short_percent

if TYPE_CHECKING:
    from planner.uncertainty.stress import Stress

MOST_FUTURES = 12
"""Futures that are listed, the worst first."""
Until = Annotated[
    str | None,
    typer.Option(
        "--committed-until",
        metavar="DATE",
        callback=day_of,
        help="Keep what was ordered on or before this date and decide the rest anew; without it, all is kept.",
        show_default=False,
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out", metavar="DIR", help="Folder for the summary and the tables, as plot and report take it.",
        show_default=False,
    ),
]  # fmt: skip

Level = Annotated[
    float | None,
    typer.Option(
        "--cvar",
        metavar="LEVEL",
        help="Level of the CVaR that is stated; without it that of the study, of a plan 0.9.",
        show_default=False,
    ),
]

Outages = Annotated[
    str | None,
    typer.Option(
        "--outages",
        metavar="DATE",
        callback=day_of,
        help="Also lose each site, provider and power region of the plan by itself, from this date on.",
        show_default=False,
    ),
]


@takes_solve_options()
def stress(
    folder: PlanFolder,
    scenarios: Scenarios,
    until: Until = None,
    outages: Outages = None,
    prices: PricesOf = None,
    cvar: Level = None,
    workers: Workers = 2,
    scheduler: Scheduler = None,
    options: SolveOptions = DEFAULT_OPTIONS,
    out: Out = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Replay a plan in futures that it was not made for: its contracts stay, what serves whom adapts."""
    output = Output(as_json=as_json, verbose=verbose, quiet=quiet)
    with ProgressLine(output) as line:
        line.stage("start")
        from planner.uncertainty.findings_rows import STRESS
        from planner.uncertainty.keeping import place, write_stress
        from planner.uncertainty.stress import stress as replay

        target = None if out is None else place(out, STRESS)
        found = replay(
            folder,
            scenarios_of(scenarios),
            committed_until=None if until is None else date.fromisoformat(until),
            outages=None if outages is None else date.fromisoformat(outages),
            prices=prices_of(prices),
            cvar=cvar,
            workers=workers,
            scheduler=scheduler,
            options=options,
            on_progress=lambda progress: line.stage(progress_words(progress)),
        )
        kept = keep_results(partial(write_stress, found), target)
    code = _code(found) or lost(kept)
    output.document(
        {
            **ending(code, interrupted=found.interrupted),
            "summary": found.summary(),
            "futures": json_rows(found.rows),
            "years": json_rows(found.years),
            "protection": json_rows(found.protection),
            "outages": json_rows(found.outages),
            **where(kept),
        }
    )
    if not as_json:
        _print(output, found)
        if found.outages:
            _print_outages(output, found.outages)
        for note in found.notes:
            output.text.print(f"note: {escape(note)}", soft_wrap=True)
        print_kept(output, kept)
    raise typer.Exit(code)


def _code(found: "Stress") -> int:
    """Return the exit code: a future in which the plan cannot be kept is an answer, one that was cut short is none."""
    ended = {Status(row["status"]) for row in found.rows}
    if ended == {Status.INFEASIBLE} and not found.interrupted:
        return Status.INFEASIBLE.exit_code
    if not found.interrupted and not ended & {Status.TIME_LIMIT, Status.INTERRUPTED, Status.NO_PLAN}:
        return 1 if ended & {Status.FAILED, Status.CRASHED, Status.AUDIT_FAILED} else 0
    return CUT_SHORT if any(row["cost_busd"] is not None for row in found.rows) else NOTHING_FOUND


def _without_plan(summary: dict[str, Any]) -> str:
    """Return what share of the futures has no plan, what is proven of it, and what the figures are then of."""
    others, refused = 1.0 - summary["kept_share"], summary["refused_share"]
    of, left = percent(refused, 2), percent(summary["kept_share"], 2)
    proven = "proven" if refused >= others - CHANCE_ROUNDING else f"proven of {of}; of the others nothing is"
    figures = f"; the figures of cost and demand are of the other {left} alone" if summary["kept_share"] > 0.0 else ""
    none = "No plan" if refused >= others - CHANCE_ROUNDING else "No plan was found"
    return f"{none} in {percent(others, 2)} of the futures ({proven}){figures}"


def _at_least(summary: dict[str, Any]) -> str:
    """Return that shares are at least what is stated, where a limit left open whether some future has a plan."""
    return "" if summary["kept_share"] + summary["refused_share"] >= 1.0 - CHANCE_ROUNDING else "at least "


def _print(output: Output, found: "Stress") -> None:
    console, summary = output.text, found.summary()
    if found.interrupted:
        _print_interrupted(output, found)
        return
    least = _at_least(summary)
    console.print(
        f"{count(summary['futures'], 'future')} in {summary['seconds']:.1f} s; the plan can be kept in {least}"
        f"{percent(summary['kept_share'], 2)} of them, and meets everything in {least}"
        f"{percent(summary['met_share'], 2)}",
        soft_wrap=True,
    )
    if summary["kept_share"] < 1.0 - CHANCE_ROUNDING:
        console.print(f"[bold]{_without_plan(summary)}[/bold]", soft_wrap=True)
    if "cost_busd_mean" in summary:
        error, at = summary["cost_busd_mean_error"], f"CVaR at {probability(summary['cvar_level'], 6)}"
        said = "" if error is None else f" (standard error at most about {money(error)})"
        planned = f"{money(summary['plan_busd'])}{of_missing(summary['plan_missing_busd'])}"
        console.print(
            f"Cost, $B: planned {planned}, mean {money(summary['cost_busd_mean'])}{said}, P10 "
            f"{money(summary['cost_busd_p10'])}, P50 {money(summary['cost_busd_p50'])}, P90 "
            f"{money(summary['cost_busd_p90'])}, {at} {money(summary['cost_busd_cvar'])}, worst "
            f"{money(summary['cost_busd_worst'])}",
            soft_wrap=True,
        )
        unserved = [
            f"{words} {share(summary[f'unserved_share_{name}'])}"
            for words, name in (("mean", "mean"), ("P10", "p10"), ("P50", "p50"), ("P90", "p90"),
                                (at, "cvar"), ("worst", "worst"))
        ]  # fmt: skip
        console.print(
            f"Unserved: {', '.join(unserved)}",
            soft_wrap=True,
        )
        for line in _protection(summary, found.outages, found.protection):
            console.print(escape(line), soft_wrap=True)
    _print_futures(output, found.rows)


def _when(periods: Sequence[str]) -> str:
    """Return the periods in which a rule holds, in words."""
    if not periods:
        return "in every period"
    return f"in {periods[0]}" if len(periods) == 1 else f"in every period of the rule, {periods[0]} to {periods[-1]}"


def _protection(
    summary: dict[str, Any], outages: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    """Yield in how many of all futures all that is critical is protected, and all demand is served after any loss."""
    since = f" from {outages[0]['from_period']} on" if outages else ""
    worst = "the worst" if summary["kept_share"] >= 1.0 - CHANCE_ROUNDING else "the worst that has a plan"
    for one in summary["protected"]:
        what, held = one["what"], f"in {_at_least(summary)}{percent(one['held_share'], 2)} of all futures"
        least = "" if one["least"] >= 1.0 else f"; in {worst}, {percent(one['least'], 2)}"
        if one["kind"] == "rule":
            when = _when([str(row["period"]) for row in rows if (row["kind"], row["what"]) == (one["kind"], what)])
            yield f"Redundancy rule {what}: all critical demand is served and protected, {when}, {held}{least}"
        else:
            lost = f"Any one {what.replace('_', ' ')} lost"
            yield f"{lost}: all demand is still served, in every period{since}, {held}{least}"


def _print_interrupted(output: Output, found: "Stress") -> None:
    """Show how much was tried, and what was; nothing is said of all futures by those that came first."""
    tried, chance = len(found.tried), short_percent(found.summary()["tried_share"])
    output.text.print(
        f"[bold]interrupted: {tried} of {count(len(found.rows), 'future')} ({chance} of the probability)[/bold] "
        f"in {found.seconds:.1f} s; nothing is stated over all of them",
        soft_wrap=True,
    )
    if tried:
        _print_futures(output, found.tried)


def _print_outages(output: Output, rows: Sequence[Mapping[str, Any]]) -> None:
    """List the single outages, the worst first."""
    console = output.text
    console.print(f"\n[bold]Single outages of the plan from {rows[0]['from_period']} on[/bold]")
    headings = [("lost", "left"), ("", "left"), ("IT MW", "right"), ("unserved", "right"), ("worst", "left"),
                ("price, $B", "right")]  # fmt: skip
    print_rows(
        console,
        headings,
        [
            [row["lost"], row["kind"].replace("_", " "), f"{row['lost_it_mw']:,.0f}", share(row["unserved_share"]),
             f"{share(row['worst_share'])} in {row['worst_period']}" if row["worst_period"] else "",
             money(row["missing_busd"])]
            for row in rows[:MOST_FUTURES]
        ],
    )  # fmt: skip
    if len(rows) > MOST_FUTURES:
        console.print(f"and {len(rows) - MOST_FUTURES} that leave less unserved")


def _print_futures(output: Output, found: Sequence[Mapping[str, Any]]) -> None:
    """List the futures, the worst first."""
    console = output.text
    rows = sorted(found, key=lambda row: -(row["cost_busd"] if row["cost_busd"] is not None else float("inf")))
    headings = [
        ("", "left"), ("probability", "right"), ("cost, $B", "right"), ("unserved", "right"), ("late", "right"),
        ("lapsed", "right"), ("missing", "left"),
    ]  # fmt: skip
    console.print()
    print_rows(
        console,
        headings,
        [
            [row["future"], probability(row["probability"]), money(row["cost_busd"]), share(row["unserved_share"]),
             str(row["late"]), str(row["lapsed"]), row["missing"] or row["reason"]]
            for row in rows[:MOST_FUTURES]
        ],
    )  # fmt: skip
    if len(rows) > MOST_FUTURES:
        console.print(escape(f"and {len(rows) - MOST_FUTURES} that cost less"))
