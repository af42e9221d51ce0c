"""What a set of scenarios changes: one row for each column or key, with how often and how far."""

from collections import defaultdict
from dataclasses import dataclass
from statistics import median

from planner.api import AnyCase, Case
from planner.changes.draft import Draft
from planner.uncertainty.features import Quantity, figure_of, quantities
from planner.uncertainty.scenario import ScenarioSet

UNITS = {"shift": "months", "scale": "times", "set": "times"}


@dataclass(frozen=True, slots=True)
class Moved:
    """What happens to one column of a table, or to one key of the model.

    Attributes
    ----------
    what : str
        The column or key; of a shift the table.
    operation : str
        As in changes: ``set``, ``scale``, ``shift``, ...
    probability : float
        Of the scenarios in which it is changed at all.
    rows : int
        Different rows that are changed in one scenario or another.
    least, middle, most : float or None
        Over rows and scenarios: months of a shift; else the figure as a multiple of that of the case. None: neither.
    unit : str
        ``months`` or ``times``; empty: neither.
    """

    what: str
    operation: str
    probability: float
    rows: int
    least: float | None
    middle: float | None
    most: float | None
    unit: str


def describe_scenarios(scenarios: ScenarioSet, case: AnyCase) -> list[Moved]:
    """Return what scenarios change, by column, the most probable first.

    Parameters
    ----------
    scenarios : ScenarioSet
    case : Case, CaseData, str or Path
        The case that they change.
    """
    draft, figures = Draft(Case.of(case)), dict[Quantity, float]()
    amounts: dict[tuple[str, str], list[float]] = defaultdict(list)
    rows: dict[tuple[str, str], set[str]] = defaultdict(set)
    probabilities: dict[tuple[str, str], float] = defaultdict(float)
    for one in scenarios:
        found = [pair for change in one.changes for pair in quantities(change)]
        for group in {quantity[:2] for quantity, _ in found}:
            probabilities[group] += one.probability
        for quantity, amount in found:
            rows[quantity[:2]].add(quantity[2])
            if quantity[0] == "set":
                if quantity not in figures:
                    figures[quantity] = figure_of(draft, quantity)
                if figures[quantity]:
                    amounts[quantity[:2]].append(amount / figures[quantity])
            elif quantity[0] in UNITS:
                amounts[quantity[:2]].append(amount)
    described = [_moved(group, probabilities[group], len(rows[group]), amounts[group]) for group in sorted(rows)]
    return sorted(described, key=lambda row: (-row.probability, row.what, row.operation))


def _moved(group: tuple[str, str], probability: float, rows: int, amounts: list[float]) -> Moved:
    operation, what = group[0], group[1].rstrip(".")
    probability = min(1.0, probability)
    if not amounts:
        return Moved(what, operation, probability, rows, None, None, None, "")
    ends = (min(amounts), median(amounts), max(amounts))
    return Moved(what, operation, probability, rows, *ends, UNITS[operation])
