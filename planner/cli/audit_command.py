"""Command ``audit``."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from planner.cli.options import AsJson, PlanFolder, Quiet, Verbose, takes_solve_options
from planner.cli.output import Output, problem_record
from planner.cli.progress import ProgressLine
from planner.errors import Problem
from planner.options import DEFAULT_OPTIONS, SolveOptions
from planner.status import Ending

if TYPE_CHECKING:
    from planner.audit.report import AuditCheck, AuditReport
    from planner.explain.bound import BoundProof

FAILED, CUT_SHORT = 1, 4
"""Exit codes of an audit that fails, and of a proof that a limit ended."""


@takes_solve_options("proof", without=("gap",))
def audit(
    folder: PlanFolder,
    bound: Annotated[
        bool, typer.Option("--bound", help="Also verify the bound on the cost, by solving the case again.")
    ] = False,
    options: SolveOptions = DEFAULT_OPTIONS,
    as_json: AsJson = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Recompute every limit and every payment of a plan from its case. Exit code 0 if all checks pass, else 1.

    With --bound the exit code is 4 if the time limit is reached before the proof.
    """
    from planner.audit.folder import audit_folder

    if not bound and options.time_limit_s is not None:
        message = "--time-limit requires --bound"
        raise typer.BadParameter(message)
    output = Output(as_json=as_json, verbose=verbose, quiet=quiet)
    report = audit_folder(folder)
    proof = None
    if bound and report.passed:
        proof = _prove(folder, output, options)
    output.document(_audit_document(report, folder, proof, wanted=bound))
    _print_checks(output.text, report.failures if quiet else report.checks)
    for line in report.lines:
        output.text.print(f"[red]{escape(line)}[/red]", soft_wrap=True)
    if not quiet and report.not_recomputed:
        output.text.print(f"not recomputed: {escape('; '.join(report.not_recomputed))}", soft_wrap=True)
    verdict = "[green]passed[/green]" if report.passed else f"[red]FAILED[/red] {len(report.failures)} of"
    output.text.print(f"{verdict} {len(report.checks)} checks; cost ${report.cost_busd:,.6f}B recomputed")
    if bound:
        output.text.print(escape(_bound_words(proof)), soft_wrap=True)
    raise typer.Exit(_audit_code(report, proof))


def _prove(folder: Path, output: Output, options: SolveOptions) -> "BoundProof":
    """Prove the bound of a plan again, with a progress line."""
    with ProgressLine(output) as progress:
        progress.stage("start")
        from planner.api import Plan
        from planner.explain.bound import prove_bound

        plan = Plan.read(folder)
        return prove_bound(plan, options=options, on_progress=progress.show)


def _bound_words(proof: "BoundProof | None") -> str:
    """Say what came of the proof."""
    if proof is None:
        return "bound not proven: the plan fails its audit"
    words = {"confirmed": "bound confirmed", "refuted": "bound REFUTED", "no_bound": "no bound"}
    return f"{words.get(proof.status, 'bound not confirmed within the limit')}: {proof.reason}"


def _audit_code(report: "AuditReport", proof: "BoundProof | None") -> int:
    if not report.passed or (proof is not None and proof.status == "refuted"):
        return FAILED
    return CUT_SHORT if proof is not None and proof.status == "not_confirmed" else 0


def _audit_document(report: "AuditReport", folder: Path, proof: "BoundProof | None", *, wanted: bool) -> dict[str, Any]:
    """Return what ``--json`` says of an audit; every violation is one of its problems."""
    rows = [{name: _json_value(value) for name, value in row.items()} for row in report.to_rows()]
    lines = list(report.lines)
    if proof is not None and proof.status == "refuted":
        lines.append(_bound_words(proof))
    return {
        "status": Ending.PASSED if not lines and report.passed else Ending.AUDIT_FAILED,
        "passed": report.passed,
        "exit_code": _audit_code(report, proof),
        "cost_busd": _json_value(report.cost_busd),
        "checks": rows,
        "not_recomputed": list(report.not_recomputed),
        **({"bound": asdict(proof) if proof is not None else None} if wanted else {}),
        "folder": str(folder),
        "problems": [problem_record(Problem(file=str(folder), message=line)) for line in lines],
    }


def _json_value(value: str | float) -> str | float | None:
    """Return a value that JSON knows: what is not a finite number becomes null."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _print_checks(console: Console, checks: Sequence["AuditCheck"]) -> None:
    """Print one line per check: how often the rule was checked and how far the worst place is off."""
    if not checks:
        return
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column("family", no_wrap=True)
    table.add_column("check")
    table.add_column("times", justify="right", no_wrap=True)
    table.add_column("worst", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for check in checks:
        worst = f"{check.worst_violation:.1e} {check.unit}" if check.worst_violation else "0"
        verdict = "[green]ok[/green]" if check.passed else "[red]FAILED[/red]"
        table.add_row(escape(check.family), escape(check.name), f"{check.count:,}", escape(worst), verdict)
    console.print(table)
