"""SCIP, the second engine (extra ``scip``): arrays, start and cuts in, result out. The only module that talks to SCIP.

SCIP runs in a thread of its own, without the lock of the interpreter; whoever asked waits for its events, and alone
decides on them. Points that SCIP finds are separated before it takes them (`planner.solve.lazily`). It is not given
marks of the columns that are integer by implication. What it says of a bound is its word (docs/solving.md).
"""

import queue
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from planner.errors import PlannerError
from planner.solve.arrays import INFINITY, Arrays, Floats
from planner.solve.highs import FEASIBILITY_TOLERANCE, EventCallback, SolverEvent, SolverResult, SolverStatus
from planner.solve.lazily import LazyCuts
from planner.solve.scip_plugins import add_row, finite, include
from planner.system.extras import extra_module

POLL_S = 0.05
"""How often the callback is asked whether to stop while SCIP has nothing to say."""
LONGEST_S = 1e7
"""Time limit of a run without one."""
WALL_CLOCK = 2
"""The clock by which SCIP measures its time limit."""
_ENDED: dict[str, SolverStatus] = {
    "optimal": "optimal",
    "gaplimit": "gap",
    "infeasible": "infeasible",
    "unbounded": "unbounded",
    "inforunbd": "infeasible",
    "userinterrupt": "interrupted",
    "terminate": "interrupted",
    "timelimit": "limit",
    "nodelimit": "limit",
    "totalnodelimit": "limit",
    "stallnodelimit": "limit",
    "memlimit": "limit",
    "sollimit": "limit",
    "bestsollimit": "limit",
    "restartlimit": "limit",
    "dualimit": "limit",
    "primalimit": "limit",
}
"""How a run ended, in the words of `SolverStatus`; anything else is a failure."""
Inbox = Callable[[], Floats | None]
"""Returns a point that another solver has found since it was last asked, or None."""


