"""Served and unserved compute add up to demand, and the cost follows from the same figures as the tables."""

from collections.abc import Mapping
from typing import Any

import pytest

from planner.case.case import CaseData
from planner.inputs import Inputs, make_inputs
from planner.options import SolveOptions
from planner.plan.balance import balanced
from planner.plan.extract import extract_tables, headline
from planner.program import build_program
from planner.program.columns import UNSERVED, USED
from planner.runs.compile import make_mip
from planner.solve.serve import solve_mip
from planner.symbols import Values
from tests.length import thinned
from tests.program.tiny import chip, lease, market, site, solve, tiny
from tests.scaling.units import in_units


def priced(price: float, demand: float = 100.0 / 3.0) -> CaseData:
    """Two sites, two chips, a demand that no number of decimals writes out, and a price of what is not served of it."""
    return tiny(
        demand,
        periods=2,
        sites=[site("a"), site("b")],
        chips=[chip(), chip("other", inference_compute_per_it_mw=0.7)],
        offers=[lease("x", "a", max_blocks=1), lease("y", "b", chips=("other",))],
        objective={"unserved": "priced", "unserved_price_busd_per_compute_year": price},
    )


def point(case: CaseData) -> tuple[Any, Inputs, Values]:
    """The program of a case, its inputs, and the values of the best plan as solved."""
    inputs = make_inputs(case)
    m = build_program(inputs)
    mip = make_mip(m, inputs)
    answer = solve_mip(mip, SolveOptions(gap=0.0), lambda _news: False)
    assert answer.x is not None
    return m, inputs, Values.at(mip.arrays.columns, answer.x)


def paid(tables: Mapping[str, Any]) -> float:
    """What the table ``objective`` says of unserved demand."""
    return sum(float(row["present_value_busd"]) for row in tables["objective"] if row["item"] == "unserved")


@pytest.mark.parametrize("compute", [1.0, 3.7e-5, 3.7e9])
@pytest.mark.parametrize("money", [1.0, 1e-9])
@pytest.mark.parametrize("price", thinned([10.0, 36_524.0, 200_000.0], 3, 2))
def test_all_served_costs_nothing_unserved(price: float, compute: float, money: float) -> None:
    """Law: where all is served, nothing is paid for what is not, however dear, in any unit; the audit agrees.

    The decimals of the table of served compute left a millionth unserved, which the audit charged for.
    """
    plan = solve(in_units(priced(price), compute, money))
    assert plan.summary["audit"]["passed"]
    assert plan.summary["unserved_share"] == 0.0
    assert paid(plan.tables) == 0.0
    assert plan.summary["bound_busd"] <= plan.summary["cost_busd"]


@pytest.mark.parametrize("lost_gw", [1e-7, 3e-4])
def test_what_lacks_is_paid_for_as_the_tables_say(lost_gw: float) -> None:
    """Law: whatever the solver leaves open, served and unserved compute are the demand, and the cost is that of them.

    A lack within the tolerance of the chips is made up; a larger one is unserved, in the tables and in the cost.
    """
    m, data, values = point(priced(36_524.0))
    used = {key: gw - lost_gw if gw > 2 * lost_gw else gw for key, gw in values[USED].items()}
    values = values.replaced({USED: used})
    tables = extract_tables(m, data, values)
    lacking = 0.0
    for row in tables["unserved"]:
        handed = sum(r["compute"] for r in tables["served"] if r["period"] == row["period"])
        assert row["served_compute"] == pytest.approx(handed, rel=1e-14)
        assert row["served_compute"] + row["unserved_compute"] == pytest.approx(row["demand_compute"], rel=1e-14)
        lacking += row["unserved_compute"]
    assert (lacking > 0.0) == (lost_gw > 1e-6)
    assert paid(tables) == pytest.approx(36_524.0 * lacking, rel=1e-8)
    assert (headline(data, tables)["unserved_share"] > 0.0) == (lacking > 0.0)


@pytest.mark.parametrize("unserved", [1e-3, 1e-5, 1e-7, 1e-9])
def test_a_little_unserved_is_kept_where_it_is_paid_for(unserved: float) -> None:
    """Law: compute that the program leaves unserved at a price stands in the tables, however little, and is paid."""
    m, data, values = point(priced(36_524.0))
    values = values.replaced({UNSERVED: dict.fromkeys(values[UNSERVED], unserved)})
    tables = extract_tables(m, data, values)
    assert [row["unserved_compute"] for row in tables["unserved"]] == pytest.approx([unserved] * 2, rel=1e-12)
    assert paid(tables) == pytest.approx(36_524.0 * 2 * unserved, rel=1e-8)


def test_a_little_unserved_is_nothing_where_demand_is_served_first() -> None:
    """Law: with demand served first, a millionth of it is the solver's rounding: tables and values call it served."""
    _, data, values = point(tiny(100.0 / 3.0, markets=[market()]))
    (key,) = values[UNSERVED]
    parts, settled = balanced(data, values.replaced({UNSERVED: {key: 1e-6}}))
    assert settled[UNSERVED] == {key: 0.0}
    assert sum(part.compute for part in parts) == pytest.approx(100.0 / 3.0, rel=1e-14)
