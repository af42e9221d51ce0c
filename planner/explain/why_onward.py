"""A plan with something forced, decided onward from the first half of the horizon (relax and fix, in wide windows).

What is forced displaces other blocks, and where money is tight which ones they are is decided in the first half of the
horizon. That half is decided first, with whatever begins later divisible; then what begins in the next periods, with
the first ones kept, and so on to the end. Each of these programs has few decisions, and its first point will do. Where
what is kept leaves no point, which the solver mostly says at once, one period less of it is kept.

What is found is a plan of the full program; that none is found proves nothing.
"""

import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from planner.explain.why_early import begins, last_early
from planner.explain.why_program import LEAST_S, Stopped, going_on
from planner.options import SolveOptions
from planner.redundancy.separate import violated_cuts
from planner.solve.arrays import INFINITY, Arrays, Floats
from planner.solve.highs import Engine, SolverEvent, SolverResult
from planner.solve.mip import MixedIntegerProgram
from planner.system import interrupts

STEP = 2
"""Periods by which each window ends later than the one before it."""
OVERLAP = 1
"""Last periods of a window that the next one decides again, at first."""
KEPT_SHARE = 0.8
"""Share of the time left for a window with something kept, before one period less of it is."""
NONE_KEPT = -1
"""Last period kept where none is."""


def onward(
    mip: MixedIntegerProgram, options: SolveOptions, stopped: Stopped = going_on, *, cheapest: bool = True
) -> Floats | None:
    """Look for a point of a program window by window.

    Parameters
    ----------
    mip : MixedIntegerProgram
        In which something is forced, scaled and with the cuts of its relaxation.
    options : SolveOptions
        With the time of the search; only of the embedded solver.
    stopped : callable
        Asked at each look of the solver.
    cheapest : bool
        Whether the cost leads the search; else any point is looked for, of which there may be more on the way.

    Returns
    -------
    array or None
        In the units and columns of the program. It is verified where it is used.
    """
    if not options.embedded:
        return None
    width, search = mip.arrays.column_count, _Search(mip, options, stopped, cheapest=cheapest)
    for last in _ends(search.periods):
        if not search.decide(last):
            return None
    return None if search.point is None else search.point[:width]


def _ends(periods: int) -> Iterator[int]:
    """The last periods of the windows, by their position: of the first half of the horizon, then further ones."""
    last = min(last_early(periods), periods - 1)
    while last < periods - 1:
        yield last
        last += STEP
    yield periods - 1


class _Search:
    """What is decided so far."""

    def __init__(self, mip: MixedIntegerProgram, options: SolveOptions, stopped: Stopped, *, cheapest: bool) -> None:
        arrays = mip.arrays
        led = arrays if cheapest else replace(arrays.with_cost(np.zeros(arrays.column_count)), offset=0.0)
        self._mip, self._options, self._stopped = mip.with_arrays(led), options, stopped
        self._end = time.monotonic() + options.seconds
        self._kept = NONE_KEPT
        self._begins = np.array([begins(column) for column in arrays.columns], dtype=np.int64)
        self.periods = int(self._begins.max(initial=0)) + 1
        self.point: Floats | None = None

    def decide(self, last: int) -> bool:
        """Decide what begins until a period; whether there is a point."""
        while not self._over():
            result = self._run(self._part(last))
            if result.x is not None and not self._cut(result.x):
                self.point, self._kept = result.x, max(self._kept, last - OVERLAP)
                return True
            if result.x is None and self._kept == NONE_KEPT:
                return False
            if result.x is None:
                self._kept -= 1
        return False

    def _over(self) -> bool:
        left = self._end - time.monotonic()
        return left <= LEAST_S or interrupts.asked() is not None or self._stopped()

    def _part(self, last: int) -> Arrays:
        """The program with what begins later divisible, and what is kept as it is."""
        arrays = self._mip.arrays
        lower, upper = arrays.lower.copy(), arrays.upper.copy()
        if self.point is not None:
            kept = arrays.integer & self._until(self._kept)
            lower[kept] = upper[kept] = np.round(self._padded(self.point)[kept])
        early = self._until(last)
        marked = replace(arrays, integer=arrays.integer & early, implied=arrays.implied & early)
        return marked.with_bounds(lower, upper)

    def _until(self, last: int) -> npt.NDArray[np.bool_]:
        """The columns that begin until a period; those of cuts are of none."""
        more = self._mip.arrays.column_count - len(self._begins)
        return np.concatenate([self._begins <= last, np.zeros(more, dtype=bool)])

    def _padded(self, x: Floats) -> Floats:
        return np.concatenate([x, np.zeros(self._mip.arrays.column_count - len(x))])

    def _run(self, arrays: Arrays) -> SolverResult:
        """The first point that the solver finds."""

        def stop(event: SolverEvent) -> bool:
            return event.x is not None or interrupts.asked() is not None or self._stopped()

        interrupts.hold()
        engine = Engine(arrays, threads=self._options.threads, seed=self._options.seed)
        share = 1.0 if self._kept == NONE_KEPT else KEPT_SHARE
        return engine.run(gap=INFINITY, time_limit_s=share * (self._end - time.monotonic()), callback=stop)

    def _cut(self, x: Floats) -> bool:
        """Add the redundancy cuts that a point violates; whether there are any."""
        network = self._mip.network_at(x)
        cuts = [] if network is None else violated_cuts(network, self._mip.installed_gw(x))
        if cuts:
            self._mip = self._mip.with_cuts(cuts)[0]
        return bool(cuts)
