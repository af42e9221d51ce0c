"""How many futures a minute `planner stress` replays a plan in: ``python -m bench stress --futures 100``.

The plan of the case is found first, and is not measured. What is: drawing the futures, replaying the plan in each, and
the figures over them, in this process and its workers. Where other programs keep the machine busy, futures in a minute
of processor time say more than those in a minute by the clock.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.futures import cpu_s
from planner import Case
from planner.uncertainty.stress import stress

HEADER = ("case", "futures", "with a plan", "workers", "wall s", "CPU s", "futures/min", "futures/CPU min")


@dataclass(frozen=True, slots=True)
class Replays:
    """A plan replayed in many futures.

    Attributes
    ----------
    case : str
    futures, kept : int
        How many, and in how many of them the plan can be kept.
    workers : int
    wall_s, cpu_s : float
        The latter of all processes.
    """

    case: str
    futures: int
    kept: int
    workers: int
    wall_s: float
    cpu_s: float

    def row(self) -> Sequence[str]:
        """The cells of a line."""
        by_clock, by_cpu = (60.0 * self.futures / seconds for seconds in (self.wall_s, self.cpu_s))
        return (self.case, str(self.futures), str(self.kept), str(self.workers), f"{self.wall_s:.1f}",
                f"{self.cpu_s:.1f}", f"{by_clock:.0f}", f"{by_cpu:.0f}")  # fmt: skip


def measure_all(case: str, futures: Sequence[int], gap: float, seed: int, workers: Sequence[int]) -> Iterator[Replays]:
    """Replay the plan of a case in drawn futures, as many and with as many workers as named."""
    plan = Case.read(case).solve(gap=gap)
    for number in futures:
        for processes in workers:
            begin, before = time.monotonic(), cpu_s()
            found = stress(plan, number, seed=seed, workers=processes)
            seconds, used = time.monotonic() - begin, cpu_s() - before
            kept = sum(1 for row in found.rows if row["cost_busd"] is not None)
            yield Replays(case, len(found.rows), kept, processes, seconds, used)
