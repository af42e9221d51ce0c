"""One run of a sweep: plain data in, plain data out, on whatever machine."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from planner.case.case import CaseData
from planner.changes.apply import apply_whatif
from planner.changes.schema import WhatIf
from planner.errors import PlannerError
from planner.options import SolveOptions
from planner.runs import session
from planner.runs.outcome import Outcome
from planner.status import Status
from planner.symbols import Values
from planner.version import __version__


@dataclass(frozen=True, slots=True)
class Shared:
    """What all runs of a sweep have in common; it is sent once to each worker."""

    case: CaseData
    options: SolveOptions


class Work(Protocol):
    """How a run is solved where not as its case is: plain data of a module that every worker can import."""

    def solve(self, base: CaseData, case: CaseData, options: SolveOptions, job: "Job", /) -> Outcome:
        """Solve the case that the what-if makes of the base, or find something else for it (`Outcome.found`)."""


@dataclass(frozen=True, slots=True)
class Job:
    """One run: its what-if, where to start from, and options of its own where it has any.

    ``case`` is the case that the what-if makes, where it is made already: sending it takes a tenth of the time of
    making, checking and hashing it again.
    """

    whatif: WhatIf
    start: Values | None = field(default=None, repr=False)
    options: SolveOptions | None = None
    work: Work | None = field(default=None, repr=False)
    case: CaseData | None = field(default=None, repr=False)

    def made(self, base: CaseData) -> CaseData:
        """Return the case of the run.

        Raises
        ------
        CaseError
            If the what-if makes none of the base.
        """
        return apply_whatif(base, self.whatif).data if self.case is None else self.case


def run_key(case: CaseData, whatif: WhatIf, options: SolveOptions, start: bool | None = None) -> str:
    """Return the fingerprint of a run (SHA-256, hex): of the case, the changes, the options and the version.

    Whether a run starts from the base plan is part of it: within the gap, its answer may be another one.
    """
    return key_of(content_of(case), _changes(whatif), options, start)


def content_of(case: CaseData) -> str:
    """Return what says which case it is: its hash, with the names of the constraint families given in Python."""
    names = ", ".join(str(family.name) for family in case.families)
    return f"{case.hash} with {names}" if names else case.hash


def key_of(content: str, changes: Sequence[Any], options: SolveOptions, start: bool | None = None) -> str:
    """Return the fingerprint of a run from its changes as they are written (see `run_key`)."""
    asked: dict[str, Any] = {
        "gap": options.gap,
        "time_limit_s": options.time_limit_s,
        "seed": options.seed,
        "start": start,
    }
    usual = SolveOptions()
    asked |= {name: getattr(options, name) for name in LATER if getattr(options, name) != getattr(usual, name)}
    whole = [content, list(changes), asked, __version__]
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


LATER = ("threads", "solver")
"""Options that runs did not have at first: they are part of a fingerprint where they are not the usual ones."""


def _changes(whatif: WhatIf) -> list[Any]:
    """The changes of a what-if as they are written."""
    return [change.model_dump(mode="json", by_alias=True, exclude_unset=True) for change in whatif.changes]


def run(shared: Shared, job: Job) -> Outcome:
    """Do one run; whatever goes wrong is an outcome, so that one run that fails does not end the others."""
    name = job.whatif.name
    try:
        options = job.options or shared.options
        if job.work is not None:
            return job.work.solve(shared.case, job.made(shared.case), options, job)
        return session.attempt(lambda: job.made(shared.case), options, name=name, start=job.start)
    except MemoryError:
        return Outcome(Status.CRASHED, reason="the run needs more memory than its worker may use", name=name)
    except PlannerError as error:
        return Outcome.of_error(error, name)
    except Exception as error:
        return Outcome(Status.FAILED, reason=f"internal error: {type(error).__name__}: {error}", name=name)


def about_run(whatif: WhatIf, key: str, *, started: bool) -> dict[str, Any]:
    """Return what the folder of a run says of its what-if."""
    return {
        "name": whatif.name,
        "title": whatif.title,
        "source": whatif.source,
        "grade": whatif.grade,
        "changes": _changes(whatif),
        "key": key,
        "started_from_base": started,
    }
