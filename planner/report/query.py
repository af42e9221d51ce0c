"""Questions to a table of a plan: rows that are asked for, sums by columns, totals, all by the table's schema."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from planner.case.messages import listed, nearest
from planner.case.rows import ChipRow, ProviderRow
from planner.errors import UnknownNameError
from planner.plan.columns import TABLES
from planner.plan.columns_money import FINANCING_ITEMS, ITEMS, PARTS, TERMS
from planner.plan.own import own_columns
from planner.plan.schema import PERIOD_KINDS, Column

if TYPE_CHECKING:
    from planner.inputs.periods import Periods
    from planner.plan.plan import PlanData

YEAR = "year"
"""Column that every table with periods can be asked for: the calendar year in which the period begins. A year in which
none begins stands for the period that it lies in."""
YEARS_OF_THEIR_OWN = ("spend", "obligations")
"""Tables with rows by calendar year, whatever the periods are."""
PAYEE = "payee"
ITEM = "item"
"""The one column whose words are of its table alone: the parts of the cost in `objective`, what is paid in `spend`."""
ITEMS_OF = {"spend": (*ITEMS, *PARTS[1:-1], *FINANCING_ITEMS), "objective": PARTS}
Row = dict[str, Any]
Sum = float | Literal[""]
"""Empty, as the cells are, where it is not known."""


@dataclass(frozen=True, slots=True)
class View:
    """What a question gives.

    Attributes
    ----------
    table : str
    columns : mapping of str to Column
        Of the rows, in their order.
    rows : list of dict
        As the plan has them, or one for each group.
    totals : mapping of str to float or an empty text
        Sum over all rows of each column that adds up over them; empty where a cell is whose value is not known.
    apart : tuple of str
        Columns left out because their cells do not add up over the rows of a group, or over all.
    unknown : tuple of str
        Columns of which a sum, of a group or of all, is empty because a cell added up is.
    """

    table: str
    columns: Mapping[str, Column]
    rows: Sequence[Row]
    totals: Mapping[str, Sum]
    apart: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def ask(plan: "PlanData", table: str, where: Sequence[tuple[str, str]] = (), by: Sequence[str] = ()) -> View:
    """Answer a question to a table of a plan.

    Parameters
    ----------
    plan : PlanData
    table : str
    where : sequence of (column, value)
        Rows whose cells have these values: any of those given for a column, in all columns named. An empty value
        means an empty cell; a period may be given by its label.
    by : sequence of str
        Columns by whose values the rows are added up.

    Returns
    -------
    View

    Raises
    ------
    UnknownNameError
        If there is no such table, column or value, with the nearest that there is.
    """
    if table not in TABLES:
        raise UnknownNameError(f"{table!r} is not a table of a plan{_near(table, TABLES)}")
    question = _Question(plan, table)
    rows = question.matching(where)
    if not by:
        totals = question.sums(rows)
        return View(table, question.shown, rows, totals, (), _unknown([totals]))
    return question.grouped(rows, [question.column(name) for name in by])


class _Question:
    """A table with its columns, and the year where it has periods."""

    def __init__(self, plan: "PlanData", table: str) -> None:
        self.plan, self.table, self.periods = plan, table, plan.periods
        rows = plan.rows(table)
        self.shown: dict[str, Column] = dict(TABLES[table].columns)
        self.shown |= own_schema(rows)
        self.known = dict(self.shown)
        if "period" in self.shown:
            self.known.setdefault(YEAR, Column("whole", "calendar year in which the period begins"))

    def column(self, name: str) -> str:
        """Admit the name of a column."""
        if name not in self.known:
            raise UnknownNameError(f"table {self.table} has no column {name!r}{_near(name, self.known)}")
        return name

    def cell(self, row: Mapping[str, Any], name: str) -> Any:
        """The cell of a column, the year too where it follows from the period."""
        if name in row:
            return row[name]
        return self.periods.years[self.periods.index(row["period"])]

    def matching(self, where: Sequence[tuple[str, str]]) -> list[Row]:
        """The rows that are asked for."""
        wanted: dict[str, list[Any]] = {}
        for name, text in where:
            wanted.setdefault(self.column(name), []).append(self._value(name, text))
        rows = self.plan.rows(self.table)
        return [
            {name: row.get(name, "") for name in self.shown}
            for row in rows
            if all(self.cell(row, name) in cells for name, cells in wanted.items())
        ]

    def _value(self, name: str, text: str) -> Any:
        """The value of a cell that is meant by a text."""
        column = self.known[name]
        if column.kind in PERIOD_KINDS:
            index = self.periods.find(text)
            if text and (index is None or (index == self.periods.count and column.kind == "period")):
                years, labels = self.periods.years, self.periods.calendar.labels
                is_year = (
                    text.isdecimal()
                    and text.isascii()
                    and len(text) == 4
                    and int(text) in range(years[0], years[-1] + 1)
                )
                hint = f"; a calendar year is asked for with year={text}" if is_year else _near(text, labels)
                raise UnknownNameError(f"{text!r} is not a period of the plan{hint}")
            return self.periods.cells[index] if index is not None else ""
        cells = {self.cell(row, name) for row in self.plan.rows(self.table)}
        if text == "" and (column.empty or "" in cells):
            return ""
        if column.is_number or name == YEAR:
            return self._number(name, text)
        found = {str(cell): cell for cell in cells | self._elsewhere(name)}
        if text not in found:
            named = sorted(word for word in found if word)
            raise UnknownNameError(f"no row of {self.table} has {name} {text!r}{_near(text, named)}")
        return found[text]

    def _number(self, name: str, text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            raise UnknownNameError(f"{name} of {self.table} holds numbers, not {text!r}") from None
        return self._year(number, text) if name == YEAR and self.table != "obligations" else number

    def _year(self, number: float, text: str) -> float:
        """A calendar year of the horizon: of the periods that begin in it, or the one that it lies in."""
        *begins, last = self.periods.years
        if number not in range(begins[0], last + 1):
            raise UnknownNameError(f"{text} is not a year of the plan, which are {begins[0]} to {last}")
        ends = self.periods.calendar.start_dates[-1]
        after = number == last and (ends.month, ends.day) == (1, 1)  # only what is listed at the end of the horizon
        if self.table in YEARS_OF_THEIR_OWN or number in begins or after:
            return number
        return max(year for year in begins if year < number)

    def _elsewhere(self, name: str) -> set[Any]:
        """Keys of the case and of other tables: asking for one that this table does not have is no typing error."""
        if name == ITEM:
            return set(ITEMS_OF.get(self.table, ()))
        tables = [self.plan.rows(table) for table, schema in TABLES.items() if name in schema.columns]
        found = {row[name] for rows in tables for row in rows if name in row}
        for rows in self.plan.case.tables.values():
            found |= {getattr(row, name) for row in rows if (name,) == type(row).KEY}
        if name == PAYEE:
            found |= {*TERMS, *(row.provider for row in self.plan.case.rows(ProviderRow))}
            found |= {row.vendor for row in self.plan.case.rows(ChipRow)}
        return found - {""}

    def sums(self, rows: Sequence[Row]) -> dict[str, Sum]:
        """Totals of the columns that add up over some rows."""
        one_period = len({row.get("period") for row in rows}) <= 1
        return {
            name: _sum([row[name] for row in rows], column)
            for name, column in self.shown.items()
            if column.is_number and (column.adds == "all" or (column.adds == "period" and one_period))
        }

    def grouped(self, rows: Sequence[Row], by: Sequence[str]) -> View:
        """Sums of the rows with the same cells in some columns, in the order in which they come."""
        groups: dict[tuple[Any, ...], list[Row]] = {}
        for row in rows:
            groups.setdefault(tuple(self.cell(row, name) for name in by), []).append(row)
        sums = {key: self.sums(members) for key, members in groups.items()}
        figures = [name for name in self.shown if all(name in found for found in sums.values()) and name not in by]
        figures = [name for name in figures if self.shown[name].adds != "no"]
        columns = {name: self.known[name] for name in (*by, *figures)}
        made = [{**dict(zip(by, key, strict=True)), **{name: sums[key][name] for name in figures}} for key in groups]
        apart = tuple(
            name for name, column in self.shown.items() if column.unit and name not in figures and name not in by
        )
        totals = self.sums(rows)
        totals = {name: totals[name] for name in figures if name in totals}
        return View(self.table, columns, made, totals, apart, _unknown([*made, totals], figures))


def _sum(cells: Sequence[Any], column: Column) -> Sum:
    """The sum of cells, without the last digits of its arithmetic; empty where one is empty that is not nothing."""
    given = [float(cell) for cell in cells if cell != ""]
    if len(given) < len(cells) and not (column.empty_adds and given):
        return ""  # also of empty cells alone, which mean the same as one of them
    return float(f"{math.fsum(given):.12g}")


def _unknown(sums: Sequence[Mapping[str, Any]], names: Sequence[str] | None = None) -> tuple[str, ...]:
    """The columns of which a sum is empty."""
    found = {name: None for line in sums for name, total in line.items() if total == ""}
    return tuple(name for name in found if names is None or name in names)


def own_schema(rows: Sequence[Mapping[str, Any]]) -> dict[str, Column]:
    """The columns that constraint families of the user's own added to a table."""
    meaning = "column of a constraint family of your own"
    return {
        name: Column("number" if all(isinstance(row.get(name), (int, float)) for row in rows) else "text", meaning)
        for name in own_columns(rows)
    }


def _near(word: str, known: Any) -> str:
    names = [str(name) for name in known]
    return nearest(word, names) or f" (there are: {listed(names)})"


def labelled(view: View, periods: "Periods") -> list[Row]:
    """The rows of a view as shown: with the labels of periods."""
    named = [name for name, column in view.columns.items() if column.kind in PERIOD_KINDS]
    return [{**row, **{name: periods.label(row[name]) for name in named if row[name] != ""}} for row in view.rows]
