"""The command ``protect``."""

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from planner.cli.given import given_and_unchanged, marked_warnings
from planner.cli.options import AsJson, CaseName, Changes, Quiet, Verbose, takes_solve_options
from planner.cli.output import Output
from planner.cli.progress import ProgressLine
from planner.cli.resolving import OPEN, print_inside
from planner.cli.study import ending, exit_code, make_runner
from planner.options import DEFAULT_OPTIONS, SolveOptions

if TYPE_CHECKING:
    from planner.analysis.redundancy_cost import CostOfRules
    from planner.analysis.redundancy_curve import CurvePoint

MOST_POINTS = 100
MOST_SHOWN = 20
"""Contingencies and prices printed; ``--json`` has all."""


def parse_curve(text: str | None) -> list[float] | None:
    """Read ``FIRST:LAST:STEP``, or shares separated by commas.

    Raises
    ------
    typer.BadParameter
        If it is neither, or a share is not from 0 to 1.
    """
    if text is None:
        return None
    try:
        numbers = [float(part) for part in text.replace(":", ",").split(",")]
    except ValueError:
        numbers = []
    if not all(math.isfinite(number) for number in numbers):
        numbers = []
    if ":" in text and len(numbers) == 3 and numbers[2] > 0.0 and (numbers[1] - numbers[0]) / numbers[2] < MOST_POINTS:
        first, last, step = numbers
        numbers = [round(first + n * step, 9) for n in range(int((last - first) / step + 1e-6) + 1)]
    elif ":" in text:
        numbers = []
    if not numbers or len(numbers) > MOST_POINTS or not all(0.0 <= number <= 1.0 for number in numbers):
        message = (
            f"{text!r}: give FIRST:LAST:STEP such as 0.5:1.0:0.1, or shares such as 0.5,0.8,1, each from 0 to 1 and "
            f"at most {MOST_POINTS} of them"
        )
        raise typer.BadParameter(message)
    return numbers


def _curve_text(text: str | None) -> str | None:
    parse_curve(text)
    return text


