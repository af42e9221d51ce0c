"""Constraint families from outside (section 14): what the audit takes as the plan states it, and lists as such."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from planner.audit.cells import CellError, Reader, to_number
from planner.audit.decisions import ROLES
from planner.audit.ledger import Ledger
from planner.audit.report import AuditReport, Checks
from planner.case.case import CaseData
from planner.case.fields import OWN
from planner.plan.columns import TABLES
from planner.plan.own import read_own_cells
from planner.plan.schema import Column

BROUGHT = "the family's own audit"
Tables = Mapping[str, Sequence[Mapping[str, Any]]]
Judge = Callable[[CaseData, Tables], Iterable[str]]
"""An audit that a family brings: from the case and the tables of a plan to every violation, in words."""


def _judges(case: CaseData) -> dict[str, Judge]:
    """Give the audits that the families of the user's own bring, by their names."""
    return {family.name: family.audit for family in case.families if family.audit is not None}


def families_stated(case: CaseData, summary: Mapping[str, object] | None) -> tuple[str, ...]:
    """Names of the families that a summary says were added.

    Earlier plans of a case that forces decisions name a family ``force`` for it, which is one of the case.
    """
    stated = None if summary is None else summary.get("families_added")
    names = stated if isinstance(stated, (list, tuple)) else ()
    return tuple(str(name) for name in names if name != "force" or not case.model.forced)


def book_own(reader: Reader, ledger: Ledger, families: Sequence[str]) -> None:
    """Book the spending that families of the user's own state: it is not recomputed, but all sums must contain it.

    Where no family was added, such spending is a fault of the table.
    """
    for line in reader.lines("spend") if families else ():
        try:
            item = line.text("item")
            if item.startswith(OWN):
                ledger.pay_stated(line.period(), line.known("role", ROLES), item, line.number_of("amount_busd"))
        except CellError:
            continue  # reported where the table is checked


def check_own(case: CaseData, tables: Tables, families: Sequence[str], checks: Checks) -> None:
    """Check that every family that the case names was there, and let families that bring an audit judge the plan."""
    for name in case.model.families.own or ():
        checks.seen("summary", "families of the case")
        if name not in families:
            checks.fault("summary", "families of the case", f"the plan was made without the family {name} of the case")
    for name, judge in _judges(case).items():
        if name in families:
            checks.seen(name, BROUGHT)
            try:
                found = list(judge(case, plain_tables(tables)))
            except Exception as error:  # it may be the tables that are broken; whatever it is, the plan is not passed
                found = [f"it cannot judge the plan ({type(error).__name__}: {error})"]
            for message in found:
                checks.fault(name, BROUGHT, message)


def plain_tables(tables: Tables) -> Tables:
    """Give tables with numbers where their columns hold figures: those of a folder come as texts.

    Cells that should be a number and are none stay as they are.
    """
    found = {}
    for name, rows in tables.items():
        plain = [
            {key: _plain(TABLES[name].columns.get(key), cell) for key, cell in row.items()}
            for row in (rows if name in TABLES else ())
        ]
        read_own_cells(plain)
        found[name] = plain
    return found


def _plain(column: Column | None, cell: Any) -> Any:
    """Give a cell of a column of the planner as a plan has it: numbers as numbers, years too."""
    year = column is not None and column.kind in ("period", "boundary", "label") and str(cell).isdecimal()
    if column is None or not (year or column.is_number):
        return cell
    try:
        number = to_number(cell)
    except CellError:
        return cell
    return int(number) if year or column.kind == "whole" else number


def not_audited(case: CaseData, ledger: Ledger, tables: Tables, families: Sequence[str]) -> tuple[str, ...]:
    """List, in words, what is taken as the plan states it: all that no family with an audit of its own stands for.

    A column whose name begins with ``x_`` is listed also where the summary names no family at all.
    """
    judges = _judges(case)
    unjudged = [name for name in families if name not in judges]
    words = [f"constraint family {name} (added to those of the case; its rows are not audited)" for name in unjudged]
    paid: dict[str, float] = {}
    for (_, _, item), amount in ledger.paid.items():
        paid[item] = paid.get(item, 0.0) + amount
    words += [
        f"spending on {item} (${paid.get(item, 0.0):,.6g}B in all, the sum of its absolute amounts ${gross:,.6g}B, "
        "as the plan states it)"
        for item, gross in (ledger.stated_busd.items() if unjudged else ())
    ]
    judged = {
        (column.table, column.name)
        for family in case.families
        if family.name in judges and family.name in families
        for column in family.columns
    }
    for table, rows in tables.items():
        if not any(str(name).startswith(OWN) for name in set().union(*rows)):
            continue  # nearly every table
        names = dict.fromkeys(str(name) for row in rows for name in row if str(name).startswith(OWN))
        words += [f"column {name} of {table} (as the plan states it)" for name in names if (table, name) not in judged]
    return tuple(words)


def refusal(report: AuditReport, case: CaseData) -> str:
    """Say whose fault it is that a plan just made fails its audit."""
    if all(check.family in _judges(case) for check in report.failures):
        names = ", ".join(dict.fromkeys(check.family for check in report.failures))
        return f"the plan fails the audit that its constraint family brings ({names})"
    return "the plan fails its audit, which is a fault of the planner; please report it"
