"""A run of the solver begun in a thread of its own, whose events are heard later, in their order.

What it finds does not depend on when it is listened to: its events are kept, and are played to the listener as if the
solver ran now. So what a run finds is the same, whether it was begun before or not.
"""

import queue
import threading
import time
from collections.abc import Mapping
from typing import Any

from planner.solve.arrays import INFINITY, Floats
from planner.solve.highs import Engine, EventCallback, SolverEvent, SolverResult
from planner.system import background

POLL_S = 0.02
"""How often the listener is called while there is no new event."""
_IDLE = SolverEvent(None, INFINITY, -INFINITY)


class BegunRun:
    """A program inside the solver that is being solved already; it is listened to by `run`, once.

    Parameters
    ----------
    engine : Engine
    gap, time_limit_s : float
    options : mapping
        Options of the solver, by its own names.
    """

    def __init__(self, engine: Engine, *, gap: float, time_limit_s: float, options: Mapping[str, object]) -> None:
        self.gap, self.options = gap, dict(options)
        self._kept: queue.SimpleQueue[SolverEvent | SolverResult | BaseException] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._bound = -INFINITY
        self._began = time.monotonic()
        self._thread = threading.Thread(target=self._solve, args=(engine, time_limit_s), daemon=True)
        self._thread.start()

    def _solve(self, engine: Engine, time_limit_s: float) -> None:
        try:
            options: dict[str, Any] = self.options
            self._kept.put(engine.run(gap=self.gap, time_limit_s=time_limit_s, callback=self._keep, **options))
        except BaseException as error:  # of another thread: raised where it is listened to
            self._kept.put(error)

    def _keep(self, event: SolverEvent) -> bool:
        if event.x is not None or event.bound > self._bound:
            self._bound = max(self._bound, event.bound)
            self._kept.put(event)
        return self._stop.is_set()

    def run(self, *, gap: float, time_limit_s: float, callback: EventCallback, **options: object) -> SolverResult:
        """Listen to the run from its beginning, until it ends or the callback returns True.

        Parameters
        ----------
        gap : float
        time_limit_s : float
            Seconds from now.
        callback : callable
            Is called with better points and bounds, and now and then without either.
        **options
            Options of the solver, by its own names.

        Raises
        ------
        ValueError
            If it was begun with another gap or other options.
        """
        if (gap, options) != (self.gap, self.options):
            raise ValueError(f"begun with {self.gap} and {self.options}, not with {gap} and {options}")
        end = time.monotonic() + time_limit_s
        x: Floats | None = None
        objective, bound = INFINITY, -INFINITY
        while True:
            try:
                heard = self._kept.get(timeout=POLL_S)
            except queue.Empty:
                heard = _IDLE
            if isinstance(heard, BaseException):
                raise heard
            if isinstance(heard, SolverResult):
                return heard
            if heard.x is not None:
                x, objective = heard.x, heard.objective
            bound = max(bound, heard.bound)
            if callback(heard) or time.monotonic() >= end:
                self.drop()
                return SolverResult("interrupted", x, objective, bound, time.monotonic() - self._began)

    def drop(self) -> None:
        """Ask the solver to stop, and leave its thread."""
        self._stop.set()
        if self._thread.is_alive():
            background.leave(self._thread)
