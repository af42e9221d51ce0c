"""Running variants of a case: one set of options, every result kept, every failure reported with its reason."""

import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from planner.case.case import CaseData
from planner.errors import CaseError, OptionError
from planner.inputs.calendar import make_calendar
from planner.log import LOG
from planner.options import DEFAULT_GAP, SolveKeywords, SolveOptions, chosen_options
from planner.plan.plan import PlanData
from planner.program.family import Family
from planner.runs import session
from planner.runs.difference import Difference, Standing, difference_of
from planner.runs.further import better_plan
from planner.runs.outcome import Outcome
from planner.runs.progress import OnProgress
from planner.runs.start import start_values
from planner.status import Status
from planner.symbols import Values
from planner.system import interrupts
from planner.text import visible

SAME_UNSERVED = 1e-6
"""Difference in unserved demand, as a share of all demand, below which two plans serve the same."""


@dataclass(frozen=True, slots=True)
class Step:
    """A variant that is to be solved further.

    Attributes
    ----------
    case : CaseData
    label : str
        What is solved, for messages.
    plan : PlanData
        Its plan so far.
    gap : float
        To which it is to be solved now.
    seconds : float
        Wall time that it may take.
    families, family_key
        As of `Runner.solve`.
    """

    case: CaseData
    label: str
    plan: PlanData
    gap: float
    seconds: float
    families: Sequence[Family] = ()
    family_key: str = ""