@takes_solve_options()
def protect(
    case: CaseName,
    changes: Changes = None,
    curve: Annotated[
        str | None,
        typer.Option(
            "--curve",
            metavar="SHARES",
            callback=_curve_text,
            help="Instead of the cost of each rule: the cost at each of these critical shares, "
            "separated by commas (0.5,1.0) or as FIRST:LAST:STEP (0.5:1.0:0.1).",
            show_default=False,
        ),
    ] = None,
    workload: Annotated[
        Literal["training", "inference"] | None,
        typer.Option("--workload", help="With --curve: change only the share of this workload.", show_default=False),
    ] = None,
    options: SolveOptions = DEFAULT_OPTIONS,
    as_json: AsJson = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Report the cost of redundancy: of each rule, binding contingencies, the price of one more IT GW protected."""
    shares = parse_curve(curve)
    if workload is not None and shares is None:
        raise typer.BadParameter("--workload requires --curve")
    output = Output(as_json=as_json, verbose=verbose, quiet=quiet)
    with ProgressLine(output) as progress:
        progress.stage("start")
        from planner.analysis.redundancy_cost import cost_of_rules
        from planner.analysis.redundancy_curve import cost_curve

        read, unchanged = given_and_unchanged(case, changes)
        output.warn(marked_warnings(read.warnings(), read, unchanged))
        runner = make_runner(progress, options)
        if shares is not None:
            points = cost_curve(read, shares, workload=workload, runner=runner)
        else:
            found = cost_of_rules(read, runner=runner)
    if shares is not None:
        rows = [asdict(one) for one in points]
        content: dict[str, Any] = {"curve": rows}
    else:
        content = _document(found)
        rows = content["plans"]
    code = exit_code(rows)
    output.document({**ending(code, interrupted=runner.interrupted), "case_name": read.name, **content, "problems": []})
    if shares is not None:
        _print_curve(output.text, points, workload)
    else:
        _print_cost(output.text, found)
    raise typer.Exit(code)


def _document(found: "CostOfRules") -> dict[str, Any]:
    return {
        "plans": [asdict(one) for one in found.variants],
        "binding": [asdict(one) for one in found.binding],
        "prices": [asdict(one) for one in found.prices],
        "backup": asdict(found.envelope) if found.envelope else None,
    }


def _number(value: float | None, form: str = ",.3f") -> str:
    return "-" if value is None else format(value, form)


def _print_cost(console: Console, found: "CostOfRules") -> None:
    """Print plans, binding contingencies, prices and the backup envelope."""
    table = _table("plan", "status", "cost $B", "gap", "rules cost $B", "proven range $B", "unserved")
    for one in found.variants:
        name = _plan_name(one.dropped)
        proven = "" if one.saved_low_busd is None else f"{one.saved_low_busd:,.3f} to {one.saved_high_busd:,.3f}"
        saved = "" if one.dropped == "none" else OPEN if one.sign == OPEN else _number(one.saved_busd)
        unserved = _number(one.unserved_compute_years, ",.1f")
        table.add_row(
            escape(name), escape(one.status), _number(one.cost_busd), _number(one.gap, ".2%"), saved, proven, unserved
        )
    console.print(table)
    reasons: dict[str, list[str]] = {}
    for one in found.variants:
        if one.reason:
            reasons.setdefault(one.reason, []).append(_plan_name(one.dropped))
    for reason, names in reasons.items():
        console.print(f"[yellow]{escape(', '.join(names))}: {escape(reason)}[/yellow]", soft_wrap=True)
    print_inside(console, [_plan_name(one.dropped) for one in found.variants if one.sign == OPEN])
    if found.envelope is not None:
        spent, most, earned = found.envelope.spent_busd, found.envelope.allowed_busd, found.envelope.income_busd
        allowed = "no envelope" if most is None else f"of ${most:,.1f}B allowed"
        console.print(f"\nBackup: ${spent:,.1f}B spent, {allowed}; idle backup earned ${earned:,.2f}B")
        _print_binding(console, found)


def _plan_name(dropped: str) -> str:
    """Return the name of the plan without a rule (``none``: with all of them; ``all``: with none)."""
    return {"none": "all rules", "all": "no rules"}.get(dropped, f'without rule "{dropped}"')


def _print_binding(console: Console, found: "CostOfRules") -> None:
    by_loss: dict[tuple[str, str], list[str]] = {}
    for one in found.binding:
        by_loss.setdefault((one.rule, one.contingency), []).append(one.period)
    if not found.binding:
        console.print("\nBinding: no contingency; each has a positive margin")
        return
    console.print(f"\nBinding: {len(found.binding)} contingencies without margin")
    table = _table("rule", "loss of", "in", right=0)
    for (rule, lost), periods in list(by_loss.items())[:MOST_SHOWN]:
        table.add_row(escape(rule), escape(lost), escape(", ".join(periods)))
    console.print(table)
    if not found.prices:
        return
    console.print("\nPrice of more protection (integer variables fixed; present value)")
    table = _table("rule", "period", "loss of", "$M per unit", "$B per IT GW", right=2)
    for price in sorted(found.prices, key=lambda one: -one.price_busd_per_gw)[:MOST_SHOWN]:
        busd, per_gw = _number(1e3 * price.price_busd_per_compute), _number(price.price_busd_per_gw)
        table.add_row(escape(price.rule), escape(price.period), escape(price.contingency), busd, per_gw)
    console.print(table)


def _print_curve(console: Console, points: "list[CurvePoint]", workload: str | None) -> None:
    """Print a line per critical share."""
    what = f"critical share of {workload}" if workload else "critical share"
    table = _table(escape(what), "status", "cost $B", "gap", "backup $B", "earned $B", "unserved", right=5)
    for one in points:
        table.add_row(
            f"{one.share:.0%}",
            escape(one.status),
            _number(one.cost_busd),
            _number(one.gap, ".2%"),
            _number(one.backup_spent_busd, ",.1f"),
            _number(one.backup_income_busd, ",.2f"),
            _number(one.unserved_compute_years, ",.1f"),
        )
    console.print(table)
    for one in points:
        if one.reason:
            console.print(f"[yellow]{one.share:.0%}: {escape(one.reason)}[/yellow]")


def _table(*columns: str, right: int = 5) -> Table:
    """A table whose last columns are numbers."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number >= len(columns) - right else "left")
    return table
