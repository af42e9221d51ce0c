"""Each operation changes what it says, and nothing else; what cannot be done is told with the nearest match."""

from datetime import date

import pytest

from planner.case.case import CaseData
from planner.case.check import check_case
from planner.changes.apply import apply_whatif, make_whatif
from planner.changes.describe import edits
from planner.errors import CaseError
from tests.cases import make_case


@pytest.fixture(scope="module")
def full() -> CaseData:
    """The tiny case with every table and every family."""
    return make_case(full=True)


def places(case, *changes) -> dict[str, tuple[str, str]]:
    """Return what the changes come to, by place."""
    changed = apply_whatif(case, make_whatif(list(changes)))
    return {edit.place: (edit.old, edit.new) for edit in edits(case, changed.data)}


def refusal(case, *changes) -> str:
    """Return the message with which the changes are refused."""
    with pytest.raises(CaseError) as caught:
        apply_whatif(case, make_whatif(list(changes)))
    return str(caught.value)


def test_set_by_key_filter_and_model(full):
    """`set` reaches rows by key, by their columns and by the rows they name, and keys of the model."""
    assert places(full, {"op": "set", "table": "sites", "key": "north", "column": "max_it_mw", "value": 99}) == {
        "sites[north].max_it_mw": ("400", "99")
    }
    by_region = {
        "op": "set",
        "table": "offers",
        "where": {"site.power_region": "west"},
        "column": "max_blocks",
        "value": 3,
    }
    assert set(places(full, by_region)) == {"offers[build_north].max_blocks", "offers[shell_south].max_blocks"}
    by_years = {"op": "set", "table": "demand", "column": "compute", "value": 1, "where": {
        "market": "europe", "year": {"from": 2027, "to": 2028}}}  # fmt: skip
    assert set(places(full, by_years)) == {
        "demand[europe,inference,2027].compute",
        "demand[europe,inference,2028].compute",
    }
    rule = {"op": "set", "model": "families.redundancy.rules[any one site].critical_share", "value": 0.25}
    assert places(full, rule) == {"model.families.redundancy.rules[any one site].critical_share": ("0.5", "0.25")}


def test_a_text_is_a_change_as_after_set(full):
    """The short form of the command line works in Python and means the same."""
    assert places(full, "sites[north].max_it_mw=99", "model.horizon.periods=3") == {
        "sites[north].max_it_mw": ("400", "99"),
        "model.horizon.periods": ("4", "3"),
    }


def test_scale_rounds_whole_numbers_down_and_skips_what_is_not_given(full):
    """Blocks stay whole; rows without the figure are left alone; ranges move with their figures."""
    changed = places(full, {"op": "scale", "table": "offers", "column": "max_blocks", "factor": 0.7})
    assert {new for _, new in changed.values()} == {"5"}
    rents = places(full, {"op": "scale", "table": "offers", "column": "rent_musd_per_mw_year", "factor": 2})
    assert rents == {
        "offers[shell_south].rent_musd_per_mw_year": ("2", "4"),
        "offers[cloud_east].rent_musd_per_mw_year": ("11", "22"),
    }
    assert places(full, {"op": "scale", "model": "families.budget.backup_envelope_busd", "factor": 0.5}) == {
        "model.families.budget.backup_envelope_busd": ("100", "50")
    }
    ranged = full.replace(ranges={"sites": {"north": {"max_it_mw": (300.0, 500.0)}}})
    half = apply_whatif(ranged, make_whatif({"op": "scale", "table": "sites", "column": "max_it_mw", "factor": 0.5}))
    assert half.data.ranges["sites"]["north"]["max_it_mw"] == (150.0, 250.0)


def test_set_to_the_end_of_a_range():
    """`to` takes the low or high end that the case states, only where it states one."""
    case = make_case(full=True).replace(ranges={"sites": {"north": {"max_it_mw": (300.0, 500.0)}}})
    low = {"op": "set", "table": "sites", "column": "max_it_mw", "to": "low"}
    assert places(case, low) == {"sites[north].max_it_mw": ("400", "300")}
    assert "states a range" in refusal(make_case(full=True), low)


def test_cap_and_floor(full):
    """`cap` lowers what is above and gives a limit where there is none; `floor` raises what is below."""
    cap = {"op": "cap", "table": "providers", "column": "first_year_it_mw", "value": 100}
    assert {new for _, new in places(full, cap).values()} == {"100"}
    assert len(places(full, cap)) == 3
    floor = {"op": "floor", "table": "offers", "column": "rent_musd_per_mw_year", "value": 5}
    assert places(full, floor) == {"offers[shell_south].rent_musd_per_mw_year": ("2", "5")}


def test_shift_moves_what_lies_ahead(full):
    """A site moves with its steps of power and its options; what has happened by the start stays."""
    assert places(full, {"op": "shift", "table": "sites", "key": "north", "months": 12}) == {
        "energisation[north,2027-07-01]": ("a row", ""),
        "energisation[north,2028-07-01]": ("", "facility_mw 500"),
    }
    changed = apply_whatif(full, make_whatif({"op": "shift", "table": "chips", "key": "custom", "months": 18})).data
    assert changed.index("chips")["custom"].first_date == date(2028, 7, 1)  # type: ignore[attr-defined]
    supply = {year: changed.index("chip_supply")["custom", year].it_mw for year in (2026, 2027, 2028, 2029)}  # type: ignore[attr-defined]
    assert supply == {2026: 0.0, 2027: 100.0, 2028: 200.0, 2029: 200.0}
    still = {"op": "shift", "table": "chips", "key": "merchant", "months": 12}
    assert "nothing moves" in refusal(full, still)
    assert apply_whatif(full, make_whatif({**still, "if_any": True})).data == full
    far = {"op": "shift", "table": "chips", "key": "custom", "months": 600}
    assert "years 1900 to 2200" in refusal(full, far, far, far, far)


