"""The public interface: read a case, look at its program, solve it, get an audited plan.

Importing this module is quick; Pyomo and the solver are imported when a case is built or solved.
"""

import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, Unpack, cast

from planner.case.case import CaseData
from planner.case.check import warnings_of
from planner.case.model import Forced
from planner.case.read import read_case
from planner.case.workbook_write import write_as_named
from planner.changes.apply import apply_changes
from planner.changes.schema import AnyChanges, listed_changes
from planner.errors import OptionError, Problem
from planner.figures.plots import PlottedPlan
from planner.log import LOG
from planner.options import SolveKeywords, SolveOptions, chosen_options
from planner.plan.plan import PlanData, required_plan
from planner.runs.progress import OnProgress
from planner.text import html_table

if TYPE_CHECKING:
    import pandas as pd

    from planner.inputs import Inputs
    from planner.program.family import Family
    from planner.runs.start import Start


AnyCase = CaseData | str | Path
"""A case (`Case` is a `CaseData`), or what `Case.read` takes."""


C = TypeVar("C", bound=CaseData)


def _made_of_a_record(kind: type[C]) -> type[C]:
    """Let a case also be made as in version 0.1: ``Case(data)`` and ``Case(data, read_seconds)``; until 0.3."""
    begin: Callable[..., None] = kind.__init__

    @wraps(begin)
    def make(self: C, *values: Any, **named: Any) -> None:
        data = values[0] if values else named.get("data")
        if isinstance(data, CaseData):
            message = "Case(data) is now Case.of(data); the earlier form is removed in version 0.3"
            warnings.warn(message, DeprecationWarning, stacklevel=2)
            rest = dict(zip(("read_seconds",), values[1:], strict=False)) | named
            rest.pop("data", None)
            values, named = values[2:], _record(data) | rest
        begin(self, *values, **named)

    setattr(kind, "__init__", make)  # noqa: B010 -- type checkers know the form of today only
    return kind


def _record(case: CaseData) -> dict[str, Any]:
    """The fields of a record, by name."""
    return {one.name: getattr(case, one.name) for one in fields(CaseData) if one.init}


