"""Grades of single figures: how they are written, what they mean, and what is refused."""

from pathlib import Path

import pytest

from planner.case.grades import checked_grades, split_grades
from planner.case.read import read_case
from planner.case.rows import OfferRow
from planner.case.write import write_case
from planner.changes.apply import apply_changes
from tests.case.helpers import FILES, good_folder, spoilt, the_problem
from tests.cases import make_case


def graded(folder: Path, cell: str) -> Path:
    """Write the good case with a column of grades in its offers, the same cell in every row."""
    header, *rows = FILES["offers.csv"].splitlines()
    lines = [header + ",grade", *(f'{row},"{cell}"' for row in rows)]
    return spoilt(folder, {"offers.csv": "\n".join(lines) + "\n"})


@pytest.mark.parametrize(
    ("text", "plain", "columns"),
    [
        ("B", "B", {}),
        ("B;term_years = D", "B; term_years=D", {"term_years": "D"}),
        (
            " A ; lead_months=D;  term_years=C ",
            "A; lead_months=D; term_years=C",
            {"lead_months": "D", "term_years": "C"},
        ),
    ],
)
def test_grades_are_read(text: str, plain: str, columns: dict[str, str]) -> None:
    """Law: a cell names the grade of the row, and those of columns that differ."""
    assert checked_grades(text) == plain
    assert checked_grades(plain) == plain
    assert split_grades(plain) == (plain[0], columns)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("E", "must begin with the grade of the row, A, B, C or D"),
        ("b", "must begin"),
        ("term_years=D", "must begin"),
        ("B; term_years", "COLUMN=GRADE"),
        ("B; term_years=E", "COLUMN=GRADE"),
        ("B; =D", "COLUMN=GRADE"),
        ("B;", "COLUMN=GRADE"),
        ("B; term_years=D; term_years=C", "term_years twice"),
    ],
)
def test_other_texts_are_no_grades(tmp_path: Path, text: str, words: str) -> None:
    """Law: anything else is refused at its cell, with what would be right."""
    header, first, *rest = FILES["markets.csv"].splitlines()
    text_of = "\n".join([header + ",grade", f'{first},"{text}"', *(line + "," for line in rest)]) + "\n"
    problem = the_problem(spoilt(tmp_path, {"markets.csv": text_of}))
    assert (problem.file.rpartition("/")[2], problem.row, problem.column) == ("markets.csv", 2, "grade")
    assert words in problem.message


def test_a_figure_has_its_own_grade_else_that_of_the_row(tmp_path: Path) -> None:
    """Law: the grade of a figure is its own, else the row's; that of a row is its weakest; written, it reads back."""
    case = read_case(graded(tmp_path / "in", "B;term_years=D"))
    for row in case.rows(OfferRow):
        assert row.grade == "B; term_years=D"
        assert (row.grade_of("term_years"), row.grade_of("lead_months"), row.weakest_grade) == ("D", "B", "D")
    write_case(case, tmp_path / "out")
    assert read_case(tmp_path / "out").hash == case.hash
    ungraded = make_case().rows(OfferRow)[0]
    assert (ungraded.grade_of("term_years"), ungraded.weakest_grade) == (None, None)


def test_a_figure_that_becomes_empty_loses_its_grade(tmp_path: Path) -> None:
    """Law: a what-if that takes a figure out is not refused for the grade that the figure had."""
    case = read_case(graded(tmp_path, "B; max_blocks=C; lead_months=D"))
    changes = ["offers[shell_south].grade=B; max_blocks=C; min_blocks=D", "offers[shell_south].min_blocks="]
    assert apply_changes(case, changes).by_key(OfferRow)["shell_south"].grade == "B; max_blocks=C"


def test_the_good_folder_is_unchanged(tmp_path: Path) -> None:
    """Law: a case without grades of single figures reads as before."""
    assert read_case(good_folder(tmp_path)).hash == make_case(full=True).hash
