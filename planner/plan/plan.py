"""The plan: a frozen answer with tidy tables, its folder, and its way back."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from planner.case.case import CaseData
from planner.case.messages import nearest
from planner.case.write import case_files
from planner.errors import OptionError, PlanError, PlannerError, UnknownTableError
from planner.inputs.periods import Periods
from planner.plan.columns import COLUMNS
from planner.plan.earlier import LAST_FORMAT_WITHOUT_CHIP, asked_table, written_format
from planner.plan.export import export_plan
from planner.plan.own import own_columns
from planner.plan.reading import FOLDER_FORMAT, FORMAT_KEY, SUMMARY_FILE, folder_format, read_folder
from planner.plan.studied import refuse_studied
from planner.plan.tidy import Cell
from planner.status import Status
from planner.system.folders import Target, examine, manifest_of, write_folder
from planner.text import html_table, visible
from planner.version import __version__

if TYPE_CHECKING:
    import pandas as pd

Rows = Sequence[Mapping[str, Cell]]


class PlanTable:
    """A table of a plan as an attribute: ``plan.capacity`` is ``plan.table("capacity")``.

    Parameters
    ----------
    name : str
        Of the table, as in ``planner.plan.columns.COLUMNS``.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, plan: None, owner: type) -> "PlanTable": ...

    @overload
    def __get__(self, plan: "PlanData", owner: type) -> "pd.DataFrame": ...

    def __get__(self, plan: "PlanData | None", owner: type) -> "PlanTable | pd.DataFrame":
        return self if plan is None else plan.table(self.name)


