"""What a study of risk, or a plan in other futures, found: summary and tables, as they stand or as a folder kept them.

A folder may have been changed by anybody: what is read is checked, and what is not known is left alone.
"""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pandas as pd
from pydantic import TypeAdapter, ValidationError

from planner.errors import PlanError, PlannerError
from planner.figures.notebook import html_of
from planner.runs.difference import Difference
from planner.system.folders.content import MOST_JSON_BYTES, MOST_TABLE_BYTES, read_text
from planner.system.folders.manifest import kind_of
from planner.text import count, short_percent
from planner.uncertainty.findings_rows import OPTIONAL, RISK, SUMMARIES, TABLES, RiskSummary, StressSummary
from planner.uncertainty.plotted import RiskPlots, picture_of_costs

SUMMARY_FILE = "summary.json"
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, repr=False)
class Findings:
    """What was found over many futures, without the plans.

    Attributes
    ----------
    kind : str
        ``risk`` (what to sign now) or ``stress`` (a plan in futures that it was not made for).
    summary : mapping
        The figures of the whole.
    tables : mapping of str to rows
        By name; of a stress ``futures``, ``years``, ``protection`` and ``outages`` alone.
    """

    kind: str
    summary: Mapping[str, Any]
    tables: Mapping[str, Rows]

    def __repr__(self) -> str:
        return f"Findings({self.kind}, {count(len(self.tables['futures']), 'future')})"

    def _repr_html_(self) -> str:
        """Return the line, the distribution of the cost as a picture, and what is decided, or the futures."""
        table = pd.DataFrame(list(self.tables["decisions" if self.decides else "futures"]))
        return html_of(repr(self), table, picture_of_costs(lambda: self))

    @property
    def plot(self) -> RiskPlots:
        """The figures: ``.fan()``, ``.costs()``, of risk ``.commit()``, ``.policy()``, else ``.protection()``."""
        return RiskPlots(self)

    @property
    def decides(self) -> bool:
        """Whether it is a study of risk, which decides what to sign."""
        return self.kind == RISK

    @property
    def has_policy(self) -> bool:
        """Whether later dates are decided too."""
        return bool(self.tables.get("groups")) and self.summary.get("policy") is not None

    @property
    def waiting(self) -> Difference | None:
        """What it costs to know no more on later dates than has shown itself; None without them."""
        return _gain(self.summary["policy"]["waiting"]) if self.has_policy else None

    @property
    def gains(self) -> tuple[Difference, Difference | None]:
        """EVPI and VSS of a study of risk."""
        return _gain(self.summary["evpi"]), None if self.summary["vss"] is None else _gain(self.summary["vss"])

    @property
    def fixed_without_limits(self) -> float | None:
        """Expected cost, $B, of signing as the plan of the case does where that cannot keep limits in probability.

        Its costs are then those without the limits. None where it keeps them, or leaves some future without a plan.
        """
        if not self.decides or not self.summary["chance"] or self.summary["fixed_busd"] is not None:
            return None
        costs = [(row["fixed_busd"], row["probability"]) for row in self.futures]
        if any(cost is None for cost, _ in costs):
            return None
        return float(sum(cost * chance for cost, chance in costs) / sum(chance for _, chance in costs))

    @property
    def limits_asked(self) -> str:
        """The limits in probability in words: the limit on demand in 90 % of the futures."""
        asked = [f"{one['limit']} in {short_percent(one['asked_share'], 6)}" for one in self.summary["chance"]]
        return f"the limit{'' if len(asked) == 1 else 's'} on {' and '.join(asked)} of the futures"

    @property
    def costs(self) -> list[tuple[float, float]]:
        """Cost, $B, and probability of every future that has a plan."""
        return [(row["cost_busd"], row["probability"]) for row in self.futures if row["cost_busd"] is not None]

    @property
    def futures(self) -> Rows:
        """The rows of the futures."""
        return self.tables["futures"]

    def years(self, measure: str) -> list[Mapping[str, Any]]:
        """Return the rows of a measure in the reported periods."""
        reported = set(self.summary["periods"])
        rows = [row for row in self.tables["years"] if row["measure"] == measure]
        return [row for row in rows if row["period"] in reported] or rows

    @staticmethod
    def of(kind: str, summary: Mapping[str, Any], tables: Mapping[str, Rows], source: object = "") -> "Findings":
        """Return findings of which every figure was checked.

        Raises
        ------
        PlannerError
            If a figure that is shown is missing, or is no figure.
        """
        where = f"{source}: " if source else ""
        head = _checked(TypeAdapter(SUMMARIES[kind]), summary, f"{where}{SUMMARY_FILE}")
        found: dict[str, Rows] = {}
        for name, model in TABLES[kind].items():
            rows = _checked(TypeAdapter(tuple[model, ...]), tables.get(name, ()), f"{where}table {name}")  # type: ignore[valid-type]
            found[name] = [row.model_dump() for row in rows]
        if not found["futures"]:
            raise PlannerError(f"{where}table futures: has no row")
        if isinstance(head, RiskSummary) and head.policy is not None:
            _refuse_torn(found["groups"], head.policy.dates, f"{where}table groups")
        have = any(row["cost_busd"] is not None for row in found["futures"])
        if isinstance(head, StressSummary) and have and not head.interrupted and head.cost_busd_mean is None:
            message = "is not as the planner writes it (cost_busd_mean: no figure, though futures have a cost)"
            raise PlannerError(f"{where}{SUMMARY_FILE}: {message}")
        return Findings(kind, head.model_dump(), found)

    @staticmethod
    def read(folder: str | Path) -> "Findings":
        """Read the folder that ``planner risk --out`` or ``planner stress --out`` wrote.

        Raises
        ------
        PlannerError
            If it is none, or cannot be read.
        """
        place = Path(folder)
        kind = kind_of(place)
        if kind not in TABLES:
            raise PlannerError(f"{place}: is no folder that `planner risk` or `planner stress` wrote with --out")
        text = read_text(place / SUMMARY_FILE, MOST_JSON_BYTES)
        try:
            summary = json.loads(text)
        except (ValueError, RecursionError):
            raise PlanError(f"{place / SUMMARY_FILE}: cannot be read (it is not JSON)") from None
        files = {name: place / "tables" / f"{name}.csv" for name in TABLES[kind]}
        there = {name: file for name, file in files.items() if name not in OPTIONAL or file.exists()}
        tables = {name: _rows(file) for name, file in there.items()}
        return Findings.of(kind, summary, tables, place)


