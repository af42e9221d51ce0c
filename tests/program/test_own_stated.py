"""What a plan states of families of the user's own cannot excuse anything else, nor go unmentioned."""

from copy import deepcopy

import pytest

from planner import Case, Family, PlanColumn
from planner.audit import audit
from planner.audit.registry import PARTS
from planner.errors import OptionError
from planner.program.families import FAMILIES
from planner.program.own import RESERVED
from tests.program.tiny import lease, tiny


@pytest.fixture(scope="module")
def plan():
    """100 MW for $1B."""
    return Case.of(tiny(100.0, offers=[lease("near")])).solve(gap=0.0, own_process=False)


def tables_of(plan):
    """Its tables, to be changed."""
    return {name: deepcopy(list(plan.rows(name))) for name in plan.tables}


def invented(plan, *amounts):
    """Its tables and summary with rows of an item x_swap, consistent with themselves."""
    tables, summary = tables_of(plan), {**plan.summary, "families_added": ["swap"]}
    for role, busd in amounts:
        empty = dict.fromkeys(tables["spend"][0], "")
        stated = {"part": "spend", "item": "x_swap", "role": role, "amount_busd": busd, "present_value_busd": busd}
        tables["spend"].append({**empty, **{key: tables["spend"][0][key] for key in ("period", "year")}, **stated})
        summary[f"spend_{role}_busd"] += busd
    return tables, summary


@pytest.mark.parametrize("big", [1e6, 1e9])
def test_stated_spending_does_not_widen_the_tolerance(plan, big):
    """Law: money is held to a share of what is recomputed; two stated rows that cancel excuse no other amount."""
    tables, summary = invented(plan, ("primary", big), ("backup", -big))
    for name in ("cost_busd", "bound_busd"):
        summary[name] = plan.summary[name] - 0.01
    tables["spend"][0]["amount_busd"] -= 0.01
    for row in tables["objective"]:
        row["present_value_busd"] -= 0.01 if row["item"] == "spend" else 0.0
    for row in tables["budget"]:
        row["spend_busd"] -= 0.01
    failed = {(check.family, check.name) for check in audit(plan.case, tables, summary).failures}
    assert {("summary", "cost_busd"), ("money", "objective"), ("money", "money by level"),
            ("money", "budget table")} <= failed  # fmt: skip


def test_a_stated_gain_does_not_widen_the_tolerance_of_the_cost(plan):
    """Law: stated spending that does not cancel is in the cost, but not in the scale of its tolerance."""
    tables, summary = invented(plan, ("primary", -1e5))
    summary["cost_busd"] = plan.summary["cost_busd"] - 1e5 - 0.01
    failed = {(check.family, check.name) for check in audit(plan.case, tables, summary).failures}
    assert ("summary", "cost_busd") in failed
    assert ("money", "objective") in failed


def test_the_gross_amount_of_stated_spending_is_listed(plan):
    """Law: rows that cancel are seen: the sum of their absolute amounts is listed as not recomputed."""
    words = audit(plan.case, *invented(plan, ("primary", 2.0), ("primary", -2.0))).not_recomputed
    assert any("x_swap ($0B in all, the sum of its absolute amounts $4B" in line for line in words)


@pytest.mark.parametrize("families", [[], ["mine"]])
def test_a_column_that_nobody_answers_for_is_listed(plan, families):
    """Law: an own column that no family with an audit of its own writes is named, whatever families are stated."""
    mine = Family(
        "mine", lambda *_: None, columns=(PlanColumn("spend", "x_mine", lambda *_: 1.0),), audit=lambda *_: []
    )
    tables = tables_of(plan)
    for row in tables["spend"]:
        row.update(x_saved_busd=5.0, x_mine=1.0)
    report = audit(plan.case.with_families(mine), tables, {**plan.summary, "families_added": families})
    listed = [line for line in report.not_recomputed if line.startswith("column ")]
    assert any("x_saved_busd of spend" in line for line in listed)
    assert any("x_mine of spend" in line for line in listed) is not bool(families)


def test_no_stated_family_is_left_out(plan):
    """Law: every family that a summary names is listed, also one called as the planner called one of its own."""
    report = audit(plan.case, tables_of(plan), {**plan.summary, "families_added": ["force"]})
    assert any("constraint family force " in line for line in report.not_recomputed)


@pytest.mark.parametrize("name", ["", None, 5, "../x", "=cmd()", "a b", "a\n", "x\x1b[31m", "é", "x" * 65])
def test_the_name_of_a_family_is_a_key(name):
    """Law: a name that is no key is refused, in words, where the family is made."""
    with pytest.raises(OptionError, match=r"constraint family .*: its name must be a key"):
        Family(name, lambda *_: None)


@pytest.mark.parametrize("name", ["force", "forced", "budget", "summary"])
def test_names_of_the_planner_are_refused_where_a_family_is_given(plan, name):
    """Law: no family of the user's own is called as one of the planner; refused when given, before any solve."""
    with pytest.raises(OptionError, match=f"constraint family '{name}': there is another of that name"):
        plan.case.with_families(Family(name, lambda *_: None))


def test_every_name_of_the_audit_is_taken():
    """Law: no finding of the planner's own audit can be taken for one of a user's family."""
    taken = RESERVED.union(family.name for family in FAMILIES)
    assert {part.family for part in PARTS if " " not in part.family} <= taken
