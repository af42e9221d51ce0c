"""Ramps on the calendar: what of a contract is in force in a period (formulation, section 2)."""

from planner.case.ramps import AT_ONCE, Steps, spans
from planner.inputs.calendar import EPSILON_YEARS, Calendar

DIGITS = 12
"""Digits after the point of a share in force: differences of two are then exactly zero where nothing changes."""


def years_in_force(calendar: Calendar, t: int, steps: Steps, begin: float, until: float) -> float:
    """Years of a period in which a contract that starts at ``begin`` is in force, each by the share in force then."""
    found = 0.0
    for opens, closes, share in spans(steps, begin, until):
        found += share * calendar.overlap_years(t, opens, closes)
    return found


def shares_in_force(calendar: Calendar, steps: Steps, start: int, end: int, term_end: int) -> tuple[float, ...]:
    """Share of a decided contract in force in each of its periods ``start .. end - 1``: all of it after its term."""
    if steps == AT_ONCE:
        return (1.0,) * (end - start)
    begin = calendar.start_years[start]
    return tuple(
        round(years_in_force(calendar, t, steps, begin, float("inf")) / calendar.length_years(t), DIGITS)
        if t < term_end
        else 1.0
        for t in range(start, end)
    )


def share_before(steps: Steps, age_years: float) -> float:
    """Share that the steps of a ramp have reached just before a time after the start of the contract.

    Examples
    --------
    >>> share_before(((0.0, 0.25), (1.0, 1.0)), 1.0)
    0.25
    """
    return max(share for years, share in steps if years < age_years - EPSILON_YEARS)


def largest_shares(calendar: Calendar, steps: Steps, start: int, end: int, term_end: int) -> tuple[float, ...]:
    """The largest share that is in force within each period ``start .. end - 1``."""
    begin = calendar.start_years[start]
    return tuple(
        max(share for years, share in steps if begin + years <= calendar.start_years[t + 1] - EPSILON_YEARS)
        if t < term_end
        else 1.0
        for t in range(start, end)
    )


def years_owed(steps: Steps, begin: float, opens: float, closes: float) -> float:
    """Years between two times, each by the share of a contract that starts at ``begin`` in force then."""
    return sum(
        share * max(0.0, min(last, closes) - max(first, opens)) for first, last, share in spans(steps, begin, closes)
    )
