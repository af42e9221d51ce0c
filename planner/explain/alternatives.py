"""What else would do: plans within a slack of the cost that differ most, and what all of them have in common."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Unpack

from planner.errors import OptionError
from planner.explain.alternatives_figures import SEARCHED, WHOLE, YEAR
from planner.explain.alternatives_search import COMPLETE, MUST, NEVER, Range, Search
from planner.explain.why_moved import Moved, moved_between
from planner.explain.why_program import program_of
from planner.options import SolveKeywords, SolveOptions, chosen_options
from planner.plan.plan import PlanData, required_plan
from planner.plan.ranges import is_degenerate, with_ranges
from planner.runs.progress import Clock, OnProgress

TIME_LIMIT_S = 120.0
RANGE_GAP = 0.02
"""Gap to which an extreme is looked for, as a share of all IT GW-years of the plan."""
COUNT = 5


@dataclass(frozen=True, slots=True)
class Span:
    """How much of something the plans within the slack have: installed IT MW, in a period or over all years shown.

    Attributes
    ----------
    dimension : str
        ``provider``, ``site``, ``tenure``, ``chip``, ``role``, or ``year`` (what is installed in all in a period).
    name : str
        Its key; of ``year`` the label of the period.
    plan_it_mw : float
        In the plan.
    low_it_mw, high_it_mw : float
        The least and the most found in a plan within the slack. Every one of these plans passed its audit, and the
        figures are those of its tables.
    least_it_mw, most_it_mw : float or None
        No plan within the slack has less, or more: proven. None: not known.
    verdict : str
        ``must``: every plan within the slack decides something of it; ``never``: none does; both are proven. Otherwise
        empty. Of sites and providers.
    period : str
        Label of the period; empty: the average over the reported years.
    """

    dimension: str
    name: str
    plan_it_mw: float
    low_it_mw: float
    high_it_mw: float
    least_it_mw: float | None
    most_it_mw: float | None
    verdict: str = ""
    period: str = ""

    @property
    def only_signed(self) -> bool:
        """Whether no plan decides any of it, and all have some: what is signed."""
        return self.verdict == "never" and self.low_it_mw > 0.0

    @property
    def degenerate(self) -> bool:
        """Whether plans within the slack were found that differ in it: the cost does not decide the figure."""
        return is_degenerate(self.low_it_mw, self.high_it_mw)


@dataclass(frozen=True, slots=True)
class Alternative:
    """A plan within the slack.

    Attributes
    ----------
    plan : PlanData
        Audited.
    extreme : str
        What was looked for when it was found, such as ``most provider aws``.
    moved : tuple of Moved
        How it differs from the plan.
    """

    plan: PlanData = field(repr=False)
    extreme: str
    moved: tuple[Moved, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Alternatives:
    """What else would do.

    Attributes
    ----------
    within : float
        The slack, as a share of the cost of the plan.
    plan_cost_busd, limit_busd : float
        Cost of the plan, and what an alternative may cost.
    spans : tuple of Span
    plans : tuple of Alternative
        Those that differ most from the plan and from one another, the most different first.
    seconds : float
    ended : str
        ``complete``: the least and the most of every figure was looked for to the gap; ``in_part``: in a large program,
        near the plan and its relaxations alone; ``time_limit`` or ``interrupted``: that came before.
    """

    within: float
    plan_cost_busd: float
    limit_busd: float
    spans: tuple[Span, ...]
    plans: tuple[Alternative, ...]
    seconds: float
    ended: str = COMPLETE

    def __repr__(self) -> str:
        must, never = (sum(one.verdict == word for one in self.spans) for word in (MUST, NEVER))
        return f"Alternatives({len(self.plans)} plans within {self.within:.2%}; {must} must-haves, {never} never-haves)"

    def span(self, dimension: str, name: str, period: str = "") -> Span:
        """The span of a figure.

        Raises
        ------
        KeyError
            If there is none: no plan found has any of it.
        """
        for one in self.spans:
            if (one.dimension, one.name, one.period) == (dimension, name, period):
                return one
        raise KeyError((dimension, name, period))

    def kept_in(self, plan: PlanData) -> PlanData:
        """The plan with the spans as its table ``ranges``; `Plan.write` writes it.

        Parameters
        ----------
        plan : Plan
            The one that was asked.

        Examples
        --------
        >>> from planner import Case, Plan
        >>> plan = Case.read("three_sites").solve(gap=0.0)
        >>> len(Plan.of(alternatives(plan, within=0.0).kept_in(plan)).rows("ranges")) > 0
        True
        """
        return with_ranges(plan, self.within, [asdict(one) for one in self.spans])

    def document(self) -> dict[str, Any]:
        """Everything but the plans' tables as plain values, for JSON."""
        plans = [
            {"cost_busd": one.plan.cost_busd, "extreme": one.extreme, "moved": [asdict(move) for move in one.moved]}
            for one in self.plans
        ]
        own = {name: getattr(self, name) for name in ("within", "plan_cost_busd", "limit_busd", "seconds", "ended")}
        return {**own, "spans": [asdict(one) for one in self.spans], "plans": plans}


