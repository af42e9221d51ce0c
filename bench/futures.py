"""How long `planner risk` takes, and what it proves: ``python -m bench risk --scenarios 10 50``.

One study in this process and its workers, whose wall time, processor time and memory are measured; with every step
on which value or bound moved, so that a line also states what was known after a minute.
"""

import resource
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from planner.errors import PlannerError
from planner.uncertainty.result import RiskProgress
from planner.uncertainty.risk import risk

HEADER = ("case", "scenarios", "decide by", "value, $B", "bound, $B", "gap", "wall s", "CPU s", "GiB", "ended")
KIB = 1 if sys.platform == "darwin" else 1024
"""Bytes of the unit of the largest memory that the system states."""


@dataclass(frozen=True, slots=True)
class Study:
    """One study.

    Attributes
    ----------
    case : str
    scenarios : int
    decide_by : str
    value, bound : float
        $B; infinite where nothing is known.
    wall_s, cpu_s : float
        Of all processes.
    memory_gib : float
        The most that this process had, and for each worker the most that any child had: no less than all together.
    ended : str
    """

    case: str
    scenarios: int
    decide_by: str
    value: float
    bound: float
    wall_s: float
    cpu_s: float
    memory_gib: float
    ended: str

    def row(self) -> Sequence[str]:
        """The cells of a line."""
        gap = (self.value - self.bound) / abs(self.value) if abs(self.value) < float("inf") else float("inf")
        return (self.case, str(self.scenarios), self.decide_by, f"{self.value:.3f}", f"{self.bound:.3f}", f"{gap:.2%}",
                f"{self.wall_s:.0f}", f"{self.cpu_s:.0f}", f"{self.memory_gib:.1f}", self.ended)  # fmt: skip


def measure_all(
    case: str, scenarios: Sequence[int], decide_by: date | None, gap: float, workers: int, *, steps: bool
) -> Iterator[Study]:
    """Measure studies of growing numbers of scenarios; ``steps``: print what is known after each step."""
    for number in sorted(scenarios):
        yield measure(case, number, decide_by, gap, workers, steps=steps)


def measure(case: str, number: int, decide_by: date | None, gap: float, workers: int, *, steps: bool) -> Study:
    """Measure one study."""
    begin, before = time.monotonic(), cpu_s()
    known = [float("inf"), -float("inf")]

    def listen(progress: RiskProgress) -> None:
        known[:] = progress.upper, progress.lower
        if steps:
            done = f" {progress.done} of {progress.total}" if progress.total else ""
            words = f"{progress.stage}{done}: {progress.lower:.3f} to {progress.upper:.3f}"
            print(f"  {progress.seconds:7.1f} s  {words}", flush=True)

    try:
        found = risk(case, number, decide_by=decide_by, gap=gap, workers=workers, on_progress=listen)
        known[:], ended = (found.value_busd, found.bound_busd), found.status.value
    except PlannerError as error:
        ended = str(error)
    return Study(
        case=case,
        scenarios=number,
        decide_by="start" if decide_by is None else decide_by.isoformat(),
        value=known[0],
        bound=known[1],
        wall_s=time.monotonic() - begin,
        cpu_s=cpu_s() - before,
        memory_gib=_memory_gib(workers),
        ended=ended,
    )


def cpu_s() -> float:
    """Processor time of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _memory_gib(workers: int) -> float:
    own, child = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return (own + workers * child) * KIB / 2**30
