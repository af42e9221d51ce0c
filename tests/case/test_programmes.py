"""Programmes in a case: what is refused, all at once, and what is warned of."""

from typing import Any

import pytest

from planner.case.check import contradictions_among, warnings_of
from planner.changes.apply import apply_changes, apply_whatif, make_whatif
from planner.errors import CaseError
from tests.program.tiny import lease, site, tiny


def case(steps: Any = None, periods: int = 3, **row: Any) -> Any:
    """Return a small case with a programme."""
    one = {"programme": "p", "name": "P", "sites": ("a",), "kind": "committed", **row}
    default = [{"programme": "p", "date": "2027-01-01", "at_least_it_mw": 160.0}]
    return tiny(periods=periods, programmes=[one], programme_steps=default if steps is None else steps)


def refused(**row: Any) -> str:
    """Return what is said of a case that is refused."""
    with pytest.raises(CaseError) as caught:
        case(**row)
    return str(caught.value)


STEP = {"programme": "p", "date": "2027-01-01"}


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"sites": ("a", "a")}, "names one more than once"),
        ({"sites": ("elsewhere",)}, "elsewhere"),
        ({"sites": ()}, "must name at least one"),
        ({"kind": "optional"}, "declining_cost_busd"),
        ({"kind": "priced"}, "price_musd_per_missing_it_mw_year"),
        ({"kind": "priced", "price_musd_per_missing_it_mw_year": 1.0,
          "steps": [{**STEP, "at_least_facility_mw": 5.0}]}, "price_musd_per_missing_facility_mw_year"),
        ({"steps": []}, "has no row in table programme_steps"),
        ({"steps": [STEP]}, "the step says nothing"),
        ({"steps": [{**STEP, "programme": "q", "at_least_it_mw": 1.0}]}, "'q'"),
        ({"steps": [{**STEP, "at_least_it_mw": 9.0, "at_most_it_mw": 8.0}]}, "at least 9 are asked for"),
        ({"steps": [{**STEP, "at_least_it_mw": 9.0}, {**STEP, "date": "2028-01-01", "at_most_it_mw": 8.0}]},
         "from 2028-01-01"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(row: dict[str, Any], told: str) -> None:
    """Law: each fault of the two tables is refused at its cell."""
    assert told in refused(**row)


def test_faults_are_told_together() -> None:
    """Law: all faults at once."""
    text = refused(kind="optional", sites=("a", "a"), steps=[STEP])
    assert all(part in text for part in ("more than once", "declining_cost_busd", "says nothing"))


def test_one_table_needs_the_other() -> None:
    """Law: programmes without steps, and steps without programmes, are refused."""
    row = {"programme": "p", "name": "P", "sites": ("a",), "kind": "committed"}
    with pytest.raises(CaseError, match="needs this table"):
        tiny(programmes=[row])
    with pytest.raises(CaseError, match="needs this table"):
        tiny(programme_steps=[{**STEP, "at_least_it_mw": 1.0}])


def test_steps_that_ask_nothing_are_warned_of() -> None:
    """Law: a step after the last period begins, and one replaced before a period begins, are told; others are not."""
    steps = [{**STEP, "date": date, "at_least_it_mw": 10.0} for date in ("2026-02-01", "2026-05-01", "2028-01-02")]
    told = [problem for problem in warnings_of(case(steps)) if "asks nothing" in problem.message]
    assert sum(problem.message.count("asks nothing") for problem in told) >= 1
    assert not [problem for problem in warnings_of(case()) if "asks nothing" in problem.message]


def test_an_obligation_beyond_its_sites_is_a_contradiction() -> None:
    """Law: more IT MW or facility MW than the sites can hold is a proof of infeasibility, told by `check`."""
    row = {"programme": "p", "name": "P", "sites": ("a",), "kind": "committed"}
    for column, most in (("at_least_it_mw", 50.0), ("at_least_facility_mw", 62.5)):
        for asked, wrong in ((most, 0), (most + 0.1, 1)):
            found = tiny(
                10.0, sites=[site(max_it_mw=50.0)], offers=[lease()], programmes=[row],
                programme_steps=[{"programme": "p", "date": "2026-01-01", column: asked}],
            )  # fmt: skip
            assert len(contradictions_among(warnings_of(found))) == wrong


def test_what_ifs_reach_programmes() -> None:
    """Law: kinds, prices and steps are changed by name; steps move in time; a dropped programme takes its steps."""
    changed = apply_changes(case(), ["programmes[p].kind=optional", "programmes[p].declining_cost_busd=2",
                                     "programme_steps[p,2027-01-01].at_least_it_mw=200"])  # fmt: skip
    assert changed.tables["programmes"][0].kind == "optional"
    assert changed.tables["programme_steps"][0].at_least_it_mw == 200.0
    late = apply_whatif(case(), make_whatif([{"op": "shift", "table": "programme_steps", "months": 12}])).data
    assert [str(row.date) for row in late.tables["programme_steps"]] == ["2028-01-01"]
    gone = apply_whatif(case(), make_whatif([{"op": "drop", "table": "programmes", "key": "p"}])).data
    assert gone.tables["programme_steps"] == ()


def test_signed_contracts_beyond_a_limit_are_warned_of() -> None:
    """Law: what is signed raises an `at most` of a programme, of IT MW or facility MW, and the check says so."""
    signed = {
        "contract": "signed", "offer": "lease", "role": "primary", "it_mw": 200.0, "chip": "chip",
        "start_date": "2025-01-01", "end_date": "2030-01-01", "rent_musd_per_mw_year": 9.0,
    }  # fmt: skip
    one = {"programme": "p", "name": "P", "sites": ("a",), "kind": "optional", "declining_cost_busd": 0.0}

    def told(**most: float) -> list[str]:
        steps = [{"programme": "p", "date": "2027-01-01", **most}]
        found = warnings_of(tiny(periods=3, programmes=[one], programme_steps=steps, contracts=[signed]))
        return [problem.message for problem in found if "the limit is raised" in problem.message]

    assert told(at_most_it_mw=200.0) == told(at_most_facility_mw=250.0) == []
    assert "from 2027-01-01 signed contracts hold 200 IT MW" in told(at_most_it_mw=199.0)[0]
    assert "signed contracts hold 250 facility MW" in told(at_most_facility_mw=249.0)[0]
