"""Why something is in a plan, or not: differences equal solves by hand, and never claim more than two bounds prove."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from planner.api import Case, Plan
from planner.case.case import CaseData
from planner.changes.apply import apply_changes
from planner.errors import OptionError
from planner.explain.linear_cuts import LinearAnswer, solve_with_cuts
from planner.explain.why import Why, why
from planner.explain.why_entry import entry_range
from planner.explain.why_missing import Missing
from planner.explain.why_program import Force, program_of
from planner.explain.why_shortfall import FURTHER, proven_tiers
from planner.explain.why_solve import Forced
from planner.explain.why_target import find_target
from planner.explain.why_text import why_lines
from planner.solve.mip import MixedIntegerProgram
from planner.solve.records import Answer, TierResult
from planner.status import Status
from tests.program.tiny import cash, chip, cost, lease, site, solve, tiny

SLOW = pytest.mark.slow
CHEAP = lease("cheap", "a")
DEAR = lease("dear", "b", rent_musd_per_mw_year=12.0)
SITES = (site("a"), site("b"))


def two_sites(**more: Any) -> CaseData:
    """100 MW from site a at $10M per MW and year; site b asks $12M."""
    return tiny(100.0, sites=SITES, offers=(CHEAP, DEAR), **more)


def asked(plan: Plan, name: str, **more: Any) -> Why:
    """The answer to one name, to the end."""
    return why(plan, name, gap=0.0, **more)[0]


@pytest.fixture(scope="module")
def plan() -> Plan:
    """The best plan of the two sites: ten blocks at site a."""
    return solve(two_sites())


@pytest.mark.parametrize("name", ["b", *(pytest.param(n, marks=SLOW) for n in ("dear", "dear_provider", "b@2026"))])
def test_forcing_in_is_one_block(plan: Plan, name: str) -> None:
    """One block of the dear offer in place of one of the cheap costs $0.02B more: by hand, and by a forced decision."""
    found = asked(plan, name)
    by_hand = cost(apply_changes(two_sites(), [{"op": "force", "site": "b", "by": 2026}])) - plan.cost_busd
    assert (found.forced, found.finding) == ("in", "costs_more")
    assert found.difference_busd == pytest.approx(0.02, abs=1e-8) == by_hand
    assert (found.least_busd, found.most_busd) == pytest.approx((0.02, 0.02), abs=1e-6)
    assert {(one.dimension, one.name): round(one.it_gw_years, 6) for one in found.moved if one.dimension == "site"} == {
        ("site", "a"): -0.01,
        ("site", "b"): 0.01,
    }


@pytest.mark.parametrize("name", ["a", *(pytest.param(n, marks=SLOW) for n in ("cheap", "cheap_provider", "a@2026"))])
def test_forcing_out_is_the_case_without_it(plan: Plan, name: str) -> None:
    """All ten blocks at the dear site cost $0.2B more: by hand, and in the case in which site a is not available."""
    found = asked(plan, name)
    by_hand = cost(apply_changes(two_sites(), ["sites[a].available=no"])) - plan.cost_busd
    assert (found.forced, found.finding, found.in_plan, found.unit) == ("out", "costs_more", 10.0, "blocks")
    assert found.difference_busd == pytest.approx(0.2, abs=1e-8) == by_hand
    assert found.plan is not None
    assert found.plan.summary["audit"]["passed"]
    assert all(row["site"] == "b" for row in found.plan.rows("contracts"))


@pytest.mark.slow
def test_the_price_of_entry_is_that_of_the_other_offer(plan: Plan) -> None:
    """The dear offer enters where it costs what the cheap one does: ten twelfths of its rent, proven on both sides."""
    entry = asked(plan, "b").entry
    assert entry is not None
    assert (entry.column, entry.price) == ("rent_musd_per_mw_year", 12.0)
    assert entry.found_at == pytest.approx(10.0 / 12.0, rel=1e-6)
    assert entry.enters_at == pytest.approx(10.0 / 12.0, rel=1e-6)
    assert entry.stays_out_at == pytest.approx(10.0 / 12.0, rel=2e-3)
    assert entry.enters_at is not None
    assert entry.stays_out_at is not None
    assert entry.enters_at <= entry.stays_out_at + 1e-6
    for factor, uses_it in ((0.99 * entry.enters_at, True), (1.01 * entry.stays_out_at, False)):
        changed = solve(apply_changes(two_sites(), [f"offers[dear].rent_musd_per_mw_year={12.0 * factor}"]))
        assert any(row["offer"] == "dear" for row in changed.rows("contracts")) is uses_it


@pytest.mark.slow
def test_an_account_adds_up(plan: Plan) -> None:
    """What a block pays less what it brings is what it costs more at the margin: 0.12 less 0.1."""
    account = asked(plan, "b").account
    assert account[0].what == "money"
    assert account[0].busd == pytest.approx(0.12, rel=1e-6)
    assert sum(one.busd for one in account) == pytest.approx(0.02, rel=1e-5)
    assert any(one.what == "demand served" and one.busd < 0.0 for one in account)


@pytest.mark.slow
def test_a_chip_is_forced_by_its_smallest_block() -> None:
    """A chip twice as dear that a block could have: 10 MW of it, in place of ten of the other."""
    offers = (lease(), lease("other", chips=("fancy",), rent_musd_per_mw_year=15.0))
    case = tiny(100.0, offers=offers, chips=[chip(), chip("fancy")])
    best = solve(case)
    found = asked(best, "fancy")
    assert (found.forced, found.unit, found.finding) == ("in", "IT GW", "costs_more")
    assert found.difference_busd == pytest.approx(0.05, abs=1e-8)
    out = asked(best, "chip:chip")
    assert out.difference_busd == pytest.approx(0.5, abs=1e-8)


def test_what_no_plan_can_do_names_what_would_be_missing(plan: Plan) -> None:
    """Without the only period in which anything can start, all 100 units go unserved."""
    found = asked(plan, "2026")
    assert (found.status, found.finding, found.difference_busd) == (Status.INFEASIBLE, "infeasible", None)
    assert [(one.what, one.periods) for one in found.in_the_way] == [("demand m, inference", ("2026",))]
    assert found.in_the_way[0].amount == pytest.approx(100.0, rel=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "kind", "key"), [("three_sites", "site", "north"), ("four_campuses", "provider", "zenith")]
)
def test_what_is_missing_is_what_a_solve_without_it_misses(name: str, kind: str, key: str) -> None:
    """Law: tier by tier the same amounts as in the plan of the case without blocks of it on offer."""
    found = asked(Case.read(name).solve(gap=0.0), f"{kind}:{key}")
    assert found.finding == "infeasible"
    solved = Case.read(name, changes=[f"offers[{kind}={key}].max_blocks=0"]).solve(gap=0.0)
    missed = [(float(one["amount"]), str(one["unit"])) for one in solved.summary["shortfalls"] if one["amount"]]
    asked_for = [amount / 1000.0 if "MW" in unit else amount for amount, unit in missed]
    assert [one.amount for one in found.in_the_way] == pytest.approx(asked_for, rel=1e-6)
    assert not any(one.divisible for one in found.in_the_way)


def test_forcing_makes_no_plan_cheaper(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law: where nothing is found, the bound is at least that of the plan: 95 MW in ten blocks cost $1B.

    If blocks could be divided, one block at b and 85 MW at a would cost $0.97B.
    """
    best = solve(tiny(95.0, sites=SITES, offers=(CHEAP, DEAR)))

    def nothing(program: Any, *_: Any) -> Forced:
        return Forced(Answer.without_plan(program.mip, Status.TIME_LIMIT))

    monkeypatch.setattr("planner.explain.why.solve_forced", nothing)
    monkeypatch.setattr("planner.explain.why.least_missing", lambda *_: Missing())
    found = asked(best, "b", time_limit_s=7.0)
    assert (found.finding, found.time_limit_s) == ("unknown", 7.0)
    assert found.bound_busd is not None
    assert best.bound_busd is not None
    assert found.bound_busd >= best.bound_busd == pytest.approx(1.0, rel=1e-6)
    assert "no plan was found in 7 s (--time-limit gives more)" in "\n".join(why_lines(found, "2026"))


