"""Commands: public, recipe, stochastic, risk, stress, ladder, explain, outside, page, all."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from datetime import date
from inspect import signature
from itertools import chain
from pathlib import Path

from bench.explaining import CAUSES, NO_CASH, SHIPPED_CAUSES, explain_all
from bench.explaining import HEADER as EXPLAIN_HEADER
from bench.futures import HEADER as RISK_HEADER
from bench.futures import measure_all as measure_risk
from bench.outside import HEADER as OUTSIDE_HEADER
from bench.outside import measure_all
from bench.public import Line, run_folder
from bench.recipes import RECIPES
from bench.replaying import HEADER as REPLAY_HEADER
from bench.replaying import measure_all as measure_replays
from bench.report import (
    LADDER_HEADER,
    Kept,
    kept,
    ladder_row,
    line_of,
    plot_ladder,
    public_header,
    public_row,
    read_kept,
    rung_of,
    table,
)
from bench.sizes import Rung, climb, climb_shipped
from bench.stochastic import HEADER as STOCHASTIC_HEADER
from bench.stochastic import METHODS, MPI, tolerance_of
from bench.stochastic import run_folder as run_stochastic_folder
from planner.options import DEFAULT_GAP

DOCS = Path(__file__).resolve().parents[1] / "docs"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    public = commands.add_parser("public", help="instances with published optima")
    _public_arguments(public, nargs="+")
    public.add_argument("--json", type=Path, help="file to keep the lines in, for page")
    recipe = commands.add_parser("recipe", help="draw a site-allocation instance, for public")
    recipe.add_argument("kind", choices=tuple(RECIPES), help="by which recipe")
    recipe.add_argument("folder", type=Path, help="folder to write it to")
    recipe.add_argument("--seed", type=int, default=0, help="seed (default 0)")
    recipe.add_argument("--sites", type=int, help="number of sites (default: that of the recipe)")
    recipe.add_argument("--regions", type=int, help="number of regions (default: that of the recipe)")
    recipe.add_argument("--capacity", type=float, help="capacity of each site (capa)")
    recipe.add_argument("--ratio", type=float, help="all capacity over all demand (tbed1)")
    recipe.add_argument("--opened", type=int, help="number of sites to open (pmedian)")
    recipe.add_argument("--reach", type=int, help="number of nearest sites that may serve a region (pmedian)")
    stochastic = commands.add_parser("stochastic", help="two-stage stochastic programs with published optima")
    stochastic.add_argument("folders", type=Path, nargs="+", help="folders of instances with their expected.json")
    methods = (*METHODS, MPI)
    stochastic.add_argument("--methods", nargs="+", choices=methods, default=list(METHODS), help="how to solve them")
    stochastic.add_argument("--gap", type=float, default=1e-6, help="relative gap to stop at (default %(default)g)")
    stochastic.add_argument("--time-limit", type=float, help="seconds per solve (default: none)")
    studies = commands.add_parser("risk", help="plans under uncertainty: value, bound, time and memory")
    studies.add_argument("--case", default="stargate_risks", help="shipped case (default %(default)s)")
    studies.add_argument("--scenarios", type=int, nargs="+", default=[10, 50], help="numbers of scenarios drawn")
    studies.add_argument("--decide-by", type=date.fromisoformat, help="decision date (default: start of the horizon)")
    studies.add_argument("--gap", type=float, default=0.01, help="relative gap to stop at (default %(default)g)")
    studies.add_argument("--workers", type=int, default=2, help="processes (default %(default)g)")
    studies.add_argument("--steps", action="store_true", help="print what is known after each step")
    replays = commands.add_parser("stress", help="a plan replayed in drawn futures: how many a minute")
    replays.add_argument("--case", default="stargate_risks", help="shipped case (default %(default)s)")
    replays.add_argument("--futures", type=int, nargs="+", default=[100], help="numbers of futures drawn (default 100)")
    replays.add_argument(
        "--gap", type=float, default=DEFAULT_GAP, help="relative gap of the plan (default %(default)g)"
    )
    replays.add_argument("--seed", type=int, default=7, help="seed of the draw (default %(default)g)")
    replays.add_argument("--workers", type=int, nargs="+", default=[2], help="numbers of processes (default 2)")
    ladder = commands.add_parser("ladder", help="synthetic cases of growing size, and shipped cases")
    _ladder_arguments(ladder)
    ladder.add_argument("--json", type=Path, help="file to keep the lines in, for page")
    explain = commands.add_parser("explain", help="why cases that are short of something cannot be met")
    _explain_arguments(explain)
    outside = commands.add_parser("outside", help="processor time of `planner solve` outside the solver, by part")
    outside.add_argument("--cases", nargs="*", default=["stargate"], help="shipped cases (default stargate)")
    outside.add_argument("--sizes", type=int, nargs="*", default=[100], help="numbers of sites (default 100)")
    outside.add_argument("--years", type=int, default=10, help="number of yearly periods (default 10)")
    outside.add_argument("--gap", type=float, default=DEFAULT_GAP, help="relative gap to stop at (default %(default)g)")
    page = commands.add_parser("page", help="write docs/benchmarks.md with a plot from kept lines")
    page.add_argument("--public", type=Path, nargs="*", default=[], help="files written by public --json")
    page.add_argument("--ladder", type=Path, nargs="+", required=True, help="files written by ladder --json")
    page.add_argument("--out", type=Path, default=DOCS / "benchmarks.md", help="file to write")
    every = commands.add_parser("all", help="both, written to docs/benchmarks.md with a plot")
    _public_arguments(every, nargs="*")
    _ladder_arguments(every)
    every.add_argument("--out", type=Path, default=DOCS / "benchmarks.md", help="file to write")
    return parser


def _public_arguments(parser: argparse.ArgumentParser, nargs: str) -> None:
    parser.add_argument("folders", type=Path, nargs=nargs, help="folders of instances with their expected.json")
    parser.add_argument("--reference", action="store_true", help="solve by a hand-written Pyomo model too")
    parser.add_argument(
        "--linopy", action="store_true", help="solve by a hand-written linopy model too (install linopy)"
    )
    parser.add_argument("--public-gap", type=float, default=0.0, help="relative gap to stop at (default 0)")
    parser.add_argument("--public-time-limit", type=float, default=600.0, help="seconds per solve (default 600)")
    parser.add_argument("--public-threads", type=int, default=1, help="threads of the solver (default 1)")


def _ladder_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--sizes", type=int, nargs="*", default=[30, 100, 300, 1000], help="numbers of sites")
    parser.add_argument("--cases", nargs="*", default=["us_campuses"], help="shipped cases (default us_campuses)")
    parser.add_argument("--years", type=int, default=10, help="number of yearly periods (default 10)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the cases (default 0)")
    parser.add_argument("--methods", nargs="+", default=["planner"], help="planner, pyomo, pyomo-bare, highs")
    parser.add_argument("--gap", type=float, default=DEFAULT_GAP, help="relative gap to stop at (default %(default)g)")
    parser.add_argument("--time-limit", type=float, default=900.0, help="seconds per solve (default 900)")
    parser.add_argument("--threads", type=int, default=2, help="threads of the solver (default 2)")


def _explain_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--sizes", type=int, nargs="*", default=[150], help="numbers of sites (default 150)")
    parser.add_argument("--cases", nargs="*", default=["stargate"], help="shipped cases (default stargate)")
    parser.add_argument("--causes", nargs="+", choices=CAUSES, default=list(CAUSES), help="what synthetic cases lack")
    every = [*SHIPPED_CAUSES, NO_CASH]
    parser.add_argument("--shipped-causes", nargs="+", choices=every, default=every, help="what shipped cases lack")
    parser.add_argument("--years", type=int, default=10, help="number of yearly periods (default 10)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the cases (default 0)")
    parser.add_argument("--no-ways", action="store_true", help="the conflict only, no ways out")
    parser.add_argument("--time-limit", type=float, help="seconds for each case (default: none)")


def _public_methods(options: argparse.Namespace) -> list[str]:
    return ["planner", *(["pyomo"] if options.reference else []), *(["linopy"] if options.linopy else [])]


def _say(cells: Sequence[str]) -> None:
    print("  ".join(cells), flush=True)


def run_public(options: argparse.Namespace) -> list[Line]:
    """Solve the public instances, a printed line each."""
    methods, lines = _public_methods(options), []
    _say(public_header(methods))
    for folder in options.folders:
        found = run_folder(folder, methods, options.public_gap, options.public_time_limit, options.public_threads)
        for line in found:
            lines.append(line)
            _say(public_row(line, methods))
    return lines


def run_stochastic(options: argparse.Namespace) -> int:
    """Solve two-stage stochastic programs, a printed line each; 1 when a published value was not proven."""
    _say(STOCHASTIC_HEADER)
    missed = 0
    for folder in options.folders:
        for line in run_stochastic_folder(folder, options.methods, options.gap, options.time_limit):
            _say(line.row(tolerance_of(folder)))
            missed += line.verdict(tolerance_of(folder)) != "proven"
    return 1 if missed else 0


def run_ladder(options: argparse.Namespace) -> list[Rung]:
    """Climb the ladder, a printed line each."""
    rungs = []
    _say(LADDER_HEADER)
    effort = {
        "methods": options.methods,
        "gap": options.gap,
        "time_limit_s": options.time_limit,
        "threads": options.threads,
    }
    synthetic = climb(options.sizes, periods=options.years, seed=options.seed, **effort)
    for rung in chain(synthetic, climb_shipped(options.cases, **effort)):
        rungs.append(rung)
        _say(ladder_row(rung))
    return rungs


def run_explain(options: argparse.Namespace) -> int:
    """Explain cases that are short of something, a printed line each."""
    _say(EXPLAIN_HEADER)
    effort = {"years": options.years, "seed": options.seed, "time_limit_s": options.time_limit}
    which = options.sizes, options.cases, options.causes, options.shipped_causes
    for one in explain_all(*which, ways=not options.no_ways, **effort):
        _say(one.row())
    return 0


def run_risk(options: argparse.Namespace) -> int:
    """Measure studies of risk, a printed line each; 1 when a gap was not reached."""
    _say(RISK_HEADER)
    open_ones = 0
    measured = measure_risk(
        options.case, options.scenarios, options.decide_by, options.gap, options.workers, steps=options.steps
    )
    for one in measured:
        _say(one.row())
        open_ones += one.ended not in ("optimal", "gap_reached")
    return 1 if open_ones else 0


def run_replays(options: argparse.Namespace) -> int:
    """Measure replays of a plan, a printed line each."""
    _say(REPLAY_HEADER)
    for one in measure_replays(options.case, options.futures, options.gap, options.seed, options.workers):
        _say(one.row())
    return 0


def run_outside(options: argparse.Namespace) -> int:
    """Measure what `planner solve` does besides solving, a printed line each."""
    _say(OUTSIDE_HEADER)
    for one in measure_all(options.cases, options.sizes, options.years, options.gap):
        _say(one.row())
    return 0


def draw_instance(options: argparse.Namespace) -> None:
    """Write a drawn instance as a file of a folder."""
    names = ("sites", "regions", "capacity", "ratio", "opened", "reach")
    chosen = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    recipe = RECIPES[options.kind]
    other = [f"--{name}" for name in chosen if name not in signature(recipe).parameters]
    if other:
        raise SystemExit(f"recipe {options.kind} has no {', '.join(other)}")
    instance = recipe(options.seed, **chosen)
    options.folder.mkdir(parents=True, exist_ok=True)
    target = options.folder / f"{instance['name']}.json"
    target.write_text(json.dumps(instance), encoding="utf-8")
    print(f"written to {target}")


def write_page(out: Path, public: list[Kept], ladder: list[Kept]) -> None:
    """Write the page of the documentation and its plot."""
    rungs = sorted((rung_of(line) for kept in ladder for line in kept["lines"]), key=lambda rung: rung.sites)
    lines = [line_of(line) for kept in public for line in kept["lines"]]
    methods = list(dict.fromkeys(method for line in lines for method in line.results))
    plot = out.parent / "pictures" / "ladder.png"
    plot_ladder(rungs, plot)
    parts = [
        "# Benchmarks",
        "\n".join(dict.fromkeys(kept["provenance"] for kept in (*ladder, *public))),
        "Every solve runs in a separate process with at most 12 GiB of memory. Times start when the instance "
        "or case is in memory and end when the\nplan is complete: building the model, compiling, solving, the "
        "audit and reading the solution are included. `pyomo` is a hand-written Pyomo model\nsolved through "
        "Pyomo's HiGHS interface with default settings (`bench/reference`), with every recovery routing "
        "written out. `highs` is HiGHS alone on\nthe planner's matrix with only the initial redundancy cuts, "
        "which is an easier problem than the case. Solves that did not reach the gap ended at\ntheir time "
        "limit; the reference methods have ten times the time of the planner, and at least a minute.",
        "## Cases with N-1 rules: synthetic, and the campuses of the United States",
        table(LADDER_HEADER, map(ladder_row, rungs)),
        f"![Time to a 1 % gap](pictures/{plot.name})",
    ]
    if lines:
        parts += [
            "## Public instances",
            "Each instance is solved as a case of the planner (`bench/importer.py`) to a gap of 0 and compared "
            "with its published value; `pyomo s` and `linopy s` are\nthe times of textbook models on the same "
            "machine in the same run.",
            table(public_header(methods), (public_row(line, methods) for line in lines)),
        ]
    out.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    print(f"written to {out}")


MEASUREMENTS: dict[str, Callable[[argparse.Namespace], int]] = {
    "stochastic": run_stochastic,
    "risk": run_risk,
    "stress": run_replays,
    "explain": run_explain,
    "outside": run_outside,
}
"""Commands that print lines and keep none."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a benchmark; 1 when a published value was not reached and proven."""
    options = _parser().parse_args(arguments)
    if options.command == "page":
        write_page(options.out, list(map(read_kept, options.public)), list(map(read_kept, options.ladder)))
        return 0
    if options.command == "recipe":
        draw_instance(options)
        return 0
    if options.command in MEASUREMENTS:
        return MEASUREMENTS[options.command](options)
    lines = run_public(options) if options.command in ("public", "all") else []
    rungs = run_ladder(options) if options.command in ("ladder", "all") else []
    public, ladder = (kept(f"python -m bench {options.command}", found) for found in (lines, rungs))
    if options.command == "all":
        write_page(options.out, [public] if lines else [], [ladder])
    elif options.json is not None:
        options.json.write_text(json.dumps(public if lines else ladder, indent=1) + "\n", encoding="utf-8")
    missed = [line for line in lines if line.verdict not in ("proven", "not mapped")]
    if lines:
        mapped = [line for line in lines if not line.not_mapped]
        print(f"{len(mapped) - len(missed)} of {len(mapped)} proven at the published value", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
