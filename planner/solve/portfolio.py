"""HiGHS' pipeline and SCIP in parallel on one program, in separate processes; they share plans and bounds.

A plan of SCIP counts only after it was checked here against every row and every contingency. Its bound is its word, as
that of the full program is HiGHS'; a bound that a checked plan refutes is dropped with a note. Which engine finds what
first depends on the clock: with a portfolio, equal input need not give equal plans.
"""

import contextlib
import queue
import subprocess
import threading
import time
from dataclasses import replace
from typing import Any, BinaryIO, cast

import numpy as np

from planner.options import EMBEDDED, SCIP, SolveOptions
from planner.solve import settings
from planner.solve.arrays import INFINITY, Floats
from planner.solve.mip import MixedIntegerProgram
from planner.solve.pipeline import run_pipeline
from planner.solve.points import offer
from planner.solve.records import Answer, EngineResult, SolveProgress
from planner.solve.state import Callback, State
from planner.solve.worker import read_message, write_message
from planner.status import Status
from planner.system.lifeline import child_command, end_child

POLL_S = 0.05
"""How often SCIP is looked at where nothing else is left to do."""
_CHILD = "from planner.solve.scip_worker import main; main()"


def run_portfolio(
    mip: MixedIntegerProgram, options: SolveOptions, callback: Callback, start: Floats | None = None
) -> Answer:
    """Solve a program by both engines; see `planner.solve.pipeline.run_pipeline`.

    SCIP has one of the threads asked for, HiGHS the others, and one at least.
    """
    partner = ScipPartner(mip, options, start)
    highs = replace(options, threads=max(1, options.threads - 1), solver=EMBEDDED)
    try:
        answer = run_pipeline(mip, highs, callback, start, partner)
    finally:
        partner.close()
    return replace(answer, engines=partner.results(answer))


class ScipPartner:
    """SCIP in a child process: plans and bounds come from it, plans go to it.

    Parameters
    ----------
    mip : MixedIntegerProgram
    options : SolveOptions
    start : array or None
    """

    def __init__(self, mip: MixedIntegerProgram, options: SolveOptions, start: Floats | None) -> None:
        self._width = mip.arrays.column_count
        self._begin = time.monotonic()
        self._process = subprocess.Popen(
            child_command(_CHILD), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._arrived: queue.Queue[Any] = queue.Queue()
        self._to_send: queue.Queue[Any] = queue.Queue()
        self._to_send.put((mip, replace(options, threads=1, solver=SCIP), start))
        self._busy = False
        self._sent, self._seen = INFINITY, INFINITY
        self._own_bound = -INFINITY
        self._found = {name: EngineResult(name, INFINITY, -INFINITY, 0, None, "") for name in (EMBEDDED, SCIP)}
        self.over = False
        """Whether SCIP has ended."""
        for work in (self._read, self._send):
            threading.Thread(target=work, daemon=True).start()

    def _read(self) -> None:
        while True:
            message = read_message(cast(BinaryIO, self._process.stdout))
            self._arrived.put(message)
            if not isinstance(message, SolveProgress):
                return

    def _send(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while (message := self._to_send.get()) is not None:
                write_message(cast(BinaryIO, self._process.stdin), message)

    def close(self) -> None:
        """End the process."""
        self._to_send.put(None)
        end_child(self._process)

    # -- what `planner.solve.state.Partner` asks for --------------------------------------------------------------

    def exchange(self, state: State) -> None:
        """Take what SCIP has found into the state, and send it a better incumbent."""
        if self._busy:  # a plan of SCIP is being reported
            return
        self._busy = True
        try:
            self._notice(state, EMBEDDED)
            while not self._arrived.empty():
                self._take(state, self._arrived.get())
            self._refute(state)
            if state.incumbent is not None and state.objective < self._sent and not self.over:
                self._sent = state.objective
                self._to_send.put(state.incumbent[: self._width])
        finally:
            self._busy = False

    def conclude(self, state: State) -> None:
        """Wait for SCIP where the stages have ended without a proof, until it ends or a limit comes."""
        self._notice(state, EMBEDDED)
        while state.verdict in (None, Status.TIME_LIMIT) and not (self.over or state.out_of_time or state.gap_reached):
            state.report()
            time.sleep(POLL_S)
        if state.gap_reached and state.verdict in (None, Status.TIME_LIMIT):
            state.verdict = Status.GAP_REACHED

    # -- what was found -------------------------------------------------------------------------------------------

    def results(self, answer: Answer) -> tuple[EngineResult, ...]:
        """Return what each engine found by itself."""
        highs, scip = self._found[EMBEDDED], self._found[SCIP]
        ended = scip.ended or "ended with the run"
        return replace(highs, bound=self._own_bound, ended=answer.status.value), replace(scip, ended=ended)

    def _notice(self, state: State, name: str) -> None:
        """Note a plan that was found since, and the bound of the stages."""
        self._own_bound = state.bound
        if state.objective < self._seen:
            self._seen = state.objective
            one = self._found[name]
            seconds = time.monotonic() - self._begin
            self._found[name] = replace(one, objective=state.objective, plans=one.plans + 1, seconds=seconds)

    def _take(self, state: State, message: Any) -> None:
        one = self._found[SCIP]
        if isinstance(message, SolveProgress):
            self._raise(state, message.bound)
            if message.x is not None:
                offer(state, message.x[: self._width])
                self._notice(state, SCIP)
                if message.objective < self._found[SCIP].objective:
                    self._found[SCIP] = replace(self._found[SCIP], objective=message.objective)
            return
        self.over = True
        if message is None:
            self._found[SCIP] = replace(one, ended="its process ended without an answer")
            state.note("portfolio: the process of scip ended without an answer; highs went on alone")
            return
        self._raise(state, message.bound)
        self._found[SCIP] = replace(self._found[SCIP], ended=self._found[SCIP].ended or message.how)
        for note in message.notes:
            state.note(note)
        if message.how.startswith("failed"):
            state.note(f"portfolio: scip {message.how}; highs went on alone")

    def _raise(self, state: State, bound: float) -> None:
        one = self._found[SCIP]
        if np.isfinite(bound) and not one.ended and bound > one.bound:
            self._found[SCIP] = replace(one, bound=bound)
            state.other_bound = max(state.other_bound, bound)

    def _refute(self, state: State) -> None:
        """Drop a bound that a plan refutes, with a note; that engine's word does not count any more."""
        most = state.objective + settings.ROUNDING * abs(state.objective) + 1e-9
        if state.other_bound > most:
            one = "scip claimed" if self._found[SCIP].bound > most else "was known before the run"
            state.note(f"portfolio: a plan refutes the bound that {one}, which is dropped")
            state.other_bound = -INFINITY
            refuted = "its bound was refuted by a plan"
            self._found[SCIP] = replace(self._found[SCIP], bound=-INFINITY, ended=refuted)
        if state.bound > most:
            state.note("portfolio: a plan refutes the bound that highs claimed, which is dropped")
            relaxation = state.relaxation
            state.bound = -INFINITY if relaxation is None else min(relaxation.objective, state.objective)
            state.bound_refuted = True
