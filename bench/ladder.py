"""The planner, SCIP and HiGHS on one matrix, and a hand-written model of the same case: ``python -m bench.ladder``.

For each case the planner first finds the redundancy cuts; the matrix with all of them is then given to each engine, for
each seed, one run after the other on the same machine. Measured are the primal integral and the time to proven gaps.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from bench.curves import GAPS, Spread, gap_of, primal_integral, spread, time_to
from bench.matrix import ENGINES, WALL_GUARD, make_matrix
from bench.recipes import drawn
from bench.report import hardware, percent, provenance, table
from bench.runner import GRACE_S, Result, run_job

DOCS = Path(__file__).resolve().parents[1] / "docs"
BY_HAND = ("pyomo", "linopy")
"""Hand-written models: of the case, with every recovery routing written out, not of the matrix."""
CASES = ("stargate", "us_campuses", "synthetic-100-0", "capa-100-1000-0")
METHODS = ("planner", "portfolio", "scip", "highs", *BY_HAND)
ONE_SEED, NO_MODEL = "hand-written models are run with one seed", "no hand-written model of such a case"
"""What is said of a run that is not made; the table has no line of it."""
MATRIX_LIMIT_S = 600.0
"""Wall time for finding the cuts of a case."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the ladder."""

    case: str
    method: str
    seed: int
    result: Result


def climb(cases: Sequence[str], methods: Sequence[str], seeds: Sequence[int], effort: dict[str, Any]) -> Iterator[Run]:
    """Run each method with each seed on each case; ``effort`` has gap, time_limit_s, threads and clock."""
    with tempfile.TemporaryDirectory() as folder:
        for case in cases:
            file = Path(folder, f"{case}.pickle")
            make_matrix(case, file, time_limit_s=MATRIX_LIMIT_S)
            for seed in seeds:
                for method in methods:
                    yield Run(case, method, seed, _run(case, method, seed, file, effort))


def _run(case: str, method: str, seed: int, file: Path, effort: dict[str, Any]) -> Result:
    guard = WALL_GUARD if effort["clock"] == "cpu" else 1.1
    if method not in BY_HAND:
        job = {"kind": "matrix", "file": str(file), "method": method, "seed": seed}
        return run_job(job | effort | {"ended_after_s": guard * effort["time_limit_s"] + GRACE_S})
    if seed:
        return Result(ONE_SEED)
    instance = drawn(case)
    if instance is not None:
        source = file.with_suffix(".json")
        source.write_text(json.dumps(instance), encoding="utf-8")
        return run_job({"kind": "public", "file": str(source), "method": method} | effort)
    if method != "pyomo" or not case.startswith("synthetic"):
        return Result(NO_MODEL)
    _, sites, number = case.split("-")
    job = {"kind": "synthetic", "sites": int(sites), "periods": 10, "period_months": 12, "seed": int(number)}
    return run_job(job | effort | {"method": method})


@dataclass(frozen=True, slots=True)
class Line:
    """What a method did on a case, over its seeds."""

    case: str
    method: str
    runs: int
    gap: Spread
    above_best: Spread
    integral: Spread
    times: tuple[Spread, ...]
    status: str

    def row(self) -> list[str]:
        """The line as cells."""
        reached = [str(one) for one in self.times]
        figures = [_percents(self.above_best), _percents(self.gap), str(self.integral), *reached]
        return [self.case, self.method, str(self.runs), *figures, self.status]


HEADER = (
    "case", "method", "runs", "plan above the best known", "gap", "primal integral, s",
    *(f"to {100 * gap:g} %, s" for gap in GAPS), "ended",
)  # fmt: skip


def _percents(found: Spread) -> str:
    """Return a spread of shares: median and largest."""
    if not found.reached:
        return "–"
    middle, most = (percent(one, 3) if isfinite(one) else "–" for one in (found.middle, found.most))
    return middle if found.runs == 1 else f"{middle} (to {most})"


