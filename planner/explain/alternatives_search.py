"""The search for other plans: extremes of every figure, the audited plans found on the way, and what is proven."""

import math
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from planner.errors import AuditError
from planner.explain.alternatives_figures import YEAR, Axis, Figure, axes_of, figures_of
from planner.explain.alternatives_relaxed import NOTHING, Relaxation, Relaxed
from planner.explain.linear_cuts import relaxation_of, solve_with_cuts
from planner.explain.why_plan import audited_plan
from planner.explain.why_program import Force, PlanProgram, run_here, search_within
from planner.explain.why_target import Target, offers_of
from planner.inputs import Inputs
from planner.options import SolveOptions
from planner.plan.plan import PlanData
from planner.plan.ranges import SAME_IT_MW
from planner.runs.progress import Clock
from planner.solve.arrays import INFINITY, Arrays, Floats, NewRow, kernel
from planner.solve.mip import MixedIntegerProgram
from planner.status import Status
from planner.symbols import MONEY, Constraint, Row
from planner.system import interrupts

NEAR = Constraint[None]("near_optimal", dual="value of one more $B of slack", family="near_optimal", unit=MONEY)
LEAST_OPEN_IT_MW = 0.1
"""IT MW between what is found and what is excluded below which nothing is looked for."""
ROUNDING = 1e-6
"""Share of the cost by which rounding may take a plan over the slack."""
KEPT_SHARE = 0.15
"""Share of the time kept back for the verdicts and the plans that are returned."""
PROVING_SHARE = 0.35
"""Share of the time in which relaxations are solved, at most."""
SMALL_COLUMNS, LEAST_SEARCH_S = 1500, 5.0
"""Columns up to which every extreme is proven; and seconds that each search has at least in larger programs."""
SMALL_GW = 1e-9
INTEGRAL = 1e-6
"""Distance from a whole number that is none."""
COMPLETE, IN_PART, TIME_LIMIT, INTERRUPTED = "complete", "in_part", "time_limit", "interrupted"
"""How a search ended: with every figure, with parts of a large program alone, or before that."""
MUST, NEVER = "must", "never"
LEAST, MOST = 1, -1
Restricted = Callable[[Arrays, Floats, Relaxed], Arrays | None]
"""Makes a part of a program in which a search begins at the plan."""


@dataclass(frozen=True, slots=True)
class Range:
    """What is known of a figure over the plans within the slack, in average installed IT MW.

    Attributes
    ----------
    figure : Figure
    plan, low, high : float
        In the plan; least and most in the audited plans that were found.
    least, most : float or None
        No plan has less, or more; None where nothing is proven.
    verdict : str
    """

    figure: Figure
    plan: float
    low: float
    high: float
    least: float | None
    most: float | None
    verdict: str


@dataclass(frozen=True, slots=True)
class Found:
    """A point whose plan passed its audit within the slack."""

    what: str
    x: Floats = field(repr=False)
    mip: MixedIntegerProgram = field(repr=False)
    figures: Mapping[Figure, float] = field(repr=False)


