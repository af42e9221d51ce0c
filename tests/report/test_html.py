"""The report of a plan: one file that holds all it shows, asks for nothing, and in which every name is a text."""

import re
from html.parser import HTMLParser

import pytest

from planner.explain.prices_table import Price, Prices
from planner.report.html.parts import Section
from planner.report.html.svg import el
from planner.system.folders.picture import MARK
from tests.figures.plans import HOSTILE, hostile_plan, kept_plan

plan_report = pytest.importorskip("planner.report.html.plan_report", reason="needs the extra report").plan_report
figure_page = pytest.importorskip("planner.report.html.figure_page")

SECTIONS = ("headline", "map", "capacity", "timeline", "money", "binds", "redundancy", "sources")
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
    first, last = Section("story", "The story", el("p", "a < b")), Section("ways", "Alternatives", el("p", "none"))
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
    assert "<td>cash</td>" not in shown


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
