"""Ramps in the audit: on paper, and planted faults."""

from typing import Any

import pytest

from planner.audit.facts import Facts
from planner.audit.ramps import share_at, years_between
from tests.audit import yards
from tests.audit.test_rules import failed

STEPS = [(0.0, 0.25), (0.5, 0.5), (1.5, 1.0)]
RAMP = [{"ramp": "phased", "months": months, "share": share} for months, share in ((0, 0.25), (6, 0.5), (18, 1.0))]


def _ramped(table: str, number: int) -> Any:
    def tables(rows: Any) -> None:
        rows["ramps"] = RAMP
        rows[table][number]["ramp"] = "phased"

    return tables


def test_shares_are_those_on_paper() -> None:
    """A quarter for half a year, half for a year, then all: 0.375 and 0.75 on average in the first two years."""
    facts = Facts.of(yards.case(None, _ramped("offers", 0)))
    assert facts.shares_in_force(facts.offers["oa"], 0, 2) == pytest.approx([0.375, 0.75])
    assert [facts.largest_share(facts.offers["oa"], 0, 2, t) for t in (0, 1, 2)] == [0.5, 1.0, 0.0]
    assert facts.shares_in_force(facts.offers["ob"], 1, 2) == [0.0, 1.0]
    assert [share_at(STEPS, age) for age in (0.0, 0.5, 1.4, 9.0)] == [0.25, 0.5, 0.5, 1.0]
    assert years_between(STEPS, 2.0, 2.25, 4.0) == pytest.approx(0.25 * 0.25 + 0.5 + 0.5)


def test_the_share_is_one_after_the_term() -> None:
    """Law: what is renewed is in force as a whole, also where the ramp is longer than the term."""

    def tables(rows: Any) -> None:
        _ramped("offers", 0)(rows)
        rows["offers"][0].update(term_years=1.0)

    facts = Facts.of(yards.case(None, tables))
    assert facts.shares_in_force(facts.offers["oa"], 0, 2) == pytest.approx([0.375, 1.0])


@pytest.mark.parametrize(("table", "number"), [("offers", 0), ("offers", 1), ("contracts", 0)])
def test_a_plan_that_forgets_a_ramp_is_told(table: str, number: int) -> None:
    """Planted: all of a contract in force from its start, where it has a ramp; what is in force is told first."""
    assert failed() == {}
    found = failed(_ramped(table, number))
    assert any(name.startswith("in_force") for _, name in found), found
    assert not any(name == "most blocks in force" for _, name in found)
