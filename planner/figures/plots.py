"""``plan.plot``: the figures of a plan, as figures of matplotlib."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from planner.errors import OptionError
from planner.figures.capacity import capacity, demand
from planner.figures.money import cash, spend
from planner.figures.pictures import drawn, picture_html
from planner.figures.redundancy import contingencies
from planner.figures.sites import site_map, timeline
from planner.figures.spec import Figure
from planner.plan.plan import PlanData

if TYPE_CHECKING:
    import matplotlib.figure

SPECS: dict[str, Callable[[PlanData], Figure]] = {
    "map": site_map,
    "capacity": capacity,
    "chips": lambda plan: capacity(plan, "chip"),
    "demand": demand,
    "timeline": timeline,
    "cash": cash,
    "spend": spend,
    "contingencies": contingencies,
}
"""What each figure of a plan draws."""


class PlanPlots:
    """The figures of a plan.

    Every method returns matplotlib's own figure (``matplotlib.figure.Figure``: change it, ``savefig`` it); ``dark``
    asks for one on a dark ground. Providers and chips have the same colour in every figure of a case. Shown are the
    reported periods. Needs the extra ``report``.

    Examples
    --------
    >>> from planner import Case
    >>> plan = Case.read("three_sites").solve(gap=0.0)
    >>> figure = plan.plot.capacity()
    >>> type(figure).__mro__[1].__module__
    'matplotlib.figure'
    """

    def __init__(self, plan: PlanData) -> None:
        self._plan = plan

    def __repr__(self) -> str:
        return f"PlanPlots({', '.join(SPECS)})"

    def map(self, *, dark: bool = False) -> "matplotlib.figure.Figure":
        """The sites: area the most IT GW in any period, colour the provider, ring the share that is backup."""
        return drawn(site_map(self._plan), dark=dark)

    def capacity(
        self, by: Literal["provider", "chip", "role"] = "provider", *, dark: bool = False
    ) -> "matplotlib.figure.Figure":
        """Installed IT GW by provider, chip or role, against demand, programmes and what redundancy needs.

        Raises
        ------
        OptionError
            If ``by`` is none of these.
        """
        if by not in ("provider", "chip", "role"):
            raise OptionError(f"capacity is drawn by provider, chip or role, not by {by!r}")
        return drawn(capacity(self._plan, by), dark=dark)

    def chips(self, *, dark: bool = False) -> "matplotlib.figure.Figure":
        """Installed IT GW by chip, against the same lines."""
        return drawn(capacity(self._plan, "chip"), dark=dark)

    def demand(self, *, dark: bool = False) -> "matplotlib.figure.Figure":
        """Compute served by workload, and what is demanded."""
        return drawn(demand(self._plan), dark=dark)

    def timeline(self, *, dark: bool = False) -> "matplotlib.figure.Figure":
        """Sites and contracts over time: blocks, terms, renewals, last dates of signing."""
        return drawn(timeline(self._plan), dark=dark)

    def cash(self, *, dark: bool = False) -> "matplotlib.figure.Figure":
        """Spending by role in each period, $B nominal, against what may be spent."""
        return drawn(cash(self._plan), dark=dark)

    def spend(self, *, dark: bool = False) -> "matplotlib.figure.Figure":
        """Who is paid in each period, $B nominal."""
        return drawn(spend(self._plan), dark=dark)

    def contingencies(self, *, dark: bool = False) -> "matplotlib.figure.Figure":
        """Head-room after each loss, a heat map."""
        return drawn(contingencies(self._plan), dark=dark)


class PlottedPlan(PlanData):
    """The record of a plan with its figures."""

    __slots__ = ()

    @property
    def plot(self) -> PlanPlots:
        """The figures of the plan: ``plan.plot.map()``, ``.capacity()``, ``.timeline()``, ...; extra ``report``."""
        return PlanPlots(self)

    def _repr_html_(self) -> str:
        """Return the headline figures, and with the extra ``report`` a picture of the capacity, for notebooks."""
        return PlanData._repr_html_(self) + picture_html(
            lambda: capacity(self), "Installed IT GW by provider and period"
        )
