"""What the check accepts, the solve answers; what arithmetic cannot carry, the check refuses at its cell."""

from datetime import date
from random import Random
from typing import Any

import pytest
from pydantic import ValidationError

from planner.api import Case
from planner.case.case import CaseData
from planner.case.check import check_case
from planner.case.read import read_case
from planner.case.row import Row
from planner.case.rows import TABLES
from planner.case.starter import write_starter
from planner.errors import InfeasibleError, NoPlanError, PlannerError
from tests.length import some, thinned

EXTREMES = (1e-300, 5e-324, 1e-12, 1e-9, 1e-6, 1e5, 1e6, 1e9, 1e12, 1e24, 1e308, -0.0)
Cell = tuple[str, int, str]


def numbers(case: CaseData) -> list[Cell]:
    """Every cell that holds a number with decimals."""
    return [
        (table, place, column)
        for table in TABLES
        for place, row in enumerate(case.tables[table])
        for column in type(row).model_fields
        if isinstance(getattr(row, column), float)
    ]


def outcome(case: CaseData, cell: Cell, value: float) -> str:
    """What the check and a short solve, to a wide gap, say of a case with one cell changed."""
    table, place, column = cell
    rows: list[Row] = list(case.tables[table])
    cells: dict[str, Any] = {**rows[place].model_dump(), column: value}
    try:
        rows[place] = type(rows[place]).model_validate(cells)
    except ValidationError:
        return "refused"
    changed = case.replace(tables={table: tuple(rows)})
    if check_case(changed):
        return "refused"
    try:
        plan = Case.of(changed).solve(gap=0.2, time_limit_s=30.0, own_process=False)
    except (InfeasibleError, NoPlanError):
        return "no plan"
    except PlannerError as error:
        return f"{cell} = {value:g}: {error}"
    assert plan.summary["audit"]["passed"]
    return "plan"


@pytest.mark.slow
def test_extremes_of_three_sites_are_refused_or_answered() -> None:
    """Law: numbers of the case, at extremes drawn: check and solve agree, and no run fails."""
    case = read_case("three_sites")
    tries = [(cell, value) for cell in numbers(case) for value in EXTREMES]
    Random(9).shuffle(tries)
    told = {outcome(case, *one) for one in tries[:30]}
    assert told <= {"refused", "no plan", "plan"}, told
    assert {"refused", "plan"} <= told


@pytest.mark.slow
def test_every_extreme_of_the_starter_is_refused_or_answered(tmp_path: Any) -> None:
    """The same law on a case with own build, backup and a budget: numbers at extremes, drawn; all of them at length."""
    write_starter(tmp_path / "starter")
    case = read_case(tmp_path / "starter")
    tries = [(cell, value) for cell in numbers(case) for value in EXTREMES]
    told = {outcome(case, *one) for one in some(tries, 8)}
    assert told <= {"refused", "no plan", "plan"}, told


@pytest.mark.parametrize(
    ("cell", "value", "word"),
    thinned(
        [
            (("chips", 0, "power_w_per_accelerator"), 1e-300, "refused"),
            (("chips", 0, "training_compute_per_it_mw"), 1e-300, "refused"),
            (("offers", 0, "rent_musd_per_mw_year"), 1e9, "refused"),
            (("offers", 0, "term_years"), 1e-9, "plan"),
            (("offers", 0, "term_years"), 1e5, "plan"),
            (("chips", 0, "life_years"), 1e-9, "plan"),  # leases outlast their chip: nothing is served
            (("sites", 0, "opening_cost_busd"), 1e-300, "refused"),
            (("sites", 0, "opening_cost_busd"), -0.0, "plan"),
            (("demand", 0, "compute"), -0.0, "plan"),
            (("budget", 0, "cash_limit_busd"), 1e6, "plan"),
        ],
        3,
        unpack=True,
    ),
)
def test_named_extremes(cell: Cell, value: float, word: str) -> None:
    """Law: what makes no sense is refused; what is odd but sound has an answer."""
    assert outcome(read_case("three_sites"), cell, value) == word


def test_the_calendar_of_a_long_term_ends() -> None:
    """Law: a term of a hundred thousand years is written as the last day there is."""
    case = read_case("three_sites")
    offers = tuple(row.model_copy(update={"term_years": 1e5}) for row in case.tables["offers"])
    plan = Case.of(case.replace(tables={"offers": offers})).solve(gap=0.0, own_process=False)
    assert {row["end_date"] for row in plan.tables["contracts"]} == {date.max.isoformat()}


def with_rents(case: CaseData, rent: float, **growth: float) -> CaseData:
    """The case with the rent of every offer replaced; its other prices are as they were."""
    update = {"rent_musd_per_mw_year": rent, **growth}
    offers = tuple(row.model_copy(update=update) for row in case.tables["offers"])
    sites = tuple(row.model_copy(update={"opening_cost_busd": 1.0}) for row in case.tables["sites"])
    return case.replace(tables={"offers": offers, "sites": sites})


@pytest.mark.parametrize(
    ("rent", "growth", "words"),
    [(1e-7, {}, "of the typical price"), (1e-12, {}, "write 0"), (1.0, {"rent_growth_per_year": -0.9999}, "fall over")],
)
def test_a_price_far_below_the_others_is_refused_at_its_cell(rent: float, growth: Any, words: str) -> None:
    """Law: where a plan could pay nothing but prices below what the solver can tell from nothing, the check says so."""
    problems = check_case(with_rents(read_case("three_sites"), rent, **growth))
    told = [one for one in problems if one.column == "rent_musd_per_mw_year"]
    assert told
    assert all(words in one.message for one in told)


def test_a_price_of_nothing_and_one_just_above_the_ratio_are_answered() -> None:
    """Law: zero is a price like any other, and what the check accepts is solved as well as anything."""
    case = read_case("three_sites")
    assert not check_case(with_rents(case, 0.0))
    usual, low = (Case.of(with_rents(case, rent)).solve(gap=0.0, own_process=False).summary for rent in (1e-2, 2e-5))
    assert low["status"] == usual["status"] == "optimal"
