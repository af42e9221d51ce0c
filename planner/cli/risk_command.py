"""The command ``risk``."""

import math
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from planner.cli.findings_kept import keep_results, lost, print_kept, where
from planner.cli.given import given_case
from planner.cli.options import AsJson, CaseName, Changes, Quiet, Verbose, at_most_the_cores, takes_solve_options
from planner.cli.output import Output
from planner.cli.progress import ProgressLine
from planner.cli.risk_headline import headline_lines
from planner.cli.risk_policy import print_groups, print_policy, with_unit
from planner.cli.risk_worth import worth_lines
from planner.cli.rows import print_rows
from planner.cli.study import CUT_SHORT, ending, json_rows, money, share
from planner.options import DEFAULT_OPTIONS, SolveOptions
from planner.status import Status
from planner.system import interrupts
from planner.text import CHANCE_ROUNDING, percent, probability

if TYPE_CHECKING:
    from planner.uncertainty.result import RiskProgress, RiskResult

TABLES = ("decisions", "orders", "later", "futures", "changes", "years")
MOST_FUTURES = 12
"""Futures that are listed; a table of the folder has all."""


def day_of(text: str | None) -> str | None:
    """Admit a date."""
    try:
        if text is not None:
            date.fromisoformat(text)
    except ValueError:
        message = f"{text!r} is not a date; write it as 2027-01-31"
        raise typer.BadParameter(message) from None
    return text


def _days(texts: list[str] | None) -> list[str] | None:
    """Admit dates."""
    for text in texts or ():
        day_of(text)
    return texts


def _price(words: list[str] | None) -> list[str] | None:
    """Admit prices of shortfalls."""
    names = [word.partition("=")[0] for word in words or ()]
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            given = ", ".join(word for word in words or () if word.partition("=")[0] == name)
            message = f"the price of {name!r} is given {names.count(name)} times ({given}); give it once"
            raise typer.BadParameter(message)
    for word in words or ():
        name, _, number = word.partition("=")
        try:
            float(number)
        except ValueError:
            message = f"{word!r} is not a price; write it as unserved=0.05"
            raise typer.BadParameter(message) from None
        if not name:
            message = f"{word!r} names no shortfall; write it as unserved=0.05"
            raise typer.BadParameter(message)
    return words


def _chance(words: list[str] | None) -> list[str] | None:
    """Admit limits in probability."""
    names = [word.partition("=")[0] for word in words or ()]
    for word, name in zip(words or (), names, strict=True):
        if names.count(name) > 1:
            message = f"the limit on {name!r} is given {names.count(name)} times; give it once"
            raise typer.BadParameter(message)
        try:
            float(word.partition("=")[2])
        except ValueError:
            message = f"{word!r} is not a limit in probability; write it as demand=0.9"
            raise typer.BadParameter(message) from None
    return words


def prices_of(words: list[str] | None) -> dict[str, float]:
    """Return the prices of shortfalls by name."""
    return {name: float(number) for name, _, number in (word.partition("=") for word in words or ())}


def scenarios_of(text: str) -> str | int:
    """Return how many scenarios are to be drawn, or the name of a file."""
    return int(text) if text.isascii() and text.removeprefix("-").isdigit() else text


