"""Power that counts only where it is there throughout a period, in the audit: planted faults."""

from typing import Any

import pytest

from planner.audit.facts import Facts
from planner.audit.throughout import region_free_mw, site_free_it_mw, site_free_mw
from tests.audit import yards
from tests.audit.test_rules import failed

SITE = ("site", "energised facility MW")
REGION = ("power", "firm facility MW of a region")


def _throughout(options: dict[str, Any]) -> None:
    options["horizon"]["energisation"] = "throughout"


def _roomy(rows: Any) -> None:
    for row in rows["power_regions"]:
        row["firm_facility_mw"] = 500.0


def test_what_signed_contracts_leave_is_the_least_of_the_period() -> None:
    """On paper: 200 facility MW at b, 62.5 signed to July 2027, 62.5 to 2031: 75 are free; the region 100 + 100 t."""
    facts = Facts.of(yards.case(_throughout))
    assert [site_free_mw(facts, "b", t) for t in (0, 1)] == pytest.approx([75.0, 75.0])
    assert [site_free_mw(facts, "a", t) for t in (0, 1)] == pytest.approx([125.0, 230.0])
    assert [region_free_mw(facts, "west", t) for t in (0, 1)] == pytest.approx([100.0, 200.0])
    assert [region_free_mw(facts, "east", t) for t in (0, 1)] == pytest.approx([75.0, 75.0])


def test_a_step_within_a_period_serves_from_the_next() -> None:
    """Law: a day after the start of the period is too late; to the day at its start is in time."""

    def later(rows: Any) -> None:
        _roomy(rows)
        rows["energisation"][1].update(date="2027-01-02", facility_mw=231.0)

    assert SITE not in failed(_roomy, None, _throughout)
    assert any("a in 2027" in line and "at most 145" in line for line in failed(later, None, _throughout)[SITE])
    assert SITE not in failed(later)


def test_the_it_limit_holds_at_every_time() -> None:
    """Law: the IT MW of yard b, with what is signed to July 2027, exceed a limit that their average does not."""
    facts = Facts.of(yards.case(_throughout))
    limit = facts.sites["b"].max_it_mw
    assert [site_free_it_mw(facts, "b", t) for t in (0, 1)] == pytest.approx([limit - 100.0] * 2)


def test_firm_power_of_a_region_is_that_of_the_start() -> None:
    """Law: 125 facility MW are drawn in 2026, of 100 at its start; half a year later there are 150."""
    assert any("west in 2026" in line for line in failed(None, None, _throughout)[REGION])
    assert REGION not in failed()


@pytest.mark.parametrize(("which", "fails"), [("base", False), ("low", False), ("high", True), (None, False)])
def test_the_dates_of_the_horizon_hold(which: str | None, fails: bool) -> None:
    """Law: with late dates the second step of yard a comes after the start of 2027."""

    def tables(rows: Any) -> None:
        _roomy(rows)
        rows["energisation"][1].update(date_low="2026-05-01", date_high="2027-03-01")

    def model(options: dict[str, Any]) -> None:
        _throughout(options)
        options["horizon"]["energisation_dates"] = which

    assert (SITE in failed(tables, None, model)) == fails


def test_on_site_power_waits_for_its_date() -> None:
    """Law: an option of February 2027 snaps to 2027 by time average, and is not there throughout 2027."""

    def tables(rows: Any) -> None:
        _roomy(rows)
        rows["power_options"][0]["earliest_date"] = "2027-02-01"

    name = ("power", "on-site options")
    assert name not in failed(tables)
    assert any("2027" in line for line in failed(tables, None, _throughout)[name])
