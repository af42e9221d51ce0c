"""Programmes worked out by hand: obligations by dates, limits, what declining and missing cost, directions."""

from collections.abc import Sequence
from typing import Any

import pytest

from planner.errors import InfeasibleError
from tests.program.tiny import CASH, cash, column, cost, lease, site, solve, tiny

Rows = Sequence[dict[str, Any]]
AT_LEAST: Rows = ({"programme": "p", "date": "2027-01-01", "at_least_it_mw": 160.0},)
SIGNED = {
    "contract": "signed", "offer": "lease", "role": "primary", "it_mw": 60.0, "chip": "chip",
    "start_date": "2025-01-01", "end_date": "2040-01-01", "rent_musd_per_mw_year": 0.0,
}  # fmt: skip


def programme(steps: Rows = AT_LEAST, *, demand: float = 100.0, periods: int = 3, more: Any = None, **row: Any) -> Any:
    """Return a case of one lease at $0.1B per block of 10 IT MW and year, with a programme at its site."""
    one = {"programme": "p", "name": "P", "sites": ("a",), "kind": "committed", **row}
    return tiny(demand, periods=periods, programmes=[one], programme_steps=steps, **(more or {}))


def test_an_obligation_holds_from_the_period_that_begins_on_its_date() -> None:
    """100 IT MW serve, 160 are asked for in 2027 and 2028: $1B, and twice $1.6B."""
    plan = solve(programme())
    assert plan.summary["cost_busd"] == pytest.approx(1.0 + 2 * 1.6)
    assert column(plan, "programme_path", "it_mw") == [100.0, 160.0, 160.0]
    assert [row["at_least_it_mw"] for row in plan.rows("programme_path")] == ["", 160.0, 160.0]


@pytest.mark.parametrize(
    ("date", "years"), [("2025-03-01", 3), ("2026-01-01", 3), ("2026-01-02", 2), ("2027-01-01", 2), ("2027-12-31", 1),
                        ("2028-01-02", 0)]
)  # fmt: skip
def test_a_date_within_a_period_asks_nothing_of_it(date: str, years: int) -> None:
    """A step never asks for anything before its date: it holds in the years that begin on it or later."""
    steps = [{"programme": "p", "date": date, "at_least_it_mw": 160.0}]
    assert cost(programme(steps)) == pytest.approx(3 * 1.0 + years * 0.6)


def test_an_empty_cell_leaves_its_path_and_a_later_step_replaces_it() -> None:
    """The limit of 2027 leaves the obligation of 2026 as it is; the step of 2028 ends it."""
    steps = [
        {"programme": "p", "date": "2026-01-01", "at_least_it_mw": 160.0},
        {"programme": "p", "date": "2027-01-01", "at_most_facility_mw": 1000.0},
        {"programme": "p", "date": "2028-01-01", "at_least_it_mw": 0.0},
    ]
    offers = {"offers": [lease(term_years=1.0)]}
    assert cost(programme(steps, more=offers)) == pytest.approx(2 * 1.6 + 1.0)


def test_facility_mw_are_it_mw_at_peak() -> None:
    """At a PUE of 1.25, 200 facility MW are 160 IT MW."""
    steps = [{"programme": "p", "date": "2027-01-01", "at_least_facility_mw": 200.0}]
    assert cost(programme(steps)) == pytest.approx(1.0 + 2 * 1.6)


def test_every_role_offer_and_signed_contract_counts_and_other_sites_do_not() -> None:
    """60 IT MW signed, with 40 primary and 60 backup, make 160; the cheap lease at another site adds nothing."""
    offers = [
        lease(max_blocks=4),
        lease("spare", "a", roles=("backup",)),
        lease("else", "b", rent_musd_per_mw_year=1.0),
    ]
    more = {"sites": [site("a"), site("b")], "offers": offers, "contracts": [SIGNED]}
    plan = solve(programme(demand=60.0, periods=2, more=more))
    assert column(plan, "programme_path", "it_mw") == [60.0, 160.0]
    # Signed capacity serves all for nothing; a hundred more are rented in 2027.
    assert plan.summary["cost_busd"] == pytest.approx(1.0)


def test_the_cheapest_supplier_keeps_the_promise() -> None:
    """Whoever supplies it: the obligation is met at half the rent by the other provider at the site."""
    offers = [lease(), lease("cheap", "a", rent_musd_per_mw_year=5.0, chips=("chip",))]
    assert cost(programme(more={"offers": offers})) == pytest.approx(0.5 + 2 * 0.8)