def _refuse_torn(groups: Rows, dates: Sequence[str], where: str) -> None:
    """Refuse groups that are no tree: on each date there are some, each within one of the date before."""
    before: set[str] = set()
    for day in dates:
        here = [row for row in groups if row["date"] == day]
        torn = [row["group"] for row in here if before and row["within"] not in before]
        if torn or not here:
            what = f"{torn[0]} is within no group of the date before" if torn else f"no group of {day}"
            raise PlannerError(f"{where}: is not as the planner writes it ({what})")
        before = {str(row["group"]) for row in here}


def _rows(file: Path) -> list[dict[str, str | None]]:
    """Read a table as texts; an empty cell is left out, so that a column with a default has that."""
    try:
        rows = list(csv.DictReader(io.StringIO(read_text(file, MOST_TABLE_BYTES)), strict=True))
    except csv.Error as error:
        raise PlanError(f"{file}: cannot be read ({error})") from None
    return [{name: cell for name, cell in row.items() if name is not None and cell not in ("", None)} for row in rows]


def _checked(adapter: TypeAdapter[Any], found: object, where: str) -> Any:
    try:
        return adapter.validate_python(found)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        message = f"{where}: is not as the planner writes it ({place}: {first['msg']})"
        raise PlannerError(message) from None


def _gain(found: Mapping[str, Any]) -> Difference:
    return Difference(
        float(found["busd"]),
        cast("float | None", found["low_busd"]),
        cast("float | None", found["high_busd"]),
        str(found["sign"]),
    )
