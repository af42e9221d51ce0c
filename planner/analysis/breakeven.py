"""Break-even: how far a number may move before the plan changes, and at what price an unused offer enters."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Unpack

from planner.analysis.contract_matching import match_contracts
from planner.analysis.stability import contract_blocks
from planner.api import Case
from planner.case.case import CaseData
from planner.changes.apply import apply_changes
from planner.changes.figures import Number, number_at
from planner.changes.values import change_text
from planner.errors import CaseError, InfeasibleError, NoPlanError, OptionError, PlannerError
from planner.inputs import Inputs
from planner.options import SolveKeywords, SolveOptions
from planner.plan.plan import PlanData
from planner.program.columns import BLOCKS
from planner.program.family import Family
from planner.program.ledger import Ledger
from planner.program.terms import PyomoModel
from planner.runs.outcome import Outcome
from planner.runs.progress import OnProgress
from planner.runs.variants import SAME_UNSERVED, Runner, runner_of
from planner.status import Status

SAME_COST = 1e-7
"""Relative difference below which two costs are the same, whatever the gap."""
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
        or serve less.
    why : str
        What is better there, or why the decisions cannot be kept.
    contracts : tuple of dict
        What changes there: rows as of the table ``contracts`` of a comparison.
    undecided : bool
        Whether a limit or an interruption left open what holds at ``first_changed``.
    """

    last_same: float
    first_changed: float | None
    regret_busd: float | None = None
    why: str = ""
    contracts: tuple[dict[str, Any], ...] = field(default=(), repr=False)
    undecided: bool = False


@dataclass(frozen=True, slots=True)
class BreakEven:
    """The interval in which the decisions of the plan hold.

    Attributes
    ----------
    place : str
        The number that moves.
    value : float
        Its value in the case.
    below, above : Edge
    gap : float
        A value counts as "the same" while no plan is found that is cheaper by more than this share of the cost.
    tolerance : float
        Width to which the edges are found.
    """

    place: str
    value: float
    below: Edge
    above: Edge
    gap: float
    tolerance: float
    solves: int


