"""Budget (formulation, section 7) and objective (section 11): partner payments, limits, carry-over, envelopes, cost."""

from itertools import accumulate
from random import Random
from typing import Any

import pytest

from planner.audit.allowances import limits, partner_payments
from planner.audit.budget import cash_of, cash_tolerance, check_budget
from planner.audit.context import Context
from planner.audit.facts import Facts
from planner.audit.ledger import Ledger, Level
from planner.audit.money import cost_of
from planner.audit.report import Checks
from planner.audit.state import State
from tests.audit.forms import evaluate, small
from tests.audit.test_cells import reader

SEEDS = range(10)
OPTIONS = {"basis": "cash_limit", "reinvested_share": 0.0, "carry_over": False, "backup_income_counts": False}
YEARS = range(2026, 2031)


def budget(rng: Random) -> list[dict[str, Any]]:
    """Return random budget rows."""
    return [
        {"year": year, "cash_limit_busd": rng.uniform(0.0, 6.0), "cash_burn_busd": rng.uniform(0.0, 2.0),
         "revenue_busd": rng.uniform(0.0, 9.0), "partner_share": rng.choice([0.0, 0.1, 0.4]),
         "reference_share": rng.choice([0.0, 0.2])}
        for year in YEARS
    ]  # fmt: skip


def spending(facts: Facts, *amounts: float, role: str = "primary") -> Ledger:
    """Return a ledger that pays these amounts, one in each period."""
    ledger = Ledger(facts)
    for t, busd in enumerate(amounts):
        ledger.pay(t, role, "opening", busd, Level("a"))
    return ledger


def idle(case: Any) -> State:
    """Return the state of a plan that decides nothing."""
    return evaluate(case)[0]


