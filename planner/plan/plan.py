"""The plan: a frozen answer with tidy tables, its folder, and its way back."""

import csv
import io
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner.case.case import CaseData
from planner.case.read import read_case
from planner.case.write import write_case
from planner.errors import PlanError
from planner.plan.columns import COLUMNS

if TYPE_CHECKING:
    import pandas as pd

Cell = str | float | int
Rows = Sequence[Mapping[str, Cell]]

FINISHED = ("optimal", "gap_reached")
"""Statuses of a plan within the gap asked for."""
SUMMARY_FILE = "summary.json"
NUMERIC_COLUMNS = ("_mw", "_compute", "compute", "_busd", "blocks", "accelerators")
"""Ends of the names of columns that hold figures."""


@dataclass(frozen=True, slots=True)
class Plan:
    """An audited answer to a case.

    Every table of ``planner.plan.columns.COLUMNS`` is an attribute that gives a pandas DataFrame (``plan.capacity``).

    Attributes
    ----------
    case : CaseData
        The case it answers.
    summary : dict
        Status, cost, bound, gap, times, audit, versions: what ``summary.json`` holds.

    Examples
    --------
    >>> from planner import Case
    >>> plan = Case.read("three_sites").solve()
    >>> plan.summary["audit"]["passed"]
    True
    """

    case: CaseData
    summary: dict[str, Any]
    tables: Mapping[str, Rows] = field(repr=False)

    def rows(self, name: str) -> Rows:
        """The rows of a table, as plain dicts.

        Raises
        ------
        PlanError
            If there is no such table.
        """
        if name not in self.tables:
            raise PlanError(f"a plan has no table {name!r}; it has {', '.join(self.tables)}")
        return self.tables[name]

    def table(self, name: str) -> "pd.DataFrame":
        """A table as a pandas DataFrame, with its columns even when it is empty."""
        import pandas as pd  # slow to import, and only needed here

        return pd.DataFrame(list(self.rows(name)), columns=list(COLUMNS[name]))

    def __getattr__(self, name: str) -> "pd.DataFrame":
        if name in COLUMNS:
            return self.table(name)
        raise AttributeError(f"a plan has no {name!r}")

    @property
    def exit_code(self) -> int:
        """0 for a plan within the gap, 4 for one that a limit cut short."""
        return 0 if self.summary["status"] in FINISHED else 4

    def write(self, folder: str | Path) -> Path:
        """Write the plan as a folder: ``summary.json``, ``tables/*.csv`` and ``inputs/`` (the case, to replay it).

        The folder appears complete or not at all. A plan folder that is there already is replaced.

        Raises
        ------
        PlanError
            If the folder holds something else, or cannot be written.
        """
        target = Path(folder)
        if target.exists() and not (
            target.is_dir() and (not any(target.iterdir()) or (target / SUMMARY_FILE).is_file())
        ):
            raise PlanError(f"{target}: exists and is not a plan folder; choose another")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            draft = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
            draft.chmod(0o755)
            (draft / "tables").mkdir()
            for name, rows in self.tables.items():
                (draft / "tables" / f"{name}.csv").write_text(_csv(name, rows), encoding="utf-8")
            (draft / SUMMARY_FILE).write_text(json.dumps(self.summary, indent=2) + "\n", encoding="utf-8")
            write_case(self.case, draft / "inputs")
            if target.exists():
                shutil.rmtree(target)
            draft.rename(target)
        except OSError as error:
            raise PlanError(f"{target}: cannot be written ({error.strerror or error})") from None
        return target

    @classmethod
    def read(cls, folder: str | Path) -> "Plan":
        """Read a plan folder.

        Raises
        ------
        PlanError
            If the folder is not a plan, or a file of it cannot be read.
        CaseError
            If its inputs are not a valid case.
        """
        root = Path(folder)
        try:
            summary = json.loads((root / SUMMARY_FILE).read_text(encoding="utf-8"))
            tables = {name: _read_csv(root / "tables" / f"{name}.csv") for name in COLUMNS}
        except FileNotFoundError as error:
            raise PlanError(f"{root}: not a plan folder ({Path(error.filename).name} is missing)") from None
        except (OSError, ValueError, csv.Error) as error:
            raise PlanError(f"{root}: cannot be read ({error})") from None
        if not isinstance(summary, dict):
            raise PlanError(f"{root / SUMMARY_FILE}: is not a JSON object")
        return cls(read_case(root / "inputs"), summary, tables)


def _csv(name: str, rows: Rows) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(COLUMNS[name]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _read_csv(path: Path) -> list[dict[str, Cell]]:
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream, strict=True)
        return [{column: _cell(column, text) for column, text in row.items() if column} for row in reader]


def _cell(column: str, text: str | None) -> Cell:
    """A figure where the column holds figures, else the text: a key may look like a number and stays a key."""
    if text and column.endswith(NUMERIC_COLUMNS):
        return float(text)
    return text or ""