def break_even(
    case: Case | CaseData,
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
    """How far a number may move before the contracts of the plan are not the best ones any more.

    At each value tried the case is solved twice: freely, and with the contracts of the plan kept while all else adapts.
    The contracts hold while the free plan is not cheaper by more than the gap and does not serve more. That they do on
    one interval is certain for prices, of which the cost is a linear function; for other numbers it is assumed.

    Parameters
    ----------
    case : Case or CaseData
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
    width = _width(low, high, tolerance)
    if not low <= target.value <= high:
        raise OptionError(f"{target.text} is {target.value:g}, which is not between the limits {low:g} and {high:g}")
    return width


def _width(low: float, high: float, tolerance: float | None) -> float:
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
        return Edge(inside, outside, found.regret_busd, found.why, tuple(shown), found.undecided)

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
        kept = self._keep(case, label)
        if kept.plan is None and kept.status is Status.INFEASIBLE:
            return _Judgement(same=False, why="the contracts of the plan cannot be kept", plan=free.plan)
        if kept.plan is None:
            return _Judgement(same=False, why=kept.reason, undecided=True)
        return self._compared(free, kept)

    def _keep(self, case: CaseData, label: str) -> Outcome:
        inputs = Case.of(case).inputs
        blocks = contract_blocks(self._base, inputs)
        known = {choice.key for of_offer in inputs.choices.values() for choice in of_offer}
        if any(key not in known for key in blocks):
            return Outcome(Status.INFEASIBLE, reason="a contract of the plan is not possible any more")
        return self._runner.solve(case, f"{label}, contracts kept", (_keep_family(blocks),), "contracts of the base")

    def _compared(self, free: Outcome, kept: Outcome) -> _Judgement:
        assert kept.plan is not None  # the caller has looked
        more = float(kept.unserved_share or 0.0) - float(free.unserved_share or 0.0)
        if more > SAME_UNSERVED:
            return _Judgement(same=False, why=f"another plan serves {more:.3%} more of the demand", plan=free.plan)
        cost = float(kept.cost_busd or 0.0)
        regret = cost - float(free.cost_busd or 0.0)
        if -more > SAME_UNSERVED or regret <= max(self._runner.options.gap, SAME_COST) * abs(cost):
            return _Judgement(same=True, regret_busd=max(0.0, regret), plan=free.plan)
        return _Judgement(False, regret, f"another plan is ${regret:,.6f}B cheaper", free.plan)


def _keep_family(blocks: dict[tuple[str, str, int, int], int]) -> Family:
    """The contracts of a plan, block by block, and no others."""

    def build(m: PyomoModel, _data: Inputs, _ledger: Ledger) -> None:
        for key, variable in BLOCKS.of(m).items():
            variable.setlb(blocks.get(key, 0))
            variable.setub(blocks.get(key, 0))

    return Family("breakeven_keep", build, requires=("contract",))


@dataclass(frozen=True, slots=True)
class Entry:
    """The price at which an offer enters the plan.

    Attributes
    ----------
    place : str
    value : float
        Price in the case.
    enters_at : float or None
        Highest price tried at which a plan with the offer is proven better than any without; None: at none tried.
    out_at : float or None
        Lowest price tried at which no plan with the offer is proven better; None: it enters up to ``high``.
        Between the two the gap leaves it open.
    cost_without_busd : float
        Cost of the best plan without the offer.
    uses : tuple of str
        Contracts of the offer at ``enters_at``.
    """

    place: str
    value: float
    enters_at: float | None
    out_at: float | None
    cost_without_busd: float
    gap: float
    tolerance: float
    uses: tuple[str, ...]
    solves: int


def entry_price(
    case: Case | CaseData,
    place: str,
    low: float,
    high: float,
    *,
    tolerance: float | None = None,
    runner: Runner | None = None,
    options: SolveOptions | None = None,
    on_progress: OnProgress | None = None,
    **keywords: Unpack[SolveKeywords],
) -> Entry:
    """At what price an offer enters the plan.

    The best plan without the offer is found once; it does not depend on the price. At a price the offer enters when a
    plan is found that costs less than the *bound* of the plans without it; it stays out when the bound of all plans
    reaches the cost without it. With a gap of 0 the two meet; with a gap there is a band of prices about which nothing
    is known; both of its ends are reported.

    Parameters
    ----------
    case : Case or CaseData
    place : str
        A price of an offer, such as ``offers[key].rent_musd_per_mw_year`` or ``offers[key].capex_busd_per_gw_it``.
    low, high : float
        Limits of the search, in the unit of the column.
    tolerance, runner, options, on_progress, **keywords
        As in `break_even`.

    Raises
    ------
    CaseError, OptionError
        If the place is not a price of an offer, or the limits make no sense.
    InfeasibleError, NoPlanError
        If there is no plan without the offer: it is needed at any price, or the case has no plan at all.
    """
    data, use = Case.of(case), runner_of(runner, options, on_progress, keywords)
    target = number_at(data, place)
    if target.table != "offers" or target.whole:
        raise OptionError(f"{place}: an entry price is a price of an offer, such as offers[key].rent_musd_per_mw_year")
    width = _width(low, high, tolerance)
    before = use.solves
    without = use.solve(data, f"without {target.key}", (_ban_family(target.key),), f"without {target.key}")
    if without.status is Status.INFEASIBLE:
        raise _needed(data, target, low, use, without)
    plan = without.required()
    cost, bound = float(plan.summary["cost_busd"]), plan.summary["bound_busd"]
    least = float("-inf") if bound is None else float(bound)
    off = SAME_COST * abs(cost)

    def at(price: float) -> Outcome:
        return use.variant(lambda: apply_changes(data, [change_text(target.text, price)]), f"{target.text}={price:g}")

    def enters(price: float) -> bool:
        outcome = at(price)
        if outcome.plan is None:
            return _unknown(outcome)
        fewer = float(plan.summary["unserved_share"]) - float(outcome.unserved_share or 0.0)
        return fewer > SAME_UNSERVED or float(outcome.cost_busd or 0.0) < least - off

    def stays_out(price: float) -> bool:
        outcome = at(price)
        if outcome.plan is None:
            return _unknown(outcome)
        fewer = float(plan.summary["unserved_share"]) - float(outcome.unserved_share or 0.0)
        return fewer <= SAME_UNSERVED and outcome.bound_busd is not None and outcome.bound_busd >= cost - off

    enters_at = _last(enters, low, high, width)
    out_at = _last(stays_out, high, low, width)
    uses: tuple[str, ...] = ()
    if enters_at is not None:
        found = at(enters_at).required()
        uses = tuple(
            f"{row['contract']}: {row['it_mw']:g} IT MW"
            for row in found.rows("contracts")
            if row["origin"] == "decided" and str(row["offer"]) == target.key
        )
    return Entry(target.text, target.value, enters_at, out_at, cost, use.options.gap, width, uses, use.solves - before)


def _needed(case: CaseData, target: Number, low: float, use: Runner, without: Outcome) -> PlannerError:
    """Why there is no plan without an offer: it is needed if there is one with it; else the case has none."""
    found = use.solve(case, "base")
    if found.plan is None:
        cheap = f"{target.text}={low:g}"
        found = use.variant(lambda: apply_changes(case, [change_text(target.text, low)]), cheap)
    if found.status is Status.INFEASIBLE:
        reason = (
            f"the case has no plan, with {target.key} (at {target.value:g} and at {low:g}) or without: {found.reason}"
        )
        return InfeasibleError(reason)
    if found.plan is None:
        return NoPlanError(f"there is no plan without {target.key}; none was found with it: {found.reason}")
    forced = next((one for one in case.model.forced if one.offer == target.key), None)
    why = without.reason if forced is None else f"the case forces it ({forced})"
    return InfeasibleError(f"{target.key} is needed at any price: {why}")


def _unknown(outcome: Outcome) -> bool:
    """Nothing is proven at a price at which a limit left no plan; a price that the case does not admit is a fault."""
    if outcome.status is Status.INVALID_CASE:
        raise PlannerError(outcome.reason)
    return False


def _ban_family(offer: str) -> Family:
    """Nothing of an offer is decided."""

    def build(m: PyomoModel, _data: Inputs, _ledger: Ledger) -> None:
        for key, variable in BLOCKS.of(m).items():
            if key[0] == offer:
                variable.setub(0)

    return Family("breakeven_ban", build, requires=("contract",))


def _last(holds: Callable[[float], bool], inside: float, limit: float, width: float) -> float | None:
    """The last value, going from one towards a limit, at which something holds; None when it does not to begin with."""
    if not holds(inside):
        return None
    if holds(limit):
        return limit
    outside = limit
    for _ in range(MOST_STEPS):
        if abs(outside - inside) <= width:
            break
        middle = (inside + outside) / 2
        if holds(middle):
            inside = middle
        else:
            outside = middle
    return inside
