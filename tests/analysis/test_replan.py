"""Re-planning: what is committed stays, stability has a price, and the audit passes all the same."""

from datetime import date

import pytest

from planner import Case
from planner.analysis.comparison import churn_share
from planner.analysis.replan import _with_bound, replan
from planner.api import Plan
from planner.audit import audit
from planner.cli import main
from planner.errors import AuditError, CaseError, InfeasibleError, PlannerError
from planner.options import SolveOptions
from planner.runs.variants import Runner

CHEAPER = ["offers[south_cloud].rent_musd_per_mw_year=1", "offers[north_cloud].rent_musd_per_mw_year=20"]
MID_2026 = date(2026, 7, 1)


@pytest.fixture(scope="module")
def old():
    """The plan of the case that is worked out on paper, with no limit on cash."""
    texts = ["model.families.budget="]
    return Case.read("three_sites", changes=texts).solve(gap=0.0, own_process=False)


@pytest.fixture
def exact():
    """A runner at a gap of nil."""
    return Runner(SolveOptions(gap=0.0))


def decided(plan, year):
    """Return the IT MW of decided contracts that start in a year, by offer and role."""
    rows = [r for r in plan.rows("contracts") if r["origin"] == "decided" and str(r["start_period"]) == year]
    found: dict[tuple[str, str], float] = {}
    for r in rows:
        found[r["offer"], r["role"]] = found.get((r["offer"], r["role"]), 0.0) + float(r["it_mw"])
    return found


def test_what_is_committed_stays(old, exact):
    """Contracts and chips of 2026 are as they were in every plan that keeps them; the free plan has others."""
    found = replan(old, CHEAPER, MID_2026, runner=exact)
    assert found.committed_contracts == len(decided(old, "2026")) > 0
    for strategy in ("committed", "least churn"):
        assert decided(found.plans[strategy], "2026") == decided(old, "2026")
    assert decided(found.plans["free"], "2026") != decided(old, "2026")


def test_stability_has_a_price(old, exact):
    """Cost rises from free to committed to least churn, and churn falls; the price is told against the free plan."""
    rows = {row["strategy"]: row for row in replan(old, CHEAPER, MID_2026, runner=exact).rows}
    costs = [rows[name]["cost_busd"] for name in ("free", "committed", "least churn")]
    churns = [rows[name]["churn_share"] for name in ("free", "committed", "least churn")]
    assert costs == sorted(costs)
    assert churns == sorted(churns, reverse=True)
    assert costs[0] < costs[1] - 0.01
    assert rows["least churn"]["stability_busd"] == pytest.approx(costs[2] - costs[0])
    assert rows["free"]["stability_busd"] == 0.0


def test_every_plan_passes_its_audit(old, exact):
    """No penalty is in a cost and no constraint breaks a rule: each plan is audited afresh."""
    found = replan(old, CHEAPER, MID_2026, churn_limit=0.2, churn_penalty_busd_per_gw_year=3.0, runner=exact)
    assert set(found.plans) == {"free", "committed", "least churn", "churn limit", "churn penalty"}
    for plan in found.plans.values():
        assert audit(plan.case, plan.tables, plan.summary).passed


def test_without_news_nothing_changes(old, exact):
    """With no news the least churn is nil and the price of stability too."""
    (row,) = [r for r in replan(old, [], MID_2026, runner=exact).rows if r["strategy"] == "least churn"]
    assert row["churn_share"] == pytest.approx(0.0, abs=1e-9)
    assert row["stability_busd"] == pytest.approx(0.0, abs=1e-9)


@pytest.mark.slow
def test_a_churn_limit_holds_and_costs_the_more_the_tighter(old, exact):
    """Churn stays within the limit, and a tighter limit never costs less."""
    costs = []
    for limit in (0.05, 0.2, 0.5):
        found = replan(old, CHEAPER, date(2026, 1, 1), churn_limit=limit, least_churn=False, runner=exact)
        assert churn_share(old, found.plans["churn limit"]) <= limit + 1e-6
        costs.append(found.plans["churn limit"].summary["cost_busd"])
    assert costs == sorted(costs, reverse=True)
    assert costs[0] > costs[-1] + 0.01


@pytest.mark.slow
def test_a_penalty_lies_between_free_and_least(old, exact):
    """A tiny penalty gives the committed cost, a huge one the least churn."""

    def penalised(penalty):
        found = replan(old, CHEAPER, MID_2026, churn_penalty_busd_per_gw_year=penalty, runner=exact)
        return found.plans

    tiny, huge = penalised(1e-6), penalised(1e4)
    assert tiny["churn penalty"].summary["cost_busd"] == pytest.approx(tiny["committed"].summary["cost_busd"])
    least = churn_share(old, huge["least churn"])
    assert churn_share(old, huge["churn penalty"]) == pytest.approx(least, abs=1e-6)


