"""What can go wrong, each with its exit code.

::

    PlannerError                 1  usage or internal
      CaseError                  2  the case is invalid (carries every problem found)
      InfeasibleError            3  proven: no plan can meet the case
      NoPlanError                5  a limit was reached before any plan was found
      AuditError                 1  a plan failed its audit
      PlanError                  1  a plan folder cannot be read

Exit code 4 (a limit was reached, a plan was written) is not an error.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of an input: where it is, what is wrong, what would be right."""

    file: str
    message: str
    row: int | None = None
    """Line of the file, the header being line 1."""
    column: str | None = None
    value: str | None = None

    def __str__(self) -> str:
        place = self.file
        if self.row is not None:
            place += f", row {self.row}"
        if self.column is not None:
            place += f", column {self.column}"
        if self.value is not None:
            place += f" ({self.value!r})"
        return f"{place}: {self.message}"


class PlannerError(Exception):
    """Any failure the planner expects; its text is for people."""

    exit_code = 1


class CaseError(PlannerError):
    """The case is invalid. ``problems`` lists every fault found."""

    exit_code = 2

    def __init__(self, name: str, problems: Iterable[Problem]) -> None:
        self.name = name
        self.problems = tuple(problems)
        count = len(self.problems)
        lines = [f"{name}: {count} problem{'s' if count != 1 else ''}", *(f"  {problem}" for problem in self.problems)]
        super().__init__("\n".join(lines))


class InfeasibleError(PlannerError):
    """Proven: no plan can meet the case."""

    exit_code = 3


class NoPlanError(PlannerError):
    """A limit was reached before any plan was found."""

    exit_code = 5


class AuditError(PlannerError):
    """A plan failed its audit."""


class PlanError(PlannerError):
    """A plan folder is missing something or cannot be read."""
