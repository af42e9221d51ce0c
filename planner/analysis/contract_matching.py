"""Contracts of two plans, matched: what is kept, moved, resized, added and dropped.

IT MW are matched step by step, the most similar contracts first: the same offer, role, start and end (kept); another
end (shortened, extended); another role; another start (advanced, delayed); another offer at the same site, then another
site, of the same provider and role. What is left is resized where part of it found a match, otherwise added or dropped.
Every IT MW of either plan is in exactly one row, so the rows' differences add up to the difference of the plans.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from planner.plan.figures import text
from planner.plan.plan import PlanData

NOTHING_MW = 1e-6
CHANGES = (
    "kept", "shortened", "extended", "changed role", "advanced", "delayed", "changed offer", "moved site",
    "resized", "added", "dropped",
)  # fmt: skip
"""Every kind of change."""


@dataclass(slots=True)
class _Lot:
    """IT MW of one offer, role, start and end, as far as they are not matched yet."""

    offer: str
    role: str
    start: str
    end: str
    site: str
    provider: str
    tenure: str
    left_it_mw: float
    matched: bool = False

    @property
    def identity(self) -> tuple[str, str, str]:
        return self.offer, self.role, self.start


def _lots(plan: PlanData) -> list[_Lot]:
    lots: dict[tuple[str, str, str, str], _Lot] = {}
    for row in plan.rows("contracts"):
        if row["start_period"] != "" and not plan.periods.is_reported(row["start_period"]):
            continue  # of the tail
        key = text(row["offer"]), text(row["role"]), text(row["start_date"]), text(row["end_date"])
        if key not in lots:
            lots[key] = _Lot(*key, text(row["site"]), text(row["provider"]), text(row["tenure"]), 0.0)
        lots[key].left_it_mw += float(row["it_mw"])
    return sorted(lots.values(), key=lambda lot: (lot.start, lot.offer, lot.role, lot.end))


Same = Callable[[_Lot, _Lot], bool]

_STEPS: tuple[Same, ...] = (
    lambda a, b: a.identity == b.identity and a.end == b.end,
    lambda a, b: a.identity == b.identity,
    lambda a, b: (a.offer, a.start) == (b.offer, b.start),
    lambda a, b: (a.offer, a.role) == (b.offer, b.role),
    lambda a, b: (a.provider, a.role, a.site) == (b.provider, b.role, b.site),
    lambda a, b: (a.provider, a.role) == (b.provider, b.role),
)


def _kind(a: _Lot, b: _Lot) -> str:
    if a.offer != b.offer:
        return "changed offer" if a.site == b.site else "moved site"
    if a.role != b.role:
        return "changed role"
    if a.start != b.start:
        return "delayed" if b.start > a.start else "advanced"
    if a.end != b.end:
        return "extended" if b.end > a.end else "shortened"
    return "kept"


def _row(name: str, kind: str, a: _Lot | None, b: _Lot | None, old_it_mw: float, new_it_mw: float) -> dict[str, Any]:
    shown = b or a
    assert shown is not None  # a row has at least one side
    return {
        "plan": name,
        "change": kind,
        "tenure": shown.tenure,
        "provider": shown.provider,
        "role": shown.role,
        "reference_offer": a.offer if a else "",
        "reference_site": a.site if a else "",
        "reference_start": a.start if a else "",
        "reference_end": a.end if a else "",
        "reference_it_mw": old_it_mw,
        "offer": b.offer if b else "",
        "site": b.site if b else "",
        "start": b.start if b else "",
        "end": b.end if b else "",
        "plan_it_mw": new_it_mw,
        "difference_it_mw": new_it_mw - old_it_mw,
    }


def match_contracts(name: str, reference: PlanData, plan: PlanData) -> list[dict[str, Any]]:
    """Match the contracts of two plans, signed and decided alike; see the module for the rules.

    Returns
    -------
    list of dict
        One row per matched or unmatched lot of IT MW, kinds in the order of ``CHANGES``.
    """
    before, after = _lots(reference), _lots(plan)
    rows = []
    for same in _STEPS:
        for a in before:
            if a.left_it_mw <= NOTHING_MW:
                continue
            near = [b for b in after if b.left_it_mw > NOTHING_MW and same(a, b)]
            for b in sorted(near, key=lambda b: (b.start != a.start, abs(_days(b.start) - _days(a.start)))):
                it_mw = min(a.left_it_mw, b.left_it_mw)
                if it_mw > NOTHING_MW:
                    rows.append(_row(name, _kind(a, b), a, b, it_mw, it_mw))
                    a.left_it_mw, b.left_it_mw = a.left_it_mw - it_mw, b.left_it_mw - it_mw
                    a.matched = b.matched = True
    gone = [a for a in before if a.left_it_mw > NOTHING_MW]
    new = [b for b in after if b.left_it_mw > NOTHING_MW]
    rows += [_row(name, "resized" if a.matched else "dropped", a, None, a.left_it_mw, 0.0) for a in gone]
    rows += [_row(name, "resized" if b.matched else "added", None, b, 0.0, b.left_it_mw) for b in new]
    return sorted(rows, key=lambda row: CHANGES.index(row["change"]))


def _days(day: str) -> int:
    """A date as a number that orders and spaces dates."""
    year, month, of_month = (int(part) for part in day.split("-"))
    return year * 372 + month * 31 + of_month
