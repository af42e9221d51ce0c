"""What the rules of a case cost: the plan against plans without them, with what the gaps leave open said."""

from collections.abc import Iterator
from dataclasses import dataclass

from planner.analysis.contiguity import with_rules as with_contiguity
from planner.analysis.programmes import with_programmes
from planner.analysis.redundancy_rules import rules_of
from planner.analysis.redundancy_rules import with_rules as with_redundancy
from planner.api import Case
from planner.case.case import CaseData
from planner.case.rows_programmes import ProgrammeRow
from planner.plan.plan import PlanData
from planner.report.story.sure import gap_percent
from planner.report.story.words import Sentence, busd, percent
from planner.runs.difference import Difference
from planner.runs.outcome import Outcome
from planner.runs.variants import Runner

HEAD_ROOM = "none"
"""Domain of a rule of head-room: nothing is lost."""
WITHOUT = {
    "redundancy": ("Protection against losses", "the redundancy rules"),
    "head_room": ("Head-room", "the rules of head-room"),
    "contiguity": ("Contiguity", "the rules of contiguity"),
    "programmes": ("The commitment of programmes", "the programmes"),
}
"""By kind of rule: what costs, and without what the case is solved again."""


@dataclass(frozen=True, slots=True)
class WithoutRule:
    """The case without one kind of rule, solved again.

    Attributes
    ----------
    kind : str
        One of ``WITHOUT``.
    outcome : Outcome
    """

    kind: str
    outcome: Outcome


def variants(case: CaseData) -> Iterator[tuple[str, CaseData]]:
    """Yield each kind of rule that a case has, and the case without it."""
    rules = rules_of(case)
    losses, spikes = (
        [one for one in rules if one.domain != HEAD_ROOM],
        [one for one in rules if one.domain == HEAD_ROOM],
    )
    if losses:
        yield "redundancy", with_redundancy(case, spikes)
    if spikes:
        yield "head_room", with_redundancy(case, losses)
    if case.model.families.contiguity is not None:
        yield "contiguity", with_contiguity(case, ())
    programmes = case.rows(ProgrammeRow)
    if any(row.kind == "committed" for row in programmes):
        yield "programmes", with_programmes(case, [row for row in programmes if row.kind != "committed"])


def costs_of_rules(plan: PlanData, runner: Runner) -> tuple[WithoutRule, ...]:
    """Solve the case of a plan without each kind of rule."""
    found = variants(Case.of(plan.case))
    return tuple(WithoutRule(kind, runner.solve(other, f"without {WITHOUT[kind][1]}")) for kind, other in found)


def cost_sentence(plan: PlanData, found: WithoutRule) -> Sentence:
    """Say what a kind of rule costs: a difference only where it is proven to be one."""
    what, rules = WITHOUT[found.kind]
    other = found.outcome.plan
    if other is None:
        reason = " ".join(found.outcome.reason.split()).rstrip(".") or f"status {found.outcome.status.value}"
        return Sentence(f"{what}: what it costs is not known, as there is no plan without {rules}: {reason}.")
    difference = Difference.between(plan.summary, other.summary)
    if not difference.comparable:
        before, after = (percent(float(one.summary["unserved_share"])) for one in (plan, other))
        return Sentence(
            f"{what}: costs are not compared, as the plans do not miss the same; without {rules}, {after} of demand is "
            f"not served, instead of {before}."
        )
    return Sentence(_difference(difference, other, what, rules), short=True)


def _difference(found: Difference, other: PlanData, what: str, rules: str) -> str:
    most = None if found.high_busd is None else max(0.0, found.high_busd)
    least = None if found.low_busd is None else max(0.0, found.low_busd)
    gap = "no gap known" if other.gap is None else f"gap {gap_percent(other.gap)}"
    if most is None or least is None:
        return f"{what}: nothing is proven of what it costs, as a bound is missing."
    if least <= 0.0:
        return (
            f"{what}: inside the gaps; it costs at most {busd(most)}, and that it costs anything is not proven "
            f"(without {rules}: {gap})."
        )
    exact = busd(least) == busd(most) == busd(found.busd)
    proven = "that is proven" if exact else f"proven: at least {busd(least)}, at most {busd(most)}"
    words = f"the plan found without {rules} costs {busd(other.cost_busd)} ({gap})"
    return f"{what} costs {busd(found.busd)}: {words}; {proven}."
