"""`Case` and `Plan`: a case is a value (frozen, comparable, short to show), and a plan leads back to it."""

import dataclasses
import inspect
import pickle

import pandas
import pytest

from planner import (
    Case,
    OptionError,
    Plan,
    Runner,
    SolveOptions,
    Values,
    compare,
    front,
    generate,
    prove_bound,
    replan,
    sweep,
    tornado,
)
from planner.case.case import CaseData
from planner.case.parse import columns_of
from planner.case.read import read_case
from planner.case.rows import TABLES
from planner.program.columns import DEVELOPMENT_ON
from planner.runs.start import start_of, start_values
from planner.synthetic.generate import generate as draw
from tests.analysis.here import runs_here
from tests.cases import make_case
from tests.length import thinned

CHANGE = ["sites[north].max_it_mw=20"]


@pytest.fixture(scope="module")
def case():
    """The case that is worked out on paper."""
    return Case.read("three_sites")


@pytest.fixture(scope="module")
def plan(case):
    """Its plan."""
    return case.solve(gap=0.0)


def test_a_case_is_a_value(case):
    """Equal content is the same case, as key of a dict too; another content is another case; nothing can be set."""
    other = case.what_if(CHANGE)
    assert case == Case.read("three_sites") == Case.of(read_case("three_sites")) != other
    assert {case: 1}[Case.read("three_sites")] == 1
    assert other not in {case}
    assert case != "three_sites"
    with pytest.raises(dataclasses.FrozenInstanceError):
        case.origin = "elsewhere"
    with pytest.raises(TypeError):
        case.tables["sites"] = ()


def test_a_case_is_its_record(case):
    """Whatever takes the record takes the case; a copy that is changed or pickled is a case again."""
    assert isinstance(case, CaseData)
    assert Case.of(case) is case
    assert type(case.replace(tables={"demand": None})) is Case
    again = pickle.loads(pickle.dumps(case))
    assert again == case
    assert type(again) is Case
    with pytest.warns(DeprecationWarning, match=r"case\.model"):
        assert case.data is case


def test_inputs_are_made_once(case):
    """The derived numbers of a case are made when first asked for, and kept."""
    assert case.inputs is case.inputs
    assert case.inputs.case is case


def test_a_case_shows_itself_in_short(case):
    """A line for `repr`, a small table in notebooks, both harmless whatever the names are."""
    assert repr(case) == f"Case(three_sites, 3 sites, 3 offers, 2 periods, hash {case.hash[:8]})"
    assert repr(read_case("three_sites")).startswith("CaseData(three_sites, ")
    hostile = case.replace(model=case.model.model_copy(update={"name": "<b>\x1b[2J", "title": "<script>"}))
    assert "<script>" not in hostile._repr_html_()
    assert "\x1b" not in hostile._repr_html_() + repr(hostile)
    assert "3 sites" in case._repr_html_()


def test_the_case_of_a_plan_can_be_planned_again(case, plan, tmp_path):
    """`plan.case` is a `Case`, of a plan just solved and of one read from its folder: it can be changed and solved."""
    read = Plan.read(plan.write(tmp_path / "plan"))
    for found in (plan, read):
        assert type(found) is Plan
        assert type(found.case) is Case
        assert found.case == case
    assert read.case.what_if(CHANGE).solve(gap=0.0).cost_busd > read.cost_busd


def test_every_plan_that_is_handed_out_is_a_public_one(case, plan):
    """The plans of every study are `Plan` s with a `Case`, as those of `solve` are."""
    news = replan(plan, CHANGE, case.model.horizon.start, least_churn=False)
    found = [
        *front(case, "budget", (1.0,)).plans.values(),
        tornado(case.replace(ranges={"sites": {"north": {"max_it_mw": (150.0, 250.0)}}})).base,
        news.old,
        *news.plans.values(),
    ]
    assert {type(one) for one in found} == {Plan}
    assert {type(one.case) for one in (*found, news)} == {Case}


def test_a_random_case_is_a_case():
    """The public way to a random case takes what the generator takes, with the same defaults, and gives a `Case`."""
    assert inspect.signature(generate).parameters == inspect.signature(draw).parameters
    assert generate(10, 2, seed=3) == Case.of(draw(10, 2, seed=3))


def test_a_case_is_written_and_read_back(case, tmp_path):
    """`write` and `read` are inverse, and a case may be given by its folder wherever one is asked for."""
    case.write(tmp_path / "folder")
    assert Case.read(tmp_path / "folder") == Case.of(tmp_path / "folder") == case


