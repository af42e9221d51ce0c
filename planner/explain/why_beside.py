"""A second search for a plan with something forced, in a thread of its own beside the others.

Where something is forced out, it looks first whether the first half of the horizon by itself has no plan
(`planner.explain.why_early`), which ends all searches. Then it decides onward from that half
(`planner.explain.why_onward`), led by the cost, then by nothing. Last it runs the first stages of the case's own
pipeline on the program with the thing forced, from the point found if there is one, and searches the tree of the full
program with few trial branches (`planner.solve.stages.few_branches`). Restrictions to what the plan uses find a plan
sooner where there are many; this finds one where few are allowed. The solver leaves the lock of the interpreter, so
that two cores are at work.
"""

import threading
import time
from dataclasses import replace

from planner.explain.linear_cuts import LinearAnswer
from planner.explain.why_early import none_early
from planner.explain.why_onward import onward
from planner.explain.why_program import LEAST_S
from planner.options import SolveOptions
from planner.solve.arrays import INFINITY, Arrays, Floats
from planner.solve.mip import MixedIntegerProgram
from planner.solve.pipeline import run_pipeline
from planner.solve.records import Answer, SolveProgress
from planner.solve.scaling import point_in_units
from planner.solve.serve import solve_mip
from planner.solve.stages.few_branches import FEW_BRANCHES
from planner.solve.stages.given_start import GIVEN_START
from planner.solve.stages.relaxation import RELAXATION
from planner.solve.state import Callback
from planner.status import Status
from planner.system import background, interrupts

LEAST_COLUMNS = 1_500
"""Columns from which there is a second search: smaller programs are solved in little time by the first."""
STAGES = (RELAXATION, GIVEN_START, FEW_BRANCHES)
ONWARD = ((True, 0.95, 40.0), (False, 0.8, INFINITY))
"""Whether the cost leads the search onward, in this order, the share of what is left of the time, and most seconds."""
WAIT_S = 2.0
"""Longest wait for the solver to see that its search is ended."""
LOOK_S = 0.1
"""Seconds between two looks for a signal where a proof is waited for."""


class Beside:
    """A search under way, from its making to its end.

    Parameters
    ----------
    hard : MixedIntegerProgram
        In which the thing is forced, and nothing may be missing that the plan does not miss.
    relaxed : LinearAnswer
        Of its relaxation.
    part : Arrays or None
        Its first half, where that may prove that there is no plan.
    options : SolveOptions
        With the time of the search for a plan. There is none with another solver than the embedded one, with several
        threads, in a process that is to stay as it is, or for a small program.
    proof_s : float
        Seconds for the proof that there is no plan.
    """

    def __init__(
        self,
        hard: MixedIntegerProgram,
        relaxed: LinearAnswer,
        part: Arrays | None,
        options: SolveOptions,
        proof_s: float,
    ) -> None:
        self._hard, self._relaxed, self._width = hard, relaxed, hard.arrays.column_count
        self._ended, self._lock = threading.Event(), threading.Lock()
        self._best: tuple[float, Floats] | None = None
        self._answer: Answer | None = None
        self._error: BaseException | None = None
        self._none, self._claimed, self._judged = False, threading.Event(), threading.Event()
        self._proof_end = time.monotonic() + proof_s
        self._thread: threading.Thread | None = None
        there = options.embedded and options.own_process and options.threads == 1
        if there and self._width >= LEAST_COLUMNS:
            self._thread = threading.Thread(target=self._work, args=(hard, part, options), daemon=True)
            self._thread.start()

    def _work(self, hard: MixedIntegerProgram, part: Arrays | None, options: SolveOptions) -> None:
        end = time.monotonic() + options.seconds
        try:
            if part is not None:
                proof = options.within(self._proof_end - time.monotonic())
                self._none = none_early(part, proof, self._ended.is_set, self._claimed.set)
            self._judged.set()
            start = None if self._none else self._onward(options, end)
            left = options.within(end - time.monotonic())
            if not self._none and left.seconds > LEAST_S and not self._ended.is_set():
                self._answer = solve_mip(hard, left, self._take, start, _once)
        except Exception as error:  # raised again by `point`, in the thread that asks
            self._error = error
        finally:
            self._judged.set()

    def _onward(self, options: SolveOptions, end: float) -> Floats | None:
        """A point found window by window, in the columns of the program; it is not verified yet."""
        width = self._width
        for cheapest, share, most in ONWARD:
            left = options.within(min(share * (end - time.monotonic()), most))
            x = onward(self._relaxed.mip, left, self._ended.is_set, cheapest=cheapest)
            if x is not None:
                return point_in_units(self._hard.arrays, x[:width], self._relaxed.mip.units)
        return None

    def _take(self, progress: SolveProgress) -> bool:
        """Keep a better point; each was held against every row and every loss. Returns whether to stop."""
        if progress.x is not None:
            with self._lock:
                self._best = progress.objective, progress.x[: self._width]
        return self._ended.is_set() or interrupts.asked() is not None

    @property
    def claims_none(self) -> bool:
        """Whether the solver has said by now that there is no plan: once, which is a claim, or twice."""
        return self._claimed.is_set() and (self._none or not self._judged.is_set())

    def proves_none(self) -> bool:
        """Whether it is proven that there is no plan; where it was said once, the second run is waited for."""
        while self.claims_none and not self._judged.wait(LOOK_S):
            if interrupts.asked() is not None or time.monotonic() > self._proof_end + WAIT_S:
                break
        return self._none

    @property
    def found(self) -> bool:
        """Whether there is a point by now."""
        return self._best is not None

    def point(self) -> Floats | None:
        """The best point by now, in the units and columns of the program; None without one.

        Raises
        ------
        Exception
            What the search has raised.
        """
        if self._error is not None:
            raise self._error
        with self._lock:
            return None if self._best is None else self._best[1]

    def better(self, answer: Answer) -> Answer:
        """An answer, or the same with the best point by now where that costs less."""
        point = self.point()
        with self._lock:
            if point is None or self._best is None or self._best[0] >= answer.objective:
                return answer
            cost, point = self._best
        ended = answer.status if answer.x is not None or answer.status is Status.INTERRUPTED else Status.TIME_LIMIT
        return replace(answer, status=ended, x=point, objective=cost, mip=self._hard)

    def close(self) -> None:
        """End the search at the solver's next look; where that takes long, its thread is left to itself."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join(WAIT_S)
            if self._thread.is_alive():
                background.leave(self._thread)


def _once(mip: MixedIntegerProgram, options: SolveOptions, callback: Callback, start: Floats | None) -> Answer:
    return run_pipeline(mip, options, callback, start, stages=STAGES)
