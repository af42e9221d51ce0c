"""What is called inside SCIP: separation of its points, reports of points and bounds, points of another solver.

Nothing raises into SCIP, which could not pass it on: a failure is noted, and SCIP is ended.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from planner.solve.arrays import INFINITY
from planner.solve.lazily import LazyCuts, LazyRow

if TYPE_CHECKING:
    from planner.solve.scip import Inbox, ScipEngine

scip: Any
try:
    import pyscipopt as scip
except ImportError:  # then nothing here is used
    scip = None
_Handler: Any = object if scip is None else scip.Conshdlr
_Listener: Any = object if scip is None else scip.Eventhdlr
_Heuristic: Any = object if scip is None else scip.Heur
NAME = "redundancy"
LAST, FIRST = -1_000_000, 1_000_000
"""Priorities: points are separated when everything else is satisfied; another solver's are tried before all else."""


def include(model: Any, engine: "ScipEngine", lazy: LazyCuts | None, inbox: "Inbox | None", *, in_rounds: bool) -> None:
    """Include what a run needs in a model."""
    model.includeEventhdlr(Listener(engine, lazy if in_rounds else None), "reports", "points and bounds")
    if inbox is not None:
        timing = scip.SCIP_HEURTIMING.BEFORENODE | scip.SCIP_HEURTIMING.DURINGLPLOOP
        model.includeHeur(Received(engine, inbox), "received", "points received", "<", FIRST, timingmask=timing)
    if lazy is not None and not in_rounds and len(lazy.columns()):
        handler = Separation(engine, lazy)
        model.includeConshdlr(
            handler, NAME, "redundancy cuts", 0, LAST, LAST, sepafreq=1, eagerfreq=-1, maxprerounds=0, needscons=True
        )
        model.addPyCons(model.createCons(handler, NAME, initial=False, propagate=False))


def _safely(engine: "ScipEngine", model: Any, work: Callable[[], Any], otherwise: Any) -> Any:
    """Return what some work returns; if it fails, note it and end SCIP."""
    try:
        return work()
    except Exception as error:
        engine.failure = engine.failure or f"{type(error).__name__}: {error}"
        engine.stop.set()
        model.interruptSolve()
        return otherwise


class Separation(_Handler):  # type: ignore[misc]
    """Refuses points that violate a redundancy cut, and gives SCIP the cuts."""

    def __init__(self, engine: "ScipEngine", lazy: LazyCuts) -> None:
        super().__init__()
        self._engine, self._lazy = engine, lazy
        self._waiting: list[LazyRow] = []
        self._refused = False

    def conscheck(self, _constraints: Any, solution: Any, *_how: Any) -> dict[str, Any]:
        """Refuse a point that violates a cut; the cut waits until rows may be added."""

        def work() -> Any:
            rows = self._lazy.violated(self._engine.point(solution))
            self._waiting += rows
            broken = bool(rows) or self._breaks_waiting(solution)
            return scip.SCIP_RESULT.INFEASIBLE if broken else scip.SCIP_RESULT.FEASIBLE

        return {"result": _safely(self._engine, self.model, work, scip.SCIP_RESULT.INFEASIBLE)}

    def consenfolp(self, *_arguments: Any) -> dict[str, Any]:
        """Add the cuts that the optimum of the node's LP violates."""
        return {"result": _safely(self._engine, self.model, self._enforce, scip.SCIP_RESULT.INFEASIBLE)}

    def consenfops(self, *_arguments: Any) -> dict[str, Any]:
        """Do the same for a point that is not of an LP."""
        return self.consenfolp()

    def conssepalp(self, *_arguments: Any) -> dict[str, Any]:
        """Add the cuts that refused points have left."""

        def work() -> Any:
            return scip.SCIP_RESULT.CONSADDED if self._added() else scip.SCIP_RESULT.DIDNOTRUN

        return {"result": _safely(self._engine, self.model, work, scip.SCIP_RESULT.DIDNOTRUN)}

    def conslock(self, _constraint: Any, _kind: Any, up: int, down: int) -> None:
        """State that a column of a cut may be needed in either direction: no reduction may assume otherwise."""
        for column in self._lazy.columns().tolist():
            self.model.addVarLocks(self._engine.variables[column], up + down, up + down)

    def _enforce(self) -> Any:
        self._waiting += self._lazy.violated(self._engine.point(None))
        return scip.SCIP_RESULT.CONSADDED if self._added() else scip.SCIP_RESULT.FEASIBLE

    def _breaks_waiting(self, solution: Any) -> bool:
        """Return whether a point violates a cut that was found but not added yet."""
        value, variables = self.model.getSolVal, self._engine.variables
        for row in self._waiting:
            there = sum(v * value(solution, variables[j]) for j, v in zip(row.index, row.value, strict=True))
            if there < row.lower - self._lazy.allowed.of(row.lower):
                return True
        return False

    def _added(self) -> bool:
        rows, self._waiting = self._waiting, []
        for row in rows:
            columns = [self._engine.variables[j] for j in row.index.tolist()]
            add_row(self.model, columns, row.value.tolist(), row.lower, INFINITY)
        return bool(rows)


