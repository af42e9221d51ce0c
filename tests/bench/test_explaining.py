"""The measurement of explanations: what is planted in the cases that it explains."""

import pytest

from bench.explaining import CAUSES, planted, short_of
from planner.case.read import read_case
from planner.synthetic import generate


def test_each_cause_is_planted_alone_in_a_shipped_case():
    """Law: each cause changes the amounts of one table as it says, and admits no shortfall."""
    case = read_case("stargate")
    found = dict(planted(case))
    tables = {
        "0.8 times the cash": "budget",
        "1.5 times the demand": "demand",
        "0.3 times the supply": "chip_supply",
        "0.7 times the power": "energisation",
        "1.3 times the programmes": "programme_steps",
        "no cash in 2027": "budget",
    }
    assert list(found) == list(tables)
    for one, table in zip(found.values(), tables.values(), strict=True):
        assert one.model.objective.shortfall == "hard"
        assert {name for name in case.tables if list(one.tables[name]) != list(case.tables[name])} == {table}
    cash = {row.year: row.cash_burn_busd for row in found["no cash in 2027"].tables["budget"]}
    assert cash == {row.year: 0.0 if row.year == 2027 else row.cash_burn_busd for row in case.tables["budget"]}


@pytest.mark.slow
def test_what_a_case_has_no_table_of_is_not_planted_in_it():
    """Law: of a case without money and programmes, the causes that it has figures for; of those, the ones asked for."""
    case = read_case("us_campuses")
    assert list(dict(planted(case))) == ["1.5 times the demand", "0.3 times the supply", "0.7 times the power"]
    assert list(dict(planted(case, ["cash", "power"]))) == ["0.7 times the power"]


@pytest.mark.parametrize("cause", CAUSES)
def test_a_synthetic_case_is_short_of_what_is_said(cause):
    """Law: the amounts of one table are multiplied by the factor of the cause, and nothing else changes."""
    case = generate(10, 2, 12, 0)
    one, (table, factor) = short_of(case, cause), CAUSES[cause]
    assert {name for name in case.tables if list(one.tables[name]) != list(case.tables[name])} == {table}
    column = {"budget": "cash_limit_busd", "demand": "compute", "chip_supply": "it_mw"}[table]
    for before, after in zip(case.tables[table], one.tables[table], strict=True):
        assert getattr(after, column) == pytest.approx(factor * getattr(before, column))
