"""The folders of a plan under uncertainty and of a replayed plan: summary, tables, and the plan of every future."""

import csv
import io
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from planner.case.write import case_files
from planner.errors import PlanError
from planner.plan.plan import PlanData
from planner.system.folders import Target, examine, manifest_of, write_folder
from planner.system.folders.manifest import kind_of
from planner.uncertainty.findings_rows import RISK, STRESS
from planner.uncertainty.outages import COLUMNS as OUTAGES
from planner.uncertainty.paths import YEARS
from planner.uncertainty.policy import plans_of
from planner.uncertainty.protected import COLUMNS as PROTECTION
from planner.uncertainty.replayed import CASE
from planner.uncertainty.result import RiskResult
from planner.uncertainty.store import keeps_plans
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
        If anything stands there but an earlier result, unchanged, or nothing can be written there; if it lies in the
        folder of a plan or result, or among kept plans, which would not be as it was written any more.
    """
    _refuse_within(folder)
    return examine(folder, (kind,))


def places(out: Path | None, keep: Path | None) -> Target | None:
    """Return the place to write a study of risk to, if any, where plans of futures are kept in another folder, if any.

    Raises
    ------
    PlanError
        As of `place`, of both; if they are the same, or one lies in the other.
    """
    if keep is not None:
        if out is not None:
            _refuse_together(out, keep)
        _refuse_within(keep)
    return None if out is None else place(out)


def _refuse_within(folder: str | Path) -> None:
    """Refuse a folder that lies in one of a plan or result, which holds the files of its manifest, or of kept plans.

    Raises
    ------
    PlanError
        With the folder that it lies in.
    """
    for outer in _real(Path(folder)).parents:
        held = _HELD.get(kind_of(outer) or "", "plans kept by --keep" if keeps_plans(outer) else "")
        if held:
            raise PlanError(f"{folder}: lies in {outer}, which holds {held} and nothing else; name another folder")


def _refuse_together(out: Path, keep: Path) -> None:
    """Refuse one folder for results and kept plans, and one in the other: each holds what is its own alone."""
    results, kept = _real(out), _real(keep)
    why = "results and kept plans need a folder each: name another one"
    if results == kept:
        raise PlanError(f"--out {out} and --keep {keep} are the same folder; {why}")
    if kept in results.parents:
        raise PlanError(f"--out {out} lies in --keep {keep}; {why}")
    if results in kept.parents:
        raise PlanError(f"--keep {keep} lies in --out {out}; {why}")


def _real(folder: Path) -> Path:
    return Path(os.path.realpath(folder))


def write_result(found: RiskResult, target: Target) -> Path:
    """Write a result as a folder; it appears complete or not at all.

    It holds ``summary.json``, ``tables/*.csv``, in ``case`` the case without the changes of any future and, in
    ``plans/NAME``, the plan of every future, which is a folder like that of any plan; with later decision dates also
    ``policy/NAME``, its plan with what is ordered by all of them.

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
    contents |= {f"{CASE}/{name}": text.encode() for name, text in case_files(found.case).items()}
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
    """Write what came of a replayed plan as a folder: its summary, and its tables as far as they have rows.

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
    if found.protection:
        contents["tables/protection.csv"] = _csv(found.protection, list(PROTECTION))
    if found.outages:
        contents["tables/outages.csv"] = _csv(found.outages, list(OUTAGES))
    return write_folder(target, manifest_of(STRESS, contents, _BY), contents)


_BY = f"gigaplan {__version__}"
_HELD = {"plan": "a plan", RISK: "a study of risk", STRESS: "a plan replayed in other futures"}


def _csv(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: "" if row[name] is None else row[name] for name in columns} for row in rows)
    return text.getvalue().encode()
