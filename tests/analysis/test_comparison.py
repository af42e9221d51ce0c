"""Comparison of plans: parts add up, contracts are matched, churn is what the page says."""

import pytest

from planner import Case
from planner.analysis.comparison import TABLES, churn_share, compare
from planner.api import Plan
from planner.cli.compare_command import TABLE_NAMES
from planner.errors import PlanError, PlannerError

EXACT_BUSD = 1e-6


@pytest.fixture(scope="module")
def base():
    """The plan of the case that is worked out on paper."""
    return Case.read("three_sites").solve(gap=0.0, own_process=False)


@pytest.fixture(scope="module")
def moved():
    """The plan when the cheapest campus can hold only one block."""
    return Case.read("three_sites", changes=["sites[north].max_it_mw=20"]).solve(gap=0.0, own_process=False)


def lease(plan, changes):
    """Return a plan with the decided contracts changed by hand: contract key -> columns, or None to drop it."""
    rows = []
    for row in plan.rows("contracts"):
        change = changes.get(row["contract"], {})
        if change is not None:
            rows.append({**row, **change})
    return Plan(plan.case, plan.summary, {**plan.tables, "contracts": rows})


def kinds(base, plan):
    """Return (change, IT MW before, IT MW after) of everything that is not kept."""
    rows = compare(base, plan).rows("contracts")
    return sorted((r["change"], r["reference_it_mw"], r["plan_it_mw"]) for r in rows if r["change"] != "kept")


def test_waterfall_adds_up_to_the_difference(base, moved):
    """The differences of all parts add up to the difference of the costs to 1e-6 $B, for each of several plans."""
    found = compare(base, moved, base, names=["a", "b", "c"])
    sums = found.table("waterfall").groupby("plan")["difference_busd"].sum()
    assert sums["b"] == pytest.approx(moved.summary["cost_busd"] - base.summary["cost_busd"], abs=EXACT_BUSD)
    assert sums["b"] > 0.1
    assert sums["c"] == 0.0


@pytest.mark.slow
def test_full_case_adds_up(make_case):
    """With every family, salvage, income and signed contracts the parts still add up."""
    plans = [
        Case.of(make_case(full=True, objective={"discount_rate_per_year": rate})).solve(gap=0.01, own_process=False)
        for rate in (0.08, 0.12)
    ]
    rows = compare(*plans).rows("waterfall")
    difference = plans[1].summary["cost_busd"] - plans[0].summary["cost_busd"]
    assert sum(row["difference_busd"] for row in rows) == pytest.approx(difference, abs=EXACT_BUSD)
    assert {"salvage", "backup_income", "rent", "chips"} <= {row["item"] for row in rows}


def test_a_cost_that_is_not_the_sum_of_its_parts_is_refused(base):
    """A plan whose stated cost is not the sum of its parts is named, not compared."""
    forged = Plan(base.case, {**base.summary, "cost_busd": 1.0}, base.tables)
    with pytest.raises(PlanError, match="add up"):
        compare(base, forged)


def test_every_mw_of_contracts_is_in_one_row(base, moved):
    """The rows of contracts hold every IT MW of either plan exactly once."""
    rows = compare(base, moved).rows("contracts")
    for side, plan in (("reference_it_mw", base), ("plan_it_mw", moved)):
        assert sum(row[side] for row in rows) == pytest.approx(sum(r["it_mw"] for r in plan.rows("contracts")))
    assert any(row["change"] != "kept" for row in rows)


def test_a_plan_against_itself_changes_nothing(base):
    """Everything is kept, nothing differs, and churn is nil."""
    found = compare(base, base)
    assert {row["change"] for row in found.rows("contracts")} == {"kept"}
    for name in ("waterfall", "capacity", "spend"):
        (figure,) = [column for column in TABLES[name] if column.startswith("difference")]
        assert all(row[figure] == 0.0 for row in found.rows(name))
    assert churn_share(base, base) == 0.0


def test_kinds_of_change(base):
    """A contract that is delayed, dropped, grown, given another end or role, or moved to another site is named so."""
    later = {"start_date": "2027-01-01", "end_date": "2029-01-01", "it_mw": 40.0}
    assert kinds(base, lease(base, {"north_cloud/primary/2026": later})) == [("delayed", 40.0, 40.0)]
    assert kinds(base, lease(base, {"south_cloud/primary/2026": None})) == [("dropped", 40.0, 0.0)]
    assert kinds(base, lease(base, {"south_cloud/primary/2026": {"it_mw": 60.0}})) == [("resized", 0.0, 20.0)]
    longer = {"end_date": "2030-01-01"}
    assert kinds(base, lease(base, {"north_cloud/primary/2026": longer})) == [("extended", 40.0, 40.0)]
    role = {"role": "primary"}
    assert kinds(base, lease(base, {"east_cloud/backup/2026": role})) == [("changed role", 20.0, 20.0)]
    site = {"offer": "north_cloud", "site": "north"}
    assert ("moved site", 40.0, 40.0) in kinds(base, lease(base, {"south_cloud/primary/2026": site}))
    dropped = lease(base, {"south_cloud/primary/2026": None})
    assert kinds(dropped, base) == [("added", 0.0, 40.0)]


def test_churn_by_hand(base, moved):
    """Churn is changed over total IT MW-years in force: nil for the same plan, 1 for plans with nothing in common."""
    found = compare(base, moved)
    rows = found.rows("churn")
    share = sum(r["changed_it_mw_years"] for r in rows) / sum(r["total_it_mw_years"] for r in rows)
    assert share == pytest.approx(churn_share(base, moved))
    assert share == pytest.approx(churn_share(moved, base))
    elsewhere = [{**row, "offer": f"other_{row['offer']}"} for row in base.rows("in_force")]
    assert churn_share(base, Plan(base.case, base.summary, {**base.tables, "in_force": elsewhere})) == 1.0


def test_a_plan_read_from_its_folder_is_the_same(base, moved, tmp_path):
    """Comparing plans read back from their folders gives the same tables."""
    written = [Plan.read(plan.write(tmp_path / name)) for name, plan in (("a", base), ("b", moved))]
    fresh, again = compare(base, moved), compare(*written)
    for name in TABLES:
        left, right = fresh.table(name), again.table(name)
        keys = [column for column in left if left[column].dtype == object]
        assert left[keys].astype(str).equals(right[keys].astype(str)), name
        for column in left.select_dtypes("number"):
            assert list(left[column]) == pytest.approx(list(right[column]), abs=1e-9), (name, column)


def test_capacity_by_any_column(base, moved):
    """Capacity summed by provider equals capacity summed by site; an unknown column is refused."""
    found = compare(base, moved)
    totals = {c: found.capacity_by(c)["difference_it_mw"].sum() for c in ("provider", "site", "chip", "role")}
    assert len({round(total, 6) for total in totals.values()}) == 1
    with pytest.raises(PlannerError, match="nonsense"):
        found.capacity_by("nonsense")


def test_what_cannot_be_compared(base):
    """One plan alone, repeated names, and an unknown table are refused."""
    with pytest.raises(PlannerError, match="at least one plan"):
        compare(base)
    with pytest.raises(PlannerError, match="different names"):
        compare(base, base, names=["a", "a"])
    with pytest.raises(PlannerError, match="no table 'nonsense'"):
        compare(base, base).rows("nonsense")


def test_the_command_knows_the_tables():
    """The names the command line offers are those of the library."""
    assert tuple(TABLES) == TABLE_NAMES
