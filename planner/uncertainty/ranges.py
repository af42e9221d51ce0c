"""Figures with a range in the case: drawn as paths, one factor for all figures of a column that belong together."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from planner.case.case import CaseData, key_text
from planner.case.parse import columns_of
from planner.case.rows import DRAWN_TABLES, EnergisationRow
from planner.case.schema import limits_of
from planner.changes.apply import make_whatif
from planner.changes.shift import add_months
from planner.uncertainty.factors import Factor, Streams, two_piece
from planner.uncertainty.sampling import NORMAL, cut

OWNER: Mapping[str, str] = {
    "demand": "market",
    "chip_supply": "chip",
    "offers": "provider",
    "budget": "",
    "energisation": "site",
}
"""Column that says which rows of a table move together; empty: all of them. Other tables: each row by itself."""
AS_ONE = ("budget",)
"""Tables whose columns move together too: other spending follows revenue."""
DAYS_PER_MONTH = 365.25 / 12.0


@dataclass(frozen=True, slots=True)
class RangeRule:
    """How ranges are read.

    Attributes
    ----------
    inside : float
        Probability that a figure lies inside its range, above 0 and below 1: as much lies below as above.
    common : float
        Share of the variance that the owners of a column (markets, providers) have in common: their correlation.
    """

    inside: float = 0.8
    common: float = 0.5

    @property
    def z_of_ends(self) -> float:
        """The normal variable at the high end of a range."""
        return NORMAL.inv_cdf(0.5 + self.inside / 2.0)


@dataclass(frozen=True, slots=True)
class RangedFigure:
    """A figure of the case and its range."""

    place: str
    low: float
    base: float
    high: float
    whole: bool
    least: float
    most: float

    def at(self, z: float, z_of_ends: float) -> float:
        """Return the figure at a value of its factor, to six digits, within what its column admits."""
        value = two_piece(self.low, self.base, self.high, cut(z), z_of_ends)
        value = max(self.least, min(self.most, value))
        return round(value) if self.whole else float(f"{value:.6g}")


def paths(case: CaseData) -> dict[tuple[str, str], list[RangedFigure]]:
    """Return the figures that have a range of some width, by ``table.column`` (or the table as one) and owner."""
    found: dict[tuple[str, str], list[RangedFigure]] = defaultdict(list)
    for table in sorted(set(case.ranges) - DRAWN_TABLES):
        columns = columns_of(table)
        for key, row in case.index(table).items():
            for column, (low, high) in sorted(case.ranges[table].get(key, {}).items()):
                base = getattr(row, column)
                if base is None or low >= high:
                    continue
                least, most = limits_of(table, column)
                figure = RangedFigure(
                    f"{table}[{key_text(key)}].{column}", low, base, high,
                    columns[column].kind == "whole number", (least + low) / 2.0, (most + high) / 2.0,
                )  # fmt: skip
                found[table if table in AS_ONE else f"{table}.{column}", _owner(table, row)].append(figure)
    return found


def _owner(table: str, row: Any) -> str:
    column = OWNER.get(table)
    if column is None:
        return key_text(row.key)
    return str(getattr(row, column)) if column else "all"


def ranged_changes(case: CaseData, streams: Streams, rule: RangeRule) -> list[list[Any]]:
    """Return, for each scenario, the figures that are otherwise than in the case."""
    found: list[list[Any]] = [[] for _ in range(streams.number)]
    for (column, owner), figures in paths(case).items():
        zs = streams.mixed(f"range|{column}|{owner}", [common_factor(column, rule)])
        records = make_whatif([f"{figure.place}={figure.base}" for figure in figures]).changes
        for changes, z in zip(found, zs, strict=True):
            for figure, record in zip(figures, records, strict=True):
                value = figure.at(z, rule.z_of_ends)
                if value != figure.base:
                    changes.append(record.model_copy(update={"value": str(value)}))
    return found


def common_factor(column: str, rule: RangeRule) -> Factor:
    """Return what all owners of a column have in common."""
    return f"range|{column}", rule.common


def dated_sites(case: CaseData) -> dict[str, list[EnergisationRow]]:
    """Return the steps after the start of the horizon of the sites that state ranges of dates, by date."""
    found: dict[str, list[EnergisationRow]] = defaultdict(list)
    for row in sorted(case.rows(EnergisationRow), key=lambda row: row.date):
        if row.date > case.model.horizon.start:
            found[row.site].append(row)
    return {site: rows for site, rows in sorted(found.items()) if any(row.date_low for row in rows)}


def date_changes(rows: list[EnergisationRow], z: float, z_of_ends: float) -> Iterator[dict[str, Any]]:
    """Yield the shifts of the steps of a site, the last first: no step ever overtakes another."""
    before, shifts = date.min, []
    for row in rows:
        months = 0
        if row.date_low is not None and row.date_high is not None:
            early, late = (row.date_low - row.date).days, (row.date_high - row.date).days
            days = two_piece(min(early, -0.0), 0.0, late, max(-z_of_ends, min(z_of_ends, z)), z_of_ends)
            months = round(days / DAYS_PER_MONTH)
        while add_months(row.date, months) <= before:
            months += 1
        before = add_months(row.date, months)
        shifts.append((row, months))
    for row, months in reversed(shifts):
        if months:
            place = f"energisation[{key_text(row.key)}]"
            yield {"op": "shift", "place": place, "months": months, "if_any": True}
