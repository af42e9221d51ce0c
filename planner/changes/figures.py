"""From a place to the figures it means in a case: cells, ends of ranges, and keys of the model."""

from collections.abc import Hashable
from dataclasses import dataclass
from math import inf
from typing import Any

from planner.case.case import CaseData, key_text
from planner.case.modelfile import path_text
from planner.case.parse import Column, columns_of, range_columns
from planner.case.renamed import current_column
from planner.case.rows import TABLES
from planner.case.schema import limits_of
from planner.changes.draft import Draft, ModelPath
from planner.changes.grammar import Place, parse_place
from planner.changes.modelpath import find_path, may_be_empty, read_path, write_path
from planner.changes.refusals import ChangeError, in_the_key, no_column, no_table, not_one_number
from planner.changes.select import select
from planner.changes.values import cell_value, model_value, written_cell
from planner.errors import CaseError, OptionError, Problem

MOVING = "the number that moves"
"""How messages call the place of a number that break-even moves."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table, or an end of the range beside it (``end``: ``low`` or ``high``; empty: the cell itself)."""

    table: str
    key: Hashable
    column: Column
    end: str = ""

    def __str__(self) -> str:
        return f"{self.table}[{key_text(self.key)}].{self.column.name}{f'_{self.end}' if self.end else ''}"

    @property
    def whole(self) -> bool:
        """Whether only whole numbers are allowed there."""
        return self.column.kind == "whole number"

    def value(self, draft: Draft) -> Any:
        """Return what stands there; None: not given."""
        if not self.end:
            return getattr(draft.rows(self.table)[self.key], self.column.name)
        low, high = draft.ends(self.table, self.key, self.column.name)
        return low if self.end == "low" else high

    def need_number(self, _draft: Draft) -> None:
        """Refuse a cell that holds no number."""
        if not self.column.numeric:
            raise not_one_number(self.table, self.column)

    def give(self, draft: Draft, value: Any) -> None:
        """Give it a value; None or an empty text: not given.

        Raises
        ------
        ChangeError
            If the column does not admit it.
        """
        try:
            empty = value is None or (isinstance(value, str) and not value.strip())
            new = None if empty and (self.end or self.column.optional) else cell_value(self.column, value)
        except ChangeError as error:
            shown = None if value is None else value if isinstance(value, str) else _shown(value)
            raise ChangeError(str(error), str(self), shown) from None
        if self.end:
            draft.change_end(self.table, self.key, self.column.name, self.end, new)
        else:
            draft.change(self.table, self.key, {self.column.name: new})


def _shown(value: Any) -> str | None:
    try:
        return written_cell(value)
    except ChangeError:
        return None


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of the model."""

    path: ModelPath
    name: str
    """As the place was written."""

    def __str__(self) -> str:
        return self.name

    def value(self, draft: Draft) -> Any:
        """Return what stands there; None: nothing."""
        return read_path(draft.model, self.path)

    def need_number(self, draft: Draft) -> None:
        """Refuse a key that holds no number; what is not given may become one."""
        value = self.value(draft)
        if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float))):
            raise ChangeError(f"model.{path_text(self.path)} is not a number")

    def give(self, draft: Draft, value: Any) -> None:
        """Give it a value; None or an empty text takes it out."""
        given = "" if value == "" and may_be_empty(self.path) else model_value(value)
        write_path(draft.model, self.path, given)
        draft.model_changes.append((self.path, draft.number))


Figure = Cell | Entry


def figures(draft: Draft, place: Place) -> list[Figure]:
    """Return every figure that a place means.

    Raises
    ------
    ChangeError
        If it means none, or whole rows.
    """
    if place.path:
        return [Entry(find_path(draft.model, place.path), str(place))]
    columns = _columns(place, draft)
    return [Cell(place.table, key, column, end) for key in select(draft, place) for column, end in columns]


def _columns(place: Place, draft: Draft) -> list[tuple[Column, str]]:
    """Return the columns of a place, and which end of the range beside them is meant."""
    table = place.table
    if table not in TABLES:
        raise no_table(table)
    draft.rows(table)
    if not place.columns:
        raise ChangeError(f"give the column of table {table} to change")
    columns, ends, key = columns_of(table), range_columns(table), TABLES[table].KEY
    others = [name for name in columns if name not in key]
    found = []
    for written in place.columns:
        name = current_column(table, written, draft.source)
        if name in key:
            raise in_the_key(table, name)
        if name not in columns and name not in ends:
            raise no_column(table, name, [*others, *ends], others)
        figure, end = ends.get(name, (name, ""))
        found.append((columns[figure if name not in columns else name], end if name not in columns else ""))
    return found


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a case that may move.

    Attributes
    ----------
    text : str
        Its place, as written in a change.
    value : float
    whole : bool
        Whether only whole numbers are allowed there.
    table, key : str
        Empty for a number of the model.
    """

    text: str
    value: float
    whole: bool
    table: str = ""
    key: str = ""


