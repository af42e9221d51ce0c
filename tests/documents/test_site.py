"""The site of the documentation: it builds without a warning, opens without a network, and its search finds pages.

Needs the extra ``docs``; the tests in a browser need Chromium (``CHROMIUM`` names it where it has another name) and
Playwright besides.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from planner import __version__
from tests.documents.session import ROOT
from tests.report.test_browser import AXE, DESKTOP, PHONE, browser

pytestmark = pytest.mark.slow
__all__ = ["browser"]
PAGES = ("docs/index", "README", "docs/formulation", "docs/report", "docs/model-file", "examples/01_first_plan")
BUILT = os.environ.get("BUILT_SITE")
LOADED = {"img": "src", "script": "src", "iframe": "src", "source": "src", "audio": "src", "video": "src"}
"""What a page loads by itself, by element."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `make docs` does; where ``BUILT_SITE`` names one that it has built, that one."""
    pytest.importorskip("sphinx", reason="needs the extra docs")
    if BUILT is not None:
        return Path(BUILT)
    place = tmp_path_factory.mktemp("site")
    words = ["-m", "sphinx", "-q", "-W", "--keep-going", "-c", "docs", ".", str(place)]
    built = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    assert built.stderr == ""
    return place


class _Loads(HTMLParser):
    """What a page loads, and where it leads."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.leads: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.ids.add(found.get("id") or "")
        place = LOADED.get(tag) or ("href" if tag == "link" and found.get("rel") != "canonical" else "")
        self.loads += [found[place] or ""] if place in found else []
        self.leads += [found["href"] or ""] if tag == "a" and "href" in found else []


def read(page: Path) -> _Loads:
    """Read a page of the site."""
    found = _Loads()
    found.feed(page.read_text(encoding="utf-8"))
    return found


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    """Law: whatever a page or a style sheet loads lies in the site."""
    for page in site.rglob("*.html"):
        for link in read(page).loads:
            assert not re.match(r"[a-z]+:|//", link.removeprefix("data:")), (page.name, link)
            file = page.parent / link.split("?")[0].split("#")[0]
            assert link.startswith("data:") or file.exists(), (page.name, link)
    for sheet in site.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        assert re.findall(r"@import[^;]*//|url\(\s*['\"]?(?:https?:)?//[^)]*\)", text) == [], sheet.name


def test_every_link_of_the_site_leads_somewhere(site: Path) -> None:
    """Law: links from page to page, anchors included, lead to a page and a place in it."""
    pages = {page: read(page) for page in site.rglob("*.html")}
    wrong = set()
    for page, found in pages.items():
        for link in found.leads:
            path, _, anchor = link.partition("#")
            if re.match(r"[a-z]+:", link):
                continue
            target = (page.parent / path).resolve() if path else page
            ids = pages[target].ids if target in pages else set()
            if not target.exists() or (anchor and target in pages and anchor not in ids):
                wrong.add((page.relative_to(site).as_posix(), link))
    assert wrong == set()


def test_the_site_says_its_version(site: Path) -> None:
    """Law: the version of the package stands on every page."""
    for name in PAGES:
        assert f"gigaplan {__version__}" in (site / f"{name}.html").read_text(encoding="utf-8")


@pytest.fixture
def opened(browser: Any, site: Path) -> Iterator[Any]:
    """A function that opens a page in a browser; at the end nothing was said and nothing asked for outside the site."""
    said: list[str] = []
    asked: list[str] = []

    def open_page(name: str, size: dict[str, int] = DESKTOP, scheme: str = "light") -> Any:
        page = browser.new_page(viewport=size, color_scheme=scheme)
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto((site / f"{name}.html").as_uri())
        return page

    yield open_page
    assert said == []
    assert [url for url in asked if not url.startswith((site.as_uri(), "data:"))] == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_without_error_or_request(opened: Any, name: str) -> None:
    """Law: light and dark, on a desk and on a phone: its pictures are there, and nothing is wider than the window."""
    for size, scheme in ((DESKTOP, "light"), (PHONE, "dark")):
        page = opened(name, size, scheme)
        shown = "[...document.images].filter((one) => one.checkVisibility())"
        assert page.evaluate(f"{shown}.filter((one) => !one.complete || !one.naturalWidth).map((one) => one.src)") == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_first_page_leads_on(opened: Any) -> None:
    """Law: the address of the site leads to its first page, with the contents and a figure that the build drew."""
    page = opened("index")
    page.wait_for_url("**/docs/index.html")
    # the address changes before the page behind it is read: what is asked of it is waited for
    page.locator(".sidebar-tree a.reference.internal").nth(30).wait_for(state="attached")
    shown = page.locator("article img:visible")
    shown.nth(1).wait_for()
    assert ["starter-" in (shown.nth(number).get_attribute("src") or "") for number in range(2)] == [True, True]


def test_search_finds_a_page(opened: Any) -> None:
    """Law: the search works without a server, and leads to the page."""
    page = opened("docs/index")
    page.get_by_role("textbox").first.fill("take-or-pay")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?*")
    # results come one after the other
    page.locator("#search-results li a[href*='formulation.html']").first.wait_for()


PRUNE = """() => {
  const seen = {};
  const extra = (key, most) => (seen[key] = (seen[key] ?? 0) + 1) > most;
  document.querySelectorAll("article pre span").forEach((one) => {
    const block = one.closest("div[class^=highlight-]")?.className;
    if (one.textContent.trim().length < 2 || extra(one.className + block, 4)) one.remove();
  });
  document.querySelectorAll("article tbody tr").forEach((one) => { if (one.rowIndex > 4) one.remove(); });
  document.querySelectorAll("article :is(p, li, code)").forEach((one) => {
    const parent = one.parentElement;
    const kind = one.tagName + one.className + parent.tagName + parent.className;
    const kept = one.querySelector("a, img, table") ?? one.closest("a, dt, th, h1, h2, h3, h4");
    if (kept === null && extra(kind, 20)) one.remove();
  });
}"""
"""Keeps a few of what is alike: the contrast of thousands of words of code takes minutes."""
REACHED = """() => [...document.querySelectorAll("article pre, article .table-wrapper, article .cell_output")].every(
  (one) => one.scrollWidth <= one.clientWidth || one.tabIndex === 0)"""
"""What scrolls has its place in the order of the keyboard: the page sees to that once it is laid out."""
THEME = {"page-has-heading-one": "<html"}
"""What the theme itself does otherwise than axe asks, with how the element begins: its page of search has no title."""


def violations(page: Any, where: str, options: str) -> list[list[str]]:
    """Return what axe finds."""
    kinds = "found.violations.flatMap((one) => one.nodes.map((node) => [one.id, node.target.join(), node.html]))"
    found: list[list[str]] = page.evaluate(f"axe.run({where}, {{preload: false, {options}}}).then((found) => {kinds})")
    return found


def test_every_article_can_be_read_by_everybody(browser: Any, site: Path) -> None:
    """Law: axe finds no fault in an article, wide and narrow, nor in its contrasts, light and dark.

    Of the files of code that are shown, all alike, three are looked at.
    """
    if AXE is None:
        pytest.skip("needs axe-playwright-python")
    shown = [
        page for page in sorted(site.rglob("*.html")) if "_static" not in page.parts and page != site / "index.html"
    ]
    code = [page for page in shown if "planner" in page.relative_to(site).parts]
    articles = [page for page in shown if page not in code[:-3]]
    assert len(articles) > 50
    page = browser.new_page(viewport=PHONE, color_scheme="light")
    page.set_default_timeout(60_000)
    wrong: dict[str, list[list[str]]] = {}
    for file in articles:
        page.set_viewport_size(PHONE)
        page.emulate_media(color_scheme="light")
        page.goto(file.as_uri())
        page.evaluate(AXE.read_text(encoding="utf-8"))
        page.wait_for_function(REACHED, timeout=30_000)
        found = violations(page, "'article'", "runOnly: ['scrollable-region-focusable', 'target-size']")
        page.evaluate(PRUNE)
        page.set_viewport_size(DESKTOP)
        found += violations(page, "'article'", "rules: {'scrollable-region-focusable': {enabled: false}}")
        page.emulate_media(color_scheme="dark")
        found += violations(page, "'article'", "runOnly: ['color-contrast']")
        if found:
            wrong[file.relative_to(site).as_posix()] = found[:5]
    assert wrong == {}, wrong


@pytest.mark.parametrize("name", ["docs/index", "search", "examples/02_own_case"])
@pytest.mark.parametrize(("size", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")])
def test_a_whole_page_can_be_read_by_everybody(opened: Any, name: str, size: dict[str, int], scheme: str) -> None:
    """Law: so is what lies around the articles, but for what the theme does itself."""
    if AXE is None:
        pytest.skip("needs axe-playwright-python")
    page = opened(name, size, scheme)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = violations(page, "document", "rules: {}")
    assert [one for one in found if not one[2].startswith(THEME.get(one[0], "none"))] == []


def test_what_scrolls_is_reached_by_keyboard(opened: Any) -> None:
    """Law: a block that is wider than the window has the focus in its turn, and scrolls by the arrows."""
    page = opened("docs/cli", PHONE)
    page.wait_for_function("document.querySelector('article pre[tabindex]') !== null")
    wide = page.locator("article pre[tabindex='0']").first
    wide.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.activeElement.scrollLeft > 0")


def test_make_docs_is_what_is_tested() -> None:
    """Law: the site of these tests is that of `make docs`, which the checks of the project run."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "-m sphinx -q -W --keep-going -c docs . build/docs" in makefile
    assert re.search(r"(?m)^make .*\bdocs\b", (ROOT / ".ci" / "run").read_text(encoding="utf-8"))
