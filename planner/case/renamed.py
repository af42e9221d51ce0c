"""Columns that were released under an earlier name: still read, with a warning, until the version named here."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from planner.errors import DeprecatedNameWarning

RENAMED: dict[tuple[str, str], str] = {("chips", "programme_cost_busd"): "development_cost_busd"}
"""Table and earlier name of a column -> its name today. The fingerprint of a case keeps the earlier name."""
EARLIER = {(table, today): earlier for (table, earlier), today in RENAMED.items()}
LAST_VERSION = "0.3"
"""The version in which the earlier names are no longer read."""

_ENDS = ("_low", "_high")
_WARN: ContextVar[bool] = ContextVar("warn_of_earlier_names", default=True)


@contextmanager
def earlier_names_allowed() -> Iterator[None]:
    """Read earlier names without a warning: for files that the planner wrote itself and that should not be edited."""
    token = _WARN.set(False)
    try:
        yield
    finally:
        _WARN.reset(token)


def current_column(table: str, name: str, place: str) -> str:
    """Return today's name of a column (or of the low or high end of its range), with a warning for an earlier one.

    Parameters
    ----------
    table : str
    name : str
        As written.
    place : str
        Where it is written, for the warning: a file, ``--set``, ``what-if``.

    Warns
    -----
    DeprecatedNameWarning
        If the name is an earlier one.
    """
    end = next((end for end in _ENDS if name.endswith(end)), "")
    earlier = name.removesuffix(end)
    today = RENAMED.get((table, earlier))
    if today is None:
        return name
    if _WARN.get():
        message = (
            f"{place}: column {earlier} of table {table} is now called {today}; "
            f"the earlier name is removed in version {LAST_VERSION}"
        )
        warnings.warn(message, DeprecatedNameWarning, stacklevel=3)
    return f"{today}{end}"
