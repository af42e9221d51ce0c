"""The steps of energisation that a conflict names are those on which the power of the period rests."""

import pytest

from planner.case.read import read_case
from planner.case.rows import EnergisationRow
from planner.changes.apply import apply_changes
from planner.explain.conflict_energised import steps_that_count
from planner.inputs import make_inputs


@pytest.mark.parametrize("rule", ["time_average", "throughout"])
@pytest.mark.parametrize("dates", ["base", "high"])
def test_the_steps_named_are_those_on_which_the_power_rests(rule, dates) -> None:
    """Law: the power of a site in a period changes with a step just if the step is named; where there is none, none."""
    horizon = [f'model.horizon.energisation="{rule}"', f'model.horizon.energisation_dates="{dates}"']
    ends = {"date_low": "2026-12-01", "date_high": "2027-04-01"}
    steps = [
        {"op": "add", "table": "energisation", "row": {"site": "north", "date": date, "facility_mw": mw, **more,
         "source": "assumed", "as_of": "2026-01-01", "grade": "D"}}
        for date, mw, more in (("2026-07-01", 300.0, {}), ("2027-01-01", 400.0, ends), ("2027-09-01", 500.0, {}))
    ]  # fmt: skip
    case = apply_changes(read_case("three_sites"), [*horizon, *steps, "model.horizon.periods=2"])
    inputs = make_inputs(case)
    moved = {
        row.key: make_inputs(
            apply_changes(case, [f"energisation[{','.join(map(str, row.key))}].facility_mw={row.facility_mw - 1.0}"])
        )
        for row in case.rows(EnergisationRow)
    }
    named = 0
    for site, limits in inputs.site_facility_limit_gw.items():
        for t, limit in enumerate(limits):
            found = {row.key for row in steps_that_count(case, inputs, site, t)}
            changed = {key for key, other in moved.items() if other.site_facility_limit_gw[site][t] != limit}
            assert found == changed, (site, t)
            named += len(found)
    assert named == (6 if rule == "throughout" else 8 + (dates == "high"))


def test_before_the_first_step_that_step_is_named() -> None:
    """Law: where nothing is energised yet in a period, the first step is what comes too late."""
    late = ["energisation[south,2025-01-01].date_low=2025-01-01", "energisation[south,2025-01-01].date_high=2027-03-01"]
    case = apply_changes(read_case("three_sites"), [*late, 'model.horizon.energisation_dates="high"'])
    (row,) = (row for row in case.rows(EnergisationRow) if row.site == "south")
    inputs = make_inputs(case)
    assert inputs.site_facility_limit_gw["south"][0] == 0.0
    assert steps_that_count(case, inputs, "south", 0) == [row]
