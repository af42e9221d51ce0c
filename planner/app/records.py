"""What the store, the runner and the pages say to each other: plain records."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from planner.options import SolveOptions

QUEUED, RUNNING, ENDED = "queued", "running", "ended"
"""States of a run."""
SOLVE, WHY, CONFLICT = "solve", "why", "conflict"
"""Kinds of runs: a plan, a question of a plan, the conflict of a case that cannot be met."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A run as it is asked for.

    Attributes
    ----------
    kind : str
        ``solve``, ``why`` or ``conflict``.
    name : str
        As people call it; of a question, what it asks of.
    case_name, case_hash : str
        Of the case without the changes.
    changes : list
        In the one language of changes, as JSON has them.
    form : mapping
        What stood in the form, so that it can be opened again.
    options : mapping
        ``gap``, ``time_limit_s``, ``threads``, ``seed``.
    parent : int or None
        Of a question: the run that it asks of.
    """

    kind: str
    name: str
    case_name: str
    case_hash: str
    changes: list[Any]
    form: Mapping[str, str]
    options: Mapping[str, Any]
    parent: int | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """A run as the store has it; see `Asked`. Money is $B of present value."""

    id: int
    kind: str
    name: str
    case_name: str
    case_hash: str
    changes: list[Any]
    form: dict[str, str]
    options: dict[str, Any]
    parent: int | None
    state: str
    status: str | None
    reason: str
    cost: float | None
    bound: float | None
    gap: float | None
    result: dict[str, Any] = field(repr=False)
    cancel: int
    created: str
    started: str | None
    ended: str | None
    folder: str | None

    @classmethod
    def of(cls, row: sqlite3.Row) -> "Run":
        """Return a run from its row in the store."""
        values = dict(row)
        values |= {name: json.loads(values[name]) for name in ("changes", "form", "options", "result")}
        return cls(**values)

    @property
    def has_plan(self) -> bool:
        """Whether its plan is in the store."""
        return self.folder is not None and self.kind == SOLVE

    @property
    def at_work(self) -> bool:
        """Whether it waits or runs."""
        return self.state != ENDED

    @property
    def solve_options(self) -> SolveOptions:
        """The options of its solve."""
        return SolveOptions(**self.options)


@dataclass(frozen=True, slots=True)
class Point:
    """How far a run was at a time; money in $B of present value."""

    seconds: float
    stage: str
    cost: float | None
    bound: float | None
    gap: float | None