class ScipEngine:
    """One program inside SCIP.

    Parameters
    ----------
    program : Arrays
    seed : int
    lazy : LazyCuts or None
        Finds the cuts that points violate.
    in_rounds : bool
        Whether SCIP ends at the first point that violates a cut, to be run again with it. If not, it is given the cut
        and goes on, with less of its presolve and search.
    inbox : callable or None
        Where points of another solver come from, in columns of the program.

    Raises
    ------
    PlannerError
        If the extra is not installed.
    """

    def __init__(
        self,
        program: Arrays,
        *,
        seed: int = 0,
        lazy: LazyCuts | None = None,
        in_rounds: bool = False,
        inbox: Inbox | None = None,
    ) -> None:
        scip = extra_module("pyscipopt", "scip", "solver 'scip'")
        self._program = program
        self._model: Any = scip.Model("program")
        self._model.hideOutput()
        self._columns = _declared(self._model, program)
        self._events: queue.Queue[SolverEvent] = queue.Queue()
        self.stop = threading.Event()
        """Asks a running SCIP to end."""
        self.received = 0
        """Points of another solver that SCIP has taken."""
        self.refused = False
        """Whether SCIP ended at a point that violates a cut, which `lazy` has now."""
        self.failure: str = ""
        """What went wrong in a callback, if anything did."""
        self._set(
            {
                "randomization/randomseedshift": seed,
                "numerics/feastol": FEASIBILITY_TOLERANCE,
                "timing/clocktype": WALL_CLOCK,
                "misc/catchctrlc": False,
            }
        )
        include(self._model, self, lazy, inbox, in_rounds=in_rounds)

    def _set(self, options: dict[str, Any]) -> None:
        for name, value in options.items():
            self._model.setParam(name, value)

    # -- for the plugins, in the thread of SCIP -------------------------------------------------------------------

    @property
    def variables(self) -> list[Any]:
        """SCIP's variables, by column."""
        return self._columns

    def point(self, solution: Any) -> Floats:
        """Return a solution as a point; that of the LP of the node if it is None."""
        value = self._model.getSolVal
        return np.array([value(solution, column) for column in self._columns])

    def report(self, solution: Any, objective: float) -> None:
        """Report a new solution, or None, with the bound so far; end SCIP if that was asked for."""
        x = None if solution is None else self.point(solution)
        bound = float(self._model.getDualbound())
        known = abs(bound) < float(self._model.infinity())
        self._events.put(SolverEvent(x, objective, bound if known else -INFINITY))
        if self.stop.is_set():
            self._model.interruptSolve()

    # -- for whoever asks -----------------------------------------------------------------------------------------

    def set_start(self, x: Floats) -> None:
        """Give SCIP a point as MIP start."""
        model = self._model
        solution = model.createOrigSol()
        for column, value in zip(self._columns, x.tolist(), strict=True):
            model.setSolVal(solution, column, value)
        model.addSol(solution)

    def run(self, *, gap: float, time_limit_s: float, callback: EventCallback) -> SolverResult:
        """Run SCIP; failures are results too.

        Parameters
        ----------
        gap : float
            Relative gap at which the run may stop. SCIP measures it against the smaller of cost and bound: no less
            strictly than the planner does.
        time_limit_s : float
            Wall time.
        callback : callable
            Is called with better points and bounds, and several times a second; returns True to stop.
        """
        self._set({"limits/gap": gap, "limits/time": max(0.0, min(time_limit_s, LONGEST_S))})
        begin = time.monotonic()
        failure: list[str] = []
        thread = threading.Thread(target=self._solve, args=(failure,), daemon=True)
        thread.start()
        stopped = False
        while thread.is_alive() or not self._events.empty():
            try:
                event = self._events.get(timeout=POLL_S)
            except queue.Empty:
                event = SolverEvent(None, INFINITY, -INFINITY)
            if not stopped and callback(event):
                stopped = True
                self.stop.set()
                self._model.interruptSolve()
        seconds = time.monotonic() - begin
        if failure or self.failure:
            self.failure = self.failure or failure[0]
            return SolverResult("failed", None, INFINITY, -INFINITY, seconds)
        return self._result(seconds)

    def _solve(self, failure: list[str]) -> None:
        try:
            self._model.optimizeNogil()
        except Exception as error:  # of the library, whose exceptions have no type of their own
            failure.append(f"{type(error).__name__}: {error}")

    def _result(self, seconds: float) -> SolverResult:
        model = self._model
        status = _ENDED.get(str(model.getStatus()), "failed")
        if status in ("infeasible", "unbounded"):
            value = INFINITY if status == "infeasible" else -INFINITY
            return SolverResult(status, None, value, value, seconds)
        solution = model.getBestSol() if model.getNSols() else None
        x = None if solution is None else self.point(solution)
        objective = INFINITY if x is None else self._program.objective(x)
        bound = float(model.getDualbound())
        known = status != "failed" and abs(bound) < float(model.infinity())
        return SolverResult(status, x, objective, bound if known else -INFINITY, seconds)


def _declared(model: Any, program: Arrays) -> list[Any]:
    """Declare columns and rows; return the variables."""
    kind = np.where(program.integer, "I", "C").tolist()
    limits = zip(kind, program.lower.tolist(), program.upper.tolist(), program.cost.tolist(), strict=True)
    columns = [model.addVar("", of, finite(low), finite(up), cost) for of, low, up, cost in limits]
    model.addObjoffset(float(program.offset))
    begin = program.matrix.indptr.tolist()
    index, value = program.matrix.indices.tolist(), program.matrix.data.tolist()
    for i, (low, up) in enumerate(zip(program.row_lower.tolist(), program.row_upper.tolist(), strict=True)):
        entries = range(begin[i], begin[i + 1])
        if begin[i] < begin[i + 1] and (finite(low) is not None or finite(up) is not None):
            add_row(model, [columns[index[k]] for k in entries], value[begin[i] : begin[i + 1]], low, up)
    if any(low > 0.0 or up < 0.0 for low, up in _of_empty_rows(program)):
        raise PlannerError("a row without columns cannot be satisfied")
    return columns


def _of_empty_rows(program: Arrays) -> list[tuple[float, float]]:
    empty = np.diff(program.matrix.indptr) == 0
    return list(zip(program.row_lower[empty].tolist(), program.row_upper[empty].tolist(), strict=True))
