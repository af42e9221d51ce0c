"""Figures by which plans differ: IT MW by provider, site, tenure, chip, role and year, in a plan and in its program."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from planner.inputs import Inputs
from planner.plan.plan import PlanData
from planner.program.columns import STOCK
from planner.solve.arrays import Arrays, Floats
from planner.symbols import ColumnIndex

WHOLE = ("provider", "site", "tenure", "chip", "role")
"""Columns of the table ``capacity`` by which installed IT MW add up, over all reported years and in each period."""
YEAR = "year"
"""What is installed in all, in one period."""
SEARCHED = ("provider", "site", "tenure", "chip", YEAR)
"""Dimensions along which extremes are looked for, and by which plans are said to differ."""
SEARCHED_IN_PERIODS = "provider"
"""The dimension along which extremes are looked for in each period too."""
MW_PER_GW = 1000.0


class Figure(NamedTuple):
    """What is added up: of ``year``, the label of the period is the name.

    Attributes
    ----------
    dimension, name : str
    period : int or None
        None: the average over the reported years.
    """

    dimension: str
    name: str
    period: int | None


@dataclass(frozen=True, slots=True)
class Axis:
    """A figure as a sum of columns of a program.

    Attributes
    ----------
    figure : Figure
    cost : array
        IT GW-years in one unit of each column.
    signed : float
        IT GW-years that signed contracts bring.
    years : float
        Years of the figure: ``it_mw = 1000 x gw_years / years``.
    """

    figure: Figure
    cost: Floats = field(repr=False)
    signed: float
    years: float

    def it_mw(self, gw_years: float) -> float:
        """Average installed IT MW, to the millionth."""
        return round(MW_PER_GW * gw_years / self.years, 6)

    def gw_years(self, it_mw: float) -> float:
        """The same as IT GW-years."""
        return it_mw * self.years / MW_PER_GW


def figures_of(plan: PlanData) -> Mapping[Figure, float]:
    """Every figure of a plan, from its table ``capacity``: average installed IT MW; one that is left out is 0."""
    periods, found = plan.periods, dict[Figure, float]()
    whole = sum(periods.length_years(cell) for cell in periods.cells[: periods.reported])
    for row in plan.rows("capacity"):
        t, it_mw = periods.index(row["period"]), float(row["it_mw"])
        if t >= periods.reported:
            continue
        share = periods.length_years(row["period"]) / whole
        parts = [(Figure(YEAR, periods.calendar.labels[t], t), it_mw)]
        for dimension in WHOLE:
            name = str(row[dimension])
            parts += [
                (Figure(dimension, name, t), it_mw),
                (Figure(dimension, name, None), it_mw * share),
            ]
        for figure, amount in parts:
            found[figure] = found.get(figure, 0.0) + amount
    return found


def axes_of(inputs: Inputs, arrays: Arrays) -> list[Axis]:
    """The figures along which extremes are looked for and that have columns: those of all years first."""
    reported = range(inputs.calendar.reported)
    whole = sum(inputs.length_years(t) for t in reported)
    sums, signed = dict[Figure, Floats](), dict[Figure, float]()
    for (o, _, k, t), place in ColumnIndex(arrays.columns)[STOCK].items():
        for figure in _figures(inputs, o, k, (t,) if t in reported else ()):
            cost = sums.setdefault(figure, np.zeros(arrays.column_count))
            if t in reported:
                cost[place] += inputs.length_years(t)
    for (o, _, k), gw in inputs.signed_chip_gw.items():
        for figure in _figures(inputs, o, k, reported):
            within = reported if figure.period is None else (figure.period,)
            signed[figure] = signed.get(figure, 0.0) + sum(gw[t] * inputs.length_years(t) for t in within)
    axes = [
        Axis(
            figure,
            sums[figure],
            signed.get(figure, 0.0),
            whole if figure.period is None else inputs.length_years(figure.period),
        )
        for figure in sums
    ]
    return sorted(axes, key=_order)


def _order(axis: Axis) -> tuple[bool, int, int]:
    dimension, _, period = axis.figure
    in_periods = dimension != YEAR and period is not None
    return in_periods, SEARCHED.index(dimension), -1 if period is None else period


def _figures(inputs: Inputs, o: str, k: str, periods: Iterable[int]) -> Iterator[Figure]:
    offer, labels = inputs.offers[o], inputs.calendar.labels
    named = (("provider", offer.provider), ("site", offer.site), ("tenure", offer.tenure), ("chip", k))
    for dimension, name in named:
        yield Figure(dimension, name, None)
    for t in periods:
        yield Figure(YEAR, labels[t], t)
        yield Figure(SEARCHED_IN_PERIODS, offer.provider, t)
