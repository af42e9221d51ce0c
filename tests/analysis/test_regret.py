"""Regret: what the contracts of one run cost in the case of another, by hand and by the report of the sweep."""

import re

import pytest

from planner.analysis import regret
from planner.analysis.regret import NO_TIME, Regret, regret_of, worst_of
from planner.analysis.sweep import sweep
from planner.errors import NoPlanError, OptionError, UnknownNameError
from planner.plan.plan import PlanData
from planner.runs.outcome import Outcome
from planner.runs.variants import Runner
from tests.analysis.here import runs_here
from tests.figures.plans import KEPT

GAP = 1e-6
DEARER = {"op": "scale", "table": "offers", "key": "south_cloud", "column": "rent_musd_per_mw_year", "factor": 1.05}
WHATIFS = {
    "small-north": [{"op": "set", "table": "sites", "key": "north", "column": "max_it_mw", "value": 20}],
    "dearer": [DEARER],
    "none": ["sites[north].max_it_mw=0", {"op": "force", "site": "north", "by": 2026}],
}


def _pair(plan: str, case: str, regret: float | None, doubt: float = 0.0) -> dict[str, object]:
    return {
        "plan": plan, "case": case, "status": "optimal", "kept_busd": 1.0, "best_busd": 1.0, "regret_busd": regret,
        "uncertainty_busd": doubt, "low_busd": None if regret is None else regret - doubt,
        "high_busd": None if regret is None else regret + 0.1, "sign": "more" if regret else "equal",
        "reason": "" if regret is not None else "its contracts cannot be kept",
    }  # fmt: skip


ROWS = (
    _pair("a", "a", 0.0), _pair("a", "b", 3.0, 0.5), _pair("b", "a", 1.0), _pair("b", "b", 0.0), _pair("c", "a", None),
    _pair("c", "c", 0.0),
)  # fmt: skip


def test_the_least_regretted_plan_comes_first():
    """Law: a plan that can be kept in more cases comes first, then that of the smaller largest regret."""
    found = worst_of(["a", "b", "c"], ROWS)
    assert [(row["plan"], row["worst_busd"], row["case"], row["impossible"]) for row in found] == [
        ("b", 1.0, "a", 0), ("a", 3.0, "b", 0), ("c", 0.0, "c", 1),
    ]  # fmt: skip


def test_regret_in_a_page():
    """Law: every pair stands in the table, what the gaps leave open grey, and what does not compare in words."""
    section = pytest.importorskip("planner.report.html.regret", reason="needs the extra report").regret_section
    body = section(Regret(("a", "b", "c"), ROWS)).body
    assert re.search(r">3\.00<div[^>]*>2\.50 to 3\.10<", body)
    assert "its contracts cannot be kept" in body
    assert "no figure in 1 of 3 cases" in body
    assert "planner report SWEEP --regret" in section(None).body


class _Swept:
    """A sweep of three runs with the same plan."""

    def overview(self) -> list[dict[str, object]]:
        return []

    def plan(self, _name: str) -> PlanData:
        return PlanData.read(KEPT / "three_sites")


def test_why_no_run_was_chosen_is_said():
    """Law: where no run is worth the question, each stands in the message with what keeps it out."""

    def row(name, less, sign, share=0.0):
        return {"name": name, "cost_less_base": less, "cost_uncertainty": 0.1, "sign": sign, "unserved_share": share}

    class Swept(_Swept):
        def overview(self) -> list[dict[str, object]]:
            return [row("base", 0.0, ""), row("twin", 0.0, "equal"), row("near", 0.01, "open"), row("none", None, ""),
                    row("short", -1.0, "more", 0.2)]  # fmt: skip

    with pytest.raises(OptionError) as raised:
        regret_of(Swept())  # type: ignore[arg-type]
    for words in ("twin: the same as the base", "near: costs no more or less than the gaps leave open",
                  "none: without a plan", "short: does not miss the same as the base"):  # fmt: skip
        assert words in str(raised.value)


def test_a_limit_of_time_is_shared(monkeypatch):
    """Law: under a limit each pair may take an equal share of what is left; one without any is not begun."""
    now, asked = [0.0], []

    def kept(plan, case, runner, label):
        asked.append(runner.options.time_limit_s)
        now[0] += 10.0 if len(asked) == 1 else 25.0
        return Outcome.of_plan(plan, label)

    monkeypatch.setattr(regret, "with_contracts", kept)
    monkeypatch.setattr(regret.time, "monotonic", lambda: now[0])
    runner = Runner()
    given = runner.options
    found = regret_of(_Swept(), ["a", "b", "c"], within_s=60.0, runner=runner)  # type: ignore[arg-type]
    assert asked == pytest.approx([10.0, 10.0, 25.0 / 4.0])
    assert [row["reason"] for row in found.rows if row["plan"] != row["case"]] == ["", "", "", *[NO_TIME] * 3]
    assert [row["regret_busd"] for row in found.rows if row["plan"] == row["case"]] == [0.0] * 3
    assert runner.options is given


@pytest.mark.slow
def test_regret_by_hand():
    """Law: no regret in the own case; kept contracts cost what their rents say; what cannot be kept has no figure."""
    with runs_here():
        done = sweep("three_sites", WHATIFS, gap=GAP)
    found = done.regret(["base", "small-north", "dearer"], gap=GAP)
    of = {(row["plan"], row["case"]): row for row in found.rows}
    costs = {name: done.plan(name).cost_busd for name in ("base", "small-north", "dearer")}
    assert all(of[name, name]["regret_busd"] == 0.0 for name in costs)
    assert of["small-north", "base"]["regret_busd"] == pytest.approx(costs["small-north"] - costs["base"], abs=1e-4)
    assert of["base", "small-north"]["regret_busd"] is None
    assert "cannot be kept" in of["base", "small-north"]["reason"]
    assert all(row["regret_busd"] is None or row["regret_busd"] >= 0.0 for row in found.rows)
    assert len(found.table()) == 9
    assert done.regret(["base", "small-north", "dearer"], within_s=1e6, gap=GAP).rows == found.rows
    assert "Regret(3 runs" in repr(found)
    with pytest.raises(UnknownNameError):
        done.regret(["nothing"])
    with pytest.raises(NoPlanError):
        done.regret(["base", "none"])
    with pytest.raises(OptionError, match="two runs"):
        done.regret(["base"])
