"""How much of a chip a plan has, as columns of its program and by its tables: both are the same."""

import pytest

from planner.case.case import CaseData
from planner.errors import OptionError
from planner.explain.why_target import Target, amount_in_plan, amounts_of, find_target, signed_it_mw
from planner.inputs.make import make_inputs
from tests.program.test_ramped_refresh import ramped
from tests.program.tiny import lease, site, solve, tiny
from tests.runs.test_start import solved


@pytest.mark.parametrize("case", [ramped((10.0, 30.0, 60.0)), ramped((10.0, 20.0, 40.0))], ids=["refreshed", "ramp"])
def test_chips_come_as_the_tables_say(case: CaseData) -> None:
    """Law: chips of leases with a ramp come with its steps, those of a refresh with what is left of them."""
    mip, whole, plan = solved(case)
    inputs = make_inputs(case)
    for chip in (row.chip for row in case.tables["chips"]):
        for period in (None, *range(inputs.calendar.count)):
            target = Target("chip", chip, period, chip)
            amounts = amounts_of(target, inputs, mip.arrays)
            columns = [mip.arrays.columns[place] for place in amounts.column]
            by_columns = sum(w * whole[c] for w, c in zip(amounts.weight, columns, strict=True))
            assert by_columns == pytest.approx(amount_in_plan(target, inputs, plan), abs=1e-9)


def test_a_programme_that_is_no_decision_hides_no_provider_of_its_name() -> None:
    """Law: where a committed programme has the name of a provider without a site in the case, both are named."""
    sites = (site("a"), {**site("b"), "available": False})
    programmes = [{"programme": "gone_provider", "name": "p", "sites": ("a",), "kind": "committed"}]
    steps = [{"programme": "gone_provider", "date": "2026-01-01", "at_least_it_mw": 10.0}]
    offers = (lease("there", "a"), lease("gone", "b"))
    inputs = make_inputs(tiny(10.0, sites=sites, offers=offers, programmes=programmes, programme_steps=steps))
    with pytest.raises(OptionError, match="write programme:gone_provider or provider:gone_provider"):
        find_target("gone_provider", inputs)
    assert find_target("provider:gone_provider", inputs).kind == "provider"
    with pytest.raises(OptionError, match="committed, which no plan decides"):
        find_target("programme:gone_provider", inputs)


def test_what_is_signed_of_a_site_an_offer_or_a_provider_is_told_from_what_is_decided() -> None:
    """Law: two contracts of 15 and 25 IT MW are signed at a; of b, a chip and a year nothing is said."""
    signed = [
        {
            "contract": name, "offer": "lease", "role": "primary", "it_mw": mw, "start_date": "2026-01-01",
            "end_date": "2036-01-01", "rent_musd_per_mw_year": 10.0, "chip": "chip",
        } for name, mw in (("one", 15.0), ("two", 25.0))
    ]  # fmt: skip
    case = tiny(100.0, sites=(site("a"), site("b")), offers=(lease(), lease("other", "b")), contracts=signed)
    plan, inputs = solve(case), make_inputs(case)
    found = {
        name: signed_it_mw(find_target(name, inputs), inputs, plan) for name in ("site:a", "offer:lease", "site:b")
    }
    assert found == {"site:a": 40.0, "offer:lease": 40.0, "site:b": 0.0}
    for name in ("chip:chip", "site:a@2026", "2026"):
        assert signed_it_mw(find_target(name, inputs), inputs, plan) == 0.0