def alternatives(
    plan: PlanData,
    within: float = 0.01,
    *,
    count: int = COUNT,
    options: SolveOptions | None = None,
    on_progress: OnProgress | None = None,
    **keywords: Unpack[SolveKeywords],
) -> Alternatives:
    """Look for plans that cost little more and look different, and prove what all of them have.

    For every provider, site, tenure, chip and period, and every provider in every period, the least and the most
    installed IT MW are looked for under the limit on cost, those first that may differ most. What a relaxation, or a
    search that ended, excludes is proven. Every plan found is audited before its figures count. A plan that misses
    something is compared with plans that miss no more.

    Parameters
    ----------
    plan : Plan
    within : float
        Slack, as a share of the cost of the plan: 0 or more, below 1.
    count : int
        Most plans returned.
    options, on_progress, **keywords
        As of `Case.solve`; ``time_limit_s`` (120 s) is the wall time of everything.

    Raises
    ------
    OptionError
        If the slack or the count makes no sense.
    PlanError
        If the tables of the plan do not fit its case.

    Examples
    --------
    >>> from planner import Case
    >>> found = alternatives(Case.read("three_sites").solve(gap=0.0), within=0.0)
    >>> [one.name for one in found.spans if one.verdict == "must" and one.dimension == "site"]
    ['north', 'east', 'south']
    """
    if not 0.0 <= within < 1.0:
        raise OptionError(f"within {within!r}: must be at least 0 and less than 1 (0.01 is one per cent)")
    if count < 1:
        raise OptionError(f"count {count!r}: must be at least 1")
    chosen = chosen_options(options, keywords, SolveOptions(gap=RANGE_GAP, time_limit_s=TIME_LIMIT_S))
    program, clock = program_of(required_plan(plan, "alternatives")), Clock(on_progress)
    search = Search(program, within, chosen, clock)
    spans = tuple(_spans(search))
    plans = tuple(_plans(search, count))
    return Alternatives(within, plan.cost_busd, search.limit, spans, plans, clock.seconds, search.ended)


def _spans(search: Search) -> Iterator[Span]:
    labels = search.program.inputs.calendar.labels
    found = list(search.ranges())
    names = {key: place for place, key in enumerate(dict.fromkeys(one.figure[:2] for one in found))}
    order = [*WHOLE, YEAR]

    def place(one: Range) -> tuple[int, int, int]:
        dimension, name, period = one.figure
        return order.index(dimension), names[dimension, name], -1 if period is None else period

    for one in sorted(found, key=place):
        dimension, name, period = one.figure
        figures = (one.plan, one.low, one.high, one.least, one.most)
        rounded = [None if value is None else round(value, 6) for value in figures]
        plan, low, high = (value or 0.0 for value in rounded[:3])
        label = "" if period is None else labels[period]
        yield Span(dimension, name, plan, low, high, rounded[3], rounded[4], one.verdict, label)


def _plans(search: Search, count: int) -> Iterator[Alternative]:
    """The plans that are farthest from the plan and from one another."""
    for one in search.farthest(count):
        search.clock.report(f"audit: {one.what}")
        plan = search.audited(one.x, one.mip)
        if plan is not None:
            yield Alternative(plan, one.what, moved_between(search.program.plan, plan, SEARCHED))