@pytest.mark.parametrize(
    ("site_more", "offer_more", "says"),
    [
        ({}, {"first_start": "2040-01-01"}, "first_start of offer late (offers [late], first_start)"),
        ({}, {"lead_months": 60}, "lead_months of offer late (offers [late], lead_months)"),
        ({"earliest_date": "2040-01-01"}, {}, "earliest_date of site b (sites [b], earliest_date)"),
        (
            {"earliest_date": "2040-01-01"}, {"lead_months": 60},
            "earliest_date of site b (sites [b], earliest_date); "
            "lead_months of offer late (offers [late], lead_months)",
        ),
    ],
)  # fmt: skip
def test_what_can_never_start_names_the_dates(
    site_more: dict[str, str], offer_more: dict[str, str | int], says: str
) -> None:
    """Law: where dates and lead times leave no period in which to start, each of them is named with its place."""
    sites = (site("a"), {**site("b"), **site_more})
    case = tiny(100.0, sites=sites, offers=(CHEAP, {**lease("late", "b"), **offer_more}))
    plan = solve(case)
    for name, when in (("late", "the horizon"), ("late@2026", "2026")):
        found = asked(plan, name)
        assert found.finding == "infeasible"
        assert str(found.in_the_way[0]) == f"no contract can start in {when}: {says}"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("b", 'not available: site b (sites [b], available); --set "sites[b].available=yes" lets it be decided'),
        ("dear", "not available: site b ("),
        ("dear_provider", "not available: site b ("),
        ("c", "no offer is at site c (offers"),
        ("full", "no blocks on offer: offer full ("),
        ("chip:spare", "no offer takes chip spare (offers"),
    ],
)
def test_what_takes_no_part_says_what_keeps_it_out(name: str, says: str) -> None:
    """Law: a row of a table of which nothing can be decided is answered with the place and figure that say so."""
    offers = (CHEAP, DEAR, lease("full", "a", max_blocks=0))
    sites = (site("a"), {**site("b"), "available": False}, site("c"))
    found = asked(solve(tiny(100.0, sites=sites, offers=offers, chips=[chip(), chip("spare")])), name)
    assert (found.forced, found.finding, found.in_plan) == ("in", "infeasible", 0.0)
    assert len(found.in_the_way) == 1
    assert str(found.in_the_way[0]).startswith(says)


