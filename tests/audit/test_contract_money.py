"""Money of contracts (formulation, section 2), recomputed month by month for random terms, leads and prices."""

from random import Random
from typing import Any

import pytest

from planner.audit.contracts import allowed_end, rent_left, start_faults
from planner.audit.facts import Facts
from planner.audit.obligations import owed
from tests.audit import yards
from tests.audit.forms import decided, evaluate, leased, paid, small

SEEDS = range(12)
MONTHS = 4 * 12
FINE = 200
"""Parts of a month into which time is cut here."""


def plan_of(rng: Random, **more: Any) -> tuple[Any, Any, Any]:
    """Return state, ledger and offer of one block of a random lease, signed in a random year until the end."""
    offer = leased(
        term_years=rng.choice([1.0, 1.5, 2.3, 3.0, 7.7]),
        rent_musd_per_mw_year=rng.uniform(0.5, 9.0),
        rent_growth_per_year=rng.choice([0.0, -0.05, 0.1]),
        take_or_pay_share=rng.choice([0.0, 0.4, 1.0]),
        opex_musd_per_mw_year=rng.choice([0.0, 0.3]),
        exit_after_years=0.0,
        exit_cost_share=rng.choice([0.0, 0.25, 1.0]),
        renewal_rent_musd_per_mw_year=rng.choice([None, 4.0]),
        **more,
    )
    case = small(offers=[offer])
    row = Facts.of(case).offers["oa"]
    start = rng.randrange(0, 4)
    ends = [end for end in range(start + 1, 5) if allowed_end(Facts.of(case), row, start, end)]
    end = rng.choice(ends)
    year = str(2026 + end) if end < 4 else "end"
    last = (
        Facts.of(case).calendar.day(max(4.0, start + row.term_years)).isoformat() if end == 4 else f"{2026 + end}-01-01"
    )
    line = decided(str(2026 + start), year, tenure="shell", end_date=last)
    state, ledger = evaluate(case, contracts=[line])
    return state, ledger, (row, start, end)


def by_months(begin: float, end: float, rate: Any) -> list[float]:
    """Integrate a yearly rate, given by the period, from one time to another: the amount of each year."""
    found = [0.0] * 4
    steps = 12 * FINE
    for number in range(4 * steps):
        middle = (number + 0.5) / steps
        if begin < middle < end:
            found[int(middle)] += rate(int(middle)) / steps
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_rent_of_the_term_and_after_it(seed):
    """Law: the growing rent to the first boundary after the term, the renewal rent after it, both times take or pay."""
    _, ledger, (row, start, end) = plan_of(Random(seed))
    boundary = next((t for t in range(start + 1, 4) if t >= start + row.term_years - 1e-9), 4)

    def rate(t: int) -> float:
        grown = row.rent_musd_per_mw_year * (1 + row.rent_growth_per_year) ** (t + 0.5)
        return row.take_or_pay_share * 0.1 * (grown if t < boundary else row.renewal_rent_musd_per_mw_year or 0.0)

    assert paid(ledger, "rent") == pytest.approx(by_months(start, end, rate))
    assert paid(ledger, "opex") == pytest.approx(by_months(start, end, lambda _: 0.1 * row.opex_musd_per_mw_year))


@pytest.mark.parametrize("seed", SEEDS)
def test_leaving_early_costs_a_share_of_what_was_left(seed):
    """Law: the exit costs its share of the rent left of the term; beyond the horizon at the rent of the last period."""
    _, ledger, (row, start, end) = plan_of(Random(seed))
    finish = start + row.term_years
    early = end < 4 and end < finish - 1e-9 and end < ledger.facts.term_boundary(row, start)

    def rate(t: int) -> float:
        return row.rent_musd_per_mw_year * (1 + row.rent_growth_per_year) ** (min(t, 3) + 0.5)

    inside = sum(by_months(end, finish, rate))
    beyond = rate(3) * max(0.0, finish - max(4.0, end))
    due = row.exit_cost_share * row.take_or_pay_share * 0.1 * (inside + beyond) if early else 0.0
    expected = [due if t == end else 0.0 for t in range(4)]
    assert paid(ledger, "exit") == pytest.approx(expected, rel=2e-4, abs=1e-9)
    if end < 4:
        assert rent_left(ledger.facts, row, start, end) == pytest.approx(inside + beyond, rel=2e-4)


@pytest.mark.parametrize("seed", SEEDS)
def test_capex_is_paid_over_the_lead_by_milestones(seed):
    """Law: each part of the lead pays its milestone evenly; what would fall before the horizon cannot be."""
    rng = Random(seed)
    lead = rng.choice([3.0, 7.5, 12.0, 18.0, 23.0])
    shares = rng.choice([(1.0,), (0.5, 0.5), (0.2, 0.3, 0.5), (0.0, 1.0)])
    offer = yards.offer("oa", "a", "p", lead_months=lead, capex_busd_per_gw_it=8.0, capex_milestones=shares)
    _, ledger = evaluate(small(offers=[offer]), contracts=[decided("2028", "end", end_date="2038-01-01")])
    part = lead / 12 / len(shares)

    def rate_at(middle: float) -> float:
        index = int((middle - (2 - lead / 12)) / part)
        return 0.8 * shares[min(index, len(shares) - 1)] / part

    steps, expected = 12 * FINE, [0.0] * 4
    for number in range(4 * steps):
        middle = (number + 0.5) / steps
        if 2 - lead / 12 < middle < 2:
            expected[int(middle)] += rate_at(middle) / steps
    assert paid(ledger, "capex") == pytest.approx(expected, rel=1e-3, abs=1e-3)
    assert sum(paid(ledger, "capex")) == pytest.approx(0.8)


