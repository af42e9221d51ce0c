"""The report of a plan: one file that holds all it shows, asks for nothing, and in which every name is a text."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from planner.explain.alternatives import Span
from planner.explain.prices_table import Price, Prices
from planner.explain.why_moved import Moved
from planner.plan.plan import PlanData
from planner.report.binding import Binding
from planner.report.html.parts import Section
from planner.report.html.svg import el
from planner.report.kept import FoundAlternatives, OtherPlan
from planner.system.folders.picture import MARK
from tests.figures.plans import HOSTILE, hostile_plan, kept_plan

plan_report = pytest.importorskip("planner.report.html.plan_report", reason="needs the extra report").plan_report
alternatives_section = pytest.importorskip("planner.report.html.alternatives").alternatives_section
binds = pytest.importorskip("planner.report.html.binds").binds
_place = pytest.importorskip("planner.report.html.binds")._place
STARTER = Path(__file__).resolve().parents[2] / "docs" / "kept" / "starter"
contracts = pytest.importorskip("planner.report.html.plan_sections").contracts
figure_page = pytest.importorskip("planner.report.html.figure_page")

SECTIONS = ("headline", "map", "capacity", "timeline", "money", "binds", "redundancy", "alternatives", "sources")
VOID = {"meta", "br", "hr", "img", "input", "link"}
LOADING = {"src", "href", "srcset", "data", "action", "poster", "background", "xlink:href", "formaction"}


class Reader(HTMLParser):
    """Reads a page: which elements it has, whether they are closed, and what they would load."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.loads: list[str] = []
        self.seen: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag, attrs):
        """Note an element."""
        self.seen.append(tag)
        self.loads += [value for name, value in attrs if name in LOADING and value and not value.startswith("#")]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        """Note an element that has no content."""
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        """Close an element."""
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)


def read(page: str) -> Reader:
    """Read a page."""
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader


@pytest.fixture(scope="module")
def page() -> str:
    """The report of a kept plan."""
    return plan_report(kept_plan("three_sites"))


def test_the_report_has_every_section_and_asks_for_nothing(page):
    """Law: all sections are there, every element is closed, and nothing of the page lies elsewhere."""
    reader = read(page)
    assert re.findall(r'<section id="(\w+)"', page) == list(SECTIONS)
    assert reader.faults == []
    assert reader.open == []
    assert reader.loads == []
    assert reader.handlers == []
    assert not {"iframe", "link", "object", "embed", "base"} & set(reader.seen)
    assert "url(http" not in page
    assert "@import" not in page
    assert "default-src 'none'" in page
    assert len(page.encode()) < 1_000_000
    assert MARK in page


def test_the_headline_is_that_of_the_summary(page):
    """Law: cost, bound and gap are those of the plan."""
    plan = kept_plan("three_sites")
    assert f"${plan.cost_busd:,.2f}B" in page
    assert f"${plan.bound_busd:,.2f}B" in page
    assert f"gap {plan.gap:.2%}" in page


def test_no_name_is_markup():
    """Law: a title, a name, a source or a rule is a text, however hostile, and not endless."""
    page = plan_report(hostile_plan())
    reader = read(page)
    assert reader.seen.count("script") == 1
    assert reader.faults == []
    assert "<script>alert" not in page
    assert "{{7*7}}" in page
    assert ">49<" not in page
    assert "&lt;script&gt;" in page
    assert len(page) < 2_500_000
    assert HOSTILE not in page


def test_whoever_has_more_to_say_adds_a_section():
    """Law: sections of others stand after the headline or before the sources, and in the contents."""
    first, last = Section("story", "The story", el("p", "a < b")), Section("ways", "Ways", el("p", "none"))
    page = plan_report(kept_plan("three_sites"), first=[first], last=[last])
    found = re.findall(r'<section id="(\w+)"', page)
    assert found[1] == "story"
    assert found[-2] == "ways"
    assert 'href="#story"' in page
    assert "a &lt; b" in page


def test_prices_stand_beside_what_binds():
    """Law: prices that are asked for stand after what binds, the largest first; those that are zero are left out."""
    found = Prices(
        4.0,
        (
            Price("site_power", "north", "", "facility MW", -0.001, 0.5, None, None, None, None),
            Price("cash", "", "2027", "$B", 0.0, 0.0, None, None, None, 0.0),
            Price("demand", "", "2027", "%", None, -0.9, None, None, None, None),
        ),
    )
    page = plan_report(kept_plan("three_sites"), prices=found)
    sections = re.findall(r'<section id="(\w+)"', page)
    assert sections[sections.index("binds") + 1] == "prices"
    shown = page[page.index('id="prices"') : page.index('id="redundancy"')]
    assert "impossible" in shown
    assert "+0.5" in shown
    assert shown.index("demand") < shown.index("North")
    assert ">cash</td>" not in shown


