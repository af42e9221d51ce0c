"""The solve pipeline: relaxation with cuts, guided start, neighbourhood search, full program.

Open solvers stall on this kind of program because they find no good plan, not because it is hard to bound: its
relaxation is tight. So: solve the relaxation and separate redundancy cuts until none is violated; solve a small program
around what the relaxation uses; search around the best plan; hand it to the full program, which proves the gap. Where
sites can be decided one by one, the program on those that a better plan can open proves it. Every bound comes from the
relaxation or from one of these two; every plan is checked against all rows and all contingencies outside the solver.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from planner.errors import PlannerError
from planner.solve import settings
from planner.solve.arrays import Arrays, Floats, around, kernel
from planner.solve.highs import Engine, SolverResult, Status
from planner.solve.linear import solve_linear
from planner.solve.penalties import Penalties, penalties
from planner.solve.records import Answer, Stopped
from planner.solve.relaxation import RelaxationRun

_SAID: dict[str, str] = {
    "infeasible": "the solver called it infeasible",
    "unbounded": "the solver called it unbounded",
    "failed": "the solver failed",
    "optimal": "the solver's answer broke a row",
    "gap": "the solver's answer broke a row",
}


class Pipeline(RelaxationRun):
    """A run of the pipeline on one program: its stages, in order."""

    def run(self) -> Answer:
        """Go through the stages until the gap is reached, a limit comes, or the program is proven infeasible.

        Trouble of the solver in a stage ends the stage, not the run.
        """
        try:
            relaxation = self._timed("relaxation", self._relax)
            if relaxation.status in ("infeasible", "unbounded"):
                return self._without_end(relaxation)
            if not self.mip.arrays.integer.any() and relaxation.x is not None:
                self._offer(relaxation.x)
                return self._answer("optimal" if self._close() else "limit")
            if relaxation.x is not None:
                self._first_plans(relaxation)
                self._search(relaxation)
            if self._done():
                return self._answer("gap")
            status = self._timed("full program", self._finish)
            if status == "infeasible" and relaxation.x is None:
                status = "limit"  # nothing that was checked tells the solver's word from numerical trouble
            return self._answer("gap" if self._done() else status)
        except Stopped:
            return self._answer("interrupted" if self._interrupted else "limit")
        except PlannerError as error:
            self._note(str(error))
            return self._answer("limit")

    def _without_end(self, relaxation: SolverResult) -> Answer:
        """The answer to a program that has no point, or no least cost."""
        if relaxation.status == "unbounded":
            assert relaxation.x is not None  # the direction that proves it
            self._note(f"what pays for itself without end: {self.mip.arrays.earners(relaxation.x)}")
        return self._answer(relaxation.status)

    def _first_plans(self, relaxation: SolverResult) -> None:
        """From the relaxation to a plan; where sites can be decided one by one, to its proof."""
        if self._start is not None:
            self._unless_done("given start", lambda: self._try_start(self._start))
        found = None
        if len(self.mip.links.served) and not self._done():
            found = self._timed("penalties", lambda: self._penalise(relaxation))
        if found is None:
            self._unless_done("kernel", lambda: self._kernel(relaxation))
            return
        self._unless_done("likely sites", lambda: self._likely_sites(relaxation, found))
        if self.x is None:
            self._timed("kernel", lambda: self._kernel(relaxation))
        if self.x is not None:
            self._unless_done("possible sites", lambda: self._possible_sites(found))

    def _search(self, relaxation: SolverResult) -> None:
        """The stages between first plans and full program, each only while the gap is not reached."""
        if self._done() or (self.x is not None and self._small() and self.options.gap <= settings.PROOF_GAP):
            return  # a small program is proven without a start: what a search finds would not help
        guide = self._timed("strategy", lambda: self._strategy(relaxation))
        self._unless_done("guided start", lambda: self._guided_start(guide))
        self._unless_done("neighbourhood", lambda: self._near_guide(guide))
        self._unless_done("bound", self._bound_root)
        self._unless_done("neighbourhood", lambda: self._improve(guide))

    def _unless_done(self, stage: str, work: Callable[[], None]) -> None:
        if not self._done():
            self._timed(stage, work)

    def _answer(self, status: Status) -> Answer:
        if self.x is not None and self.objective - self.bound <= settings.rounding(self.objective):
            status = "optimal"
        found = self.x, self.objective, self.bound
        counts = self.cuts, self.rounds, self.solver_seconds
        return Answer(status, *found, self.mip, *counts, self.stages, tuple(self.notes))

    # -- stages ---------------------------------------------------------------------------------------------------

    def _kernel(self, relaxation: SolverResult) -> None:
        """A small program on what the relaxation uses and what is next cheapest; a larger one if it has no plan."""
        assert relaxation.x is not None  # a relaxation without a point ends the run before
        assert relaxation.column_dual is not None
        before = self.objective
        for more, width in settings.KERNELS:
            if self.objective < before:
                return
            small = kernel(self.mip.arrays, self._padded(relaxation.x), relaxation.column_dual, more=more, width=width)
            self._mip(small, gap=self.options.gap / 2, share_of_time=0.1, warm=True, nodes=settings.KERNEL_NODES)

    def _penalise(self, relaxation: SolverResult) -> Penalties | None:
        """What opening each site costs at least."""
        assert relaxation.row_dual is not None  # a relaxation without duals ends the run before
        found = penalties(self.mip, relaxation.row_dual, self._solve_part)
        if found is not None:
            self._raise_bound(found.bound)
        return found

    def _solve_part(self, part: Arrays) -> SolverResult:
        """A verdict on the program of one site, checked outside the solver."""
        engine = Engine(part, seed=self.options.seed)
        first = self._solve(engine, presolve="off")
        return solve_linear(part, self._plain_engine, self._solve_with, (engine, first))

    def _likely_sites(self, relaxation: SolverResult, found: Penalties) -> None:
        """A small program on the sites that the relaxation uses and those next cheapest to open."""
        assert relaxation.x is not None  # a relaxation without a point ends the run before
        used = int((relaxation.x[found.opened] > settings.PLAN_TOLERANCE).sum())
        arrays, _ = found.decided(self.mip.arrays, found.level(round((1.0 + settings.SITES_MORE) * used)))
        self._mip(
            arrays,
            gap=self.options.gap / 2,
            share_of_time=0.2,
            nodes=settings.SITES_NODES,
            **settings.NO_TRIAL_BRANCHES,
        )

    def _possible_sites(self, found: Penalties) -> None:
        """The program on all sites that a better plan can open: its bound is one for all plans."""
        while not self._done():
            limit = self.objective
            arrays, decided = found.decided(self.mip.arrays, limit)
            if decided < settings.WORTH_DECIDING * len(found.opened):
                return
            options = {**settings.NO_TRIAL_BRANCHES, **settings.BOUND_ONLY}
            outcome = self._mip(
                arrays, gap=self.options.gap, share_of_time=0.8, bounds=True, proves_to=limit, **options
            )
            if outcome.x is None or not self._adds_missing(outcome.x):
                return

    def _strategy(self, relaxation: SolverResult) -> SolverResult:
        """The program with whole blocks relaxed: its few yes-no decisions give a better bound and a better guide."""
        arrays = self.mip.arrays
        yes_no = arrays.integer & (arrays.lower >= 0.0) & (arrays.upper <= 1.0)
        if not yes_no.any() or (yes_no == arrays.integer).all():
            return relaxation
        partial = replace(arrays, integer=yes_no)
        while True:
            outcome = self._mip(
                partial,
                gap=max(self.options.gap / 2, settings.GUIDE_GAP),
                share_of_time=0.1,
                bounds=True,
                offers=False,
                nodes=settings.STRATEGY_NODES,
            )
            if outcome.x is None or outcome.objective - outcome.bound > 2 * settings.GUIDE_GAP * abs(outcome.objective):
                return relaxation  # a poor guide is worse than none
            if not self._adds_missing(outcome.x):
                return outcome
            partial = replace(self.mip.arrays, integer=self._longer(yes_no))

    def _longer(self, mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        longer = np.zeros(self.mip.arrays.column_count, dtype=bool)
        longer[: len(mask)] = mask
        return longer

    def _guided_start(self, guide: SolverResult) -> None:
        """A small program around what the relaxation uses; where that cannot be completed, period by period."""
        assert guide.x is not None  # a relaxation without a point ends the run before
        stages = sorted({int(t) for t in self.mip.stage[self.mip.stage >= 0]})
        gap = self.options.gap / 2
        self._mip(
            around(self.mip.arrays, self._padded(guide.x), 1.0),
            gap=gap,
            share_of_time=0.15,
            warm=True,
            nodes=settings.START_NODES,
        )
        for narrow in (True, False):
            if self.x is None and len(stages) > 1:
                self._relax_and_fix(guide, stages, narrow=narrow)
        if self.x is None:
            self._mip(
                around(self.mip.arrays, self._padded(guide.x), 3.0),
                gap=gap,
                share_of_time=0.2,
                nodes=settings.START_NODES,
            )

    def _relax_and_fix(self, guide: SolverResult, stages: list[int], *, narrow: bool) -> bool:
        """Whole numbers for two periods at a time; a window that cannot be completed is widened by the last."""
        arrays = self._within_use(guide) if narrow else self.mip.arrays
        others = arrays.integer & (self.mip.stage < 0)
        lower, upper = arrays.lower.copy(), arrays.upper.copy()
        begin = 0
        while begin < len(stages):
            end = min(begin + settings.WINDOW, len(stages))
            for first in range(begin, -1, -settings.WINDOW):
                window = np.isin(self.mip.stage[: len(lower)], stages[first:end])
                low, up = np.where(window, arrays.lower, lower), np.where(window, arrays.upper, upper)
                part = replace(arrays.with_bounds(low, up), integer=arrays.integer & (window | others | (low == up)))
                outcome = self._mip(
                    part, gap=self.options.gap / 2, share_of_time=0.1, offers=False, nodes=settings.SEARCH_NODES
                )
                if outcome.x is not None:
                    break
            else:
                return False
            x = np.round(outcome.x[: len(lower)])
            lower, upper = np.where(window, x, lower), np.where(window, x, upper)
            begin = end
        return self._offer(outcome.x) or self._complete(lower, upper)

    def _complete(self, lower: Floats, upper: Floats) -> bool:
        """With all period decisions fixed, solve for the rest; adds the cuts that are missing."""
        arrays = self.mip.arrays
        low, up = arrays.lower.copy(), arrays.upper.copy()
        low[: len(lower)], up[: len(upper)] = lower, upper
        self._mip(arrays.with_bounds(low, up), gap=self.options.gap / 4, share_of_time=0.1)
        return self.x is not None

    def _within_use(self, guide: SolverResult) -> Arrays:
        """Only the offers and roles that the relaxation uses at all."""
        assert guide.x is not None  # the caller has a point
        arrays, group = self.mip.arrays, self.mip.group
        x = self._padded(guide.x)
        used = np.unique(group[(group >= 0) & (x > 1e-6)])
        upper = np.where((group >= 0) & ~np.isin(group, used), arrays.lower, arrays.upper)
        return arrays.with_bounds(arrays.lower, upper)

    def _bound_root(self) -> None:
        """The first node of the full program: its cutting planes raise the bound at little cost."""
        self._mip(
            self.mip.arrays, gap=self.options.gap, share_of_time=0.15, bounds=True, nodes=1, **settings.BOUND_ONLY
        )

    def _near_guide(self, guide: SolverResult) -> None:
        """Search where the best plan and the relaxation disagree, everything else held, while that gets better."""
        assert guide.x is not None  # a relaxation without a point ends the run before
        while self.x is not None and not self._done():
            before = self.objective
            self._free(np.abs(self._padded(self.x) - self._padded(guide.x)) >= 0.5)
            if before - self.objective <= settings.WORTHWHILE * (before - self.bound):
                return

    def _improve(self, guide: SolverResult) -> None:
        """Search around the best plan while it pays: a few periods at a time, then a part of the offers."""
        assert guide.x is not None  # a relaxation without a point ends the run before
        stages = sorted({int(t) for t in self.mip.stage[self.mip.stage >= 0]})
        while self.x is not None and not self._done():
            before = self.objective
            for first in range(0, len(stages), settings.WINDOW):
                if self._done():
                    return
                if len(stages) > 1 and self.x is not None:
                    near = np.isin(self.mip.stage, stages[first : first + 2 * settings.WINDOW])
                    self._free(near & np.isin(self.mip.group, self._busy_groups(guide)))
            self._search_groups(guide)
            if before - self.objective <= settings.WORTHWHILE * (before - self.bound):
                return

    def _search_groups(self, guide: SolverResult) -> None:
        """Search a random part of the offers in use and every yes-no decision; a larger part after each failure."""
        for share in settings.GROUP_SHARES:
            busy = self._busy_groups(guide)
            if self._done() or len(busy) < 2:
                return
            chosen = self._random.choice(busy, size=max(1, round(len(busy) * share)), replace=False)
            self._free(np.isin(self.mip.group, chosen) | (self.mip.stage < 0))

    def _busy_groups(self, guide: SolverResult) -> npt.NDArray[np.int64]:
        """Offers and roles that the relaxation or the best plan uses."""
        assert guide.x is not None  # the caller has both
        assert self.x is not None
        group = self.mip.group
        busy = (group >= 0) & ((self._padded(guide.x) > 1e-6) | (self._padded(self.x) > 0.5))
        return np.unique(group[busy])

    def _free(self, free: npt.NDArray[np.bool_]) -> None:
        """Solve with all whole variables held at the best plan but some."""
        assert self.x is not None  # the caller has a plan
        arrays = self.mip.arrays
        x = self._padded(self.x)
        held = arrays.integer & ~free[: arrays.column_count]
        lower, upper = np.where(held, np.round(x), arrays.lower), np.where(held, np.round(x), arrays.upper)
        self._mip(
            arrays.with_bounds(lower, upper),
            gap=self.options.gap / 4,
            share_of_time=0.1,
            warm=True,
            nodes=settings.SEARCH_NODES,
        )

    def _finish(self) -> Status:
        """The full program from the best plan; again with the cuts its answer violates.

        A failure, or the solver's word that there is no plan, leads to a second run in another way. Only without a
        plan, and if both say so, is the program infeasible; without a proof of anything the run ends as at a limit.
        """
        said: Status | None = None
        while True:
            other = {} if said is None else self._another_way()
            outcome = self._mip(self.mip.arrays, gap=self.options.gap, share_of_time=1.0, bounds=True, **other)
            if outcome.status in ("limit", "interrupted"):
                return outcome.status
            if not self._close() and outcome.x is not None and self._adds_missing(outcome.x):
                continue
            if not self._close():
                self._try_start(outcome.x)
            if self._close():
                return "optimal" if outcome.status == "optimal" else "gap"
            if said is not None:
                return "infeasible" if said == outcome.status == "infeasible" and self.x is None else "limit"
            said = outcome.status
            self._note(f"full program: {_SAID[said]}, so it was solved once more in another way")

    def _another_way(self) -> dict[str, Any]:
        """Solver options for a second opinion: presolve the other way round, another seed."""
        return {"presolve": "on" if self._small() else "off", "random_seed": (self.options.seed + 1) % (2**31 - 1)}

    def _close(self) -> bool:
        """Whether the gap is reached but for rounding."""
        size = abs(self.objective)
        allowed = (self.options.gap + settings.ROUNDING) * size + 1e-9 * max(1.0, size)
        return self.x is not None and self.objective - self.bound <= allowed
