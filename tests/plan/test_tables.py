"""Laws of the tables of a plan: one schema, in Python and from the files; all money adds up to the cost."""

from datetime import date

import pandas as pd
import pytest

from planner.api import Case
from planner.case.model import Horizon
from planner.inputs.periods import Periods
from planner.plan.columns import TABLES
from planner.plan.dictionary import plan_dictionary
from planner.plan.frames import dtype_of
from planner.synthetic import generate
from tests.cases import make_case
from tests.length import some, thinned
from tests.program.tiny import chip, column, lease, own, region, site, solve, tiny
from tests.reference.rich_cases import rich_case

FEW_RANDOM = (0, 1, 2, 4)
MORE_RANDOM = range(5, 40)


def sums_up(plan):
    """Check the law of money on a plan: rows of a part are the part, all rows the cost, nominal rows the budget."""
    spend = plan.spend
    rows = len(spend)
    room = 1e-9 * (rows + 10) + 1e-9 * abs(plan.cost_busd)
    assert spend["present_value_busd"].sum() == pytest.approx(plan.cost_busd, abs=room)
    for item, busd in plan.objective.itertuples(index=False):
        assert spend[spend["part"] == item]["present_value_busd"].sum() == pytest.approx(busd, abs=room)
    paid = spend.query("part == 'spend'").groupby("period")["amount_busd"].sum()
    stated = plan.budget.set_index("period")["spend_busd"]
    assert paid.reindex(stated.index).fillna(0.0).to_list() == pytest.approx(stated.to_list(), abs=room)
    reported = plan.calendar["period"].iloc[: plan.case.model.horizon.periods]
    within = spend.query("part == 'spend'")
    by_role = within[within["period"].isin(reported)].groupby("role")["amount_busd"].sum()
    for role in ("primary", "backup"):
        assert by_role.get(role, 0.0) == pytest.approx(plan.summary[f"spend_{role}_busd"], abs=room)
    whole = plan.unit_costs.query("level == 'plan'")["present_value_busd"].item()
    unserved = plan.objective.set_index("item")["present_value_busd"]["unserved"]
    assert whole == pytest.approx(plan.cost_busd - unserved, abs=room)


def types_hold(plan, folder):
    """Check the law of types on a plan: keys are keys, types those documented, and files are read alike."""
    yearly = plan.periods.yearly
    written = plan.write(folder)
    for name, schema in TABLES.items():
        frame = plan.table(name)
        assert not frame.duplicated(subset=list(schema.key)).any(), name
        read = pd.read_csv(written / "tables" / f"{name}.csv", keep_default_na=name != "capacity")
        for one, found in schema.columns.items():
            years = yearly and (found.kind != "label" or plan.case.model.horizon.tail is None)  # of a tail: 2036-2037
            wanted = dtype_of(found, yearly=years) or str(pd.Series(["x"]).dtype)
            assert str(frame[one].dtype) == wanted, (name, one)
            assert found.empty or not frame[one].isna().any(), (name, one)
            if frame[one].notna().any():
                gaps = wanted == "Int64"
                plain = ("float64" if frame[one].isna().any() else "int64") if gaps else wanted
                assert str(read[one].dtype) == plain, (name, one)
                assert read[one].isna().to_list() == frame[one].isna().to_list()
                values = frame[one].dropna()
                assert read[one].dropna().to_list() == _as_read(values.to_list()), (name, one)


def _as_read(values):
    """Return what `read_csv` without options may make of values: its fast reader of numbers rounds the last digit."""
    return pytest.approx(values, rel=1e-14, abs=0.0) if all(isinstance(one, float) for one in values) else values


@pytest.mark.parametrize("name", thinned(["three_sites", "starter"], 2))
def test_shipped_cases_keep_the_laws(name, tmp_path):
    """The case checked by hand, and the starter of `planner new`."""
    if name == "starter":
        from planner.case.starter import write_starter

        write_starter(tmp_path / "case")
    plan = Case.read(tmp_path / "case" if name == "starter" else name).solve(gap=0.02, own_process=False)
    sums_up(plan)
    types_hold(plan, tmp_path / "plan")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["stargate", "stargate_2026", "stargate_to_2030"])
def test_large_shipped_cases_keep_the_laws(name, tmp_path):
    """The cases of Stargate."""
    plan = Case.read(name).solve(gap=0.02)
    sums_up(plan)
    types_hold(plan, tmp_path / "plan")


