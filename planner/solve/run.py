"""One run of the pipeline: the program as it grows, the best plan, the bound, and what every stage uses."""

import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from planner.errors import PlannerError
from planner.options import SolveOptions
from planner.redundancy.separate import violated_cuts
from planner.solve import settings
from planner.solve.arrays import Arrays, Floats, NewRow
from planner.solve.budget import BudgetRows, budget_rows
from planner.solve.highs import Engine, Found, SolverResult
from planner.solve.mip import MixedIntegerProgram
from planner.solve.records import News, Stopped

T = TypeVar("T")


class Run:
    """The state of a run on one program; `planner.solve.pipeline.Pipeline` adds the stages.

    Parameters
    ----------
    mip : MixedIntegerProgram
    options : SolveOptions
    tell : callable
        Hears `News`; returns True to stop.
    start : array or None
        A plan to start from, such as that of a neighbouring case; used only if it proves feasible.
    """

    def __init__(
        self, mip: MixedIntegerProgram, options: SolveOptions, tell: Callable[[News], bool], start: Floats | None = None
    ) -> None:
        self.mip = mip
        self.options = options
        large = mip.arrays.column_count >= settings.LARGE_COLUMNS
        self._held_back: BudgetRows | None = budget_rows(mip.arrays) if large else None
        self._tell = tell
        self._begin = time.monotonic()
        self._stage = "relaxation"
        self._start = start
        self._random = np.random.default_rng(options.seed)
        self.x: Floats | None = None
        self.objective = float("inf")
        self.bound = float("-inf")
        self.cuts = 0
        self.rounds = 0
        self.solver_seconds = 0.0
        self.stages: dict[str, float] = {}
        self.notes: list[str] = []
        self._interrupted = False

    def _note(self, text: str) -> None:
        """Keep what the user should know of the run's troubles, once."""
        if text not in self.notes:
            self.notes.append(text)

    def _try_start(self, x: Floats | None) -> None:
        """Complete a given plan: its whole variables fixed, the rest solved for."""
        arrays = self.mip.arrays
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
        warm: bool = False,
        nodes: int | None = None,
        proves_to: float = float("inf"),
        **options: object,
    ) -> SolverResult:
        """A mixed-integer run from the best plan, all points offered; again with cuts a restricted answer violates.

        With ``bounds``, its bound is one for all plans, up to ``proves_to``: dearer plans may be left out of it.
        """
        engine = self._engine(arrays)
        if self.x is not None and offers and (warm or (bounds and not self._small())):
            engine.set_start(self._padded(self.x))

        limits = self._limits(nodes, offers=offers, bounds=bounds)

        def hear(news: Found) -> bool:
            if bounds and np.isfinite(news.bound):
                self._raise_bound(min(news.bound, proves_to))
            if news.x is not None and offers:
                self._offer(news.x)
            return (
                self._say()
                or self._left() <= 0.0
                or self._done()
                or (bounds and proves_to <= news.bound < float("inf"))
            )

        outcome = self._solve(engine, gap=gap, share_of_time=share_of_time, listener=hear, **limits | options)
        if bounds and outcome.status != "infeasible" and np.isfinite(outcome.bound):
            self._raise_bound(min(outcome.bound, proves_to))
        if (
            offers
            and outcome.x is not None
            and not self._offer(outcome.x)
            and not bounds
            and self._adds_missing(outcome.x)
        ):
            lower, upper = self._padded_bounds(arrays)
            again = self.mip.arrays.with_bounds(lower, upper)
            return self._mip(again, gap=gap, share_of_time=share_of_time, nodes=nodes, **options)  # type: ignore[arg-type]
        if self._interrupted or self._left() <= 0.0:
            raise Stopped
        return outcome

    def _limits(self, nodes: int | None, *, offers: bool, bounds: bool) -> dict[str, object]:
        """Options of a run: when to stop, and no presolve where its proofs are not needed for speed."""
        options: dict[str, object] = {}
        if nodes is not None:
            options["mip_max_nodes"] = nodes
        if offers:
            options["objective_target"] = self._good_enough()
        if bounds and self._small():
            options["presolve"] = "off"
        return options

    def _small(self) -> bool:
        """Whether the program is proven the careful way: without presolve, and without a plan to start from."""
        return self.mip.arrays.column_count <= settings.CAREFUL_COLUMNS

    def _padded(self, x: Floats) -> Floats:
        """A point of the program with as many columns as it has now: the new ones follow from their rows."""
        arrays = self.mip.arrays
        whole = np.zeros(arrays.column_count)
        whole[: len(x)] = x
        network = self.mip.network
        if network is not None:
            for (weights, t), column in self.mip.coverable.items():
                installed = self.mip.installed_gw(whole)[t]
                whole[column] = float(network.coefficients(np.array(weights)) @ installed)
        return whole if self._held_back is None else self._held_back.completed(arrays, whole)

    def _padded_bounds(self, arrays: Arrays) -> tuple[Floats, Floats]:
        lower, upper = self.mip.arrays.lower.copy(), self.mip.arrays.upper.copy()
        lower[: arrays.column_count], upper[: arrays.column_count] = arrays.lower, arrays.upper
        return lower, upper

    def _separate(self, x: Floats) -> tuple[int, list] | None:  # type: ignore[type-arg]
        """Add the cuts that a point violates; None when there are none."""
        if self.mip.network is None:
            return None
        found = violated_cuts(self.mip.network, self.mip.installed_gw(x))
        if not found:
            return None
        if self.rounds >= settings.MOST_ROUNDS:
            self._note(f"stopped after {self.rounds} rounds of redundancy cuts")
            raise Stopped  # what is found so far counts, as when a limit comes
        self.mip, columns, rows = self.mip.with_cuts(found)
        self.cuts += len(found)
        self.rounds += 1
        return columns, rows

    def _take_back(self, x: Floats) -> list[NewRow]:
        """The budget's rows, where they are held back and a point breaks one: from then on they are in."""
        if self._held_back is None:
            return []
        whole = self._padded(x)
        if self.mip.arrays.worst_violation(whole, self._held_back.rows) <= settings.PLAN_TOLERANCE:
            return []
        rows = self._held_back.new_rows(self.mip.arrays)
        self._held_back = None
        return rows

    def _adds_missing(self, x: Floats) -> bool:
        """Add the rows of the budget and the cuts that a point violates; False when there are none."""
        budget = bool(self._take_back(x))
        return self._separate(x) is not None or budget

    def _link(self, x: Floats) -> list[NewRow]:
        """Add the links between service and opening that a relaxation violates."""
        rows = self.mip.links.violated(x, settings.LINKS_PER_ROUND)
        if rows:
            self.mip = self.mip.with_rows(rows)
        return rows

    def _offer(self, x: Floats | None) -> bool:
        """Take a point as the best plan if it is better and holds every row and every contingency."""
        if x is None:
            return False
        whole = self._padded(x)
        integer = self.mip.arrays.integer
        whole[integer] = np.round(whole[integer])
        objective = self.mip.arrays.objective(whole)
        if objective >= self.objective - 1e-12 * abs(self.objective):
            return True
        if self.mip.arrays.worst_violation(whole) > settings.PLAN_TOLERANCE:
            return False
        if self.mip.network is not None and violated_cuts(self.mip.network, self.mip.installed_gw(whole)):
            return False
        self.x, self.objective = whole, objective
        self._say(whole)
        return True

    def _raise_bound(self, bound: float) -> None:
        self.bound = max(self.bound, min(bound, self.objective))

    def _done(self) -> bool:
        """Whether the gap is reached."""
        size = abs(self.objective)
        return self.x is not None and self.objective - self.bound <= self.options.gap * size + settings.rounding(size)

    def _good_enough(self) -> float:
        """The cost at which the gap to the bound known by now is reached."""
        if not np.isfinite(self.bound):
            return float("-inf")
        return self.bound / (1.0 - self.options.gap if self.bound > 0.0 else 1.0 + self.options.gap)

    def _left(self) -> float:
        return self.options.seconds - (time.monotonic() - self._begin)

    def _say(self, x: Floats | None = None) -> bool:
        news = News(self._stage, time.monotonic() - self._begin, self.objective, self.bound, x)
        self._interrupted |= self._tell(news)
        return self._interrupted

    def _engine(self, arrays: Arrays) -> Engine:
        program = arrays if self._held_back is None else self._held_back.without(arrays)
        return Engine(program, threads=self.options.threads, seed=self.options.seed)

    def _solve(
        self, engine: Engine, *, gap: float = 0.0, share_of_time: float = 1.0, **options: object
    ) -> SolverResult:
        """Run the solver for a share of the time left; stop everything when the time or the user says so."""
        listener = options.pop("listener", lambda _news: self._say() or self._left() <= 0.0)
        left = self._left()
        if left <= 0.0:
            raise Stopped
        allowed = left if share_of_time >= 1.0 else left * share_of_time if np.isfinite(left) else float("inf")
        try:
            outcome = engine.run(gap=gap, time_limit_s=allowed, listener=listener, **options)  # type: ignore[arg-type]
        except PlannerError as error:
            self._note(f"{self._stage}: {error}")
            outcome = SolverResult("failed", None, float("inf"), float("-inf"), 0.0)
        if outcome.status == "failed":
            self._note(f"{self._stage}: the solver gave up")
        self.solver_seconds += outcome.seconds
        if outcome.x is None and (self._interrupted or self._left() <= 0.0):
            raise Stopped
        return outcome

    def _timed(self, stage: str, work: Callable[[], T]) -> T:
        self._stage = stage
        begin = time.monotonic()
        try:
            return work()
        finally:
            self.stages[stage] = self.stages.get(stage, 0.0) + time.monotonic() - begin
