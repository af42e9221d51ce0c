"""Single outages of a plan, worked out by hand, and the law of the mean out of sample."""

from datetime import date
from math import sqrt

import pytest

from planner import Case
from planner.cli import main
from planner.errors import OptionError
from planner.inputs import make_inputs
from planner.uncertainty.measure import mean
from planner.uncertainty.outages import COLUMNS, outages_of, refuse_day
from planner.uncertainty.risk import risk
from planner.uncertainty.scenario import ScenarioSet, scenario
from planner.uncertainty.stress import stress
from tests.program.tiny import lease, site, tiny
from tests.uncertainty.newsvendor import cost_busd, newsvendor

EXACT = {"gap": 0.0, "workers": 1, "own_process": False}


@pytest.fixture(scope="module")
def plan():
    """Six blocks at one site and four at another of the same provider, for a demand of 100 in two years."""
    offers = [
        lease("one", "a", max_blocks=6, provider="both"),
        lease("two", "b", max_blocks=4, provider="both", rent_musd_per_mw_year=11.0),
    ]
    sites = [site("a"), site("b")]
    return Case.of(tiny((60.0, 100.0), periods=2, offers=offers, sites=sites)).solve(gap=0.0, own_process=False)


def test_an_outage_by_hand(plan):
    """Law: what is lost from the date on is unserved, whatever else there is being routed anew, and priced."""
    rows = {(row["kind"], row["lost"]): row for row in outages_of(plan, date(2026, 6, 1), price=0.05)}
    assert list(next(iter(rows.values()))) == list(COLUMNS)
    demand = sum(float(row["demand_compute"]) for row in plan.rows("unserved") if str(row["period"]) == "2027")
    spare = (
        sum(float(row["inference_compute"]) for row in plan.rows("capacity") if str(row["period"]) == "2027") - demand
    )
    for name, mw in (("a", 60.0), ("b", 40.0)):
        row = rows["site", name]
        gone = mw - spare
        assert (row["from_period"], row["worst_period"]) == ("2027", "2027")
        assert row["lost_it_mw"] == pytest.approx(mw)
        assert row["unserved_share"] == pytest.approx(gone / demand)
        assert row["more_unserved_compute_years"] == pytest.approx(gone)
        assert row["missing_busd"] == pytest.approx(0.05 * gone)
    assert rows["provider", "both"]["unserved_share"] == pytest.approx(1.0)
    assert rows["power_region", "grid"]["unserved_share"] == pytest.approx(1.0)
    assert outages_of(plan, date(2030, 1, 1), price=0.05) == []


def test_a_day_after_which_no_period_begins_is_refused(plan):
    """Law: a day from which nothing would be lost is a wrong option, and the last right one is named."""
    futures = ScenarioSet((scenario("a", 1.0),))
    with pytest.raises(OptionError, match=r"outages from 2040-01-01 on: .* on or before 2027-01-01, on which the last"):
        stress(plan, futures, outages=date(2040, 1, 1), **EXACT)
    refuse_day(make_inputs(plan.case), date(2027, 1, 1))


def test_later_outages_leave_no_more_unserved(plan):
    """Law: an outage that begins later leaves no more compute-years unserved."""
    amounts = [
        {row["lost"]: row["more_unserved_compute_years"] for row in outages_of(plan, day, 0.05)}
        for day in (None, date(2027, 1, 1))
    ]
    assert all(amounts[1][key] <= amounts[0][key] + 1e-9 for key in amounts[1])


def sample(first, number):
    """Fresh futures of a uniform demand, one for each of equal parts (a seed of their own each)."""
    demands = [10.0 * (1 + (7 * i + first) % 15) for i in range(number)]
    made = [scenario(f"s{i}", 1.0 / number, [f"demand[m,inference,2027].compute={d:g}"]) for i, d in enumerate(demands)]
    return demands, ScenarioSet(tuple(made), seed=first)


@pytest.mark.slow
@pytest.mark.parametrize("first", [0, 3, 11])
def test_the_mean_out_of_sample(first):
    """Law: the mean over fresh futures lies in its stated interval (three standard errors) about the true mean."""
    train, scenarios = sample(1, 15)
    known = risk(newsvendor(train[0]), scenarios, prices={"unserved": 1.0}, **EXACT)
    kept = next(iter(known.plans.values()))
    demands, fresh = sample(first, 30)
    found = stress(kept, fresh, committed_until=date(2026, 1, 1), prices={"unserved": 1.0}, **EXACT)
    summary = found.summary()
    early = sum(row["amount"] for row in known.rows("orders") if row["what"] == "early")
    costs = [cost_busd(early, d) for d in demands]
    assert summary["cost_busd_mean"] == pytest.approx(mean(costs, [1.0] * len(costs)), abs=1e-6)
    true = mean([cost_busd(early, 10.0 * n) for n in range(1, 16)], [1.0] * 15)
    spread = sqrt(mean([(cost - true) ** 2 for cost in costs], [1.0] * len(costs)))
    assert summary["cost_busd_mean_error"] == pytest.approx(spread / sqrt(29), rel=0.2)
    assert abs(summary["cost_busd_mean"] - true) <= 3.0 * summary["cost_busd_mean_error"]
    assert abs(known.value_busd - true) <= 1e-6


def test_outages_beside_the_futures(plan, tmp_path, monkeypatch, capsys):
    """Law: the command lists the outages beside the futures, and the folder keeps them."""
    monkeypatch.chdir(tmp_path)
    plan.write("plan")
    ScenarioSet((scenario("as_planned", 1.0),)).write("one.toml")
    words = ["stress", "plan", "--scenarios", "one.toml", "--outages", "2027-01-01", "--workers", "1", "--out", "found"]
    assert main(words) == 0
    shown = capsys.readouterr().out
    assert "Single outages of the plan from 2027 on" in shown
    assert "power region" in shown
    lines = (tmp_path / "found" / "tables" / "outages.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == ",".join(COLUMNS)
    assert len(lines) == 5
