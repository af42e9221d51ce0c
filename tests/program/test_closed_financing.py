"""Financing on cases small enough to work out by hand: what is drawn, owed, paid, and what it costs."""

from datetime import date
from typing import Any

import pytest

from planner.case.model import Horizon
from planner.errors import InfeasibleError
from planner.inputs.calendar import make_calendar
from planner.inputs.financing import make_financing
from tests.length import thinned
from tests.program.tiny import CASH, by_period, cash, chip, column, lease, own, site, solve, tiny

YEARS = 4
LOAN: dict[str, Any] = {
    "financing": "bank", "name": "Bank", "kind": "debt", "up_to_busd": 5.0, "interest_rate_per_year": 0.1,
    "repayment": "bullet", "repayment_years": 2.0,
}  # fmt: skip
EQUITY: dict[str, Any] = {"financing": "round", "name": "Round", "kind": "equity", "up_to_busd": 0.5}
FINANCED: dict[str, Any] = {"budget": {**CASH, "carry_over": True}, "financing": {}}


def case(*sources: dict[str, Any], limits: tuple[float, ...] = (0.0, 2.0, 2.0, 2.0), **more: Any) -> Any:
    """A hundred units of demand for four years at $1B a year of rent; the first year has no money."""
    rows = [row | {"cash_limit_busd": busd} for row, busd in zip(cash(YEARS, 0.0), limits, strict=True)]
    options = {"periods": YEARS, "families": FINANCED} | more
    return tiny(100.0, budget=rows, financing=list(sources), **options)


def flows(plan: Any, source: str, *names: str) -> dict[str, list[float]]:
    """Columns of the table of financing of a source."""
    return {name: column(plan, "financing", f"{name}_busd", financing=source) for name in names}


def test_a_bullet_loan_by_hand():
    """$1B for the rent of 2026 at 10 %: 0.1 in 2027 and in 2028, when it is repaid; not discounted it costs 0.2."""
    plan = solve(case(LOAN))
    assert flows(plan, "bank", "drawn", "interest", "repaid", "owed") == {
        "drawn": pytest.approx([1.0, 0.0, 0.0, 0.0]),
        "interest": pytest.approx([0.0, 0.1, 0.1, 0.0]),
        "repaid": pytest.approx([0.0, 0.0, 1.0, 0.0]),
        "owed": pytest.approx([1.0, 1.0, 0.0, 0.0]),
    }
    assert plan.summary["unserved_share"] == 0.0
    assert plan.summary["cost_busd"] == pytest.approx(4.0 + 0.2)
    assert column(plan, "objective", "present_value_busd", item="financing") == pytest.approx([0.2])
    # Left at the end of each year: 2.0 - 1.0 - 0.1, then 2.0 - 1.0 - 1.1 less, then 2.0 - 1.0 more.
    assert column(plan, "cash", "left_busd") == pytest.approx([0.0, 0.9, 0.8, 1.8])
    assert column(plan, "budget", "slack_busd") == pytest.approx([0.0, 0.9, 0.8, 1.8])


def test_a_loan_repaid_evenly_by_hand():
    """$1B over four years: interest on 1, 0.75 and 0.5, and after the horizon on the last quarter, all in the cost."""
    loan = {**LOAN, "repayment": "straight_line", "repayment_years": 4.0}
    plan = solve(case(loan))
    assert flows(plan, "bank", "interest", "repaid", "owed") == {
        "interest": pytest.approx([0.0, 0.1, 0.075, 0.05]),
        "repaid": pytest.approx([0.0, 0.25, 0.25, 0.25]),
        "owed": pytest.approx([1.0, 0.75, 0.5, 0.25]),
    }
    assert plan.summary["cost_busd"] == pytest.approx(4.0 + 0.225 + 0.025)
    assert column(plan, "spend", "amount_busd", item="owed") == pytest.approx([0.275])
    assert column(plan, "spend", "amount_busd", item="drawn") == pytest.approx([-1.0])
    assert {row["payee"] for row in plan.rows("spend") if row["part"] == "financing"} == {"bank"}


