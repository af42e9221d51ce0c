"""What is enough by itself is named by itself, though it is in no limit of the conflict that was found first."""

from pathlib import Path

import pytest

from planner.case.case import CaseData
from planner.case.read import read_case
from planner.case.starter import write_starter
from planner.changes.apply import apply_changes
from planner.explain.conflict import Diagnosis, diagnose
from planner.explain.conflict_way import WayOut
from tests.explain.laws import is_met

NOTHING_ADDED = "power_regions.added_facility_mw_per_year=0"
SLOW = pytest.mark.slow


def asked(folder: Path, name: str, *changes: str) -> tuple[CaseData, Diagnosis]:
    """A shipped case, or the starter of `planner new`, with changes, and what is said of it."""
    if name == "starter":
        write_starter(folder / name)
    case = apply_changes(read_case(folder / name if name == "starter" else name), list(changes))
    return case, diagnose(case)


def named(found: Diagnosis, what: str) -> WayOut:
    """The way out of one move of that name."""
    (way,) = [way for way in found.ways if [move.what for move in way.moves] == [what]]
    return way


@pytest.mark.parametrize(
    ("name", "changes", "what"),
    [
        ("three_sites", ("offers.block_it_mw=0.06",), "blocks of all 3 offers"),
        ("three_sites", ("offers.block_it_mw=0.001",), "blocks of all 3 offers"),
        pytest.param("starter", ("energisation.facility_mw=250",), "power energised at all sites", marks=SLOW),
        pytest.param("starter", ("sites.max_it_mw=300",), "room at all 4 sites", marks=SLOW),
        pytest.param("starter", ("offers.block_it_mw=0.05",), "blocks of all 4 offers", marks=SLOW),
        pytest.param("starter", ("demand.compute=1000",), "demand of every year", marks=SLOW),
        pytest.param("starter", ("demand.compute=1500",), "demand of every year", marks=SLOW),
        pytest.param(
            "starter",
            ("power_regions.firm_facility_mw=300", NOTHING_ADDED),
            "firm power of all 4 power regions",
            marks=SLOW,
        ),
    ],
)
def test_one_change_that_is_enough_is_no_part_of_a_pair(
    name: str, changes: tuple[str, ...], what: str, tmp_path: Path
) -> None:
    """Law: it is listed, works, and half of it does not; no way of several changes has it among them."""
    case, found = asked(tmp_path, name, *changes)
    assert found.limits
    way = named(found, what)
    assert way.proven
    assert is_met(apply_changes(case, way.changes), "short")
    (move,) = way.moves
    assert 0.0 < move.not_enough < move.amount
    assert not any(len(other.moves) > 1 and what in [one.what for one in other.moves] for other in found.ways)
    assert "none is enough by itself" not in str(found)


def test_blocks_that_are_a_thousand_times_too_small_are_in_the_conflict(tmp_path: Path) -> None:
    """Law: however small a block is, it is its number on offer that keeps the demand from being met."""
    for mw in (0.06, 0.01, 0.001):
        _, found = asked(tmp_path, "three_sites", f"offers.block_it_mw={mw}")
        assert "blocks" in [limit.kind for limit in found.limits]
