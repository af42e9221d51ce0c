"""Ways out in months and of what follows a change: exact to a month, no further than there is, of each by itself."""

from itertools import pairwise
from typing import Any

import pytest

from planner.case.case import CaseData
from planner.case.read import read_case
from planner.case.rows import OfferRow, PowerOptionRow
from planner.changes.apply import apply_changes
from planner.explain.conflict import Diagnosis, diagnose
from planner.explain.conflict_beside_dates import of_options
from planner.explain.conflict_dates import of_dates
from planner.explain.conflict_question import Question
from tests.explain.laws import is_met
from tests.explain.planted_families import _option

NO_POWER = ("energisation[east,2025-01-01].facility_mw=0", "energisation[south,2025-01-01].facility_mw=0")
"""The other two sites of `three_sites` have none, so on-site power is needed."""
LEADS = ("offers[north_cloud].lead_months=12", "offers[south_cloud].lead_months=7.5")


def _changed(name: str, *changes: Any) -> CaseData:
    return apply_changes(read_case(name), list(changes))


def _with_gas(**cells: object) -> CaseData:
    """Return `three_sites` with on-site power at the east, which must be there in the first year."""
    option = _option("east", 250.0)
    option["row"] = {**option["row"], "in_energisation": "no", "capex_busd_per_gw": 0.1, **cells}  # type: ignore[dict-item]
    return _changed("three_sites", option, *NO_POWER)


def _amounts(case: CaseData, found: Diagnosis) -> dict[str, float]:
    """Return the amount of every way out by a number of months, each proven to be enough, by name."""
    assert found.verdict == "short"
    assert not is_met(case, "short")
    months = {}
    for way in found.ways:
        (move,) = way.moves
        assert way.proven
        assert is_met(apply_changes(case, way.changes), "short"), way.title
        if move.unit.startswith("month"):
            assert move.least, way.title
            assert move.amount - move.not_enough <= 1.0, way.title
            months[move.what] = move.amount
    return months


def test_nothing_is_shorter_or_earlier_by_more_than_there_is() -> None:
    """Law: the largest step of a lever takes all there is of a lead time or before a date, and none goes further."""
    case = apply_changes(_with_gas(lead_months=7.5, earliest_date="2026-11-15"), list(LEADS))
    offers = {lever.name: lever for lever in of_dates(Question(case, True), ["lead_months"])}
    assert {name: lever.steps[-1] for name, lever in offers.items()} == {
        "lead time of offer north_cloud": 12.0,
        "lead time of offer south_cloud": 7.5,
        "lead times of all offers": 12.0,
    }
    for lever in offers.values():
        assert all(a < b for a, b in pairwise(lever.steps))
    left = {row.offer: row.lead_months for row in _after(case, offers["lead times of all offers"]).rows(OfferRow)}
    assert set(left.values()) == {0.0}
    (service,) = of_options(case)
    assert [one.levers[0].steps[-1] for one in (service, *service.parts)] == [11.0, 11.0, 7.5]
    (gas,) = _after(case, service.levers[0]).rows(PowerOptionRow)
    assert (gas.earliest_date, gas.lead_months) == (case.model.horizon.start, 0.0)


def _after(case: CaseData, lever: Any) -> CaseData:
    return apply_changes(case, lever.changes(lever.steps[-1]))


@pytest.mark.slow
def test_each_offer_whose_lead_time_alone_is_enough_is_a_way_out() -> None:
    """Law: where one offer's lead time is enough, it is a way out, by no more months than it has; all are none then."""
    case = _changed("three_sites", *LEADS)
    found = diagnose(case)
    assert _amounts(case, found) == {
        "lead time of offer north_cloud": 12.0,
        "lead time of offer south_cloud": 7.5,
    }
    fewer = apply_changes(case, ["offers[north_cloud].lead_months=1", "offers[south_cloud].lead_months=0.5"])
    assert not is_met(fewer, "short")


