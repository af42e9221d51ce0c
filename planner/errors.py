"""What can go wrong, each with its exit code.

::

    PlannerError                 1  usage or internal
      CaseError                  2  the case is invalid (carries every problem found); also a ValueError
      InfeasibleError            3  proven: no plan can meet the case (carries what is known); also a RuntimeError
      NoPlanError                5  no plan, and no proof that there is none: a limit came first, or the solver gave up;
                                    also a RuntimeError
      AuditError                 1  a plan failed its audit; also a RuntimeError
      PlanError                  1  a plan folder cannot be read or written; also a ValueError
      UnknownNameError           1  there is no table, or run, of that name; also a KeyError
        UnknownTableError        1  a plan has no table of that name; a PlanError too
      OptionError                1  an argument or option makes no sense; also a ValueError

Each is also the built-in error that a Python user expects where a value is refused, a name is unknown, or work that was
asked for rightly comes to nothing.

Exit code 4 (a limit was reached, a plan was written) is not an error.
"""

import re
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import import_module
from typing import Any

from planner.status import Status
from planner.text import one_line, visible

LONGEST_VALUE = 200
"""Characters of a value that a message repeats."""
SHOWN_ALONE = 3
"""Up to so many faults of one kind are reported one by one; more are combined into one, with their number."""
PLACES_NAMED = 8
"""Places that are named if many faults are combined into one."""
MOST_KINDS = 500
"""Kinds of faults that are reported; a file with more is not a table of a case at all."""


class DeprecatedNameWarning(DeprecationWarning):
    """A released name was used that has a successor; the warning names it, and the version that drops the old one."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of an input: where it is, what is wrong, what would be right.

    More than ``SHOWN_ALONE`` faults of one kind (same file and column, same words) are one problem, that of the first
    of them, with their ``count`` and the first ``places``.
    """

    file: str
    """The file, or the option, that has it."""
    message: str
    """What is wrong, and what would be right."""
    row: int | None = None
    """Line of the file, the header being line 1."""
    column: str | None = None
    """Column of a table, or key of a model file."""
    value: str | None = None
    """What stands there."""
    count: int = 1
    """Faults this problem stands for."""
    places: tuple[str, ...] = ()
    """The first places of a problem that stands for many: ``row 3``, ``cell F7``, or the key where there is neither."""
    kind: str = field(default="", compare=False, repr=False)
    """What faults of one kind share; empty: their words without names and figures."""
    cell: str | None = None
    """Of a workbook: the cell of its sheet, such as ``F7``; the sheet is named in ``file``."""

    def __str__(self) -> str:
        place = self.file
        if self.cell is not None:
            place += f", cell {self.cell}"
        elif self.row is not None:
            place += f", row {self.row}"
        if self.column is not None:
            place += f", column {self.column}"
        if self.value is not None:
            shown = self.value if len(self.value) <= LONGEST_VALUE else f"{self.value[: LONGEST_VALUE - 3]}..."
            place += f" ({shown!r})"
        return one_line(f"{place}: {self.message}{self._many()}")

    def _many(self) -> str:
        """Return the number and the first places of many faults combined into one."""
        if self.count == 1:
            return ""
        kinds = {place.partition(" ")[0] if place.startswith(("row ", "cell ")) else "" for place in self.places}
        kind = kinds.pop() if len(kinds) == 1 else ""
        named = ", ".join(place.removeprefix(f"{kind} ") if kind else place for place in self.places)
        more = " ..." if self.count > len(self.places) else ""
        where = f": {f'{kind}s ' if kind else ''}{named}{more}" if self.places else ""
        return f" ({self.count:,} of this kind{where})"

    def place(self) -> str:
        """Return where the problem is, within its file: its cell or row, or else the key its message begins with."""
        if self.cell is not None:
            return f"cell {self.cell}"
        if self.row is not None:
            return f"row {self.row}"
        key = _KEY.match(self.message)
        return key[0].removesuffix(": ") if key else self.column or self.value or ""