def lines_of(runs: Sequence[Run], horizon: float) -> list[Line]:
    """Summarise runs: a line for each case and method that was run."""
    lines, runs = [], [run for run in runs if run.result.status not in (ONE_SEED, NO_MODEL)]
    for case in dict.fromkeys(run.case for run in runs):
        there = [run for run in runs if run.case == case and run.result.moments]
        costs = [cost for run in there if not run.result.broken_cuts for _, cost, _ in run.result.moments if cost]
        best = min(costs, default=0.0)
        for method in dict.fromkeys(run.method for run in runs if run.case == case):
            of = [run.result for run in runs if run.case == case and run.method == method]
            ran = [one for one in of if one.moments] or of[:1]
            lines.append(_line(case, method, ran, best, horizon))
    return lines


def _line(case: str, method: str, results: Sequence[Result], best: float, horizon: float) -> Line:
    ends = [result.moments[-1] if result.moments else (0.0, None, None) for result in results]
    above = [None if cost is None else max(0.0, cost - best) / max(abs(best), 1e-9) for _, cost, _ in ends]
    broken = sum(bool(result.broken_cuts) for result in results)
    words = ", ".join(dict.fromkeys(result.status for result in results))
    return Line(
        case,
        method,
        len(results),
        spread([gap_of(cost, bound) for _, cost, bound in ends]),
        spread(above),
        spread([primal_integral(result.moments, best, horizon) for result in results]),
        tuple(spread([time_to(result.moments, gap) for result in results]) for gap in GAPS),
        words + (f"; {broken} violate a redundancy cut" if broken else ""),
    )


def write_page(kept: dict[str, Any], out: Path) -> None:
    """Write the page with its plots from kept runs."""
    runs = [Run(**{**one, "result": Result(**one["result"])}) for one in kept["runs"]]
    horizon, clock = kept["effort"]["time_limit_s"], kept["effort"]["clock"]
    figures = {case: out.parent / "pictures" / f"ladder-{case}.png" for case in dict.fromkeys(run.case for run in runs)}
    for case, file in figures.items():
        plot([run for run in runs if run.case == case], case, horizon, clock, file)
    seconds = "Processor seconds" if clock == "cpu" else "Wall seconds"
    parts = [
        "# Ladder: the planner, SCIP and HiGHS on the same matrix",
        kept["provenance"],
        TEXT.format(seconds=seconds, horizon=horizon, threads=kept["effort"]["threads"], seeds=kept["seeds"]),
        kept["note"],
        table(HEADER, (line.row() for line in lines_of(runs, horizon))),
        *(f"![Cost above the best known, and gap: {case}](pictures/{file.name})" for case, file in figures.items()),
    ]  # fmt: skip
    out.write_text("\n\n".join(part for part in parts if part) + "\n", encoding="utf-8")


TEXT = """\
The planner finds the redundancy cuts of a case; the matrix with all of them, and all demand to be served, is given to
each engine: `planner` is the pipeline, `planner-scip` and `portfolio` the planner with `--solver scip` and `--solver
portfolio`; `scip` and `highs` are the solvers alone with their default search. `pyomo` and `linopy` are hand-written
models of the case (`bench/reference`), solved by HiGHS with default settings, with their declaration and by the wall
clock: in Pyomo of synthetic cases and of drawn site allocations (`capa-SITES-REGIONS-SEED`, `bench/recipes.py`), in
linopy of the latter only, and only its end is known, not its course. The matrix of a site allocation has no links
between service and opening; the hand-written models have all of them.

{seconds}, {horizon:g} per run, {threads} thread(s), seeds {seeds}; all runs one after the other on the same machine.
Figures are medians, with the range over seeds; a dash where a gap was not proven. The primal integral is that of the
distance of the best plan so far from the best plan that any run of the case found (1 where there is no plan yet):
seconds, less is better. `portfolio` uses two processes; its processor seconds are those of both."""


