"""What `planner stress` replays: a plan as it stands in its folder, or the first stage of a study in its own case."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from planner.case.case import CaseData
from planner.case.messages import listed
from planner.case.read import read_case
from planner.errors import OptionError, PlanError
from planner.inputs.contracts import MW_PER_GW
from planner.options import SolveOptions
from planner.plan.plan import PlanData, required_plan
from planner.system.folders.manifest import changed_names, kind_of
from planner.text import count
from planner.uncertainty.days import wrong_days
from planner.uncertainty.findings import Findings, Rows
from planner.uncertainty.findings_rows import RISK
from planner.uncertainty.first_stage import CHIPS, ONSITE, FirstStageOrders
from planner.uncertainty.order_rows import NOTHING
from planner.uncertainty.prices import Prices
from planner.uncertainty.recourse import Recourse, first_stage_of
from planner.uncertainty.result import RiskResult

CVAR_LEVEL = 0.9
"""Level of the CVaR of a plan that is replayed, unless another one is given."""
CASE = "case"
"""Folder, within that of a study, of the case without the changes of any future."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is replayed.

    Attributes
    ----------
    plan : PlanData
        The plan as it stands; of a study: its case without the changes of any future, solved with its orders fixed.
    committed_until : date or None
        Decision date of the study; None: of a plan, of which all is kept unless the user says until when.
    prices : dict of str to float
        Of what is missing, as in the study; empty: those of the plan.
    level : float
        Of the CVaR in the study; of a plan, which has none, ``CVAR_LEVEL``.
    notes : tuple of str
        What must be known of it.
    """

    plan: PlanData
    committed_until: date | None
    prices: dict[str, float]
    level: float
    notes: tuple[str, ...] = ()


def kept_of(given: object, options: SolveOptions) -> Kept:
    """Return what is to be replayed: of a plan, of a study of risk, or of the folder of either (`read_kept`).

    Raises
    ------
    OptionError
        If it is none of these.
    PlanError, InfeasibleError, NoPlanError
        As of `read_kept`.
    """
    if isinstance(given, str | Path):
        return read_kept(given, options)
    if isinstance(given, RiskResult):
        assert given.here.orders is not None  # it is the evaluation of orders
        orders = tuple(map(float, given.here.orders))
        study = _Study(given.case, given.decide_by, orders, given.prices, given.measure.level)
        return _of_study(study, options, "the study")
    return Kept(required_plan(given, "stress"), None, {}, CVAR_LEVEL)


def read_kept(folder: str | Path, options: SolveOptions) -> Kept:
    """Read what is to be replayed; of a study of risk its case is solved with what it orders by its decision date.

    Parameters
    ----------
    folder : str or Path
        Of a plan, or what ``planner risk --out`` wrote.
    options : SolveOptions
        How the case of a study is solved.

    Raises
    ------
    PlanError
        If it is neither, or a study without its case, or one that does not fit its case.
    InfeasibleError, NoPlanError
        If the case of the study has no plan with its orders.
    """
    place = Path(folder)
    if kind_of(place) == RISK:
        return _first_stage(place, options)
    plan = PlanData.read(place)
    return Kept(plan, None, {}, CVAR_LEVEL, _of_a_future(place, plan))


@dataclass(frozen=True, slots=True)
class _Study:
    """What is taken over from a study: its case, its first stage, its prices and the level of its CVaR."""

    case: CaseData
    day: date
    orders: tuple[float, ...]
    prices: Mapping[str, float] | None
    level: float


def _first_stage(folder: Path, options: SolveOptions) -> Kept:
    found = Findings.read(folder)
    if not (folder / CASE).is_dir():
        raise PlanError(
            f"{folder}: has no folder {CASE} with the case that the study is of, as studies of earlier versions; "
            "run `planner risk` again to replay its first stage"
        )
    case = read_case(folder / CASE)
    if case.hash != found.summary["case_hash"]:
        raise PlanError(f"{folder / CASE}: is not the case that the study is of; its files were changed")
    day = date.fromisoformat(found.summary["decide_by"])
    orders = _orders(first_stage_of(case, day), found.tables["orders"], f"{folder / 'tables' / 'orders.csv'}")
    study = _Study(case, day, orders, found.summary["prices"], found.summary["cvar_level"])
    kept, changed = _of_study(study, options, str(folder)), changed_names(folder)
    said = f"{folder}: changed since the study was written: {listed(changed)}; replayed is what stands there now"
    return replace(kept, notes=(said, *kept.notes)) if changed else kept


def _of_study(study: _Study, options: SolveOptions, what: str) -> Kept:
    """Solve the case of a study with what it orders by its decision date."""
    prices = None if study.prices is None else Prices.usual(0.0, 0.0, study.prices)
    plan = Recourse(prices, study.day, study.orders).plan(study.case, study.case, options)
    ordered = count(sum(1 for one in study.orders if one > NOTHING), "order")
    note = (
        f"replayed is what {what} orders by {study.day.isoformat()} ({ordered}), in its case without the "
        "changes of any of its futures; what comes later is decided anew in each future"
    )
    return Kept(plan, study.day, dict(study.prices or {}), study.level, (note,))


def _orders(stage: FirstStageOrders, rows: Rows, where: str) -> tuple[float, ...]:
    """Return the amounts of a table of orders in the places of the first stage."""
    labels = {label: t for t, label in enumerate(stage.inputs.calendar.labels)}
    places = {one.key: i for i, one in enumerate(stage.orders)}
    found = np.zeros(len(stage.orders))
    for number, row in enumerate(rows, 2):
        key = row["kind"], row["what"], row["role"], labels.get(row["period"], -1), row["chip"]
        if key not in places:
            raise PlanError(f"{where}, row {number}: no order that the case of the study admits by {stage.day}")
        found[places[key]] = row["amount"] / (MW_PER_GW if row["kind"] in (ONSITE, CHIPS) else 1.0)
    return tuple(map(float, found))


def _of_a_future(folder: Path, plan: PlanData) -> tuple[str, ...]:
    """Return a warning where a plan is that of a future of a study: its case has the changes of that future."""
    study = folder.resolve().parent.parent
    if kind_of(study) != RISK or plan.case.hash == Findings.read(study).summary["case_hash"]:
        return ()
    said = (
        f"{folder} is the plan of a future of {study.name}: its case already has the changes of that future, and the "
        f"scenarios are applied on top of them; `planner stress {folder.parent.parent}` replays what the study orders "
        "by its decision date, in its case without them"
    )
    return (said,)


def refuse_until(kept: Kept, until: date | None) -> date | None:
    """Return until when what is ordered is kept.

    Raises
    ------
    OptionError
        If a date is given for a study, which has its own, or what is given is none.
    """
    if wrong := wrong_days(committed_until=until):
        raise OptionError(wrong[0])
    if until is not None and kept.committed_until is not None:
        raise OptionError(
            "--committed-until (committed_until in Python) is of a plan: of a study, what it orders by its decision "
            f"date ({kept.committed_until.isoformat()}) is kept"
        )
    return until if kept.committed_until is None else kept.committed_until
