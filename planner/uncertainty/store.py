"""Plans of single futures kept in a folder as they end, so that a study that was ended goes on where it was."""

import hashlib
import json
import os
import re
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from planner.api import Plan
from planner.audit import audit
from planner.case.case import CaseData
from planner.case.messages import listed
from planner.changes.schema import WhatIf
from planner.errors import PlanError, PlannerError
from planner.options import SolveOptions
from planner.plan.plan import PlanData
from planner.runs.outcome import Outcome
from planner.runs.task import Job, run_key
from planner.uncertainty.recourse import RECOURSE, Recourse

DIGITS = 24
"""Digits of a fingerprint that name a folder."""
OWN_DRAFTS = ".gigaplan-"
"""What a write that was ended may leave begins so."""
_KEPT = re.compile(f"(case-)?[0-9a-f]{{{DIGITS}}}")


class Store:
    """A folder of plans, each in a folder that is named by what it answers: case, scenario, options, prices, orders.

    Parameters
    ----------
    folder : str, Path or None
        None: nothing is kept, and nothing known.
    base : CaseData
    options : SolveOptions
        Of each solve.

    Raises
    ------
    PlanError
        If the folder has anything that is no such plan.
    """

    def __init__(self, folder: str | Path | None, base: CaseData, options: SolveOptions) -> None:
        self._folder = None if folder is None else Path(folder)
        if self._folder is not None:
            _refuse_others(self._folder)
        self._base, self._options = base, options

    @property
    def keeps(self) -> bool:
        """Whether plans are kept: each then states all that its audit asks for."""
        return self._folder is not None

    def plan_of_case(self, solve: Callable[[], PlanData]) -> PlanData:
        """Return the plan of the case itself, as it is known, or solved and kept."""
        if self._folder is None:
            return solve()
        run = run_key(self._base, WhatIf(name="case"), self._options)
        place = self._folder / f"case-{run[:DIGITS]}"
        known = _read(place)
        if known is not None:
            return known
        plan = solve()
        _write(plan, place)
        return plan

    def find(self, job: Job, work: Recourse) -> Outcome | None:
        """Return what is known of a future; a plan that cannot be read, or fails its audit, is not known."""
        place = self._place(job, work)
        plan = None if place is None else _read(place)
        return None if plan is None or RECOURSE not in plan.summary else Outcome.of_plan(plan, job.whatif.name)

    def keep(self, job: Job, work: Recourse, outcome: Outcome) -> None:
        """Keep the plan of a future; one that is there already stays.

        Raises
        ------
        PlanError
            If it cannot be written.
        """
        place = self._place(job, work)
        if place is not None and outcome.plan is not None:
            _write(outcome.plan, place)

    def _place(self, job: Job, work: Recourse) -> Path | None:
        if self._folder is None:
            return None
        prices = None if work.prices is None else asdict(work.prices)
        run = run_key(self._base, job.whatif, job.options or self._options)
        asked = [run, prices, work.day.isoformat(), work.orders, *([list(work.met)] if work.met else [])]
        asked += [[one.isoformat() for one in work.earlier]] if work.earlier else []
        return self._folder / hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:DIGITS]


def keeps_plans(folder: Path) -> bool:
    """Whether a folder holds kept plans, and nothing else; of one that cannot be read it is not known."""
    some = False
    try:
        with os.scandir(folder) as held:
            for one in held:
                if not _KEPT.fullmatch(one.name) and not one.name.startswith(OWN_DRAFTS):
                    return False
                some = True
    except OSError:
        return False
    return some


def _refuse_others(folder: Path) -> None:
    """Refuse a folder that has anything but what a store keeps: it is the user's own."""
    try:
        held = sorted(one.name for one in folder.iterdir()) if os.path.lexists(folder) else []
    except OSError as error:
        raise PlanError(f"{folder}: cannot be read ({error.strerror or error}); name another folder") from None
    others = [name for name in held if not _KEPT.fullmatch(name) and not name.startswith(OWN_DRAFTS)]
    if others:
        raise PlanError(
            f"{folder}: has files that are not kept plans, and is left as it is: {listed(others)}; name another folder"
        )


def _read(place: Path) -> Plan | None:
    """The plan in a folder; None if there is none that can be read and passes its audit."""
    if not place.exists():
        return None
    try:
        plan = Plan.read(place)
        return plan if audit(plan.case, plan.tables, plan.summary).passed else None
    except PlannerError:
        return None


def _write(plan: PlanData, place: Path) -> None:
    """Write a plan; one that is there already stays."""
    try:
        plan.write(place)
    except PlanError:
        if not place.exists():
            raise