class Search:
    """Looks for the least and the most of every figure under a limit on cost.

    Parameters
    ----------
    program : PlanProgram
    within : float
        Slack, as a share of the cost of the plan.
    options : SolveOptions
        ``time_limit_s``: wall time of everything.
    clock : Clock
    """

    def __init__(self, program: PlanProgram, within: float, options: SolveOptions, clock: Clock) -> None:
        self.program, self.options, self.clock = program, options, clock
        self.limit = program.cost_busd + within * abs(program.cost_busd)
        arrays = program.mip.arrays
        slack = ROUNDING * max(1.0, abs(program.cost_busd))
        used = np.flatnonzero(arrays.cost)
        most = self.limit + 0.1 * slack - arrays.offset
        row = NewRow(Row(NEAR), used.astype(np.int32), arrays.cost[used], -INFINITY, most)
        self.near = program.mip.with_rows([row])
        self.axes = axes_of(program.inputs, arrays)
        self.here = figures_of(program.plan)
        self.found: list[Found] = []
        self._bounds: list[dict[int, float]] = []
        self._reduced: dict[tuple[int, int], Relaxed] = {}
        self.ended = COMPLETE

    def ranges(self) -> Iterator[Range]:
        """The range of each figure; the plans found for one count for all."""
        self._prove()
        self._look()
        searched = {axis.figure: number for number, axis in enumerate(self.axes)}
        others = dict.fromkeys(figure for known in self._known() for figure in known)
        for figure in (*searched, *(one for one in others if one not in searched)):
            values = [known.get(figure, 0.0) for known in self._known()]
            low, high, least, most, verdict = min(values), max(values), None, None, ""
            if figure in searched:
                axis, bounds = self.axes[searched[figure]], self._bounds[searched[figure]]
                least = min(axis.it_mw(bounds[LEAST]), low)
                most = max(axis.it_mw(bounds[MOST]), high) if math.isfinite(bounds[MOST]) else None
                verdict = self._verdict(axis, bounds[LEAST])
            yield Range(figure, self.here.get(figure, 0.0), low, high, least, most, verdict)

    def _words(self, figure: Figure) -> str:
        dimension, name, period = figure
        in_period = "" if period is None or dimension == YEAR else f" {self.program.inputs.calendar.labels[period]}"
        return f"{dimension} {name}{in_period}"

    def _known(self) -> list[Mapping[Figure, float]]:
        return [self.here, *(one.figures for one in self.found)]

    def _prove(self) -> None:
        """What no plan within the slack is below or above, by the relaxation; as much as there is time for."""
        relaxation, end = Relaxation(self.near), PROVING_SHARE * self.options.seconds
        for number, axis in enumerate(self.axes):
            self.clock.report(f"{self._words(axis.figure)}: relaxation")
            bounds = {LEAST: axis.signed, MOST: INFINITY}
            for sense in (LEAST, MOST):
                left = end - self.clock.seconds
                answer = relaxation.least(sense * axis.cost, left) if left > 0.0 else NOTHING
                self._reduced[number, sense] = answer
                if not math.isfinite(answer.bound):  # nothing is known of this extreme, so that it is not looked for
                    self._cut_short(timed_out=end - self.clock.seconds <= 0.0)
                _narrow(bounds, sense, axis.signed + sense * answer.bound)
            self._bounds.append(bounds)

    def _look(self) -> None:
        """Look for the extremes; in large programs first between plan and relaxations, then in a wider range."""
        if self.near.arrays.column_count <= SMALL_COLUMNS:
            self._look_with(self._extreme)
            return
        for restricted in (between, near_plan):
            self._look_with(partial(self._search, restricted))
        extremes = ((number, sense) for number in range(len(self.axes)) for sense in (LEAST, MOST))
        if self.ended == COMPLETE and any(self._open(*one) > 0.0 for one in extremes):
            self.ended = IN_PART

    def _look_with(self, look: Callable[[int, int, float], None]) -> None:
        """Look for each extreme once, those first of which most is neither found nor excluded."""
        todo = {(number, sense) for number in range(len(self.axes)) for sense in (LEAST, MOST)}
        end = (1.0 - KEPT_SHARE) * self.options.seconds
        while todo:
            left = end - self.clock.seconds
            open_years = {one: self._open(*one) for one in todo}
            best = max(todo, key=lambda one: (open_years[one], -one[0], one[1]))
            if open_years[best] <= 0.0:
                break
            if left <= 0.0 or interrupts.asked() is not None:
                self._cut_short()
                break
            todo.remove(best)
            look(*best, left / (len(todo) + 1))

    def _cut_short(self, *, timed_out: bool = True) -> None:
        """Note that something was not looked for to its end."""
        if interrupts.asked() is not None:
            self.ended = INTERRUPTED
        elif timed_out:
            self.ended = TIME_LIMIT
        elif self.ended == COMPLETE:
            self.ended = IN_PART

    def _open(self, number: int, sense: int) -> float:
        """IT GW-years between what is found of an axis and what is excluded; 0 where nothing is, or next to none."""
        axis, bound = self.axes[number], self._bounds[number][sense]
        values = [axis.gw_years(known.get(axis.figure, 0.0)) for known in self._known()]
        more = min(values) - bound if sense == LEAST else bound - max(values)
        return more if math.isfinite(more) and axis.it_mw(more) > LEAST_OPEN_IT_MW else 0.0

    def _aimed(self, number: int, sense: int) -> tuple[str, float, MixedIntegerProgram]:
        """The words for an extreme, the offset of its objective, and the program that looks for it."""
        axis, everything = self.axes[number], [one for one in self.axes if one.figure.dimension == YEAR]
        what = f"{'least' if sense == LEAST else 'most'} {self._words(axis.figure)}"
        offset = max(1e-3, sum(one.gw_years(self.here.get(one.figure, 0.0)) for one in everything))
        self.clock.report(what)
        return what, offset, self.near.with_arrays(self.near.arrays.with_cost(sense * axis.cost, offset))

    def _extreme(self, number: int, sense: int, seconds: float) -> None:
        """Look for the least or the most of an axis from the plan; what the search proves is kept."""
        axis, (what, offset, mip) = self.axes[number], self._aimed(number, sense)
        answer = run_here(
            self.program.inputs,
            mip,
            self.options.within(seconds),
            lambda one: self.clock.report(f"{what}: {one.stage}"),
            self.program.start,
        )
        if not answer.status.within_gap and answer.status is not Status.INFEASIBLE:
            self._cut_short()
        if answer.x is not None:
            self._take(what, answer.x, answer.mip)
        if math.isfinite(answer.bound):
            _narrow(self._bounds[number], sense, axis.signed + sense * (answer.bound - offset))

    def _search(self, restricted: Restricted, number: int, sense: int, seconds: float) -> None:
        """Look for an extreme in a part of a large program, of which the relaxation has said what is proven."""
        relaxed = self._reduced[number, sense]
        what, _, mip = self._aimed(number, sense)
        near = restricted(mip.arrays, self.program.start, relaxed)
        if near is None:
            return
        left = (1.0 - KEPT_SHARE) * self.options.seconds - self.clock.seconds
        limit = min(left, max(LEAST_SEARCH_S, seconds))
        found = search_within(mip.with_arrays(near), self.options, limit, self.program.start)
        if found is not None:
            self._take(what, *found)

    def _take(self, what: str, x: Floats, mip: MixedIntegerProgram) -> None:
        """Keep a point whose plan passes its audit within the slack: its figures are those of the plan's own tables."""
        self.clock.report(f"{what}: audit")
        plan = self.audited(x, mip)
        if plan is not None:
            self.found.append(Found(what, x, mip, figures_of(plan)))

    def audited(self, x: Floats, mip: MixedIntegerProgram) -> PlanData | None:
        """The plan of a point if it passes its audit and costs no more than the limit."""
        try:
            plan = audited_plan(self.program, x, mip, self.options)
        except AuditError:
            return None
        return plan if plan.cost_busd <= self.limit + ROUNDING * max(1.0, abs(self.limit)) else None

    def _verdict(self, axis: Axis, least: float) -> str:
        """Whether something of a site or provider is decided in every plan within the slack, or in none."""
        dimension, name, period = axis.figure
        if period is not None or dimension not in ("site", "provider") or not axis.cost.any():
            return ""
        target = Target(dimension, name, None, name)
        room = _has_signed_room(self.program.inputs, offers_of(target, self.program.inputs))
        if not room and axis.it_mw(least - axis.signed) > SAME_IT_MW:
            return MUST
        for into, word in ((False, MUST), (True, NEVER)):
            force = Force.of(target, self.program, into=into)
            if into and not len(force.amounts.column):
                return NEVER
            hard = self.program.mip.with_arrays(force.hard(self.program.mip.arrays))
            answer = solve_with_cuts(hard, relaxation_of)
            if answer.status == "infeasible" or answer.bound_busd > self.limit + ROUNDING * abs(self.limit):
                return word
        return ""

    def farthest(self, count: int) -> Iterator[Found]:
        """The plans found that are farthest from the plan and from one another, by the figures that are searched."""
        axes = [axis for axis in self.axes if axis.figure.period is None or axis.figure.dimension == YEAR]

        def place(known: Mapping[Figure, float]) -> Floats:
            return np.array([axis.gw_years(known.get(axis.figure, 0.0)) for axis in axes])

        chosen, left = [place(self.here)], [(one, place(one.figures)) for one in self.found]
        years = max((axis.years for axis in axes), default=1.0)
        while left and len(chosen) <= count:
            distance = [min(float(np.abs(at - other).sum()) for other in chosen) for _, at in left]
            best = int(np.argmax(distance))
            if distance[best] * 1000.0 / years <= SAME_IT_MW:
                return
            one, at = left.pop(best)
            chosen.append(at)
            yield one


