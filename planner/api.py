"""The public interface: read a case, look at its program, solve it, get an audited plan.

Importing this module is quick; Pyomo and the solver are imported when a case is built or solved.
"""

import time
import warnings
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner.case.case import CaseData
from planner.case.check import warnings_of
from planner.case.model import Forced
from planner.case.read import read_case
from planner.changes.text import apply_changes
from planner.errors import Problem
from planner.options import DEFAULT_GAP
from planner.plan.plan import Plan
from planner.runs.progress import OnProgress

if TYPE_CHECKING:
    from planner.program.family import Family


class Case:
    """A case, and what can be done with it.

    Examples
    --------
    >>> case = Case.read("three_sites")
    >>> plan = case.solve(gap=0.0)
    >>> plan.summary["status"]
    'optimal'
    """

    def __init__(self, case: CaseData, read_seconds: float = 0.0) -> None:
        self.data = case
        self._read_seconds = read_seconds

    @classmethod
    def read(cls, case: str | Path, changes: Sequence[str] = (), *, set: Sequence[str] | None = None) -> "Case":
        """Read a shipped case by name, or a user's case by the path of its folder or model file.

        Parameters
        ----------
        case : str or Path
        changes : sequence of str
            As for ``--set``, such as ``budget[2030].cash_limit_busd=60``.
        set : sequence of str or None
            The earlier name of ``changes``; deprecated, goes with version 0.3.

        Raises
        ------
        CaseError
            With every fault of the case, or of the changes.
        """
        if set is not None:
            message = "Case.read(..., set=...) is now Case.read(..., changes=...); `set` goes with version 0.3"
            warnings.warn(message, DeprecationWarning, stacklevel=2)
            changes = (*changes, *set)
        begin = time.monotonic()
        data = read_case(case)
        if changes:
            data = apply_changes(data, changes)
        return cls(data, time.monotonic() - begin)

    @classmethod
    def of(cls, case: CaseData) -> "Case":
        """A case from data made in Python (`planner.case.check.check_case` tells whether it is sound)."""
        return cls(case)

    @property
    def name(self) -> str:
        """Name of the case."""
        return self.data.model.name

    @property
    def hash(self) -> str:
        """Fingerprint of the case's content, forced decisions included."""
        return self.data.hash

    @property
    def forced(self) -> tuple[Forced, ...]:
        """What every plan is forced to do, besides keeping the limits of the case."""
        return self.data.model.forced

    def warnings(self) -> list[Problem]:
        """What is odd about the case but allowed."""
        return warnings_of(self.data)

    def what_if(self, changes: Any, name: str = "what-if") -> "Case":
        """Make another case of this one with changes; this one stays as it is.

        Parameters
        ----------
        changes : sequence, mapping or str
            Changes as in a what-if file, such as ``[{"op": "scale", "table": "budget", "column": "cash_limit_busd",
            "factor": 0.8}]``, or as for ``--set``.
        name : str
            What to call it in messages.

        Raises
        ------
        CaseError
            With every fault of the changes, or of the case they make.
        """
        from planner.changes.apply import apply_whatif, make_whatif

        return Case(apply_whatif(self.data, make_whatif(changes, name)).data)

    @cached_property
    def inputs(self) -> Any:
        """Sets and parameters derived from the case (`planner.inputs.Inputs`)."""
        from planner.inputs import make_inputs

        return make_inputs(self.data)

    def build(self, families: Sequence["Family"] = ()) -> Any:
        """Declare the program in Pyomo, to look at, to write as LP or to extend.

        Parameters
        ----------
        families : sequence of Family
            Constraint families of your own, built after the shipped ones; they come from Python only, a case
            runs no code.

        Returns
        -------
        pyomo.environ.ConcreteModel
        """
        from planner.program import build_program

        return build_program(self.inputs, tuple(families))

    def solve(
        self,
        *,
        gap: float = DEFAULT_GAP,
        time_limit_s: float | None = None,
        threads: int = 1,
        seed: int = 0,
        solver: str = "highs",
        on_progress: OnProgress | None = None,
        families: Sequence["Family"] = (),
        start: Mapping[tuple[str, object], float] | None = None,
        own_process: bool = True,
    ) -> Plan:
        """Solve the case and audit the plan.

        Parameters
        ----------
        gap : float
            Relative gap (cost less bound, by cost) at which the search may stop.
        time_limit_s : float or None
            Wall time for the whole call; the best plan found by then is returned.
        threads, seed : int
            Threads and random seed of the solver; with one thread the same input gives the same plan.
        solver : str
            ``highs`` (embedded), or any solver Pyomo knows by name.
        on_progress : callable or None
            Hears `Progress`.
        families : sequence of Family
            Constraint families of your own.
        start : mapping or None
            Values of variables to start from, as `planner.runs.session.Solved.values` of a neighbouring case.
        own_process : bool
            Whether the embedded solver runs in a process of its own, where a time limit and Ctrl-C always reach it.

        Raises
        ------
        InfeasibleError
            If it is proven that no plan can meet the case.
        NoPlanError
            If no plan was found, nor a proof that there is none: a limit came first, or the solver gave up.
        AuditError
            If the plan fails its audit.
        """
        from planner.runs.session import Request, solve_case

        request = Request(
            gap=gap,
            time_limit_s=time_limit_s,
            threads=threads,
            seed=seed,
            solver=solver,
            families=tuple(families),
            start=start,
            own_process=own_process,
        )
        return solve_case(self.data, request, on_progress, inputs=self.inputs, read_seconds=self._read_seconds)


def data_of(case: Case | CaseData) -> CaseData:
    """The data of a case, however it is given."""
    return case.data if isinstance(case, Case) else case
