"""The price of redundancy: costs of rules, prices against finite differences, curves, and reasons."""

from typing import Any

import pytest

from planner.analysis.redundancy_cost import cost_of_rules
from planner.analysis.redundancy_curve import cost_curve, with_share
from planner.analysis.redundancy_rules import rules_of, with_rules
from planner.case.case import CaseData
from planner.errors import OptionError, PlannerError
from planner.explain.prices import price_of_rule, protection_prices
from planner.explain.shortfall import shortfalls
from planner.options import SolveOptions
from planner.program.columns import UNSERVED
from planner.runs.session import Point, solve_case
from tests.cases import make_case

EXACT = SolveOptions(gap=0.0, own_process=False)
SITE = {"name": "any one site", "domain": "site", "k": 1, "critical_share": 0.5}
PROVIDER = {"name": "any one provider", "domain": "provider", "k": 1, "critical_share": 0.3}


MARKETS = [
    {"market": "america", "name": "America", "single_source": False},
    {"market": "europe", "name": "Europe", "single_source": False, "residency": ("FR", "US")},
]


def _case(*rules: dict[str, Any]) -> CaseData:
    return make_case(
        {"markets": MARKETS}, families={"power": {"utilisation": 0.8}, "redundancy": {"rules": list(rules)}}
    )


@pytest.mark.slow
def test_dropping_rules_saves_what_the_plans_differ_by() -> None:
    """Law: a plan under fewer rules costs no more; none dropped saves nothing; the proven range holds the saving."""
    found = cost_of_rules(_case(SITE, PROVIDER), options=EXACT)
    assert [one.dropped for one in found.variants] == ["none", "any one site", "any one provider", "all"]
    full, *others = found.variants
    assert full.saved_busd == 0.0
    for one in others:
        assert one.saved_busd is not None
        assert one.saved_low_busd is not None
        assert one.saved_high_busd is not None
        assert one.saved_busd >= -1e-9
        assert one.saved_low_busd - 1e-9 <= one.saved_busd <= one.saved_high_busd + 1e-9
    assert others[-1].saved_busd == max(one.saved_busd or 0.0 for one in found.variants)
    assert others[-1].saved_busd > 0.0


@pytest.mark.slow
def test_what_binds_has_no_margin() -> None:
    """Law: what is called binding has no margin in the plan's table, and every price belongs to what binds."""
    found = cost_of_rules(_case(SITE), options=EXACT)
    assert found.plan is not None
    rows = found.plan.tables["contingencies"]
    assert len(found.binding) == sum(float(row["margin_compute"]) <= 1e-2 for row in rows) > 0
    binding = {(one.rule, one.period, one.contingency) for one in found.binding}
    assert found.prices
    assert {(one.rule, one.period, one.contingency) for one in found.prices} <= binding


@pytest.mark.slow
@pytest.mark.parametrize("rules", [(SITE,), (SITE, PROVIDER)], ids=["site", "site and provider"])
def test_prices_are_those_of_finite_differences(rules: tuple[dict[str, Any], ...]) -> None:
    """Law: with whole numbers held, the prices lie between what a little less to protect saves and a little more costs.

    The cost is convex in what is protected: where it has no kink the three are equal, at a kink the price
    is a slope between.
    """
    case = _case(*rules)
    point = solve_case(case, EXACT).point
    prices = protection_prices(point)
    assert prices
    step = 1e-5

    def scaled(factor: float) -> float:
        changed = [rule.model_copy(update={"critical_share": rule.critical_share * factor}) for rule in rules_of(case)]
        return _held_cost(with_rules(case, changed), point)

    less, base, more = scaled(1.0 - step), _held_cost(case, point), scaled(1.0 + step)
    expected = step * sum(one.price_busd_per_compute * one.critical_compute for one in prices)
    assert expected > 0.0
    assert base - less - 1e-9 <= expected <= more - base + 1e-9
    assert more > base
    first = prices[0]
    assert price_of_rule(prices, first.rule, first.period) >= first.price_busd_per_compute


