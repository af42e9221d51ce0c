"""Every page of the documentation does what it says: see `tests.documents.page` for how blocks are marked."""

import pytest

from tests.documents.__main__ import PAGES
from tests.documents.page import read_page
from tests.documents.session import ROOT, Session


def wrong(path, folder, *, slow):
    """Run a page and return what is not as stated."""
    page = read_page(path.read_text(encoding="utf-8"))
    findings = Session(folder).run_page(page, slow=slow)
    return [f"{path}:{finding.line}: {finding.text}\n{finding.fault}" for finding in findings if finding.fault]


def name_of(path):
    """Return how the tests call a page."""
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_every_block_is_marked(path):
    """Law: every fenced block is run, written to a file, or says why it is not."""
    assert read_page(path.read_text(encoding="utf-8")).faults == []


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_every_page_keeps_its_promises(path, tmp_path):
    """Law: every command and snippet of a page, from top to bottom in an empty folder, comes out as stated."""
    assert wrong(path, tmp_path, slow=False) == []


@pytest.mark.slow
@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_every_page_keeps_its_slow_promises(path, tmp_path):
    """Law: so do the solves that take longer."""
    if not any(block.slow for block in read_page(path.read_text(encoding="utf-8")).blocks):
        pytest.skip("the page has no slow blocks")
    assert wrong(path, tmp_path, slow=True) == []
