"""Ways out of a conflict as changes to the case: what loosens a limit, by how much, in the language of changes.

A *lever* loosens one limit, or one kind of limit, by an amount of its own unit: $B, IT MW, compute, blocks, years. What
it changes are figures of the user's tables, so that what is found can be written as a what-if.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

from planner.case.calendar import month_number, years_touched
from planner.case.case import CaseData
from planner.explain.conflict_limits import Limit
from planner.explain.conflict_question import Question
from planner.inputs import Inputs

Changes = list[dict[str, Any]]
NEARLY_ALL = 0.999
"""Share of a figure by which it is lowered at most where zero would mean something else."""
MOST_LEVERS = 6
"""Members of a limit that have levers of their own; of more, all are moved together."""
MOST_JOINED = 3
"""Members that are named where they are moved together."""
MONTHS = (1, 2, 3, 4, 6, 9, 12, 18, 24, 36, 48, 60, 84, 120, 180, 240, 360, 600)
"""By how many months something may come earlier or later, at first; between two of them less is looked for."""
DIGITS = 4
"""Digits of a change after the first: much less than what an amount is found to."""
NOISE = 0.002
"""Part of the last digit that is rounding noise."""
LARGEST = 1e6
"""Largest amount by which a figure is moved, as a multiple of itself or of one unit."""
MOST_TIMES = 1e4
"""By how many times itself a column of rows grows at most: figures in another unit may be 1,000 times too small."""
OFFER, CHIP = "offer", "chip"
"""What a lever of dates lets begin at other times: parts of the key of a column too."""
OF_IT = "of it"
"""Unit of an amount that is a share of what is changed."""


def _nothing_given_up(_amount: float) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Lever:
    """One way to loosen limits.

    Attributes
    ----------
    limits : frozenset of Limit
        What it loosens, at most.
    name : str
        What is changed, in words.
    unit : str
        Of the amount.
    changes : callable
        From the amount to changes.
    most : float
        Largest amount that makes sense.
    steps : tuple of float
        The amounts that are tried, in order, and whole numbers between them; empty: any amount up to the most.
    scale : float
        What is a large amount: the figure that is changed.
    by : str
        What stands between name and amount.
    turns : bool
        Whether a step may go too far to be enough: a signed contract that runs longer costs rent for longer.
    gives_up : callable
        From the amount to what is given up as a whole by it, in words; empty where nothing is.
    free : tuple of dict
        Changes that give what the largest amount does at no cost; empty where there are none.
    never_alone : bool
        Whether it is known that no amount is enough by itself.
    begins : tuple of str and frozenset of str, or None
        `OFFER` or `CHIP`, and names: beside what its limits say it lets these begin at other times, and does nothing
        else. None: it does more.
    """

    limits: frozenset[Limit]
    name: str
    unit: str
    changes: Callable[[float], Changes]
    most: float = LARGEST
    steps: tuple[float, ...] = ()
    scale: float = 1.0
    by: str = "higher by"
    turns: bool = False
    gives_up: Callable[[float], str] = _nothing_given_up
    free: tuple[dict[str, Any], ...] = field(default=(), compare=False)
    never_alone: bool = False
    begins: tuple[str, frozenset[str]] | None = None

    @property
    def probe(self) -> float:
        """The amount by which it is moved to see what it moves."""
        return min(self.most / 2.0, self.scale) if self.most < LARGEST else 1.0


def add_to(table: str, key: str, column: str, old: float | None, sign: float = 1.0) -> Callable[[float], Changes]:
    """Return what raises (or lowers) a figure of a table by an amount; `tidy`."""

    def make(amount: float) -> Changes:
        value = (old or 0.0) + sign * amount
        return [{"op": "set", "table": table, "key": key, "column": column, "value": tidy(value, old, sign)}]

    return make


def add_to_model(path: str, old: float | None, sign: float = 1.0) -> Callable[[float], Changes]:
    """Return what raises (or lowers) a key of the model by an amount, never below zero where it is lowered."""

    def make(amount: float) -> Changes:
        return [{"op": "set", "model": path, "value": tidy((old or 0.0) + sign * amount, old, sign)}]

    return make


def tidy(value: float, old: float | None, sign: float) -> float | int:
    """Return a figure that was moved, without rounding noise: whole where the old one is.

    It is never below zero, unless the old one is: cash that must be retained is a negative burn.

    Examples
    --------
    >>> tidy(-0.5192, -0.7412, 1.0), tidy(-0.1, 0.3, -1.0), tidy(2.7, 3, -1.0)
    (-0.5192, 0.0, 3)
    """
    if isinstance(old, int) and not isinstance(old, bool):
        return round(value) if old < 0 else max(0, round(value))
    moved = plain_figure(value, old or 0.0, sign)
    return moved if old is not None and old < 0.0 else max(0.0, moved)


def plain_figure(value: float, old: float, sign: float) -> float:
    """Return a moved figure in so many digits as the change has, rounded the way it was moved.

    Examples
    --------
    >>> plain_figure(60.0749999, 66.75, -1.0), plain_figure(1000.123456, 1000.0, 1.0)
    (60.075, 1000.12346)
    """
    moved = abs(value - old)
    if not moved > 0.0 or not math.isfinite(moved):
        return value
    step = 10.0 ** (math.floor(math.log10(moved)) - DIGITS)
    steps = value / step
    count = math.ceil(steps - NOISE) if sign > 0 else math.floor(steps + NOISE)
    return float(f"{count * step:.12g}")


def members_of(question: Question, limit: Limit) -> list[str]:
    """Return every member of a limit."""
    world = question.world
    return sorted({part.member for part in (*world.places, *world.impossible) if part.limit == limit})


def short_unit(case: CaseData) -> str:
    """Return the unit of compute without what explains it."""
    return case.model.compute_unit.partition(" (")[0]


def dated(question: Question, kind: str, subject: str = "") -> frozenset[Limit]:
    """Return the limits of a kind and subject in all periods."""
    return frozenset(one for one in question.limits if one.kind == kind and one.subject == subject)


def main_year(inputs: Inputs, t: int) -> tuple[int, float]:
    """Return the calendar year that most of a period lies in, and the share of the year's amount that falls there."""
    year, share = max(inputs.calendar.years_of(min(t, inputs.calendar.reported - 1)), key=lambda pair: pair[1])
    return year, max(1e-9, share * inputs.length_years(min(t, inputs.calendar.reported - 1)))


