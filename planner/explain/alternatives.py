"""What else would do: plans within a slack of the cost that differ most, and what all of them have in common."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Unpack

import numpy as np

from planner.errors import AuditError, OptionError
from planner.explain.linear_cuts import solve_with_cuts
from planner.explain.why_moved import DIMENSIONS, Moved, gw_years, moved_between
from planner.explain.why_plan import audited_plan
from planner.explain.why_program import Force, PlanProgram, program_of, run_here, search_within
from planner.explain.why_target import Target, offers_of
from planner.inputs import Inputs
from planner.options import SolveKeywords, SolveOptions, chosen_options
from planner.plan.plan import PlanData, required_plan
from planner.program.columns import STOCK
from planner.runs.progress import Clock, OnProgress
from planner.solve.arrays import INFINITY, Arrays, Floats, NewRow, kernel
from planner.solve.mip import MixedIntegerProgram
from planner.symbols import MONEY, ColumnIndex, Constraint, Row

NEAR = Constraint[None]("near_optimal", dual="value of one more $B of slack", family="near_optimal", unit=MONEY)
TIME_LIMIT_S = 120.0
RANGE_GAP = 0.02
"""Gap to which an extreme is looked for, as a share of all IT GW-years of the plan."""
COUNT = 5
LEAST_MW = 0.5
"""Average IT MW below which two figures are the same."""
ROUNDING = 1e-6
"""Share of the cost by which rounding may take a plan over the slack."""
KEPT_SHARE = 0.2
SMALL_COLUMNS, LEAST_SEARCH_S = 1500, 5.0
"""Columns up to which every extreme is proven; and seconds that each search has at least in larger programs."""
MUST, NEVER = "must", "never"


@dataclass(frozen=True, slots=True)
class Span:
    """How much of something the plans within the slack have: average installed IT MW over the reported years.

    Attributes
    ----------
    dimension : str
        ``provider``, ``site``, ``chip`` or ``tenure``.
    name : str
    plan_mw : float
        In the plan.
    low_mw, high_mw : float
        The least and the most found in a plan within the slack.
    least_mw, most_mw : float
        No plan within the slack has less, or more: proven.
    verdict : str
        ``must``: every plan within the slack decides something of it; ``never``: none does; both are proven. Otherwise
        empty. Of sites and providers.
    """

    dimension: str
    name: str
    plan_mw: float
    low_mw: float
    high_mw: float
    least_mw: float
    most_mw: float
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class Alternative:
    """A plan within the slack.

    Attributes
    ----------
    plan : PlanData
        Audited.
    extreme : str
        What was looked for when it was found, such as ``most provider aws``.
    moved : tuple of Moved
        How it differs from the plan.
    """

    plan: PlanData = field(repr=False)
    extreme: str
    moved: tuple[Moved, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Alternatives:
    """What else would do.

    Attributes
    ----------
    within : float
        The slack, as a share of the cost of the plan.
    plan_cost_busd, limit_busd : float
        Cost of the plan, and what an alternative may cost.
    spans : tuple of Span
    plans : tuple of Alternative
        Those that differ most from the plan and from one another, the most different first.
    seconds : float
    """

    within: float
    plan_cost_busd: float
    limit_busd: float
    spans: tuple[Span, ...]
    plans: tuple[Alternative, ...]
    seconds: float

    def __repr__(self) -> str:
        must, never = (sum(one.verdict == word for one in self.spans) for word in (MUST, NEVER))
        return f"Alternatives({len(self.plans)} plans within {self.within:.2%}; {must} must-haves, {never} never-haves)"

    def document(self) -> dict[str, Any]:
        """Everything but the plans' tables as plain values, for JSON."""
        plans = [
            {"cost_busd": one.plan.cost_busd, "extreme": one.extreme, "moved": [asdict(move) for move in one.moved]}
            for one in self.plans
        ]
        own = {name: getattr(self, name) for name in ("within", "plan_cost_busd", "limit_busd", "seconds")}
        return {**own, "spans": [asdict(one) for one in self.spans], "plans": plans}


def alternatives(
    plan: PlanData,
    within: float = 0.01,
    *,
    count: int = COUNT,
    options: SolveOptions | None = None,
    on_progress: OnProgress | None = None,
    **keywords: Unpack[SolveKeywords],
) -> Alternatives:
    """Look for plans that cost little more and look different, and prove what all of them have.

    For every provider, site, chip and tenure the least and the most installed IT MW are looked for under the limit on
    cost. What a relaxation, or a search that ended, excludes is proven. A plan that misses something is compared with
    plans that miss no more.

    Parameters
    ----------
    plan : Plan
    within : float
        Slack, as a share of the cost of the plan: 0 or more, below 1.
    count : int
        Most plans returned.
    options, on_progress, **keywords
        As of `Case.solve`; ``time_limit_s`` (120 s) is the wall time of everything.

    Raises
    ------
    OptionError
        If the slack or the count makes no sense.
    PlanError
        If the tables of the plan do not fit its case.

    Examples
    --------
    >>> from planner import Case
    >>> found = alternatives(Case.read("three_sites").solve(gap=0.0), within=0.0)
    >>> [one.name for one in found.spans if one.verdict == "must" and one.dimension == "site"]
    ['north', 'east', 'south']
    """
    if not 0.0 <= within < 1.0:
        raise OptionError(f"within {within!r}: must be at least 0 and less than 1 (0.01 is one per cent)")
    if count < 1:
        raise OptionError(f"count {count!r}: must be at least 1")
    chosen = chosen_options(options, keywords, SolveOptions(gap=RANGE_GAP, time_limit_s=TIME_LIMIT_S))
    search = _Search(program_of(required_plan(plan, "alternatives")), within, chosen, Clock(on_progress))
    spans = tuple(search.spans())
    return Alternatives(within, plan.cost_busd, search.limit, spans, search.chosen(count), search.clock.seconds)


