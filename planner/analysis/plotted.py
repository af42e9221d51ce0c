"""``sweep.plot``, ``comparison.plot``, ``front.plot`` and ``tornado.plot``: figures of matplotlib."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from planner.changes.schema import BASE
from planner.errors import OptionError, UnknownNameError
from planner.figures.pictures import drawn
from planner.figures.ranges import front_dots, tornado_bars
from planner.figures.spec import Bars, Dots, Figure
from planner.figures.studies import (
    MEASURES,
    capacity_change,
    cost_changes,
    differences,
    dots,
    largest,
    spend_change,
    waterfall_bars,
)

if TYPE_CHECKING:
    import matplotlib.figure

Rows = Sequence[Mapping[str, Any]]
MEASURE = "capacity_end_backup"
"""What a frontier is against where nothing else is named."""


def waterfall_of(rows: Rows, waterfall: Callable[[str], Rows], name: str | None = None) -> Bars:
    """From the cost of the base to that of a run; ``rows`` are those of `Sweep.overview`.

    Raises
    ------
    OptionError
        If none is named, and no run differs by more than the gaps leave open.
    """
    chosen = name or next(iter(largest(rows, 1)), None)
    if chosen is None:
        raise OptionError("no run differs from the base by more than the gaps leave open: name the one to be drawn")
    return waterfall_bars(waterfall(chosen), chosen)


def frontier_of(rows: Rows, measure: str | None = None) -> Dots:
    """Cost against a measure of the runs; ``rows`` are those of `Sweep.overview`.

    Raises
    ------
    OptionError
        If it is none of the measures that are drawn, or no run has a plan.
    """
    known, key = {one.key: one for one in MEASURES}, measure or MEASURE
    if key not in known:
        raise OptionError(f"cost is drawn against {', '.join(known)}, not {measure!r}")
    spec = dots(rows, known[key])
    if not spec.dots:
        names = ", ".join(str(row["name"]) for row in rows) or BASE
        raise OptionError(f"no run of the sweep has a plan; the runs are {names}")
    return spec


def compared_of(tables: Mapping[str, Rows], figure: str, name: str) -> Figure:
    """``waterfall``, ``capacity``, ``chips`` or ``spend`` of a plan that is compared."""
    if figure == "waterfall":
        return waterfall_bars(tables["waterfall"], name)
    if figure == "spend":
        return spend_change(tables["spend"], name)
    return capacity_change(tables["capacity"], name, "chip" if figure == "chips" else "provider")


def front_of(rows: Rows, title: str) -> Dots:
    """Least cost against what a front is against; ``rows`` are those of `Front`.

    Raises
    ------
    OptionError
        If no point has a plan.
    """
    found = front_dots(rows, title)
    if not found.dots:
        raise OptionError("no point of the front has a plan; there is nothing to draw")
    return found


def tornado_of(rows: Rows) -> Bars:
    """What the ends of each input change of the cost; ``rows`` are those of `Tornado`.

    Raises
    ------
    OptionError
        If there is no input.
    """
    found = tornado_bars(rows)
    if not found.bars:
        raise OptionError("the tornado has no input; there is nothing to draw")
    return found


class SweepPlots:
    """The figures of a sweep; each method returns matplotlib's own figure. Needs the extra ``report``.

    The plans of its runs have figures of their own: ``sweep.plan(name).plot.capacity()``.
    """

    def __init__(self, rows: Rows, waterfall: Callable[[str], Rows]) -> None:
        self._rows, self._waterfall = rows, waterfall

    def __repr__(self) -> str:
        return "SweepPlots(costs, waterfall, against)"

    def costs(self, *, dark: bool = False) -> "matplotlib.figure.Figure":
        """What each run costs more or less than the base; pale where the gaps leave the difference open."""
        return drawn(differences(self._rows), dark=dark)

    def waterfall(self, name: str | None = None, *, dark: bool = False) -> "matplotlib.figure.Figure":
        """From the cost of the base to that of a run, part by part.

        Parameters
        ----------
        name : str or None
            The run; None: the one whose cost differs most, of those that compare with the base.
        dark : bool

        Raises
        ------
        UnknownNameError, NoPlanError
            If no run of that name ended, or it has no plan.
        OptionError
            If none is named, and no run differs by more than the gaps leave open.
        """
        return drawn(waterfall_of(self._rows, self._waterfall, name), dark=dark)

    def against(self, measure: str = MEASURE, *, dark: bool = False) -> "matplotlib.figure.Figure":
        """Cost against a measure of the runs, those that no other beats filled: the frontier of the sweep.

        Raises
        ------
        OptionError
            If it is none of the measures that are drawn, or no run has a plan.
        """
        return drawn(frontier_of(self._rows, measure), dark=dark)


class ComparisonPlots:
    """The figures of a comparison; each method returns matplotlib's own figure. Needs the extra ``report``.

    ``name`` is that of a plan which is compared; the first where none is given.
    """

    def __init__(self, reference: str, names: Sequence[str], tables: Mapping[str, Rows]) -> None:
        self._reference, self._names, self._tables = reference, names, tables

    def __repr__(self) -> str:
        return "ComparisonPlots(costs, waterfall, capacity, chips, spend)"

    def costs(self, *, dark: bool = False) -> "matplotlib.figure.Figure":
        """What each plan costs more or less than the reference; pale where the gaps leave the difference open."""
        return drawn(cost_changes(self._tables["differences"], self._reference), dark=dark)

    def waterfall(self, name: str | None = None, *, dark: bool = False) -> "matplotlib.figure.Figure":
        """From the cost of the reference to that of a plan, part by part.

        Raises
        ------
        UnknownNameError
            If no plan of that name is compared.
        """
        return drawn(compared_of(self._tables, "waterfall", self._chosen(name)), dark=dark)

    def capacity(
        self, name: str | None = None, *, by: Literal["provider", "chip", "role"] = "provider", dark: bool = False
    ) -> "matplotlib.figure.Figure":
        """IT GW that a plan has more and less than the reference, summed over providers, chips or roles, by period.

        Raises
        ------
        UnknownNameError
            If no plan of that name is compared.
        OptionError
            If ``by`` is none of these.
        """
        if by not in ("provider", "chip", "role"):
            raise OptionError(f"capacity is drawn by provider, chip or role, not by {by!r}")
        return drawn(capacity_change(self._tables["capacity"], self._chosen(name), by), dark=dark)

    def chips(self, name: str | None = None, *, dark: bool = False) -> "matplotlib.figure.Figure":
        """IT GW of chips that a plan has more and less than the reference, by period.

        Raises
        ------
        UnknownNameError
            If no plan of that name is compared.
        """
        return drawn(compared_of(self._tables, "chips", self._chosen(name)), dark=dark)

    def spend(self, name: str | None = None, *, dark: bool = False) -> "matplotlib.figure.Figure":
        """What a plan spends more and less than the reference, by item and period, $B nominal.

        Raises
        ------
        UnknownNameError
            If no plan of that name is compared.
        """
        return drawn(compared_of(self._tables, "spend", self._chosen(name)), dark=dark)

    def _chosen(self, name: str | None) -> str:
        chosen = self._names[0] if name is None and self._names else name
        if chosen not in self._names:
            raise UnknownNameError(f"no plan {name!r} is compared: there are {', '.join(self._names)}")
        return str(chosen)


class FrontPlots:
    """The figure of a front, matplotlib's own. Needs the extra ``report``."""

    def __init__(self, rows: Rows, title: str) -> None:
        self._rows, self._title = rows, title

    def costs(self, *, dark: bool = False) -> "matplotlib.figure.Figure":
        """Least cost against what the front is against; dominated points hollow, the line reaches to the bound.

        Raises
        ------
        OptionError
            If no point has a plan.
        """
        return drawn(front_of(self._rows, self._title), dark=dark)


class TornadoPlots:
    """The figure of a tornado, matplotlib's own. Needs the extra ``report``."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def costs(self, *, dark: bool = False) -> "matplotlib.figure.Figure":
        """What the low and the high of each input change of the cost; pale where the gaps leave it open.

        Raises
        ------
        OptionError
            If there is no input.
        """
        return drawn(tornado_of(self._rows), dark=dark)
