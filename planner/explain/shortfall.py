"""Why rules cannot hold: the critical demand that any plan must leave unprotected, by rule and period."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Unpack

import numpy as np

from planner.api import AnyCase, Case
from planner.case.case import CaseData
from planner.errors import InfeasibleError, NoPlanError, PlannerError
from planner.inputs import Inputs, make_inputs
from planner.options import SolveKeywords, SolveOptions, chosen_options
from planner.program import quickest_program
from planner.redundancy.network import NOTHING, Cut, Network
from planner.redundancy.separate import violated_cuts
from planner.redundancy.symbols import CUT
from planner.runs.compile import make_mip
from planner.runs.progress import Clock, OnProgress
from planner.runs.session import find_point
from planner.solve.arrays import INFINITY, Arrays, Floats, NewRow
from planner.solve.linear import solve_by_itself
from planner.solve.mip import MixedIntegerProgram
from planner.solve.scaling import scaled
from planner.symbols import COMPUTE, PERIOD, RULE, Column, Variable, rows_of

UNPROTECTED = Variable[tuple[int, int, int]](
    "unprotected_compute", (RULE, PERIOD, "demand"), COMPUTE, "critical compute that stays unprotected", "redundancy"
)
MOST_ROUNDS = 100
LARGEST_GAP = 0.999
"""Of a solve that looks for any plan."""
LEAST_SHARE = 1e-5
"""Shares below this are none."""
MOST_NAMED = 3
"""Losses named per rule and period."""


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A rule that cannot hold in a period.

    Attributes
    ----------
    rule : str
        The rule that cannot hold.
    period : str
        The period in which it cannot hold.
    unprotected_share : float
        Share of the critical compute that cannot be carried after the worst loss (least sum over rules and periods,
        blocks taken as divisible: whole blocks may need more).
    demands : tuple of str
        The market and workload of what is not carried, the largest first.
    contingencies : tuple of str
        The losses that cause it, the most expensive first.
    """

    rule: str
    period: str
    unprotected_share: float
    demands: tuple[str, ...]
    contingencies: tuple[str, ...]

    def __str__(self) -> str:
        if self.contingencies == (NOTHING,):
            return (
                f'"{self.rule}" cannot hold in {self.period}: at least {self.unprotected_share:.1%} of what it asks '
                f"for cannot be carried although nothing is lost ({', '.join(self.demands)})"
            )
        losses = " or of ".join(self.contingencies) or "some domain"
        return (
            f'"{self.rule}" cannot hold in {self.period}: after the loss of {losses} at least '
            f"{self.unprotected_share:.1%} of what is critical is not carried ({', '.join(self.demands)})"
        )


@dataclass(frozen=True, slots=True)
class Reason:
    """Whether a case is infeasible, and why.

    Attributes
    ----------
    kind : str
        ``rules`` (proven: some redundancy rules cannot hold, even if blocks were divisible), ``indivisible_blocks``
        (proven infeasible, though the rules could hold if blocks were divisible), ``other`` (proven infeasible, even
        without any redundancy rule), ``feasible`` (the case has a plan) or ``undecided`` (neither a plan nor a proof
        found).
    shortfalls : tuple of Shortfall
        The rules that cannot hold; empty unless the kind is ``rules``.
    detail : str
        Why it is undecided; otherwise empty.
    """

    kind: str
    shortfalls: tuple[Shortfall, ...] = ()
    detail: str = ""

    @property
    def text(self) -> str:
        """The reason in words."""
        if self.kind == "rules":
            return "; ".join(str(one) for one in self.shortfalls)
        if self.kind == "undecided":
            return f"the rules could hold if blocks were divisible; whether a plan exists is not decided: {self.detail}"
        return _TEXT[self.kind]


_TEXT = {
    "indivisible_blocks": "the rules could hold if blocks were divisible, but no plan in whole blocks meets them "
    "and the other limits of the case",
    "other": "the case cannot be met even without redundancy rules",
    "feasible": "the case has a plan: nothing has to be left unprotected",
}