@dataclass(slots=True)
class Runner:
    """Solves variants of a case with the same options and remembers every answer.

    Several analyses of one case may share one: what is solved for the first is known to the others.

    Attributes
    ----------
    options : SolveOptions
        Of every solve.
    on_solve : callable or None
        Callback invoked with the number and the label of each solve that starts.
    on_progress : callable or None
        Callback invoked with each `Progress` of each solve.
    """

    options: SolveOptions = field(default_factory=SolveOptions)
    on_solve: Callable[[int, str], None] | None = None
    on_progress: OnProgress | None = None
    solves: int = field(default=0, init=False)
    """Solves so far."""
    results: list[tuple[Status, bool]] = field(default_factory=list, init=False, repr=False)
    """Status of every solve, and whether there is a plan."""
    interrupted: bool = field(default=False, init=False)
    """Whether Ctrl-C or a signal ended a solve: nothing more is then solved, and what is known is kept."""
    _known: dict[tuple[CaseData, str], Outcome] = field(default_factory=dict, init=False, repr=False)

    def solve(
        self,
        case: CaseData,
        label: str,
        families: Sequence[Family] = (),
        family_key: str = "",
        *,
        keep_point: bool = False,
    ) -> Outcome:
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
        keep_point : bool
            Whether the outcome keeps the program and the point, which are large; it is not remembered then.
        """
        key = (case, family_key)
        remembers = not keep_point and (not families or bool(family_key))
        if remembers and key in self._known:
            return self._known[key]
        if self.stopped():
            self.results.append((Status.INTERRUPTED, False))
            reason = f"{label}: not solved, for the study was interrupted"
            return Outcome(Status.INTERRUPTED, reason=reason, name=label)
        self.begin(label)
        outcome = self._solve(case, label, families, keep_point=keep_point)
        self.interrupted = outcome.status is Status.INTERRUPTED
        self.results.append((outcome.status, outcome.plan is not None))
        if remembers and not self.interrupted:
            self._known[key] = outcome
        return outcome

    def variant(self, make: Callable[[], CaseData], label: str) -> Outcome:
        """Solve the case that a function makes; a case that is not sound is an outcome too."""
        try:
            case = make()
        except CaseError as error:
            return _labelled(Outcome.of_error(error, label))
        return self.solve(case, label)

    def _further(self, step: Step) -> PlanData:
        """Solve a variant further, from its plan; return the better plan, with the better bound, and remember it."""
        if self.stopped():
            return step.plan
        self.begin(step.label)
        options = replace(self.options, gap=step.gap).within(min(step.seconds, self.options.seconds))
        start = start_values(step.plan)
        outcome = self._solve(step.case, step.label, step.families, options=options, start=start)
        self.interrupted = outcome.status is Status.INTERRUPTED
        if outcome.plan is None:
            return step.plan
        plan = better_plan(step.plan, outcome.plan)
        if not step.families or step.family_key:
            self._known[step.case, step.family_key] = Outcome.of_plan(plan, outcome.name)
        return plan

    def begin(self, label: str) -> None:
        """Count a solve, and report that it starts."""
        self.solves += 1
        LOG.info("solve %d of a study: %s", self.solves, visible(label))
        if self.on_solve is not None:
            self.on_solve(self.solves, label)

    def count(self, results: Iterable[tuple[Status, bool]]) -> None:
        """Count solves that were done elsewhere, each with its status and whether there is a plan."""
        done = list(results)
        self.solves += len(done)
        self.results += done

    def stopped(self) -> bool:
        """Whether a signal has ended a solve, or asks to: nothing more is to be solved then."""
        self.interrupted = self.interrupted or interrupts.asked() is not None
        return self.interrupted

    def _solve(
        self,
        case: CaseData,
        label: str,
        families: Sequence[Family],
        *,
        keep_point: bool = False,
        options: SolveOptions | None = None,
        start: Values | None = None,
    ) -> Outcome:
        try:
            outcome = session.attempt(
                lambda: case,
                options or self.options,
                self.on_progress,
                name=label,
                families=families,
                start=start,
                keep_point=keep_point,
            )
        except KeyboardInterrupt:
            if self.solves == 1 and start is None:  # nothing is known yet
                raise
            outcome = Outcome(Status.INTERRUPTED, reason="interrupted before any plan was found", name=label)
        return _labelled(outcome)


def _labelled(outcome: Outcome) -> Outcome:
    """The outcome of a variant, with the name of the variant in its reason."""
    return replace(outcome, reason=f"{outcome.name}: {outcome.reason}") if outcome.plan is None else outcome


def runner_of(
    runner: Runner | None,
    options: SolveOptions | None,
    on_progress: OnProgress | None,
    keywords: SolveKeywords,
    default: SolveOptions | None = None,
) -> Runner:
    """Return the runner of an analysis: the one that was given, or one with the options that were.

    Parameters
    ----------
    runner : Runner or None
    options, keywords
        As of `planner.options.chosen_options`.
    on_progress : callable or None
        Callback invoked with each `Progress` of each solve.
    default : SolveOptions or None
        What holds where nothing is said.

    Raises
    ------
    OptionError
        If a value makes no sense, or a runner is given, which has options, together with others.
    """
    earlier = keywords.get("solver")
    if isinstance(earlier, Runner):
        message = (
            "solver=Solver(...) is now runner=Runner(...), or the options themselves; it is removed in version 0.3"
        )
        warnings.warn(message, DeprecationWarning, stacklevel=3)
        runner, keywords = earlier, keywords.copy()
        del keywords["solver"]
    if runner is None:
        return Runner(chosen_options(options, keywords, default), on_progress=on_progress)
    if options is not None or keywords or on_progress is not None:
        raise OptionError("a runner has options and a callback of its own: give it, or give those")
    return runner


def Solver(
    gap: float = DEFAULT_GAP,
    time_limit_s: float | None = None,
    threads: int = 1,
    seed: int = 0,
    own_process: bool = True,
    on_solve: Callable[[int, str], None] | None = None,
    on_progress: OnProgress | None = None,
) -> Runner:
    """Return a `Runner`: the earlier name; deprecated, is removed in version 0.3."""
    warnings.warn("Solver(gap=...) is now Runner(SolveOptions(gap=...))", DeprecationWarning, stacklevel=2)
    return Runner(SolveOptions(gap, time_limit_s, threads, seed, own_process=own_process), on_solve, on_progress)


def slack_busd(plan: PlanData) -> float:
    """Cost less the proven bound, $B: what the gap leaves open; infinite where nothing is proven."""
    bound = plan.summary["bound_busd"]
    return float("inf") if bound is None else float(plan.summary["cost_busd"]) - float(bound)


@dataclass(frozen=True, slots=True)
class Measured:
    """What is reported of a variant beside the case that it varies; what is not known is None.

    Attributes
    ----------
    status : Status
    cost_busd, bound_busd, gap, unserved_compute_years : float or None
    difference : Difference or None
        Cost of the case less that of the variant.
    """

    status: Status
    cost_busd: float | None
    bound_busd: float | None
    gap: float | None
    unserved_compute_years: float | None
    difference: Difference | None

    @property
    def figures(
        self,
    ) -> tuple[
        Status, float | None, float | None, float | None, float | None, float | None, float | None, float | None
    ]:
        """Status, cost, bound, gap, unserved compute-years, and the difference with the proven range of it."""
        found = self.difference
        saved = (None, None, None) if found is None else (found.busd, found.low_busd, found.high_busd)
        return (self.status, self.cost_busd, self.bound_busd, self.gap, self.unserved_compute_years, *saved)

    @property
    def sign(self) -> str:
        """Whether the case costs more than the variant, less, or the same: proven; or that it is open."""
        return "" if self.difference is None else self.difference.sign


def measured(outcome: Outcome, given: Outcome | None) -> Measured:
    """Return what is reported of a variant beside the case that it varies."""
    found = None
    if given is outcome:
        found = Difference(0.0, None, None, "")
    elif given is not None and outcome.plan is not None and given.plan is not None:
        found = difference_of([(1.0, Standing.of(given.plan.summary), Standing.of(outcome.plan.summary))])
    unserved = None if outcome.plan is None else unserved_compute_years(outcome.plan)
    return Measured(outcome.status, outcome.cost_busd, outcome.bound_busd, outcome.gap, unserved, found)


def unserved_compute_years(plan: PlanData) -> float:
    """Compute not served over the horizon, in compute-years of the case's unit."""
    periods = plan.periods
    return sum(float(row["unserved_compute"]) * periods.length_years(row["period"]) for row in plan.rows("unserved"))


def period_years(case: CaseData) -> dict[str, float]:
    """Length in years of each reported period, by its label."""
    calendar = make_calendar(case.model.horizon)
    return {label: calendar.length_years(t) for t, label in enumerate(calendar.labels[: calendar.reported])}
