"""`Case` and `Plan`: a case is a value (frozen, comparable, short to show), and a plan leads back to it."""

import dataclasses
import inspect
import pickle

import pytest

from planner import Case, Plan, front, generate, replan, tornado
from planner.case.case import CaseData
from planner.case.read import read_case
from planner.synthetic.generate import generate as draw

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
