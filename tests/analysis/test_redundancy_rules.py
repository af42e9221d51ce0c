"""A case under other redundancy rules: shares replaced everywhere or for one workload, all else as it is."""

from typing import Any

import pytest

from planner.analysis.redundancy_curve import cost_curve, with_share
from planner.analysis.redundancy_rules import reason_of, required_rules, rules_of, with_rules
from planner.case.case import CaseData
from planner.errors import OptionError
from planner.inputs import make_inputs
from planner.options import SolveOptions
from planner.runs.outcome import Outcome
from planner.runs.variants import Runner
from planner.status import Status
from tests.cases import make_case

FULL = make_case(full=True)


def critical(case: CaseData) -> list[dict[Any, float]]:
    """Return by rule the share of every demand that is critical in the last period."""
    inputs = make_inputs(case)
    last, demands = inputs.calendar.count - 1, inputs.demand_compute
    return [
        {pair: inputs.critical_compute(rule, pair, last) / demands[pair][last] for pair in demands}
        for rule in inputs.redundancy_rules
    ]  # fmt: skip


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_one_share_holds_in_every_rule_and_market(share: float) -> None:
    """Law: overrides are gone, every demand has the share, and nothing but the rules has changed."""
    changed = with_share(FULL, share)
    assert critical(changed) == [dict.fromkeys(shares, pytest.approx(share)) for shares in critical(FULL)]
    assert with_rules(changed, rules_of(FULL)) == FULL
    assert [rule.first_year for rule in rules_of(changed)] == [rule.first_year for rule in rules_of(FULL)]


@pytest.mark.parametrize("workload", ["training", "inference"])
def test_the_share_of_one_workload_leaves_the_other(workload: Any) -> None:
    """Law: demand of the workload has the share, all other demand what it had, overrides of the other kept."""
    changed = critical(with_share(FULL, 0.75, workload))
    for found, before in zip(changed, critical(FULL), strict=True):
        assert found == {pair: pytest.approx(0.75 if pair[1] == workload else old) for pair, old in before.items()}


@pytest.mark.parametrize("share", [-0.01, 1.01, float("nan"), float("inf")])
def test_what_is_no_share_is_refused(share: float) -> None:
    """Only from 0 to 1."""
    with pytest.raises(OptionError, match="must be from 0 to 1"):
        with_share(FULL, share)


def test_a_case_without_rules_says_so() -> None:
    """Nothing is solved for a case that has none; without any rule the family is gone."""
    bare = with_rules(FULL, ())
    assert bare.model.families.redundancy is None
    assert rules_of(bare) == ()
    with pytest.raises(OptionError, match=r"tiny: has no redundancy rule"):
        required_rules(bare)
    with pytest.raises(OptionError, match=r"has no redundancy rule"):
        cost_curve(bare, (0.5,), runner=Runner(SolveOptions()))


@pytest.mark.parametrize("kept", [0, 1])
def test_rules_are_replaced_as_they_are(kept: int) -> None:
    """The same case under one of its rules; the other families, the tables and the first case stay."""
    rule = rules_of(FULL)[kept]
    changed = with_rules(FULL, [rule])
    assert rules_of(changed) == (rule,)
    assert changed.tables == FULL.tables
    assert changed.model.families.model_copy(update={"redundancy": None}) == FULL.model.families.model_copy(
        update={"redundancy": None}
    )
    assert len(rules_of(FULL)) == 2


def test_a_reason_is_told_without_the_name_of_the_run() -> None:
    """What ended a run without a plan stands by itself; a run with a plan has no reason."""
    late = Outcome(name="tiny", status=Status.NO_PLAN, reason="tiny: the time limit came first")
    assert reason_of(FULL, late) == "the time limit came first"
