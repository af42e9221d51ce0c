"""A case as a workbook: read back it is the same case, and another program finds text, numbers, dates and choices."""

import dataclasses
import json
from datetime import date, datetime

import pytest
from openpyxl.utils import get_column_letter

from planner.api import Case
from planner.case.case import CaseData
from planner.case.model import Model
from planner.case.parse import columns_of
from planner.case.read import read_case
from planner.case.workbook_write import workbook_content, write_workbook
from planner.case.write import table_text, write_case
from planner.errors import PlannerError
from planner.system.resources import shipped_models
from tests.case.workbooks import HEADER, cell, opened, three_sites, value_of
from tests.cases import make_case
from tests.reference.rich_cases import HORIZON, sound_draws

OWN = {
    "a.b": {
        "k.1": True,
        "whole": 3,
        "digits": 0.1 + 0.2,
        "text": "3",
        "empty": "",
        "quoted": '"x"',
        "looks": "number:3",
        "braces": "{}",
        "list": [1, "a", 0.5],
        "no_members": [],
        "one": ["x"],
        "keys": {"x": False, "y.z": "yes", "z": 1e24},
        "no_keys": {},
    },
    "none": {},
}
HOSTILE = {
    "name": '=HYPERLINK("http://example.org","x")',
    "source": "@SUM(A1)",
    "notes": "'quoted\r\nand <script>alert(1)</script> \u200f " + "x" * 500,
}


def rich_case() -> CaseData:
    """A case with every table and family, ranges, columns and sections of the user's own, and texts from strangers."""
    case = make_case(full=True)
    data = json.loads(case.model.model_dump_json(exclude_none=True))
    data |= {"title": "=cmd()|'/c calc'!A0", "description": ' "spaces"\r\n_x000D_ \u200f<b> \t@x '}
    data["compute_unit"] = '""'
    data["families"]["own"] = OWN
    data["families"]["redundancy"]["rules"][0]["name"] = "-1+1"
    data["horizon"]["period_months"] = [12, 12, 12, 12]
    data["forced"] = [{"site": case.tables["sites"][0].site, "by": 2027}]
    first, *others = case.tables["sites"]
    first = first.model_copy(update={**HOSTILE, "opening_cost_busd": 0.1 + 0.2, "as_of": date(1850, 1, 1)})
    case = case.replace(
        model=Model.model_validate_json(json.dumps(data), strict=True),
        tables={"sites": (first, *others)},
        ranges={"sites": {first.site: {"max_it_mw": (1.0, 1e5 / 3)}}},
    )
    own = {"x_id": "007", "x_formula": "=1+1", "x_long": "1234567890123456789"}
    return dataclasses.replace(case, own={"sites": {first.site: own}})


def assert_exact(case, file):
    """Write a case as a workbook, read it, and write that again."""
    content = workbook_content(case)
    file.write_bytes(content)
    back = read_case(file)
    assert back == case
    assert back.present == case.present
    assert {name: dict(rows) for name, rows in back.own.items()} == {n: dict(rows) for n, rows in case.own.items()}
    assert [table_text(back, name) for name in back.present] == [table_text(case, name) for name in back.present]
    assert workbook_content(back) == content
    return back


def test_a_rich_case_comes_back_as_it_was(tmp_path):
    """Law: workbook -> case -> workbook is exact: every table, key, range, own column, digit and sign of a text."""
    assert_exact(rich_case(), tmp_path / "case.xlsx")


@pytest.mark.slow
@pytest.mark.parametrize("name", shipped_models())
def test_a_shipped_case_comes_back_as_it_was(name, tmp_path):
    """Law: each shipped case is the same from a workbook as from its folder, and so is a folder made of that."""
    case = read_case(name)
    back = assert_exact(case, tmp_path / "case.xlsx")
    write_case(back, tmp_path / "folder")
    assert read_case(tmp_path / "folder") == case


@pytest.mark.slow
def test_a_case_from_a_workbook_has_the_same_plan(tmp_path):
    """Law: reading, changing and solving a case do not depend on where it was read from."""
    case = Case.read("three_sites", ["sites[north].max_it_mw=70"])
    Case.read("three_sites").write(tmp_path / "case.xlsx")
    other = Case.read(tmp_path / "case.xlsx", ["sites[north].max_it_mw=70"])
    assert other == case
    assert other.solve(gap=0.0) == case.solve(gap=0.0)


