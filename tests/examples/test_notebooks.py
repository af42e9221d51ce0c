"""The notebooks of examples/: text and notebook are a pair, what came out is kept, and it comes out again."""

import os
import re
import socket
from importlib.metadata import version
from pathlib import Path
from tempfile import gettempdir

import jupytext
import matplotlib
import matplotlib.pyplot as plt
import nbformat
import pytest

from tests.documents.session import SHOWN_BY, locked
from tests.examples.notebooks import ROOT, TEXTS, executed, pair_of, pictures, printed, sources

LARGEST_BYTES = 500_000
SUBJECTS = {
    "01_first_plan", "02_own_case", "03_questions_of_the_brief", "04_backup_and_head_room", "05_site_allocation",
    "06_infeasible_case", "07_own_constraint", "08_many_machines", "09_plan_under_uncertainty",
}  # fmt: skip
PLACES = [gettempdir() + os.sep, str(Path.home()) + os.sep, str(ROOT), socket.gethostname()]
PRIVATE = re.compile("|".join([*map(re.escape, PLACES), " at 0x[0-9a-f]+"]))
"""What differs between machines and runs."""


@pytest.fixture(autouse=True)
def drawing_in_memory():
    """Draw without a window, and close what was drawn."""
    with matplotlib.rc_context():
        matplotlib.use("Agg")
        yield
        plt.close("all")


def name_of(text):
    """Return how the tests call a notebook."""
    return text.stem


def kept(text):
    """Return the notebook of a text as it is kept, with its outputs."""
    return nbformat.read(pair_of(text), as_version=4)


def test_the_notebooks_are_those_that_are_promised():
    """Law: every notebook has its text, every text its notebook, and all subjects are there."""
    assert {text.stem for text in TEXTS} == SUBJECTS
    assert {file.stem for file in (ROOT / "examples").glob("*.ipynb")} == SUBJECTS


@pytest.mark.parametrize("text", TEXTS, ids=name_of)
def test_text_and_notebook_are_equal(text):
    """Law: the cells of text and notebook have the same sources (`make notebooks` writes the notebook anew)."""
    assert sources(kept(text)) == sources(jupytext.read(text))


@pytest.mark.parametrize("text", TEXTS, ids=name_of)
def test_a_kept_notebook_shows_everything_and_nothing_private(text):
    """Law: executed from top to bottom, with its figures; small; and no place of a machine is in it."""
    notebook = kept(text)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert not [output for cell in code for output in cell.outputs if output.output_type == "error"]
    assert not [output for cell in code for output in cell.outputs if output.get("name") == "stderr"]
    assert len(pictures(notebook)) == sum(cell.source.endswith("_figure") for cell in code)
    assert pair_of(text).stat().st_size < LARGEST_BYTES
    assert [found for out in printed(notebook) for found in PRIVATE.findall(out)] == []
    assert nbformat.validate(notebook) is None


@pytest.mark.parametrize("text", TEXTS, ids=name_of)
def test_the_first_cell_says_what_is_needed(text):
    """Law: the first cell has the title, and what to install."""
    first = jupytext.read(text).cells[0].source
    assert first.startswith("# ")
    assert re.search(r"pip install\s+'?gigaplan", first)


@pytest.mark.slow
def test_a_constraint_of_your_own(capsys):
    """The cap of the notebook binds at its site and costs what is recycled; less water costs more."""
    names = {"__name__": "__main__"}
    for kind, source in sources(jupytext.read(ROOT / "examples" / "07_own_constraint.py")):
        if kind == "code":
            exec(compile(source, "notebook", "exec"), names)
    plan, free = names["plan"], names["free"]
    assert plan.summary["audit"]["passed"]
    assert "not_recomputed" not in plan.summary["audit"]
    recycled = plan.spend.query("item == 'x_water_recycling'")["present_value_busd"].sum()
    assert plan.cost_busd - free.cost_busd == pytest.approx(recycled)
    drawn = plan.power.eval("x_water_needed_gl - x_water_recycled_gl").where(plan.power["site"] == "north")
    assert drawn.max() == pytest.approx(names["CAP_GL_PER_YEAR"])
    said = capsys.readouterr().out
    assert "no constraint family of that name is given" in said
    costs = [float(line.split("$")[1].split("B")[0]) for line in said.splitlines() if " GL a year: $" in line]
    assert costs == sorted(costs)
    assert len(costs) == 4


@pytest.mark.slow
@pytest.mark.parametrize("text", TEXTS, ids=name_of)
def test_a_notebook_runs_from_a_clean_kernel(text):
    """Law: without an error, with as many figures as are kept; with the locked dependencies it prints what is kept."""
    notebook = executed(text)
    assert len(pictures(notebook)) == len(pictures(kept(text)))
    if locked({package: version(package) for package in SHOWN_BY}):
        assert printed(notebook) == printed(kept(text))
