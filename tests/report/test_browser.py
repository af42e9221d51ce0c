"""The report in a browser: no error, no request, maps and tables work, people with a keyboard or a screen reader too.

Needs Chromium (``CHROMIUM`` names it where it has another name) and Playwright; skipped where one is missing. With the
package ``axe-playwright-python``, which carries axe-core, accessibility is checked as well.
"""

import json
import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from planner.analysis.measures import UNITS
from planner.analysis.regret import Regret
from planner.analysis.sweep_result import Sweep
from tests.cli.test_report_command import FRONT, TORNADO
from tests.figures.plans import hostile_plan, kept_plan, many_sites
from tests.test_hostile_names import answers
from tests.uncertainty.found import BOTH, HOSTILE, made

pytestmark = pytest.mark.slow
plan_report = pytest.importorskip("planner.report.html.plan_report", reason="needs the extra report").plan_report
sweep_report = pytest.importorskip("planner.report.html.sweep_report").sweep_report
findings_report = pytest.importorskip("planner.report.html.uncertain_report").findings_report
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
CHROMIUM = os.environ.get("CHROMIUM") or next((found for name in NAMES if (found := shutil.which(name))), None)
_CARRIER = find_spec("axe_playwright_python")
AXE = Path(str(_CARRIER.origin)).with_name("axe.min.js") if _CARRIER is not None else None
DESKTOP, PHONE = {"width": 1240, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A browser."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs Playwright")
    if CHROMIUM is None:
        pytest.skip("needs Chromium")
    with playwright.sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


class Opened:
    """A page that was opened, with what it said and what it asked for."""

    def __init__(self, browser: Any, file: Path, size: dict[str, int], scheme: str) -> None:
        self.page = browser.new_page(viewport=size, color_scheme=scheme)
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: self.said.append(dialog.message))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(file.as_uri())
        self.file = file

    def check(self) -> None:
        """Law: nothing was said, nothing was asked for but the page, and nothing is wider than the window."""
        assert self.said == []
        assert self.asked == [self.file.as_uri()]
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    def check_access(self) -> None:
        """Law: axe finds nothing, with all that can be opened open; not checked where it is not here."""
        if AXE is not None:
            self.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
            kinds = "found.violations.map((one) => [one.id, one.nodes[0].html])"
            assert self.page.evaluate(f"axe.run().then((found) => {kinds})") == []


@pytest.fixture(params=[(DESKTOP, "light"), (DESKTOP, "dark"), (PHONE, "light"), (PHONE, "dark")], ids=str)
def opened(request: pytest.FixtureRequest, browser: Any, tmp_path: Path) -> Opened:
    """The report of a kept plan, in each size and scheme."""
    file = tmp_path / "plan.html"
    prices, others = answers()
    page = plan_report(kept_plan(), prices=prices, alternatives=others)
    file.write_text(page, encoding="utf-8")
    return Opened(browser, file, *request.param)


def test_the_report_opens_without_error_or_request(opened: Opened) -> None:
    """Law: no console error, no request, the map is drawn, a tip shows, a contrast fault or a missing name is none."""
    opened.check()
    page = opened.page
    land = page.locator("svg.map path.land:visible").first
    assert land.bounding_box()["width"] > 100
    assert page.locator("svg.map circle.bubble:visible").count() >= 1
    column = page.locator("#capacity svg.figure:visible .hit").first
    column.scroll_into_view_if_needed()
    column.hover()
    assert "IT GW" in page.locator("#tip").inner_text()
    page.keyboard.press("Escape")
    assert page.locator("#tip").is_hidden()
    opened.check_access()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=str)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_report_of_many_futures(browser: Any, tmp_path: Path, size: dict[str, int], scheme: str) -> None:
    """Law: of a study of risk and of a replay, no error, no request; names are texts; headings sort; axe is content."""
    for kind in BOTH:
        file = tmp_path / f"{kind}.html"
        file.write_text(findings_report(made(kind, HOSTILE), changed=True), encoding="utf-8")
        opened = Opened(browser, file, size, scheme)
        page = opened.page
        costs = "[...document.querySelectorAll('#futures tbody tr')].map((row) => +row.cells[2].dataset.value)"
        page.locator("#futures").get_by_role("button", name="cost, $B", exact=True).click()
        found = [value for value in page.evaluate(costs) if value]
        assert found == sorted(found)
        band = page.locator("#years svg.figure:visible .hit").first
        band.scroll_into_view_if_needed()
        band.hover()
        assert "P90" in page.locator("#tip").inner_text()
        page.keyboard.press("Escape")
        opened.check()
        opened.check_access()


