"""The draw: frequencies, correlations and distributions against closed forms; the same everywhere; it applies."""

import dataclasses
import hashlib
import math
from statistics import fmean

import numpy as np
import pytest
import scipy

import planner
from planner import Case, CaseError, OptionError
from planner.changes.apply import apply_whatif
from planner.inputs.make import make_inputs
from planner.uncertainty.draw import draw_scenarios
from planner.uncertainty.events import fit, probability
from planner.uncertainty.scenario import ScenarioSet
from tests.cases import make_case
from tests.length import thinned
from tests.uncertainty.drawn import late, months, risks_alone, risky

MANY = 1024


def test_a_draw_is_the_same_everywhere():
    """Law: the same case, number and seed give the same scenarios, to the last byte; these were written down once."""
    case = make_case(full=True)
    drawn = risks_alone(case, 8, seed=7)
    assert drawn.scenarios == risks_alone(case, 8, seed=7).scenarios
    assert drawn.scenarios != risks_alone(case, 8, seed=8).scenarios
    assert [one.changes for one in risks_alone(case, 16, seed=7)[:8]] == [one.changes for one in drawn]
    text = drawn.content().decode().replace(drawn.made, "")
    assert hashlib.sha256(text.encode()).hexdigest()[:12] == "5d52543fdfd6"


@pytest.mark.parametrize(
    ("shares", "common"),
    thinned(
        [
            ({"region_factor_share": 0.5}, 0.5),  # north and south: one region, two providers
            ({"provider_factor_share": 0.9}, 0.0),
            (
                {"provider_factor_share": 0.3, "region_factor_share": 0.2, "group": "all", "group_factor_share": 0.4},
                0.6,
            ),
        ],
        3,
        unpack=True,
    ),
)
def test_frequency_and_correlation_of_events(shares, common):
    """Law: an event happens as often as stated, and two with common factors together as a normal copula says."""
    dates = {"north": "2027-01-01", "south": "2028-01-01", "east": "2025-01-01"}
    steps = [{"site": site, "date": date, "facility_mw": 300.0} for site, date in dates.items()]
    case = risky(late(exposed_years=2.0, probability_per_year=0.2, **shares), energisation=steps)
    chance = 1.0 - 0.8**2
    assert probability(case.rows("risks")[0]) == pytest.approx(chance)
    drawn = risks_alone(case, MANY, seed=1)
    north, south = (np.array(months(drawn, "sites", site)) > 0 for site in ("north", "south"))
    assert [north.mean(), south.mean()] == pytest.approx([chance, chance], abs=0.02)
    z = scipy.stats.norm.ppf(chance)
    together = scipy.stats.multivariate_normal([0, 0], [[1, common], [common, 1]]).cdf([z, z])
    assert (north & south).mean() == pytest.approx(together, abs=0.025)


def test_groups_join_risks():
    """Law: what risks of a group have in common makes them happen together; with all in common, always."""
    joined = {"group": "partner", "group_factor_share": 1.0}
    chips = {"risk": "chips", "kind": "chip_late", "probability_per_year": 0.4, "impact_months": 3.0}
    case = risky(late(sites=("north",), **joined), chips | joined)
    drawn = risks_alone(case, 64, seed=2)
    assert [late > 0 for late in months(drawn, "sites", "north")] == [
        late > 0 for late in months(drawn, "chips", "custom")
    ]


def test_fitted_slips_have_the_moments_of_the_sample():
    """Law: log(slip + 1) is normal with mean and deviation of the sample; what came early counts as not late."""
    case = risky(late(distribution="fitted", sample="halls", impact_months=None, probability_per_year=1.0))
    days = [30, 122, 365]
    logs = [math.log1p(day * 12.0 / 365.25) for day in days]
    found = fit(case, "halls")
    assert (found.mean, found.deviation) == pytest.approx((fmean(logs), np.std(logs, ddof=1)))
    drawn = months(risks_alone(case, MANY, seed=3), "sites", "north")
    assert fmean(drawn) == pytest.approx(math.exp(found.mean + found.deviation**2 / 2) - 1.0, rel=0.1)
    assert np.median(drawn) == pytest.approx(math.exp(found.mean) - 1.0, abs=0.5)
    early = [{**row, "later_date": "2025-01-01"} for row in full_slips()]
    none = risky(late(distribution="fitted", sample="halls", impact_months=None), schedule_slips=early)
    assert set(months(risks_alone(none, 20), "sites", "north")) == {0}


