"""What adapts to the future although it falls before the decision date (docs/uncertainty.md)."""

from datetime import date

from planner.inputs import Inputs
from planner.inputs.calendar import EPSILON_YEARS

ENDS, REFRESHES, FINANCING = "ends and renewals of contracts", "refreshes of chips", "financing that is drawn"


def adapting(inputs: Inputs, day: date) -> tuple[str, ...]:
    """Return what each future decides by itself although it falls before the decision date, as if it were known then.

    Ends and renewals count up to the date itself, as contracts that start then are signed; the rest where its period
    begins before it, as chips do that are bought.

    Parameters
    ----------
    inputs : Inputs
        Of the case without any scenario.
    day : date
        The decision date.

    Returns
    -------
    tuple of str
        Any of ``ENDS``, ``REFRESHES`` and ``FINANCING``, in words; empty where the value is that of deciding on time.
    """
    now = inputs.calendar.after_start_years(day)
    by_day = [start <= now + EPSILON_YEARS for start in inputs.calendar.start_years]
    past = [start < now - EPSILON_YEARS for start in inputs.calendar.start_years]
    found = {
        ENDS: _some_end(inputs, by_day),
        REFRESHES: any(past[one.period] for choices in inputs.refreshes.values() for one in choices),
        FINANCING: any(past[t] for source in inputs.financing.values() for t in source.window),
    }
    return tuple(words for words, there in found.items() if there)


def _some_end(inputs: Inputs, by_day: list[bool]) -> bool:
    """Whether a contract can end by the day that could also go on."""
    ends: dict[tuple[str, str, int], list[int]] = {}
    for choices in inputs.choices.values():
        for one in choices:
            ends.setdefault((one.offer, one.role, one.start), []).append(one.end)
    return any(len(found) > 1 and by_day[min(found)] for found in ends.values())


def remark(words: tuple[str, ...], day: date) -> tuple[str, ...]:
    """Return the note that says what follows for the value and for EVPI; none where nothing adapts."""
    if not words:
        return ()
    what = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
    note = (
        f"{what} by {day.isoformat()} adapt to each future as if it were known: in that respect the value is a lower "
        "bound on what deciding them by then would cost, and EVPI may be too small"
    )
    return (note,)
