"""A stage begun ahead, on a second core and on a copy of the state, while the work before it is still under way.

Whether it is needed is known once that work has ended. If the work has changed nothing, the copy is what the stage
would make of the state, and is taken; otherwise it is dropped, and the stage is run as it would be without it. So a run
with two threads finds the plans and bounds of a run with one, in less time and with more work; no clock decides.
"""

import copy
import threading
from collections.abc import Callable

from planner.solve import settings
from planner.solve.records import SolveProgress
from planner.solve.state import State
from planner.system import background

Work = Callable[[State], None]
"""Improves a state."""
POLL_S = 0.02
"""How often the callback is invoked while a stage begun ahead is waited for."""
_MADE = ("mip", "held_back", "incumbent", "relaxation", "penalties", "sites", "guide")
_COUNTED = ("objective", "bound", "other_bound", "bound_refuted", "verdict", "cuts", "rounds")


def begin_ahead(state: State, key: object, work: Work, stage: str) -> None:
    """Begin some work ahead, if there is a thread for it and the program is not large.

    Parameters
    ----------
    state : State
    key : object
        Identifies this work, such as its stage.
    work : callable
    stage : str
        Name of the stage that it belongs to, for notes.
    """
    if state.options.threads < 2 or state.is_ahead or state.mip.arrays.column_count > settings.AHEAD_COLUMNS:
        return
    drop_ahead(state)
    state.ahead = _Ahead(state, key, work, stage)


def run_ahead(state: State, key: object, work: Work) -> None:
    """Do some work, or take what was done of it ahead if the state is as it was then.

    Raises
    ------
    Stopped
        At the time limit, or if the user asks.
    """
    ahead = state.ahead
    if isinstance(ahead, _Ahead) and ahead.key is key and ahead.holds(state):
        try:
            ahead.take(state)
        finally:
            drop_ahead(state)
        return
    drop_ahead(state)
    work(state)


def drop_ahead(state: State) -> None:
    """Stop what was begun ahead, if anything, without waiting for it."""
    if state.ahead is not None:
        state.ahead.drop()
        state.ahead = None


class _Ahead:
    """Work on a copy of a state, in a thread of its own."""

    def __init__(self, state: State, key: object, work: Work, stage: str) -> None:
        self.key = key
        self._before = _marks(state)
        self._stop = threading.Event()
        self._copy = copy.copy(state)
        self._copy.callback, self._copy.partner, self._copy.is_ahead = self._stopped, None, True
        self._copy.stage, self._copy.solver_seconds = stage, 0.0
        self._copy.notes, self._copy.stage_seconds = [], {}
        self._copy.random = copy.deepcopy(state.random)
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(work,), daemon=True)
        self._thread.start()

    def _stopped(self, _progress: SolveProgress) -> bool:
        return self._stop.is_set()

    def _run(self, work: Work) -> None:
        try:
            work(self._copy)
        except BaseException as error:  # of another thread: raised where it is taken
            self._error = error

    def holds(self, state: State) -> bool:
        """Return whether a state is still the one that the copy was made of."""
        made, counted = self._before
        now, counts = _marks(state)
        return counts == counted and all(one is other for one, other in zip(now, made, strict=True))

    def take(self, state: State) -> None:
        """Wait for the work, and make the state what the copy is."""
        while self._thread.is_alive():
            self._thread.join(POLL_S)
            if state.report() or state.out_of_time:
                self._stop.set()
        for name in (*_MADE, *_COUNTED, "random"):
            setattr(state, name, getattr(self._copy, name))
        state.solver_seconds += self._copy.solver_seconds
        for text in self._copy.notes:
            state.note(text)
        if self._error is not None:
            raise self._error

    def drop(self) -> None:
        """Ask the work to stop, and leave its thread."""
        self._stop.set()
        if self._thread.is_alive():
            background.leave(self._thread)


def _marks(state: State) -> tuple[list[object], list[object]]:
    """Return what must be the same object, and what must be equal, for two states to be the same."""
    counted = [getattr(state, name) for name in _COUNTED]
    return [getattr(state, name) for name in _MADE], [*counted, state.random.bit_generator.state]