@pytest.mark.parametrize("months", [12, 3, (12, 24, 6, 6), (3, 9, 12, 24), (60, 12, 6, 30)])
@pytest.mark.parametrize("repayment", ["bullet", "straight_line"])
@pytest.mark.parametrize("years", [0.1, 1.5, 3.0, 20.0])
def test_a_loan_at_the_discount_rate_costs_nothing(months, repayment, years):
    """Law: at the discount rate a loan costs nothing, whatever the periods and the horizon; above, it does."""
    calendar = make_calendar(Horizon(start=date(2026, 1, 1), periods=YEARS, period_months=months))
    for rate, sign in ((0.08, 0), (0.09, 1), (0.07, -1)):
        loan = {**LOAN, "repayment": repayment, "repayment_years": years, "interest_rate_per_year": rate}
        one = tiny(financing=[loan], families=FINANCED, budget=cash(1, 1.0), objective={"discount_rate_per_year": 0.08})
        source = make_financing(one, calendar, (), {}, {})
        for u in range(YEARS):
            costs, owed = -(1.08 ** -calendar.middle_years(u)), 1.0
            for t in range(u + 1, YEARS):
                repaid = source["bank"].repaid_share.get((u, t), 0.0)
                costs += (owed * source["bank"].interest[t] + repaid) * 1.08 ** -calendar.middle_years(t)
                owed -= repaid
            costs += source["bank"].after_horizon[u] * 1.08 ** -calendar.middle_years(YEARS - 1)
            assert owed >= -1e-12
            assert costs == pytest.approx(0.0, abs=1e-12) if not sign else costs * sign > 1e-4


def test_equity_is_free_up_to_its_limit_or_costs_its_dilution():
    """$0.5B of equity pay for half of 2026; at a dilution of 0.3 it costs 0.15, a fee of a fifth is paid from it."""
    free = solve(case(EQUITY))
    assert by_period(free, "unserved", "unserved_compute") == pytest.approx([50.0, 0.0, 0.0, 0.0])
    assert free.summary["cost_busd"] == pytest.approx(3.5)
    diluted = solve(case({**EQUITY, "dilution_share": 0.3}))
    assert diluted.summary["cost_busd"] == pytest.approx(3.5 + 0.15)
    charged = solve(case({**EQUITY, "up_to_busd": 0.625, "fee_share": 0.2}))
    assert charged.summary["cost_busd"] == pytest.approx(3.5 + 0.125)
    assert column(charged, "spend", "amount_busd", item="fee") == pytest.approx([0.125])


def test_a_source_is_drawn_in_its_window_only():
    """From July 2026 (which is met in 2026) to 2026-12-31: only 2026; any later, and 2026 is not paid for."""
    assert solve(case({**LOAN, "first_date": "2026-07-01", "last_date": "2026-12-31"})).summary["unserved_share"] == 0.0
    late = solve(case({**LOAN, "first_date": "2026-07-02"}))
    assert by_period(late, "unserved", "unserved_compute") == pytest.approx([100.0, 0.0, 0.0, 0.0])


@pytest.mark.parametrize(("holds", "unserved"), [(True, 50.0), (False, 100.0)])
def test_a_source_whose_condition_is_false_vanishes(holds, unserved):
    """Law: equity that depends on the legal form is there if it comes true, and not if it does not."""
    families = {"budget": {**CASH, "carry_over": True}, "financing": {"conditions": {"for_profit": holds}}}
    plan = solve(case({**EQUITY, "condition": "for_profit"}, families=families))
    assert by_period(plan, "unserved", "unserved_compute")[0] == pytest.approx(unserved)
    assert bool(plan.rows("financing")) is holds


