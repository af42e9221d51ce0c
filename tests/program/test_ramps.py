"""Ramps inside contracts: cases small enough for paper, and laws of direction."""

from collections.abc import Sequence
from typing import Any

import pytest

from planner.case.case import CaseData
from planner.changes.apply import apply_whatif, make_whatif
from planner.errors import CaseError
from tests.program.golden_cases import rows_of
from tests.program.tiny import by_period, chip, column, cost, lease, own, solve, tiny

SLOW = ((0, 0.5), (12, 1.0))
Steps = Sequence[tuple[float, float]]


def _steps(steps: Steps) -> list[dict[str, Any]]:
    return [{"ramp": "phased", "months": months, "share": share} for months, share in steps]


def _case(demand: list[float], offer: dict[str, Any], steps: Steps = SLOW, **more: Any) -> CaseData:
    return tiny(demand, offers=[offer], ramps=_steps(steps), **{"periods": len(demand), **more})


def test_rent_and_running_cost_follow_the_ramp() -> None:
    """Two blocks (20 MW) half in force serve 10 in the first year: half the rent and running cost, then all."""
    plan = solve(_case([10.0, 20.0], lease(ramp="phased", last_start="2026-01-01", opex_musd_per_mw_year=1.0)))
    assert by_period(plan, "spend", "amount_busd", item="rent") == pytest.approx([0.1, 0.2])
    assert by_period(plan, "spend", "amount_busd", item="opex") == pytest.approx([0.01, 0.02])
    assert by_period(plan, "in_force", "decided_it_mw") == pytest.approx([10.0, 20.0])
    assert column(plan, "contracts", "it_mw") == [20.0]
    assert by_period(plan, "installs", "added_it_mw") == pytest.approx([10.0, 10.0])


def test_a_step_within_a_period_counts_by_its_time() -> None:
    """A quarter for half a year, then half: 0.375 of eight blocks (80 MW) serve 30 in the first year."""
    plan = solve(_case([30.0], lease(ramp="phased"), ((0, 0.25), (6, 0.5), (18, 1.0))))
    assert column(plan, "contracts", "blocks") == [8.0]
    assert plan.summary["cost_busd"] == pytest.approx(8 * 0.1 * 0.375)


def test_capex_and_signing_are_of_the_whole() -> None:
    """Two blocks at $0.12B for 10 MW in force in the first year; chips ($0.3B for 10 MW) as they come into force."""
    plan = solve(_case([10.0, 20.0], own(ramp="phased", last_start="2026-01-01", signing_cost_busd=0.05)))
    assert by_period(plan, "spend", "amount_busd", item="capex") == pytest.approx([0.24, 0.0])
    assert by_period(plan, "spend", "amount_busd", item="signing") == pytest.approx([0.05, 0.0])
    assert by_period(plan, "spend", "amount_busd", item="chips") == pytest.approx([0.3, 0.3])


def test_what_is_renewed_is_in_force_as_a_whole() -> None:
    """A term of one year of a ramp of two: half of a block is in force, then all, at the renewal rent."""
    offer = lease(ramp="phased", term_years=1.0, last_start="2026-01-01", renewal_rent_musd_per_mw_year=12.0)
    plan = solve(_case([5.0, 10.0], offer, ((0, 0.5), (24, 1.0))))
    assert by_period(plan, "in_force", "decided_it_mw") == pytest.approx([5.0, 10.0])
    assert plan.summary["cost_busd"] == pytest.approx(0.05 + 0.12)


def test_leaving_early_costs_the_rent_left_as_the_ramp_has_it() -> None:
    """A term of four years left after one: of the rent left, half a year is at half, two and a half at all."""
    offer = lease(ramp="phased", term_years=4.0, exit_after_years=1.0, exit_cost_share=0.1)
    plan = solve(_case([5.0, 0.0], offer, ((0, 0.5), (18, 1.0))))
    assert plan.summary["cost_busd"] == pytest.approx(0.05 + 0.1 * (0.05 * 0.5 + 0.1 * 2.5))


def test_rents_owed_after_the_horizon_follow_the_ramp() -> None:
    """A contract of two years with half for eighteen months: 7.5 MW on average, and their rent, in its second year."""
    plan = solve(_case([5.0], lease(ramp="phased", term_years=2.0), ((0, 0.5), (18, 1.0))))
    (row,) = plan.rows("obligations")
    assert (row["it_mw"], row["in_force_years"]) == (7.5, 1.0)
    assert row["amount_busd"] == pytest.approx(0.075)


