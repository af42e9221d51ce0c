"""A number of a case by its name: ``table[key].column`` or ``model.key.key``."""

import re
from dataclasses import dataclass
from typing import Any

from planner.case.case import CaseData, key_text
from planner.case.renamed import current_column
from planner.changes.text import apply_changes
from planner.errors import OptionError

_CELL = re.compile(r"(?P<table>\w+)\[(?P<key>[^\]]*)\]\.(?P<column>\w+)")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a number stands, and its value.

    Attributes
    ----------
    text : str
        The place as written in a change.
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


def find_place(case: CaseData, place: str) -> Place:
    """Find a number of a case.

    Raises
    ------
    PlannerError
        If nothing stands there, or no number.
    CaseError
        If the table, the row or the column is not known; with the nearest match.
    """
    text = place.strip()
    cell = _CELL.fullmatch(text)
    if cell is None and not text.startswith("model."):
        raise OptionError(f"{place}: must be written table[key].column or model.key, without a value")
    if cell is None:
        return _model_place(case, text)
    table = cell["table"]
    wanted = ",".join(part.strip() for part in cell["key"].split(","))
    rows = {key_text(key): row for key, row in case.index(table).items()} if table in case.tables else {}
    value: Any = getattr(rows.get(wanted), current_column(table, cell["column"], place), None)
    if value is None:
        # An empty cell or a wrong name: the message on names is that of a change, with the nearest match.
        apply_changes(case, [f"{text}=1"])
        raise OptionError(f"{place}: is empty in the case; set it first with --set")
    return Place(text, _number(place, value), isinstance(value, int), table, wanted)


def _model_place(case: CaseData, text: str) -> Place:
    value: Any = case.model.model_dump(mode="python")
    for name, member in re.findall(r"\.([^\[\].\s]+)|\[([^\]]*)\]", text.removeprefix("model").strip()):
        if name and isinstance(value, dict) and value.get(name) is not None:
            value = value[name]
        elif member and isinstance(value, (list, tuple)):
            value = _member(value, member)
        else:
            value = None
        if value is None:
            raise OptionError(f"{text}: the model has nothing there; set it first with --set")
    return Place(text, _number(text, value), isinstance(value, int))


def _member(values: Any, member: str) -> Any:
    if member.isdigit() and int(member) < len(values):
        return values[int(member)]
    return next((value for value in values if isinstance(value, dict) and value.get("name") == member), None)


def _number(place: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise OptionError(f"{place}: is {value!r}, not a number that could move")
    return float(value)
