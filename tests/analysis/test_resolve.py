"""Open differences solved further: which runs, in which order, until when; and what the studies make of it."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from planner import Case, attribute, compare, front, tornado
from planner.analysis.resolve import Pair, Wanted, resolve_open, still_open
from planner.analysis.sweep import sweep
from planner.analysis.sweep_result import Sweep
from planner.analysis.tornado import _rank
from planner.api import Plan
from planner.audit import audit
from planner.case.case import CaseData
from planner.changes.apply import apply_changes
from planner.errors import InfeasibleError, OptionError
from planner.plan.plan import PlanData
from planner.report.html.study_report import study_report
from planner.runs.difference import EQUAL, LESS, MORE, OPEN, Difference
from planner.runs.further import better_plan
from planner.runs.variants import Runner
from tests.analysis.by_hand import plan_of
from tests.length import some
from tests.redundancy.random_cases import random_case

NORTH = "offers[north_cloud].rent_musd_per_mw_year"
DEARER = [f"{NORTH}=10.1"]
"""Costs 0.012 $B more: 40 and 80 IT MW at 0.1 $M a year, discounted as the case does; less than a gap of 3 % leaves."""


def plan(cost: float, slack: float) -> PlanData:
    """A plan that may be off by a slack."""
    figures = {"status": "gap_reached", "cost_busd": cost, "bound_busd": cost - slack, "gap": slack / cost}
    return plan_of(summary={**figures, "gap_target": 0.5, "shortfalls": [], "unserved_share_bound": 0.0})


class Halving:
    """Solves runs further by halving what is open, without a solver; keeps what was asked for."""

    def __init__(self, plans: dict[str, PlanData], seconds: float = 1.0, stop_after: int = 1000) -> None:
        self.plans, self.seconds, self.left = plans, seconds, stop_after
        self.asked: list[tuple[str, ...]] = []

    def __call__(self, wanted: Sequence[Wanted]) -> Iterator[tuple[str, PlanData, float]]:
        """Halve each."""
        self.asked.append(tuple(one.run for one in wanted))
        for one in wanted:
            if not self.left:
                return
            self.left -= 1
            old = self.plans[one.run]
            yield one.run, better_plan(old, plan(old.cost_busd, one.gap * old.cost_busd)), self.seconds


def test_only_open_pairs_are_solved_the_cheapest_first() -> None:
    """Law: a pair with a sign costs nothing; of the others the one that needs fewest halvings comes first."""
    plans = {"base": plan(10.0, 0.2), "far": plan(10.001, 0.9), "near": plan(10.6, 0.9), "known": plan(20.0, 0.9)}
    pairs = [Pair.of(name, name, "base") for name in ("far", "near", "known")]
    further = Halving(plans)
    found = {one.name: one for one in resolve_open(pairs, plans, further, 1000.0)}
    assert further.asked[0] == ("near", "far")
    assert all("known" not in names for names in further.asked)
    assert set(found) == {"far", "near"}
    assert (found["near"].sign, found["far"].sign) == (MORE, MORE)
    assert found["near"].solves < found["far"].solves
    assert all(len(set(names)) == len(names) for names in further.asked)


def test_the_same_again_and_nothing_becomes_worse() -> None:
    """Law: the same input gives the same solves and the same plans; no cost rises and no bound falls."""
    made = []
    for _ in range(2):
        plans = {"base": plan(10.0, 0.7), "a": plan(10.01, 0.5), "b": plan(9.98, 0.3)}
        before = dict(plans)
        further = Halving(plans)
        made.append((resolve_open([Pair.of(n, n, "base") for n in "ab"], plans, further, 50.0), further.asked, plans))
        for name, one in plans.items():
            assert one.cost_busd <= before[name].cost_busd
            assert (one.bound_busd or 0.0) >= (before[name].bound_busd or 0.0)
    assert made[0] == made[1]


def test_a_tie_ends_when_it_is_proven_or_when_the_time_is_over() -> None:
    """Law: two costs that are the same end as ``equal`` if the gaps close, else they stay ``open``."""
    plans = {"base": plan(10.0, 0.5), "a": plan(10.0, 0.5)}
    (one,) = resolve_open([Pair.of("a", "a", "base")], plans, Halving(plans), 1000.0)
    assert one.sign == EQUAL
    plans = {"base": plan(10.0, 0.5), "a": plan(10.0, 0.5)}
    (one,) = resolve_open([Pair.of("a", "a", "base")], plans, Halving(plans), 3.0)
    assert (one.sign, one.solves, one.seconds) == (OPEN, 3, 3.0)
    assert still_open([one]) == ["a"]


def test_a_run_that_gains_nothing_is_not_solved_for_ever() -> None:
    """Law: a solve that leaves as much open as before is the last of its run."""
    plans = {"base": plan(10.0, 0.0), "a": plan(10.0, 0.5)}
    asked: list[Wanted] = []

    def nothing(wanted: Sequence[Wanted]) -> Iterator[tuple[str, PlanData, float]]:
        asked.extend(wanted)
        yield from ((one.run, plans[one.run], 0.0) for one in wanted)

    (one,) = resolve_open([Pair.of("a", "a", "base")], plans, nothing, 60.0)
    assert (one.sign, [want.run for want in asked]) == (OPEN, ["a"])
    assert asked[0].gap == pytest.approx(0.025)


def test_an_interruption_keeps_what_was_done() -> None:
    """Law: when a signal ends a round, the plans solved by then are there, and what is open is said."""
    plans = {"base": plan(10.0, 0.1), "a": plan(10.2, 0.9), "b": plan(10.001, 0.9)}
    found = resolve_open([Pair.of(n, n, "base") for n in "ab"], plans, Halving(plans, stop_after=1), 60.0)
    assert [(one.name, one.solves) for one in found] == [("a", 1), ("b", 0)]
    assert still_open(found) == ["a", "b"]
    assert (plans["a"].gap or 0.0) < 0.9 / 10.2


@pytest.mark.parametrize("limit", [0.0, -1.0, float("nan")])
def test_a_time_limit_that_makes_no_sense_is_refused(limit: float) -> None:
    """Law: it is refused before anything is solved."""
    runner = Runner()
    with pytest.raises(OptionError):
        tornado("three_sites", resolve=True, resolve_time_limit_s=limit, runner=runner)
    assert runner.solves == 0


def row(name: str, end: str, swing: float, sign: str, tier: str = "", missed: float | None = None) -> dict[str, Any]:
    """What the place of an end depends on."""
    return {"input": name, "end": end, "swing_busd": swing, "sign": sign, "shortfall_tier": tier,
            "shortfall_difference": missed}  # fmt: skip


def test_a_tornado_never_ranks_an_open_difference() -> None:
    """Law: groups of which only open differences are known come last, by name, however large these look."""
    pairs = [
        [row("z", "low", 0.0, OPEN), row("z", "high", 0.0, OPEN)],
        [row("a", "low", 0.0, OPEN, "protection", 99.0), row("a", "high", 0.0, EQUAL)],
        [row("small", "low", 0.1, LESS), row("small", "high", 0.1, OPEN)],
        [row("large", "low", 2.0, LESS), row("large", "high", 2.0, MORE)],
        [row("misses", "low", 0.0, MORE, "protection", 1.0), row("misses", "high", 0.0, EQUAL)],
        [row("nothing", "low", 0.0, EQUAL), row("nothing", "high", 0.0, EQUAL)],
    ]
    assert [pair[0]["input"] for pair in sorted(pairs, key=_rank)] == ["misses", "large", "small", "nothing", "a", "z"]


@pytest.mark.slow
def test_a_tornado_resolves_what_is_open() -> None:
    """Law: a fall of all rents by 1 % saves 1 % of what is rented; a wide gap leaves that open until it is resolved."""
    what: dict[str, Any] = {"groups": ["offers.rent_musd_per_mw_year"], "spread": 0.01, "gap": 0.3}
    wide = tornado("three_sites", **what)
    for one in wide.rows:
        assert one["sign"] in (OPEN, LESS if one["end"] == "low" else MORE)
    if {one["sign"] for one in wide.rows} == {OPEN}:
        assert wide.rows[0]["swing_busd"] == 0.0
        assert "largest swing" not in repr(wide)
    found = tornado("three_sites", **what, resolve=True)
    assert [(one["end"], one["sign"]) for one in found.rows] == [("low", LESS), ("high", MORE)]
    for one in found.rows:
        assert one["low_busd"] <= one["cost_difference_busd"] <= one["high_busd"]
    assert OPEN not in {one.sign for one in found.resolved}
    assert found.rows[0]["swing_busd"] > 0.0


def loosened(plan: PlanData) -> PlanData:
    """A plan of which less is proven: whatever the solver proves at once, a third of the cost is open."""
    cost = plan.cost_busd
    return PlanData(plan.case, {**plan.summary, "status": "gap_reached", "gap_target": 0.34,
                                "bound_busd": 0.67 * cost, "gap": 0.33}, plan.tables)  # fmt: skip


@pytest.mark.slow
def test_a_comparison_says_what_is_open_and_resolves_it() -> None:
    """Law: 10.1 for 10 $M costs 0.012 $B more (paper); inside a gap of 30 % that is open, and resolved it is proven."""
    case = Case.read("three_sites")
    plans = [loosened(one.solve(gap=0.1, own_process=False)) for one in (case, case.what_if(DEARER))]
    (before,) = compare(*plans).rows("differences")
    assert before["sign"] == OPEN
    assert "inside the gaps" in before["words"]
    found = compare(*plans, resolve=True)
    (after,) = found.rows("differences")
    assert (after["sign"], after["difference_busd"]) == (MORE, pytest.approx(0.012, abs=1e-6))
    assert 0.0 < after["low_busd"] <= 0.012 + 1e-6
    assert after["high_busd"] >= 0.012 - 1e-6
    assert set(found.better) <= {"reference", "plan 1"}
    for one in found.better.values():
        assert audit(one.case, one.tables, one.summary).passed


def test_two_plans_of_one_case_have_one_least_cost() -> None:
    """Law: plans of the same case differ, their least cost does not: there is no sign, and nothing to resolve."""
    case = Case.read("three_sites")
    plans = case.solve(gap=0.3), case.solve(gap=0.0)
    found = compare(*plans, resolve=True)
    (one,) = found.rows("differences")
    assert one["sign"] == ""
    assert "of the same case: its least cost is $4.050B" in one["words"]
    assert found.resolved == ()


def test_a_plan_made_under_further_constraints_is_not_solved_again() -> None:
    """Law: a plan is solved further only as what it is a plan of; constraints that its case lacks are named."""
    one = plan(4.0, 1.0)
    other = plan_of(Case.read("three_sites"), summary={**one.summary, "families_added": ["kept"]})
    with pytest.raises(OptionError, match=r"not in its case \(kept\)"):
        compare(one, other, resolve=True)


def test_a_front_says_which_steps_are_open() -> None:
    """Law: what a stricter point costs more is never below zero, and resolved it has its sign."""
    what: dict[str, Any] = {"against": "critical_share", "values": [0.2, 0.4], "gap": 0.1}
    for found in (front("three_sites", **what), front("three_sites", **what, resolve=True)):
        first, second = found.rows
        assert (first["compared_with"], first["sign"], second["compared_with"]) == ("", "", "0.2")
        assert second["difference_busd"] == pytest.approx(second["cost_busd"] - first["cost_busd"])
        assert second["low_busd"] <= 0.06 <= second["high_busd"] + 1e-9
    assert second["sign"] == MORE
    assert found.plans[0.4].cost_busd == second["cost_busd"]


@pytest.mark.slow
@pytest.mark.parametrize("order", ["given", "shapley"])
def test_an_attribution_resolves_its_parts(order: Any) -> None:
    """Law: each part has an interval that holds the exact part, and resolved a sign, or is proven to be nothing."""
    changes = [("dearer", DEARER), ("less", ["demand[research,training,2027].compute=60"])]
    exact = attribute("three_sites", changes, order, gap=0.0)
    wide = attribute("three_sites", changes, order, gap=0.3)
    tight = attribute("three_sites", changes, order, gap=0.3, resolve=True)
    for found in (wide, tight):
        for one, true in zip(found.rows, exact.rows, strict=True):
            assert one["low_busd"] - 1e-6 <= true["cost_difference_busd"] <= one["high_busd"] + 1e-6
    assert OPEN not in {one["sign"] for one in tight.rows}
    assert all(one.sign != OPEN for one in tight.resolved)
    for one, true in zip((*tight.rows, *wide.rows), (*exact.rows, *exact.rows), strict=True):
        assert one["sign"] in (OPEN, true["sign"])


@pytest.mark.slow
def test_a_sweep_resolves_in_its_folder_and_resumes(tmp_path: Any) -> None:
    """Law: resolving keeps every row, makes no plan worse, stands in the folder, and is not done twice."""
    whatifs = {"dearer": DEARER, "much-dearer": [f"{NORTH}=15"], "same": ["sites[north].max_it_mw=300"]}
    folder = tmp_path / "s"
    before = sweep("three_sites", whatifs, out=folder, gap=0.1)
    signs = {row["name"]: row["sign"] for row in before.overview()}
    true = {"base": "", "dearer": MORE, "same": EQUAL, "much-dearer": MORE}
    assert all(sign in (OPEN, true[name]) for name, sign in signs.items())
    after = sweep("three_sites", whatifs, out=folder, gap=0.1, resume=True, resolve=True)
    assert after.reused == 4
    assert {one.name: one.sign for one in after.resolved} == {n: true[n] for n, sign in signs.items() if sign == OPEN}
    read = Sweep.read(folder)
    again = sweep("three_sites", whatifs, out=folder, gap=0.1, resume=True, resolve=True)
    assert again.resolved == ()
    for found in (after, read, again):
        for row in found.overview():
            assert row["sign"] == true[row["name"]]
            assert row["cost"] <= before.plan(row["name"]).cost_busd + 1e-9
    for name in after.names:
        one = Plan.read(folder / "runs" / name)
        assert audit(one.case, one.tables, one.summary).passed
    measures = {row["measure"]: row["value"] for row in again.records() if row["name"] == "dearer"}
    assert 0.0 < measures["cost_less_base_low"] <= measures["cost_less_base"] <= measures["cost_less_base_high"]


@pytest.mark.slow
def test_ctrl_c_while_resolving_keeps_what_was_done(tmp_path: Any) -> None:
    """Law: a signal in the middle of resolving leaves the folder whole, and a later call continues from there."""
    whatifs = {"dearer": DEARER, "same": ["sites[north].max_it_mw=300"]}
    calls = []

    def stop(progress: Any) -> None:
        calls.append(progress.name)
        if len(calls) == 4:  # three runs, then the first that is solved further
            raise KeyboardInterrupt

    folder = tmp_path / "s"
    cut = sweep("three_sites", whatifs, out=folder, gap=0.1, resolve=True, on_progress=stop)
    if len(calls) < 4:
        pytest.skip("this solver proved everything at once")
    assert cut.interrupted
    assert cut.missing == []
    read = Sweep.read(folder)
    assert set(read.rows) == {"base", "dearer", "same"}
    whole = sweep("three_sites", whatifs, out=folder, gap=0.1, resume=True, resolve=True)
    assert {row["name"]: row["sign"] for row in whole.overview()} == {"base": "", "dearer": MORE, "same": EQUAL}


def exact(case: CaseData) -> Plan | None:
    """The plan of a case to a gap of zero; None where there is none."""
    try:
        return Case.of(case).solve(gap=0.0, own_process=False)
    except InfeasibleError:
        return None


@pytest.mark.slow
@pytest.mark.parametrize("number", some(range(6), 3))
def test_intervals_of_random_cases_hold_the_true_difference(number: int) -> None:
    """Law: with a gap of 40 % and resolved, the true difference is in the interval, and no sign is a wrong one.

    Three of six cases.
    """
    case = random_case(number)
    other = apply_changes(case, [{"op": "scale", "table": "offers", "column": "rent_musd_per_mw_year", "factor": 1.1}])
    true = exact(case), exact(other)
    if true[0] is None or true[1] is None:
        pytest.skip("no plan")
    truth = Difference.between(true[1].summary, true[0].summary)
    wide = [Case.of(one).solve(gap=0.4, own_process=False) for one in (case, other)]
    for found in (compare(*wide), compare(*wide, resolve=True, resolve_time_limit_s=5.0)):
        (one,) = found.rows("differences")
        if not (truth.tier or one["tier"]):
            assert one["low_busd"] - 1e-5 <= truth.busd <= one["high_busd"] + 1e-5
        assert one["sign"] in (OPEN, truth.sign)


@pytest.mark.parametrize(("sign", "words"), [("open", "+0.100, open"), ("more", "+0.100")])
def test_the_report_of_a_tornado_says_what_is_open(tmp_path: Any, sign: str, words: str) -> None:
    """Law: a difference inside the gaps is called open in the report too."""
    one = {
        "input": "x.y", "cells": 1, "grade": None, "end": "low", "status": "optimal", "cost_busd": 4.1,
        "cost_difference_busd": 0.1, "cost_uncertainty_busd": 0.2, "unserved_share_difference": 0.0,
        "shortfall_tier": "", "shortfall_difference": None, "final_it_mw_difference": 0.0, "reason": "", "sign": sign,
    }  # fmt: skip
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"case_name": "a", "base_cost_busd": 4.0, "rows": [one]}), encoding="utf-8")
    page = study_report(file)
    assert words in page
    assert ("+0.100, open" in page) == (sign == "open")
