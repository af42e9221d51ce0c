"""Break-even: how far a number may move before the contracts of the plan change."""

from dataclasses import dataclass, field
from typing import Any, Unpack

import pandas as pd

from planner.analysis.contract_matching import match_contracts
from planner.analysis.kept_contracts import with_contracts
from planner.analysis.shown import Shown
from planner.api import AnyCase, Case
from planner.case.case import CaseData
from planner.changes.apply import apply_changes
from planner.changes.figures import Number, number_at
from planner.changes.values import change_text
from planner.errors import CaseError, OptionError
from planner.options import SolveKeywords, SolveOptions
from planner.plan.plan import PlanData
from planner.runs.difference import OPEN, Difference
from planner.runs.outcome import UNSERVED, Outcome, misses_differ
from planner.runs.progress import OnProgress
from planner.runs.variants import SAME_UNSERVED, Runner, runner_of
from planner.status import Status

SAME_COST = 1e-7
"""Relative difference below which two costs are the same, whatever the gap."""
EDGE_COLUMNS = (
    "last_same", "first_changed", "regret_busd", "regret_low_busd", "regret_high_busd", "undecided", "why",
)  # fmt: skip
MOST_STEPS = 60
MOST_CHANGES = 12
"""Changes of contracts named at each end."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One end of an interval.

    Attributes
    ----------
    last_same : float
        The outermost value tried at which the decisions of the plan are still best (within the gap).
    first_changed : float or None
        The innermost value tried at which they are not; None where they hold up to the limit of the search.
    regret_busd : float or None
        By how much the best plan found there is cheaper than keeping the decisions; None where they cannot be kept,
        or miss more (less is served, protected or paid).
    why : str
        What is better there, or why the decisions cannot be kept.
    contracts : tuple of dict
        What changes there: rows as of the table ``contracts`` of a comparison.
    undecided : bool
        Whether a limit or an interruption left open what holds at ``first_changed``.
    regret_low_busd, regret_high_busd : float or None
        What is proven of how much cheaper the best plan there is.
    """

    last_same: float
    first_changed: float | None
    regret_busd: float | None = None
    why: str = ""
    contracts: tuple[dict[str, Any], ...] = field(default=(), repr=False)
    undecided: bool = False
    regret_low_busd: float | None = None
    regret_high_busd: float | None = None


@dataclass(frozen=True, slots=True, repr=False)
class BreakEven(Shown):
    """The interval in which the decisions of the plan hold.

    Attributes
    ----------
    place : str
        The number that moves.
    value : float
        Its value in the case.
    below : Edge
        How far the value may fall.
    above : Edge
        How far the value may rise.
    gap : float
        A value counts as "the same" while no plan is found that is cheaper by more than this share of the cost.
    tolerance : float
        Width to which the edges are found.
    solves : int
        Different cases solved.
    """

    place: str
    value: float
    below: Edge
    above: Edge
    gap: float
    tolerance: float
    solves: int

    def __repr__(self) -> str:
        ends = f"{self.below.last_same:g} to {self.above.last_same:g}"
        return f"BreakEven({self.place}={self.value:g}, the contracts hold from {ends})"

    def table(self) -> pd.DataFrame:
        """The two edges as a DataFrame: every field but the contracts that change there."""
        edges = (("below", self.below), ("above", self.above))
        return pd.DataFrame(
            [{"end": end, **{name: getattr(edge, name) for name in EDGE_COLUMNS}} for end, edge in edges]
        )


def break_even(
    case: AnyCase,
    place: str,
    low: float,
    high: float,
    *,
    tolerance: float | None = None,
    runner: Runner | None = None,
    options: SolveOptions | None = None,
    on_progress: OnProgress | None = None,
    **keywords: Unpack[SolveKeywords],
) -> BreakEven:
    """Find the range of a number within which the contracts of the plan remain optimal.

    At each value tried the case is solved twice: freely, and with the contracts of the plan kept while all else adapts.
    The contracts hold while the free plan is not cheaper by more than the gap and does not miss less. That they do on
    one interval is certain for prices, of which the cost is a linear function; for other numbers it is assumed.

    Parameters
    ----------
    case : Case, CaseData, str or Path
        A str or Path as of `Case.read`.
    place : str
        ``table[key].column``, or ``model.key`` for a number of the model.
    low, high : float
        Limits of the search, in the unit of the column; the value of the case lies between them.
    tolerance : float or None
        Width to which the edges are found; None: a thousandth of ``high - low``.
    runner : Runner or None
        Solves the variants, and may know some of them already; in place of the options.
    options, on_progress, **keywords
        As of `Case.solve`: ``gap``, ``time_limit_s``, ``threads``, ``seed``, ``solver``, of each solve.

    Raises
    ------
    CaseError, OptionError
        If the place is none, is not a number, or the limits make no sense.
    InfeasibleError, NoPlanError
        If the case itself has no plan.
    """
    data, use = Case.of(case), runner_of(runner, options, on_progress, keywords)
    target = number_at(data, place)
    width = _refuse(target, low, high, tolerance)
    before = use.solves
    base = use.solve(data, "base").required()
    judge = _Judge(data, target, base, use)
    below = judge.edge(target.value, low, width)
    above = judge.edge(target.value, high, width)
    return BreakEven(target.text, target.value, below, above, use.options.gap, width, use.solves - before)


