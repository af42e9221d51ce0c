"""A policy over several decision dates: the groups of futures on each, what is ordered in them, and what it costs."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from planner.api import Plan
from planner.plan.plan import PlanData
from planner.runs.difference import EQUAL, Difference
from planner.runs.summary import relative_gap, stated
from planner.solve.arrays import INFINITY, Floats
from planner.status import Status
from planner.uncertainty.evaluation import Evaluation
from planner.uncertainty.first_stage import FirstStageOrders
from planner.uncertainty.gains import document, gain
from planner.uncertainty.measure import mean


@dataclass(frozen=True, slots=True)
class FutureGroup:
    """Futures that are not distinguished when what is signed by a date is decided, and what is ordered in all of them.

    Attributes
    ----------
    day : date
    number : int
        Of the group among those of its date, from 1; 0: all futures, on the first date.
    parent : FutureGroup or None
        The group of the date before that holds it.
    places : tuple of int
        Of its futures.
    chances : tuple of float
        Their probabilities.
    distinct : str
        What distinguishes it from the other groups of its parent.
    stage : FirstStageOrders
        What can be ordered by the date.
    orders : array
        What is.
    found : Evaluation
        Its futures with these orders; value and bound are means over them.
    status : Status
    solved_by : FirstStageOrders
        Of the date whose orders its plans took over.
    """

    day: date
    number: int
    parent: "FutureGroup | None"
    places: tuple[int, ...]
    chances: tuple[float, ...]
    distinct: str
    stage: FirstStageOrders = field(repr=False)
    orders: Floats = field(repr=False)
    found: Evaluation = field(repr=False)
    status: Status
    solved_by: FirstStageOrders = field(repr=False)

    @property
    def name(self) -> str:
        """Date and number, such as ``2027-06-30/2``."""
        return f"{self.day.isoformat()}/{self.number}"

    @property
    def probability(self) -> float:
        """Of all its futures."""
        return sum(self.chances)

    @property
    def path(self) -> Iterator["FutureGroup"]:
        """The group and those that hold it, the one of the first date last."""
        one: FutureGroup | None = self
        while one is not None:
            yield one
            one = one.parent

    def part(self, places: tuple[int, ...]) -> Evaluation:
        """Return what is known of some of its futures, with means over these alone."""
        at = [self.places.index(s) for s in places]
        chances = [self.chances[i] for i in at]
        costs, bounds = (tuple(side[i] for i in at) for side in (self.found.costs, self.found.bounds))
        value, bound = mean(costs, chances), -INFINITY if -INFINITY in bounds else mean(bounds, chances)
        plans = tuple(self.found.plans[i] for i in at)
        return Evaluation(None, plans, costs, bounds, value, min(bound, value))


@dataclass(frozen=True, slots=True)
class Tie:
    """What the later dates cost with another first stage that is as good within the gap.

    Attributes
    ----------
    first_busd : float
        Value of the first stage, the future known after its date.
    value_busd : float
        Expected cost of its policy.
    waiting : Difference
        What it costs with it to know no more than has shown itself.
    """

    first_busd: float
    value_busd: float
    waiting: Difference

    def document(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {"first_busd": self.first_busd, "value_busd": self.value_busd, "waiting": document(self.waiting)}


@dataclass(frozen=True, repr=False)  # no slots: what follows from the rest is kept
class Policy:
    """What is decided on the first and on each later date, by what is known then.

    Attributes
    ----------
    futures : tuple of tuple of str
        Names of the scenarios of each future.
    learn : tuple of str
        Tables whose figures distinguish futures.
    """

    futures: tuple[tuple[str, ...], ...]
    learn: tuple[str, ...]
    _first: FutureGroup
    _dates: tuple[tuple[FutureGroup, ...], ...]
    _ties: tuple[Tie, ...] = ()

    def __repr__(self) -> str:
        days = ", ".join(f"{len(groups)} by {groups[0].day.isoformat()}" for groups in self._dates)
        return f"Policy(${self.value_busd:,.3f}B, groups: {days})"

    @cached_property
    def _last(self) -> dict[int, FutureGroup]:
        """The group of the last date by the place of each future."""
        return {s: one for one in self._dates[-1] for s in one.places}

    @property
    def dates(self) -> tuple[date, ...]:
        """The later decision dates."""
        return tuple(groups[0].day for groups in self._dates)

    def _of_future(self, s: int) -> tuple[float, float, PlanData]:
        group = self._last[s]
        i = group.places.index(s)
        plan = group.found.plans[i]
        assert plan is not None  # a group has plans of all its futures
        return group.found.costs[i], group.found.bounds[i], plan

    @property
    def costs(self) -> tuple[float, ...]:
        """Cost of each future, $B, with what is missing at its price."""
        return tuple(self._of_future(s)[0] for s in self._first.places)

    @property
    def bounds(self) -> tuple[float, ...]:
        """What is proven of the cost of each future with what is ordered in its groups."""
        return tuple(self._of_future(s)[1] for s in self._first.places)

    @property
    def plans(self) -> dict[str, Plan]:
        """The plan of each scenario, by its name."""
        pairs = zip(self.futures, plans_of(self), strict=True)
        return {name: Plan.of(plan) for names, plan in pairs for name in names}

    @property
    def value_busd(self) -> float:
        """Expected cost, $B."""
        return mean(self.costs, self._first.chances)

    @property
    def bound_busd(self) -> float:
        """What no policy with the same orders by the first date costs less than, distinguished no better than here."""
        bounds = [one.found.bound for one in self._dates[0]]
        if -INFINITY in bounds:
            return -INFINITY
        return min(self.value_busd, mean(bounds, [one.probability for one in self._dates[0]]))

    @property
    def waiting(self) -> Difference:
        """What it costs to know no more on the later dates than has shown itself: with the same orders by the first.

        The least cost of going on by the groups of the later dates, less that of knowing the future as soon as the
        first date has passed; never below zero. Exactly zero where both are the same: every future is distinguished
        from all others on the first later date, and goes on as its plan does.
        """
        first = self._first.found
        if self._is_known_at_once():
            return Difference(0.0, 0.0, 0.0, EQUAL)
        known_at_once = mean(first.costs, self._first.chances)
        least = -INFINITY if -INFINITY in first.bounds else mean(first.bounds, self._first.chances)
        return gain((self.value_busd, self.bound_busd), (known_at_once, least))

    @property
    def waiting_span(self) -> tuple[float, float | None]:
        """Between what it is proven to cost to know no more, $B, with this or another first stage that is as good.

        None: nothing is proven from above.
        """
        found = [self.waiting, *(one.waiting for one in self._ties)]
        highs = [one.high_busd for one in found if one.high_busd is not None]
        high = max(highs) if len(highs) == len(found) else None
        return min(one.low_busd or 0.0 for one in found), high

    def _is_known_at_once(self) -> bool:
        """Whether each future is a group of its own from the first later date on, with the plan that it had."""
        alone = all(len(one.places) == 1 for one in self._dates[0])
        return alone and all(a is b for a, b in zip(plans_of(self), self._first.found.plans, strict=True))

    def summary(self, bound_busd: float) -> dict[str, Any]:
        """Return its figures.

        Parameters
        ----------
        bound_busd : float
            What no first stage costs less than where the future is known after the first date, $B.
        """
        proven = None if bound_busd == -INFINITY else min(bound_busd, self.value_busd)
        own = None if self.bound_busd == -INFINITY else self.bound_busd
        return {
            "dates": [day.isoformat() for day in self.dates],
            "groups": [len(groups) for groups in self._dates],
            "learn": list(self.learn),
            "value_busd": self.value_busd,
            "bound_busd": proven,
            "gap": None if proven is None else stated(relative_gap(self.value_busd, proven)),
            "bound_same_orders_busd": own,
            "worst_busd": max(self.costs),
            "waiting": document(self.waiting),
            "ties": [one.document() for one in self._ties],
            "waiting_least_busd": self.waiting_span[0],
            "waiting_most_busd": self.waiting_span[1],
        }


def root_of(policy: Policy) -> FutureGroup:
    """Return the group of all futures, with the orders of the first date."""
    return policy._first


def ties_of(policy: Policy) -> tuple[Tie, ...]:
    """Return other first stages that are as good within the gap, of which the later dates were decided too."""
    return policy._ties


def groups_of(policy: Policy) -> tuple[tuple[FutureGroup, ...], ...]:
    """Return the groups of each later date."""
    return policy._dates


def plans_of(policy: Policy) -> tuple[PlanData, ...]:
    """Return the plan of each future."""
    return tuple(policy._of_future(s)[2] for s in policy._first.places)


def last_group(policy: Policy, s: int) -> FutureGroup:
    """Return the group of the last date that holds a future."""
    return policy._last[s]
