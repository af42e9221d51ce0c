"""Where the figures of a case come from: its sources, and how well each is known."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from markupsafe import Markup

from planner.case.grades import GRADES
from planner.case.row import Row
from planner.figures.colours import Tone
from planner.report.html.parts import Amount, Section, details, para, table
from planner.report.html.svg import el

if TYPE_CHECKING:
    from planner.case.case import CaseData

MEANING = {
    "A": "primary source seen",
    "B": "press seen",
    "C": "report quoted from memory",
    "D": "modelling assumption",
}
MOST_SOURCES = 250
NOT_GRADED = Tone("other")


def sources(case: "CaseData") -> Section:
    """Grades by table, and every source with the tables it is used in."""
    counts = {
        name: Counter(grade for row in rows for grade in _grades(row)) for name, rows in case.tables.items() if rows
    }
    head = ["table", "figures", *GRADES, "not graded"]
    rows = [
        [
            name,
            *(
                Amount(float(number), f"{number:,}" if number else "·")
                for number in (found.total(), *(found[grade] for grade in (*GRADES, "")))
            ),
        ]
        for name, found in counts.items()
    ]
    grades = "; ".join(f"{grade}, {MEANING[grade]}" for grade in GRADES)
    note = para(f"How well the figures of the case are known: numbers and dates of its tables by grade ({grades}).")
    return Section("sources", "Sources", note + table(head, rows) + _listed(case))


def _grades(row: Row) -> Iterator[str]:
    """Yield the grade of every number and date of a row."""
    for column in type(row).model_fields:
        value = getattr(row, column)
        if column != "as_of" and isinstance(value, (int, float, date)) and not isinstance(value, bool):
            yield row.grade_of(column) or ""


def _listed(case: "CaseData") -> Markup:
    found: dict[str, tuple[set[str], set[str], set[str]]] = {}
    for name, rows in case.tables.items():
        for row in rows:
            if row.source is not None:
                tables, grades, dates = found.setdefault(row.source, (set(), set(), set()))
                tables.add(name)
                grades.add(row.grade[0] if row.grade else "")
                dates.add(row.as_of.isoformat() if row.as_of else "")
    if not found:
        return para("The case names no sources.")
    cells = [
        [source, ", ".join(sorted(tables)), _pills(grades), max(dates)]
        for source, (tables, grades, dates) in sorted(found.items())[:MOST_SOURCES]
    ]
    more = len(found) - len(cells)
    note = f" (the first {MOST_SOURCES} of {len(found)})" if more > 0 else ""
    title = f"{len(found)} source{'' if len(found) == 1 else 's'}{note}"
    return details(title, table(["source", "used in", "grade", "as of"], cells))


def _pills(grades: set[str]) -> Markup:
    return Markup(" ").join(
        el("span", grade, class_="pill", title=MEANING.get(grade)) for grade in sorted(grades) if grade
    )
