"""The story of a plan: what it says of small plans, what it leaves out, and that names stay names."""

import json
import re

import pytest

import planner
from planner.case.horizon import Tail
from planner.explain.prices_table import Price, Prices
from planner.plan.plan import PlanData
from planner.report.story.binds import binds
from planner.report.story.costs import WithoutRule, cost_sentence, variants
from planner.report.story.decide import decisions, last_day
from planner.report.story.facts import Facts
from planner.report.story.page import Story, story
from planner.runs.outcome import Outcome
from planner.status import Status
from tests.documents.test_words import BARE_POWER, PATTERN
from tests.figures.plans import HOSTILE, hostile_plan, kept_plan, many_sites
from tests.program.tiny import CASH, cash, lease, site, solve, tiny
from tests.report.story_cases import burning_plan

SIGNED = {
    "contract": "old",
    "offer": "lease",
    "role": "primary",
    "it_mw": 20.0,
    "start_date": "2025-01-01",
    "end_date": "2027-07-01",
    "rent_musd_per_mw_year": 10.0,
    "chip": "chip",
}
PAGE = """\
The story of a plan: Three sites, two chips, two markets (2026 to 2027, no gap)

How sure the figures are
  The plan costs $0.600B of present value, and no plan that misses no more costs less: that is proven.
  Another plan may cost as much: figures by provider, site, chip and year are those of this plan alone, and only a \
range holds for all (`planner alternatives PLAN --keep`).
  All demand is served, and the plan passed its audit of CHECKS checks.
  Money is nominal unless it is called present value; capacity is IT load unless facility power is stated.

What is built when
  Installed capacity is 20 IT MW in 2026 and 40 IT MW in 2027.
  Peak power of the sites in use is 25 facility MW in 2026 and 50 facility MW in 2027.
  The largest step up is 20 IT MW in 2027.
  lease_provider supplies 20 IT MW in 2026 and 40 IT MW in 2027.
  At a contracts are in force for 20 IT MW in 2026 and 40 IT MW in 2027; they need 50 facility MW at peak in 2027.
  chip makes up 20 IT MW in 2026 and 40 IT MW in 2027.
  1 signed contract (20 IT MW in all) ends by its own date: 20 IT MW of lease_provider at a on 2027-07-01.

Money
  Spending on primary capacity is $0.60B from 2026 to 2027, highest in 2027 ($0.40B); no envelope limits it.
  Spending is highest in 2027 ($0.40B) and lowest in 2026 ($0.20B).
  All of the money is paid to lease_provider.
  After 2027, $2.70B of rent is owed on contracts then in force, until 2036, to lease_provider; it is no \
part of the cost.

What binds
  No limit is used up.
  What one more of each limit is worth is not in the plan; its prices say it (`planner explain PLAN --prices`).

What the plan bets on
  All of the 40 IT MW installed in 2027 depends on one provider (lease_provider), one vendor of chips (chip_vendor), \
one chip (chip), one power region (Grid) and one site (a).

What must be decided, and what can wait
  In 2026, the first year of the plan, 1 contract (30 IT MW) is due, by 2026-07-01.
  By 2026-07-01: 30 IT MW primary of lease, in force from 2027-01-01.
  Nothing is left to decide after 2026.
"""
"""Worked out by hand: 20 IT MW are signed until the middle of 2027, so that 10 of the 40 that 2027 demands are there
on average; 3 blocks of 10 IT MW at $0.1B a year are decided, half a year before they start. Rent until the end of their
ten years: 9 x $0.3B."""


@pytest.fixture(scope="module")
def by_hand() -> PlanData:
    """A plan that is worked out by hand."""
    return solve(tiny([20.0, 40.0], periods=2, offers=(lease(lead_months=6.0),), contracts=[SIGNED]))


def sentences(found: Story, section: str) -> list[str]:
    """The sentences of a section."""
    return [one.text for part in found.sections if part.id == section for one in part.sentences]