@pytest.mark.slow
def test_a_site_comes_earlier_to_the_month() -> None:
    """Law: a date that must be eleven months earlier is said to be so, not by the next step of a coarse list."""
    starts = ("offers[north_cloud].first_start=2027-06-01", "offers[south_cloud].first_start=2027-06-01")
    case = _changed("three_sites", *starts)
    months = _amounts(case, diagnose(case))
    assert months["first start of offer south_cloud"] == months["first start of offer north_cloud"] == 11.0
    assert not any(what.startswith("site") for what in months)  # it would change no other figure
    late = [one.replace("2027-06-01", "2026-08-01") for one in starts]
    assert not is_met(apply_changes(case, late), "short")


@pytest.mark.slow
def test_date_and_lead_time_of_on_site_power_are_named_together_where_both_are_in_the_way() -> None:
    """Law: where neither the date nor the lead time alone is enough, both are named and one way out moves both."""
    case = _with_gas(lead_months=7, earliest_date="2026-11-01")
    found = diagnose(case)
    (limit,) = (one for one in found.limits if one.kind.startswith("onsite"))
    assert {place.column for place in limit.places} == {"earliest_date", "lead_months"}
    assert str(limit).startswith("earliest date and lead time of on-site power: east_gas: from 2026-11-01, 7 months")
    assert _amounts(case, found) == {"on-site power of option east_gas": 10.0}
    for alone in ("power_options[east_gas].earliest_date=2026-01-01", "power_options[east_gas].lead_months=0"):
        assert not is_met(apply_changes(case, [alone]), "short")


@pytest.mark.slow
def test_a_lead_time_of_on_site_power_alone_is_named_alone() -> None:
    """Law: of the two only what is in the way is named, and shortened by no more than there is."""
    case = _with_gas(lead_months=7, earliest_date="2026-01-01")
    found = diagnose(case)
    assert [one.kind for one in found.limits if one.kind.startswith("onsite")] == ["onsite_lead_months"]
    assert _amounts(case, found) == {"lead time of on-site power of option east_gas": 7.0}


@pytest.mark.slow
def test_date_and_lead_time_of_offers_are_named_together_where_both_are_in_the_way() -> None:
    """Law: where neither first starts nor lead times alone are enough, both are named and one way out moves both."""
    late = [f"offers[{site}_cloud].{cell}" for site in ("north", "south")
            for cell in ("lead_months=7", "first_start=2026-11-01")]  # fmt: skip
    case = _changed("three_sites", *late)
    found = diagnose(case)
    (limit,) = (one for one in found.limits if one.kind == "dates")
    assert {place.column for place in limit.places} == {"first_start", "lead_months"}
    assert _amounts(case, found) == {
        "start of offer north_cloud": 10.0,
        "start of offer south_cloud": 10.0,
    }
    assert not is_met(apply_changes(case, ["offers.lead_months=0"]), "short")
    assert not is_met(apply_changes(case, ["offers.first_start=2026-01-01"]), "short")


@pytest.mark.slow
def test_less_demand_is_a_way_out_of_a_cluster_that_is_as_large_as_it() -> None:
    """Law: a cluster is at most as large as its demand, so less demand is tried where both are in conflict."""
    rule = "model.families.contiguity.rules[0].at_least_it_mw=120"
    case = _changed("four_campuses", rule, "demand[research,training,2028].compute=130")
    found = diagnose(case)
    assert {"cluster", "demand"} <= {limit.kind for limit in found.limits}
    less = next(way for way in found.ways if way.title.startswith("demand of 2028 (research training) lower by"))
    assert less.proven
    assert is_met(apply_changes(case, less.changes), "short")
    assert not is_met(apply_changes(case, ["demand[research,training,2028].compute=102"]), "short")
    assert is_met(apply_changes(case, ["demand[research,training,2028].compute=100"]), "short")