def _held_cost(case: CaseData, point: Point) -> float:
    """Cost of a case with the whole numbers of a plan, found by the solver anew from the written-out program."""
    import numpy as np

    from bench.reference.written_out import written_out
    from planner.runs.compile import compile_program
    from planner.solve.highs import Engine

    arrays = compile_program(written_out(case))
    assert point.answer.x is not None
    whole = dict(zip(point.answer.mip.arrays.columns, point.answer.x, strict=False))
    lower, upper = arrays.lower.copy(), arrays.upper.copy()
    for column, key in enumerate(arrays.columns):
        if arrays.integer[column]:
            lower[column] = upper[column] = np.round(whole[key])
        elif key.variable == UNSERVED:
            lower[column] = upper[column] = max(0.0, whole[key])
    outcome = Engine(arrays.with_bounds(lower, upper).relaxed()).run()
    assert outcome.x is not None
    return outcome.objective


@pytest.mark.slow
def test_more_to_protect_never_costs_less() -> None:
    """Law: cost does not fall with the critical share; a share has a plan or a reason."""
    points = cost_curve(_case(SITE), [0.0, 0.3, 0.6, 1.0], options=EXACT)
    assert [point.share for point in points] == [0.0, 0.3, 0.6, 1.0]
    costs = [point.cost_busd for point in points if point.cost_busd is not None]
    assert len(costs) >= 2
    assert costs == sorted(costs)
    assert points.table()["cost_busd"].dropna().tolist() == costs
    assert points.table()["share"].tolist() == [0.0, 0.3, 0.6, 1.0]
    assert repr(points).startswith("CostCurve(4 points: ")
    for point in points:
        assert (point.cost_busd is None) == bool(point.reason)


@pytest.mark.slow
def test_shedding_training_saves_idle_reserve() -> None:
    """Law: letting training be shed in a contingency saves reserve, and leaves the share of inference as it is."""
    case = _case({**SITE, "critical_share": {"training": 1.0, "inference": 0.5}})
    kept, shed = cost_curve(case, [1.0, 0.0], options=EXACT, workload="training")
    assert kept.cost_busd is not None
    assert shed.cost_busd is not None
    assert shed.cost_busd < kept.cost_busd
    (rule,) = rules_of(with_share(case, 0.25, "training"))
    assert rule.critical_share == {"training": 0.25, "inference": 0.5}


def test_the_reason_names_the_rule_the_year_and_the_loss() -> None:
    """Law: when only one site may serve Europe, its loss cannot be carried, and nothing else is blamed."""
    assert shortfalls(_case(SITE)).kind == "feasible"  # it can hold: nothing is short
    alone = make_case(
        {"serving": [{"site": s, "market": m, "cost_busd_per_compute_year": 0.0} for s, m in
                     (("north", "america"), ("south", "america"), ("east", "america"), ("east", "europe"))]},
        families={"power": {"utilisation": 0.8}, "redundancy": {"rules": [SITE]}},
    )  # fmt: skip
    reason = shortfalls(alone)
    assert reason.kind == "rules"
    assert [one.period for one in reason.shortfalls] == ["2026", "2027", "2028", "2029"]
    assert all(one.contingencies == ("east",) for one in reason.shortfalls)
    assert {one.demands for one in reason.shortfalls} == {("europe inference",)}
    assert "cannot hold in 2026: after the loss of east" in reason.text


def test_refusals() -> None:
    """Law: a share outside 0 to 1, an unknown workload and a case without rules are refused in words."""
    with pytest.raises(PlannerError, match="from 0 to 1"):
        with_share(_case(SITE), 1.5)
    for shares in ([0.2], []):
        with pytest.raises(OptionError, match="did you mean 'training'"):
            cost_curve("three_sites", shares, workload="trainnig", options=EXACT)  # type: ignore[arg-type]
    for workload in ("trainnig", "Training", "", 5, ["training"]):
        with pytest.raises(OptionError, match="there are: training, inference"):
            with_share(_case(SITE), 0.5, workload)  # type: ignore[arg-type]
    with pytest.raises(PlannerError, match="no redundancy rule"):
        cost_of_rules(make_case(), options=EXACT)
