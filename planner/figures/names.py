"""Names of sites, providers and chips as figures show them, and the periods of a plan that they show."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from planner.case.row import Row as CaseRow
from planner.case.rows import ChipRow, OfferRow, ProviderRow, SiteRow
from planner.figures.colours import OTHER, Tone, chip_tones, provider_tones
from planner.figures.spec import shown
from planner.inputs.periods import Periods

if TYPE_CHECKING:
    from planner.plan.plan import PlanData

Row = Mapping[str, Any]


def number(cell: object) -> float:
    """Return a cell as a number; an empty one is nothing."""
    return float(cell) if isinstance(cell, (int, float)) else 0.0


@dataclass(frozen=True)
class Shown:
    """A plan with the names, tones and periods of its figures.

    Attributes
    ----------
    plan : PlanData
    labels : tuple of str
        The reported periods, or with ``tail`` all of them.
    """

    plan: "PlanData"
    tail: bool = False

    @cached_property
    def periods(self) -> Periods:
        """The periods of the plan."""
        return self.plan.periods

    @cached_property
    def count(self) -> int:
        """Number of periods shown."""
        return self.periods.count if self.tail else self.periods.reported

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Labels of the periods shown."""
        return tuple(self.periods.calendar.labels[: self.count])

    @cached_property
    def providers(self) -> Mapping[str, Tone]:
        """Tone of every provider."""
        return provider_tones(self.plan.case)

    @cached_property
    def chips(self) -> Mapping[str, Tone]:
        """Tone of every chip."""
        return chip_tones(self.plan.case)

    def tone(self, kind: str, key: str) -> Tone:
        """Return the tone of a provider or a chip."""
        return (self.providers if kind == "provider" else self.chips).get(key, OTHER)

    def name(self, kind: str, key: str) -> str:
        """Return the name of a site, provider, chip or offer; its key where it has none."""
        known: dict[str, type[CaseRow]] = {"site": SiteRow, "provider": ProviderRow, "chip": ChipRow, "offer": OfferRow}
        row = self.plan.case.by_key(known[kind]).get(key)
        return shown(getattr(row, "name", None) or key)

    def index(self, cell: object) -> int | None:
        """Return the place of a period among those shown; None: it is not shown."""
        found = self.periods.find(cell)
        return found if found is not None and found < self.count else None

    def sums(self, rows: Iterable[Row], value: str, key: str = "", scale: float = 1.0) -> dict[str, list[float]]:
        """Add up a column by period, for each value of a key column."""
        found: dict[str, list[float]] = {}
        for row in rows:
            place = self.index(row["period"])
            if place is not None:
                own = found.setdefault(str(row[key]) if key else "", [0.0] * self.count)
                own[place] += number(row[value]) * scale
        return found

    def total(self, rows: Iterable[Row], value: str, scale: float = 1.0) -> list[float]:
        """Add up a column by period."""
        return self.sums(rows, value, "", scale).get("", [0.0] * self.count)
