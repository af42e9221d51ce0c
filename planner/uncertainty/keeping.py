"""The folders of a plan under uncertainty and of a replayed plan: summary, tables, and the plan of every future."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from planner.plan.plan import PlanData
from planner.system.folders import Target, examine, manifest_of, write_folder
from planner.uncertainty.findings_rows import RISK, STRESS
from planner.uncertainty.outages import COLUMNS as OUTAGES
from planner.uncertainty.paths import YEARS
from planner.uncertainty.policy import plans_of
from planner.uncertainty.result import RiskResult
from planner.uncertainty.stress import COLUMNS as FUTURES
from planner.uncertainty.stress import Stress
from planner.version import __version__


def place(folder: str | Path, kind: str = RISK) -> Target:
    """Return the place to write a result to, before the work begins.

    Parameters
    ----------
    folder : str or Path
    kind : str
        ``risk`` or ``stress``, as the manifest of the folder calls it.

    Raises
    ------
    PlanError
        If anything stands there but an earlier result, unchanged, or nothing can be written there.
    """
    return examine(folder, (kind,))


def write_result(found: RiskResult, target: Target) -> Path:
    """Write a result as a folder; it appears complete or not at all.

    It holds ``summary.json``, ``tables/*.csv`` and, in ``plans/NAME``, the plan of every future, which is a folder like
    that of any plan; with later decision dates also ``policy/NAME``, its plan with what is ordered by all of them.

    Returns
    -------
    Path
        Where it is.

    Raises
    ------
    PlanError
        If it cannot be written.
    """
    contents = {"summary.json": (json.dumps(found.summary(), indent=2) + "\n").encode()}
    for name, columns in found.columns.items():
        contents[f"tables/{name}.csv"] = _csv(found.rows(name), list(columns))
    kinds: dict[str, Sequence[PlanData | None]] = {"plans": found.here.plans}
    if found.policy is not None:
        kinds["policy"] = plans_of(found.policy)
    for kind, plans in kinds.items():
        for names, plan in zip(found.futures, plans, strict=True):
            if plan is not None:
                files = plan.files()
                manifest = manifest_of("plan", files, _BY).text().encode()
                contents |= {f"{kind}/{names[0]}/{path}": data for path, data in files.items()}
                contents[f"{kind}/{names[0]}/manifest.json"] = manifest
    return write_folder(target, manifest_of(RISK, contents, _BY), contents)


def write_stress(found: Stress, target: Target) -> Path:
    """Write what came of a replayed plan as a folder: its summary, and the tables of futures, years and outages.

    Raises
    ------
    PlanError
        If it cannot be written.
    """
    contents = {
        "summary.json": (json.dumps(found.summary(), indent=2) + "\n").encode(),
        "tables/futures.csv": _csv(found.rows, list(FUTURES)),
        "tables/years.csv": _csv(found.years, list(YEARS)),
    }
    if found.outages:
        contents["tables/outages.csv"] = _csv(found.outages, list(OUTAGES))
    return write_folder(target, manifest_of(STRESS, contents, _BY), contents)


_BY = f"gigaplan {__version__}"


def _csv(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: "" if row[name] is None else row[name] for name in columns} for row in rows)
    return text.getvalue().encode()
