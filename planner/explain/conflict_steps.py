"""First steps of large relaxations: each is taken once, and its basis begins every relaxation that goes on from it."""

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

from planner.solve.highs import SolverResult


@dataclass
class Steps:
    """What is known of the first steps of a program; shared by all copies of it, in whatever thread."""

    _guard: Any = field(default_factory=threading.Lock, repr=False)
    _locks: dict[Hashable, Any] = field(default_factory=dict, repr=False)
    _known: dict[Hashable, SolverResult] = field(default_factory=dict, repr=False)

    def taken(self, which: Hashable, take: Callable[[], SolverResult]) -> SolverResult:
        """Return the result of a step; it is taken by the first who asks, and others wait for it.

        Parameters
        ----------
        which : hashable
            What decides the step.
        take : callable
            Takes it. What is no optimum, such as at a limit of time, is not kept.
        """
        with self._guard:
            lock = self._locks.setdefault(which, threading.Lock())
        with lock:
            if which in self._known:
                return self._known[which]
            result = take()
            if result.status == "optimal":
                self._known[which] = result
            return result