def number_at(case: CaseData, text: str) -> Number:
    """Return the one number of a case that a place means.

    Raises
    ------
    OptionError
        If the place is not written as one, or means more than one figure, nothing, or no number.
    CaseError
        If the case has no such table, row, column or key, in the words of a change that is refused.
    """
    draft = Draft(case, MOVING)
    try:
        place = parse_place(text)
    except ChangeError as error:
        raise OptionError(f"{text}: {error}") from None
    try:
        found = figures(draft, place)
    except ChangeError as error:
        raise CaseError(case.origin, [Problem(MOVING, str(error), value=text)]) from None
    if len(found) != 1:
        raise OptionError(f"{text}: means {len(found)} figures, not one; write it as {found[0]}")
    try:
        return _number(draft, found[0])
    except ChangeError as error:
        raise OptionError(f"{text}: {error}") from None


def _number(draft: Draft, figure: Figure) -> Number:
    figure.need_number(draft)
    value = figure.value(draft)
    if value is None:
        raise ChangeError("is empty in the case, so there is nothing there that could move; set it first with --set")
    if isinstance(figure, Cell):
        return Number(str(figure), float(value), figure.whole, figure.table, key_text(figure.key))
    return Number(str(figure), float(value), isinstance(value, int))


PLACES = frozenset({"latitude_deg", "longitude_deg"})
"""Figures that say where something is: no share of them is meant by an uncertain one."""


@dataclass(frozen=True, slots=True)
class Moving:
    """A figure that may move between two ends.

    Attributes
    ----------
    place : str
        As written in a change.
    low, high : float
    grade : str or None
        Of the figure, as its row states it; None: not graded (keys of the model have no grade).
    """

    place: str
    low: float
    high: float
    grade: str | None


def ranged(case: CaseData, place: Place, spread: float | None = None) -> tuple[list[Moving], list[str]]:
    """Return the figures of a place that state a range, or, with a spread, all of its numbers; and all columns that do.

    Parameters
    ----------
    case : CaseData
    place : Place
    spread : float or None
        How far a figure without a range moves, as a share of itself, within what its column admits; a whole number
        by at least one. None: such figures are left out.

    Raises
    ------
    ChangeError
        If the case has no such figures.
    """
    draft = Draft(case, str(place))
    found = []
    for figure in figures(draft, place):
        ends = _ends(draft, figure, spread)
        if ends is not None:
            found.append(Moving(str(figure), *ends, _grade(draft, figure)))
    stated = {name for by_column in case.ranges.get(place.table, {}).values() for name in by_column}
    return found, sorted(stated)


def _grade(draft: Draft, figure: Figure) -> str | None:
    """Return the grade of a figure; None: not graded."""
    return draft.rows(figure.table)[figure.key].grade_of(figure.column.name) if isinstance(figure, Cell) else None


def _ends(draft: Draft, figure: Figure, spread: float | None) -> tuple[float, float] | None:
    """Return the ends between which a figure moves; None: it does not."""
    limits, whole = (-inf, inf), False
    if isinstance(figure, Cell):
        if figure.end:
            return None
        low, high = draft.ends(figure.table, figure.key, figure.column.name)
        if low is not None and high is not None:
            return low, high
        if not figure.column.numeric or figure.column.name in PLACES:
            return None
        limits, whole = limits_of(figure.table, figure.column.name), figure.whole
    value = figure.value(draft)
    if spread is None or value is None or isinstance(value, bool) or not isinstance(value, (int, float)) or not value:
        return None
    step = abs(value) * spread
    if whole or isinstance(value, int):
        step = max(1, round(step))
    return max(value - step, limits[0]), min(value + step, limits[1])
