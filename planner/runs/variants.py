"""Solving variants of a case: one set of options, every answer kept, every failure told with its reason."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from planner.case.case import CaseData
from planner.errors import AuditError, CaseError, InfeasibleError, NoPlanError, PlannerError
from planner.inputs.calendar import make_calendar
from planner.options import DEFAULT_GAP
from planner.plan.figures import text
from planner.plan.plan import PlanData
from planner.program.family import Family
from planner.runs import session
from planner.runs.progress import OnProgress
from planner.system import interrupts

LARGE_CASE = 150
"""Offers times periods from which a program gets a process of its own, which takes a second or two to start."""
SAME_UNSERVED = 1e-6
"""Difference in unserved demand, as a share of all demand, below which two plans serve the same."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to one variant: a plan, or the reason why there is none.

    Attributes
    ----------
    status : str
        As in the plan's summary, or ``infeasible``, ``no_plan``, ``interrupted``, ``invalid_case``, ``audit_failed``,
        ``failed``.
    plan : Plan or None
    reason : str
        Why there is no plan; empty where there is one.
    pointer : str
        Where to look for more, where it is proven that there is none.
    """

    status: str
    plan: PlanData | None
    reason: str = ""
    pointer: str = ""

    @property
    def cost_busd(self) -> float | None:
        """Present value of the plan's cost, $B."""
        return None if self.plan is None else float(self.plan.summary["cost_busd"])

    @property
    def bound_busd(self) -> float | None:
        """Proven lower bound on the cost, $B; None where there is none."""
        bound = None if self.plan is None else self.plan.summary["bound_busd"]
        return None if bound is None else float(bound)

    @property
    def gap(self) -> float | None:
        """Relative gap between cost and bound."""
        gap = None if self.plan is None else self.plan.summary["gap"]
        return None if gap is None else float(gap)

    @property
    def unserved_share(self) -> float | None:
        """Share of all demand that is not served."""
        return None if self.plan is None else float(self.plan.summary["unserved_share"])

    def required(self) -> PlanData:
        """The plan, where going on without one makes no sense.

        Raises
        ------
        InfeasibleError, NoPlanError, PlannerError
            With the reason why there is none.
        """
        if self.plan is not None:
            return self.plan
        kinds: dict[str, type[PlannerError]] = {
            "no_plan": NoPlanError,
            "interrupted": NoPlanError,
            "audit_failed": AuditError,
        }
        if self.status == "infeasible":
            raise InfeasibleError(self.reason, self.pointer)
        raise kinds.get(self.status, PlannerError)(self.reason)


@dataclass(slots=True)
class Solver:
    """Solves variants of a case with the same options and remembers every answer.

    Attributes
    ----------
    gap : float
        Relative gap of every solve.
    time_limit_s : float or None
        Wall time of each solve.
    threads, seed : int
    own_process : bool
        Whether each solve of a large case runs in a process of its own; False: none does.
    on_solve : callable or None
        Hears the number of the solve that starts, and its label.
    on_progress : callable or None
        Callback invoked with each `Progress` of each solve.
    """

    gap: float = DEFAULT_GAP
    time_limit_s: float | None = None
    threads: int = 1
    seed: int = 0
    own_process: bool = True
    on_solve: Callable[[int, str], None] | None = None
    on_progress: OnProgress | None = None
    solves: int = field(default=0, init=False)
    results: list[tuple[str, bool]] = field(default_factory=list, init=False, repr=False)
    """Status of every solve, and whether there is a plan."""
    interrupted: bool = field(default=False, init=False)
    """Whether Ctrl-C or a signal ended a solve: nothing more is then solved, and what is known is kept."""
    _known: dict[tuple[str, str], Outcome] = field(default_factory=dict, init=False, repr=False)

    def solve(self, case: CaseData, label: str, families: Sequence[Family] = (), family_key: str = "") -> Outcome:
        """Solve a variant, or return its known answer.

        Parameters
        ----------
        case : CaseData
        label : str
            What is solved, for messages.
        families : sequence of Family
            Constraints of the variant.
        family_key : str
            Names these constraints: variants with the same content and key are solved once. An answer under
            constraints without a key is not remembered.
        """
        key = (case.hash, family_key)
        remembers = not families or bool(family_key)
        if remembers and key in self._known:
            return self._known[key]
        if self.interrupted or interrupts.asked() is not None:
            self.interrupted = True
            self.results.append(("interrupted", False))
            return Outcome("interrupted", None, f"{label}: not solved, for the study was interrupted")
        self.solves += 1
        if self.on_solve is not None:
            self.on_solve(self.solves, label)
        outcome = self._solve(case, label, families)
        self.results.append((outcome.status, outcome.plan is not None))
        if remembers and outcome.status != "interrupted":
            self._known[key] = outcome
        return outcome

    def variant(self, make: Callable[[], CaseData], label: str) -> Outcome:
        """Solve the case that a function makes; a case that is not sound is an outcome too."""
        try:
            data = make()
        except CaseError as error:
            return Outcome("invalid_case", None, f"{label}: {error}")
        return self.solve(data, label)

    def _solve(self, case: CaseData, label: str, families: Sequence[Family]) -> Outcome:
        try:
            request = session.Request(
                gap=self.gap,
                time_limit_s=self.time_limit_s,
                threads=self.threads,
                seed=self.seed,
                own_process=self.own_process,
                families=tuple(families),
            )
            plan = session.solve_case(case, request, self.on_progress)
        except InfeasibleError as error:
            return Outcome("infeasible", None, f"{label}: {error.message}", error.pointer)
        except NoPlanError as error:
            self.interrupted = "interrupted" in str(error)
            return Outcome("interrupted" if self.interrupted else "no_plan", None, f"{label}: {error}")
        except AuditError as error:
            return Outcome("audit_failed", None, f"{label}: {error}")
        except CaseError:
            raise
        except PlannerError as error:  # one variant that fails is a row with its reason, like any other
            return Outcome("failed", None, f"{label}: {error}")
        except KeyboardInterrupt:
            if self.solves == 1:  # nothing is known yet
                raise
            self.interrupted = True
            return Outcome("interrupted", None, f"{label}: interrupted before any plan was found")
        self.interrupted = plan.summary["status"] == "interrupted"
        return Outcome(str(plan.summary["status"]), plan)


def is_large(case: CaseData) -> bool:
    """Whether a solve of a case takes long enough to be worth a process of its own."""
    return len(case.tables["offers"]) * case.model.horizon.periods >= LARGE_CASE


def slack_busd(plan: PlanData) -> float:
    """Cost less the proven bound, $B: what the gap leaves open; infinite where nothing is proven."""
    bound = plan.summary["bound_busd"]
    return float("inf") if bound is None else float(plan.summary["cost_busd"]) - float(bound)


def unserved_compute_years(plan: PlanData) -> float:
    """Compute not served over the horizon, in compute-years of the case's unit."""
    lengths = period_years(plan.case)
    return sum(float(row["unserved_compute"]) * lengths[text(row["period"])] for row in plan.rows("unserved"))


def period_years(case: CaseData) -> dict[str, float]:
    """Length in years of each period, by its label."""
    calendar = make_calendar(case.model.horizon)
    return {label: calendar.length_years(t) for t, label in enumerate(calendar.labels)}


def written(value: float) -> str:
    """A number as it is written in a change: exact, and whole numbers without a point."""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))
