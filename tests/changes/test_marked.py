"""Warnings of a changed case say which of their figures are not those of its files."""

from planner.case.check import warnings_of
from planner.case.read import read_case
from planner.changes.apply import apply_changes
from planner.changes.marked import CHANGED, is_changed_key, warnings_marked


def test_warnings_of_changed_figures_say_so_and_others_do_not() -> None:
    """Law: just the warnings at a figure that a change moved are marked; without changes none is."""
    before = apply_changes(read_case("three_sites"), ["offers[east_cloud].rent_musd_per_mw_year=1e5"])
    case = apply_changes(before, ["offers[north_cloud].rent_musd_per_mw_year=2e5"])
    plain = warnings_of(case)
    marked = warnings_marked(plain, before, case)
    assert len(marked) == len(plain) > 1
    for warning, one in zip(plain, marked, strict=True):
        moved = "offers[north_cloud]" in warning.message
        assert one.message == warning.message + (CHANGED if moved else "")
    assert sum(one.message.endswith(CHANGED) for one in marked) == 1
    assert warnings_marked(plain, case, case) == plain


def test_a_key_of_a_section_that_is_not_there_is_compared_with_its_section() -> None:
    """Law: a key below what is no section is changed just if what stands above it is."""
    assert not is_changed_key("horizon.tail.period_months", {"horizon": {"tail": None}}, {"horizon": {"tail": None}})
    assert is_changed_key("horizon.tail.period_months", {"horizon": {"tail": {}}}, {"horizon": {"tail": None}})