def of_year(inputs: Inputs, year: int, word: str = "of") -> str:
    """Return a year in words, with the tail where the figures of the year are those of the tail too."""
    calendar = inputs.calendar
    tail = len(calendar.labels) > calendar.reported and main_year(inputs, calendar.reported)[0] == year
    return f"{word} {year}" + (f" and {word} the tail" if tail else "")


def from_year(
    question: Question, every: frozenset[Limit], limit: Limit, path: str, name: str, last: int | None = None
) -> Iterator[Lever]:
    """Yield the lever that lets a rule hold from a later year on."""
    calendar = question.world.inputs.calendar
    assert limit.period is not None
    year = calendar.start_dates[min(limit.period, calendar.reported - 1)].year
    years = years_touched(question.case.model.horizon)
    later = tuple(float(y) for y in years if y > year and (last is None or y <= last))
    if later:
        change = partial(first_year, path)
        yield Lever(every, f"{name} holds", "", change, steps=later, by="from")
    else:
        yield Lever(every, f"without {name}", "", lambda _: [{"op": "relax", "model": path}], steps=(1.0,))


def first_year(path: str, year: float) -> Changes:
    """Return the change that lets a rule hold from a year on."""
    return [set_model(f"{path}.first_year", int(year))]


def set_model(path: str, value: Any) -> dict[str, Any]:
    """Return the change that sets a key of the model."""
    return {"op": "set", "model": path, "value": value}


def raising(
    table: str, column: str, unit: str, words: str, sign: float = 1.0, *, member: str = "{}"
) -> Callable[[Question, Limit, list[str]], Iterator[Lever]]:
    """Return the maker of levers that raise a column of the row of each member, and of all members together.

    ``words`` say whose figure it is, ``member`` what one of them is called.
    """

    def make(question: Question, limit: Limit, members: list[str]) -> Iterator[Lever]:
        rows = question.case.index(table)
        for key in members if len(members) <= MOST_LEVERS else ():
            old = getattr(rows[key], column, None)
            by = "higher by" if sign > 0 else "lower by"
            most = float(old or 0.0) if sign < 0 else LARGEST
            whole = isinstance(old, int)
            steps = tuple(float(n) for n in counts(int(most) - 1 if sign < 0 else int(most))) if whole else ()
            reached = frozenset(one for one in question.limits if one.kind == limit.kind)
            change = add_to(table, key, column, old, sign)
            name = words.format(member.format(key))
            yield Lever(reached, name, unit, change, most, steps, max(1.0, float(old or 0.0)), by)
        if len(members) > 1 and sign > 0:
            yield scaling(
                question, limit, table, column, members, words.format(f"all {len(members)} {table.replace('_', ' ')}")
            )

    return make


def months_up_to(*there: float) -> tuple[float, ...]:
    """Return by how many months figures are moved that cannot be moved further than so many each, in order.

    Examples
    --------
    >>> months_up_to(7.0, 2.5)
    (1.0, 2.0, 2.5, 3.0, 4.0, 6.0, 7.0)
    """
    most = max(there)
    return tuple(sorted({*(float(n) for n in MONTHS if n < most), *(n for n in there if n <= MONTHS[-1])}))


def months_between(start: date, day: date) -> float:
    """Return the months from a day to a later one, rounded up to whole ones; 0 to an earlier one.

    Examples
    --------
    >>> months_between(date(2026, 1, 1), date(2026, 11, 15)), months_between(date(2026, 1, 1), date(2025, 1, 1))
    (11.0, 0.0)
    """
    return max(0.0, float(month_number(day) - month_number(start) + (day.day > start.day)))


def counts(most: int) -> Iterator[int]:
    """Yield whole numbers up to a most: each to 64, then in growing steps."""
    n = 1
    while n <= min(most, 100_000):
        yield n
        n += max(1, n // 16)


def those(members: list[str], what: str) -> str:
    """Return some members in a few words.

    Examples
    --------
    >>> those(["east"], "sites"), those(["east", "north"], "sites"), those(["a", "b", "c", "d"], "sites")
    ('east', 'east and north', 'the 4 sites in conflict')
    """
    if len(members) > MOST_JOINED:
        return f"the {len(members)} {what} in conflict"
    return " and ".join(part for part in (", ".join(members[:-1]), members[-1]) if part)


def scaling(question: Question, limit: Limit, table: str, column: str, members: list[str], words: str) -> Lever:
    """Return the lever that multiplies a column of many rows."""
    reached = frozenset(one for one in question.limits if one.kind == limit.kind)

    def make(amount: float) -> Changes:
        return [{"op": "scale", "table": table, "key": members, "column": column, "factor": 1.0 + amount}]

    return Lever(reached, words, OF_IT, make, most=MOST_TIMES)