def test_what_binds_has_its_price_beside_it():
    """Law: a limit that binds shows what one more and one less change, in the period where it counts most."""
    plan = kept_plan("three_sites")
    found = Prices(
        4.0,
        (
            Price("protection", "any one site", "2026", "%", 0.25, -0.125, None, None, None, None),
            Price("protection", "any one site", "2027", "%", 0.5, None, None, None, None, 0.75),
            Price("head_room", "another rule", "2027", "%", 9.0, -9.0, None, None, None, None),
        ),
    )
    without, beside = binds(plan).body, binds(plan, found).body
    assert "planner report PLAN --prices" in without
    assert "one more, $B" not in without
    row = beside[beside.index(">redundancy</td>") - 20 :]
    row = row[: row.index("</tr>")]
    assert re.findall(r"<td[^>]*>([^<]*)</td>", row)[3:] == ["% in 2027", "+0.5", "impossible", "+0.75"]
    assert "PLAN --prices" not in beside


def test_the_section_of_alternatives_says_how_to_ask():
    """Law: where nobody asked, the report says which commands find alternatives, and shows no figures of them."""
    body = alternatives_section(kept_plan("three_sites"), None).body
    assert "planner report PLAN --alternatives" in body
    assert "--kept FILE" in body
    assert "<table" not in body


def test_alternatives_show_what_every_plan_has_and_none_has():
    """Law: what is proven of every plan and of none, the ranges and the plans stand in the section, by their names."""
    found = FoundAlternatives(
        within=0.01, plan_cost_busd=4.0, limit_busd=4.04, folders=("plans/other-1",),
        spans=(
            Span("site", "north", 60.0, 50.0, 70.0, 45.0, 75.0, "must"),
            Span("provider", "zenith", 60.0, 60.0, 60.0, 60.0, 60.0, "never"),
        ),
        plans=(OtherPlan(cost_busd=4.01, extreme="most site north", moved=(Moved("site", "north", 0.25, 10.0),)),),
    )  # fmt: skip
    body = alternatives_section(kept_plan("three_sites"), found).body
    must, never = body[body.index("Decided in every") :].split("Decided in no such plan", 1)
    assert "North campus" in must
    assert "provider, only what is signed" in never
    assert "only what is signed" not in must
    assert "Zenith" in never[: never.index("How far")]
    assert "50 to 70" in body
    assert "North campus +0.25" in body
    assert "plans/other-1" in body
    assert "1% more" in body


def test_contracts_say_when_they_must_be_signed():
    """Law: the table of contracts has the last date of signing, the term and whether it may be renewed."""
    body = contracts(kept_plan("three_sites")).body
    assert "sign by" in body
    assert "may be renewed" in body


def test_a_changed_plan_is_not_said_to_be_audited():
    """Law: the verdict of the audit is not shown as that of files that were changed since."""
    assert ">passed<" not in plan_report(kept_plan("three_sites"), changed=True)


@pytest.mark.parametrize("name", ["map", "capacity", "timeline", "contingencies"])
def test_a_figure_has_a_page_of_its_own(name):
    """Law: a figure as HTML is whole, and asks for nothing."""
    from planner.figures.plots import SPECS

    plan = kept_plan("three_sites")
    reader = read(figure_page.figure_page(plan, SPECS[name](plan)))
    assert reader.faults == []
    assert reader.loads == []
    assert "svg" in reader.seen


def test_the_story_of_a_hostile_plan_is_text():
    """Law: the short form of a story in a report holds no markup of a name."""
    from planner.report.html.story import story_section

    section = story_section(hostile_plan())
    assert "<script>" not in section.body
    assert "&lt;script&gt;" in section.body
    assert read(str(section.body)).faults == []


def test_what_binds_has_the_names_of_programmes():
    """Law: a programme that binds stands there by its name, with its side; one that the case has not by its key."""
    plan = PlanData.read(STARTER)
    for kind in ("programme", "missed"):
        assert _place(plan, Binding(kind, "inland, at least", ("2027",))) == "The inland campuses, at least"
    assert _place(plan, Binding("programme", "gone, at most", ())) == "gone, at most"
    assert _place(plan, Binding("redundancy", "any one site", ())) == "any one site"
    assert _place(plan, Binding("cash", "", ())) == ""
