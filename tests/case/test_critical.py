"""Critical shares that are next to nothing are refused at their cell; all others can be planned for and audited."""

import pytest

from planner.errors import CaseError
from tests.length import thinned
from tests.program.tiny import chip, lease, market, site, solve, tiny

SITES, OFFERS = [site("a"), site("b")], [lease("lease"), lease("other", "b", roles=("primary", "backup"))]
TWO = [
    {"market": name, "workload": workload, "year": 2026, "compute": compute}
    for name, workload, compute in (("m", "inference", 100.0), ("m", "training", 40.0), ("n", "inference", 0.5))
]


def _case(share, overrides=(), **more):
    rule = {"name": "r", "domain": "site", "critical_share": share, "overrides": list(overrides)}
    markets = [market("m"), market("n")]
    return tiny(sites=SITES, offers=OFFERS, demand_rows=TWO, markets=markets,
                families={"redundancy": {"rules": [rule]}}, **more)  # fmt: skip


def _override(share, name="n"):
    return {"market": name, "workload": "inference", "share": share}


@pytest.mark.parametrize(
    ("share", "overrides", "place"),
    [
        (1e-15, (), "rules[0].critical_share"),
        (1e-3, (), "rules[0].critical_share"),
        ({"training": 1e-9, "inference": 0.5}, (), "rules[0].critical_share.training"),
        ({"training": 0.5, "inference": 1e-12}, [_override(0.5)], "rules[0].critical_share.inference"),
        (0.5, [_override(1e-3)], "rules[0].overrides[0].share"),
        (0.5, [_override(0.5), _override(1e-7, "m")], "rules[0].overrides[1].share"),
    ],
)
def test_shares_that_are_rounding_are_refused_at_their_cell(share, overrides, place):
    """A critical demand of less than a kW of the best chip is told once, with the least share that is right."""
    with pytest.raises(CaseError) as told:
        _case(share, overrides)
    assert str(told.value).count(place) == len(told.value.problems) == 1
    assert "must be 0 or at least" in str(told.value)


def test_no_share_above_one_is_offered():
    """Law: where not even all of a demand is more than rounding, the least share that is said is none that can be."""
    rule = {"name": "r", "domain": "site", "critical_share": 1.0}
    tiny_demand = [{**TWO[0], "compute": 1e-4}]
    with pytest.raises(CaseError) as told:
        tiny(sites=SITES, offers=OFFERS, demand_rows=tiny_demand, families={"redundancy": {"rules": [rule]}})
    (fault,) = (one for one in told.value.problems if (one.column or "").endswith("critical_share"))
    assert "must be 0 or the demand larger" in fault.message
    assert "at least" not in fault.message


@pytest.mark.parametrize("of_best", [1.0, 7.0])
@pytest.mark.parametrize("share", thinned([2.001e-3, 0.0123456789, 1 / 3, 1.0, 0.0], 4))
def test_every_share_that_is_admitted_is_planned_for(share, of_best):
    """From a kW of the best chip on, program, certificates and audit agree; large margins beside it are no fault."""
    chips = [chip(training_compute_per_it_mw=of_best)]
    plan = solve(_case({"training": 1e-3, "inference": 0.9}, [_override(share)], chips=chips))
    assert plan.summary["audit"]["passed"]
    plan = solve(_case({"training": 0.0, "inference": 2.5e-5}, [_override(share)], chips=chips))
    assert plan.summary["audit"]["passed"]


@pytest.mark.parametrize("demand", [0.1, 0.11, 1 / 3])
def test_small_demands_beside_large_ones_have_margins_that_agree(demand):
    """A demand a millionth of another: the margin, a difference of large amounts, is judged by its own size."""
    rows = [{**TWO[0], "compute": demand * 1e6}, {**TWO[2], "compute": demand}]
    rule = {"name": "r", "domain": "site", "critical_share": 0.0, "overrides": [_override(0.0123)]}
    offers = [lease(block_it_mw=5e4), lease("other", "b", block_it_mw=5e4, roles=("primary", "backup"))]
    sites = [site("a", max_it_mw=1e6), site("b", max_it_mw=1e6)]
    power = [{"site": name, "date": "2020-01-01", "facility_mw": 1e7} for name in "ab"]
    plan = solve(tiny(sites=sites, offers=offers, demand_rows=rows, markets=[market("m"), market("n")],
                      energisation=power, families={"redundancy": {"rules": [rule]}}))  # fmt: skip
    assert plan.summary["audit"]["passed"]


@pytest.mark.parametrize("share", thinned([2.008e-4, 2.0137e-4, 2.1119e-4, 7.7777e-4], 3))
def test_margins_are_exact_to_the_rounding_of_the_tables(share):
    """A margin of tens beside a need of a ten-thousandth: what the table rounds off it is not held against it."""
    chips = [chip(inference_compute_per_it_mw=0.1, training_compute_per_it_mw=0.1)]
    plan = solve(_case(0.0, [_override(share)], chips=chips))
    assert plan.summary["audit"]["passed"]
    assert max(float(row["margin_compute"]) for row in plan.rows("contingencies")) > 1.0
