"""Scenarios as points: how far they lie apart, by what they change."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from planner.case.case import CaseData
from planner.changes.draft import Draft
from planner.changes.figures import figures
from planner.changes.grammar import parse_place
from planner.changes.refusals import ChangeError
from planner.changes.schema import Change, Rows, Scale, Set, Shift
from planner.uncertainty.scenario import ScenarioSet

Points = NDArray[np.float64]
Quantity = tuple[str, str, str]
"""Operation, what it changes (a column, a key of the model), and the row."""
NEUTRAL: Mapping[str, float] = {"scale": 1.0}
"""What an operation does where a scenario does not have it; others 0, and what is set is as in the case."""


def points_of(scenarios: ScenarioSet, case: CaseData) -> Points:
    """Return a point for each scenario.

    Every quantity that differs between scenarios (a figure that is set or scaled, the months of a row that is shifted,
    whether another change is made) is a coordinate, in standard deviations. Coordinates of one column weigh together as
    much as those of another: ``1 / sqrt(their number)`` each.

    Returns
    -------
    array of float, scenarios by coordinates
    """
    given = [dict(pair for change in one.changes for pair in quantities(change)) for one in scenarios]
    names = sorted({quantity for one in given for quantity in one})
    if not names:
        return np.zeros((len(scenarios), 1))
    missing, draft = {}, Draft(case)
    for quantity in names:
        missing[quantity] = figure_of(draft, quantity) if quantity[0] == "set" else NEUTRAL.get(quantity[0], 0.0)
    raw = np.array([[one.get(name, missing[name]) for name in names] for one in given])
    weights = np.array([one.probability for one in scenarios])
    deviation = np.sqrt(np.maximum(weights @ (raw - weights @ raw) ** 2, 0.0))
    moving = deviation > 1e-9 * np.maximum(1.0, np.abs(raw).max(axis=0))
    if not moving.any():
        return np.zeros((len(scenarios), 1))
    kept = [name for name, moves in zip(names, moving, strict=True) if moves]
    counts = Counter(name[:2] for name in kept)
    scale = np.array([counts[name[:2]] ** -0.5 for name in kept])
    centred: Points = (raw[:, moving] - weights @ raw[:, moving]) / deviation[moving] * scale
    return centred


def quantities(change: Change) -> Iterator[tuple[Quantity, float]]:
    """Yield what a change does, row by row."""
    amount = _amount(change)
    if amount is None or not isinstance(change, Rows):
        yield (change.op, change.model_dump_json(exclude_none=True), ""), 1.0
        return
    place = change.place
    what = str(place) if place.path else f"{place.table}.{';'.join(place.columns)}"
    where = ",".join(f"{name}={';'.join(values)}" for name, values in place.where)
    rows: Sequence[str] = [where] if place.keys is None or where else place.keys
    for row in rows:
        yield (change.op, what, row), amount


def _amount(change: Change) -> float | None:
    """Return the number of a change; None: it has none."""
    if isinstance(change, Scale):
        return change.factor
    if isinstance(change, Shift):
        return None if change.months is None else float(change.months)
    if isinstance(change, Set) and not isinstance(change.value, bool):
        value: Any = change.value
        try:
            return float(value)
        except (TypeError, ValueError):
            return None
    return None


def figure_of(draft: Draft, quantity: Quantity) -> float:
    """Return the figure of the case that a quantity sets, the mean of several; 0 where it has none."""
    _, what, row = quantity
    try:
        found = figures(
            draft, parse_place(f"{what.partition('.')[0]}[{row}].{what.partition('.')[2]}" if row else what)
        )
        values = [float(cast(float, figure.value(draft))) for figure in found]
    except (ChangeError, TypeError, ValueError):
        return 0.0
    return float(np.mean(values))
