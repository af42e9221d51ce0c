"""How much of a difference each change explains: in the order given, or by Shapley where there are few."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import factorial
from typing import Any, Literal, Unpack

import pandas as pd

from planner.analysis.resolve import Pair, Resolved, Variant, further_by, refuse_limit, resolve_open
from planner.analysis.shown import Shown, signed_busd
from planner.api import AnyCase, Case, Plan
from planner.case.case import CaseData
from planner.case.check import check_case
from planner.changes.apply import apply_changes, apply_whatif
from planner.changes.schema import AnyChanges, WhatIf, words_of
from planner.errors import CaseError, OptionError
from planner.options import SolveKeywords, SolveOptions
from planner.plan.plan import PlanData
from planner.runs.difference import Difference, Standing, difference_of
from planner.runs.outcome import misses_differ
from planner.runs.progress import OnProgress
from planner.runs.variants import Runner, runner_of, slack_busd, unserved_compute_years
from planner.status import Status

SAME_SHARE = 1e-9
"""Costs that differ by this share of themselves are the same."""
MOST_SHAPLEY = 6
"""Most changes for Shapley: it needs two to this power solves."""
ALL = "all"
"""The name of the whole difference among those that are solved further."""
How = AnyChanges | Callable[[CaseData], CaseData]
Change = tuple[str, How]
"""A name, and how the case changes: changes in any form that `Case.what_if` takes, or a function."""

COLUMNS: dict[str, str] = {
    "change": "name of the change",
    "cost_difference_busd": "part of the difference of the costs it explains, present value",
    "cost_uncertainty_busd": "by how much that part may be off, for the gaps of the solves it is made of",
    "low_busd": "the true part is not below this: proven; empty where nothing is",
    "high_busd": "nor above this",
    "sign": "more, less or equal: proven; open: it lies inside the gaps. Where plans miss unlike amounts, of these",
    "unserved_difference_compute_years": "part of the difference of unserved demand it explains, compute-years",
    "cash_difference_busd": "part of the difference of what is signed and not paid",
    "programme_difference_mw_years": "the same of what committed programmes lack, IT MW and facility MW times years",
    "protection_difference_compute_years": "the same of what is critical and not protected",
    "head_room_difference_compute_years": "the same of what head-room lacks",
    "cost_share": "part of the cost difference, as a share of the difference; empty if that is zero",
}  # fmt: skip
MISSED = {
    "cash": "cash_difference_busd",
    "programme": "programme_difference_mw_years",
    "protection": "protection_difference_compute_years",
    "head-room": "head_room_difference_compute_years",
}
"""The column of each tier of shortfalls but unserved demand."""


@dataclass(frozen=True, slots=True, repr=False)
class Attribution(Shown):
    """The parts of a difference, one row per change; they add up to it.

    Attributes
    ----------
    order : str
        ``given`` or ``shapley``.
    base : Plan
        The plan without any change.
    changed : Plan
        The plan with all changes.
    rows : tuple of dict
        The parts (``planner.analysis.attribution.COLUMNS``).
    solves : int
        Different cases solved.
    results : tuple of (Status, bool)
        Status of every solve, and whether there is a plan.
    resolved : tuple of Resolved
        What came of the parts whose sign was open, if these were solved further.
    """

    order: str
    base: Plan
    changed: Plan
    rows: tuple[dict[str, Any], ...]
    solves: int
    results: tuple[tuple[Status, bool], ...] = ()
    resolved: tuple[Resolved, ...] = ()

    def __repr__(self) -> str:
        return f"Attribution({self.order}, {len(self.rows)} changes, cost {signed_busd(self.cost_difference_busd)})"

    @property
    def cost_difference_busd(self) -> float:
        """Cost with all changes less cost with none, present value."""
        return float(self.changed.summary["cost_busd"]) - float(self.base.summary["cost_busd"])

    @property
    def difference(self) -> Difference:
        """What is proven of the whole difference."""
        return Difference.between(self.changed.summary, self.base.summary)

    @property
    def missed(self) -> str:
        """In what the plan with all changes misses more or less (then costs do not compare); empty: in nothing."""
        return str(misses_differ(self.changed.summary, self.base.summary) or "")

    @property
    def unserved_difference_compute_years(self) -> float:
        """Unserved demand with all changes less that with none."""
        return unserved_compute_years(self.changed) - unserved_compute_years(self.base)

    def table(self) -> pd.DataFrame:
        """The parts as a DataFrame."""
        return pd.DataFrame(list(self.rows), columns=list(COLUMNS))


@dataclass(frozen=True, slots=True)
class _Value:
    """Cost, how far it may be off, unserved demand and other shortfalls of one subset of the changes."""

    standing: Standing
    cost_busd: float
    slack_busd: float
    unserved: float
    missed: Mapping[str, float]


class _Subsets:
    """The plans of subsets of the changes, each solved once, when it is first asked for."""

    def __init__(self, case: Case, changes: Sequence[Change], runner: Runner) -> None:
        self._case, self._changes, self._runner = case, changes, runner
        self.plans: dict[frozenset[int], PlanData] = {}

    def plan(self, subset: frozenset[int]) -> PlanData:
        """Return the plan with these changes."""
        if subset not in self.plans:
            changed = _changed(self._case, self._changes, subset)
            self.plans[subset] = self._runner.solve(changed, self.label(subset)).required()
        return self.plans[subset]

    def label(self, subset: frozenset[int]) -> str:
        """Return the changes of a subset in words."""
        return " + ".join(self._changes[n][0] for n in sorted(subset)) or "no change"

    def resolve(self, order: str, seconds: float) -> tuple[Resolved, ...]:
        """Solve the plans further of which parts with an open sign are made."""
        plans = {_name(subset): plan for subset, plan in self.plans.items()}
        variants = {_name(subset): Variant(plan.case, self.label(subset)) for subset, plan in self.plans.items()}
        pairs = [
            Pair(
                name,
                tuple((w, _name(less | {n}), _name(less)) for w, less in _terms(order, n, len(self._changes))),
            )
            for n, (name, _) in enumerate(self._changes)
        ]
        pairs.append(Pair.of(ALL, _name(frozenset(range(len(self._changes)))), _name(frozenset())))
        found = resolve_open(pairs, plans, further_by(self._runner, variants, plans), seconds)
        self.plans = {subset: plans[_name(subset)] for subset in self.plans}
        return found

    def value(self, subset: frozenset[int]) -> _Value:
        """Return what the plan with these changes costs and misses."""
        plan = self.plan(subset)
        missed = {str(entry["tier"]): float(entry["amount"]) for entry in plan.summary.get("shortfalls") or ()}
        standing = Standing.of(plan.summary)
        return _Value(standing, standing.cost_busd, slack_busd(plan), unserved_compute_years(plan), missed)


def attribute(
    case: AnyCase,
    changes: Sequence[Change],
    order: Literal["given", "shapley"] = "given",
    *,
    resolve: bool = False,
    resolve_time_limit_s: float | None = None,
    runner: Runner | None = None,
    options: SolveOptions | None = None,
    on_progress: OnProgress | None = None,
    **keywords: Unpack[SolveKeywords],
) -> Attribution:
    """Attribute the difference that changes make to the single changes.

    Parameters
    ----------
    case : Case, CaseData, str or Path
        A str or Path as of `Case.read`.
    changes : sequence of (name, how)
        ``how`` is changes in any form that `Case.what_if` takes, or a function from case to case.
    order : str
        ``given``: each change is credited with what it adds after those before it (one solve per change).
        ``shapley``: the average of that over all orders, which favours none (two to the power of their number solves).
    resolve : bool
        Whether the plans of parts whose sign is open are solved further.
    resolve_time_limit_s : float or None
        Wall time for each of these parts; None: 60 s.
    runner : Runner or None
        Solves the variants, and may know some of them already; in place of the options.
    options, on_progress, **keywords
        As of `Case.solve`: ``gap``, ``time_limit_s``, ``threads``, ``seed``, ``solver``, of each solve.
        Without any of them the gap is 0.

    Raises
    ------
    OptionError
        If there are no changes, names are repeated, or there are too many for Shapley.
    CaseError
        If a change cannot be made.
    InfeasibleError, NoPlanError
        If some of the changes together leave no plan: a difference with no plan on one side cannot be split.
    """
    names = [name for name, _ in changes]
    _refuse(names, order)
    use = runner_of(runner, options, on_progress, keywords, SolveOptions(gap=0.0))
    before = use.solves
    seconds = refuse_limit(resolve_time_limit_s) if resolve else None
    subsets = _Subsets(Case.of(case), changes, use)
    resolved: tuple[Resolved, ...] = ()
    rows = _rows(names, order, subsets)
    if seconds is not None:
        resolved = subsets.resolve(order, seconds)
        rows = _rows(names, order, subsets)
    results = tuple((Status(plan.summary["status"]), True) for plan in subsets.plans.values())
    base, changed = subsets.plan(frozenset()), subsets.plan(frozenset(range(len(changes))))
    return Attribution(order, Plan.of(base), Plan.of(changed), rows, use.solves - before, results, resolved)


def _rows(names: Sequence[str], order: str, subsets: _Subsets) -> tuple[dict[str, Any], ...]:
    """Return the part of each change (``COLUMNS``)."""
    count = len(names)
    first, last = subsets.value(frozenset()).cost_busd, subsets.value(frozenset(range(count))).cost_busd
    whole = last - first
    same = SAME_SHARE * max(abs(first), abs(last))
    rows = []
    for n, name in enumerate(names):
        terms = _terms(order, n, count)
        values = [(weight, subsets.value(subset | {n}), subsets.value(subset)) for weight, subset in terms]
        difference = difference_of([(w, after.standing, less.standing) for w, after, less in values])
        part = sum(weight * (after.cost_busd - less.cost_busd) for weight, after, less in values)
        rows.append(
            {
                "change": name,
                "cost_difference_busd": part,
                "cost_uncertainty_busd": sum(w * (after.slack_busd + less.slack_busd) for w, after, less in values),
                **difference.columns(),
                "unserved_difference_compute_years": sum(w * (a.unserved - b.unserved) for w, a, b in values),
                **{
                    column: sum(w * (a.missed.get(tier, 0.0) - b.missed.get(tier, 0.0)) for w, a, b in values)
                    for tier, column in MISSED.items()
                },
                "cost_share": part / whole if abs(whole) > same else None,
            }
        )
    return tuple(rows)


def _refuse(names: Sequence[str], order: str) -> None:
    if order not in ("given", "shapley"):
        raise OptionError(f"order {order!r}: must be given or shapley")
    if not names:
        raise OptionError("nothing to attribute: name at least one change")
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise OptionError(f"changes need different names; repeated: {', '.join(repeated)}")
    if order == "shapley" and len(names) > MOST_SHAPLEY:
        raise OptionError(
            f"{len(names)} changes: Shapley is for at most {MOST_SHAPLEY} "
            f"(it would need {2 ** len(names):,} solves); group some of them, or use the order given"
        )


def parts_of(whatif: WhatIf) -> list[Change]:
    """Return the changes of a what-if, each as a change of its own, to attribute its effect to them.

    Examples
    --------
    >>> from planner.changes.apply import make_whatif
    >>> both = make_whatif(["chips[h100].price_busd_per_gw_it=20", "sites[north].max_it_mw=50"], "cheap and small")
    >>> [name for name, _ in parts_of(both)]
    ['1: set chips[h100].price_busd_per_gw_it', '2: set sites[north].max_it_mw']
    """
    named = [(f"{n}: {words_of(change)}", change) for n, change in enumerate(whatif.changes, 1)]
    return [(name, whatif.model_copy(update={"name": name, "changes": (change,)})) for name, change in named]


def _changed(case: CaseData, changes: Sequence[Change], subset: frozenset[int]) -> CaseData:
    """The case with some of the changes, made in the order given."""
    for n in sorted(subset):
        name, how = changes[n]
        if isinstance(how, WhatIf):
            case = apply_whatif(case, how).data
        elif callable(how):
            case = how(case)
            problems = check_case(case)
            if problems:
                raise CaseError(f"{case.origin} with {name}", problems)
        else:
            case = apply_changes(case, how)
    return case


def _name(subset: frozenset[int]) -> str:
    """The name of the run with these changes."""
    return ",".join(map(str, sorted(subset)))


def _terms(order: str, n: int, count: int) -> list[tuple[float, frozenset[int]]]:
    """Return what the part of a change is made of: weights, and the changes before it."""
    return _given_terms(n) if order == "given" else _shapley_terms(n, count)


def _given_terms(n: int) -> list[tuple[float, frozenset[int]]]:
    return [(1.0, frozenset(range(n)))]


def _shapley_terms(n: int, count: int) -> list[tuple[float, frozenset[int]]]:
    """Every subset without ``n``, with the share of the orders in which just these come before it."""
    others = [m for m in range(count) if m != n]
    return [
        (factorial(size) * factorial(count - size - 1) / factorial(count), frozenset(subset))
        for size in range(count)
        for subset in combinations(others, size)
    ]
