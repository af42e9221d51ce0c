"""What each future costs with a first stage, by the limits in probability that it meets, found as far as it matters."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from planner.plan.plan import PlanData
from planner.runs.outcome import Outcome
from planner.solve.arrays import INFINITY
from planner.status import Status
from planner.uncertainty.chance import ChanceLimit, missed_in
from planner.uncertainty.choice import Choice, Missed, cheapest, fewest_missing, share_missing
from planner.uncertainty.measure import Measure
from planner.uncertainty.recourse import RECOURSE

SolveHeld = Callable[[Missed, Sequence[int]], Mapping[int, Outcome]]
"""Solves some futures with some limits met: what they are, and the places of the futures."""
NOTHING: Missed = frozenset()


@dataclass(slots=True)
class Meeting:
    """The futures of one first stage, solved with as many limits met as the choice among them asks for.

    Attributes
    ----------
    limits : tuple of ChanceLimit
    chances : sequence of float
    solve : callable
    solved : list of dict
        For each future what came of it, by the limits that it was held to.
    """

    limits: tuple[ChanceLimit, ...]
    chances: Sequence[float]
    solve: SolveHeld
    solved: list[dict[Missed, Outcome]] = field(repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """The limits."""
        return tuple(one.name for one in self.limits)

    def choose(self, measure: Measure) -> tuple[Choice | None, Choice | None]:
        """Return the choice of what each future misses for which plans cost least, and that of their bounds.

        The first is None where no choice has plans, the second where it is proven that none has.
        """

        def by_bound() -> tuple[Missed, ...] | None:
            found = cheapest(self._bounds(), self.chances, self.limits, measure.proving)
            return None if found is None else found.missed

        self._settle(by_bound)
        proven = cheapest(self._bounds(), self.chances, self.limits, measure.proving)
        return cheapest(self._costs(), self.chances, self.limits, measure), proven

    def largest_shares(self) -> tuple[float, ...]:
        """Return the largest share in which each limit is met, one after the other, those before it held as asked."""
        found: list[float] = []
        for limit in self.limits:
            held = tuple(
                ChanceLimit(one.name, min(one.share, share)) for one, share in zip(self.limits, found, strict=False)
            )
            held = tuple(one for one in held if one.share > 0.0)

            def by_share(held: tuple[ChanceLimit, ...] = held, name: str = limit.name) -> tuple[Missed, ...] | None:
                return fewest_missing(self._bounds(), self.chances, held, name)

            self._settle(by_share)
            chosen = fewest_missing(self._costs(), self.chances, held, limit.name)
            found.append(0.0 if chosen is None else 1.0 - share_missing(chosen, self.chances, limit.name))
        return tuple(found)

    def outcome(self, s: int, missed: Missed) -> Outcome:
        """Return the cheapest plan of a future that misses no more than this."""
        found = [one for one in self.solved[s].values() if one.plan is not None and self._missed(one.plan) <= missed]
        return min(found, key=_cost)

    def _settle(self, choose: Callable[[], tuple[Missed, ...] | None]) -> None:
        """Solve what a choice by bounds takes until it takes nothing that is not solved."""
        while True:
            missed = choose()
            if missed is None:
                return
            open_: dict[Missed, list[int]] = {}
            for s, one in enumerate(missed):
                met = frozenset(self.names) - one
                if not self._is_known(s, met):
                    open_.setdefault(met, []).append(s)
            if not open_:
                return
            for met, places in open_.items():
                for s, outcome in self.solve(met, places).items():
                    self.solved[s][met] = outcome

    def _is_known(self, s: int, met: Missed) -> bool:
        """Whether what a future costs with some limits met is known, be it from a plan that meets them by itself."""
        known = self.solved[s]
        return met in known or any(
            held <= met and outcome.plan is not None and not self._missed(outcome.plan) & met
            for held, outcome in known.items()
        )

    def _missed(self, plan: PlanData) -> Missed:
        return missed_in(plan, self.names)

    def _costs(self) -> list[dict[Missed, float]]:
        """What the plans of each future cost, by what they miss."""
        found: list[dict[Missed, float]] = []
        for known in self.solved:
            of: dict[Missed, float] = {}
            for outcome in known.values():
                if outcome.plan is not None:
                    missed = self._missed(outcome.plan)
                    of[missed] = min(_cost(outcome), of.get(missed, INFINITY))
            found.append(of)
        return found

    def _bounds(self) -> list[dict[Missed, float]]:
        """What no plan of a future costs less than, by what it may miss: meeting more costs no less."""
        names = frozenset(self.names)
        subsets = [frozenset(some) for n in range(len(names) + 1) for some in combinations(self.names, n)]
        return [
            {names - met: max(_bound(outcome) for held, outcome in known.items() if held <= met) for met in subsets}
            for known in self.solved
        ]


def meeting(
    outcomes: Sequence[Outcome], limits: Sequence[ChanceLimit], chances: Sequence[float], solve: SolveHeld
) -> Meeting:
    """Return the futures of a first stage, of which is known what came of them with nothing to meet."""
    return Meeting(tuple(limits), chances, solve, [{NOTHING: outcome} for outcome in outcomes])


def _cost(outcome: Outcome) -> float:
    return INFINITY if outcome.plan is None else float(outcome.plan.summary[RECOURSE]["cost_busd"])


def _bound(outcome: Outcome) -> float:
    if outcome.plan is None:
        return INFINITY if outcome.status is Status.INFEASIBLE else -INFINITY
    bound = outcome.plan.summary[RECOURSE]["bound_busd"]
    return -INFINITY if bound is None else float(bound)
