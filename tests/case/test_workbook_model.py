"""Keys of a model by their paths, and what their cells mean."""

import pytest

from planner.case.model import Model
from planner.case.parse import CellError
from planner.case.sheets import Sheet
from planner.case.workbook_model import key_path_text, key_rows, parse_key_path, types_at, value_at
from planner.case.workbook_read import read_model_sheet
from planner.case.workbook_tree import KeyTree
from tests.cases import make_case

RULES = ("families", "redundancy", "rules", 0)


@pytest.mark.parametrize(
    "path", [("name",), RULES, (*RULES, "overrides", 12, "share"), ("families", "own", "a.b", "x-1", 3)]
)
def test_a_path_is_read_as_it_is_written(path):
    """Law: the text of a path names that path, also with points in its parts."""
    assert parse_key_path(key_path_text(path)) == path


@pytest.mark.parametrize("text", ["", ".", "a.", "a..b", "[0]", "a[", "a[x]", "a b", 'a."', "a[0]b", "a." * 30 + "b"])
def test_what_is_no_path_is_refused(text):
    """Law: a text that names no place is refused with an example."""
    with pytest.raises(CellError, match="must be the path of a key"):
        parse_key_path(text)


def test_every_key_of_the_model_has_a_row():
    """Law: every key that a model may have stands in its sheet, those not given without a value."""

    def leaves(path, kind):
        for name, field in kind.model_fields.items():
            inner = [one for one in types_at((*path, name)) if hasattr(one, "model_fields")]
            members = [one for one in types_at((*path, name, 0)) if hasattr(one, "model_fields")]
            below = [*inner, *members]
            if not below:
                yield (*path, name)
            for one in below:
                yield from leaves((*path, name) if inner else (*path, name, 0), one)
            assert field is not None

    rows = {row.path for row in key_rows(make_case().model)}
    wanted = {path for path in leaves((), Model) if path[0] != "tables"}
    covered = {path[:length] for path in rows for length in range(1, len(path) + 1)}
    assert wanted <= covered


def test_a_key_with_a_value_for_each_workload_has_a_row_for_each():
    """Law: what may be given for each workload has a row for each; one number for all stays one."""
    rows = {key_path_text(row.path): row for row in key_rows(make_case(full=True).model)}
    assert rows["families.redundancy.rules[0].critical_share"].value == 0.5
    assert rows["families.redundancy.rules[1].critical_share.training"].value == 0.2
    assert rows["families.redundancy.rules[0].pause_days.training"].value is None
    assert rows["families.redundancy.rules[0].pause_days.inference"].unit == "days"
    assert "families.redundancy.rules[0].pause_days" not in rows


VALUES = [
    ("horizon.periods", 10.0, 10),
    ("horizon.periods", "10", 10),
    ("horizon.period_months", "12;12;6", [12, 12, 6]),
    ("horizon.period_months", "12;", [12]),
    ("horizon.period_months", 12.0, 12),
    ("name", 2026.0, "2026"),
    ("title", "yes", "yes"),
    ("title", '" x"', " x"),
    ("families.budget.carry_over", "Yes", True),
    ("families.budget.carry_over", False, False),
    ("families.redundancy.rules[0].sites", "north", ["north"]),
    ("families.redundancy.rules[0].critical_share.training", "0.30000000000000004", 0.1 + 0.2),
    ("families.own.water.limit", 3.5, 3.5),
    ("families.own.water.limit", "3.5", "3.5"),
    ("families.own.water.limit", "number:3.5", 3.5),
    ("families.own.water.limit", '"number:3.5"', "number:3.5"),
]


@pytest.mark.parametrize(("key", "cell", "value"), VALUES)
def test_a_cell_means_a_value_by_the_type_of_its_key(key, cell, value):
    """Law: a cell of the model sheet means the value that its key takes."""
    assert value_at(parse_key_path(key), cell) == value


def test_a_long_number_is_no_text():
    """Law: a number of which the workbook may have lost digits is refused where a text is asked for."""
    with pytest.raises(CellError, match="15 digits"):
        value_at(("title",), 1e17)


def test_members_move_up_where_those_before_them_have_no_value():
    """Law: a rule is taken out by clearing its cells; the others keep their order, and their own cells in messages."""
    tree = KeyTree("B")
    for row, (index, share) in enumerate([(0, ""), (1, 0.5), (3, 0.7)], start=2):
        tree.add(("families", "diversity", "rules", index, "largest_share"), share, row)
    data, rows = tree.model_data()
    shares = [rule["largest_share"] for rule in data["families"]["diversity"]["rules"]]
    assert shares == [0.5, 0.7]
    assert rows["families", "diversity", "rules", 1, "largest_share"] == 4


def test_a_model_sheet_needs_its_two_columns():
    """Law: without the columns of keys and values nothing of the sheet is guessed."""
    read = read_model_sheet(Sheet("model", [["key", "unit"], ["name", "x"]]), "my.xlsx, sheet model", [])
    (problem,) = read.problems
    assert "the header must name the columns key and value" in problem.message