def test_at_most_holds_down_what_is_in_force_but_not_what_is_signed() -> None:
    """40 IT MW may be in force from 2027: the rest of the demand moves to the dear lease; signed contracts stay."""
    offers = [lease(term_years=1.0), lease("dear", "b", rent_musd_per_mw_year=30.0, term_years=1.0)]
    more = {"sites": [site("a"), site("b")], "offers": offers}
    steps = [{"programme": "p", "date": "2027-01-01", "at_most_it_mw": 40.0}]
    assert cost(programme(steps, periods=2, more=more)) == pytest.approx(1.0 + 0.4 + 0.6 * 3)
    plan = solve(programme(steps, periods=2, more=more | {"contracts": [SIGNED]}))
    assert column(plan, "programme_path", "it_mw") == [100.0, 60.0]
    assert plan.summary["audit"]["passed"]


@pytest.mark.parametrize(("price", "expected"), [(1.0, 3.0 + 1.0), (1.4, 4.2), (2.0, 4.2)])
def test_an_optional_programme_is_declined_where_that_is_cheaper(price: float, expected: float) -> None:
    """It takes twice $0.6B more; what declining costs is paid once, in the year in which the obligation begins."""
    plan = solve(programme(kind="optional", declining_cost_busd=price))
    assert plan.summary["cost_busd"] == pytest.approx(expected)
    declined = price < 1.2
    paid = [(row["period"], row["programme"], row["amount_busd"]) for row in plan.rows("spend")
            if row["item"] == "declining"]  # fmt: skip
    assert paid == ([(2027, "p", price)] if declined else [])
    assert {row["undertaken"] for row in plan.rows("programme_path")} == {"no" if declined else "yes"}


@pytest.mark.parametrize(("price", "missing"), [(4.0, 60.0), (12.0, 0.0)])
def test_missing_mw_of_a_priced_programme_pay_by_the_year(price: float, missing: float) -> None:
    """60 IT MW missing for two years, at less or at more than the rent of 10 a year."""
    plan = solve(programme(kind="priced", price_musd_per_missing_it_mw_year=price))
    assert plan.summary["cost_busd"] == pytest.approx(3.0 + 2 * 60 * min(price, 10.0) / 1000.0)
    assert column(plan, "programme_path", "missing_it_mw") == pytest.approx([0.0, missing, missing])


def test_what_is_paid_for_a_programme_is_spending() -> None:
    """A budget that allows the rent and not the price of missing MW turns the promise into capacity."""
    steps = [{"programme": "p", "date": "2026-01-01", "at_least_it_mw": 110.0}]
    more = {"families": {"budget": CASH}, "budget": cash(1, 1.1)}
    case = programme(steps, periods=1, kind="optional", declining_cost_busd=0.05, more=more)
    assert cost(case) == pytest.approx(1.05)
    tight = programme(steps, periods=1, kind="optional", declining_cost_busd=0.05,
                      more={"families": {"budget": CASH}, "budget": cash(1, 1.02)})  # fmt: skip
    # Not all can be paid for: a block and its service are given up before the promise is declined for nothing.
    assert solve(tight).summary["unserved_share"] == pytest.approx(0.1)


def test_a_programme_that_no_contract_can_keep_is_told() -> None:
    """Nothing can start at the site: all of it is missing; refused, the reason names programme, MW and period."""
    more = {"sites": [site("a", earliest_date="2030-01-01"), site("b")], "offers": [lease(), lease("y", "b")]}
    plan = solve(programme(more=more))
    assert set(plan.shortfalls["tier"]) == {"programme"}
    assert plan.shortfalls["amount"].tolist() == plan.programme_path["missing_it_mw"].loc[lambda mw: mw > 0.0].tolist()
    with pytest.raises(InfeasibleError, match=r"programme p asks for 160 IT MW in 2027"):
        solve(programme(more={**more, "objective": {"shortfall": "hard"}}))


@pytest.mark.slow
def test_a_larger_or_earlier_programme_never_costs_less() -> None:
    """Law of direction: more MW, an earlier date, a dearer way out, a lower limit never cost less."""

    def of(mw: float, year: int) -> float:
        return cost(programme([{"programme": "p", "date": f"{year}-01-01", "at_least_it_mw": mw}]))

    assert of(90.0, 2027) == pytest.approx(3.0)  # asks for less than is there: costs nothing
    assert of(100.0, 2027) <= of(105.0, 2027) <= of(160.0, 2027) <= of(170.0, 2027)
    assert of(160.0, 2028) <= of(160.0, 2027) <= of(160.0, 2026)
    declining = [cost(programme(kind="optional", declining_cost_busd=busd)) for busd in (0.0, 0.5, 1.0, 9.0)]
    assert declining == sorted(declining)
    assert declining[0] == pytest.approx(3.0)
    assert declining[-1] == pytest.approx(cost(programme()))
    missing = [
        cost(programme(kind="priced", price_musd_per_missing_it_mw_year=musd)) for musd in (0.0, 5.0, 10.0, 50.0)
    ]
    assert missing == sorted(missing)
    assert missing[-1] == pytest.approx(cost(programme()))


FROM_THE_START: Rows = ({"programme": "p", "date": "2026-01-01", "at_least_it_mw": 100.0},)


