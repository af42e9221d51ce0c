"""Power that arrives within a period: by time average, or only where it is there throughout; and the dates of steps."""

from typing import Any

import pytest

from planner.case.case import CaseData
from planner.changes.apply import apply_changes
from tests.length import thinned
from tests.program.tiny import by_period, column, cost, lease, own, region, site, solve, tiny

STEPS = [
    {"site": "a", "date": "2025-01-01", "facility_mw": 30.0},
    {"site": "a", "date": "2026-11-01", "facility_mw": 90.0, "date_low": "2026-06-01", "date_high": "2027-02-01"},
]


def _case(rule: str | None, dates: str | None = None, *, steps: Any = STEPS, **more: Any) -> CaseData:
    case = tiny(100.0, periods=3, sites=[site("a", pue_peak=1.0)], energisation=steps, **more)
    horizon = case.model.horizon.model_copy(update={"energisation": rule, "energisation_dates": dates})
    return case.replace(model=case.model.model_copy(update={"horizon": horizon}))


@pytest.mark.parametrize(
    ("rule", "dates", "served"),
    thinned(
        [
            (None, None, [40.0, 90.0, 90.0]),  # two twelfths of 60 all year
            ("time_average", "base", [40.0, 90.0, 90.0]),
            ("throughout", None, [30.0, 90.0, 90.0]),
            ("throughout", "low", [30.0, 90.0, 90.0]),
            ("throughout", "high", [30.0, 30.0, 90.0]),
            ("time_average", "high", [30.0, 80.0, 90.0]),
            ("time_average", "low", [60.0, 90.0, 90.0]),
        ],
        3,
        unpack=True,
    ),
)
def test_power_of_november_serves_from_the_next_period(rule: str, dates: str, served: list[float]) -> None:
    """On paper: 60 MW that arrive in November are 10 of 2026 by time average, and none throughout 2026."""
    plan = solve(_case(rule, dates, offers=[lease(block_it_mw=10.0)]))
    assert by_period(plan, "unserved", "served_compute") == pytest.approx(served)


def test_quarters_find_the_power_that_years_do_not() -> None:
    """On paper: energised on 2026-11-01, 60 MW serve from 2027 on in years and quarters, from November in months."""
    years = _case("throughout", offers=[lease(block_it_mw=10.0, term_years=1 / 12)])
    for lengths, in_2026 in (((3, 3, 3, 3, 12, 12), 30.0), ((10, 2, 12, 12), 30.0 * 10 / 12 + 90.0 * 2 / 12)):
        horizon = years.model.horizon.model_copy(update={"periods": len(lengths), "period_months": lengths})
        plan = solve(years.replace(model=years.model.model_copy(update={"horizon": horizon})))
        served = column(plan, "unserved", "served_compute")
        weighed = [compute * length / 12 for compute, length in zip(served, lengths, strict=True)]
        assert sum(weighed[:-2]) == pytest.approx(in_2026)


def test_decided_contracts_get_what_signed_ones_leave_at_every_time() -> None:
    """On paper: 100 MW, of which 60 are signed to July 2026: 40 are free throughout 2026, and 100 in 2027."""
    signed = {
        "contract": "signed", "offer": "lease", "role": "primary", "it_mw": 60.0, "chip": "chip",
        "start_date": "2025-01-01", "end_date": "2026-07-01", "rent_musd_per_mw_year": 9.0,
    }  # fmt: skip
    steps = [{"site": "a", "date": "2025-01-01", "facility_mw": 100.0}]
    case = _case("throughout", steps=steps, contracts=[signed], offers=[lease(block_it_mw=10.0)])
    assert by_period(solve(case), "unserved", "served_compute") == pytest.approx([30.0 + 40.0, 100.0, 100.0])
    by_average = case.replace(model=_case("time_average", steps=steps).model)
    assert by_period(solve(by_average), "unserved", "served_compute") == pytest.approx([100.0, 100.0, 100.0])