@_made_of_a_record
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Case(CaseData):
    """A case, and what can be done with it.

    It is the record `planner.case.case.CaseData` (``model``, ``tables``, ``rows``, ``hash``, ...) with verbs. Nothing
    changes it: `what_if` makes another. Two cases are equal when their content is, whatever their files are called.

    Examples
    --------
    >>> case = Case.read("three_sites")
    >>> case == Case.read("three_sites"), case == case.what_if(["sites[north].max_it_mw=20"])
    (True, False)
    >>> plan = case.solve(gap=0.0)
    >>> str(plan.status), plan.case == case
    ('optimal', True)
    """

    read_seconds: float = 0.0
    """Time that reading it took."""

    @classmethod
    def read(cls, case: str | Path, changes: AnyChanges = (), *, set: Sequence[str] | None = None) -> "Case":
        """Read a shipped case by name, or a user's case by the path of its folder, model file or workbook (``.xlsx``).

        Parameters
        ----------
        case : str or Path
        changes : one change, or a sequence of them, or a WhatIf
            Texts as for ``--set``, such as ``budget[2030].cash_limit_busd=60``, or mappings as in a what-if file.
        set : sequence of str or None
            The earlier name of ``changes``; deprecated, is removed in version 0.3.

        Raises
        ------
        CaseError
            With every fault of the case, or of the changes.
        """
        if set is not None:
            message = "Case.read(..., set=...) is now Case.read(..., changes=...); `set` is removed in version 0.3"
            warnings.warn(message, DeprecationWarning, stacklevel=2)
            changes = (*listed_changes(changes), *set)
        begin = time.monotonic()
        data = read_case(case)
        if changes:
            data = apply_changes(data, changes)
        made = cls._made(data, time.monotonic() - begin)
        for warning in made.warnings():
            LOG.warning("%s", warning)
        return made

    @classmethod
    def of(cls, case: "AnyCase | None" = None, *, data: CaseData | None = None) -> "Case":
        """Return a `Case` from a `Case`, its record as made in Python, or what `Case.read` takes.

        A record is not checked; `planner.case.check.check_case` does that.

        Parameters
        ----------
        case : Case, CaseData, str or Path
        data : CaseData or None
            The earlier name of ``case``; deprecated, is removed in version 0.3.

        Raises
        ------
        OptionError
            If it is none of these.
        """
        if data is not None:
            message = "Case.of(data=...) is now Case.of(...); `data` is removed in version 0.3"
            warnings.warn(message, DeprecationWarning, stacklevel=2)
            case = data
        if case is None:
            raise TypeError("Case.of() needs a case: Case.of(case)")
        if isinstance(case, (str, Path)):
            return cls.read(case)
        if not isinstance(case, CaseData):
            raise OptionError(f"a case is a Case, its name or its path, not {case!r} ({type(case).__name__})")
        return case if isinstance(case, Case) else cls._made(case)

    @classmethod
    def _made(cls, case: CaseData, read_seconds: float = 0.0) -> "Case":
        return cls(**_record(case), read_seconds=read_seconds)

    def with_families(self, *families: "Family") -> "Case":
        """Return the case with constraint families of your own, in every solve and study from here on.

        They come from Python only: a case runs no code. What the case says for one stands in its model file, under
        ``[families.own.NAME]``; ``docs/families.md`` shows how one is written.

        Raises
        ------
        OptionError
            If a name is one of the planner's, or a column one that a plan cannot have.
        """
        from planner.plan.added import refuse_families

        refuse_families(families)
        return CaseData.with_families(self, *families)

    @property
    def data(self) -> CaseData:
        """The earlier way to the record, which the case itself is now; deprecated, is removed in version 0.3."""
        message = "Case.data is the case itself now (case.model, case.tables, ...); `data` is removed in version 0.3"
        warnings.warn(message, DeprecationWarning, stacklevel=2)
        return self

    @property
    def name(self) -> str:
        """Name of the case."""
        return self.model.name

    @property
    def forced(self) -> tuple[Forced, ...]:
        """What every plan is forced to do, besides keeping the limits of the case."""
        return self.model.forced

    def warnings(self) -> list[Problem]:
        """What is unusual about the case but allowed."""
        if "warnings" not in self._cache:
            self._cache["warnings"] = warnings_of(self)
        return list(self._cache["warnings"])

    def what_if(self, changes: AnyChanges, name: str = "what-if") -> "Case":
        """Make another case of this one with changes; this one stays as it is.

        Parameters
        ----------
        changes : one change, or a sequence of them, or a WhatIf
            Mappings as in a what-if file, such as ``{"op": "scale", "place": "budget.cash_limit_busd", "factor":
            0.8}``, or texts as for ``--set``.
        name : str
            What to call it in messages.

        Raises
        ------
        CaseError
            With every fault of the changes, or of the case they make.
        """
        from planner.changes.apply import apply_whatif, make_whatif

        return Case.of(apply_whatif(self, make_whatif(changes, name)).data)

    def table(self, name: str) -> "pd.DataFrame":
        """A table of the case as a pandas DataFrame, with the columns, types and units of docs/tables.md.

        >>> list(Case.read("three_sites").table("sites")["site"])
        ['north', 'east', 'south']
        """
        from planner.plan.frames import case_frame

        return case_frame(name, self.rows(name))

    @property
    def inputs(self) -> "Inputs":
        """Sets and parameters derived from the case, made once."""
        from planner.inputs import make_inputs

        if "inputs" not in self._cache:
            self._cache["inputs"] = make_inputs(self)
        return cast("Inputs", self._cache["inputs"])

    def build(self, families: Sequence["Family"] = ()) -> Any:
        """Return the program as a ``pyomo.environ.ConcreteModel``, to inspect, to write as an LP file or to extend.

        ``families`` are your own, as of `with_families`, besides those of the case.
        """
        from planner.program import writable_program

        return writable_program(self._with(families).inputs)

    def solve(
        self,
        *,
        families: Sequence["Family"] = (),
        start: "Start | None" = None,
        options: SolveOptions | None = None,
        on_progress: OnProgress | None = None,
        **keywords: Unpack[SolveKeywords],
    ) -> "Plan":
        """Solve the case and audit the plan.

        Parameters
        ----------
        families : sequence of Family
            Constraint families of your own, as of `with_families`, in addition to those of the case.
        start : Plan, Values or None
            MIP start: the plan of a similar case, or values of variables.
        options : SolveOptions or None
            How to solve, as one record; or, each by itself, and in place of that of the record:
        on_progress : callable or None
            Callback invoked with each `Progress`.
        **keywords
            ``gap`` (relative MIP gap at which the search may stop, 0.005), ``time_limit_s`` (wall time of the whole
            call; the best plan found by then is returned), ``threads`` (1) and ``seed`` (0) of the solver (with one
            thread the same input gives the same plan), ``solver`` (``highs``, which is embedded, or one that Pyomo
            knows by name), ``own_process`` (whether the embedded solver runs large cases in a separate process).

        Raises
        ------
        InfeasibleError
            If it is proven that no plan can meet the case.
        NoPlanError
            If no plan was found, nor a proof that there is none: a limit came first, or the solver gave up.
        AuditError
            If the plan fails its audit.
        OptionError
            If an option makes no sense, or the solver is not here.
        """
        from planner.runs.session import solve_case
        from planner.runs.start import start_of

        chosen, case, point = chosen_options(options, keywords), self._with(families), start_of(start)
        solved = solve_case(case, chosen, on_progress, start=point, inputs=case.inputs, read_seconds=self.read_seconds)
        return Plan.of(solved.plan)

    def write(self, folder: str | Path) -> None:
        """Write the case as a folder (``model.toml``, CSV files) or a workbook (``.xlsx``), which reads back as equal.

        Raises
        ------
        PlannerError
            If the folder holds anything else, all of it named, or cannot be written; if there is a file of the name.
        """
        write_as_named(self, folder)

    def _with(self, families: Sequence["Family"]) -> "Case":
        return self.with_families(*self.families, *families) if families else self

    def _repr_html_(self) -> str:
        """Return what the case holds as a small HTML table, for notebooks."""
        counts = ", ".join(f"{len(rows)} {name.replace('_', ' ')}" for name, rows in self.tables.items() if rows)
        horizon = self.model.horizon
        return html_table(
            {
                "case": f"{self.name} ({self.hash[:8]})",
                "title": self.model.title,
                "horizon": f"{horizon.periods} periods from {horizon.start.isoformat()}",
                "tables": counts,
                "forced": ", ".join(str(one) for one in self.forced) or "nothing",
            }
        )