HOW_IT_RAN = frozenset(
    {
        "seconds",
        "solver_seconds",
        "solver_stages",
        "solver_notes",
        "engines",
        "redundancy",
        "size",
        "threads",
        "seed",
        "versions",
    }
)
"""Parts of a summary that say how a plan was found, not what it is: plans that differ in these alone are equal."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class PlanData:
    """The record of a plan: an audited answer to a case, as tidy tables.

    `planner.Plan` is this record of a `planner.Case`, with methods. Two plans are equal when they answer the same case
    with the same tables and the same summary; how they were found (times, threads, versions: ``HOW_IT_RAN``) does not
    count. A plan read from its folder equals the one that was written.
    Every table of ``planner.plan.columns.COLUMNS`` is an attribute that gives a pandas DataFrame (``plan.capacity``).

    Attributes
    ----------
    case : CaseData
        The case it answers.
    summary : dict
        Status, cost, bound, gap, times, audit, versions: what ``summary.json`` holds.
    tables : mapping of str to rows
        Every table as plain rows.
    """

    case: CaseData
    summary: dict[str, Any]
    tables: Mapping[str, Rows]

    calendar = PlanTable("calendar")
    contracts = PlanTable("contracts")
    refreshes = PlanTable("refreshes")
    installs = PlanTable("installs")
    capacity = PlanTable("capacity")
    realised = PlanTable("realised")
    in_force = PlanTable("in_force")
    openings = PlanTable("openings")
    developments = PlanTable("developments")
    programme_path = PlanTable("programme_path")
    shortfalls = PlanTable("shortfalls")
    power_built = PlanTable("power_built")
    power = PlanTable("power")
    power_options = PlanTable("power_options")
    power_regions = PlanTable("power_regions")
    emissions = PlanTable("emissions")
    served = PlanTable("served")
    unserved = PlanTable("unserved")
    clusters = PlanTable("clusters")
    spend = PlanTable("spend")
    objective = PlanTable("objective")
    obligations = PlanTable("obligations")
    unit_costs = PlanTable("unit_costs")
    financing = PlanTable("financing")
    cash = PlanTable("cash")
    envelopes = PlanTable("envelopes")
    budget = PlanTable("budget")
    backup = PlanTable("backup")
    chips = PlanTable("chips")
    demand = PlanTable("demand")
    reach = PlanTable("reach")
    critical_shares = PlanTable("critical_shares")
    contingencies = PlanTable("contingencies")
    recovery = PlanTable("recovery")
    ranges = PlanTable("ranges")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PlanData) and self.case == other.case and self._content() == other._content()

    def __hash__(self) -> int:
        return hash((self.case, self.summary.get("status"), self.summary.get("cost_busd")))

    def _content(self) -> tuple[object, ...]:
        """What two equal plans share, besides their case."""
        summary = {name: value for name, value in self.summary.items() if name not in HOW_IT_RAN}
        return summary, {name: [dict(row) for row in rows] for name, rows in self.tables.items()}

    @property
    def programmes(self) -> "pd.DataFrame":
        """The earlier name of ``developments``; deprecated, is removed in version 0.3."""
        return self.table("programmes")

    @property
    def status(self) -> Status:
        """How the solve ended: ``optimal``, ``gap_reached``, ``time_limit`` or ``interrupted``.

        Raises
        ------
        PlanError
            If the summary, read from a folder, has another word.
        """
        word, known = self.summary["status"], [status for status in Status if status.has_plan]
        if word not in known:
            raise PlanError(f"summary, status: {word!r} is none of {', '.join(known)}")
        return Status(word)

    @property
    def cost_busd(self) -> float:
        """Present value of the cost, $B."""
        return float(self.summary["cost_busd"])

    @property
    def bound_busd(self) -> float | None:
        """What no plan can cost less than, $B; None where nothing is proven."""
        bound = self.summary["bound_busd"]
        return None if bound is None else float(bound)

    @property
    def gap(self) -> float | None:
        """Cost less bound, relative to the cost; None where nothing is proven."""
        gap = self.summary["gap"]
        return None if gap is None else float(gap)

    def __repr__(self) -> str:
        gap = "not proven" if self.gap is None else f"gap {self.gap:.3%}"
        name, status = visible(self.summary["case_name"]), self.summary["status"]
        return f"{type(self).__name__}({name}, {status}, cost ${self.cost_busd:,.3f}B, {gap})"

    def _repr_html_(self) -> str:
        """Return the headline figures as a small HTML table, for notebooks."""
        summary = self.summary
        rows = {
            "case": f"{summary['case_name']} ({str(summary.get('case_hash', ''))[:8]})",
            "status": str(summary["status"]),
            "cost": f"${self.cost_busd:,.3f}B present value",
            "bound": "not proven" if self.bound_busd is None else f"${self.bound_busd:,.3f}B",
            "gap": "not proven" if self.gap is None else f"{self.gap:.3%}",
            "unserved demand": f"{float(summary.get('unserved_share', 0.0)):.3%}",
        }
        return html_table(rows)

    def rows(self, name: str) -> Rows:
        """The rows of a table, as plain dicts.

        Raises
        ------
        UnknownTableError
            If there is no such table (a `PlanError` and a ``KeyError``).
        """
        name = asked_table(name)
        if name not in self.tables:
            near, known = nearest(name, self.tables), ", ".join(self.tables)
            raise UnknownTableError(f"a plan has no table {name!r}{near} (it has: {known})")
        return self.tables[name]

    def table(self, name: str) -> "pd.DataFrame":
        """A table as a pandas DataFrame, with its columns and their types (docs/tables.md) even when it is empty."""
        from planner.plan.frames import frame  # pandas is slow to import, and only needed here

        name = asked_table(name)
        return frame(name, self.rows(name), yearly=self.periods.yearly)

    @property
    def periods(self) -> Periods:
        """The periods of the plan: what its tables write for each, and its label."""
        return Periods.of(self.case.model.horizon)

    @property
    def exit_code(self) -> int:
        """0 for a plan within the gap, 4 for one that a limit cut short."""
        return self.status.exit_code

    def write(self, folder: str | Path) -> Path:
        """Write the plan as a folder.

        It holds ``summary.json``, ``tables/*.csv``, ``inputs/`` (the case, to replay it) and ``manifest.json`` (every
        file with its SHA-256), and appears complete or not at all. A folder that is there already is replaced only if
        every file in it is one that its manifest names, unchanged; links are not written through.

        Parameters
        ----------
        folder : str or Path
            Where.

        Returns
        -------
        Path
            The folder; where another writer put something there in the meantime, the one beside it (``NAME-2``) that
            holds the plan.

        Raises
        ------
        PlanError
            If the folder holds anything else, all of it named, or cannot be written.
        """
        return write_at(self, examine(folder))

    def export(self, place: str | Path, kind: str | None = None, *, replace: bool = False) -> Path:
        """Write the tables for other programs: as a workbook, or as a folder of CSV or Parquet files.

        Parameters
        ----------
        place : str or Path
            A file that ends in ``.xlsx``, or a folder.
        kind : str or None
            ``xlsx``, ``csv`` or ``parquet``; needed for a folder.
        replace : bool
            Whether a workbook that stands there is replaced. A folder is, if it is an export that was not changed.

        Returns
        -------
        Path
            Where the tables are.

        Raises
        ------
        OptionError
            If the kind is none of these, or does not go with the place.
        PlannerError
            If something else stands there, or it cannot be written; if the extra ``excel`` or ``parquet`` is needed
            and not installed.
        """
        return export_plan(self, place, kind, replace=replace)

    def files(self) -> dict[str, bytes]:
        """The files of the plan's folder, by their paths in it.

        Raises
        ------
        PlanError
            If a table has columns that it should not have, or a figure is not a number.
        """
        try:
            stated = written_format(self.summary.get(FORMAT_KEY), self.tables["contracts"], FOLDER_FORMAT)
            summary = json.dumps({**self.summary, FORMAT_KEY: stated}, indent=2, allow_nan=False) + "\n"
            texts = {SUMMARY_FILE: summary}
            texts |= {f"tables/{name}.csv": _csv(name, rows) for name, rows in self.tables.items()}
            texts |= {f"inputs/{name}": text for name, text in case_files(self.case).items()}
            return {name: text.encode() for name, text in texts.items()}
        except PlannerError:
            raise
        except (ValueError, TypeError) as error:
            raise PlanError(f"the plan cannot be written as files ({error})") from None

    @classmethod
    def read(cls, folder: str | Path) -> "PlanData":
        """Read a plan folder.

        Raises
        ------
        PlanError
            If the folder is not a plan, with everything that is missing or not what a plan holds there.
        CaseError
            If its inputs are not a valid case.
        """
        refuse_studied(Path(folder))
        case, summary, tables = read_folder(Path(folder))
        if folder_format(summary) > LAST_FORMAT_WITHOUT_CHIP:  # else the audit must know by which rule it was made
            summary.pop(FORMAT_KEY, None)
        return cls(case, summary, tables)


def write_at(plan: PlanData, target: Target) -> Path:
    """Write a plan to a place that was looked at before, by `planner.system.folders.examine`; see `PlanData.write`."""
    contents = plan.files()
    return write_folder(target, manifest_of("plan", contents, f"gigaplan {__version__}"), contents)


def required_plan(plan: object, call: str) -> PlanData:
    """Return a plan that was given to a call.

    Raises
    ------
    OptionError
        If it is none.
    """
    if isinstance(plan, PlanData):
        return plan
    hint = "; read the folder with Plan.read" if isinstance(plan, (str, Path)) else ""
    raise OptionError(f"{call} takes plans, not {plan!r} ({type(plan).__name__}){hint}")


def _csv(name: str, rows: Rows) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, [*COLUMNS[name], *own_columns(rows)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
