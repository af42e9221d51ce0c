"""How well a plan is protected in other futures, worked out by hand."""

from datetime import date

import pytest

from planner import Case
from planner.cli import main
from planner.errors import OptionError
from planner.plan.plan import PlanData
from planner.uncertainty.findings import Findings
from planner.uncertainty.plotted import protection
from planner.uncertainty.protected import COLUMNS, LOSS, RULE, protection_of, protection_rows, protection_summary
from planner.uncertainty.scenario import ScenarioSet, scenario
from planner.uncertainty.stress import stress
from tests.program.tiny import lease, site, tiny
from tests.uncertainty.found import made
from tests.uncertainty.test_ordered import several

EXACT = {"gap": 0.0, "workers": 1, "own_process": False}
NEVER = [{"op": "set", "place": "offers[two].first_start", "value": "2030-01-01"}]
THREE = ScenarioSet(
    (
        scenario("as_planned", 0.5),
        scenario("more", 0.25, ["demand[m,inference,2027].compute=130"]),
        scenario("never", 0.25, NEVER),
    )
)
"""As planned; more demand than there is capacity; one of the two sites never comes."""


@pytest.fixture(scope="module")
def plan():
    """Six blocks at one site and four at another, for a demand of 100 in 2027, two fifths of it critical."""
    offers = [
        lease("one", "a", max_blocks=6, provider="p"),
        lease("two", "b", max_blocks=6, provider="q", rent_musd_per_mw_year=11.0),
    ]
    rules = [{"name": "any site", "domain": "site", "critical_share": 0.4}]
    sites, families = [site("a"), site("b")], {"redundancy": {"rules": rules}}
    case = tiny((60.0, 100.0), periods=2, offers=offers, sites=sites, families=families)
    return Case.of(case).solve(gap=0.0, own_process=False)


@pytest.mark.slow
def test_protection_by_hand(plan, tmp_path, monkeypatch, capsys):
    """Law: by rule and by loss, share and probability are those of the capacity that is left, as are those shown."""
    monkeypatch.chdir(tmp_path)
    plan.write("plan")
    THREE.write("three.toml")
    given = ["--outages", "2027-01-01", "--price", "unserved=1", "--price", "protection=1", "--gap", "0"]
    assert main(["stress", "plan", "--scenarios", "three.toml", *given, "--workers", "1", "--out", "found"]) == 0
    shown = capsys.readouterr().out
    rule = "Redundancy rule any site: all critical demand is served and protected, in every period of the rule"
    assert f"{rule}, 2026 to 2027, in 50.00% of all futures; in the worst, 0.00%" in shown
    assert "Any one site lost: all demand is still served, in every period from 2027 on, in 0.00% of all" in shown
    found = Findings.read("found")
    rows = {(row["kind"], row["what"], row["period"]): row for row in found.tables["protection"]}
    assert [key for key in rows if key[0] == RULE] == [(RULE, "any site", "2026"), (RULE, "any site", "2027")]
    rule, loss = rows[RULE, "any site", "2027"], rows[LOSS, "site", "2027"]
    assert list(rule) == list(COLUMNS)
    mean = 0.5 + 0.25 * 40.0 / 52.0  # of 52 critical, 40 of the 100 served are protected
    assert (rule["mean"], rule["held_share"], rule["least"], rule["planned"]) == pytest.approx((mean, 0.5, 0.0, 1.0))
    left = {"as_planned": 0.4, "more": 40.0 / 130.0, "never": 0.0}  # of each future's demand, without the larger site
    assert loss["planned"] == pytest.approx(left["as_planned"])
    assert (loss["p10"], loss["p50"], loss["p90"]) == pytest.approx(tuple(sorted(left.values())))
    assert loss["mean"] == pytest.approx(sum(one.probability * left[one.name] for one in THREE))
    assert rows[LOSS, "power_region", "2027"]["least"] == pytest.approx(0.0)
    assert (LOSS, "site", "2026") not in rows
    assert main(["plot", "found", "protection", "--measure", "site", "-o", "site.html"]) == 0
    fan = protection(found, "site")
    assert fan.high == pytest.approx((100.0 * left["as_planned"],))
    assert "after the loss of any one site" in fan.title
    with pytest.raises(OptionError, match="protection is of any site, site, provider, power_region, not of 'sites'"):
        protection(found, "sites")