def _refuse(target: Number, low: float, high: float, tolerance: float | None) -> float:
    width = search_width(low, high, tolerance)
    if not low <= target.value <= high:
        raise OptionError(f"{target.text} is {target.value:g}, which is not between the limits {low:g} and {high:g}")
    return width


def search_width(low: float, high: float, tolerance: float | None) -> float:
    """The width to which an edge is found: a thousandth of the search unless another is given."""
    if not low < high:
        raise OptionError(f"limits {low:g} and {high:g}: the low one must be below the high one")
    width = (high - low) * 1e-3 if tolerance is None else tolerance
    if not 0.0 < width <= high - low:
        raise OptionError(f"tolerance {tolerance!r}: must be more than 0 and at most {high - low:g}")
    return width


@dataclass(frozen=True, slots=True)
class _Judgement:
    """Whether the contracts of the plan are best at a value, and if not, why."""

    same: bool
    regret_busd: float | None = None
    why: str = ""
    plan: PlanData | None = field(default=None, repr=False)
    undecided: bool = False
    proven: Difference | None = None

    @property
    def range_busd(self) -> tuple[float | None, float | None]:
        """What is proven of the regret, where there is one."""
        return (None, None) if self.proven is None else (self.proven.low_busd, self.proven.high_busd)


class _Judge:
    """Says at a value whether the contracts of the plan still hold, and finds where they cease to."""

    def __init__(self, case: CaseData, target: Number, base: PlanData, runner: Runner) -> None:
        self._data, self._target, self._base, self._runner = case, target, base, runner
        self._known: dict[float, _Judgement] = {}

    def edge(self, inside: float, limit: float, width: float) -> Edge:
        """Bisect between a value at which the contracts hold and a limit."""
        if inside == limit:
            return Edge(inside, None)
        if self._judged(limit).same:
            return Edge(limit, None)
        outside = limit
        for _ in range(MOST_STEPS):
            if abs(outside - inside) <= width:
                break
            middle = (inside + outside) / 2
            if self._target.whole:
                middle = float(round(middle))
                if middle in (inside, outside):
                    break
            if self._judged(middle).same:
                inside = middle
            else:
                outside = middle
        found = self._judged(outside)
        changed = [] if found.plan is None else match_contracts("", self._base, found.plan)
        shown = [row for row in changed if row["change"] != "kept"][:MOST_CHANGES]
        facts = (found.regret_busd, found.why, tuple(shown), found.undecided)
        return Edge(inside, outside, *facts, *found.range_busd)

    def _judged(self, value: float) -> _Judgement:
        if value not in self._known:
            self._known[value] = self._judge(value)
        return self._known[value]

    def _judge(self, value: float) -> _Judgement:
        label = f"{self._target.text}={value:g}"
        try:
            case = apply_changes(self._data, [change_text(self._target.text, value)])
        except CaseError as error:
            return _Judgement(same=False, why=f"the case is not valid there: {error}")
        free = self._runner.solve(case, label)
        if free.plan is None:
            return _Judgement(same=False, why=free.reason, undecided=free.status is not Status.INFEASIBLE)
        kept = with_contracts(self._base, case, self._runner, label)
        if kept.plan is None and kept.status is Status.INFEASIBLE:
            return _Judgement(same=False, why="the contracts of the plan cannot be kept", plan=free.plan)
        if kept.plan is None:
            return _Judgement(same=False, why=kept.reason, undecided=True)
        return self._compared(free, kept)

    def _compared(self, free: Outcome, kept: Outcome) -> _Judgement:
        assert kept.plan is not None  # the caller has looked
        assert free.plan is not None
        missed = misses_differ(free.plan.summary, kept.plan.summary)
        if missed is not None and missed.tier != UNSERVED:
            why = f"another plan misses less ({missed})"
            return _Judgement(same=missed.difference > 0.0, why=why if missed.difference < 0.0 else "", plan=free.plan)
        more = float(kept.unserved_share or 0.0) - float(free.unserved_share or 0.0)
        if more > SAME_UNSERVED:
            return _Judgement(same=False, why=f"another plan serves {more:.3%} more of the demand", plan=free.plan)
        cost = float(kept.cost_busd or 0.0)
        regret = cost - float(free.cost_busd or 0.0)
        if -more > SAME_UNSERVED or regret <= max(self._runner.options.gap, SAME_COST) * abs(cost):
            return _Judgement(same=True, regret_busd=max(0.0, regret), plan=free.plan)
        found = Difference.between(kept.plan.summary, free.plan.summary)
        why = f"another plan is ${regret:,.6f}B cheaper"
        if found.sign == OPEN:  # a limit of time left gaps larger than what was asked for
            why = f"undecided, {found}"
        return _Judgement(False, regret, why, free.plan, found.sign == OPEN, found)
