"""Places of figures that the run changed, years of a tail, numbers of years in words."""

import pytest

from planner.case.read import read_case
from planner.changes.apply import apply_changes
from planner.changes.marked import is_changed_key
from planner.errors import InfeasibleError
from planner.explain.conflict import diagnose
from planner.explain.conflict_changed import with_changes_marked
from planner.explain.conflict_lever import of_year
from planner.inputs import make_inputs
from tests.explain.planted import NO_RULES, _forced, roomy


def test_places_of_changed_figures_say_so_and_others_do_not() -> None:
    """Law: just the figures that differ from those of the files are marked, in words and in the document."""
    before = roomy()
    case = apply_changes(before, [*NO_RULES, "sites[north].max_it_mw=10", "sites[south].max_it_mw=10"])
    case = apply_changes(case, ["sites[east].max_it_mw=11"])
    found = with_changes_marked(diagnose(case, ways=False), apply_changes(before, ["sites[east].max_it_mw=11"]), case)
    (room,) = (one for one in found.limits if one.kind == "site")
    assert {place.message.removesuffix(": ") for place in room.changed} == {"sites[north]", "sites[south]"}
    assert "sites.csv rows 2, 4, max_it_mw, changed by --set" in str(room)
    assert "sites.csv row 3, max_it_mw" in str(room)
    places = next(one["places"] for one in found.document()["limits"] if one["kind"] == "site")
    assert {place["row"]: place["changed"] for place in places} == {2: True, 3: False, 4: True}
    assert not any(one.changed for one in found.limits if one.kind == "demand")


def test_a_row_that_the_files_do_not_have_is_changed() -> None:
    """Law: every figure of a row that the run added is one that no file has."""
    row = {"chip": "standard", "year": 2026, "it_mw": 10.0, "source": "assumed", "as_of": "2026-01-01", "grade": "D"}
    case = apply_changes(roomy(), [*NO_RULES, {"op": "add", "table": "chip_supply", "row": row}])
    found = with_changes_marked(diagnose(case, ways=False), roomy(), case)
    (supply,) = (one for one in found.limits if one.kind == "supply")
    assert supply.changed == supply.places
    assert "changed by --set" in str(supply)


def test_the_last_year_is_named_with_the_tail_that_has_its_figures() -> None:
    """Law: where a change of the last year's rows changes the tail, it is called so; other years never are."""
    case = read_case("three_sites")
    inputs = make_inputs(case)
    assert [of_year(inputs, year) for year in (2026, 2027)] == ["of 2026", "of 2027"]
    with_tail = make_inputs(apply_changes(case, ["model.horizon.tail={period_months=[12]}"]))
    assert [of_year(with_tail, year) for year in (2026, 2027)] == ["of 2026", "of 2027 and of the tail"]
    assert of_year(with_tail, 2027, "in") == "in 2027 and in the tail"


@pytest.mark.slow
def test_keys_of_the_model_that_the_run_changed_are_marked() -> None:
    """Law: a member of a list of the model is marked if the files have none like it, wherever it stood in the list."""
    before = apply_changes(roomy(), [_forced(1, "east_cloud")])
    case = apply_changes(before, [_forced(6), "sites[north].max_it_mw=50"])
    error = InfeasibleError("no plan", case=case)
    found = error.diagnosed_within(60.0, before)
    assert error.known_diagnosis == found
    assert {(one.kind, bool(one.changed)) for one in found.limits} == {("forced", True), ("site", True)}
    before = apply_changes(roomy(), [_forced(6)])
    case = apply_changes(before, ["sites[north].max_it_mw=50"])
    found = with_changes_marked(diagnose(case, ways=False), before, case)
    assert {(one.kind, bool(one.changed)) for one in found.limits} == {("forced", False), ("site", True)}


def test_a_section_of_the_model_is_marked_if_anything_in_it_differs() -> None:
    """Law: what stands at a key of the model is compared, of a section all of it, of a condition with dots too."""
    count = "model.families.site_opening.open_at_most=1"
    before = apply_changes(roomy(), ["sites.max_it_mw=180"])
    case = apply_changes(before, [count])
    found = with_changes_marked(diagnose(case, ways=False), before, case)
    assert {one.kind: bool(one.changed) for one in found.limits if one.kind in {"count", "redundancy"}} == {
        "count": True, "redundancy": False,
    }  # fmt: skip
    assert is_changed_key("families.financing.conditions.a.b", *(_condition(value) for value in (True, False)))
    assert not is_changed_key("families.financing.conditions.a.b", *(_condition(value) for value in (True, True)))


def _condition(value: bool) -> dict[str, object]:
    return {"families": {"financing": {"conditions": {"a.b": value}}}}


def test_a_price_that_was_changed_is_named_beside_a_limit_of_cash() -> None:
    """Law: what the run changed and no limit names is named where money is short, and nothing else is."""
    before = read_case("three_sites")
    rent = "offers[east_cloud].rent_musd_per_mw_year"
    case = apply_changes(before, [f"{rent}=110", "budget.cash_limit_busd=1.5"])
    found = with_changes_marked(diagnose(case, ways=False), before, case)
    cash = [one for one in found.limits if one.kind == "cash"]
    assert cash
    assert all(one.changed for one in cash)
    assert rent in found.changed_elsewhere
    assert found.document()["changed_elsewhere"] == list(found.changed_elsewhere)
    assert not {f"budget[{one.period}].cash_limit_busd" for one in cash} & set(found.changed_elsewhere)
    assert f"Changed by --set, in no limit: {rent}" in str(found)
    room = apply_changes(roomy(), [*NO_RULES, "sites.max_it_mw=20"])
    assert with_changes_marked(diagnose(room, ways=False), roomy(), room).changed_elsewhere == ()


def test_how_much_a_demand_needs_is_named_where_the_run_changed_it() -> None:
    """Law: compute per IT MW is in no limit, though demand needs it; a price beside it is not named."""
    changes = ["chips[standard].inference_compute_per_it_mw=0.01", "offers[north_cloud].rent_musd_per_mw_year=9"]
    case = apply_changes(roomy(), [*NO_RULES, "budget[2026].cash_limit_busd=1000", *changes])
    found = with_changes_marked(diagnose(case, ways=False), roomy(), case)
    assert not {"cash", "envelope"} & {one.kind for one in found.limits}
    assert found.changed_elsewhere == ("chips[standard].inference_compute_per_it_mw",)
