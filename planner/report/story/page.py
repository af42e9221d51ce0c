"""The story of a plan: its sections in their order, as text, as Markdown and as plain values."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from planner.explain.prices_table import prices as prices_of
from planner.options import SolveOptions
from planner.plan.plan import PlanData, required_plan
from planner.report.story.bets import bets
from planner.report.story.binds import binds
from planner.report.story.built import built
from planner.report.story.costs import costs_of_rules
from planner.report.story.decide import decide
from planner.report.story.facts import Facts
from planner.report.story.markdown import code, escaped
from planner.report.story.misses import misses
from planner.report.story.money import money
from planner.report.story.rules import rules
from planner.report.story.sure import gap_text, sure
from planner.report.story.words import Sentence, StorySection
from planner.runs.progress import OnProgress
from planner.runs.variants import Runner
from planner.text import one_line

LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True, repr=False)
class Story:
    """The story of a plan, in plain sentences with numbers; the same plan has the same story.

    Attributes
    ----------
    title : str
    sections : tuple of StorySection
        What the plan misses (if anything), how sure the figures are, what is built when, money, what binds, what the
        rules ask for, what the plan bets on, what must be decided.
    """

    title: str
    sections: tuple[StorySection, ...]

    def __repr__(self) -> str:
        sentences = sum(len(section.sentences) for section in self.sections)
        return f"Story({one_line(self.title)}: {sentences} sentences in {len(self.sections)} sections)"

    @property
    def text(self) -> str:
        """The page as plain text, for a terminal; names in it hold no control characters."""
        return "\n".join(self.lines()) + "\n"

    @property
    def markdown(self) -> str:
        """The page as Markdown; markup in names stays text."""
        lines = [f"# {escaped(self.title)}"]
        for section in self.sections:
            lines += ["", f"## {escaped(section.title)}", ""]
            lines += [f"- {_with(escaped(one.text), code(one.command))}" for one in section.sentences]
        return "\n".join(lines) + "\n"

    @property
    def short(self) -> tuple[str, ...]:
        """The sentences of the short form, in their order."""
        return tuple(one.text for section in self.sections for one in section.sentences if one.short)

    def lines(self) -> Iterator[str]:
        """Yield the lines of the text."""
        yield self.title
        for section in self.sections:
            yield ""
            yield section.title
            yield from (f"  {_with(one.text, f'`{one.command}`')}" for one in section.sentences)

    def document(self) -> dict[str, Any]:
        """Everything as plain values, for JSON."""
        return {"title": self.title, "sections": [asdict(section) for section in self.sections]}

    def _repr_markdown_(self) -> str:
        """Return the page, for notebooks."""
        return self.markdown


def _with(text: str, command: str) -> str:
    """Return a sentence, with the command that says more before its full stop."""
    return f"{text.removesuffix('.')} ({command})." if command.strip("`") else text


def story(
    plan: PlanData,
    *,
    folder: str | Path | None = None,
    with_costs: bool = False,
    runner: Runner | None = None,
    time_limit_s: float | None = None,
    on_progress: OnProgress | None = None,
) -> Story:
    """Write the story of a plan from its tables and its case.

    Parameters
    ----------
    plan : Plan
    folder : str, Path or None
        Where it is, for the commands that the story names.
    with_costs : bool
        Whether the case is solved again without its redundancy rules, its head-room, its contiguity and the commitment
        of its programmes, each by itself and to the gap that was asked for, and the prices of its limits are found. If
        not, the story says which command answers.
    runner : Runner or None
        Solves these, in place of one made for it.
    time_limit_s : float or None
        Time limit of each of these solves.
    on_progress : callable or None
        Callback invoked with each `Progress` of these solves.

    Raises
    ------
    OptionError
        If it is no plan.
    PlanError
        If prices are asked for, and the tables of the plan do not fit its case.

    Examples
    --------
    >>> from planner.api import Case
    >>> made = story(Case.read("three_sites").solve(gap=0.0))
    >>> print(made.sections[0].sentences[0].text)
    The plan costs $4.050B of present value, and no plan that misses no more costs less: that is proven.
    """
    facts = Facts(required_plan(plan, "story"), "" if folder is None else str(folder))
    prices = costs = None
    if with_costs:
        costs = costs_of_rules(facts.plan, runner or Runner(options_of(plan, time_limit_s), on_progress=on_progress))
        prices = prices_of(facts.plan)
    found: Sequence[StorySection | None] = (
        misses(facts), sure(facts), built(facts), money(facts), binds(facts, prices), rules(facts, costs),
        bets(facts), decide(facts),
    )  # fmt: skip
    return Story(_title(facts), tuple(section for section in found if section is not None))


def options_of(plan: PlanData, time_limit_s: float | None) -> SolveOptions:
    """How variants of the case of a plan are solved: to the gap that was asked for."""
    asked = plan.summary.get("gap_target")
    return SolveOptions(gap=asked if isinstance(asked, float) else SolveOptions().gap, time_limit_s=time_limit_s)


def _title(facts: Facts) -> str:
    model = facts.plan.case.model
    title = one_line(model.title or model.name)[:LONGEST_TITLE]
    return f"The story of a plan: {title} ({facts.span}, {gap_text(facts)})"


__all__ = ["Sentence", "Story", "StorySection", "story"]