@pytest.mark.slow
def test_a_plan_that_misses_something_is_compared_with_plans_that_miss_no_more() -> None:
    """Five blocks are all there is of each offer: 20 of 120 units go unserved, and no offer can be left out."""
    offers = ({**CHEAP, "max_blocks": 5}, {**DEAR, "max_blocks": 5}, lease("more", "b", rent_musd_per_mw_year=20.0))
    case = tiny(120.0, sites=SITES, offers=({**offers[0]}, {**offers[1]}))
    best = solve(case)
    assert best.summary["unserved_share"] == pytest.approx(1 / 6)
    found = asked(best, "a")
    assert found.finding == "infeasible"
    assert found.in_the_way[0].amount == pytest.approx(70.0, rel=1e-5)


def test_a_gap_leaves_the_sign_open(plan: Plan) -> None:
    """A plan proven to 5 % only: $0.02B of $1B cannot be told from nothing, at most $0.07B it is."""
    loose = Plan.of(plan)
    summary = {**plan.summary, "bound_busd": 0.95, "gap": 0.05, "gap_target": 0.05, "cost_busd": plan.cost_busd}
    found = why(Plan(loose.case, summary, loose.tables), "b", gap=0.04)[0]
    assert found.finding == "open" or found.least_busd > 0.0
    assert found.most_busd == pytest.approx(0.07, abs=1e-6)
    assert found.least_busd <= 0.02 + 1e-9


def test_a_plan_that_is_not_the_best_is_told() -> None:
    """A plan of the dear site alone: with the cheap one forced in, a cheaper plan is found."""
    only_dear = solve(two_sites(), families=())
    forced = asked(only_dear, "a").plan  # a plan without site a
    assert forced is not None
    found = why(Plan.of(forced), "a", gap=0.0)[0]
    assert (found.forced, found.finding) == ("in", "cheaper")
    assert found.difference_busd == pytest.approx(-0.2, abs=1e-8)
    assert found.least_busd == 0.0


