"""``sweep.plot`` and ``comparison.plot``: their figures, as figures of matplotlib."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from planner.changes.schema import BASE
from planner.errors import OptionError, UnknownNameError
from planner.figures.plots import drawn
from planner.figures.studies import MEASURES, capacity_change, differences, dots, waterfall_bars

if TYPE_CHECKING:
    import matplotlib.figure

Rows = Sequence[Mapping[str, Any]]


class SweepPlots:
    """The figures of a sweep; each method returns matplotlib's own figure. Needs the extra ``report``."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def costs(self, *, dark: bool = False) -> "matplotlib.figure.Figure":
        """What each run costs more or less than the base; pale where the gaps leave the difference open."""
        return drawn(differences(self._rows), dark=dark)

    def against(self, measure: str = "capacity_end_backup", *, dark: bool = False) -> "matplotlib.figure.Figure":
        """Cost against a measure of the runs, those that no other beats filled.

        Raises
        ------
        OptionError
            If it is none of the measures that are drawn, or no run has a plan.
        """
        known = {one.key: one for one in MEASURES}
        if measure not in known:
            raise OptionError(f"cost is drawn against {', '.join(known)}, not {measure!r}")
        spec = dots(self._rows, known[measure])
        if not spec.dots:
            raise OptionError(
                f"no run of the sweep has a plan; the runs are {', '.join(map(_name, self._rows)) or BASE}"
            )
        return drawn(spec, dark=dark)


def _name(row: Mapping[str, Any]) -> str:
    return str(row["name"])


class ComparisonPlots:
    """The figures of a comparison; each method returns matplotlib's own figure. Needs the extra ``report``.

    ``name`` is that of a plan which is compared; the first where none is given.
    """

    def __init__(self, names: Sequence[str], tables: Mapping[str, Rows]) -> None:
        self._names, self._tables = names, tables

    def waterfall(self, name: str | None = None, *, dark: bool = False) -> "matplotlib.figure.Figure":
        """From the cost of the reference to that of a plan, part by part.

        Raises
        ------
        UnknownNameError
            If no plan of that name is compared.
        """
        return drawn(waterfall_bars(self._tables["waterfall"], self._chosen(name)), dark=dark)

    def capacity(self, name: str | None = None, *, dark: bool = False) -> "matplotlib.figure.Figure":
        """IT GW that a plan has more and less than the reference, summed over providers, by period.

        Raises
        ------
        UnknownNameError
            If no plan of that name is compared.
        """
        return drawn(capacity_change(self._tables["capacity"], self._chosen(name)), dark=dark)

    def _chosen(self, name: str | None) -> str:
        chosen = self._names[0] if name is None and self._names else name
        if chosen not in self._names:
            raise UnknownNameError(f"no plan {name!r} is compared: there are {', '.join(self._names)}")
        return str(chosen)
