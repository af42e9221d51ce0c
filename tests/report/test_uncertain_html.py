"""The report over many futures: every future and every decision stands in it, and names are texts."""

import pytest

from planner.uncertainty.findings import Findings
from planner.uncertainty.findings_rows import RISK, STRESS
from planner.uncertainty.known import LEARNT
from tests.report.test_html import read
from tests.uncertainty.found import BOTH, HOSTILE, made

findings_report = pytest.importorskip(
    "planner.report.html.uncertain_report", reason="needs the extra report"
).findings_report


@pytest.mark.parametrize("kind", BOTH)
def test_the_page_has_every_future_and_hostile_names_are_texts(kind):
    """Law: well-formed, no script but ours, every future a row, each figure in both widths."""
    page = findings_report(made(kind, HOSTILE))
    assert "<script>alert" not in page
    assert "\u202e" not in page
    assert page.count("<script>") == 1
    read(page)
    for row in made(kind).futures:
        assert row["future"] in page or row["future"] == "steady"
    assert page.count('class="figure') >= 2 * (4 if kind == RISK else 3)


def test_the_headline_is_what_is_proven():
    """Law: value with bound and gap, EVPI and VSS with theirs, spread, CVaR, and what is missing how often."""
    page = findings_report(made())
    for words in ("$11.000B", "proven at least $10.900B, gap 0.91%", "$0.500B", "proven: $0.400B to $0.600B", "25.0%"):
        assert words in page
    assert "Files were changed" in findings_report(made(), changed=True)


def test_headings_that_are_no_words_of_the_field_are_explained():
    """Law: what is late and what lapses is said beside each table that counts it, of orders, groups and futures."""
    page = findings_report(made())
    assert page.count("Lapses: the share of it that never starts") == 2
    assert page.count("In a group: the futures of the group.") == 1
    assert page.count("Late, lapsed: how many of the orders start later in this future") == 1
    assert "Late, lapsed" in findings_report(made(STRESS))


def test_later_dates_are_a_section():
    """Law: value and gap of the policy, what waiting costs, each group with what it signs, and every future's cost."""
    page = findings_report(made())
    for words in (
        "Later decision dates",
        "$12.500B",
        "gap 12.80%",
        "proven: $1.400B to $1.500B",
        "By 2026-12-31/2",
        "a storm",
        "7 blocks",
        "Nothing more is signed.",
        "known after the first date",
        "with the future known after it",
    ):
        assert words in page
    whole = made()
    none = dict.fromkeys(("groups", "group_futures", "group_orders", "policy"), ())
    alone = Findings.of(RISK, {**whole.summary, "policy": None}, {**whole.tables, **none})
    assert "Later decision dates" not in findings_report(alone)


def test_a_value_of_zero_above_its_bound_has_no_gap():
    """Law: of a value of zero with a bound below it the bound is stated, and neither a gap nor that none is proven."""
    whole = made()
    zero = {"value_busd": 0.0, "bound_busd": -5.0, "gap": None, "status": "time_limit", "policy": None}
    page = findings_report(Findings(RISK, {**whole.summary, **zero}, whole.tables))
    assert "proven at least -$5.000B<" in page
    assert "no bound is proven" not in page


def test_without_learn_groups_are_distinguished_by_any_figure():
    """Law: a card says which tables distinguish groups where some were asked for, else that any figure does."""
    whole = made()
    for learn, said in (
        (("energisation",), "distinguished by energisation<"),
        (LEARNT, "distinguished by any figure<"),
    ):
        summary = {**whole.summary, "policy": {**whole.summary["policy"], "learn": learn}}
        assert said in findings_report(Findings(RISK, summary, whole.tables))