def full_slips() -> list[dict[str, object]]:
    """The slips of the full case, as rows."""
    return [row.model_dump(exclude_none=True) for row in make_case(full=True).rows("schedule_slips")]


@pytest.mark.parametrize(
    ("distribution", "mean"),
    [("fixed", 6.0), ("triangular", (2.0 + 6.0 + 16.0) / 3.0)],
)
def test_mean_of_an_impact(distribution, mean):
    """Law: the mean delay, if it happens, is that of the distribution."""
    ranges = {"risks": {"late": {"impact_months": (2.0, 16.0)}}}
    case = risky(late(distribution=distribution, probability_per_year=1.0), ranges=ranges)
    drawn = months(risks_alone(case, MANY, seed=4), "sites", "north")
    assert fmean(drawn) == pytest.approx(mean, rel=0.02)


def test_quantiles_of_a_lognormal_impact():
    """Law: a tenth of all impacts lies below the low end, half below the middle, a tenth above the high end."""
    ranges = {"risks": {"late": {"impact_months": (10.0, 80.0)}}}
    case = risky(late(distribution="lognormal", impact_months=20.0, probability_per_year=1.0), ranges=ranges)
    drawn = np.array(months(risks_alone(case, MANY, seed=4), "sites", "north"))
    assert [np.mean(drawn <= point) for point in (10, 20, 80)] == pytest.approx([0.1, 0.5, 0.9], abs=0.03)


DEMAND = {"demand": {("america", "inference", year): {"compute": (20.0, 160.0)} for year in (2026, 2027)}}


def test_a_path_moves_as_one_within_its_range():
    """Law: figures of one market move together; four fifths lie inside the range, as many below it as above."""
    case = risky(ranges=DEMAND)
    base, after = (case.index("demand")["america", "inference", year].compute for year in (2026, 2027))
    assert 20.0 < base < after < 160.0
    drawn = draw_scenarios(case, MANY, seed=5)
    values = np.array([[float(change.value) for change in one.changes] or [base, after] for one in drawn])
    assert ((values[:, 0] > base) == (values[:, 1] > after)).all()
    found = [np.mean(values[:, 0] < 20.0), np.mean(values[:, 0] < base), np.mean(values[:, 0] > 160.0)]
    assert found == pytest.approx([0.1, 0.5, 0.1], abs=0.02)
    narrow = draw_scenarios(case, MANY, seed=5, inside_range=0.5)
    shares = np.mean([20.0 <= float(one.changes[0].value) <= 160.0 for one in narrow if one.changes])
    assert shares == pytest.approx(0.5, abs=0.02)


def test_markets_have_a_share_in_common():
    """Law: owners of a column are correlated by the share in common."""
    ranges = {"demand": {(market, "inference", 2026): {"compute": (1.0, 400.0)} for market in ("america", "europe")}}
    case = risky(ranges=ranges)

    def correlation(share: float) -> float:
        drawn = draw_scenarios(case, 512, seed=6, common_share=share)
        logs = [[math.log(float(change.value)) for change in one.changes] for one in drawn if len(one.changes) == 2]
        return float(np.corrcoef(np.array(logs).T)[0, 1])

    assert correlation(1.0) > 0.95
    assert correlation(0.0) == pytest.approx(0.0, abs=0.15)
    assert correlation(0.5) == pytest.approx(0.5, abs=0.15)


def test_the_budget_moves_as_one():
    """Law: all years and columns of the budget have one factor: other spending follows revenue."""
    cells = {"revenue_busd": (20.0, 200.0), "other_spending_busd": (2.0, 9.0)}
    case = risky(ranges={"budget": {2026: cells, 2027: cells}})
    base = case.index("budget")
    for one in draw_scenarios(case, 64, seed=2):
        up = {float(change.value) > getattr(base[int(change.key)], change.column) for change in one.changes}
        assert len(up) == 1


