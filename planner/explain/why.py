"""Why something is in a plan, or why not: what forcing it out or in costs, proven as far as two bounds prove it."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Unpack

import numpy as np

from planner.errors import OptionError
from planner.explain.linear_cuts import LinearAnswer, relaxation_of, solve_with_cuts
from planner.explain.why_account import AccountEntry, account_of
from planner.explain.why_blocks import programmes_in_the_way
from planner.explain.why_early import last_early
from planner.explain.why_entry import EntryRange, entry_range, no_entry_note
from planner.explain.why_missing import LEAST_S, Missing, least_missing
from planner.explain.why_moved import Moved, moved_between
from planner.explain.why_near import Near
from planner.explain.why_plan import audited_plan
from planner.explain.why_program import Force, PlanProgram, program_of
from planner.explain.why_shortfall import EARLY, InTheWay, in_the_way
from planner.explain.why_solve import solve_forced
from planner.explain.why_target import Target, amount_in_plan, find_target, signed_it_mw
from planner.options import SolveKeywords, SolveOptions, chosen_options
from planner.plan.plan import PlanData, required_plan
from planner.runs.progress import Clock, OnProgress
from planner.solve.arrays import INFINITY
from planner.solve.mip import MixedIntegerProgram
from planner.solve.records import Answer, SolveProgress
from planner.status import Status
from planner.system import interrupts

TIME_LIMIT_S = 19.0
"""Wall time for each name, unless another is given."""
GAP_SHARE = 0.2
"""The gap asked for, as a share of that of the plan: a difference is looked for, which is smaller than a cost."""
KEPT_SHARE, KEPT_S, KEPT_MOST_S = 0.16, 1.0, 10.0
"""Time kept back for the price of entry, tables and audit: a share, between a least and a most number of seconds."""
MISSING_SHARE, MISSING_S = 0.3, 60.0
"""Share of the time for what would be missing where no plan can have it so, and most seconds of any such search."""
SAME_COST = 1e-6
"""Share of the cost below which two costs are the same."""
IN, OUT = "in", "out"


@dataclass(frozen=True, slots=True, repr=False)
class Why:
    """What came of forcing one thing into a plan, or out of it. Money is $B of present value.

    Attributes
    ----------
    kind, name : str
        What was forced: a ``site``, ``offer``, ``provider``, ``chip``, ``programme`` or ``period``.
    forced : str
        ``in``: at least one block (of a chip: the IT MW of the smallest block that takes it) is decided; ``out``:
        nothing of it is decided. Signed contracts stay, either way.
    in_plan : float
        How much of it the plan decides, in ``unit``.
    unit : str
        ``blocks``, ``IT GW`` or ``programme`` (1: undertaken).
    status : Status
        How the forced solve ended: ``infeasible`` is proven.
    plan_cost_busd, plan_bound_busd : float, float or None
        Of the plan.
    cost_busd, bound_busd : float or None
        Of the best plan with it forced, and what no such plan costs less than.
    difference_busd : float or None
        Cost found less cost of the plan. Below 0: the plan was not the best; None: no plan was found.
    least_busd, most_busd : float, float or None
        Between these the true difference lies: proven. The plan's own gap is part of it.
    divisible_busd : float or None
        What it would cost if blocks could be divided: a difference of two relaxations, exact but not a bound.
    in_the_way : tuple of InTheWay
        Why it cannot be forced, where it cannot.
    account : tuple of AccountEntry
        At the prices of the relaxation: what it pays, uses and brings, in all ``divisible_busd`` at the margin. Of
        sites, offers and providers forced in; of one period only where the relaxation has it in no other.
    entry : EntryRange or None
        The price at which it enters. Of sites, offers and providers forced in; None where the time was over, and of one
        period where the plan has it in others.
    moved : tuple of Moved
        What differs between the plan and the one found, by site, provider and chip.
    plan : PlanData or None
        The plan found: an audited plan of the same case.
    seconds : float
        Wall time.
    missed : tuple of InTheWay
        Where no plan with it forced was found that misses no more than this one, though it could be had if blocks
        could be divided: what the best plan found with it forced misses. Less may be possible.
    time_limit_s : float or None
        Wall time that was given; None without a limit.
    missed_note : str
        Why nothing is in ``missed`` where something could be: no point was found in time, or none was looked for.
    entry_note : str
        Why ``entry`` is None, of a site, an offer or a provider forced in.
    missed_share : float or None
        The sum of what is ``missed``, each kind (cash, demand, protection, ...) as a share of all that is asked for.
    missed_cost_busd : float or None
        What the plan that misses this costs. What is missed bears no price in it. None where nothing is missed, or the
        time did not suffice.
    signed_it_mw : float
        IT MW of its signed contracts, of a site, an offer or a provider: they stay, and count as nothing decided.
    """

    kind: str
    name: str
    forced: str
    in_plan: float
    unit: str
    status: Status
    plan_cost_busd: float
    plan_bound_busd: float | None
    cost_busd: float | None
    bound_busd: float | None
    difference_busd: float | None
    least_busd: float
    most_busd: float | None
    divisible_busd: float | None
    in_the_way: tuple[InTheWay, ...]
    account: tuple[AccountEntry, ...]
    entry: EntryRange | None
    moved: tuple[Moved, ...]
    plan: PlanData | None = field(repr=False)
    seconds: float
    missed: tuple[InTheWay, ...] = ()
    time_limit_s: float | None = None
    missed_note: str = ""
    entry_note: str = ""
    missed_share: float | None = None
    missed_cost_busd: float | None = None
    signed_it_mw: float = 0.0

    @property
    def gap(self) -> float | None:
        """Cost found less its bound, relative to the cost."""
        if self.cost_busd is None or self.bound_busd is None:
            return None
        return (self.cost_busd - self.bound_busd) / abs(self.cost_busd) if self.cost_busd else 0.0

    @property
    def is_answered(self) -> bool:
        """Whether a plan was found, or a proof that there is none, and no signal ended the search."""
        found = self.cost_busd is not None or self.status is Status.INFEASIBLE
        return found and self.status is not Status.INTERRUPTED

    @property
    def finding(self) -> str:
        """What is proven.

        ``infeasible``: no plan can have it so; ``costs_more``: it does, by ``least_busd`` at least; ``open``: a plan
        was found, and the difference lies inside the gaps; ``cheaper``: a plan was found that costs less than this one;
        ``unknown``: no plan was found, nor a proof that there is none.
        """
        rounding = SAME_COST * max(1.0, abs(self.plan_cost_busd))
        if self.status is Status.INFEASIBLE:
            return "infeasible"
        if self.least_busd > rounding:
            return "costs_more"
        if self.difference_busd is None:
            return "unknown"
        return "cheaper" if self.difference_busd < -rounding else "open"

    def __repr__(self) -> str:
        what = f"{self.kind} {self.name} forced {self.forced}"
        if self.difference_busd is None:
            return f"Why({what}: {self.finding})"
        most = "not bounded" if self.most_busd is None else f"${self.most_busd:,.3f}B"
        sign = "-" if self.difference_busd < 0.0 else "+"
        found = f"{sign}${abs(self.difference_busd):,.3f}B"
        return f"Why({what}: {found}, proven ${self.least_busd:,.3f}B to {most})"

    def document(self) -> dict[str, Any]:
        """Everything but the plan as plain values, for JSON."""
        found = {name: value for name, value in asdict(replace(self, plan=None)).items() if name != "plan"}
        return {**found, "gap": self.gap, "finding": self.finding}


def why(
    plan: PlanData,
    names: str | Sequence[str],
    *,
    options: SolveOptions | None = None,
    on_progress: OnProgress | None = None,
    **keywords: Unpack[SolveKeywords],
) -> tuple[Why, ...]:
    """Say of each name what it costs that it is in the plan, or that it is not: it is forced out, or in, and solved.

    Each solve starts from the plan. What a plan misses (shortfalls, unserved demand) no forced plan misses more of.

    Parameters
    ----------
    plan : Plan
        An audited plan; the better it is proven, the narrower is what is known of a difference.
    names : str or sequence of str
        Keys of sites, offers, providers, chips or optional programmes, or labels of periods; ``KIND:NAME`` where a key
        is of two kinds, ``NAME@PERIOD`` for what of it begins in a period.
    options, on_progress, **keywords
        As of `Case.solve`; ``time_limit_s`` (19 s) is the wall time for each name, ``gap`` (a fifth of the plan's) that
        at which its search may stop.

    Returns
    -------
    tuple of Why
        In the order of the names; where a signal ended a command, of those that were asked by then.

    Raises
    ------
    OptionError
        If a name is none, with the nearest that there is; all wrong names at once.
    PlanError
        If the tables of the plan do not fit its case.

    Examples
    --------
    >>> from planner import Case
    >>> found = why(Case.read("three_sites").solve(gap=0.0), "south")[0]
    >>> found.forced, found.finding, round(found.difference_busd, 6) > 0.0
    ('out', 'costs_more', True)
    """
    plan = required_plan(plan, "why")
    program = program_of(plan)
    target_gap = GAP_SHARE * float(plan.summary["gap_target"])
    chosen = chosen_options(options, keywords, SolveOptions(gap=target_gap, time_limit_s=TIME_LIMIT_S))
    targets = _targets([names] if isinstance(names, str) else names, program)
    base = solve_with_cuts(program.mip, relaxation_of, chosen.seconds)
    answers: list[Why] = []
    for target in targets:
        try:
            answers.append(_Question(program, target, base, chosen, on_progress).answer())
        except interrupts.Interrupted:
            if not answers:
                raise
        if interrupts.asked() is not None:
            break
        interrupts.hold()  # from here on there are answers to lose
    return tuple(answers)


def _targets(names: Iterable[str], program: PlanProgram) -> list[Target]:
    found, wrong = [], []
    for name in dict.fromkeys(names):
        try:
            found.append(find_target(name, program.inputs))
        except OptionError as error:
            wrong.append(str(error))
    if wrong:
        raise OptionError("\n".join(wrong))
    return found


class _Question:
    """One name: forced, solved, and what follows from it."""

    def __init__(
        self,
        program: PlanProgram,
        target: Target,
        base: LinearAnswer,
        options: SolveOptions,
        on_progress: OnProgress | None,
    ) -> None:
        self._program, self._base, self._options = program, base, options
        self._amount = amount_in_plan(target, program.inputs, program.plan)
        self._force = Force.of(target, program, into=not self._amount)
        self._clock = Clock(on_progress)

    def answer(self) -> Why:
        """Solve what there is to solve, the cheapest proof first."""
        force, program = self._force, self._program
        empty = force.never(program.mip.arrays)
        self._clock.report(f"{force.target.words}: relaxation")
        hard = program.mip.with_arrays(force.hard(program.mip.arrays)) if not empty else program.mip
        relaxed = self._base if empty else solve_with_cuts(hard, relaxation_of, self._left())
        if empty or relaxed.status == "infeasible":
            return self._infeasible(relaxed)
        blocked = programmes_in_the_way(program, force)
        if blocked:
            return self._infeasible(relaxed, self._missing(hard, Status.INFEASIBLE, None), blocked)
        search = self._options.within(self._left() - self._kept())
        forced = solve_forced(program, force, relaxed, search, self._show, self._kept() - LEAST_S)
        solved, missing = forced.answer, Missing()
        if solved.x is None and solved.status is not Status.INTERRUPTED:
            missing = self._missing(hard, solved.status, forced.near)
            if missing.answer is not None and missing.answer.x is not None:
                solved = replace(missing.answer, bound=max(missing.answer.bound, solved.bound))
        if solved.status is Status.INFEASIBLE or missing.proven:
            return self._infeasible(relaxed, missing, self._early() if forced.none_early else ())
        # Forcing something cannot make the best plan cheaper: what no plan costs less than, none of these does.
        bound = max(solved.bound, relaxed.bound_busd, program.bound_busd)
        plan = None if solved.x is None else self._plan(solved)
        return self._why(solved.status, plan, bound, relaxed, solved, missing=missing)

    def _kept(self) -> float:
        """Seconds kept back for what follows the search."""
        if not np.isfinite(self._options.seconds):
            return 0.0
        return min(KEPT_MOST_S, max(KEPT_S, KEPT_SHARE * self._options.seconds))

    def _missing(self, hard: MixedIntegerProgram, status: Status, near: Near | None) -> Missing:
        """What would be missing in whole blocks, with a part of the time where that it is impossible is known."""
        kept = self._kept() if self._force.into and status is not Status.INFEASIBLE else 0.0
        most = MISSING_S if status is not Status.INFEASIBLE else min(MISSING_S, MISSING_SHARE * self._options.seconds)
        seconds = max(LEAST_S, min(most, self._left() - kept))
        return least_missing(self._program, self._force, hard, near, self._options.within(seconds), self._show)

    def _show(self, one: SolveProgress) -> None:
        self._clock.report(f"{self._force.target.words}: {one.stage}")

    def _left(self) -> float:
        return self._options.seconds - self._clock.seconds

    def _infeasible(
        self, relaxed: LinearAnswer, missing: Missing | None = None, blocked: tuple[InTheWay, ...] = ()
    ) -> Why:
        self._clock.report(f"{self._force.target.words}: what stands in its way")
        options = self._options.within(max(1.0, self._left()))
        way = blocked or in_the_way(self._program, self._force, relaxed, options, self._show)
        excluded = bool(blocked) or self._force.never(self._program.mip.arrays)
        return self._why(Status.INFEASIBLE, None, INFINITY, relaxed, None, way, missing, excluded=excluded)

    def _early(self) -> tuple[InTheWay, ...]:
        """That the first half of the horizon by itself has no plan."""
        inputs = self._program.inputs
        return (InTheWay(EARLY.format(inputs.calendar.labels[last_early(len(inputs.periods))]), ()),)

    def _plan(self, answer: Answer) -> PlanData:
        """The plan found, as an audited plan of the same case; its bound is that of the case."""
        self._clock.report(f"{self._force.target.words}: audit")
        assert answer.x is not None  # the caller has looked
        return audited_plan(self._program, answer.x, answer.mip, self._options)

    def _why(
        self,
        status: Status,
        plan: PlanData | None,
        bound: float,
        relaxed: LinearAnswer,
        solved: Answer | None,
        way: tuple[InTheWay, ...] = (),
        missing: Missing | None = None,
        *,
        excluded: bool = False,
    ) -> Why:
        program, force = self._program, self._force
        cost, infeasible = None if plan is None else plan.cost_busd, status is Status.INFEASIBLE
        if cost is not None:
            bound = min(bound, cost)
        account: tuple[AccountEntry, ...] = ()
        if force.into and solved is not None:
            account = account_of(force.target, program.inputs, relaxed)
        entry, entry_note = self._entry(solved, cost, bound, excluded=excluded) if force.into else (None, "")
        known = np.isfinite(bound)
        most = None if cost is None or not np.isfinite(program.bound_busd) else max(0.0, cost - program.bound_busd)
        divisible = relaxed.bound_busd - self._base.bound_busd
        return Why(
            force.target.kind,
            force.target.label,
            IN if force.into else OUT,
            self._amount,
            force.amounts.unit,
            status,
            program.cost_busd,
            program.plan.bound_busd,
            cost,
            bound if known else None,
            None if cost is None else cost - program.cost_busd,
            max(0.0, bound - program.cost_busd) if known else 0.0,
            most,
            None if infeasible or not np.isfinite(divisible) else divisible,
            way,
            account,
            entry,
            () if plan is None else moved_between(program.plan, plan),
            plan,
            self._clock.seconds,
            missing.missed if missing else (),
            self._options.seconds if np.isfinite(self._options.seconds) else None,
            missing.note if missing and plan is None else "",
            entry_note,
            missing.share if missing else None,
            missing.cost_busd if missing else None,
            signed_it_mw(force.target, program.inputs, program.plan),
        )

    def _entry(
        self, solved: Answer | None, cost: float | None, bound: float, *, excluded: bool
    ) -> tuple[EntryRange | None, str]:
        """The price at which it enters, or why there is none or none is known; an answer that is late comes without."""
        program, force = self._program, self._force
        self._clock.report(f"{force.target.words}: price of entry")
        ended = self._left() <= 0.0 or interrupts.asked() is not None
        seconds, entry = max(1.0, self._left()), None
        if solved is not None and not ended:
            entry = entry_range(program, force, solved.x, cost, bound, seconds)
        if entry is not None:
            return entry, ""
        infeasible = solved is None
        return None, no_entry_note(
            program, force, excluded=excluded, infeasible=infeasible, ended=ended, seconds=seconds
        )
