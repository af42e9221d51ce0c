"""The notebooks of examples/: a text for diffs (``.py``) and, executed from it, the ``.ipynb`` that people open.

``python -m tests.examples.notebooks [NAME...]`` executes the texts and writes the notebooks anew; so does
`make notebooks`.
"""

import os
import sys
from base64 import b64decode, b64encode
from collections.abc import Iterator
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
TEXTS = sorted((ROOT / "examples").glob("[0-9]*.py"))
LONGEST_S = 600
COLOURS = 128


def pair_of(text: Path) -> Path:
    """Return the notebook of a text."""
    return text.with_suffix(".ipynb")


def sources(notebook: Any) -> list[tuple[str, str]]:
    """Return kind and source of each cell."""
    return [(cell.cell_type, cell.source) for cell in notebook.cells]


def executed(text: Path) -> Any:
    """Execute a text in a kernel of its own, in its folder, and return the notebook with what came out.

    What changes from run to run is left out: times, the names of cells, the version of Python.
    """
    notebook = jupytext.read(text)
    kept = {name: os.environ.get(name) for name in ("PYTHONPATH", "MPLBACKEND")}
    path = os.pathsep.join([str(ROOT), kept["PYTHONPATH"] or ""]).rstrip(os.pathsep)
    os.environ.update(PYTHONPATH=path, MPLBACKEND="module://matplotlib_inline.backend_inline")
    try:
        # slow to import, and most of the tests of notebooks execute none
        runner = import_module("nbconvert.preprocessors").ExecutePreprocessor(
            timeout=LONGEST_S, kernel_name="python3", record_timing=False
        )
        runner.preprocess(notebook, {"metadata": {"path": str(text.parent)}})
    finally:
        for name, value in kept.items():
            os.environ.pop(name, None)
            os.environ.update({} if value is None else {name: value})
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number:02d}"
        if cell.cell_type == "code":
            cell.outputs = list(_joined(cell.outputs))
        for output in cell.get("outputs", ()):
            if "image/png" in output.get("data", {}):
                output.data["image/png"] = _smaller(output.data["image/png"])
    notebook.metadata = nbformat.from_dict(
        {
            "jupytext": {"formats": "ipynb,py:percent"},
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python", "pygments_lexer": "ipython3", "file_extension": ".py"},
        }
    )
    return notebook


def _joined(outputs: list[Any]) -> Iterator[Any]:
    """Yield the outputs of a cell, with what was printed in one: a kernel hands it over in pieces, as they come.

    What libraries log (Dask, as its workers end) is left out: it differs from run to run.
    """
    texts = [output for output in outputs if output.output_type == "stream" and output.name == "stdout"]
    if texts:
        yield nbformat.v4.new_output("stream", name="stdout", text="".join(output.text for output in texts))
    yield from (output for output in outputs if output.output_type != "stream")


def _smaller(picture: str) -> str:
    """Return a picture with as many colours as its figure needs."""
    made = BytesIO()
    image = Image.open(BytesIO(b64decode(picture))).convert("RGB")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(made, "PNG", optimize=True)
    return b64encode(made.getvalue()).decode()


def printed(notebook: Any) -> list[str]:
    """Return what each cell prints or shows as text."""
    return ["".join(_texts(cell)) for cell in notebook.cells if cell.cell_type == "code"]


def _texts(cell: Any) -> Iterator[str]:
    for output in cell.get("outputs", ()):
        if output.output_type == "stream":
            yield output.text
        elif output.output_type == "error":
            yield "\n".join([output.ename, output.evalue])
        elif "image/png" not in output.data:
            yield output.data.get("text/plain", "")


def pictures(notebook: Any) -> list[str]:
    """Return the pictures of a notebook, in base 64."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    return [output.data["image/png"] for output in outputs if "image/png" in output.get("data", {})]


def main(names: list[str]) -> None:
    """Write the notebooks named, or all."""
    for text in TEXTS:
        if not names or text.stem in names:
            nbformat.write(executed(text), pair_of(text))
            sys.stdout.write(f"{pair_of(text).name}: {pair_of(text).stat().st_size // 1000} kB\n")


if __name__ == "__main__":
    main([Path(name).stem for name in sys.argv[1:]])
