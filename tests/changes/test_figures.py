"""From a place to its figures: what stands there, which of them have ranges, and what is no figure."""

import pytest

from planner.case.case import key_text
from planner.changes.draft import Draft
from planner.changes.figures import Cell, Entry, figures, ranged
from planner.changes.grammar import parse_place
from planner.changes.refusals import ChangeError
from tests.case.helpers import CASE
from tests.cases import make_case

KEY = ("europe", "inference", 2028)
RANGED = CASE.replace(
    ranges={
        "demand": {KEY: {"compute": (40.0, 90.0)}, ("europe", "inference", 2027): {"compute": (1.0, 99.0)}},
        "sites": {"north": {"max_it_mw": (300.0, 500.0)}},
    }
)


def test_every_row_and_column_is_a_figure_of_its_own():
    """Law: the figures of a place are its columns row by row, each written as the place that means it alone."""
    draft = Draft(RANGED)
    found = figures(draft, parse_place("sites.pue_peak;max_it_mw_low"))
    sites = list(RANGED.index("sites"))
    assert [str(one) for one in found] == [
        f"sites[{site}].{name}" for site in sites for name in ("pue_peak", "max_it_mw_low")
    ]
    for one in found:
        assert figures(draft, parse_place(str(one))) == [one]
    assert [one.value(draft) for one in found[:2]] == [RANGED.index("sites")["north"].pue_peak, 300.0]  # type: ignore[attr-defined]


def test_a_key_of_the_model_is_one_figure():
    """Law: a key of the model is one figure, by index or by name, with the value that stands there."""
    draft = Draft(RANGED)
    by_name, by_index = (
        figures(draft, parse_place(f"model.families.redundancy.rules[{member}].k")) for member in ("any one site", "0")
    )
    (one,), (other,) = by_name, by_index
    assert isinstance(one, Entry)
    assert isinstance(other, Entry)
    assert one.path == other.path
    assert one.value(draft) == other.value(draft) == 1


@pytest.mark.parametrize("name", ["demand.compute", "demand[europe,inference,*].compute", "sites.max_it_mw;pue_peak"])
def test_the_ranges_of_a_place_are_those_of_the_case(name):
    """Law: the figures of a place that state a range are told with it, the others are not."""
    place = parse_place(name)
    found, stated = ranged(RANGED, place)
    expected = [
        (f"{place.table}[{key_text(key)}].{column}", *by_column[column])
        for key in RANGED.index(place.table)
        for by_column in [RANGED.ranges[place.table].get(key, {})]
        for column in by_column
    ]
    assert [(one.place, one.low, one.high) for one in found] == expected
    assert stated == sorted({row[0].rpartition(".")[2] for row in expected})


def test_ends_and_keys_of_the_model_have_no_ranges_themselves():
    """Law: an end of a range, and a number of the model, state none."""
    assert ranged(RANGED, parse_place("demand.compute_low"))[0] == []
    assert ranged(RANGED, parse_place("model.horizon.periods")) == ([], [])
    with pytest.raises(ChangeError, match="no row"):
        ranged(RANGED, parse_place("demand[nobody,*].compute"))


@pytest.mark.parametrize(
    ("place", "low", "high"),
    [
        ("sites[north].max_it_mw", 0.8, 1.2),
        ("sites[north].pue_peak", None, 1.2),  # not below 1
        ("offers[build_north].max_blocks", 0.75, 1.25),  # whole: 8 moves by 2
        ("model.families.redundancy.rules[0].k", 0.0, 2.0),  # whole: 1 moves by 1
    ],
)
def test_with_a_spread_every_number_moves(place: str, low: float | None, high: float):
    """Law: a figure without a range moves by a share of itself, within its limits, a whole one by at least one."""
    case = make_case(full=True)
    (one,), _ = ranged(case, parse_place(place), 0.2)
    (figure,) = figures(Draft(case), parse_place(place))
    value = figure.value(Draft(case))
    assert (one.low, one.high) == pytest.approx((1.0 if low is None else value * low, value * high))


def test_what_has_no_size_does_not_move():
    """Law: places, texts, dates and zeros do not move."""
    case = make_case(full=True)
    for place in ("sites.latitude_deg", "sites.name", "sites.earliest_date", "offers[shell_south].lead_months"):
        assert ranged(case, parse_place(place), 0.2)[0] == []


@pytest.mark.parametrize(
    ("value", "shown"), [(0.5, "0.5"), (10**5000, None), ("x", "x"), ("", "")], ids=["low", "long", "text", "empty"]
)
def test_a_value_that_is_refused_is_told_with_its_place(value, shown):
    """Law: a figure that refuses a value says which figure it is, and the value where it can be written."""
    place = "sites[north].pue_peak"
    draft = Draft(RANGED)
    (cell,) = figures(draft, parse_place(place))
    assert isinstance(cell, Cell)
    with pytest.raises(ChangeError) as caught:
        cell.give(draft, value)
    assert (caught.value.place, caught.value.value) == (place, shown)
    assert cell.value(draft) == cell.value(Draft(RANGED))