class _Elastic:
    """The relaxation with critical compute that may stay unprotected, which is minimised.

    Its columns follow those of the program: one for each rule, period and critical demand. Cuts come after.
    """

    def __init__(self, mip: MixedIntegerProgram, network: Network) -> None:
        self._network = network
        self.column: dict[tuple[int, int, int], int] = {}
        width = mip.arrays.column_count
        critical: list[float] = []
        weight: list[float] = []
        for r, rule in enumerate(network.rules):
            for t, d in np.argwhere(rule.critical > 0.0):
                self.column[r, int(t), int(d)] = width + len(critical)
                critical.append(float(rule.critical[t, d]))
                weight.append(1.0 / float(rule.critical[t].sum()))
        names = [Column(UNPROTECTED, key) for key in self.column]
        arrays = mip.arrays.with_cost(np.zeros(width)).relaxed().extended(names, [])
        upper, cost = arrays.upper.copy(), arrays.cost.copy()
        upper[width:], cost[width:] = critical, weight
        self.mip = mip.with_arrays(_without_cuts(arrays.with_bounds(arrays.lower, upper).with_cost(cost)))

    def still_protected(self, x: Floats) -> Network:
        """The network with only what a point protects."""
        rules = []
        for r, rule in enumerate(self._network.rules):
            critical = rule.critical.copy()
            for (number, t, d), column in self.column.items():
                if number == r:
                    critical[t, d] = max(0.0, critical[t, d] - float(x[column]))
            critical[critical < LEAST_SHARE * rule.critical] = 0.0
            rules.append(replace(rule, critical=critical))
        return replace(self._network, rules=tuple(rules))

    def solve(self, clock: Clock, seconds: float) -> tuple[Floats, Floats] | None:
        """The least sum of unprotected shares, and duals; None if it is proven that giving up protection is no help.

        Raises
        ------
        NoPlanError
            If the time is up, or the solver gives up.
        """
        for _ in range(MOST_ROUNDS):
            clock.report("unprotected demand")
            outcome = solve_by_itself(self.mip.arrays, max(0.0, seconds - clock.seconds))
            if outcome.status == "infeasible":
                return None
            x, dual = outcome.x, outcome.row_dual
            if outcome.status != "optimal" or x is None or dual is None:
                why = "the solver gave up" if clock.seconds < seconds else "the time limit came first"
                raise NoPlanError(f"the least demand that stays unprotected was not found: {why}")
            cuts = violated_cuts(self.still_protected(x), self.mip.installed_gw(x))
            if not cuts:
                return x, dual
            before = self.mip.arrays
            extended, columns, rows = self.mip.with_cuts(cuts)
            names = extended.arrays.columns[before.column_count : before.column_count + columns]
            number = iter(cuts)
            elastic = [self._elastic_row(row, next(number)) if row.key.constraint == CUT else row for row in rows]
            self.mip = extended.with_arrays(before.extended(names, elastic))
        raise PlannerError(f"reason of a broken rule: still violated cuts after {MOST_ROUNDS} rounds; please report it")

    def _elastic_row(self, row: NewRow, cut: Cut) -> NewRow:
        given = {d: y for d, y in enumerate(cut.weights) if y > 0.0 and (cut.rule, cut.period, d) in self.column}
        columns = [self.column[cut.rule, cut.period, d] for d in given]
        return replace(
            row,
            index=np.concatenate([row.index, columns]).astype(np.int32),
            value=np.concatenate([row.value, list(given.values())]),
            lower=cut.need_compute(self._network),
        )


def _without_cuts(arrays: Arrays) -> Arrays:
    """The first cuts of a program hold no share: they are separated anew."""
    lower = arrays.row_lower.copy()
    lower[[place for place, _ in rows_of(CUT, arrays.rows)]] = -INFINITY
    return replace(arrays, row_lower=lower)


