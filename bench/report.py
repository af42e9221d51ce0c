"""Tables and the plot of the benchmarks, for the terminal and for the documentation."""

import json
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from bench.public import Line
from bench.runner import Result
from bench.sizes import SYNTHETIC, Rung

PACKAGES = ("gigaplan", "highspy", "pyomo", "numpy", "scipy", "linopy", "pyscipopt")


Kept = dict[str, Any]
"""Lines of a benchmark as plain data, with how they were made."""


def kept(command: str, lines: Iterable[Line] | Iterable[Rung]) -> Kept:
    """Return lines as plain data that can be written and read."""
    return {"provenance": provenance(command), "lines": [asdict(line) for line in lines]}


def read_kept(file: Path) -> Kept:
    """Return the lines kept in a file."""
    found: Kept = json.loads(file.read_text(encoding="utf-8"))
    return found


def rung_of(line: dict[str, Any]) -> Rung:
    """Return a line of the ladder from plain data."""
    return Rung(**{**line, "result": Result(**line["result"])})


def line_of(line: dict[str, Any]) -> Line:
    """Return a line of a public instance from plain data."""
    return Line(**{**line, "results": {method: Result(**found) for method, found in line["results"].items()}})


def number(value: float | None, digits: int = 2) -> str:
    """Return a number for a table; a dash where there is none."""
    return "–" if value is None else f"{value:,.{digits}f}".replace(",", " ")


def percent(value: float | None, digits: int = 2) -> str:
    """Return a share as a percentage; a dash where there is none."""
    if value is None:
        return "–"
    return "0" if value <= 1e-9 else f"{100 * value:.{digits}g} %"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table, aligned so that it reads well in a terminal too."""
    lines = [list(header), *[list(row) for row in rows]]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    text = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    ]
    text.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(text)


def public_header(methods: Sequence[str]) -> list[str]:
    """Header of the table of public instances."""
    others = [f"{method} s" for method in methods if method != "planner"]
    return ["family", "instance", "published", "found", "bound", "gap", "seconds", *others, "verdict"]


def public_row(line: Line, methods: Sequence[str]) -> list[str]:
    """One row of the table of public instances."""
    others = [method for method in methods if method != "planner"]
    if line.not_mapped:
        blank = ["–"] * (4 + len(others))
        return [line.family, line.instance, number(line.published, 3), *blank, f"not mapped: {line.not_mapped}"]
    ours = line.results["planner"]
    verdict = line.verdict if ours.cost is not None else f"{line.verdict}: {ours.status}"
    return [
        line.family,
        line.instance,
        number(line.published, 3),
        number(ours.cost, 3),
        number(ours.bound, 3),
        percent(ours.gap),
        number(ours.seconds),
        *[_other_time(line.results.get(method), line.published) for method in others],
        verdict,
    ]


def _other_time(result: Result | None, published: float | None) -> str:
    if result is None:
        return "–"
    if result.cost is None:
        return f"{number(result.seconds)} ({result.status})"
    if published is not None and abs(result.cost - published) > 1e-5 * max(1.0, abs(published)):
        return f"{number(result.seconds)} (at {number(result.cost)})"
    return number(result.seconds)


LADDER_HEADER = (
    "case", "sites", "periods", "method", "cost $B", "gap", "to 1 %, s", "to 0.5 %, s", "total s", "outside solver",
    "peak GiB", "status",
)  # fmt: skip


def ladder_row(rung: Rung) -> list[str]:
    """One row of the ladder's table."""
    result, times = rung.result, rung.result.seconds_to or {}
    return [
        rung.case,
        str(rung.sites),
        str(rung.periods),
        rung.method,
        number(result.cost, 3),
        percent(result.gap),
        number(times.get("0.01"), 1),
        number(times.get("0.005"), 1),
        number(result.seconds, 1),
        percent(result.share_outside),
        number(result.peak_gib),
        result.status,
    ]


def hardware() -> str:
    """Return processor, cores and memory in a line."""
    cpu, memory, cores = platform.processor() or platform.machine(), "", 0
    info, meminfo = Path("/proc/cpuinfo"), Path("/proc/meminfo")
    if info.exists():
        lines = info.read_text(encoding="utf-8").splitlines()
        names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
        cpu, cores = (names[0] if names else cpu), len([line for line in lines if line.startswith("processor")])
    if meminfo.exists():
        kib = int(meminfo.read_text(encoding="utf-8").split()[1])
        memory = f", {kib / 2**20:.0f} GiB of memory"
    return f"{cpu}, {cores} cores{memory}, {platform.system()} {platform.release().split('-')[0]}"


def _version(package: str) -> str | None:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return None


def provenance(command: str) -> str:
    """Return how the numbers were made: date, machine, versions, command."""
    packages = ", ".join(found for found in map(_version, PACKAGES) if found)
    return (
        f"Measured on {date.today():%Y-%m-%d} by `{command}`: {hardware()}; "
        f"Python {platform.python_version()}, {packages}."
    )


def plot_ladder(rungs: Iterable[Rung], file: Path, gap: str = "0.01") -> None:
    """Plot the time to a gap over the number of sites, one line per method; runs that did not get there are hollow."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4.2), layout="constrained")
    found = [rung for rung in rungs if rung.case == SYNTHETIC]
    for method in dict.fromkeys(rung.method for rung in found):
        mine = [rung for rung in found if rung.method == method]
        reached = [(r.sites, (r.result.seconds_to or {}).get(gap)) for r in mine]
        done = [(sites, seconds) for sites, seconds in reached if seconds is not None]
        missed = [(r.sites, r.result.seconds) for r, (_, s) in zip(mine, reached, strict=True) if s is None]
        drawn = axes.plot(*zip(*done, strict=True), marker="o", label=method) if done else []
        color = drawn[0].get_color() if drawn else None
        if missed:
            label = None if drawn else f"{method} (not reached)"
            axes.plot(*zip(*missed, strict=True), marker="o", ls="none", mfc="none", color=color, label=label)
    axes.set(xscale="log", yscale="log", xlabel="sites", ylabel=f"seconds to a {100 * float(gap):g} % gap")
    axes.set_title("Synthetic cases with N-1 rules (hollow: gap not reached in that time)")
    axes.grid(alpha=0.3, which="both")
    axes.legend()
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=150)
    plt.close(figure)
