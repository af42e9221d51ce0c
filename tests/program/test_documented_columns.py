"""What the tables say of a column is what the program does: each sentence on a case worked out by hand."""

import pytest

from planner.case.schema import data_dictionary, model_json_schema
from tests.program.tiny import by_period, column, lease, site, solve, tiny

SIGNED = {
    "contract": "signed",
    "offer": "dear",
    "role": "primary",
    "it_mw": 40.0,
    "start_date": "2027-01-01",
    "end_date": "2030-01-01",
    "rent_musd_per_mw_year": 20.0,
    "chip": "chip",
}


def test_a_minimum_commitment_is_of_all_decided_contracts_together():
    """One block in 2026 and one more in 2027 make the two asked for: $0.1B and $0.2B, not two blocks at once."""
    plan = solve(tiny([10.0, 20.0], periods=2, offers=[lease(min_blocks=2)]))
    assert column(plan, "contracts", "blocks") == [1, 1]
    assert plan.summary["cost_busd"] == pytest.approx(0.3)


@pytest.mark.parametrize(("signed", "opening"), [((), 0.5), ((SIGNED,), 0.0)])
def test_a_contract_yet_to_start_waives_the_opening_of_its_site(signed, opening):
    """The signed contract starts in 2027; what is decided for 2026 at its site pays no opening all the same."""
    case = tiny(
        [10.0, 0.0],
        periods=2,
        sites=[site(opening_cost_busd=0.5)],
        offers=[lease(term_years=1.0), lease("dear", max_blocks=0)],
        contracts=signed,
        families={"site_opening": {}},
    )
    plan = solve(case)
    assert by_period(plan, "unserved", "unserved_compute") == pytest.approx([0.0, 0.0])
    assert sum(column(plan, "spend", "amount_busd", item="opening")) == pytest.approx(opening)


def test_diversity_counts_what_is_in_force_not_what_is_signed():
    """40 MW signed for 2027 help nothing in 2026: all in force then would be one provider's, so nothing is."""
    case = tiny(
        [60.0, 100.0],
        periods=2,
        offers=[lease("cheap", term_years=1.0), lease("dear", max_blocks=0)],
        contracts=[SIGNED],
        families={"diversity": {"rules": [{"domain": "provider", "largest_share": 0.6}]}},
    )
    assert by_period(solve(case), "unserved", "unserved_compute") == pytest.approx([60.0, 0.0])


def test_the_pages_say_so():
    """The dictionary of columns and the schema of the model file have the words of the formulation."""
    columns, model = data_dictionary(), str(model_json_schema())
    assert "blocks of all decided contracts of the offer together" in columns
    assert "also one that has yet to start" in columns
    assert "opened by a decided contract" not in columns
    assert "IT MW in force, signed and decided and of both roles" in model
