"""Values as people write them: for a cell as in a table, for the model as in TOML."""

import tomllib
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from planner.case.parse import CellError, Column
from planner.case.write import cell_text
from planner.changes.refusals import TOO_LARGE, ChangeError

QUOTES = "must be a text in quotes"


def change_text(place: str, value: float) -> str:
    """Return the change that gives a place a number, exactly.

    Examples
    --------
    >>> change_text("sites[north].max_it_mw", 20.0), change_text("model.families.power.utilisation", 0.1 + 0.2)
    ('sites[north].max_it_mw=20', 'model.families.power.utilisation=0.30000000000000004')
    """
    return f"{place}={cell_text(float(value))}"


def toml_value(text: str) -> Any:
    """Return a value written as in TOML; what is no TOML value, and a time of day, is a text.

    Examples
    --------
    >>> toml_value("0.5"), toml_value("[1, 2]"), toml_value("any one site")
    (0.5, [1, 2], 'any one site')
    """
    try:
        parsed = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    value = parsed["value"] if set(parsed) == {"value"} else text
    return text if isinstance(value, (datetime, time)) else value


def cell_value(column: Column, value: object) -> Any:
    """Return the value of a cell from what a what-if file, a text or Python gives; None for "not given".

    A number, a date or a list is read as it would be read from the table, so it is refused in the same words.

    Raises
    ------
    ChangeError
        If the column does not admit it.
    """
    try:
        if value is None or isinstance(value, str):
            return column.read(value or "")
        members = value if isinstance(value, (tuple, list)) else (value,)
        if column.kind in ("text", "list of texts") and not all(isinstance(member, str) for member in members):
            raise ChangeError(QUOTES)
        if isinstance(value, Mapping):
            raise ChangeError(f"must be a {column.kind}")
        return column.read(written_cell(value))
    except CellError as error:
        raise ChangeError(str(error)) from None


def written_cell(value: object) -> str:
    """Return a value as it stands in a cell.

    Raises
    ------
    ChangeError
        If it is a number of more digits than can be written.
    """
    try:
        return cell_text(tuple(value) if isinstance(value, list) else value)
    except ValueError:
        raise ChangeError(TOO_LARGE) from None


def model_value(value: Any) -> Any:
    """Return a value as the model's data has it; an empty text is "not given" (None)."""
    return None if value == "" else _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return [_plain(member) for member in value]
    if isinstance(value, Mapping):
        return {str(name): _plain(member) for name, member in value.items()}
    return value.isoformat() if isinstance(value, (date, time)) else value