def test_hostile_names_do_nothing(browser: Any, tmp_path: Path) -> None:
    """Law: no name of a case runs, loads or breaks anything."""
    file = tmp_path / "hostile.html"
    prices, others = answers()
    file.write_text(plan_report(hostile_plan(), prices=prices, alternatives=others), encoding="utf-8")
    for size in (DESKTOP, PHONE):
        Opened(browser, file, size, "light").check()


def test_a_sweep_of_a_thousand_runs_sorts_filters_and_scrolls(browser: Any, tmp_path: Path) -> None:
    """Law: headings sort both ways, the filter keeps what has all its words, by keyboard too; all of it at once."""
    names = ["base", *(f"run {number:03d}" for number in range(999))]
    sweep = Sweep(names, _plans=dict.fromkeys(names, kept_plan()))
    for number, name in enumerate(sweep.names):
        values = {**dict.fromkeys(UNITS, 1.0), "cost": 100.0 + (number * 37) % 101, "unserved_share": 0.0}
        sweep.rows[name] = [
            {"name": name, "measure": key, "value": value, "status": "optimal", "gap": 0.001, "reason": ""}
            for key, value in values.items()
        ]  # fmt: skip
    file = tmp_path / "sweep.html"
    file.write_text(sweep_report(sweep, regret=_regret(names[:6])), encoding="utf-8")
    opened = Opened(browser, file, DESKTOP, "light")
    page = opened.page
    rows = "[...document.querySelectorAll('#runs-table tbody tr:not([hidden])')]"
    costs = f"{rows}.map((row) => +row.cells[2].dataset.value)"
    page.get_by_role("button", name="cost, $B", exact=True).click()
    found = page.evaluate(costs)
    assert len(found) == 1000
    assert found == sorted(found)
    page.get_by_role("button", name="cost, $B", exact=True).focus()
    page.keyboard.press("Enter")
    assert page.evaluate(costs) == sorted(found, reverse=True)
    page.get_by_label("Filter").fill("run 12")
    assert len(page.evaluate(costs)) == 20  # in names alone, not in figures
    assert "20 of 1000" in page.locator("output").inner_text()
    page.get_by_label("Filter").fill("")
    spent = page.evaluate(
        "async () => { const begin = performance.now(); for (let y = 0; y < document.body.scrollHeight; y += 600) {"
        " scrollTo(0, y); await new Promise(requestAnimationFrame); } return performance.now() - begin; }"
    )
    assert spent < 60_000
    opened.check()
    page.evaluate(f"{rows}.slice(20).forEach((row) => row.remove())")  # the others are alike
    opened.check_access()


def _regret(names: list[str]) -> Regret:
    row = {"status": "optimal", "kept_busd": 1.0, "best_busd": 1.0, "uncertainty_busd": 0.5, "sign": "more"}
    row |= {"low_busd": 0.1, "high_busd": 20.0}
    pairs = [(one, other) for one in names for other in names]
    found = [None if one < other else 0.3 * number for number, (one, other) in enumerate(pairs)]
    rows = [
        {**row, "plan": one, "case": other, "regret_busd": busd, "reason": "its contracts cannot be kept"}
        for (one, other), busd in zip(pairs, found, strict=True)
    ]
    return Regret(tuple(names), tuple(rows))


@pytest.mark.parametrize("document", [FRONT, TORNADO], ids=["front", "tornado"])
def test_the_report_of_a_study_opens(browser: Any, tmp_path: Path, document: dict[str, Any]) -> None:
    """Law: the report of a front and of a tornado opens without error, request or fault of access."""
    study = pytest.importorskip("planner.report.html.study_report")
    (tmp_path / "found.json").write_text(json.dumps(document))
    file = tmp_path / "found.html"
    file.write_text(study.study_report(tmp_path / "found.json"), encoding="utf-8")
    for size, scheme in ((DESKTOP, "light"), (PHONE, "dark")):
        opened = Opened(browser, file, size, scheme)
        opened.check()
        opened.check_access()


def test_a_report_prints(browser: Any, tmp_path: Path) -> None:
    """Law: on paper a report has no contents bar and no filter, is light, and nothing is wider than the sheet."""
    file = tmp_path / "plan.html"
    file.write_text(plan_report(kept_plan()), encoding="utf-8")
    page = Opened(browser, file, DESKTOP, "dark").page
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 700, "height": 1000})
    assert page.locator("nav").is_hidden()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.pdf(format="A4")[:5] == b"%PDF-"


def test_the_report_of_many_sites_opens(browser: Any, tmp_path: Path) -> None:
    """Law: a plan of 300 sites, all of them on the map and in the tables, is one small page that opens and works."""
    plan = many_sites(300)
    file = tmp_path / "large.html"
    file.write_text(plan_report(plan), encoding="utf-8")
    assert file.stat().st_size < 6_000_000
    opened = Opened(browser, file, DESKTOP, "light")
    assert opened.page.locator("div.wide svg.map circle.bubble").count() == 300
    opened.check()
