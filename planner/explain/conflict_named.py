"""How a limit is reported: its name, what it states, and the places of its figures."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from planner.case.case import CaseData
from planner.case.check.place import at_row
from planner.errors import Problem
from planner.explain.conflict_limits import Limit
from planner.explain.conflict_question import Question
from planner.inputs import Inputs

MOST_NAMED = 3
"""Members and places that are named; of more, their number is stated."""


@dataclass(frozen=True, slots=True)
class NamedLimit:
    """A limit as it is reported.

    Attributes
    ----------
    kind : str
        Such as ``cash``, ``demand``, ``redundancy``, ``energised``.
    name : str
        What it is called, with its period.
    states : str
        What it asks for or allows, with its unit; empty where the name says it.
    period : str
        Label of its period; empty where it holds throughout.
    places : tuple of Problem
        Where it stands: file, row, column and value of each figure.
    changed : tuple of Problem
        Those of the places whose figure the run changed (``--set``): the file has another one there.
    """

    kind: str
    name: str
    states: str
    period: str
    places: tuple[Problem, ...]
    changed: tuple[Problem, ...] = ()

    def __str__(self) -> str:
        states = f": {self.states}" if self.states else ""
        where = place_text(self.places, self.changed)
        return f"{self.name}{states}" + (f" ({where})" if where else "")


def place_text(places: tuple[Problem, ...], changed: Collection[Problem] = ()) -> str:
    """Return where figures stand, in a few words: files with rows and columns, the first few of each."""
    by_file: dict[tuple[str, str, bool], list[str]] = {}
    for one in places:
        key = "[" + one.message.partition("[")[2].removesuffix(": ") if one.message.endswith("]: ") else ""
        row = f"cell {one.cell}" if one.cell is not None else f"row {one.row}" if one.row is not None else key
        by_file.setdefault((one.file, one.column or "", one in changed), []).append(row)
    texts = []
    for (file, column, other), rows in by_file.items():
        found = [row for row in dict.fromkeys(rows) if row]
        more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
        numbers = ", ".join([*found[:1], *(row.removeprefix("row ") for row in found[1:MOST_NAMED])])
        words = f" {numbers.replace('row', 'rows', 1) if len(found) > 1 else numbers}{more}" if found else ""
        texts.append(f"{file}{words}" + (f", {column}" if column else "") + (", changed by --set" if other else ""))
    return "; ".join(texts)


Words = tuple[str, str, Iterator[Problem]]
Namer = Callable[[Question, Limit, list[str]], Words]


def listed_members(members: list[str], plural: str) -> str:
    """Return members by name; of many, their number."""
    shown = [member.replace(",", " ") for member in members]
    return ", ".join(shown) if len(shown) <= MOST_NAMED else f"all {len(shown)} {plural}"


def figures_text(values: Sequence[float | None], unit: str) -> str:
    """Return the figures of the members of a limit, in their order: of many, the least and the largest.

    Examples
    --------
    >>> figures_text([1], "blocks"), figures_text([18, 18], "blocks"), figures_text([15.5, 36.7], "IT MW a year")
    ('1 block', '18 blocks each', '15.5 and 36.7 IT MW a year')
    >>> figures_text([4, 1, 9, 2], "blocks"), figures_text([3.0, None], "IT MW")
    ('between 1 and 9 blocks each', '')
    """
    known = [value for value in values if value is not None]
    if not known or len(known) < len(values):
        return ""
    least, most = min(known), max(known)
    if least == most:
        text = f"{least:.6g} {unit.removesuffix('s') if least == 1 else unit}"
        return f"{text} each" if len(known) > 1 else text
    if len(known) > MOST_NAMED:
        return f"between {least:.6g} and {most:.6g} {unit} each"
    figures = [f"{value:.6g}" for value in known]
    return f"{', '.join(figures[:-1])} and {figures[-1]} {unit}"


def years_text(years: float) -> str:
    """Return a number of years with its unit.

    Examples
    --------
    >>> years_text(1.0), years_text(1.5)
    ('1 year', '1.5 years')
    """
    return f"{years:g} year{'' if years == 1.0 else 's'}"


def label_of(question: Question, limit: Limit) -> str:
    """Return the label of the period of a limit."""
    assert limit.period is not None
    return question.world.inputs.calendar.labels[limit.period]


def rows_at(case: CaseData, table: str, rows: Any, column: str) -> Iterator[Problem]:
    """Yield where a column of some rows stands."""
    for row in rows:
        yield at_row(case, table, row, column, "")


def years_of(inputs: Inputs, limit: Limit) -> set[int]:
    """Return the calendar years of whose rows the period of a limit is made."""
    assert limit.period is not None
    return {year for year, _ in inputs.calendar.years_of(min(limit.period, inputs.calendar.reported - 1))}