def test_a_page_by_hand(by_hand):
    """Law: every sentence of a small plan is the one that was worked out on paper."""
    found = re.sub(r"audit of \d+ checks", "audit of CHECKS checks", story(by_hand).text)
    assert found == PAGE


def test_the_same_plan_has_the_same_story(by_hand, tmp_path):
    """Law: nothing of a story depends on when or where it is written; a plan read back has the same."""
    again = PlanData.read(by_hand.write(tmp_path / "plan"))
    assert story(again).text == story(by_hand).text
    assert planner.story(by_hand).markdown == story(by_hand).markdown


def test_nothing_is_said_of_what_is_not_there(by_hand):
    """Law: without rules, budget, grades, backup and financing there are no sentences on them, and no empty section."""
    found = story(by_hand)
    assert [section.id for section in found.sections] == ["sure", "built", "money", "binds", "bets", "decide"]
    assert not re.search(r"backup|envelope of|Of the cash|graded|financing|tail|forced|opened", found.text)
    assert all(section.sentences for section in found.sections)


def test_a_plan_that_decides_nothing():
    """Law: zero is said as zero, once."""
    found = story(solve(tiny(0.0)))
    assert sentences(found, "built") == ["Nothing is installed from 2026 on."]
    assert sentences(found, "money") == ["The plan spends nothing."]
    assert sentences(found, "decide") == ["The plan decides nothing: there is nothing to sign."]
    assert not sentences(found, "bets")


def test_what_is_missed_comes_first():
    """Law: shortfalls are the first section and in the short form; what is proven of them is said."""
    case = tiny([20.0, 40.0], periods=2, families={"budget": CASH}, budget=cash(2, 0.25))
    found = story(solve(case))
    assert found.sections[0].id == "misses"
    first, second, third = sentences(found, "misses")
    assert "misses as little as it can" in first
    assert second == "Not served: 20 compute-years of inference of m, in 2027."
    assert third == "No plan misses less of this: that is proven."
    assert second in found.short
    assert sentences(found, "sure")[2].startswith("33 % of all demand is not served")


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (
            {"tier": "cash", "contract": "old", "unit": "busd"},
            "Not paid: $1.50B of what contract “old” costs, in 2026.",
        ),
        (
            {"tier": "cash", "unit": "busd"},
            "Not covered: $1.50B of other spending, or of the energy, carbon and sites of what is signed, in 2026.",
        ),
        (
            {"tier": "programme", "programme": "p", "unit": "IT MW"},
            "Missing of programme p: 1.50 IT MW-years, in 2026.",
        ),
        (
            {"tier": "protection", "rule": "r", "market": "m", "workload": "training", "unit": "compute"},
            "Not protected by rule “r”: 1.50 compute-years of training of m, in 2026.",
        ),
        (
            {"tier": "priced", "rule": "r", "market": "m", "workload": "training", "unit": "compute"},
            "Missed at a price, which is in the cost, by rule “r”: 1.50 compute-years of training of m, in 2026.",
        ),
        (
            {"tier": "head-room", "rule": "r", "market": "m", "workload": "training", "unit": "compute"},
            "Without head-room under rule “r”: 1.50 compute-years of training of m, in 2026.",
        ),
    ],
)
def test_every_tier_has_its_words(by_hand, row, says):
    """Law: each kind of shortfall is a sentence with amount, unit, place and period."""
    empty = dict.fromkeys(("rule", "programme", "market", "workload", "contract"), "")
    rows = [{**empty, "period": 2026, "amount": 1.5, **row}]
    plan = PlanData(by_hand.case, by_hand.summary, {**by_hand.tables, "shortfalls": rows})
    first, *others = sentences(story(plan), "misses")
    assert says in others
    assert ("with a price" in first) == (row["tier"] == "priced")


