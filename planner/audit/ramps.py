"""Ramps: what of a contract is in force at a time, over a period and between two times (section 2)."""

from collections.abc import Iterator, Sequence

from planner.audit.calendar import NEVER, Calendar

Steps = Sequence[tuple[float, float]]
"""Years after the start of a contract, in their order, and the share in force from then on; none: all of it."""


def share_at(steps: Steps, age: float) -> float:
    """Share in force so many years after the start of a contract."""
    return next((share for years, share in reversed(steps) if years <= age + NEVER), 1.0 if not steps else 0.0)


def _pieces(steps: Steps, start: float, until: float) -> Iterator[tuple[float, float, float]]:
    if not steps:
        yield start, until, 1.0
    for number, (years, share) in enumerate(steps):
        after = start + steps[number + 1][0] if number + 1 < len(steps) else until
        yield start + years, min(after, until), share


def years_of_period(calendar: Calendar, steps: Steps, t: int, start: float, until: float) -> float:
    """Years of a period between two times, each weighted by the share of a contract that started at the first."""
    pieces = _pieces(steps, start, until)
    return sum(share * calendar.overlap(t, begin, end) for begin, end, share in pieces if end > begin)


def years_between(steps: Steps, start: float, opens: float, closes: float) -> float:
    """Years between two times weighted by the share of a contract that started at ``start``."""
    return sum(
        share * max(0.0, min(end, closes) - max(begin, opens)) for begin, end, share in _pieces(steps, start, closes)
    )