_KEY = re.compile(r"[a-z_]+\[[^\]]*\]: ")
_HINT = re.compile(r"; did you mean .*?\?|\(there are: .*\)$")
_NAMED = re.compile(r"'[^']*'|\"[^\"]*\"|\S*[0-9_]\S*|(?<=market )\S+|(?<=site )\S+|(?<=chip )\S+|(?<=offer )\S+")


@lru_cache(maxsize=4096)
def _words(message: str) -> str:
    """Return a message without the names and figures in it: what faults of one kind share."""
    return _NAMED.sub("#", _HINT.sub("", _KEY.sub("", message, count=1)))


class ProblemList:
    """Faults as they are found: of each kind the first few, their number, and the first places.

    It stays small however many faults there are, so a table of a million wrong rows is reported in one line.

    Examples
    --------
    >>> found = ProblemList()
    >>> for row in range(2, 1_002):
    ...     found.add(Problem("sites.csv", "must be a number", row, "max_it_mw"))
    >>> [(problem.row, problem.count) for problem in found.combined()]
    [(2, 1000)]
    """

    def __init__(self, problems: Iterable[Problem] = ()) -> None:
        self._kinds: dict[Hashable, _Kind] = {}
        self._number = 0
        self._beyond = 0
        self.extend(problems)

    def __bool__(self) -> bool:
        return bool(self._kinds)

    def extend(self, problems: Iterable[Problem]) -> None:
        """Add problems, which may stand for many faults each."""
        for problem in problems:
            self.add(problem)

    def again(self, file: str, column: str, kind: str) -> bool:
        """Count a fault of a kind of which enough are known; False when it must be added in full."""
        known = self._kinds.get((file, _words(column), kind))
        if known is None or len(known.places) < PLACES_NAMED:
            return False
        known.count += 1
        return True

    def add(self, problem: Problem) -> None:
        """Add a problem, which may stand for many faults."""
        key = (problem.file, _words(problem.column or ""), problem.kind or _words(problem.message))
        self._number += 1
        kind = self._kinds.get(key)
        if kind is None:
            if len(self._kinds) >= MOST_KINDS:
                self._beyond += problem.count
                return
            kind = self._kinds[key] = _Kind()
        kind.add(self._number, problem)

    def combined(self) -> list[Problem]:
        """Return the problems to report, in the order in which they were found, many of one kind as one."""
        numbered = sorted((pair for kind in self._kinds.values() for pair in kind.combined()), key=lambda pair: pair[0])
        problems = [problem for _, problem in numbered]
        if self._beyond:
            message = f"has faults of more than {MOST_KINDS} kinds; the first are listed"
            problems.append(Problem(problems[-1].file, message, count=self._beyond))
        return problems


@dataclass(slots=True)
class _Kind:
    """Faults of one kind: the first few with their numbers, the first places, how many there are."""

    first: list[tuple[int, Problem]] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, number: int, problem: Problem) -> None:
        self.count += problem.count
        if len(self.first) < SHOWN_ALONE:
            self.first.append((number, problem))
        if len(self.places) < PLACES_NAMED:
            places = problem.places or (problem.place(),)
            self.places += [place for place in places if place][: PLACES_NAMED - len(self.places)]

    def combined(self) -> list[tuple[int, Problem]]:
        if self.count <= SHOWN_ALONE:
            return self.first
        number, problem = self.first[0]
        return [(number, replace(problem, count=self.count, places=tuple(dict.fromkeys(self.places))))]


DIAGNOSIS_S = 60.0
"""Time in which a proof of infeasibility is explained where no other is given."""
EXPLAINED_BY = "planner.explain.conflict_changed"
"""The module that explains it."""


class PlannerError(Exception):
    """Any failure that the planner expects; its text is the message for the user."""

    exit_code = 1
    """Exit code of a command that ends with it."""
    status: Status = Status.FAILED
    """The status of a run that ends with it."""

    def __str__(self) -> str:
        return visible(Exception.__str__(self))  # a KeyError's own would put its text in quotes