def test_what_is_missed_in_a_tail_alone_is_said():
    """Law: a shortfall of the tail, of which the reported periods have no row, is a sentence of its own."""
    case = tiny([20.0, 20.0], periods=2)
    horizon = case.model.horizon.model_copy(update={"tail": Tail(periods=1, period_months=24)})
    plan = solve(case.replace(model=case.model.model_copy(update={"horizon": horizon})))
    entry = {"tier": "unserved", "unit": "compute-years", "amount": 8.0, "bound": 8.0, "tolerance": 0.0}
    found = story(PlanData(plan.case, {**plan.summary, "shortfalls": [entry]}, plan.tables))
    assert "In the tail (2028-2029): 8 compute-years not served." in sentences(found, "misses")


def test_names_stay_names():
    """Law: whatever a name holds, it is no markup of a page, no address, no heading, and of bounded length."""
    found = story(hostile_plan(), folder="a `b` [c](d)")
    page = found.markdown
    assert "<script>" not in page
    assert "\\<script\\>" in page
    assert HOSTILE not in page
    assert "\u202e" not in found.text
    assert "`` planner alternatives 'a `b` [c](d)' --keep ``" in page
    assert len(page) < 60_000
    assert page.count("\n# ") + page.startswith("# ") == 1
    assert json.loads(json.dumps(found.document()))["sections"]


@pytest.mark.parametrize(
    ("name", "markdown"),
    [
        ("# x", "\\# x"),
        ("1. x", "1\\. x"),
        ("- x", "\\- x"),
        ("http://x", "http\\://x"),
        ("www.x", "www\\.x"),
        ("a_b*c", "a\\_b\\*c"),
        ("x@y", "x\\@y"),
        ("![i](u)", "!\\[i\\](u)"),
        ("a\n# b", "a\\\\n\\# b"),
    ],
)
def test_nothing_in_a_name_is_markdown(name, markdown):
    """Law: signs that Markdown reads are escaped, at the start of a line too."""
    from planner.report.story.markdown import escaped

    assert escaped(name) == markdown


def test_a_large_plan_has_a_short_story():
    """Law: of 300 sites the largest are named and the others counted."""
    found = story(many_sites(300))
    assert len(found.text) < 15_000
    assert "more" in found.text


def test_the_short_form_is_short():
    """Law: about ten sentences, the cost with its gap first."""
    for name in ("mixed", "three_sites"):
        short = story(kept_plan(name)).short
        assert 4 <= len(short) <= 12
        assert short[0].startswith("The plan costs $")


def test_words_and_units():
    """Law: a story is in plain English, and says of every MW whether it is IT load or facility power."""
    for name in ("mixed", "three_sites"):
        text = story(kept_plan(name)).text
        assert not PATTERN.search(text)
        assert all(hit["kind"] for hit in BARE_POWER.finditer(text))


def test_dates_to_sign_are_starts_less_lead_times(by_hand):
    """Law: the last date to sign is the start of the contract less the lead time of its offer."""
    (one,) = decisions(Facts(by_hand))
    assert (one.by.isoformat(), one.contracts, one.it_mw) == ("2026-07-01", 1, 30.0)
    assert last_day(one.by, 6.0).isoformat() == "2026-01-01"


def test_options_that_expire_are_named():
    """Law: an offer that can be signed until a date within the plan and is not used is named, with the date."""
    offers = (lease(), lease("late", "b", rent_musd_per_mw_year=30.0, last_start="2027-01-01", lead_months=6.0))
    found = story(solve(tiny([20.0, 20.0], periods=2, sites=(site(), site("b")), offers=offers)))
    assert "1 option of the case expires unused: late (by 2026-07-01)." in sentences(found, "decide")


