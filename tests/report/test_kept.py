"""Answers that were kept are read again for the report of their plan, and nothing else is taken for one."""

import json
from pathlib import Path

import pytest

from planner.errors import PlannerError
from planner.report.kept import read_kept
from tests.figures.plans import kept_plan

SPAN = {
    "dimension": "site", "name": "north", "plan_it_mw": 60.0, "low_it_mw": 50.0, "high_it_mw": 70.0,
    "least_it_mw": 45.0,    "most_it_mw": 75.0, "verdict": "must",
}  # fmt: skip
PRICE = {
    "kind": "cash", "place": "", "period": "2027", "unit": "$B", "more_busd": -0.5, "less_busd": None,
    "more_until": 1.0, "less_until": None, "kept_until": None, "divisible_busd": 0.0,
}  # fmt: skip


def _alternatives(**other: object) -> dict[str, object]:
    cost = kept_plan("three_sites").cost_busd
    move = {"dimension": "site", "name": "north", "it_gw_years": 0.1, "end_it_mw": 10.0}
    plan = {"cost_busd": cost, "extreme": "most site north", "moved": [move]}
    own = {"within": 0.01, "plan_cost_busd": cost, "limit_busd": 1.01 * cost, "spans": [SPAN], "plans": [plan]}
    return {"exit_code": 0, "status": "ok", **own, "folders": [], **other}


def _prices(**other: object) -> dict[str, object]:
    return {"prices": {"cost_busd": kept_plan("three_sites").cost_busd, "prices": [{**PRICE, **other}], "meaning": {}}}


def _written(folder: Path, content: object, name: str = "answer.json") -> Path:
    file = folder / name
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return file


def test_answers_are_read(tmp_path):
    """Law: answers of both kinds are read as they were written; of two of a kind the last counts."""
    files = [
        _written(tmp_path, _alternatives(within=0.5), "first.json"),
        _written(tmp_path, _alternatives()),
        _written(tmp_path, _prices(), "prices.json"),
    ]
    found = read_kept(files, kept_plan("three_sites"))
    assert found.alternatives is not None
    assert found.prices is not None
    assert found.alternatives.within == 0.01
    assert found.alternatives.spans[0].verdict == "must"
    assert found.alternatives.plans[0].moved[0].it_gw_years == 0.1
    assert found.prices.of("cash", period="2027").more_busd == -0.5


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[" * 100_000, "no JSON document"),
        ("nothing", "no JSON document"),
        ("[1]", "must be an object"),
        ({"status": "ok"}, "is no answer"),
        (_alternatives(plan_cost_busd=1.0), "not of this plan"),
        (_alternatives(case_hash="0"), "another case"),
        (_alternatives(spans=[{**SPAN, "low_it_mw": "many"}]), "spans.0.low_it_mw"),
        (_alternatives(spans=[{"name": "north"}]), "spans.0.dimension"),
        (_prices(more_busd="much"), "more_busd"),
        (json.dumps(_alternatives()).replace("60.0", "NaN"), "no JSON document"),
        (json.dumps(_alternatives()).replace("60.0", "1e999"), "no JSON document"),
        ({"prices": {"cost_busd": None, "prices": []}}, "valid number"),
    ],
)
def test_what_is_no_answer_is_said(tmp_path, content, said):
    """Law: a file that no command wrote, or one of another plan, is refused with its fault, and is no traceback."""
    file = _written(tmp_path, content)
    with pytest.raises(PlannerError, match=said) as error:
        read_kept([file], kept_plan("three_sites"))
    assert str(file) in str(error.value)


def test_a_file_that_is_not_there_is_said(tmp_path):
    """Law: a file that cannot be read is named."""
    with pytest.raises(PlannerError, match=r"none\.json"):
        read_kept([tmp_path / "none.json"], kept_plan("three_sites"))