@pytest.mark.parametrize(("term", "end", "share"), [(10.0, "end", 0.6), (4.0, "end", 0.0), (4.5, "end", 0.5 / 4.5),
                                                    (3.5, "end", 0.0), (1.0, "2027", 0.0)])  # fmt: skip
def test_salvage_of_capex_is_the_share_of_the_term_left(term, end, share):
    """Law: a contract in force to the end is credited the rest of its term; one that ends or is renewed nothing."""
    offer = yards.offer("oa", "a", "p", term_years=term, **yards.BUILD)
    last = f"{2026 + int(term)}-{'07' if term % 1 else '01'}-01"
    last = last if end == "end" and term > 4 else "2030-01-01" if end == "end" else "2027-01-01"
    _, ledger = evaluate(small(offers=[offer]), contracts=[decided("2026", end, end_date=last)])
    assert ledger.salvage_busd == pytest.approx(share)


def test_signing_is_paid_once_when_the_offer_is_first_in_force():
    """Law: however many contracts, roles and starts, the signing cost of an offer is paid in the first period."""
    offer = yards.offer("oa", "a", "p", signing_cost_busd=0.2, max_blocks=9, **yards.BUILD)
    lines = [decided(year, "end", role=role, end_date=f"{int(year) + 10}-01-01") for year, role in
             (("2028", "primary"), ("2027", "backup"), ("2029", "primary"))]  # fmt: skip
    _, ledger = evaluate(small(offers=[offer]), contracts=lines)
    assert paid(ledger, "signing") == pytest.approx([0.0, 0.2, 0.0, 0.0])
    assert paid(ledger, "signing", "backup") == [0.0] * 4


@pytest.mark.parametrize(
    ("change", "first", "reason"),
    [
        ({"lead_months": 12.0}, 1, "lead"),
        ({"lead_months": 12.5}, 2, "lead"),
        ({"first_start": "2027-07-01"}, 1, "first start"),
        ({"first_start": "2027-07-03"}, 2, "first start"),
        ({}, 0, ""),
    ],
)
def test_the_first_period_in_which_a_contract_may_start(change, first, reason):
    """Law: starts are forbidden, with the reason, before the lead has passed and the dates are met, and only then."""
    facts = Facts.of(small(offers=[yards.offer("oa", "a", "p", **{**yards.BUILD, **change})]))
    faults = [start_faults(facts, facts.offers["oa"], t) for t in facts.periods]
    assert [bool(found) for found in faults] == [t < first for t in facts.periods]
    assert all(reason in found[0] for found in faults[:first])


def test_a_last_start_is_met_by_the_start_of_the_period():
    """Law: a period may see a start if it does not begin after the last start; the date of the site counts too."""
    offer = yards.offer("oa", "a", "p", last_start="2028-01-01", **yards.BUILD)
    facts = Facts.of(small(offers=[offer], sites=[yards.site("a", earliest_date="2027-07-01")]))
    faults = [start_faults(facts, facts.offers["oa"], t) for t in facts.periods]
    assert [len(found) for found in faults] == [1, 0, 0, 1]
    assert "earliest date of site a" in faults[0][0]
    assert "last start of the offer" in faults[3][0]


@pytest.mark.parametrize("seed", SEEDS)
def test_rent_owed_after_the_horizon_is_that_of_the_term(seed):
    """Law: after the horizon each year owes the growing take-or-pay rent of the part of the term that lies in it."""
    rng = Random(seed)
    state, ledger, (row, start, end) = plan_of(rng)
    found = owed(state, ledger)
    finish = start + row.term_years
    if end < 4 or finish <= 4 or not row.take_or_pay_share:
        assert found == {}
        return
    expected = {}
    for year in range(4, int(finish) + 1):
        years = min(finish, year + 1) - year
        if years > 1e-9:
            rent = row.take_or_pay_share * row.rent_musd_per_mw_year * (1 + row.rent_growth_per_year) ** (year + 0.5)
            expected[2026 + year] = (100.0, years, 0.1 * rent * years, 0.1 * rent * years)
    assert {year: figures for (year, _), figures in found.items()} == {
        year: pytest.approx(figures) for year, figures in expected.items()
    }


def test_a_signed_contract_owes_by_its_dates_and_what_is_owed_is_discounted():
    """Law: 50 MW to the middle of 2029 at 2 $M owe 0.1 and 0.05 $B, discounted to the middle of their years."""
    signed = {"contract": "s", "offer": "oa", "role": "backup", "it_mw": 50.0, "start_date": "2026-01-01",
              "end_date": "2029-07-01", "rent_musd_per_mw_year": 2.0}  # fmt: skip
    stated = {**decided("2026", "2027"), "contract": "s", "origin": "signed", "role": "backup", "blocks": "",
              "it_mw": 50.0, "start_date": "2026-01-01", "end_date": "2029-07-01", "start_period": "",
              "end_period": ""}  # fmt: skip
    case = small(periods=2, contracts=[signed], objective={"discount_rate_per_year": 0.21})
    state, ledger = evaluate(case, contracts=[stated])
    assert owed(state, ledger) == {
        (2028, "s"): pytest.approx((50.0, 1.0, 0.1, 0.1 / 1.1**5)),
        (2029, "s"): pytest.approx((50.0, 0.5, 0.05, 0.05 / 1.1**7)),
    }