@pytest.mark.parametrize(
    ("counted", "price"),
    thinned(
        [
            ({"provider": "lease_provider"}, {"busd_per_it_gw": 10.0}),
            ({"chip_vendor": "chip_vendor"}, {"busd_per_it_gw": 10.0}),
            ({"provider": "lease_provider"}, {"busd_per_facility_gw": 8.0}),
        ],
        3,
        unpack=True,
    ),
)
def test_a_vendor_gives_money_per_gw_that_enters_service(counted, price):
    """$10B per IT GW (or 8 per facility GW at a PUE of 1.25): 100 MW bring exactly the $1B of their first year."""
    vendor = {"financing": "vendor", "name": "Vendor", "kind": "vendor", **counted, **price}
    plan = solve(case(vendor))
    assert plan.summary["unserved_share"] == 0.0
    assert flows(plan, "vendor", "drawn", "owed", "most") == {
        "drawn": pytest.approx([1.0, 0.0, 0.0, 0.0]),
        "owed": pytest.approx([0.0] * YEARS),
        "most": pytest.approx([1.0] * YEARS),
    }
    capped = solve(case({**vendor, "up_to_busd": 0.5}, offers=[lease(term_years=1.0)]))
    assert by_period(capped, "unserved", "unserved_compute") == pytest.approx([50.0, 0.0, 0.0, 0.0])


def test_signed_contracts_count_when_they_begin():
    """60 MW signed from mid-2026 bring $0.3B in 2026 and $0.6B by 2027; those there at the start bring nothing."""
    signed = {
        "contract": "signed", "offer": "lease", "role": "primary", "it_mw": 60.0, "chip": "chip",
        "start_date": "2026-07-01", "end_date": "2032-01-01", "rent_musd_per_mw_year": 0.0,
    }  # fmt: skip
    vendor = {"financing": "v", "name": "V", "kind": "vendor", "chip_vendor": "chip_vendor", "busd_per_it_gw": 10.0}
    sites = [site(max_it_mw=60.0)]
    plan = solve(case(vendor, contracts=[signed], sites=sites))
    assert flows(plan, "v", "most")["most"][:2] == pytest.approx([0.3, 0.6])
    before = solve(case(vendor, contracts=[{**signed, "start_date": "2026-01-01"}], sites=sites))
    assert flows(before, "v", "most")["most"] == pytest.approx([0.0] * YEARS)


HOST: dict[str, Any] = {
    "financing": "v", "name": "V", "kind": "vendor", "provider": "lease_provider", "busd_per_it_gw": 10.0
}  # fmt: skip


def rising(demand: list[float], **cells: Any) -> list[float]:
    """Return what a host may be asked for by each year, with leases of a year that follow a demand, all paid for."""
    offers = [lease(block_it_mw=10.0, max_blocks=20, term_years=1.0)]
    rich = cash(YEARS, 9.0)
    plan = solve(tiny(demand, periods=YEARS, offers=offers, budget=rich, financing=[HOST | cells], families=FINANCED))
    assert by_period(plan, "capacity", "it_mw") == pytest.approx(demand)
    return flows(plan, "v", "most")["most"]


@pytest.mark.slow
def test_a_lease_that_is_signed_again_brings_no_money_again():
    """Law: leases of a year, signed four times, bring the money of the first; without other cash one year is served."""
    assert rising([100.0] * 4) == pytest.approx([1.0] * 4)
    offers = [lease(term_years=1.0)]
    plan = solve(case(HOST, limits=(0.0,) * 4, offers=offers))
    unserved = sorted(by_period(plan, "unserved", "unserved_compute"))  # which year is served is indifferent
    assert unserved == pytest.approx([0.0, 100.0, 100.0, 100.0])


def test_what_rises_again_brings_what_is_more_than_ever_before():
    """On paper: 100, 50 and 120 MW bring 1.0, 1.0 and 1.2; before a window that begins with 2028 there were 100."""
    assert rising([100.0, 50.0, 120.0, 120.0]) == pytest.approx([1.0, 1.0, 1.2, 1.2])
    later = rising([100.0, 50.0, 120.0, 90.0], first_date="2028-01-01")
    assert later == pytest.approx([0.0, 0.0, 0.2, 0.2])
    assert rising([20.0, 50.0, 120.0, 150.0], last_date="2027-12-31") == pytest.approx([0.2, 0.5, 0.5, 0.5])


@pytest.mark.slow
def test_a_fall_and_a_rise_bring_no_more_than_the_plan_can_draw():
    """Law: with no cash but the host's, the year after a gap cannot be paid by signing the same again.

    100 MW in 2026 bring the $1B they cost. Then nothing is left: 2027 has no money, and 2028 none either, though what
    is signed in 2028 would enter service anew.
    """
    offers = [lease(term_years=1.0)]
    for vendor in (HOST, {**HOST, "provider": None, "chip_vendor": "chip_vendor"}):
        plan = solve(case(vendor, limits=(0.0, 0.0, 0.5, 0.0), offers=offers))
        assert sum(column(plan, "financing", "drawn_busd")) == pytest.approx(1.0)
        assert sum(by_period(plan, "unserved", "unserved_compute")) == pytest.approx(250.0)


