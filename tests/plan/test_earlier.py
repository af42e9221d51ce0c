"""The law of earlier folders: a plan that version 0.1 wrote opens, audits and shows the names of today."""

import json
import warnings

import pytest

from planner.api import Case, Plan
from planner.audit.folder import audit_folder
from planner.case.starter import write_starter
from planner.errors import DeprecatedNameWarning

pytestmark = pytest.mark.slow
"""The starter is solved; `test_earlier_folders.py` opens folders that earlier versions wrote, at once."""


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    """A plan that develops a custom chip."""
    folder = tmp_path_factory.mktemp("case") / "mine"
    write_starter(folder)
    return Case.read(folder).solve(gap=0.02, own_process=False)


@pytest.fixture
def earlier(plan, tmp_path):
    """Its folder as version 0.1 would have written it: without a manifest, chips with programmes."""
    folder = plan.write(tmp_path / "plan")
    (folder / "manifest.json").unlink()
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    del summary["folder_format"]
    (folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    (folder / "tables" / "developments.csv").rename(folder / "tables" / "programmes.csv")
    for name, word in (("tables/spend.csv", ",development,"), ("inputs/chips.csv", ",development_cost_busd,")):
        text = (folder / name).read_text(encoding="utf-8")
        assert word in text
        (folder / name).write_text(text.replace(word, word.replace("development", "programme")), encoding="utf-8")
    return folder


def test_a_folder_of_an_earlier_version_opens_with_the_names_of_today(plan, earlier):
    """Tables, items and case are those of the plan, and no warning asks for a change of a finished plan."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecatedNameWarning)
        again = Plan.read(earlier)
    assert again.case.hash == plan.case.hash
    assert {name: list(again.rows(name)) for name in again.tables} == {n: list(rows) for n, rows in plan.tables.items()}
    assert list(again.rows("developments"))


def test_a_folder_of_an_earlier_version_passes_its_audit(earlier):
    """Every check but those of files is made, with the table and the item by their earlier names, and passes."""
    report = audit_folder(earlier)
    assert report.passed
    assert "development cost" in {check.name for check in report.checks}


def test_an_earlier_name_of_a_table_gives_it_with_a_warning(plan):
    """``plan.programmes``, ``rows`` and ``table`` give the developments; the warning names them."""
    for ask in (lambda: plan.programmes, lambda: plan.table("programmes")):
        with pytest.warns(DeprecatedNameWarning, match="now called developments; .* version 0.3"):
            assert ask().equals(plan.developments)
    with pytest.warns(DeprecatedNameWarning):
        assert plan.rows("programmes") == plan.rows("developments")
