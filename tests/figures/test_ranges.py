"""Figures of fronts, tornados and comparisons show what their tables say, and what the gaps leave open is pale."""

import pytest

from planner.analysis.front import Front
from planner.analysis.plotted import TornadoPlots
from planner.errors import OptionError
from planner.figures.colours import BAD, OTHER
from planner.figures.ranges import front_dots, tornado_bars
from planner.figures.studies import capacity_change, cost_changes, spend_change
from planner.runs.difference import Difference


def _point(value: float, cost: float | None, bound: float | None, dominated: str = "no") -> dict[str, object]:
    unserved = None if cost is None else 0.0
    return {
        "against": "budget", "value": value, "label": f"{value:g}", "status": "optimal", "cost_busd": cost,
        "bound_busd": bound, "gap": 0.0, "unserved_share": unserved, "dominated": dominated, "reason": "",
    }  # fmt: skip


def _end(name: str, end: str, less: float | None, doubt: float = 0.1, tier: str = "", unserved: float = 0.0):
    return {
        "input": name, "end": end, "cost_difference_busd": less, "cost_uncertainty_busd": doubt, "shortfall_tier": tier,
        "shortfall_difference": 2.0 if tier else None, "swing_busd": 1.0, "unserved_share_difference": unserved,
    }  # fmt: skip


def test_a_front_is_its_points():
    """Law: every point with a plan is drawn at its value, cost and bound; dominated ones are hollow, others named."""
    spec = front_dots([_point(0.5, 9.0, 8.5), _point(0.6, 9.5, None, "yes"), _point(0.9, None, None)], "budget")
    assert [(dot.x, dot.y, dot.low, dot.hollow) for dot in spec.dots] == [
        (0.5, 9.0, 8.5, False),
        (0.6, 9.5, None, True),
    ]
    assert "Without a plan: 0.9." in spec.note
    assert [dot.name for dot in spec.dots] == ["0.5", "0.6"]


def test_unserved_demand_is_said_where_any_has_it():
    """Law: costs compare at the same service; with any unserved demand each point, and each end, says its own."""
    rows = [_point(1.0, 5.0, 5.0), {**_point(2.0, 4.0, 4.0), "unserved_share": 0.125}]
    assert [dot.name for dot in front_dots(rows, "budget").dots] == ["1, 0.0% unserved", "2, 12.5% unserved"]
    ends = [_end("a", "low", -2.0), _end("a", "high", 1.0, unserved=0.05), _end("b", "low", 1.0, unserved=4e-7)]
    assert [bar.label for bar in tornado_bars(ends).bars] == ["low -2.00", "high +1.00, +5.0% unserved", "low +1.00"]


def test_both_ends_of_an_input_are_on_one_line():
    """Law: an input has one line with both ends; an end within the gaps is pale, one that misses more has no bar."""
    rows = [
        _end("a", "low", -3.0),
        _end("a", "high", 0.05),
        _end("b", "low", 9.0, tier="cash"),
        _end("b", "high", None),
    ]
    spec = tornado_bars(rows)
    assert [len(line) for line in spec.lines] == [2, 2]
    assert [bar.end for bar in spec.bars] == [-3.0, 0.05, 0.0, 0.0]
    assert [bar.faint for bar in spec.bars] == [False, True, False, False]
    assert [bar.label for bar in spec.bars[2:]] == ["low: more missed", "high: no plan"]
    assert "The first 1 of 2 inputs." in tornado_bars(rows, most=1).note


def test_what_cannot_be_drawn_is_said():
    """Law: a front without a plan and a tornado without an input are told, and have no picture."""
    found = Front("budget", (_point(0.9, None, None),), {})
    with pytest.raises(OptionError, match="no point"):
        found.plot.costs()
    assert "<img" not in found._repr_html_()
    with pytest.raises(OptionError, match="no input"):
        TornadoPlots([]).costs()


def test_more_and_less_of_a_period_are_apart():
    """Law: what is more of one provider and less of another is shown as both; other plans are left out."""
    rows = [
        {"plan": "p", "period": "2027", "provider": "x", "difference_it_mw": -40.0},
        {"plan": "p", "period": "2026", "provider": "x", "difference_it_mw": 50.0},
        {"plan": "p", "period": "2026", "provider": "y", "difference_it_mw": -20.0},
        {"plan": "q", "period": "2026", "provider": "y", "difference_it_mw": 900.0},
    ]
    spec = capacity_change(rows, "p")
    assert spec.periods == ("2026", "2027")
    assert [layer.values for layer in spec.layers] == [
        pytest.approx((0.05, 0.0)), pytest.approx((0.02, 0.04)),
    ]  # fmt: skip
    money = [{"plan": "p", "period": "2026", "item": "rent", "difference_busd": 2.0}]
    assert [layer.values for layer in spend_change(money, "p").layers] == [(2.0,), (0.0,)]


def test_costs_within_the_gaps_of_both_plans_are_pale():
    """Law: the doubt is what both gaps leave open, all without a bound; what misses unlike amounts has no bar."""

    def row(name: str, cost: float, bound: float | None, tier: str = "") -> dict[str, object]:
        missing = [{"tier": tier, "unit": "busd", "amount": 1.0, "bound": 1.0, "tolerance": 0.0}] if tier else []
        plan = {"cost_busd": cost, "bound_busd": bound, "shortfalls": missing}
        found = Difference.between(plan, {"cost_busd": 10.0, "bound_busd": 9.9, "shortfalls": []})
        return {"plan": name, "difference_busd": found.busd, **found.columns(), "tier": found.tier}

    rows = [row("near", 10.1, 10.0), row("far", 12.0, 11.5), row("unknown", 20.0, None), row("less", 5.0, 5.0, "cash")]
    spec = cost_changes(rows, "ref")
    assert [bar.doubt for bar in spec.bars] == [pytest.approx(0.1), pytest.approx(0.5), 10.0, 0.0]
    assert [bar.faint for bar in spec.bars] == [True, False, True, True]
    assert [bar.tone for bar in spec.bars] == [BAD, BAD, BAD, OTHER]
    assert (spec.bars[3].label, spec.bars[3].end) == ("misses other amounts", 0.0)
