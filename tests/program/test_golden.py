"""The program as text, family by family."""

import pytest

from planner.program.families import FAMILIES
from tests.program.golden_cases import CASES, FORMS, GOLDEN, family_of, golden_text

MADE = "python -m tests.program.golden_cases"


def golden(family):
    """Return the golden file of a family; where it has none, say how it is made."""
    assert family in CASES or family in FORMS, (
        f"the family {family} has no case: add one to CASES of tests/program/golden_cases.py"
    )
    path = GOLDEN / f"{family}.lp"
    assert path.is_file(), f"{path.name} is missing: {MADE} {family}, and read what it wrote"
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("family", [*CASES, *FORMS])
def test_the_rows_of_a_family_are_those_of_its_golden_file(family):
    """What a family declares does not change unnoticed: its LP rows are the ones that were looked at and kept."""
    assert golden_text(family) == golden(family), f"if the change is meant: {MADE} {family}, and read the difference"


@pytest.mark.parametrize("family", [family.name for family in FAMILIES])
def test_every_family_has_a_golden_file_with_its_rows(family):
    """No family goes without a golden file, and each file holds rows of its own family only."""
    text = golden(family)
    names = [line[:-1] for line in text.splitlines() if line.endswith(":")]
    assert names
    assert {family_of(f"{name}") for name in names} == {family}
    assert text.count("\n") < 200


def test_no_golden_file_is_left_over():
    """Each golden file belongs to a family that is there, or to a form of its rules."""
    assert {path.stem for path in GOLDEN.glob("*.lp")} == {*FORMS, *(family.name for family in FAMILIES)}