@pytest.mark.slow
def test_an_optional_programme_is_declined_or_undertaken() -> None:
    """A programme that asks for 50 MW at the dear site, declined at $0.05B: undertaking it costs $0.05B more."""
    case = tiny(
        100.0,
        sites=SITES,
        offers=(CHEAP, DEAR),
        programmes=[{"programme": "p", "name": "p", "sites": ("b",), "kind": "optional", "declining_cost_busd": 0.05}],
        programme_steps=[{"programme": "p", "date": "2026-01-01", "at_least_it_mw": 50.0}],
    )
    found = asked(solve(case), "p")
    assert (found.forced, found.unit, found.finding) == ("in", "programme", "costs_more")
    assert found.difference_busd == pytest.approx(5 * 0.02 - 0.05, abs=1e-8)


@pytest.mark.slow
def test_cash_stands_in_the_way() -> None:
    """$1.005B of cash a year pay for ten cheap blocks and no dear one: what is short is cash or demand."""
    budget = {"basis": "cash_limit", "reinvested_share": 0.0, "carry_over": False, "backup_income_counts": False}
    case = two_sites(families={"budget": budget}, budget=cash(1, 1.005))
    found = asked(solve(case), "b")
    assert found.finding == "infeasible"
    assert found.in_the_way


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("bb", "no site, offer, provider, chip, programme or period is called 'bb'"),
        ("chep", "did you mean 'cheap'"),
        ("site:cheap", "no site is called 'cheap'"),
        ("a@2099", "no period is called '2099'"),
        ("a@", "no period is called ''"),
        ("", "is called ''"),
        ("2026@2026", "a period has no period in it"),
        ("x" * 10_000, "..."),
        ("a\u202eb", "is called"),
        ("__class__", "is called"),
    ],
)
def test_names_that_are_none_are_refused(plan: Plan, name: str, says: str) -> None:
    """What is wrong, and the nearest that there is; nothing is solved."""
    with pytest.raises(OptionError) as refused:
        why(plan, [name, "a"])
    assert says in str(refused.value)
    assert len(str(refused.value)) < 400


def test_every_wrong_name_is_told_at_once(plan: Plan) -> None:
    """Two wrong names, one refusal."""
    with pytest.raises(OptionError, match=r"'first'[\s\S]*'second'"):
        why(plan, ["first", "second"])


@pytest.mark.slow
def test_a_key_of_two_kinds_must_say_which() -> None:
    """A site and its provider called alike."""
    case = tiny(10.0, sites=(site("x"),), offers=(lease("o", "x", provider="x"),))
    with pytest.raises(OptionError, match="write site:x or provider:x"):
        why(solve(case), "x")


@pytest.mark.slow
def test_a_committed_programme_is_no_decision() -> None:
    """Its cost is asked for elsewhere."""
    case = two_sites(
        programmes=[{"programme": "p", "name": "p", "sites": ("b",), "kind": "committed"}],
        programme_steps=[{"programme": "p", "date": "2026-01-01", "at_least_it_mw": 50.0}],
    )
    with pytest.raises(OptionError, match="planner programme"):
        why(solve(case), "p")


def test_a_document_is_plain(plan: Plan) -> None:
    """Everything but the plan is written as JSON."""
    document = json.loads(json.dumps(asked(plan, "b").document()))
    assert document["finding"] == "costs_more"
    assert document["entry"]["price"] == 12.0
    assert "plan" not in document