Scenarios = Annotated[
    str,
    typer.Option(
        "--scenarios",
        metavar="N|FILE",
        help="How many scenarios are drawn from the case, by --seed; or a scenario file: what-ifs with probabilities.",
        show_default=False,
    ),
]
DecideBy = Annotated[
    str | None,
    typer.Option(
        "--decide-by",
        metavar="DATE",
        callback=day_of,
        help="Decision date: contracts whose start less lead is on or before it are signed now, the same in every "
        "scenario; without it, the start of the horizon.",
        show_default=False,
    ),
]
Then = Annotated[
    list[str] | None,
    typer.Option(
        "--then",
        metavar="DATE",
        callback=_days,
        help="Later decision date: what is to be signed by it is decided by what is known when the first of it must be "
        "signed, not with the future known; may be repeated, in order.",
        show_default=False,
    ),
]
Learn = Annotated[
    list[str] | None,
    typer.Option(
        "--learn",
        metavar="TABLE",
        help="Only the figures of this table distinguish futures on later dates; may be repeated. Without it, all do.",
        show_default=False,
    ),
]
Cvar = Annotated[
    float, typer.Option("--cvar", metavar="LEVEL", help="Level of the CVaR: 0.9 is the mean of the worst tenth.")
]
Weight = Annotated[
    float,
    typer.Option("--weight", metavar="W", help="Weight of the CVaR against the expected cost, from 0 to 1."),
]
Regret = Annotated[
    bool,
    typer.Option("--regret", help="Minimise the largest regret: cost less what the future costs if known beforehand."),
]
Chance = Annotated[
    list[str] | None,
    typer.Option(
        "--chance",
        metavar="NAME=SHARE",
        callback=_chance,
        help="Limit in probability: demand=0.9 has all demand met in futures of that probability. Also redundancy, "
        "head-room, programme, cash; may be repeated.",
        show_default=False,
    ),
]
PricesOf = Annotated[
    list[str] | None,
    typer.Option(
        "--price",
        metavar="NAME=BUSD",
        callback=_price,
        help="Price of a shortfall: unserved, protection, head-room ($B per compute-year), programme ($B per IT or "
        "facility GW-year), cash ($ per $); may be repeated. Without it, multiples of what the plan of the case costs.",
        show_default=False,
    ),
]
Hard = Annotated[bool, typer.Option("--hard", help="Nothing may be missing in any scenario.")]
Workers = Annotated[
    int,
    typer.Option("--workers", min=1, max=512, metavar="N", callback=at_most_the_cores, help="Parallel processes."),
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        "--scheduler", metavar="ADDRESS", help="Address (or scheduler file) of a Dask scheduler.", show_default=False
    ),
]
Mpi = Annotated[
    int | None,
    typer.Option(
        "--mpi",
        metavar="N",
        help="Have mpi-sppy propose multipliers and first stages, in N processes (3, 6, ...) that mpiexec starts; "
        "extra mpi.",
        show_default=False,
    ),
]
Keep = Annotated[
    Path | None,
    typer.Option(
        "--keep",
        metavar="DIR",
        help="Folder that keeps the plan of every future as it ends; the same command later goes on from there.",
        show_default=False,
    ),
]
Folder = Annotated[
    Path | None,
    typer.Option(
        "--out", metavar="DIR", help="Folder for the summary, the tables and the plan of every future.",
        show_default=False,
    ),
]  # fmt: skip


