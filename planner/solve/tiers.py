"""Tiers of shortfalls: each kept least by a run of its own, under what was found for those before it."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from planner.options import SolveOptions
from planner.redundancy.network import Cut
from planner.redundancy.separate import violated_cuts
from planner.redundancy.symbols import CUT
from planner.solve import settings
from planner.solve.arrays import INFINITY, Arrays, Floats, NewRow
from planner.solve.mip import MixedIntegerProgram
from planner.solve.records import Answer, SolveProgress, TierResult
from planner.solve.relief import UNSERVED, Tier
from planner.solve.stages.proof import BOUND, FULL_PROGRAM
from planner.solve.state import Callback
from planner.status import Status
from planner.symbols import Row, rows_of

EXACT_GAP = 1e-6
"""Relative gap to which a shortfall is minimised where no tolerance is measured against the whole."""
MOST_SHARE = 0.5
"""Largest tolerance of a tier, whatever gap is asked for."""
SMALL_SHARE = 1e-3
"""A tier is *sought* to within the gap of its amount and this share of all that is asked for. The tolerance of its
proof counts all of it, and a plan that misses so much may be one of many that miss next to nothing."""
PROOFS = frozenset({BOUND.name, FULL_PROGRAM.name})
"""Stages that a run of a tier needs only as long as it is not within the tolerance of its proof."""
NOTHING_SHARE = 1e-9
"""Share of the whole below which a shortfall is rounding."""
SLACKS = (1e-9, 1e-8, 1e-7, 1e-6)
"""By how much, relative to what was found for a tier, the runs after it may miss more. A row without room for the
solver's own tolerances makes HiGHS 1.15.1 now and then call a program infeasible whose plan is known: then the next
follows."""
TOO_CLOSE = "the solver denied a plan that is known, so a share of {:g} more than was found may be missed"
"""Note on a run with more slack."""

SolveOnce = Callable[[MixedIntegerProgram, SolveOptions, Callback, Floats | None], Answer]
"""Solves a program with one objective: takes options, a callback and a point to start from."""


@dataclass(frozen=True, slots=True)
class Least:
    """The least of a tier that was found.

    Attributes
    ----------
    tier : Tier
    amount, bound : float
        What the plan misses (inf without a plan), and what every plan misses at least that misses no more than this one
        in the tiers before.
    gap : float
        Relative gap to which the tier was minimised, measured against the amount and `offset` together.
    offset : float
    """

    tier: Tier
    amount: float
    bound: float
    gap: float
    offset: float

    @property
    def proven(self) -> bool:
        """Return whether the amount is the least, up to the tolerance asked for and rounding."""
        size = self.amount + self.offset
        return self.amount - self.bound <= (self.gap + settings.ROUNDING) * size + 1e-9 * max(1.0, size)

    @property
    def nothing(self) -> bool:
        """Return whether nothing is missing but rounding."""
        return self.amount <= NOTHING_SHARE * self.tier.whole

    @property
    def result(self) -> TierResult:
        """Return what an answer states of it."""
        allowed = self.gap * (self.offset + self.amount) if self.offset else 0.0
        return TierResult(self.tier.name, self.amount, min(self.bound, self.amount), allowed)


@dataclass
class Descent:
    """The tiers of a program, minimised one after the other.

    Attributes
    ----------
    mip : MixedIntegerProgram
        With its relief.
    tiers : sequence of Tier
    options : SolveOptions
    left : callable
        Seconds left.
    callback, solve_once : callable
    interruptible : bool
        Whether runs stop while they are under way when the callback says so.
    cuts : list of Cut
        Redundancy cuts found so far: every later run begins with them.
    """

    mip: MixedIntegerProgram
    tiers: Sequence[Tier]
    options: SolveOptions
    left: Callable[[], float]
    callback: Callback
    solve_once: SolveOnce
    interruptible: bool
    cuts: list[Cut] = field(default_factory=list)

    def run(self) -> tuple[Answer, list[Least]]:
        """Minimise every tier; the answer has the last plan, or none with the reason."""
        answer, found = self._first()
        for number in range(1, len(self.tiers)):
            if answer.x is None or answer.status is Status.INTERRUPTED:
                break
            answer, least = self._next(number, found, answer)
            found.append(least)
        return answer, found

    def program(self, number: int, found: Sequence[Least], slack: float = SLACKS[0]) -> MixedIntegerProgram:
        """Return the program of a tier (of the cost: the number of tiers), under what was found for those before."""
        later = [r for tier in self.tiers[number + 1 :] for r in tier.rules]
        mip = self.mip.with_cuts(self.cuts)[0] if self.cuts else self.mip
        return _without_rules(_kept(mip, found, slack), later)

    def begun(self, x: Floats) -> Floats:
        """Return a point without the columns of cuts: they follow from the others."""
        return x[: self.mip.arrays.column_count]

    def _first(self) -> tuple[Answer, list[Least]]:
        """Minimise the first tier in half of the time left; if that gives no plan, take the plan without decisions.

        If there is no plan without decisions, the search for a plan, or for the proof that there is none, may take all
        of the time.
        """
        program, tier, undecided = self.program(0, ()), self.tiers[0], None
        if math.isfinite(self.left()) or len(self.tiers) > 1:
            undecided = self._least(tier, _without_decisions(program), self.options.within(self.left() / 4), None)
            if undecided[0].x is not None and undecided[1].amount <= NOTHING_SHARE * tier.whole:
                return undecided[0], [replace(undecided[1], amount=0.0, bound=0.0)]
        enough = self.left() / 2
        all_of_it = self.interruptible and undecided is not None and undecided[0].x is None
        limit = self.left() if all_of_it else enough
        # The run without decisions may have found cuts, whose columns this program does not have.
        begun = None if undecided is None or undecided[0].x is None else undecided[0].x[: program.arrays.column_count]
        answer, least = self._least(tier, program, self.options.within(limit), begun, enough_s=enough)
        if answer.x is not None or answer.status is not Status.NO_PLAN:
            return answer, [least]
        if undecided is None:
            undecided = self._least(tier, _without_decisions(program), self.options, None)
        if undecided[0].x is None:
            return answer, [least]
        return undecided[0], [replace(undecided[1], bound=least.bound)]

    def _next(self, number: int, found: Sequence[Least], before: Answer) -> tuple[Answer, Least]:
        """Minimise a further tier in half of the time left; if that gives no better plan, keep the one before."""
        tier, program = self.tiers[number], self.program(number, found)
        assert before.x is not None  # the caller has a plan
        x = self.begun(before.x)
        if tier.rules:
            x = least_short(program, tier.rules, x)
        gap, offset = self._tolerance(tier)
        amount = tier.amount(x)
        here = replace(before, x=x, objective=self.mip.arrays.objective(x))
        if amount <= NOTHING_SHARE * tier.whole:
            return here, Least(tier, 0.0, 0.0, gap, offset)
        answer, least = before, Least(tier, INFINITY, 0.0, gap, offset)

        def minimise(slack: float, seconds: float, begun: Floats) -> Answer:
            nonlocal least
            program = self.program(number, found, slack)
            one, least = self._least(tier, program, self.options.within(seconds), begun)
            return one

        answer = with_room(minimise, found, self.left() / 2, x)
        notes = tuple(dict.fromkeys((*before.notes, *answer.notes)))
        if answer.x is not None and least.amount <= amount:
            return replace(answer, notes=notes), least
        status = Status.INTERRUPTED if answer.status is Status.INTERRUPTED else Status.TIME_LIMIT
        return replace(here, status=status, notes=notes), Least(tier, amount, min(least.bound, amount), gap, offset)

    def _tolerance(self, tier: Tier) -> tuple[float, float]:
        """Return the relative gap of a tier, and what is added to its amount so that the gap is one of the whole."""
        share = min(MOST_SHARE, self.options.gap * tier.tolerance_share)
        exact = self.mip.arrays.column_count <= settings.CAREFUL_COLUMNS
        return (EXACT_GAP, 0.0) if exact or share <= EXACT_GAP else (share, tier.whole)

    def _least(
        self,
        tier: Tier,
        program: MixedIntegerProgram,
        options: SolveOptions,
        start: Floats | None,
        enough_s: float = INFINITY,
    ) -> tuple[Answer, Least]:
        """Minimise one tier, with a plan only for some seconds; its progress has no cost and no bound."""
        gap, offset = self._tolerance(tier)
        sought = offset * SMALL_SHARE if self.interruptible else offset
        cost = np.zeros(program.arrays.column_count)
        cost[tier.columns] = tier.weight
        begin = time.monotonic()
        asked = enough = near = False
        stage = "unserved demand" if tier.name == UNSERVED else f"shortfall of {tier.name}"

        def of_stage(progress: SolveProgress) -> bool:
            nonlocal asked, enough, near
            asked |= self.callback(SolveProgress(stage, progress.seconds, INFINITY, -INFINITY))
            # The search for a better plan ends by itself; the proof that there is none ends at its tolerance.
            whole = progress.objective - sought + offset
            proving = sought < offset and progress.stage in PROOFS
            near |= proving and progress.objective - max(sought, progress.bound) <= gap * whole
            enough |= math.isfinite(progress.objective) and time.monotonic() - begin >= enough_s
            return asked or enough or near

        measured = program.with_arrays(program.arrays.with_cost(cost, sought))
        answer = self.solve_once(measured, replace(options, gap=gap), of_stage, start)
        self.cuts = answer.mip.cuts_since(self.mip)
        if answer.status is Status.INTERRUPTED and (enough or near) and not asked:
            ended = Status.GAP_REACHED if near else Status.TIME_LIMIT
            answer = replace(answer, status=Status.NO_PLAN if answer.x is None else ended)
        bound = max(0.0, answer.bound - sought)
        if answer.x is None:
            return answer, Least(tier, INFINITY, bound, gap, offset)
        cost_busd = self.mip.arrays.objective(answer.x[: self.mip.arrays.column_count])
        least = Least(tier, tier.amount(answer.x), bound, gap, offset)
        return replace(answer, objective=cost_busd, bound=-INFINITY), least


def with_room(
    solve: Callable[[float, float, Floats], Answer], found: Sequence[Least], seconds: float, x: Floats
) -> Answer:
    """Solve a program under what was found, with a larger slack as long as the solver denies the point that is known.

    Parameters
    ----------
    solve : callable
        Takes a slack, seconds and a point to start from.
    found : sequence of Least
    seconds : float
        Time for all of it.
    x : array
        Satisfies the program.
    """
    begin = time.monotonic()
    notes: tuple[str, ...] = ()
    answer = solve(SLACKS[0], seconds, x)
    for slack in SLACKS[1:] if any(not least.nothing for least in found) else ():
        left = seconds - (time.monotonic() - begin)
        if answer.status not in (Status.INFEASIBLE, Status.NO_PLAN, Status.TIME_LIMIT) or left <= 0.0:
            break
        notes = (*notes, *answer.notes, TOO_CLOSE.format(slack))
        answer = solve(slack, left, x if answer.x is None else answer.x[: x.size])
    return replace(answer, notes=tuple(dict.fromkeys((*notes, *answer.notes))))


def least_short(mip: MixedIntegerProgram, rules: Sequence[int], x: Floats) -> Floats:
    """Return a point with as much short of some rules as its capacity makes necessary; at worst everything."""
    soft, network = mip.soft, mip.network
    assert soft is not None  # rules that may fall short have both
    assert network is not None
    point = x.copy()
    for r in rules:
        point[soft.short[r][soft.short[r] >= 0]] = 0.0
    for _ in range(settings.MOST_ROUNDS):
        cuts = violated_cuts(soft.at(network, point), mip.installed_gw(point))
        if not cuts:
            return point
        point = soft.covering(network, mip.installed_gw(point), point, cuts)
    return soft.all_short(network, rules, x)


def _kept(mip: MixedIntegerProgram, found: Sequence[Least], slack: float) -> MixedIntegerProgram:
    """Return the program with no more shortfall than was found, up to a relative slack."""
    arrays, rows = mip.arrays, []
    upper = arrays.upper.copy()
    for least in found:
        tier = least.tier
        if least.nothing:
            upper[tier.columns] = arrays.lower[tier.columns]
        else:
            most = least.amount * (1.0 + slack) + 1e-9
            rows.append(NewRow(Row(tier.row), tier.columns.astype(np.int32), tier.weight, -INFINITY, most))
    return mip.with_arrays(arrays.with_bounds(arrays.lower, upper).extended([], rows))


def _without_rules(mip: MixedIntegerProgram, rules: Sequence[int]) -> MixedIntegerProgram:
    """Return the program without some redundancy rules."""
    network = mip.network
    if not rules or network is None:
        return mip
    given_up = frozenset(rules)
    arrays = mip.arrays
    lower, upper = arrays.row_lower.copy(), arrays.upper.copy()
    lower[[place for place, (r, *_) in rows_of(CUT, arrays.rows) if r in given_up]] = -INFINITY
    if mip.soft is not None:
        short = mip.soft.short[sorted(given_up)]
        upper[short[short >= 0]] = 0.0
    left = tuple(
        replace(rule, critical=np.zeros_like(rule.critical)) if r in given_up else rule
        for r, rule in enumerate(network.rules)
    )
    arrays = replace(arrays.with_bounds(arrays.lower, upper), row_lower=lower)
    return replace(mip, arrays=arrays, network=replace(network, rules=left))


def _without_decisions(mip: MixedIntegerProgram) -> MixedIntegerProgram:
    """Return the program with every integer variable fixed at zero, or as near to it as its bounds allow."""
    return mip.with_arrays(undecided(mip.arrays))


def undecided(arrays: Arrays) -> Arrays:
    """Return a program with every integer variable fixed at zero, or as near to it as its bounds allow."""
    zero = np.clip(0.0, arrays.lower, arrays.upper)
    lower, upper = np.where(arrays.integer, zero, arrays.lower), np.where(arrays.integer, zero, arrays.upper)
    return arrays.with_bounds(lower, upper)
