"""Tables of text: names, words and figures are whole at any width."""

import io
import re

import pytest
from rich.console import Console

from planner.cli.rows import print_rows, widths_of

HEADINGS = [
    ("", "left"), ("probability", "right"), ("cost, $B", "right"), ("by itself, with the limits", "right"),
    ("unserved", "right"), ("late", "right"), ("lapsed", "right"), ("missing", "left"),
]  # fmt: skip
ROWS = [
    ["energised_late_and_few_chips", "0.25", "613.2", "610.1", "16.2 %", "9", "6", "unserved, programme, head-room"],
    ["s2 [bold]of two[/bold]", "0.125", "1086.4", "1080.9", "29.0 %", "16", "7", ""],
]


def printed(width: int, headings=HEADINGS, rows=ROWS) -> list[str]:
    """The lines of a table at a width."""
    text = io.StringIO()
    print_rows(Console(file=text, width=width), headings, rows)
    return text.getvalue().splitlines()


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_names_words_and_figures_are_whole(width):
    """Law: every name is whole within a line, so is every word and figure, and no line is wider than the console."""
    lines = printed(width)
    assert all(len(line.rstrip()) <= width for line in lines)
    words = " ".join(lines).replace(";", " ").split()
    for row in ROWS:
        assert sum(line.startswith(row[0]) for line in lines) == 1
        assert all(word in words for cell in row[1:] for word in cell.split())
    for heading, _ in HEADINGS:
        assert all(word in words or f"{word}:" in words for word in heading.split())


def test_each_layout_is_used_where_it_fits():
    """Law: a line for each row where there is room; else names stand alone, figures below or one after another."""
    assert len(printed(200)) == 1 + len(ROWS)
    assert ROWS[1][0] in [line.strip() for line in printed(80)]
    assert any(line.startswith("probability: 0.25; cost, $B: 613.2;") for line in printed(60))


def test_figures_that_fit_stand_below_one_another():
    """Law: where names stand on lines of their own, the figures of all rows end at the same places."""
    figures = [line for line in printed(80) if "0.25 " in line or "0.125 " in line]
    assert len({re.match(r" *[0-9.]+", line).end() for line in figures}) == 1


@pytest.mark.parametrize("room", range(5, 140, 9))
def test_widths_fit_the_room(room):
    """Law: widths and the gaps between columns are no more than the room, and no column is narrower than a word."""
    found = widths_of(HEADINGS, ROWS, room)
    if found is not None:
        assert sum(found) + 2 * (len(HEADINGS) - 1) <= room
        assert found[0] >= len(ROWS[0][0])


def test_a_table_without_rows_has_its_headings():
    """Law: no row is no failure."""
    assert printed(80, [("a", "left"), ("b", "right")], []) == ["a  b"]


def test_a_row_without_a_name_goes_on_with_the_one_before():
    """Law: it is no empty line where names stand on lines of their own."""
    rows = [ROWS[0], ["", *ROWS[1][1:]]]
    assert "" not in [line.strip() for line in printed(60, rows=rows)]
