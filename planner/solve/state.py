"""The state of a run of the pipeline: the program as it grows, the incumbent, the dual bound, results of stages."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from planner.options import SolveOptions
from planner.solve import settings
from planner.solve.arrays import INFINITY, Floats
from planner.solve.budget import BudgetRows, budget_rows
from planner.solve.highs import SolverResult
from planner.solve.mip import MixedIntegerProgram
from planner.solve.penalties import Penalties
from planner.solve.records import Answer, SolveProgress
from planner.status import Status

Callback = Callable[[SolveProgress], bool]
"""Is called with each `SolveProgress`; returns True to stop the run."""


class Partner(Protocol):
    """Another solver at work on the same program at the same time (`planner.solve.portfolio`)."""

    def exchange(self, state: "State") -> None:
        """Take what it has found into the state, and send it the incumbent."""

    def conclude(self, state: "State") -> None:
        """Wait for it where the stages have ended without a proof."""


class Ahead(Protocol):
    """Work begun ahead on another core (`planner.solve.ahead`, `planner.solve.stages.second_proof`)."""

    def drop(self) -> None:
        """Stop it, without waiting for it."""


Fact = Literal["start", "links", "relaxation", "sites", "penalties", "guide", "incumbent"]
"""What a stage can need: a given point, links between service and opening, results of earlier stages."""


@dataclass(slots=True)
class State:
    """The state of a run: stages read and improve it.

    Attributes
    ----------
    mip : MixedIntegerProgram
        Grows by redundancy cuts, links and rows held back.
    options : SolveOptions
    callback : callable
    start : array or None
        A given point, such as the plan of a similar case; used only if it proves feasible.
    held_back : BudgetRows or None
        Rows of ``mip`` that the solver is not given until a point violates one.
    incumbent, objective : array or None, float
        The best plan found and its cost (infinite without one). It satisfies every row and every contingency.
    bound : float
        Lower bound on the cost of every plan (dual bound) that the stages have proven, never above the objective.
    partner : Partner or None
        Another solver at work on the same program.
    ahead : Ahead or None
        Work of a later stage that has begun on a copy of the state.
    second : Ahead or None
        The second proof, begun beside the first.
    is_ahead : bool
        Whether this state is such a copy.
    other_bound : float
        Lower bound that it has claimed, or that was proven before the run (`MixedIntegerProgram.least`) or by signs.
    bound_refuted : bool
        Whether a plan costs less than a bound of the stages: their later bounds are not taken.
    relaxation : SolverResult or None
        Optimum of the LP relaxation with its duals, where it has one.
    penalties : Penalties or None
        Bounds site by site, where the program has them.
    sites : array of bool or None
        The sites that the relaxation chose from, where it was solved by sites.
    guide : SolverResult or None
        The point that guides the search for plans: that of the relaxation, or one whose binaries are integer.
    verdict : Status or None
        How the run ends, once a stage has decided it.
    cuts, rounds : int
        Redundancy cuts added, and rounds of separation.
    solver_seconds : float
    stage : str
        Name of the stage under way.
    stage_seconds : mapping of str to float
    notes : list of str
        Failures of the solver on the way, and what was done about them.
    interrupted : bool
        Whether the callback has asked for a stop.
    random : numpy Generator
        With the seed of the options; the only source of randomness.
    begun : float
        Time at which the run began (monotonic clock).
    """

    mip: MixedIntegerProgram
    options: SolveOptions
    callback: Callback
    start: Floats | None = None
    held_back: BudgetRows | None = None
    incumbent: Floats | None = None
    objective: float = INFINITY
    bound: float = -INFINITY
    partner: Partner | None = None
    ahead: Ahead | None = None
    second: Ahead | None = None
    is_ahead: bool = False
    other_bound: float = -INFINITY
    bound_refuted: bool = False
    relaxation: SolverResult | None = None
    penalties: Penalties | None = None
    sites: npt.NDArray[np.bool_] | None = None
    guide: SolverResult | None = None
    verdict: Status | None = None
    cuts: int = 0
    rounds: int = 0
    solver_seconds: float = 0.0
    stage: str = "relaxation"
    stage_seconds: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    interrupted: bool = False
    random: np.random.Generator = field(init=False)
    begun: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.random = np.random.default_rng(self.options.seed)

    @classmethod
    def beginning(
        cls, mip: MixedIntegerProgram, options: SolveOptions, callback: Callback, start: Floats | None = None
    ) -> "State":
        """Return the state at the beginning of a run; in large programs the budget rows are held back."""
        large = mip.arrays.column_count >= settings.LARGE_COLUMNS
        held_back = budget_rows(mip.arrays) if large else None
        return cls(mip, options, callback, start, held_back, other_bound=mip.least)

    def facts(self) -> frozenset[Fact]:
        """Return which of the things that stages can need are there."""
        there: dict[Fact, bool] = {
            "start": self.start is not None,
            "links": len(self.mip.links.served) > 0,
            "relaxation": self.relaxation is not None,
            "sites": self.sites is not None,
            "penalties": self.penalties is not None,
            "guide": self.guide is not None,
            "incumbent": self.incumbent is not None,
        }
        return frozenset(fact for fact, known in there.items() if known)

    # -- bound and gap --------------------------------------------------------------------------------------------

    def raise_bound(self, bound: float) -> None:
        """Take a proven lower bound: the bound never falls, and never exceeds the objective."""
        if not self.bound_refuted:
            self.bound = max(self.bound, min(bound, self.objective))

    @property
    def best_bound(self) -> float:
        """The higher of the bounds of the stages and of the other solver, never above the objective."""
        return max(self.bound, min(self.other_bound, self.objective))

    @property
    def ended_by_partner(self) -> bool:
        """Whether what the other solver has found ends the run."""
        return self.partner is not None and self.gap_reached

    @property
    def gap_reached(self) -> bool:
        """Whether the relative gap asked for is reached."""
        size = abs(self.objective)
        allowed = self.options.gap * size + self.rounding
        return self.incumbent is not None and self.objective - self.best_bound <= allowed

    @property
    def rounding(self) -> float:
        """By how much cost and bound may differ and count as equal: a share of the cost, and of the least one.

        If the plan costs less than that, the share is of all money that flows in it, if that is more: a cost whose
        parts cancel, like a bound on it, is not rounded less than its parts.
        """
        size = abs(self.objective)
        if size < settings.LEAST_COST and self.incumbent is not None:
            size = max(size, self.mip.arrays.turnover(self.incumbent))
        return settings.rounding(size)

    @property
    def gap_reached_but_for_rounding(self) -> bool:
        """Whether the relative gap asked for is reached, up to what rounding and the solver's tolerances leave."""
        return self.incumbent is not None and self.reached_by(self.best_bound)

    def reached_by(self, bound: float) -> bool:
        """Return whether a bound alone proves the relative gap asked for of the objective, up to the same."""
        size = abs(self.objective)
        allowed = (self.options.gap + settings.ROUNDING) * size + max(1e-9 * max(1.0, size), self.rounding)
        return self.objective - bound <= allowed

    @property
    def objective_target(self) -> float:
        """The objective at which the gap to the present bound is reached."""
        return self._target(self.options.gap)

    @property
    def search_gap(self) -> float:
        """Relative gap to which plans are sought: wider for the first one, if the gap asked for is tight."""
        first = self.tight and self.incumbent is None
        return settings.SPELLED_OUT_GAP if first else self.options.gap

    @property
    def search_target(self) -> float:
        """The objective at which a search for plans ends."""
        return self._target(self.search_gap)

    def _target(self, gap: float) -> float:
        bound = self.best_bound
        if not np.isfinite(bound):
            return -INFINITY
        return bound / (1.0 - gap if bound > 0.0 else 1.0 + gap)

    @property
    def careful(self) -> bool:
        """Whether bounds are proven without presolve and without a MIP start (small programs)."""
        return self.mip.arrays.column_count <= settings.CAREFUL_COLUMNS

    @property
    def spells_out(self) -> bool:
        """Whether the second proof is of the program with sums of integer variables written out: for tight gaps."""
        least, most = settings.SPELLED_OUT_INTEGERS
        return self.options.gap < settings.SPELLED_OUT_GAP and least <= int(self.mip.arrays.integer.sum()) <= most

    @property
    def tight(self) -> bool:
        """Whether sums are written out for a tight gap from the first proof on: not where what is missing is priced."""
        return self.spells_out and not self.mip.elastic

    @property
    def proves_at_once(self) -> bool:
        """Whether the gap asked for is tight, and the plan at hand so close that only its proof is left to be made."""
        close = self.objective - self.best_bound <= settings.SPELLED_OUT_GAP * abs(self.objective)
        return self.tight and self.incumbent is not None and close

    # -- clock, callback, notes -----------------------------------------------------------------------------------

    @property
    def seconds_left(self) -> float:
        """Time left of the time limit; in the relaxation without what is kept for completing a given start."""
        return self.options.seconds - (time.monotonic() - self.begun) - self._reserve_s

    @property
    def _reserve_s(self) -> float:
        waiting = self.start is not None and self.incumbent is None and self.stage == "relaxation"
        return settings.START_SHARE * self.options.seconds if waiting and self.options.seconds < INFINITY else 0.0

    @property
    def out_of_time(self) -> bool:
        """Whether the time limit is reached, or the callback has asked for a stop."""
        return self.interrupted or self.seconds_left <= 0.0

    def report(self, new_incumbent: Floats | None = None) -> bool:
        """Invoke the callback; return whether it has asked for a stop, now or earlier."""
        seconds = time.monotonic() - self.begun
        progress = SolveProgress(self.stage, seconds, self.objective, self.best_bound, new_incumbent)
        self.interrupted |= self.callback(progress)
        if self.partner is not None:
            self.partner.exchange(self)
        return self.interrupted

    def note(self, text: str) -> None:
        """Record a failure for the user, once."""
        if text not in self.notes:
            self.notes.append(text)

    @contextmanager
    def at_work(self, stage: str) -> Iterator[None]:
        """Set the stage under way, and add its seconds to those of its name."""
        self.stage = stage
        begin = time.monotonic()
        try:
            yield
        finally:
            self.stage_seconds[stage] = self.stage_seconds.get(stage, 0.0) + time.monotonic() - begin

    def cut_short(self) -> Answer:
        """Return the answer of a run that the user, a limit or a failure has ended."""
        if self.ended_by_partner:
            return self.answer(Status.GAP_REACHED)
        return self.answer(Status.INTERRUPTED if self.interrupted else Status.TIME_LIMIT)

    def answer(self, status: Status) -> Answer:
        """Return the answer of a run that has ended so; its plan is optimal whenever the bound proves it."""
        if self.incumbent is None:
            status = Status.NO_PLAN if status is Status.TIME_LIMIT else status
        elif self.objective - self.best_bound <= self.rounding:
            status = Status.OPTIMAL
        return Answer(
            status,
            self.incumbent,
            self.objective,
            self.best_bound,
            self.mip,
            self.cuts,
            self.rounds,
            self.solver_seconds,
            self.stage_seconds,
            tuple(self.notes),
        )
