"""Apply a what-if to a case: a changed case, checked again as a whole; the case itself is left as it is."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from planner.case.case import CaseData
from planner.case.check import check_case
from planner.case.messages import shorten
from planner.case.model import Forced
from planner.case.modelfile import path_text, validate_model
from planner.changes.draft import ChangeError, Draft
from planner.changes.ops import make_change
from planner.changes.read import faults
from planner.changes.schema import Changes, WhatIf
from planner.changes.text import toml_value
from planner.errors import CaseError, Problem

_TEXT = re.compile(
    r"(?:(?P<table>[^\[\]=.\s]+)\[(?P<key>[^\]]*)\]\.(?P<column>[^=\s]+)|model\.(?P<model>(?:[^=\[]|\[[^\]]*\])+?))\s*=(?P<value>.*)",
    re.DOTALL,
)
_CHANGES: TypeAdapter[Any] = TypeAdapter(Changes)


@dataclass(frozen=True, slots=True)
class Changed:
    """A changed case.

    Attributes
    ----------
    case : CaseData
        The case after the changes; what its plans are forced to do is part of it.
    """

    data: CaseData

    @property
    def forced(self) -> tuple[Forced, ...]:
        """What the plans of the changed case are forced to do."""
        return self.data.model.forced


def make_whatif(changes: "WhatIf | Sequence[Any] | Mapping[str, Any] | str", name: str = "what-if") -> WhatIf:
    """Return a what-if from changes written in Python.

    Parameters
    ----------
    changes : WhatIf, or one change or a sequence of them
        A change is a mapping as in a what-if file (``{"op": "scale", "table": "chip_supply", ...}``) or a text as after
        ``--set`` (``"offers[abilene].max_blocks=12"``).
    name : str
        Its name.

    Raises
    ------
    CaseError
        With every fault.
    """
    if isinstance(changes, WhatIf):
        return changes
    listed = [changes] if isinstance(changes, (str, Mapping)) else list(changes)
    problems = []
    made = []
    for number, change in enumerate(listed):
        try:
            made.append(_from_text(change) if isinstance(change, str) else change)
        except ChangeError as error:
            problems.append(Problem(name, str(error), None, f"changes[{number}]", shorten(change)))
    if problems:
        raise CaseError(name, problems)
    try:
        return WhatIf(name=name, changes=_CHANGES.validate_python(tuple(made)))
    except ValidationError as failure:
        problems = faults(failure, made, name)
    raise CaseError(name, problems)


def _from_text(text: str) -> dict[str, Any]:
    found = _TEXT.fullmatch(text.strip())
    if found is None:
        raise ChangeError("must be written table[key].column=value or model.key=value")
    value = found["value"].strip()
    if found["model"] is not None:
        return {"op": "set", "model": found["model"].strip(), "value": toml_value(value) if value else ""}
    return {"op": "set", "table": found["table"], "key": found["key"], "column": found["column"], "value": value}


def apply_whatif(case: CaseData, whatif: WhatIf) -> Changed:
    """Return the case with the changes of a what-if made, in their order, and checked again as a whole.

    Raises
    ------
    CaseError
        With every change that cannot be made, or else with everything that is wrong with the changed case.
    """
    changed, problems = _apply(case, whatif)
    if changed is None or problems:
        raise CaseError(f"{case.origin}, what-if {whatif.name}", problems)
    return changed


def problems_of(case: CaseData, whatif: WhatIf) -> list[Problem]:
    """Return everything that keeps a what-if from being applied to a case."""
    return _apply(case, whatif)[1]


def _apply(case: CaseData, whatif: WhatIf) -> tuple[Changed | None, list[Problem]]:
    if not whatif.changes:
        return Changed(case), []
    draft = Draft(case)
    problems = []
    for number, change in enumerate(whatif.changes):
        try:
            make_change(draft, change)
        except ChangeError as error:
            problems.append(Problem(whatif.name, str(error), None, f"changes[{number}] ({change.op})"))
    if problems:
        return None, problems
    model = case.model
    if draft.model_changed:
        valid, found = validate_model(draft.model)
        if valid is None:
            return None, [
                Problem(whatif.name, message, None, f"model.{path_text(place)}", value)
                for place, message, value in found
            ]
        model = valid
    ranges = {table: by_key for table, by_key in case.ranges.items() if table not in draft.tables}
    for table, by_row in draft.ranges.items():
        kept = {key: pairs for key, pairs in by_row.items() if pairs}
        if kept:
            ranges[table] = kept
    data = case.replace(model, {table: tuple(rows.values()) for table, rows in draft.tables.items()}, ranges)
    return Changed(data), check_case(data)