@takes_solve_options()
def risk(
    case: CaseName,
    scenarios: Scenarios,
    decide_by: DecideBy = None,
    then: Then = None,
    learn: Learn = None,
    cvar: Cvar = 0.9,
    weight: Weight = 0.0,
    regret: Regret = False,
    chance: Chance = None,
    prices: PricesOf = None,
    hard: Hard = False,
    changes: Changes = None,
    workers: Workers = 2,
    scheduler: Scheduler = None,
    mpi: Mpi = None,
    keep: Keep = None,
    options: SolveOptions = DEFAULT_OPTIONS,
    out: Folder = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Decide now what must be signed now, the same in every scenario, and let the rest adapt; with bounds and worth."""
    output = Output(as_json=as_json, verbose=verbose, quiet=quiet)
    with ProgressLine(output) as line:
        line.stage("start")
        from planner.uncertainty.keeping import places, write_result
        from planner.uncertainty.risk import risk as solve_risk

        data = given_case(case, changes or ())
        target = places(out, keep)
        found = solve_risk(
            data,
            scenarios_of(scenarios),
            decide_by=None if decide_by is None else date.fromisoformat(decide_by),
            then=tuple(map(date.fromisoformat, then or ())),
            learn=learn or None,
            cvar=cvar,
            weight=weight,
            regret=regret,
            chance=prices_of(chance),
            prices=prices_of(prices),
            hard=hard,
            workers=workers,
            scheduler=scheduler,
            mpi=mpi,
            keep=keep,
            options=options,
            on_progress=lambda progress: line.stage(progress_words(progress)),
        )
        kept = keep_results(partial(write_result, found), target)
    code = (CUT_SHORT if found.is_cut_short else 0) or lost(kept)
    tables = {name: json_rows(found.rows(name)) for name in (*TABLES, *found.policy_tables)}
    head = ending(code, interrupted=found.status is Status.INTERRUPTED)
    output.document({**head, "summary": found.summary(), **tables, **where(kept)})
    if not as_json:
        print_result(output, found)
        print_kept(output, kept)
    raise typer.Exit(code)


def progress_words(progress: "RiskProgress") -> str:
    """Return the progress in words."""
    parts = [progress.stage]
    if progress.total:
        parts.append(f"{progress.done} of {progress.total}")
    for name, value in (("at least", progress.lower), ("found", progress.upper)):
        if abs(value) < float("inf"):
            parts.append(f"{name} ${value:,.3f}B")
    return "  ".join(parts)


def print_result(output: Output, found: "RiskResult") -> None:
    """Show what is decided, what it costs and what it is worth."""
    console = output.text
    if found.status is Status.INTERRUPTED:
        console.print(
            f"[bold]interrupted{interrupts.named()}[/bold]: the search ended before the gap of {found.gap_target:.2%} "
            "was proven; this is the best first stage that was tried in every future by then",
            soft_wrap=True,
        )
    if found.then and found.policy is None:
        console.print("[bold]No later date is decided[/bold]: all that follows is of the first one; a note says why")
    for line in headline_lines(found):
        console.print(line, soft_wrap=True)
    met = math.fsum(row["probability"] for row in found.rows("futures") if not row["missing"])
    if met < 1.0 - CHANCE_ROUNDING:
        console.print(
            f"Everything is met in {percent(met, 2)} of the futures; what others miss is in their cost, at its price",
            soft_wrap=True,
        )
    _print_regret(output, found)
    for line in worth_lines(found):
        console.print(escape(line), soft_wrap=True)
    print_policy(output, found)
    _print_decisions(output, found)
    print_groups(output, found)
    _print_futures(output, found)
    for note in found.notes:
        console.print(f"note: {escape(note)}", soft_wrap=True)


def _print_regret(output: Output, found: "RiskResult") -> None:
    """Show the largest regret with what is proven of it, and whether limits in probability are kept."""
    worst = found.regret
    proven = "" if worst.high == float("inf") else f" ({money(worst.low)} to {money(worst.high)} proven)"
    where = f", in {escape(worst.future)}" if float(money(worst.busd).replace(",", "")) > 0.0 else ""
    output.text.print(
        f"Largest regret, $B: {money(worst.busd)}{proven}{where}"
        f"{', against what it costs by itself without the limits' if found.chances else ''}",
        soft_wrap=True,
    )
    for one in found.chances:
        output.text.print(
            f"{one.limit} met in {percent(one.met, 2)} of the futures ({percent(one.asked, 2)} asked), "
            "by their audited plans",
            soft_wrap=True,
        )


def _print_decisions(output: Output, found: "RiskResult") -> None:
    console = output.text
    console.print(f"\n[bold]Decided by {found.decide_by.isoformat()}, the same in every future[/bold]")
    if not found.rows("decisions"):
        none = "nothing can be signed by then that would not be decided in each future by itself"
        console.print("nothing is signed; no future would sign anything, if it were known" if found.can_order else none)
    headings = [
        ("", "left"), ("role", "left"), ("starts", "left"), ("now", "right"), ("futures by themselves", "right"),
        ("", "left"),
    ]  # fmt: skip
    rows = [
        [
            row["what"], row["role"], row["period"], with_unit(row["now"], row["unit"]),
            f"{row['alone_least']:g} to {row['alone_most']:g}", row["decision"],
        ]
        for row in found.rows("decisions")
    ]  # fmt: skip
    if rows:
        print_rows(console, headings, rows)
    later = found.rows("later")
    if later:
        console.print("\n[bold]Decided later[/bold]")
        headings = [
            ("", "left"), ("role", "left"), ("starts", "left"), ("chip", "left"), ("decide by", "left"),
            ("futures", "right"), ("blocks", "right"),
        ]  # fmt: skip
        print_rows(
            console,
            headings,
            [
                [row["what"], row["role"], row["period"], row["chip"], row["decide_by"],
                 percent(row["futures_share"], 2), f"{row['least']:g} to {row['most']:g}"]
                for row in later
            ],
        )  # fmt: skip


def _print_futures(output: Output, found: "RiskResult") -> None:
    console, rows = output.text, found.rows("futures")
    of_first = "" if found.policy is None else f", with what is decided by {found.decide_by.isoformat()} alone"
    console.print(f"\n[bold]Futures{of_first}[/bold]")
    alone = "by itself, with the limits" if found.chances else "by itself"
    headings = [
        ("", "left"), ("probability", "right"), ("cost, $B", "right"), (alone, "right"), ("unserved", "right"),
        ("late", "right"), ("lapsed", "right"), ("missing", "left"),
    ]  # fmt: skip
    dearest = sorted(rows, key=lambda row: -float(row["cost_busd"]))[:MOST_FUTURES]
    print_rows(
        console,
        headings,
        [
            [row["future"], probability(row["probability"]), money(row["cost_busd"]), money(row["alone_busd"]),
             share(row["unserved_share"]), str(row["late"]), str(row["lapsed"]), row["missing"]]
            for row in dearest
        ],
    )  # fmt: skip
    if len(rows) > len(dearest):
        console.print(f"and {len(rows) - len(dearest)} that cost less")
