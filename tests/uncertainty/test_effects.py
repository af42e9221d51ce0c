"""What each kind of risk does to a case, change by change."""

import pytest

from planner import CaseError
from planner.uncertainty.events import main_providers
from tests.cases import make_case
from tests.uncertainty.drawn import late, risks_alone, risky, written

SURE = {"probability_per_year": 1.0, "distribution": "fixed"}


def one(kind: str, **cells):
    """A risk that happens."""
    return {"risk": kind, "kind": kind, **SURE} | cells


@pytest.mark.parametrize(
    ("risk", "changes"),
    [
        (one("site_late", sites=("north",), impact_months=7.4), ["shift sites[north] 7"]),
        (one("chip_late", chips=("custom",), impact_months=3.0), ["shift chips[custom] 3"]),
        (
            one("capacity_lost", sites=("south",), impact_share=1.0),
            [
                "relax offers[shell_south].min_blocks",
                "relax offers[shell_south].min_blocks_per_start",
                "set offers[shell_south].max_blocks 0",
            ],
        ),
        (one("capacity_lost", providers=("own",), impact_share=0.3), ["set offers[build_north].max_blocks 5"]),
        (
            one("supply_cut", impact_share=0.25, first_year=2028),
            ["scale chip_supply[custom,2028].it_mw 0.75", "scale chip_supply[custom,2029].it_mw 0.75"],
        ),
        (
            one("integration_shortfall", chips=("custom",), impact_share=0.5, maturity_years=1.0),
            ["set chips[custom].first_volume_maturity_share 0.4", "set chips[custom].maturity_years 2"],
        ),
        (
            one("price_rise", chips=("merchant",), providers=("clouds",), impact_share=0.2, drawn="together"),
            ["scale chips[merchant].price_busd_per_gw_it 1.2", "scale offers[cloud_east].rent_musd_per_mw_year 1.2"],
        ),
        (
            one("price_rise", power_regions=("europe",), impact_share=1.5, drawn="together"),
            ["scale power_regions[europe].tariff_usd_per_mwh 2.5"],
        ),
        (one("financing_fails", financing=("round",), impact_share=1.0), ["scale financing[round].up_to_busd 0.0"]),
        (
            one("cash_shortfall", impact_share=0.5, last_year=2026, drawn="together"),
            ["scale budget[2026].cash_burn_busd 0.5", "scale budget[2026].cash_limit_busd 0.5"],
        ),
        (
            one("revenue_shortfall", impact_share=0.1, first_year=2029, drawn="together"),
            ["scale budget[2029].revenue_busd 0.9"],
        ),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else "",
)
def test_what_a_risk_changes(risk, changes):
    """Law: each kind changes the figures that its page says, and the case admits it."""
    case = risky(risk)
    drawn = risks_alone(case)
    assert written(drawn) == changes
    assert not any(isinstance(changed, CaseError) for _, changed in drawn.cases(case))


def test_delays_run_beside_one_another_and_shares_multiply():
    """Law: of two delays of a site the longer counts; two cuts of one supply multiply."""
    half = one("supply_cut", impact_share=0.5, first_year=2029)
    case = risky(
        late(**SURE, sites=("north",)),
        late(**SURE, sites=("north",), risk="later", impact_months=9.0),
        half,
        half | {"risk": "again"},
    )
    assert written(risks_alone(case)) == ["scale chip_supply[custom,2029].it_mw 0.25", "shift sites[north] 9"]


def test_a_renewal_stays_where_it_was():
    """Law: a contract that continues one that has begun does not move with its site: there is no gap between them."""
    signed = {
        "offer": "build_north", "role": "primary", "it_mw": 50.0,
    }  # fmt: skip
    contracts = [
        signed | {"contract": "begun", "start_date": "2025-01-01", "end_date": "2028-01-01"},
        signed | {"contract": "goes_on", "start_date": "2028-01-01", "end_date": "2030-01-01"},
        signed | {"contract": "new", "start_date": "2028-07-01", "end_date": "2030-01-01"},
    ]
    case = risky(late(**SURE, sites=("north",)), contracts=contracts)
    drawn = risks_alone(case)
    assert written(drawn) == ["shift sites[north] 6", "shift contracts[goes_on] -6"]
    ((_, changed),) = drawn.cases(case)
    starts = {row.contract: str(row.start_date) for row in changed.rows("contracts")}
    assert starts == {"begun": "2025-01-01", "goes_on": "2028-01-01", "new": "2029-01-01"}


def test_nothing_happens_to_what_cannot_change():
    """Law: a site that is built, and one whose offers are sold out, have no event; without any there is no draw."""
    built = [{"site": site, "date": "2020-01-01", "facility_mw": 900.0} for site in ("north", "south", "east")]
    case = risky(late(**SURE), energisation=built, power_options=None, contracts=None)
    assert written_or_none(case) is None
    assert written_or_none(risky(one("capacity_lost", sites=("south",), impact_share=0.0))) == []


def written_or_none(case):
    """The changes, or None where nothing can be drawn."""
    try:
        return written(risks_alone(case))
    except CaseError:
        return None


def test_the_provider_of_a_site():
    """Law: a site belongs to the provider with the most IT MW offered and signed there."""
    assert main_providers(make_case(full=True)) == {"north": "own", "south": "shells", "east": "clouds"}
