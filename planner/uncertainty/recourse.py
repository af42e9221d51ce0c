"""The plan of one scenario: with the first stage decided (recourse), or with nothing decided before (wait and see)."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np

from planner.case.case import CaseData
from planner.case.check import contradictions_among, warnings_of
from planner.errors import InfeasibleError, OptionError, PlannerError
from planner.inputs import Inputs, make_inputs
from planner.inputs.calendar import make_calendar
from planner.options import SolveOptions
from planner.plan.plan import PlanData
from planner.runs import session
from planner.runs.outcome import Outcome
from planner.runs.summary import relative_gap, stated, status_of
from planner.runs.task import Job
from planner.solve import settings
from planner.solve.arrays import INFINITY, Floats, NewRow
from planner.solve.mip import MixedIntegerProgram
from planner.solve.records import Answer
from planner.solve.tighten import tightened
from planner.status import Status
from planner.symbols import Row
from planner.uncertainty.chance import met
from planner.uncertainty.first_stage import FirstStageOrders
from planner.uncertainty.links import links_of
from planner.uncertainty.order_links import ROUNDING_GW, OrderLinks
from planner.uncertainty.ordered import only_ordered
from planner.uncertainty.prices import Prices, missed, price_of_missing, priced
from planner.uncertainty.two_stage import LINK

RECOURSE = "recourse"
"""Key of the summary of a scenario's plan: status, cost, bound and gap of the program with what was ordered fixed and
what is missing at its price. Those of the summary itself are of the plan as one of its case alone."""
NOTHING_MISSING = 1e-7
"""Amount of a tier of shortfalls that is none."""
_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class Recourse:
    """How the program of a scenario is solved; plain data, for worker processes.

    Attributes
    ----------
    prices : Prices or None
        Of what is missing; None: nothing may be.
    day : date
        The decision date.
    orders : tuple of float or None
        What was decided by then, in the order of `FirstStageOrders`; None: nothing (wait and see).
    met : tuple of str
        Limits (`chance.NAMES`) of which nothing may be missing.
    earlier : tuple of date
        Decision dates before it.
    certified : bool
        Whether its plan states what becomes of each loss (`planner.runs.session.solve_case`).
    least : float
        $B that the scenario is proven to cost at least, whatever is ordered: the search ends once a plan is close.
    plan_first : bool
        Whether a plan within the gap is all that is asked for, as of one of hundreds of futures.
    """

    prices: Prices | None
    day: date
    orders: tuple[float, ...] | None = field(default=None, repr=False)
    met: tuple[str, ...] = ()
    earlier: tuple[date, ...] = ()
    certified: bool = True
    least: float = -INFINITY
    plan_first: bool = False

    def solve(self, base: CaseData, case: CaseData, options: SolveOptions, job: Job) -> Outcome:
        """Solve a scenario of a case; whatever is expected to go wrong is the reason of the outcome."""
        name = job.whatif.name
        try:
            plan = self.plan(base, case, options, job)
        except OptionError:
            raise
        except PlannerError as error:
            return Outcome.of_error(error, name)
        return Outcome.of_plan(plan, name)

    def plan(self, base: CaseData, case: CaseData, options: SolveOptions, job: Job | None = None) -> PlanData:
        """Return the audited plan of a scenario, with the key `RECOURSE` in its summary."""
        stage = None if self.orders is None else first_stage_of(base, self.day, self.earlier)
        inputs = make_inputs(case)
        adjust = _Adjust(self.prices, stage, self.orders, self.met, inputs, self.least, self.plan_first)
        start = None if job is None else job.start
        try:
            fewer, certified = adjust.fewer() or inputs, self.certified
            solved = session.solve_case(case, options, adjust=adjust, start=start, inputs=fewer, certified=certified)
        except InfeasibleError as error:
            if not adjust.changed:
                raise
            raise self._no_plan(case, error) from None
        plan = solved.plan
        total = plan.cost_busd + adjust.missing_busd
        bound = min(adjust.bound, total)
        gap = relative_gap(total, bound)
        plan.summary[RECOURSE] = {
            "status": adjust.status(gap, options.gap).value,
            "orders_fixed": self.orders is not None,
            "cost_busd": total,
            "bound_busd": bound if np.isfinite(bound) else None,
            "gap": stated(gap),
            "missing_busd": adjust.missing_busd,
            "orders": adjust.taken_over(),
        }
        return plan

    def _no_plan(self, case: CaseData, error: InfeasibleError) -> InfeasibleError:
        """Say what was proven: of the program with its prices and orders, which is not that of the case alone."""
        given = [] if self.orders is None else ["what is ordered kept"]
        given += ["nothing missing"] if self.prices is None else []
        given += [f"nothing missing of {' and '.join(self.met)}"] if self.met else []
        held = f"with {' and '.join(given)}, " if given else ""
        free = "" if self.prices is None else f", {'all else' if self.met else 'whatever is'} missing at its price"
        words = f"{case.model.name}: proven infeasible: {held}no plan meets all limits of this future{free}"
        if given:
            return InfeasibleError(words)
        return InfeasibleError(words, error.pointer, contradictions_among(warnings_of(case)), case)


class _Adjust:
    """What makes a recourse program of the program of a case; see `planner.runs.session.Adjustment`."""

    def __init__(
        self,
        prices: Prices | None,
        stage: FirstStageOrders | None,
        orders: Any,
        met: Sequence[str],
        inputs: Inputs,
        least: float,
        plan_first: bool,
    ) -> None:
        self._plan_first = plan_first
        self._prices, self._stage, self._met, self._inputs, self._least = prices, stage, met, inputs, least
        self._orders = None if orders is None else np.array(orders, dtype=np.float64)
        self._links: OrderLinks | None = None
        self.changed = False
        self.missing_busd = 0.0
        self.bound = -INFINITY
        self._answer: Answer | None = None

    def fewer(self) -> Inputs | None:
        """Return the inputs without what the orders leave at zero, where that can be left out."""
        if self._stage is None or self._orders is None:
            return None
        return only_ordered(self._stage, self._inputs, self._orders)

    def status(self, gap: float, target: float) -> Status:
        """How the program ended, by the gap with what is missing at its price."""
        assert self._answer is not None  # there is a plan
        return status_of(self._answer, gap, target)

    def program(self, inputs: Inputs, mip: MixedIntegerProgram) -> MixedIntegerProgram:
        """Price what is missing and hold what was ordered."""
        self.changed = True
        made = replace(met(self._met, mip, priced(mip, inputs, self._prices), inputs), least=self._least)
        if self._stage is None or self._orders is None:
            return made
        self._links = links_of(self._stage, self._inputs, made.arrays, self._orders)
        made = made.with_arrays(self._links.closing(made.arrays))
        made = made.with_rows(held(self._stage, self._links, self._orders))
        return replace(made, arrays=tightened(made.arrays), plan_first=True) if self._plan_first else made

    def start(self, point: Floats) -> Floats:
        """Leave open what the orders decide where the start is a plan with other orders."""
        if self._links is None or self._orders is None or self._links.kept_by(point, self._orders):
            return point
        decided = [j for row in self._links.rows for j in row.columns]
        point = point.copy()
        point[[*decided, *self._links.closed]] = np.nan
        return point

    def answer(self, inputs: Inputs, mip: MixedIntegerProgram, answer: Answer) -> Answer:
        """State what is missing; a bound with its price, or with orders fixed, is none on what any plan costs."""
        assert answer.x is not None  # the caller has a point
        refuted = answer.objective < self._least - settings.rounding(self._least)
        self.bound, self._answer = -INFINITY if refuted else answer.bound, answer
        free = answer if self._orders is None else replace(answer, bound=-INFINITY)
        if self._prices is None:
            return free
        tiers = missed(mip, answer.x)
        if not any(one.amount > NOTHING_MISSING for one in tiers):
            return free
        self.missing_busd = price_of_missing(mip, inputs, self._prices, answer.x)
        return replace(answer, tiers=tiers, bound=-INFINITY)

    def taken_over(self) -> list[dict[str, Any]]:
        """Return what became of each order that was given: the period in which it is there, and whether all of it."""
        if self._links is None or self._stage is None or self._orders is None:
            return []
        found = []
        for one in self._links.taken:
            order, amount = self._stage.orders[one.order], float(self._orders[one.order])
            if amount > NOTHING_MISSING and (one.period != order.period or not one.firm):
                found.append(
                    {"order": one.order, "amount": amount, "ordered": order.period, "there": one.period,
                     "firm": one.firm, "lapsed": amount if one.period is None else one.missing_of(amount),
                     "parts": [list(part) for part in one.parts]}
                )  # fmt: skip
        return found


def held(stage: FirstStageOrders, links: OrderLinks, orders: Floats) -> list[NewRow]:
    """Return the rows that hold what was ordered."""
    whole, rows = stage.whole, []
    for i, row in enumerate(links.rows):
        known = float(orders[list(row.orders)].sum())
        room = 0.0 if all(whole[list(row.orders)]) else ROUNDING_GW
        columns = np.array(row.columns, dtype=np.int32)
        lower, upper = row.lower + known - room, row.upper + known + room
        rows.append(NewRow(Row(LINK, (0, i)), columns, np.ones(len(columns)), lower, upper))
    return rows


def first_stage_of(base: CaseData, day: date, earlier: tuple[date, ...] = ()) -> FirstStageOrders:
    """Return the orders of a case, made once for each case and its decision dates in a process."""
    with _LOCK:
        return _first_stage(base, day, earlier)


@lru_cache(maxsize=4)
def _first_stage(base: CaseData, day: date, earlier: tuple[date, ...]) -> FirstStageOrders:
    return FirstStageOrders.of(make_inputs(base), day, earlier)


def same_periods(base: CaseData, case: CaseData) -> bool:
    """Return whether two cases have the same periods."""
    return make_calendar(base.model.horizon) == make_calendar(case.model.horizon)