def between(arrays: Arrays, start: Floats, relaxed: Relaxed) -> Arrays | None:
    """The program with integer variables between the plan and the optimum of a relaxation, where the two differ."""
    if relaxed.x is None:
        return None
    lower, upper, x = arrays.lower.copy(), arrays.upper.copy(), relaxed.x
    whole = arrays.integer
    low, high = np.minimum(start, np.floor(x + INTEGRAL)), np.maximum(start, np.ceil(x - INTEGRAL))
    same = np.abs(x - start) < INTEGRAL
    lower[whole] = np.maximum(lower, np.where(same, start, low))[whole]
    upper[whole] = np.minimum(upper, np.where(same, start, high))[whole]
    return arrays.with_bounds(lower, upper)


def near_plan(arrays: Arrays, start: Floats, relaxed: Relaxed) -> Arrays | None:
    """The program with blocks near the plan's, and those whose reduced costs are least."""
    if relaxed.reduced_cost is None:
        return None
    return kernel(arrays, start, relaxed.reduced_cost, more=1.0, width=2.0)


def _has_signed_room(inputs: Inputs, offers: Collection[str]) -> bool:
    """Whether signed contracts of some offers bring power without chips: what is installed there needs no block."""
    empty: dict[tuple[str, str], Floats] = {
        (o, role): np.array(gw) for (o, role), gw in inputs.signed_gw.items() if o in offers
    }
    for (o, role, _), gw in inputs.signed_chip_gw.items():
        if (o, role) in empty:
            empty[o, role] = empty[o, role] - np.array(gw)
    in_lease = any(one.row.offer in offers for one in inputs.rooms.values())
    return in_lease or any(bool((left > SMALL_GW).any()) for left in empty.values())


def _narrow(bounds: dict[int, float], sense: int, bound: float) -> None:
    """Take a bound where it is closer than what is known."""
    bounds[sense] = max(bounds[sense], bound) if sense == LEAST else min(bounds[sense], bound)
