"""The report of a sweep: every run stands in its table, and what the gaps leave open is greyed."""

import json
import re
from pathlib import Path

import pytest

from planner.analysis.comparison import Comparison
from planner.analysis.measures import measures_of
from planner.analysis.sweep_result import Sweep
from planner.analysis.sweep_store import is_sweep
from planner.errors import OptionError, PlannerError, UnknownNameError
from planner.figures.studies import MEASURES, differences, dots, waterfall_bars, within_gap
from planner.plan.plan import PlanData
from tests.figures.plans import kept_plan
from tests.report.test_html import read

sweep_report = pytest.importorskip("planner.report.html.sweep_report", reason="needs the extra report").sweep_report
RUNS = ("base", "dearer", "same", "<script>x", "short", "none")


def _row(name: str, less: float, doubt: float, unserved: float = 0.0) -> dict[str, object]:
    return {
        "name": name, "status": "optimal", "gap": 0.001, "reason": "", "cost": 10.0 + less, "unserved_share": unserved,
        "spend_primary": 5.0, "spend_backup": 5.0 + less, "capacity_end_primary": 100.0,
        "capacity_end_backup": 10.0 * (1.0 + less), "cost_less_base": less, "cost_uncertainty": doubt,
    }  # fmt: skip


ROWS = [
    _row("base", 0.0, 0.0), _row("dearer", 2.0, 0.1), _row("same", 0.05, 0.1), _row("cheaper", -1.0, 0.1),
    _row("short", -5.0, 0.1, 0.2), {**_row("missing", 9.0, 0.1), "reason": "could not meet everything"},
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a sweep as one is left behind, of kept plans and of a run without a plan."""
    place = tmp_path / "sweep"
    (place / "runs").mkdir(parents=True)
    (place / "sweep.json").write_text(json.dumps({"format": 1, "case_hash": "0", "runs": list(RUNS)}))
    plan = kept_plan("three_sites")
    for number, name in enumerate(RUNS[:4]):
        about = {"name": name, "key": "k", "changes": [], "measures": {**measures_of(plan), "cost": 4.0 + number}}
        made = PlanData(plan.case, {**plan.summary, "what_if": about}, plan.tables)
        if name == "<script>x":
            continue
        made.write(place / "runs" / name)
    failed = place / "runs" / "short"
    failed.mkdir()
    about = {"name": "short", "key": "k", "changes": []}
    (failed / "failure.json").write_text(json.dumps({"status": "infeasible", "reason": "<b>no</b>", "what_if": about}))
    return place


def test_the_page_has_every_run(folder, monkeypatch):
    """Law: runs with a plan and without one stand in the table, those that did not end below it; names are texts."""
    monkeypatch.setattr("planner.analysis.sweep_store.refuse_names", len)
    assert is_sweep(folder)
    sweep = Sweep.read(folder)
    assert list(sweep.rows) == ["base", "dearer", "same", "short"]
    assert sweep.missing == ["<script>x", "none"]
    assert sweep.plan("dearer").summary["what_if"]["name"] == "dearer"
    page = sweep_report(sweep)
    reader = read(page)
    assert reader.faults == []
    assert reader.loads == []
    assert len(re.findall(r'<tr [^>]*data-status="', page)) == 4
    assert "<script>x" not in page
    assert "<b>no</b>" not in page
    assert "2 runs without a result" in page
    assert len(re.findall(r'id="([^"]+)"', page)) == len(set(re.findall(r'id="([^"]+)"', page)))


def test_what_is_no_sweep_is_refused(tmp_path):
    """Law: a folder that no sweep wrote is said to be none."""
    assert not is_sweep(tmp_path)
    with pytest.raises(PlannerError, match=r"sweep\.json"):
        Sweep.read(tmp_path)


def test_differences_within_the_gap_are_pale_and_others_are_not_compared():
    """Law: the largest comparable difference comes first; with other demand unserved words come last, and no bar."""
    bars = differences(ROWS).bars
    assert [bar.name for bar in bars] == ["dearer", "cheaper", "same", "missing", "short"]
    assert [bar.doubt is not None and abs(bar.end) <= bar.doubt for bar in bars] == [False, False, True, True, True]
    assert [bar.end != 0.0 for bar in bars] == [True, True, True, False, False]
    assert not any("+" in bar.label or "-" in bar.label for bar in bars[3:])
    assert [bar.tone.name for bar in bars] == ["bad", "good", "bad", "other", "other"]
    assert [within_gap(row) for row in ROWS] == [True, False, True, False, False, False]


def test_a_waterfall_ends_at_the_difference():
    """Law: the parts follow on each other, and the last bar is their sum."""
    rows = [
        {"plan": "p", "item": "rent", "role": "primary", "difference_busd": 3.0},
        {"plan": "p", "item": "backup_income", "role": "", "difference_busd": -1.0},
        {"plan": "other", "item": "rent", "role": "backup", "difference_busd": 9.0},
    ]
    bars = waterfall_bars(rows, "p").bars
    assert [(bar.name, bar.begin, bar.end) for bar in bars] == [
        ("rent, primary", 0.0, 3.0),
        ("backup income", 3.0, 2.0),
        ("in all", 0.0, 2.0),
    ]


def test_points_that_another_beats_are_hollow():
    """Law: a run is filled where no other has as much of the measure for less."""
    backup = next(measure for measure in MEASURES if measure.key == "capacity_end_backup")
    found = {dot.name: dot.hollow for dot in dots(ROWS[:4], backup).dots}
    assert found == {"base": False, "dearer": False, "same": False, "cheaper": False}
    spend = next(measure for measure in MEASURES if measure.key == "spend_backup")
    assert {dot.name: dot.hollow for dot in dots(ROWS[:4], spend).dots}["dearer"]


@pytest.mark.slow
def test_sweeps_and_comparisons_have_figures(folder, monkeypatch):
    """Law: `sweep.plot` and `comparison.plot` return figures of matplotlib, and say what cannot be drawn."""
    matplotlib = pytest.importorskip("matplotlib.figure")
    monkeypatch.setattr("planner.analysis.sweep_store.refuse_names", len)
    sweep = Sweep.read(folder)
    for figure in (sweep.plot.costs(), sweep.plot.against("spend_backup", dark=True), sweep.plot.waterfall("dearer")):
        assert isinstance(figure, matplotlib.Figure)
        assert figure._repr_png_()
    with pytest.raises(OptionError, match="spend_backup"):
        sweep.plot.against("colour")
    row = {"plan": "p", "item": "rent", "role": "primary", "difference_busd": 3.0}
    change = {"plan": "p", "period": "2026", "provider": "x", "difference_it_mw": 5.0}
    change |= {"chip": "c", "role": "primary"}
    money = {"plan": "p", "period": "2026", "item": "rent", "role": "primary", "difference_busd": -2.0}
    cost = {"plan": "p", "difference_busd": 3.0, "low_busd": 2.0, "high_busd": 4.0, "sign": "more", "tier": ""}
    tables = {"waterfall": [row], "capacity": [change], "spend": [money], "differences": [cost], "summary": []}
    comparison = Comparison("a", ("p",), tables)
    assert repr(comparison) == "Comparison(cost against a: p +$3.000B)"
    plot = comparison.plot
    made = (plot.costs(), plot.waterfall(), plot.capacity("p"), plot.capacity(by="role"), plot.chips(), plot.spend())
    assert all(isinstance(one, matplotlib.Figure) for one in made)
    with pytest.raises(UnknownNameError, match="'q'"):
        plot.waterfall("q")
    with pytest.raises(OptionError, match="colour"):
        plot.capacity(by="colour")
    for shown in (comparison, sweep):
        assert shown._repr_html_().count("<img") == 1
