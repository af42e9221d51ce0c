"""What differs between two plans of a case: IT GW installed, by site, provider, chip, tenure and year."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from planner.plan.plan import PlanData

DIMENSIONS = ("site", "provider", "chip", "tenure")
"""Columns of the table ``capacity`` by which plans are compared."""
YEAR = "year"
"""What is installed in all, in one period: its label is the name."""
LEAST_GW_YEARS = 1e-4
MW_PER_GW = 1000.0


@dataclass(frozen=True, slots=True)
class Moved:
    """How much more of something one plan has than another, in the reported periods.

    Attributes
    ----------
    dimension : str
        ``site``, ``provider``, ``chip``, ``tenure`` or ``year`` (what is installed in all in a period).
    name : str
    it_gw_years : float
        Installed IT GW times years, more (above 0) or less.
    end_it_mw : float
        Installed IT MW in the last reported period, more or less.
    """

    dimension: str
    name: str
    it_gw_years: float
    end_it_mw: float


def moved_between(before: PlanData, after: PlanData, dimensions: Sequence[str] = DIMENSIONS) -> tuple[Moved, ...]:
    """What the second plan has more and less of, by dimension, the largest first."""
    found = []
    for dimension in dimensions:
        first, second = gw_years(before, dimension), gw_years(after, dimension)
        last_first, last_second = end_mw(before, dimension), end_mw(after, dimension)
        rows = [
            Moved(
                dimension,
                name,
                second.get(name, 0.0) - first.get(name, 0.0),
                last_second.get(name, 0.0) - last_first.get(name, 0.0),
            )
            for name in dict.fromkeys((*first, *second))
        ]
        moved = [one for one in rows if abs(one.it_gw_years) > LEAST_GW_YEARS]
        found += sorted(moved, key=lambda one: (-abs(one.it_gw_years), one.name))
    return tuple(found)


def gw_years(plan: PlanData, dimension: str) -> Mapping[str, float]:
    """Installed IT GW times years by the values of a column of the table ``capacity``, reported periods only."""
    periods, found = plan.periods, dict[str, float]()
    for row in plan.rows("capacity"):
        if periods.is_reported(row["period"]):
            years = periods.length_years(row["period"])
            name = _name(plan, row, dimension)
            found[name] = found.get(name, 0.0) + float(row["it_mw"]) / MW_PER_GW * years
    return found


def end_mw(plan: PlanData, dimension: str) -> Mapping[str, float]:
    """Installed IT MW by the values of a column of the table ``capacity``, in the last reported period."""
    periods, found = plan.periods, dict[str, float]()
    last = periods.cells[periods.reported - 1]
    for row in plan.rows("capacity"):
        if str(row["period"]) == str(last):
            name = _name(plan, row, dimension)
            found[name] = found.get(name, 0.0) + float(row["it_mw"])
    return found


def _name(plan: PlanData, row: Mapping[str, object], dimension: str) -> str:
    return plan.periods.label(row["period"]) if dimension == YEAR else str(row[dimension])
