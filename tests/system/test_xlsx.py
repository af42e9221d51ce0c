"""Cells of workbooks: texts that stay texts, values that no cell can hold, libraries that are not there."""

import io
import sys

import pytest
from openpyxl import load_workbook

from planner.errors import PlannerError
from planner.system.xlsx import MOST_ROWS, Book


def test_a_text_is_a_text_whatever_it_begins_with():
    """Law: texts that begin as formulas do are marked as texts, so that they stay such when they are edited."""
    book = Book("title", "a test")
    sheet = book.sheet("s")
    texts = ["=1+1", "+1", "-1", "@x", "'x", "plain", "http://example.org", "1"]
    for row, text in enumerate(texts):
        sheet.put(row, 0, text)
    cells = [row[0] for row in load_workbook(io.BytesIO(book.content()))["s"].iter_rows()]
    assert [(cell.value, cell.data_type, cell.hyperlink) for cell in cells] == [(text, "s", None) for text in texts]
    assert [cell.quotePrefix for cell in cells] == [True] * 5 + [False] * 3


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "a\x01b", "\ud800", "x" * 32_768, "\U0001f600" * 16_384])
def test_what_no_cell_can_hold_is_refused_by_its_place(value):
    """Law: no number that is none, no control character and no text that is too long is written in part."""
    with pytest.raises(PlannerError, match="sheet s, row 3, column 2"):
        Book("title", "a test").sheet("s").put(2, 1, value)


def test_a_sheet_ends_where_workbooks_end():
    """Law: a row beyond the last one is refused, not left out."""
    with pytest.raises(PlannerError, match="at most 1,048,576 rows"):
        Book("title", "a test").sheet("s").put(MOST_ROWS, 0, 1)


def test_a_missing_library_is_named_with_its_extra(monkeypatch):
    """Law: the message says what needs which library, and how it is installed."""
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(PlannerError, match=r"a test needs xlsxwriter.*pip install 'gigaplan\[excel\]'"):
        Book("title", "a test")
