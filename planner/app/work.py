"""What a process of the page does: one run, from a message on standard input to messages on standard output.

It does what `planner solve` and `planner explain` do, through the same functions. Asked to stop it ends as by Ctrl-C:
the solver stops, and the best plan found is audited and kept. It ends with the server, however that ends.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from planner.api import Case, Plan
from planner.app.records import CONFLICT, SOLVE, Point
from planner.case.case import CaseData
from planner.changes.apply import apply_changes
from planner.errors import CaseError, InfeasibleError, PlannerError
from planner.explain.conflict import Diagnosis, diagnose
from planner.explain.why import TIME_LIMIT_S, why
from planner.explain.why_text import why_lines
from planner.log import LOG
from planner.options import SolveOptions
from planner.runs.outcome import missed
from planner.runs.progress import Progress
from planner.solve.worker import STOP, own_output, read_message, write_message
from planner.status import Status
from planner.system import interrupts

EXPLAIN_S = 30.0
"""Time for the explanation of an infeasible case that comes with its solve."""
BETWEEN_S = 0.25
"""Progress is reported at most so often, and at each new stage."""
OPEN = "open"
"""Status of a question whose answer was not found in time."""


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be done.

    Attributes
    ----------
    kind : str
    folder : str
        Where the plan goes; of a question, where the plan is that it asks of.
    case : CaseData or None
        The case without the changes; None for a question of a plan.
    changes : list
        As JSON has them.
    options : SolveOptions
    name : str
        What a question asks of.
    """

    kind: str
    folder: str
    case: CaseData | None = field(repr=False)
    changes: list[Any]
    options: SolveOptions
    name: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """How a run ended; ``written`` says whether its plan is in its folder."""

    status: str
    reason: str = ""
    cost: float | None = None
    bound: float | None = None
    gap: float | None = None
    written: bool = False
    result: dict[str, Any] = field(default_factory=dict, repr=False)


Say = Callable[[object], None]


class Reporter:
    """Passes on how far a run is, not too often."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._begin = self._last = time.monotonic()
        self._stage = ""

    def show(self, progress: Progress) -> None:
        """Report the progress of a solve."""
        self._report(Point(progress.seconds, progress.stage, progress.cost_busd, progress.bound_busd, progress.gap))

    def stage(self, stage: str) -> None:
        """Report a stage that has no figures."""
        self._report(Point(time.monotonic() - self._begin, stage, None, None, None))

    def _report(self, point: Point) -> None:
        moment = time.monotonic()
        if point.stage != self._stage or moment - self._last >= BETWEEN_S:
            self._stage, self._last = point.stage, moment
            self._say(point)


def do(work: Work, say: Say) -> Done:
    """Do a run; whatever goes wrong is an answer."""
    reporter = Reporter(say)
    try:
        if work.kind == SOLVE:
            return _solve(work, reporter)
        return _conflict(work, reporter) if work.kind == CONFLICT else _why(work, reporter)
    except KeyboardInterrupt:
        return Done(Status.INTERRUPTED, "cancelled before there was an answer")
    except MemoryError:
        return Done(Status.CRASHED, "the run needs more memory than there is")
    except PlannerError as error:
        return Done(error.status, str(error))
    except Exception as error:
        if interrupts.asked() is not None:  # the signal came where libraries turn exceptions into others
            return Done(Status.INTERRUPTED, "cancelled before there was an answer")
        LOG.exception("a run failed")
        return Done(Status.FAILED, f"internal error: {type(error).__name__}: {error}")


def _solve(work: Work, reporter: Reporter) -> Done:
    assert work.case is not None  # a solve has one
    reporter.stage("start")
    try:
        case = Case.of(apply_changes(work.case, work.changes) if work.changes else work.case)
        plan = case.solve(options=work.options, on_progress=reporter.show)
    except CaseError as error:
        return Done(error.status, str(error), result={"faults": [str(one) for one in error.problems]})
    except InfeasibleError as error:
        reporter.stage("limits in conflict")
        found = error.diagnosed_within(min(EXPLAIN_S, work.options.seconds))
        return Done(error.status, error.message, result=_diagnosed(found))
    with interrupts.held():
        plan.write(work.folder)
    notes = list(plan.summary.get("solver_notes", ()))
    result = {"notes": notes, "exit_code": plan.exit_code, "case_hash": plan.case.hash}
    status, reason = str(plan.status), missed(plan.summary)
    return Done(status, reason, plan.cost_busd, plan.bound_busd, plan.gap, written=True, result=result)


def _diagnosed(found: Diagnosis) -> dict[str, Any]:
    return {"diagnosis": found.document(), "lines": found.lines()}


def _conflict(work: Work, reporter: Reporter) -> Done:
    """Ask what keeps a plan from meeting everything."""
    plan = Plan.read(work.folder)
    found = diagnose(plan.case, time_limit_s=work.options.time_limit_s, has_plan=True, on_stage=reporter.stage)
    return Done(OPEN if found.verdict == "undecided" else found.verdict, result=_diagnosed(found))


def _why(work: Work, reporter: Reporter) -> Done:
    """Ask why something is in a plan, or why not."""
    plan = Plan.read(work.folder)
    reporter.stage("relaxation")
    limit = work.options.time_limit_s or TIME_LIMIT_S
    (found,) = why(plan, work.name, time_limit_s=limit, on_progress=reporter.show)
    periods = plan.periods
    lines = why_lines(found, str(periods.calendar.labels[periods.reported - 1]))
    return Done(found.finding if found.finding != "unknown" else OPEN, result={"lines": lines})


def _listen(source: BinaryIO) -> None:
    """Wait for the wish to stop; the end of the stream means that the server is gone."""
    while True:
        if source.read(1) != STOP:
            os._exit(1)
        signal.raise_signal(signal.SIGTERM)


def main() -> None:
    """Do one run and end."""
    source, target = sys.stdin.buffer, own_output()
    work = read_message(source)
    if work is None:
        return
    lock = threading.Lock()

    def say(message: object) -> None:
        with lock:
            write_message(target, message)

    # The signals of a terminal are the server's business (`planner.system.lifeline.hold`); this one is ours.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with interrupts.listening(last=True):
        threading.Thread(target=_listen, args=(source,), daemon=True).start()
        try:
            done = do(work, say)
        except interrupts.LeaveNow:
            done = Done(Status.INTERRUPTED, "cancelled before there was an answer")
        say(done)
    os._exit(0)  # a solver in a thread that did not stop is not waited for
