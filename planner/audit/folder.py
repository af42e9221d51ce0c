"""Audit of a plan folder: ``inputs/`` (the case), ``tables/*.csv`` and ``summary.json``."""

import csv
import json
from pathlib import Path

from planner.audit.audit import audit
from planner.audit.report import AuditReport, Check
from planner.case.read import read_case
from planner.errors import PlanError


def _read_table(path: Path) -> list[dict[str, str | float | int]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, restkey="cells beyond the header", restval="", strict=True)
            return [dict(row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise PlanError(f"{path}: cannot be read as CSV ({error})") from None


def _read_summary(path: Path) -> dict[str, object]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PlanError(f"{path}: cannot be read as JSON ({error})") from None
    if not isinstance(found, dict):
        raise PlanError(f"{path}: is not a JSON object")
    return found


def audit_folder(folder: str | Path) -> AuditReport:
    """Audit a plan folder.

    Parameters
    ----------
    folder
        The folder that a plan was written to.

    Returns
    -------
    AuditReport
        Every check; one more than `audit` makes: that the inputs are those the plan was made from.

    Raises
    ------
    PlanError
        When the folder, its summary or one of its tables cannot be read.
    CaseError
        When its inputs are not a valid case.
    """
    root = Path(folder)
    if not (root / "inputs").is_dir():
        raise PlanError(f"{root}: not a plan folder (it has no inputs folder)")
    summary = _read_summary(root / "summary.json")
    tables = {path.stem: _read_table(path) for path in sorted((root / "tables").glob("*.csv"))}
    case = read_case(root / "inputs")
    report = audit(case, tables, summary)
    stated = summary.get("case_hash")
    same = stated == case.hash
    told = "" if same else f"the summary's case_hash is {stated!r}, the inputs have {case.hash!r}"
    check = Check("summary", "case_hash", same, 0.0 if same else 1.0, "faults", 0.0, told, 1)
    lines = report.lines if same else (*report.lines, f'summary "case_hash": {told}')
    return AuditReport(report.passed and same, (*report.checks, check), report.cost_busd, lines)
