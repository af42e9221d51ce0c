"""What is asked of a plan under uncertainty beside its expected cost: limits in probability, and the least regret."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from planner.case.messages import shorten
from planner.errors import AuditError, OptionError
from planner.inputs import Inputs
from planner.runs.outcome import Outcome
from planner.solve.arrays import INFINITY
from planner.solve.mip import MixedIntegerProgram
from planner.status import Status
from planner.uncertainty.bounding import ScenarioProgram
from planner.uncertainty.chance import ChanceColumns, ChanceLimit, chance_limits, columns_of
from planner.uncertainty.chance_audit import Verdict, verdicts
from planner.uncertainty.evaluation import Evaluation
from planner.uncertainty.measure import Measure
from planner.uncertainty.meeting import Meeting, SolveHeld, meeting
from planner.uncertainty.prices import refuse_prices
from planner.uncertainty.recourse import RECOURSE
from planner.uncertainty.regret import LargestRegret, regretting, with_regret
from planner.uncertainty.two_stage import FirstStage


@dataclass(frozen=True, slots=True)
class Asked:
    """Limits in probability, and whether the largest regret is minimised.

    Attributes
    ----------
    limits : tuple of ChanceLimit
    regret : bool
    """

    limits: tuple[ChanceLimit, ...] = ()
    regret: bool = False

    @classmethod
    def of(
        cls,
        chance: Mapping[str, float] | None,
        *,
        regret: bool,
        weight: float,
        hard: bool,
        prices: Mapping[str, float] | None,
    ) -> "Asked":
        """Return what is asked.

        Raises
        ------
        OptionError
            If a limit or a price makes no sense, or options exclude each other.
        """
        wrong = {name: one for name, one in (("hard", hard), ("regret", regret)) if not isinstance(one, bool)}
        if wrong:
            said = (f"{name} {shorten(repr(one))}: must be True or False" for name, one in wrong.items())
            raise OptionError("; ".join(said))
        refuse_prices({} if prices is None else prices)
        if hard and prices:
            raise OptionError("prices of shortfalls and hard rules exclude each other")
        limits = chance_limits({} if chance is None else chance)
        if limits and hard:
            raise OptionError("limits in probability and hard rules exclude each other: with these nothing is missing")
        if regret and weight:
            raise OptionError("the least regret and a weight of the CVaR exclude each other: minimise one of them")
        return cls(limits, regret)

    @property
    def nothing(self) -> bool:
        """Whether nothing is asked beside the expected cost and the CVaR."""
        return not (self.limits or self.regret)

    @property
    def stage_share(self) -> float:
        """Share of the usual gap of each future: a regret is a difference, with the gaps of two plans in it."""
        return 0.5 if self.regret else 1.0

    def measured(self, outcomes: Sequence[Outcome], measure: Measure) -> Measure:
        """Return what is minimised, now that it is known what each future costs by itself."""
        if not self.regret or any(outcome.plan is None for outcome in outcomes):
            return measure
        said: list[dict[str, Any]] = [one.plan.summary[RECOURSE] for one in outcomes if one.plan is not None]
        costs = tuple(float(one["cost_busd"]) for one in said)
        bounds = tuple(-INFINITY if one["bound_busd"] is None else float(one["bound_busd"]) for one in said)
        return LargestRegret(measure.level, 0.0, costs, bounds)

    def evaluated(
        self,
        orders: Any,
        outcomes: Sequence[Outcome],
        measure: Measure,
        chances: Sequence[float],
        solve: SolveHeld,
        tried: list[Meeting],
    ) -> Evaluation:
        """Return what a first stage (None: each future by itself) costs under the limits; note what was tried."""
        found = Evaluation.of(orders, outcomes, measure, chances)
        if self.limits and not any(outcome.status is Status.INTERRUPTED for outcome in outcomes):
            known = meeting(outcomes, self.limits, chances, solve)
            tried += [] if orders is None else [known]
            found = limited(found, known, measure)
        if orders is None and self.regret and found.value < INFINITY:
            return replace(found, value=0.0, bound=0.0)  # what is known beforehand is not regretted
        return found

    def columns(self, chances: Sequence[float], orders: int) -> ChanceColumns:
        """Return the variables of the limits, behind the orders in the first stage."""
        return ChanceColumns(self.limits, tuple(chances), orders)

    def first_stage(self, first: FirstStage, chances: Sequence[float]) -> FirstStage:
        """Return the first stage of the orders with what is asked."""
        found = self.columns(chances, first.width).added_to(first) if self.limits else first
        return with_regret(found) if self.regret else found

    def scenario(
        self, program: ScenarioProgram, s: int, chances: Sequence[float], measure: Measure,
        missing: Mapping[str, Any],
    ) -> ScenarioProgram:  # fmt: skip
        """Return the program of a future with what is asked.

        Parameters
        ----------
        program : ScenarioProgram
            With links to the orders alone.
        s : int
        chances : sequence of float
        measure : Measure
        missing : mapping of str to array
            Columns that say what is missing, by limit.
        """
        block, mip, orders = program.block, program.mip, program.block.first.shape[1]
        columns = self.columns(chances, orders)
        width = orders + columns.count + (1 if self.regret else 0)
        if self.limits:
            block = columns.linked(s, block, missing, width)
        if isinstance(measure, LargestRegret):
            block = regretting(block, measure.costs[s], width)
            mip = None if mip is None else mip.with_arrays(block.arrays)
        return ScenarioProgram(block, mip)

    def missing(self, compiled: MixedIntegerProgram, made: MixedIntegerProgram, inputs: Inputs) -> dict[str, Any]:
        """Return the columns that say what is missing of each limit."""
        return {one.name: columns_of(one.name, compiled, made, inputs) for one in self.limits}

    def verdicts(self, names: Sequence[str], chances: Sequence[float], found: Evaluation) -> tuple[Verdict, ...]:
        """Return the audit of the limits, from the plans of the futures.

        Raises
        ------
        AuditError
            If the plans do not keep them.
        """
        futures = {
            name: (chance, plan) for name, chance, plan in zip(names, chances, found.plans, strict=True)
            if plan is not None
        }  # fmt: skip
        verdicts_ = verdicts({one.name: one.share for one in self.limits}, futures)
        broken = [
            f"{one.limit} is met in {100 * one.met:.6g} % of the futures, {100 * one.asked:.6g} % were asked for"
            for one in verdicts_ if not one.kept
        ]  # fmt: skip
        if broken:
            raise AuditError(f"the plans of the futures do not keep the limits in probability: {'; '.join(broken)}")
        return verdicts_


def limited(found: Evaluation, known: Meeting, measure: Measure) -> Evaluation:
    """Return what a first stage costs under limits in probability: with the plans that keep them at the least measure.

    Parameters
    ----------
    found : Evaluation
        Without them.
    known : Meeting
    measure : Measure
    """
    free = tuple(zip(found.costs, found.bounds, strict=True))
    chosen, proven = known.choose(measure)
    bound = INFINITY if proven is None else proven.bound
    if chosen is None:
        return replace(found, value=INFINITY, bound=bound, free=free)
    outcomes = [known.outcome(s, missed) for s, missed in enumerate(chosen.missed)]
    made = Evaluation.of(found.orders, outcomes, measure, known.chances)
    return replace(made, bound=min(bound, made.value), free=free)