def test_a_signed_contract_follows_its_own_ramp() -> None:
    """Signed in July 2025: 20 MW, half for a year: 15 MW on average in 2026, 20 MW in 2027, whatever the offer says."""
    signed = {
        "contract": "signed", "offer": "lease", "role": "primary", "it_mw": 20.0, "chip": "chip", "ramp": "phased",
        "start_date": "2025-07-01", "end_date": "2028-07-01", "rent_musd_per_mw_year": 9.0,
    }  # fmt: skip
    plan = solve(_case([15.0, 20.0], lease(), contracts=[signed]))
    assert by_period(plan, "in_force", "signed_it_mw") == pytest.approx([15.0, 20.0])
    assert plan.summary["cost_busd"] == pytest.approx(0.009 * 35)


def test_deliveries_are_of_what_comes_into_force() -> None:
    """With 10 IT MW a year to be had, two blocks can be delivered with the ramp, and not without it."""
    supply = [{"chip": "chip", "year": year, "it_mw": 10.0} for year in (2026, 2027)]
    once = lease(last_start="2026-01-01")
    ramped = solve(_case([10.0, 20.0], {**once, "ramp": "phased"}, chip_supply=supply))
    assert ramped.summary["unserved_share"] == 0.0
    assert solve(_case([10.0, 20.0], once, chip_supply=supply)).summary["unserved_share"] == pytest.approx(1 / 3)


@pytest.mark.parametrize(("rule", "blocks"), [("time_average", 8.0), ("throughout", 6.0)])
def test_throughout_a_period_power_is_needed_for_the_largest_share(rule: str, blocks: float) -> None:
    """30 IT MW of power: 0.375 of 8 blocks on average, but half within the year: 6 blocks where power counts so."""
    steps = [{"site": "a", "date": "2020-01-01", "facility_mw": 37.5}]
    case = _case([30.0], lease(ramp="phased"), ((0, 0.25), (6, 0.5), (18, 1.0)), energisation=steps)
    plan = solve(apply_whatif(case, make_whatif([{"op": "set", "model": "horizon.energisation", "value": rule}])).data)
    assert column(plan, "contracts", "blocks") == [blocks]


def test_what_counts_blocks_counts_whole_ones() -> None:
    """Law: eight blocks of which 30 MW are in force are eight of ``max_blocks``."""
    case = _case([30.0], lease(ramp="phased", max_blocks=6), ((0, 0.25), (6, 0.5), (18, 1.0)))
    assert solve(case).summary["unserved_share"] == pytest.approx(1 - 6 * 3.75 / 30)


def test_a_ramp_that_is_not_named_changes_nothing() -> None:
    """Law: without a contract that names it, the table ``ramps`` leaves the program as it is."""
    case = tiny([10.0, 20.0], periods=2, offers=[lease(), own()], chips=[chip()])
    assert rows_of(case) == rows_of(_case([10.0, 20.0], lease()).replace(tables={"offers": case.tables["offers"]}))


@pytest.mark.slow
def test_a_slower_ramp_never_helps_service() -> None:
    """Law: what is in force later serves no more; a ramp of all at once is none."""
    lacking = []
    for share in (1.0, 0.8, 0.5, 0.2):
        steps = ((0, 1.0),) if share == 1.0 else ((0, share), (12, 1.0))
        plan = solve(_case([30.0, 50.0], lease(ramp="phased", max_blocks=4), steps))
        lacking.append(plan.summary["unserved_share"])
    assert lacking == sorted(lacking)
    assert lacking[0] < lacking[-1]
    assert cost(_case([30.0, 50.0], lease(ramp="phased"), ((0, 1.0),))) == cost(_case([30.0, 50.0], lease()))


def test_a_ramp_is_changed_like_any_figure() -> None:
    """Law: a step is named by ramp and months, and a change that breaks the ramp is refused."""
    case = _case([10.0, 20.0], lease(ramp="phased"))
    change = {"op": "set", "place": "ramps[phased,0].share", "value": 0.25}
    assert apply_whatif(case, make_whatif([change])).data.tables["ramps"][0].share == 0.25
    with pytest.raises(CaseError, match="must be above the 1 of month 0"):
        apply_whatif(case, make_whatif([{**change, "value": 1.0}]))
