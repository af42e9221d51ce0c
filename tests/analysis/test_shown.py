"""Results show themselves in one short line and as an HTML table, and give tidy tables; the same for all of them."""

from datetime import date
from functools import cache

import pandas as pd
import pytest

from planner import (
    Case,
    Family,
    OptionError,
    Plan,
    SolveOptions,
    attribute,
    audit_folder,
    break_even,
    compare,
    cost_of_rules,
    entry_price,
    front,
    replan,
    sweep,
    tornado,
)
from tests.analysis.here import runs_here
from tests.length import thinned

SMALL = ["sites[north].max_it_mw=20"]
RENT = "offers[north_cloud].rent_musd_per_mw_year"
LONGEST = 160


@pytest.fixture(scope="module")
def case():
    """The case that is worked out on paper, with a range."""
    return Case.read("three_sites").replace(ranges={"sites": {"north": {"max_it_mw": (150.0, 250.0)}}})


@pytest.fixture(scope="module")
def results(case, tmp_path_factory):
    """A result of each kind, made when it is asked for, at a gap of zero given in one of the three ways."""
    plan = case.solve(gap=0.0)
    free = case.what_if(["model.families.redundancy.rules[0].critical_share=0.0"])
    makers = {
        "Front": lambda: front(case, "critical_share", (0.5, 1.0), gap=0.0),
        "Tornado": lambda: tornado(case, options=SolveOptions(gap=0.0)),
        "Attribution": lambda: attribute(case, [("<i>small</i>", SMALL)], gap=0.0, seed=1),
        "BreakEven": lambda: break_even(case, RENT, 5.0, 15.0, tolerance=1.0, gap=0.0),
        "Entry": lambda: entry_price(free, RENT, 1.0, 15.0, tolerance=1.0, gap=0.0),
        "Comparison": lambda: compare(plan, case.what_if(SMALL).solve(gap=0.0), names=("base", "<i>small</i>")),
        "Replan": lambda: replan(plan, SMALL, date(2026, 1, 1), least_churn=False, gap=0.0),
        "Sweep": runs_here()(lambda: sweep(case, {"small": SMALL}, gap=0.0)),
        "CostOfRules": lambda: cost_of_rules(case, gap=0.0),
        "AuditReport": lambda: audit_folder(plan.write(tmp_path_factory.mktemp("plans") / "plan")),
        "Plan": lambda: plan,
        "Case": lambda: case,
    }
    return cache(lambda kind: makers[kind]())


KINDS = (
    "Front", "Tornado", "Attribution", "BreakEven", "Entry", "Comparison", "Replan", "Sweep", "CostOfRules",
    "AuditReport", "Plan", "Case",
)  # fmt: skip
QUICK = {"Comparison", "CostOfRules", "AuditReport", "Plan", "Case"}
"""Results of one or two solves; the others solve many programs, and are slow."""


def marked(*left_out):
    """The kinds as parameters of a test, without some."""
    return [
        pytest.param(kind, marks=() if kind in QUICK else pytest.mark.slow) for kind in KINDS if kind not in left_out
    ]


@pytest.mark.parametrize("kind", marked())
def test_a_result_is_one_short_line_and_a_table(results, kind):
    """`repr` is one line that begins with the name of the class; HTML is a table in which names stay text."""
    found = results(kind)
    assert type(found).__name__ == kind
    text = repr(found)
    assert text.startswith(f"{kind}(")
    assert text.endswith(")")
    assert "\n" not in text
    assert len(text) <= LONGEST
    html = found._repr_html_()
    assert "<table" in html
    assert "<i>" not in html


@pytest.mark.parametrize("kind", marked("Comparison", "Plan", "Case"))
def test_a_result_has_a_tidy_table(results, kind):
    """`table()` is a DataFrame with rows, one name for each column."""
    table = results(kind).table()
    assert isinstance(table, pd.DataFrame)
    assert len(table)
    assert table.columns.is_unique


@pytest.mark.slow
def test_the_lines_state_what_was_found(results):
    """The figures of the lines are those of the results."""
    assert repr(results("Front")) == "Front(critical_share, 2 points: 2 optimal)"
    assert repr(results("Comparison")) == (
        f"Comparison(cost against base: <i>small</i> +${results('Attribution').cost_difference_busd:,.3f}B)"
    )
    assert repr(results("Sweep")) == "Sweep(2 runs: 2 optimal)"
    assert repr(results("AuditReport")).startswith("AuditReport(passed, ")
    assert results("CostOfRules").table().iloc[0]["cost_busd"] == pytest.approx(4.05)
    assert list(results("BreakEven").table()["end"]) == ["below", "above"]
    assert results("Entry").table().iloc[0]["enters_at"] == results("Entry").enters_at


@pytest.mark.parametrize(
    "study",
    thinned(
        [
            lambda **options: front("three_sites", "budget", (1.0,), **options),
            lambda **options: tornado("three_sites", **options),
            lambda **options: attribute("three_sites", [("small", SMALL)], **options),
            lambda **options: break_even("three_sites", RENT, 5.0, 15.0, **options),
            lambda **options: entry_price("three_sites", RENT, 5.0, 15.0, **options),
            lambda **options: sweep("three_sites", {"small": SMALL}, **options),
            lambda **options: cost_of_rules("three_sites", **options),
            lambda **options: Case.read("three_sites").solve(**options),
        ],
        3,
    ),
)
def test_every_call_takes_and_checks_the_same_options(study):
    """Every call that solves refuses a wrong option of the one record, by keyword and as the record."""
    for wrong in ({"gap": 2.0}, {"time_limit_s": 0.0}, {"threads": 0}, {"seed": -1}):
        (name,) = wrong
        with pytest.raises(OptionError, match=name.partition("_")[0]):
            study(**wrong)
    with pytest.raises(OptionError, match="must be SolveOptions"):
        study(options={"gap": 0.1})


def test_a_case_may_be_given_by_name(results):
    """Wherever a case is asked for, the name of a shipped case or the path of one will do."""
    found = cost_of_rules("three_sites", gap=0.0)
    assert found.plan.cost_busd == results("CostOfRules").plan.cost_busd


@pytest.mark.slow
def test_the_plans_of_a_sweep_are_public_ones(results):
    """The plan of a run, from memory or from the store, is a `Plan` with a `Case` that can be planned again."""
    found = results("Sweep").plan("small")
    assert (type(found), type(found.case)) == (Plan, Case)


def test_families_that_workers_cannot_import_are_refused():
    """A sweep sends families to other processes: one defined inside a function is refused before anything runs."""
    case = Case.read("three_sites").with_families(Family("mine", lambda *_: None))
    with pytest.raises(OptionError, match="cannot be sent to the workers"):
        sweep(case, {"small": SMALL})