class CaseError(PlannerError, ValueError):
    """The case is invalid; every fault found is listed, many of one kind as one problem with their count.

    Attributes
    ----------
    name : str
        Of the case.
    problems : tuple of Problem
        The faults.
    """

    name: str
    problems: tuple[Problem, ...]
    exit_code = 2
    status = Status.INVALID_CASE

    def __init__(self, name: str, problems: Iterable[Problem]) -> None:
        self.name = name
        self.problems = tuple(ProblemList(problems).combined())
        count = sum(problem.count for problem in self.problems)
        head = f"{name}: {count:,} problem{'s' if count != 1 else ''}"
        super().__init__("\n".join([one_line(head), *(f"  {problem}" for problem in self.problems)]))

    def __reduce__(self) -> tuple[type["CaseError"], tuple[str, tuple[Problem, ...]]]:
        return type(self), (self.name, self.problems)


class InfeasibleError(PlannerError, RuntimeError):
    """Proven: no plan can meet the case.

    Attributes
    ----------
    message : str
        What is proven.
    pointer : str
        Where to look for the reason, a line of its own; empty where there is nothing to say.
    reasons : tuple of Problem
        Limits of the case that contradict the rest of it in the data alone, each a reason by itself. Often there is
        none: what rules out a plan then shows only in the solve.
    case : CaseData or None
        The case; None where the error came from another process.
    """

    message: str
    pointer: str
    reasons: tuple[Problem, ...]
    case: Any
    exit_code = 3
    status = Status.INFEASIBLE

    def __init__(self, message: str, pointer: str = "", reasons: Iterable[Problem] = (), case: Any = None) -> None:
        super().__init__(message + (f"\n{pointer}" if pointer else ""))
        self.message = message
        self.pointer = pointer
        self.reasons = tuple(reasons)
        self.case = case
        self._diagnosis: Any = None

    @property
    def diagnosis(self) -> Any:
        """The limits in conflict and the ways out, as of `planner.diagnose`; None where the case is not known.

        They are found when they are first asked for, in at most `DIAGNOSIS_S`.
        """
        return self.diagnosed_within(DIAGNOSIS_S)

    def diagnosed_within(self, seconds: float, unchanged: Any = None) -> Any:
        """Return the diagnosis, found in at most so many seconds if it is not known yet.

        Parameters
        ----------
        seconds : float
        unchanged : CaseData or None
            The case as its files have it, where the run changed it: figures that differ are marked.
        """
        if self._diagnosis is None and self.case is not None:
            explain = import_module(EXPLAINED_BY)  # above everything else, and slow to import
            self._diagnosis = explain.diagnose_changed(self.case, unchanged, time_limit_s=seconds)
        return self._diagnosis

    @property
    def known_diagnosis(self) -> Any:
        """The diagnosis if it was asked for already, and says what is in conflict; else None."""
        found = self._diagnosis
        return found if found is not None and found.verdict == "infeasible" else None

    def __reduce__(self) -> tuple[type["InfeasibleError"], tuple[str, str, tuple[Problem, ...]]]:
        return type(self), (self.message, self.pointer, self.reasons)


class NoPlanError(PlannerError, RuntimeError):
    """No plan was found, nor a proof that there is none: a limit came first, or the solver gave up.

    Attributes
    ----------
    status : Status
        ``interrupted`` where a signal came first, else ``no_plan``.
    """

    exit_code = 5
    status = Status.NO_PLAN

    def __init__(self, message: str, status: Status = Status.NO_PLAN) -> None:
        super().__init__(message)
        self.status = status

    def __reduce__(self) -> tuple[type["NoPlanError"], tuple[str, Status]]:
        return type(self), (str(self.args[0]), self.status)


class AuditError(PlannerError, RuntimeError):
    """A plan failed its audit."""

    status = Status.AUDIT_FAILED


class PlanError(PlannerError, ValueError):
    """A plan folder is incomplete or damaged, or cannot be read or written."""


class UnknownNameError(PlannerError, KeyError):
    """No table or run has the name asked for."""


class UnknownTableError(PlanError, UnknownNameError):
    """A plan has no table with the name asked for; also a `PlanError`."""


class OptionError(PlannerError, ValueError):
    """An argument or option makes no sense; the text says what would."""
