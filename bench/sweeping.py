"""How fast what-ifs are answered: ``python -m bench.sweeping [--whatifs 1000] [--alone 20] [--shipped]``.

A grid of what-ifs on `three_sites` through one sweep, and some of them one by one through the command line, in the same
run; ``--shipped`` also runs the what-ifs shipped for `stargate`. The bound of every answer is proven to the gap.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from itertools import product
from pathlib import Path

from planner import Case, Plan, sweep
from planner.analysis.sweep_result import Sweep
from planner.options import DEFAULT_GAP

FIGURES = {
    "offers[north_cloud].rent_musd_per_mw_year": (6.0, 20.0),
    "offers[south_cloud].rent_musd_per_mw_year": (8.0, 22.0),
    "demand[research,training,2027].compute": (40.0, 90.0),
}
"""Figures that the grid moves, and between which values."""


def grid(count: int) -> dict[str, list[str]]:
    """Return at least ``count`` what-ifs: every combination of evenly spread values of the figures."""
    steps = 2
    while steps ** len(FIGURES) < count:
        steps += 1
    axes = [
        [f"{figure}={low + (high - low) * step / (steps - 1):.6g}" for step in range(steps)]
        for figure, (low, high) in FIGURES.items()
    ]
    return {f"w{number}": list(texts) for number, texts in enumerate(product(*axes))}


def run_alone(whatifs: dict[str, list[str]], gap: float) -> tuple[float, list[float]]:
    """Solve what-ifs one by one, each from scratch by the command line; return seconds and costs."""
    costs = []
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        for name, texts in whatifs.items():
            words = [word for text in texts for word in ("--set", text)]
            out = Path(folder, name)
            command = [sys.executable, "-m", "planner", "solve", "three_sites", *words, "--gap", str(gap), "-q"]
            subprocess.run([*command, "--out", str(out)], check=True, capture_output=True)
            costs.append(float(Plan.read(out).summary["cost_busd"]))
    return time.monotonic() - begin, costs


def said(found: Sweep) -> str:
    """How the runs of a sweep ended."""
    counts = Counter(found.status.values())
    return ", ".join(f"{number} {status}" for status, number in sorted(counts.items()))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the comparison and print it; 1 when a sweep and the command line disagree."""
    parser = argparse.ArgumentParser(prog="python -m bench.sweeping", description=__doc__)
    parser.add_argument("--whatifs", type=int, default=1000)
    parser.add_argument("--alone", type=int, default=20, help="how many of them also one by one by the command line")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--gap", type=float, default=DEFAULT_GAP)
    parser.add_argument("--shipped", action="store_true", help="also the what-ifs shipped for stargate")
    chosen = parser.parse_args(arguments)
    whatifs = grid(chosen.whatifs)
    with tempfile.TemporaryDirectory() as folder:
        found = sweep(
            Case.read("three_sites"), whatifs, workers=chosen.workers, out=Path(folder, "sweep"), gap=chosen.gap
        )
    each = found.seconds / len(found.names)
    print(f"sweep: {len(found.names)} runs in {found.seconds:.1f} s, {each:.3f} s each ({said(found)})", flush=True)
    step = max(1, len(whatifs) // chosen.alone)
    some = dict(list(whatifs.items())[::step][: chosen.alone])
    some = {name: texts for name, texts in some.items() if found.status[name] in ("optimal", "gap_reached")}
    seconds, costs = run_alone(some, chosen.gap)
    alone = seconds / len(some)
    print(f"one by one: {len(some)} runs in {seconds:.1f} s, {alone:.3f} s each: {alone / each:.1f} times as long")
    swept = found.summary()["cost"]
    apart = max(abs(swept[name] - cost) / abs(cost) for name, cost in zip(some, costs, strict=True))
    print(f"largest difference of cost between the two: {apart:.2e} (gap {chosen.gap:g})", flush=True)
    if chosen.shipped:
        with tempfile.TemporaryDirectory() as folder:
            found = sweep(Case.read("stargate"), "stargate", workers=chosen.workers, out=Path(folder, "sweep"))
        print(f"stargate, as shipped: {len(found.names)} runs in {found.seconds:.1f} s ({said(found)})")
        print(found.summary()[["status", "gap", "cost", "cost_less_base"]].to_string())
    return 0 if apart <= chosen.gap else 1


if __name__ == "__main__":
    sys.exit(main())