def plot(runs: Sequence[Run], case: str, horizon: float, clock: str, file: Path) -> None:
    """Plot the distance of plans from the best known, and gaps, over time: a line for each method and seed."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    best = min((cost for run in runs for _, cost, _ in run.result.moments if cost is not None), default=0.0)
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained", sharex=True)
    for place, method in enumerate(dict.fromkeys(run.method for run in runs if run.result.moments)):
        for number, run in enumerate(one for one in runs if one.method == method and one.result.moments):
            seconds = [moment[0] for moment in run.result.moments]
            above = [None if cost is None else 100 * (cost - best) / abs(best) for _, cost, _ in run.result.moments]
            gaps = [100 * gap_of(cost, bound) for _, cost, bound in run.result.moments]
            label = None if number else method
            left.step(seconds, above, where="post", color=f"C{place}", label=label)
            right.step(seconds, gaps, where="post", color=f"C{place}")
    left.set(xscale="log", xlabel=f"{clock} seconds", ylabel="cost above the best known, %", ylim=(0, 5))
    right.set(xscale="log", yscale="log", xlabel=f"{clock} seconds", ylabel="gap, %", xlim=(0.1, horizon))
    left.set_title(case)
    left.legend()
    for axes in (left, right):
        axes.grid(alpha=0.3, which="both")
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=110)
    plt.close(figure)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.ladder", description=__doc__)
    parser.add_argument(
        "--cases",
        nargs="+",
        default=list(CASES),
        help="shipped cases, synthetic-SITES-SEED, or RECIPE-SITES-REGIONS-SEED",
    )
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=[*ENGINES, *BY_HAND])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--gap", type=float, default=GAPS[-1], help="relative gap to stop at (default %(default)g)")
    parser.add_argument("--time-limit", type=float, default=300.0, help="seconds per run (default 300)")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--clock", choices=["wall", "cpu"], default="wall", help="cpu: for a machine that is not quiet")
    parser.add_argument("--note", default="", help="a sentence for the page, such as what else the machine did")
    parser.add_argument("--json", type=Path, help="file to keep the runs in")
    parser.add_argument(
        "--from", type=Path, nargs="+", dest="kept", help="write the page from kept runs, and run nothing"
    )
    parser.add_argument(
        "--page", type=Path, nargs="?", const=DOCS / "ladder.md", help="write the page (docs/ladder.md)"
    )
    return parser


def _measured(options: argparse.Namespace, command: str) -> dict[str, Any]:
    """Run the ladder; what was measured so far is kept after each run, also if the ladder is ended before the last."""
    effort = {key: getattr(options, key) for key in ("gap", "threads", "clock")} | {"time_limit_s": options.time_limit}
    seeds = ", ".join(map(str, options.seeds))
    kept: dict[str, Any] = {"effort": effort, "seeds": seeds, "note": options.note, "runs": []}
    print(hardware(), flush=True)
    for run in climb(options.cases, options.methods, options.seeds, effort):
        kept["provenance"] = provenance(command)
        kept["runs"].append(asdict(run))
        if options.json is not None:
            options.json.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
        last = run.result.moments[-1:]
        print(run.case, run.method, run.seed, run.result.status, *last, flush=True)
    return kept


def together(measured: Sequence[dict[str, Any]], note: str = "") -> dict[str, Any]:
    """Put runs that were measured in several parts, with the same effort, into one; ``note`` is in place of theirs."""
    first = measured[0]
    if any(one["effort"] != first["effort"] for one in measured):
        raise SystemExit("runs with different gaps, limits, threads or clocks cannot stand in one table")
    return {
        "effort": first["effort"],
        "seeds": first["seeds"],
        "note": note or " ".join(dict.fromkeys(one["note"] for one in measured if one["note"])),
        "provenance": "\n".join(one["provenance"] for one in measured),
        "runs": [run for one in measured for run in one["runs"]],
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the ladder, a printed line for each run; then the table, and the page if asked for."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    options = _parser().parse_args(given)
    if options.kept is None:
        kept = _measured(options, "python -m bench.ladder " + " ".join(word for word in given if word))
    else:
        kept = together([json.loads(file.read_text(encoding="utf-8")) for file in options.kept], options.note)
    runs = [Run(**{**one, "result": Result(**one["result"])}) for one in kept["runs"]]
    print(table(HEADER, (line.row() for line in lines_of(runs, kept["effort"]["time_limit_s"]))))
    if options.page is not None:
        write_page(kept, options.page)
    return 0


if __name__ == "__main__":
    sys.exit(main())
