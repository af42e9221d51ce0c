"""Regret: what it costs to have decided for one run of a sweep, and to find oneself in the case of another.

The regret of the plan of a run in the case of another is the least cost there with the contracts of the plan kept (all
else adapts: chips, who serves whom, on-site power), less the least cost there.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Unpack

import pandas as pd

from planner.analysis.kept_contracts import with_contracts
from planner.analysis.shown import Shown
from planner.changes.schema import BASE
from planner.errors import NoPlanError, OptionError, UnknownNameError
from planner.figures.pictures import drawn, picture_html
from planner.figures.ranges import worst_bars
from planner.figures.studies import comparable, largest
from planner.options import SolveKeywords, SolveOptions
from planner.plan.plan import PlanData
from planner.runs.difference import EQUAL, NO_DIFFERENCE, Difference
from planner.runs.outcome import UNSERVED, Outcome, misses_differ
from planner.runs.progress import OnProgress
from planner.runs.variants import Runner, runner_of
from planner.status import Status

if TYPE_CHECKING:
    import matplotlib.figure

    from planner.analysis.sweep_result import Sweep

MOST_RUNS = 6
"""Runs taken where none is named: the base, and those whose cost differs most from it."""
LEAST_S = 0.05
"""Seconds below which no further solve is begun."""
NO_TIME = "not solved: the time limit came first"

COLUMNS: dict[str, str] = {
    "plan": "run whose contracts are kept",
    "case": "run in whose case they are kept",
    "status": "how the solve with these contracts ended (`planner.status.Status`)",
    "kept_busd": "least cost found in the case with these contracts, present value",
    "best_busd": "cost of the plan of the case itself",
    "regret_busd": "the former less the latter, 0 or more; empty where the contracts cannot be kept or miss other",
    "uncertainty_busd": "by how much it may be off at most, for the gaps of the two solves",
    "low_busd": "it is not below: proven",
    "high_busd": "it is not above: proven",
    "sign": "more (proven to be a regret), equal (proven to be none) or open (`planner.runs.difference`)",
    "reason": "why there is no regret; else empty",
}
"""Columns of `Regret.table`."""
PROVEN = ("uncertainty_busd", "low_busd", "high_busd", "sign")
"""Of them, what is proven of a regret."""


@dataclass(frozen=True, slots=True, repr=False)
class Regret(Shown):
    """What the contracts of each run cost in the case of each other.

    Attributes
    ----------
    names : tuple of str
        The runs.
    rows : tuple of dict
        One for each pair of a plan and a case (``planner.analysis.regret.COLUMNS``).
    """

    names: tuple[str, ...]
    rows: tuple[dict[str, Any], ...]

    def __repr__(self) -> str:
        least = next(iter(self.worst()), None)
        if least is None:
            return "Regret(no run has a plan)"
        words = "" if least["worst_busd"] is None else f", at most ${least['worst_busd']:,.3f}B"
        return f"Regret({len(self.names)} runs; least by {least['plan']}{words}, impossible in {least['impossible']})"

    def worst(self) -> list[dict[str, Any]]:
        """The plans, the least regretted first: those that can be kept in most cases, then by the largest regret.

        Returns
        -------
        list of dict
            ``plan``, ``worst_busd`` (its largest regret), ``uncertainty_busd``, ``low_busd``, ``high_busd`` and
            ``sign`` of it, ``case`` in which, and ``impossible``, the number of cases in which it has no regret.
        """
        return worst_of(self.names, self.rows)

    def table(self) -> pd.DataFrame:
        """The rows as a DataFrame."""
        return pd.DataFrame(list(self.rows), columns=list(COLUMNS))

    def figure(self, *, dark: bool = False) -> "matplotlib.figure.Figure":
        """The largest regret of each plan, as a figure of matplotlib; needs the extra ``report``."""
        return drawn(worst_bars(self.worst(), len(self.names)), dark=dark)

    def _picture(self) -> str:
        return picture_html(lambda: worst_bars(self.worst(), len(self.names)), "The largest regret of each plan")


def worst_of(names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The plans with their largest regret, the least regretted first (see `Regret.worst`)."""
    found = []
    for name in names:
        own = [row for row in rows if row["plan"] == name]
        known = [row for row in own if row["regret_busd"] is not None]
        most = max(known, key=lambda row: float(row["regret_busd"]), default=None)
        found.append(
            {
                "plan": name,
                "worst_busd": None if most is None else most["regret_busd"],
                **{key: None if most is None else most[key] for key in PROVEN},
                "case": "" if most is None else most["case"],
                "impossible": len(own) - len(known),
            }
        )
    return sorted(found, key=lambda row: (row["impossible"], row["worst_busd"] or 0.0, row["plan"]))