@pytest.mark.slow
def test_news_that_breaks_a_commitment(old, exact):
    """A site that holds less than was signed: as little as possible is broken, and it is named."""
    found = replan(old, ["sites[north].max_it_mw=20"], MID_2026, runner=exact)
    assert found.broken_it_gw > 0.0
    assert any("north_cloud/primary/2026: 1 blocks instead of 2" in words for words in found.broken)
    assert "committed" in found.plans


@pytest.mark.slow
def test_a_slip_makes_a_commitment_impossible(old, exact):
    """A site that opens a year later cannot hold the contract of 2026: it is named as impossible."""
    found = replan(old, ["sites[north].earliest_date=2027-01-01"], MID_2026, runner=exact)
    assert any(words.startswith("contract north_cloud/primary/2026 (2 blocks)") for words in found.broken)


@pytest.mark.slow
def test_lead_time_commits_what_has_not_started(make_case, exact):
    """A building of 2027 whose lead time of a year is running in mid-2026 is committed, later ones are not."""
    tables = {"offers": [{**row, "lead_months": 12.0} for row in _offers()]}
    case = make_case(tables, families={"power": {"utilisation": 0.8}})
    old = Case.of(case).solve(gap=0.0, own_process=False)
    starts = {str(row["start_period"]) for row in old.rows("contracts")}
    assert {"2027"} < starts
    found = replan(old, ["offers[build_north].capex_busd_per_gw_it=60"], date(2026, 7, 1), runner=exact)
    assert decided(found.plans["committed"], "2027") == decided(old, "2027")
    assert decided(found.plans["free"], "2027") != decided(old, "2027")


def _offers():
    from tests.cases import base_tables

    return base_tables()["offers"]


def test_refusals(old, exact):
    """A wrong change, a limit that is no share, another horizon, and news that leave no plan are refused."""
    with pytest.raises(CaseError, match="north"):
        replan(old, ["sites[nort].max_it_mw=20"], MID_2026, runner=exact)
    with pytest.raises(PlannerError, match="share from 0 to 1"):
        replan(old, [], MID_2026, churn_limit=2.0, runner=exact)
    with pytest.raises(PlannerError, match="more than 0"):
        replan(old, [], MID_2026, churn_penalty_busd_per_gw_year=0.0, runner=exact)
    with pytest.raises(PlannerError, match="horizon"):
        replan(old, ["model.horizon.periods=1"], MID_2026, runner=exact)
    with pytest.raises(InfeasibleError):
        replan(old, ["sites[north].max_it_mw=0", "model.forced=[{site='north',by=2026}]"], MID_2026, runner=exact)


def test_a_plan_that_fails_its_audit_is_not_planned_again(old, exact, tmp_path, capsys):
    """What is not a plan of its case cannot be kept: it is refused, with the checks that failed."""
    rows = [{**row, "it_mw": row["it_mw"] * 2.0} for row in old.rows("contracts")]
    forged = Plan(old.case, old.summary, {**old.tables, "contracts": rows})
    with pytest.raises(AuditError, match=r"fails its audit and cannot be replanned: \d+ of \d+ checks failed"):
        replan(forged, [], MID_2026, runner=exact)
    folder = forged.write(tmp_path / "forged")
    assert main(["replan", str(folder), "--committed-until", "2026-07-01", "--out", str(tmp_path / "new")]) == 1
    assert "fails its audit" in capsys.readouterr().err
    changed = old.write(tmp_path / "changed")
    (changed / "tables" / "reach.csv").write_bytes((changed / "tables" / "reach.csv").read_bytes() + b"\n")
    assert main(["replan", str(changed), "--committed-until", "2026-07-01", "--out", str(tmp_path / "new")]) == 1
    assert "tables/reach.csv was changed" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_a_better_plan_under_another_bound_says_what_it_is(old):
    """A plan that takes the bound of a program with fewer constraints has the status that its new gap allows."""
    cost = old.summary["cost_busd"]
    for bound, target, status in (
        (cost, 0.01, "optimal"),
        (0.995 * cost, 0.01, "gap_reached"),
        (0.9 * cost, 0.01, "time_limit"),
    ):
        bounded = Plan(
            old.case, {**old.summary, "status": status, "bound_busd": bound, "gap_target": target}, old.tables
        )
        found = _with_bound(old, bounded)
        assert found.summary["status"] == status
        assert audit(found.case, found.tables, found.summary).passed


def test_a_plan_is_kept_when_power_is_late(old, exact):
    """Law: another rule or other dates of energisation leave the periods as they are; other periods are refused."""
    late = ["model.horizon.energisation_dates=high", "model.horizon.energisation=throughout"]
    assert replan(old, late, MID_2026, least_churn=False, runner=exact).rows
    with pytest.raises(PlannerError, match="alter the horizon"):
        replan(old, ["model.horizon.tail={period_months=[12]}"], MID_2026, runner=exact)
