"""The tables of a plan as a page: made from the schema, a part of docs/tables.md."""

from planner.case.schema import data_dictionary
from planner.plan.columns import TABLES
from planner.plan.schema import Column, TableSchema

_HEAD = """# Tables of a plan

Made from `planner/plan/columns.py`. A plan's folder holds each as `tables/NAME.csv`; in Python `plan.NAME` is a
pandas DataFrame and `plan.rows("NAME")` its rows as plain dicts; `planner show PLAN NAME` shows it, filtered and
added up ([cli](cli.md)). Every table is tidy: one row, one fact, and a column has the same meaning in every table.
Megawatts are IT MW unless the name contains `facility`.

**Periods** are integers, the years, if every period of the plan is one calendar year; otherwise the date on which
the period begins (`2028-07-01`). The table `calendar` has the label, the dates and the length of each. Entries at
the end of the horizon (salvage, the end of a contract in force until then) have the year or the date on which it ends.

**Types.** The columns have these types in Python, and if the file is read by `pandas.read_csv` without options:

| holds | Python | `read_csv` |
|---|---|---|
| text, date | `str` (`object` before pandas 3) | the same |
| period | `int64` if periods are years, otherwise as a date | the same |
| whole number | `int64` | the same |
| whole number that may be empty | `Int64` | `float64` if a cell is empty, otherwise `int64` |
| number | `float64` | the same |

`read_csv` without options has no integers with missing values, and infers types: a column without any value
has no type, keys that consist of digits become numbers, and `NA` (the country code of Namibia) becomes an
empty cell (`keep_default_na=False` prevents this).

**An empty cell is never zero.** Its meaning is stated in the column *empty*; columns without an entry are never empty.
In Python it is the missing value of the column's type, in `plan.rows` an empty text. `groupby` of pandas drops rows
whose key is empty: use `dropna=False` to keep them, otherwise sums by provider omit what belongs to none.

**Adds up**: *all*: cells add up over all rows; *period*: over the rows of one period (capacity in 2028 and in 2029 are
the same megawatts); *no*: they do not add up. A sum over cells of which one is empty is itself empty (a limit of 5 and
no limit are no limit of 5). Where the column *empty* says that there is nothing to add, it is the sum of the other
cells, and empty only if there are none.
"""

_COLUMNS_HEAD = ["| column | holds | unit | adds up | empty | meaning |", "|---|---|---|---|---|---|"]
HOLDS = {
    "text": "text",
    "period": "period",
    "boundary": "period, or the end of the horizon",
    "label": "text; the year where periods are years",
    "date": "date",
    "whole": "whole number",
    "number": "number",
}


def tables_page() -> str:
    """Return docs/tables.md: the tables of a case, and those of a plan."""
    return f"{data_dictionary().rstrip()}\n\n{plan_dictionary()}"


def plan_dictionary() -> str:
    """Return, as Markdown, every table of a plan with its columns, types, units and meanings."""
    return "\n".join([_HEAD, *(_section(name, table) for name, table in TABLES.items())])


def _section(name: str, table: TableSchema) -> str:
    key = ", ".join(f"`{column}`" for column in table.key)
    lines = [_line(column, found) for column, found in table.columns.items()]
    return "\n".join([f"## {name} of a plan", "", f"{table.meaning} (key: {key})", "", *_COLUMNS_HEAD, *lines, ""])


def _line(name: str, column: Column) -> str:
    adds = column.adds if column.is_number else ""
    return f"| `{name}` | {HOLDS[column.kind]} | {column.unit} | {adds} | {column.empty} | {column.meaning} |"