@dataclass(frozen=True, slots=True)
class _Axis:
    """A sum of columns, and what signed contracts bring: installed IT GW-years of the reported periods."""

    dimension: str
    name: str
    cost: Floats = field(repr=False)
    signed: float

    def of(self, x: Floats) -> float:
        """IT GW-years at a point."""
        return self.signed + float(self.cost @ x[: len(self.cost)])


class _Search:
    """The extremes of every axis, the points found on the way, and what is proven."""

    def __init__(self, program: PlanProgram, within: float, options: SolveOptions, clock: Clock) -> None:
        self.program, self.options, self.clock = program, options, clock
        self.limit = program.cost_busd + within * abs(program.cost_busd)
        arrays = program.mip.arrays
        slack = ROUNDING * max(1.0, abs(program.cost_busd))
        used = np.flatnonzero(arrays.cost)
        row = NewRow(
            Row(NEAR), used.astype(np.int32), arrays.cost[used], -INFINITY, self.limit + 0.1 * slack - arrays.offset
        )
        self.near = program.mip.with_rows([row])
        self.axes = list(_axes(program.inputs, arrays))
        calendar = program.inputs.calendar
        self.years = sum(calendar.length_years(t) for t in range(calendar.reported))
        self.points: list[tuple[str, Floats, MixedIntegerProgram]] = []

    def _of_plan(self) -> list[float]:
        totals = {dimension: gw_years(self.program.plan, dimension) for dimension in DIMENSIONS}
        return [totals[axis.dimension].get(axis.name, 0.0) for axis in self.axes]

    def spans(self) -> Iterator[Span]:
        """The span of each axis; the points found for one count for all."""
        outer = [self._proven(axis) for axis in self.axes]
        for number, axis in enumerate(self.axes):
            for sense in (1, -1):
                outer[number] = self._extreme(number, axis, sense, outer[number])
        for axis, here, (least, most) in zip(self.axes, self._of_plan(), outer, strict=True):
            found = [here, *(axis.of(x) for _, x, _ in self.points)]
            low, high = min(found), max(found)
            figures = (here, low, high, min(least, low), max(most, high))
            plan_mw, low_mw, high_mw, least_mw, most_mw = map(self._mw, figures)
            verdict = self._verdict(axis, least)
            yield Span(axis.dimension, axis.name, plan_mw, low_mw, high_mw, least_mw, most_mw, verdict)

    def _mw(self, gw_years: float) -> float:
        return round(1000.0 * gw_years / self.years, 6)

    def _proven(self, axis: _Axis) -> tuple[float, float]:
        """What no plan within the slack is below or above, by the relaxation."""
        self.clock.report(f"{axis.dimension} {axis.name}: relaxation")
        found = []
        for sense in (1, -1):
            mip = self.near.with_arrays(self.near.arrays.with_cost(sense * axis.cost))
            answer = solve_with_cuts(mip, _relaxed)
            bound = answer.bound_busd if answer.status == "optimal" else -INFINITY
            found.append(axis.signed + sense * bound)
        return max(axis.signed, found[0]), found[1]

    def _extreme(self, number: int, axis: _Axis, sense: int, outer: tuple[float, float]) -> tuple[float, float]:
        """Look for the least (sense 1) or the most (-1) of an axis from the plan; the proven span afterwards."""
        left = (1.0 - KEPT_SHARE) * self.options.seconds - self.clock.seconds
        todo = 2 * (len(self.axes) - number) - (sense == -1)
        here = [axis.of(x) for _, x, _ in self.points] + [self._of_plan()[number]]
        reached = min(here) <= outer[0] + 1e-9 if sense == 1 else max(here) >= outer[1] - 1e-9
        if left <= 0.0 or reached:
            return outer
        what = f"{'least' if sense == 1 else 'most'} {axis.dimension} {axis.name}"
        offset = max(1e-3, sum(abs(value) for value in self._of_plan()) / len(DIMENSIONS))
        arrays = self.near.arrays.with_cost(sense * axis.cost, offset)
        mip = self.near.with_arrays(arrays)
        if arrays.column_count > SMALL_COLUMNS:
            self._search(what, mip, min(left, max(LEAST_SEARCH_S, left / todo)))
            return outer
        answer = run_here(
            self.program.inputs,
            mip,
            self.options.within(left / todo),
            lambda one: self.clock.report(f"{what}: {one.stage}"),
            self.program.start,
        )
        if answer.x is not None:
            self.points.append((what, answer.x, answer.mip))
        if not np.isfinite(answer.bound):
            return outer
        bound = axis.signed + sense * (answer.bound - offset)
        return (max(outer[0], bound), outer[1]) if sense == 1 else (outer[0], min(outer[1], bound))

    def _search(self, what: str, mip: MixedIntegerProgram, seconds: float) -> None:
        """Look for an extreme near the plan: in large programs the relaxation has said what is proven."""
        self.clock.report(what)
        arrays, relaxed = mip.arrays, solve_with_cuts(mip, _relaxed, seconds)
        if relaxed.column_dual is None:
            return
        reduced = relaxed.column_dual[: arrays.column_count]
        near = kernel(arrays, self.program.start, reduced, more=1.0, width=2.0)
        found = search_within(mip.with_arrays(near), self.options, seconds)
        if found is not None:
            self.points.append((what, *found))

    def _verdict(self, axis: _Axis, least: float) -> str:
        """Whether something of a site or provider is decided in every plan within the slack, or in none."""
        if axis.dimension not in ("site", "provider") or not axis.cost.any():
            return ""
        target = Target(axis.dimension, axis.name, None, axis.name)
        offers, rooms = offers_of(target, self.program.inputs), self.program.inputs.rooms.values()
        in_signed_room = any(one.row.offer in offers for one in rooms)  # chips there need no block
        if not in_signed_room and 1000.0 * (least - axis.signed) / self.years > LEAST_MW:
            return MUST
        for into, word in ((False, MUST), (True, NEVER)):
            force = Force.of(target, self.program, into=into)
            if into and not len(force.amounts.column):
                return NEVER
            hard = self.program.mip.with_arrays(force.hard(self.program.mip.arrays))
            answer = solve_with_cuts(hard, _relaxed)
            if answer.status == "infeasible" or answer.bound_busd > self.limit + ROUNDING * abs(self.limit):
                return word
        return ""

    def chosen(self, count: int) -> tuple[Alternative, ...]:
        """The plans that are farthest from the plan and from one another, audited."""
        places = np.array([[axis.of(x) for axis in self.axes] for _, x, _ in self.points] or np.empty((0, 1)))
        known = [np.array(self._of_plan())]
        left, found = list(range(len(self.points))), list[Alternative]()
        while left and len(found) < count:
            distance = {n: min(float(np.abs(places[n] - one).sum()) for one in known) for n in left}
            best = max(left, key=lambda n: (distance[n], -n))
            left.remove(best)
            if distance[best] * 1000.0 / self.years <= LEAST_MW:
                break
            what, x, mip = self.points[best]
            self.clock.report(f"audit: {what}")
            plan = self._audited(x, mip)
            if plan is not None:
                known.append(places[best])
                found.append(Alternative(plan, what, moved_between(self.program.plan, plan)))
        return tuple(found)

    def _audited(self, x: Floats, mip: MixedIntegerProgram) -> PlanData | None:
        """The plan of a point if it passes its audit and is within the slack by its own tables."""
        try:
            plan = audited_plan(self.program, x, mip, self.options)
        except AuditError:
            return None
        return plan if plan.cost_busd <= self.limit + ROUNDING * max(1.0, abs(self.limit)) else None


