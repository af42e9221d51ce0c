"""Realised compute on paper: utilisation of peak, failures and the maturity of a new chip (formulation, section 6)."""

import pytest

from planner.audit import audit
from planner.case.check import check_case
from planner.changes.apply import apply_changes
from planner.errors import CaseError
from tests.program.golden_cases import rows_of
from tests.program.tiny import chip, cost, lease, site, solve, tiny

N_1 = {"redundancy": {"rules": [{"name": "any site", "domain": "site", "critical_share": 1.0}]}}
BOTH = ("primary", "backup")


def two_sites(demand, **tables):
    """N-1 over two sites that can hold all: each must carry the whole demand."""
    offers = [lease(f"at_{name}", name, roles=BOTH, block_it_mw=5.0) for name in "ab"]
    return tiny(demand, sites=[site("a"), site("b")], offers=offers, families=N_1, **tables)


def test_utilisation_and_failures_divide_what_a_block_gives():
    """60 of compute at 0.8 x (1 - 0.25) = 0.6 per IT MW need 100 IT MW: ten blocks instead of six."""
    plain, factors = chip(), chip(utilisation_of_peak_share=0.8, failure_loss_share=0.25)
    assert cost(tiny(60.0, chips=[plain])) == pytest.approx(0.6)
    assert cost(tiny(60.0, chips=[factors])) == pytest.approx(1.0)


def test_a_flat_factor_is_a_lower_rate():
    """The program with factors is that of rates multiplied by them, row for row, redundancy included."""
    factors = chip(utilisation_of_peak_share=0.5, failure_loss_share=0.2)
    rates = chip(training_compute_per_it_mw=0.4, inference_compute_per_it_mw=0.4)
    assert rows_of(two_sites(60.0, chips=[factors])) == rows_of(two_sites(60.0, chips=[rates]))


def test_without_factors_nothing_changes():
    """Factors of one are the program without them."""
    ones = chip(
        utilisation_of_peak_share=1.0, failure_loss_share=0.0, first_volume_maturity_share=1.0, maturity_years=2.0
    )
    assert rows_of(two_sites(60.0, chips=[ones])) == rows_of(two_sites(60.0))


def test_a_new_chip_rises_to_its_mature_share():
    """From 0.5 at the start of 2026 to 1 after two years: 0.625, 0.875 and 1 of 70 IT MW on average of the years."""
    young = chip(first_date="2026-01-01", first_volume_maturity_share=0.5, maturity_years=2.0)
    plan = solve(tiny([43.75, 61.25, 70.0], periods=3, chips=[young], offers=[lease(max_blocks=7)]))
    table = plan.realised
    assert plan.summary["unserved_share"] == 0.0
    assert table["realised_share"].tolist() == [0.625, 0.875, 1.0]
    assert table["inference_nameplate_compute"].tolist() == [70.0, 70.0, 70.0]
    assert table["inference_realised_compute"].tolist() == [43.75, 61.25, 70.0]
    assert plan.capacity["inference_compute"].tolist() == [43.75, 61.25, 70.0]


@pytest.mark.parametrize(
    ("first_date", "years", "expected"),
    [
        ("2026-01-01", 4.0, 0.5 + 0.5 * 0.125),
        ("2025-01-01", 1.0, 1.0),
        ("2026-07-01", 0.25, 0.5 * 0.5 + 0.25 * 0.75 + 0.25 * 1.0),
        ("2026-07-01", 10.0, 0.5 + 0.5 * 0.5 * 0.025),
    ],
)
def test_the_ramp_is_averaged_over_the_period(first_date, years, expected):
    """Before the first volume counts the first share, after the ramp all; the audit agrees."""
    young = chip(first_date=first_date, first_volume_maturity_share=0.5, maturity_years=years)
    plan = solve(tiny(10.0, chips=[young]))
    assert plan.realised["realised_share"].tolist() == [pytest.approx(expected, abs=1e-9)]


