"""Numbers and periods on 80 columns: short numbers, ranges of periods, and grids with a column per period."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

LABEL_WIDTH = 19
"""Columns of the names at the left of a grid."""
CELL_WIDTH = 5
"""Least columns of a cell of a grid: what short numbers need."""
NOTHING = "·"
"""Symbol for zero."""

Row = Mapping[str, Any]
Totals = dict[tuple[Any, ...], float]
Format = Callable[[float], str]


def short(value: float) -> str:
    """Return a number in at most five characters and its sign: ``1.25``, ``12.5``, ``1250``, ``125k``."""
    return short_like([value])(value)


def short_like(values: Iterable[float]) -> Format:
    """Return the format of a row of numbers: as many decimals as its largest has room for in five characters."""
    largest = max((abs(value) for value in values), default=0.0)
    decimals = 2 if largest < 9.995 else 1 if largest < 999.95 else 0

    def form(value: float) -> str:
        if abs(value) < 0.5 * 10.0**-decimals:
            return NOTHING
        if largest < 99_999.5:
            return f"{value:.{decimals}f}"
        return f"{value / 1e3:.0f}k" if largest < 9_999_500 else f"{value / 1e6:.0f}M"

    return form


def whole_like(values: Iterable[float]) -> Format:
    """Return the format of a row of numbers without decimals."""
    return short_like([1000.0, *values])


def fitting(form_of: Callable[[Iterable[float]], Format], values: Iterable[float], width: int) -> Format:
    """Return the format of a row of numbers, with fewer digits where a sign would not fit.

    Examples
    --------
    >>> form = fitting(short_like, [-124.3, 8.25], 5)
    >>> form(-124.3), form(8.25)
    ('-124', '8')
    """
    row = list(values)
    for form in (form_of(row), whole_like(row)):
        if all(len(form(value)) <= width for value in row):
            return form

    def shortest(value: float) -> str:
        texts = (whole_like([size])(value) for size in (1e3, 1e5, 1e7))
        return next((text for text in texts if len(text) <= width), f"{value:.0e}")

    return shortest


def number(value: object) -> float | None:
    """Return a cell as a number; an empty cell is not given, never zero."""
    return float(value) if isinstance(value, (int, float)) else None


def total(rows: Iterable[Row], by: Sequence[str], value: str) -> Totals:
    """Return the sum of a column for each combination of the columns ``by``, in order of appearance."""
    sums: Totals = {}
    for row in rows:
        key = tuple(row[column] for column in by)
        sums[key] = sums.get(key, 0.0) + (number(row[value]) or 0.0)
    return sums


def period_ranges(chosen: Iterable[str], periods: Sequence[str]) -> str:
    """Return periods as ranges in the order of the horizon: ``2026, 2028–2030``; ``all periods`` for all."""
    wanted = set(chosen)
    if len(periods) > 1 and wanted >= set(periods):
        return "all periods"
    runs: list[list[str]] = []
    previous = False
    for period in periods:
        if period in wanted:
            if previous:
                runs[-1].append(period)
            else:
                runs.append([period])
        previous = period in wanted
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)


def shown_periods(periods: Sequence[str], width: int) -> list[str]:
    """Return the periods a grid has room for: all, or as many as fit, evenly spread, the first and last among them."""
    if not periods:
        return []
    cell = max(CELL_WIDTH, *(len(period) for period in periods)) + 1
    room = max(2, (width - LABEL_WIDTH) // cell)
    if len(periods) <= room:
        return list(periods)
    last = len(periods) - 1
    return [periods[round(step * last / (room - 1))] for step in range(room)]


class PeriodGrid:
    """A table with one column per period; all grids of a plan have the same columns under one another."""

    def __init__(self, console: Console, periods: Sequence[str]) -> None:
        self._console = console
        self.periods = shown_periods(periods, console.width)
        self.left_out = len(periods) - len(self.periods)
        self._cell = max([CELL_WIDTH, *(len(period) for period in self.periods)])

    def print(
        self,
        title: str,
        rows: Sequence[tuple[str, Mapping[str, float]]],
        form_of: Callable[[Iterable[float]], Format] = short_like,
    ) -> None:
        """Print named rows of period -> value; a name that starts with ``=`` is a sum and set apart."""
        table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
        table.add_column(f"[bold]{escape(title)}[/bold]", width=LABEL_WIDTH - 1, overflow="fold")
        for period in self.periods:
            table.add_column(escape(period), justify="right", width=self._cell, no_wrap=True)
        for name, values in rows:
            style = "bold" if name.startswith("=") else ""
            form = fitting(form_of, values.values(), self._cell)
            cells = [form(values.get(period, 0.0)) for period in self.periods]
            table.add_row(escape(name.removeprefix("=")), *cells, style=style)
        self._console.print()
        self._console.print(table)
