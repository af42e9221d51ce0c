"""What redundancy adds to the time of a solve: ``python -m bench.redundancy --sizes 30 100 300``.

Synthetic cases of ten years under N-1 over sites, providers and power regions, solved to 0.5 %: with the rules as cuts,
without rules, and with every contingency's re-routing written out as variables and handed to the bare solver.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.reference.written_out import without_rules
from bench.runner import run_job
from planner.case.case import CaseData
from planner.inputs import make_inputs
from planner.options import DEFAULT_GAP, SolveOptions
from planner.program import build_program
from planner.redundancy.separate import violated_cuts
from planner.runs.compile import make_mip
from planner.solve.watchdog import SolverProcess
from planner.synthetic.generate import generate

GAP = DEFAULT_GAP
TARGET = 3.0
"""Times the time without rules that the rules may take."""


@dataclass(frozen=True)
class Line:
    """One run."""

    sites: int
    form: str
    status: str
    seconds: float
    cost_busd: float | None = None
    gap: float | None = None
    columns: int = 0
    rows: int = 0
    cuts: int = 0
    rounds: int = 0
    separation_s: float | None = None
    notes: str = ""


def run_planner(case: CaseData, sites: int, form: str, time_limit_s: float) -> Line:
    """Build and solve by the planner; the time of one separation of its plan is measured beside it."""
    begin = time.monotonic()
    inputs = make_inputs(case)
    mip = make_mip(build_program(inputs), inputs)
    process = SolverProcess()
    try:
        answer = process.solve(mip, SolveOptions(GAP, time_limit_s), lambda _progress: None)
    finally:
        process.close()
    seconds = time.monotonic() - begin
    size = answer.mip.arrays
    if answer.x is None:
        return Line(sites, form, answer.status, seconds, columns=size.column_count, rows=size.row_count)
    separation = None
    if answer.mip.network is not None:
        begin = time.monotonic()
        violated_cuts(answer.mip.network, answer.mip.installed_gw(answer.x))
        separation = time.monotonic() - begin
    gap = (answer.objective - answer.bound) / abs(answer.objective)
    counts = (size.column_count, size.row_count, answer.cuts, answer.rounds)
    return Line(sites, form, answer.status, seconds, answer.objective, gap, *counts, separation)


def run_written_out(sites: int, periods: int, seed: int, time_limit_s: float) -> Line:
    """Build the written-out form and solve it by the bare solver, in a process of limited time and memory."""
    job = {"kind": "synthetic", "sites": sites, "periods": periods, "period_months": 12, "seed": seed, "threads": 1}
    result = run_job({**job, "method": "written-out", "gap": GAP, "time_limit_s": time_limit_s})
    status = f"{result.status} {result.notes}" if result.cost is None else result.status
    return Line(
        sites, "written out", status.splitlines()[0][:80], result.seconds or 0.0, result.cost, result.gap,
        notes=result.notes if result.cost is not None else "",
    )  # fmt: skip


def report(lines: Sequence[Line]) -> str:
    """The lines as a table, and the ratio to the target."""
    header = "| sites | form | status | s | cost $B | gap | columns | rows | cuts | rounds | one separation s |"
    text = [header, "|" + "---|" * (header.count("|") - 1)]
    for one in lines:
        cost = "-" if one.cost_busd is None else f"{one.cost_busd:,.3f}"
        gap = "-" if one.gap is None else f"{one.gap:.2%}"
        separation = "-" if one.separation_s is None else f"{one.separation_s:.3f}"
        size = f"{one.columns:,} | {one.rows:,}" if one.columns else f"{one.notes or '-'} | -"
        text.append(
            f"| {one.sites} | {one.form} | {one.status} | {one.seconds:.1f} | {cost} | {gap} | {size} "
            f"| {one.cuts} | {one.rounds} | {separation} |"
        )
    for sites in sorted({one.sites for one in lines}):
        runs = {one.form: one for one in lines if one.sites == sites}
        cuts, bare = runs["rules as cuts"], runs["no rules"]
        if {"time_limit", "no_plan"} & {cuts.status, bare.status}:
            text.append(f"\n{sites} sites: no ratio, a run ended at its time limit")
        else:
            ratio = cuts.seconds / bare.seconds
            text.append(f"\n{sites} sites: {ratio:.2f} times the time without rules (target: at most {TARGET:g})")
    return "\n".join(text)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the sizes asked for and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.redundancy", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[30, 100, 300])
    parser.add_argument("--periods", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--time-limit", type=float, default=600.0, help="seconds per run")
    parser.add_argument("--without-written-out", action="store_true", help="leave out the written-out form")
    parser.add_argument("--json", type=Path, help="file to write the lines to")
    chosen = parser.parse_args(arguments)
    lines: list[Line] = []
    for sites in chosen.sizes:
        case = generate(sites, chosen.periods, seed=chosen.seed)
        lines.append(run_planner(without_rules(case), sites, "no rules", chosen.time_limit))
        lines.append(run_planner(case, sites, "rules as cuts", chosen.time_limit))
        if not chosen.without_written_out:
            lines.append(run_written_out(sites, chosen.periods, chosen.seed, chosen.time_limit))
        if chosen.json is not None:
            chosen.json.write_text(json.dumps([asdict(line) for line in lines], indent=2) + "\n")
    print(report(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