@pytest.mark.slow
def test_limits_that_contradict_are_named_where_nothing_may_be_missing() -> None:
    """Demand at a price that nobody pays is served or not; two sites at most of one: the limits are named."""
    priced = {"unserved": "priced", "unserved_price_busd_per_compute_year": 0.5}
    steps = [{"programme": "p", "date": "2026-01-01", "at_least_it_mw": 100.0}]
    case = tiny(
        100.0, sites=SITES, offers=(CHEAP, DEAR), objective={**priced, "shortfall": "hard"},
        programmes=[{"programme": "p", "name": "p", "sites": ("a",), "kind": "committed"}], programme_steps=steps,
    )  # fmt: skip
    found = asked(solve(case), "a")
    assert found.finding == "infeasible"
    assert [one.what for one in found.in_the_way] == ["programme p: at least what it asks for (IT MW)"]


def test_what_only_whole_blocks_forbid_is_said_to_be_that() -> None:
    """Law: the duals of a relaxation that can have it are no reason; the sums of whole blocks of the programme are."""
    steps = [{"programme": "p", "date": "2026-01-01", "at_least_it_mw": 100.0, "at_most_it_mw": 110.0}]
    case = tiny(
        100.0, sites=SITES, offers=(CHEAP, lease("dear", "b", rent_musd_per_mw_year=12.0, block_it_mw=40.0)),
        programmes=[{"programme": "p", "name": "p", "sites": ("a", "b"), "kind": "committed"}], programme_steps=steps,
    )  # fmt: skip
    found = asked(solve(case), "a")
    assert found.finding == "infeasible"
    assert [str(one) for one in found.in_the_way] == [
        "programme p: it asks for 100 to 110 IT MW, and whole blocks make 80 or less, or 120 or more in 2026"
    ]
    # Two blocks of 40 MW for 100; three would be too many.
    assert [one.what for one in found.missed] == ["demand m, inference", "programme p"]
    assert [one.amount for one in found.missed] == pytest.approx([20.0, 0.02], rel=1e-6)
    assert '--set "offers[site=a].max_blocks=0"' in "\n".join(why_lines(found, "2026"))


def test_the_price_of_entry_keeps_to_its_time(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    """Law: the limit is of all linear programs together: each is given what the others have left of it."""
    given: list[float] = []

    def watched(mip: MixedIntegerProgram, make: Any, seconds: float) -> LinearAnswer:
        given.append(seconds)
        return solve_with_cuts(mip, make, seconds)

    monkeypatch.setattr("planner.explain.why_entry.solve_with_cuts", watched)
    program = program_of(plan)
    force = Force.of(find_target("dear", program.inputs), program, into=True)
    found = entry_range(program, force, None, None, -1.0, 60.0)
    assert found is not None
    assert found.stays_out_at == pytest.approx(10.0 / 12.0, rel=1e-3)
    assert len(given) > 1
    assert sorted(given, reverse=True) == given
    assert given[0] <= 60.0
    assert given[-1] < given[0]


def test_tiers_count_as_far_as_they_are_proven() -> None:
    """Law: a tier after one that is not proven to be the least says nothing: its amount is one of a worse plan."""
    least, loose = TierResult("cash", 2.0, 2.0, 0.0), TierResult("unserved", 5.0, 1.0, 0.0)
    assert proven_tiers([least, least]) == 2
    assert proven_tiers([least, loose, least]) == 1
    assert proven_tiers([]) == 0


def test_what_was_not_minimised_in_time_is_not_stated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law: without its only site a case misses its demand and its programme; of what is not proven only the kind is."""
    programmes = [{"programme": "p", "name": "p", "sites": ("a",), "kind": "committed"}]
    steps = [{"programme": "p", "date": "2026-01-01", "at_least_it_mw": 50.0}]
    best = solve(tiny(100.0, sites=SITES[:1], offers=(CHEAP,), programmes=programmes, programme_steps=steps))
    assert [(one.what, one.amount) for one in asked(best, "a").in_the_way] == [
        ("demand m, inference", pytest.approx(100.0)),
        ("programme p", pytest.approx(0.05)),
    ]

    def unserved(tiers: Sequence[TierResult]) -> int:
        return 1 + [one.name for one in tiers].index("unserved")

    monkeypatch.setattr("planner.explain.why_shortfall.proven_tiers", unserved)
    found = [(one.what, one.amount) for one in asked(best, "a").in_the_way]
    assert found == [("demand m, inference", pytest.approx(100.0)), (f"{FURTHER}: programme", None)]
