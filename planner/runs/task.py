"""One run of a sweep: plain data in, plain data out, on whatever machine."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from planner.case.case import CaseData
from planner.changes.apply import apply_whatif
from planner.changes.schema import WhatIf
from planner.errors import AuditError, CaseError, InfeasibleError, NoPlanError, PlannerError
from planner.plan.plan import PlanData
from planner.runs import session
from planner.symbols import Values
from planner.version import __version__

Failure = Literal["infeasible", "limit", "invalid", "failed", "crashed"]
"""Why a run has no plan: proven; the time limit; the changed case is wrong; the planner failed; its worker died."""

_FAILURES: tuple[tuple[type[PlannerError], Failure], ...] = (
    (InfeasibleError, "infeasible"),
    (NoPlanError, "limit"),
    (CaseError, "invalid"),
    (AuditError, "failed"),
    (PlannerError, "failed"),
)


@dataclass(frozen=True, slots=True)
class Options:
    """How runs are solved: relative gap, seconds for each run, random seed, whether from the base plan."""

    gap: float
    time_limit_s: float | None = None
    seed: int = 0
    start: bool | None = None


@dataclass(frozen=True, slots=True)
class Shared:
    """What all runs of a sweep have in common; it is sent once to each worker."""

    case: CaseData
    options: Options


@dataclass(frozen=True, slots=True)
class Job:
    """One run: its what-if, and where to start from."""

    whatif: WhatIf
    start: Values | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run: a plan, or why there is none."""

    name: str
    plan: PlanData | None = None
    failure: Failure | None = None
    reason: str = ""
    seconds: float = 0.0


def run_key(case: CaseData, whatif: WhatIf, options: Options) -> str:
    """Return the fingerprint of a run (SHA-256, hex): of the case, the changes, the options and the version.

    Whether a run starts from the base plan is part of it: within the gap, its answer may be another one.
    """
    changes = [change.model_dump(mode="json", by_alias=True, exclude_unset=True) for change in whatif.changes]
    return key_of(case.hash, changes, options)


def key_of(case_hash: str, changes: Sequence[Any], options: Options) -> str:
    """Return the fingerprint of a run from its changes as they are written (see `run_key`)."""
    content = [case_hash, list(changes), asdict(options), __version__]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def run(shared: Shared, job: Job) -> Outcome:
    """Do one run; what the planner expects to go wrong is an outcome, not an error."""
    name, options = job.whatif.name, shared.options
    try:
        changed = apply_whatif(shared.case, job.whatif)
        request = session.Request(
            gap=options.gap,
            time_limit_s=options.time_limit_s,
            threads=1,
            seed=options.seed,
            start=job.start,
            own_process=False,
        )
        plan = session.solve_case(changed.data, request)
    except PlannerError as error:
        kind = next(failure for error_type, failure in _FAILURES if isinstance(error, error_type))
        reason = error.message if isinstance(error, InfeasibleError) else str(error)
        return Outcome(name, failure=kind, reason=reason)
    except MemoryError:
        return Outcome(name, failure="crashed", reason="the run needs more memory than its worker may use")
    except Exception as error:  # one run that fails must not end the others; what it was is told in its row
        return Outcome(name, failure="failed", reason=f"internal error: {type(error).__name__}: {error}")
    return Outcome(name, plan=plan, seconds=float(plan.summary["seconds"]["total"]))


def about_run(whatif: WhatIf, key: str, *, started: bool) -> dict[str, Any]:
    """Return what the folder of a run says of its what-if."""
    return {
        "name": whatif.name,
        "title": whatif.title,
        "source": whatif.source,
        "grade": whatif.grade,
        "changes": [change.model_dump(mode="json", by_alias=True, exclude_unset=True) for change in whatif.changes],
        "key": key,
        "started_from_base": started,
    }