def regret_of(
    sweep: "Sweep",
    runs: Sequence[str] = (),
    *,
    within_s: float | None = None,
    runner: Runner | None = None,
    options: SolveOptions | None = None,
    on_progress: OnProgress | None = None,
    **keywords: Unpack[SolveKeywords],
) -> Regret:
    """Solve the case of each run with the contracts of each other's plan: n x (n - 1) solves for n runs.

    Parameters
    ----------
    sweep : Sweep
    runs : sequence of str
        The runs; empty: the base and those whose cost differs most from it, six in all.
    within_s : float or None
        Wall time of all solves together, s: each may take an equal share of what is left. The best plan found by then
        counts, with what is proven of it; a pair for which there is none has the reason. None: no limit.
    runner : Runner or None
        Solves, and may know some of them already; in place of the options.
    options, on_progress, **keywords
        As of `Case.solve`: ``gap``, ``time_limit_s``, ``threads``, ``seed``, ``solver``, of each solve.

    Raises
    ------
    OptionError
        If fewer than two runs have a plan.
    UnknownNameError, NoPlanError
        If a run that is named did not end, or has no plan.
    """
    use = runner_of(runner, options, on_progress, keywords)
    plans = _plans(sweep, runs)
    if within_s is None:
        rows = [_row(plans, one, other, use) for one in plans for other in plans]
    else:
        rows = _rows_within(plans, use, within_s)
    return Regret(tuple(plans), tuple(rows))


def _rows_within(plans: Mapping[str, PlanData], runner: Runner, seconds: float) -> list[dict[str, Any]]:
    """Return the rows of all pairs, found in so many seconds in all."""
    given, end = runner.options, time.monotonic() + SolveOptions(time_limit_s=seconds).seconds
    rows, left = [], len(plans) * (len(plans) - 1)
    try:
        for one in plans:
            for other in plans:
                if one != other:
                    share = (end - time.monotonic()) / left
                    left -= 1
                    runner.options = given.within(min(share, given.seconds)) if share > LEAST_S else given
                    if share <= LEAST_S:
                        rows.append(_row_of(one, other, Outcome(Status.NO_PLAN, reason=NO_TIME), plans[other]))
                        continue
                rows.append(_row(plans, one, other, runner))
    finally:
        runner.options = given
    return rows


def _plans(sweep: "Sweep", runs: Sequence[str]) -> dict[str, PlanData]:
    rows = list(sweep.overview())
    chosen = list(dict.fromkeys(runs)) or [BASE, *largest(rows, MOST_RUNS - 1)]
    found: dict[str, PlanData] = {}
    for name in chosen:
        try:
            found[name] = sweep.plan(name)
        except (NoPlanError, UnknownNameError):
            if runs:
                raise
    if len(found) <= 1:
        needed = "regret needs two runs with a plan: name them, or sweep what-ifs whose cost differs"
        raise OptionError(f"{needed}{'' if runs else _left(rows)}")
    return found


def _left(rows: Sequence[Mapping[str, Any]]) -> str:
    """Why the runs of a sweep were not chosen, as the end of a sentence."""
    why: dict[str, list[str]] = {}
    for row in rows[1:]:
        if row["cost_less_base"] is None:
            reason = "without a plan"
        elif not comparable(row, rows[0]):
            reason = "does not miss the same as the base"
        else:
            reason = (
                "the same as the base" if row["sign"] == EQUAL else "costs no more or less than the gaps leave open"
            )
        why.setdefault(reason, []).append(str(row["name"]))
    left = "; ".join(f"{', '.join(names)}: {reason}" for reason, names in why.items())
    return f" ({left})" if left else ""


def _row(plans: Mapping[str, PlanData], one: str, other: str, runner: Runner) -> dict[str, Any]:
    best = plans[other]
    if one == other:
        return _row_of(one, other, Outcome.of_plan(best, other), best)
    return _row_of(one, other, with_contracts(plans[one], best.case, runner, f"{one} in {other}"), best)


def _row_of(one: str, other: str, kept: Outcome, best: PlanData) -> dict[str, Any]:
    found, reason = _judged(kept, best)
    if one == other and found is not None:
        found = Difference(0.0, 0.0, 0.0, EQUAL)
    return {
        "plan": one,
        "case": other,
        "status": kept.status.value,
        "kept_busd": kept.cost_busd,
        "best_busd": best.cost_busd,
        "regret_busd": None if found is None else max(0.0, found.busd),
        "uncertainty_busd": None if found is None else _doubt(found),
        **(NO_DIFFERENCE if found is None else found.columns()),
        "reason": reason,
    }


def _judged(kept: Outcome, best: PlanData) -> tuple[Difference | None, str]:
    """Return what the kept contracts cost more, or why that is not known; it is never less than nothing."""
    if kept.plan is None:
        infeasible = kept.status is Status.INFEASIBLE
        return None, "its contracts cannot be kept" if infeasible else kept.reason
    found = Difference.between(kept.plan.summary, best.summary)
    if found.comparable:
        low = None if found.low_busd is None else max(0.0, found.low_busd)
        return replace(found, low_busd=low), ""
    if found.tier == UNSERVED and found.missed:
        more = float(kept.unserved_share or 0.0) - float(best.summary["unserved_share"])
        return None, f"serves {abs(more):.3%} {'less' if more > 0.0 else 'more'} of the demand"
    missed = misses_differ(kept.plan.summary, best.summary)
    if missed is None:
        return None, f"{found.tier}: how much must be missed is not proven"
    return None, f"misses {'more' if missed.difference > 0.0 else 'less'} ({missed})"


def _doubt(found: Difference) -> float | None:
    """By how much a regret may be off at most; None: nothing is proven of it."""
    if found.low_busd is None or found.high_busd is None:
        return None
    regret = max(0.0, found.busd)
    return max(0.0, regret - found.low_busd, found.high_busd - regret)
