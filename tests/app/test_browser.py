"""The page in a browser: no error, no request leaves the machine, it works by keyboard and in two tabs.

Needs Chromium and Playwright; skipped where one is missing (see tests/report/test_browser.py).
"""

from typing import Any
from urllib.parse import urlsplit

import pytest

from planner.case.read import read_case
from planner.case.write import write_case
from tests.app.served import served
from tests.report.test_browser import AXE, DESKTOP, PHONE, browser

__all__ = ["browser"]
pytestmark = pytest.mark.slow
HOSTILE = '<script>alert("x")</script>\u200f</svg>{{7*7}}' + "x" * 450


class Tab:
    """A tab of a browser, with what it said and what it asked for."""

    def __init__(self, context: Any, address: str) -> None:
        self.page = context.new_page()
        self.page.set_default_timeout(120_000)
        self.said: list[str] = []
        self.hosts: set[str] = set()
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: self.said.append(dialog.message))
        self.page.on("request", lambda request: self.hosts.add(urlsplit(request.url).hostname or "data"))
        self.page.goto(address)

    def check(self) -> None:
        """Law: nothing was said, no host but this machine was asked, nothing is too wide; axe is content."""
        assert self.said == []
        assert self.hosts <= {"127.0.0.1", "data"}
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        if AXE is not None:
            self.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
            kinds = "found.violations.map((one) => [one.id, one.nodes[0].html])"
            assert self.page.evaluate(f"axe.run().then((found) => {kinds})") == []


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A server of a case whose names are hostile."""
    folder = tmp_path_factory.mktemp("hostile")
    case = read_case("three_sites")
    tables = {
        name: tuple(row.model_copy(update={"name": HOSTILE}) for row in case.rows(name))
        for name in ("sites", "providers", "chips", "offers")
    }
    model = case.model.model_copy(update={"title": HOSTILE, "description": HOSTILE})
    write_case(case.replace(model, tables), folder / "case")
    with served(folder, "case", "--gap", "0") as server:
        yield server


@pytest.mark.parametrize(("size", "scheme"), [(DESKTOP, "light"), (DESKTOP, "dark"), (PHONE, "light"), (PHONE, "dark")])
def test_hostile_names_do_nothing(browser: Any, hostile: Any, size: dict[str, int], scheme: str) -> None:
    """Law: form, changes, faults, list and results of a case with hostile names are clean in each size and scheme."""
    if not hostile.client.get("/case/three_sites/runs").json()["html"].count('id="run-'):
        hostile.wait(hostile.solve("three_sites", name="base"))
        hostile.wait(hostile.solve("three_sites", name=HOSTILE, text="sites[north].max_it_mw=80"))
    context = browser.new_context(viewport=size, color_scheme=scheme)
    tab = Tab(context, hostile.address)
    tab.page.get_by_label("Further changes").fill(HOSTILE)
    tab.page.locator(".faults").wait_for()
    tab.check()
    tab.page.goto(f"{hostile.origin}/run/2")
    tab.page.locator("#against").wait_for()
    tab.check()
    context.close()


def test_a_planner_works_with_it(browser: Any, tmp_path: Any) -> None:
    """Law: by keyboard a lever is moved, its change shown, solved and asked why; two tabs and a reload lose nothing."""
    with served(tmp_path, "three_sites", "--gap", "0") as server:
        context = browser.new_context(viewport=DESKTOP)
        tab = Tab(context, server.address)
        page = tab.page
        page.get_by_label("All demand", exact=True).focus()
        page.keyboard.press("Control+A")
        page.keyboard.type("90")
        page.get_by_text('place = "demand.compute", factor = 0.9').wait_for()
        page.wait_for_url("**demand.all=90**")
        page.reload()
        assert page.get_by_label("All demand", exact=True).input_value() == "90"
        other = Tab(context, f"{server.origin}/case/three_sites")
        assert other.page.get_by_label("All demand", exact=True).input_value() == "100"
        page.get_by_role("button", name="Solve").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/run/2")
        page.reload()
        page.locator("#against").wait_for()
        other.page.get_by_role("link", name="All demand: 90 %").wait_for()
        page.get_by_label("Site, offer, provider").fill("south")
        page.keyboard.press("Enter")
        page.get_by_text("Without it").first.wait_for()
        tab.check()
        other.check()
        context.close()  # a closed browser
        again = Tab(browser.new_context(), server.address)
        again.page.get_by_role("link", name="All demand: 90 %").click()
        again.page.get_by_text("Without it").first.wait_for()
        again.check()
        page = again.page
        page.get_by_role("link", name="Delete").click()
        page.get_by_role("button", name="Delete it").click()
        page.wait_for_url("**/case/three_sites**")
        page.get_by_label("All demand", exact=True).wait_for()  # the page behind the address is read
        assert page.get_by_role("link", name="All demand: 90 %").count() == 0
        assert server.end() == (0, "")


def test_a_way_out_is_a_button(browser: Any, tmp_path: Any) -> None:
    """Law: an infeasible variant shows its conflict, and a button solves it with a way out."""
    poor = ["model.families.site_opening.open_exactly=3", *(f"budget[{y}].cash_limit_busd=0" for y in (2026, 2027))]
    with served(tmp_path, "three_sites", "--gap", "0") as server:
        shown = server.solve("three_sites", text="\n".join(poor), name="poor")
        server.wait(shown)
        tab = Tab(browser.new_context(viewport=PHONE), server.address)
        tab.page.goto(server.origin + shown)
        tab.check()
        tab.page.get_by_role("button", name="Apply and solve").first.click()
        tab.page.wait_for_url("**/run/3")
        tab.page.locator("#headline").wait_for()
        tab.check()


def test_without_the_token_a_browser_sees_nothing(browser: Any, tmp_path: Any) -> None:
    """Law: the address without its token, or by another name, is refused."""
    with served(tmp_path, "three_sites") as server:
        page = browser.new_context().new_page()
        assert page.goto(f"{server.origin}/case/three_sites").status == 403
        assert page.goto(f"{server.origin}/?token=wrong").status == 403
        assert page.goto(server.address).status == 200
