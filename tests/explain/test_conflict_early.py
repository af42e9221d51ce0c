"""Levers of dates that are given up after a look at the first periods are ones of which no amount is enough."""

from typing import Any

import pytest

from planner.case.read import read_case
from planner.case.rows import OfferRow
from planner.changes.apply import apply_changes
from planner.errors import PlannerError
from planner.explain.conflict_dates import earlier, of_dates
from planner.explain.conflict_early import too_late
from planner.explain.conflict_lever import Lever
from planner.explain.conflict_limits import DATES, Limit
from planner.explain.conflict_look import FEASIBLE
from planner.explain.conflict_question import Question
from tests.explain.planted_families import _option
from tests.program.tiny import CASH, cash, chip, lease, own, site, tiny

MEMBERS = ["earliest_date", "first_start", "last_start", "lead_months", "first_date"]
LATER = "2028-01-01"


def late(**tables: Any) -> Question:
    """100 MW are asked for from the first of five years on, of which an offer of today has 50.

    A small site and a large one come later, each with an offer of its own; one more offer at the first site takes a
    chip that comes later.
    """
    offers = (
        lease("now", "a", max_blocks=5),
        lease("few", "small", first_start=LATER, max_blocks=2),
        own("many", "large", first_start=LATER, lead_months=6.0),
        lease("new", "a", chips=("next",), max_blocks=4),
    )
    sites = (site("a"), site("small", earliest_date=LATER), site("large", earliest_date=LATER))
    chips = (chip(), chip("next", first_date=LATER))
    return Question(tiny(100.0, periods=5, offers=offers, **{"sites": sites, "chips": chips, **tables}), whole=True)


CONFLICT = (DATES, Limit("demand", "", 0))


def levers_of(question: Question) -> list[Lever]:
    """Every lever of dates."""
    return list(of_dates(question, MEMBERS))


def is_enough(question: Question, lever: Lever, amount: float) -> bool:
    """Whether the case changed so has a plan if blocks are divisible; a change that makes no case is not enough."""
    try:
        changed = apply_changes(question.case, lever.changes(amount))
    except PlannerError:
        return False
    other = Question(changed, whole=True)
    return other.look(other.limits).status == FEASIBLE


def test_what_comes_too_late_by_itself_is_told_from_what_would_do() -> None:
    """Law: of 50 MW that are missing the large site has all, the small one 20 and the next chip 40."""
    question = late()
    found = too_late(question, levers_of(question), CONFLICT)
    assert "site small, its power and its offers" in found
    assert "first volume date of chip next" in found
    assert "site large, its power and its offers" not in found


@pytest.mark.parametrize("number", range(6))
def test_no_step_of_a_lever_that_is_too_late_is_enough(number: int) -> None:
    """Law: in the case changed by any step of such a lever there is no plan, also where money and chips are scarce."""
    more: list[dict[str, Any]] = [
        {}, {"families": {"budget": CASH}, "budget": cash(5, 4.0)},
        {"families": {"budget": CASH}, "budget": cash(5, 0.8)},
        {"chips": (chip(), chip("next", first_date="2026-07-01"))},
        {"chip_supply": [{"chip": "chip", "year": year, "it_mw": 60.0} for year in range(2026, 2031)]},
        {"sites": (site("a", max_it_mw=60.0), site("small", earliest_date=LATER), site("large", earliest_date=LATER))},
    ]  # fmt: skip
    question = late(**more[number])
    levers = levers_of(question)
    found = too_late(question, levers, CONFLICT)
    assert found
    for lever in levers:
        if lever.name in found:
            assert not any(is_enough(question, lever, step) for step in lever.steps if step < 60), lever.name


def test_nothing_is_said_of_levers_that_do_more_and_of_conflicts_later_on() -> None:
    """Law: demand has no such lever; a conflict beyond the first periods, or of none, is not looked at."""
    question = late()
    levers = levers_of(question)
    assert too_late(question, levers, (DATES, Limit("demand", "", 4))) == frozenset()
    assert too_late(question, levers, (DATES,)) == frozenset()
    assert too_late(question, [lever for lever in levers if lever.begins is None], CONFLICT) == frozenset()
    assert all(DATES in lever.limits and lever.begins is not None for lever in levers)


def test_a_site_whose_own_power_may_come_earlier_too_is_not_given_up() -> None:
    """Law: a lever that moves more than offers or a chip does not say that it moves these alone."""
    case = read_case("three_sites")
    at_east = frozenset(row.offer for row in case.rows(OfferRow) if row.site == "east")
    with_gas = apply_changes(case, [_option("east", 250.0)])
    assert earlier(Question(with_gas, whole=True), "east").begins is None
    assert earlier(Question(case, whole=True), "east").begins == ("offer", at_east)