def _relaxed(mip: MixedIntegerProgram) -> Arrays:
    return mip.arrays.relaxed()


def _axes(inputs: Inputs, arrays: Arrays) -> Iterator[_Axis]:
    """Providers, sites, chips and tenures that have columns of their own, in this order."""
    column = ColumnIndex(arrays.columns)[STOCK]
    sums: dict[tuple[str, str], Floats] = {}
    signed: dict[tuple[str, str], float] = {}
    reported = range(inputs.calendar.reported)
    for (o, _, k, t), place in column.items():
        for key in _names(inputs, o, k):
            cost = sums.setdefault(key, np.zeros(arrays.column_count))
            if t in reported:
                cost[place] += inputs.length_years(t)
    for (o, _, k), gw in inputs.signed_chip_gw.items():
        for key in _names(inputs, o, k):
            signed[key] = signed.get(key, 0.0) + sum(gw[t] * inputs.length_years(t) for t in reported)
    order = {dimension: place for place, dimension in enumerate(("provider", "site", "tenure", "chip"))}
    for key in sorted(sums, key=lambda key: order[key[0]]):
        yield _Axis(*key, sums[key], signed.get(key, 0.0))


def _names(inputs: Inputs, o: str, k: str) -> Iterator[tuple[str, str]]:
    offer = inputs.offers[o]
    yield from (("provider", offer.provider), ("site", offer.site), ("tenure", offer.tenure), ("chip", k))
