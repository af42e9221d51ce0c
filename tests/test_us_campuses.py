"""The case of the country's campuses: made by a script from a public table, and what it promises."""

import csv
import doctest
import re
import tomllib
from datetime import date
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import pytest

from planner.api import Case
from planner.case.case import CaseData
from planner.case.read import read_case
from planner.case.rows import EnergisationRow, OfferRow, SiteRow
from sources.us_campuses import atlas, data
from sources.us_campuses import schedule as schedule_module
from sources.us_campuses.__main__ import REPOSITORY, make
from sources.us_campuses.atlas import Campus, campuses, seller_of
from sources.us_campuses.data import facts, read_assumptions
from sources.us_campuses.schedule import Schedule, schedule

CASES_PAGE = (REPOSITORY / "docs" / "cases.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def case() -> CaseData:
    """Return the case."""
    return read_case("us_campuses")


@pytest.fixture(scope="module")
def schedules() -> dict[str, tuple[Campus, Schedule]]:
    """Return every campus with its schedule."""
    assumptions = read_assumptions()
    return {campus.key: (campus, schedule(campus, assumptions)) for campus in campuses(assumptions)}


def shipped(name: str) -> list[dict[str, str]]:
    """Return the rows of a table of the case as text."""
    text = (REPOSITORY / "sites" / "us_campuses" / f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def test_made_anew_the_files_are_the_same_bytes() -> None:
    """Law: the shipped files are what the script makes of its sources, to the byte, and the script makes them all."""
    made = make()
    for name, text in made.items():
        assert (REPOSITORY / name).read_bytes() == text.encode(), f"{name}: run python -m sources.us_campuses"
    folder = REPOSITORY / "sites" / "us_campuses"
    assert {f"sites/us_campuses/{file.name}" for file in folder.iterdir()} <= set(made)


def test_every_campus_of_50_mw_is_a_site_with_its_announced_mw() -> None:
    """Law: no campus of the table is lost or added, and size, place, state and status are those of the table."""
    sites = {row["site"]: row for row in shipped("sites")}
    expected = {
        row["id"]: row
        for row in facts("compute_atlas.csv")
        if row["status"] != "cancelled" and max(float(row["planned_mw"] or 0), float(row["operational_mw"] or 0)) >= 50
    }
    assert set(sites) == set(expected)
    for key, site in sites.items():
        row = expected[key]
        announced = max(float(row["planned_mw"] or 0), float(row["operational_mw"] or 0))
        assert float(site["x_announced_facility_mw"]) == announced
        assert float(site["max_it_mw"]) * float(site["pue_peak"]) == pytest.approx(announced, rel=1e-4)
        for ours, theirs in (("latitude_deg", "latitude_deg"), ("x_state", "state"), ("x_status", "status")):
            assert site[ours] == row[theirs]
        assert key in site["source"]
        assert row["source_url"] in site["source"]


def test_size_of_the_case() -> None:
    """Law: the page states how many campuses there are, and their facility MW by status."""
    sites = shipped("sites")
    assert len(sites) == 282
    assert sum(float(row["x_announced_facility_mw"]) for row in sites) == pytest.approx(225_991.2)
    for status, words in (
        ("operational", "in operation"),
        ("under_construction", "under construction"),
        ("permitted", "permitted"),
        ("proposed", "proposed"),
    ):
        of_status = [row for row in sites if row["x_status"] == status]
        offered = [row for row in of_status if row["available"] == "yes"]
        gw = sum(float(row["x_announced_facility_mw"]) for row in of_status) / 1000
        assert f"| {words} | {len(of_status)} | {gw:.1f} | {len(offered)} |" in CASES_PAGE


def test_steps_rise_to_what_is_announced(schedules: dict[str, tuple[Campus, Schedule]]) -> None:
    """Law: energised facility MW rise with the date, never beyond what is announced, and what runs today stays."""
    for campus, dates in schedules.values():
        assert dates.steps
        for (day, before), (later_day, after) in pairwise(dates.steps):
            assert day < later_day
            assert before < after
        assert dates.steps[-1][1] <= campus.facility_mw
        assert dates.energised_before(date(2027, 1, 1)) >= campus.operating_facility_mw


def test_statuses_come_in_their_order(schedules: dict[str, tuple[Campus, Schedule]]) -> None:
    """Law: new power comes from works under way first, then from permits, then from proposals."""
    first: dict[str, list[date]] = {}
    for campus, dates in schedules.values():
        new = [day for day, facility_mw in dates.steps if facility_mw > campus.operating_facility_mw]
        first.setdefault(campus.status, []).append(min(new, default=date.max))
    assert min(first["under_construction"]) >= date(2017, 1, 1)
    assert min(first["permitted"]) > date(2029, 1, 1)
    assert min(first["proposed"]) > date(2030, 1, 1)
    assert sorted(first["under_construction"])[len(first["under_construction"]) // 2] < min(first["permitted"])


def test_a_share_of_a_campus_is_on_offer(case: CaseData) -> None:
    """Law: offers never exceed a campus, have sellers of several kinds, and only campuses on offer have any."""
    sites = case.by_key(SiteRow)
    for offer in case.rows(OfferRow):
        site = sites[offer.site]
        assert site.available or offer.site in {row["facility"] for row in facts("corrections.csv")}
        assert offer.block_it_mw * offer.max_blocks <= site.max_it_mw + 1e-6
    assert {offer.tenure for offer in case.rows(OfferRow)} == {"shell", "cloud"}
    assert len({offer.provider for offer in case.rows(OfferRow)}) > 80


def test_every_state_and_utility_can_be_lost(case: CaseData) -> None:
    """Law: each state with two campuses on offer or more has its rule; utilities and campuses have theirs."""
    family = case.model.families.redundancy
    assert family is not None
    assert {rule.domain for rule in family.rules} == {"site", "power_region", "sites"}
    states: dict[str, set[str]] = {}
    for row in shipped("sites"):
        if row["available"] == "yes":
            states.setdefault(row["x_state"], set()).add(row["site"])
    lost = [set(rule.sites or ()) for rule in family.rules if rule.domain == "sites"]
    assert sorted(map(sorted, lost)) == sorted(sorted(sites) for sites in states.values() if len(sites) > 1)


def test_corrections_name_facilities_and_say_why() -> None:
    """Law: what is changed about a record of the atlas has a reason, and what is taken out keeps its row."""
    sites = {row["site"]: row for row in shipped("sites")}
    corrections = list(facts("corrections.csv"))
    assert {row["column"] for row in corrections} >= {"available"}
    for row in corrections:
        assert row["reason"]
        if row["column"] == "available":
            assert sites[row["facility"]]["available"] == "no"
            assert row["reason"] in sites[row["facility"]]["notes"]


def test_unknown_facility_in_the_corrections(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law: a correction of a facility that the table lacks is refused by its name."""
    wrong = [{"facility": "nowhere-tx", "column": "available", "value": "no", "reason": "x"}]
    monkeypatch.setattr(
        "sources.us_campuses.atlas.facts", lambda name: wrong if name == "corrections.csv" else facts(name)
    )
    with pytest.raises(ValueError, match="nowhere-tx"):
        campuses(read_assumptions())


@pytest.mark.parametrize("module", [atlas, data, schedule_module], ids=lambda module: module.__name__)
def test_examples_of_the_script(module: ModuleType) -> None:
    """Law: the examples in the docstrings of the script come out as stated."""
    found = doctest.testmod(module)
    assert found.attempted
    assert not found.failed


def test_an_operator_that_is_not_listed_is_a_landlord() -> None:
    """Law: who is not in sellers.csv lets powered shells under a key made of the name."""
    seller = seller_of("Sentinel Data Centers (East)")
    assert (seller.provider, seller.kind) == ("sentinel_data_centers", "landlord")


def test_the_stargate_campuses_are_held_against_ours(case: CaseData) -> None:
    """Law: the page states announced MW and first dates of the Stargate campuses here and in `stargate_2026`."""
    ours_energised: dict[str, list[EnergisationRow]] = {}
    for row in read_case("stargate_2026").rows(EnergisationRow):
        ours_energised.setdefault(row.site, []).append(row)
    theirs: dict[str, list[EnergisationRow]] = {}
    for row in case.rows(EnergisationRow):
        theirs.setdefault(row.site, []).append(row)
    announced = {row["site"]: float(row["x_announced_facility_mw"]) for row in shipped("sites")}
    rows = re.findall(r"^\| `([a-z0-9-]+)` \| `(\w+)` \|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|", CASES_PAGE, re.MULTILINE)
    assert len(rows) == 8
    for key, our_key, atlas_mw, our_mw, atlas_date, our_date in rows:
        assert float(atlas_mw.replace(",", "")) == pytest.approx(announced[key], abs=0.5)
        largest = max(row.facility_mw for row in ours_energised[our_key])
        assert float(our_mw.replace(",", "")) == pytest.approx(largest, abs=0.5)
        assert atlas_date.strip() == min(row.date for row in theirs[key]).strftime("%Y-%m")
        assert our_date.strip() == min(row.date for row in ours_energised[our_key]).strftime("%Y-%m")


@pytest.mark.parametrize("page", ["README.md", "CITATION.cff", "docs/cases.md", "sources/us_campuses/README.md"])
def test_the_atlas_is_credited(page: str) -> None:
    """Law: author, licence and address of the facility table are named wherever its data is used."""
    text = (REPOSITORY / page).read_text(encoding="utf-8")
    assert "Compute Atlas" in text
    assert "Kubiak" in text
    assert re.search(r"CC[ -]BY[ -]4\.0", text)
    assert re.search(r"compute-atlas\.com|github\.com/ek33450505/compute-atlas", text)


def test_the_what_ifs_are_of_this_case() -> None:
    """Law: the what-if file names its case, and each campus in it is on offer."""
    file: Path = REPOSITORY / "models" / "whatifs" / "us_campuses.toml"
    found = tomllib.loads(file.read_text(encoding="utf-8"))
    assert found["case"] == "us_campuses"
    offered = {row["site"] for row in shipped("sites") if row["available"] == "yes"}
    keys = [key for whatif in found["whatif"] for change in whatif["changes"] for key in change.get("key", ())]
    assert len(keys) > 100
    assert {key for key in keys if len(key) > 3} <= offered


@pytest.mark.slow
def test_the_case_is_solved_to_half_a_percent() -> None:
    """Law: all demand is served within the gap, over many campuses, states and sellers, and the audit passes."""
    plan = Case.read("us_campuses").solve(gap=0.005, threads=1)
    assert plan.summary["status"] in ("optimal", "gap_reached")
    assert sum(float(row["unserved_compute"]) for row in plan.rows("unserved")) == pytest.approx(0, abs=1e-6)
    last = [row for row in plan.rows("capacity") if row["period"] == max(r["period"] for r in plan.rows("capacity"))]
    states = {row["site"]: row["x_state"] for row in shipped("sites")}
    assert len({row["site"] for row in last}) > 25
    assert len({states[str(row["site"])] for row in last}) > 10
    assert len({row["provider"] for row in last}) > 10
