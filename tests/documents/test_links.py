"""Links of the pages: each leads to a file or a heading that is there, and every page is in the contents."""

import ast
import re
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import jupytext
import pytest

from tests.documents.session import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("sources/**/*.md")])
NOTEBOOKS = sorted(ROOT.glob("examples/*.py"))
INDEX, README = ROOT / "docs" / "index.md", ROOT / "README.md"
FORMULATION = ROOT / "docs" / "formulation.md"
FAMILIES = sorted(path for path in (ROOT / "planner" / "program" / "families").glob("*.py") if path.stem != "__init__")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE)


def name_of(path: Path) -> str:
    """Return how the tests call a page."""
    return path.relative_to(ROOT).as_posix()


@cache
def prose_of(path: Path) -> str:
    """Return the text of a page without its fenced blocks."""
    return _FENCED.sub("", path.read_text(encoding="utf-8"))


def links_of(path: Path) -> list[str]:
    """Return the addresses that a page links, those in code left out."""
    return _LINK.findall(re.sub(r"`[^`\n]*\]\([^`\n]*`", "", prose_of(path)))


def slug(heading: str) -> str:
    """Return the anchor of a heading, as code hosts and the site make it."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")


@cache
def anchors_of(path: Path) -> frozenset[str]:
    """Return the anchors of a page: its headings, and the places that it names."""
    found: list[str] = []
    for heading in re.findall(r"^#{1,6} (.+)$", prose_of(path), flags=re.MULTILINE):
        name = slug(heading)
        before = sum(one == name or re.fullmatch(rf"{re.escape(name)}-\d+", one) is not None for one in found)
        found.append(f"{name}-{before}" if before else name)
    return frozenset(found) | set(re.findall(r'<a id="([\w-]+)"></a>', prose_of(path)))


def wrong_links(path: Path) -> list[str]:
    """Return the links of a page that lead nowhere."""
    wrong = []
    for link in links_of(path):
        parts = urlsplit(link)
        if parts.scheme:
            host = "mail.host" if parts.scheme == "mailto" else parts.hostname or ""
            if parts.scheme not in ("https", "http", "mailto") or not _HOST.fullmatch(host):
                wrong.append(link)
            continue
        target = (path.parent / parts.path).resolve() if parts.path else path
        if not target.is_file() or (parts.fragment and parts.fragment not in anchors_of(target)):
            wrong.append(link)
    return wrong


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    """Law: every link within the project leads to a file, and to a heading of it; every other one is an address."""
    assert wrong_links(page) == []


@pytest.mark.parametrize(
    "link", ["other.md", "#no-such-heading", "../README.md#no-such-heading", "https://", "htp://a.b", "decisions/"]
)
def test_a_dead_link_is_found(tmp_path: Path, link: str) -> None:
    """Law: a link to no file, no heading, a folder, or no address is found."""
    page = tmp_path / "page.md"
    page.write_text(f"# Heading\n\n[one](#heading) and [dead]({link}).\n", encoding="utf-8")
    (tmp_path.parent / "README.md").write_text("# Read me\n", encoding="utf-8")
    assert wrong_links(page) == [link]


def test_every_page_is_in_the_contents() -> None:
    """Law: the contents of the site have every page and notebook, and so has README those of docs and examples."""
    of_docs = set((ROOT / "docs").glob("*.md"))
    of_notebooks = {text.with_suffix(".ipynb") for text in NOTEBOOKS}
    others = {ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")}
    others |= {*ROOT.glob("docs/**/README.md"), *ROOT.glob("sources/**/*.md")}
    for page, expected in ((INDEX, of_docs | of_notebooks | others), (README, of_docs | of_notebooks)):
        linked = {(page.parent / link.split("#")[0]).resolve() for link in links_of(page) if "://" not in link}
        assert {name_of(one) for one in expected - linked - {page, INDEX}} == set(), page.name


def test_every_decision_is_listed() -> None:
    """Law: the list of decisions has each of them, under its title."""
    folder = ROOT / "docs" / "decisions"
    listed = (folder / "README.md").read_text(encoding="utf-8")
    for page in sorted(folder.glob("0*.md")):
        number, title = page.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ").split(" ", 1)
        assert f"| [{number}]({page.name}) | {title} |" in listed, page.name


def sections_of(text: str) -> list[int]:
    """Return the sections of the formulation that a docstring names in its first line."""
    found = re.search(r"\(docs/formulation\.md, sections? ([\d, and]+)\)", text)
    return [int(number) for number in re.findall(r"\d+", found[1])] if found else []


@pytest.mark.parametrize("family", FAMILIES, ids=lambda path: path.stem)
def test_equations_are_tied_to_their_file(family: Path) -> None:
    """Law: the section of the formulation that a family names links the file of the family, and no other one does."""
    docstring = ast.get_docstring(ast.parse(family.read_text(encoding="utf-8"))) or ""
    parts = re.split(r"^## (\d+)\. ", FORMULATION.read_text(encoding="utf-8"), flags=re.MULTILINE)
    texts = dict(zip(map(int, parts[1::2]), parts[2::2], strict=True))
    link = f"](../planner/program/families/{family.name})"
    assert sections_of(docstring) != []
    assert [number for number, text in texts.items() if link in text] == sections_of(docstring)


@pytest.mark.parametrize("text", NOTEBOOKS, ids=name_of)
def test_a_notebook_names_pages_that_are_there(text: Path) -> None:
    """Law: the pages and files that the prose of a notebook names are there."""
    prose = "\n".join(cell.source for cell in jupytext.read(text).cells if cell.cell_type == "markdown")
    named = re.findall(r"`((?:docs|models|examples|sources)/[\w./-]+)`", prose)
    assert [name for name in named if not (ROOT / name).exists()] == []