@pytest.mark.parametrize("months", [12, 9, 5])
@pytest.mark.parametrize("seed", SEEDS)
def test_payments_stop_when_their_sum_reaches_the_cap(seed, months):
    """Law: the sum paid to the end of each period is what is due to then, or the cap if that is less."""
    rng = Random(seed)
    rows, cap = budget(rng), rng.choice([0.0, 1.0, 3.0, 100.0])
    options = {**OPTIONS, "partner_payment_cap_busd": cap}
    facts = Facts.of(small(months=months, budget=rows, families={"budget": options}))
    due = [0.0] * 4
    for month in range(4 * months):
        row = rows[month // 12]
        due[month // months] += row["revenue_busd"] * row["partner_share"] / 12
    expected = [min(total, cap) for total in accumulate(due)]
    assert list(accumulate(partner_payments(facts))) == pytest.approx(expected)
    free = Facts.of(small(months=months, budget=rows, families={"budget": OPTIONS}))
    assert partner_payments(free) == pytest.approx(due)


@pytest.mark.parametrize("seed", SEEDS)
def test_limits_of_both_bases(seed):
    """Law: cash limit plus what is reinvested of the payment not made; or burn and revenue less payment and other."""
    rng = Random(seed)
    rows, share, cap = budget(rng), rng.choice([0.0, 0.5, 1.0]), rng.choice([0.5, 2.0])
    options = {**OPTIONS, "reinvested_share": share, "partner_payment_cap_busd": cap}
    facts = Facts.of(small(budget=rows, families={"budget": options}))
    made, expected, burned = cap, [], []
    for row in rows[:4]:
        payment = min(made, row["revenue_busd"] * row["partner_share"])
        made -= payment
        reference = row["revenue_busd"] * row["reference_share"]
        expected.append(row["cash_limit_busd"] + share * (reference - payment))
        burned.append(row["cash_burn_busd"] + row["revenue_busd"] - payment)
    assert limits(facts) == pytest.approx(expected)
    burn = {"budget": {**options, "basis": "burn"}}
    assert limits(Facts.of(small(budget=rows, families=burn))) == pytest.approx(burned)
    other = [rng.uniform(0.0, 9.0) for _ in rows]
    more = [{**row, "other_spending_busd": busd} for row, busd in zip(rows, other, strict=True)]
    left = [busd - spent for busd, spent in zip(burned, other, strict=False)]
    assert limits(Facts.of(small(budget=more, families=burn))) == pytest.approx(left)
    assert limits(Facts.of(small())) is None


def test_columns_about_the_partner_may_be_left_out():
    """Law: without a share nothing is owed; without revenue neither; a reference share not given is the share."""
    base = [{"year": year, "cash_limit_busd": 3.0} for year in YEARS]
    options = {**OPTIONS, "reinvested_share": 1.0}
    for more, limit in (({}, 3.0), ({"revenue_busd": 5.0}, 3.0), ({"partner_share": 0.2}, 3.0),
                        ({"revenue_busd": 5.0, "partner_share": 0.2}, 3.0),
                        ({"revenue_busd": 5.0, "reference_share": 0.2}, 4.0)):  # fmt: skip
        rows = [{**row, **more} for row in base]
        assert limits(Facts.of(small(budget=rows, families={"budget": options}))) == pytest.approx([limit] * 4)


@pytest.mark.parametrize("seed", SEEDS)
def test_carry_over_makes_limits_cumulative(seed):
    """Law: with carry-over what is left, or lacking, is carried into the next period; without it nothing is."""
    rng = Random(seed)
    rows, spent = budget(rng), [rng.uniform(0.0, 5.0) for _ in range(4)]
    for carry in (True, False):
        case = small(budget=rows, families={"budget": {**OPTIONS, "carry_over": carry}})
        state = idle(case)
        cash = cash_of(state, spending(state.facts, *spent))
        left = [row["cash_limit_busd"] - busd for row, busd in zip(rows[:4], spent, strict=True)]
        assert [entry.slack for entry in cash] == pytest.approx(list(accumulate(left)) if carry else left)
        carried = [0.0, *list(accumulate(left))[:-1]] if carry else [0.0] * 4
        assert [entry.carried_in for entry in cash] == pytest.approx(carried)
        assert [entry.spend for entry in cash] == pytest.approx(spent)


def verdict(case: Any, ledger: Ledger) -> dict[str, tuple[bool, float]]:
    """Return the checks of the budget of a plan with these payments: whether they pass, and by how much they fail."""
    state = idle(case)
    found, checks = reader()
    context = Context(found, state)
    check_budget(context, cash_of(state, ledger), ledger)
    return {check.name: (check.passed, check.worst_violation) for check in checks.report(0.0).checks
            if check.family == "budget"}  # fmt: skip


@pytest.mark.parametrize(("last", "passes"), [(2.0, True), (2.0 + 4e-6, True), (2.0 + 2e-5, False), (3.0, False)])
def test_a_limit_holds_to_a_millionth_of_all_money(last, passes):
    """Law: spending may exceed its limit by a millionth of all payments and limits, and no more."""
    rows = [{"year": year, "cash_limit_busd": 2.0} for year in YEARS]
    case = small(budget=rows, families={"budget": OPTIONS})
    ledger = spending(Facts.of(case), 1.0, 1.0, 1.0, last)
    found = verdict(case, ledger)["limit of a period"]
    assert found[0] is passes
    assert found[1] == pytest.approx(last - 2.0, abs=1e-9)
    assert cash_tolerance(cash_of(idle(case), ledger), ledger) == pytest.approx(1e-6 * max(3.0 + last, 2.0))


@pytest.mark.parametrize("role", ["primary", "backup"])
@pytest.mark.parametrize(("most", "passes"), [(4.0, True), (3.99, False), (0.0, False)])
def test_an_envelope_is_the_most_that_a_role_may_spend(role, most, passes):
    """Law: the spending of a role over the horizon is within its envelope; that of the other role does not count."""
    rows = [{"year": year, "cash_limit_busd": 9.0} for year in YEARS]
    for envelope in ("primary", "backup"):
        options = {**OPTIONS, f"{envelope}_envelope_busd": most}
        case = small(budget=rows, families={"budget": options})
        found = verdict(case, spending(Facts.of(case), 1.0, 1.0, 1.0, 1.0, role=role))
        assert found["envelope of a role"][0] is (passes or envelope != role)


def test_income_counts_only_where_the_family_says_so():
    """Law: backup income of 0.1 $B a year makes room for as much spending if it counts, and for none if not."""
    rows = [{"year": year, "cash_limit_busd": 1.0} for year in YEARS]
    sold = [{"period": str(2026 + t), "installed_it_mw": 0.0, "sold_it_mw": 50.0, "income_busd": 0.1} for t in range(4)]
    for counts in (True, False):
        families = {
            "budget": {**OPTIONS, "backup_income_counts": counts},
            "backup_income": {"price_musd_per_mw_year": 2.0, "largest_share": 1.0},
        }
        state, ledger = evaluate(small(budget=rows, families=families), backup=sold)
        assert ledger.income_busd == pytest.approx(0.4)
        assert [entry.slack for entry in cash_of(state, ledger)] == pytest.approx([1.1 if counts else 1.0] * 4)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_cost_is_the_present_value_of_all_money(seed):
    """Law: spending is discounted to the middle of its period, salvage to the end of the horizon, and subtracted."""
    rng = Random(seed)
    rate, spent = rng.choice([0.0, 0.08, 0.21]), [rng.uniform(0.0, 5.0) for _ in range(4)]
    case = small(objective={"discount_rate_per_year": rate, "salvage": rng.choice(["none", "straight_line"])})
    state = idle(case)
    ledger = spending(state.facts, *spent)
    ledger.credit(2.0, 1.0, 10.0, "primary", Level("a"))
    ledger.credit(9.0, 1.0, 3.0, "primary", Level("a"))
    credited = 2.0 * 7 / 10 if case.model.objective.salvage == "straight_line" else 0.0
    cost = cost_of(state, ledger)
    assert ledger.salvage_busd == pytest.approx(credited)
    assert cost.spend == pytest.approx(sum(busd / (1 + rate) ** (t + 0.5) for t, busd in enumerate(spent)))
    assert cost.salvage == pytest.approx(-credited / (1 + rate) ** 4)
    assert (cost.backup_income, cost.unserved) == (0.0, 0.0)
    assert cost.total == pytest.approx(sum(cost.parts().values()))


def test_money_has_one_place_and_adds_up():
    """Law: what is paid is found by period, role and item, by level, and in all; zeros leave no trace."""
    facts = Facts.of(small())
    ledger = Ledger(facts)
    ledger.pay(0, "primary", "rent", 1.0, Level("a", "oa", "x"))
    ledger.pay(0, "primary", "rent", 0.5, Level("a", "oa", "y"))
    ledger.pay(1, "backup", "rent", -0.25, Level("a", "oa", "x"))
    ledger.pay(2, "primary", "fuel", 0.0, Level("a"))
    assert ledger.paid == {(0, "primary", "rent"): 1.5, (1, "backup", "rent"): -0.25}
    assert sum(ledger.booked.values()) == pytest.approx(sum(ledger.paid.values()))
    assert len(ledger.booked) == 3
    assert (ledger.of_period(0), ledger.of_period(1), ledger.of_period(2)) == (1.5, -0.25, 0)
    assert (ledger.of_role("primary"), ledger.of_role("backup")) == (1.5, -0.25)
    assert ledger.turnover_busd == 1.75
    assert ledger.tolerance_busd() == pytest.approx(1.75e-6)
    assert ledger.tolerance_busd(-3.0) == pytest.approx(3e-6)


@pytest.mark.parametrize(("end", "years", "expected"), [(2.0, 1.0, [0, 1, 0, 0]), (2.5, 1.0, [0, 0.5, 0.5, 0]),
                                                        (4.0, 4.0, [0.25] * 4), (0.5, 2.0, [0.25, 0, 0, 0]),
                                                        (3.0, 0.0, [0, 0, 0, 1])])  # fmt: skip
def test_payments_ahead_are_even_over_their_time(end, years, expected):
    """Law: an amount is spread evenly over the years before its end; without any, it is paid at once."""
    ledger = Ledger(Facts.of(small()))
    ledger.pay_ahead(end, years, 1.0, "primary", "capex", 3, Level("a"))
    assert [ledger.of_period(t) for t in range(4)] == pytest.approx(expected)


def test_a_plan_that_pays_nothing_is_measured_by_a_typical_price():
    """Law: without payments the tolerance is a share of the typical price of the case, and not zero."""
    ledger = Ledger(Facts.of(small()))
    assert ledger.tolerance_busd() == ledger.nothing_busd > 0.0
    ledger.pay(0, "primary", "rent", 1e-12, Level("a"))
    assert 0.0 < ledger.tolerance_busd() < ledger.nothing_busd
    assert Checks().report(0.0).passed
