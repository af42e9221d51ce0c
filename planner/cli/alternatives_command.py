"""The command ``alternatives``."""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from planner.cli.folders import Written, changed_since, plan_folder, write_plan
from planner.cli.options import AsJson, Quiet, Verbose, takes_solve_options
from planner.cli.output import Output
from planner.cli.progress import ProgressLine
from planner.errors import OptionError, PlanError, PlannerError
from planner.options import DEFAULT_OPTIONS, SolveOptions
from planner.status import Ending
from planner.system.folders import Target, examine

if TYPE_CHECKING:
    from planner.explain.alternatives import Alternative, Alternatives, Span
    from planner.plan.plan import PlanData

GAP = "gap"
MOST_MOVES = 5
"""Names of each kind that a line about a plan has."""
NONE_FOUND = {
    "complete": "the search was complete, each figure to the gap of {gap:.2%} of all IT GW-years",
    "in_part": "the search ended by itself, but looked near this plan and its relaxations alone, so there may be some",
    "time_limit": "the time limit came before the search was complete, so there may be some",
    "interrupted": "the search was interrupted before it was complete, so there may be some",
}
"""What it means that no other plan was found, by how the search ended."""
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
    if text != GAP:
        share_of(text)
    return text


def _slack(text: str, plan: "PlanData") -> float:
    """The slack that was asked for, as a share of the cost of the plan."""
    if text != GAP:
        return share_of(text)
    if plan.gap is None:
        raise OptionError("--within gap: no gap of this plan is known; give a share of the cost such as 1%")
    return max(0.0, min(plan.gap, 0.999))


@takes_solve_options("alternatives", absent="two minutes")
def alternatives(
    plan: Annotated[str, typer.Argument(metavar="PLAN", help="The folder of a plan.", show_default=False)],
    within: Annotated[
        str,
        typer.Option(
            "--within", metavar="SHARE", callback=_admitted, help="Slack on the cost of the plan; gap: its own gap."
        ),
    ] = "1%",
    count: Annotated[int, typer.Option("--count", metavar="N", min=1, max=100, help="Most plans found.")] = 5,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Write the plans to DIR-1, DIR-2, ...", show_default=False),
    ] = None,
    keep: Annotated[
        bool,
        typer.Option("--keep", help="Keep the ranges with PLAN, as its table ranges: `planner show` then says them."),
    ] = False,
    options: SolveOptions = DEFAULT_OPTIONS,
    as_json: AsJson = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Find plans that cost little more and differ most, what all such plans have, and what none has."""
    output = Output(as_json=as_json, verbose=verbose, quiet=quiet)
    with ProgressLine(output) as progress:
        progress.stage("start")
        places, own = _places(out, count), _own_place(Path(plan)) if keep else None
        from planner.api import Plan
        from planner.explain.alternatives import TIME_LIMIT_S
        from planner.explain.alternatives import alternatives as look

        read = Plan.read(plan)
        changed = changed_since(Path(plan), output)
        limited = options if options.time_limit_s is not None else replace(options, time_limit_s=TIME_LIMIT_S)
        found = look(read, _slack(within, read), count=count, options=limited, on_progress=progress.show)
    ranges = None if own is None else write_plan(found.kept_in(read), own)
    kept = [write_plan(one.plan, place) for one, place in zip(found.plans, places, strict=False)]
    written = [one.folder for one in kept]
    all_written = [*kept, *([ranges] if ranges else [])]
    problems = changed + [problem for one in all_written for problem in one.document()["problems"]]
    tables = {"tables": [one.tables for one in kept]} if any(one.tables for one in kept) else {}
    document: dict[str, Any] = {"status": Ending.of_code(0), "exit_code": 0, "case_name": read.case.name}
    document["case_hash"] = read.case.hash
    output.document({**document, **found.document(), "folders": written, "problems": problems, **tables})
    lines = _lines(found, written, limited.gap) + _kept_lines(ranges)
    if limited.time_limit_s is not None and found.ended == "time_limit":
        lines.append(f"Its share of the time limit of {limited.time_limit_s:g} s ended a search: {CUT_SHORT}")
    for line in lines:
        output.text.print(escape(line), soft_wrap=True)
    for one in kept:
        if one.note:
            one.print(output, "The plan")


def _own_place(folder: Path) -> Target:
    """The place of the plan itself, which is written again with its ranges.

    Raises
    ------
    PlannerError
        If the folder is no plan, or not as it was written.
    """
    try:
        return examine(folder)
    except PlanError as error:
        message = f"{error} (with --keep, which writes the plan again)"
        raise PlannerError(message) from None


def _kept_lines(written: Written | None) -> list[str]:
    """Where the ranges are."""
    if written is None:
        return []
    if written.folder is None or written.note:
        return ["", written.note]
    return ["", f"The ranges are kept with the plan: `planner show {written.folder}` says which figures are degenerate"]


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


def _lines(found: "Alternatives", written: Sequence[str | None], gap: float) -> list[str]:
    """What was found, in lines."""
    lines = [
        f"Plans that cost at most ${found.limit_busd:,.3f}B, {found.within:.2%} more than this plan "
        f"(${found.plan_cost_busd:,.3f}B)"
    ]
    for word, meaning in (("must", "Decided in every such plan, proven"), ("never", "Decided in no such plan, proven")):
        names = [
            f"{one.dimension} {one.name}{' (only what is signed)' if one.only_signed else ''}"
            for one in found.spans
            if one.verdict == word
        ]
        lines.append(f"{meaning}: {', '.join(names) or 'nothing'}")
    lines += ["", "Average installed IT MW over the reported years: in this plan, least and most found, proven limits"]
    shown = [one for one in found.spans if one.dimension != "role"]
    lines += [f"  {one.dimension} {one.name}: {_figures(one)}" for one in shown if not one.period]
    lines += ["", "Installed IT MW in a period, in the same way"]
    lines += [f"  {one.dimension} {one.name}: {_figures(one)}" for one in shown if one.dimension == "year"]
    providers = [one for one in shown if one.dimension == "provider" and one.period]
    lines += [f"  provider {one.name} {one.period}: {_figures(one)}" for one in providers if one.degenerate]
    same = sum(not one.degenerate for one in providers)
    lines += [f"  {same:,} more of provider and period are the same in every plan found"] if same else []
    if not found.plans:
        return [*lines, "", f"No other plan was found: {NONE_FOUND[found.ended].format(gap=gap)}"]
    lines += ["", f"{len(found.plans)} plans that differ most, each audited"]
    for number, plan in enumerate(found.plans):
        folder = f" ({written[number]})" if written and written[number] else ""
        lines.append(f"  ${plan.plan.cost_busd:,.3f}B, {plan.extreme}{folder}: IT GW-years {_moves(plan)}")
    return lines


def _figures(one: "Span") -> str:
    proven = f"{one.least_it_mw or 0.0:,.0f}, {'not known' if one.most_it_mw is None else f'{one.most_it_mw:,.0f}'}"
    return f"{one.plan_it_mw:,.0f}; {one.low_it_mw:,.0f} to {one.high_it_mw:,.0f} [{proven}]"


def _moves(plan: "Alternative") -> str:
    """What a plan has more and less of: of each kind the largest."""
    kinds: dict[str, list[str]] = {}
    for one in plan.moved:
        kinds.setdefault(one.dimension, []).append(f"{one.name} {one.it_gw_years:+,.2f}")
    return "; ".join(f"{kind} {', '.join(names[:MOST_MOVES])}" for kind, names in kinds.items())
