"""Figures that are wrong in every row, such as those in another unit: one change of the whole column is a way out."""

from dataclasses import replace

import pytest

from planner.case.read import read_case
from planner.changes.apply import apply_changes
from planner.changes.describe import Edit
from planner.explain.conflict import diagnose
from planner.explain.conflict_way import WayOut, without_wider
from tests.explain.laws import half_of, is_met
from tests.explain.planted import DAY, Changes, roomy
from tests.length import thinned

IN_GW: list[tuple[Changes, str]] = [
    (["sites.max_it_mw=0.2"], "room at all 3 sites higher by"),
    (
        ["energisation[north,2025-01-01].facility_mw=0.25", "energisation[east,2025-01-01].facility_mw=0.25"],
        "power energised at east and north higher by",
    ),
    (
        [
            {"op": "add", "table": "chip_supply", "row": {"chip": "standard", "year": year, "it_mw": 0.2, **DAY}}
            for year in (2026, 2027)
        ],
        "supply of standard in every year higher by",
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize(("changes", "title"), thinned(IN_GW, 3, unpack=True))
def test_a_column_in_another_unit_is_mended_by_one_change(changes: Changes, title: str) -> None:
    """Law: where both years and several rows are short, all rows higher is a way out, by more than 100 times."""
    case = apply_changes(read_case("three_sites"), changes)
    found = diagnose(case)
    way = next(one for one in found.ways if one.title.startswith(title))
    assert way.proven
    assert way.moves[0].amount > 100.0
    assert is_met(apply_changes(case, way.changes), found.verdict)
    half = half_of(way)
    assert half
    assert not is_met(apply_changes(case, half), found.verdict)
    moved = {one.place: float(one.new) for one in way.edits}
    for other in found.ways:
        if other is not way and other.meets_everything == way.meets_everything:
            there = {one.place: one.new for one in other.edits}
            assert not all(place in there and float(there[place]) >= new for place, new in moved.items()), other.title


def way_out(*factors: float, proven: bool = True, meets_everything: bool | None = True) -> WayOut:
    """A way out that multiplies the power of one site after the other, each by its factor; by 1: not this one."""
    moved = [(f"energisation[{n}].facility_mw", factor) for n, factor in enumerate(factors) if factor != 1.0]
    edits = tuple(Edit(place, "40", f"{40.0 * factor:.6g}") for place, factor in moved)
    return WayOut(f"{factors}", (), [], edits, proven, meets_everything)


def test_the_same_factor_on_more_than_is_needed_is_not_listed() -> None:
    """Law: of ways out that move the same figures as far, to 2 %, the one that moves no others is listed, once."""
    few, same, wide, less = way_out(2.0, 1.0), way_out(2.01, 1.0), way_out(1.99, 1.99), way_out(1.9, 1.9)
    assert without_wider([few, wide]) == without_wider([wide, few]) == [few]
    assert without_wider([few, same]) == [few]
    assert without_wider([few, less]) == [few, less]
    assert without_wider([way_out(2.0, 1.0), way_out(1.0, 2.0)]) == [way_out(2.0, 1.0), way_out(1.0, 2.0)]


def test_of_two_that_change_the_same_the_one_made_of_fewer_changes_is_listed() -> None:
    """Law: where two ways out change the same figures equally far, the one that names no more than these is listed."""
    one = replace(way_out(2.0), title="power at a", changes=[{}])
    many = replace(way_out(2.0), title="the site and its power", changes=[{}, {}, {}])
    farther = replace(way_out(2.2), title="more power at a", changes=[{}])
    assert without_wider([many, one]) == without_wider([one, many]) == [one]
    assert without_wider([many, farther]) == [many]
    assert without_wider([replace(one, meets_everything=False), many]) == [replace(one, meets_everything=False), many]


@pytest.mark.parametrize(("proven", "meets_everything"), [(False, True), (True, None), (True, False)])
def test_a_way_out_of_which_more_is_proven_is_kept(proven: bool, meets_everything: bool | None) -> None:
    """Law: none that is proven, or meets everything, is left out for one of which that is not known."""
    few, wide = way_out(2.0, 1.0, proven=proven, meets_everything=meets_everything), way_out(2.0, 2.0)
    assert without_wider([few, wide]) == [few, wide]


def test_more_power_begins_with_the_step_that_is_moved() -> None:
    """Law: where the last step is in force in earlier years too, more of it allows more in those years, and says so."""
    case = apply_changes(
        read_case("three_sites"), ["energisation.facility_mw=100", "energisation[east,2025-01-01].facility_mw=1"]
    )
    found = diagnose(case)
    assert found.limits[0].period == "2027"
    assert any(one.title.startswith("power energised at east from 2026 on") for one in found.ways), found.ways


@pytest.mark.slow
def test_the_figures_of_a_way_out_are_figures() -> None:
    """Law: what a way out changes is shown without sources, which change where a step comes to the day of another."""
    steps = [("2026-07-01", 50.0, "one"), ("2027-01-01", 170.0, "another")]
    rows = [{**DAY, "site": "east", "date": date, "facility_mw": mw, "source": source} for date, mw, source in steps]
    late: Changes = [
        "energisation[east,2025-01-01].facility_mw=0", "energisation[south,2025-01-01].facility_mw=0",
        *({"op": "add", "table": "energisation", "row": row} for row in rows),
    ]  # fmt: skip
    found = diagnose(apply_changes(roomy(), late))
    earlier = next(one for one in found.ways if one.title.startswith("site east, its power and its offers earlier"))
    assert any(one.place == "energisation[east,2026-07-01].facility_mw" for one in earlier.edits)
    shown = {one.place.rpartition(".")[2] for way in found.ways for one in way.edits}
    assert not shown & {"source", "as_of", "grade", "notes"}
