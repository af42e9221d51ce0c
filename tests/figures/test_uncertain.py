"""Figures over many futures: nothing that is drawn is hidden, and nothing to draw is said."""

import pytest

from planner.figures.uncertain import NOTHING_ORDERED, commit_grid
from planner.report.html.parts import NARROW, WIDE
from planner.report.html.uncertain_report import findings_report
from planner.report.html.uncertain_svg import fan_svg, grid_svg
from planner.uncertainty.findings import Findings
from planner.uncertainty.findings_rows import RISK
from planner.uncertainty.plotted import fan
from tests.uncertainty.found import made

draw_fan = pytest.importorskip("planner.figures.draw_uncertain", reason="needs the extra report").fan


def test_a_grid_without_decisions_says_so():
    """Law: where no future orders anything by the date, grid and report say that in place of rows."""
    whole = made()
    tables = {**whole.tables, "decisions": (), "orders": (), "later": (), "changes": ()}
    spec = commit_grid(whole.summary, tables)
    assert spec.rows == (("Signed by 2026-06-30", NOTHING_ORDERED),)
    assert [cell.words for cell in spec.cells[0]] == [""] * len(spec.heads)
    for width in (WIDE, NARROW):
        assert NOTHING_ORDERED in grid_svg(spec, width)
    page = findings_report(Findings.of(RISK, whole.summary, tables))
    assert "no future would sign anything" in page
    assert NOTHING_ORDERED not in findings_report(whole)


def test_what_was_planned_is_drawn_above_the_middle():
    """Law: the dashed line is seen also where it is the same as P50: it is drawn after it."""
    spec = fan(made())
    lines = {line.get_linestyle(): line.get_zorder() for line in draw_fan(spec, dark=False).axes[0].get_lines()}
    assert lines["--"] > lines["-"]
    drawn = str(fan_svg(spec, WIDE, 340))
    assert drawn.index("level dashed") > drawn.index("line k-primary")