@pytest.mark.parametrize(("rule", "first"), [("throughout", 60.0 / 2 + 40.0), ("time_average", 30.0 + 70.0)])
def test_the_it_limit_holds_at_every_time(rule: str, first: float) -> None:
    """On paper: of 100 IT MW, 60 are signed from July 2026: 40 are free throughout 2026, 70 on average."""
    signed = {
        "contract": "signed", "offer": "lease", "role": "primary", "it_mw": 60.0, "chip": "chip",
        "start_date": "2026-07-01", "end_date": "2031-01-01", "rent_musd_per_mw_year": 9.0,
    }  # fmt: skip
    steps = [{"site": "a", "date": "2025-01-01", "facility_mw": 1000.0}]
    case = _case(rule, steps=steps, contracts=[signed], offers=[lease(block_it_mw=10.0, term_years=1.0)])
    limited = apply_changes(case, ["sites[a].max_it_mw=100"])
    assert by_period(solve(limited), "unserved", "served_compute") == pytest.approx([first, 100.0, 100.0])


@pytest.mark.parametrize(
    ("rule", "life", "served"),
    [
        ("throughout", 1.5, 70.0),  # bought anew each year: it leaves in the middle of its second
        ("throughout", 1.0, 70.0),
        ("throughout", 0.9, 50.0),  # it is there throughout no year
        ("time_average", 0.9, 70.0),
    ],
)
def test_on_site_power_that_leaves_within_a_period_does_not_serve_in_it(rule: str, life: float, served: float) -> None:
    """On paper: 50 facility MW and 20 of storage that lives for 1.5 years serve 70 IT MW, with three purchases."""
    storage = {
        "power_option": "storage", "site": "a", "kind": "storage", "max_facility_mw": 20.0, "in_energisation": False,
        "earliest_date": "2026-01-01", "lead_months": 0.0, "life_years": life, "capex_busd_per_gw": 1.0,
    }  # fmt: skip
    steps = [{"site": "a", "date": "2025-01-01", "facility_mw": 50.0}]
    families = {"power": {"utilisation": 0.8}}
    case = _case(rule, steps=steps, families=families, power_options=[storage], offers=[lease(block_it_mw=10.0)])
    plan = solve(case)
    assert by_period(plan, "unserved", "served_compute") == pytest.approx([served] * 3)
    bought = column(plan, "power_built", "facility_mw")
    assert bought == (pytest.approx([20.0] * 3) if served > 50.0 else [])


def test_a_region_gives_what_it_has_at_the_start_of_the_period() -> None:
    """On paper: 20 firm MW and 40 more a year are 20, 60, 100 at the starts of years, 40, 80, 120 in their middles."""
    regions = [region(firm_facility_mw=20.0, added_facility_mw_per_year=40.0)]
    steps = [{"site": "a", "date": "2025-01-01", "facility_mw": 1000.0}]
    more: dict[str, Any] = {"offers": [lease(block_it_mw=10.0)], "power_regions": regions, "steps": steps}
    for rule, served in (("throughout", [20.0, 60.0, 100.0]), ("time_average", [40.0, 80.0, 100.0])):
        plan = solve(_case(rule, families={"power": {"utilisation": 0.8}}, **more))
        assert by_period(plan, "unserved", "served_compute") == pytest.approx(served)


def _answer(case: CaseData) -> tuple[float, float]:
    summary = solve(case).summary
    return round(float(summary["unserved_share"]), 7), float(summary["cost_busd"])


@pytest.mark.parametrize("dates", thinned([None, "low", "high"], 3))
def test_what_counts_throughout_is_never_better(dates: str | None) -> None:
    """Law: the physical rule leaves as much unserved at no less cost, or more."""
    offers = [own(), lease(block_it_mw=10.0, rent_musd_per_mw_year=14.0)]
    assert _answer(_case("throughout", dates, offers=offers)) >= _answer(_case("time_average", dates, offers=offers))


@pytest.mark.parametrize("rule", ["throughout", "time_average"])
def test_later_power_is_never_better(rule: str) -> None:
    """Law: with late dates as much is left unserved at no less cost, or more; with early ones the other way round."""
    low, base, high = (_answer(_case(rule, dates)) for dates in ("low", "base", "high"))
    assert low <= base <= high
    assert low < high


def test_a_what_if_of_late_interconnection_is_one_change() -> None:
    """Law: the key is set like any other, and answers what the dates answer when written into the table."""
    late = apply_changes(_case("throughout"), ["model.horizon.energisation_dates=high"])
    written = _case("throughout", steps=[STEPS[0], {"site": "a", "date": "2027-02-01", "facility_mw": 90.0}])
    assert cost(late) == pytest.approx(cost(written))
