"""A bundle of scenarios bounded as one run of an executor: in this process, in others, or on a cluster."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from planner.case.case import CaseData
from planner.options import SolveOptions
from planner.redundancy.network import Cut
from planner.runs.outcome import Outcome
from planner.runs.task import Job
from planner.solve.arrays import INFINITY, Floats
from planner.status import Status
from planner.uncertainty.bounding import Bounded, TwoStageProgram
from planner.uncertainty.measure import Measure

How = Literal["relaxed", "whole"]


@dataclass(frozen=True, slots=True)
class BundleFound:
    """What the run of a bundle found.

    Attributes
    ----------
    bounded : Bounded
    cuts : tuple of tuple of Cut
        The redundancy cuts that were added to each scenario.
    """

    bounded: Bounded
    cuts: tuple[tuple[Cut, ...], ...]


@dataclass(frozen=True, slots=True)
class BundleWork:
    """What a run of a bundle does; plain data, for worker processes.

    Attributes
    ----------
    program : TwoStageProgram
        Its scenarios are those of the bundle.
    price : array
        Price of each column of the first stage.
    how : str
        ``relaxed``: the LP relaxation; ``whole``: its integer variables whole.
    start : array or None
        A point of the program of one scenario to begin from, after its first stage; NaN where nothing is known.
    """

    program: TwoStageProgram = field(repr=False)
    price: Floats = field(repr=False)
    how: How
    start: Floats | None = field(default=None, repr=False)

    def solve(self, _base: CaseData, _case: CaseData, options: SolveOptions, job: Job) -> Outcome:
        """Bound the bundle."""
        program = self.program.part(range(len(self.program.scenarios)), options)
        if self.how == "relaxed":
            found = program.relaxation(None, self.price)
        else:
            found = program.bounded_whole(self.price, options.gap, self.start)
        cuts = tuple(
            () if one.mip is None or before.mip is None else tuple(one.mip.cuts_since(before.mip))
            for one, before in zip(program.scenarios, self.program.scenarios, strict=True)
        )
        return Outcome(found.status, name=job.whatif.name, found=BundleFound(found, cuts))


def unknown(outcome: Outcome, scenarios: int) -> BundleFound:
    """Return what is known of a bundle whose run failed: nothing."""
    note = f"a bound of scenario {outcome.name} was not found: {outcome.reason}"
    return BundleFound(Bounded(Status.NO_PLAN, -INFINITY, notes=(note,)), ((),) * scenarios)


def taken(outcome: Outcome, program: TwoStageProgram, places: Sequence[int]) -> Bounded:
    """Take the cuts that a run has found into the program over all scenarios, and return what it has bounded."""
    found = outcome.found if isinstance(outcome.found, BundleFound) else unknown(outcome, len(places))
    for s, cuts in zip(places, found.cuts, strict=True):
        if cuts:
            program.scenarios[s].add(list(cuts))
    return found.bounded


def work_of(
    program: TwoStageProgram,
    places: Sequence[int],
    price: Floats,
    how: How,
    start: Floats | None = None,
    *,
    tail: bool = False,
) -> BundleWork:
    """Return the run of some scenarios with prices of their first stage; ``tail``: also of the value at risk."""
    part = program.part(places, replace(program.options, own_process=False))
    if how == "whole" and not tail:
        part.measure = Measure()  # what a scenario counts is in its weight
    return BundleWork(part, price, how, start)
