"""Backup sold by compute on paper: income per unit of realised compute of idle backup (formulation, section 10)."""

import pytest

from planner.audit import audit
from planner.changes.apply import apply_changes
from tests.program.golden_cases import rows_of
from tests.program.tiny import chip, cost, lease, site, solve, tiny

BOTH = ("primary", "backup")
LOSS = {"redundancy": {"rules": [{"name": "any site", "domain": "site", "critical_share": 1.0}]}}


def two_sites(chips=None, **income):
    """Two sites of 60 MW for 60 of demand: 60 MW of backup, that may be sold."""
    offers = [lease(f"at_{name}", name, roles=BOTH, max_blocks=12) for name in "ab"]
    sites = [site("a"), site("b")]
    families = {**LOSS, "backup_income": {"largest_share": 0.5, **income}} if income else LOSS
    return tiny(60.0, sites=sites, offers=offers, families=families, chips=chips or [chip()])


def by_compute(price=0.001, **more):
    """What sells compute of inference at $1M per unit and year."""
    return {"price_busd_per_compute_year": price, "workload": "inference", **more}


def test_half_of_the_compute_of_idle_backup_is_sold():
    """30 of the 60 units at $1M: $0.03B less than $1.2B; the market may take less."""
    assert cost(two_sites(**by_compute())) == pytest.approx(1.2 - 0.030, rel=1e-7)
    assert cost(two_sites(**by_compute(market_compute=20.0))) == pytest.approx(1.2 - 0.020, rel=1e-7)


def test_realised_compute_is_what_is_sold():
    """At half of peak there are 120 MW of backup that give 60: the income is the same, per IT MW it is half."""
    plan = solve(two_sites([chip(utilisation_of_peak_share=0.5)], **by_compute()))
    assert plan.cost_busd == pytest.approx(2.4 - 0.030, rel=1e-7)
    assert plan.backup[["installed_it_mw", "sold_it_mw"]].values.tolist() == [[120.0, 60.0]]
    assert plan.backup["income_busd"].tolist() == [pytest.approx(0.030)]


def test_chips_that_cannot_run_the_workload_earn_nothing():
    """Training is sold, and the chip cannot train."""
    bare = [chip(training_compute_per_it_mw=None)]
    assert cost(two_sites(bare, **{**by_compute(), "workload": "training"})) == pytest.approx(1.2)


def test_with_one_unit_per_mw_both_prices_are_one():
    """One unit of compute per IT MW: by power and by compute the cost is the same, and the unit counts once."""
    assert cost(two_sites(**by_compute())) == pytest.approx(cost(two_sites(price_musd_per_mw_year=1.0)), rel=1e-9)


def test_the_rows_of_the_program():
    """The row that the family declares: sold compute against half of what the backup gives."""
    rows = {name: text for name, text in rows_of(two_sites(**by_compute())).items() if "backup_income" in name}
    assert len(rows) == 1
    text = next(iter(rows.values()))
    assert text.count("-500 ") == 2
    assert "backup_sold_compute" in text


def test_a_higher_price_or_market_never_costs_more():
    """Direction."""
    prices = [cost(two_sites(**by_compute(price))) for price in (0.0005, 0.001, 0.002)]
    markets = [cost(two_sites(**by_compute(market_compute=most))) for most in (0.0, 10.0, 40.0)]
    assert prices == sorted(prices, reverse=True)
    assert markets == sorted(markets, reverse=True)


def test_the_audit_rejects_more_than_may_be_sold():
    """Planted: more IT MW sold than half, and more compute than the market takes."""
    case = two_sites(**by_compute(market_compute=20.0))
    plan = solve(case)
    assert audit(case, plan.tables, plan.summary).passed
    tables = {name: [dict(row) for row in rows] for name, rows in plan.tables.items()}
    tables["backup"][0]["sold_it_mw"] = 25.0
    failed = {(c.family, c.name) for c in audit(case, tables, plan.summary).checks if not c.passed}
    assert ("backup_income", "backup sold") in failed


def test_every_key_is_reached_by_set():
    """Price, market and share are set by name."""
    path = "model.families.backup_income"
    keys = ("price_busd_per_compute_year=0.002", "market_compute=10", "largest_share=1")
    case = apply_changes(two_sites(**by_compute()), [f"{path}.{key}" for key in keys])
    assert cost(case) == pytest.approx(1.2 - 0.020, rel=1e-7)