def test_drop_takes_with_it_what_cannot_stand_alone(full):
    """A provider goes with its offers and their contracts; a chip with its supply, and out of the offers."""
    assert set(places(full, {"op": "drop", "table": "providers", "key": "clouds"})) == {
        "providers[clouds]", "offers[cloud_east]", "contracts[signed_cloud]", "financing[host]",
        "risks[cancelled].providers",
    }  # fmt: skip
    custom = places(full, {"op": "drop", "table": "chips", "key": "custom"})
    assert custom["offers[build_north].chips"] == ("merchant;custom", "merchant")
    assert "chip_supply[custom,2026]" in custom
    assert {"risks[chip_late]", "risks[bring_up]"} <= set(custom)  # a risk of nothing is none
    assert "signed_cloud" in refusal(full, {"op": "drop", "table": "chips", "key": "merchant"})
    assert "give key or where" in refusal(full, {"op": "drop", "table": "sites"})


def test_add_a_row(full):
    """A new row has every column it needs, and a key of its own."""
    row = {"site": "south", "date": date(2028, 1, 1), "facility_mw": 700}
    assert places(full, {"op": "add", "table": "energisation", "row": row}) == {
        "energisation[south,2028-01-01]": ("", "facility_mw 700")
    }
    assert "needs" in refusal(full, {"op": "add", "table": "energisation", "row": {"site": "south"}})
    twice = {"site": "south", "date": "2026-01-01", "facility_mw": 1}
    assert "already" in refusal(full, {"op": "add", "table": "energisation", "row": twice})


def test_relax_takes_limits_away(full):
    """A key, a rule, a section, an optional column; the last rule takes its section along."""
    gone = apply_whatif(full, make_whatif([
        {"op": "relax", "model": "families.redundancy.rules[any one site]"},
        {"op": "relax", "model": "families.diversity.rules[0]"},
        {"op": "relax", "model": "families.budget.primary_envelope_busd"},
        {"op": "relax", "table": "offers", "column": "last_start"},
    ])).data  # fmt: skip
    families = gone.model.families
    assert families.redundancy is not None
    assert [rule.name for rule in families.redundancy.rules] == ["any one provider"]
    assert families.diversity is None
    assert families.budget is not None
    assert families.budget.primary_envelope_busd is None
    assert all(offer.last_start is None for offer in gone.tables["offers"])  # type: ignore[attr-defined]
    assert "must be given" in refusal(full, {"op": "relax", "table": "offers", "column": "max_blocks"})
    assert "limits nothing" in refusal(full, {"op": "relax", "model": "families.site_opening.open_exactly"})


BLOCKS = {"op": "set", "table": "offers", "column": "max_blocks", "value": 1}


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"op": "scale", "table": "ofers", "column": "max_blocks", "factor": 2}, "did you mean 'offers'"),
        ({"op": "scale", "table": "offers", "column": "max_block", "factor": 2}, "did you mean 'max_blocks'"),
        ({"op": "scale", "table": "offers", "column": "name", "factor": 2}, "holds text"),
        ({"op": "scale", "table": "offers", "column": "max_blocks"}, "give factor"),
        ({"op": "set", "table": "offers", "column": "offer", "value": "x"}, "part of the key"),
        ({"op": "set", "table": "offers", "column": "max_blocks", "value": 1.5}, "whole number"),
        ({"op": "set", "table": "offers", "column": "max_blocks", "value": True}, "whole number"),
        ({**BLOCKS, "key": "cloud_est"}, "did you mean 'cloud_east'"),
        ({**BLOCKS, "where": {"provider": "cloud"}}, "'clouds'"),
        ({**BLOCKS, "where": {"name.x": "1"}}, "names no row"),
        ({"op": "set", "model": "families.bugdet.basis", "value": "burn"}, "did you mean 'budget'"),
        ({"op": "set", "model": "tables.sites", "value": "/etc/passwd"}, "already read"),
        ({"op": "set", "model": "families.power.utilisation", "value": 7}, "at most 1"),
        ({"op": "relax", "model": "families.redundancy.rules[any site]"}, "did you mean 'any one site'"),
        ({"op": "force", "site": "nort", "by": 2027}, "did you mean 'north'"),
        ({"op": "force", "offer": "cloud_east", "by": 2099}, "2026 to 2029"),
        ({"op": "force", "offer": "cloud_east", "by": 2027, "blocks": 99}, "at most 8"),
    ],
)  # fmt: skip
def test_refusals_name_the_nearest(full, change, part):
    """A change that cannot be made is refused with what would be right."""
    assert part in refusal(full, change)


def test_all_changes_are_tried_before_any_is_reported(full):
    """Two wrong changes are two problems; a changed case is checked as a whole."""
    wrong = {"op": "set", "table": "nowhere", "column": "x", "value": 1}
    assert "2 problems" in refusal(full, wrong, wrong)
    assert "cannot be below" in refusal(full, "energisation[north,2027-07-01].facility_mw=1")


def test_applying_leaves_the_case_alone(full):
    """The case is the same before and after, and a what-if without changes gives the case itself."""
    before = full.hash
    changed = apply_whatif(full, make_whatif({"op": "scale", "table": "demand", "column": "compute", "factor": 0.5}))
    assert full.hash == before != changed.data.hash
    assert check_case(changed.data) == []
    assert apply_whatif(full, make_whatif([])).data is full