def test_what_a_plan_with_a_tail_says_is_true_of_its_reported_periods():
    """Law: what is gone is not counted as there, what is continued is no end, a renewal is one in force."""
    plan = burning_plan()
    found = story(plan)
    expected = {
        "built": (
            "What 2 other providers supply is 20 IT MW in 2027; 1 more was there before.",
            "At 1 other site contracts are in force for 10 IT MW in 2027; 1 more was in use before.",
            "1 signed contract (10 IT MW in all) ends by its own date: 10 IT MW of s7_provider at s7 on 2027-01-01.",
            "1 decided contract (10 IT MW) is on a renewal in 2027, at the rent after its term.",
        ),
        "money": (
            "Revenue is $4.00B from 2026 to 2027: $0.40B is paid to the partner, $2.00B is spent on other things than "
            "capacity and $1.60B is left for servers.",
            "The burn of the plan, spending on capacity less what revenue leaves for servers, is $0.30B from 2026 to "
            "2027, of $1.00B allowed; it is highest in 2026 ($0.20B, of $0.50B allowed).",
        ),
    }
    for section, texts in expected.items():
        assert [text for text in texts if text not in sentences(found, section)] == []
    assert any(
        text.startswith("1 signed contract (20 IT MW in all) ends on the day") for text in found.text.split("  ")
    )
    assert "Nothing that begins by the end of 2027 is left to decide after 2026." in sentences(found, "decide")
    assert any("($0.80B of it on contracts that begin in the tail)" in text for text in found.short)


def test_a_renewal_that_ends_or_begins_elsewhere_is_none_of_the_last_period():
    """Law: a contract that ends within the reported periods, or whose term is over only in the tail, is not counted."""
    plan = burning_plan()
    for start, end in (("2026", "2027"), ("2027", "2028")):
        rows = [
            {**row, "start_period": start, "end_period": end} if row["offer"] == "short" else row
            for row in plan.rows("contracts")
        ]
        changed = PlanData(plan.case, plan.summary, {**plan.tables, "contracts": rows})
        assert "on a renewal" not in story(changed).text


def test_what_was_there_only_before_is_not_in_the_last_period():
    """Law: of the sites beyond the largest none may be there at the end; the sentence says so."""
    plan = burning_plan()
    last = str(plan.rows("power")[-1]["period"])
    rows = [row for row in plan.rows("power") if row["site"] != "s6" or str(row["period"]) == "2026"]
    assert last != "2026"
    changed = PlanData(plan.case, plan.summary, {**plan.tables, "power": rows})
    assert "2 other sites were in use only before 2027." in sentences(story(changed), "built")


def test_nothing_is_left_by_revenue_that_is_spent():
    """Law: where other spending is more than revenue, what is left for servers is nothing, and by how much is said."""
    plan = burning_plan()
    rows = [{**row, "other_spending_busd": 2.0} for row in plan.rows("cash")]
    changed = PlanData(plan.case, plan.summary, {**plan.tables, "cash": rows})
    text = "and nothing is left for servers, as that is $0.40B more"
    assert any(one.endswith(f"{text}.") for one in sentences(story(changed), "money"))


def test_the_development_of_a_chip_is_paid_when_it_is_first_installed(by_hand):
    """Law: a development of the period in which its chip is first installed is paid then, any other is started."""
    said = {
        2026: "is paid in 2026 ($0.50B), the first period in which",
        2027: "is started in 2027 for $0.50B; its first",
    }
    for period, text in said.items():
        rows = [{"chip": "chip", "period": period, "cost_busd": 0.5}]
        plan = PlanData(by_hand.case, by_hand.summary, {**by_hand.tables, "developments": rows})
        assert any(text in one for one in sentences(story(plan), "built"))


def test_the_tightest_loss_is_the_tightest_as_a_share():
    """Law: where rules leave something to spare, it is said by which measure the tightest is."""
    plan = kept_plan("mixed")
    rows = [
        {**row, "binding": "no", "margin_compute": 1.0 + n, "critical_compute": 10.0 * (1.0 + n) ** 2}
        for n, row in enumerate(plan.rows("contingencies"))
    ]
    found = story(PlanData(plan.case, plan.summary, {**plan.tables, "contingencies": rows}))
    assert any("the tightest as a share of what is critical is the loss" in one for one in sentences(found, "rules"))