def add_row(model: Any, columns: list[Any], values: list[float], lower: float, upper: float) -> None:
    """Add a row to a model, also while it is being solved."""
    terms: dict[Any, float] = {}
    for column, value in zip(columns, values, strict=True):
        term = scip.scip.Term(column)
        terms[term] = terms.get(term, 0.0) + value
    model.addCons(scip.scip.ExprCons(scip.Expr(terms), finite(lower), finite(upper)))


def finite(value: float) -> float | None:
    """Return a limit as SCIP takes it: None where there is none."""
    return value if np.isfinite(value) else None


class Listener(_Listener):  # type: ignore[misc]
    """Reports better points, and the bound after each node and each LP; ends SCIP at a point that violates a cut."""

    def __init__(self, engine: "ScipEngine", lazy: LazyCuts | None) -> None:
        super().__init__()
        self._engine, self._lazy = engine, lazy
        self._bound = -INFINITY

    def _kinds(self) -> tuple[Any, ...]:
        event = scip.SCIP_EVENTTYPE
        return (event.BESTSOLFOUND, event.NODESOLVED, event.LPSOLVED)

    def eventinit(self) -> None:
        """Subscribe."""
        for kind in self._kinds():
            self.model.catchEvent(kind, self)

    def eventexit(self) -> None:
        """Unsubscribe."""
        for kind in self._kinds():
            self.model.dropEvent(kind, self)

    def eventexec(self, event: Any) -> dict[str, Any]:
        """Report."""

        def work() -> None:
            if event.getType() == scip.SCIP_EVENTTYPE.BESTSOLFOUND:
                solution = self.model.getBestSol()
                self._engine.report(solution, float(self.model.getSolObjVal(solution)))
                if self._lazy is not None and self._lazy.violated(self._engine.point(solution)):
                    self._engine.refused = True
                    self.model.interruptSolve()
                return
            bound = float(self.model.getDualbound())
            if bound > self._bound or self._engine.stop.is_set():
                self._bound = bound
                self._engine.report(None, INFINITY)

        _safely(self._engine, self.model, work, None)
        return {}


class Received(_Heuristic):  # type: ignore[misc]
    """Tries the points of another solver."""

    def __init__(self, engine: "ScipEngine", inbox: "Inbox") -> None:
        super().__init__()
        self._engine, self._inbox = engine, inbox

    def heurexec(self, _timing: Any, _infeasible: Any) -> dict[str, Any]:
        """Try the point that has arrived, if one has."""

        def work() -> Any:
            x = self._inbox()
            if x is None:
                return scip.SCIP_RESULT.DIDNOTRUN
            solution = self.model.createOrigSol(self)
            for column, value in zip(self._engine.variables, x.tolist(), strict=True):
                self.model.setSolVal(solution, column, value)
            taken = self.model.trySol(solution, printreason=False)
            self._engine.received += taken
            return scip.SCIP_RESULT.FOUNDSOL if taken else scip.SCIP_RESULT.DIDNOTFIND

        return {"result": _safely(self._engine, self.model, work, scip.SCIP_RESULT.DIDNOTFIND)}
