"""Later decision dates: what is to be signed by each is decided by what is known when the first of it must be signed.

See docs/uncertainty.md, later decision dates.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from planner.case.model import Horizon
from planner.errors import InfeasibleError, NoPlanError, OptionError
from planner.inputs.calendar import make_calendar
from planner.runs.executor import Executor
from planner.solve.arrays import INFINITY
from planner.solve.settings import ROUNDING
from planner.status import Status
from planner.uncertainty.asked import Asked
from planner.uncertainty.evaluation import Evaluation
from planner.uncertainty.first_stage import FirstStageOrders
from planner.uncertainty.from_plan import late_parts, orders_of, starts_unordered
from planner.uncertainty.known import distinction, figures_known, indistinct
from planner.uncertainty.measure import Measure
from planner.uncertainty.order_rows import learnt_on
from planner.uncertainty.policy import FutureGroup, Policy, Tie, groups_of, root_of
from planner.uncertainty.policy_audit import audited
from planner.uncertainty.reasons import nothing_found
from planner.uncertainty.ties import as_good, left_out, most_ties
from planner.uncertainty.work import Work


def refuse_dates(horizon: Horizon, first: date, then: Sequence[date], asked: Asked, measure: Measure, *,
                 hard: bool) -> None:  # fmt: skip
    """Refuse later dates that are none, and what cannot be asked together with them.

    Raises
    ------
    OptionError
        With all that is wrong.
    """
    if not then:
        return
    wrong = [
        f"{day.isoformat()} is not after {before.isoformat()}, the decision date before it"
        for before, day in zip((first, *then), then, strict=False)
        if day <= before
    ]
    end = make_calendar(horizon).start_dates[-1]
    wrong += [
        f"{day.isoformat()} is not before {end.isoformat()}, the end of the horizon" for day in then if day >= end
    ]
    given = {
        "hard rules exclude": hard,
        "a weight of the CVaR excludes": measure.has_tail,
        "the least regret excludes": asked.regret,
        "limits in probability exclude": bool(asked.limits),
    }
    why = "later dates are planned for the expected cost, with what is missing at its price"
    wrong += [f"{words} them: {why}" for words, there in given.items() if there]
    if wrong:
        raise OptionError(f"later decision dates: {'; '.join(wrong)}")


class Rolling:
    """The deciding of later dates, after the first one is decided.

    Parameters
    ----------
    first : Work
        The study of the first date, with its best orders.
    then : sequence of date
        Later dates, each after the one before.
    learn : sequence of str
        Tables whose figures distinguish futures.
    executor : Executor
    """

    def __init__(self, first: Work, then: Sequence[date], learn: Sequence[str], executor: Executor) -> None:
        self._first, self._then, self._learn, self._executor = first, tuple(then), tuple(learn), executor
        self._notes: list[str] = []

    def best(self) -> tuple[Evaluation, Policy]:
        """Decide the later dates after the best first stage, and after others that are as good within the gap.

        Returns
        -------
        Evaluation, Policy
            Of those, the first stage whose policy costs least, the policy with the others (`policy.ties_of`).

        Raises
        ------
        NoPlanError, InfeasibleError, AuditError
            As of `policy`, of the best first stage, if none of the others has a policy either.
        """
        first, found = self._first, list[tuple[Evaluation, Policy, list[str]]]()
        assert first.best is not None  # the caller has orders
        others = as_good(first)
        most, failed = most_ties(first.columns), None
        for one in (first.best, *others[:most]):
            self._notes = []
            try:
                found.append((one, self.policy(one), self._notes))
            except (InfeasibleError, NoPlanError) as error:
                failed = failed or error
            except KeyboardInterrupt:
                if not found:
                    raise
                first.interrupted = True
                break
        if not found:
            assert failed is not None  # the best was tried
            raise failed
        chosen = min(found, key=lambda one: one[1].value_busd)
        if chosen[1].value_busd > found[0][1].value_busd - ROUNDING * abs(chosen[1].value_busd):
            chosen = found[0]
        ties = tuple(
            Tie(one.value, policy.value_busd, policy.waiting) for one, policy, _ in found if one is not chosen[0]
        )
        first.notes += [*chosen[2], *([left] if (left := left_out(len(others) - most)) else [])]
        return chosen[0], replace(chosen[1], _ties=ties)

    def policy(self, best: Evaluation) -> Policy:
        """Decide all dates after a first stage.

        Raises
        ------
        NoPlanError, InfeasibleError
            If for some group no orders with a plan in each of its futures are found, or there are none.
        AuditError
            If a plan does not hold what was ordered in its group.
        """
        first = self._first
        assert best.orders is not None  # they are of its date
        whole = tuple(range(len(first.futures)))
        root = FutureGroup(
            first.stage.day, 0, None, whole, tuple(first.chances), "", first.stage, best.orders, best,
            _status(best.value, first.clock.lower, first.options.gap), first.stage,
        )  # fmt: skip
        dates: list[tuple[FutureGroup, ...]] = []
        before: tuple[FutureGroup, ...] = (root,)
        for day in self._then:
            earlier = (*before[0].stage.earlier, before[0].stage.day)
            stage = FirstStageOrders.of(first.stage.inputs, day, earlier)
            before = tuple(self._groups(before, stage))
            dates.append(before)
        found = Policy(tuple(one.names for one in first.futures), self._learn, root, tuple(dates))
        audited(found)
        return found

    def _groups(self, before: Sequence[FutureGroup], stage: FirstStageOrders) -> list[FutureGroup]:
        """Return the groups of a date."""
        first, number, found = self._first, 0, list[FutureGroup]()
        day = learnt_on(stage)
        known = [figures_known(one.case, day, self._learn) for one in first.futures]
        for parent in before:
            mine = [known[s] for s in parent.places]
            apart = indistinct(mine)
            for group in apart:
                number += 1
                others = [mine[other[0]] for other in apart if other is not group]
                places, distinct = tuple(parent.places[i] for i in group), distinction(mine[group[0]], others)
                given = parent, number, places, distinct, stage
                followed = self._followed(*given) if len(places) == 1 else None
                found.append(followed or self._decided(*given))
        return found

    def _followed(
        self, parent: FutureGroup, number: int, places: tuple[int, ...], distinct: str, stage: FirstStageOrders
    ) -> FutureGroup | None:
        """A future that is distinguished from all others goes on as its plan does, which nothing held from then on.

        None where that plan has signed by the date what the case does not admit, perhaps before the future was known.
        """
        here = parent.part(places)
        (plan,) = here.plans
        assert plan is not None  # a group has plans of all its futures
        known = stage.taking_over(parent.stage, parent.orders)
        late = late_parts(parent.solved_by, plan)
        orders = np.where(np.isnan(known), orders_of(stage, plan, late), known)
        if starts_unordered(stage, plan, orders, late):
            return None
        chances = tuple(self._first.chances[s] for s in places)
        status = _status(here.value, here.bound, self._first.options.gap)
        here = replace(here, orders=orders)
        return FutureGroup(
            stage.day, number, parent, places, chances, distinct, stage, orders, here, status, parent.solved_by
        )

    def _decided(
        self, parent: FutureGroup, number: int, places: tuple[int, ...], distinct: str, stage: FirstStageOrders
    ) -> FutureGroup:
        """Solve the two-stage program over the futures of a group, with what was ordered before as it is."""
        first, name = self._first, f"{stage.day.isoformat()}/{number}"
        alone, chances = parent.part(places), tuple(first.chances[s] for s in places)
        work = Work(
            first.base, [first.futures[s] for s in places], Measure(), stage, first.prices, first.options,
            first.clock.of_part(name), first.store, Asked(), parent,
        )  # fmt: skip
        work.chances = [one / sum(chances) for one in chances]
        work.starts, work.share, work.notes = first.starts, first.share, []
        work.raise_bound(alone.bound)
        work.take_least(alone.bounds)
        likely = alone.plans[int(np.argmax(chances))]
        assert likely is not None  # a group has plans of all its futures
        work.evaluate(self._executor, work.ordered_in(likely), "what its most probable future signs")
        work.search(self._executor, alone)
        if work.best is None:
            nothing = np.zeros(len(stage.orders))
            work.evaluate(self._executor, work.with_known(nothing), "ordering nothing more")
        if work.best is None:
            futures = [one.name for one in work.futures]
            raise nothing_found(f"group {name}", futures, [one.reasons for one in work.tried.values()])
        found = replace(work.best, bound=min(work.clock.lower, work.best.value))
        assert found.orders is not None  # it is the evaluation of orders
        status = _status(found.value, found.bound, first.options.gap)
        self._notes += [f"{name}: {note}" for note in work.notes]
        return FutureGroup(
            stage.day, number, parent, places, chances, distinct, stage, found.orders, found, status, stage
        )


def _status(value: float, bound: float, target: float) -> Status:
    """How the search of a group ended: whether the gap asked for is proven."""
    gap = Measure().gap(value, bound) if bound > -INFINITY else INFINITY
    if gap <= ROUNDING:
        return Status.OPTIMAL
    return Status.GAP_REACHED if gap <= target + ROUNDING else Status.TIME_LIMIT


def note_of(policy: Policy) -> str:
    """Return what the groups say of what is known by the later dates, in words; empty where it is as expected."""
    first, last = groups_of(policy)[0], groups_of(policy)[-1]
    as_planned = all(one.solved_by is root_of(policy).stage for one in last)
    if as_planned and all(len(one.places) == 1 for one in first) and len(last) > 1:
        return (
            f"every future is distinguished before what is to be signed by {first[0].day.isoformat()} is "
            "decided: all is as with the first date alone"
        )
    if len(last) == 1:
        day = last[0].day.isoformat()
        return f"no two futures are distinguished in time: what is ordered by {day} is the same in all of them"
    return ""