def shortfalls(
    case: AnyCase,
    *,
    options: SolveOptions | None = None,
    on_progress: OnProgress | None = None,
    **keywords: Unpack[SolveKeywords],
) -> Reason:
    """Find out whether the redundancy rules of a case can hold; if not, which, when, and what stays unprotected.

    A relaxation with divisible blocks comes first. If all rules can hold there, the case itself is solved until a plan
    is found, or the proof that there is none; its cost does not matter.

    Parameters
    ----------
    case : Case, CaseData, str or Path
        A str or Path as of `Case.read`.
    options, on_progress, **keywords
        As of `Case.solve`; ``time_limit_s`` is the wall time of the whole call. The gap makes no difference.

    Raises
    ------
    CaseError
        If the case is not valid.
    OptionError
        If an option is invalid, or the solver is not installed.

    Examples
    --------
    >>> shortfalls("three_sites").kind
    'feasible'
    """
    clock, chosen, read = Clock(on_progress), chosen_options(options, keywords), Case.of(case)
    try:
        reason = _of_relaxation(read, clock, chosen.seconds)
        if reason.kind in ("rules", "other"):
            return reason
        left = chosen.within(chosen.seconds - clock.seconds)
        find_point(read.inputs, replace(left, gap=LARGEST_GAP), Clock(on_progress), whole_rules=True)
    except InfeasibleError:
        return reason if reason.kind == "indivisible_blocks" else Reason("other")
    except NoPlanError as error:
        return Reason("undecided", detail=str(error))
    return Reason("feasible")


def reason_infeasible(case: CaseData) -> Reason:
    """Explain why a case is infeasible of which that is proven; see `shortfalls`.

    Raises
    ------
    NoPlanError
        If the solver gives up.
    """
    reason = _of_relaxation(case, Clock(), math.inf)
    return reason if reason.kind != "no_rules" else Reason("other")


def _of_relaxation(case: CaseData, clock: Clock, seconds: float) -> Reason:
    """What the relaxation shows: ``rules`` and ``other`` are proven; the rest holds only of an infeasible case."""
    inputs = make_inputs(case)
    mip = scaled(make_mip(quickest_program(inputs), inputs))
    if mip.network is None:
        return Reason("no_rules")
    elastic = _Elastic(mip, mip.network)
    answer = elastic.solve(clock, seconds)
    if answer is None:
        return Reason("other")
    found = tuple(_shortfalls(inputs, mip.network, elastic, *answer))
    return Reason("rules" if found else "indivisible_blocks", found)


def _shortfalls(inputs: Inputs, network: Network, elastic: _Elastic, x: Floats, dual: Floats) -> Iterator[Shortfall]:
    costly = _costly_losses(elastic.mip.arrays, dual)
    lacking: dict[tuple[int, int], dict[int, float]] = {}
    for (r, t, d), column in elastic.column.items():
        lacking.setdefault((r, t), {})[d] = float(x[column])
    for (r, t), compute in lacking.items():
        rule = network.rules[r]
        share = sum(compute.values()) / float(rule.critical[t].sum())
        if share <= LEAST_SHARE:
            continue
        short = [d for d in compute if compute[d] > LEAST_SHARE * rule.critical[t, d]]
        demands = (" ".join(network.demands[d]) for d in sorted(short, key=lambda d: (-compute[d], d)))
        price = costly.get((r, t), {})
        losses = [rule.contingency(lost) for lost in sorted(price, key=lambda lost: (-price[lost], lost))]
        yield Shortfall(rule.name, inputs.calendar.labels[t], share, tuple(demands), tuple(losses[:MOST_NAMED]))


def _costly_losses(arrays: Arrays, dual: Floats) -> dict[tuple[int, int], dict[tuple[int, ...], float]]:
    """The losses whose cuts have a price, by rule and period."""
    found: dict[tuple[int, int], dict[tuple[int, ...], float]] = {}
    for place, (r, lost, t, _) in rows_of(CUT, arrays.rows):
        if dual[place] > 0.0 and np.isfinite(arrays.row_lower[place]):
            of_period = found.setdefault((r, t), {})
            of_period[lost] = of_period.get(lost, 0.0) + float(dual[place])
    return found
