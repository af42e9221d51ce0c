"""Pictures of fronts and tornados: every point and bar is drawn where it belongs, or the reason why there is none."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from planner.errors import PlannerError

plots = pytest.importorskip("planner.report.plots", reason="needs the extra plot (matplotlib)")


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The figures that were drawn; nothing is written."""
    figures: list[Any] = []
    monkeypatch.setattr(plots, "_save", lambda figure, file: figures.append(figure) or Path(file))
    return figures


def point(
    value: float, cost: float | None, *, dominated: str = "no", bound: float | None = None, unserved: float = 0.0
):
    """Return a row of a front."""
    return {
        "value": value, "label": f"v{value:g}", "cost_busd": cost, "bound_busd": bound, "dominated": dominated,
        "unserved_share": unserved if cost is not None else None,
    }  # fmt: skip


def front(rows: list[dict[str, Any]], against: str = "critical_share") -> Any:
    """Return as much of a front as its picture asks for."""
    points = [row for row in rows if row["cost_busd"] is not None and row["dominated"] == "no"]
    return SimpleNamespace(rows=rows, points=points, against=against, title="critical share")


def test_points_bounds_and_gaps_stand_where_they_belong(drawn: list[Any]) -> None:
    """Plans are filled, dominated ones hollow, bounds below them, and a dotted line where there is no plan."""
    rows = [point(0.1, 5.0, bound=4.5), point(0.2, 7.0, dominated="yes"), point(0.3, 6.0), point(0.4, None)]
    assert plots.plot_front(front(rows), "front.png") == Path("front.png")
    lines = {line.get_label(): line for line in drawn[0].axes[0].get_lines()}
    assert list(lines["plan, not dominated"].get_xydata().ravel()) == [0.1, 5.0, 0.3, 6.0]
    assert list(lines["plan, dominated"].get_xydata().ravel()) == [0.2, 7.0]
    assert list(lines["proven bound"].get_xydata().ravel()) == [0.1, 4.5]
    assert list(lines["no plan"].get_xdata()) == [0.4, 0.4]
    assert drawn[0].axes[0].get_xlabel() == "critical share"


@pytest.mark.parametrize(("unserved", "notes"), [(0.0, []), (4e-7, []), (0.125, ["0.0% unserved", "12.5% unserved"])])
def test_unserved_demand_is_written_where_any_point_has_it(drawn: list[Any], unserved: float, notes: list[str]) -> None:
    """Costs compare only at the same service: with any unserved demand each point says its own."""
    plots.plot_front(front([point(1.0, 5.0), point(2.0, 4.0, unserved=unserved)]), "f.png")
    assert [text.get_text() for text in drawn[0].axes[0].texts] == notes


def test_a_front_against_a_date_has_periods_below_it(drawn: list[Any]) -> None:
    """Ticks are the labels of all rows, also of those without a plan."""
    plots.plot_front(front([point(0.0, 5.0), point(1.0, None)], "gw_date"), "f.png")
    assert [tick.get_text() for tick in drawn[0].axes[0].get_xticklabels()] == ["v0", "v1"]


def end(name: str, side: str, cost: float | None, difference: float | None, unserved: float = 0.0) -> dict[str, Any]:
    """Return a row of a tornado."""
    return {
        "input": name, "end": side, "cost_busd": cost, "cost_difference_busd": difference,
        "unserved_share": None if cost is None else 0.1 + unserved, "unserved_share_difference": unserved,
        "shortfall_tier": "", "shortfall_difference": None,
    }  # fmt: skip


def tornado(rows: list[dict[str, Any]]) -> Any:
    """Return as much of a tornado as its picture asks for."""
    return SimpleNamespace(rows=rows, base=SimpleNamespace(summary={"cost_busd": 10.0}))


def test_bars_go_from_the_base_to_each_end(drawn: list[Any]) -> None:
    """Low and high of an input are on one line, from the cost of the base; what has no plan, or unserved, says so."""
    rows = [
        end("a", "low", 8.0, -2.0), end("a", "high", 13.0, 3.0), end("b", "low", None, None),
        end("b", "high", 11.0, 1.0, unserved=0.05),
    ]  # fmt: skip
    plots.plot_tornado(tornado(rows), "t.png")
    axes = drawn[0].axes[0]
    assert [(bar.get_x(), bar.get_width()) for bar in axes.patches] == [(10, -2), (10, 0), (10, 3), (10, 1)]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["a", "b"]
    assert [text.get_text() for text in axes.texts] == ["low: no plan", "high: +5.0% unserved"]
    assert axes.yaxis_inverted()


def test_the_largest_inputs_are_drawn(drawn: list[Any]) -> None:
    """Of many inputs the first fifteen, in the order of the table."""
    rows = [end(f"i{n}", side, 11.0, 1.0) for n in range(20) for side in ("low", "high")]
    plots.plot_tornado(tornado(rows), "t.png")
    assert [tick.get_text() for tick in drawn[0].axes[0].get_yticklabels()] == [f"i{n}" for n in range(15)]


@pytest.mark.parametrize("rows", [[], [point(1.0, None)]])
def test_a_front_without_a_plan_is_not_drawn(rows: list[dict[str, Any]]) -> None:
    """There is nothing to draw, and that is said."""
    with pytest.raises(PlannerError, match="nothing to draw"):
        plots.plot_front(front(rows), "f.png")


def test_a_tornado_without_a_plan_is_not_drawn() -> None:
    """There is nothing to draw, and that is said."""
    with pytest.raises(PlannerError, match="nothing to draw"):
        plots.plot_tornado(tornado([end("a", "low", None, None)]), "t.png")


@pytest.mark.parametrize("name", ["front.xyz", "front.png.gz", "front.pngx"])
def test_a_format_that_is_none_is_told_and_nothing_is_left(tmp_path: Path, name: str) -> None:
    """The name of the file says its format; one that matplotlib does not know is a fault of the name."""
    with pytest.raises(PlannerError, match=r"cannot be drawn"):
        plots.plot_front(front([point(1.0, 5.0)]), tmp_path / name)
    assert list(tmp_path.iterdir()) == []
