"""The schema of the tables of a plan keeps its own rules, and the page made from it says all of it."""

from itertools import pairwise

import pytest

from planner.plan import schema
from planner.plan.columns import COLUMNS, TABLES
from planner.plan.dictionary import plan_dictionary, tables_page
from planner.plan.plan import PlanData, PlanTable
from planner.plan.schema import Column

EVERY = [(table, name, column) for table, found in TABLES.items() for name, column in found.columns.items()]
UNITS_OF_NAMES = {
    "_busd": ("$B nominal", "$B present value"),
    "_it_mw": ("IT MW",),
    "facility_mw": ("facility MW",),
    "_years": ("years", "IT MW-years"),
}


@pytest.mark.parametrize("name", TABLES)
def test_keys_are_columns_and_each_table_is_an_attribute(name: str) -> None:
    """Law: the key of a table stands among its columns, and ``plan.NAME`` gives it."""
    assert set(TABLES[name].key) <= set(TABLES[name].columns)
    assert len(set(TABLES[name].key)) == len(TABLES[name].key)
    attribute = vars(PlanData)[name]
    assert isinstance(attribute, PlanTable)
    assert attribute.name == name
    assert COLUMNS[name] == {column: found.meaning for column, found in TABLES[name].columns.items()}


def test_every_figure_has_a_unit_and_nothing_else_has() -> None:
    """Law: numbers have a unit, but for calendar years; words, dates and periods have none and never add up."""
    for table, name, column in EVERY:
        assert column.meaning, (table, name)
        if not column.is_number:
            assert (column.unit, column.adds) == ("", "no"), (table, name)
        elif name != "year":
            assert column.unit, (table, name)
        if column.is_number and "cost_" not in name and "discounted" not in name:
            for ending, units in UNITS_OF_NAMES.items():
                assert not name.endswith(ending) or "_per_" in name or column.unit in units, (table, name)


def test_the_same_column_has_the_same_kind_in_every_table() -> None:
    """Law: a name means one thing: what is a text here is no number there; periods may be boundaries."""
    kinds: dict[str, set[str]] = {}
    for _, name, column in EVERY:
        kinds.setdefault(name, set()).add(column.kind)
    assert {name: found for name, found in kinds.items() if len(found) > 1} == {"period": {"period", "boundary"}}


@pytest.mark.parametrize(
    ("made", "kind", "unit", "adds"),
    [
        (schema.key_of("site"), "text", "", "no"),
        (schema.words("w"), "text", "", "no"),
        (schema.period(), "period", "", "no"),
        (schema.it_mw("m"), "number", "IT MW", "period"),
        (schema.facility_mw("m", "all"), "number", "facility MW", "all"),
        (schema.compute("m"), "number", "compute", "period"),
        (schema.nominal("m"), "number", "$B nominal", "all"),
        (schema.present("m", "no"), "number", "$B present value", "no"),
        (schema.figure("years", "m", empty="none"), "number", "years", "no"),
    ],
)
def test_columns_are_what_their_makers_say(made: Column, kind: str, unit: str, adds: str) -> None:
    """Kind, unit and whether the cells add up."""
    assert (made.kind, made.unit, made.adds) == (kind, unit, adds)
    assert made.is_number is (kind == "number")


def test_the_page_has_every_table_in_order_and_every_column_as_a_line() -> None:
    """Law: section by section; a line has the column, its unit, how it adds up, what empty means and its meaning."""
    page = plan_dictionary()
    places = [page.index(f"## {name} of a plan\n") for name in TABLES]
    assert all(a < b for a, b in pairwise(places))
    sections = dict(zip(TABLES, (page[a:b] for a, b in pairwise([*places, len(page)])), strict=True))
    for table, name, column in EVERY:
        (line,) = (line for line in sections[table].splitlines() if line.startswith(f"| `{name}` |"))
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        adds = column.adds if column.is_number else ""
        assert cells[2:] == [column.unit, adds, column.empty, column.meaning]
    assert tables_page().endswith(page)
