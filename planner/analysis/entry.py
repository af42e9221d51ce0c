"""The price at which an offer that the plan does not use enters it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Unpack

import pandas as pd

from planner.analysis.breakeven import MOST_STEPS, SAME_COST, search_width
from planner.analysis.shown import Shown
from planner.api import AnyCase, Case
from planner.case.case import CaseData
from planner.changes.apply import apply_changes
from planner.changes.figures import Number, number_at
from planner.changes.values import change_text
from planner.errors import InfeasibleError, NoPlanError, OptionError, PlannerError
from planner.inputs import Inputs
from planner.options import SolveKeywords, SolveOptions
from planner.plan.plan import PlanData
from planner.program.columns import BLOCKS
from planner.program.family import Family
from planner.program.ledger import Ledger
from planner.program.terms import Program
from planner.runs.outcome import Outcome, misses_differ
from planner.runs.progress import OnProgress
from planner.runs.variants import SAME_UNSERVED, Runner, runner_of
from planner.status import Status

ENTRY_COLUMNS = ("place", "value", "enters_at", "out_at", "cost_without_busd", "gap", "tolerance", "solves")


@dataclass(frozen=True, slots=True, repr=False)
class Entry(Shown):
    """The price at which an offer enters the plan.

    Attributes
    ----------
    place : str
        The price that moves.
    value : float
        Price in the case.
    enters_at : float or None
        Highest price tried at which a plan with the offer is proven better than any without; None: at none tried.
    out_at : float or None
        Lowest price tried at which no plan with the offer is proven better; None: it enters up to ``high``.
        Between the two the gap leaves it open.
    cost_without_busd : float
        Cost of the best plan without the offer.
    gap : float
        Relative MIP gap of every solve.
    tolerance : float
        Width to which the prices are found.
    uses : tuple of str
        Contracts of the offer at ``enters_at``.
    solves : int
        Different cases solved.
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

    def __repr__(self) -> str:
        enters = "at no price tried" if self.enters_at is None else f"at {self.enters_at:g}"
        return f"Entry({self.place}={self.value:g}, the offer enters {enters})"

    def table(self) -> pd.DataFrame:
        """The prices as a DataFrame of one row: every field but the contracts."""
        return pd.DataFrame([{name: getattr(self, name) for name in ENTRY_COLUMNS}])


def entry_price(
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
) -> Entry:
    """At what price an offer enters the plan.

    The best plan without the offer is found once; it does not depend on the price. At a price the offer enters when a
    plan is found that costs less than the *bound* of the plans without it; it stays out when the bound of all plans
    reaches the cost without it. With a gap of 0 the two meet; with a gap there is a band of prices about which nothing
    is known; both of its ends are reported.

    Parameters
    ----------
    case : Case, CaseData, str or Path
        A str or Path as of `Case.read`.
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
    width = search_width(low, high, tolerance)
    before = use.solves
    without = use.solve(data, f"without {target.key}", (_ban_family(target.key),), f"without {target.key}")
    if without.status is Status.INFEASIBLE:
        raise _needed(data, target, low, use, without)
    offered = _Offered(data, target, use, without.required())
    enters_at = _last(offered.enters, low, high, width)
    out_at = _last(offered.stays_out, high, low, width)
    uses = () if enters_at is None else offered.contracts(enters_at)
    gap, solves = use.options.gap, use.solves - before
    return Entry(target.text, target.value, enters_at, out_at, offered.cost_busd, gap, width, uses, solves)


@dataclass(frozen=True, slots=True)
class _Offered:
    """The offer at a price, against the best plan without it."""

    case: CaseData
    target: Number
    runner: Runner
    without: PlanData

    @property
    def cost_busd(self) -> float:
        """Cost of the best plan without the offer."""
        return float(self.without.summary["cost_busd"])

    def at(self, price: float) -> Outcome:
        """Solve the case with the offer at this price; what was solved before is known."""
        text = self.target.text
        return self.runner.variant(lambda: apply_changes(self.case, [change_text(text, price)]), f"{text}={price:g}")

    def enters(self, price: float) -> bool:
        """Whether a plan is found that is better than every plan without the offer."""
        outcome = self.at(price)
        if outcome.plan is None:
            return _unknown(outcome)
        bound = self.without.summary["bound_busd"]
        least = float("-inf") if bound is None else float(bound)
        return self._misses_less(outcome) or float(outcome.cost_busd or 0.0) < least - self._off_busd

    def stays_out(self, price: float) -> bool:
        """Whether it is proven that no plan with the offer is better than the one without it."""
        outcome = self.at(price)
        if outcome.plan is None:
            return _unknown(outcome)
        bound = outcome.bound_busd
        return not self._misses_less(outcome) and bound is not None and bound >= self.cost_busd - self._off_busd

    def contracts(self, price: float) -> tuple[str, ...]:
        """Return the contracts at the offer in the plan at this price, in words."""
        return tuple(
            f"{row['contract']}: {row['it_mw']:g} IT MW"
            for row in self.at(price).required().rows("contracts")
            if row["origin"] == "decided" and str(row["offer"]) == self.target.key
        )

    @property
    def _off_busd(self) -> float:
        return SAME_COST * abs(self.cost_busd)

    def _misses_less(self, outcome: Outcome) -> bool:
        missed = misses_differ(outcome.required().summary, self.without.summary)
        if missed is not None:
            return missed.difference < 0.0
        fewer = float(self.without.summary["unserved_share"]) - float(outcome.unserved_share or 0.0)
        return fewer > SAME_UNSERVED  # where unserved demand is priced, it is no tier


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

    def build(m: Program, _data: Inputs, _ledger: Ledger) -> None:
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