@pytest.mark.parametrize("number", thinned(FEW_RANDOM, 3, 2))
def test_random_cases_keep_the_laws(number, tmp_path):
    """Random cases with everything in them, of periods of many lengths."""
    _random(number, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("number", some(MORE_RANDOM, 9))
def test_more_random_cases_keep_the_laws(number, tmp_path):
    """The same, nine of 35 more."""
    _random(number, tmp_path)


def _random(number, tmp_path):
    try:
        plan = Case.of(rich_case(number)).solve(gap=0.05, own_process=False)
    except Exception as error:
        if type(error).__name__ != "InfeasibleError":
            raise
        pytest.skip("an infeasible draw")
    sums_up(plan)
    types_hold(plan, tmp_path / "plan")


@pytest.mark.slow
def test_a_generated_case_keeps_the_laws(tmp_path):
    """A generated case with backup, on-site power and signed contracts."""
    plan = Case.of(generate(10, seed=3)).solve(gap=0.2, own_process=False)
    sums_up(plan)
    types_hold(plan, tmp_path / "plan")


@pytest.mark.parametrize(
    ("start", "months", "cells"),
    [
        ((2028, 1, 1), 12, (2028, 2029, 2030)),
        ((2028, 4, 1), 12, ("2028-04-01", "2029-04-01", "2030-04-01")),
        ((2028, 1, 1), (12, 24), ("2028-01-01", "2029-01-01", "2031-01-01")),
        ((2028, 10, 1), 3, ("2028-10-01", "2029-01-01", "2029-04-01")),
        ((2028, 1, 1), 6, ("2028-01-01", "2028-07-01", "2029-01-01")),
    ],
)
def test_a_period_is_a_year_or_a_date(start, months, cells):
    """Law: years are numbers where every period is one calendar year, else dates; each finds its way back."""
    periods = Periods.of(Horizon(start=date(*start), periods=2, period_months=months))
    assert periods.cells == cells
    assert [periods.index(cell) for cell in cells] == [0, 1, 2]
    assert [periods.index(str(cell)) for cell in cells] == [0, 1, 2]
    assert [periods.index(label) for label in periods.calendar.labels] == [0, 1]
    assert [periods.label(cell) for cell in cells[:2]] == list(periods.calendar.labels)
    assert periods.find("2099") is None
    with pytest.raises(KeyError):
        periods.index("2099")


def test_the_page_has_every_column_with_its_unit():
    """docs/tables.md has each table, key, column, unit and what an empty cell means."""
    page = plan_dictionary()
    for name, schema in TABLES.items():
        assert f"## {name} of a plan" in page
        assert set(schema.key) <= set(schema.columns)
        for one, found in schema.columns.items():
            assert f"| `{one}` |" in page
            assert found.meaning in page
            assert bool(found.unit) == (found.kind == "number" or one in ("blocks", "accelerators")), (name, one)


def test_every_payment_stands_at_its_level():
    """Two contracts of one offer: rent and opex are of each; usage, chips and energy are of the offer."""
    case = tiny(
        [10.0, 20.0],
        periods=2,
        offers=[
            lease(
                "shell", tenure="shell", rent_musd_per_mw_year=2.0, take_or_pay_share=0.5, opex_musd_per_mw_year=0.1,
                signing_cost_busd=0.01,
            )
        ],
        families={"power": {"utilisation": 0.8}},
    )  # fmt: skip
    plan = solve(case)
    spend = plan.spend.query("year == 2027").set_index("item")
    assert spend.loc["rent", "contract"].to_list() == ["shell/primary/2026", "shell/primary/2027"]
    assert spend.loc["rent", "amount_busd"].to_list() == pytest.approx([0.01, 0.01])
    assert spend.loc["opex", "amount_busd"].to_list() == pytest.approx([0.001, 0.001])
    assert spend.loc["usage", "amount_busd"] == pytest.approx(0.02)
    assert pd.isna(spend.loc["usage", "contract"])
    assert spend.loc["chips", ["offer", "chip", "vendor"]].to_list() == ["shell", "chip", "chip_vendor"]
    assert spend.loc["energy", "amount_busd"] == pytest.approx(20e-3 * 0.8 * 1.2 * 8.76e-3 * 50.0)
    signing = plan.spend.query("item == 'signing'").iloc[0]
    assert (signing["offer"], signing["year"], pd.isna(signing["contract"])) == ("shell", 2026, True)


def test_rents_owed_after_the_horizon():
    """Ten blocks at 10 $M for 2.5 years from 2026, growing 10 % a year; signed IT MW for longer."""
    signed = {
        "contract": "signed", "offer": "old", "role": "primary", "it_mw": 40.0, "start_date": "2025-01-01",
        "end_date": "2029-04-01", "rent_musd_per_mw_year": 20.0, "chip": "chip",
    }  # fmt: skip
    case = tiny(
        [140.0, 140.0],
        periods=2,
        offers=[
            lease(term_years=2.5, rent_growth_per_year=0.1, max_blocks=10, take_or_pay_share=0.5),
            lease("old", max_blocks=0),
        ],
        contracts=[signed],
        objective={"discount_rate_per_year": 0.21},
    )
    plan = solve(case)
    owed = plan.obligations.set_index(["year", "contract"])["amount_busd"]
    assert owed.to_dict() == pytest.approx(
        {
            (2028, "signed"): 0.8,
            (2028, "lease/primary/2026"): 0.5 * 1.1**2.5 * 0.5,
            (2029, "signed"): 0.2,
        }
    )
    years = plan.obligations.set_index(["year", "contract"])["in_force_years"]
    assert years.to_dict() == pytest.approx(
        {(2028, "signed"): 1.0, (2028, "lease/primary/2026"): 0.5, (2029, "signed"): 0.25}
    )
    present = plan.obligations.set_index(["year", "contract"])["present_value_busd"]
    assert present[2029, "signed"] == pytest.approx(0.2 / 1.21**3.5)
    assert not plan.spend["year"].gt(2028).any()
    assert plan.spend["amount_busd"].sum() > owed.sum()


def test_a_renewed_contract_owes_nothing_and_a_very_long_term_is_listed_for_a_century():
    """Renewals are not assumed; a term of a million years is listed for a hundred calendar years, in finite figures."""
    short = lease(term_years=1.0, renewal_rent_musd_per_mw_year=9.0, last_start="2026-01-01")
    renewed = solve(tiny([10.0, 10.0], periods=2, offers=[short]))
    assert column(renewed, "contracts", "end_period") == [2028.0]
    assert renewed.obligations.empty
    endless = solve(tiny([10.0], offers=[lease(term_years=1e6, rent_growth_per_year=9.0)]))
    assert len(endless.obligations) == 100
    assert endless.summary["audit"]["passed"]


def test_unit_costs_of_a_lease_and_of_a_building():
    """A lease costs its rent; a building what it, its chips and its energy cost over the years they are there."""
    case = tiny(
        [10.0, 10.0],
        periods=2,
        sites=[site("a"), site("b", max_it_mw=10.0, fixed_opex_busd_per_year=0.01)],
        offers=[lease(max_blocks=0), own(place="b", term_years=2.0)],
        chips=[chip(life_years=2.0, inference_compute_per_it_mw=2.0)],
        power_regions=[region()],
        demand_rows=[{"market": "m", "workload": "inference", "year": year, "compute": 20.0} for year in (2026, 2027)],
        families={"site_opening": {}},
    )
    found = solve(case).unit_costs.set_index("level")
    assert found.loc["contract", "cost_musd_per_it_mw_year"] == pytest.approx(12.0 / 2)
    assert found.loc["offer", "cost_musd_per_it_mw_year"] == pytest.approx((12.0 + 30.0) / 2)
    assert found.loc["site", "cost_musd_per_it_mw_year"] == pytest.approx((12.0 + 30.0) / 2 + 1.0)
    assert found.loc["plan", "cost_usd_per_served_compute_year"] == pytest.approx(22.0e6 / 2)
    assert found.loc["offer", "cost_usd_per_inference_compute_year"] == pytest.approx(21.0e6 / 2)
    assert found.loc["contract", "it_mw_years"] == 20.0
    assert pd.isna(found.loc["offer", "cost_usd_per_served_compute_year"])
    rent = solve(tiny([10.0], offers=[lease()], objective={"discount_rate_per_year": 0.3})).unit_costs
    assert rent.query("level == 'contract'")["cost_musd_per_it_mw_year"].item() == pytest.approx(10.0)


def test_unserved_demand_stands_at_its_market_and_bears_no_role():
    """What is not served and has a price is in the table, by market; unit costs leave it out."""
    case = tiny(
        15.0,
        offers=[lease(max_blocks=1)],
        objective={"unserved": "priced", "unserved_price_busd_per_compute_year": 0.5},
    )
    plan = solve(case)
    row = plan.spend.query("part == 'unserved'").iloc[0]
    assert (row["market"], pd.isna(row["role"]), row["amount_busd"]) == ("m", True, 2.5)
    assert plan.unit_costs.query("level == 'plan'")["present_value_busd"].item() == pytest.approx(0.1)


@pytest.mark.slow
def test_full_tiny_case_keeps_the_laws(tmp_path):
    """Every family at once, half years: dates as periods."""
    plan = Case.of(make_case(full=True, horizon={"periods": 8, "period_months": 6})).solve(gap=0.01, own_process=False)
    assert list(plan.calendar["period"])[:2] == ["2026-01-01", "2026-07-01"]
    sums_up(plan)
    types_hold(plan, tmp_path / "plan")
