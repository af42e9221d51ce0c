"""Which solver solves a mixed-integer program, and where: the one place that knows of processes and thresholds."""

from collections.abc import Callable
from typing import Protocol

from planner.inputs import Inputs
from planner.options import SCIP, SolveOptions
from planner.solve.arrays import Floats
from planner.solve.mip import MixedIntegerProgram
from planner.solve.records import Answer, SolveProgress
from planner.solve.serve import solve_mip
from planner.solve.watchdog import SolverProcess, solve_in_thread
from planner.status import Status
from planner.system import interrupts

SMALL = 1000
"""Chip stocks (offer, role, chip, period) up to which a case is solved in this process: another starts too slowly."""

OnSolveProgress = Callable[[SolveProgress], None]


class Dispatch(Protocol):
    """Solves a mixed-integer program somewhere; it may have begun to get ready when it was made."""

    def solve(
        self, mip: MixedIntegerProgram, options: SolveOptions, on_progress: OnSolveProgress, start: Floats | None, /
    ) -> Answer:
        """Solve a program within the options; `SolveProgress` is passed on as it comes."""

    def close(self) -> None:
        """End whatever is still going on."""


def dispatch(options: SolveOptions, inputs: Inputs) -> Dispatch:
    """Choose where a case is solved.

    Another solver runs as it does. The embedded one, SCIP and both together run behind a watchdog, so that a time
    limit and Ctrl-C always reach them: large cases, and SCIP, in a separate process, small ones in a thread; without
    ``own_process`` in this very thread, for runs that are in a process of their own already.

    Parameters
    ----------
    options : SolveOptions
    inputs : Inputs
        Of the case; its size decides.

    Raises
    ------
    OptionError
        If the solver is not here, or cannot do what is asked.
    """
    if not options.embedded:
        from planner.runs.solvers import check_solver  # Pyomo's interfaces to solvers are slow to import

        check_solver(options.solver, threads=options.threads, seed=options.seed)
    if not options.own_engine:
        return _Other()
    if not options.own_process:
        return _Here()
    return _Apart() if len(inputs.stocks) > SMALL or options.solver == SCIP else _Thread()


def solve_joined(mip: MixedIntegerProgram, options: SolveOptions, on_progress: OnSolveProgress) -> Answer:
    """Solve a program of several cases at once, such as scenarios with one first stage.

    It is solved by the embedded solver in a thread under the watchdog; without ``own_process`` in this very thread. A
    signal is noted and ends the solve; it is raised by the next `planner.system.interrupts.check`.

    Parameters
    ----------
    mip : MixedIntegerProgram
    options : SolveOptions
    on_progress : callable
        Is called with each `SolveProgress`.
    """
    with interrupts.held():
        if options.own_process:
            return solve_in_thread(mip, options, on_progress)
        return solve_mip(mip, options, _going_on(on_progress))


def _going_on(on_progress: OnSolveProgress) -> Callable[[SolveProgress], bool]:
    """Return a callback that passes progress on and never asks for a stop."""

    def go_on(progress: SolveProgress) -> bool:
        on_progress(progress)
        return False

    return go_on


class _Apart:
    """A process of its own, started at once, so that its imports overlap with the declaration of the program."""

    def __init__(self) -> None:
        self._process = SolverProcess()

    def solve(
        self, mip: MixedIntegerProgram, options: SolveOptions, on_progress: OnSolveProgress, start: Floats | None
    ) -> Answer:
        interrupts.hold()
        return self._process.solve(mip, options, on_progress, start)

    def close(self) -> None:
        self._process.close()


class _Thread:
    """A thread of this process, which waits for it."""

    def solve(
        self, mip: MixedIntegerProgram, options: SolveOptions, on_progress: OnSolveProgress, start: Floats | None
    ) -> Answer:
        interrupts.hold()
        return solve_in_thread(mip, options, on_progress, start)

    def close(self) -> None:
        """Nothing was started early."""


class _Here(_Thread):
    """The very thread that asks, without a watchdog."""

    def solve(
        self, mip: MixedIntegerProgram, options: SolveOptions, on_progress: OnSolveProgress, start: Floats | None
    ) -> Answer:
        interrupts.hold()
        return solve_mip(mip, options, _going_on(on_progress), start)


class _Other(_Thread):
    """Another solver; what it has found when a signal ends it is not available, and it takes no MIP start."""

    def solve(
        self, mip: MixedIntegerProgram, options: SolveOptions, on_progress: OnSolveProgress, _start: Floats | None
    ) -> Answer:
        from planner.runs.other import solve_with_other
        from planner.runs.solvers import OtherEngine

        engine = OtherEngine(options.solver, threads=options.threads, seed=options.seed)
        try:
            answer = solve_with_other(mip, options, engine, on_progress)
        except KeyboardInterrupt:
            answer = Answer(Status.INTERRUPTED, None, float("inf"), float("-inf"), mip, 0, 0, 0.0, {})
        interrupts.hold()
        return answer
