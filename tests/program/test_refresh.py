"""Refreshes of leased chips: closed forms, directions, and that a case without them is as it was."""

from typing import Any

import pytest

from planner import Case
from planner.api import Plan
from planner.case.case import CaseData
from planner.program.columns import REFRESH_BLOCKS
from planner.runs.start import start_values
from tests.program.golden_cases import rows_of
from tests.program.tiny import by_period, chip, column, cost, lease, solve, tiny

OLD, NEW = chip("old"), chip("new", inference_compute_per_it_mw=2.0, first_date="2027-01-01")


def refreshing(
    demand: tuple[float, ...] = (20.0, 40.0),
    chips: tuple[dict[str, Any], ...] = (OLD, NEW),
    tables: dict[str, Any] | None = None,
    **terms: Any,
) -> CaseData:
    """Years of one offer whose chips may be refreshed from the first year on, for $2B per IT GW unless said."""
    given = {"refresh_after_years": 1.0, "refresh_price_busd_per_gw_it": 2.0, **terms}
    offer = lease(chips=tuple(row["chip"] for row in chips), **given)
    return tiny(list(demand), periods=len(demand), offers=[offer], chips=chips, **(tables or {}))


def refreshes_of(plan: Plan) -> list[tuple[object, ...]]:
    """What a plan refreshes."""
    columns = ("contract", "period", "replaced_chip", "chip", "blocks", "it_mw")
    return [tuple(row[column] for column in columns) for row in plan.rows("refreshes")]


def test_a_chip_twice_as_fast_takes_the_place_of_the_old_one():
    """20 MW for two years (0.4); in the second year both blocks are refreshed (0.04), where another would be 0.1."""
    plan = solve(refreshing())
    assert plan.summary["cost_busd"] == pytest.approx(0.4 + 0.04)
    assert by_period(plan, "spend", "amount_busd", item="refresh") == pytest.approx([0.0, 0.04])
    (paid,) = (row for row in plan.rows("spend") if row["item"] == "refresh")
    assert (paid["payee"], paid["role"], paid["contract"]) == ("lease_provider", "primary", "lease/primary/2026")
    assert refreshes_of(plan) == [("lease/primary/2026", 2027, "old", "new", 2, 20.0)]
    assert by_period(plan, "chips", "added_it_mw", chip="new") == [0.0, 20.0]
    assert by_period(plan, "chips", "stock_it_mw", chip="old") == [20.0, 0.0]


def test_a_part_of_a_contract_may_be_refreshed():
    """30 units in the second year: one block of two becomes twice as fast, for 0.02."""
    plan = solve(refreshing((20.0, 30.0)))
    assert plan.summary["cost_busd"] == pytest.approx(0.4 + 0.02)
    assert refreshes_of(plan) == [("lease/primary/2026", 2027, "old", "new", 1, 10.0)]


@pytest.mark.parametrize("terms", [{"refresh_price_busd_per_gw_it": 9.9}, {"refresh_after_years": 1.1}])
def test_a_refresh_that_is_dear_or_late_gives_way_to_another_contract(terms: dict[str, Any]):
    """A block more in the second year, with the new chip, costs 0.1: less than 0.198 for two that are refreshed."""
    plan = solve(refreshing(**terms))
    assert plan.summary["cost_busd"] == pytest.approx(0.4 + 0.1)
    assert refreshes_of(plan) == []


def test_a_block_is_refreshed_once_and_only_after_so_many_years():
    """Chips twice as fast each year, one block to be had: the second year's takes its place for good.

    10, 20 and 40 units asked for: refreshed in the second year, 20 are left unserved in the third; in the third, 10 in
    the second.
    """
    chips = (OLD, NEW, chip("newest", inference_compute_per_it_mw=4.0, first_date="2028-01-01"))
    plan = solve(refreshing((10.0, 20.0, 40.0), chips, max_blocks=1, last_start="2026-01-01"))
    assert by_period(plan, "unserved", "unserved_compute") == pytest.approx([0.0, 10.0, 0.0])
    assert [(row["period"], row["chip"]) for row in plan.rows("refreshes")] == [(2028, "newest")]


def test_the_new_chip_counts_against_supply_and_must_be_developed():
    """10 of 20 MW can be delivered; what nothing else can serve is worth a development of 0.05."""
    custom = {**NEW, "development_cost_busd": 0.05}
    supply = [{"chip": "new", "year": year, "it_mw": 10.0} for year in (2026, 2027)]
    case = refreshing((20.0, 40.0), (OLD, custom), {"chip_supply": supply}, last_start="2026-01-01", max_blocks=2)
    plan = solve(case)
    assert by_period(plan, "unserved", "unserved_compute") == pytest.approx([0.0, 10.0])
    assert plan.summary["cost_busd"] == pytest.approx(0.4 + 0.02 + 0.05)