def test_gains_inside_the_gaps_are_no_finding():
    """Law: of EVPI and VSS an amount is stated as found only where it is proven that there is one."""
    whole = made()
    wide = {"busd": 0.777, "low_busd": 0.0, "high_busd": 0.888, "sign": "open"}
    unknown = {**wide, "high_busd": None}
    page = findings_report(Findings(RISK, {**whole.summary, "evpi": wide, "vss": unknown}, whole.tables))
    assert page.count("inside the gaps") == 2
    assert page.count("at most $0.888B") == 1
    assert "$0.777B" not in page
    none = {"busd": 0.0, "low_busd": 0.0, "high_busd": 0.0, "sign": "equal"}
    small = {"busd": 0.0, "low_busd": 0.0, "high_busd": 1e-5, "sign": "open"}
    regret = {"future": "storm", "busd": 0.0, "low_busd": 0.0, "high_busd": 0.0}
    changed = {"evpi": none, "vss": small, "regret": regret, "chance": ()}
    page = findings_report(Findings(RISK, {**whole.summary, **changed}, whole.tables))
    assert ">nothing<" in page
    assert "less than $0.001B" in page
    assert "in storm<" not in page


def test_an_interrupted_replay_states_nothing_over_all():
    """Law: what happened to be tried is listed, and there is no distribution of it."""
    whole = made(STRESS)
    cut = dict.fromkeys((key for key in whole.summary if key.endswith("_share") or "_busd_" in key), None)
    summary = {**whole.summary, **cut, "interrupted": True, "tried_share": 0.5, "note": ""}
    page = findings_report(Findings(STRESS, summary, whole.tables))
    assert "50.0%" in page
    assert "P10 to P90" not in page
    assert "storm" in page


def test_without_a_bound_or_a_vss_it_says_so():
    """Law: nothing is said to be proven that is not."""
    whole = made()
    summary = {
        **whole.summary,
        "bound_busd": None,
        "gap": None,
        "vss": None,
        "fixed_busd": None,
        "status": "time_limit",
        "chance": (),
    }
    page = findings_report(Findings(RISK, summary, whole.tables))
    assert "no bound is proven" in page
    assert "no plan" in page


def test_regret_limits_and_outages_are_in_it():
    """Law: the largest regret, how often a limit in probability is met, and every single outage are stated."""
    page = findings_report(made())
    for words in ("Largest regret", "asked for in 90%, not kept", "75.0%"):
        assert words in page
    whole = made()
    least = findings_report(Findings(RISK, {**whole.summary, "minimised": "largest regret"}, whole.tables))
    assert "Expected cost" in least
    assert "Single outages" in findings_report(made(STRESS))


def test_each_basis_is_stated():
    """Law: with a limit in probability each cost says whether it has it, and a limit that is broken is no plan lost."""
    whole = made()
    page = findings_report(whole)
    assert "known beforehand, with the limits" in page
    assert "regret against itself without the limits" in page
    page = findings_report(Findings(RISK, {**whole.summary, "fixed_busd": None, "vss": None}, whole.tables))
    for words in (
        "breaks a limit",
        "expected cost without the limits: $11.600B",
        "as planned, without the limits",
    ):
        assert words in page
    assert "no plan" not in page
    page = findings_report(Findings(RISK, {**whole.summary, "chance": ()}, whole.tables))
    assert "the limits" not in page


def test_gains_are_of_what_is_minimised():
    """Law: with the largest regret minimised, EVPI and VSS are called parts of it."""
    whole = made()
    page = findings_report(Findings(RISK, {**whole.summary, "minimised": "largest regret"}, whole.tables))
    assert "would take off the largest regret (EVPI)" in page
    assert "would add to the largest regret (VSS)" in page
    careful = findings_report(Findings(RISK, {**whole.summary, "cvar_weight": 0.5}, whole.tables))
    assert "would take off this measure (EVPI)" in careful
    assert "would cost (VSS)" not in careful
    assert "would add to this measure (VSS)" in careful
    assert "would cost (VSS)" in findings_report(whole)


def test_none_up_to_p90_names_the_worst_future():
    """Law: where the fan has nothing unserved, what the worst future has is stated all the same."""
    whole = made()
    years = [
        {**row, "p90": 0.0, "planned": 0.0} if row["measure"] == "unserved_compute" else row
        for row in whole.tables["years"]
    ]
    page = findings_report(Findings(RISK, whole.summary, {**whole.tables, "years": years}))
    assert "None up to P90, in any period. In the worst future, storm: 1.00% of all demand." in page
