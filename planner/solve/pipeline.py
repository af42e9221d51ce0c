"""The solve pipeline: relaxation with cuts, guided start, neighbourhood search, full program.

Open solvers stall on this kind of program because they find no good plan, not because it is hard to bound: its relaxation is tight.
So: solve the relaxation and separate redundancy cuts until none is violated; solve a small program around what the relaxation
uses; search around the best plan; hand it to the full program, which proves the gap. Every bound comes from the
relaxation or the full program; every plan is checked against all rows and all contingencies outside the solver.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from planner.redundancy.separate import violated_cuts
from planner.solve.arrays import Arrays, Floats
from planner.solve.highs import Engine, Found, Outcome, Status
from planner.solve.problem import Problem

PLAN_TOLERANCE = 1e-6
"""Largest relative violation of a row with which a plan is accepted."""
MOST_ROUNDS = 100
"""Rounds of separation after which something is wrong: every round adds a new cut."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to solve: relative gap, time limit, threads and seed."""

    gap: float
    time_limit_s: float = float("inf")
    threads: int = 1
    seed: int = 0


@dataclass(frozen=True, slots=True)
class News:
    """What the pipeline tells while it runs; ``x`` comes with a better plan."""

    stage: str
    seconds: float
    objective: float
    bound: float
    x: Floats | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the pipeline found.

    Attributes
    ----------
    status : Status
    x : array or None
        Best plan.
    objective, bound : float
    problem : Problem
        With every cut that was added.
    cuts, rounds : int
        Redundancy cuts added, and rounds of separation.
    solver_seconds : float
    stages : mapping of str to float
        Seconds per stage.
    """

    status: Status
    x: Floats | None
    objective: float
    bound: float
    problem: Problem
    cuts: int
    rounds: int
    solver_seconds: float
    stages: dict[str, float]


class Stopped(Exception):
    """The user or the time limit ended the run; what was found so far counts."""


class Pipeline:
    """A run of the pipeline on one problem.

    Parameters
    ----------
    problem : Problem
    options : Options
    tell : callable
        Hears `News`; returns True to stop.
    start : array or None
        A plan to start from, such as that of a neighbouring case; used only if it proves feasible.
    """

    def __init__(
        self, problem: Problem, options: Options, tell: Callable[[News], bool], start: Floats | None = None
    ) -> None:
        self.problem = problem
        self.options = options
        self._tell = tell
        self._begin = time.monotonic()
        self._stage = "relaxation"
        self._start = start
        self.x: Floats | None = None
        self.objective = float("inf")
        self.bound = float("-inf")
        self.cuts = 0
        self.rounds = 0
        self.solver_seconds = 0.0
        self.stages: dict[str, float] = {}
        self._interrupted = False

    # -- the table of contents ------------------------------------------------------------------------------------

    def run(self) -> Answer:
        """Go through the stages until the gap is reached, a limit comes, or the program is proven infeasible."""
        try:
            relaxation = self._timed("relaxation", self._relax)
            if relaxation.status in ("infeasible", "unbounded"):
                return self._answer(relaxation.status)
            if not self.problem.arrays.integer.any():
                self._offer(relaxation.x)
                return self._answer("optimal")
            if self._start is not None:
                self._timed("given start", lambda: self._try_start(self._start))
            if not self._done():
                relaxation = self._timed("strategy", lambda: self._strategy(relaxation))
            if not self._done():
                self._timed("guided start", lambda: self._guided_start(relaxation))
            if not self._done():
                self._timed("neighbourhood", lambda: self._improve(relaxation))
            if self._done():
                return self._answer("gap")
            return self._answer(self._timed("full program", self._finish))
        except Stopped:
            return self._answer("interrupted" if self._interrupted else "limit")

    def _answer(self, status: Status) -> Answer:
        if self.x is not None and self.objective - self.bound <= 1e-9 * max(1.0, abs(self.objective)):
            status = "optimal"
        return Answer(
            status,
            self.x,
            self.objective,
            self.bound,
            self.problem,
            self.cuts,
            self.rounds,
            self.solver_seconds,
            self.stages,
        )

    # -- stages ---------------------------------------------------------------------------------------------------

    def _relax(self) -> Outcome:
        """The relaxation, with cuts added until it violates none; infeasible only after a second opinion."""
        engine = self._engine(self.problem.arrays.relaxed())
        while True:
            outcome = self._solve(engine)
            if outcome.status == "infeasible":
                outcome = self._solve(self._engine(self.problem.arrays.relaxed()), presolve="off")
            if outcome.x is None:
                return outcome
            self._raise_bound(outcome.objective)
            new = self._separate(outcome.x)
            if new is None:
                return outcome
            engine.add_rows(*new)

    def _strategy(self, relaxation: Outcome) -> Outcome:
        """The program with whole blocks relaxed: its few yes-no decisions give a better bound and a better guide."""
        arrays = self.problem.arrays
        yes_no = arrays.integer & (arrays.lower >= 0.0) & (arrays.upper <= 1.0)
        if not yes_no.any() or (yes_no == arrays.integer).all():
            return relaxation
        partial = replace(arrays, integer=yes_no)
        while True:
            outcome = self._mip(partial, gap=self.options.gap / 2, share_of_time=0.1, bounds=True, offers=False)
            if outcome.x is None:
                return relaxation
            new = self._separate(outcome.x)
            if new is None:
                return outcome
            partial = replace(self.problem.arrays, integer=self._longer(yes_no))

    def _longer(self, mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        longer = np.zeros(self.problem.arrays.column_count, dtype=bool)
        longer[: len(mask)] = mask
        return longer

    def _guided_start(self, relaxation: Outcome) -> None:
        """A small program around what the relaxation uses; wider where that cannot be completed."""
        assert relaxation.x is not None  # a relaxation without a point ends the run before
        for width in (1.0, 3.0, float("inf")):
            self._mip(self._around(relaxation, width), gap=self.options.gap / 2, share_of_time=0.3)
            if self.x is not None:
                return

    def _improve(self, relaxation: Outcome) -> None:
        """Search where the relaxation and the best plan agree is fixed, while it pays."""
        assert relaxation.x is not None  # a relaxation without a point ends the run before
        while self.x is not None and not self._done():
            before = self.objective
            arrays = self.problem.arrays
            near = np.abs(self.x - self._padded(relaxation.x)) < 0.5
            fixed = arrays.integer & near
            lower, upper = arrays.lower.copy(), arrays.upper.copy()
            lower[fixed] = upper[fixed] = np.round(self.x[fixed])
            self._mip(arrays.with_bounds(lower, upper), gap=self.options.gap / 4, share_of_time=0.15)
            if before - self.objective <= 1e-3 * (before - self.bound):
                return

    def _finish(self) -> Status:
        """The full program from the best plan; again with the cuts its answer violates."""
        while True:
            outcome = self._mip(self.problem.arrays, gap=self.options.gap, share_of_time=1.0, bounds=True)
            if outcome.status == "infeasible":
                outcome = self._mip(
                    self.problem.arrays, gap=self.options.gap, share_of_time=1.0, bounds=True, presolve="off"
                )
                return outcome.status
            if outcome.status in ("limit", "interrupted", "unbounded"):
                return outcome.status
            if self._done() or outcome.x is None or self._separate(outcome.x) is None:
                return outcome.status

    # -- parts ----------------------------------------------------------------------------------------------------

    def _around(self, relaxation: Outcome, width: float) -> Arrays:
        """The program with whole variables held near their value in the relaxation, unused ones at their lower bound."""
        assert relaxation.x is not None  # a relaxation without a point ends the run before
        arrays = self.problem.arrays
        x = relaxation.x[: arrays.column_count]
        lower, upper = arrays.lower.copy(), arrays.upper.copy()
        whole = arrays.integer
        unused = whole & (x < arrays.lower + 1e-6)
        if width == float("inf"):
            return arrays
        if width > 1.0 and relaxation.column_dual is not None:
            price = np.abs(relaxation.column_dual[: arrays.column_count])
            unused &= price > np.quantile(price[unused], 0.5) if unused.any() else True
        upper[unused] = arrays.lower[unused]
        used = whole & ~unused
        lower[used] = np.maximum(lower[used], np.floor(x[used]) - width)
        upper[used] = np.minimum(upper[used], np.ceil(x[used]) + width)
        return arrays.with_bounds(lower, upper)

    def _try_start(self, x: Floats | None) -> None:
        """Complete a given plan: its whole variables fixed, the rest solved for."""
        arrays = self.problem.arrays
        if x is None or len(x) > arrays.column_count:
            return
        lower, upper = arrays.lower.copy(), arrays.upper.copy()
        whole = np.flatnonzero(arrays.integer[: len(x)])
        lower[whole] = upper[whole] = np.clip(np.round(x[whole]), arrays.lower[whole], arrays.upper[whole])
        self._mip(arrays.with_bounds(lower, upper), gap=0.0, share_of_time=0.2)

    def _mip(
        self,
        arrays: Arrays,
        *,
        gap: float,
        share_of_time: float,
        bounds: bool = False,
        offers: bool = True,
        **options: object,
    ) -> Outcome:
        """A mixed-integer run from the best plan, whose points are all offered; again with cuts a restricted answer violates."""
        engine = self._engine(arrays)
        if self.x is not None and bounds and offers:
            engine.set_start(self._padded(self.x))

        def hear(news: Found) -> bool:
            if bounds and np.isfinite(news.bound):
                self._raise_bound(news.bound)
            if news.x is not None and offers:
                self._offer(news.x)
            return self._say() or (bounds and self._done()) or self._left() <= 0.0

        outcome = self._solve(engine, gap=gap, share_of_time=share_of_time, listener=hear, **options)
        if bounds and outcome.status != "infeasible" and np.isfinite(outcome.bound):
            self._raise_bound(outcome.bound)
        if (
            offers
            and outcome.x is not None
            and not self._offer(outcome.x)
            and not bounds
            and self._separate(outcome.x) is not None
        ):
            lower, upper = self._padded_bounds(arrays)
            return self._mip(
                self.problem.arrays.with_bounds(lower, upper), gap=gap, share_of_time=share_of_time, **options
            )
        if self._interrupted or self._left() <= 0.0:
            raise Stopped
        return outcome

    def _padded(self, x: Floats) -> Floats:
        """A point of the program with as many columns as it has now: the new ones follow from their rows."""
        arrays = self.problem.arrays
        whole = np.zeros(arrays.column_count)
        whole[: len(x)] = x
        network = self.problem.network
        if network is None:
            return whole
        for (weights, t), column in self.problem.coverable.items():
            installed = self.problem.installed_gw(whole)[t]
            whole[column] = float(network.coefficients(np.array(weights)) @ installed)
        return whole

    def _padded_bounds(self, arrays: Arrays) -> tuple[Floats, Floats]:
        lower, upper = self.problem.arrays.lower.copy(), self.problem.arrays.upper.copy()
        lower[: arrays.column_count], upper[: arrays.column_count] = arrays.lower, arrays.upper
        return lower, upper

    def _separate(self, x: Floats) -> tuple[int, list] | None:  # type: ignore[type-arg]
        """Add the cuts that a point violates; None when there are none."""
        if self.problem.network is None:
            return None
        found = violated_cuts(self.problem.network, self.problem.installed_gw(x))
        if not found or self.rounds >= MOST_ROUNDS:
            return None
        self.problem, columns, rows = self.problem.with_cuts(found)
        self.cuts += len(found)
        self.rounds += 1
        return columns, rows

    def _offer(self, x: Floats | None) -> bool:
        """Take a point as the best plan if it is better and holds every row and every contingency."""
        if x is None:
            return False
        whole = self._padded(x)
        integer = self.problem.arrays.integer
        whole[integer] = np.round(whole[integer])
        objective = self.problem.arrays.objective(whole)
        if objective >= self.objective - 1e-12 * abs(self.objective):
            return True
        if self.problem.arrays.worst_violation(whole) > PLAN_TOLERANCE:
            return False
        if self.problem.network is not None and violated_cuts(self.problem.network, self.problem.installed_gw(whole)):
            return False
        self.x, self.objective = whole, objective
        self._say(whole)
        return True

    def _raise_bound(self, bound: float) -> None:
        self.bound = max(self.bound, min(bound, self.objective))

    def _done(self) -> bool:
        """Whether the gap is reached."""
        return self.x is not None and self.objective - self.bound <= self.options.gap * abs(self.objective) + 1e-9

    def _left(self) -> float:
        return self.options.time_limit_s - (time.monotonic() - self._begin)

    def _say(self, x: Floats | None = None) -> bool:
        news = News(self._stage, time.monotonic() - self._begin, self.objective, self.bound, x)
        self._interrupted |= self._tell(news)
        return self._interrupted

    def _engine(self, arrays: Arrays) -> Engine:
        return Engine(arrays, threads=self.options.threads, seed=self.options.seed)

    def _solve(self, engine: Engine, *, gap: float = 0.0, share_of_time: float = 1.0, **options: object) -> Outcome:
        """Run the solver for a share of the time left; stop everything when the time or the user says so."""
        listener = options.pop("listener", lambda _news: self._say() or self._left() <= 0.0)
        left = self._left()
        if left <= 0.0:
            raise Stopped
        allowed = left if share_of_time >= 1.0 else left * share_of_time if np.isfinite(left) else float("inf")
        outcome = engine.run(gap=gap, time_limit_s=allowed, listener=listener, **options)  # type: ignore[arg-type]
        self.solver_seconds += outcome.seconds
        if outcome.x is None and (self._interrupted or self._left() <= 0.0):
            raise Stopped
        return outcome

    def _timed(self, stage: str, work: Callable[[], object]):  # type: ignore[no-untyped-def]
        self._stage = stage
        begin = time.monotonic()
        try:
            return work()
        finally:
            self.stages[stage] = self.stages.get(stage, 0.0) + time.monotonic() - begin
