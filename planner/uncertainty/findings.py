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
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from planner.errors import PlanError, PlannerError
from planner.figures.notebook import html_of
from planner.runs.difference import Difference
from planner.system.folders.content import MOST_JSON_BYTES, MOST_TABLE_BYTES, read_text
from planner.system.folders.manifest import kind_of
from planner.text import count
from planner.uncertainty.plotted import RiskPlots, picture_of_costs

RISK, STRESS = "risk", "stress"
"""Kinds of findings, as the manifest of their folder calls them."""
SUMMARY_FILE = "summary.json"
LARGEST = 1e15
"""Beyond it in size, no figure of cost ($B), capacity or demand is one that the planner wrote."""
Rows = Sequence[Mapping[str, Any]]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, allow_inf_nan=False, extra="ignore")

    @model_validator(mode="after")
    def _of_a_size(self) -> "_Row":
        for name in type(self).model_fields:
            value = getattr(self, name)
            for figure in value.values() if isinstance(value, dict) else (value,):
                if isinstance(figure, int | float) and abs(figure) > LARGEST:
                    raise ValueError(f"{name} is beyond {LARGEST:g} in size")
        return self


class DecisionRow(_Row):
    """What is ordered now of one thing (``planner.uncertainty.tables.COLUMNS``, as those below)."""

    kind: str
    what: str
    role: str = ""
    unit: str
    now: float
    alone_least: float
    alone_mean: float
    alone_most: float
    decision: str


class OrderRow(_Row):
    """An order with its last date of signing."""

    kind: str
    what: str
    role: str = ""
    chip: str = ""
    period: str = ""
    sign_by: str
    amount: float
    unit: str
    late_share: float
    lapsed_share: float


class LaterRow(_Row):
    """What can wait, and until when."""

    what: str
    role: str = ""
    first_start: str
    decide_by: str
    futures_share: float
    least: float
    mean: float
    most: float


class FutureRow(_Row):
    """A future, of a study of risk or of a plan that was replayed in it."""

    future: str
    probability: float = Field(gt=0.0, le=1.0 + 1e-9)
    cost_busd: float | None = None
    bound_busd: float | None = None
    alone_busd: float | None = None
    fixed_busd: float | None = None
    regret_busd: float | None = None
    missing_busd: float | None = None
    unserved_share: float | None = None
    missing: str = ""
    late: int = 0
    lapsed: int = 0
    status: str = ""
    reason: str = ""


class ChangeRow(_Row):
    """What a future would change."""

    future: str
    kind: str
    what: str
    role: str = ""
    unit: str
    now: float
    alone: float
    later: float


class YearRow(_Row):
    """A measure in a period, over the futures."""

    period: str
    measure: str
    mean: float
    p10: float
    p50: float
    p90: float
    planned: float | None = None


class OutageRow(_Row):
    """What is unserved after a single outage (``planner.uncertainty.outages.COLUMNS``)."""

    kind: str
    lost: str
    from_period: str
    lost_it_mw: float
    unserved_share: float
    more_unserved_compute_years: float
    worst_period: str = ""
    worst_share: float
    missing_busd: float


class _Worst(_Row):
    future: str
    busd: float
    low_busd: float | None = None
    high_busd: float | None = None


class _Limit(_Row):
    limit: str
    asked_share: float
    met_share: float
    kept: bool


class _Gain(_Row):
    busd: float
    low_busd: float | None = None
    high_busd: float | None = None
    sign: str


class _Head(_Row):
    """What every summary has."""

    futures: int
    seconds: float
    plan_busd: float
    title: str = ""
    case_name: str = ""
    compute_unit: str = ""
    periods: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class RiskSummary(_Head):
    """What a summary of a study of risk has, as far as it is shown."""

    status: str
    decide_by: str
    case_hash: str = ""
    scenarios: int
    cvar_level: float
    cvar_weight: float
    value_busd: float
    bound_busd: float | None
    gap: float | None
    gap_target: float
    expected_busd: float
    var_busd: float
    cvar_busd: float
    p10_busd: float
    p50_busd: float
    p90_busd: float
    worst_busd: float
    alone_busd: float
    fixed_busd: float | None = None
    fixed_without_limits_busd: float | None = None
    evpi: _Gain
    vss: _Gain | None = None
    prices: dict[str, float] | None = None
    adapts_early: tuple[str, ...] = ()
    minimised: str = "cost"
    regret: _Worst | None = None
    chance: tuple[_Limit, ...] = ()


class StressSummary(_Head):
    """What a summary of a replayed plan has, as far as it is shown."""

    interrupted: bool
    note: str = ""
    committed_until: str
    kept_share: float | None = None
    refused_share: float | None = None
    met_share: float | None = None
    tried_share: float | None = None
    cost_busd_mean: float | None = None
    cost_busd_mean_error: float | None = None
    cost_busd_p10: float | None = None
    cost_busd_p50: float | None = None
    cost_busd_p90: float | None = None
    cost_busd_cvar90: float | None = None
    cost_busd_worst: float | None = None
    unserved_share_mean: float | None = None
    unserved_share_p90: float | None = None
    unserved_share_worst: float | None = None

    @model_validator(mode="after")
    def _whole(self) -> "StressSummary":
        """Shares stand unless it was interrupted; the figures of the cost stand together or not at all."""
        needed = [] if self.interrupted else ["kept_share", "refused_share", "met_share"]
        costs = [f"cost_busd_{name}" for name in ("mean", "p10", "p50", "p90", "cvar90", "worst")]
        if any(getattr(self, name) is not None for name in costs):
            needed += costs
        missing = [name for name in needed if getattr(self, name) is None]
        if missing:
            raise ValueError(f"no figure: {', '.join(missing)}")
        return self


TABLES: dict[str, dict[str, type[_Row]]] = {
    RISK: {
        "decisions": DecisionRow, "orders": OrderRow, "later": LaterRow, "futures": FutureRow, "changes": ChangeRow,
        "years": YearRow,
    },
    STRESS: {"futures": FutureRow, "years": YearRow, "outages": OutageRow},
}  # fmt: skip
"""The tables of each kind, and what a row of each is."""
OPTIONAL = frozenset({"outages"})
"""Tables that a folder need not have."""
SUMMARIES: dict[str, type[_Head]] = {RISK: RiskSummary, STRESS: StressSummary}


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
        By name; of a stress ``futures``, ``years`` and ``outages`` alone.
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
        """The figures: ``.fan()``, ``.costs()``, and of a study of risk ``.commit()``; extra ``report``."""
        return RiskPlots(self)

    @property
    def decides(self) -> bool:
        """Whether it is a study of risk, which decides what to sign."""
        return self.kind == RISK

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
        asked = [f"{one['limit']} in {100 * one['asked_share']:g} %" for one in self.summary["chance"]]
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
