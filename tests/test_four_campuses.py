"""The case that is worked out on paper in docs/cases.md: a programme, a cluster and head-room."""

from functools import cache

import pytest

from planner import Case
from planner.api import Plan
from planner.case.case import CaseData
from tests.program.tiny import by_period, column, cost

RENT = {"north": 8, "south": 9, "east": 10, "west": 11}
WITHOUT = {"contiguity": 3.94, "programme": 3.92, "head-room": 3.88}


@cache
def plan() -> Plan:
    """The plan of the case as it is shipped."""
    return Case.read("four_campuses").solve(gap=0.0, own_process=False)


def without(*what: str) -> CaseData:
    """The case without some of what it asks for."""
    case = Case.read("four_campuses")
    families = case.model.families.model_copy(
        update={
            name: None for name, said in (("contiguity", "contiguity"), ("redundancy", "head-room")) if said in what
        }
    )
    tables = {"programmes": None, "programme_steps": None} if "programme" in what else {}
    return case.replace(model=case.model.model_copy(update={"families": families}), tables=tables)


def test_the_cost_is_that_on_paper() -> None:
    """Law: 840 + 1260 + 1940 less 40 sold, with all demand served."""
    assert plan().summary["cost_busd"] == pytest.approx(4.0, abs=1e-9)
    assert plan().summary["unserved_share"] == 0.0
    assert plan().summary["audit"]["passed"]
    assert by_period(plan(), "budget", "spend_busd") == pytest.approx([0.84, 1.26, 1.94])


def test_the_plan_is_that_on_paper() -> None:
    """Law: training at south throughout; 50 facility MW at east; 220 IT MW in 2028, of which 10 are sold."""
    assert [row["site"] for row in plan().rows("clusters")] == ["south"] * 3
    assert [row["begins"] for row in plan().rows("clusters")] == ["yes", "no", "no"]
    assert column(plan(), "clusters", "least_it_mw") == [40.0, 60.0, 60.0]
    assert column(plan(), "programme_path", "facility_mw") == [0.0, 50.0, 50.0]
    at = {site: by_period(plan(), "power", "it_mw", site=site) for site in RENT}
    assert at == {"north": [60, 40, 80], "south": [40, 60, 100], "east": [0, 40, 40], "west": [0, 0, 0]}
    assert column(plan(), "backup", "sold_it_mw") == [0.0, 0.0, 10.0]
    assert column(plan(), "contingencies", "margin_compute") == [0.0]


@pytest.mark.parametrize("campus", ["east", "west"])
def test_no_other_campus_is_cheaper(campus: str) -> None:
    """Law: north holds 80 of the 100 IT MW of training in 2028; at east the years cost 880, 1240 and 2000, less 40."""
    rent = RENT[campus]
    years = (40 * rent + 60 * 8, 60 * rent + 80 * 8, 100 * rent + 80 * 8 + 40 * 9)
    assert sum(years) - 40 > 4000


@pytest.mark.parametrize("what", WITHOUT)
def test_what_each_of_the_three_costs(what: str) -> None:
    """Law: the table of the page: 60, 80 and 120."""
    assert cost(without(what)) == pytest.approx(WITHOUT[what], abs=1e-9)


def test_what_all_three_cost_together() -> None:
    """Law: without any of them 820, 1180 and 1740: the differences add up here."""
    assert cost(without(*WITHOUT)) == pytest.approx(3.74, abs=1e-9)
    assert sum(4.0 - busd for busd in WITHOUT.values()) == pytest.approx(4.0 - 3.74)
