"""Audit of a plan folder: ``inputs/`` (the case), ``tables/*.csv``, ``summary.json`` and ``manifest.json``."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from planner.audit.audit import audit
from planner.audit.proof import not_recomputed
from planner.audit.report import AuditReport, Checks
from planner.audit.undivided import divided
from planner.case.case import CaseData
from planner.case.read import read_case
from planner.case.renamed import earlier_names_allowed
from planner.errors import PlanError
from planner.plan.earlier import columns_today, is_earlier, lacking_money, lacks_payee, spend_today, table_today
from planner.plan.studied import refuse_studied
from planner.system.folders import MANIFEST_FILE, differences, read_manifest
from planner.system.folders.content import MOST_JSON_BYTES, MOST_TABLE_BYTES, read_text
from planner.system.folders.manifest import ManifestError

FORMAT_KEY = "folder_format"
"""Key of the summary of a folder that has a manifest; the first folders of version 0.1 have neither."""
NEEDED = ("status", "bound_busd", "gap", "gap_target", "case_name", "audit", "seconds", "solver_seconds")
"""What the summary of such a folder always states, besides what is recomputed."""
FILES, UNCHANGED = "files", "as they were written"


def _read_table(path: Path) -> list[dict[str, str | float | int]]:
    try:
        lines = read_text(path, MOST_TABLE_BYTES).splitlines(keepends=True)
        reader = csv.DictReader(lines, restkey="cells beyond the header", restval="", strict=True)
        reader.fieldnames = columns_today(table_today(path.stem), reader.fieldnames or [])
        return [dict(row) for row in reader]
    except csv.Error as error:
        raise PlanError(f"{path}: cannot be read as CSV ({error})") from None


def _read_tables(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Read every table, those of earlier versions by the names of today."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for path in sorted(folder.glob("*.csv")):
        tables.setdefault(table_today(path.stem), _read_table(path))
    if "spend" in tables:
        tables["spend"] = spend_today(tables["spend"])
    return tables


def _read_summary(path: Path) -> dict[str, object]:
    try:
        found = json.loads(read_text(path, MOST_JSON_BYTES))
    except RecursionError:
        raise PlanError(f"{path}: cannot be read as JSON (it is nested too deeply)") from None
    except ValueError as error:
        raise PlanError(f"{path}: cannot be read as JSON ({error})") from None
    if not isinstance(found, dict):
        raise PlanError(f"{path}: is not a JSON object")
    return found


def audit_folder(folder: str | Path, families: Sequence[Any] = ()) -> AuditReport:
    """Audit a plan folder.

    Parameters
    ----------
    folder
        The folder that a plan was written to.
    families
        Constraint families of the user's own (`planner.Family`), for the audits that they bring.

    Returns
    -------
    AuditReport
        Every check; more than `audit` makes: that the inputs are those the plan was made from, and that every file is
        as it was written.

    Raises
    ------
    PlanError
        When the folder, its summary or one of its tables cannot be read.
    CaseError
        When its inputs are not a valid case.
    """
    root = Path(folder)
    refuse_studied(root)
    if not (root / "inputs" / "model.toml").is_file():
        raise PlanError(
            f"{root}: not a plan folder (it has no inputs folder with a case: inputs/model.toml is missing)"
        )
    summary = _read_summary(root / "summary.json")
    tables = _read_tables(root / "tables")
    with earlier_names_allowed():
        case = read_case(root / "inputs")
    spend = tables.get("spend", [])
    columns = {column for row in spend for column in row}
    earlier = is_earlier(summary.get(FORMAT_KEY), list(tables), columns)
    if lacks_payee(summary.get(FORMAT_KEY), columns):
        tables["spend"] = divided(case, spend)
    lacking = lacking_money(summary.get(FORMAT_KEY), list(tables))
    report = audit(case.with_families(*families), tables, summary, earlier=earlier, lacking=lacking)
    checks = Checks()
    beside = _check_files(root, summary, checks)
    _check_summary(summary, case, checks)
    more = checks.report(report.cost_busd)
    return replace(
        report,
        passed=report.passed and more.passed,
        checks=(*report.checks, *more.checks),
        lines=(*report.lines, *more.lines),
        not_recomputed=(*beside, *report.not_recomputed, *not_recomputed(summary)),
    )


def _check_files(root: Path, summary: Mapping[str, object], checks: Checks) -> list[str]:
    """Check every file against the manifest; return what lies beside the plan without being a part of it."""
    try:
        manifest = read_manifest(root)
        found = None if manifest is None else differences(root, manifest)
    except (ManifestError, OSError) as error:
        checks.fault(FILES, UNCHANGED, str(error))
        return []
    if manifest is None or found is None:
        if FORMAT_KEY in summary:
            checks.fault(FILES, UNCHANGED, f"{MANIFEST_FILE} is missing")
            return []
        return [f"whether files were changed (there is no {MANIFEST_FILE}: the plan was written by an earlier version)"]
    checks.seen(FILES, UNCHANGED, count=len(manifest.files) - len(found.changed) - len(found.missing))
    if FORMAT_KEY not in summary:
        checks.fault(FILES, UNCHANGED, f"summary.json has no {FORMAT_KEY}")
    for name in found.changed:
        checks.fault(FILES, UNCHANGED, f"{name} was changed since")
    for name in found.missing:
        checks.fault(FILES, UNCHANGED, f"{name} is missing")
    beside = []
    for name in found.extra:
        if name.startswith(("tables", "inputs", "summary.json")):
            checks.fault(FILES, UNCHANGED, f"{name} was added since")
        else:
            beside.append(f"{name} (added since the plan was written, and no part of it)")
    return beside


def _check_summary(summary: Mapping[str, object], case: CaseData, checks: Checks) -> None:
    """Check that the summary is that of the inputs, and complete."""
    stated = summary.get("case_hash")
    checks.seen("summary", "case_hash")
    if stated != case.hash:
        message = f"the summary's case_hash is {stated!r}, the inputs have {case.hash!r}"
        checks.fault("summary", "case_hash", message)
    if FORMAT_KEY not in summary:
        return
    checks.seen("summary", "complete")
    for key in NEEDED:
        if key not in summary:
            checks.fault("summary", "complete", f"{key} is missing")
    judged = summary.get("audit")
    if isinstance(judged, Mapping) and judged.get("passed") is not True:
        checks.fault("summary", "audit", "the plan says that it did not pass its audit")
