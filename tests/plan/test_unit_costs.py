"""Levelised unit costs: discounted money over discounted IT MW-years and compute-years, by hand (formulation, 15)."""

from typing import Any

import pytest

from planner.inputs import make_inputs
from planner.plan.columns import TABLES
from planner.plan.columns_money import COUNTED
from planner.plan.unit_costs import unit_costs
from tests.cases import base_tables, make_case

Rows = list[dict[str, Any]]
RATE = 0.1
SIGNED = {
    "contract": "old", "offer": "cloud_east", "role": "primary", "it_mw": 60.0, "chip": "merchant",
    "start_date": "2025-01-01", "end_date": "2028-01-01", "rent_musd_per_mw_year": 1.0,
}  # fmt: skip
CHIPS = base_tables()["chips"]
CHIPS[0]["training_compute_per_it_mw"] = 2.0
INPUTS = make_inputs(
    make_case(
        {"contracts": [SIGNED], "chips": CHIPS}, objective={"discount_rate_per_year": RATE}, horizon={"periods": 2}
    )
)
D = (1.1**-0.5, 1.1**-1.5)
"""Discount factors of 2026 and 2027."""
OLD = {"contract": "old", "origin": "signed", "offer": "cloud_east", "role": "primary", "it_mw": 60.0}
NEW = {
    "contract": "new", "origin": "decided", "offer": "cloud_east", "role": "primary", "it_mw": 100.0,
    "start_period": 2027, "end_period": 2028,
}  # fmt: skip
EAST = {"site": "east", "offer": "cloud_east"}


def found(**tables: Rows) -> dict[str, dict[str, Any]]:
    """Return the rows of the table by level, and by contract where there is one."""
    empty: dict[str, Rows] = {name: [] for name in ("spend", "contracts", "in_force", "capacity", "served")}
    rows = unit_costs(INPUTS, {**empty, **tables})
    assert all(set(row) == set(TABLES["unit_costs"].columns) for row in rows)
    return {row["contract"] or row["level"]: row for row in rows}


def paid(busd: float, part: str = "spend", **place: str) -> dict[str, Any]:
    """Return a payment at a place."""
    return {"part": part, "present_value_busd": busd, **place}


def test_money_counts_at_its_level_and_at_all_above() -> None:
    """Law: a contract's money is its offer's, its site's and the plan's; development is the plan's alone.

    Income and salvage count, the price of unserved demand does not.
    """
    rows = found(
        contracts=[OLD],
        spend=[
            paid(8.0, contract="old", **EAST),
            paid(4.0, **EAST),
            paid(2.0, site="east"),
            paid(1.0),
            paid(-0.5, "salvage", **EAST),
            paid(-0.25, "backup_income"),
            paid(99.0, "unserved"),
        ],
    )
    money = {level: row["present_value_busd"] for level, row in rows.items()}
    assert money == {"old": 8.0, "offer": 11.5, "site": 13.5, "plan": 14.25}
    assert {row["level"]: row["counted"] for row in rows.values()} == COUNTED
    assert (rows["old"]["provider"], rows["old"]["tenure"], rows["site"]["provider"]) == ("clouds", "cloud", "")


def test_it_mw_years_are_in_force_times_years() -> None:
    """Law: signed contracts their time average, decided ones from start to end, all others by the table in_force."""
    in_force = [
        {"period": 2026, "signed_it_mw": 60.0, "decided_it_mw": 0.0, **EAST},
        {"period": 2027, "signed_it_mw": 60.0, "decided_it_mw": 100.0, **EAST},
    ]
    rows = found(contracts=[OLD, NEW], in_force=in_force, spend=[paid(1.0, contract="new", **EAST)])
    years = {level: row["it_mw_years"] for level, row in rows.items()}
    assert years == {"old": 120.0, "new": 100.0, "offer": 220.0, "site": 220.0, "plan": 220.0}
    discounted = {level: row["discounted_it_mw_years"] for level, row in rows.items()}
    assert discounted == pytest.approx(
        {"old": 60 * sum(D), "new": 100 * D[1], **dict.fromkeys(("offer", "site", "plan"), 60 * sum(D) + 100 * D[1])}
    )
    assert rows["new"]["cost_musd_per_it_mw_year"] == pytest.approx(1000.0 / (100 * D[1]), rel=1e-6)
    assert rows["old"]["cost_musd_per_it_mw_year"] == 0.0


