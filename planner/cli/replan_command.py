"""The command ``replan``."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from planner.cli.folders import Written, plan_folder, write_plan
from planner.cli.given import changed_case
from planner.cli.options import (
    AsJson,
    Changes,
    OnlyWhatIfs,
    PlanFolder,
    Quiet,
    Verbose,
    WhatIfFile,
    takes_solve_options,
)
from planner.cli.output import Output
from planner.cli.progress import ProgressLine
from planner.cli.resolving import OPEN, print_inside, signed
from planner.cli.rows import print_rows
from planner.cli.standing import REPLAN, for_replan
from planner.cli.study import (
    CUT_SHORT,
    chosen_whatifs,
    ending,
    exit_code,
    json_rows,
    make_runner,
    money,
    print_reasons,
    share,
)
from planner.options import DEFAULT_OPTIONS, SolveOptions

if TYPE_CHECKING:
    from planner.analysis.replan import Replan
    from planner.api import Case
    from planner.case.case import CaseData
    from planner.system.folders import Target

PREFERENCE = ("churn limit", "churn penalty", "least churn", "committed")
"""Whose plan is written: the first of these that has one."""


def _day(text: str) -> str:
    """Admit a date."""
    try:
        date.fromisoformat(text)
    except ValueError:
        message = f"{text!r} is not a date; write it as 2027-01-31"
        raise typer.BadParameter(message) from None
    return text


Until = Annotated[
    str,
    typer.Option(
        "--committed-until",
        metavar="DATE",
        callback=_day,
        help="Keep what was ordered before this date: contracts, on-site power, chips installed.",
        show_default=False,
    ),
]
ChurnLimit = Annotated[
    float | None,
    typer.Option("--churn-limit", min=0.0, max=1.0, metavar="SHARE", help="Also solve with at most this churn."),
]
ChurnPenalty = Annotated[
    float | None,
    typer.Option(
        "--churn-penalty",
        metavar="BUSD",
        help="Also solve with this penalty, in $B per IT GW-year changed; it is not part of the cost.",
    ),
]
NewPlan = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="DIR",
        help="Folder of the new plan; without it, plans/NAME-HASH-replan.",
        show_default=False,
    ),
]


@takes_solve_options()
def replan(
    folder: PlanFolder,
    until: Until,
    changes: Changes = None,
    whatifs: WhatIfFile = None,
    only: OnlyWhatIfs = None,
    limit: ChurnLimit = None,
    penalty: ChurnPenalty = None,
    options: SolveOptions = DEFAULT_OPTIONS,
    out: NewPlan = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Replan after changes of the data (--set, --whatifs), keep commitments, and report what keeping them costs."""
    output = Output(as_json=as_json, verbose=verbose, quiet=quiet)
    with ProgressLine(output) as progress:
        progress.stage("start")
        from planner.analysis.replan import Strategies, refuse_failed, replan_audited
        from planner.api import Plan
        from planner.audit.folder import audit_folder

        old = Plan.read(folder)
        refuse_failed(audit_folder(folder), str(folder))
        changed = _changed(old.case, changes or (), whatifs, only)
        target = plan_folder(changed.model.name, changed.hash, out, ending="-replan")
        target = for_replan(target, folder, changed.hash, named=out is not None)
        runner = make_runner(progress, options)
        wanted = Strategies(limit_share=limit, penalty_busd=penalty)
        found = replan_audited(old, changed, date.fromisoformat(until), wanted, runner)
    strategy, written = _write(found, target)
    code = _code(found)
    output.document(
        {**ending(code, interrupted=runner.interrupted), **_found(found), "written": strategy, **written.document()}
    )
    if not as_json:
        _print(output, found)
        if strategy is not None:
            written.print(output, f"The plan of [bold]{escape(strategy)}[/bold]")
    raise typer.Exit(code)


def _changed(case: "Case", changes: Sequence[str], whatifs: str | None, only: Sequence[str] | None) -> "CaseData":
    """Return the case after the changes of the command line and all of the chosen what-ifs together."""
    from planner.changes.apply import apply_whatif
    from planner.changes.schema import WhatIf

    changed = changed_case(case, changes)
    chosen = chosen_whatifs(whatifs, only, changed)
    every = tuple(change for whatif in chosen for change in whatif.changes)
    return apply_whatif(changed, WhatIf(name=" + ".join(whatif.name for whatif in chosen), changes=every)).data


def _write(found: "Replan", target: "Target") -> tuple[str | None, Written]:
    """Write the plan of the first strategy that has one; return which that is."""
    strategy = next((name for name in PREFERENCE if name in found.plans), None)
    if strategy is None:
        return None, Written(None, "", {})
    plan = found.plans[strategy]
    mark = {REPLAN: {"strategy": strategy, "committed_until": found.until.isoformat()}}
    return strategy, write_plan(replace(plan, summary={**plan.summary, **mark}), target)


def _found(found: "Replan") -> dict[str, Any]:
    """Return the answers for the JSON document."""
    return {
        "committed_until": found.until.isoformat(),
        "committed_contracts": found.committed_contracts,
        "broken": list(found.broken),
        "broken_it_gw": found.broken_it_gw,
        "strategies": json_rows(found.rows),
    }


def _code(found: "Replan") -> int:
    """Return the exit code: that of the strategies that keep something, or 4 if a limit ended the free one."""
    code = exit_code(row for row in found.rows if row["strategy"] != "free")
    return CUT_SHORT if code == 0 and exit_code(found.rows) == CUT_SHORT else code


def _print(output: Output, found: "Replan") -> None:
    console = output.text
    console.print(f"{found.committed_contracts} contracts were ordered before {escape(str(found.until))}\n")
    headings = [
        ("", "left"), ("cost, $B", "right"), ("gap", "right"), ("unserved", "right"), ("churn", "right"),
        ("cost over free, $B", "right"),
    ]  # fmt: skip
    rows = []
    for row in found.rows:
        cost = row["status"] if row["cost_busd"] is None else money(row["cost_busd"])
        rows.append(
            [row["strategy"], cost, share(row["gap"]), share(row["unserved_share"]), share(row["churn_share"]),
             signed(row["stability_busd"], row["sign"])]
        )  # fmt: skip
    print_rows(console, headings, rows)
    print_reasons(console, found.rows, "strategy")
    print_inside(console, [row["strategy"] for row in found.rows if row["sign"] == OPEN])
    if found.broken:
        console.print("\n[bold]Commitments that cannot be kept[/bold]")
        for words in found.broken:
            console.print(f"  {escape(words)}", soft_wrap=True)