def test_chips_of_signed_contracts_realise_no_more():
    """The 100 IT MW that a signed contract brings give 80: 20 of the demand need two blocks more, which give 16."""
    signed = {
        "contract": "signed", "offer": "lease", "role": "primary", "it_mw": 100.0, "chip": "chip",
        "start_date": "2025-01-01", "end_date": "2030-01-01", "rent_musd_per_mw_year": 0.0,
    }  # fmt: skip
    factors = chip(utilisation_of_peak_share=0.8)
    assert cost(tiny(96.0, chips=[factors], contracts=[signed])) == pytest.approx(0.2)


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_survivors_carry_what_they_realise(scale):
    """N-1 of two sites: at half of peak each needs twice the IT MW, with and without a common measure of workloads."""
    other = chip("other", training_compute_per_it_mw=scale, first_date="2050-01-01")
    half = chip(utilisation_of_peak_share=0.5)
    plan = solve(two_sites(60.0, chips=[half, other]))
    assert plan.cost_busd == pytest.approx(2.4)
    assert (plan.contingencies["margin_compute"] == 0.0).all()
    assert (plan.contingencies["surviving_it_mw"] == 120.0).all()


def test_less_realised_never_costs_less():
    """Direction: lower utilisation, more failures, a longer ramp."""

    def at(**cells):
        base = {"utilisation_of_peak_share": 0.9, "failure_loss_share": 0.05, "first_volume_maturity_share": 0.8,
                "maturity_years": 1.0, "first_date": "2026-01-01"}  # fmt: skip
        return cost(two_sites([60.0, 70.0], periods=2, chips=[chip(**{**base, **cells})]))

    base = at()
    worse = [{"utilisation_of_peak_share": 0.7}, {"failure_loss_share": 0.2}, {"first_volume_maturity_share": 0.4},
             {"maturity_years": 4.0}]  # fmt: skip
    assert all(at(**cells) > base for cells in worse)


def test_the_audit_rejects_nameplate_where_realised_is_due():
    """Planted: the case is given factors after the plan was made without; service, routing and tables are rejected."""
    plan = solve(two_sites(60.0))
    factors = two_sites(60.0, chips=[chip(utilisation_of_peak_share=0.5)])
    report = audit(factors, plan.tables, plan.summary)
    failed = {(check.family, check.name) for check in report.checks if not check.passed}
    assert {("demand", "compute of chips"), ("redundancy", "any site"), ("derived tables", "realised: share")} <= failed


def test_every_factor_is_reached_by_set():
    """Each column is set by name on a chip that had none."""
    names = ("utilisation_of_peak_share", "failure_loss_share", "first_volume_maturity_share", "maturity_years")
    case = apply_changes(two_sites(60.0), [f"chips[chip].{name}=0.5" for name in names[:2]])
    assert [getattr(case.tables["chips"][0], name) for name in names] == [0.5, 0.5, None, None]
    case = apply_changes(two_sites(60.0), [f"chips[chip].{name}=0.5" for name in names])
    assert [getattr(case.tables["chips"][0], name) for name in names] == [0.5] * 4


def test_a_ramp_needs_both_its_ends():
    """All faults at once: each row says which column is missing and what belongs there."""
    bad = [chip(maturity_years=1.0), chip("other", first_volume_maturity_share=0.5)]
    with pytest.raises(CaseError) as caught:
        tiny(60.0, chips=bad)
    text = str(caught.value)
    assert "first_volume_maturity_share" in text
    assert "must be given with first_volume_maturity_share (years after first_date until it is mature)" in text
    assert check_case(two_sites(60.0)) == []


def test_a_milliwatt_of_a_chip_is_a_row_like_any_other():
    """A crumb of stock in the tables is compared, not refused; a chip that is not there needs no row."""
    case = two_sites(60.0, chips=[chip(), chip("other")])
    plan = solve(case)
    assert set(plan.realised["chip"]) == {"chip"}
    tables = {name: [dict(row) for row in rows] for name, rows in plan.tables.items()}
    crumb = {**tables["realised"][0], "chip": "other", "vendor": "other_vendor", "it_mw": 1e-6}
    crumb |= {name: 1e-6 for name in crumb if name.endswith("_compute")}
    tables["realised"].append(crumb)
    assert audit(case, tables, plan.summary).passed
    tables["realised"][0]["realised_share"] = 0.9
    assert not audit(case, tables, plan.summary).passed
