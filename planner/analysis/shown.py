"""How a result shows itself: one short line, and in notebooks its table as HTML."""

from collections import Counter
from collections.abc import Iterable
from html import escape
from typing import Any

import pandas as pd

from planner.text import visible

MOST_ROWS = 30
"""Rows of a table that a notebook shows; a longer one is shortened in the middle."""


def html_of(title: str, table: pd.DataFrame, picture: str = "") -> str:
    """Return a line, a picture and a table as HTML; names in them stay text, whatever they are called.

    Examples
    --------
    >>> html_of("a <b>", pd.DataFrame({"cost_busd": [1.0]})).splitlines()[0]
    '<p>a &lt;b&gt;</p>'
    """
    plain = table.map(lambda cell: visible(cell) if isinstance(cell, str) else cell)
    rows = plain.to_html(index=False, max_rows=MOST_ROWS, na_rep="", border=0)
    return "\n".join(part for part in (f"<p>{escape(visible(title))}</p>", picture, rows) if part)


class Shown:
    """A result of a study: a notebook shows its line and its table."""

    __slots__ = ()

    def table(self) -> pd.DataFrame:
        """The result as a DataFrame."""
        raise NotImplementedError

    def _picture(self) -> str:
        """Return a picture of the result within HTML; empty where it has none, or the extra ``report`` is missing."""
        return ""

    def _repr_html_(self) -> str:
        """Return the line, a picture where there is one, and the table, for notebooks."""
        return html_of(repr(self), self.table(), self._picture())


def counted(words: Iterable[Any]) -> str:
    """Return how often each word occurs, in the order of their first.

    Examples
    --------
    >>> counted(["optimal", "infeasible", "optimal"])
    '2 optimal, 1 infeasible'
    """
    return ", ".join(f"{count} {word}" for word, count in Counter(map(str, words)).items())


def signed_busd(busd: float) -> str:
    """Return a difference of money in a few figures.

    Examples
    --------
    >>> signed_busd(-0.05)
    '-$0.050B'
    """
    return f"{'-' if busd < 0 else '+'}${abs(busd):,.3f}B"
