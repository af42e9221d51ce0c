"""How a result shows itself: one short line, and in notebooks its table as HTML."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pandas as pd

from planner.figures.notebook import html_of


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