def test_a_chip_that_replaces_another_brings_no_money():
    """Law: own chips that live a year, bought four times, bring the money of 100 MW once."""
    offers = [own(term_years=30.0)]
    chips = [chip(life_years=1.0, price_busd_per_gw_it=1.0)]
    vendor = {**HOST, "provider": None, "chip_vendor": "chip_vendor"}
    rich = cash(YEARS, 9.0)
    plan = solve(
        tiny(100.0, periods=YEARS, offers=offers, chips=chips, budget=rich, financing=[vendor], families=FINANCED)
    )
    assert len(plan.rows("installs")) == YEARS
    assert flows(plan, "v", "most")["most"] == pytest.approx([1.0] * YEARS)


def test_envelopes_do_not_count_financing():
    """Law: interest and repayment have no role: an envelope of exactly the rent is enough, and is stated as used up."""
    families = {"budget": {**CASH, "carry_over": True, "primary_envelope_busd": 4.0}, "financing": {}}
    plan = solve(case(LOAN, families=families))
    assert plan.summary["unserved_share"] == 0.0
    assert [(row["envelope_busd"], row["spend_busd"], row["left_busd"]) for row in plan.rows("envelopes")] == [
        (4.0, pytest.approx(4.0), pytest.approx(0.0)),
        ("", 0.0, ""),
    ]


def test_debt_that_cannot_be_repaid_is_not_drawn():
    """A loan that would have to be repaid in a year without money for it leaves the first year unserved instead."""
    loan = {**LOAN, "last_date": "2026-12-31"}  # or each repayment could be drawn anew
    plan = solve(case(loan, limits=(0.0, 0.1, 0.0, 0.0)))
    assert sum(column(plan, "financing", "drawn_busd")) <= 0.1
    signed = {
        "contract": "signed", "offer": "lease", "role": "primary", "it_mw": 20.0, "chip": "chip",
        "start_date": "2025-01-01", "end_date": "2030-01-01", "rent_musd_per_mw_year": 10.0,
    }  # fmt: skip
    plan = solve(case({**loan, "repayment_years": 1.0}, limits=(0.0, 0.1, 0.0, 0.0), contracts=[signed]))
    assert {row["tier"] for row in plan.rows("shortfalls") if row["contract"] == "signed"} == {"cash"}
    hard = {"shortfall": "hard"}
    with pytest.raises(InfeasibleError):
        solve(case({**loan, "repayment_years": 1.0}, limits=(0.0, 0.1, 0.0, 0.0), contracts=[signed], objective=hard))


def test_more_sources_never_cost_more():
    """Law: a source more costs nothing: half of the loan is replaced by free equity, none by equity that costs more."""
    loan = solve(case(LOAN)).summary["cost_busd"]
    assert loan == pytest.approx(4.2)
    assert solve(case(LOAN, EQUITY)).summary["cost_busd"] == pytest.approx(4.1)
    assert solve(case(LOAN, {**EQUITY, "dilution_share": 0.5})).summary["cost_busd"] == pytest.approx(loan)


def test_free_money_is_drawn_as_needed():
    """Law: of two free sources and cash for all but 2026, exactly what lacks in 2026 is drawn."""
    more = {**EQUITY, "financing": "second", "name": "Second", "up_to_busd": 3.0}
    plan = solve(case(EQUITY, more, limits=(0.2, 2.0, 2.0, 2.0)))
    assert plan.summary["cost_busd"] == pytest.approx(4.0)
    assert sum(column(plan, "financing", "drawn_busd")) == pytest.approx(0.8)
    assert flows(plan, "second", "drawn")["drawn"][1:] == pytest.approx([0.0, 0.0, 0.0])
    assert column(plan, "cash", "left_busd") == pytest.approx([0.0, 1.0, 2.0, 3.0])