def test_two_solves_with_the_same_seed_give_equal_plans(case, plan, tmp_path):
    """Law: plans are equal, and one key of a dict, when their content is; times do not count, a changed cell does."""
    again = Case.read("three_sites").solve(gap=0.0)
    assert again == plan == Plan.read(plan.write(tmp_path / "plan"))
    assert {plan: 1}[again] == 1
    assert plan != case.what_if(CHANGE).solve(gap=0.0)
    rows = [dict(row) for row in plan.rows("contracts")]
    other = dataclasses.replace(plan, tables={**plan.tables, "contracts": [{**rows[0], "it_mw": -1.0}, *rows[1:]]})
    assert other != plan
    assert plan != dataclasses.replace(plan, summary={**plan.summary, "cost_busd": 1.0})
    assert plan != "plan"


def test_a_solve_starts_from_a_plan_however_it_is_given(case, plan):
    """Law: a plan, its values and the mapping of version 0.1 are the same start; the last warns, others are refused."""
    values = start_values(plan)
    earlier = {(f"v_{name}", key): value for name, of in values for key, value in of.items()}
    with pytest.warns(DeprecationWarning, match="planner.Values"):
        assert dict(start_of(earlier)) == {name: of for name, of in values if of}
    assert start_of(plan) == start_of(values) == values
    with pytest.warns(DeprecationWarning, match="planner.Values"):
        assert start_of({("v_programme_on", ("chip", 0)): 1.0}) == Values({DEVELOPMENT_ON: {("chip", 0): 1.0}})
    assert case.solve(gap=0.0, start=plan) == plan
    for wrong in ("plan", {"v_blocks": 1.0}, 3):
        with pytest.raises(OptionError, match="start"):
            case.solve(start=wrong)


def test_what_is_no_plan_and_no_case_is_refused_in_words(case, plan):
    """Law: a folder, a case or None in the place of a plan, and a number in that of a case, are refused as options."""
    for call in (lambda: compare(plan, "folder"), lambda: compare("folder", plan), lambda: prove_bound("folder")):
        with pytest.raises(OptionError, match=r"takes plans, not 'folder' \(str\); read the folder with Plan.read"):
            call()
    with pytest.raises(OptionError, match="replan takes plans, not Case"):
        replan(case, CHANGE, case.model.horizon.start)
    with pytest.raises(OptionError, match="not 3 "):
        front(3, "budget")


def test_replan_still_takes_the_earlier_keyword(case, plan):
    """Law: `audited` of version 0.1 works, with a warning."""
    with pytest.warns(DeprecationWarning, match="audited"):
        replan(plan, CHANGE, case.model.horizon.start, least_churn=False, audited=True)


@pytest.mark.slow
def test_a_sweep_takes_a_runner():
    """Law: a runner gives a sweep its options and counts its runs; together with options it is refused."""
    runner = Runner(SolveOptions(gap=0.0, seed=3))
    with runs_here():
        found = sweep("three_sites", {"less": CHANGE}, runner=runner)
    assert found.plan("less").summary["seed"] == 3
    assert runner.results == [("optimal", True)] * 2
    with pytest.raises(OptionError, match="runner"):
        sweep("three_sites", {"less": CHANGE}, runner=runner, gap=0.1)


@pytest.mark.parametrize("name", thinned(TABLES, 3))
def test_every_table_of_a_case_is_a_data_frame(name):
    """Law: `Case.table` has the columns and types of docs/tables.md, empty or not, and the cells of the rows."""
    for source in (Case.of(make_case(full=True)), Case.read("three_sites")):
        found = source.table(name)
        assert list(found.columns) == list(columns_of(name))
        assert len(found) == len(source.rows(name)) == len(source.tables[name])
        for column, kind in columns_of(name).items():
            numeric = kind.kind in ("number", "whole number", "yes/no")
            assert (found[column].dtype.kind in "fib") == numeric, column
            given = [getattr(row, column) for row in source.rows(name)]
            assert found[column].isna().tolist() == [cell is None for cell in given]
            assert not numeric or [cell for cell in found[column] if not pandas.isna(cell)] == [
                cell for cell in given if cell is not None
            ]


def test_an_unknown_table_is_refused_with_the_nearest(case, plan):
    """Law: a misspelt table of a case or of a plan is a KeyError whose text names the nearest one."""
    for call in (case.table, case.rows, case.index):
        with pytest.raises(KeyError, match="did you mean 'sites'"):
            call("site")
    for call in (plan.table, plan.rows):
        with pytest.raises(KeyError, match="did you mean 'capacity'"):
            call("capacities")
