"""What every rule of the audit is judged with, and the check of a limit in each period."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from planner.audit import tolerance
from planner.audit.cells import Reader
from planner.audit.facts import Facts
from planner.audit.report import Checks
from planner.audit.state import State


@dataclass(frozen=True, slots=True)
class Context:
    """The plan under audit: as its tables state it, and as recomputed from its decisions."""

    reader: Reader
    state: State

    @property
    def facts(self) -> Facts:
        """The case."""
        return self.state.facts

    @property
    def checks(self) -> Checks:
        """Where findings go."""
        return self.reader.checks

    def in_each_period(
        self,
        family: str,
        name: str,
        what: str,
        values: Sequence[float],
        most: Sequence[float],
        unit: str = "IT MW",
        *,
        accepted: Callable[[float], float] = tolerance.mw,
        note: str = "",
    ) -> None:
        """Check that a series keeps to its limit in each period, to the tolerance ``accepted`` of the limit."""
        for t in self.facts.periods:
            where, bound = f"{what} in {self.facts.label(t)}{note}", most[t]
            self.checks.limit(family, name, where, values[t], bound, unit, accepted(bound))
