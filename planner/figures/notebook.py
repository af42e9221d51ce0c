"""How a notebook shows a result: a line, a picture, a table, as HTML in which names stay text."""

from html import escape

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