def poor(limit_busd: float, *, periods: int = 1, more: Any = None, **row: Any) -> Any:
    """50 IT MW are in demand and 100 are asked for, at $0.1B per block of 10; there is hardly any cash."""
    tables = {"families": {"budget": CASH}, "budget": cash(periods, limit_busd), **(more or {})}
    return programme(FROM_THE_START, demand=50.0, periods=periods, more=tables, **row)


def missed(plan: Any) -> dict[tuple[str, str], float]:
    """What a plan misses, by tier and by the programme or contract."""
    found: dict[tuple[str, str], float] = {}
    for row in plan.rows("shortfalls"):
        key = row["tier"], row["programme"] or row["contract"]
        found[key] = found.get(key, 0.0) + row["amount"]
    return found


def test_a_programme_that_can_neither_be_kept_nor_declined_is_a_shortfall_of_cash() -> None:
    """Of $0.4B for declining, $0.3B can be paid, and nothing is left for the demand; the cost has all that is owed."""
    plan = solve(poor(0.3, kind="optional", declining_cost_busd=0.4))
    assert missed(plan) == pytest.approx({("cash", "p"): 0.1, ("unserved", ""): 50.0}, abs=1e-6)
    assert plan.summary["cost_busd"] == pytest.approx(0.4)
    (row,) = plan.rows("cash")
    assert (row["primary_busd"], row["unpaid_busd"]) == pytest.approx((0.4, 0.1), abs=1e-6)


def test_what_is_missing_of_a_priced_programme_and_cannot_be_paid_is_a_shortfall_of_cash() -> None:
    """Three blocks at $0.3B leave 70 missing, $0.56B at $8M each; with none, 100 cost $0.8B: of that 0.5 is unpaid."""
    plan = solve(poor(0.3, periods=2, kind="priced", price_musd_per_missing_it_mw_year=8.0))
    assert missed(plan) == pytest.approx({("cash", "p"): 1.0, ("unserved", ""): 100.0}, abs=1e-6)
    # At more than the rent every block lowers what is unpaid: five serve the demand too, and 0.3 + 50 x 0.012 are due.
    plan = solve(poor(0.3, kind="priced", price_musd_per_missing_it_mw_year=12.0))
    assert missed(plan) == pytest.approx({("cash", "p"): 0.84, ("unserved", ""): 20.0}, abs=1e-6)


def test_no_promise_is_broken_for_nothing_where_the_cash_pays_for_all() -> None:
    """With $0.9B the promise cannot be kept, but declining is paid for: nothing is unpaid, and all is served."""
    plan = solve(poor(0.9, kind="optional", declining_cost_busd=0.4))
    assert missed(plan) == {}
    assert plan.summary["cost_busd"] == pytest.approx(0.5 + 0.4)


@pytest.mark.parametrize(
    ("limit", "expected"),
    [(0.5, {("cash", "p"): 0.2}), (0.1, {("cash", "p"): 0.4, ("cash", "signed"): 0.2})],
)
def test_contracts_are_paid_before_programmes(limit: float, expected: dict[tuple[str, str], float]) -> None:
    """$0.3B for 60 signed IT MW and $0.4B for declining: what can be paid goes to the contract first."""
    signed = {"contracts": [{**SIGNED, "rent_musd_per_mw_year": 5.0}]}
    plan = solve(poor(limit, kind="optional", declining_cost_busd=0.4, more=signed))
    assert missed(plan) == pytest.approx(expected, abs=1e-6)


def test_envelopes_do_not_count_what_is_unpaid_of_programmes() -> None:
    """An envelope of $0.1B, and $0.4B for declining: 0.3 is unpaid although the year has the cash."""
    more = {"families": {"budget": CASH | {"primary_envelope_busd": 0.1}}}
    plan = solve(poor(9.0, kind="optional", declining_cost_busd=0.4, more=more))
    assert missed(plan)["cash", "p"] == pytest.approx(0.3, abs=1e-6)
    assert plan.rows("envelopes")[0]["left_busd"] == pytest.approx(0.0, abs=1e-6)


def test_hard_shortfalls_leave_a_programme_that_cannot_be_paid_without_a_plan() -> None:
    """By request there is no shortfall of cash."""
    with pytest.raises(InfeasibleError):
        solve(poor(0.3, kind="optional", declining_cost_busd=0.4, more={"objective": {"shortfall": "hard"}}))


def test_less_cash_or_a_dearer_promise_never_leaves_less_unpaid() -> None:
    """Law of direction of the tier cash, with the closed form beside it: what declining costs less the cash."""
    unpaid = [
        missed(solve(poor(limit, kind="optional", declining_cost_busd=busd))).get(("cash", "p"), 0.0)
        for limit, busd in ((0.4, 0.4), (0.3, 0.4), (0.0, 0.4), (0.0, 0.7))
    ]
    assert unpaid == pytest.approx([0.0, 0.1, 0.4, 0.7], abs=1e-6)
