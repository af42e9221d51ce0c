"""What constraint families of the user's own add to a plan: columns and items whose names begin with ``x_``."""

import math
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from typing import Any

from planner.case.fields import OWN


def own_columns(rows: Iterable[Mapping[str, object]]) -> list[str]:
    """Return the columns that families of the user's own added to the rows of a table, in their order.

    Examples
    --------
    >>> own_columns([{"site": "iowa", "x_water_gl": 1.5}, {"site": "ohio", "x_water_gl": 0.0}])
    ['x_water_gl']
    """
    return list(dict.fromkeys(name for row in rows for name in row if name.startswith(OWN)))


def read_own_cells(rows: Sequence[MutableMapping[str, Any]]) -> None:
    """Turn the texts of the own columns of a table that was read into numbers, where all of a column are numbers.

    Examples
    --------
    >>> rows = [{"site": "iowa", "x_water_gl": "1.5", "x_from": "river"}]
    >>> read_own_cells(rows)
    >>> rows
    [{'site': 'iowa', 'x_water_gl': 1.5, 'x_from': 'river'}]
    """
    for name in own_columns(rows):
        numbers = [_number(row.get(name)) for row in rows]
        if all(math.isfinite(number) for number in numbers):
            for row, number in zip(rows, numbers, strict=True):
                row[name] = number


def _number(text: object) -> float:
    try:
        return float(str(text))
    except ValueError:
        return math.nan
