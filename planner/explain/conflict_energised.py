"""Which steps of energisation make the power of a site in a period: those that the rule of the horizon counts there."""

from collections.abc import Iterator

from planner.case.calendar import SAME_YEARS
from planner.case.case import CaseData
from planner.case.rows import EnergisationRow
from planner.case.throughout import least_left, power_of_steps, signed_spans
from planner.inputs import Inputs

Piece = tuple[float, float, float, EnergisationRow]
"""Begin and end within the period, years after the start of the horizon; facility MW; the step."""


def steps_that_count(case: CaseData, inputs: Inputs, site: str, t: int) -> list[EnergisationRow]:
    """Return the steps of a site that make its power in a period, in the order of time.

    With the time average all that are in force in it for a while; with power that is there ``throughout`` those at
    which least is left beside signed contracts. Where there is no power yet, the first step, which comes too late.

    Parameters
    ----------
    case : CaseData
    inputs : Inputs
        Of the same case.
    site : str
    t : int
        Position of the period.
    """
    pieces = list(_pieces(case, inputs, site, t))
    if case.model.horizon.energisation == "throughout" and pieces:
        signed = signed_spans(case)[site]
        left = [least_left((begin, end), power_of_steps([(begin, mw)]), signed) for begin, end, mw, _ in pieces]
        pieces = [piece for piece, mw in zip(pieces, left, strict=True) if mw <= min(left)]
    rows = [row for *_, row in pieces]
    return [row for number, row in enumerate(rows) if row not in rows[:number]]


def _pieces(case: CaseData, inputs: Inputs, site: str, t: int) -> Iterator[Piece]:
    """Yield the parts of a period with the step in force; before the first one there is no power."""
    calendar, dates = inputs.calendar, case.model.horizon.energisation_dates
    steps = sorted(
        ((calendar.after_start_years(row.takes_effect(dates)), row) for row in case.rows(EnergisationRow)
         if row.site == site), key=lambda step: step[0],
    )  # fmt: skip
    if not steps:
        return
    first, last = calendar.start_years[t], calendar.start_years[t + 1]
    begins = [begin for begin, _ in steps]
    before = (first, min(last, begins[0]), 0.0, steps[0][1])
    during = [
        (max(first, begin), min(last, end), row.facility_mw, row)
        for (begin, row), end in zip(steps, [*begins[1:], last], strict=True)
    ]
    found = [piece for piece in (before, *during) if piece[1] - piece[0] >= SAME_YEARS]
    if len(found) > 1 and case.model.horizon.energisation != "throughout" and found[0] is before:
        found = found[1:]  # what is not there yet adds nothing to an average
    yield from found
