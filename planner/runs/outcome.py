"""What came of a run: an audited plan, or the one reason why there is none."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

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
        Why there is no plan; empty where there is one.
    pointer : str
        Where to look for more, where it is proven that there is none.
    name : str
        What was run: the name of a what-if, or the label of a variant.
    problems : tuple of Problem
        The faults of a case that is not valid, or the limits in the data that leave no plan.
    solved : Solved or None
        The program and the point that the plan was read from, where they were asked to be kept.
    """

    status: Status
    plan: PlanData | None = None
    reason: str = ""
    pointer: str = ""
    name: str = ""
    problems: tuple[Problem, ...] = field(default=(), repr=False)
    solved: "Solved | None" = field(default=None, repr=False)

    @classmethod
    def of_plan(cls, plan: PlanData, name: str = "") -> "Outcome":
        """Return the outcome of a run that has a plan."""
        return cls(Status(plan.summary["status"]), plan, name=name)

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


_ERRORS: dict[Status, type[PlannerError]] = {
    Status.NO_PLAN: NoPlanError,
    Status.INTERRUPTED: NoPlanError,
    Status.AUDIT_FAILED: AuditError,
}
