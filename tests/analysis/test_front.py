"""Frontiers: harder asks never cost less, dominated points are marked, points without a plan say why."""

import pytest

from planner import Case
from planner.analysis.front import AXES, front
from planner.audit import audit
from planner.cli.front_command import AXES as COMMAND_AXES
from planner.errors import PlannerError
from planner.options import SolveOptions
from planner.plan.emissions import peak_emissions_mt_per_year
from planner.runs.variants import Runner


@pytest.fixture(scope="module")
def case():
    """The case that is worked out on paper."""
    return Case.read("three_sites")


@pytest.fixture(scope="module")
def exact():
    """One runner at a gap of nil, whose answers all tests share."""
    return Runner(SolveOptions(gap=0.0))


def costs(found):
    """Return the costs from the easiest ask to the hardest; None where there is no plan."""
    rows = [row["cost_busd"] for row in found.rows]
    return rows if AXES[found.against].more_is_better else rows[::-1]


@pytest.mark.parametrize(
    ("against", "options"),
    [
        ("critical_share", {"values": (0.2, 0.5, 0.8, 1.0)}),
        ("unserved", {"values": (0.0, 0.1, 0.3)}),
        ("gw_date", {"gw": 0.26}),
        ("carbon", {"values": (1.3, 0.8, 0.05)}),
    ],
)
@pytest.mark.slow
def test_asking_more_never_costs_less(case, exact, against, options):
    """Costs rise with the ask, or more stays unserved, at least once truly; no plan for some ask, none for more."""
    found = front(case, against, runner=exact, **options)
    rising = costs(found)
    asked = against == "unserved"  # what is unserved is the axis itself
    worse = [
        (0.0 if asked else round(row["unserved_share"], 6), row["cost_busd"])
        for row in (found.rows if AXES[against].more_is_better else found.rows[::-1])
        if row["cost_busd"] is not None
    ]
    assert worse == sorted(worse)
    assert [cost for _, cost in worse] == rising[: len(worse)]
    assert rising[-1] is None or worse[-1] > (worse[0][0], worse[0][1] + 1e-6)
    for row in found.rows:
        assert (row["cost_busd"] is None) == bool(row["reason"])


def test_points_of_a_front_are_audited_plans(case, exact):
    """The plan of every point passes its audit, the constraints that make the front notwithstanding."""
    for against, options in (("unserved", {"values": (0.2,)}), ("gw_date", {"gw": 0.26})):
        found = front(case, against, runner=exact, **options)
        assert found.plans
        for plan in found.plans.values():
            assert audit(plan.case, plan.tables, plan.summary).passed


@pytest.mark.slow
def test_unserved_and_gw_are_what_was_asked(case, exact):
    """At most the share asked for is unserved; the GW asked for are installed from the period on."""
    for row in front(case, "unserved", (0.0, 0.25), runner=exact).rows:
        assert row["unserved_share"] <= row["value"] + 1e-6
    found = front(case, "gw_date", gw=0.26, runner=exact)
    assert [row["status"] for row in found.rows] == ["infeasible", "optimal"]
    installed = sum(row["it_mw"] for row in found.plans[2027.0].rows("capacity") if row["period"] == 2027)
    assert installed >= 260.0 - 1e-3


@pytest.mark.slow
def test_less_money_never_serves_more(case, exact):
    """Along the budget the unserved share falls as the budget grows; a hopeless budget is a row with its reason."""
    found = front(case, "budget", (0.1, 0.9, 1.0, 2.0), runner=exact)
    shares = [row["unserved_share"] for row in found.rows if row["unserved_share"] is not None]
    assert shares == sorted(shares, reverse=True)
    assert found.rows[0]["unserved_share"] > 0.5


def test_dominated_points_are_marked(case, exact):
    """A budget that is not used up costs the same as a larger one: the larger is dominated, and no point left is."""
    found = front(case, "budget", (1.0, 2.0, 3.0), runner=exact)
    assert [row["dominated"] for row in found.rows] == ["no", "yes", "yes"]
    assert [row["value"] for row in found.points] == [1.0]


def test_emissions_by_hand(case):
    """Peak emissions are installed IT MW x utilisation x PUE x hours x intensity; capping there changes nothing."""
    plan = case.solve(gap=0.0, own_process=False)
    peak = 240.0 * 0.75 * 1.25 * 8760.0 * 400.0 / 1e9
    assert peak_emissions_mt_per_year(plan) == pytest.approx(peak)
    capped = front(case, "carbon", (peak + 1e-6,), gap=0.0).rows[0]
    assert capped["cost_busd"] == pytest.approx(plan.summary["cost_busd"])


def test_a_rule_by_name(case, exact):
    """Naming the only rule gives the same front as naming none; a wrong name is refused with those there are."""
    named = front(case, "critical_share", (0.5,), rules=["any one site"], runner=exact)
    assert named.rows == front(case, "critical_share", (0.5,), runner=exact).rows
    with pytest.raises(PlannerError, match="it has: any one site"):
        front(case, "critical_share", rules=["no such"], runner=exact)


@pytest.mark.parametrize(
    ("against", "options", "message"),
    [
        ("luck", {}, "must be against"),
        ("critical_share", {"values": (1.5,)}, "from 0 to 1"),
        ("gw_date", {}, "needs the installed IT GW"),
        ("gw_date", {"gw": 0.1, "values": (0.5,)}, "no period starts"),
        ("budget", {"values": (-1.0,)}, "0 or more"),
    ],
)
def test_refusals(case, exact, against, options, message):
    """What makes no sense is refused with what is allowed."""
    with pytest.raises(PlannerError, match=message):
        front(case, against, runner=exact, **options)


def test_a_case_without_the_family_says_so(make_case):
    """A front against what a case does not have names the family that is missing."""
    bare = make_case()
    for against, word in (("critical_share", "redundancy"), ("carbon", "power"), ("budget", "budget")):
        with pytest.raises(PlannerError, match=word):
            front(bare, against)


def test_the_command_knows_the_axes():
    """The axes the command line offers are those of the library."""
    assert tuple(AXES) == COMMAND_AXES
