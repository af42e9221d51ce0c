"""The audit's tolerances follow the amounts compared: no chip of the case excuses a demand that is not served."""

from typing import Any

import pytest

from planner.audit import audit, tolerance
from planner.case.case import CaseData
from planner.case.rows import ChipRow
from tests.length import thinned
from tests.program.tiny import chip, lease, market, solve, tiny
from tests.scaling.units import in_units

Tables = dict[str, list[dict[str, Any]]]


def case_with_fast_chip(compute: float = 1.0) -> CaseData:
    """A large market and a small one, and a chip in the tables whose rate is far above the one in use."""
    demand = [
        {"market": name, "workload": "inference", "year": 2026, "compute": amount}
        for name, amount in (("large", 300.0), ("small", 1.0))
    ]
    markets = [market("large"), market("small")]
    offers = [lease("x", block_it_mw=1.0, max_blocks=400)]
    case = tiny(demand_rows=demand, markets=markets, offers=offers)
    return in_units(case, compute)


def with_rate(case: CaseData, rate: float) -> CaseData:
    """The case with one more chip, which no offer takes."""
    more = ChipRow.model_validate(chip("fast", inference_compute_per_it_mw=rate))
    return case.replace(tables={"chips": (*case.tables["chips"], more)})  # type: ignore[arg-type]


@pytest.mark.parametrize("compute", [1.0, 1e-9, 1e9])
@pytest.mark.parametrize("share", [0.99, 0.0])
@pytest.mark.parametrize("alike", thinned([True, False], 3), ids=["MW and compute", "compute alone"])
def test_a_fast_chip_excuses_nothing(compute: float, share: float, *, alike: bool) -> None:
    """Law: a plan that serves 1 % less of the smallest market fails, however fast another chip of the case is."""
    case = case_with_fast_chip(compute)
    plan = solve(case)
    tables: Tables = {name: [dict(row) for row in rows] for name, rows in plan.tables.items()}
    fast = with_rate(case, 1e6 * compute)
    assert audit(fast, tables).passed
    for row in tables["served"]:
        if row["market"] == "small":
            row["compute"] *= share
            row["it_mw"] *= share if alike else 1.0
    report = audit(fast, tables)
    assert not report.passed
    assert any("small" in line for line in report.lines)


def test_nothing_is_served_by_what_is_not_installed() -> None:
    """Law: a market as small as the tolerance in MW cannot be served by capacity that is not there."""
    case = case_with_fast_chip()
    tables: Tables = {name: [dict(row) for row in rows] for name, rows in solve(case).tables.items()}
    for row in tables["served"]:
        row["it_mw"] *= 1.002
        row["compute"] *= 1.002
    assert any("used once" in line or "no more than" in line for line in audit(case, tables).lines)


def test_money_is_compared_at_the_size_of_the_case() -> None:
    """Law: an amount wrong by a hundredth is found, in a case of billions and in one of dollars."""
    for money in (1.0, 1e-9):
        case = in_units(case_with_fast_chip(), money=money)
        plan = solve(case)
        tables: Tables = {name: [dict(row) for row in rows] for name, rows in plan.tables.items()}
        assert audit(case, tables).passed
        tables["spend"][0]["amount_busd"] *= 1.01
        assert not audit(case, tables).passed


def test_tolerances_are_shares_of_what_is_compared() -> None:
    """Law: no tolerance of compute exceeds a small share of the amount, whatever the rates; none of nothing."""
    assert tolerance.compute(1e12, 5.0) <= 2e-3 * 5.0
    assert tolerance.critical(1e12, [5.0, 500.0], [5.0, 500.0]) <= 2e-3 * 5.0
    assert tolerance.compute(1e12) == 0.0
    assert tolerance.money(0.0) == 0.0