def generate(
    sites: int,
    periods: int = 10,
    period_months: int = 12,
    seed: int = 0,
    *,
    critical_inference_share: float = 0.9,
    critical_training_share: float = 0.6,
    start: date = date(2026, 1, 1),
) -> Case:
    """Make a random case that has a plan, of 10 to 5,000 sites.

    Parameters
    ----------
    sites : int
        Number of candidate sites, 10 to 5,000; about a tenth run already.
    periods, period_months : int
        Number of periods, 1 to 60, and the months of each (12: years, 3: quarters).
    seed : int
        The same numbers and seed give the same case.
    critical_inference_share, critical_training_share : float
        Largest shares of demand (0 to 1) that must survive the loss of any one site, provider or power region.
    start : date
        First day of the horizon, the first of a month.

    Raises
    ------
    ValueError
        If an argument is outside its range.
    """
    from planner.synthetic.generate import generate as draw

    shares = {"critical_inference_share": critical_inference_share, "critical_training_share": critical_training_share}
    return Case.of(draw(sites, periods, period_months, seed, **shares, start=start))


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Plan(PlottedPlan):
    """An audited answer to a case.

    It is a `PlanData` (``cost_busd``, ``gap``, ``status``, ``table``, ``write``, ...) of a `Case`. Each of its tables
    (docs/tables.md) is an attribute that gives a pandas DataFrame (``plan.capacity``).

    Attributes
    ----------
    case : Case
        The case it answers.
    summary : dict
        Status, cost, bound, gap, times, audit, versions: what ``summary.json`` holds.
    tables : mapping of str to rows
        Every table as plain rows.

    Examples
    --------
    >>> plan = Case.read("three_sites").solve(gap=0.0)
    >>> plan, plan.case.name
    (Plan(three_sites, optimal, cost $4.050B, gap 0.000%), 'three_sites')
    """

    case: Case

    @classmethod
    def of(cls, plan: PlanData) -> "Plan":
        """A plan from its record.

        Raises
        ------
        OptionError
            If it is no plan.
        """
        if isinstance(plan, Plan):
            return plan
        plan = required_plan(plan, "Plan.of")
        return cls(Case.of(plan.case), plan.summary, plan.tables)

    @classmethod
    def read(cls, folder: str | Path) -> "Plan":
        """Read a plan folder.

        Raises
        ------
        PlanError
            If the folder is not a plan, with everything that is missing or not what a plan holds there.
        CaseError
            If its inputs are not a valid case.
        """
        return cls.of(PlanData.read(folder))
