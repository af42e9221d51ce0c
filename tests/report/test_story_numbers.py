"""Every number of a story is found again: each sentence is recomputed from the tables of the plan."""

import re
from functools import cache

import pytest

from planner.plan.plan import PlanData
from planner.report.story.page import story
from tests.figures.plans import kept_plan
from tests.length import thinned
from tests.program.tiny import CASH, cash, lease, site, solve, tiny
from tests.report.story_cases import burning_plan
from tests.report.story_checks import Tables
from tests.report.story_checks_money import CHECKS


@cache
def plans() -> dict[str, PlanData]:
    """Plans of several kinds: with everything, by hand, with shortfalls, in quarters, with an unused option."""
    offers = (lease(), lease("late", "b", rent_musd_per_mw_year=30.0, last_start="2027-01-01", lead_months=6.0))
    return {
        "mixed": kept_plan("mixed"),
        "three sites": kept_plan("three_sites"),
        "short": solve(tiny([20.0, 40.0], periods=2, families={"budget": CASH}, budget=cash(2, 0.25))),
        "quarters": solve(tiny([20.0], periods=4, period_months=3)),
        "burn": burning_plan(),
        "options": solve(tiny([20.0, 30.0], periods=2, sites=(site(), site("b")), offers=offers)),
    }


@pytest.mark.parametrize("name", thinned(["mixed", "three sites", "short", "quarters", "options", "burn"], 3))
def test_every_number_is_found_again(name):
    """Law: every sentence is one whose numbers are recomputed from the tables; there is none that is not."""
    plan = plans()[name]
    of = Tables(plan)
    for section in story(plan).sections:
        for one in section.sentences:
            hits = [(hit, check) for pattern, check in CHECKS if (hit := re.fullmatch(pattern, one.text))]
            assert len(hits) == 1, (one.text, [check.__name__ for _, check in hits])
            hits[0][1](hits[0][0], of)


def test_the_checks_notice_a_wrong_number():
    """Law: a story with one digit changed fails."""
    plan = plans()["mixed"]
    texts = [one.text for section in story(plan).sections for one in section.sentences]
    noticed = 0
    for text in texts:
        amounts = list(re.finditer(r"\$\d+\.\d+B|\d+(?:\.\d+)? (?:IT|facility) MW", text))
        for amount in amounts:
            digit = str((int(amount[0].lstrip("$")[0]) + 3) % 10 or 1)
            place = amount.start() + amount[0].startswith("$")
            wrong = text[:place] + digit + text[place + 1 :]
            noticed += _fails(wrong, Tables(plan))
            assert noticed, wrong
    assert noticed > 60


def _fails(text: str, of: Tables) -> bool:
    for pattern, check in CHECKS:
        hit = re.fullmatch(pattern, text)
        if hit:
            try:
                check(hit, of)
            except (AssertionError, ValueError, StopIteration):
                return True
    return False