def capacity(it_mw: float, chip: str = "merchant", period: int = 2027) -> dict[str, Any]:
    """Return a row of what is installed at the lease of the east."""
    return {
        "period": period, "role": "primary", "chip": chip, "it_mw": it_mw, "training_compute": 2.0 * it_mw,
        "inference_compute": it_mw, **EAST,
    }  # fmt: skip


def test_a_lease_has_the_compute_of_its_own_chip() -> None:
    """Law: what stands for a lease is its chip, on all of its IT MW; what is put in a signed one counts there."""
    put = {"offer": "cloud_east", "role": "primary", "chip": "merchant", "period": 2026, "contract": "old",
           "added_it_mw": 7.0, "stock_it_mw": 7.0}  # fmt: skip
    rows = found(contracts=[OLD, {**NEW, "chip": "merchant"}], capacity=[capacity(500.0)], installs=[put])
    training = {level: row["discounted_training_compute_years"] for level, row in rows.items()}
    assert training["new"] == pytest.approx(2.0 * 100 * D[1])
    assert training["old"] == pytest.approx(2.0 * 60 * sum(D) + 2.0 * 7 * D[0])


def test_chips_of_the_plan_stand_where_there_is_room() -> None:
    """Law of leases that state no chip: the old contract is filled by its own 60 IT MW of chips, the new by others."""
    rows = found(contracts=[OLD, NEW], capacity=[capacity(60.0, period=2026), capacity(60.0 + 80.0)])
    training = {level: row["discounted_training_compute_years"] for level, row in rows.items()}
    assert training["old"] == pytest.approx(2.0 * 60 * sum(D))
    assert training["new"] == pytest.approx(2.0 * 80 * D[1])
    assert training["plan"] == pytest.approx(training["old"] + training["new"])
    assert rows["new"]["discounted_inference_compute_years"] == pytest.approx(80 * D[1])


@pytest.mark.parametrize(("it_mw", "share"), [(100.0, 1 / 2), (300.0, 3 / 4)])
def test_contracts_share_the_chips_of_their_offer_by_their_room(it_mw: float, share: float) -> None:
    """Law: in proportion to IT MW in force less the chip that each brings; together they have all of it."""
    other = {**NEW, "contract": "other", "it_mw": it_mw}
    rows = found(contracts=[NEW, other], capacity=[capacity(60.0 + 40.0)])
    assert rows["other"]["discounted_inference_compute_years"] == pytest.approx(share * 40 * D[1], abs=1e-6)
    assert rows["new"]["discounted_inference_compute_years"] == pytest.approx((1 - share) * 40 * D[1], abs=1e-6)


def test_service_counts_at_sites_and_in_all() -> None:
    """Law: compute served, both workloads, over the discounted years; offers and contracts have an empty cell."""
    served = [{"site": "east", "period": period, "compute": 10.0} for period in (2026, 2027, 2027)]
    rows = found(
        contracts=[OLD], served=served, spend=[paid(1.0, contract="old", **EAST), paid(1.0, site="north")]
    )  # fmt: skip
    amount = 10 * D[0] + 20 * D[1]
    assert rows["plan"]["discounted_served_compute_years"] == pytest.approx(amount)
    assert rows["plan"]["cost_usd_per_served_compute_year"] == pytest.approx(2e9 / amount, rel=1e-6)
    for level in ("old", "offer"):
        assert rows[level]["discounted_served_compute_years"] == ""
        assert rows[level]["cost_usd_per_served_compute_year"] == ""


def test_a_plan_of_nothing_has_a_row_and_nothing_to_divide_by() -> None:
    """The plan has its row always; other levels only with IT MW in force or money."""
    rows = found()
    assert set(rows) == {"plan"}
    ratios = [cell for name, cell in rows["plan"].items() if name.startswith("cost_")]
    assert ratios == [""] * 4
    assert set(found(contracts=[OLD])) == {"old", "plan"}


def test_rows_come_by_level_then_name() -> None:
    """Contracts first, the plan last, whatever the order of the payments."""
    spend = [paid(1.0, site=s, offer=o) for s, o in (("south", "shell_south"), ("east", "cloud_east"))]
    rows = unit_costs(INPUTS, {"spend": spend, "contracts": [], "in_force": [], "capacity": [], "served": []})
    assert [(row["level"], row["site"]) for row in rows] == [
        ("offer", "east"), ("offer", "south"), ("site", "east"), ("site", "south"), ("plan", ""),
    ]  # fmt: skip
