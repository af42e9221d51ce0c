"""The nine futures of the page of plans under uncertainty: what is kept of them for its pictures, and how it is found.

``python -m tests.uncertainty.nine_futures`` asks what the page asks, and writes ``docs/kept/nine_futures`` anew
(`make findings`): summary and tables, without the plans of the futures.
"""

import re
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from planner import Case, Findings, risk
from planner.system.folders import examine, manifest_of, write_folder
from planner.uncertainty.findings_rows import RISK
from planner.uncertainty.keeping import place, write_result
from planner.uncertainty.result import RiskResult
from planner.uncertainty.scenario import ScenarioSet
from planner.version import __version__

DOCS = Path(__file__).parents[2] / "docs"
KEPT = DOCS / "kept" / "nine_futures"
ASKED: dict[str, Any] = {
    "cvar": 0.8,
    "prices": {"unserved": 0.1, "protection": 0.05},
    "gap": 0.001,
    "then": [date(2027, 1, 1)],
    "learn": ["offers"],
}
"""What the page asks of its nine futures, all in one study."""


def case() -> Case:
    """Return the case of the page, as it is today."""
    return Case.read("three_sites", ["offers.block_it_mw=10"])


def scenarios() -> ScenarioSet:
    """Return the scenarios that the page states."""
    page = (DOCS / "uncertainty.md").read_text(encoding="utf-8")
    stated = re.search(r"<!-- file: futures.csv -->\n```text\n(.*?)```", page, re.DOTALL)
    assert stated is not None
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "futures.csv"
        file.write_text(stated[1], encoding="utf-8")
        return ScenarioSet.read(file)


def find() -> RiskResult:
    """Return what is found today."""
    return risk(case(), scenarios(), workers=1, **ASKED)


def keep(found: RiskResult, target: Path) -> None:
    """Write summary and tables of a study as a folder that findings are read from."""
    with tempfile.TemporaryDirectory() as folder:
        whole = write_result(found, place(Path(folder) / "whole"))
        files = [whole / "summary.json", *sorted((whole / "tables").iterdir())]
        contents = {str(file.relative_to(whole)): file.read_bytes() for file in files}
    write_folder(examine(target, (RISK,)), manifest_of(RISK, contents, f"gigaplan {__version__}"), contents)


if __name__ == "__main__":
    keep(find(), KEPT)
    sys.stdout.write(f"{Findings.read(KEPT).summary['value_busd']:.3f} $B in {KEPT}\n")