@pytest.mark.slow
def test_texts_of_strangers_are_texts_to_another_program():
    """Law: no cell is a formula or a link, whatever its text begins with, and each text is there in full."""
    book = opened(workbook_content(rich_case()))
    kinds = {one.data_type for sheet in book for row in sheet.iter_rows() for one in row}
    assert kinds <= {"s", "n", "d", "b"}
    assert not [one for sheet in book for row in sheet.iter_rows() for one in row if one.hyperlink]
    for column, text in HOSTILE.items():
        found = cell(book["sites"], HEADER + 1, column)
        assert found.value.replace("_x000D_", "\r") == text
        assert found.data_type == "s"
        assert found.quotePrefix == text.startswith(("=", "@", "'"))
    assert value_of(book["model"], "title").data_type == "s"
    assert book["README"]["A2"].data_type == "s"


@pytest.mark.slow
def test_values_have_the_types_of_a_workbook():
    """Law: numbers, dates and texts are such; names are protected, data are not; units and meanings are stated."""
    book = opened(three_sites())
    sites = book["sites"]
    assert cell(sites, HEADER + 1, "max_it_mw").value == 200
    assert cell(sites, HEADER + 1, "earliest_date").value == datetime(2026, 1, 1)
    assert cell(sites, HEADER + 1, "site").number_format == "@"
    assert value_of(book["model"], "horizon.start").value == datetime(2026, 1, 1)
    for name in (*read_case("three_sites").present, "model"):
        sheet = book[name]
        assert sheet.protection.sheet
        assert not sheet.protection.password
    assert cell(sites, HEADER, "max_it_mw").protection.locked
    assert not cell(sites, HEADER + 1, "max_it_mw").protection.locked
    assert sites.cell(1, cell(sites, HEADER, "max_it_mw").column).value == "IT MW"
    assert "Largest IT MW" in cell(sites, HEADER, "max_it_mw").comment.text


@pytest.mark.slow
def test_the_values_that_are_allowed_are_offered():
    """Law: words, yes and no, and keys of other sheets are offered; numbers have the limits of their columns."""
    book = opened(workbook_content(make_case(full=True)))
    rules = {
        (name, next(iter(rule.sqref.ranges)).min_col): rule
        for name in book.sheetnames
        for rule in book[name].data_validations.dataValidation
        if name != "model"
    }

    def rule(table, column):
        return rules[table, cell(book[table], HEADER, column).column]

    assert rule("offers", "tenure").formula1 == '"build,shell,cloud"'
    assert rule("offers", "roles").formula1 == '"primary,backup,primary;backup"'
    assert rule("sites", "available").formula1 == '"yes,no"'
    assert rule("offers", "site").formula1.startswith("'sites'!$A$3:$A$")
    assert (float(rule("sites", "pue_peak").formula1), float(rule("sites", "pue_peak").formula2)) == (1.0, 5.0)
    assert rule("demand", "year").type == "whole"
    for (name, number), found in rules.items():
        column = columns_of(name)[book[name].cell(HEADER, number).value.removesuffix("_low").removesuffix("_high")]
        first = book[name][f"{get_column_letter(number)}{HEADER + 1}"]
        assert str(first.coordinate) in found.sqref
        if column.choices and column.kind == "text":
            assert found.formula1 == f'"{",".join(column.choices)}"'
    of_model = {str(one.sqref): one.formula1 for one in book["model"].data_validations.dataValidation}
    assert of_model[value_of(book["model"], "objective.salvage").coordinate] == '"none,straight_line"'
    assert of_model[value_of(book["model"], "families.carbon").coordinate] == '"yes,no"'


def test_what_no_workbook_can_hold_is_refused_by_its_cell(tmp_path):
    """Law: a text longer than a cell, or with a sign that no workbook has, is refused, and nothing is written."""
    case = read_case("three_sites")
    first, *others = case.tables["sites"]
    for text, words in (("x" * 32_768, "at most 32,767"), ("a\uffff", "\\uffff")):
        changed = case.replace(tables={"sites": (first.model_copy(update={"notes": text}), *others)})
        with pytest.raises(PlannerError, match="sheet sites, row 3") as caught:
            write_workbook(changed, tmp_path / "case.xlsx")
        assert words in str(caught.value)
        assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("number", [*range(0, 24, 3), *range(HORIZON, HORIZON + 12, 3)])
def test_a_random_case_comes_back_as_it_was(number, tmp_path):
    """Law: the round trip is exact for random cases with every rule, with calendars of their own too."""
    assert_exact(next(sound_draws(number)), tmp_path / "case.xlsx")
