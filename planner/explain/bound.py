"""Prove the bound of a plan again: what no audit can recompute, a solver has to show once more."""

import time
from dataclasses import dataclass
from typing import Unpack

from planner.api import Case
from planner.case.magnitudes import typical_money
from planner.errors import InfeasibleError, NoPlanError
from planner.options import SolveKeywords, SolveOptions, chosen_options
from planner.plan.plan import PlanData, required_plan
from planner.runs.progress import OnProgress
from planner.runs.start import start_values
from planner.runs.variants import SAME_UNSERVED
from planner.status import Status

TOLERANCE = 1e-6
"""Share of the cost by which a bound may differ: what two solves leave open."""
ROUNDING_SHARE = 1e-8
"""Share of all spending that rounding may make of a cost that is next to nothing."""
NOTHING_PAID = 1e-7
"""Share of the price of an IT GW typical of the case that counts as no money (formulation, section 13)."""
STRICTER = 0.999
"""The gap asked for is so much smaller than what would just do."""
MOST_SOLVES = 4


@dataclass(frozen=True, slots=True)
class BoundProof:
    """The outcome of proving a bound again.

    Attributes
    ----------
    status : str
        ``confirmed``; ``refuted``: there is a cheaper plan than the bound allows, or one that serves more;
        ``not_confirmed``: the limit came first; ``no_bound``: the plan states none.
    stated_busd : float or None
        The bound that the plan states, $B.
    proven_busd : float or None
        The best bound proven now, $B; None where none is.
    seconds : float
        Wall time.
    reason : str
        In words.
    """

    status: str
    stated_busd: float | None
    proven_busd: float | None
    seconds: float
    reason: str


def prove_bound(
    plan: PlanData,
    *,
    options: SolveOptions | None = None,
    on_progress: OnProgress | None = None,
    **keywords: Unpack[SolveKeywords],
) -> BoundProof:
    """Solve the case of a plan until its bound is proven, or the time is up.

    The solve starts from the plan. Constraint families of your own are not in a plan's folder; the bound is then looked
    for without them, and is one for the plan all the same if it is found.

    Parameters
    ----------
    plan : Plan
        One that passes its audit.
    options, on_progress, **keywords
        As of `Case.solve`: ``time_limit_s`` (wall time for everything), ``threads``, ``seed``, ``solver``. The gap is
        what the stated bound asks for.

    Raises
    ------
    PlanError
        If the tables of the plan do not fit its case.
    """
    begin, plan = time.monotonic(), required_plan(plan, "prove_bound")
    stated = plan.summary["bound_busd"]
    if stated is None:
        return BoundProof("no_bound", None, None, 0.0, "the plan states no bound; there is nothing to prove")
    chosen = chosen_options(options, keywords)
    search = _Search(plan, float(stated), on_progress, chosen)
    status, reason = "not_confirmed", "the time limit came first"
    gap = max(0.0, float(plan.summary["gap"] or 0.0)) * STRICTER
    for _ in range(MOST_SOLVES):
        left = chosen.seconds - (time.monotonic() - begin)
        if left <= 0.0:
            break
        status, reason, gap = search.step(min(gap, 1.0 - TOLERANCE), left)
        if status:
            break
    else:
        status, reason = "not_confirmed", "the solves ended before the bound was reached"
    return BoundProof(status or "not_confirmed", float(stated), search.proven, time.monotonic() - begin, reason)


def _known(case: Case) -> Case:
    """The case without the sections of constraint families that are not given: it allows more plans, not fewer."""
    own = case.model.families.own
    if own is None:
        return case
    names = {family.name for family in case.families}
    families = case.model.families.model_copy(update={"own": {key: own[key] for key in own if key in names} or None})
    return Case.of(case.replace(model=case.model.model_copy(update={"families": families})))


class _Search:
    """Solves of the case of a plan, each with a smaller gap, until its bound is settled."""

    def __init__(self, plan: PlanData, stated: float, on_progress: OnProgress | None, options: SolveOptions) -> None:
        self.plan = plan
        self.case = _known(Case.of(plan.case))
        self.stated = stated
        self.proven: float | None = None
        self._on_progress = on_progress
        self._options = options
        cost = float(plan.summary["cost_busd"])
        spent = sum(float(plan.summary[f"spend_{role}_busd"]) for role in ("primary", "backup"))
        nothing = NOTHING_PAID * (typical_money(plan.case) or 1.0)
        self._slack = TOLERANCE * abs(cost) + ROUNDING_SHARE * spent or nothing
        self._start = start_values(plan)

    def step(self, gap: float, seconds: float) -> tuple[str, str, float]:
        """Solve once; return what is settled (nothing yet: empty), why, and the gap to ask for next."""
        known = {family.name for family in self.case.families}
        own = [name for name in self.plan.summary.get("families_added") or [] if name != "force" and name not in known]
        without = f" without the plan's own constraint families ({', '.join(map(str, own))})" if own else ""
        try:
            found = self.case.solve(
                options=self._options.within(seconds), gap=gap, start=self._start, on_progress=self._on_progress
            )
        except InfeasibleError as error:
            return "refuted", str(error), 0.0
        except NoPlanError as error:
            return "not_confirmed", str(error), 0.0
        cost, bound = float(found.summary["cost_busd"]), found.summary["bound_busd"]
        share, stated_share = float(found.summary["unserved_share"]), float(self.plan.summary["unserved_share"])
        limited = found.status.cut_short
        if self.plan.case.model.objective.unserved == "lexicographic" and abs(share - stated_share) > SAME_UNSERVED:
            if share < stated_share and not own:
                return "refuted", f"there is a plan that leaves {share:.4%} of demand unserved, not more", 0.0
            return "not_confirmed", f"the least unserved demand was not reached in time{without}", 0.0
        if bound is not None:
            self.proven = max(float(bound), self.proven if self.proven is not None else float("-inf"))
        if self.proven is not None and self.proven >= self.stated - self._slack:
            return "confirmed", f"the least cost{without} is at least ${self.proven:,.6f}B", 0.0
        if cost < self.stated - self._slack and not own:
            return "refuted", f"there is a plan that costs ${cost:,.6f}B, less than the bound", 0.0
        if limited:
            what = "the time limit came first" if found.status is Status.TIME_LIMIT else "it was interrupted"
            return "not_confirmed", f"{what}{without}", 0.0
        if gap == 0.0:
            return "not_confirmed", f"the bound cannot be reached{without}", 0.0
        return "", "", max(0.0, (cost - self.stated) / abs(cost)) * STRICTER if cost else 0.0