def test_what_is_not_known_is_not_drawn():
    """Law: a study of risk, and a replay without a rule or a loss, have no figure of protection, and say why."""
    with pytest.raises(OptionError, match="of a plan that was replayed"):
        protection(made())
    bare = made("stress")
    with pytest.raises(OptionError, match="no redundancy rule and no place was lost"):
        protection(Findings("stress", bare.summary, {**bare.tables, "protection": []}))


def test_a_rule_named_as_a_loss_hides_none():
    """Law: where a rule is called as a kind of loss both can be drawn, by names that say which."""
    found = made("stress")
    first = {**found.tables["protection"][0], "what": "site"}
    rows = [first, {**first, "kind": LOSS, "p90": 0.25}]
    both = Findings("stress", found.summary, {**found.tables, "protection": rows})
    assert "Critical demand" in protection(both, "rule:site").title
    assert protection(both, "loss:site").high == (25.0,)
    with pytest.raises(OptionError, match="protection is of rule:site, loss:site, not of 'site'"):
        protection(both, "site")


def test_what_is_not_served_is_not_protected(plan):
    """Law: where nothing is served nothing is protected, nor served after a loss; a rule has its periods alone."""
    bare = {**plan.tables, "capacity": [row for row in plan.rows("capacity") if row["period"] != 2027]}
    nothing = [
        {**row, "served_compute": 0.0, "unserved_compute": row["demand_compute"]} if row["period"] == 2027 else row
        for row in plan.rows("unserved")
    ]
    later = Case.of(plan.case).what_if(
        'model.families.redundancy.rules=[{name="any site",domain="site",critical_share=0.4,first_year=2027}]'
    )
    lost = PlanData(later, plan.summary, {**bare, "unserved": nothing})
    found = protection_of(lost, ["2026", "2027"], ["2027"])
    none = {"2027": (0.0, False)}
    assert found == {(RULE, "any site"): none, **{(LOSS, kind): none for kind in ("site", "provider", "power_region")}}


def test_a_future_without_a_plan_protects_nothing():
    """Law: shares are over the futures that have a plan, the probability that all is held is of all futures."""
    held = {(RULE, "r"): {"2026": (1.0, True)}}
    short = {(RULE, "r"): {"2026": (0.5, False)}}
    (row,) = protection_rows([held, short], [0.5, 0.25], {})
    assert (row["mean"], row["least"], row["held_share"]) == pytest.approx((2.5 / 3.0, 0.5, 0.5))
    (whole,) = protection_summary([held], [0.75])
    assert (whole["held_share"], whole["least"]) == (0.75, 1.0)


def test_a_rule_of_some_futures_alone():
    """Law: where a future has a rule that others have not, nothing of it is missing in these."""
    short = {(RULE, "r"): {"2026": (0.5, False), "2027": (1.0, True)}}
    rows = list(protection_rows([short, {}], [0.25, 0.75], {}))
    assert [(row["mean"], row["held_share"], row["planned"]) for row in rows] == [(0.875, 0.75, None), (1.0, 1.0, None)]
    assert protection_summary([short, {}], [0.25, 0.75]) == [
        {"kind": RULE, "what": "r", "held_share": 0.75, "least": 0.5}
    ]


@pytest.mark.slow
def test_protection_lies_within_its_range():
    """Law: least <= P10 <= P50 <= P90 <= 1; what holds in every period holds in each, and its least is the least."""
    plan = Case.of(several()).solve(gap=0.0, own_process=False)
    more = [scenario(f"x{f:g}", 0.2, [{"op": "scale", "place": "demand.compute", "factor": f}]) for f in (0.8, 1.3)]
    late = [scenario(f"{s}_late", 0.3, [{"op": "shift", "table": "sites", "key": s, "months": 12}]) for s in "xy"]
    futures = ScenarioSet((*more, *late))
    found = stress(plan, futures, outages=date(2026, 1, 1), gap=0.01, workers=1, own_process=False)
    assert found.protection
    for row in found.protection:
        assert -1e-9 <= row["least"] <= row["p10"] <= row["p50"] <= row["p90"] <= 1.0
        (whole,) = (one for one in found.protected if (one["kind"], one["what"]) == (row["kind"], row["what"]))
        assert whole["held_share"] <= row["held_share"] + 1e-12
        assert whole["least"] <= row["least"]
