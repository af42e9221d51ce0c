"""How findings are collected: what fails, what is the worst, what is counted, and what is listed in words."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.audit.report import AuditCheck, AuditReport, Checks
from planner.audit.tolerance import LINES_PER_CHECK

AMOUNTS = st.floats(-1e6, 1e6, allow_nan=False)
NAME = ("family", "rule")


def only(checks: Checks) -> AuditCheck:
    """Return the one check of a report."""
    (found,) = checks.report(0.0).checks
    return found


@given(AMOUNTS, AMOUNTS, st.floats(0.0, 10.0))
def test_a_limit_holds_up_to_its_tolerance(value, bound, tolerance):
    """Law: a value passes if and only if it exceeds its bound by no more than the tolerance."""
    checks = Checks()
    checks.limit(*NAME, "here", value, bound, "IT MW", tolerance)
    found = only(checks)
    assert found.passed is (value - bound <= tolerance)
    assert found.worst_violation == max(0.0, value - bound)
    assert (found.tolerance, found.unit, found.count) == (tolerance, "IT MW", 1)


@given(AMOUNTS, AMOUNTS, st.floats(0.0, 10.0))
def test_an_equality_holds_both_ways(value, expected, tolerance):
    """Law: a stated value may differ by the tolerance in either direction; exchanged, the verdict is the same."""
    one, other = Checks(), Checks()
    one.equal(*NAME, "here", value, expected, "busd", tolerance)
    other.equal(*NAME, "here", expected, value, "busd", tolerance)
    assert only(one).passed is only(other).passed is (abs(value - expected) <= tolerance)
    assert only(one).worst_violation == only(other).worst_violation == abs(value - expected)


@given(st.lists(st.tuples(AMOUNTS, st.floats(0.0, 5.0)), min_size=1, max_size=60))
def test_the_worst_place_is_the_one_furthest_beyond_its_tolerance(entries):
    """Law: all places are counted, one beyond its tolerance fails the check, and the worst of them is named."""
    checks = Checks()
    for number, (violation, tolerance) in enumerate(entries):
        checks.amount(*NAME, f"place {number}", violation, "busd", tolerance)
    found = only(checks)
    beyond = [violation - tolerance for violation, tolerance in entries]
    worst = beyond.index(max(beyond))
    assert found.count == len(entries)
    assert found.passed is all(violation <= tolerance for violation, tolerance in entries)
    assert found.worst_violation == max(0.0, entries[worst][0])
    assert found.where == (f"place {worst}" if entries[worst][0] > 0 else "")


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_not_a_number_fails(value):
    """Law: a violation that is not a number, or is infinite, fails whatever the tolerance, and remains the worst."""
    for judge in ("limit", "equal"):
        checks = Checks()
        getattr(checks, judge)(*NAME, "nowhere", value, 1.0, "busd", 1e30)
        getattr(checks, judge)(*NAME, "elsewhere", 5.0, 1.0, "busd", 1e-9)
        found = only(checks)
        assert not found.passed
        assert found.where.startswith("nowhere")
        assert math.isnan(found.worst_violation) or math.isinf(found.worst_violation)


@pytest.mark.parametrize("extra", [-1, 0, 1, 40])
def test_long_lists_of_violations_are_cut_and_counted(extra):
    """Law: the first violations are listed, the others are counted; no check floods the report."""
    checks, number = Checks(), LINES_PER_CHECK + extra
    for place in range(number):
        checks.fault(*NAME, f"fault {place}")
    lines = checks.report(0.0).lines
    assert (
        lines[:LINES_PER_CHECK] == tuple(f'family "rule": fault {place}' for place in range(number))[:LINES_PER_CHECK]
    )
    assert lines[LINES_PER_CHECK:] == ((f'family "rule": and {extra} more',) if extra > 0 else ())
    assert only(checks).count == number


def test_a_rule_that_was_met_is_in_the_report():
    """Law: a rule without any violation is reported with its count, its unit and no place."""
    checks = Checks()
    checks.seen("power", "on-site options")
    checks.seen("power", "on-site options", count=4)
    checks.limit("site", "IT MW of a site", "a in 2026", 1.0, 2.0, "IT MW", 0.0)
    report = checks.report(7.5)
    assert (report.passed, report.lines, report.cost_busd, report.failures) == (True, (), 7.5, ())
    assert [(check.family, check.count, check.where, check.worst_violation) for check in report.checks] == [
        ("power", 5, "", 0.0),
        ("site", 1, "", 0.0),
    ]


def test_a_violation_within_the_tolerance_is_shown_and_passes():
    """Law: what rounding explains passes without a line, but the report shows its size and place."""
    checks = Checks()
    checks.limit(*NAME, "b in 2027", 10.0004, 10.0, "IT MW", 1e-3)
    found = only(checks)
    assert found.passed
    assert found.worst_violation == pytest.approx(4e-4)
    assert found.where == "b in 2027: 10.0004 IT MW, at most 10 IT MW"
    assert checks.report(0.0).lines == ()


def test_lines_state_both_figures():
    """Law: a line names family, rule and place, and the figure of the plan beside that of the audit."""
    checks = Checks()
    checks.equal("money", "objective", "objective, spend", 2.0, 3.5, "busd", 1e-6)
    checks.limit("site", "open at most", "sites open", 3, 2, "sites", 0.0)
    checks.amount("demand", "single source", "the whole sentence", 1.0, "compute", 0.0)
    assert checks.report(0.0).lines == (
        'money "objective": objective, spend: the plan says 2 busd, the audit 3.5',
        'site "open at most": sites open: 3 sites, at most 2 sites',
        'demand "single source": the whole sentence',
    )


def test_rules_are_kept_apart_by_family_and_name():
    """Law: rules of one name in two families, or of two names in one family, are two checks, in the order met."""
    checks = Checks()
    for family, name in (("b", "x"), ("a", "x"), ("b", "y"), ("b", "x")):
        checks.seen(family, name)
    assert [(check.family, check.name) for check in checks.report(0.0).checks] == [("b", "x"), ("a", "x"), ("b", "y")]
    assert [check.count for check in checks.report(0.0).checks] == [2, 1, 1]


def test_one_failed_check_fails_the_report():
    """Law: a report passes if and only if all of its checks do; its rows and its text say the same."""
    checks = Checks()
    checks.seen("site", "opening cost")
    checks.fault("tables", "known tables", "table wishes is not a table of a plan")
    report = checks.report(1.0)
    assert not report.passed
    assert [check.name for check in report.failures] == ["known tables"]
    assert [row["passed"] for row in report.to_rows()] == ["yes", "no"]
    assert repr(report) == "AuditReport(failed, 1 of 2 checks)"
    assert "table wishes" in report._repr_html_()
    table = report.table()
    assert list(table["family"]) == ["site", "tables"]
    assert set(table.columns) == set(report.to_rows()[0])


def test_reports_of_the_same_findings_are_equal():
    """Law: a report is a value: the same findings give equal reports, others do not."""

    def made(excess: float) -> AuditReport:
        checks = Checks()
        checks.limit(*NAME, "here", 1.0 + excess, 1.0, "busd", 0.5)
        return checks.report(2.0)

    assert made(0.25) == made(0.25)
    assert made(0.25) != made(0.75)
    assert repr(made(0.25)) == "AuditReport(passed, 1 checks)"
