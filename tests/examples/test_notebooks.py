"""The notebooks in examples/ run from beginning to end, and draw what they promise."""

import ast
import os
from pathlib import Path

import jupytext
import matplotlib
import matplotlib.pyplot as plt
import nbformat
import pytest
from nbconvert.preprocessors import ExecutePreprocessor

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "examples").glob("[0-9]*.py"))
FIGURES = {
    "01_first_plan": {"capacity_figure", "spend_figure", "margin_figure"},
    "02_what_ifs": {"cost_figure", "providers_figure"},
    "03_own_constraint": set(),
}
REDUCED = {
    "01_first_plan": {},
    "02_what_ifs": {"GAP": 0.02, "ONLY": ("revenue-share-8", "power-price-plus-50", "coreweave-drops-out")},
    "03_own_constraint": {},
}
"""What the slow test changes among the parameters of a notebook."""


@pytest.fixture(autouse=True)
def drawing_in_memory():
    """Draw without a window, and close what was drawn."""
    with matplotlib.rc_context():
        matplotlib.use("Agg")
        yield
        plt.close("all")


def with_parameters(path, **values):
    """Read a notebook and set parameters in the cell tagged so; a name that is not there is refused."""
    notebook = jupytext.read(path)
    (cell,) = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", ())]
    lines = cell.source.splitlines()
    for name, value in values.items():
        (number,) = [number for number, line in enumerate(lines) if line.startswith(f"{name} = ")]
        lines[number] = f"{name} = {value!r}"
    cell.source = "\n".join(lines)
    return notebook


def run_cells(notebook):
    """Run the cells in one namespace, as a script would."""
    names = {"__name__": "__main__"}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            exec(compile(cell.source, "notebook", "exec"), names)
    return names


def test_the_notebooks_are_the_ones_tested():
    """No notebook goes untested."""
    assert [path.stem for path in NOTEBOOKS] == sorted(FIGURES) == sorted(REDUCED)


def test_first_plan_on_three_sites(capsys):
    """The first notebook runs on the case with a known answer: its bars stack to the plan's capacity and spend."""
    names = run_cells(with_parameters(ROOT / "examples" / "01_first_plan.py", CASE="three_sites", GAP=0.0))
    plan = names["plan"]
    assert "optimal: cost $4.05B, at least $4.05B" in capsys.readouterr().out
    for figure, period_sums, scale in (
        ("capacity_figure", plan.capacity.groupby("period")["it_mw"].sum(), 1000),
        ("spend_figure", plan.spend.query("part == 'spend'").groupby("period")["amount_busd"].sum(), 1),
    ):
        bars = names[figure].axes[0].patches
        top = max(bar.get_y() + bar.get_height() for bar in bars)
        assert top == pytest.approx(period_sums.max() / scale)
    worst = names["margin_figure"].axes[0].lines[0].get_ydata()
    assert list(worst) == pytest.approx([0.0, 0.0])


def test_a_constraint_of_your_own(capsys):
    """The third notebook: the cap binds at its site and costs what is recycled; less water costs more."""
    names = run_cells(with_parameters(ROOT / "examples" / "03_own_constraint.py"))
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
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs_in_jupyter(path, monkeypatch):
    """Each notebook runs in a kernel of its own, and every picture it promises is in the output."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep))
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    notebook = with_parameters(path, **REDUCED[path.stem])
    notebook.cells.append(
        nbformat.v4.new_code_cell("print(sorted(name for name in dir() if name.endswith('_figure')))")
    )
    ExecutePreprocessor(timeout=900).preprocess(notebook, {"metadata": {"path": str(ROOT)}})
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    pictures = [output for output in outputs if "image/png" in output.get("data", {})]
    drawn = set(ast.literal_eval(outputs[-1]["text"]))
    assert drawn >= FIGURES[path.stem]
    assert len(pictures) == len(drawn)
