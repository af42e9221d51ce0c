"""Existing plans at the place of a new one: which of them it may replace, and how the replaced one is reported."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from planner.errors import PlanError, PlannerError
from planner.system.folders import Target, examine

SUMMARY_FILE = "summary.json"
REPLAN = "replan"
"""Key of the summary of a plan that `replan` wrote: the strategy, and until when commitments were kept."""
HASH_DIGITS = 8
"""Digits of a case's hash in names and messages."""
MOST_NUMBERED = 10_000
SAME = 1e-6
"""Costs (relative), gaps and shares that differ by less are the same."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A plan that stands at a place, as far as its summary can be read.

    Attributes
    ----------
    written : str
        When, UTC, to the minute.
    cost_busd, gap, unserved_share : float or None
    kind : str
        ``solve`` or ``replan``.
    """

    written: str
    case_name: str
    case_hash: str
    cost_busd: float | None
    gap: float | None
    unserved_share: float | None
    kind: str

    def document(self) -> dict[str, Any]:
        """Return what ``--json`` says of it."""
        return asdict(self)

    def words(self, case_hash: str) -> str:
        """Return its description: date, cost and gap, and its case if that is another one."""
        cost = "no cost that can be read" if self.cost_busd is None else f"${self.cost_busd:,.3f}B"
        gap = "no proven gap" if self.gap is None else f"gap {self.gap:.3%}"
        other = "" if self.case_hash == case_hash else f" of another case ({self.case_name or 'unknown'}"
        other += f", hash {self.case_hash[:HASH_DIGITS] or 'unknown'})" if other else ""
        return f"the plan{other} of {self.written} UTC: {cost}, {gap}"

    def better_than(self, summary: dict[str, Any]) -> bool:
        """Whether it is better in anything: lower cost, smaller gap, or less demand unserved."""
        cost, new = self.cost_busd, _number(summary.get("cost_busd"))
        cheaper = cost is not None and new is not None and cost < new - SAME * max(1.0, abs(new))
        pairs = ((self.gap, summary.get("gap")), (self.unserved_share, summary.get("unserved_share")))
        return cheaper or any(
            old is not None and (_number(now) is None or old < float(now or 0.0) - SAME) for old, now in pairs
        )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def standing(target: Target) -> Standing | None:
    """Return the plan that stands at a place; None where there is none, or its summary cannot be read."""
    file = target.path / SUMMARY_FILE
    try:
        summary = json.loads(file.read_text(encoding="utf-8"))
        written = datetime.fromtimestamp(file.stat().st_mtime, UTC).strftime("%Y-%m-%d %H:%M")
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(summary, dict):
        return None
    return Standing(
        written,
        case_name=str(summary.get("case_name", "")),
        case_hash=str(summary.get("case_hash", "")),
        cost_busd=_number(summary.get("cost_busd")),
        gap=_number(summary.get("gap")),
        unserved_share=_number(summary.get("unserved_share")),
        kind=REPLAN if REPLAN in summary else "solve",
    )


def _candidates(target: Target) -> Iterator[Target]:
    """Yield a place, and then those beside it under numbers (``NAME-2``, ``NAME-3``, ...) that may be written."""
    yield target
    for number in range(2, MOST_NUMBERED):
        try:
            yield examine(target.shown.with_name(f"{target.shown.name}-{number}"))
        except PlanError:  # something of the user's stands there
            continue


def first_allowed(target: Target, allowed: Callable[[Target, Standing | None], bool]) -> Target:
    """Return a place, or the first one beside it, where what stands may be replaced.

    Raises
    ------
    PlannerError
        If there is none.
    """
    for candidate in _candidates(target):
        if not candidate.state or allowed(candidate, standing(candidate)):
            return candidate
    raise PlannerError(f"{target.shown}: there is no free name beside it; name a folder (with --out)")


def for_solve(target: Target, summary: dict[str, Any]) -> Target:
    """Return where in the default folder a solved plan goes: never onto a better one, a replan, or another case's."""

    def allowed(_target: Target, found: Standing | None) -> bool:
        if found is None:  # the planner's own, but no summary: nothing is lost with it
            return True
        same = found.kind == "solve" and found.case_hash == summary.get("case_hash")
        return same and not found.better_than(summary)

    return first_allowed(target, allowed)


def for_replan(target: Target, source: Path, case_hash: str, *, named: bool) -> Target:
    """Return where the plan of ``replan`` goes: never onto its own input, and only onto a replan of the same case.

    Raises
    ------
    PlannerError
        If the folder that the user named holds the input, or any other plan.
    """
    held = source.resolve()

    def allowed(candidate: Target, found: Standing | None) -> bool:
        return (
            candidate.path.resolve() != held
            and found is not None
            and (found.kind, found.case_hash) == (REPLAN, case_hash)
        )

    if not named:
        return first_allowed(target, allowed)
    if target.path.resolve() == held:
        raise PlannerError(
            f"{target.shown}: is the plan that is planned again, and is kept; name another folder (--out)"
        )
    found = standing(target)
    if target.state and not allowed(target, found):
        what = "a plan that cannot be read" if found is None else found.words(case_hash)
        raise PlannerError(
            f"{target.shown}: holds {what}; a replan replaces only a replan of the same case; name another (--out)"
        )
    return target
