"""The short form of a plan's story, as the first section of its report."""

from typing import TYPE_CHECKING

from markupsafe import Markup

from planner.report.html.parts import Section, para, sentence
from planner.report.html.svg import el
from planner.report.story.page import story

if TYPE_CHECKING:
    from planner.plan.plan import PlanData

NOTE = "Written from the tables of the plan; `planner explain` with the folder of the plan prints all of it."


def story_section(plan: "PlanData") -> Section:
    """About ten sentences: cost and gap, what is missed, built and spent, the largest bets, what must be decided."""
    lines = [el("li", sentence(one)) for one in story(plan).short]
    return Section("story", "In plain words", el("ul", Markup().join(lines)) + para(sentence(NOTE)))
