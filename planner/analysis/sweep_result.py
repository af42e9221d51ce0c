"""What a sweep found: one audited plan or one reason for each what-if, as rows, tables and plans."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from planner.analysis.measures import COLUMNS, Record, measures_of, records
from planner.analysis.plotted import SweepPlots
from planner.analysis.regret import Regret, regret_of
from planner.analysis.resolve import Resolved
from planner.analysis.shown import counted
from planner.analysis.sweep_store import Store, stored_runs
from planner.analysis.waterfall import waterfall
from planner.api import Plan
from planner.changes.schema import BASE
from planner.errors import NoPlanError, UnknownNameError
from planner.figures.notebook import html_of
from planner.figures.pictures import picture_html
from planner.figures.studies import differences
from planner.options import SolveKeywords, SolveOptions
from planner.plan.plan import PlanData
from planner.runs.difference import Difference, Standing, difference_of
from planner.runs.outcome import Outcome
from planner.runs.progress import OnProgress
from planner.status import Status, exit_code_of

if TYPE_CHECKING:
    import pandas as pd

SUMMARY_MEASURES = (
    "cost",
    "unserved_share",
    "spend_primary",
    "spend_backup",
    "capacity_end_primary",
    "capacity_end_backup",
)


@dataclass(frozen=True, slots=True)
class SweepProgress:
    """How far a sweep is."""

    done: int
    """Runs that ended."""
    total: int
    """Runs in all."""
    name: str
    """The run that ended last."""
    status: Status
    """How it ended."""
    seconds: float
    """Since the sweep began."""
    seconds_left: float | None
    """An estimate; None until there is one."""


@dataclass(slots=True, repr=False)
class Sweep:
    """The results of a sweep.

    Attributes
    ----------
    names : list of str
        Every what-if asked for, `base` first.
    rows : mapping of str to list of dict
        The rows of each run that ended: one per measure.
    folder : Path or None
        The store, if there is one.
    interrupted : bool
        Whether Ctrl-C ended it early.
    reused : int
        Runs taken over from an earlier sweep.
    seconds : float
        Wall time.
    others : mapping of str to list of dict
        The rows of runs in the store that were not asked for this time; ``results.csv`` has them too.
    resolved : tuple of Resolved
        What came of the differences to the base whose sign was open, if these were solved further.
    """

    names: list[str]
    rows: dict[str, list[Record]] = field(default_factory=dict)
    folder: Path | None = None
    interrupted: bool = False
    reused: int = 0
    seconds: float = 0.0
    others: dict[str, list[Record]] = field(default_factory=dict, repr=False)
    resolved: tuple[Resolved, ...] = ()
    _standing: dict[str, Standing] = field(default_factory=dict, repr=False)
    _plans: dict[str, PlanData] = field(default_factory=dict, repr=False)
    _store: Store | None = field(default=None, repr=False)
    _folders: dict[str, Path] = field(default_factory=dict, repr=False)

    @classmethod
    def read(cls, folder: str | Path) -> "Sweep":
        """Read the folder of a sweep; its plans are read when they are asked for.

        Raises
        ------
        PlannerError
            If it is not the folder of a sweep.
        """
        runs = stored_runs(Path(folder))
        rows = {
            name: records(name, left.status, left.gap, left.reason, left.measures)
            for name, (_, left) in runs.items()
            if left is not None
        }
        places = {name: place for name, (place, _) in runs.items()}
        found = cls(list(runs), rows, Path(folder), _folders=places)
        for name, (_, left) in runs.items():
            found._stands(name, None if left is None else left.standing)
        return found

    def _stands(self, name: str, standing: Standing | None) -> None:
        """Take in what the plan of a run proves; a run without a plan proves nothing."""
        if standing is not None:
            self._standing[name] = standing

    @property
    def plot(self) -> SweepPlots:
        """The figures of the sweep: ``.costs()``, ``.waterfall(name)``, ``.against(measure)``; extra ``report``."""
        return SweepPlots(list(self.overview()), lambda name: waterfall(name, self.plan(BASE), self.plan(name)))

    def __repr__(self) -> str:
        missing = f", {len(self.missing)} missing" if self.missing else ""
        return f"Sweep({len(self.names)} runs: {counted(self.status.values())}{missing})"

    def _repr_html_(self) -> str:
        """Return the line, the differences of cost as a picture, and the summary, for notebooks."""
        picture = picture_html(lambda: differences(list(self.overview())), "Cost of each run less that of the base")
        return html_of(repr(self), self.summary().reset_index(), picture if len(self.rows) > 1 else "")

    @property
    def notices(self) -> list[str]:
        """What the user should know of the store: damaged runs, and what could not be written where it was to be."""
        return [] if self._store is None else self._store.notices

    @property
    def status(self) -> dict[str, Status]:
        """How each run ended."""
        return {name: Status(rows[0]["status"]) for name, rows in self.rows.items()}

    def results(self) -> list[tuple[Status, bool]]:
        """The status of each run that ended, and whether there is a plan."""
        return [(Status(rows[0]["status"]), rows[0]["value"] is not None) for rows in self.rows.values()]

    @property
    def missing(self) -> list[str]:
        """The what-ifs without a result; none unless the sweep was interrupted."""
        return [name for name in self.names if name not in self.rows]

    @property
    def unchanged(self) -> list[str]:
        """The what-ifs whose plans have the cost, and every other measure, of that of the base."""
        base = self._measured(BASE)
        return [name for name in self.names if base and name != BASE and self._measured(name) == base]

    @property
    def same_cases(self) -> list[list[str]]:
        """What-ifs that are the same case as one another, or as the base, however written: each group by name."""
        alike: dict[tuple[tuple[str, float | None], ...], list[str]] = {}
        for name in self.names:
            measured = self._measured(name)
            if measured:
                alike.setdefault(tuple(measured.items()), []).append(name)
        found: list[list[str]] = []
        for names in alike.values():
            of_case: dict[str, list[str]] = {}
            for name in names if len(names) > 1 else ():  # plans are read only where one may be that of another
                of_case.setdefault(str(self.plan(name).summary["case_hash"]), []).append(name)
            found += [group for group in of_case.values() if len(group) > 1]
        return found

    def _measured(self, name: str) -> dict[str, float | None]:
        """Return the measures of a run but those of the solve; none without a plan."""
        rows = () if self._value(name, "cost") is None else self.rows.get(name, ())
        return {row["measure"]: row["value"] for row in rows if row["measure"] not in ("solve_time", "cost_bound")}

    def records(self) -> Iterator[Record]:
        """Yield the rows of all runs, in the order of the what-ifs."""
        for name in self.names:
            yield from self.rows_with_difference(name)

    def rows_with_difference(self, name: str) -> list[Record]:
        """The rows of a run, with its difference to the base and what is proven of it, where there is one."""
        rows, found = self.rows.get(name) or self.others.get(name, []), self.difference(name)
        if found is None or not rows:
            return list(rows)
        values = {
            "cost_less_base": found.busd,
            "cost_less_base_low": found.low_busd,
            "cost_less_base_high": found.high_busd,
        }
        first = rows[0]
        return [*rows, *records(name, Status(first["status"]), first["gap"], first["reason"], values)]

    def table(self) -> "pd.DataFrame":
        """One row per what-if and measure (`planner.analysis.measures` describes both)."""
        pandas = import_module("pandas")  # slow to import, and only needed here
        frame: pd.DataFrame = pandas.DataFrame(list(self.records()), columns=list(COLUMNS))
        return frame

    def summary(self) -> "pd.DataFrame":
        """One row per what-if: status, gap, the main measures, and the cost less that of the base."""
        pandas = import_module("pandas")
        differences = ("cost_less_base", "cost_uncertainty", "low", "high", "sign")
        columns = ["name", "status", "gap", *SUMMARY_MEASURES, *differences, "reason"]
        frame: pd.DataFrame = pandas.DataFrame(list(self.overview()), columns=columns).set_index("name")
        return frame

    def overview(self) -> Iterator[Record]:
        """Yield the rows of `summary` as plain dicts.

        ``low`` and ``high`` are what is proven of the difference to the base ($B), ``sign`` whether the run needs
        ``more``, ``less`` or the same (``equal``), or ``open``: the difference lies inside the gaps. ``comparable``:
        whether run and base miss the same, so that their costs compare; None of the base, and without two plans.
        """
        base = self._value(BASE, "cost")
        for name in self.names:
            for first in self.rows.get(name, [])[:1]:
                row = {"name": name, "status": first["status"], "gap": first["gap"], "reason": first["reason"]}
                row |= {measure: self._value(name, measure) for measure in SUMMARY_MEASURES}
                cost = row["cost"]
                less = None if cost is None or base is None else cost - base
                row |= {"cost_less_base": less, "cost_uncertainty": self._uncertainty(name, less)}
                found = self.difference(name)
                known = (None, None, "") if found is None else (found.low_busd, found.high_busd, found.sign)
                row["comparable"] = None if found is None else found.comparable
                yield {**row, **dict(zip(("low", "high", "sign"), known, strict=True))}

    def difference(self, name: str) -> Difference | None:
        """What a run costs more than the base, and what is proven of it; None of the base, and without two plans."""
        one, base = self._standing.get(name), self._standing.get(BASE)
        if name == BASE or one is None or base is None:
            return None
        return difference_of([(1.0, one, base)])

    def _uncertainty(self, name: str, difference: float | None) -> float | None:
        """By how much a difference to the base may be off, for the gaps of both; None where nothing is proven."""
        if difference is None or name == BASE:
            return None if difference is None else 0.0
        slacks = [
            None
            if self.rows[run][0]["gap"] is None
            else self.rows[run][0]["gap"] * abs(self._value(run, "cost") or 0.0)
            for run in (name, BASE)
        ]
        return None if None in slacks else sum(slack for slack in slacks if slack is not None)

    def _value(self, name: str, measure: str) -> float | None:
        return next((row["value"] for row in self.rows.get(name, ()) if row["measure"] == measure), None)

    def plan(self, name: str) -> Plan:
        """Return the plan of a run.

        Raises
        ------
        UnknownNameError
            If no run of that name ended.
        NoPlanError
            If the run has no plan, with the reason.
        """
        if name in self._plans:
            return Plan.of(self._plans[name])
        if name not in self.rows:
            raise UnknownNameError(f"no plan for {name!r}: there are {', '.join(self.rows)}")
        if self.rows[name][0]["value"] is None:
            raise NoPlanError(f"no plan for {name!r}: {self.rows[name][0]['reason']}")
        if name in self._folders:
            return Plan.read(self._folders[name])
        assert self._store is not None  # plans not in memory are in the store
        return Plan.of(self._store.plan(name))

    def regret(
        self,
        runs: Sequence[str] = (),
        *,
        within_s: float | None = None,
        options: SolveOptions | None = None,
        on_progress: OnProgress | None = None,
        **keywords: Unpack[SolveKeywords],
    ) -> Regret:
        """What the contracts of each run cost in the case of each other, more than the plan of that case.

        Parameters
        ----------
        runs : sequence of str
            The runs; empty: the base and those whose cost differs most from it, six in all. n runs are n x (n - 1)
            solves.
        within_s : float or None
            Wall time of all solves together, s; what was found by then counts. None: no limit.
        options, on_progress, **keywords
            As of `Case.solve`: ``gap``, ``time_limit_s``, ``threads``, ``seed``, ``solver``, of each solve.

        Raises
        ------
        OptionError
            If fewer than two runs have a plan.
        UnknownNameError, NoPlanError
            If a run that is named did not end, or has no plan.
        """
        return regret_of(self, runs, within_s=within_s, options=options, on_progress=on_progress, **keywords)

    def _keep(self, outcome: Outcome, about: Mapping[str, Any]) -> None:
        """Take in what came of a run, with the what-if it answers: its plan, or the reason why there is none."""
        name, status = outcome.name, outcome.status
        if outcome.plan is None:
            if self._store is not None:
                self._store.write_failure(name, {"status": status, "reason": outcome.reason, "what_if": dict(about)})
            self.rows[name] = records(name, status, None, outcome.reason, {})
            return
        values = measures_of(outcome.plan)
        summary = {**outcome.plan.summary, "what_if": {**about, "measures": values}}
        plan = PlanData(outcome.plan.case, summary, outcome.plan.tables)
        if self._store is None or not self._store.write_plan(name, plan):
            self._plans[name] = plan
        self._stands(name, Standing.of(summary))
        self.rows[name] = records(name, status, outcome.gap, outcome.reason, values)


def exit_code(found: Sweep) -> int:
    """Return the exit code of a sweep: 0 when every run has a result (`planner.status.exit_code_of`).

    A proof that there is no plan, and a changed case that is wrong, are results, unless all runs are such; a run that
    did not end was cut short.
    """
    return exit_code_of([*found.results(), *((Status.INTERRUPTED, False) for _ in found.missing)])
