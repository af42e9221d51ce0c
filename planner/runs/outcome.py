"""What came of a run: an audited plan, or the one reason why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from planner.errors import AuditError, CaseError, InfeasibleError, NoPlanError, PlannerError, Problem
from planner.plan.plan import PlanData
from planner.status import Status

if TYPE_CHECKING:
    from planner.runs.session import Solved


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run.

    Attributes
    ----------
    status : Status
    plan : PlanData or None
    reason : str
        Why there is no plan; or what the plan misses, so that its cost is not comparable; else empty.
    pointer : str
        Where to look for more, where it is proven that there is none.
    name : str
        What was run: the name of a what-if, or the label of a variant.
    problems : tuple of Problem
        The faults of a case that is not valid, or the limits in the data that leave no plan.
    solved : Solved or None
        The program and the point that the plan was read from, where they were asked to be kept.
    found : object
        What work that makes no plan has found (`planner.runs.task.Work`); None where there is none.
    """

    status: Status
    plan: PlanData | None = None
    reason: str = ""
    pointer: str = ""
    name: str = ""
    problems: tuple[Problem, ...] = field(default=(), repr=False)
    solved: "Solved | None" = field(default=None, repr=False)
    found: Any = field(default=None, repr=False)

    @classmethod
    def of_plan(cls, plan: PlanData, name: str = "") -> "Outcome":
        """Return the outcome of a run that has a plan."""
        return cls(Status(plan.summary["status"]), plan, missed(plan.summary), name=name)

    @classmethod
    def of_error(cls, error: PlannerError, name: str = "") -> "Outcome":
        """Return the outcome of a run that an error ended; what is wrong with options is no outcome but an error."""
        reason = error.message if isinstance(error, InfeasibleError) else str(error)
        pointer = error.pointer if isinstance(error, InfeasibleError) else ""
        problems = error.problems if isinstance(error, CaseError) else ()
        problems = error.reasons if isinstance(error, InfeasibleError) else problems
        return cls(error.status, None, reason, pointer, name, problems)

    @property
    def cost_busd(self) -> float | None:
        """Present value of the plan's cost, $B."""
        return None if self.plan is None else self.plan.cost_busd

    @property
    def bound_busd(self) -> float | None:
        """Proven lower bound on the cost, $B; None where there is none."""
        return None if self.plan is None else self.plan.bound_busd

    @property
    def gap(self) -> float | None:
        """Relative gap between cost and bound."""
        return None if self.plan is None else self.plan.gap

    @property
    def unserved_share(self) -> float | None:
        """Share of all demand that is not served."""
        return None if self.plan is None else float(self.plan.summary["unserved_share"])

    def required(self) -> PlanData:
        """Return the plan, where going on without one makes no sense.

        Raises
        ------
        InfeasibleError, NoPlanError, CaseError, AuditError, PlannerError
            With the reason why there is none.
        """
        if self.plan is None:
            raise self.error()
        return self.plan

    def error(self) -> PlannerError:
        """Return the error that a run without a plan ends in."""
        if self.status is Status.INFEASIBLE:
            return InfeasibleError(self.reason, self.pointer, self.problems)
        if self.status is Status.INVALID_CASE and self.problems:
            return CaseError(self.name, self.problems)
        error = _ERRORS.get(self.status, PlannerError)(self.reason)
        error.status = self.status
        return error


BUSD = "busd"


def missed(summary: Mapping[str, Any]) -> str:
    """Return what a plan misses besides demand, in words; empty where it misses nothing.

    Examples
    --------
    >>> missed({"shortfalls": [{"tier": "cash", "amount": 2.0, "unit": "busd", "largest": "a, 2027 to 2029"}]})
    'does not meet everything (cash: $2B, most: a, 2027 to 2029); its cost is not to be compared with that of others'
    >>> missed({"shortfalls": [{"tier": "cash", "amount": 0.0, "unit": "busd"}]}), missed({})
    ('', '')
    """
    tiers = summary.get("shortfalls") or []
    parts = [
        f"{one['tier']}: {amount_text(one['amount'], one['unit'])}"
        + (f", most: {one['largest']}" if one.get("largest") else "")
        for one in tiers
        if one["amount"] > 0.0 and one["tier"] != "unserved"
    ]
    if not parts:
        return ""
    return f"does not meet everything ({'; '.join(parts)}); its cost is not to be compared with that of others"


def amount_text(amount: float, unit: str) -> str:
    """Return an amount of a tier with its unit.

    Examples
    --------
    >>> amount_text(62.767332, "busd"), amount_text(20.0, "compute-years")
    ('$62.7673B', '20 compute-years')
    """
    return f"${amount:,.6g}B" if unit == BUSD else f"{amount:,.6g} {unit}"


UNSERVED = "unserved"
TIERS = ("cash", UNSERVED, "programme", "protection", "head-room")
SAME_SHARE = 1e-6


@dataclass(frozen=True, slots=True)
class MissesDiffer:
    """The first tier in which two plans differ in what they miss: their costs do not compare.

    Attributes
    ----------
    tier, unit : str
    one, other : float
        What each misses in it.
    """

    tier: str
    unit: str
    one: float
    other: float

    @property
    def difference(self) -> float:
        """What the one misses more than the other."""
        return self.one - self.other

    def __str__(self) -> str:
        if self.unit == BUSD:
            return f"{self.tier}: {amount_text(self.one, BUSD)} instead of {amount_text(self.other, BUSD)}"
        return f"{self.tier}: {self.one:,.6g} instead of {self.other:,.6g} {self.unit}"


def misses_differ(one: Mapping[str, Any], other: Mapping[str, Any]) -> MissesDiffer | None:
    """Return the first tier in which two plans differ by their summaries; None where they miss the same.

    Examples
    --------
    >>> entry = {"tier": "protection", "unit": "compute-years", "amount": 2.0, "bound": 2.0, "tolerance": 0.0}
    >>> print(misses_differ({"shortfalls": []}, {"shortfalls": [entry]}))
    protection: 0 instead of 2 compute-years
    >>> print(misses_differ({"shortfalls": [{**entry, "tier": "cash", "unit": "busd"}]}, {"shortfalls": []}))
    cash: $2B instead of $0B
    """
    here, there = ({e["tier"]: e for e in summary.get("shortfalls") or []} for summary in (one, other))
    for tier in TIERS:
        nothing = {"amount": 0.0, "tolerance": 0.0}
        mine, theirs = here.get(tier, nothing), there.get(tier, nothing)
        allowed = max(mine["tolerance"], theirs["tolerance"]) + SAME_SHARE * max(1.0, mine["amount"], theirs["amount"])
        if abs(mine["amount"] - theirs["amount"]) > allowed:
            unit = str({**nothing, **theirs, **mine}.get("unit", ""))
            return MissesDiffer(tier, unit, float(mine["amount"]), float(theirs["amount"]))
    return None


def misses_less(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Return whether a plan misses less than another by their summaries: in the first tier in which they differ.

    Examples
    --------
    >>> some = {"shortfalls": [{"tier": "protection", "amount": 2.0, "bound": 2.0, "tolerance": 0.0}]}
    >>> misses_less({"shortfalls": []}, some), misses_less(some, some), misses_less(some, {"shortfalls": []})
    (True, False, False)
    """
    found = misses_differ(one, other)
    return found is not None and found.difference < 0.0


_ERRORS: dict[Status, type[PlannerError]] = {
    Status.NO_PLAN: NoPlanError,
    Status.INTERRUPTED: NoPlanError,
    Status.AUDIT_FAILED: AuditError,
}
