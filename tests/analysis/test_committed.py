"""What of a plan is committed on a day: orders before it, by lead time; what the changed case cannot keep is named."""

from datetime import date
from typing import Any

import pytest

from planner.analysis.committed import Committed, committed
from planner.analysis.stability import contract_blocks
from planner.case.case import CaseData
from planner.inputs import make_inputs
from planner.plan.plan import PlanData
from tests.analysis.by_hand import Row, decided, plan_of
from tests.cases import base_tables, full_tables, make_case

KEY = ("cloud_east", "primary", 1)


def case(**columns: Any) -> CaseData:
    """Return the tiny case with some columns of its cloud offer replaced."""
    offers = base_tables()["offers"]
    offers[2] |= columns
    return make_case({"offers": offers})


def on(day: str, plan: PlanData, changed: CaseData | None = None) -> Committed:
    """Return what is committed before a day, in the case of the plan unless another is given."""
    return committed(plan, make_inputs(changed or plan.case), date.fromisoformat(day))


ONE = decided(start=2027, end=2029)


@pytest.mark.parametrize(
    ("lead_months", "day", "kept"),
    [
        (0.0, "2027-01-01", False),
        (0.0, "2027-01-02", True),
        (6.0, "2026-07-01", False),
        (6.0, "2026-07-02", True),
        (12.0, "2026-01-02", True),
        (6.0, "2026-01-01", False),
    ],
)
def test_a_contract_is_committed_when_it_is_ordered(lead_months: float, day: str, kept: bool) -> None:
    """Law: its order, the lead time before its start, falls before the day; then its blocks are fixed."""
    found = on(day, plan_of(case(lead_months=lead_months), contracts=[ONE]))
    assert found.contracts == int(kept)
    blocks = {key[:3]: count for key, count in found.fixed.blocks.items()}
    assert blocks.get(KEY) == (2 if kept else None)
    assert found.impossible == ()


def test_the_lead_time_is_that_at_which_it_was_ordered() -> None:
    """A longer lead time in the changed case does not commit what had not been ordered, nor a shorter one free it."""
    plan = plan_of(case(lead_months=6.0), contracts=[ONE])
    assert on("2026-06-30", plan, case(lead_months=12.0)).contracts == 0
    assert on("2026-07-02", plan, case(lead_months=0.0)).contracts == 1


def test_what_could_have_been_decided_before_the_day_is_fixed_at_nothing() -> None:
    """Starts before the day that the plan did not use cannot be decided any more; later ones stay free."""
    found = on("2028-01-02", plan_of(case(), contracts=[ONE]))
    starts = {start: count for (o, role, start, _), count in found.fixed.blocks.items() if (o, role) == KEY[:2]}
    assert starts == {0: 0, 1: 2, 2: 0}
    assert {key[3] for key in found.fixed.added_gw} == {0, 1, 2}
    assert set(found.fixed.added_gw.values()) == {0.0}


def test_ends_after_the_day_stay_free_and_those_before_it_do_not() -> None:
    """Ends that are past are fixed one by one; of those to come only the sum is, so leaving early stays possible."""
    row = {"exit_after_years": 1.0, "exit_cost_share": 0.5, "term_years": 3.0}
    found = on("2028-01-02", plan_of(case(**row), contracts=[decided(start=2026, end=2027), decided(end=2029)]))
    ends = {key[3]: count for key, count in found.fixed.blocks.items() if key[:3] == ("cloud_east", "primary", 0)}
    assert ends == {(1,): 2, (2,): 0, (3,): 2}


def test_a_contract_that_the_changed_case_does_not_allow_is_named() -> None:
    """Offer, role, period and blocks stand in words, and nothing of that start is fixed."""
    found = on("2027-06-01", plan_of(case(), contracts=[ONE]), case(term_years=1.0))
    assert found.impossible == (
        "contract cloud_east/primary/2027 (2 blocks): the changed case does not allow it",
    )  # fmt: skip
    assert found.contracts == 0
    assert KEY not in {key[:3] for key in found.fixed.blocks}


def install(period: int, chip: str = "merchant", it_mw: float = 50.0) -> Row:
    """Return an installation at the cloud offer."""
    return {"offer": "cloud_east", "role": "primary", "chip": chip, "period": period, "added_it_mw": it_mw}


def test_chips_are_committed_in_periods_that_start_before_the_day() -> None:
    """What was installed is fixed in IT GW; what was not is fixed at zero; later periods are free."""
    found = on("2027-01-02", plan_of(case(), installs=[install(2026), install(2027, it_mw=20.0), install(2028)]))
    fixed = {key[3]: gw for key, gw in found.fixed.added_gw.items() if key[:3] == ("cloud_east", "primary", "merchant")}
    assert fixed == pytest.approx({0: 0.05, 1: 0.02})


def test_chips_that_the_changed_case_does_not_have_are_named() -> None:
    """With their IT MW, offer and period; a table that adds nothing says nothing."""
    later = base_tables()["chips"]
    later[0]["first_date"] = "2029-01-01"
    plan = plan_of(case(), installs=[install(2026), install(2027, it_mw=0.0)])
    found = on("2027-06-01", plan, make_case({"chips": later}))
    assert found.impossible == (
        "50 IT MW of merchant installed at cloud_east in 2026: the changed case does not allow it",
    )  # fmt: skip


@pytest.mark.parametrize(("day", "gw"), [("2027-06-30", {1: 0.0}), ("2027-07-02", {1: 0.0, 2: 0.1})])
def test_on_site_power_is_committed_when_it_is_ordered(day: str, gw: dict[int, float]) -> None:
    """Turbines of 2028 take six months: ordered in July 2027."""
    full = make_case(full_tables(), full=True)
    plan = plan_of(full, power_built=[{"power_option": "turbines", "period": 2028, "facility_mw": 100.0}])
    found = on(day, plan)
    assert {t: v for (g, t), v in found.fixed.onsite_gw.items() if g == "turbines"} == pytest.approx(gw)


def test_on_site_power_that_is_gone_is_named() -> None:
    """An option that the changed case does not have cannot be kept."""
    plan = plan_of(
        make_case(full=True), power_built=[{"power_option": "turbines", "period": 2027, "facility_mw": 100.0}]
    )
    found = on("2027-06-01", plan, make_case({**full_tables(), "power_options": []}, full=True))
    assert found.impossible == ("on-site power turbines from 2027: the changed case does not allow it",)


@pytest.mark.parametrize(
    ("start", "periods", "expected"),
    [
        ("2026-01-01", 4, {(1, 3): 2, (2, 4): 5}),
        ("2027-01-01", 3, {(0, 2): 2, (1, 3): 5}),
        ("2028-01-01", 3, {(0, 3): 5}),
        ("2026-01-01", 6, {(1, 3): 2, (2, 6): 5}),
    ],
)
def test_blocks_have_the_index_of_the_case_in_hand(start: str, periods: int, expected: dict[Any, int]) -> None:
    """Periods are matched by their names; what ran to the end of the plan runs to the end of the case in hand."""
    plan = plan_of(case(), contracts=[ONE, decided(start=2028, end=2030, blocks=5), decided(origin="signed")])
    years = range(int(start[:4]), int(start[:4]) + periods)
    demand = [
        {"market": "america", "workload": "training", "year": year, "compute": 1.0} for year in years
    ]  # fmt: skip
    other = make_case({"demand": demand}, horizon={"start": start, "periods": periods})
    found = contract_blocks(plan, make_inputs(other))
    assert {key[2:]: count for key, count in found.items()} == expected
