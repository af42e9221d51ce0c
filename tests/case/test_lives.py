"""Warnings of lives that are counted as longer than they are, because a period is long."""

import pytest

from planner.case.check import lives
from planner.changes.apply import apply_changes
from tests.program.tiny import chip, lease, tiny


def counted(life_years: float, months: list[int], first_date: str = "2020-01-01") -> list[str]:
    """Return the warnings of a chip with a life, on periods of so many months from 2026 on."""
    chips = [chip(life_years=life_years, first_date=first_date)]
    case = tiny([1.0] * 20, periods=20, offers=[lease()], chips=chips)
    changed = apply_changes(case, ["model.horizon.periods=", f"model.horizon.period_months={months}"])
    return [warning.message for warning in lives.lives_beyond(changed)]


@pytest.mark.parametrize(
    ("life", "months", "told"),
    [
        (7.5, [12] * 10, ""),  # to the end of its eighth year: half a year more
        (7.0, [12] * 10, ""),
        (7.4, [12] * 10, "a life of 7.4 years is counted as 8: what is installed in 2026-01 serves until 2034-01"),
        (7.5, [12] * 10 + [24], "counted as 9: what is installed in 2029-01 serves until 2038-01"),
        (7.5, [12] * 10 + [12, 12], ""),
        (4.0, [12] * 4 + [24], "counted as 5: what is installed in 2027-01 serves until 2032-01"),
        (4.0, [24, 24, 24], ""),  # every life ends with a period
        (0.75, [12] * 3, "counted as 1"),  # a quarter more than a life that is shorter than the period
        (0.75, [3] * 12, ""),
        (30.0, [12] * 10 + [60], ""),  # no life ends
    ],
)
def test_a_life_that_is_counted_longer_is_reported(life: float, months: list[int], told: str) -> None:
    """Law: reported are lives that last half a year more, or end in a period of a third of them; the worst."""
    found = counted(life, months)
    assert len(found) == bool(told)
    assert all(told in message for message in found)


def test_a_chip_that_comes_late_is_judged_from_its_first_date() -> None:
    """Law: what cannot be installed is not reported: a life of 4.4 years from 2030 on does not end."""
    assert counted(4.4, [12] * 8, "2020-01-01")
    assert not counted(4.4, [12] * 8, "2030-01-01")
