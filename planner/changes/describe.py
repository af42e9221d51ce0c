"""What a what-if comes to: every figure that is then another, row by row."""

from collections.abc import Iterator
from dataclasses import dataclass

from planner.case.case import CaseData, key_text
from planner.case.model import Forced
from planner.case.parse import columns_of
from planner.case.row import Row
from planner.case.rows import TABLES
from planner.case.write import cell_text
from planner.changes.modelpath import named_leaves


@dataclass(frozen=True, slots=True)
class Edit:
    """One figure before and after."""

    place: str
    """Where it stands, as it is written after ``--set``."""
    old: str
    """Value before the change; empty: not given, or no such row."""
    new: str
    """Value after the change; empty: not given, or no such row."""

    def __str__(self) -> str:
        return f"{self.place}: {self.old or 'nothing'} -> {self.new or 'nothing'}"


def edits(case: CaseData, changed: CaseData) -> list[Edit]:
    """Return what differs between a case and a changed case, figure by figure, in the order of the tables."""
    found = [edit for table in TABLES for edit in _table_edits(case, changed, table)]
    found += _model_edits(case, changed)
    return found + list(_forced_edits(case.model.forced, changed.model.forced))


def _table_edits(case: CaseData, data: CaseData, table: str) -> Iterator[Edit]:
    before, after = case.index(table), data.index(table)
    if case.tables[table] is data.tables[table]:
        return
    for key, row in before.items():
        place = f"{table}[{key_text(key)}]"
        if key not in after:
            yield Edit(place, "a row", "")
            continue
        for column in columns_of(table):
            old, new = getattr(row, column), getattr(after[key], column)
            if old != new:
                yield Edit(f"{place}.{column}", cell_text(old), cell_text(new))
    for key, row in after.items():
        if key not in before:
            yield Edit(f"{table}[{key_text(key)}]", "", _row_text(table, row))


def _row_text(table: str, row: Row) -> str:
    """Return the figures of a new row; its key is shown before it, its source with the what-if."""
    own = [name for name in columns_of(table) if name not in row.KEY and name not in Row.model_fields]
    given = [f"{name} {cell_text(getattr(row, name))}" for name in own if getattr(row, name) is not None]
    return ", ".join(given) or "a row"


def _model_edits(case: CaseData, changed: CaseData) -> list[Edit]:
    if case.model is changed.model:
        return []
    before, after = (
        {
            place: cell_text(tuple(value) if isinstance(value, list) else value)
            for place, value in named_leaves(one.model.model_dump(mode="json", exclude_none=True, exclude={"forced"}))
        }
        for one in (case, changed)
    )
    places = list(dict.fromkeys([*before, *after]))
    return [
        Edit(place, before.get(place, ""), after.get(place, ""))
        for place in places
        if before.get(place) != after.get(place)
    ]


def _forced_edits(before: tuple[Forced, ...], after: tuple[Forced, ...]) -> Iterator[Edit]:
    """Figures of forced decisions, by their places where these are the same; else each decision as a whole."""
    if len(before) == len(after):
        for number, pair in enumerate(zip(before, after, strict=True)):
            old, new = (one.model_dump(mode="json", exclude_none=True) for one in pair)
            for name in dict.fromkeys([*old, *new]):
                if old.get(name) != new.get(name):
                    yield Edit(f"model.forced[{number}].{name}", cell_text(old.get(name)), cell_text(new.get(name)))
        return
    yield from (Edit("model.forced", str(one), "") for one in before if one not in after)
    yield from (Edit("model.forced", "", str(one)) for one in after if one not in before)