def test_the_new_chip_has_a_life_of_its_own():
    """Chips of one and two years in one contract of four: the old is gone in the second year, the new in the fourth.

    The remainder of the rent (half) is due in the first, second and third year, and a refresh costs 0.02.
    """
    chips = (chip("old", life_years=1.0), chip("new", life_years=2.0, first_date="2027-01-01"))
    terms = {"max_blocks": 1, "last_start": "2026-01-01", "take_or_pay_share": 0.5}
    plan = solve(refreshing((10.0, 10.0, 10.0, 5.0), chips, **terms))
    assert by_period(plan, "unserved", "unserved_compute") == pytest.approx([0.0, 0.0, 0.0, 5.0])
    assert by_period(plan, "spend", "amount_busd", item="usage") == pytest.approx([0.05, 0.05, 0.05, 0.0])
    assert plan.summary["cost_busd"] == pytest.approx(0.2 + 0.15 + 0.02)


def test_a_refresh_takes_the_rest_of_the_rent_of_the_chip_it_replaces():
    """The old chip would last; after the refresh, for a year, what is due is that of the new one, and no more."""
    chips = (OLD, {**NEW, "life_years": 1.0})
    terms = {"max_blocks": 1, "last_start": "2026-01-01", "take_or_pay_share": 0.5}
    plan = solve(refreshing((10.0, 20.0, 0.0), chips, **terms))
    assert by_period(plan, "spend", "amount_busd", item="usage") == pytest.approx([0.05, 0.05, 0.0])


def test_a_renewed_contract_may_be_refreshed_and_a_signed_one_may_not():
    """A term of one year goes on at the renewal rent, and has the new chip then; what is signed keeps its chip."""
    terms = {"term_years": 1.0, "renewal_rent_musd_per_mw_year": 10.0, "last_start": "2026-01-01", "max_blocks": 2}
    assert refreshes_of(solve(refreshing(**terms))) == [("lease/primary/2026", 2027, "old", "new", 2, 20.0)]
    signed = {"contract": "s", "offer": "lease", "role": "primary", "it_mw": 20.0, "chip": "old",
              "start_date": "2026-01-01", "end_date": "2030-01-01", "rent_musd_per_mw_year": 5.0}  # fmt: skip
    for brought in ("old", None):
        plan = solve(refreshing(max_blocks=0, tables={"contracts": [{**signed, "chip": brought}]}))
        assert sum(by_period(plan, "unserved", "unserved_compute")) == pytest.approx(20.0)
        assert plan.rows("refreshes") == []


def test_what_is_owed_after_the_horizon_does_not_change():
    """The obligations of a contract are those of its rent, refreshed or not."""
    plan = solve(refreshing())
    assert column(plan, "refreshes", "blocks") == [2.0]
    assert column(plan, "obligations", "amount_busd") == pytest.approx([0.2] * 8)


def test_earlier_refreshes_never_cost_more():
    """Law of direction: a right to refresh, and an earlier one, leave every plan that there was."""
    never: dict[str, Any] = {"refresh_after_years": None, "refresh_price_busd_per_gw_it": None}
    terms = (never, *({"refresh_after_years": years} for years in (2.0, 1.0, 0.0)))
    found = [cost(refreshing((10.0, 20.0, 40.0), **one)) for one in terms]
    assert found == sorted(found, reverse=True)
    assert found[0] > found[1] + 1e-6 > found[2] + 2e-6


def test_a_higher_price_of_a_refresh_never_costs_less():
    """Law of direction: and one that is high enough is as none."""
    found = [cost(refreshing(refresh_price_busd_per_gw_it=price)) for price in (0.0, 2.0, 9.9)]
    assert found == sorted(found)
    assert found[0] == pytest.approx(0.4)
    assert found[-1] == pytest.approx(0.5)


def test_a_case_in_which_nothing_can_be_refreshed_has_the_program_that_it_had():
    """Law: without terms, or with terms that no period of a contract meets, not a row or coefficient differs."""
    without = rows_of(refreshing(refresh_after_years=None, refresh_price_busd_per_gw_it=None))
    assert rows_of(refreshing(refresh_after_years=5.0)) == without
    assert rows_of(refreshing()) != without
    assert not any("refresh" in row for row in without)


def test_a_solve_may_start_from_a_plan_with_refreshes():
    """Law: the integer variables of a plan say what it refreshes, by contract."""
    plan = solve(refreshing())
    values = start_values(plan)
    assert dict(values[REFRESH_BLOCKS]) == {("lease", "primary", 0, 2, "old", 1, "new"): 2.0}
    again = Case.of(refreshing()).solve(gap=0.0, own_process=False, start=plan)
    assert again.summary["cost_busd"] == pytest.approx(plan.summary["cost_busd"])
    assert column(again, "refreshes", "blocks") == [2.0]
