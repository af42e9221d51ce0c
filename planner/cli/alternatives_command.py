"""The command ``alternatives``."""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from planner.cli.folders import changed_since, plan_folder, write_plan
from planner.cli.options import AsJson, Quiet, Verbose, takes_solve_options
from planner.cli.output import Output
from planner.cli.progress import ProgressLine
from planner.options import DEFAULT_OPTIONS, SolveOptions
from planner.status import Ending

if TYPE_CHECKING:
    from planner.explain.alternatives import Alternatives
    from planner.system.folders import Target

CUT_SHORT = "there may be other plans, and wider ranges than those found; the limits in [ ] are proven all the same"


def share_of(text: str) -> float:
    """Read a share, written as ``1%`` or ``0.01``.

    Raises
    ------
    typer.BadParameter
        If it is none from 0 to below 1.

    Examples
    --------
    >>> share_of("1%"), share_of("0.005")
    (0.01, 0.005)
    """
    try:
        share = float(text.removesuffix("%")) / (100.0 if text.endswith("%") else 1.0)
    except ValueError:
        share = math.nan
    if not 0.0 <= share < 1.0:
        message = f"{text!r}: give a share of the cost such as 1% or 0.01, at least 0 and less than 1"
        raise typer.BadParameter(message)
    return share


def _admitted(text: str) -> str:
    share_of(text)
    return text


@takes_solve_options("explain")
def alternatives(
    plan: Annotated[str, typer.Argument(metavar="PLAN", help="The folder of a plan.", show_default=False)],
    within: Annotated[
        str,
        typer.Option("--within", metavar="SHARE", callback=_admitted, help="Slack on the cost of the plan."),
    ] = "1%",
    count: Annotated[int, typer.Option("--count", metavar="N", min=1, max=100, help="Most plans found.")] = 5,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Write the plans to DIR-1, DIR-2, ...", show_default=False),
    ] = None,
    options: SolveOptions = DEFAULT_OPTIONS,
    as_json: AsJson = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Find plans that cost little more and differ most, what all such plans have, and what none has."""
    output = Output(as_json=as_json, verbose=verbose, quiet=quiet)
    with ProgressLine(output) as progress:
        progress.stage("start")
        places = _places(out, count)
        from planner.api import Plan
        from planner.explain.alternatives import TIME_LIMIT_S
        from planner.explain.alternatives import alternatives as look

        read = Plan.read(plan)
        changed = changed_since(Path(plan), output)
        limited = options if options.time_limit_s is not None else replace(options, time_limit_s=TIME_LIMIT_S)
        found = look(read, share_of(within), count=count, options=limited, on_progress=progress.show)
    kept = [write_plan(one.plan, place) for one, place in zip(found.plans, places, strict=False)]
    written = [one.folder for one in kept]
    problems = changed + [problem for one in kept for problem in one.document()["problems"]]
    tables = {"tables": [one.tables for one in kept]} if any(one.tables for one in kept) else {}
    document: dict[str, Any] = {"status": Ending.of_code(0), "exit_code": 0, "case_name": read.case.name}
    document["case_hash"] = read.case.hash
    output.document({**document, **found.document(), "folders": written, "problems": problems, **tables})
    lines = _lines(found, written)
    if limited.time_limit_s is not None and found.seconds >= limited.time_limit_s:
        lines.append(f"The time limit of {limited.time_limit_s:g} s ended the search: {CUT_SHORT}")
    for line in lines:
        output.text.print(escape(line), soft_wrap=True)
    for one in kept:
        if one.note:
            one.print(output, "The plan")


def _places(out: Path | None, count: int) -> list["Target"]:
    """Look at the places of the plans before any work; none where none is to be written.

    Raises
    ------
    typer.BadParameter
        If the name of the folders is none.
    PlannerError
        If anything that is not a plan's own stands at one of them.
    """
    if out is None:
        return []
    if out.name in ("", ".."):
        message = f"{str(out)!r} is no name; give one such as plans/other, for plans/other-1, plans/other-2, ..."
        raise typer.BadParameter(message, param_hint="'--out'")
    return [plan_folder("", "", out.with_name(f"{out.name}-{number}")) for number in range(1, count + 1)]


def _lines(found: "Alternatives", written: Sequence[str | None]) -> list[str]:
    """What was found, in lines."""
    lines = [
        f"Plans that cost at most ${found.limit_busd:,.3f}B, {found.within:.2%} more than this plan "
        f"(${found.plan_cost_busd:,.3f}B)"
    ]
    for word, meaning in (("must", "In every such plan, proven"), ("never", "In no such plan, proven")):
        names = [f"{one.dimension} {one.name}" for one in found.spans if one.verdict == word]
        lines.append(f"{meaning}: {', '.join(names) or 'nothing'}")
    lines += ["", "Average installed IT MW over the reported years: in this plan, least and most found, proven limits"]
    for one in found.spans:
        figures = (
            f"{one.plan_mw:,.0f}; {one.low_mw:,.0f} to {one.high_mw:,.0f} [{one.least_mw:,.0f}, {one.most_mw:,.0f}]"
        )
        lines.append(f"  {one.dimension} {one.name}: {figures}")
    lines += [
        "",
        f"{len(found.plans)} plans that differ most, each audited"
        if found.plans
        else "No other plan was found in the time given",
    ]
    for number, plan in enumerate(found.plans):
        moves = [
            f"{m.dimension} {m.name} {m.it_gw_years:+,.2f}" for m in plan.moved if m.dimension in ("provider", "site")
        ]
        folder = f" ({written[number]})" if written and written[number] else ""
        lines.append(f"  ${plan.plan.cost_busd:,.3f}B, {plan.extreme}{folder}: IT GW-years {', '.join(moves[:8])}")
    return lines