def test_dates_keep_their_order_and_their_range():
    """Law: steps move between date_low and date_high, and none overtakes another; a risk of the site replaces that."""
    first = {"date": "2027-01-01", "facility_mw": 100.0, "date_low": "2026-10-01", "date_high": "2028-06-01"}
    second = {"date": "2027-03-01", "facility_mw": 200.0, "date_low": "2027-02-01", "date_high": "2028-07-01"}
    steps = [{"site": "north"} | first, {"site": "north"} | second]
    steps += [{"site": site, "date": "2025-01-01", "facility_mw": 300.0} for site in ("south", "east")]
    case = risky(energisation=steps)
    for scenario, changed in draw_scenarios(case, 16, seed=1).cases(case):
        assert not isinstance(changed, CaseError), scenario
        early, later = sorted(row.date for row in changed.rows("energisation") if row.site == "north")
        assert "2026-10-01" <= str(early) < str(later) <= "2028-07-31"
    certain = risky(late(probability_per_year=1.0, sites=("north",)), energisation=steps)
    assert [change.table for one in draw_scenarios(certain, 4) for change in one.changes] == ["sites"] * 4


def test_every_scenario_applies_alone(tmp_path):
    """Law: each scenario is a set of changes that the case admits by itself, also from the file."""
    case = make_case(full=True)
    drawn = draw_scenarios(case, 8, seed=1)
    file = tmp_path / "drawn.toml"
    drawn.write(file)
    read = ScenarioSet.read(file, case)
    assert read == drawn
    for one in read:
        assert apply_whatif(case, one.whatif).data.index("sites").keys() == case.index("sites").keys()
    assert sum(one.probability for one in drawn) == pytest.approx(1.0, abs=1e-12)


def test_a_shift_that_moves_nothing_is_no_error():
    """Law: scenarios apply to a case in which what was late has come: where nothing moves, nothing is wrong."""
    drawn = risks_alone(risky(late(probability_per_year=1.0)), 2)
    built = make_case({"energisation": [
        {"site": site, "date": "2020-01-01", "facility_mw": 900.0} for site in ("north", "south", "east")
    ]}, full=True)  # fmt: skip
    for _, changed in drawn.cases(built):
        assert not isinstance(changed, CaseError)


@pytest.mark.slow
def test_the_shipped_case_with_risks_is_the_shipped_case():
    """Law: stargate_risks is stargate, two tables and a range; its hash is that of the pages; its draws apply."""
    risks, plain = Case.read("stargate_risks"), Case.read("stargate")
    assert plain.hash[:8] == "4784da36"
    bare = risks.replace(
        risks.model.model_copy(update={key: getattr(plain.model, key) for key in ("name", "title", "description")}),
        {"risks": None, "schedule_slips": None},
        {table: ranges for table, ranges in risks.ranges.items() if table != "risks"}
        | {"budget": plain.ranges["budget"]},
    )
    notes = {row.year: row.notes for row in plain.rows("budget")}
    budget = tuple(row.model_copy(update={"notes": notes[row.year]}) for row in risks.rows("budget"))
    assert bare.replace(tables={"budget": budget}).hash == plain.hash
    drawn = planner.draw_scenarios(risks, 3, seed=2)
    assert [type(changed).__name__ for _, changed in drawn.cases(risks)] == ["Case"] * 3


def test_nothing_to_draw_from_is_refused():
    """Law: a case without ranges and risks, or options out of their bounds, are refused in words."""
    plain = make_case()
    with pytest.raises(CaseError, match="nothing to draw from"):
        draw_scenarios(plain, 3)
    for options, words in (
        ({"inside_range": 1.0}, "inside_range"),
        ({"inside_range": "most"}, "inside_range"),
        ({"common_share": -0.1}, "common_share"),
        ({"common_share": float("nan")}, "common_share"),
    ):
        with pytest.raises(OptionError, match=words):
            draw_scenarios(plain, 3, **options)


def test_no_plan_depends_on_risks():
    """Law: the sets and parameters of the program are the same with and without the tables of risks and slips."""
    case = make_case(full=True)
    with_risks, without = make_inputs(case), make_inputs(case.replace(tables={"risks": None, "schedule_slips": None}))
    for field in dataclasses.fields(with_risks):
        if field.name != "case":
            assert getattr(with_risks, field.name) == getattr(without, field.name), field.name
