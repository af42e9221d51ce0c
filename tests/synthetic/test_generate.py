"""The case generator: valid, deterministic, sized as told, and feasible with all demand served."""

from pathlib import Path

import pytest

from planner.api import Case
from planner.case.case import CaseData
from planner.case.check import check_case
from planner.case.reach import reach
from planner.case.read import read_case
from planner.case.rows import ChipRow, ContractRow, DemandRow, MarketRow, OfferRow, PowerRegionRow, ProviderRow, SiteRow
from planner.synthetic import generate
from planner.synthetic.__main__ import main
from planner.synthetic.timeline import Timeline
from tests.length import thinned

SHAPES = [(10, 10, 12), (10, 4, 12), (13, 1, 12), (25, 40, 3), (30, 7, 24), (40, 40, 12), (17, 9, 1), (20, 5, 36)]


@pytest.mark.parametrize(("sites", "periods", "months"), SHAPES)
@pytest.mark.parametrize("seed", thinned(range(4), 4))
def test_every_case_is_valid(sites: int, periods: int, months: int, seed: int) -> None:
    """Whatever the size, the period and the seed, the check of a case finds no fault."""
    assert check_case(generate(sites, periods, months, seed)) == []


@pytest.mark.slow
@pytest.mark.parametrize("sites", [300, 1000, 2000])
def test_large_cases_are_valid(sites: int) -> None:
    """Large cases are valid too."""
    assert check_case(generate(sites)) == []


def test_same_arguments_same_case() -> None:
    """The same arguments give the same case; another seed gives another."""
    assert generate(20, seed=3).hash == generate(20, seed=3).hash
    assert generate(20, seed=3).hash != generate(20, seed=4).hash


def test_the_case_of_a_seed_does_not_change_unnoticed() -> None:
    """Published timings name a seed: its case stays the same from version to version (update on purpose only)."""
    case = generate(10, 4, seed=1)
    assert [row.max_it_mw for row in case.rows(SiteRow)][:5] == PINNED_MAX_IT_MW


PINNED_MAX_IT_MW = [1450.0, 1500.0, 1800.0, 600.0, 400.0]


@pytest.mark.parametrize("sites", [10, 64, 240])
def test_sizes_follow_the_number_of_sites(sites: int) -> None:
    """Providers, power regions, chips, offers, markets and signed contracts come in the documented numbers."""
    case = generate(sites)
    assert len(case.rows(SiteRow)) == sites
    assert len(case.rows(ProviderRow)) == max(3, min(25, round(sites / 8)))
    assert max(3, round(sites / 6)) <= len(case.rows(PowerRegionRow)) <= max(4, round(sites / 6))
    assert {row.provider for row in case.rows(OfferRow)} == {row.provider for row in case.rows(ProviderRow)}
    assert sites < len(case.rows(OfferRow)) <= 2 * sites
    assert 3 <= len(case.rows(ChipRow)) <= 5
    assert sum(row.development_cost_busd is not None for row in case.rows(ChipRow)) == 1
    assert 4 <= len(case.rows(MarketRow)) <= 8
    assert 1 <= len(case.rows(ContractRow)) <= max(4, round(sites / 10))


@pytest.mark.parametrize("seed", range(5))
def test_markets_can_lose_any_domain(seed: int) -> None:
    """Every market is within reach of sites of three power regions, so that one of them can be lost."""
    case = generate(12, seed=seed)
    region = {row.site: row.power_region for row in case.rows(SiteRow)}
    for market in case.rows(MarketRow):
        assert len({region[site] for site, served in reach(case) if served == market.market}) >= 3


def test_demand_is_there_from_the_start_and_grows() -> None:
    """Training is demanded from the first year on, several times as much in the last."""
    training = [row.compute for row in generate(60).rows(DemandRow) if row.workload == "training"]
    assert training[0] > 0
    assert training[-1] > 5 * training[0]


def solved_cases() -> list[CaseData]:
    """Small cases that differ in seed, period and length."""
    return [generate(10, 3, seed=0), generate(12, 4, seed=1), generate(10, 6, 3, seed=2), generate(11, 2, 24, seed=3)]


@pytest.mark.slow
@pytest.mark.parametrize("number", range(4))
def test_all_demand_can_be_served(number: int) -> None:
    """The planner finds a plan that serves all demand within every limit, as the construction promises."""
    case = solved_cases()[number]
    plan = Case.of(case).solve(gap=0.05, time_limit_s=120)
    assert plan.summary["audit"]["passed"]
    demanded = sum(float(row["demand_compute"]) for row in plan.rows("unserved"))
    unserved = sum(float(row["unserved_compute"]) for row in plan.rows("unserved"))
    assert demanded > 0
    assert unserved <= 1e-6 * demanded


@pytest.mark.parametrize(
    "arguments", [{"sites": 9}, {"sites": 10, "periods": 0}, {"sites": 10, "period_months": 0}, {"sites": 99999}]
)
def test_sizes_out_of_range_are_refused(arguments: dict[str, int]) -> None:
    """A size out of range is refused with its name, value and range."""
    with pytest.raises(ValueError, match="it must be from"):
        generate(**arguments)


def test_command_writes_the_case(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command writes a folder that reads back as the same case; it does not write over it."""
    folder = tmp_path / "case"
    assert main(["--sites", "12", "--periods", "4", "--seed", "5", "--out", str(folder)]) == 0
    assert str(folder) in capsys.readouterr().out
    assert read_case(folder).hash == generate(12, 4, seed=5).hash


def test_command_reports_bad_sizes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A size out of range ends the command with code 1, a message and no folder."""
    assert main(["--sites", "3", "--out", str(tmp_path / "case")]) == 1
    assert "sites is 3" in capsys.readouterr().err
    assert not (tmp_path / "case").exists()


def test_timeline_splits_calendar_years() -> None:
    """Periods and calendar years that do not line up share the right part of a year."""
    from datetime import date

    timeline = Timeline(date(2026, 7, 1), 3, 12)
    assert list(timeline.years()) == [2026, 2027, 2028, 2029]
    assert timeline.overlap_years(0, 2026) == 0.5
    assert timeline.overlap_years(0, 2028) == 0.0
    assert timeline.periods_of(2027) == [0, 1]
    assert timeline.share_after(1, 18) == 0.5
