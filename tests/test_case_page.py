"""Figures of docs/cases.md that follow from the tables of the shipped cases: the page states what the tables have."""

import re
from collections import defaultdict
from datetime import date

import pytest

from planner.case.case import CaseData
from planner.case.read import read_case
from planner.case.rows import BudgetRow, ContractRow, DemandRow, OfferRow, SiteRow
from planner.changes.names import what_ifs
from tests.documents.session import ROOT
from tests.length import thinned

PAGE = (ROOT / "docs" / "cases.md").read_text(encoding="utf-8")
CASES = ("stargate", "stargate_to_2030", "stargate_2026")


@pytest.fixture(scope="module")
def cases() -> dict[str, CaseData]:
    """Return the cases that the page describes with figures."""
    return {name: read_case(name) for name in CASES}


def owed(case: CaseData, first: int, last: int) -> dict[str, float]:
    """Return the rent of signed contracts in some years, $B nominal, by their dates and provider (Trainium apart)."""
    providers = {row.offer: row.provider for row in case.rows(OfferRow)}
    found: dict[str, float] = defaultdict(float)
    for row in case.rows(ContractRow):
        start, end = max(row.start_date, date(first, 1, 1)), min(row.end_date, date(last + 1, 1, 1))
        name = "trainium" if "trainium" in row.offer else "abilene" if "abilene" in row.offer else providers[row.offer]
        rent = row.rent_musd_per_mw_year or 0.0
        found[name] += row.it_mw * rent * max(0, (end - start).days) / 365.25 / 1000
    return found


def line_with(text: str) -> str:
    """Return the only line of the page that begins so."""
    [line] = [line for line in PAGE.splitlines() if line.startswith(text)]
    return line


def test_sites_and_offers_are_counted(cases: dict[str, CaseData]) -> None:
    """Law: the first table of the page has the number of sites and offers of each case."""
    for name, case in cases.items():
        cells = [cell.strip() for cell in line_with(f"| [`{name}`]").split("|")]
        assert cells[4:6] == [str(len(case.rows(SiteRow))), str(len(case.rows(OfferRow)))], name


def test_rent_of_signed_contracts_of_2026(cases: dict[str, CaseData]) -> None:
    """Law: the sums of signed rent, in the horizon, to 2030 and in 2029, are those of the table of contracts."""
    case = cases["stargate_2026"]
    totals = [sum(owed(case, first, last).values()) for first, last in ((2026, 2035), (2026, 2030), (2029, 2029))]
    stated = re.search(r"(\d+) contracts, \$(\d+)B of rent within the horizon, \$(\d+)B of it by 2030", PAGE)
    assert stated is not None
    assert [int(text) for text in stated.groups()] == [len(case.rows(ContractRow)), *(round(one) for one in totals[:2])]
    [year] = re.findall(r"\$(\d+)B of that year are owed to signed contracts", PAGE)
    assert abs(int(year) - totals[2]) < 1


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("| AWS, GPUs", "aws"), ("| AWS, Trainium", "trainium"), ("| CoreWeave | 0.49", "coreweave"),
        ("| Cerebras | 0.6", "cerebras"), ("| Oracle, Abilene | 0.84", "abilene"),
    ],
)  # fmt: skip
def test_deals_of_2026_are_as_stated(cases: dict[str, CaseData], line: str, name: str) -> None:
    """Law: the $B that the case has of a deal, as the page states them, are those of its contracts."""
    [stated] = re.findall(r"\| ([0-9.]+) at ", line_with(line))
    assert owed(cases["stargate_2026"], 2020, 2050)[name] == pytest.approx(float(stated), rel=0.01)


def test_sums_of_the_base_case(cases: dict[str, CaseData]) -> None:
    """Law: revenue in all, the money of the first year and what is signed of it, and demand by year are as stated."""
    case = cases["stargate"]
    assert f"; {sum(row.revenue_busd or 0 for row in case.rows(BudgetRow)):,.0f} in all" in PAGE
    assert f"They cost ${sum(owed(case, 2026, 2026).values()):.1f}B in 2026" in PAGE
    demand: dict[int, float] = defaultdict(float)
    for row in case.rows(DemandRow):
        demand[row.year] += row.compute
    stated = [float(cell.replace(",", "")) for cell in line_with("| all markets |").split("|")[2:-1]]
    assert [demand[year] for year in sorted(demand)] == pytest.approx(stated, abs=25)


def test_envelopes_of_the_other_reading(cases: dict[str, CaseData]) -> None:
    """Law: the envelopes of the reading to 2030 are those of its model."""
    family = cases["stargate_to_2030"].model.families.budget
    assert family is not None
    primary, backup = family.primary_envelope_busd or 0, family.backup_envelope_busd or 0
    assert f"= ${primary:.0f}B" in PAGE
    assert f"= ${backup:.0f}B" in PAGE
    assert f"of the {primary + backup:,.0f} of the two envelopes" in PAGE


@pytest.mark.parametrize(
    ("name", "page"), thinned([("stargate", "readings.md"), ("stargate_2026", "cases.md")], 2, 1, unpack=True)
)
def test_every_shipped_what_if_has_its_answer(cases: dict[str, CaseData], name: str, page: str) -> None:
    """Law: the page answers every what-if that is shipped, in their order; at most two end without a plan.

    That every one has a plan is written where it is so.
    """
    before, _, text = (ROOT / "docs" / page).read_text(encoding="utf-8").partition(f"<!-- answers of {name} -->")
    rows = re.findall(r"^\| `([^`]+)` \|.*\| ([^|]+) \|$", text.partition("<!-- end -->")[0], flags=re.MULTILINE)
    assert [row[0] for row in rows] == [one.name for one in what_ifs(name, cases[name])]
    without = [row[0] for row in rows if row[1].startswith("no plan")]
    assert len(without) <= 2
    if name == "stargate":
        assert ("Every what-if has a plan" in " ".join(before.split())) == (not without)
        stated = re.findall(r"`([a-z0-9-]+)` \((\d+ to \d+ (?:less|more))\)", PAGE)
        assert stated
        assert [pair for pair in stated if pair not in rows] == []