def test_prices_are_in_the_story():
    """Law: of each kind the prices that count are named, as what one more saves."""
    found = Prices(
        4.0,
        (
            Price("cash", "", "2027", "$B", -0.25, 0.5, None, None, None, None),
            Price("site_power", "north", "", "facility MW", 0.0, 0.0, None, None, None, -0.002),
            Price("demand", "", "2027", "%", 0.9, None, None, None, None, None),
        ),
    )
    texts = [one.text for one in binds(Facts(kept_plan("three_sites")), found).sentences]
    assert "One more $B of cash in the period: saves 0.25 (2027)." in texts
    assert any(text.endswith("costs 0.9 (2027).") for text in texts)
    divided = next(at for at, text in enumerate(texts) if text.startswith("If blocks could be divided"))
    assert [at for at, text in enumerate(texts) if text.endswith("saves 0.002 (North campus).")] == [divided + 1]


def other(plan: PlanData, cost: float, bound: float | None, **more: object) -> WithoutRule:
    """A plan of the case without its redundancy rules, with this cost and bound."""
    gap = None if bound is None else (cost - bound) / cost
    summary = {**plan.summary, "cost_busd": cost, "bound_busd": bound, "gap": gap, "case_hash": "another", **more}
    return WithoutRule("redundancy", Outcome(Status.GAP_REACHED, PlanData(plan.case, summary, plan.tables)))


def test_a_difference_inside_the_gap_is_no_finding(by_hand):
    """Law: what a rule costs is stated only where it is proven to cost something; else only what it costs at most."""
    says = cost_sentence(by_hand, other(by_hand, 0.5, 0.45)).text
    assert says.startswith("Protection against losses costs $0.10B")
    assert "at least $0.10B, at most $0.15B" in says
    inside = cost_sentence(by_hand, other(by_hand, 0.605, 0.55)).text
    assert "inside the gaps; it costs at most $0.05B" in inside
    assert "costs $" not in inside.replace("costs at most", "")
    assert "nothing is proven" in cost_sentence(by_hand, other(by_hand, 0.5, None)).text
    entry = {"tier": "unserved", "unit": "compute-years", "amount": 4.0, "bound": 4.0, "tolerance": 0.0}
    missed = cost_sentence(by_hand, other(by_hand, 0.5, 0.45, unserved_share=0.1, shortfalls=[entry])).text
    assert "not compared" in missed
    assert "10 %" in missed
    nothing = WithoutRule("contiguity", Outcome(Status.TIME_LIMIT, None, "solver ended.\nNo point."))
    assert re.search(r"not known.*: solver ended\. No point\.$", cost_sentence(by_hand, nothing).text)


def test_the_rules_left_out_are_those_of_the_case():
    """Law: each kind of rule that a case has is left out by itself, and nothing else."""
    case = planner.Case.read("four_campuses")
    found = dict(variants(case))
    assert list(found) == ["head_room", "contiguity", "programmes"]
    assert found["head_room"].model.families.redundancy is None
    assert found["contiguity"].model.families.contiguity is None
    assert not found["programmes"].rows("programmes")
    assert all(one.model.families.contiguity is not None for kind, one in found.items() if kind != "contiguity")


def test_what_is_missed_is_said_in_all_and_not_its_largest_part_alone(by_hand):
    """Law: where a tier has several parts, its sum comes first, each unit for itself, in the short form too."""
    row = {"rule": "", "programme": "", "contract": "", "tier": "unserved", "unit": "compute", "period": 2026}
    parts = [{**row, "market": "m", "workload": "training", "amount": 1.5}]
    parts += [{**row, "market": "m", "workload": "inference", "amount": 4.0}]
    other = {**row, "market": "", "workload": "", "tier": "programme"}
    parts += [{**other, "programme": "a", "unit": "IT MW", "amount": 2.0}]
    parts += [{**other, "programme": "b", "unit": "facility MW", "amount": 3.0}]
    found = story(PlanData(by_hand.case, by_hand.summary, {**by_hand.tables, "shortfalls": parts}))
    assert "Not served: 5.50 compute-years in all, the largest of 2 parts:" in found.short
    (programmes,) = [text for text in found.short if text.startswith("Missing of programmes")]
    assert "2 IT MW-years" in programmes
    assert "3 facility MW-years" in programmes
    assert "in all, the largest of 2 parts:" in programmes
