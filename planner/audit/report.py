"""What an audit found: one line per check, and the violations in words."""

import math
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING

from planner.audit.tolerance import LINES_PER_CHECK
from planner.text import html_table

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class AuditCheck:
    """One rule, checked wherever it applies."""

    family: str
    """Constraint family, or ``tables``, ``money``, ``summary``."""
    name: str
    """The rule."""
    passed: bool
    """Whether it holds everywhere."""
    worst_violation: float
    """Largest excess over the limit, or difference, within the tolerance or not (0 where there is none)."""
    unit: str
    """Unit of the violation."""
    tolerance: float
    """What would have been accepted at the worst place."""
    where: str
    """The worst place, in the words of the user; empty where nothing is violated."""
    count: int
    """How many times the rule was checked."""


@dataclass(frozen=True, slots=True, repr=False)
class AuditReport:
    """The outcome of an audit."""

    passed: bool
    """Whether every check passed."""
    checks: tuple[AuditCheck, ...]
    """Every rule checked."""
    cost_busd: float
    """Cost of the plan, recomputed; not a number when the case could not be evaluated."""
    lines: tuple[str, ...]
    """Every violation, as text."""
    not_recomputed: tuple[str, ...] = ()
    """What the audit of a folder takes as it stands: figures that it cannot recompute, and files beside the plan."""

    def __repr__(self) -> str:
        verdict = "passed" if self.passed else f"failed, {len(self.failures)}"
        return f"AuditReport({verdict}{', ' if self.passed else ' of '}{len(self.checks)} checks)"

    def _repr_html_(self) -> str:
        """Return the verdict and the checks that failed, for notebooks."""
        failed = {f"{check.family}: {check.name}": check.where for check in self.failures}
        return html_table({"audit": repr(self), "cost recomputed": f"${self.cost_busd:,.3f}B", **failed})

    def table(self) -> "pd.DataFrame":
        """Give the checks as a pandas DataFrame, one row for each."""
        frame: pd.DataFrame = import_module("pandas").DataFrame(self.to_rows())  # slow to import, only needed here
        return frame

    @property
    def failures(self) -> tuple[AuditCheck, ...]:
        """The checks that did not pass."""
        return tuple(check for check in self.checks if not check.passed)

    def to_rows(self) -> list[dict[str, str | float | int]]:
        """Give the checks as plain rows, one per check, ready for a table or a CSV file."""
        return [
            {
                "family": check.family,
                "name": check.name,
                "passed": "yes" if check.passed else "no",
                "worst_violation": check.worst_violation,
                "unit": check.unit,
                "tolerance": check.tolerance,
                "where": check.where,
                "count": check.count,
            }
            for check in self.checks
        ]


@dataclass(slots=True)
class _Tally:
    unit: str
    count: int = 0
    failures: int = 0
    worst: float = 0.0
    excess: float = -math.inf
    tolerance: float = 0.0
    where: str = ""
    lines: list[str] = field(default_factory=list)


class Checks:
    """Collects checks while the audit runs."""

    def __init__(self) -> None:
        self._tallies: dict[tuple[str, str], _Tally] = {}

    def seen(self, family: str, name: str, unit: str = "faults", count: int = 1) -> None:
        """Count a rule as met ``count`` times."""
        self._tally(family, name, unit).count += count

    def fault(self, family: str, name: str, message: str) -> None:
        """Record that a rule without a measure is broken; the message says what is wrong, and where."""
        self._judge(self._tally(family, name, "faults"), 1.0, 0.0, message)

    def limit(
        self, family: str, name: str, where: str, value: float, bound: float, unit: str, tolerance: float
    ) -> None:
        """Check that a value exceeds a bound by no more than the tolerance."""
        tally = self._tally(family, name, unit)
        violation = value - bound
        if self._is_nothing_new(tally, violation, tolerance):
            return
        self._judge(tally, violation, tolerance, where, f"{value:.10g} {unit}, at most {bound:.10g} {unit}")

    def equal(
        self, family: str, name: str, where: str, value: float, expected: float, unit: str, tolerance: float
    ) -> None:
        """Check that a value stated in the plan equals the recomputed one to the tolerance."""
        tally = self._tally(family, name, unit)
        violation = abs(value - expected)
        if self._is_nothing_new(tally, violation, tolerance):
            return
        self._judge(tally, violation, tolerance, where, f"the plan says {value:.10g} {unit}, the audit {expected:.10g}")

    def amount(self, family: str, name: str, where: str, violation: float, unit: str, tolerance: float) -> None:
        """Check a violation, of any size, whose words in ``where`` already say everything."""
        self._judge(self._tally(family, name, unit), violation, tolerance, where)

    def report(self, cost_busd: float) -> AuditReport:
        """Close the audit, with the recomputed cost."""
        checks, lines = [], []
        for (family, name), tally in self._tallies.items():
            checks.append(
                AuditCheck(
                    family=family,
                    name=name,
                    passed=tally.failures == 0,
                    worst_violation=tally.worst,
                    unit=tally.unit,
                    tolerance=tally.tolerance,
                    where=tally.where,
                    count=tally.count,
                )
            )
            lines.extend(tally.lines)
            if tally.failures > len(tally.lines):
                lines.append(f'{family} "{name}": and {tally.failures - len(tally.lines)} more')
        passed = all(check.passed for check in checks)
        return AuditReport(passed=passed, checks=tuple(checks), cost_busd=cost_busd, lines=tuple(lines))

    def _tally(self, family: str, name: str, unit: str) -> _Tally:
        found = self._tallies.get((family, name))
        if found is None:
            found = self._tallies[family, name] = _Tally(unit)
        return found

    @staticmethod
    def _is_nothing_new(tally: _Tally, violation: float, tolerance: float) -> bool:
        """Count a rule that is kept, no closer to being broken than before: the usual case needs no words."""
        kept = violation <= tolerance and violation - tolerance <= tally.excess
        tally.count += kept
        return kept

    @staticmethod
    def _words(where: str, detail: str) -> str:
        return f"{where}: {detail}" if detail else where

    def _judge(self, tally: _Tally, violation: float, tolerance: float, where: str, detail: str = "") -> None:
        tally.count += 1
        # Written so that a violation that is not a number fails.
        broken = not violation <= tolerance
        excess = math.inf if math.isnan(violation) else violation - tolerance
        if excess > tally.excess:
            tally.excess, tally.tolerance = excess, tolerance
            tally.worst = violation if math.isnan(violation) else max(0.0, violation)
            tally.where = self._words(where, detail) if violation > 0 or broken else ""
        if broken:
            tally.failures += 1
            if len(tally.lines) < LINES_PER_CHECK:
                family, name = next(key for key, value in self._tallies.items() if value is tally)
                tally.lines.append(f'{family} "{name}": {self._words(where, detail)}')
